"""A resident reports at a printed code; the house opens the case, hands out a receipt number and forgets what it can."""

import hashlib
import secrets
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Q

from chuangwen.cases.found import found_title
from chuangwen.cases.models import Case
from chuangwen.cases.operations import open_case
from chuangwen.cases.reopening import reopen
from chuangwen.evidence.arriving import Arriving
from chuangwen.intake.models import RecentSender, Reopening, ResidentReport, SpentProof, Voice
from chuangwen.intake.places import Where
from chuangwen.intake.proofs import WINDOW, Proof, recent_counts, sender_digest
from chuangwen.journal.once import once
from chuangwen.journal.operations import record
from chuangwen.places.models import Site
from chuangwen.rules.case_flow import OPEN
from chuangwen.rules.permissions import SYSTEM
from chuangwen.rules.proofs import LASTS, proof_needed
from chuangwen.rules.refusals import NotFound, Refused
from chuangwen.rules.residents import (
    LENGTH,
    LONGEST_TEXT,
    SIGNS,
    read_phone,
    read_receipt,
    receipt_number,
    reopen_objections,
    same_keys,
    same_text,
    without_numbers,
)
from chuangwen.standards.models import Criterion
from chuangwen.standards.queries import checklist, current_edition, standard_for

ORIGIN = "resident"
LONGEST_REASON = 500
PHONE_KEPT = timedelta(days=30)  # after the case is done, for a last call
PHONE_KEPT_AT_MOST = timedelta(days=400)


def _criterion(site: Site | None, code: str) -> Criterion | None:
    edition = current_edition() if site is not None and code else None
    rows = checklist(edition.pk, site.point_type) if edition and site is not None else []
    return next((row for row in rows if row.code == code), None)


@transaction.atomic
def report_at(*, site: Site, **said: Any) -> ResidentReport | Voice:
    """What is wrong at this known place; `said` as in report_from."""
    return report_from(where=Where(site.home, site.street, site.name, site, site.lng, site.lat), **said)


@transaction.atomic
def report_from(
    *,
    where: Where,
    text: str = "",
    criterion_code: str = "",
    phone: str = "",
    photos: Iterable[Arriving] = (),
    sender: str,
    proof: Proof | None = None,
    now: datetime,
    client_key: str | None = None,
) -> ResidentReport | Voice:
    """What is wrong there, as a reported case of the house: nobody is named as its reporter.

    `sender`: the address it came from; only a digest of it is kept, to hold back floods. Refuses with every objection.
    The same client key again, or the same words, place and photos from the same network within ten minutes, gives the
    report that was already made; the same from elsewhere becomes a voice for it. Much from one network needs a proof.
    """
    pictures, words = list(photos), without_numbers(text.strip())
    keys = same_keys(_sameness(where, criterion_code, text, pictures), now.timestamp())

    def known() -> ResidentReport | None:
        same = Q(same_key__in=keys) | (Q(client_key=client_key) if client_key else Q())
        rows = list(ResidentReport.objects.filter(same).order_by("-id")[:3])
        return next((row for row in rows if client_key and row.client_key == client_key), rows[0] if rows else None)

    def make() -> ResidentReport:
        criterion, number = _criterion(where.site, criterion_code), read_phone(phone)
        found = [] if text.strip() or criterion else ["请选一条没有做到的，或者写一句什么问题。"]
        found += ["选的这一条不在这里的要求里，请重新选。"] if criterion_code and criterion is None else []
        found += [f"最多写 {LONGEST_TEXT} 字，现在有 {len(text)} 字，请写要点。"] if len(text) > LONGEST_TEXT else []
        found += ["电话号码看不懂，请写手机号或带区号的座机；也可以不填。"] if number is None else []
        if found:
            raise Refused(found)
        hold_back_floods(sender=sender, proof=proof, now=now)
        asked, site = criterion.text if criterion else "群众反映的问题", where.site
        case = open_case(
            title=found_title(where.name, asked, words), text=words, home=where.home, street=where.street, site=site,
            place="" if site else where.name, lng=None if site else where.lng, lat=None if site else where.lat,
            origin_kind=ORIGIN, standard=standard_for(criterion.case_standard) if criterion else None,
            severity=criterion.severity if criterion else "B", criterion_code=criterion.code if criterion else "",
            photo_ids=pictures, by=SYSTEM, now=now,
        )  # fmt: skip
        return ResidentReport.objects.create(
            case=case, receipt=_receipt(), phone=number or "", unmasked=text.strip() if words != text.strip() else "",
            made_at=now, client_key=client_key or None, same_key=keys[0], sender=sender_digest(sender),
        )  # fmt: skip

    report = once(known, make)
    mine = report.sender == sender_digest(sender) or (client_key and report.client_key == client_key)
    return report if mine else add_voice(case_id=report.case_id, browser=sender, sender=sender, proof=proof, now=now)


def _receipt() -> str:
    return receipt_number([secrets.randbelow(len(SIGNS)) for _ in range(LENGTH)])


def _sameness(where: Where, criterion: str, text: str, photos: Iterable[Arriving]) -> str:
    parts = (where.key, criterion, same_text(text), *sorted(photo.sha256 for photo in photos))
    return hashlib.sha256("|".join(parts).encode()).hexdigest()


def hold_back_floods(*, sender: str, proof: Proof | None, now: datetime) -> None:
    """Many people can share one address, so the limit is generous; what is older than the window is forgotten here."""
    RecentSender.objects.filter(sent_at__lte=now - WINDOW).delete()
    digest = sender_digest(sender)
    from_here, from_all = recent_counts(digest, now)
    if from_here >= settings.RESIDENT_REPORTS_PER_HOUR:
        raise Refused("这一小时里从您所在的网络报来的问题太多，请过一会儿再试；急事请拨打 12345。")
    if proof_needed(from_here=from_here, from_all=from_all):
        (proof or Proof()).spend(now)
    RecentSender.objects.create(digest=digest, sent_at=now)


@transaction.atomic
def add_voice(*, case_id: int, browser: str, sender: str, proof: Proof | None = None, now: datetime) -> Voice:
    """我也遇到: one more person has the trouble of an open case; once a browser. Gives a receipt of its own."""
    case = Case.objects.filter(pk=case_id, status__in=[status.value for status in OPEN]).first()
    if case is None:
        raise NotFound("这件已经办结，还有问题请重新反映。")
    digest = sender_digest(f"voice {browser}")

    def make() -> Voice:
        hold_back_floods(sender=sender, proof=proof, now=now)
        voice = Voice.objects.create(case=case, receipt=_receipt(), digest=digest, made_at=now)
        record(kind="case.voice", subject_kind="case", subject_id=case.pk, by=SYSTEM, now=now)
        return voice

    return once(lambda: Voice.objects.filter(case=case, digest=digest).first(), make)


@transaction.atomic
def ask_again(*, receipt: str, reason: str, now: datetime) -> Reopening:
    """不满意: the reporter wants it done again and says why; once a report. Refuses with every objection."""
    number = read_receipt(receipt)
    report = ResidentReport.objects.select_for_update().filter(receipt=number).first() if number else None
    if report is None:
        raise NotFound("没有这个回执号，请对照提交时的页面再输一次。")
    held = Case.objects.select_related("merged_into").get(pk=report.case_id)
    case = held.merged_into or held
    settled = case.ended_at or case.rectified_at or now
    found = list(
        reopen_objections(
            case.flow_status, days_since=(now - settled) / timedelta(days=1),
            before=Reopening.objects.filter(report=report).exists(),
        )
    )  # fmt: skip
    words = without_numbers(reason.strip())
    found += [] if words else ["请写一句还有什么没有解决，方便责任单位重新办理。"]
    found += [f"最多写 {LONGEST_REASON} 字。"] if len(words) > LONGEST_REASON else []
    if found:
        raise Refused(found)
    row = Reopening.objects.create(report=report, reason=words, earlier=case.reply, made_at=now)
    reopen(case_id=case.pk, reason=f"反映人不满意，要求重新办理：{words}", by=SYSTEM, now=now)
    return row


@transaction.atomic
def forget_phones(*, now: datetime) -> int:
    """Telephone numbers and the words they stood in that nobody needs any more, digests of addresses, spent puzzles.
    Returns how many reports were thinned out.
    """
    RecentSender.objects.filter(sent_at__lte=now - WINDOW).delete()
    SpentProof.objects.filter(spent_at__lte=now - timedelta(seconds=2 * LASTS)).delete()
    ResidentReport.objects.filter(made_at__lte=now - timedelta(days=1)).exclude(sender="").update(sender="")
    kept = ResidentReport.objects.exclude(phone="", unmasked="")
    done = kept.filter(case__ended_at__lte=now - PHONE_KEPT) | kept.filter(made_at__lte=now - PHONE_KEPT_AT_MOST)
    ids = list(done.values_list("pk", flat=True))
    for report_id in ids:
        record(kind="report.phone_forgotten", subject_kind="report", subject_id=report_id, by=SYSTEM, now=now)
    return ResidentReport.objects.filter(pk__in=ids).update(phone="", unmasked="")
