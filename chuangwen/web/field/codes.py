"""A printed code was scanned: an inspector lands on the checklist, a unit's people on their cases, anybody else on the place."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from chuangwen.http import actor_of, door, now_of, public
from chuangwen.patrols.operations import start_patrol
from chuangwen.patrols.queries import stops_to_walk
from chuangwen.places.queries import site_by_token, sites_in_scope
from chuangwen.rechecks.queries import task_at
from chuangwen.rules.permissions import Permission, Role, may
from chuangwen.standards.queries import current_edition
from chuangwen.web.public.places import place_page


@public
@never_cache
@require_safe
def code(request: HttpRequest, token: str) -> HttpResponse:
    """Where a code leads depends on who scans it."""
    site, actor = site_by_token(token), actor_of(request)
    if (task_id := task_at(actor, site.pk)) is not None:
        return redirect("web:field:recheck", task_id)  # a blind second look: the other pages tell the last result
    if Role.INSPECTOR not in actor.roles or request.GET.get("public"):
        return place_page(request, site)
    stops = stops_to_walk(actor, site.pk, now_of(request))
    if len(stops) == 1:
        return redirect("web:field:checklist", stops[0].patrol_id, site.pk)
    if not stops and not sites_in_scope(actor).filter(pk=site.pk).exists():
        return place_page(request, site)
    may_start = not stops and may(actor, Permission.PATROL_START) and current_edition() is not None
    context = {"site": site, "stops": stops, "may_start": may_start, "token": token, "now": now_of(request)}
    return render(request, "field/code.html", context)


@door(Permission.PATROL_START)
@require_POST
def start(request: HttpRequest, token: str) -> HttpResponse:
    """A round of this one place, begun on the spot."""
    site = site_by_token(token)
    patrol = start_patrol(site_id=site.pk, by=actor_of(request), now=now_of(request))
    messages.success(request, _("临时巡查已开始，今天之内有效。"))
    return redirect("web:field:checklist", patrol.pk, site.pk)


urls = [
    path("q/<str:token>/", code, name="code"),
    path("q/<str:token>/start/", start, name="code-start"),
]
