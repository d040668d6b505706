"""Asking for a plan, and working it out: the worker does that, so that nobody waits for a page."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from decimal import Decimal

from django.conf import settings
from django.db import transaction

from chuangwen.journal.once import once
from chuangwen.journal.operations import record
from chuangwen.patrols.models import PatrolKind
from chuangwen.patrols.queries import inspectors
from chuangwen.places.queries import sites_in_scope
from chuangwen.planning.facts import Ground, ground_of, team_of
from chuangwen.planning.models import Plan, PlanStatus, PlanStop, PlanTeam, StopWhy, Team, WaysBy
from chuangwen.planning.operations import office_of
from chuangwen.planning.tables import table_places
from chuangwen.planning.ways import Ways, packed, straight_ways
from chuangwen.rules.deadlines import SHANGHAI
from chuangwen.rules.permissions import SYSTEM, Actor
from chuangwen.rules.planning import Prepared, Wishes, out_of_reach, prepare
from chuangwen.rules.refusals import BadInput, Refused
from chuangwen.rules.tours import Assigned, Matrix, Problem, breaches
from chuangwen.standards.models import Edition

MOST_TEAMS, LONGEST_GAP, MOST_MUST = 30, 365, 200
FACTOR, SPEED = Decimal("1.3"), 20
Tell = Callable[[float], None]
Solve = Callable[[Problem, int, Tell], Sequence[Assigned]]
Service = Callable[[Sequence[tuple[float, float]]], Matrix | None]


@dataclass(frozen=True)
class PlanFacts:
    """What somebody wants of a day. `table`: the text of a CSV of minutes, when ways are by a table."""

    day: date | None
    team_ids: Sequence[int] = ()
    edition_id: int | None = None
    kind: str = PatrolKind.DAILY.value
    gap: int = 7
    random_percent: int = 10
    must_ids: Sequence[int] = ()
    ways_by: str = WaysBy.STRAIGHT.value
    table: str = ""


@transaction.atomic
def start_plan(*, facts: PlanFacts, by: Actor, now: datetime, client_key: str | None = None) -> Plan:
    """A plan that the worker will work out. The same submission again gives the plan that exists."""

    def make() -> Plan:
        home = office_of(by)
        teams = list(Team.objects.filter(home=home, active=True, pk__in=facts.team_ids).prefetch_related("inspectors"))
        edition = Edition.objects.filter(pk=facts.edition_id or 0, published_at__isnull=False).first()
        objections = _objections(facts, by, now) + _team_objections(facts, teams, now)
        objections += [] if edition else ["请选择一个已发布的测评标准。"]
        places, ways = _table(facts, teams, by, objections)
        if objections or edition is None or facts.day is None:
            raise Refused(objections)
        plan = Plan.objects.create(
            home=home, day=facts.day, title=f"{facts.day.month}月{facts.day.day}日巡查路线", edition=edition, kind=facts.kind,
            gap=facts.gap, random_percent=facts.random_percent, seed=int(facts.day.strftime("%Y%m%d")),
            must=list(dict.fromkeys(facts.must_ids)), ways_by=facts.ways_by, factor=FACTOR, speed=SPEED, places=places,
            ways=ways, asked_at=now, asked_by=by.name[:80], client_key=client_key or None,
        )  # fmt: skip
        _take_teams(plan, teams)
        record(
            kind="plan.started", subject_kind="plan", subject_id=plan.pk, by=by, now=now, day=str(facts.day),
            teams=len(teams), must=len(plan.must), title=plan.title,
        )  # fmt: skip
        return plan

    return once(lambda: Plan.objects.filter(client_key=client_key).first() if client_key else None, make)


def _take_teams(plan: Plan, teams: Sequence[Team]) -> None:
    for number, team in enumerate(teams, start=1):
        row = PlanTeam.objects.create(
            plan=plan, number=number, name=team.name, start_name=team.start_name, lng=team.lng, lat=team.lat,
            begins=team.begins, ends=team.ends,
        )  # fmt: skip
        row.inspectors.set(team.inspectors.all())


def _objections(facts: PlanFacts, by: Actor, now: datetime) -> list[str]:
    said = []
    if facts.day is None or facts.day < now.astimezone(SHANGHAI).date():
        said.append("请填写排哪一天，不能早于今天。")
    if not 0 <= facts.gap <= LONGEST_GAP:
        said.append(f"间隔天数须在 0 到 {LONGEST_GAP} 之间。")
    if not 0 <= facts.random_percent <= 100:
        said.append("随机份额须在 0 到 100 之间。")
    if facts.kind not in PatrolKind.values or facts.kind == PatrolKind.UNANNOUNCED:
        said.append("请选择巡查类别；暗访请另行安排，不在这里排。")
    must = set(facts.must_ids)
    if len(must) > MOST_MUST:
        said.append(f"必去点位最多 {MOST_MUST} 处。")
    elif sites_in_scope(by).filter(pk__in=must, active=True).count() < len(must):
        said.append("有必去点位不存在、已停用，或不在您的辖区。")
    if facts.ways_by not in WaysBy.values:
        said.append("请选择路程怎么算。")
    if facts.ways_by == WaysBy.SERVICE and not settings.TRAVEL_URL:
        said.append("没有设置路网服务（CHUANGWEN_TRAVEL_URL），请改用直线距离或路程表。")
    return said


def _team_objections(facts: PlanFacts, teams: Sequence[Team], now: datetime) -> list[str]:
    if not teams or len(teams) < len(set(facts.team_ids)):
        return ["请至少选一支在用的队伍。"]
    said = [f"一次最多排 {MOST_TEAMS} 支队伍。"] if len(teams) > MOST_TEAMS else []
    on_duty = {user.pk for user in inspectors(facts.day or now.date())}
    seen: dict[int, str] = {}
    for team in teams:
        people = list(team.inspectors.all())
        if not any(user.pk in on_duty for user in people):
            said.append(f"{team.name}那天没有巡查员，请先改队伍。")
        for user in people:
            if user.pk in seen:
                said.append(f"{user.display_name}同时在{seen[user.pk]}和{team.name}，请只选一支。")
            seen[user.pk] = team.name
    return said


def _table(facts: PlanFacts, teams: Sequence[Team], by: Actor, objections: list[str]) -> tuple[list[int], bytes]:
    if facts.ways_by != WaysBy.TABLE:
        return [], b""
    try:
        places, table = table_places(facts.table, [team.name for team in teams], facts.must_ids, by)
    except BadInput as refusal:
        objections += refusal.objections
        return [], b""
    return places, packed(table)


# --- the worker's part ---


def run_plan(*, plan_id: int, solve: Solve, service: Service, now: datetime) -> bool:
    """Work a waiting plan out; returns whether there was something to do. Safe to repeat. `solve` gives tours for a
    problem and a seed, `service` seconds between (latitude, longitude) points or None when it cannot.
    """
    plan = Plan.objects.select_related("home").filter(pk=plan_id, status=PlanStatus.WAITING).first()
    if plan is None:
        return False
    work = _Work(plan, ground_of(plan, now=now))
    try:
        work.prepare(service)
    except BadInput as refusal:
        _fail(plan, refusal.objections, by=SYSTEM, now=now)
        return True
    found = solve(work.prepared.problem, plan.seed, lambda share: _tell(plan, share))
    if wrong := breaches(work.prepared.problem, found):
        raise RuntimeError("".join(wrong))
    _keep(work, found, by=SYSTEM, now=now)
    return True


def _tell(plan: Plan, share: float) -> None:
    Plan.objects.filter(pk=plan.pk, status=PlanStatus.WAITING).update(progress=min(99, round(share * 100)))


class _Work:
    """A plan between its facts and its tours."""

    prepared: Prepared

    def __init__(self, plan: Plan, ground: Ground) -> None:
        self.plan, self.ground = plan, ground
        self.rows = list(PlanTeam.objects.filter(plan=plan).prefetch_related("inspectors"))
        self.teams = [team_of(row) for row in self.rows]
        self.sites, self.places = list(ground.sites), list(ground.places)
        self.left: dict[int, str] = {}
        self.notes: list[str] = []

    def prepare(self, service: Service) -> None:
        """Must-visits out of everybody's reach are put aside with a sentence; the others become a problem."""
        gone = out_of_reach(self.sites, self.teams, self._ways())
        self.left = {self.places[at].pk: said for at, said in gone.items()}
        self.sites = [site for at, site in enumerate(self.sites) if at not in gone]
        self.places = [place for at, place in enumerate(self.places) if at not in gone]
        wishes = Wishes(
            self.plan.day, gap=self.plan.gap, random_share=self.plan.random_percent / 100, seed=self.plan.seed
        )
        self.prepared = prepare(self.sites, self.teams, self._ways(), wishes)
        if self.plan.ways_by == WaysBy.SERVICE:
            self._ask(service)
        if self.prepared.waiting:
            self.notes.append(f"{self.prepared.waiting} 处离上次走访不满 {self.plan.gap} 天，这次不去。")
        if self.ground.busy:
            self.notes.append(f"{self.ground.busy} 处已在当天以前（含当天）的别的巡查里，没有再排。")
        self.notes.append(f"从 {len(self.sites)} 处里挑出 {len(self.prepared.sites)} 处排路线。")

    def _ways(self) -> Matrix:
        if self.plan.places:
            ways = Ways.of(self.plan, self.rows, self.places)
            names = [place.pk for place in self.places] + [-row.number for row in self.rows]
            return tuple(tuple(ways(a, b) for b in names) for a in names)
        points = [(site.lat, site.lon) for site in self.sites] + [(team.lat, team.lon) for team in self.teams]
        return straight_ways(self.plan, points)

    def _ask(self, service: Service) -> None:
        """The sites that were kept, by the roads; straight lines when the service does not answer."""
        kept = [self.sites[at] for at in self.prepared.sites]
        table = service([(site.lat, site.lon) for site in kept] + [(team.lat, team.lon) for team in self.teams])
        if table is None:
            self.notes.append("路网服务没有应答，路程按直线距离折算。")
            return
        self.plan.places = [self.places[at].pk for at in self.prepared.sites] + [-row.number for row in self.rows]
        self.plan.ways = packed(table)
        self.prepared = replace(self.prepared, problem=replace(self.prepared.problem, travel=table))
        far = out_of_reach(kept, self.teams, table)
        self.left |= {self.places[self.prepared.sites[at]].pk: said for at, said in far.items()}

    def stops(self, found: Sequence[Assigned]) -> list[PlanStop]:
        """The tours as rows."""
        return [
            self._stop(self.rows[one.crew], self.prepared.sites[number], position)
            for one in found
            for position, number in enumerate(one.tour, start=1)
        ]

    def _stop(self, team: PlanTeam, at: int, position: int) -> PlanStop:
        site = self.sites[at]
        why = StopWhy.MUST if site.must else StopWhy.DRAWN if at in self.prepared.drawn else StopWhy.VALUE
        return PlanStop(
            plan=self.plan, team=team, site=self.places[at], position=position, why=why, value=site.value,
            minutes=site.minutes, opens=site.hours[0], closes=site.hours[1],
        )  # fmt: skip

    def left_out(self, stops: Sequence[PlanStop]) -> list[dict[str, object]]:
        """Must-visits on no tour, each with its sentence."""
        there = {stop.site_id for stop in stops}
        said = dict(self.left)
        for site, place in zip(self.sites, self.places, strict=True):
            if site.must and place.pk not in there:
                full = f"要停 {site.minutes} 分钟，单去来得及，但各队的路线都排满了。请加一队、延长时间或改到另一天。"
                said.setdefault(place.pk, full)
        return [{"site": pk, "why": why} for pk, why in said.items()]

    def candidates(self) -> list[tuple[int, float]]:
        """What was weighed, the best first."""
        rows = [(self.places[at].pk, round(self.sites[at].value, 3)) for at in self.prepared.sites]
        return sorted(rows, key=lambda row: (-row[1], row[0]))


@transaction.atomic
def _keep(work: _Work, found: Sequence[Assigned], *, by: Actor, now: datetime) -> None:
    plan = Plan.objects.select_for_update().get(pk=work.plan.pk)
    if plan.status != PlanStatus.WAITING:
        return
    stops = work.stops(found)
    PlanStop.objects.bulk_create(stops)
    plan.places, plan.ways = work.plan.places, work.plan.ways
    plan.status, plan.progress, plan.values_by = PlanStatus.DRAFT, 100, work.ground.values_by
    plan.candidates, plan.left_out, plan.notes = work.candidates(), work.left_out(stops), work.notes
    plan.version += 1
    plan.save()
    record(
        kind="plan.drafted", subject_kind="plan", subject_id=plan.pk, by=by, now=now, stops=len(stops),
        left_out=len(plan.left_out), seed=plan.seed,
    )  # fmt: skip


@transaction.atomic
def _fail(plan: Plan, objections: Sequence[str], *, by: Actor, now: datetime) -> None:
    changed = Plan.objects.filter(pk=plan.pk, status=PlanStatus.WAITING)
    if changed.update(status=PlanStatus.FAILED, notes=list(objections)[:20], version=plan.version + 1):
        record(kind="plan.failed", subject_kind="plan", subject_id=plan.pk, by=by, now=now)
