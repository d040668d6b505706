"""Tomorrow in the small district: two teams, more lanes, and a plan that was worked out without a process of its own."""

from collections.abc import Callable, Sequence
from datetime import timedelta
from decimal import Decimal
from typing import Any

from chuangwen.places.operations import put_site
from chuangwen.planning.asking import PlanFacts, run_plan, start_plan
from chuangwen.planning.models import Plan, Team
from chuangwen.planning.operations import put_team
from chuangwen.rules.permissions import SYSTEM
from chuangwen.rules.tour_search import DAILY, search
from chuangwen.rules.tours import Assigned, Matrix, Problem
from chuangwen.standards.models import Edition
from tests.rounds import small_edition
from tests.world import NOW, World

TOMORROW = (NOW + timedelta(days=1)).date()


def quick_tours(problem: Problem, seed: int, tell: Callable[[float], None]) -> Sequence[Assigned]:
    """Good enough, in a few milliseconds."""
    tell(0.5)
    *_, found = search(problem, seed=seed % 1_000, rounds=3, iterations=40, weights=DAILY)
    return found.best


def no_roads(_points: Sequence[tuple[float, float]]) -> Matrix | None:
    """A road service that does not answer."""
    return None


def lanes(count: int) -> list[int]:
    """Further lanes, a few hundred metres apart."""
    return [
        put_site(
            code=f"L-{number:02}", name=f"巷{number:02}", point_type="LANE", owner_code="XT-01", lng="120.871000",
            lat=f"{32.012 + number / 500:.6f}", area_code="A-XT-01", by=SYSTEM, now=NOW,
        )[0].pk
        for number in range(count)
    ]  # fmt: skip


def teams(world: World, **changes: Any) -> list[Team]:
    """甲组 and 乙组, an inspector each, from the office at the compound."""
    facts: dict[str, Any] = {
        "start_name": "区文明办", "lng": Decimal("120.872"), "lat": Decimal("32.011"), "begins": 510, "ends": 1050,
        "by": world.actor("clerk"), "now": NOW, **changes,
    }  # fmt: skip
    people = {"甲组": "inspector", "乙组": "inspector2"}
    return [put_team(name=name, inspector_ids=[world.actor(who).user_id or 0], **facts) for name, who in people.items()]


def asked(world: World, **changes: Any) -> Plan:
    """A plan for tomorrow that waits for the worker."""
    edition = Edition.objects.first() or small_edition()
    found = changes.pop("teams", None) or teams(world)
    facts: dict[str, Any] = {
        "day": TOMORROW, "team_ids": [team.pk for team in found], "edition_id": edition.pk, "random_percent": 0, **changes,
    }  # fmt: skip
    return start_plan(facts=PlanFacts(**facts), by=world.actor("clerk"), now=NOW)


def drafted(world: World, **changes: Any) -> Plan:
    """A draft of tomorrow."""
    plan = asked(world, **changes)
    run_plan(plan_id=plan.pk, solve=quick_tours, service=no_roads, now=NOW)
    plan.refresh_from_db()
    return plan
