"""Checklists of an edition as forms: look at one, download it as XLSForm, bring an edited one back into a draft."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from chuangwen.http import actor_of, door, now_of
from chuangwen.rules.edition_fields import word_of
from chuangwen.rules.permissions import Permission, may
from chuangwen.rules.refusals import BadInput, Conflict, NotFound, Refused
from chuangwen.standards.checklists import Checklist, pictures_of
from chuangwen.standards.operations import keep_pictures
from chuangwen.standards.queries import edition_for, point_type_name
from chuangwen.standards.xlsform import checklist_workbook, form_page
from chuangwen.standards.xlsform_import import Preview, import_checklist, preview_checklist
from chuangwen.web.desk.files import download, upload_of

KINDS = {"added": ("新增", "good"), "changed": ("修改", "info"), "removed": ("删去", "warn")}


def _crumbs(edition: Any, *more: dict[str, str]) -> list[dict[str, str]]:
    return [
        {"label": _("测评标准"), "url": reverse("web:desk:editions")},
        {"label": str(edition), "url": reverse("web:desk:edition", args=[edition.pk]) + "?view=types"},
        *more,
    ]


def _own(edition: Any, point_type: str, name: str) -> dict[str, str]:
    return {"label": name, "url": reverse("web:desk:checklist", args=[edition.pk, point_type])}


@door(Permission.STANDARD_SEE)
@require_safe
def checklist(request: HttpRequest, edition_id: int, point_type: str) -> HttpResponse:
    """What is asked in places of this type, beyond the criteria, and the form as others take it."""
    return _page(request, edition_id, point_type)


def _page(request: HttpRequest, edition_id: int, point_type: str, status: int = 200, **more: Any) -> HttpResponse:
    page = form_page(edition_id, point_type)
    edition, found = page.edition, page.checklist
    changes = may(actor_of(request), Permission.STANDARD_EDIT) and not edition.is_published
    stored = pictures_of(edition_id)
    context: dict[str, Any] = {
        "edition": edition, "name": page.kind_name, "head": page.head, "point_type": point_type, "crumbs": _crumbs(edition),
        "may_change": changes, "questions": _questions(found), "lists": _lists(found), "criteria": found.criteria,
        "special": [row for row in found.criteria if row.relevant or row.hint or row.note_on_fail or row.media],
        "pictures": [(picture, picture in stored) for picture in _pictures(found)],
        "actions": _actions(edition, point_type, changes=changes),
    }  # fmt: skip
    return render(request, "desk/checklist.html", context | more, status=status)


def _actions(edition: Any, point_type: str, *, changes: bool) -> list[dict[str, Any]]:
    export = reverse("web:desk:checklist-export", args=[edition.pk, point_type])
    actions: list[dict[str, Any]] = [{"label": _("下载 XLSForm"), "url": export, "icon": "download"}]
    if changes:
        url = reverse("web:desk:checklist-upload", args=[edition.pk, point_type])
        actions.append({"label": _("上传改好的检查单"), "url": url, "icon": "upload", "primary": True})
    return actions


def _questions(found: Checklist) -> list[dict[str, Any]]:
    return [{"row": row, "kind": word_of(row.type), "of": row.criterion} for row in found.questions]


def _lists(found: Checklist) -> list[tuple[str, list[str]]]:
    lists: dict[str, list[str]] = {}
    for row in found.choices:
        lists.setdefault(row.list_name, []).append(row.label)
    return list(lists.items())


def _pictures(found: Checklist) -> list[str]:
    tables = (found.criteria, found.questions, found.choices)
    return sorted({str(row.media) for rows in tables for row in rows if row.media})


@door(Permission.STANDARD_SEE)
@require_safe
def export(_request: HttpRequest, edition_id: int, point_type: str) -> HttpResponse:
    """The checklist as an XLSForm workbook."""
    edition = edition_for(edition_id)
    content = checklist_workbook(edition_id, point_type)
    return download(content, f"{point_type_name(point_type)} {edition.version} 检查单.xlsx")


@door(Permission.STANDARD_EDIT)
@require_http_methods(["GET", "HEAD", "POST"])
def upload(request: HttpRequest, edition_id: int, point_type: str) -> HttpResponse:
    """An edited XLSForm: first what it would change and what cannot be held, then, confirmed, into the draft."""
    edition, name = edition_for(edition_id), point_type_name(point_type)
    if edition.is_published:
        messages.warning(request, _("这个版次已经发布，不能再改。请先新建一个版次。"))
        return redirect("web:desk:edition", edition_id)
    context: dict[str, Any] = {
        "edition": edition, "name": name, "point_type": point_type,
        "crumbs": _crumbs(edition, _own(edition, point_type, name)),
    }  # fmt: skip
    if request.method != "POST":
        return render(request, "desk/checklist_upload.html", context)
    facts: dict[str, Any] = {"edition_id": edition_id, "point_type": point_type, "by": actor_of(request)}
    try:
        file = upload_of(request)
        facts["content"] = file.content
        if request.POST.get("step") == "confirm":
            done = import_checklist(**facts, seen=request.POST.get("seen", ""), now=now_of(request))
            messages.success(request, _done(done))
            return redirect("web:desk:checklist", edition_id, point_type)
        shown = _shown(preview_checklist(**facts)) | {"upload": file}
    except NotFound:
        raise
    except Conflict as conflict:
        shown = _shown(preview_checklist(**facts)) | {"upload": file, "conflict": conflict.objections[0]}
        return render(request, "desk/checklist_upload.html", context | shown, status=409)
    except (BadInput, Refused) as refusal:
        again = context | {"objections": refusal.objections}
        return render(request, "desk/checklist_upload.html", again, status=422)
    return render(request, "desk/checklist_upload.html", context | shown)


def _done(done: Preview) -> str:
    figures = {kind: done.changes.count(kind) for kind in KINDS}
    if not done.changes:
        return _("文件和草稿一样，没有改动。")
    return _("已写入草稿：新增 %(added)d 处，修改 %(changed)d 处，删去 %(removed)d 处。") % figures


def _shown(preview: Preview) -> dict[str, Any]:
    rows = [(one, *KINDS[one.kind]) for one in preview.changes.changes]
    return {
        "preview": preview, "rows": rows,
        "figures": [(label, preview.changes.count(kind)) for kind, (label, _tone) in KINDS.items()],
    }  # fmt: skip


@door(Permission.STANDARD_EDIT)
@require_POST
def pictures(request: HttpRequest, edition_id: int, point_type: str) -> HttpResponse:
    """Pictures that the checklist's questions name."""
    files = request.FILES.getlist("pictures")
    given = {str(file.name): file.read() for file in files[:60] if (file.size or 0) <= 5_000_000}
    try:
        if len(given) < len(files):
            raise BadInput(_("有图片超过 5 MB 或一次选得太多，请缩小或分几次上传。"))
        new = keep_pictures(edition_id=edition_id, pictures=given, by=actor_of(request), now=now_of(request))
    except NotFound:
        raise
    except (BadInput, Refused) as refusal:
        return _page(request, edition_id, point_type, 422, objections=refusal.objections)
    messages.success(request, _("已存入 %(n)d 张图片。") % {"n": len(new)} if new else _("这些图片已经有了。"))
    return redirect("web:desk:checklist", edition_id, point_type)


urls = [
    path("editions/<int:edition_id>/checklists/<str:point_type>/", checklist, name="checklist"),
    path("editions/<int:edition_id>/checklists/<str:point_type>/export/", export, name="checklist-export"),
    path("editions/<int:edition_id>/checklists/<str:point_type>/upload/", upload, name="checklist-upload"),
    path("editions/<int:edition_id>/checklists/<str:point_type>/pictures/", pictures, name="checklist-pictures"),
]
