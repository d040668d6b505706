"""How every step of a campaign begins and ends: locked and asked for once, then saved as the next version."""

from datetime import datetime

from chuangwen.campaigns.models import Campaign
from chuangwen.campaigns.queries import locked_for, refuse_stale
from chuangwen.journal.once import taken_before
from chuangwen.journal.operations import record
from chuangwen.rules.permissions import Actor


def taken_up(
    campaign_id: int, by: Actor, client_key: str | None, seen_version: int | None = None, yours: str = ""
) -> tuple[Campaign, bool]:
    """The campaign, locked, and whether this very submission was taken before; what is stale is refused."""
    campaign = locked_for(by, campaign_id)
    repeated = taken_before(client_key, "campaign", campaign_id)
    if not repeated:
        refuse_stale(campaign, seen_version, yours=yours)
    return campaign, repeated


def record_step(
    campaign: Campaign, kind: str, *, by: Actor, now: datetime, client_key: str | None = None, **facts: object
) -> None:
    """The change is saved as the next version, with its event."""
    campaign.version += 1
    campaign.save()
    record(
        kind=f"campaign.{kind}", subject_kind="campaign", subject_id=campaign.pk, by=by, now=now,
        client_key=client_key, title=campaign.title, **facts,
    )  # fmt: skip
