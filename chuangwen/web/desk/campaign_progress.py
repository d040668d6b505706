"""The progress page of a campaign: every figure leads to the places or cases that it counts."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from chuangwen.campaigns.coverage import CoverageView, coverage_view, places_of, plans_for
from chuangwen.campaigns.figures import SpecialFigures, TargetLine, figures_of
from chuangwen.campaigns.queries import milestones_of, team_of
from chuangwen.http import actor_of
from chuangwen.rules.campaigns import CampaignStatus
from chuangwen.rules.coverage import DayLine, SiteState
from chuangwen.rules.trends import CANNOT_SHOW, said_plainly
from chuangwen.web.desk.campaign_frame import day_words
from chuangwen.web.desk.periods import Days, today_of
from chuangwen.web.wording import thousands

TOP_LEFT, MOST_POINTS = 8, 31


def sites_url(campaign_id: int, **wanted: str) -> str:
    """The list of places narrowed to exactly these."""
    query = urlencode({name: value for name, value in wanted.items() if value})
    return reverse("web:desk:campaign-sites", args=[campaign_id]) + (f"?{query}" if query else "")


def cases_url(campaign_id: int, **wanted: str) -> str:
    """The cases behind one figure of a special campaign."""
    return f"{reverse('web:desk:campaign-cases', args=[campaign_id])}?{urlencode(wanted)}"


# --- dragnet ---


def dragnet_progress(request: HttpRequest, campaign: Any, now: datetime) -> dict[str, Any]:
    """Coverage within this person's reach, by unit and day, and what comes first of what is left."""
    actor = actor_of(request)
    head = {"areas": list(campaign.areas.all()), "days": Days(campaign.starts_on, campaign.ends_on)}
    if campaign.flow_status is CampaignStatus.DRAFT:
        return head | {"team": team_of(campaign), "must": campaign.criteria.count()}
    places = places_of(actor, campaign)
    view = coverage_view(campaign, places, now)
    left = [place for place in places if place.state is SiteState.LEFT]
    first = sorted(left, key=lambda place: (place.is_awaited(now), place.planned_until or now, place.code))[:TOP_LEFT]
    plans = plans_for(actor, campaign, [place.site_id for place in first], now)
    return head | {
        "view": view, "cards": _cards(campaign, view), "curve": _curve(campaign, view, today_of(now)), "unplanned": len(left) - view.planned_left,
        "unplanned_url": sites_url(campaign.pk, state="left", planned="no"),
        "planned_url": sites_url(campaign.pk, state="left", planned="yes"),
        "left_url": sites_url(campaign.pk, state="left"), "left": [(place, plans.get(place.site_id)) for place in first],
        "units": [(unit, sites_url(campaign.pk, unit=unit.code), sites_url(campaign.pk, unit=unit.code, state="left")) for unit in view.units],
    }  # fmt: skip


def _cards(campaign: Any, view: CoverageView) -> list[dict[str, Any]]:
    whole = view.whole
    return [
        {"label": _("应查"), "value": thousands(whole.total), "url": sites_url(campaign.pk)},
        {"label": _("已查"), "value": thousands(whole.done), "url": sites_url(campaign.pk, state="done"), "tone": "good"},
        {"label": _("未查"), "value": thousands(whole.left), "url": sites_url(campaign.pk, state="left")},
        {
            "label": _("进不去"), "value": thousands(whole.unreachable), "note": _("不算查到，可以再去"),
            "url": sites_url(campaign.pk, state="unreachable"),
        },
    ]  # fmt: skip


def _shown(days: Sequence[DayLine], today: date) -> list[DayLine]:
    """Every day of a short check; of a long one every so many days, and always the first, today and the last."""
    step = -(-len(days) // MOST_POINTS)
    ends = {0, len(days) - 1}
    return [line for number, line in enumerate(days) if number % step == 0 or number in ends or line.day == today]


def _curve(campaign: Any, view: CoverageView, today: date) -> dict[str, Any]:
    rows = []
    for line in _shown(view.days, today):
        day = line.day.isoformat()
        cells: list[dict[str, Any]] = [
            {"value": line.planned, "href": sites_url(campaign.pk, planned_by=day) if line.planned else ""},
            {"value": line.done, "href": sites_url(campaign.pk, done_by=day) if line.done else ""},
            {"value": line.even, "href": ""},
        ]
        rows.append(
            {"label": day_words(line.day), "values": [each["value"] for each in cells], "cells": cells, "href": ""}
        )
    series = [_("已安排（累计）"), _("已查（累计）"), _("匀速进度")]
    return {"title": _("安排和完成，按天累计"), "unit": _("处"), "series": series, "rows": rows, "horizontal": False}


# --- special ---


def special_progress(request: HttpRequest, campaign: Any, now: datetime) -> dict[str, Any]:
    """Targets against baselines, the trend inside and outside the areas, team and money."""
    found = figures_of(actor_of(request), campaign, now=now)
    milestones = milestones_of(campaign)
    return {
        "areas": list(campaign.areas.all()), "days": Days(campaign.starts_on, campaign.ends_on),
        "standards": list(campaign.standards.all()), "team": team_of(campaign),
        "targets": [_target(campaign, line) for line in found.targets], "trend": _trend(campaign, found),
        "difference": found.difference, "words": said_plainly(found.difference) if found.difference else (),
        "limits": CANNOT_SHOW, "visits": _visits(found), "weeks": found.weeks, "figures": found,
        "milestones_done": sum(1 for row in milestones if row.done_at), "milestones_all": len(milestones),
        "next_milestone": next((row for row in milestones if row.done_at is None), None), "today": today_of(now),
    }  # fmt: skip


def _figure(line: TargetLine, value: float | None) -> str:
    if value is None:
        return _("没有可算的案件")
    return f"{value:.1f}%" if line.kind.is_share else f"{value:.0f}"


def _target(campaign: Any, line: TargetLine) -> dict[str, Any]:
    def link(when: str, which: str) -> str:
        return cases_url(campaign.pk, measure=line.measure, when=when, which=which)

    return {
        "label": line.kind.label, "meaning": line.kind.meaning, "is_share": line.kind.is_share,
        "goal": (_("不超过 %(n)s") if line.kind.at_most else _("不低于 %(n)s")) % {"n": _figure(line, line.target)},
        "before": _figure(line, line.baseline), "now": _figure(line, line.now.value), "reached": line.reached,
        "before_part": len(line.before.part), "before_whole": len(line.before.whole), "now_part": len(line.now.part),
        "now_whole": len(line.now.whole), "before_url": link("before", "part"), "now_url": link("now", "part"),
        "before_whole_url": link("before", "whole"), "now_whole_url": link("now", "whole"),
        "moved": line.frozen is not None and line.before.value != line.frozen,
    }  # fmt: skip


def _trend(campaign: Any, found: SpecialFigures) -> dict[str, Any]:
    return {
        "title": _("每周新立案，专项区域和其余区域"), "unit": _("件/每 100 处点位"), "horizontal": False,
        "series": [_("专项区域"), _("其余区域")], "rows": [_week(campaign, found, week) for week in found.weeks.all],
    }  # fmt: skip


def _week(campaign: Any, found: SpecialFigures, week: date) -> dict[str, Any]:
    cells: list[dict[str, Any]] = [
        {
            "value": round(group.rates([week])[0], 2) if group.sites else None,
            "href": cases_url(campaign.pk, week=week.isoformat(), where=where) if group.counts.get(week) else "",
        }
        for group, where in ((found.inside, "inside"), (found.outside, "outside"))
    ]
    first = week == (found.weeks.broken or found.weeks.after or (None,))[0]
    label = _("%(day)s 起（启动）") if first else _("%(day)s 起")
    return {
        "label": label % {"day": day_words(week)}, "values": [cell["value"] for cell in cells], "cells": cells, "href": "",
    }  # fmt: skip


def _visits(found: SpecialFigures) -> list[dict[str, Any]]:
    """Finished visits a week, before and after: how hard was looked."""
    before, after = len(found.weeks.before), len(found.weeks.after)
    pairs = (
        (_("专项区域"), found.visits.inside_before, found.visits.inside_after),
        (_("其余区域"), found.visits.outside_before, found.visits.outside_after),
    )
    return [
        {"where": where, "before": f"{first / before:.1f}", "after": f"{last / after:.1f}" if after else "—"}
        for where, first, last in pairs
    ]


def counted_cases(found: SpecialFigures, query: Any) -> tuple[Sequence[int], str]:
    """The cases behind one figure, and which figure it is, as words; nothing for an address that names none."""
    if week := _date(query.get("week", "")):
        inside = query.get("where") != "outside"
        where = _("专项区域") if inside else _("其余区域")
        words = _("%(where)s %(day)s 起一周内新立案") % {"where": where, "day": day_words(week)}
        return found.week_cases(week, inside=inside), words
    for line in found.targets:
        if line.measure == query.get("measure"):
            at = line.before if query.get("when") == "before" else line.now
            when = _("开始前") if query.get("when") == "before" else _("开始以来")
            if line.measure == "open_cases":
                when = _("开始时") if query.get("when") == "before" else _("现在")
            part = query.get("which") != "whole"
            return (at.part if part else at.whole), f"{line.kind.label}：{when}，{_PARTS[line.measure][part]()}"
    return (), ""


_PARTS: dict[str, dict[bool, Any]] = {
    "open_cases": {True: lambda: _("没有办结的"), False: lambda: _("没有办结的")},
    "on_time_rate": {True: lambda: _("按期提交整改的"), False: lambda: _("到期的全部")},
    "recurrence": {True: lambda: _("反复出现的"), False: lambda: _("新立案的全部")},
}


def _date(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
