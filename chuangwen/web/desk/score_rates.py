"""现场得分率: how often each criterion, site, community or street was in order over some days."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from chuangwen.cases.filters import CaseFilter
from chuangwen.http import actor_of, door, now_of
from chuangwen.rules.permissions import Actor, Permission
from chuangwen.scores.observations import Rated, community_rates, criterion_rates, overall, site_rates, street_rates
from chuangwen.web.desk.links import case_list
from chuangwen.web.desk.lists import address_with
from chuangwen.web.desk.periods import Days, PeriodForm, today_of

PAGE_SIZE, MOST_BARS = 50, 15
Rates = Callable[[Actor, date, date], list[Rated]]
LEVELS: Mapping[str, tuple[Any, Rates]] = {
    "criterion": (gettext_lazy("按条目"), criterion_rates),
    "site": (gettext_lazy("按点位"), site_rates),
    "community": (gettext_lazy("按社区"), community_rates),
    "street": (gettext_lazy("按街道"), street_rates),
}
NOT_SAID = gettext_lazy(
    "得分率只由这段时间看到的判定算出；看得少的一行偶然性大，一次高低不足以评价一个地方，更不能用来评价一个人。"
)


@door(Permission.SCORE_SEE)
@require_safe
def rates(request: HttpRequest) -> HttpResponse:
    """The lowest rate first, at one of four levels."""
    actor, now = actor_of(request), now_of(request)
    form = PeriodForm(request.GET, today=today_of(now))
    level = request.GET.get("by", "") if request.GET.get("by", "") in LEVELS else "criterion"
    days = form.days
    rows = LEVELS[level][1](actor, days.since, days.until)
    page = max(1, min(page_number(request.GET.get("page", "")), -(-len(rows) // PAGE_SIZE)))
    shown = rows[(page - 1) * PAGE_SIZE : page * PAGE_SIZE]
    context = {
        "form": form, "days": days, "level": level, "all": overall(actor, days.since, days.until),
        "rows": [(row, _case_link(level, row, days)) for row in shown], "total": len(rows),
        "chart": _chart(rows[:MOST_BARS], level, days), "not_said": NOT_SAID, "first_page": page == 1,
        "previous_url": address_with(request, page=str(page - 1)) if page > 1 else "",
        "next_url": address_with(request, page=str(page + 1)) if page * PAGE_SIZE < len(rows) else "",
        "tabs": [
            {"label": words, "url": address_with(request, by=name, page=""), "active": name == level}
            for name, (words, _rates) in LEVELS.items()
        ],
        "crumbs": [{"label": _("计分排名"), "url": reverse("web:desk:scores")}],
    }  # fmt: skip
    return render(request, "desk/score_rates.html", context)


def page_number(text: str) -> int:
    """The page that an address asks for, from 1."""
    return int(text) if text.isdecimal() and len(text) < 6 else 1


def _case_link(level: str, row: Rated, days: Days) -> str:
    """The cases of the same days, where the case list knows this level."""
    period = CaseFilter(since=days.since.isoformat(), until=days.until.isoformat())
    if level == "criterion":
        return case_list(replace(period, criterion=row.key))
    return case_list(replace(period, street=row.key)) if level == "street" else ""


def _chart(rows: Sequence[Rated], level: str, days: Days) -> dict[str, Any]:
    bars = [
        {
            "label": row.name, "values": [round(float(100 * row.observed.rate), 2)],
            "href": _case_link(level, row, days),
        }
        for row in rows
        if row.observed.rate is not None
    ]  # fmt: skip
    return {
        "title": _("得分率最低的 %(n)d 个") % {"n": len(bars)}, "unit": "%", "series": [_("现场得分率")], "rows": bars,
        "horizontal": True, "labelWidth": 320,
    }  # fmt: skip


urls = [path("scores/rates/", rates, name="score-rates")]
