"""公示: showing a draft to its units before it is released, and correcting it by what their appeals came to."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from chuangwen.appeals.queries import about_period, counted, granted_of, is_open, terms_for, window_of
from chuangwen.http import Context, actor_of, door, now_of
from chuangwen.rules.permissions import Permission
from chuangwen.scores.queries import left_to_correct, may_show, sheet_for
from chuangwen.scores.showing import correct_sheet, show_sheet
from chuangwen.web.desk.attempts import attempt
from chuangwen.web.desk.periods import Days


def showing_of(request: HttpRequest, sheet: Any) -> Context:
    """What a sheet's page says of its window. One statement where it was never shown, three where it is."""
    keeps = may_show(actor_of(request), sheet)
    window = window_of(sheet.corrects_id or sheet.pk)
    running = window is not None and window.released_at is None
    rows = list(about_period(sheet.scope.path, sheet.period_start, sheet.period_end)) if window is not None else []
    return {
        "window": window, "window_open": window is not None and is_open(window, now_of(request)),
        "may_show": keeps and window is None,
        "to_correct": left_to_correct(sheet, granted_of(rows)) if keeps and running else [],
        "counts": counted(rows) if window is not None else None,
    }  # fmt: skip


def _crumbs(sheet_id: int) -> list[dict[str, Any]]:
    return [
        {"label": _("计分排名"), "url": reverse("web:desk:scores")},
        {"label": _("得分表"), "url": reverse("web:desk:score", args=[sheet_id])},
    ]


@door(Permission.SCORE_COMPUTE)
@require_http_methods(["GET", "HEAD", "POST"])
def show(request: HttpRequest, sheet_id: int) -> HttpResponse:
    """What showing means; then do it."""
    found = sheet_for(actor_of(request), sheet_id)

    def act() -> HttpResponse:
        show_sheet(sheet_id=sheet_id, by=actor_of(request), now=now_of(request))
        messages.success(request, _("得分表已公示，各单位现在能看到并可以申诉。"))
        return redirect("web:desk:score", sheet_id)

    tried = attempt(request, act)
    context = {
        "sheet": found, "days": Days(found.period_start, found.period_end), "terms": terms_for(found.scope),
        "objections": tried.objections, "crumbs": _crumbs(sheet_id), "correcting": False,
    }  # fmt: skip
    return tried.went or render(request, "desk/score_show.html", context, status=tried.status)


@door(Permission.SCORE_COMPUTE)
@require_http_methods(["GET", "HEAD", "POST"])
def correct(request: HttpRequest, sheet_id: int) -> HttpResponse:
    """Which lines change, and that nothing else does; then do it."""
    found = sheet_for(actor_of(request), sheet_id)

    def act() -> HttpResponse:
        made = correct_sheet(sheet_id=sheet_id, by=actor_of(request), now=now_of(request))
        messages.success(request, _("已按申诉结果更正，请发布这一份。"))
        return redirect("web:desk:score", made.pk)

    tried = attempt(request, act)
    context = {
        "sheet": found, "days": Days(found.period_start, found.period_end), "names": left_to_correct(found),
        "objections": tried.objections, "crumbs": _crumbs(sheet_id), "correcting": True,
    }  # fmt: skip
    return tried.went or render(request, "desk/score_show.html", context, status=tried.status)


urls = [
    path("scores/<int:sheet_id>/show/", show, name="score-show"),
    path("scores/<int:sheet_id>/correct/", correct, name="score-correct"),
]
