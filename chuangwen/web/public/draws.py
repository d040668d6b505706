"""Draws in public: the frozen lists with their fingerprints, the numbers that decided, and records to recompute."""

from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import path
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from chuangwen.http import now_of, public
from chuangwen.rechecks.queries import public_draw, public_draws
from chuangwen.rules.draw_records import read_candidates
from chuangwen.rules.draw_seeds import from_facts, known_from
from chuangwen.rules.refusals import NotFound
from chuangwen.web.desk.lists import list_page
from chuangwen.web.desk.periods import Days
from chuangwen.web.public.pages import briefly_kept

MOST_LINES = 2000  # a longer list is for the file


def _file(response: HttpResponse, name: str) -> HttpResponse:
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


@public
@require_safe
@briefly_kept
def draws(request: HttpRequest) -> HttpResponse:
    """Every draw, cancelled ones too, newest first."""
    page = list_page(request, public_draws(), size=20)
    context = {
        "page": page,
        "rows": [(row, Days(row.starts_on, row.ends_on)) for row in page.rows],
        "now": now_of(request),
    }
    return render(request, "public/draws.html", context)


@public
@require_safe
@briefly_kept
def draw(request: HttpRequest, draw_id: int) -> HttpResponse:
    """One draw with everything that is needed to draw it again; nothing about any person or single place."""
    found = public_draw(draw_id)
    listed = read_candidates(found.snapshot)
    sources = from_facts(found.sources)
    drawn: dict[str, int] = {}
    if found.record:
        drawn = {number: place for place, number in enumerate(found.record["selected"], start=1)}
    lines = [(row, drawn.get(row[0])) for row in listed.rows]
    lines.sort(key=lambda line: (line[1] is None, line[1] or 0))
    context: dict[str, Any] = {
        "draw": found, "days": Days(found.starts_on, found.ends_on), "now": now_of(request), "lines": lines[:MOST_LINES],
        "more": max(0, len(lines) - MOST_LINES), "sources": sources, "ready_at": known_from(found.announced_on),
        "numbers": list(zip(sources, found.numbers or [], strict=False)),
    }  # fmt: skip
    return render(request, "public/draw.html", context)


@public
@require_safe
@briefly_kept
def record(_request: HttpRequest, draw_id: int) -> HttpResponse:
    """The record for `chuangwen draw verify`."""
    found = public_draw(draw_id)
    if found.record is None:
        raise NotFound(_("这次抽查还没有抽取，先下载名单。"))
    shown = JsonResponse(found.record, json_dumps_params={"ensure_ascii": False, "indent": 1})
    return _file(shown, f"draw-{found.pk}.json")


@public
@require_safe
@briefly_kept
def candidates(_request: HttpRequest, draw_id: int) -> HttpResponse:
    """The frozen list byte by byte: its SHA-256 is the published fingerprint."""
    found = public_draw(draw_id)
    return _file(HttpResponse(found.snapshot, content_type="text/csv; charset=utf-8"), f"draw-{found.pk}.csv")


urls = [
    path("draws/", draws, name="draws"),
    path("draws/<int:draw_id>/", draw, name="draw"),
    path("draws/<int:draw_id>/record.json", record, name="draw-record"),
    path("draws/<int:draw_id>/list.csv", candidates, name="draw-list"),
]
