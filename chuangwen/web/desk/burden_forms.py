"""What pages ask before a start that takes people's time, and the filters that say it as hours."""

from datetime import datetime
from typing import Any

from django.http import HttpRequest

from chuangwen.burden.queries import Weighed
from chuangwen.campaigns.demand import weighed_demand as of_campaign
from chuangwen.http import Context, actor_of
from chuangwen.rules.burden import hours
from chuangwen.rules.permissions import Permission, may
from chuangwen.supervision.demand import weighed_demand as of_supervision

MOST_MEETINGS = 50


def posted_meetings(request: HttpRequest) -> int:
    """How many meetings each unit of the team is asked to."""
    text = request.POST.get("meetings", "")
    return min(int(text), MOST_MEETINGS) if text.isdecimal() and len(text) < 6 else 0


def rows_of(weighed: list[Weighed]) -> list[dict[str, Any]]:
    """Each demand as words beside what is left."""
    return [
        {
            "role": one.demand.role.label, "month": one.demand.month, "asked": hours(one.demand.minutes), "why": one.demand.why,
            "left": "" if one.room.left is None else hours(one.room.left), "fits": one.fits,
        }
        for one in weighed
    ]  # fmt: skip


def _context(request: HttpRequest, weighed: list[Weighed]) -> Context:
    rows = rows_of(weighed)
    return {
        "weighed": rows, "overrule": request.POST.get("overrule", ""),
        "may_overrule": not all(row["fits"] for row in rows) and may(actor_of(request), Permission.BURDEN_SET),
    }  # fmt: skip


def start_context(request: HttpRequest, campaign: Any, now: datetime) -> Context:
    """What a draft campaign would ask of whom."""
    meetings = posted_meetings(request)
    return {"meetings": meetings, **_context(request, of_campaign(campaign, meetings=meetings, now=now))}


def order_context(request: HttpRequest, task: Any) -> Context:
    """What a drafted supervision would ask of whom."""
    return _context(request, of_supervision(task))
