"""What a notice may say of a campaign: its title and its last day, to the units that have a part in it."""

from collections.abc import Sequence

from chuangwen.campaigns.models import Campaign
from chuangwen.rules.campaigns import CampaignStatus
from chuangwen.rules.notice_table import Matter


def told(campaign_id: int) -> Matter | None:
    """The facts of a running campaign."""
    campaign = Campaign.objects.filter(pk=campaign_id, status=CampaignStatus.RUNNING.value).first()
    if campaign is None:
        return None
    units = tuple(campaign.team.order_by("position", "pk").values_list("unit_id", flat=True))
    return Matter(name=campaign.title, due_at=campaign.closes_at, units=units)


def over(campaign_ids: Sequence[int]) -> set[int]:
    """Which of these have ended."""
    running = Campaign.objects.filter(pk__in=campaign_ids, status=CampaignStatus.RUNNING.value)
    return set(campaign_ids) - set(running.values_list("pk", flat=True))
