"""Reading plans, teams and what types of sites need."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from django.db.models import Count, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from chuangwen.people.models import Unit
from chuangwen.places.models import Site
from chuangwen.places.queries import sites_in_scope
from chuangwen.planning.models import MIDNIGHT, Plan, PlanStatus, PlanStop, PlanTeam, Team, TypeTerms, WaysBy
from chuangwen.planning.ways import Ways
from chuangwen.rules.day_tours import Halt, Timeline, timeline
from chuangwen.rules.permissions import OFFICE, Actor, Role
from chuangwen.rules.plan_files import HOURS_BY_KIND, MINUTES_BY_KIND, USUAL_HOURS, USUAL_MINUTES
from chuangwen.rules.refusals import NotFound
from chuangwen.standards.queries import point_types

__all__ = ["MIDNIGHT", "PlanStatus", "WaysBy"]  # the words of the models that pages need


class Needs(NamedTuple):
    """What a stop takes: minutes, and the minutes of the day between which it may begin."""

    minutes: int
    opens: int
    closes: int


def home_of(actor: Actor) -> Unit | None:
    """The branch that this person's office looks after."""
    scopes = sorted(actor.scopes(*OFFICE), key=len)
    return Unit.objects.filter(path=scopes[0]).first() if scopes else None


def _within(actor: Actor, *roles: Role) -> Q:
    reach = Q(pk__in=[])
    for scope in set(actor.scopes(*roles)):
        reach |= Q(home__path__startswith=scope)
    return Q() if actor.system else reach


def teams_for(actor: Actor) -> QuerySet[Team]:
    """The teams of the offices that this person belongs to or leads."""
    return Team.objects.filter(_within(actor, *OFFICE, Role.LEADER)).prefetch_related("inspectors")


def team_for(actor: Actor, team_id: int) -> Team:
    """The door to a team, for those who may change it."""
    found = Team.objects.filter(_within(actor, *OFFICE), pk=team_id).prefetch_related("inspectors").first()
    if found is None:
        raise NotFound
    return found


def plans_for(actor: Actor) -> QuerySet[Plan]:
    """The plans of the offices that this person belongs to or leads."""
    return Plan.objects.filter(_within(actor, *OFFICE, Role.LEADER)).defer("ways", "places", "candidates")


def with_sizes(plans: QuerySet[Plan]) -> QuerySet[Plan]:
    """Adds `stop_count` and `team_count` (teams with stops)."""
    stops = PlanStop.objects.filter(plan=OuterRef("pk")).order_by().values("plan")
    return plans.annotate(
        stop_count=Coalesce(Subquery(stops.annotate(n=Count("pk")).values("n")), 0),
        team_count=Coalesce(Subquery(stops.annotate(n=Count("team", distinct=True)).values("n")), 0),
    )


def plan_for(actor: Actor, plan_id: int) -> Plan:
    """The door: the plan when the actor may see it. Unseen and unknown look alike."""
    found = Plan.objects.filter(_within(actor, *OFFICE, Role.LEADER), pk=plan_id).select_related("home", "edition")
    plan = found.first()
    if plan is None:
        raise NotFound
    return plan


def locked_plan(actor: Actor, plan_id: int) -> Plan:
    """The plan through its door, locked for this transaction."""
    rows = Plan.objects.select_for_update(of=("self",)).filter(_within(actor, *OFFICE, Role.LEADER), pk=plan_id)
    plan = rows.select_related("home").first()
    if plan is None:
        raise NotFound
    return plan


def usual_needs(kind: str) -> Needs:
    """What a type of site takes while the office has not said otherwise; by the words in the type's name."""
    minutes = next((each for word, each in MINUTES_BY_KIND.items() if word in kind), USUAL_MINUTES)
    return Needs(minutes, *next((each for word, each in HOURS_BY_KIND.items() if word in kind), USUAL_HOURS))


def needs_of(home_id: int) -> dict[str, tuple[str, Needs, bool]]:
    """For each type of site its name, what a stop takes, and whether the office set that itself."""
    own = {row.point_type: row for row in TypeTerms.objects.filter(home_id=home_id)}
    found = {}
    for kind in point_types():
        row = own.get(kind.code)
        needs = Needs(row.minutes, row.opens, row.closes) if row else usual_needs(kind.name)
        found[kind.code] = (kind.name, needs, row is not None)
    return found


@dataclass(frozen=True)
class Route:
    """One team of a plan with its stops in order, and what the clock says of them."""

    team: PlanTeam
    stops: Sequence[PlanStop]
    times: Timeline

    @property
    def rows(self) -> Sequence[tuple[PlanStop, object]]:
        """Each stop with its times."""
        return list(zip(self.stops, self.times.stops, strict=True))

    @property
    def visit_minutes(self) -> int:
        """Minutes at the sites."""
        return sum(stop.minutes for stop in self.stops)


def halts_of(stops: Sequence[PlanStop]) -> list[Halt]:
    """As the rules know them; a site's place is its number."""
    return [Halt(stop.site_id, stop.minutes, stop.opens, stop.closes) for stop in stops]


def routes_of(plan: Plan) -> list[Route]:
    """Every team with its stops and times; four statements at most."""
    teams = list(PlanTeam.objects.filter(plan=plan).prefetch_related("inspectors"))
    stops: dict[int, list[PlanStop]] = {team.pk: [] for team in teams}
    for stop in PlanStop.objects.filter(plan=plan).select_related("site__street").order_by("team__number", "position"):
        stops[stop.team_id].append(stop)
    ways = Ways.of(plan, teams, [stop.site for tour in stops.values() for stop in tour])
    return [Route(team, stops[team.pk], timed(team, stops[team.pk], ways)) for team in teams]


def timed(team: PlanTeam, stops: Sequence[PlanStop], ways: Ways) -> Timeline:
    """What the clock says of a team's stops in this order."""
    return timeline(-team.number, team.begins, team.ends, halts_of(stops), ways)


def value_of(routes: Sequence[Route]) -> float:
    """What all stops are worth together."""
    return round(sum(stop.value for route in routes for stop in route.stops), 1)


def missing_must(plan: Plan, routes: Sequence[Route]) -> list[tuple[int, str, str]]:
    """Must-visits that are on no route: site, name, and why (from the search, else that somebody took it out)."""
    there = {stop.site_id for route in routes for stop in route.stops}
    gone = [pk for pk in plan.must if pk not in there]
    if not gone:
        return []
    said = {row["site"]: row["why"] for row in plan.left_out}
    names = dict(Site.objects.filter(pk__in=gone).values_list("pk", "name"))
    return [(pk, names.get(pk, ""), said.get(pk, "排好以后由人移出。")) for pk in gone if pk in names]


def candidates_of(actor: Actor, plan: Plan, routes: Sequence[Route], at_most: int = 150) -> list[tuple[Site, float]]:
    """Sites that were weighed and are on no route, the most valuable first, as far as the actor may see them."""
    there = {stop.site_id for route in routes for stop in route.stops}
    left = [(pk, value) for pk, value in plan.candidates if pk not in there][:at_most]
    sites = {site.pk: site for site in sites_in_scope(actor).filter(pk__in=[pk for pk, _ in left], active=True)}
    return [(sites[pk], value) for pk, value in left if pk in sites]
