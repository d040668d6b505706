"""巡查路线: asking for a day's routes, looking at them, changing them by form or on the map, approving, printing."""

from collections.abc import Callable, Sequence
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from chuangwen.http import Context, actor_of, door, now_of
from chuangwen.places.listing import sites_by_id
from chuangwen.planning.asking import start_plan
from chuangwen.planning.editing import approve_plan, discard_plan, drop_stop, place_stop
from chuangwen.planning.queries import (
    PlanStatus,
    Route,
    candidates_of,
    missing_must,
    plan_for,
    plans_for,
    routes_of,
    value_of,
    with_sizes,
)
from chuangwen.rules.permissions import Permission, may
from chuangwen.rules.planning import clock
from chuangwen.rules.refusals import BadInput, Conflict, NotFound, Refused
from chuangwen.scores.fair import rotation_hints
from chuangwen.standards.queries import point_types
from chuangwen.web.desk.attempts import seen_version
from chuangwen.web.desk.day_plan_forms import PlanForm
from chuangwen.web.desk.geo import map_of, point
from chuangwen.web.desk.lists import list_page
from chuangwen.web.desk.supervision_forms import site_named
from chuangwen.web.uploads import fresh_key

TONES = {"waiting": "info", "draft": "accent", "failed": "bad", "approved": "good", "discarded": "neutral"}
ICONS = {"waiting": "clock", "draft": "edit", "failed": "alert-circle", "approved": "circle-check", "discarded": "ban"}
STATES = (
    ("late", gettext_lazy("时间对不上"), "bad"),
    ("must", gettext_lazy("必去"), "accent"),
    ("drawn", gettext_lazy("随机"), "info"),
    ("value", gettext_lazy("按价值"), "good"),
    ("added", gettext_lazy("人工加入"), "warn"),
    ("free", gettext_lazy("候选，没有排进"), "neutral"),
)
MOST_ON_MAP = 120


def _crumbs(*more: dict[str, str]) -> list[dict[str, str]]:
    return [{"label": _("巡查"), "url": reverse("web:desk:patrols")}, *more]


def _list_crumb() -> dict[str, str]:
    return {"label": _("巡查路线"), "url": reverse("web:desk:plans")}


def badge(plan: Any) -> dict[str, str]:
    """The state of a plan as the badge shows it."""
    return {"label": plan.get_status_display(), "tone": TONES[plan.status], "icon": ICONS[plan.status]}


@door(Permission.PLAN_SEE)
@require_safe
def plans(request: HttpRequest) -> HttpResponse:
    """All plans, the latest day first."""
    actor = actor_of(request)
    page = list_page(request, with_sizes(plans_for(actor)).order_by("-day", "-id"))
    actions = []
    if may(actor, Permission.PLAN_MAKE):
        actions = [
            {"label": _("排路线"), "url": reverse("web:desk:plan-new"), "icon": "plus", "primary": True},
            {"label": _("队伍"), "url": reverse("web:desk:plan-teams"), "icon": "users"},
            {"label": _("停留和时间窗"), "url": reverse("web:desk:plan-terms"), "icon": "clock"},
        ]
    context = {
        "page": page, "rows": [(plan, badge(plan)) for plan in page.rows], "actions": actions, "crumbs": _crumbs(),
        "now": now_of(request),
    }  # fmt: skip
    return render(request, "desk/day_plans.html", context)


@door(Permission.PLAN_MAKE)
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """What is wanted of a day; the worker does the rest."""
    posted = request.method == "POST"
    must = "\n".join(site.name for site in _wanted(request))
    data = (request.POST, request.FILES) if posted else (None, None)
    form = PlanForm(request, *data, service=bool(settings.TRAVEL_URL), must=must)
    objections: Sequence[str] = ()
    if posted and form.is_valid():
        key = request.POST.get("client_key", "")[:64] or None
        try:
            made = start_plan(facts=form.facts(), by=actor_of(request), now=now_of(request), client_key=key)
        except Refused as refusal:
            objections = refusal.objections
        else:
            return redirect("web:desk:plan", made.pk)
    context = {
        "form": form, "objections": objections, "rotation": rotation_hints(actor_of(request)),
        "client_key": request.POST.get("client_key") or fresh_key(), "crumbs": _crumbs(_list_crumb()),
    }  # fmt: skip
    return render(request, "desk/day_plan_new.html", context, status=422 if posted else 200)


def _wanted(request: HttpRequest) -> Sequence[Any]:
    """Must-visits that another page handed over: ?must=12&must=15."""
    ids = [int(text) for text in request.GET.getlist("must")[:50] if text.isdecimal() and len(text) < 12]
    return sites_by_id(actor_of(request), ids) if ids else ()


# --- one plan ---


def _context(request: HttpRequest, plan_id: int) -> Context:
    actor = actor_of(request)
    plan = plan_for(actor, plan_id)
    context: Context = {
        "plan": plan, "badge": badge(plan), "now": now_of(request), "client_key": fresh_key(),
        "crumbs": _crumbs(_list_crumb()), "may_make": may(actor, Permission.PLAN_MAKE),
        "names": {kind.code: kind.name for kind in point_types()},
    }  # fmt: skip
    if plan.status in {PlanStatus.WAITING, PlanStatus.FAILED}:
        return context
    routes, editable = routes_of(plan), plan.status == PlanStatus.DRAFT and context["may_make"]
    free = candidates_of(actor, plan, routes, MOST_ON_MAP) if editable else []
    return context | {
        "routes": routes, "editable": editable, "left": missing_must(plan, routes), "value": value_of(routes),
        "breaches": sum(route.times.breaches for route in routes), "map": _map(routes, free, editable=editable),
        "stop_count": sum(len(route.stops) for route in routes),
        "way_minutes": sum(route.times.on_the_way for route in routes if route.stops),
        "visit_minutes": sum(route.visit_minutes for route in routes), "free": free[:30],
        "rotation": rotation_hints(actor) if editable else [],
    }  # fmt: skip


def _map(routes: Sequence[Route], free: Sequence[Any], *, editable: bool) -> dict[str, Any]:
    points, lines = [], []
    for route in routes:
        home = [float(route.team.lng), float(route.team.lat)]
        way = [home]
        for stop, timed in route.rows:
            way.append([float(stop.site.lng), float(stop.site.lat)])
            points.append(_stop_point(route, stop, timed, editable=editable))
        if route.stops:
            lines.append({"title": route.team.name, "coordinates": [*way, home]})
    for site, value in free:
        mark = point(title=site.name, lng=site.lng, lat=site.lat, state="free", note=_("价值 %(v).1f") % {"v": value})
        mark["properties"] |= {"form": "add-stop", "fill": {"site": site.pk}}
        points.append(mark)
    used = {mark["properties"]["state"] for mark in points}
    return map_of(points, states=[(name, str(label), tone) for name, label, tone in STATES if name in used]) | {
        "lines": lines
    }


def _stop_point(route: Route, stop: Any, timed: Any, *, editable: bool) -> dict[str, Any]:
    note = _("%(team)s 第 %(n)d 站，%(at)s–%(until)s") % {
        "team": route.team.name, "n": stop.position, "at": clock(timed.begins), "until": clock(timed.leaves),
    }  # fmt: skip
    state = "late" if timed.breach else stop.why
    mark = point(title=stop.site.name, lng=stop.site.lng, lat=stop.site.lat, note=note, state=state)
    mark["properties"]["label"] = str(stop.position)
    if editable:
        mark["properties"]["form"] = f"stop-{stop.pk}"
    return mark


@door(Permission.PLAN_SEE)
@require_safe
def plan(request: HttpRequest, plan_id: int) -> HttpResponse:
    """The routes of a day, or how far the search is."""
    return render(request, "desk/day_plan.html", _context(request, plan_id))


def _act(request: HttpRequest, plan_id: int, act: Callable[..., Any], said: str, **given: Any) -> HttpResponse:
    """One change; on refusal the page as it is now, with the sentences."""
    key = request.POST.get("client_key", "")[:64] or None
    try:
        act(
            plan_id=plan_id, by=actor_of(request), now=now_of(request), seen_version=seen_version(request),
            client_key=key, **given,
        )  # fmt: skip
    except NotFound:
        raise
    except Refused as refusal:
        return _refused(request, plan_id, refusal.objections, 409 if isinstance(refusal, Conflict) else 422)
    messages.success(request, said)
    return redirect(reverse("web:desk:plan", args=[plan_id]) + request.POST.get("back", "#routes")[:40])


def _refused(request: HttpRequest, plan_id: int, objections: Sequence[str], status: int) -> HttpResponse:
    context = _context(request, plan_id) | {"objections": objections, "typed": request.POST}
    return render(request, "desk/day_plan.html", context, status=status)


def _number(text: str) -> int | None:
    return int(text) if text.isdecimal() and len(text) < 12 else None


@door(Permission.PLAN_MAKE)
@require_POST
def stop(request: HttpRequest, plan_id: int) -> HttpResponse:
    """Move a stop, add a site (by its number, name or code), or drop one."""
    site = _number(request.POST.get("site", ""))
    if site is None:
        plan_for(actor_of(request), plan_id)
        try:
            site = site_named(actor_of(request), request.POST.get("site_name", "").strip())
        except BadInput as refusal:
            return _refused(request, plan_id, refusal.objections, 422)
    if request.POST.get("act") == "drop":
        return _act(request, plan_id, drop_stop, _("已移出。"), site_id=site)
    team, position = _number(request.POST.get("team", "")), _number(request.POST.get("position", ""))
    return _act(
        request, plan_id, place_stop, _("已改，时间已重新算过。"), site_id=site, team=team or 0, position=position
    )


@door(Permission.PLAN_MAKE)
@require_POST
def approve(request: HttpRequest, plan_id: int) -> HttpResponse:
    """The draft becomes patrols."""
    said = _("已批准，巡查已安排，巡查员手机上已能看到。")
    return _act(request, plan_id, approve_plan, said, overrule=request.POST.get("overrule", ""))


@door(Permission.PLAN_MAKE)
@require_POST
def discard(request: HttpRequest, plan_id: int) -> HttpResponse:
    """The plan is given up."""
    return _act(request, plan_id, discard_plan, _("已放弃这份路线，记录保留。"))


@door(Permission.PLAN_SEE)
@require_safe
def sheet(request: HttpRequest, plan_id: int) -> HttpResponse:
    """One A4 page for each team: order, times, addresses; nobody's name or number."""
    context = _context(request, plan_id)
    if "routes" not in context:
        return redirect("web:desk:plan", plan_id)
    context["crumbs"].append({"label": context["plan"].title, "url": reverse("web:desk:plan", args=[plan_id])})
    return render(request, "desk/day_plan_sheet.html", context)


urls = [
    path("plans/", plans, name="plans"),
    path("plans/new/", new, name="plan-new"),
    path("plans/<int:plan_id>/", plan, name="plan"),
    path("plans/<int:plan_id>/stop/", stop, name="plan-stop"),
    path("plans/<int:plan_id>/approve/", approve, name="plan-approve"),
    path("plans/<int:plan_id>/discard/", discard, name="plan-discard"),
    path("plans/<int:plan_id>/sheet/", sheet, name="plan-sheet"),
]
