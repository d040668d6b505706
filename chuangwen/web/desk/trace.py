"""留痕: how the log stands, and erasing the words of one event by law. For the office's chief and the administrator."""

import re
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from chuangwen.cases.queries import case_for
from chuangwen.http import actor_of, door, now_of
from chuangwen.journal.erasing import erase_personal
from chuangwen.journal.log import log_size
from chuangwen.journal.queries import event_by_id, events_of, newest_root, waiting_for_the_log
from chuangwen.rules.permissions import Actor, Permission, Role
from chuangwen.rules.refusals import NotFound, Refused
from chuangwen.web.desk.case_labels import event_title

WORDS = {
    "note": gettext_lazy("备注"), "reason": gettext_lazy("理由"), "reply": gettext_lazy("答复"),
    "text": gettext_lazy("文字"), "statement": gettext_lazy("陈述"),
}  # fmt: skip
_CASE_NUMBER = re.compile(r"\d{8}(\d{7})")


class SearchForm(forms.Form):
    """Which case or event."""

    q = forms.CharField(
        label=gettext_lazy("案件号或留痕编号"), max_length=20, required=False,
        error_messages={"max_length": gettext_lazy("编号没有这么长，请核对。")},
    )  # fmt: skip


class EraseForm(forms.Form):
    """Why; whether it is enough is for the operation to say."""

    reason = forms.CharField(
        label=gettext_lazy("理由和依据"), required=False, widget=forms.Textarea(attrs={"rows": 3, "maxlength": 500}),
        help_text=gettext_lazy("会写进留痕。写申请人可以不写全名，例如：本人申请，依据《个人信息保护法》第四十七条第一款。"),
    )  # fmt: skip


def _readable(actor: Actor, event: Any) -> bool:
    """Whether this person may read the words: those of a case only who may see the case."""
    if event.subject_kind != "case":
        return True
    try:
        case_for(actor, event.subject_id)
    except NotFound:
        return False
    return True


def _row(event: Any) -> dict[str, Any]:
    return {
        "event": event, "title": event_title(event.kind),
        "words": [(WORDS.get(name, name), text) for name, text in (event.words or {}).items()],
    }  # fmt: skip


@door(Permission.JOURNAL_ERASE)
@never_cache
@require_safe
def trace(request: HttpRequest) -> HttpResponse:
    """How the log stands, and the events with words of the case or under the number that is asked for."""
    form = SearchForm(request.GET)
    asked = form.cleaned_data["q"].strip() if form.is_valid() else ""
    objection, rows = "", []
    if asked:
        try:
            rows = [_row(event) for event in _events(actor_of(request), asked)]
        except NotFound:
            objection = _("没有找到“%(asked)s”，或者您无权查看。案件号是 15 位数，留痕编号在证明文件和核对结果里。") % {
                "asked": asked
            }
    context = {
        "form": form, "asked": asked, "rows": rows, "objections": [objection] if objection else [],
        "size": log_size(), "waiting": waiting_for_the_log(), "newest": newest_root(), "now": now_of(request),
    }  # fmt: skip
    return render(request, "desk/trace.html", context)


def _events(actor: Actor, asked: str) -> list[Any]:
    if number := _CASE_NUMBER.fullmatch(asked):
        case = case_for(actor, int(number[1]))
        return [event for event in events_of("case", case.pk) if event.commitment is not None]
    if not (asked.isascii() and asked.isdecimal()):
        raise NotFound
    return [_door(actor, int(asked))]


def _door(actor: Actor, event_id: int) -> Any:
    """The event; without its words for the administrator of a case that is not theirs to see."""
    event = event_by_id(event_id)
    if _readable(actor, event):
        return event
    if Role.SYSTEM_ADMIN not in actor.roles:
        raise NotFound
    event.words = dict.fromkeys(event.words, _("（无权查看）")) if event.words else None
    return event


@door(Permission.JOURNAL_ERASE)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def erase(request: HttpRequest, event_id: int) -> HttpResponse:
    """What erasing means, then erase the words of this event for good."""
    event = _door(actor_of(request), event_id)
    form = EraseForm(request.POST if request.method == "POST" else None)
    context: dict[str, Any] = {
        "row": _row(event), "form": form, "now": now_of(request),
        "crumbs": [{"label": _("留痕"), "url": f"{reverse('web:desk:trace')}?q={event.pk}"}],
    }  # fmt: skip
    if request.method != "POST" or not form.is_valid():
        return render(request, "desk/trace_erase.html", context, status=422 if request.method == "POST" else 200)
    try:
        erase_personal(
            event_id=event_id, reason=form.cleaned_data["reason"], by=actor_of(request), now=now_of(request)
        )  # fmt: skip
    except NotFound:
        raise
    except Refused as refusal:
        return render(request, "desk/trace_erase.html", context | {"objections": refusal.objections}, status=422)
    messages.success(request, _("文字已删除，删除这件事已经留痕。树没有断，仍可核对。"))
    return redirect(f"{reverse('web:desk:trace')}?q={event_id}")


urls = [
    path("trace/", trace, name="trace"),
    path("trace/<int:event_id>/erase/", erase, name="trace-erase"),
]
