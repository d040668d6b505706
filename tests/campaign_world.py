"""A dragnet check and a special campaign in the small district, through the real operations."""

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from chuangwen.campaigns.drafting import CampaignFacts, draft_campaign
from chuangwen.campaigns.models import Campaign
from chuangwen.campaigns.operations import start_campaign
from chuangwen.patrols.models import Patrol
from chuangwen.patrols.operations import finish_visit, plan_patrol
from chuangwen.places.models import Site
from chuangwen.places.operations import put_site
from chuangwen.rules.permissions import SYSTEM
from chuangwen.standards.models import CaseStandard, Edition
from tests.rounds import small_edition
from tests.world import NOW, World

FIRST, LAST = date(2020, 6, 22), date(2020, 6, 30)  # a Monday; the week holds the small district's today


def more_sites(number: int, *, owner: str = "XT-01-WY", kind: str = "RES") -> list[Site]:
    """So many further places of one owner."""
    return [
        put_site(
            code=f"S-{owner}-{place}", name=f"{owner}点位{place}", point_type=kind, owner_code=owner,
            lng=f"120.{872000 + place}", lat="32.012000", by=SYSTEM, now=NOW,
        )[0]
        for place in range(number)
    ]  # fmt: skip


def dragnet_facts(world: World, edition: Edition, **changes: Any) -> CampaignFacts:
    """Both streets, compounds and lanes, all criteria."""
    facts: dict[str, Any] = {
        "title": "迎检拉网式排查", "aim": "不留死角", "starts_on": FIRST, "ends_on": LAST,
        "area_ids": [world.unit("XT").pk, world.unit("WF").pk], "point_types": ["RES", "LANE"],
        "edition_id": edition.pk,
    }  # fmt: skip
    return CampaignFacts(**{**facts, **changes})


def dragnet(world: World, *, edition: Edition | None = None, start: bool = True, **changes: Any) -> Campaign:
    """A dragnet check, running unless told otherwise."""
    edition = edition or Edition.objects.filter(code="T").first() or small_edition()
    facts = dragnet_facts(world, edition, **changes)
    clerk = world.actor("clerk")
    campaign = draft_campaign(kind="dragnet", facts=facts, by=clerk, now=NOW)
    return start_campaign(campaign_id=campaign.pk, by=clerk, now=NOW) if start else campaign


def special_facts(world: World, **changes: Any) -> CampaignFacts:
    """Cases of the one standard in one street, with targets, milestones, team and money."""
    facts: dict[str, Any] = {
        "title": "楼道堆物专项整治", "aim": "楼道堆物明显减少", "starts_on": FIRST, "ends_on": date(2020, 8, 31),
        "area_ids": [world.unit("XT").pk], "standard_ids": [CaseStandard.objects.get(code="T-4WH").pk],
        "team": [(world.unit("XT").pk, None)], "targets": {"open_cases": Decimal(2), "on_time_rate": Decimal(90)},
        "milestones": [(date(2020, 6, 23), "动员部署"), (date(2020, 7, 31), "中期检查")],
        "budget_amount": Decimal(50000), "budget_source": "区级创建经费", "baseline_weeks": 4,
    }  # fmt: skip
    return CampaignFacts(**{**facts, **changes})


def special(world: World, *, start: bool = True, **changes: Any) -> Campaign:
    """A special campaign, running unless told otherwise."""
    clerk = world.actor("clerk")
    campaign = draft_campaign(kind="special", facts=special_facts(world, **changes), by=clerk, now=NOW)
    return start_campaign(campaign_id=campaign.pk, by=clerk, now=NOW) if start else campaign


def walked(
    world: World,
    campaign: Campaign,
    sites: Sequence[Site],
    *,
    inspector: str = "inspector",
    days: int = 0,
    **given: Any,
) -> Patrol:
    """Somebody's own patrol (not one of the campaign) that finished a visit at each of these places."""
    now = NOW + timedelta(days=days)
    by = world.actor(inspector)
    plan: dict[str, Any] = {
        "title": "日常巡查", "edition_id": campaign.edition_id, "site_ids": [site.pk for site in sites],
        "inspector_ids": [by.user_id], "starts_at": now - timedelta(hours=1), "ends_at": now + timedelta(hours=8),
    }  # fmt: skip
    patrol = plan_patrol(**{**plan, **given}, by=world.actor("clerk"), now=now)
    for site in sites:
        finish_visit(patrol_id=patrol.pk, site_id=site.pk, rest_passes=True, by=by, now=now)
    return patrol
