"""The inspector's rounds on the phone: today's patrols, the places of one, the checklist of a place."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.middleware.csrf import get_token
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from chuangwen.cases.queries import to_do
from chuangwen.evidence.queries import open_photo
from chuangwen.http import actor_of, door, now_of, wants_json
from chuangwen.patrols.answers import questions_at
from chuangwen.patrols.operations import finish_visit, record_finding
from chuangwen.patrols.queries import (
    finding_photo_for,
    findings_of,
    open_patrols_of,
    patrol_for,
    stop_of,
    stops_of,
    visit_of,
    visits_of,
    with_progress,
)
from chuangwen.rules.permissions import Permission, Role
from chuangwen.rules.refusals import BadInput, Conflict, NotFound, Refused
from chuangwen.standards.queries import checklist
from chuangwen.web.field import mocks, rechecks
from chuangwen.web.field.asking import advice, answers_of, asked_part, picture_url, pictures_for, spoken, today
from chuangwen.web.field.phone import (
    brought_photos,
    not_this_person,
    phone_moments,
    position_and_hint,
    refused_json,
)
from chuangwen.web.photos import photo_response


@door(Permission.FIELD_OPEN)
@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """What to do first today: rounds to walk, then fixes to check, then own cases to put right."""
    actor, now = actor_of(request), now_of(request)
    patrols = with_progress(open_patrols_of(actor.user_id or 0, now))[:20] if Role.INSPECTOR in actor.roles else []
    waiting = list(to_do(actor)[:50])
    context = {
        "patrols": list(patrols),
        "checks": [case for case in waiting if case.status == "rectified"][:5],
        "mine": [case for case in waiting if case.status in {"dispatched", "handling"}],
        "is_inspector": Role.INSPECTOR in actor.roles,
        "rechecks": rechecks.waiting(actor),
        "mocks": mocks.waiting(actor),
    }
    return render(request, "field/home.html", context)


@door(Permission.FIELD_OPEN)
@require_safe
def patrol(request: HttpRequest, patrol_id: int) -> HttpResponse:
    """The places of a round; unfinished ones first in the order of the plan."""
    actor = actor_of(request)
    found = patrol_for(actor, patrol_id)
    done = {visit.site_id: visit for visit in visits_of(found) if visit.inspector_id == actor.user_id}
    rows = [(stop, done.get(stop.site_id)) for stop in stops_of(found)]
    rows.sort(key=lambda row: bool(row[1] and row[1].finished_at))
    finished = sum(bool(visit and visit.finished_at) for _stop, visit in rows)
    context = {
        "patrol": found,
        "rows": rows,
        "finished": finished,
        "back_url": reverse("web:field:home"),
        "map": _map(found.pk, rows),
    }
    return render(request, "field/patrol.html", context)


def _map(patrol_id: int, rows: list[tuple[Any, Any]]) -> dict[str, Any]:
    features = [
        {
            "type": "Feature",
            "geometry": {"type": "Point", "coordinates": [float(stop.site.lng), float(stop.site.lat)]},
            "properties": {
                "title": stop.site.name,
                "note": stop.site.address,
                "state": "done" if visit and visit.finished_at else "open",
                "href": reverse("web:field:checklist", args=[patrol_id, stop.site_id]),
            },
        }
        for stop, visit in rows
    ]
    states = {"done": {"label": _("已完成"), "tone": "good"}, "open": {"label": _("未完成"), "tone": "info"}}
    empty: dict[str, Any] = {"type": "FeatureCollection", "features": []}
    return {"boundaries": empty, "points": {"type": "FeatureCollection", "features": features}, "states": states}


def _item(criterion: Any, finding: Any, urls: dict[str, str], picture: str, asked: bool) -> dict[str, Any]:
    photos = [
        {"url": urls["photo"].replace("/0/", f"/{row.photo_id}/"), "alt": _("现场照片")} for row in finding.photos.all()
    ] if finding else []  # fmt: skip
    for photo in photos:
        photo["thumb_url"] = photo["url"] + "?small=1"
    return {
        "action": urls["action"], "criterion": criterion.code, "code": criterion.code,
        "text": spoken(criterion.text, criterion.text_en), "picture": picture, "not_asked": not (asked or finding),
        "hint": advice(criterion), "note_required": criterion.note_on_fail, "carve_outs": criterion.carve_outs, "severity": criterion.severity,
        "photo_required": criterion.photo_on_fail, "verdict": finding.verdict if finding else "",
        "note": finding.note if finding else "", "photos": photos, "case": finding.case if finding else None,
    }  # fmt: skip


def _checklist(request: HttpRequest, patrol_id: int, site_id: int) -> dict[str, Any]:
    actor = actor_of(request)
    found = patrol_for(actor, patrol_id)
    stop = stop_of(found, site_id)
    visit = visit_of(patrol_id, site_id, actor.user_id or 0)
    findings = {finding.criterion_id: finding for finding in findings_of(visit)} if visit else {}
    urls = {
        "action": reverse("web:field:finding", args=[patrol_id, site_id]),
        "photo": reverse("web:field:finding-photo", args=[patrol_id, site_id, 0]),
    }
    groups: dict[str, list[dict[str, Any]]] = {}
    criteria = checklist(found.edition_id, stop.site.point_type)
    asked = questions_at(found.edition_id, stop.site.point_type, visit, criteria, now_of(request))
    pictures = pictures_for(criteria, [(asked.all, asked.choices)])
    for criterion in criteria:
        picture = picture_url(pictures, criterion.edition_id, criterion.media)
        item = _item(criterion, findings.get(criterion.pk), urls, picture, criterion.code not in asked.not_asked)
        groups.setdefault(criterion.content.name, []).append(item)
    rules = asked_part(criteria, asked.all, asked.choices, pictures)
    return {
        "patrol": found, "site": stop.site, "visit": visit, "groups": groups,
        "total": sum(not item["not_asked"] for group in groups.values() for item in group), "judged": len(findings),
        "failed": sum(finding.verdict == "fail" for finding in findings.values()),
        "back_url": reverse("web:field:patrol", args=[patrol_id]), "csrf_token": get_token(request),
        "finish_url": reverse("web:field:finish", args=[patrol_id, site_id]),
        "asked": asked, "asking": rules and {"asked": rules, "day": today(now_of(request)), **answers_of(visit)},
    }  # fmt: skip


@door(Permission.FIELD_OPEN)
@never_cache
@require_safe
def checklist_page(request: HttpRequest, patrol_id: int, site_id: int) -> HttpResponse:
    """The checklist of one place; two taps for a finding, three with a photo."""
    return render(request, "field/checklist.html", _checklist(request, patrol_id, site_id))


def _refused(request: HttpRequest, patrol_id: int, site_id: int, refusal: Refused | BadInput) -> HttpResponse:
    if wants_json(request):
        return refused_json(refusal)
    if isinstance(refusal, NotFound):
        raise refusal
    status = 409 if isinstance(refusal, Conflict) else 422
    context = _checklist(request, patrol_id, site_id) | {"objections": refusal.objections, "posted": request.POST}
    return render(request, "field/checklist.html", context, status=status)


@door(Permission.FIELD_OPEN)
@require_POST
def finding(request: HttpRequest, patrol_id: int, site_id: int) -> HttpResponse:
    """One verdict, perhaps told late by a phone. Answers the script in JSON, a plain form with the page."""
    if (stranger := not_this_person(request)) is not None:
        return stranger
    actor, now = actor_of(request), now_of(request)
    lng, lat, hint = position_and_hint(request)
    found_at, sent_at = phone_moments(request)
    photos, objections = brought_photos(request)
    try:
        if objections:
            raise BadInput(objections)
        made = record_finding(
            patrol_id=patrol_id, site_id=site_id, criterion_code=request.POST.get("criterion", ""),
            verdict=request.POST.get("verdict", ""), note=request.POST.get("note", ""), photo_ids=photos,
            lng=lng, lat=lat, client_key=request.POST.get("client_key", "")[:64] or None, found_at=found_at,
            sent_at=sent_at, by=actor, now=now,
        )  # fmt: skip
    except (Refused, BadInput) as refusal:
        return _refused(request, patrol_id, site_id, refusal)
    if not wants_json(request):
        return redirect(reverse("web:field:checklist", args=[patrol_id, site_id]) + f"#criterion-{made.criterion.code}")
    return JsonResponse({"ok": True, "message": f"{_recorded(made)}{hint}", "finding": _told(made)})


def _recorded(made: Any) -> str:
    if made.case is None:
        return _("已保存")
    return _("已立案 %(number)s，已派给 %(unit)s。") % {"number": made.case.number, "unit": made.case.unit}


def _told(made: Any) -> dict[str, Any]:
    """The finding as it stands now, in the shape of the pack."""
    case = made.case
    known = {"verdict": made.verdict, "note": made.note, "case": case.number if case else ""}
    return known | ({"case_id": case.pk, "unit": str(case.unit or "")} if case else {})


@door(Permission.FIELD_OPEN)
@require_POST
def finish(request: HttpRequest, patrol_id: int, site_id: int) -> HttpResponse:
    """Done with this place; with the statement that all the rest is in order, when the inspector says so."""
    if (stranger := not_this_person(request)) is not None:
        return stranger
    rest = request.POST.get("rest_passes") == "1"
    ended_at, sent_at = phone_moments(request)
    try:
        visit = finish_visit(
            patrol_id=patrol_id, site_id=site_id, rest_passes=rest, by=actor_of(request), now=now_of(request),
            ended_at=ended_at, sent_at=sent_at,
        )  # fmt: skip
    except Refused as refusal:
        return _refused(request, patrol_id, site_id, refusal)
    if wants_json(request):
        finished = timezone.localtime(visit.finished_at).isoformat() if visit.finished_at else ""
        return JsonResponse({"ok": True, "message": _("本点已完成。"), "finished": finished})
    messages.success(request, _("本点已完成。"))
    return redirect("web:field:patrol", patrol_id)


@door(Permission.FIELD_OPEN)
@require_safe
def finding_photo(request: HttpRequest, patrol_id: int, site_id: int, photo_id: int) -> HttpResponseBase:
    """A photo of a finding, through the door of its patrol."""
    photo = finding_photo_for(actor_of(request), patrol_id, site_id, photo_id)
    return photo_response(open_photo(photo, small=request.GET.get("small") == "1"))


urls = [
    path("", home, name="home"),
    path("patrols/<int:patrol_id>/", patrol, name="patrol"),
    path("patrols/<int:patrol_id>/sites/<int:site_id>/", checklist_page, name="checklist"),
    path("patrols/<int:patrol_id>/sites/<int:site_id>/findings/", finding, name="finding"),
    path("patrols/<int:patrol_id>/sites/<int:site_id>/finish/", finish, name="finish"),
    path("patrols/<int:patrol_id>/sites/<int:site_id>/photos/<int:photo_id>/", finding_photo, name="finding-photo"),
]
