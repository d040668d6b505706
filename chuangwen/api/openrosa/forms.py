"""The forms that a person has to fill: list, form, manifest, media."""

import hashlib

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_safe

from chuangwen.api.openrosa.answers import Listed, answer, form_list_xml, manifest_xml, said
from chuangwen.api.openrosa.doors import app_door
from chuangwen.http import actor_of, now_of
from chuangwen.rules.permissions import Permission
from chuangwen.rules.refusals import NotFound
from chuangwen.standards.xlsform import Form, checklist_xform, find_form
from chuangwen.submissions.queries import ToFill, forms_to_fill

_MEDIA_TYPES = {"csv": "text/csv; charset=utf-8", "png": "image/png", "jpg": "image/jpeg", "jpeg": "image/jpeg"}
_NONE = "没有这张表单，或者它不在您未完成的巡查里。请在 ODK Collect 里更新表单列表。"


def md5(data: bytes) -> str:
    """A hash as OpenRosa writes it. Clients compare it to see whether something changed; it protects nothing."""
    return "md5:" + hashlib.md5(data, usedforsecurity=False).hexdigest()


def _to_fill(request: HttpRequest) -> list[ToFill]:
    return list(forms_to_fill(actor_of(request).user_id or 0, now_of(request)))


def _form(wanted: ToFill) -> Form | None:
    """None for a place of a type that this edition does not look at."""
    try:
        return checklist_xform(wanted.edition_id, wanted.point_type, wanted.sites)
    except NotFound:
        return None


def _listed(request: HttpRequest, wanted: ToFill, form: Form) -> Listed:
    return Listed(
        form_id=form.form_id, name=form.title, version=form.version, hash=md5(form.xml),
        download_url=request.build_absolute_uri(reverse("openrosa:form", args=[form.form_id])),
        manifest_url=request.build_absolute_uri(reverse("openrosa:manifest", args=[form.form_id])),
        description=f"未完成的点位 {len(wanted.sites)} 个",
    )  # fmt: skip


@app_door(Permission.FORMS_FILL)
@require_safe
def form_list(request: HttpRequest) -> HttpResponse:
    """A form for each type of place on this person's open rounds. Query (all optional): formID, verbose=true.

    `listAllVersions` changes nothing: the edition is part of a form's id, so each form has one version.
    """
    only = request.GET.get("formID", "")
    forms = [_listed(request, wanted, form) for wanted in _to_fill(request) if (form := _form(wanted))]
    chosen = [form for form in forms if only in {"", form.form_id}]
    return answer(200, form_list_xml(chosen, verbose=request.GET.get("verbose", "").lower() == "true"))


def _wanted(request: HttpRequest, form_id: str) -> Form | None:
    head = find_form(form_id)
    for wanted in _to_fill(request) if head else ():
        if head and (wanted.edition_id, wanted.point_type) == (head.edition_id, head.point_type):
            return _form(wanted)
    return None


@app_door(Permission.FORMS_FILL)
@require_safe
def form_xml(request: HttpRequest, form_id: str) -> HttpResponse:
    """The XForm."""
    form = _wanted(request, form_id)
    return answer(200, form.xml) if form else said(404, [_NONE])


@app_door(Permission.FORMS_FILL)
@require_safe
def manifest(request: HttpRequest, form_id: str) -> HttpResponse:
    """The media of a form; sites.csv holds the places that this person still has to look at."""
    form = _wanted(request, form_id)
    if form is None:
        return said(404, [_NONE])
    files = {
        name: (md5(data), request.build_absolute_uri(reverse("openrosa:media", args=[form_id, name])))
        for name, data in form.media.items()
    }
    return answer(200, manifest_xml(files))


@app_door(Permission.FORMS_FILL)
@require_safe
def media(request: HttpRequest, form_id: str, name: str) -> HttpResponse:
    """One file of a form."""
    form = _wanted(request, form_id)
    if form is None or name not in form.media:
        return said(404, [_NONE if form is None else "表单里没有这个文件。"])
    kind = _MEDIA_TYPES.get(name.rpartition(".")[2].lower(), "application/octet-stream")
    return answer(200, form.media[name], kind)
