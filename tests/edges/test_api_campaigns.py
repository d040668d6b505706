"""排查与专项 for other programs: read only, within reach, figures that add up."""

from datetime import timedelta

import pytest

from chuangwen.campaigns.operations import mark_unreachable
from tests.budgets import budget
from tests.campaign_world import dragnet, more_sites, special, walked
from tests.edges.programs import objections, program
from tests.world import NOW, World

pytestmark = pytest.mark.usefixtures("wednesday")


def test_the_list_is_narrowed_and_within_reach(world: World) -> None:
    running = dragnet(world)
    draft = dragnet(world, start=False)
    trend = special(world)
    clerk = program(world, "clerk")
    assert [row["id"] for row in clerk.get("campaigns").json()["items"]] == [trend.pk, draft.pk, running.pk]
    assert [row["id"] for row in clerk.get("campaigns", kind="dragnet", status="draft").json()["items"]] == [draft.pk]
    assert [row["id"] for row in program(world, "wf_chief").get("campaigns").json()["items"]] == [running.pk]
    assert program(world, "gz_clerk").get("campaigns").json()["items"] == []
    assert program(world, "grid").get("campaigns").status_code == 403
    assert objections(clerk.get("campaigns", state="draft")) == ["不认识 state，请检查拼写。"]
    first = clerk.get("campaigns", size=2).json()
    assert [row["id"] for row in clerk.get("campaigns", size=2, after=first["next_key"]).json()["items"]] == [
        running.pk
    ]


def test_coverage_adds_up_place_by_place(world: World) -> None:
    (shut, *_rest) = more_sites(3)
    campaign = dragnet(world)
    walked(world, campaign, [world.compound, world.lane])
    mark_unreachable(campaign_id=campaign.pk, site_id=shut.pk, reason="锁门", by=world.actor("inspector"), now=NOW)
    clerk = program(world, "clerk")
    with budget("GET /api/campaigns/{campaign_id}/coverage"):
        found = clerk.get(f"campaigns/{campaign.pk}/coverage").json()
    assert found["whole"] == {"done": 2, "left": 2, "unreachable": 1, "total": 5}
    for state in ("done", "left", "unreachable"):
        assert sum(unit["coverage"][state] for unit in found["units"]) == found["whole"][state]
        assert sum(place["state"] == state for place in found["places"]) == found["whole"][state]
    own = program(world, "wf_chief").get(f"campaigns/{campaign.pk}/coverage").json()
    assert own["whole"]["total"] == 1
    draft = dragnet(world, start=False)
    answer = program(world, "clerk").get(f"campaigns/{draft.pk}/coverage")
    assert (answer.status_code, objections(answer)) == (404, ["覆盖情况只有启动了的拉网式排查才有。"])


def test_a_special_campaign_comes_with_targets_and_trend(world: World) -> None:
    world.open_case(now=NOW - timedelta(days=9))
    campaign = special(world)
    clerk = program(world, "clerk")
    with budget("GET /api/campaigns/{campaign_id}"):
        found = clerk.get(f"campaigns/{campaign.pk}").json()
    assert {target["measure"]: target["baseline"] for target in found["targets"]} == {
        "open_cases": 1,
        "on_time_rate": None,
    }
    assert sum(week["inside"] for week in found["trend"]["weeks"]) == 1
    assert found["trend"]["difference"] is None
    assert len(found["milestones"]) == 2
