"""Keys for programs, and the reports of residents that come through them."""

import hashlib
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction

from chuangwen.cases.operations import add_note
from chuangwen.evidence.arriving import Arriving
from chuangwen.intake.models import ResidentReport, Voice
from chuangwen.intake.operations import ask_again, report_from
from chuangwen.intake.proofs import Proof
from chuangwen.journal.operations import record
from chuangwen.opendata.finding import Filing, where_meant
from chuangwen.opendata.models import ProgramKey, ProgramReport
from chuangwen.rules.permissions import SYSTEM, Actor, Permission, may
from chuangwen.rules.refusals import NotFound, Refused
from chuangwen.rules.residents import LONGEST_TEXT, without_numbers

HOUR = timedelta(hours=1)


def _must(by: Actor) -> None:
    if not may(by, Permission.INTERFACE_MANAGE):
        raise Refused("只有系统管理员可以管理接入密钥。")


@transaction.atomic
def issue_program_key(*, name: str, house: str, hourly_limit: int = 200, by: Actor, now: datetime) -> str:
    """A key for a program of another house; shown once, kept only as a digest."""
    _must(by)
    found = [] if name.strip() else ["请写明程序的名称。"]
    found += [] if house.strip() else ["请写明哪个单位接入。"]
    found += [] if 1 <= hourly_limit <= 100_000 else ["每小时最多件数应在 1 至 100000 之间。"]
    if found:
        raise Refused(found)
    token = "cwp_" + secrets.token_urlsafe(32)
    row = ProgramKey.objects.create(
        name=name.strip()[:60], house=house.strip()[:80], digest=_digest(token), hourly_limit=hourly_limit,
        issued_at=now, issued_by=by.name,
    )  # fmt: skip
    record(
        kind="program_key.issued", subject_kind="program_key", subject_id=row.pk, by=by, now=now, name=row.name,
        house=row.house, hourly_limit=hourly_limit,
    )  # fmt: skip
    return token


@transaction.atomic
def revoke_program_key(*, key_id: int, by: Actor, now: datetime) -> None:
    """The key stops working at once; what came through it stays."""
    _must(by)
    row = ProgramKey.objects.select_for_update().filter(pk=key_id).first()
    if row is None:
        raise NotFound
    if row.revoked_at is None:
        row.revoked_at = now
        row.save(update_fields=["revoked_at"])
        record(kind="program_key.revoked", subject_kind="program_key", subject_id=row.pk, by=by, now=now)


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def key_of(token: str) -> ProgramKey | None:
    """The key that works, None when it is unknown or revoked."""
    if not token.startswith("cwp_"):
        return None
    return ProgramKey.objects.filter(digest=_digest(token), revoked_at=None).first()


class KeyIsProof(Proof):
    """A program with a key is held to the limit of its key; nobody has to solve a puzzle for it."""

    def spend(self, now: datetime) -> None:
        """Nothing to spend."""


@dataclass(frozen=True)
class Filed:
    """What came of a filing: the number of the case, and the receipt for the resident. `joined`: it was known already and
    counts as one more voice.
    """

    number: str
    receipt: str
    joined: bool


@transaction.atomic
def file_report(
    *, key: ProgramKey, filing: Filing, photos: Iterable[Arriving] = (), now: datetime, client_key: str = ""
) -> Filed:
    """A resident's report that a program passes on, by the same operation as the public page; the same client key again
    gives the report that it made. Refuses with every objection, and over the hourly limit of the key.
    """
    known = f"program:{key.pk}:{_digest(client_key)[:40]}" if client_key else None
    where = where_meant(filing)
    words = filing.text.strip()
    picture = f"（附图：{filing.media_url}）" if filing.media_url else ""
    words += picture if len(words) + len(picture) <= LONGEST_TEXT else ""
    _hold_back(key, now)
    made = report_from(
        where=where, text=words, criterion_code=filing.criterion, phone=filing.phone, photos=photos, now=now,
        sender=f"program:{key.pk}:{filing.person}:{_digest(words)[:16]}", proof=KeyIsProof(), client_key=known,
    )  # fmt: skip
    if isinstance(made, Voice):
        return Filed(made.case.number, made.receipt, joined=True)
    _note(made, key, filing, by=SYSTEM, now=now)
    return Filed(made.case.number, made.receipt, joined=False)


def _note(report: ResidentReport, key: ProgramKey, filing: Filing, *, by: Actor, now: datetime) -> None:
    """Through which program it came; once."""
    facts = {"key": key, "service_code": filing.service_code, "media_url": filing.media_url, "made_at": now}
    _, new = ProgramReport.objects.get_or_create(report=report, defaults=facts)
    if new:
        record(
            kind="report.by_program", subject_kind="report", subject_id=report.pk, by=by, now=now, program=key.name,
            house=key.house, service=filing.service_code,
        )  # fmt: skip


def _hold_back(key: ProgramKey, now: datetime) -> None:
    """One key stands for many people, so it has a limit of its own; the key's row is locked while it is counted."""
    ProgramKey.objects.select_for_update().get(pk=key.pk)
    if ProgramReport.objects.filter(key=key, made_at__gt=now - HOUR).count() >= key.hourly_limit:
        raise Refused(f"这个密钥一小时最多报 {key.hourly_limit} 件，请稍后再报；需要提高请联系系统管理员。")


@transaction.atomic
def pass_on_word(
    *, key: ProgramKey, case_id: int, text: str, again: bool = False, now: datetime, client_key: str = ""
) -> None:
    """A further word of the resident on a report that this program brought, as a note in the case. `again`: the resident
    is not satisfied and wants it done again, by the same operation as on the public page.
    """
    own = ProgramReport.objects.filter(key=key, report__case=case_id).select_related("report").first()
    if own is None:
        raise NotFound("没有这个编号，或者它不是由您的程序提交的。")
    if again:
        ask_again(receipt=own.report.receipt, reason=text, now=now)
        return
    found = [] if text.strip() else ["请写明补充的内容（description）。"]
    found += [f"最多写 {LONGEST_TEXT} 字。"] if len(text) > LONGEST_TEXT else []
    if found:
        raise Refused(found)
    known = f"program:{key.pk}:{_digest(client_key)[:40]}" if client_key else None
    note = f"反映人补充：{without_numbers(text.strip())}"
    add_note(case_id=case_id, note=note, by=SYSTEM, now=now, client_key=known)
