"""A week with something to draw from: closed cases and passed checklists, then a draw, for tests of re-checks."""

from datetime import date, datetime, timedelta
from decimal import Decimal

from chuangwen.patrols.models import Patrol, Visit
from chuangwen.patrols.operations import finish_visit, plan_patrol
from chuangwen.places.models import Site
from chuangwen.rechecks.models import Draw, Task
from chuangwen.rechecks.operations import decide_draw, publish_draw
from chuangwen.rules.case_flow import Status
from chuangwen.standards.models import Edition
from tests.rounds import small_edition
from tests.world import BEIJING, NOW, World

MONDAY, SUNDAY = date(2020, 6, 15), date(2020, 6, 21)
LAST_WEEK = datetime(2020, 6, 17, 9, 0, tzinfo=BEIJING)
ANNOUNCED = date(2020, 6, 25)  # a Thursday
AFTER = datetime(2020, 6, 25, 22, 0, tzinfo=BEIJING)
NUMBERS = [[3, 8, 15, 20, 26, 33], [7], [4, 0, 4]]


def passed_visit(world: World, edition: Edition, site: Site, *, inspector: str = "inspector") -> Visit:
    """A checklist of last week on which everything was in order."""
    patrol: Patrol = plan_patrol(
        title=f"{site.name}巡查", edition_id=edition.pk, site_ids=[site.pk],
        inspector_ids=[world.actor(inspector).user_id or 0], starts_at=LAST_WEEK, ends_at=LAST_WEEK + timedelta(hours=8),
        by=world.actor("clerk"), now=LAST_WEEK,
    )  # fmt: skip
    at = LAST_WEEK + timedelta(hours=1)
    return finish_visit(patrol_id=patrol.pk, site_id=site.pk, rest_passes=True, by=world.actor(inspector), now=at)


def a_week(world: World) -> tuple[list[int], list[Visit]]:
    """Two closed cases at the compound, two passed visits by the first inspector and one by the second."""
    edition = small_edition()
    cases = [world.case_at(Status.CLOSED, now=LAST_WEEK, title=f"楼道堆物{n}").pk for n in range(2)]
    visits = [passed_visit(world, edition, world.compound), passed_visit(world, edition, world.lane)]
    return cases, [*visits, passed_visit(world, edition, world.lane, inspector="inspector2")]


def published(world: World, *, share: str = "1") -> Draw:
    """The draw of that week, published on the Wednesday after it."""
    return publish_draw(
        starts_on=MONDAY, ends_on=SUNDAY, share=Decimal(share), announced_on=ANNOUNCED, by=world.actor("clerk"), now=NOW
    )


def decided(world: World, *, share: str = "1") -> Draw:
    """The same, after the numbers were entered."""
    draw = published(world, share=share)
    return decide_draw(
        draw_id=draw.pk, numbers=NUMBERS, numbers_from="福彩中心公告", by=world.actor("clerk"), now=AFTER
    )


def task_on_visit(draw: Draw, visit: Visit) -> Task:
    """The task that looks at a visit again."""
    return Task.objects.get(candidate__draw=draw, candidate__kind="visit", candidate__subject_id=visit.pk)
