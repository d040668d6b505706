"""The sample: a frame of households is published with its fingerprint, then numbers that nobody knew decide."""

import secrets
from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from chuangwen.people.queries import streets
from chuangwen.rules.deadlines import SHANGHAI
from chuangwen.rules.draw_records import Candidates, make_record, read_candidates
from chuangwen.rules.draw_seeds import (
    USUAL,
    as_facts,
    from_facts,
    known_from,
    next_announcement,
    seed_objections,
    seeds,
)
from chuangwen.rules.draws import Rule
from chuangwen.rules.permissions import SYSTEM, Actor, Permission, may
from chuangwen.rules.refusals import BadInput, NotFound, Refused
from chuangwen.rules.residents import LENGTH, SIGNS, receipt_number
from chuangwen.surveys.models import Invitation, Outcome, Wave, WaveState
from chuangwen.surveys.operations import locked_wave, record_wave
from chuangwen.surveys.queries import visit_for

COLUMNS = ("户编号", "街道")
LARGEST_FRAME = 4_000_000  # signs
VISITS = frozenset({Outcome.NOBODY.value, Outcome.REFUSED.value, Outcome.GONE.value})


def _frame(text: str, places: dict[str, str]) -> tuple[Candidates, dict[str, str]]:
    """The list as it is published (number and street), and the addresses apart. Refuses with every objection."""
    if len(text) > LARGEST_FRAME:
        raise BadInput("名单太大，请分开。")
    found = read_candidates(text)
    if len(found.columns) < 2 or any(len(row) < 2 for row in found.rows):
        raise BadInput("名单第一行写列名：户编号,街道,地址；地址可以不写。")
    unknown = sorted({row[1] for row in found.rows} - places.keys())
    objections = [f"不认识街道“{name}”。" for name in unknown[:10]]
    objections += [f"户编号“{row[0][:20]}…”超过 40 字。" for row in found.rows if len(row[0]) > 40][:10]
    if objections:
        raise BadInput(objections)
    addresses = {row[0]: row[2][:200] for row in found.rows if len(row) > 2 and row[2]}
    return Candidates(COLUMNS, tuple((row[0], places[row[1]]) for row in found.rows)), addresses


@transaction.atomic
def publish_frame(*, wave_id: int, text: str, wanted: int, by: Actor, now: datetime) -> Wave:
    """Step one: the list is frozen, its fingerprint told, and the day named whose lottery numbers will decide."""
    wave = locked_wave(wave_id, by, WaveState.PLANNED)
    if wave.frame:
        raise Refused("这一轮的名单已经公布，不能再换。")
    here = list(streets(wave.survey.home.path))
    try:
        listed, addresses = _frame(text, {name: one.name for one in here for name in (one.name, one.code)})
    except BadInput as refusal:
        raise Refused(refusal.objections) from refusal
    least = len({row[1] for row in listed.rows})
    if not least <= wanted <= len(listed.rows):
        raise Refused(f"抽取户数须在 {least}（每个街道至少一户）到 {len(listed.rows)} 之间。")
    wave.frame, wave.frame_sha256, wave.addresses = listed.canonical(), listed.sha256(), addresses
    wave.wanted, wave.sources = wanted, as_facts(USUAL)
    wave.announced_on = next_announcement(now.astimezone(SHANGHAI).date())
    wave.version += 1
    wave.save()
    record_wave(
        wave, "frame_published", by, now, sha256=wave.frame_sha256, size=len(listed.rows), wanted=wanted,
        announced_on=wave.announced_on.isoformat(),
    )  # fmt: skip
    return wave


@transaction.atomic
def decide_sample(*, wave_id: int, numbers: Sequence[Sequence[int]], by: Actor, now: datetime) -> Wave:
    """Step two: the announced numbers draw the households; each gets an invitation code. Addresses not drawn are
    forgotten. Once only.
    """
    wave = locked_wave(wave_id, by, WaveState.PLANNED)
    if wave.announced_on is None or wave.sampled:
        raise Refused("名单还没有公布。" if wave.announced_on is None else "已经抽过，不能重抽。")
    if now < known_from(wave.announced_on):
        raise Refused(f"号码要到 {wave.announced_on} 21:30 才开出来，到时再填。")
    sources = from_facts(wave.sources)
    if said := seed_objections(sources, numbers):
        raise Refused(said)
    wave.record = make_record(
        candidates=read_candidates(wave.frame), rule=Rule(count=wave.wanted, stratify=COLUMNS[1], at_least_one=True),
        sources=seeds(sources, numbers, wave.announced_on), title=wave.title,
    )  # fmt: skip
    _invite(wave)
    wave.addresses = {}
    wave.version += 1
    wave.save(update_fields=["record", "addresses", "version"])
    record_wave(wave, "sample_drawn", by, now, drawn=wave.wanted)
    return wave


def _invite(wave: Wave) -> None:
    assert wave.record is not None
    places = {one.name: one for one in streets(wave.survey.home.path)}
    where = {row[0]: row[1] for row in read_candidates(wave.frame).rows}
    Invitation.objects.bulk_create(
        [
            Invitation(
                wave=wave, street=places[where[number]], household=number, address=wave.addresses.get(number, ""),
                code=receipt_number([secrets.randbelow(len(SIGNS)) for _ in range(LENGTH)]),
            )
            for number in wave.record["selected"]
        ]
    )  # fmt: skip


@transaction.atomic
def note_visit(*, invitation_id: int, outcome: str, by: Actor, now: datetime) -> Invitation:
    """Nobody in, not willing, or no household there: part of the response rate. Who answered is told by the answer."""
    visit_for(by, invitation_id)
    invitation = Invitation.objects.select_for_update().select_related("wave").get(pk=invitation_id)
    if not may(by, Permission.SURVEY_VISIT):
        raise Refused("您的岗位不做入户调查。")
    if outcome not in VISITS:
        raise Refused("请选上门的结果。")
    if invitation.outcome == Outcome.ANSWERED:
        raise NotFound("这一户已经答过了。")
    invitation.outcome, invitation.tries = outcome, invitation.tries + 1
    invitation.save(update_fields=["outcome", "tries"])
    record_wave(invitation.wave, "visited", SYSTEM, now, outcome=outcome)
    return invitation
