"""问责阶梯: the versions of a branch, bringing one in, putting it in force."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from chuangwen.accountability.builtin import builtin_ladders, builtin_text, grounds, measure, measures, read_ladder
from chuangwen.accountability.ladder_operations import discard_ladder, draft_ladder, force_ladder
from chuangwen.accountability.queries import ladder_for, ladders_for
from chuangwen.http import Context, actor_of, door, now_of
from chuangwen.rules.ladder_files import Ladder, Trigger
from chuangwen.rules.permissions import OFFICE, Permission, Thing, may
from chuangwen.rules.refusals import BadInput, NotFound, Refused
from chuangwen.web.desk.accountability import tabs
from chuangwen.web.desk.attempts import attempt
from chuangwen.web.uploads import fresh_key

LARGEST = 100_000
CADENCES = {"week": "按周", "month": "按月", "": "不限"}
GAPS = {"breaks": "缺一期或没有参加排名就断开", "skips": "缺的、没有参加排名的跳过"}


def trigger_words(ladder: Ladder, at: int) -> str:
    """What makes a rung possible, in words."""
    when = ladder.rungs[at].when
    if when.trigger is Trigger.LAST_PLACE:
        return _("末位") if when.times == 1 else _("连续 %(n)d 期末位") % {"n": when.times}
    if when.trigger is Trigger.BELOW:
        return _("得分低于 %(mark)s") % {"mark": f"{when.below:f}"}
    return _("%(order)s到期没有完成") % {"order": when.order} if when.order else _("上级交办事项到期没有完成也没有申报")


def _rows(ladder: Ladder) -> list[tuple[Any, str, str]]:
    return [(rung, trigger_words(ladder, at), measure(rung.measure).label) for at, rung in enumerate(ladder.rungs)]


def _text_of(request: HttpRequest) -> str:
    if (name := request.POST.get("sample", "")) in builtin_ladders():
        return builtin_text(name)
    upload = request.FILES.get("file")
    if upload is None:
        return request.POST.get("text", "")
    if (upload.size or 0) > LARGEST:
        raise Refused(_("文件太大，阶梯文件不超过 100 KB。"))
    try:
        return str(upload.read(), "utf-8-sig")
    except UnicodeDecodeError as error:
        raise Refused(_("文件不是 UTF-8 编码，请另存为 UTF-8。")) from error


def _bring_in(request: HttpRequest) -> HttpResponse:
    text = _text_of(request)
    if not text.strip():
        raise Refused(_("请选择阶梯文件，或贴上内容。"))
    try:
        draft = draft_ladder(text=text, by=actor_of(request), now=now_of(request))
    except BadInput as refusal:
        raise Refused(refusal.objections) from refusal
    messages.success(request, _("已存为草稿，主任启用以后才起作用。"))
    return redirect("web:desk:accountability-ladder", draft.pk)


@door(Permission.ACCOUNTABILITY_REVIEW)
@require_http_methods(["GET", "HEAD", "POST"])
def ladders(request: HttpRequest) -> HttpResponse:
    """Every version, and how to bring in another one."""
    actor = actor_of(request)
    tried = attempt(request, lambda: _bring_in(request))
    if tried.went is not None:
        return tried.went
    context = {
        "rows": list(ladders_for(actor)[:200]), "samples": [read_ladder(name) for name in builtin_ladders()],
        "measures": measures(), "grounds": grounds(), "tabs": tabs(actor, "accountability-ladders"), "now": now_of(request),
        "objections": tried.objections, "text": request.POST.get("text", ""), "may_bring": bool(actor.scopes(*OFFICE)),
    }  # fmt: skip
    return render(request, "desk/accountability_ladders.html", context, status=tried.status)


def _act(request: HttpRequest, ladder_id: int) -> HttpResponse:
    by, now = actor_of(request), now_of(request)
    if request.POST.get("act") == "force":
        key = request.POST.get("client_key") or None
        force_ladder(ladder_id=ladder_id, by=by, now=now, client_key=key)
        messages.success(request, _("已启用。以后内容不再改动，要改请导入新的一版。"))
        return redirect("web:desk:accountability-ladder", ladder_id)
    if request.POST.get("act") == "discard":
        discard_ladder(ladder_id=ladder_id, by=by, now=now)
        messages.success(request, _("草稿已删除。"))
        return redirect("web:desk:accountability-ladders")
    raise NotFound


@door(Permission.ACCOUNTABILITY_REVIEW)
@require_http_methods(["GET", "HEAD", "POST"])
def ladder(request: HttpRequest, ladder_id: int) -> HttpResponse:
    """One version: every rung with its trigger, posts and time limits."""
    actor = actor_of(request)
    version = ladder_for(actor, ladder_id)
    tried = attempt(request, lambda: _act(request, ladder_id))
    if tried.went is not None:
        return tried.went
    thing, told = Thing(home=version.home.path), version.ladder
    context: Context = {
        "version": version, "ladder": told, "rungs": _rows(told), "now": now_of(request), "objections": tried.objections,
        "may_force": version.is_draft and may(actor, Permission.LADDER_FORCE, thing), "client_key": fresh_key(),
        "may_discard": version.is_draft and may(actor, Permission.ACCOUNTABILITY_PREPARE, thing),
        "cadence": CADENCES[told.cadence], "gap": GAPS[told.gap], "last": (told.last or {}).items(),
        "crumbs": [
            {"label": _("问责"), "url": reverse("web:desk:accountability")},
            {"label": _("问责阶梯"), "url": reverse("web:desk:accountability-ladders")},
        ],
    }  # fmt: skip
    return render(request, "desk/accountability_ladder.html", context, status=tried.status)


urls = [
    path("accountability/ladders/", ladders, name="accountability-ladders"),
    path("accountability/ladders/<int:ladder_id>/", ladder, name="accountability-ladder"),
]
