"""A small mock examination in the small district: three inspectors, three compounds of four, the lane."""

from datetime import date, datetime, timedelta

from chuangwen.mocks.looks import finish_look, judge
from chuangwen.mocks.models import Answer, Look, Mock
from chuangwen.mocks.operations import decide_mock, publish_mock
from chuangwen.people import operations as people
from chuangwen.people.queries import actor_for
from chuangwen.rules.permissions import SYSTEM, Actor, Role
from tests.campaign_world import more_sites
from tests.rounds import small_edition
from tests.world import BEIJING, NOW, World

ANNOUNCED = date(2020, 6, 25)  # a Thursday
AFTER = datetime(2020, 6, 25, 22, 0, tzinfo=BEIJING)
NUMBERS = [[3, 8, 15, 20, 26, 33], [7], [4, 0, 4]]


def published_mock(world: World) -> Mock:
    """The plan and the list."""
    more_sites(3)
    for name in ("inspector3", "inspector4"):
        user, _ = people.put_user(username=name, display_name=name, by=SYSTEM, now=NOW)
        user.must_change_password = False
        user.save()
        people.appoint(
            username=name, unit_code="CC-WM", role=Role.INSPECTOR, starts_on=date(2020, 1, 1), by=SYSTEM, now=NOW
        )
    return publish_mock(
        name="六月模拟测评", edition_id=small_edition().pk, plan={"RES": 3, "LANE": 1}, announced_on=ANNOUNCED,
        by=world.actor("clerk"), now=NOW, client_key="m-1",
    )  # fmt: skip


def running_mock(world: World) -> Mock:
    """Drawn, with two looks at each of the four places."""
    mock = published_mock(world)
    return decide_mock(mock_id=mock.pk, numbers=NUMBERS, numbers_from="公告", by=world.actor("clerk"), now=AFTER)


def assessor_of(look: Look) -> Actor:
    """Who looks."""
    assert look.assessor is not None
    return actor_for(look.assessor, AFTER.date())


def username_of(look: Look) -> str:
    """The account of who looks."""
    assert look.assessor is not None
    return look.assessor.username


def do(look: Look, *, rest: str = "pass", hours: int = 1, **verdicts: str) -> Look:
    """Judge these criteria (RES_01="fail"; those the look does not ask are skipped) and finish."""
    by, at = assessor_of(look), AFTER + timedelta(hours=hours)
    for name, verdict in verdicts.items():
        code = name.replace("_", "-")
        if Answer.objects.filter(look=look, criterion__code=code).exists():
            judge(look_id=look.pk, criterion_code=code, verdict=verdict, by=by, now=at)
    return finish_look(look_id=look.pk, rest=rest, by=by, now=at)


def looks(mock: Mock, part: int, kind: str = "RES") -> list[Look]:
    """The looks of one part at one type of place, in the order of the list."""
    rows = Look.objects.filter(place__mock=mock, part=part, place__point_type=kind).select_related("assessor", "place")
    return list(rows.order_by("place__number"))
