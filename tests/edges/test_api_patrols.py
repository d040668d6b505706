"""Patrols through the interface for other programs: the round, the checklist, findings that open cases."""

from datetime import timedelta
from typing import Any

import pytest

from chuangwen.cases.models import Case
from chuangwen.patrols.models import Finding, Patrol
from chuangwen.patrols.operations import cancel_patrol, plan_patrol
from chuangwen.rules.case_flow import Status
from tests.edges.programs import objections, program
from tests.rounds import small_patrol
from tests.world import NOW, World

pytestmark = pytest.mark.usefixtures("wednesday")


def test_what_is_mine_is_the_open_rounds_that_name_me(world: World) -> None:
    first = small_patrol(world)
    later = plan_patrol(
        title="下午", edition_id=first.edition_id, site_ids=[world.lane.pk],
        inspector_ids=[world.actor("inspector").user_id or 0], starts_at=NOW + timedelta(hours=5),
        ends_at=NOW + timedelta(hours=8), by=world.actor("clerk"), now=NOW,
    )  # fmt: skip
    gone = small_patrol(world, edition=first.edition)
    cancel_patrol(patrol_id=gone.pk, reason="暴雨", by=world.actor("clerk"), now=NOW)
    mine = program(world, "inspector").get("patrols/mine").json()
    assert [row["id"] for row in mine] == [first.pk, later.pk]
    assert (mine[0]["stop_count"], mine[0]["done_count"], mine[0]["kind_label"]) == (2, 0, "日常巡查")
    assert program(world, "inspector2").get("patrols/mine").json() == []
    assert program(world, "clerk").get("patrols/mine").json() == []


def test_the_list_shows_the_office_all_rounds_and_an_inspector_only_theirs(world: World) -> None:
    edition = small_patrol(world).edition
    for _ in range(3):
        small_patrol(world, inspector="inspector2", edition=edition)
    clerk = program(world, "clerk")
    answer = clerk.get("patrols", size=3)
    seen = [row["id"] for row in answer.json()["items"]]
    rest = clerk.client.get(answer.json()["next"], headers=clerk.headers).json()
    assert seen + [row["id"] for row in rest["items"]] == list(
        Patrol.objects.order_by("-id").values_list("pk", flat=True)
    )
    assert rest["next"] == ""
    assert len(program(world, "inspector").get("patrols").json()["items"]) == 1
    assert program(world, "wy_chief").get("patrols").json()["items"] == []
    assert clerk.get("patrols", sise=3).status_code == 400


def test_a_round_shows_its_stops_in_order_and_who_was_there(world: World) -> None:
    patrol = small_patrol(world)
    inspector = program(world, "inspector")
    inspector.post(f"patrols/{patrol.pk}/findings", site_id=world.lane.pk, criterion_code="LANE-01", verdict="fail")
    inspector.post(f"patrols/{patrol.pk}/stops/{world.lane.pk}/finish", rest_passes=True)
    stops = program(world, "leader").get(f"patrols/{patrol.pk}").json()["stops"]
    assert [(stop["position"], stop["site"]["code"]) for stop in stops] == [(1, "S-RES-1"), (2, "S-LANE-1")]
    assert stops[0]["visits"] == []
    assert [(visit["inspector"], visit["failed"]) for visit in stops[1]["visits"]] == [("巡查员甲", 1)]


def test_a_round_of_somebody_else_and_a_round_that_is_not_there_look_alike(world: World) -> None:
    patrol = small_patrol(world)
    other = program(world, "inspector2")
    hidden, missing = other.get(f"patrols/{patrol.pk}"), other.get("patrols/99999")
    assert (hidden.status_code, hidden.content) == (404, missing.content)
    assert other.get(f"patrols/{patrol.pk}/stops/{world.compound.pk}").status_code == 404
    assert other.post(f"patrols/{patrol.pk}/stops/{world.compound.pk}/finish").status_code == 404


def test_the_checklist_of_a_stop_fits_its_type_and_shows_what_i_judged(world: World) -> None:
    patrol = small_patrol(world)
    inspector = program(world, "inspector")
    photo = inspector.photo_id()
    inspector.post(
        f"patrols/{patrol.pk}/findings", site_id=world.compound.pk, criterion_code="RES-10", verdict="fail",
        note="3号楼", photo_ids=[photo],
    )  # fmt: skip
    stop = inspector.get(f"patrols/{patrol.pk}/stops/{world.compound.pk}").json()
    assert [row["code"] for row in stop["checklist"]] == ["RES-01", "RES-10", "RES-16"]
    assert stop["checklist"][1]["photo_on_fail"] is True
    assert stop["contact_phone"] == "13900001234"
    assert stop["visit"]["finished_at"] is None
    (judged,) = stop["findings"]
    assert (judged["criterion_code"], judged["verdict"], judged["photo_ids"]) == ("RES-10", "fail", [photo])
    assert judged["case_id"] == Case.objects.get().pk
    seen = program(world, "leader").get(f"patrols/{patrol.pk}/stops/{world.compound.pk}").json()
    assert (seen["contact_phone"], seen["visit"], seen["findings"]) == ("139****1234", None, [])


def test_a_place_outside_the_round_has_no_checklist(world: World) -> None:
    patrol = small_patrol(world)
    answer = program(world, "inspector").get(f"patrols/{patrol.pk}/stops/99999")
    assert (answer.status_code, objections(answer)) == (404, ["这个点位不在本次巡查里。"])


def test_a_failed_finding_sent_twice_opens_one_case_on_its_way_to_the_owner(world: World) -> None:
    patrol = small_patrol(world)
    inspector = program(world, "inspector")
    body = {
        "site_id": world.compound.pk, "criterion_code": "RES-10", "verdict": "fail", "note": "纸箱",
        "photo_ids": [inspector.photo_id()], "lng": 120.8710001234, "lat": 32.011, "client_key": "f-1",
    }  # fmt: skip
    first, again = (inspector.post(f"patrols/{patrol.pk}/findings", **body) for _ in range(2))
    assert (first.status_code, again.status_code) == (201, 201), first.content.decode()
    assert first.json() == again.json()
    case = Case.objects.get(pk=first.json()["case_id"])
    assert (case.flow_status, case.unit, case.photos.count()) == (Status.DISPATCHED, world.unit("XT-01-WY"), 1)
    assert str(Finding.objects.get().lng) == "120.871000"


def test_a_finding_that_passes_opens_no_case_and_keeps_no_position(world: World) -> None:
    patrol = small_patrol(world)
    answer = program(world, "inspector").post(
        f"patrols/{patrol.pk}/findings", site_id=world.compound.pk, criterion_code="RES-01", verdict="pass",
        lng=120.87, lat=32.01,
    )  # fmt: skip
    assert (answer.status_code, answer.json()["case_id"]) == (201, None)
    assert Finding.objects.get().lng is None


@pytest.mark.parametrize(
    ("body", "status", "word"),
    [
        ({"criterion_code": "RES-10", "verdict": "fail"}, 403, "照片"),
        ({"criterion_code": "LANE-01", "verdict": "pass"}, 403, "检查单"),
        ({"criterion_code": "RES-01", "verdict": "good"}, 422, "verdict"),
        ({"criterion_code": "RES-01", "verdict": "fail", "photo_ids": [999]}, 404, "照片"),
        ({"criterion_code": "RES-01"}, 422, "缺少 verdict"),
        ({"criterion_code": "RES-01", "verdict": "pass", "site_id": 99999}, 404, "点位"),
    ],
    ids=str,
)
def test_a_finding_that_cannot_be_taken_says_why(world: World, body: dict[str, Any], status: int, word: str) -> None:
    patrol = small_patrol(world)
    answer = program(world, "inspector").post(f"patrols/{patrol.pk}/findings", **{"site_id": world.compound.pk, **body})
    assert answer.status_code == status, answer.content.decode()
    assert word in objections(answer)[0]
    assert not Finding.objects.exists()


def test_only_the_assigned_inspector_judges(world: World) -> None:
    patrol = small_patrol(world)
    body = {"site_id": world.compound.pk, "criterion_code": "RES-01", "verdict": "pass"}
    for username in ("inspector2", "clerk", "leader", "wy_worker", "gz_clerk"):
        assert program(world, username).post(f"patrols/{patrol.pk}/findings", **body).status_code == 404


def test_a_stop_is_finished_when_everything_is_judged_or_the_rest_is_said_to_pass(world: World) -> None:
    patrol = small_patrol(world)
    inspector = program(world, "inspector")
    address = f"patrols/{patrol.pk}/stops/{world.compound.pk}/finish"
    early = inspector.post(address)
    assert early.status_code == 403
    assert "还有 3 条没有判定" in objections(early)[0]
    done = inspector.post(address, rest_passes=True)
    assert done.json()["site_id"] == world.compound.pk
    assert Finding.objects.filter(verdict="pass").count() == 3
    late = inspector.post(
        f"patrols/{patrol.pk}/findings", site_id=world.compound.pk, criterion_code="RES-01", verdict="na"
    )
    assert late.status_code == 403
