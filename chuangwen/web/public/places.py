"""A place as anybody may see it: what is asked of it, its last result, what is being fixed by when."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from chuangwen.cases.queries import to_do
from chuangwen.http import actor_of, now_of
from chuangwen.intake.queries import place_state
from chuangwen.rules.permissions import UNIT, Permission, Role, may
from chuangwen.standards.queries import checklist, current_edition, point_type_name
from chuangwen.web.public.photos import site_photos


def place_context(request: HttpRequest, site: Any) -> dict[str, Any]:
    """The public facts of a place, and for a unit's people their own open cases there."""
    edition, actor = current_edition(), actor_of(request)
    criteria = checklist(edition.pk, site.point_type) if edition else []
    state = place_state(site, {row.code: row.text for row in criteria}, now_of(request))
    visit = state.visit
    judged = visit.passed + visit.failed if visit else 0  # type: ignore[attr-defined]  # annotated by the query
    works = any(role in actor.roles for role in (*UNIT, Role.GRID_WORKER))
    return {
        "site": site, "type_name": point_type_name(site.point_type), "edition": edition, "criteria": criteria,
        "photos": site_photos(site.pk), "visit": visit, "judged": judged, "state": state, "now": now_of(request),
        "mine": list(to_do(actor).filter(site=site)[:20]) if works else [], "works": works,
        "desk_url": reverse("web:desk:site", args=[site.pk]) if may(actor, Permission.SITE_SEE) else "",
    }  # fmt: skip


def place_page(request: HttpRequest, site: Any) -> HttpResponse:
    """The page that a scanned code shows to anybody."""
    return render(request, "public/site.html", place_context(request, site))
