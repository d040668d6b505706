"""Checking fixes, reporting by hand, and the own page, on the phone."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from chuangwen.cases.operations import reject, verify
from chuangwen.cases.queries import case_for, photos_of, to_do
from chuangwen.cases.reporting import report_case
from chuangwen.http import actor_of, door, now_of, wants_json
from chuangwen.journal.queries import last_event_of
from chuangwen.places.queries import sites_in_scope
from chuangwen.rules.case_flow import Status
from chuangwen.rules.permissions import Permission, may
from chuangwen.rules.refusals import BadInput, Conflict, NotFound, Refused
from chuangwen.web.desk.standard_choice import find_standard, standard_options
from chuangwen.web.field.phone import brought_photos, not_this_person, position_and_hint, refused_json
from chuangwen.web.hint_rows import hint_rows
from chuangwen.web.kept_photos import keep
from chuangwen.web.uploads import fresh_key


@door(Permission.FIELD_OPEN)
@require_safe
def checks(request: HttpRequest) -> HttpResponse:
    """Fixes that wait for a check, the longest waiting first."""
    actor = actor_of(request)
    rows = list(to_do(actor).filter(status=Status.RECTIFIED.value)[:100])
    return render(request, "field/checks.html", {"cases": rows})


def _check_context(request: HttpRequest, case_id: int) -> dict[str, Any]:
    actor = actor_of(request)
    case = case_for(actor, case_id)
    photos = photos_of(case)
    base = reverse("web:desk:case-photo", args=[case.pk, 0])
    shown = [(row.role, base.replace("/photos/0/", f"/photos/{row.photo_id}/"), row) for row in photos]
    latest = max((row.round for role, _url, row in shown if role == "after"), default=0)
    return {
        "case": case,
        "before": [url for role, url, _row in shown if role == "before"],
        "after": [url for role, url, row in shown if role == "after" and row.round == latest],
        "said": last_event_of("case", case.pk),
        "may_check": case.flow_status is Status.RECTIFIED and may(actor, Permission.CASE_VERIFY, case.thing()),
        "client_key": fresh_key(),
        "hints": hint_rows(actor, case) if photos else (),
        "now": now_of(request),
        "back_url": reverse("web:field:checks"),
    }


@door(Permission.FIELD_OPEN)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def check(request: HttpRequest, case_id: int) -> HttpResponse:
    """Before and after side by side, then one of two buttons."""
    if request.method != "POST":
        return render(request, "field/check.html", _check_context(request, case_id))
    if (stranger := not_this_person(request)) is not None:
        return stranger
    actor, now, post = actor_of(request), now_of(request), request.POST
    key, version = post.get("client_key", "")[:64] or None, post.get("version", "")
    seen = int(version) if version.isdecimal() and len(version) < 10 else None
    if request.FILES:
        case_for(actor, case_id)  # nothing is stored for a case that the person may not see
    photos, objections = brought_photos(request)
    note = post.get("note", "")
    try:
        if objections:
            raise BadInput(objections)
        if post.get("verdict") == "pass":
            verify(case_id=case_id, note=note, photo_ids=photos, by=actor, now=now, client_key=key, seen_version=seen)
        else:
            reject(case_id=case_id, reason=note, photo_ids=photos, by=actor, now=now, client_key=key, seen_version=seen)
    except (Refused, BadInput) as refusal:
        if wants_json(request):
            return refused_json(refusal)
        if isinstance(refusal, NotFound):
            raise
        again = {"objections": refusal.objections, "note": note, "kept": keep(request, photos)}
        context = _check_context(request, case_id) | again
        return render(request, "field/check.html", context, status=409 if isinstance(refusal, Conflict) else 422)
    done = _("已核查通过。") if post.get("verdict") == "pass" else _("已退回责任单位重办。")
    if wants_json(request):
        return JsonResponse({"ok": True, "message": done})
    messages.success(request, done)
    return redirect("web:field:checks")


@door(Permission.FIELD_OPEN)
@require_http_methods(["GET", "HEAD", "POST"])
def report(request: HttpRequest) -> HttpResponse:
    """Seen on the way: a sentence, a photo, where."""
    if (stranger := not_this_person(request)) is not None:
        return stranger
    actor, now, post = actor_of(request), now_of(request), request.POST
    sites = sites_in_scope(actor).filter(active=True).order_by("name").values_list("pk", "name")[:600]
    context: dict[str, Any] = {
        "sites": sites, "posted": post or request.GET, "client_key": post.get("client_key", "")[:64] or fresh_key(),
        "standards": [str(standard) for standard in standard_options()],
    }  # fmt: skip
    if request.method != "POST":
        return render(request, "field/report.html", context)
    site = post.get("site", "").strip()
    ids = [pk for pk, name in sites if name == site]
    photos, objections = brought_photos(request)
    lng, lat, hint = position_and_hint(request)
    try:
        if site and not ids:
            objections.append(_("没有找到点位“%(site)s”，请从列表里选，或改填位置。") % {"site": site})
        standard = post.get("standard", "").strip()
        if objections:
            raise BadInput(objections)
        case = report_case(
            title=post.get("title", ""), text=post.get("text", ""), place=post.get("place", ""),
            site_id=ids[0] if ids else None, lng=lng, lat=lat, photo_ids=photos,
            standard_id=find_standard(standard).pk if standard else None,
            client_key=context["client_key"], by=actor, now=now,
        )  # fmt: skip
    except (Refused, BadInput) as refusal:
        if wants_json(request):
            return refused_json(refusal)
        if isinstance(refusal, NotFound):
            raise
        again = {"objections": refusal.objections, "kept": keep(request, photos)}
        return render(request, "field/report.html", context | again, status=422)
    done = _("已上报，编号 %(number)s。") % {"number": case.number} + hint
    if wants_json(request):
        return JsonResponse({"ok": True, "message": done})
    messages.success(request, done)
    return redirect("web:field:home")


@door(Permission.FIELD_OPEN)
@require_safe
def me(request: HttpRequest) -> HttpResponse:
    """Who I am here, and the way to the rest."""
    return render(request, "field/me.html", {"posts": actor_of(request).posts})


urls = [
    path("checks/", checks, name="checks"),
    path("checks/<int:case_id>/", check, name="check"),
    path("report/", report, name="report"),
    path("me/", me, name="me"),
]
