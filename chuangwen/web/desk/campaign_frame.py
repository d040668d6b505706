"""What every page of a campaign shows: state, tabs, the way here, its history as words."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils import dateformat
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from chuangwen.campaigns.queries import campaign_for, manages, sees_all
from chuangwen.http import actor_of, now_of
from chuangwen.publicity.queries import writes
from chuangwen.rules.campaigns import CampaignStatus
from chuangwen.rules.permissions import Permission, may
from chuangwen.web.uploads import fresh_key

STATES: Mapping[str, tuple[Any, str, str]] = {
    "draft": (gettext_lazy("草稿"), "neutral", "edit"),
    "running": (gettext_lazy("进行中"), "accent", "player-play"),
    "closed": (gettext_lazy("已结束"), "good", "circle-check"),
    "cancelled": (gettext_lazy("已取消"), "neutral", "ban"),
}
PLACE_STATES: Sequence[tuple[str, Any, str, str]] = (
    ("done", gettext_lazy("已查"), "good", "circle-check"),
    ("left", gettext_lazy("未查"), "warn", "circle-dashed"),
    ("unreachable", gettext_lazy("进不去"), "bad", "lock"),
)
EVENTS: Mapping[str, tuple[Any, str, str]] = {
    "drafted": (gettext_lazy("起草"), "neutral", "edit"),
    "edited": (gettext_lazy("修改草稿"), "neutral", "edit"),
    "started": (gettext_lazy("启动"), "accent", "player-play"),
    "closed": (gettext_lazy("结束"), "good", "circle-check"),
    "cancelled": (gettext_lazy("取消"), "bad", "ban"),
    "released": (gettext_lazy("对外公开"), "info", "speakerphone"),
    "withdrawn": (gettext_lazy("撤下公开页"), "warn", "arrow-back-up"),
    "rounds_planned": (gettext_lazy("安排巡查"), "info", "route"),
    "site_unreachable": (gettext_lazy("登记进不去"), "warn", "lock"),
    "site_reachable": (gettext_lazy("恢复可进入"), "neutral", "refresh"),
    "sites_added": (gettext_lazy("补入点位"), "info", "circle-plus"),
    "site_dropped": (gettext_lazy("剔除点位"), "warn", "minus"),
    "milestone_done": (gettext_lazy("节点完成"), "good", "flag"),
    "money_spent": (gettext_lazy("登记支出"), "neutral", "file-text"),
    "spending_struck": (gettext_lazy("划去支出"), "warn", "trash"),
}


def day_words(day: date) -> str:
    """6月30日."""
    return dateformat.format(day, _("n月j日"))


def state_look(status: str) -> dict[str, str]:
    """Word, tone and icon of a state."""
    label, tone, icon = STATES[status]
    return {"label": str(label), "tone": tone, "icon": icon}


def crumbs(campaign: Any = None) -> list[dict[str, str]]:
    """The way to a page of a campaign."""
    way = [{"label": _("排查与专项"), "url": reverse("web:desk:campaigns")}]
    return (
        [*way, {"label": campaign.title, "url": reverse("web:desk:campaign", args=[campaign.pk])}] if campaign else way
    )


def _tabs(campaign: Any, here: str, *, plans: bool) -> list[dict[str, Any]]:
    started = campaign.flow_status is not CampaignStatus.DRAFT
    pages: list[tuple[str, Any, str, bool]] = [("campaign", _("进度"), "chart-line", True)]
    if campaign.is_dragnet:
        pages += [
            ("campaign-sites", _("点位"), "list", started),
            ("campaign-map", _("地图"), "map-2", started),
            ("campaign-rounds", _("安排巡查"), "route", plans and campaign.status == "running"),
        ]
    else:
        pages += [("campaign-work", _("节点和经费"), "flag", started)]
    pages += [("campaign-log", _("经过"), "history", True)]
    return [
        {"label": label, "icon": icon, "url": reverse(f"web:desk:{name}", args=[campaign.pk]), "active": name == here}
        for name, label, icon, shown in pages
        if shown
    ]


def campaign_context(request: HttpRequest, campaign_id: int, here: str) -> dict[str, Any]:
    """The campaign through its door with everything around it."""
    actor, now = actor_of(request), now_of(request)
    campaign = campaign_for(actor, campaign_id)
    plans = manages(actor, campaign)
    running = campaign.flow_status is CampaignStatus.RUNNING
    return {
        "campaign": campaign, "state": state_look(campaign.status), "now": now, "plans": plans, "running": running,
        "tabs": _tabs(campaign, here, plans=plans), "crumbs": crumbs(), "whole": sees_all(actor, campaign),
        "may_release": may(actor, Permission.CAMPAIGN_RELEASE) and plans, "client_key": fresh_key(),
        "days_left": (campaign.ends_on - now.date()).days,
        "may_brief": campaign.flow_status is CampaignStatus.CLOSED and writes(actor),
    }  # fmt: skip


def history(events: Sequence[Any]) -> list[dict[str, Any]]:
    """What happened, newest first, for the timeline."""
    return [_happened(event) for event in reversed(events)]


def _happened(event: Any) -> dict[str, Any]:
    title, tone, icon = EVENTS.get(event.kind.removeprefix("campaign."), (event.kind, "neutral", "circle-dot"))
    facts = event.facts
    details = [
        str(facts.get("site_name") or facts.get("milestone") or ""),
        _("%(n)s 个点位") % {"n": facts["sites"]} if isinstance(facts.get("sites"), int) else "",
        _("%(amount)s 元") % {"amount": facts["amount"]} if facts.get("amount") else "",
        event.note,
    ]
    return {
        "at": event.at, "title": title, "by": event.actor_name, "tone": tone, "icon": icon,
        "note": "\n".join(filter(None, details)),
    }  # fmt: skip


def place_look(state: str) -> dict[str, str]:
    """Word, tone and icon of the state of a place."""
    label, tone, icon = next((label, tone, icon) for name, label, tone, icon in PLACE_STATES if name == state)
    return {"label": str(label), "tone": tone, "icon": icon}
