"""What residents may see without logging in: released rankings and papers, a few counts, and nothing about any person."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.utils.cache import patch_cache_control
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from chuangwen.bulletins.queries import paper_kinds, public_paper, released_papers
from chuangwen.cases.filters import CaseFilter
from chuangwen.cases.queries import counts
from chuangwen.http import now_of, public
from chuangwen.rules.permissions import SYSTEM
from chuangwen.scores.queries import released_sheets, released_table
from chuangwen.web.desk.lists import list_page
from chuangwen.web.desk.periods import Days, today_of
from chuangwen.web.league import conventions, formula, leagues, left_out
from chuangwen.web.paper_view import addressed_to, paper_file, sections, signed_on

KEPT = 60  # seconds
NEWEST, TOP, MOST_SHEETS = 5, 5, 24

Page = Callable[..., HttpResponse]


def briefly_kept(view: Page) -> Page:
    """The browser may keep the page for a minute; shared caches may not, because it holds a form's token."""

    @wraps(view)
    def kept(request: HttpRequest, *args: Any, **given: Any) -> HttpResponse:
        response = view(request, *args, **given)
        patch_cache_control(response, private=True, max_age=KEPT)
        return response

    return kept


def _nowhere(_unit_id: int) -> str:
    """Single findings and cases are for those who work with them."""
    return ""


@public
@require_safe
@briefly_kept
def home(request: HttpRequest) -> HttpResponse:
    """What this is, the newest papers, the top of the last ranking, three counts."""
    now = now_of(request)
    days = Days(today_of(now) - timedelta(days=29), today_of(now))
    period = CaseFilter(since=days.since.isoformat(), until=days.until.isoformat())
    ended = replace(CaseFilter(), ended_since=period.since, ended_until=period.until)
    table = released_table()
    context = {
        "papers": released_papers()[:NEWEST], "days": days, "now": now,
        "opened": counts(SYSTEM, period, now).opened, "closed": counts(SYSTEM, ended, now).opened,
        "open": counts(SYSTEM, CaseFilter(state="open"), now).opened, "table": table,
        "sheet_days": Days(table.sheet.period_start, table.sheet.period_end) if table else None,
        "leagues": [(league.name, league.places[:TOP]) for league in leagues(table, _nowhere)] if table else [],
    }  # fmt: skip
    return render(request, "public/home.html", context)


@public
@require_safe
@briefly_kept
def ranking(request: HttpRequest) -> HttpResponse:
    """A released sheet with parts, reasons and the text of its rule; the newest one, or the one that is asked for."""
    asked = request.GET.get("sheet", "")
    table = released_table(int(asked)) if asked.isdecimal() and len(asked) < 18 else released_table()
    if table is None:
        return render(request, "public/ranking.html", {})
    sheet = table.sheet
    context = {
        "sheet": sheet, "days": Days(sheet.period_start, sheet.period_end), "leagues": leagues(table, _nowhere),
        "left_out": left_out(table, _nowhere), "part_labels": table.part_labels, "rule": sheet.rule,
        "formula": formula(sheet.rule), "conventions": conventions(sheet.rule), "now": now_of(request),
        "sheets": [(each, Days(each.period_start, each.period_end)) for each in released_sheets()[:MOST_SHEETS]],
    }  # fmt: skip
    return render(request, "public/ranking.html", context)


@public
@require_safe
@briefly_kept
def papers(request: HttpRequest) -> HttpResponse:
    """Released papers, newest first, of one kind or all."""
    kinds = paper_kinds()
    kind = request.GET.get("kind", "") if request.GET.get("kind", "") in kinds else ""
    tabs = [("", _("全部")), *kinds.items()]
    context = {
        "page": list_page(request, released_papers(kind=kind), size=20), "kind": kind, "now": now_of(request),
        "tabs": [{"label": label, "url": f"?kind={name}" if name else "?", "active": name == kind} for name, label in tabs],
    }  # fmt: skip
    return render(request, "public/papers.html", context)


@public
@require_safe
@briefly_kept
def paper(request: HttpRequest, paper_id: int) -> HttpResponse:
    """One released paper."""
    found = public_paper(paper_id)
    context = {"paper": found, "sections": sections(found, linked=False), "signed_on": signed_on(found)}
    context["addressed_to"] = addressed_to(found)
    return render(request, "public/paper.html", context)


@public
@require_safe
@briefly_kept
def docx(_request: HttpRequest, paper_id: int) -> HttpResponse:
    """One released paper as a document."""
    return paper_file(public_paper(paper_id), "docx")


@public
@require_safe
@briefly_kept
def pdf(_request: HttpRequest, paper_id: int) -> HttpResponse:
    """One released paper as PDF."""
    return paper_file(public_paper(paper_id), "pdf")


@public
@require_safe
def healthz(_request: HttpRequest) -> HttpResponse:
    """For whoever watches the server: it answers."""
    response = HttpResponse("ok", content_type="text/plain; charset=utf-8")
    patch_cache_control(response, no_store=True)
    return response


urls = [
    path("", home, name="home"),
    path("ranking/", ranking, name="ranking"),
    path("papers/", papers, name="papers"),
    path("papers/<int:paper_id>/", paper, name="paper"),
    path("papers/<int:paper_id>/docx/", docx, name="paper-docx"),
    path("papers/<int:paper_id>/pdf/", pdf, name="paper-pdf"),
    path("healthz", healthz, name="healthz"),
]
