"""What a request costs in statements. The budgets are in query_budgets.json; other files may measure more of them."""

from datetime import timedelta
from typing import Any

import pytest

from chuangwen.patrols.operations import record_finding
from chuangwen.places.operations import put_site
from chuangwen.rules.case_flow import BY_HAND, TABLE, Move, Status
from chuangwen.rules.permissions import SYSTEM
from chuangwen.standards.queries import work_calendar
from tests.budgets import budget, budgets
from tests.edges.programs import program
from tests.edges.test_api_cases import WHO_AND_WHAT, at_status
from tests.paths import ROOT
from tests.rounds import small_patrol
from tests.world import NOW, World, photo_id


@pytest.fixture(autouse=True)
def ten_o_clock(monkeypatch: pytest.MonkeyPatch, world: World) -> None:
    """An hour after the cases began to walk; the calendar is known, as it is but once a minute."""
    monkeypatch.setattr("chuangwen.http.clock", lambda: NOW + timedelta(hours=1))
    work_calendar()


def test_every_budget_on_file_is_measured_somewhere() -> None:
    tests = "\n".join(path.read_text(encoding="utf-8") for path in (ROOT / "tests").rglob("test_*.py"))
    idle = [route for route in budgets() if f'"{route}"' not in tests]
    assert not idle, "query_budgets.json 里这些条目没有测试在量"


def test_a_list_of_fifty_cases(world: World) -> None:
    for number in range(55):
        world.open_case(title=f"第{number}件")
    clerk = program(world, "clerk")
    with budget("GET /api/cases"):
        answer = clerk.get("cases", q="第", state="open", street="XT", sort="due")
    assert len(answer.json()["items"]) == 50
    with budget("GET /api/cases"):
        clerk.get("cases", unit="XT")


def test_one_case_with_its_history_and_photos(world: World) -> None:
    by = world.actor("inspector")
    case = world.case_at(Status.HANDLING, photo_ids=[photo_id(by, colour) for colour in ("red", "green", "blue")])
    chief = program(world, "wy_chief")
    with budget("GET /api/cases/{case_id}"):
        answer = chief.get(f"cases/{case.pk}")
    assert len(answer.json()["photos"]) == 3


@pytest.mark.parametrize("where", ["site", "position"])
def test_a_report(world: World, where: str) -> None:
    inspector = program(world, "grid")
    at = {"site_id": world.compound.pk} if where == "site" else {"lng": 120.875, "lat": 32.015}
    acting = program(world, "inspector") if where == "site" else inspector
    picture = acting.photo_id()
    with budget("POST /api/cases"):
        answer = acting.post("cases", title="楼道堆物", photo_ids=[picture], client_key="b-1", **at)
    assert answer.status_code == 201, answer.content.decode()


@pytest.mark.parametrize(
    "arrow", [step for step in TABLE.values() if step.move in BY_HAND], ids=lambda arrow: f"{arrow.source}-{arrow.move}"
)
def test_a_move(world: World, arrow: Any) -> None:
    case = at_status(world, arrow.source, arrow.move)
    username, body = WHO_AND_WHAT[Move(arrow.move)]
    acting = program(world, username)
    given = body(world, acting)
    with budget("POST /api/cases/{case_id}/{move}"):
        answer = acting.post(
            f"cases/{case.pk}/{arrow.move.value}", **given, client_key="b-1", seen_version=case.version
        )
    assert answer.status_code == 200, answer.content.decode()


def test_an_extension(world: World) -> None:
    case = world.case_at(Status.HANDLING)
    chief, clerk = program(world, "wy_chief"), program(world, "clerk")
    with budget("POST /api/cases/{case_id}/extensions"):
        asked = chief.post(f"cases/{case.pk}/extensions", reason="等配件", client_key="b-1")
    with budget("POST /api/cases/{case_id}/extensions"):
        decided = clerk.post(f"cases/{case.pk}/extensions/decision", granted=True, client_key="b-2")
    assert (asked.status_code, decided.status_code) == (200, 200)


def test_rounds(world: World) -> None:
    patrol = small_patrol(world)
    inspector = program(world, "inspector")
    for code in ("RES-01", "RES-16"):
        record_finding(
            patrol_id=patrol.pk, site_id=world.compound.pk, criterion_code=code, verdict="fail",
            by=world.actor("inspector"), now=NOW,
        )  # fmt: skip
    with budget("GET /api/patrols"):
        inspector.get("patrols")
    with budget("GET /api/patrols/{patrol_id}"):
        inspector.get(f"patrols/{patrol.pk}")
    with budget("GET /api/patrols/{patrol_id}/stops/{site_id}"):
        stop = inspector.get(f"patrols/{patrol.pk}/stops/{world.compound.pk}")
    assert len(stop.json()["findings"]) == 2


def test_sites(world: World) -> None:
    for number in range(60):
        put_site(
            code=f"S-{number}", name=f"点位{number}", point_type="RES", owner_code="XT-01-WY", lng="120.88", lat="32.02",
            by=SYSTEM, now=NOW,
        )  # fmt: skip
    inspector = program(world, "inspector")
    with budget("GET /api/sites"):
        answer = inspector.get("sites", street="XT", q="点位")
    assert len(answer.json()["items"]) == 50
    with budget("GET /api/sites/{site_id}"):
        inspector.get(f"sites/{world.compound.pk}")
