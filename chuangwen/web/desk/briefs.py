"""新闻简讯: write, give to a second person, publish, take to the newspaper."""

from collections.abc import Sequence
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from chuangwen.evidence.queries import open_photo, public_boxes
from chuangwen.http import actor_of, door, now_of
from chuangwen.journal.queries import events_of
from chuangwen.publicity import operations
from chuangwen.publicity.drafting import draft_from_campaign, draft_from_case
from chuangwen.publicity.newspaper import brief_docx
from chuangwen.publicity.queries import (
    brief_for,
    brief_thing,
    briefs_for,
    named_of,
    own_units,
    picture_for,
    pictures_of,
    to_review,
)
from chuangwen.rules.masking import read_boxes
from chuangwen.rules.permissions import Permission, may
from chuangwen.rules.publicity import BriefStatus, written_named
from chuangwen.rules.refusals import BadInput, NotFound, Refused
from chuangwen.web.desk.attempts import Attempt, attempt, seen_version
from chuangwen.web.desk.lists import list_page
from chuangwen.web.desk.publicity import tabs
from chuangwen.web.desk.publicity_forms import BriefForm
from chuangwen.web.photos import photo_response
from chuangwen.web.uploads import fresh_key, stored_photos

DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
SPARE_ROWS = 4  # empty rows of numbers for whoever cannot draw


def _key(request: HttpRequest) -> str | None:
    return request.POST.get("client_key", "")[:40] or None


@door(Permission.PUBLICITY_SEE)
@require_safe
def briefs(request: HttpRequest) -> HttpResponse:
    """All news within reach, newest first, and what waits for this person's eyes."""
    actor = actor_of(request)
    status = request.GET.get("status", "") if request.GET.get("status", "") in set(BriefStatus) else ""
    rows = briefs_for(actor)
    chosen = [{"label": _("全部"), "url": "?", "active": not status}]
    chosen += [
        {"label": one.label, "url": f"?status={one.value}", "active": one.value == status} for one in BriefStatus
    ]
    context = {
        "tabs": tabs("briefs"), "statuses": chosen, "page": list_page(request, rows.filter(status=status) if status else rows),
        "waiting": list(to_review(actor)[:20]), "may_write": bool(own_units(actor)), "now": now_of(request),
        "client_key": fresh_key(),
    }  # fmt: skip
    return render(request, "desk/briefs.html", context)


@door(Permission.PUBLICITY_SEE)
@require_POST
def start(request: HttpRequest) -> HttpResponse:
    """A draft out of a campaign, a case, or nothing (`from`, `id`); then its page."""
    actor, now, post = actor_of(request), now_of(request), request.POST
    number = post.get("id", "")
    row_id = int(number) if number.isascii() and number.isdigit() and len(number) <= 18 else 0
    try:
        if post.get("from") == "campaign":
            brief = draft_from_campaign(campaign_id=row_id, by=actor, now=now, client_key=_key(request))
        elif post.get("from") == "case":
            brief = draft_from_case(case_id=row_id, by=actor, now=now, client_key=_key(request))
        else:
            units = own_units(actor)
            if not units:
                raise Refused(_("您的岗位不能写简讯。"))
            brief = operations.draft_brief(
                title=_("新简讯"), body="", byline=units[0].name, unit_id=units[0].pk, by=actor, now=now,
                client_key=_key(request),
            )  # fmt: skip
    except NotFound:
        raise
    except Refused as refusal:
        messages.error(request, "".join(refusal.objections))
        return redirect("web:desk:briefs")
    messages.success(request, _("已起草。请核对、修改，再交给另一个人审。"))
    return redirect("web:desk:brief", brief.pk)


@door(Permission.PUBLICITY_SEE)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def brief(request: HttpRequest, brief_id: int) -> HttpResponse:
    """One piece: its words and pictures, what can be done with it, what was done."""
    if request.method != "POST":
        return _page(request, brief_id, Attempt())
    tried = attempt(request, lambda: _act(request, brief_id))
    return tried.went or _page(request, brief_id, tried)


def _act(request: HttpRequest, brief_id: int) -> HttpResponse:
    action = request.POST.get("action", "")
    common: dict[str, Any] = {
        "brief_id": brief_id, "by": actor_of(request), "now": now_of(request), "seen_version": seen_version(request),
    }  # fmt: skip
    words = request.POST.get("reason", "")
    if action in {"save", "submit"} and "title" in request.POST:
        saved = _save(request, common)
        common["seen_version"] = saved.version
        messages.success(request, _("已保存。"))
    if action == "submit":
        operations.submit_brief(**common, client_key=_key(request))
        messages.success(request, _("已交审，审稿人会看到。"))
    elif action == "send_back":
        operations.send_back_brief(**common, note=words, client_key=_key(request))
        messages.success(request, _("已退回。"))
    elif action == "publish":
        operations.publish_brief(**common, client_key=_key(request))
        messages.success(request, _("已发布，居民现在能看到。"))
    elif action == "withdraw":
        operations.withdraw_brief(**common, reason=words, client_key=_key(request))
        messages.success(request, _("已撤下，居民不再看到。"))
    elif action != "save":
        raise Refused(_("没有这一步。"))
    return redirect("web:desk:brief", brief_id)


def _save(request: HttpRequest, common: dict[str, Any]) -> Any:
    form = BriefForm(request.POST)
    if not form.is_valid():
        raise Refused([f"{form.fields[name].label}：{one}" for name, found in form.errors.items() for one in found])
    post = request.POST
    captions = {
        int(name.removeprefix("caption-")): str(value).strip()
        for name, value in post.items()
        if name.removeprefix("caption-").isdecimal() and len(name) < 24 and name.startswith("caption-")
    }
    drop = [int(value) for value in post.getlist("drop") if value.isdecimal() and len(value) <= 18]
    try:
        photos = stored_photos(request, by=common["by"], now=common["now"])
    except BadInput as refusal:
        raise Refused([*refusal.objections, _("照片没有存下，请改好后再选一次。")]) from refusal
    return operations.edit_brief(**common, **form.cleaned_data, captions=captions, drop=drop, photos=photos)


def _page(request: HttpRequest, brief_id: int, tried: Attempt) -> HttpResponse:
    actor = actor_of(request)
    found = brief_for(actor, brief_id)
    thing = brief_thing(found)
    writes = may(actor, Permission.PUBLICITY_WRITE, thing)
    typed = request.POST if request.method == "POST" and "title" in request.POST else None
    known = {name: getattr(found, name) for name in ("title", "body", "byline", "audience")}
    form = BriefForm(typed, initial=known | {"named": written_named(named_of(found))})
    status = found.flow_status
    context = {
        "brief": found, "form": form, "pictures": pictures_of(found), "objections": tried.objections,
        "editable": writes and status is BriefStatus.DRAFT, "client_key": fresh_key(), "now": now_of(request),
        "may_review": status is BriefStatus.REVIEW and may(actor, Permission.PUBLICITY_REVIEW, thing),
        "may_withdraw": status is BriefStatus.PUBLISHED and writes, "history": events_of("brief", found.pk),
        "named": named_of(found), "reason": request.POST.get("reason", ""),
        "crumbs": [{"label": _("新闻简讯"), "url": reverse("web:desk:briefs")}],
        "actions": [{"label": _("导出 Word（给报纸）"), "url": reverse("web:desk:brief-docx", args=[found.pk]), "icon": "download"}],
    }  # fmt: skip
    return render(request, "desk/brief.html", context, status=tried.status)


@door(Permission.PUBLICITY_SEE)
@require_safe
def docx(request: HttpRequest, brief_id: int) -> HttpResponse:
    """The clean document for a newspaper."""
    found = brief_for(actor_of(request), brief_id)
    response = HttpResponse(brief_docx(found), content_type=DOCX)
    response["Content-Disposition"] = content_disposition_header(True, f"{found.title}.docx") or ""
    return response


@door(Permission.PUBLICITY_SEE)
@require_safe
def photo(request: HttpRequest, brief_id: int, photo_id: int) -> HttpResponseBase:
    """A picture of a draft, for those who may read the draft."""
    row = picture_for(actor_of(request), brief_id, photo_id)
    try:
        return photo_response(open_photo(row.photo, small=request.GET.get("small") == "1"))
    except FileNotFoundError as error:
        raise NotFound(_("照片文件不在了，请联系系统管理员。")) from error


@door(Permission.PUBLICITY_SEE)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def mask(request: HttpRequest, brief_id: int, photo_id: int) -> HttpResponse:
    """Draw boxes over faces and plates, or say that there are none."""
    actor = actor_of(request)
    picture_for(actor, brief_id, photo_id)
    if request.method != "POST":
        return _mask_page(request, brief_id, photo_id)
    columns = [request.POST.getlist(name) for name in ("left", "top", "width", "height")]
    try:
        operations.mask_picture(
            brief_id=brief_id, photo_id=photo_id, boxes=read_boxes(list(zip(*columns, strict=False))),
            nothing_to_hide=request.POST.get("nothing") == "1", by=actor, now=now_of(request),
        )  # fmt: skip
    except NotFound:
        raise
    except (Refused, BadInput) as refusal:
        return _mask_page(request, brief_id, photo_id, refusal.objections)
    messages.success(request, _("已做成公开副本，居民看到的是遮盖后的照片。原图未动。"))
    return redirect("web:desk:brief", brief_id)


def _mask_page(request: HttpRequest, brief_id: int, photo_id: int, objections: Sequence[str] = ()) -> HttpResponse:
    copy = public_boxes(photo_id)
    rows: list[tuple[Any, ...]] = [tuple(f"{part * 100:g}" for part in box) for box in copy.boxes] if copy else []
    context = {
        "photo_url": reverse("web:desk:brief-photo", args=[brief_id, photo_id]), "copy": None, "objections": objections,
        "rows": rows + [("", "", "", "")] * SPARE_ROWS, "nothing": request.POST.get("nothing") == "1",
        "now": now_of(request), "back_url": reverse("web:desk:brief", args=[brief_id]), "of_brief": True,
    }  # fmt: skip
    return render(request, "desk/photo_public.html", context, status=422 if objections else 200)


urls = [
    path("briefs/", briefs, name="briefs"),
    path("briefs/start/", start, name="brief-start"),
    path("briefs/<int:brief_id>/", brief, name="brief"),
    path("briefs/<int:brief_id>/docx/", docx, name="brief-docx"),
    path("briefs/<int:brief_id>/photos/<int:photo_id>/", photo, name="brief-photo"),
    path("briefs/<int:brief_id>/photos/<int:photo_id>/mask/", mask, name="brief-mask"),
]
