"""One item of a paper from above: given to units, reported, said late, signed off; one page, one next step."""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from chuangwen.directives import operations, reporting
from chuangwen.directives.queries import (
    grounds,
    is_of,
    item_for,
    keeps,
    links_of,
    report_photo_for,
    reports_of,
    seen,
)
from chuangwen.evidence.queries import open_photo
from chuangwen.http import Context, actor_of, door, now_of
from chuangwen.people.queries import units_in_scope
from chuangwen.rules.directives import OPEN_DELAYS, Delay
from chuangwen.rules.permissions import Permission, may
from chuangwen.rules.refusals import BadInput, Conflict, NotFound, Refused
from chuangwen.web.desk.attempts import seen_version
from chuangwen.web.desk.directive_forms import (
    AnswerForm,
    BreakDownForm,
    DecideForm,
    DelayForm,
    LinkForm,
    ReportForm,
    SignForm,
)
from chuangwen.web.desk.directives import standing_look
from chuangwen.web.desk.unit_choice import UnitName, find_unit
from chuangwen.web.kept_photos import NOTHING_KEPT, Kept, keep, received
from chuangwen.web.photos import photo_response
from chuangwen.web.uploads import fresh_key

MOST_UNITS = 300
_BETWEEN = re.compile(r"[、，,；;\s]+")
Said = Mapping[str, Any]


def _ids(values: Sequence[str]) -> list[int]:
    return [int(text) for text in values if text.isdecimal() and len(text) < 16]


def _one_id(request: HttpRequest, name: str) -> int:
    return next(iter(_ids([request.POST.get(name, "")])), 0)


def _names(text: str) -> list[str]:
    return [name for name in _BETWEEN.split(text) if name]


def _common(request: HttpRequest) -> dict[str, Any]:
    return {
        "by": actor_of(request), "now": now_of(request), "seen_version": seen_version(request),
        "client_key": request.POST.get("client_key", "")[:64] or None,
    }  # fmt: skip


# --- what can be done, one function each; what it says goes onto the next page ---


def _break_down(request: HttpRequest, item_id: int, said: Said, _photos: Sequence[int]) -> str:
    actor, wrong, found = actor_of(request), list[str](), dict[str, int]()
    for name in filter(None, [said["lead"], *_names(said["joint"])]):
        try:
            found[name] = find_unit(actor, name).pk
        except BadInput as refusal:
            wrong += refusal.objections
    if wrong:
        raise BadInput(wrong)
    operations.break_down(
        item_id=item_id, lead_id=found.get(said["lead"]), joint_ids=[found[name] for name in _names(said["joint"])],
        due_at=said["due_at"], **_common(request),
    )  # fmt: skip
    return _("已分解，单位的待办里能看到了。")


def _report(request: HttpRequest, item_id: int, said: Said, photos: Sequence[int]) -> str:
    done = request.POST.get("as") == "done"
    tell = reporting.hand_in if done else reporting.report_progress
    tell(
        item_id=item_id, part_id=_one_id(request, "part"), text=said["text"], photos=photos,
        case_ids=_ids(request.POST.getlist("case")), **_common(request),
    )  # fmt: skip
    return _("已报完成，等文明办审签。") if done else _("已记下进展。")


def _delay(request: HttpRequest, item_id: int, said: Said, photos: Sequence[int]) -> str:
    reporting.declare_delay(
        item_id=item_id, part_id=_one_id(request, "part"), photos=photos, **_common(request),
        **{name: said[name] for name in ("ground", "reason", "needs", "proposed_at")},
    )  # fmt: skip
    return _("已申报，等文明办决定。决定以前，原来的期限不变。")


def _sign(request: HttpRequest, item_id: int, said: Said, _photos: Sequence[int]) -> str:
    if request.POST.get("as") == "back":
        parts = _ids(request.POST.getlist("part"))
        operations.send_back(item_id=item_id, part_ids=parts, reason=said["reason"], **_common(request))
        return _("已退回，单位的待办里能看到理由。")
    operations.sign_off(item_id=item_id, result=said["result"], **_common(request))
    return _("已审签办结。")


def _decide(request: HttpRequest, item_id: int, said: Said, _photos: Sequence[int]) -> str:
    asks = request.POST.get("as") == "ask"
    reporting.decide_delay(
        item_id=item_id, declaration_id=_one_id(request, "declaration"), ask_above=asks, note=said["note"],
        **_common(request),
    )  # fmt: skip
    return _("已记下，等上级答复。") if asks else _("已答复单位：不同意延期。")


def _answer(request: HttpRequest, item_id: int, said: Said, _photos: Sequence[int]) -> str:
    reporting.answer_delay(
        item_id=item_id, declaration_id=_one_id(request, "declaration"), new_deadline=said["new_deadline"],
        note=said["note"], **_common(request),
    )  # fmt: skip
    return _("已登记上级答复。")


def _link(request: HttpRequest, item_id: int, said: Said, _photos: Sequence[int]) -> str:
    common = _common(request)
    del common["seen_version"]
    operations.link_cases(item_id=item_id, numbers=_names(said["numbers"]), **common)
    return _("已关联案件。")


ACTS: Mapping[str, tuple[type[forms.Form], Callable[[HttpRequest, int, Said, Sequence[int]], str]]] = {
    "break-down": (BreakDownForm, _break_down),
    "report": (ReportForm, _report),
    "delay": (DelayForm, _delay),
    "sign": (SignForm, _sign),
    "decide": (DecideForm, _decide),
    "answer": (AnswerForm, _answer),
    "link": (LinkForm, _link),
}


def _bound(act: str, post: Any) -> forms.Form:
    kind = ACTS[act][0]
    return DelayForm(grounds(), post) if kind is DelayForm else kind(post)


# --- the page ---


def _first_break_down(item: Any, parts: Sequence[Any]) -> dict[str, Any]:
    lead = next((part.unit for part in parts if part.lead), None)
    return {
        "lead": str(UnitName(lead.pk, lead.code, lead.name)) if lead else "",
        "joint": "、".join(part.unit.name for part in parts if not part.lead),
        "due_at": parts[0].due_at if parts else item.deadline,
    }  # fmt: skip


def _for_unit(
    request: HttpRequest, item: Any, part: Any, act: str, posted: forms.Form | None, waiting: Any, linked: bool
) -> Context:
    known = reporting.known_of(item, part) if linked else []
    late = next((one for one in known if one.late_reason), None)
    first = {"reason": late.late_reason} if late else {}
    ticked = _ids(request.POST.getlist("case")) if act == "report" else [one.case.pk for one in known if one.words]
    asks = waiting is None and part.due_at >= now_of(request)
    return {
        "part": part, "known": [(one, one.case.pk in ticked) for one in known],
        "late_source": late.source if late else "",
        "report": posted if act == "report" else ReportForm(),
        "delay": (posted if act == "delay" else DelayForm(grounds(), initial=first)) if asks else None,
    }  # fmt: skip


def _for_office(
    item: Any,
    parts: Sequence[Any],
    stands: str,
    reports: Sequence[Any],
    act: str,
    posted: forms.Form | None,
    waiting: Any,
) -> Context:
    signs = stands == "handed_in" and waiting is None
    decides = waiting is not None and waiting.state == Delay.DECLARED
    answers = waiting is not None and waiting.state == Delay.ASKED
    last = next((part for part in parts if part.lead), None)
    said = [report.text for report in reports if last and report.part_id == last.pk and report.kind == "done"]
    return {
        "sign": (posted if act == "sign" else SignForm(initial={"result": said[-1] if said else ""})) if signs else None,
        "result_source": last.unit.name if signs and said and last else "",
        "decide": (posted if act == "decide" else DecideForm()) if decides else None,
        "answer": (posted if act == "answer" else AnswerForm(initial={"new_deadline": waiting.proposed_at}))
        if answers
        else None,
        "break_down": posted if act == "break-down" else BreakDownForm(initial=_first_break_down(item, parts)),
    }  # fmt: skip


def _page(
    request: HttpRequest, item_id: int, *, posted: forms.Form | None = None, kept: Kept = NOTHING_KEPT, status: int = 200, **more: Any
) -> HttpResponse:  # fmt: skip
    actor, now, act = actor_of(request), now_of(request), request.POST.get("act", "") if posted is not None else ""
    item = item_for(actor, item_id)
    parts = list(item.parts.all())
    reports, links = reports_of(parts), links_of(item, actor)
    declared = [report.declaration for report in reports if report.kind == "delay"]
    undecided = [one for one in declared if one.state in OPEN_DELAYS]
    waiting = next((one for one in undecided if one.state == Delay.DECLARED), next(iter(undecided), None))
    one = seen(item, parts, Delay(waiting.state) if waiting else None, now, cases=len(links))
    office, is_open = keeps(actor, item.directive), item.signed_off_at is None
    involved = [part for part in parts if is_of(actor, part)]
    own = next((part for part in involved if part.handed_in_at is None), None)
    own_waiting = next((one for one in declared if own and one.part_id == own.pk and one.state in OPEN_DELAYS), None)
    context: Context = {
        "item": item, "paper": item.directive, "one": one, "look": standing_look(one), "parts": parts, "now": now,
        "reports": reports, "links": links, "waiting": waiting,
        "waiting_text": next((report.text for report in reports if waiting and report.pk == waiting.report_id), ""),
        "waiting_unit": next((part.unit.name for part in parts if waiting and part.pk == waiting.part_id), ""),
        "kept": kept, "office": office, "client_key": fresh_key(),
        "link": (posted if act == "link" else LinkForm()) if is_open and (office or involved) else None,
        "unit_options": [], "may_order": office and is_open and may(actor, Permission.ORDER_ISSUE),
        "crumbs": [
            {"label": _("上级督办件"), "url": reverse("web:desk:directives")},
            {"label": item.directive.title, "url": reverse("web:desk:directive", args=[item.directive_id])},
        ],
    }  # fmt: skip
    if office and is_open:
        context |= _for_office(item, parts, one.standing.value, reports, act, posted, waiting)
        units = units_in_scope(actor).filter(active=True)[:MOST_UNITS] if not parts or act == "break-down" else []
        context["unit_options"] = [UnitName(unit.pk, unit.code, unit.name) for unit in units]
    if own is not None and is_open and may(actor, Permission.DIRECTIVE_REPORT):
        context |= _for_unit(request, item, own, act, posted, own_waiting, bool(links))
    return render(request, "desk/directive_item.html", context | more, status=status)


@door(Permission.DIRECTIVE_SEE)
@require_http_methods(["GET", "HEAD", "POST"])
def item(request: HttpRequest, item_id: int) -> HttpResponse:
    """What the paper asks, who does it, what was said, and what this person can do now."""
    if request.method != "POST":
        return _page(request, item_id)
    act = request.POST.get("act", "")
    if act not in ACTS:
        raise NotFound
    form = _bound(act, request.POST)
    photos, objections = received(request) if request.FILES or request.POST.get("kept") else ([], [])
    try:
        if objections:
            raise BadInput(objections)
        if not form.is_valid():
            return _page(request, item_id, posted=form, kept=keep(request, photos), status=422)
        messages.success(request, ACTS[act][1](request, item_id, form.cleaned_data, photos))
    except NotFound:
        raise
    except (Refused, BadInput) as refusal:
        status = 409 if isinstance(refusal, Conflict) else 422
        more = {"objections": refusal.objections, "failed": act}
        return _page(request, item_id, posted=form, kept=keep(request, photos), status=status, **more)
    return redirect("web:desk:directive-item", item_id)


@door(Permission.DIRECTIVE_SEE)
@require_safe
def photo(request: HttpRequest, item_id: int, photo_id: int) -> HttpResponseBase:
    """A photo through the door of its item."""
    shown = report_photo_for(actor_of(request), item_id, photo_id)
    try:
        return photo_response(open_photo(shown, small=request.GET.get("small") == "1"))
    except FileNotFoundError as error:
        raise NotFound(_("照片文件不在了，请联系系统管理员。")) from error


urls = [
    path("directives/items/<int:item_id>/", item, name="directive-item"),
    path("directives/items/<int:item_id>/photos/<int:photo_id>/", photo, name="directive-photo"),
]
