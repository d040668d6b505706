"""Dragnet checks and special campaigns, to be read: list, one with its figures, the coverage place by place."""

from typing import Any

from django.http import HttpRequest
from ninja import Query, Router

from chuangwen.api.auth import asks
from chuangwen.api.errors import answers
from chuangwen.api.paging import MOST_ON_A_PAGE, known_only, next_address
from chuangwen.api.schemas.campaigns import CampaignDetail, CampaignPage, CampaignQuery, CoverageDetail
from chuangwen.api.schemas.common import RowId
from chuangwen.campaigns.coverage import coverage_view, places_of
from chuangwen.campaigns.figures import SpecialFigures, figures_of
from chuangwen.campaigns.queries import campaign_for, campaigns_for, milestones_of, team_of
from chuangwen.http import now_of
from chuangwen.rules.campaigns import CampaignStatus
from chuangwen.rules.permissions import Permission
from chuangwen.rules.refusals import NotFound
from chuangwen.rules.trends import CANNOT_SHOW, said_plainly

router = Router(tags=["排查与专项"])


@router.get("", response=answers(CampaignPage), summary="排查与专项列表")
def list_campaigns(request: HttpRequest, wanted: Query[CampaignQuery]) -> object:
    """What this person may see, the latest drafted first, a page by key."""
    actor = asks(request, Permission.CAMPAIGN_SEE)
    known_only(request, CampaignQuery)
    size = min(wanted.size, MOST_ON_A_PAGE)
    rows = campaigns_for(actor).order_by("-id")
    for name, value in (("kind", wanted.kind), ("status", wanted.status), ("pk__lt", wanted.after)):
        if value:
            rows = rows.filter(**{name: value})
    found = list(rows[: size + 1])
    key = str(found[size - 1].pk) if len(found) > size else ""
    return {"items": found[:size], "next_key": key, "next": next_address(request, key)}


@router.get("/{campaign_id}", response=answers(CampaignDetail), summary="排查或专项详情")
def show_campaign(request: HttpRequest, campaign_id: RowId) -> object:
    """One campaign; of a special one its targets and trend at this moment."""
    actor = asks(request, Permission.CAMPAIGN_SEE)
    campaign = campaign_for(actor, campaign_id)
    figures = None if campaign.is_dragnet else figures_of(actor, campaign, now=now_of(request))
    return {
        "campaign": campaign, "aim": campaign.aim, "conclusion": campaign.conclusion, "areas": list(campaign.areas.all()),
        "team": [{"unit": part.unit, "lead": str(part.lead.user) if part.lead else ""} for part in team_of(campaign)],
        "milestones": milestones_of(campaign), "targets": _targets(figures), "trend": _trend(figures),
    }  # fmt: skip


def _targets(figures: SpecialFigures | None) -> list[dict[str, Any]]:
    return [
        {
            "measure": line.measure, "label": line.kind.label, "target": line.target, "baseline": line.baseline,
            "now": line.now.value, "reached": line.reached,
        }
        for line in (figures.targets if figures else ())
    ]  # fmt: skip


def _trend(figures: SpecialFigures | None) -> dict[str, Any] | None:
    if figures is None:
        return None
    found = figures.difference
    return {
        "sites_inside": figures.inside.sites, "sites_outside": figures.outside.sites,
        "weeks_before": figures.weeks.before, "weeks_after": figures.weeks.after,
        "weeks": [
            {"monday": week, "inside": figures.inside.counts.get(week, 0), "outside": figures.outside.counts.get(week, 0)}
            for week in figures.weeks.all
        ],
        "difference": found.change if found else None, "low": found.low if found else None,
        "high": found.high if found else None, "words": said_plainly(found) if found else (), "limits": CANNOT_SHOW,
    }  # fmt: skip


@router.get("/{campaign_id}/coverage", response=answers(CoverageDetail), summary="排查覆盖情况")
def show_coverage(request: HttpRequest, campaign_id: RowId) -> object:
    """Done, left and unreachable of the places within reach: in all, by unit, by day, place by place."""
    actor = asks(request, Permission.CAMPAIGN_SEE)
    campaign = campaign_for(actor, campaign_id)
    if not campaign.is_dragnet or campaign.flow_status is CampaignStatus.DRAFT:
        raise NotFound("覆盖情况只有启动了的拉网式排查才有。")
    places = places_of(actor, campaign)
    view = coverage_view(campaign, places, now_of(request))
    return {"whole": view.whole, "units": view.units, "days": view.days, "places": places}
