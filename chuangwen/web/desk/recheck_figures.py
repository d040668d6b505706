"""抽查复核: agreement by criterion, pairs for calibration, and two lists of things to look at."""

from datetime import timedelta
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from chuangwen.http import actor_of, door, now_of
from chuangwen.rechecks.figures import (
    LEAST_SHARED,
    Span,
    clean_rounds,
    clean_sites,
    criterion_agreement,
    fast_fixes,
    pair_agreement,
)
from chuangwen.rules.oddities import LEAST_CASES, LEAST_CHECKS, LEVEL
from chuangwen.rules.permissions import Actor, Permission, may
from chuangwen.web.desk.lists import FilterForm
from chuangwen.web.desk.periods import Days, today_of
from chuangwen.web.wording import span as time_span

PERIODS = (("30", gettext_lazy("近 30 天")), ("90", gettext_lazy("近 90 天")), ("180", gettext_lazy("近 180 天")))
USUAL_DAYS = 90


def recheck_tabs(actor: Actor, here: str) -> list[dict[str, Any]]:
    """The pages of re-checks that this person may open."""
    places = [
        ("rechecks", _("抽查"), Permission.RECHECK_SEE), ("recheck-tasks", _("复核任务"), Permission.RECHECK_SEE),
        ("recheck-agreement", _("判定一致性"), Permission.RECHECK_SEE),
        ("recheck-clean", _("过于干净"), Permission.RECHECK_SIGNALS),
        ("recheck-fast", _("整改过快"), Permission.RECHECK_SIGNALS),
    ]  # fmt: skip
    return [
        {"label": label, "url": reverse(f"web:desk:{name}"), "active": name == here, "count": None}
        for name, label, permission in places
        if may(actor, permission)
    ]


class PeriodFilter(FilterForm):
    """How far back."""

    days = forms.ChoiceField(label=gettext_lazy("时段"), required=False, choices=PERIODS, initial=str(USUAL_DAYS))


def _span(request: HttpRequest) -> tuple[PeriodFilter, Span, Days]:
    form = PeriodFilter(request.GET or {"days": str(USUAL_DAYS)})
    count, now = int(form.value("days") or USUAL_DAYS), now_of(request)
    today = today_of(now)
    return form, Span(now - timedelta(days=count), now), Days(today - timedelta(days=count - 1), today)


@door(Permission.RECHECK_SEE)
@require_safe
def agreement(request: HttpRequest) -> HttpResponse:
    """How far two looks agree, criterion by criterion; for the office also pairs, for calibration only."""
    actor = actor_of(request)
    form, span, days = _span(request)
    pairs, few = pair_agreement(actor, span) if may(actor, Permission.RECHECK_SIGNALS) else ([], 0)
    context = {
        "form": form, "days": days, "lines": criterion_agreement(actor, span), "pairs": pairs, "few": few,
        "least": LEAST_SHARED, "calibrates": may(actor, Permission.RECHECK_SIGNALS), "tabs": recheck_tabs(actor, "recheck-agreement"),
    }  # fmt: skip
    return render(request, "desk/recheck_agreement.html", context)


@door(Permission.RECHECK_SIGNALS)
@require_safe
def clean(request: HttpRequest) -> HttpResponse:
    """Rounds or places with improbably few failures."""
    actor = actor_of(request)
    form, span, days = _span(request)
    by_site = request.GET.get("by") == "site"
    views = [
        {"label": _("按巡查"), "url": f"?days={form.value('days')}", "active": not by_site, "count": None},
        {"label": _("按点位"), "url": f"?by=site&days={form.value('days')}", "active": by_site, "count": None},
    ]
    context = {
        "form": form, "days": days, "found": clean_sites(actor, span) if by_site else clean_rounds(actor, span),
        "by_site": by_site, "views": views, "least": LEAST_CHECKS, "level": LEVEL, "tabs": recheck_tabs(actor, "recheck-clean"),
        "now": now_of(request),
    }  # fmt: skip
    return render(request, "desk/recheck_clean.html", context)


@door(Permission.RECHECK_SIGNALS)
@require_safe
def fast(request: HttpRequest) -> HttpResponse:
    """Cases put right improbably fast for their standard."""
    actor = actor_of(request)
    form, span, days = _span(request)
    found = fast_fixes(actor, span)
    context = {
        "form": form, "days": days, "found": found, "least": LEAST_CASES, "level": LEVEL, "tabs": recheck_tabs(actor, "recheck-fast"),
        "rows": [
            (line, time_span(timedelta(minutes=line.row.usual)), time_span(timedelta(minutes=line.row.observed)))
            for line in found.lines
        ],
    }  # fmt: skip
    return render(request, "desk/recheck_fast.html", context)


urls = [
    path("rechecks/agreement/", agreement, name="recheck-agreement"),
    path("rechecks/clean/", clean, name="recheck-clean"),
    path("rechecks/fast/", fast, name="recheck-fast"),
]
