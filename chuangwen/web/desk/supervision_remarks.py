"""One remark of a supervision: completed by a clerk, answered by the unit, judged by the team."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from chuangwen.evidence.queries import open_photo
from chuangwen.http import Context, actor_of, door, now_of
from chuangwen.people.queries import units_in_scope
from chuangwen.rules.permissions import Permission, may
from chuangwen.rules.refusals import BadInput, Conflict, NotFound, Refused
from chuangwen.supervision import remarks
from chuangwen.supervision.queries import manages, may_answer, oversees, remark_for, remark_photo_for
from chuangwen.web.desk.attempts import seen_version
from chuangwen.web.desk.standard_choice import find_standard, standard_options
from chuangwen.web.desk.supervision import remark_look
from chuangwen.web.desk.supervision_forms import AnswerForm, CompleteForm, JudgeForm, site_named
from chuangwen.web.desk.unit_choice import UnitName, find_unit
from chuangwen.web.kept_photos import NOTHING_KEPT, Kept, keep, received
from chuangwen.web.photos import photo_response

MOST_UNITS = 300
FORMS: Mapping[str, type[forms.Form]] = {
    "complete": CompleteForm, "answer": AnswerForm, "judge": JudgeForm, "drop": forms.Form,
}  # fmt: skip


def _found(text: str, find: Callable[[str], int], objections: list[str]) -> int | None:
    if not text.strip():
        return None
    try:
        return find(text)
    except BadInput as refusal:
        objections += refusal.objections
        return None


def _complete(request: HttpRequest, remark_id: int, said: Mapping[str, Any], seen: int | None) -> str:
    actor, now, wrong = actor_of(request), now_of(request), list[str]()
    unit = _found(said["unit"], lambda text: find_unit(actor, text).pk, wrong)
    if request.POST.get("as") == "case":
        standard = _found(said["standard"], lambda text: find_standard(text).pk, wrong)
        site = _found(said["site"], lambda text: site_named(actor, text), wrong)
        if wrong:
            raise BadInput(wrong)
        made = remarks.make_case(
            remark_id=remark_id, standard_id=standard, unit_id=unit, site_id=site, by=actor, now=now, seen_version=seen
        )
        return _("已立案 %(number)s，并派给责任单位。") % {"number": made.case.number if made.case else ""}
    if wrong:
        raise BadInput(wrong)
    remarks.send_remark(
        remark_id=remark_id, unit_id=unit, deadline=said["deadline"], by=actor, now=now, seen_version=seen
    )
    return _("已交办，等单位答复。")


def _answer(
    request: HttpRequest, remark_id: int, said: Mapping[str, Any], seen: int | None, photos: Sequence[int]
) -> str:
    remarks.answer_remark(
        remark_id=remark_id, answer=said["answer"], photo_ids=photos, by=actor_of(request), now=now_of(request), seen_version=seen
    )  # fmt: skip
    return _("已答复，等督查组评定。")


def _judge(request: HttpRequest, remark_id: int, said: Mapping[str, Any], seen: int | None) -> str:
    accepted = request.POST.get("accepted") == "1"
    remarks.judge_remark(
        remark_id=remark_id, accepted=accepted, note=said["note"], deadline=said["deadline"], by=actor_of(request),
        now=now_of(request), seen_version=seen,
    )  # fmt: skip
    return _("已销号。") if accepted else _("已退回，请单位重新答复。")


def _do(request: HttpRequest, remark_id: int, form: forms.Form, photos: Sequence[int]) -> str:
    which, seen = request.POST.get("act", ""), seen_version(request)
    if which == "answer":
        return _answer(request, remark_id, form.cleaned_data, seen, photos)
    if which == "complete":
        return _complete(request, remark_id, form.cleaned_data, seen)
    if which == "judge":
        return _judge(request, remark_id, form.cleaned_data, seen)
    reason = request.POST.get("reason", "")
    remarks.drop_remark(
        remark_id=remark_id, reason=reason, by=actor_of(request), now=now_of(request), seen_version=seen
    )
    return _("已写明不再跟踪。")


def _page(
    request: HttpRequest, remark_id: int, *, posted: forms.Form | None = None, kept: Kept = NOTHING_KEPT, status: int = 200, **more: Any
) -> HttpResponse:  # fmt: skip
    actor = actor_of(request)
    remark = remark_for(actor, remark_id)
    inside, keeps = (
        oversees(actor, remark.task),
        manages(actor, remark.task) and may(actor, Permission.SUPERVISION_PLAN),
    )
    name = request.POST.get("act", "") if posted is not None else ""
    completes, answers = keeps and remark.state == "raw", remark.state == "sent" and may_answer(actor, remark)
    judges = remark.state == "answered" and inside and not may_answer(actor, remark)
    first = {
        "unit": str(UnitName(remark.unit.pk, remark.unit.code, remark.unit.name)) if remark.unit else "",
        "site": remark.site.code if remark.site else "", "deadline": remark.deadline,
    }  # fmt: skip
    units = units_in_scope(actor).filter(active=True)[:MOST_UNITS] if completes else []
    task_url = reverse("web:desk:supervision-task", args=[remark.task_id])
    context: Context = {
        "remark": remark, "now": now_of(request), "look": remark_look(remark), "inside": inside, "kept": kept,
        "crumbs": [
            {"label": _("督查"), "url": reverse("web:desk:supervision")}, {"label": remark.task.title, "url": task_url}
        ],
        "photos": list(remark.photos.all()), "may_drop": keeps and remark.is_open,
        "complete": (posted if name == "complete" else CompleteForm(initial=first)) if completes else None,
        "answer": (posted if name == "answer" else AnswerForm()) if answers else None,
        "judge": (posted if name == "judge" else JudgeForm()) if judges else None,
        "unit_options": [UnitName(unit.pk, unit.code, unit.name) for unit in units],
        "standard_options": standard_options() if completes else [],
    }  # fmt: skip
    return render(request, "desk/supervision_remark.html", context | more, status=status)


@door(Permission.SUPERVISION_SEE)
@require_http_methods(["GET", "HEAD", "POST"])
def remark(request: HttpRequest, remark_id: int) -> HttpResponse:
    """What was seen, what became of it, and the one thing that this person can do now."""
    actor = actor_of(request)
    found = remark_for(actor, remark_id)
    if request.method != "POST":
        return _page(request, remark_id)
    form_class = FORMS.get(request.POST.get("act", ""))
    if form_class is None:
        raise NotFound
    form = form_class(request.POST)
    photos, objections = received(request) if request.FILES or request.POST.get("kept") else ([], [])
    try:
        if objections:
            raise BadInput(objections)
        if not form.is_valid():
            return _page(request, remark_id, posted=form, kept=keep(request, photos), status=422)
        messages.success(request, _do(request, remark_id, form, photos))
    except NotFound:
        raise
    except (Refused, BadInput) as refusal:
        status = 409 if isinstance(refusal, Conflict) else 422
        more = {"objections": refusal.objections, "reason": request.POST.get("reason", "")}
        return _page(request, remark_id, posted=form, kept=keep(request, photos), status=status, **more)
    return redirect("web:desk:supervision-task", found.task_id)


@door(Permission.SUPERVISION_SEE)
@require_safe
def photo(request: HttpRequest, remark_id: int, photo_id: int) -> HttpResponseBase:
    """A photo through the door of its remark."""
    shown = remark_photo_for(actor_of(request), remark_id, photo_id)
    return photo_response(open_photo(shown, small=request.GET.get("small") == "1"))


urls = [
    path("supervision/remarks/<int:remark_id>/", remark, name="supervision-remark"),
    path("supervision/remarks/<int:remark_id>/photos/<int:photo_id>/", photo, name="supervision-photo"),
]
