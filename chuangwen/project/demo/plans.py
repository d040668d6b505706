"""Tomorrow's routes of the sample: three teams, a draft that waits for somebody to look at it and approve it."""

from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal

from chuangwen.people.models import Post
from chuangwen.people.queries import actor_by_username
from chuangwen.places.models import Site
from chuangwen.planning.asking import PlanFacts, run_plan, start_plan
from chuangwen.planning.models import Team
from chuangwen.planning.operations import put_team
from chuangwen.rules.deadlines import SHANGHAI
from chuangwen.rules.permissions import Actor, Role
from chuangwen.rules.tour_search import DAILY, search
from chuangwen.rules.tours import Assigned, Matrix, Problem
from chuangwen.standards.models import Edition
from chuangwen.standards.queries import work_calendar

NAMES = ("第一组", "第二组", "第三组")
START = ("区文明办", Decimal("120.8640"), Decimal("32.0110"))
ITERATIONS = 500  # a second or so


def load(*, edition: Edition, now: datetime) -> None:
    """Through the same operations as people; the worker's search is made short."""
    by = actor_by_username("clerk", now.date())
    people = list(Post.objects.filter(role=Role.INSPECTOR.value).order_by("pk").values_list("user_id", flat=True))
    teams = [_team(name, people[at::3], by, now) for at, name in enumerate(NAMES) if people[at::3]]
    must = list(Site.objects.filter(active=True).order_by("code").values_list("pk", flat=True)[10::150])[:3]
    facts = PlanFacts(
        day=_next_working_day(now), team_ids=[team.pk for team in teams], edition_id=edition.pk, must_ids=must
    )
    plan = start_plan(facts=facts, by=by, now=now, client_key="demo-plan")
    run_plan(plan_id=plan.pk, solve=_short, service=_no_roads, now=now)


def _team(name: str, people: Sequence[int], by: Actor, now: datetime) -> Team:
    where, lng, lat = START
    return put_team(
        name=name, inspector_ids=people, start_name=where, lng=lng, lat=lat, begins=510, ends=1050, by=by, now=now
    )


def _next_working_day(now: datetime) -> date:
    calendar, day = work_calendar(), now.astimezone(SHANGHAI).date() + timedelta(days=1)
    while not calendar.is_working(day):
        day += timedelta(days=1)
    return day


def _short(problem: Problem, seed: int, _tell: Callable[[float], None]) -> Sequence[Assigned]:
    *_, found = search(problem, seed=seed % 1_000, rounds=1, iterations=ITERATIONS, weights=DAILY)
    return found.best


def _no_roads(_points: Sequence[tuple[float, float]]) -> Matrix | None:
    return None
