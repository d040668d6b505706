"""宣传安排: the calendar of a month over the five audiences."""

from calendar import monthrange
from datetime import date, timedelta
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from chuangwen.http import actor_of, door, now_of
from chuangwen.publicity import operations
from chuangwen.publicity.queries import audience_figures, between, outreaches_for, own_units, unit_thing
from chuangwen.rules.permissions import Permission, may
from chuangwen.rules.publicity import Audience
from chuangwen.rules.refusals import NotFound, Refused
from chuangwen.web.desk.attempts import attempt, seen_version
from chuangwen.web.desk.periods import Days, today_of
from chuangwen.web.desk.publicity_forms import OutreachForm
from chuangwen.web.uploads import fresh_key

MOST = 200  # events of a month on one page


def tabs(here: str) -> list[dict[str, Any]]:
    """The three views that belong together: papers, calendar, news."""
    rows = (("papers", _("简报通报")), ("publicity", _("宣传安排")), ("briefs", _("新闻简讯")))
    return [{"label": label, "url": reverse(f"web:desk:{name}"), "active": name == here} for name, label in rows]


def _month(text: str, today: date) -> date:
    """The first day of the month asked for, of this one when the words are none."""
    try:
        found = date.fromisoformat(f"{text}-01")
    except ValueError:
        return today.replace(day=1)
    return found if 2000 <= found.year <= 2100 else today.replace(day=1)


@door(Permission.PUBLICITY_SEE)
@require_safe
def publicity(request: HttpRequest) -> HttpResponse:
    """The events of a month, by day, and what is done for each audience."""
    actor, now = actor_of(request), now_of(request)
    first = _month(request.GET.get("month", ""), today_of(now))
    last = first.replace(day=monthrange(first.year, first.month)[1])
    audience = request.GET.get("audience", "") if request.GET.get("audience", "") in set(Audience) else ""
    rows = between(outreaches_for(actor), first, last)
    shown = list((rows.filter(audience=audience) if audience else rows)[: MOST + 1])
    context = {
        "tabs": tabs("publicity"), "days": Days(first, last), "figures": audience_figures(rows), "audience": audience,
        "rows": [(row, _may_change(request, row)) for row in shown[:MOST]], "more": len(shown) > MOST, "now": now,
        "month": first, "today": today_of(now), "previous": f"{first - timedelta(days=1):%Y-%m}",
        "following": f"{last + timedelta(days=1):%Y-%m}", "may_plan": bool(own_units(actor)), "client_key": fresh_key(),
    }  # fmt: skip
    return render(request, "desk/publicity.html", context)


def _may_change(request: HttpRequest, row: Any) -> bool:
    if row.cancelled_at is not None:
        return False
    return may(actor_of(request), Permission.PUBLICITY_PLAN, unit_thing(row.unit))


@door(Permission.PUBLICITY_SEE)
@require_http_methods(["GET", "HEAD", "POST"])
def plan(request: HttpRequest) -> HttpResponse:
    """A new event."""
    actor, today = actor_of(request), today_of(now_of(request))
    units = own_units(actor)
    if not units:
        raise NotFound
    posted = request.POST if request.method == "POST" else None
    form = OutreachForm(posted, units=units, initial={"starts_on": today, "ends_on": today, "unit": str(units[0].pk)})
    status, objections = 200, tuple[str, ...]()
    if form.is_bound:
        status = 422
        if form.is_valid():
            facts = dict(form.cleaned_data)
            facts["unit_id"] = int(facts.pop("unit"))
            key = request.POST.get("client_key", "")[:40] or None
            try:
                row = operations.plan_outreach(**facts, by=actor, now=now_of(request), client_key=key)
            except Refused as refusal:
                objections = refusal.objections
            else:
                messages.success(request, _("已排进日历。"))
                return redirect(f"{reverse('web:desk:publicity')}?month={row.starts_on:%Y-%m}")
    crumbs = [{"label": _("宣传安排"), "url": reverse("web:desk:publicity")}]
    key = request.POST.get("client_key", "")[:40] or fresh_key()
    context = {"form": form, "objections": objections, "crumbs": crumbs, "client_key": key}
    return render(request, "desk/publicity_plan.html", context, status=status)


@door(Permission.PUBLICITY_SEE)
@require_POST
def act(request: HttpRequest, outreach_id: int) -> HttpResponse:
    """It took place, or it will not."""
    actor, now, post = actor_of(request), now_of(request), request.POST

    def go() -> HttpResponse:
        if post.get("action") == "cancel":
            row = operations.cancel_outreach(
                outreach_id=outreach_id,
                reason=post.get("reason", ""),
                by=actor,
                now=now,
                seen_version=seen_version(request),
            )
            messages.success(request, _("已取消。"))
        else:
            text = post.get("reached", "").strip()
            if text and not (text.isascii() and text.isdigit() and len(text) < 9):
                raise Refused(_("人数请写整数；说不清可以不填。"))
            row = operations.hold_outreach(
                outreach_id=outreach_id, reached=int(text) if text else None, by=actor, now=now,
                seen_version=seen_version(request),
            )  # fmt: skip
            messages.success(request, _("已登记举办。"))
        return redirect(f"{reverse('web:desk:publicity')}?month={row.starts_on:%Y-%m}")

    tried = attempt(request, go)
    if tried.went is None:
        messages.error(request, "".join(tried.objections))
        return redirect("web:desk:publicity")
    return tried.went


urls = [
    path("publicity/", publicity, name="publicity"),
    path("publicity/new/", plan, name="publicity-plan"),
    path("publicity/<int:outreach_id>/act/", act, name="publicity-act"),
]
