"""One accountability file: what is alleged, what was said, and the one next step of each person; printed as a whole."""

from collections.abc import Callable, Mapping
from dataclasses import asdict
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from chuangwen.accountability import interviews
from chuangwen.accountability import operations as work
from chuangwen.accountability.builtin import measure
from chuangwen.accountability.moving import Said
from chuangwen.accountability.queries import (
    acts_of,
    commitments_of,
    file_facts,
    file_for,
    interviews_of,
    next_words,
    offered,
    oversees,
    photo_for,
    step_facts,
    talks,
    thing_of,
)
from chuangwen.evidence.queries import open_photo
from chuangwen.http import Context, actor_of, door, now_of
from chuangwen.rules.accountability_flow import AppealOutcome, FileMove, FileStatus
from chuangwen.rules.permissions import Permission, may
from chuangwen.rules.refusals import BadInput, Conflict, NotFound, Refused
from chuangwen.web.desk.accountability import evidence_links, look_of
from chuangwen.web.desk.accountability_forms import HandOverForm, InterviewForm, step_form
from chuangwen.web.desk.attempts import seen_version
from chuangwen.web.kept_photos import NOTHING_KEPT, Kept, keep, received
from chuangwen.web.photos import photo_response
from chuangwen.web.uploads import fresh_key

ACTS: Mapping[FileMove, Callable[..., Any]] = {
    FileMove.NOTIFY: work.notify, FileMove.CORRECT: work.report_correction, FileMove.CORRECTION_OVER: work.end_correction,
    FileMove.STATE: work.make_statement, FileMove.STATEMENT_OVER: work.end_statement, FileMove.PROPOSE: work.propose,
    FileMove.DECIDE: work.decide, FileMove.SERVE: work.serve, FileMove.APPEAL: work.appeal,
    FileMove.DECIDE_APPEAL: work.decide_appeal, FileMove.CLOSE: work.close_file, FileMove.DROP: work.drop_file,
}  # fmt: skip
DONE_WORDS: Mapping[FileMove, Any] = {
    FileMove.NOTIFY: gettext_lazy("已告知，单位现在看得到这一件。"),
    FileMove.CORRECT: gettext_lazy("整改情况已报告，接着请陈述。"),
    FileMove.STATE: gettext_lazy("陈述已提交。"),
    FileMove.PROPOSE: gettext_lazy("建议已提出，等有权的岗位决定。"),
    FileMove.DECIDE: gettext_lazy("决定已作出，等文明办送达。"),
    FileMove.SERVE: gettext_lazy("已送达，单位可以申诉。"),
    FileMove.APPEAL: gettext_lazy("申诉已提出，由另一个岗位决定。"),
    FileMove.DECIDE_APPEAL: gettext_lazy("申诉已决定。"),
    FileMove.CLOSE: gettext_lazy("已办结。"),
    FileMove.DROP: gettext_lazy("已撤销。"),
}
HINTS: Mapping[FileMove, Any] = {
    FileMove.CORRECTION_OVER: gettext_lazy("单位在期限内没有报告时用；接着开始陈述期。"),
    FileMove.STATEMENT_OVER: gettext_lazy("单位在期限内没有陈述时用。"),
    FileMove.SERVE: gettext_lazy("送达以后申诉期开始；限期命令从现在起算。"),
    FileMove.CLOSE: gettext_lazy("申诉已决定，或申诉期已过。"),
}
PICTURES = frozenset({FileMove.CORRECT, FileMove.STATE, FileMove.APPEAL})
RUNNING: Mapping[str, Any] = {
    "notified": gettext_lazy("整改期限"), "stating": gettext_lazy("陈述期限"), "served": gettext_lazy("申诉期限"),
}  # fmt: skip


def _said(request: HttpRequest, form: forms.Form, photos: list[int]) -> Said:
    told = form.cleaned_data
    return Said(
        told.get("text", ""), told.get("measure", ""), told.get("outcome", ""), told.get("ground", ""), tuple(photos),
        request.POST.get("client_key") or None, seen_version(request),
    )  # fmt: skip


def _draft(file: Any) -> str:
    """The beginning of a notice: what the rung says and what the system found; a person completes it."""
    return "\n".join([file.rung.clause, *file.basis.get("why", ()), file.rung.notice])


def _do(request: HttpRequest, file: Any, form: forms.Form, photos: list[int]) -> str:
    act, by, now = request.POST.get("act", ""), actor_of(request), now_of(request)
    if act == "interview" and isinstance(form, InterviewForm):
        told = form.cleaned_data
        interviews.record_interview(
            file_id=file.pk, held_at=told["held_at"], post=told["post"], attended=told["attended"], summary=told["summary"],
            promises=form.promises(), by=by, now=now, client_key=request.POST.get("client_key") or None,
        )  # fmt: skip
        return _("约谈记录已保存。")
    if act == "done":
        number = request.POST.get("commitment", "")
        pk = int(number) if number.isdecimal() and len(number) < 16 else 0
        interviews.commitment_done(commitment_id=pk, note=request.POST.get("note", ""), by=by, now=now)
        return _("已记下核对情况。")
    said = _said(request, form, photos)
    if act == "hand_over":
        work.hand_over(file_id=file.pk, to=form.cleaned_data["to"], said=said, by=by, now=now)
        return _("已记录移交。以后由有权机关办理，系统到此为止。")
    move = FileMove(act)
    more = {"nothing": form.cleaned_data["nothing"]} if move is FileMove.STATE else {}
    ACTS[move](file_id=file.pk, said=said, by=by, now=now, **more)
    return str(DONE_WORDS.get(move, _("已记录。")))


def _form(act: str, file: Any, data: Any) -> forms.Form:
    if act == "interview":
        return InterviewForm(data)
    if act == "hand_over":
        return HandOverForm(data)
    if act == "done":
        return forms.Form(data)
    if act not in set(FileMove):
        raise NotFound
    return step_form(FileMove(act), file, data)


def _offers(moves: list[FileMove], file: Any, posted: forms.Form | None, act: str) -> list[Context]:
    offers = []
    for move in moves:
        initial = {"text": _draft(file)} if move is FileMove.NOTIFY else {}
        form = posted if posted is not None and act == move.value else step_form(move, file, initial=initial)
        offers.append(
            {
                "move": move.value, "label": move.label, "form": form, "pictures": move in PICTURES, "hint": HINTS.get(move, ""),
                "drop": move is FileMove.DROP, "posted": act == move.value,
            }
        )  # fmt: skip
    return offers


def _items(file: Any) -> list[Context]:
    items = []
    for act in acts_of(file):
        facts = step_facts(act)
        chosen = "\n".join(f"{label}：{words}" for label, words in facts.choices)
        urls = [reverse("web:desk:accountability-photo", args=[file.pk, photo.pk]) for photo in act.photos.all()]
        items.append(
            {
                "at": act.at, "title": facts.title, "by": act.post, "note": "\n".join(filter(None, (chosen, act.text))),
                "tone": "info" if act.is_of_unit else "neutral",
                "photos": [{"url": url, "thumb_url": f"{url}?small=1"} for url in urls],
            }
        )  # fmt: skip
    return items


def _standing(file: Any) -> str:
    """What stands now: the measure in force, that none was taken or that it was taken back; before that, what the rung names."""
    if file.measure:
        return str(file.measure.label)
    if file.appeal_outcome == AppealOutcome.REVOKED or file.status == FileStatus.DROPPED:
        return _("问责已撤销")
    return str(file.get_outcome_display()) if file.outcome else measure(file.rung.measure).label


def _page(
    request: HttpRequest, file: Any, *, posted: forms.Form | None = None, kept: Kept = NOTHING_KEPT, status: int = 200, **more: Any
) -> HttpResponse:  # fmt: skip
    actor, act = actor_of(request), request.POST.get("act", "")
    office = may(actor, Permission.ACCOUNTABILITY_PREPARE, thing_of(file))
    after = file.flow_status in {FileStatus.SERVED, FileStatus.APPEALED, FileStatus.REVIEWED, FileStatus.CLOSED}
    told, rung = commitments_of(file), file.rung
    talk_form = posted if posted is not None and act == "interview" else InterviewForm()
    hand_form = posted if posted is not None and act == "hand_over" else HandOverForm()
    context: Context = {
        "file": file, "now": now_of(request), "look": look_of(file), "next": next_words(file), "rung": rung,
        "measure": _standing(file), "evidence": evidence_links(file.basis.get("evidence", ())),
        "offers": _offers(offered(actor, file), file, posted, act), "items": _items(file), "kept": kept,
        "inside": oversees(actor, file), "office": office, "running": RUNNING.get(file.status, ""),
        "proposed": measure(file.proposed_measure).label if file.proposed_measure else "",
        "interviews": [(one, [each for each in told if each.interview_id == one.pk]) for one in interviews_of(file)],
        "orders": [each for each in told if each.interview_id is None],
        "talk_form": talk_form if office and after and talks(file) and file.measure_key else None,
        "hand_form": hand_form if office and file.may_be_handed_over else None, "act": act,
        "client_key": request.POST.get("client_key") or fresh_key(),
        "crumbs": [{"label": _("问责"), "url": reverse("web:desk:accountability")}],
    }  # fmt: skip
    return render(request, "desk/accountability_file.html", context | more, status=status)


@door(Permission.ACCOUNTABILITY_SEE)
@require_http_methods(["GET", "HEAD", "POST"])
def file_page(request: HttpRequest, file_id: int) -> HttpResponse:
    """The whole file, and what this person can do now."""
    file = file_for(actor_of(request), file_id)
    if request.method != "POST":
        return _page(request, file)
    form = _form(request.POST.get("act", ""), file, request.POST)
    photos, objections = received(request) if request.FILES or request.POST.get("kept") else ([], [])
    try:
        if objections:
            raise BadInput(objections)
        if not form.is_valid():
            return _page(request, file, posted=form, kept=keep(request, photos), status=422)
        messages.success(request, _do(request, file, form, photos))
    except NotFound:
        raise
    except (Refused, BadInput) as refusal:
        status = 409 if isinstance(refusal, Conflict) else 422
        fresh = file_for(actor_of(request), file_id)
        more = {"objections": refusal.objections, "note": request.POST.get("note", "")}
        return _page(request, fresh, posted=form, kept=keep(request, photos), status=status, **more)
    return redirect("web:desk:accountability-file", file_id)


@door(Permission.ACCOUNTABILITY_SEE)
@require_safe
def printed(request: HttpRequest, file_id: int) -> HttpResponse:
    """The whole file as one document."""
    facts = file_facts(file_id, actor_of(request))
    context = {
        "facts": facts, "file_id": file_id, "now": now_of(request), "evidence": [{"words": words} for words in facts.evidence],
        "crumbs": [
            {"label": _("问责"), "url": reverse("web:desk:accountability")},
            {"label": facts.number, "url": reverse("web:desk:accountability-file", args=[file_id])},
        ],
    }  # fmt: skip
    return render(request, "desk/accountability_print.html", context)


@door(Permission.ACCOUNTABILITY_SEE)
@require_safe
def export(request: HttpRequest, file_id: int) -> HttpResponse:
    """The whole file as data, for the organ to which it is handed over."""
    facts = asdict(file_facts(file_id, actor_of(request)))
    answer = JsonResponse(facts, json_dumps_params={"ensure_ascii": False, "indent": 2})
    answer["Content-Disposition"] = f'attachment; filename="accountability-{file_id}.json"'
    return answer


@door(Permission.ACCOUNTABILITY_SEE)
@require_safe
def photo(request: HttpRequest, file_id: int, photo_id: int) -> HttpResponseBase:
    """A picture through the door of its file."""
    shown = photo_for(actor_of(request), file_id, photo_id)
    return photo_response(open_photo(shown, small=request.GET.get("small") == "1"))


urls = [
    path("accountability/<int:file_id>/", file_page, name="accountability-file"),
    path("accountability/<int:file_id>/print/", printed, name="accountability-print"),
    path("accountability/<int:file_id>/facts.json", export, name="accountability-export"),
    path("accountability/<int:file_id>/photos/<int:photo_id>/", photo, name="accountability-photo"),
]
