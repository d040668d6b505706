"""Every way a draw changes: published with its list, decided by announced numbers, cancelled with a reason."""

import secrets
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

from django.db import transaction

from chuangwen.journal.once import once
from chuangwen.journal.operations import record
from chuangwen.people.models import Unit, UnitKind
from chuangwen.rechecks.models import Candidate, CandidateKind, Draw, Task
from chuangwen.rechecks.population import Member, closed_cases, in_public_order, passed_visits
from chuangwen.rechecks.queries import draws_for
from chuangwen.rechecks.tasks import make_tasks
from chuangwen.rules.deadlines import SHANGHAI
from chuangwen.rules.draw_records import Candidates, make_record, read_candidates
from chuangwen.rules.draw_seeds import (
    USUAL,
    WEEKDAYS,
    as_facts,
    from_facts,
    known_from,
    next_announcement,
    seed_objections,
    seeds,
)
from chuangwen.rules.draws import LARGEST_POOL, Rule
from chuangwen.rules.permissions import OFFICE, SYSTEM, Actor, Permission, may
from chuangwen.rules.refusals import NotFound, Refused

COLUMNS = ("编号", "街道", "种类", "封存值")
USUAL_SHARE = Decimal("0.05")
LONGEST_PERIOD = 31  # days
MOST_DAYS_TO_DO = 30
EARLIEST = date(2000, 1, 1)
NOT_YOURS = "抽查由区文明办安排。"


def scope_of(by: Actor, code: str = "") -> Unit | None:
    """The branch that a draw covers: the one named when the office reaches it, else the office's own."""
    scopes = by.scopes(*OFFICE)
    if code:
        unit = Unit.objects.filter(code=code, active=True).first()
        reached = unit is not None and (by.system or any(unit.path.startswith(scope) for scope in scopes))
        return unit if reached else None
    return Unit.objects.filter(path=min(scopes, key=len, default="")).first()


def _period_objections(starts_on: date, ends_on: date, now: datetime) -> list[str]:
    today = now.astimezone(SHANGHAI).date()
    said = [] if starts_on <= ends_on else ["样本的开始日期须不晚于结束日期。"]
    if ends_on >= today:
        said.append("样本须截止到昨天或更早，当天还会有新的结案和判定。")
    if starts_on < EARLIEST:
        said.append(f"样本的开始日期须在 {EARLIEST:%Y-%m-%d} 以后。")
    if (ends_on - starts_on).days >= LONGEST_PERIOD:
        said.append(f"一次抽查的样本最长 {LONGEST_PERIOD} 天。")
    return said


def _plan_objections(share: Decimal, announced_on: date, days_to_do: int, now: datetime) -> list[str]:
    sound, today = share.is_finite() and 0 < share <= 1, now.astimezone(SHANGHAI).date()
    said = [] if sound else ["份额须大于 0、不超过 1，例如 0.05。"]
    if sound and share != share.quantize(Decimal("0.0001")):
        said.append("份额最多写四位小数。")
    if announced_on <= today:
        said.append("开奖日须在公布名单之后，至少是明天：名单公布时谁都不能知道号码。")
    if announced_on > today + timedelta(days=MOST_DAYS_TO_DO):
        said.append(f"开奖日须在 {MOST_DAYS_TO_DO} 天之内。")
    if announced_on.weekday() not in WEEKDAYS:
        said.append("开奖日须是周二、周四或周日（双色球开奖的日子）。")
    if not 1 <= days_to_do <= MOST_DAYS_TO_DO:
        said.append(f"复核时限须在 1 到 {MOST_DAYS_TO_DO} 天之间。")
    return said


@transaction.atomic
def publish_draw(
    *,
    starts_on: date,
    ends_on: date,
    share: Decimal = USUAL_SHARE,
    at_least_one: bool = True,
    announced_on: date | None = None,
    days_to_do: int = 7,
    scope_code: str = "",
    by: Actor,
    now: datetime,
    client_key: str | None = None,
) -> Draw:
    """Step one: freeze the list of a period and publish it with its fingerprint and the numbers that will decide."""

    def make() -> Draw:
        day = announced_on or next_announcement(now.astimezone(SHANGHAI).date())
        scope = scope_of(by, scope_code)
        objections = [] if may(by, Permission.RECHECK_PLAN) else [NOT_YOURS]
        objections += [] if scope else ["没有找到抽查的范围（单位编码），或者它不在您的辖区。"]
        objections += _period_objections(starts_on, ends_on, now) + _plan_objections(share, day, days_to_do, now)
        if objections or scope is None:
            raise Refused(objections)
        Unit.objects.select_for_update().get(pk=scope.pk)  # two at once take turns
        if _living(scope, starts_on, ends_on) is not None:
            raise Refused(
                "这一期已经公布过抽查名单，不能再抽一次。确有错误的，先写明理由作废原来的一次，它会留在公开页面上。"
            )
        return _published(
            scope, starts_on, ends_on, by=by, now=now, share=share, at_least_one=at_least_one, announced_on=day,
            days_to_do=days_to_do, client_key=client_key or None,
        )  # fmt: skip

    return once(lambda: Draw.objects.filter(client_key=client_key).first() if client_key else None, make)


def _living(scope: Unit, starts_on: date, ends_on: date) -> Draw | None:
    same = Draw.objects.filter(scope=scope, starts_on=starts_on, ends_on=ends_on, cancelled_at=None)
    return same.first()


def _published(scope: Unit, starts_on: date, ends_on: date, *, by: Actor, now: datetime, **fields: Any) -> Draw:
    cases, left_out = closed_cases(scope, starts_on, ends_on)
    salt = secrets.token_hex(16)
    members = in_public_order([*cases, *passed_visits(scope, starts_on, ends_on)], salt)
    if not members:
        raise Refused("这一期没有可以抽查的已结案件和全部合格的检查单。")
    if len(members) > LARGEST_POOL:
        raise Refused(f"这一期有 {len(members)} 件，一次最多 {LARGEST_POOL} 件，请缩短样本的日期。")
    listed = _listed(members, salt)
    draw = Draw.objects.create(
        scope=scope, starts_on=starts_on, ends_on=ends_on, sources=as_facts(USUAL), snapshot=listed.canonical(),
        sha256=listed.sha256(), salt=salt, size=len(members), left_out=left_out, published_at=now, published_by=by.name,
        **fields,
    )  # fmt: skip
    Candidate.objects.bulk_create(
        [
            Candidate(
                draw=draw,
                number=number,
                kind=member.kind,
                subject_id=member.subject_id,
                site_id=member.site_id,
                criterion_id=member.criterion_id,
                seal=member.seal(salt),
            )
            for number, member in enumerate(members, start=1)
        ]
    )
    record(
        kind="draw.published", subject_kind="draw", subject_id=draw.pk, by=by, now=now, sha256=draw.sha256, size=draw.size,
        left_out=left_out, start=starts_on.isoformat(), end=ends_on.isoformat(), share=str(draw.share),
        announced_on=draw.announced_on.isoformat(), sources=[source.name for source in USUAL],
    )  # fmt: skip
    return draw


def _listed(members: Sequence[Member], salt: str) -> Candidates:
    kinds = {kind.value: str(kind.label) for kind in CandidateKind}
    rows = [
        (str(number), member.street, kinds[member.kind], member.seal(salt))
        for number, member in enumerate(members, start=1)
    ]
    return Candidates(COLUMNS, tuple(rows))


def publish_weekly(*, day: date, now: datetime) -> list[Draw]:
    """The draw of the week before `day` for every district; a district without anything to draw from is left out."""
    monday = day - timedelta(days=day.weekday() + 7)
    made = []
    for code in (
        Unit.objects.filter(kind=UnitKind.DISTRICT, active=True).order_by("path").values_list("code", flat=True)
    ):
        try:
            made.append(
                publish_draw(
                    starts_on=monday,
                    ends_on=monday + timedelta(days=6),
                    scope_code=code,
                    by=SYSTEM,
                    now=now,
                    client_key=f"weekly-{code}-{monday.isoformat()}",
                )
            )
        except Refused:
            continue
    return made


def _locked(draw_id: int, by: Actor) -> Draw:
    if not may(by, Permission.RECHECK_PLAN):
        raise Refused(NOT_YOURS)
    if not draws_for(by).filter(pk=draw_id).exists():
        raise NotFound
    return Draw.objects.select_for_update().get(pk=draw_id)


@transaction.atomic
def decide_draw(*, draw_id: int, numbers: Sequence[Sequence[int]], numbers_from: str, by: Actor, now: datetime) -> Draw:
    """Step two, after the day: the announced numbers decide, the record is published, tasks are given out.

    The same numbers again change nothing; other numbers are refused, whoever comes with them.
    """
    draw, given = _locked(draw_id, by), [list(some) for some in numbers]
    if draw.state == "drawn" and draw.numbers == given:
        return draw
    sources = from_facts(draw.sources)
    objections = {"drawn": ["这次抽查已经抽过，结果已公布，不能重抽。"], "cancelled": ["这次抽查已作废。"]}.get(
        draw.state, []
    )
    if now < known_from(draw.announced_on):
        objections.append(f"号码要到 {draw.announced_on:%Y-%m-%d} 21:30 之后才能填。")
    objections += seed_objections(sources, given)
    objections += [] if numbers_from.strip() else ["请写明号码出处，例如福彩官网公告的期号和网址。"]
    listed = read_candidates(draw.snapshot)
    if listed.sha256() != draw.sha256 or not _still_the_same(draw, listed):
        objections.append("候选名单与公布的指纹不一致，不能抽取。请联系系统管理员核对留痕。")
    if objections:
        raise Refused(objections)
    rule = Rule(share=Fraction(draw.share), stratify="街道", at_least_one=draw.at_least_one)
    draw.record = make_record(
        candidates=listed, rule=rule, sources=seeds(sources, given, draw.announced_on), title=f"{draw}抽查复核"
    )
    draw.numbers, draw.numbers_from, draw.drawn_at, draw.drawn_by = given, numbers_from.strip()[:200], now, by.name
    draw.save(update_fields=["record", "numbers", "numbers_from", "drawn_at", "drawn_by"])
    record(
        kind="draw.decided", subject_kind="draw", subject_id=draw.pk, by=by, now=now, numbers=given,
        key=draw.record["key"], selected=draw.record["selected"], sha256=draw.sha256,
    )  # fmt: skip
    make_tasks(draw=draw, chosen=_mark_chosen(draw, draw.record), by=by, now=now)
    return draw


def _still_the_same(draw: Draw, listed: Candidates) -> bool:
    """Whether the rows in the database are those that were published."""
    rows = Candidate.objects.filter(draw=draw).order_by("number")
    seals = [(str(number), seal) for number, seal in rows.values_list("number", "seal")]
    honest = all(
        Member(row.kind, row.subject_id, row.site_id, "").seal(draw.salt) == row.seal for row in rows.iterator()
    )
    return honest and seals == list(zip(listed.column("编号"), listed.column("封存值"), strict=True))


def _mark_chosen(draw: Draw, made: Mapping[str, Any]) -> list[Candidate]:
    places = {int(number): place for place, number in enumerate(made["selected"], start=1)}
    chosen = list(Candidate.objects.filter(draw=draw, number__in=places))
    for candidate in chosen:
        candidate.position = places[candidate.number]
    Candidate.objects.bulk_update(chosen, ["position"])
    return sorted(chosen, key=lambda candidate: candidate.position or 0)


@transaction.atomic
def cancel_draw(*, draw_id: int, reason: str, by: Actor, now: datetime) -> Draw:
    """The draw does not count; it stays on the public page with its reason. Tasks not done yet are taken back."""
    draw = _locked(draw_id, by)
    if draw.state == "cancelled":
        return draw
    if not reason.strip():
        raise Refused("作废须写明理由，理由会公开。")
    draw.cancelled_at, draw.cancel_reason = now, reason.strip()[:300]
    draw.save(update_fields=["cancelled_at", "cancel_reason"])
    taken_back = Task.objects.filter(candidate__draw=draw, finished_at=None, withdrawn_at=None).update(withdrawn_at=now)
    record(
        kind="draw.cancelled", subject_kind="draw", subject_id=draw.pk, by=by, now=now, reason=draw.cancel_reason,
        tasks_taken_back=taken_back,
    )  # fmt: skip
    return draw
