"""Beside the figures of a special campaign: milestones and money, and the cases behind each figure."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from chuangwen.campaigns import work
from chuangwen.campaigns.figures import MOST_CASES, cases_shown, figures_of
from chuangwen.campaigns.queries import campaign_for, milestones_of, spendings_of
from chuangwen.http import actor_of, door, now_of
from chuangwen.rules.permissions import Permission
from chuangwen.rules.refusals import NotFound, Refused
from chuangwen.web.desk.campaign_frame import campaign_context, crumbs
from chuangwen.web.desk.campaign_progress import counted_cases
from chuangwen.web.desk.periods import today_of


def _page(request: HttpRequest, campaign_id: int, **more: Any) -> HttpResponse:
    context = campaign_context(request, campaign_id, "campaign-work")
    campaign = context["campaign"]
    if campaign.is_dragnet:
        raise Http404
    rows = spendings_of(campaign)
    spent = sum((row.amount for row in rows if row.struck_at is None), Decimal(0))
    left = None if campaign.budget_amount is None else campaign.budget_amount - spent
    context |= {
        "milestones": milestones_of(campaign), "spendings": rows, "spent": spent, "budget_left": left,
        "overdrawn": left is not None and left < 0, "today": today_of(context["now"]),
        "may_work": context["running"] and work.works_on(actor_of(request), campaign), **more,
    }  # fmt: skip
    return render(request, "desk/campaign_work.html", context, status=422 if more.get("objections") else 200)


@door(Permission.CAMPAIGN_SEE)
@require_safe
def work_page(request: HttpRequest, campaign_id: int) -> HttpResponse:
    """Milestones with their state, money with its entries."""
    return _page(request, campaign_id)


def _act(request: HttpRequest, campaign_id: int, act: Callable[..., Any], said: str, **given: Any) -> HttpResponse:
    actor = actor_of(request)
    campaign_for(actor, campaign_id)
    key = request.POST.get("client_key", "")[:64] or None
    try:
        act(campaign_id=campaign_id, by=actor, now=now_of(request), client_key=key, **given)
    except NotFound:
        raise
    except Refused as refusal:
        return _page(request, campaign_id, objections=refusal.objections, typed=request.POST)
    messages.success(request, said)
    return redirect("web:desk:campaign-work", campaign_id)


@door(Permission.CAMPAIGN_SEE)
@require_POST
def milestone(request: HttpRequest, campaign_id: int, milestone_id: int) -> HttpResponse:
    """It is reached, on this evidence."""
    note = request.POST.get("note", "")
    said = _("已登记完成。")
    return _act(request, campaign_id, work.complete_milestone, said, milestone_id=milestone_id, note=note)


@door(Permission.CAMPAIGN_SEE)
@require_POST
def spend(request: HttpRequest, campaign_id: int) -> HttpResponse:
    """Money was spent."""
    return _act(
        request, campaign_id, work.enter_spending, _("已登记支出。"), spent_on=_day(request.POST.get("spent_on", "")),
        amount=_amount(request.POST.get("amount", "")), purpose=request.POST.get("purpose", ""),
    )  # fmt: skip


@door(Permission.CAMPAIGN_SEE)
@require_POST
def strike(request: HttpRequest, campaign_id: int, spending_id: int) -> HttpResponse:
    """An entry was wrong."""
    reason = request.POST.get("reason", "")
    return _act(request, campaign_id, work.strike_spending, _("已划去。"), spending_id=spending_id, reason=reason)


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _amount(text: str) -> Decimal | None:
    try:
        found = Decimal(text.replace(",", "").strip())
    except InvalidOperation:
        return None
    return found if found.is_finite() else None


@door(Permission.CAMPAIGN_SEE)
@require_safe
def cases(request: HttpRequest, campaign_id: int) -> HttpResponse:
    """The cases behind one figure, as far as this person may see them."""
    context = campaign_context(request, campaign_id, "campaign")
    if context["campaign"].is_dragnet:
        raise Http404
    figures = figures_of(actor_of(request), context["campaign"], now=context["now"])
    ids, words = counted_cases(figures, request.GET)
    if not words:
        raise Http404
    shown = cases_shown(actor_of(request), ids)
    context |= {
        "rows": shown, "words": words, "counted": len(ids), "most": MOST_CASES, "crumbs": crumbs(context["campaign"]),
    }  # fmt: skip
    return render(request, "desk/campaign_cases.html", context)


urls = [
    path("campaigns/<int:campaign_id>/work/", work_page, name="campaign-work"),
    path("campaigns/<int:campaign_id>/work/spend/", spend, name="campaign-spend"),
    path("campaigns/<int:campaign_id>/work/spend/<int:spending_id>/strike/", strike, name="campaign-strike"),
    path("campaigns/<int:campaign_id>/work/milestones/<int:milestone_id>/", milestone, name="campaign-milestone"),
    path("campaigns/<int:campaign_id>/cases/", cases, name="campaign-cases"),
]
