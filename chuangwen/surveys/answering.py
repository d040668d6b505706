"""A filled sheet arrives: by link, code, visit or paper. It is kept apart from the invitation that let it in."""

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils.crypto import salted_hmac

from chuangwen.cases.models import Case
from chuangwen.cases.operations import open_case
from chuangwen.journal.once import once
from chuangwen.journal.operations import record
from chuangwen.people.models import Unit
from chuangwen.people.queries import streets
from chuangwen.places.models import Site
from chuangwen.rules.deadlines import SHANGHAI
from chuangwen.rules.permissions import SYSTEM, Actor, Permission, may
from chuangwen.rules.questionnaires import Kind, Questionnaire, Sheet, flags_of, read_sheet
from chuangwen.rules.refusals import NotFound, Refused
from chuangwen.rules.residents import read_receipt, without_numbers
from chuangwen.surveys.models import (
    Answer,
    Channel,
    Invitation,
    Outcome,
    RecentAnswerer,
    Remark,
    Wave,
    WaveState,
)
from chuangwen.surveys.operations import locked_wave, record_wave
from chuangwen.surveys.queries import questionnaire_of, remark_for

WINDOW = timedelta(hours=1)
LONGEST_SECONDS = 4 * 3600
_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
TELLING = 6  # so many signs of own words are hardly written twice


@dataclass(frozen=True)
class Sent:
    """A sheet as it came. `given`: name -> values; `sender`: the address, of which a digest is kept for an hour."""

    given: Mapping[str, Sequence[str]]
    channel: Channel
    street_code: str = ""
    code: str = ""
    invitation_id: int | None = None
    site: Site | None = None
    language: str = "zh"
    seconds: int | None = None
    sender: str = ""
    client_key: str = ""


@transaction.atomic
def submit(*, wave_id: int, sent: Sent, by: Actor, now: datetime) -> Answer:
    """One sheet more. Refuses with every objection; the same client key again gives the same sheet.

    A code or a household answers once. Oddities (too fast, the same again, over the quota) become flags, nothing is
    thrown away for them.
    """
    key = sent.client_key[:64]

    def make() -> Answer:
        wave = Wave.objects.select_related("survey__home", "form").get(pk=wave_id)
        invitation, found = _invitation(wave, sent)
        street = invitation.street if invitation else _street(wave, sent)
        found += _closed(wave, sent, by, now)
        if street is None and not found:
            found.append("请选择您住的街道。")
        content = questionnaire_of(wave.form)
        sheet = read_sheet(content, sent.given, now.astimezone(SHANGHAI).date(), street.code if street else "")
        found += sheet.objections
        if found or street is None:
            raise Refused(found)
        _hold_back_floods(sent.sender, now)
        if invitation is not None:
            Invitation.objects.filter(pk=invitation.pk).update(
                outcome=Outcome.ANSWERED.value, tries=invitation.tries + (sent.channel == Channel.VISIT)
            )
        return _stored(wave, content, sheet, street, sent, now, sampled=invitation is not None)

    return once(lambda: Answer.objects.filter(wave_id=wave_id, client_key=key).first() if key else None, make)


def _closed(wave: Wave, sent: Sent, by: Actor, now: datetime) -> list[str]:
    """Why nothing is taken at all."""
    today = now.astimezone(SHANGHAI).date()
    if wave.state != WaveState.OPEN or (today > wave.ends_on and sent.channel != Channel.PAPER):
        return ["这次调查已经结束或还没有开始，谢谢您的关心。"]
    if today < wave.starts_on:
        return [f"这次调查从 {wave.starts_on:%Y-%m-%d} 开始。"]
    if sent.channel in {Channel.LINK, Channel.PLACE} and not wave.open_link:
        return ["这次调查只请抽中的住户填写，请输入通知上的邀请码。"]
    staffed = {Channel.VISIT: Permission.SURVEY_VISIT, Channel.PAPER: Permission.SURVEY_PLAN}
    if (permission := staffed.get(sent.channel)) and not may(by, permission):
        return ["您的岗位不能录入答卷。"]
    return []


def _invitation(wave: Wave, sent: Sent) -> tuple[Invitation | None, list[str]]:
    """The household that answers, locked, where one is said; paper may come without."""
    rows = Invitation.objects.select_for_update(of=("self",)).select_related("street").filter(wave=wave)
    if sent.invitation_id is not None:
        found = rows.filter(pk=sent.invitation_id).first()
        if found is None:
            raise NotFound
    elif sent.code.strip():
        number = read_receipt(sent.code)
        found = rows.filter(code=number).first() if number else None
        if found is None:
            return None, ["没有这个邀请码，请对照通知再输一次。"]
    elif sent.channel == Channel.CODE or (sent.channel == Channel.PAPER and not wave.open_link):
        return None, ["请输入邀请码。"]
    else:
        return None, []
    return found, ["这个邀请码已经填过一份，每户只填一次。"] if found.outcome == Outcome.ANSWERED else []


def _street(wave: Wave, sent: Sent) -> Unit | None:
    if sent.site is not None and sent.site.street is not None and not sent.street_code:
        return sent.site.street
    return streets(wave.survey.home.path).filter(code=sent.street_code).first()


def fingerprint_of(wave_id: int, answers: Mapping[str, Any]) -> str:
    """Equal for equal sheets; says nothing of what is in them."""
    text = json.dumps([wave_id, answers], ensure_ascii=False, sort_keys=True)
    return salted_hmac("chuangwen.surveys.sheet", text, algorithm="sha256").hexdigest()


def _stored(
    wave: Wave, content: Questionnaire, sheet: Sheet, street: Unit, sent: Sent, now: datetime, *, sampled: bool
) -> Answer:
    seconds = min(max(sent.seconds, 0), LONGEST_SECONDS) if sent.seconds is not None else None
    texts = {row.code: str(sheet.answers[row.code]) for row in content.questions if _is_text(row.kind, row.code, sheet)}
    mark = fingerprint_of(wave.pk, sheet.answers)
    flags = flags_of(content, sheet, seconds) + _among_others(wave, street, sent, texts, mark, now)
    answer = Answer.objects.create(
        wave=wave, street=street, site=sent.site, channel=sent.channel.value, sampled=sampled, language=sent.language[:5],
        answers={name: value for name, value in sheet.answers.items() if name not in texts}, seconds=seconds, flags=flags,
        fingerprint=mark, day=now.astimezone(SHANGHAI).date(), client_key=sent.client_key[:64] or None,
    )  # fmt: skip
    for code, text in texts.items():
        Remark.objects.create(wave=wave, question=code, text=without_numbers(text), street=street, site=sent.site)
    if sent.sender:
        RecentAnswerer.objects.create(digest=_digest(wave.pk, sent.sender, mark), sent_at=now)
    record_wave(wave, "answered", SYSTEM, now, channel=sent.channel.value)
    return answer


def _is_text(kind: Kind, code: str, sheet: Sheet) -> bool:
    return kind == Kind.TEXT and code in sheet.answers


def _digest(*words: object) -> str:
    return hashlib.sha256(salted_hmac("chuangwen.surveys", json.dumps(words), algorithm="sha256").digest()).hexdigest()


def _among_others(
    wave: Wave, street: Unit, sent: Sent, texts: Mapping[str, str], mark: str, now: datetime
) -> list[str]:
    """Flags that only the other sheets show: the same again (from the same address, or with the same own words), and a
    quota that is full.
    """
    flags = []
    again = sent.sender and RecentAnswerer.objects.filter(
        digest=_digest(wave.pk, sent.sender, mark), sent_at__gt=now - WINDOW
    ).exists()  # fmt: skip
    telling = any(len(text) >= TELLING for text in texts.values())
    if again or (telling and Answer.objects.filter(wave=wave, fingerprint=mark).exists()):
        flags.append("same")
    quota = int(wave.quotas.get(street.code, 0))
    if quota and Answer.objects.filter(wave=wave, street=street, left_out="").count() >= quota:
        flags.append("over_quota")
    return flags


def _hold_back_floods(sender: str, now: datetime) -> None:
    """Many people share an address, so the limit is generous; what is older than the window is forgotten here."""
    if not sender:
        return
    RecentAnswerer.objects.filter(sent_at__lte=now - WINDOW).delete()
    digest = _digest("flood", sender)
    if RecentAnswerer.objects.filter(digest=digest).count() >= 3 * settings.RESIDENT_REPORTS_PER_HOUR:
        raise Refused("这一小时里从您所在的网络交来的问卷太多，请过一会儿再交。")
    RecentAnswerer.objects.create(digest=digest, sent_at=now)


@transaction.atomic
def forget_senders(*, now: datetime) -> int:
    """Digests of addresses older than an hour go, also when no further sheet comes. Says in the journal how many."""
    gone, _by_model = RecentAnswerer.objects.filter(sent_at__lte=now - WINDOW).delete()
    if gone:
        record(kind="survey.senders_forgotten", subject_kind="survey", subject_id=0, by=SYSTEM, now=now, count=gone)
    return gone


@transaction.atomic
def leave_out(*, wave_id: int, answer_id: str, reason: str, by: Actor, now: datetime) -> Answer:
    """A person decides that a sheet does not count, and says why; an empty reason takes it in again."""
    wave = locked_wave(wave_id, by)
    known = answer_id if _UUID.fullmatch(answer_id) else None
    answer = Answer.objects.select_for_update().filter(wave=wave, pk=known).first() if known else None
    if answer is None:
        raise NotFound
    answer.left_out = reason.strip()[:200]
    answer.save(update_fields=["left_out"])
    record_wave(wave, "left_out" if answer.left_out else "taken_in", by, now, reason=answer.left_out)
    return answer


@transaction.atomic
def open_case_from(*, remark_id: int, title: str, place: str, by: Actor, now: datetime) -> Case:
    """立案: what a resident wrote becomes a case of the street; nobody is named. Once for each remark."""
    remark_for(by, remark_id)
    remark = Remark.objects.select_for_update(of=("self",)).select_related("street", "site", "case").get(pk=remark_id)
    if remark.case is not None:
        return remark.case
    found = [] if may(by, Permission.SURVEY_PLAN) else ["把意见立案由区文明办办理。"]
    found += [] if title.strip() else ["请用一句话写明问题。"]
    found += [] if place.strip() or remark.site else ["请写明位置，例如“学田街道 学田苑 3 号楼”。"]
    if found:
        raise Refused(found)
    site = remark.site
    remark.case = open_case(
        title=title, text=remark.text, place=place, home=site.home if site else remark.street, street=remark.street, site=site,
        origin_kind="survey", origin_id=remark.pk, by=by, now=now,
    )  # fmt: skip
    remark.save(update_fields=["case"])
    record_wave(Wave(pk=remark.wave_id), "case_opened", by, now, case=remark.case.pk)
    return remark.case
