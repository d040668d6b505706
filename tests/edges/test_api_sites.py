"""Sites through the interface for other programs: what is in reach, whom to call, which grid a place lies in."""

from typing import Any

import pytest

from chuangwen.patrols.operations import cancel_patrol
from chuangwen.places.operations import put_site
from chuangwen.rules.permissions import SYSTEM
from chuangwen.rules.text import mask_phone
from tests.edges.programs import objections, program
from tests.rounds import small_patrol
from tests.world import NOW, World

pytestmark = pytest.mark.usefixtures("wednesday")
PHONE = "13900001234"


def codes(answer: Any) -> list[str]:
    """The sites on a page."""
    assert answer.status_code == 200, answer.content.decode()
    return [row["code"] for row in answer.json()["items"]]


def another_site(code: str, **given: Any) -> None:
    """One more site of the compound's owner."""
    put_site(
        **{"code": code, "name": code, "point_type": "RES", "owner_code": "XT-01-WY", "lng": "120.88", "lat": "32.02"} | given,
        by=SYSTEM, now=NOW,
    )  # fmt: skip


def test_the_list_shows_the_sites_in_reach_and_nobody_elses(world: World) -> None:
    assert codes(program(world, "clerk").get("sites")) == ["S-LANE-1", "S-RES-1"]
    assert codes(program(world, "wf_chief").get("sites")) == ["S-LANE-1"]
    assert codes(program(world, "gz_clerk").get("sites")) == []


@pytest.mark.parametrize(
    "wanted", [{"point_type": "RES"}, {"street": "XT"}, {"owner": "物业"}, {"q": "南苑"}, {"q": "学田 s-res"}], ids=str
)
def test_a_filter_leaves_only_its_sites(world: World, wanted: dict[str, str]) -> None:
    another_site("S-OLD", name="学田南苑旧址", active=False)
    assert codes(program(world, "clerk").get("sites", **wanted)) == ["S-RES-1"]


def test_a_misspelt_filter_shows_nothing(world: World) -> None:
    answer = program(world, "clerk").get("sites", streets="XT")
    assert answer.status_code == 400
    assert objections(answer) == ["不认识 streets，请检查拼写。"]


def test_walking_the_pages_shows_every_site_once(world: World) -> None:
    for number in range(5):
        another_site(f"S-{number}")
    clerk = program(world, "clerk")
    answer = clerk.get("sites", size=3, street="XT")
    seen = codes(answer)
    while following := answer.json()["next"]:
        answer = clerk.client.get(following, headers=clerk.headers)
        seen += codes(answer)
    assert seen == ["S-0", "S-1", "S-2", "S-3", "S-4", "S-RES-1"]


def test_the_list_gives_no_telephone_number_to_anybody(world: World) -> None:
    for username in ("admin", "clerk", "inspector", "leader"):
        assert PHONE not in program(world, username).get("sites").content.decode()


@pytest.mark.parametrize(
    ("username", "shown"),
    [("clerk", PHONE), ("admin", PHONE), ("leader", "139****1234"), ("wy_worker", "139****1234"), ("grid", None)],
)
def test_the_number_to_call_is_for_those_who_manage_places(world: World, username: str, shown: str | None) -> None:
    answer = program(world, username).get(f"sites/{world.compound.pk}")
    assert (answer.json()["contact_phone"] if answer.status_code == 200 else None) == shown
    assert shown == PHONE or PHONE not in answer.content.decode()


def test_an_inspector_can_call_where_an_open_round_stops(world: World) -> None:
    address = f"sites/{world.compound.pk}"
    patrol = small_patrol(world, inspector="inspector")
    assigned, other = program(world, "inspector"), program(world, "inspector2")
    assert assigned.get(address).json()["contact_phone"] == PHONE
    assert other.get(address).json()["contact_phone"] == "139****1234"
    cancel_patrol(patrol_id=patrol.pk, reason="暴雨", by=world.actor("clerk"), now=NOW)
    assert assigned.get(address).json()["contact_phone"] == "139****1234"


@pytest.mark.parametrize(
    ("number", "shown"),
    [("13900001234", "139****1234"), ("0513-85501234", "051*-****1234"), ("12345", "***45"), ("1", "1"), ("", "")],
)
def test_a_masked_number_can_be_recognised_but_not_dialled(number: str, shown: str) -> None:
    assert mask_phone(number) == shown


def test_a_site_elsewhere_and_a_site_that_is_not_there_look_alike(world: World) -> None:
    foreign = program(world, "gz_clerk")
    hidden, missing = foreign.get(f"sites/{world.compound.pk}"), foreign.get("sites/99999")
    assert (hidden.status_code, hidden.content) == (404, missing.content)
    assert missing.status_code == 404


def test_the_grid_of_a_position_names_the_unit_at_home_there(world: World) -> None:
    inspector = program(world, "inspector")
    assert inspector.get("sites/grid", lng=120.875, lat=32.015).json() == {
        "code": "A-XT-01-G1", "name": "A-XT-01-G1", "unit": {"code": "XT-01-G1", "name": "学田社区第一网格"},
    }  # fmt: skip
    assert objections(inspector.get("sites/grid", lng=10, lat=10)) == ["这个位置不在任何网格内。"]
    for nonsense in ({"lng": "nan", "lat": "1"}, {"lng": 181, "lat": 0}, {"lng": 120}):
        assert inspector.get("sites/grid", **nonsense).status_code == 422
