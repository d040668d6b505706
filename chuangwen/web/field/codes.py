"""A printed code was scanned: an inspector on the round lands on the checklist, anybody else on the standard of the place."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.views.decorators.http import require_safe

from chuangwen.http import actor_of, now_of, public
from chuangwen.patrols.queries import stop_to_walk
from chuangwen.places.queries import site_by_token
from chuangwen.standards.queries import checklist, current_edition, point_type_name


@public
@require_safe
def code(request: HttpRequest, token: str) -> HttpResponse:
    """Where a code leads depends on who scans it."""
    site = site_by_token(token)
    stop = stop_to_walk(actor_of(request), site.pk, now_of(request))
    if stop is not None:
        return redirect("web:field:checklist", stop.patrol_id, site.pk)
    edition = current_edition()
    criteria = checklist(edition.pk, site.point_type) if edition else []
    context = {"site": site, "type_name": point_type_name(site.point_type), "edition": edition, "criteria": criteria}
    return render(request, "public/site.html", context)


urls = [path("q/<str:token>/", code, name="code")]
