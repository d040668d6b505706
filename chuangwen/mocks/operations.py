"""Every way a mock examination itself changes: published with its list, drawn, closed, released, cancelled."""

import hashlib
import secrets
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db import transaction

from chuangwen.journal.once import once
from chuangwen.journal.operations import record
from chuangwen.mocks.looks import make_looks
from chuangwen.mocks.models import Candidate, Look, Mock, Place
from chuangwen.mocks.queries import mocks_for
from chuangwen.mocks.reporting import report_of
from chuangwen.people.models import Unit
from chuangwen.places.models import Site
from chuangwen.rules.deadlines import SHANGHAI
from chuangwen.rules.draw_records import Candidates, make_record, read_candidates
from chuangwen.rules.draw_seeds import USUAL, WEEKDAYS, as_facts, from_facts, known_from, seed_objections, seeds
from chuangwen.rules.draws import LARGEST_POOL, Rule, Source
from chuangwen.rules.permissions import OFFICE, Actor, Permission, Thing, may
from chuangwen.rules.refusals import NotFound, Refused
from chuangwen.standards.models import Criterion, Edition, PointType

COLUMNS = ("编号", "类型", "街道", "封存值")
NO_STREET = "不属街道"
NOT_YOURS = "模拟测评由区文明办安排。"
MOST_PLACES = 1000
MOST_DAYS = 30


def own_scope(by: Actor) -> Unit | None:
    """The branch that a mock examination of this office covers."""
    return Unit.objects.filter(path=min(by.scopes(*OFFICE), key=len, default="")).first()


@transaction.atomic
def publish_mock(
    *,
    name: str,
    edition_id: int,
    plan: Mapping[str, int],
    announced_on: date,
    days_to_do: int = 7,
    by: Actor,
    now: datetime,
    client_key: str | None = None,
) -> Mock:
    """Step one: the plan (point type -> how many places), and the frozen list of all places it draws from."""

    def make() -> Mock:
        scope = own_scope(by)
        edition = Edition.objects.filter(pk=edition_id, published_at__isnull=False).first()
        wanted = {code: count for code, count in plan.items() if count}
        objections = [] if may(by, Permission.MOCK_PLAN) and scope else [NOT_YOURS]
        objections += [] if name.strip() else ["请写明名称，例如“2026年11月模拟测评”。"]
        objections += [] if edition else ["请选择一个已发布的测评标准。"]
        objections += _time_objections(announced_on, days_to_do, now)
        sites = _sites(scope, wanted)
        objections += _plan_objections(wanted, edition, sites)
        if objections or scope is None or edition is None:
            raise Refused(objections)
        return _published(
            scope, sites, by=by, now=now, name=name.strip()[:80], edition=edition, plan=wanted,
            announced_on=announced_on, days_to_do=days_to_do, client_key=client_key or None,
        )  # fmt: skip

    return once(lambda: Mock.objects.filter(client_key=client_key).first() if client_key else None, make)


def _time_objections(announced_on: date, days_to_do: int, now: datetime) -> list[str]:
    today = now.astimezone(SHANGHAI).date()
    said = []
    if not today < announced_on <= today + timedelta(days=MOST_DAYS):
        said.append(f"开奖日须在明天到 {MOST_DAYS} 天之内：名单固定时谁都不能知道号码。")
    elif announced_on.weekday() not in WEEKDAYS:
        said.append("开奖日须是周二、周四或周日（双色球开奖的日子）。")
    if not 1 <= days_to_do <= MOST_DAYS:
        said.append(f"测评时限须在 1 到 {MOST_DAYS} 天之间。")
    return said


def _sites(scope: Unit | None, wanted: Mapping[str, int]) -> list[Site]:
    if scope is None:
        return []
    rows = Site.objects.filter(active=True, home__path__startswith=scope.path, point_type__in=wanted)
    return list(rows.select_related("street").order_by("pk"))


def _plan_objections(wanted: Mapping[str, int], edition: Edition | None, sites: Sequence[Site]) -> list[str]:
    if not wanted:
        return ["请至少给一类点位填上要抽的个数。"]
    names = dict(PointType.objects.filter(pk__in=wanted).values_list("pk", "name"))
    listed = Criterion.objects.filter(edition=edition, method="field", point_type__in=wanted)
    with_list = set(listed.values_list("point_type_id", flat=True)) if edition else set(wanted)
    said = []
    for code, count in sorted(wanted.items()):
        there, label = sum(site.point_type == code for site in sites), names.get(code, code)
        if count < 0 or count > there:
            said.append(f"{label}要抽 {count} 处，辖区里在用的有 {there} 处。")
        if code not in with_list:
            said.append(f"{label}在这版标准里没有实地检查条目，不能测评。")
    if sum(wanted.values()) > MOST_PLACES:
        said.append(f"一次最多测评 {MOST_PLACES} 处。")
    if len(sites) > LARGEST_POOL:
        said.append(f"候选有 {len(sites)} 处，一次最多 {LARGEST_POOL} 处。")
    return said


def seal_of(salt: str, site_id: int) -> str:
    """Ties a number of the list to its place; opened by the salt, which stays inside."""
    return hashlib.sha256(f"{salt}|site|{site_id}".encode()).hexdigest()


def _published(scope: Unit, sites: Sequence[Site], *, by: Actor, now: datetime, **fields: Any) -> Mock:
    salt = secrets.token_hex(16)
    rows = sorted(
        (site.point_type, site.street.name if site.street else NO_STREET, seal_of(salt, site.pk), site.pk)
        for site in sites
    )
    listed = Candidates(COLUMNS, tuple((str(at), *row[:3]) for at, row in enumerate(rows, start=1)))
    mock = Mock.objects.create(
        scope=scope, sources=as_facts(USUAL), snapshot=listed.canonical(), sha256=listed.sha256(), salt=salt,
        published_at=now, published_by=by.name, **fields,
    )  # fmt: skip
    Candidate.objects.bulk_create(
        Candidate(mock=mock, number=at, point_type=kind, street=street, seal=seal, site_id=site_id)
        for at, (kind, street, seal, site_id) in enumerate(rows, start=1)
    )
    record(
        kind="mock.published", subject_kind="mock", subject_id=mock.pk, by=by, now=now, sha256=mock.sha256,
        size=len(rows), plan=mock.plan, announced_on=mock.announced_on.isoformat(),
    )  # fmt: skip
    return mock


def _locked(mock_id: int, by: Actor, permission: Permission = Permission.MOCK_PLAN, thing: Thing | None = None) -> Mock:
    if not may(by, permission, thing or Thing()):
        raise Refused(NOT_YOURS)
    if not mocks_for(by).filter(pk=mock_id).exists():
        raise NotFound
    return Mock.objects.select_for_update().get(pk=mock_id)


@transaction.atomic
def decide_mock(*, mock_id: int, numbers: Sequence[Sequence[int]], numbers_from: str, by: Actor, now: datetime) -> Mock:
    """Step two: the announced numbers decide, street by street within each type; looks are given out.

    The same numbers again change nothing; other numbers are refused.
    """
    mock, given = _locked(mock_id, by), [list(some) for some in numbers]
    if mock.drawn_at is not None and mock.numbers == given and mock.cancelled_at is None:
        return mock
    sources = from_facts(mock.sources)
    objections = [] if mock.state == "published" else ["这次测评已经抽过或者已作废，不能再抽。"]
    if now < known_from(mock.announced_on):
        objections.append(f"号码要到 {mock.announced_on:%Y-%m-%d} 21:30 之后才能填。")
    objections += seed_objections(sources, given)
    objections += [] if numbers_from.strip() else ["请写明号码出处，例如福彩官网公告的期号和网址。"]
    listed = read_candidates(mock.snapshot)
    if listed.sha256() != mock.sha256 or not _still_the_same(mock, listed):
        objections.append("候选名单与固定时的指纹不一致，不能抽取。请联系系统管理员核对留痕。")
    if objections:
        raise Refused(objections)
    mock.record = draw_records(listed, mock.plan, seeds(sources, given, mock.announced_on), mock.name)
    mock.numbers, mock.numbers_from, mock.drawn_at, mock.drawn_by = given, numbers_from.strip()[:200], now, by.name
    mock.save(update_fields=["record", "numbers", "numbers_from", "drawn_at", "drawn_by"])
    places = _places(mock)
    record(
        kind="mock.decided", subject_kind="mock", subject_id=mock.pk, by=by, now=now, numbers=given,
        sha256=mock.sha256, places=len(places),
    )  # fmt: skip
    make_looks(mock=mock, places=places, by=by, now=now)
    return mock


def draw_records(
    listed: Candidates, plan: Mapping[str, int], sources: Sequence[Source], title: str
) -> list[dict[str, Any]]:
    """One published record (`chuangwen draw verify`) a type: its part of the list, its number as one more source."""
    made = []
    for order, code in enumerate(sorted(plan), start=1):
        rows = tuple(row for row in listed.rows if row[1] == code)
        own = (*sources, Source(f"类型次序（{code}）", (Decimal(order),)))
        rule = Rule(count=plan[code], stratify="街道")
        made.append(
            make_record(candidates=Candidates(listed.columns, rows), rule=rule, sources=own, title=f"{title} {code}")
        )
    return made


def _still_the_same(mock: Mock, listed: Candidates) -> bool:
    rows = list(Candidate.objects.filter(mock=mock).order_by("number").values_list("number", "seal", "site_id"))
    honest = all(seal == seal_of(mock.salt, site_id) for _, seal, site_id in rows)
    shown = list(zip(listed.column("编号"), listed.column("封存值"), strict=True))
    return honest and [(str(number), seal) for number, seal, _ in rows] == shown


def _places(mock: Mock) -> list[Place]:
    chosen = {int(number) for one in mock.record or [] for number in one["selected"]}
    rows = Candidate.objects.filter(mock=mock, number__in=chosen).order_by("number")
    return Place.objects.bulk_create(
        [
            Place(mock=mock, number=row.number, site_id=row.site_id, point_type=row.point_type, street=row.street)
            for row in rows
        ]
    )


@transaction.atomic
def close_mock(*, mock_id: int, leave_rest: bool = False, by: Actor, now: datetime) -> Mock:
    """No look counts any more that is not done. With looks still open only when `leave_rest` says so."""
    mock = _locked(mock_id, by)
    if mock.state in ("closed", "released"):
        return mock
    rows = Look.objects.filter(place__mock=mock, finished_at=None, withdrawn_at=None)
    left = rows.count()
    objections = [] if mock.state == "running" else ["这次测评还没有抽取，或者已作废。"]
    if left and not leave_rest:
        objections.append(
            f"还有 {left} 件测评任务没有完成。不再等的，请勾选“没完成的不再测”：它们按没测到处理，不计零分。"
        )
    if objections:
        raise Refused(objections)
    rows.update(withdrawn_at=now)
    mock.closed_at, mock.closed_by_id = now, by.user_id
    mock.save(update_fields=["closed_at", "closed_by"])
    record(kind="mock.closed", subject_kind="mock", subject_id=mock.pk, by=by, now=now, withdrawn=left)
    return mock


@transaction.atomic
def release_mock(*, mock_id: int, by: Actor, now: datetime) -> Mock:
    """The report is frozen: by the head of the office, who is not the person that closed the examination."""
    closed_by = Mock.objects.filter(pk=mock_id).values_list("closed_by", flat=True).first()
    if closed_by is not None and closed_by == by.user_id:
        raise Refused("结束测评的人不能发布这份报告，请由另一位负责人核对后发布。")
    mock = _locked(mock_id, by, Permission.MOCK_RELEASE)
    if mock.state == "released":
        return mock
    if mock.state != "closed":
        raise Refused("测评结束以后才能发布报告。")
    mock.report, mock.released_at, mock.released_by = report_of(mock, now=now), now, by.name
    mock.save(update_fields=["report", "released_at", "released_by"])
    record(
        kind="mock.released", subject_kind="mock", subject_id=mock.pk, by=by, now=now, rate=mock.report["total"]["rate"],
        places=mock.report["total"]["places"], observed=mock.report["total"]["observed"],
    )  # fmt: skip
    return mock


@transaction.atomic
def cancel_mock(*, mock_id: int, reason: str, by: Actor, now: datetime) -> Mock:
    """It does not count; it stays in the list with its reason. A released one stands."""
    mock = _locked(mock_id, by)
    if mock.state == "cancelled":
        return mock
    objections = [] if reason.strip() else ["作废须写明理由。"]
    objections += ["报告已发布，不能作废。"] if mock.state == "released" else []
    if objections:
        raise Refused(objections)
    mock.cancelled_at, mock.cancel_reason = now, reason.strip()[:300]
    mock.save(update_fields=["cancelled_at", "cancel_reason"])
    Look.objects.filter(place__mock=mock, finished_at=None, withdrawn_at=None).update(withdrawn_at=now)
    record(kind="mock.cancelled", subject_kind="mock", subject_id=mock.pk, by=by, now=now, reason=mock.cancel_reason)
    return mock
