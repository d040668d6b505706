"""Patrols on the desk: the list with progress, planning a new one, one with what was found, cancelling."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from chuangwen.http import actor_of, door, now_of
from chuangwen.patrols.operations import cancel_patrol, plan_patrol
from chuangwen.patrols.queries import (
    by_last_visit,
    failed_findings_of,
    in_state,
    inspectors,
    patrol_for,
    patrol_kinds,
    patrols_for,
    stops_of,
    visits_of,
    with_progress,
)
from chuangwen.people.queries import streets
from chuangwen.places.listing import narrowed_sites, sites_by_id
from chuangwen.rules.permissions import Actor, Permission, may
from chuangwen.rules.refusals import NotFound, Refused
from chuangwen.scores.fair import rotation_hints
from chuangwen.standards.queries import editions, point_types, work_calendar
from chuangwen.web.desk.geo import map_of, point
from chuangwen.web.desk.lists import FilterForm, choices_of, list_page, set_choices
from chuangwen.web.desk.patrol_plan import ROUTES, SORTS, Draft, walking_order
from chuangwen.web.uploads import fresh_key

MOST_LISTED = 100
STATES = {
    "running": gettext_lazy("进行中"),
    "upcoming": gettext_lazy("未开始"),
    "past": gettext_lazy("已结束"),
    "cancelled": gettext_lazy("已取消"),
}


class PatrolFilter(FilterForm):
    """The conditions of the list of patrols."""

    state = forms.ChoiceField(label=gettext_lazy("进度"), required=False)
    inspector = forms.ChoiceField(label=gettext_lazy("巡查员"), required=False)

    def __init__(self, data: Any, *, people: Sequence[Any]) -> None:
        super().__init__(data)
        set_choices(self, "state", choices_of([*STATES.items()]))
        names = [(str(user.pk), user.display_name) for user in people]
        set_choices(self, "inspector", choices_of(names))


@door(Permission.PATROL_SEE)
@require_safe
def patrols(request: HttpRequest) -> HttpResponse:
    """All rounds, newest first, with how far each is."""
    actor, now = actor_of(request), now_of(request)
    form = PatrolFilter(request.GET, people=inspectors(now.date()))
    rows = in_state(patrols_for(actor), form.value("state"), now)
    if inspector := form.value("inspector"):
        rows = rows.filter(inspectors=int(inspector))
    page = list_page(request, with_progress(rows).prefetch_related("inspectors").order_by("-starts_at", "-id"))
    context = {
        "page": page, "form": form, "conditions": form.conditions(), "now": now,
        "rows": [(patrol, _state(patrol, now)) for patrol in page.rows],
        "actions": _links(actor),
    }  # fmt: skip
    return render(request, "desk/patrols.html", context)


def _links(actor: Actor) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    if may(actor, Permission.PATROL_PLAN):
        found.append({"label": _("安排巡查"), "url": reverse("web:desk:patrol-new"), "icon": "plus", "primary": True})
    if may(actor, Permission.PLAN_SEE):
        found.append({"label": _("巡查路线"), "url": reverse("web:desk:plans"), "icon": "route"})
    return found


def _state(patrol: Any, now: Any) -> dict[str, str]:
    if patrol.cancelled_at is not None:
        name, tone, icon = "cancelled", "neutral", "ban"
    elif patrol.starts_at > now:
        name, tone, icon = "upcoming", "info", "calendar-event"
    elif patrol.ends_at < now:
        name, tone, icon = "past", "neutral", "history"
    else:
        name, tone, icon = "running", "accent", "route"
    return {"name": name, "label": str(STATES[name]), "tone": tone, "icon": icon}


# --- one patrol ---


def _detail(request: HttpRequest, patrol_id: int) -> dict[str, Any]:
    actor, now = actor_of(request), now_of(request)
    patrol = patrol_for(actor, patrol_id)
    visits: dict[int, list[Any]] = {}
    for visit in visits_of(patrol):
        visits.setdefault(visit.site_id, []).append(visit)
    stops = [(stop, visits.get(stop.site_id, [])) for stop in stops_of(patrol)]
    finished = {site_id for site_id, made in visits.items() if any(visit.finished_at for visit in made)}
    names = {stop.site_id: stop.site for stop, _made in stops}
    findings = [(finding, names.get(finding.visit.site_id)) for finding in failed_findings_of(patrol)]
    return {
        "patrol": patrol, "state": _state(patrol, now), "stops": stops, "finished": len(finished), "findings": findings,
        "total": len(stops), "map": _map(stops, finished), "now": now,
        "may_cancel": patrol.cancelled_at is None and may(actor, Permission.PATROL_PLAN),
        "crumbs": [{"label": _("巡查"), "url": reverse("web:desk:patrols")}],
    }  # fmt: skip


def _map(stops: Sequence[tuple[Any, Any]], finished: set[int]) -> dict[str, Any]:
    points = [
        point(
            title=stop.site.name, lng=stop.site.lng, lat=stop.site.lat, note=stop.site.address,
            state="done" if stop.site_id in finished else "open", href=reverse("web:desk:site", args=[stop.site_id]),
        )
        for stop, _made in stops
    ]  # fmt: skip
    return map_of(points, states=[("done", _("已完成"), "good"), ("open", _("未完成"), "info")])


@door(Permission.PATROL_SEE)
@require_safe
def patrol(request: HttpRequest, patrol_id: int) -> HttpResponse:
    """One round: its places, who finished them, what was not in order."""
    return render(request, "desk/patrol.html", _detail(request, patrol_id))


@door(Permission.PATROL_PLAN)
@require_POST
def cancel(request: HttpRequest, patrol_id: int) -> HttpResponse:
    """The round does not take place; a reason is needed."""
    patrol_for(actor_of(request), patrol_id)
    reason = request.POST.get("reason", "")
    try:
        cancel_patrol(patrol_id=patrol_id, reason=reason, by=actor_of(request), now=now_of(request))
    except NotFound:
        raise
    except Refused as refusal:
        context = _detail(request, patrol_id) | {"objections": refusal.objections, "reason": reason}
        return render(request, "desk/patrol.html", context, status=422)
    messages.success(request, _("巡查已取消，巡查员手机上不再显示。已有的判定和案件保留。"))
    return redirect("web:desk:patrol", patrol_id)


# --- a new patrol ---


@door(Permission.PATROL_PLAN)
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """Choose places (GET, as often as needed), then plan the round (POST)."""
    typed = request.POST if request.method == "POST" else request.GET
    draft = Draft.read(typed, now=now_of(request))
    if request.method != "POST":
        return render(request, "desk/patrol_new.html", _form(request, draft))
    context = _form(request, draft)
    known = [site.pk for site in walking_order(context["chosen"], draft.route)]
    try:
        made = plan_patrol(
            title=draft.title or context["suggestion"], kind=draft.kind, inspector_ids=draft.inspectors,
            edition_id=int(draft.edition) if draft.edition.isdecimal() else 0, starts_at=draft.starts_at,
            site_ids=[*known, *(site_id for site_id in draft.sites if site_id not in known)],
            ends_at=draft.ends_at, client_key=request.GET.get("client_key", "")[:64] or None,
            by=actor_of(request), now=now_of(request),
        )  # fmt: skip
    except Refused as refusal:
        return render(request, "desk/patrol_new.html", context | {"objections": refusal.objections}, status=422)
    messages.success(request, _("已安排 %(n)d 个点位，巡查员手机上已能看到。") % {"n": len(known)})
    return redirect("web:desk:patrol", made.pk)


def _form(request: HttpRequest, draft: Draft) -> dict[str, Any]:
    actor, now = actor_of(request), now_of(request)
    street_names = {unit.code: unit.name for unit in streets()}
    type_names = {kind.code: kind.name for kind in point_types()}
    published = list(editions().filter(published_at__isnull=False))
    rows, total = _candidates(request, draft)
    pick = request.GET.get("pick", "")
    chosen_ids = () if pick == "none" else (*draft.sites, *(site.pk for site in rows)) if pick == "all" else draft.sites
    chosen = list(sites_by_id(actor, chosen_ids)) if chosen_ids else []
    taken = {site.pk for site in chosen}
    return {
        "draft": draft, "editions": published, "kinds": patrol_kinds(), "streets": street_names, "types": type_names,
        "edition": draft.edition or (str(published[0].pk) if published else ""), "people": inspectors(now.date()),
        "chosen": chosen, "candidates": [site for site in rows if site.pk not in taken], "total": total,
        "listed": len(rows), "routes": ROUTES, "sorts": SORTS, "suggestion": draft.suggestion(
            streets=street_names, types=type_names, kinds=patrol_kinds()
        ), "rest_day": _rest_day(draft), "rotation": rotation_hints(actor), "client_key": request.GET.get("client_key") or fresh_key(), "now": now,
        "crumbs": [{"label": _("巡查"), "url": reverse("web:desk:patrols")}],
    }  # fmt: skip


def _candidates(request: HttpRequest, draft: Draft) -> tuple[list[Any], int]:
    """The first places that the conditions leave, and how many they leave in all."""
    sites = narrowed_sites(actor_of(request), street=draft.street, point_type=draft.point_type, text=draft.q)
    ordered = by_last_visit(sites)
    if draft.sort == "name":
        ordered = ordered.order_by("name", "code")
    return list(ordered[:MOST_LISTED]), sites.order_by().count()


def _rest_day(draft: Draft) -> bool:
    day = draft.date
    return day is not None and not work_calendar().is_working(day)


urls = [
    path("patrols/", patrols, name="patrols"),
    path("patrols/new/", new, name="patrol-new"),
    path("patrols/<int:patrol_id>/", patrol, name="patrol"),
    path("patrols/<int:patrol_id>/cancel/", cancel, name="patrol-cancel"),
]
