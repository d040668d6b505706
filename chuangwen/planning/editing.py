"""What people do with a draft: move a stop, drop it, add a site, approve the whole, or give it up."""

from collections.abc import Sequence
from datetime import datetime, time, timedelta

from django.db import transaction

from chuangwen.journal.once import taken_before
from chuangwen.journal.operations import record
from chuangwen.patrols.models import Patrol
from chuangwen.patrols.operations import plan_patrol
from chuangwen.places.models import Site
from chuangwen.places.queries import sites_in_scope
from chuangwen.planning.models import Plan, PlanStatus, PlanStop, PlanTeam, StopWhy
from chuangwen.planning.operations import NOT_OFFICE
from chuangwen.planning.queries import Route, halts_of, locked_plan, needs_of, routes_of
from chuangwen.planning.ways import Ways
from chuangwen.rules.day_tours import Halt, best_place
from chuangwen.rules.deadlines import SHANGHAI
from chuangwen.rules.permissions import OFFICE, Actor, Permission, may
from chuangwen.rules.refusals import Conflict, Refused


def _taken_up(plan_id: int, by: Actor, client_key: str | None, seen_version: int | None) -> tuple[Plan, bool]:
    """The plan, locked, for its own office, and whether this very submission was taken before."""
    plan = locked_plan(by, plan_id)
    if not may(by, Permission.PLAN_MAKE) or not plan.home.path.startswith(by.scopes(*OFFICE) or ("//",)):
        raise Refused(NOT_OFFICE)
    repeated = taken_before(client_key, "plan", plan_id)
    if not repeated and seen_version is not None and seen_version != plan.version:
        raise Conflict("刚刚有人改过这份路线，下面已是最新的。请看过再改。")
    return plan, repeated


def _draft(plan: Plan) -> None:
    if plan.status != PlanStatus.DRAFT:
        raise Refused(f"这份路线现在是“{plan.get_status_display()}”，只有草稿能改。")


def _saved(plan: Plan, kind: str, by: Actor, now: datetime, client_key: str | None, **facts: object) -> None:
    plan.version += 1
    plan.save(update_fields=["version", "status", "approved_at", "approved_by", "overrule"])
    record(
        kind=f"plan.{kind}", subject_kind="plan", subject_id=plan.pk, by=by, now=now, client_key=client_key,
        title=plan.title, **facts,
    )  # fmt: skip


@transaction.atomic
def place_stop(
    *,
    plan_id: int,
    site_id: int,
    team: int,
    position: int | None = None,
    by: Actor,
    now: datetime,
    seen_version: int | None = None,
    client_key: str | None = None,
) -> Plan:
    """Put a site on a team's route (its number): a stop of the plan is moved there, another site is added.

    `position` counts from 1; None takes the place that costs least. Breaches are named, not forbidden.
    """
    plan, repeated = _taken_up(plan_id, by, client_key, seen_version)
    if repeated:
        return plan
    _draft(plan)
    row = PlanTeam.objects.filter(plan=plan, number=team).first()
    stop = PlanStop.objects.filter(plan=plan, site_id=site_id).select_related("site", "team").first()
    added = stop is None
    site = stop.site if stop else sites_in_scope(by).filter(pk=site_id, active=True).first()
    objections = [] if row else ["请选择队伍。"]
    objections += [] if site else ["没有找到这个点位，或者它已停用、不在您的辖区。"]
    if row is None or site is None:
        raise Refused(objections)
    stop = stop or _new_stop(plan, site)
    old = None if added else stop.team
    others = list(row.stops.exclude(site_id=site_id).select_related("site").order_by("position"))
    at = _best(plan, row, others, stop) if position is None else max(0, min(position - 1, len(others)))
    stop.team = row
    _number([*others[:at], stop, *others[at:]])
    if old is not None and old.pk != row.pk:
        _number(list(old.stops.order_by("position")))
    _saved(plan, "stop_placed", by, now, client_key, site=site_id, team=team, position=at + 1, added=added)
    return plan


def _new_stop(plan: Plan, site: Site) -> PlanStop:
    needs = needs_of(plan.home_id)[site.point_type][1]
    value = next((value for pk, value in plan.candidates if pk == site.pk), 0.0)
    why = StopWhy.MUST if site.pk in plan.must else StopWhy.ADDED
    return PlanStop(plan=plan, site=site, why=why, value=value, **needs._asdict())


def _best(plan: Plan, team: PlanTeam, others: Sequence[PlanStop], stop: PlanStop) -> int:
    ways = Ways.of(plan, [team], [*(each.site for each in others), stop.site])
    new = Halt(stop.site_id, stop.minutes, stop.opens, stop.closes)
    return best_place(-team.number, team.begins, team.ends, halts_of(others), new, ways)


def _number(stops: Sequence[PlanStop]) -> None:
    for position, stop in enumerate(stops, start=1):
        stop.position = position
    new = [stop for stop in stops if stop.pk is None]
    PlanStop.objects.bulk_update([stop for stop in stops if stop.pk is not None], ["position", "team"])
    PlanStop.objects.bulk_create(new)


@transaction.atomic
def drop_stop(
    *, plan_id: int, site_id: int, by: Actor, now: datetime, seen_version: int | None = None,
    client_key: str | None = None,
) -> Plan:  # fmt: skip
    """Take a site off its route."""
    plan, repeated = _taken_up(plan_id, by, client_key, seen_version)
    if repeated:
        return plan
    _draft(plan)
    stop = PlanStop.objects.filter(plan=plan, site_id=site_id).select_related("team").first()
    if stop is None:
        raise Refused("这个点位已经不在路线里。")
    team = stop.team
    stop.delete()
    _number(list(team.stops.order_by("position")))
    _saved(plan, "stop_dropped", by, now, client_key, site=site_id, team=team.number)
    return plan


@transaction.atomic
def discard_plan(
    *, plan_id: int, by: Actor, now: datetime, seen_version: int | None = None, client_key: str | None = None
) -> Plan:
    """The plan is given up; it stays on file. One that became patrols is not: those are cancelled one by one."""
    plan, repeated = _taken_up(plan_id, by, client_key, seen_version)
    if repeated or plan.status == PlanStatus.DISCARDED:
        return plan
    if plan.status == PlanStatus.APPROVED:
        raise Refused("路线已批准，巡查已经安排下去。不去的，请到巡查里逐次取消。")
    plan.status = PlanStatus.DISCARDED
    _saved(plan, "discarded", by, now, client_key)
    return plan


@transaction.atomic
def approve_plan(
    *,
    plan_id: int,
    overrule: str = "",
    by: Actor,
    now: datetime,
    seen_version: int | None = None,
    client_key: str | None = None,
) -> Sequence[Patrol]:
    """The draft becomes ordinary patrols, one for each team with stops, all or none. Approving it again gives the same
    patrols. Where something does not fit (windows, hours, must-visits left out), a reason must be written down.
    """
    plan, repeated = _taken_up(plan_id, by, client_key, None)
    if repeated or plan.status == PlanStatus.APPROVED:
        return _patrols(plan)
    if seen_version is not None and seen_version != plan.version:
        raise Conflict("刚刚有人改过这份路线，下面已是最新的。请看过再批准。")
    _draft(plan)
    routes = routes_of(plan)
    objections = _unfit(plan, routes, overrule, now)
    if objections:
        raise Refused(objections)
    made = [_patrol(plan, route, by, now) for route in routes if route.stops]
    plan.status, plan.approved_at, plan.approved_by = PlanStatus.APPROVED, now, by.name[:80]
    plan.overrule = overrule.strip()[:300]
    _saved(
        plan, "approved", by, now, client_key, patrols=[patrol.pk for patrol in made], reason=plan.overrule,
        stops=sum(len(route.stops) for route in routes),
    )  # fmt: skip
    return made


def _patrols(plan: Plan) -> list[Patrol]:
    return list(Patrol.objects.filter(pk__in=plan.teams.values("patrol")).order_by("pk"))


def _unfit(plan: Plan, routes: Sequence[Route], overrule: str, now: datetime) -> list[str]:
    said = [] if any(route.stops for route in routes) else ["路线里还没有点位。"]
    if plan.day < now.astimezone(SHANGHAI).date():
        said.append("这一天已经过去，请重新排。")
    breaches = sum(route.times.breaches for route in routes)
    if breaches and not overrule.strip():
        said.append(f"有 {breaches} 处时间对不上。请先调整，或写明为什么仍然这样走。")
    return said


def _moment(plan: Plan, minutes: int) -> datetime:
    return datetime.combine(plan.day, time(), SHANGHAI) + timedelta(minutes=minutes)


def _patrol(plan: Plan, route: Route, by: Actor, now: datetime) -> Patrol:
    team, ends = route.team, max(route.team.ends, route.times.back)
    patrol = plan_patrol(
        title=f"{team.name}（{plan.day.month}月{plan.day.day}日）", kind=plan.kind, edition_id=plan.edition_id,
        site_ids=[stop.site_id for stop in route.stops], inspector_ids=[user.pk for user in team.inspectors.all()],
        starts_at=_moment(plan, team.begins), ends_at=_moment(plan, ends),
        planned={stop.site_id: _moment(plan, timed.begins) for stop, timed in zip(route.stops, route.times.stops, strict=True)},
        by=by, now=now,
    )  # fmt: skip
    team.patrol = patrol
    team.save(update_fields=["patrol"])
    return patrol
