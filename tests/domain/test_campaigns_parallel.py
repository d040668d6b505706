"""Two people press the same button of a campaign: one step, one event, no patrol twice. Proven on PostgreSQL."""

import pytest

from chuangwen.campaigns.operations import close_campaign, start_campaign
from chuangwen.campaigns.rounds import plan_rounds
from chuangwen.journal.queries import events_of
from chuangwen.patrols.models import Patrol, PatrolSite
from tests.campaign_world import dragnet, more_sites
from tests.domain.test_parallel import at_once, district
from tests.world import NOW, World

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]
__all__ = ["district"]  # the fixture


def test_a_draft_starts_once(district: World) -> None:
    more_sites(3)
    campaign = dragnet(district, start=False)
    clerk = district.actor("clerk")
    ends = at_once(5, lambda _: start_campaign(campaign_id=campaign.pk, by=clerk, now=NOW))
    assert ends == {"done": 1, "refused": 4}
    assert campaign.places.count() == 5
    assert [event.kind for event in events_of("campaign", campaign.pk)] == ["campaign.drafted", "campaign.started"]


def test_no_place_is_planned_twice(district: World) -> None:
    more_sites(5)
    campaign = dragnet(district)
    inspector = district.actor("inspector").user_id or 0
    ends = at_once(
        4,
        lambda number: plan_rounds(
            campaign_id=campaign.pk, street="", inspector_ids=[inspector], first_day=NOW.date(), a_day=9,
            by=district.actor("clerk"), now=NOW, client_key=f"r-{number % 2}",
        ),
    )  # fmt: skip
    assert ends == {"done": 2, "refused": 2}
    assert Patrol.objects.count() == 1
    assert PatrolSite.objects.count() == 7


def test_two_conclusions_are_one(district: World) -> None:
    campaign = dragnet(district)
    clerk = district.actor("clerk")
    words = "全部查完，问题已转整改，下月复查。"
    ends = at_once(3, lambda _: close_campaign(campaign_id=campaign.pk, conclusion=words, by=clerk, now=NOW))
    assert ends == {"done": 1, "refused": 2}
