"""Photos of a case: hints for whoever verifies it, and what residents may see of a photo."""

from collections.abc import Sequence
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from chuangwen.cases import photo_hints
from chuangwen.evidence.queries import open_photo, public_boxes
from chuangwen.http import actor_of, door, now_of
from chuangwen.rules.masking import read_boxes
from chuangwen.rules.permissions import Permission
from chuangwen.rules.refusals import BadInput, NotFound, Refused
from chuangwen.web.photos import photo_response

SPARE_ROWS = 4  # empty rows of numbers for whoever cannot draw


@door(Permission.DASHBOARD_SEE)
@require_safe
def hint_photo(request: HttpRequest, case_id: int, hint_id: int) -> HttpResponseBase:
    """The earlier photo of a hint, through the door of the case that is verified."""
    photo = photo_hints.hint_photo_for(actor_of(request), case_id, hint_id)
    try:
        return photo_response(open_photo(photo, small=request.GET.get("small") == "1"))
    except FileNotFoundError as error:
        raise NotFound(_("照片文件不在了，请联系系统管理员。")) from error


@door(Permission.DASHBOARD_SEE)
@require_POST
def set_aside(request: HttpRequest, case_id: int, hint_id: int) -> HttpResponse:
    """The verifier looked; back to where they were."""
    back = "web:field:check" if request.POST.get("back") == "field" else "web:desk:case"
    try:
        photo_hints.set_aside(
            case_id=case_id, hint_id=hint_id, word=request.POST.get("word", ""), by=actor_of(request),
            now=now_of(request),
        )  # fmt: skip
    except NotFound:
        raise
    except Refused as refusal:
        messages.error(request, "".join(refusal.objections))
    else:
        messages.success(request, _("已记下，这条提示不再提醒。"))
    return redirect(reverse(back, args=[case_id]) + "#photo-hints")


@door(Permission.DASHBOARD_SEE)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def public_copy(request: HttpRequest, case_id: int, photo_id: int) -> HttpResponse:
    """Draw boxes over faces and plates, or say that there are none; then residents may see the photo."""
    actor, now, post = actor_of(request), now_of(request), request.POST
    photo_hints.photo_to_release(actor, case_id, photo_id)
    if request.method != "POST":
        return _page(request, case_id, photo_id)
    try:
        if post.get("action") == "withdraw":
            reason = post.get("reason", "")
            photo_hints.withdraw_photo(case_id=case_id, photo_id=photo_id, reason=reason, by=actor, now=now)
            messages.success(request, _("已撤回，居民看不到这张照片了。"))
        else:
            boxes, clear = read_boxes(_posted_rows(request)), post.get("nothing") == "1"
            photo_hints.release_photo(
                case_id=case_id, photo_id=photo_id, boxes=boxes, nothing_to_hide=clear, by=actor, now=now
            )
            messages.success(request, _("已做成公开副本，居民看到的是遮盖后的照片。原图未动。"))
    except NotFound:
        raise
    except (Refused, BadInput) as refusal:
        return _page(request, case_id, photo_id, refusal.objections)
    return redirect("web:desk:case-photo-public", case_id, photo_id)


def _posted_rows(request: HttpRequest) -> list[tuple[str, ...]]:
    columns = [request.POST.getlist(name) for name in ("left", "top", "width", "height")]
    return list(zip(*columns, strict=False))


def _page(request: HttpRequest, case_id: int, photo_id: int, objections: Sequence[str] = ()) -> HttpResponse:
    copy = public_boxes(photo_id)
    rows: list[tuple[Any, ...]] = []
    if request.method == "POST":
        rows = [row for row in _posted_rows(request) if any(row)]
    elif copy is not None:
        rows = [tuple(f"{number * 100:.2f}".rstrip("0").rstrip(".") for number in box) for box in copy.boxes]
    context = {
        "case_id": case_id, "photo_url": reverse("web:desk:case-photo", args=[case_id, photo_id]), "copy": copy,
        "public_url": reverse("web:public:photo", args=[photo_id]), "objections": objections, "now": now_of(request),
        "rows": rows + [("", "", "", "")] * SPARE_ROWS, "nothing": request.POST.get("nothing") == "1",
        "reason": request.POST.get("reason", ""), "back_url": reverse("web:desk:case", args=[case_id]),
    }  # fmt: skip
    return render(request, "desk/photo_public.html", context, status=422 if objections else 200)


urls = [
    path("cases/<int:case_id>/hints/<int:hint_id>/photo/", hint_photo, name="case-hint-photo"),
    path("cases/<int:case_id>/hints/<int:hint_id>/set-aside/", set_aside, name="case-hint-set-aside"),
    path("cases/<int:case_id>/photos/<int:photo_id>/public/", public_copy, name="case-photo-public"),
]
