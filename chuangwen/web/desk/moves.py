"""What people do with a case: one address a move, each leading to one operation."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from chuangwen.cases import extensions
from chuangwen.cases import operations as cases
from chuangwen.cases.queries import case_for
from chuangwen.evidence.arriving import Arriving
from chuangwen.http import actor_of, door, now_of
from chuangwen.routing import objections
from chuangwen.rules.case_flow import TABLE, Move, unmet_needs
from chuangwen.rules.permissions import Permission
from chuangwen.rules.refusals import Conflict, NotFound, Refused
from chuangwen.web.desk.attempts import seen_version
from chuangwen.web.desk.case_page import Posted, case_context
from chuangwen.web.desk.forms import FORMS, MoveForm, RectifyAndReplyForm
from chuangwen.web.kept_photos import keep, on_their_way

OPERATIONS: dict[str, Callable[..., Any]] = {
    Move.ACCEPT: cases.accept,
    Move.REFUSE: cases.refuse,
    Move.DISPATCH: cases.dispatch,
    Move.ASSIGN: cases.assign,
    Move.RETURN: cases.return_back,
    Move.RECEIVE: cases.receive,
    Move.RECTIFY: cases.rectify,
    Move.VERIFY: cases.verify,
    Move.REJECT: cases.reject,
    Move.CLOSE: cases.close,
    Move.FORCE_CLOSE: cases.force_close,
    Move.CANCEL: cases.cancel,
    Move.SUSPEND: cases.suspend,
    Move.RESUME: cases.resume,
    "note": cases.add_note,
    "ask_extension": extensions.ask_extension,
    "decide_extension": extensions.decide_extension,
    "object": objections.object_to_dispatch,
    "decide_objection": objections.decide_objection,
}
UNVERSIONED = frozenset(
    {"note", "ask_extension", "decide_extension", "object", "decide_objection"}
)  # these overwrite nothing
DONE: dict[str, str | Promise] = {
    Move.ACCEPT: _("已受理，请接着派遣。"),
    Move.REFUSE: _("已记为不予受理。"),
    Move.DISPATCH: _("已派遣，开始计时。"),
    Move.ASSIGN: _("已交办下级单位。"),
    Move.RETURN: _("已退回文明办。"),
    Move.RECEIVE: _("已签收，整改好后请提交。"),
    Move.RECTIFY: _("已提交整改，等待核查。"),
    Move.VERIFY: _("已记为核查通过。"),
    Move.REJECT: _("已退回责任单位重办。"),
    Move.CLOSE: _("已结案。"),
    Move.FORCE_CLOSE: _("已强制结案。"),
    Move.CANCEL: _("已作废。"),
    Move.SUSPEND: _("已挂账。"),
    Move.RESUME: _("已恢复办理。"),
    "note": _("备注已写入。"),
    "ask_extension": _("已申请延期，等文明办批复。"),
    "decide_extension": _("已批复。"),
    "object": _("派单异议已提交，等文明办裁定；裁定之前仍由本单位负责办理。"),
    "decide_objection": _("已裁定。"),
}


def _form(request: HttpRequest, move: str) -> MoveForm:
    kind = RectifyAndReplyForm if move == Move.RECTIFY and "reply" in request.POST else FORMS[move]
    form = kind(request.POST, request.FILES, auto_id=f"{move}-%s")
    form.actor = actor_of(request)
    return form


def _also_missing(move: str, form: MoveForm) -> Sequence[str]:
    """The rule's own sentences, for a submission that never reached the operation."""
    arrow = next((step for step in TABLE.values() if step.move == move), None)
    return unmet_needs(arrow, form.needs_met()) if arrow else ()


def _act(request: HttpRequest, case_id: int, move: str, form: MoveForm, photos: Sequence[int | Arriving]) -> None:
    facts = form.given() | ({"photo_ids": photos} if "photo" in form.fields else {})
    if move not in UNVERSIONED:
        facts["seen_version"] = seen_version(request)
    key = request.POST.get("client_key", "")[:64] or None
    OPERATIONS[move](case_id=case_id, by=actor_of(request), now=now_of(request), client_key=key, **facts)


def _refused(
    request: HttpRequest,
    case_id: int,
    move: str,
    form: MoveForm,
    photos: Sequence[int | Arriving],
    objections: Sequence[str],
    conflict: Mapping[str, str] | None = None,
) -> HttpResponse:
    """The case again with what was typed; its pictures are kept, for whoever may see the case."""
    case = case_for(actor_of(request), case_id)
    posted = Posted(move, form, objections, keep(request, photos), conflict or {})
    status = 409 if posted.conflict else 422
    return render(request, "desk/case.html", case_context(request, case, posted), status=status)


def _submit(request: HttpRequest, case_id: int, move: str) -> HttpResponse:
    form = _form(request, move)
    sound = form.is_valid()
    with on_their_way(request) as (photos, objections):
        if objections or not sound:
            return _refused(request, case_id, move, form, photos, [*objections, *_also_missing(move, form)])
        try:
            _act(request, case_id, move, form, photos)
        except NotFound:
            raise
        except Conflict as conflict:
            both = {"yours": form.typed() or conflict.yours, "theirs": conflict.theirs}
            return _refused(request, case_id, move, form, photos, conflict.objections, both)
        except Refused as refusal:
            return _refused(request, case_id, move, form, photos, refusal.objections)
    messages.success(request, str(DONE[move]))
    return redirect("web:desk:case", case_id)


@door(Permission.DASHBOARD_SEE)
@require_http_methods(["GET", "HEAD", "POST"])
def move_case(request: HttpRequest, case_id: int, move: str) -> HttpResponse:
    """Do it, and back to the case; refused: the case again with everything that was typed."""
    if move not in OPERATIONS:
        raise NotFound
    if request.method == "POST":
        return _submit(request, case_id, move)
    case_for(actor_of(request), case_id)  # somebody reloaded the address of a form: only who may see the case goes on
    return redirect("web:desk:case", case_id)


urls = [path("cases/<int:case_id>/<str:move>/", move_case, name="case-move")]
