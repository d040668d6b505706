"""What the rules plan with: the sites of a branch with their value, hours and last visit, out of what was found there."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from importlib import import_module

from django.apps import apps
from django.db.models import Count

from chuangwen.patrols.models import Finding, PatrolSite, Verdict, Visit
from chuangwen.patrols.queries import concealed
from chuangwen.places.models import Site as Place
from chuangwen.planning.models import Plan, PlanTeam
from chuangwen.planning.queries import needs_of, usual_needs
from chuangwen.rules.deadlines import SHANGHAI
from chuangwen.rules.planning import Site, Team
from chuangwen.rules.planning_values import Looked, look_values

YEAR = timedelta(days=365)
FORECAST, LOOKS = "forecast", "looks"


@dataclass(frozen=True)
class Ground:
    """The sites that take part, by the order of their codes, as rows and as the rules know them; `values_by` says where
    the values come from, `busy` how many already are on a round of that day.
    """

    places: Sequence[Place]
    sites: Sequence[Site]
    values_by: str
    busy: int


def ground_of(plan: Plan, *, now: datetime) -> Ground:
    """Everything at home in the plan's branch (in its table, if it has one), without what is on another round already."""
    rows = Place.objects.filter(home__path__startswith=plan.home.path, active=True).order_by("code")
    if plan.places:
        rows = rows.filter(pk__in=[place for place in plan.places if place > 0])
    must, busy = set(plan.must), _busy(plan, now)
    places = [place for place in rows if place.pk in must or place.pk not in busy]
    last = _last_looks(now)
    values, source = _values(places, last, plan.day, now)
    needs = {code: given for code, (_name, given, _own) in needs_of(plan.home_id).items()}
    sites = [_site(place, needs, values, last, must=place.pk in must) for place in places]
    return Ground(places, sites, source, len(busy - must))


def _site(
    place: Place,
    needs: Mapping[str, tuple[int, int, int]],
    values: Mapping[int, float],
    last: Mapping[int, tuple[date, int]],
    *,
    must: bool,
) -> Site:
    minutes, opens, closes = needs.get(place.point_type) or usual_needs("")
    day, inspector = last.get(place.pk, (None, 0))
    return Site(
        name=place.name, kind=place.point_type, lat=float(place.lat), lon=float(place.lng),
        value=max(values.get(place.pk, 0.0), 0.0), minutes=minutes, hours=(opens, closes), must=must, last_visited=day,
        last_inspector=str(inspector) if inspector else "",
    )  # fmt: skip


def team_of(team: PlanTeam) -> Team:
    """A team as the rules know it; its inspectors are their numbers, for nothing but the change of eyes."""
    people = tuple(str(user.pk) for user in team.inspectors.all())
    return Team(team.name, people, float(team.lat), float(team.lng), team.begins, team.ends)


def _busy(plan: Plan, now: datetime) -> set[int]:
    """Sites that an open round up to that day holds already; secret rounds are not looked at, so they cannot be noticed."""
    until = datetime.combine(plan.day + timedelta(days=1), time(), SHANGHAI)
    rows = PatrolSite.objects.filter(patrol__cancelled_at=None, patrol__ends_at__gt=now, patrol__starts_at__lt=until)
    return set(rows.exclude(patrol__in=concealed().values("pk")).values_list("site_id", flat=True))


def _last_looks(now: datetime) -> dict[int, tuple[date, int]]:
    """For each site visited within a year: the day of the last finished visit and who looked."""
    rows = Visit.objects.filter(finished_at__gt=now - YEAR).exclude(patrol__in=concealed().values("pk"))
    found = rows.order_by("finished_at", "pk").values_list("site_id", "finished_at", "inspector_id")
    return {site: (at.astimezone(SHANGHAI).date(), inspector) for site, at, inspector in found if at}


def _values(
    places: Sequence[Place], last: Mapping[int, tuple[date, int]], day: date, now: datetime
) -> tuple[Mapping[int, float], str]:
    """By the forecast where there is one, else by the time since the last look times the share that fails."""
    if apps.is_installed("chuangwen.forecasts"):
        said: dict[int, float] = import_module("chuangwen.forecasts.queries").site_values(now)
        if any(said.get(place.pk, 0) > 0 for place in places):
            return said, FORECAST
    counts = _found(now)
    looked = {
        place.pk: Looked(
            place.point_type,
            (day - last[place.pk][0]).days if place.pk in last else None,
            counts.get((place.pk, Verdict.FAIL.value), 0),
            sum(counts.get((place.pk, verdict.value), 0) for verdict in (Verdict.PASS, Verdict.FAIL)),
        )
        for place in places
    }
    return look_values(looked), LOOKS


def _found(now: datetime) -> dict[tuple[int, str], int]:
    rows = Finding.objects.filter(visit__finished_at__gt=now - YEAR).exclude(visit__patrol__in=concealed().values("pk"))
    counted = rows.order_by().values_list("visit__site_id", "verdict").annotate(n=Count("pk"))
    return {(site, verdict): n for site, verdict, n in counted}
