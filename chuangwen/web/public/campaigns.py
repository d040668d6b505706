"""Released dragnet checks and special campaigns: name, aim, areas, days and the figures of the moment of release."""

from datetime import date
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.utils import dateformat
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from chuangwen.campaigns.queries import public_campaign, public_campaigns
from chuangwen.http import public
from chuangwen.web.desk.lists import list_page
from chuangwen.web.desk.periods import Days
from chuangwen.web.public.pages import briefly_kept


@public
@require_safe
@briefly_kept
def campaigns(request: HttpRequest) -> HttpResponse:
    """What was released, newest first."""
    return render(request, "public/campaigns.html", {"page": list_page(request, public_campaigns(), size=20)})


@public
@require_safe
@briefly_kept
def campaign(request: HttpRequest, campaign_id: int) -> HttpResponse:
    """One released campaign, as it was released."""
    found = public_campaign(campaign_id)
    facts = found.public_facts
    context = {
        "campaign": found, "facts": facts, "days": Days(found.starts_on, found.ends_on),
        "areas": "、".join(facts["areas"]), "trend": _trend(facts["trend"]) if facts["trend"] else None,
    }  # fmt: skip
    return render(request, "public/campaign.html", context)


def _trend(kept: dict[str, Any]) -> dict[str, Any]:
    rows = [
        {"label": dateformat.format(date.fromisoformat(week), _("n月j日")), "values": [inside, outside], "href": ""}
        for week, inside, outside in kept["weeks"]
    ]
    return {
        "title": _("每周新立案"), "unit": _("件"), "series": [_("专项区域"), _("其余区域")], "rows": rows,
        "horizontal": False,
    }  # fmt: skip


urls = [
    path("campaigns/", campaigns, name="campaigns"),
    path("campaigns/<int:campaign_id>/", campaign, name="campaign"),
]
