"""Putting a case right, on the phone of the unit that must act."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from chuangwen.cases.operations import add_note, rectify
from chuangwen.cases.queries import case_for, photos_of
from chuangwen.http import actor_of, door, now_of, wants_json
from chuangwen.journal.queries import last_events_of
from chuangwen.rules.case_flow import RUNNING
from chuangwen.rules.permissions import Permission, may
from chuangwen.rules.refusals import BadInput, Conflict, NotFound, Refused
from chuangwen.web.field.phone import brought_photos, not_this_person, refused_json
from chuangwen.web.kept_photos import keep
from chuangwen.web.uploads import fresh_key


def _context(request: HttpRequest, case_id: int) -> dict[str, Any]:
    actor = actor_of(request)
    case = case_for(actor, case_id)
    base = reverse("web:desk:case-photo", args=[case.pk, 0])
    before = [row.photo_id for row in photos_of(case) if row.role == "before"]
    return {
        "case": case,
        "before": [base.replace("/photos/0/", f"/photos/{photo_id}/") for photo_id in before],
        "said": last_events_of("case", [case.pk], "case.reject").get(case.pk),
        "may_act": case.flow_status in RUNNING and may(actor, Permission.CASE_HANDLE, case.thing()),
        "client_key": fresh_key(),
        "back_url": reverse("web:field:home"),
    }


def _hand_in(request: HttpRequest, case_id: int, photos: list[int]) -> None:
    post, version = request.POST, request.POST.get("version", "")
    rectify(
        case_id=case_id, note=post.get("note", ""), photo_ids=photos, by=actor_of(request), now=now_of(request),
        client_key=post.get("client_key", "")[:64] or None,
        seen_version=int(version) if version.isdecimal() and len(version) < 10 else None,
    )  # fmt: skip


@door(Permission.FIELD_OPEN)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def case(request: HttpRequest, case_id: int) -> HttpResponse:
    """What is wrong, and the form that says it was put right."""
    if request.method != "POST":
        return render(request, "field/case.html", _context(request, case_id))
    if (stranger := not_this_person(request)) is not None:
        return stranger
    case_for(actor_of(request), case_id)  # nothing is stored for a case that the person may not see
    photos, objections = brought_photos(request)
    try:
        if objections:
            raise BadInput(objections)
        _hand_in(request, case_id, photos)
    except (Refused, BadInput) as refusal:
        return _refused(request, case_id, refusal, photos)
    if wants_json(request):
        return JsonResponse({"ok": True, "message": _("已提交整改，等待核查。")})
    messages.success(request, _("已提交整改，等待核查。"))
    return redirect("web:field:home")


def _refused(request: HttpRequest, case_id: int, refusal: Refused | BadInput, photos: list[int]) -> HttpResponse:
    if wants_json(request):
        return refused_json(refusal)
    if isinstance(refusal, NotFound):
        raise refusal
    note = request.POST.get("note", "")
    again = {"objections": refusal.objections, "note": note, "kept": keep(request, photos)}
    context = _context(request, case_id) | again
    return render(request, "field/case.html", context, status=409 if isinstance(refusal, Conflict) else 422)


@door(Permission.FIELD_OPEN)
@require_http_methods(["POST"])
def note(request: HttpRequest, case_id: int) -> HttpResponse:
    """The words of an entry that came too late, kept as a remark in the case."""
    if (stranger := not_this_person(request)) is not None:
        return stranger
    try:
        add_note(
            case_id=case_id, note=request.POST.get("note", ""), by=actor_of(request), now=now_of(request),
            client_key=request.POST.get("client_key", "")[:64] or None,
        )  # fmt: skip
    except (Refused, BadInput) as refusal:
        return refused_json(refusal)
    return JsonResponse({"ok": True, "message": _("已作为备注写入案件。")})


urls = [
    path("cases/<int:case_id>/", case, name="case"),
    path("cases/<int:case_id>/note/", note, name="case-note"),
]
