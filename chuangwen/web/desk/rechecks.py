"""抽查复核: draws in two steps, and the re-checks that follow."""

import re
from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from chuangwen.evidence.queries import open_photo
from chuangwen.http import actor_of, door, now_of
from chuangwen.patrols.queries import inspectors
from chuangwen.rechecks.operations import USUAL_SHARE, cancel_draw, decide_draw, publish_draw
from chuangwen.rechecks.queries import (
    barred_names,
    draw_for,
    draws_for,
    in_state,
    second_photo_for,
    subject_of,
    task_for,
    tasks_for,
    tasks_of,
    verdicts_of,
    with_progress,
)
from chuangwen.rechecks.tasks import hand_over
from chuangwen.rules.draw_seeds import USUAL, from_facts, known_from, next_announcement
from chuangwen.rules.permissions import Permission, may
from chuangwen.rules.refusals import BadInput, NotFound, Refused
from chuangwen.web.desk.lists import FilterForm, list_page
from chuangwen.web.desk.periods import Days, today_of
from chuangwen.web.desk.recheck_figures import recheck_tabs
from chuangwen.web.photos import photo_response
from chuangwen.web.uploads import fresh_key

STATES = {
    "published": (gettext_lazy("名单已公布，等开奖"), "info", "clock"),
    "ready": (gettext_lazy("已开奖，等填号码"), "warn", "edit"),
    "drawn": (gettext_lazy("已抽取"), "good", "circle-check"),
    "cancelled": (gettext_lazy("已作废"), "neutral", "ban"),
}
TASK_STATES = (
    ("open", gettext_lazy("未完成")), ("late", gettext_lazy("已过期限")), ("unassigned", gettext_lazy("没有安排人")),
    ("done", gettext_lazy("已完成")), ("withdrawn", gettext_lazy("已撤回")),
)  # fmt: skip


def _state(draw: Any, now: datetime) -> dict[str, Any]:
    ready = draw.state == "published" and now >= known_from(draw.announced_on)
    label, tone, icon = STATES["ready" if ready else draw.state]
    return {"label": label, "tone": tone, "icon": icon}


@door(Permission.RECHECK_SEE)
@require_safe
def draws(request: HttpRequest) -> HttpResponse:
    """All draws, newest first, with how many second looks are done."""
    actor, now = actor_of(request), now_of(request)
    page = list_page(request, with_progress(draws_for(actor)).order_by("-published_at", "-id"))
    new = {"label": _("公布新名单"), "url": reverse("web:desk:recheck-new"), "icon": "plus", "primary": True}
    context = {
        "page": page, "rows": [(draw, _state(draw, now), Days(draw.starts_on, draw.ends_on)) for draw in page.rows],
        "now": now, "tabs": recheck_tabs(actor, "rechecks"),
        "actions": [new] if may(actor, Permission.RECHECK_PLAN) else [],
    }  # fmt: skip
    return render(request, "desk/rechecks.html", context)


# --- step one: publish a list ---


def _day_input() -> forms.DateInput:
    return forms.DateInput(attrs={"type": "date", "required": True}, format="%Y-%m-%d")


class DrawForm(forms.Form):
    """What is drawn from, how much, and when the numbers come out."""

    starts_on = forms.DateField(label=gettext_lazy("样本从（必填）"), required=False, widget=_day_input())
    ends_on = forms.DateField(label=gettext_lazy("样本到（必填）"), required=False, widget=_day_input())
    share = forms.CharField(
        label=gettext_lazy("抽多大份额（必填）"), required=False,
        help_text=gettext_lazy("0.05 表示每二十件抽一件，按街道分层。"),
        widget=forms.TextInput(attrs={"inputmode": "decimal", "required": True}),
    )  # fmt: skip
    at_least_one = forms.BooleanField(label=gettext_lazy("每个街道至少抽一件"), required=False)
    announced_on = forms.DateField(
        label=gettext_lazy("以哪一天的开奖号码为种子（必填）"), required=False,
        help_text=gettext_lazy("双色球开奖的周二、周四或周日，最早明天。公布后不能改。"), widget=_day_input(),
    )  # fmt: skip
    days_to_do = forms.IntegerField(
        label=gettext_lazy("抽出后几天内复核完（必填）"), required=False, min_value=0, max_value=999,
        widget=forms.NumberInput(attrs={"min": 1, "max": 30, "required": True}),
    )  # fmt: skip

    def clean_share(self) -> Decimal | None:
        """The share as a number."""
        try:
            share = Decimal(str(self.cleaned_data.get("share") or "").strip())
        except InvalidOperation as error:
            raise forms.ValidationError(_("份额应写成 0.05 这样的数。")) from error
        if not share.is_finite():
            raise forms.ValidationError(_("份额应写成 0.05 这样的数。"))
        return share

    def clean(self) -> dict[str, Any]:
        """Every missing one is named."""
        said = super().clean() or self.cleaned_data
        for name, field in self.fields.items():
            if name != "at_least_one" and said.get(name) is None and name not in self.errors:
                self.add_error(name, _("请填写%(label)s。") % {"label": str(field.label).removesuffix("（必填）")})
        return said


def _usual(now: datetime) -> dict[str, Any]:
    today = today_of(now)
    monday = today - timedelta(days=today.weekday() + 7)
    return {
        "starts_on": monday, "ends_on": monday + timedelta(days=6), "share": f"{USUAL_SHARE}", "at_least_one": True,
        "announced_on": next_announcement(today), "days_to_do": 7,
    }  # fmt: skip


def _new_page(request: HttpRequest, form: DrawForm, objections: Sequence[str]) -> HttpResponse:
    context = {
        "form": form, "objections": objections, "sources": USUAL,
        "client_key": request.POST.get("client_key") or fresh_key(),
        "crumbs": [{"label": _("抽查复核"), "url": reverse("web:desk:rechecks")}],
    }  # fmt: skip
    return render(request, "desk/recheck_new.html", context, status=422 if objections or form.errors else 200)


@door(Permission.RECHECK_PLAN)
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """Freeze and publish the list of a period."""
    now = now_of(request)
    if request.method != "POST":
        return _new_page(request, DrawForm(initial=_usual(now)), [])
    form = DrawForm(request.POST)
    if not form.is_valid():
        return _new_page(request, form, [])
    try:
        made = publish_draw(
            **form.cleaned_data, by=actor_of(request), now=now,
            client_key=request.POST.get("client_key", "")[:64] or None,
        )  # fmt: skip
    except Refused as refusal:
        return _new_page(request, form, refusal.objections)
    messages.success(request, _("名单已公布：%(n)d 件，指纹已写入留痕。") % {"n": made.size})
    return redirect("web:desk:recheck", made.pk)


# --- one draw ---


def _detail(request: HttpRequest, draw_id: int) -> dict[str, Any]:
    actor, now = actor_of(request), now_of(request)
    draw = draw_for(actor, draw_id)
    plans = may(actor, Permission.RECHECK_PLAN)
    sources = from_facts(draw.sources)
    typed = request.POST.getlist("numbers") or [""] * len(sources)
    ready = known_from(draw.announced_on)
    return {
        "draw": draw, "state": _state(draw, now), "days": Days(draw.starts_on, draw.ends_on), "now": now, "ready_at": ready,
        "tasks": tasks_of(draw) if draw.drawn_at else [], "sources": list(zip(sources, typed, strict=False)),
        "numbers": list(zip(sources, draw.numbers or [], strict=False)),
        "may_decide": plans and draw.state == "published" and now >= ready,
        "may_cancel": plans and draw.state != "cancelled", "posted": request.POST,
        "public_url": reverse("web:public:draw", args=[draw.pk]),
        "crumbs": [{"label": _("抽查复核"), "url": reverse("web:desk:rechecks")}],
    }  # fmt: skip


@door(Permission.RECHECK_SEE)
@require_safe
def draw_page(request: HttpRequest, draw_id: int) -> HttpResponse:
    """One draw: what was frozen, what decides, what was drawn and how far it is."""
    return render(request, "desk/recheck.html", _detail(request, draw_id))


def _numbers(texts: Sequence[str]) -> list[list[int]]:
    """The typed groups of numbers; every group that cannot be read is named."""
    objections, found = [], []
    for place, text in enumerate(texts, start=1):
        words = [word for word in re.split(r"[\s,，、+]+", text.strip()) if word]
        if not words or not all(word.isdecimal() and len(word) < 6 for word in words):
            objections.append(_("第 %(place)d 组号码读不懂：请只写数字，用空格分开。") % {"place": place})
        else:
            found.append([int(word) for word in words])
    if objections:
        raise BadInput(objections)
    return found


@door(Permission.RECHECK_PLAN)
@require_POST
def decide(request: HttpRequest, draw_id: int) -> HttpResponse:
    """The announced numbers are entered, and decide."""
    draw_for(actor_of(request), draw_id)
    try:
        if request.POST.get("compared") != "1":
            raise Refused(_("请逐个核对号码后勾选“已与公告逐个核对”：抽取后不能重抽。"))
        made = decide_draw(
            draw_id=draw_id, numbers=_numbers(request.POST.getlist("numbers")[:9]),
            numbers_from=request.POST.get("numbers_from", ""), by=actor_of(request), now=now_of(request),
        )  # fmt: skip
    except NotFound:
        raise
    except (Refused, BadInput) as refusal:
        context = _detail(request, draw_id) | {"objections": refusal.objections}
        return render(request, "desk/recheck.html", context, status=422)
    messages.success(request, _("已抽取 %(n)d 件，复核任务已安排。") % {"n": len((made.record or {})["selected"])})
    return redirect("web:desk:recheck", draw_id)


@door(Permission.RECHECK_PLAN)
@require_POST
def cancel(request: HttpRequest, draw_id: int) -> HttpResponse:
    """The draw does not count; it stays visible with its reason."""
    draw_for(actor_of(request), draw_id)
    try:
        cancel_draw(draw_id=draw_id, reason=request.POST.get("reason", ""), by=actor_of(request), now=now_of(request))
    except NotFound:
        raise
    except Refused as refusal:
        context = _detail(request, draw_id) | {"cancel_objections": refusal.objections}
        return render(request, "desk/recheck.html", context, status=422)
    messages.success(request, _("已作废，公开页面上保留记录和理由。"))
    return redirect("web:desk:recheck", draw_id)


# --- re-checks ---


class TaskFilter(FilterForm):
    """Which re-checks."""

    state = forms.ChoiceField(
        label=gettext_lazy("状态"), required=False, choices=[("", gettext_lazy("全部")), *TASK_STATES]
    )


@door(Permission.RECHECK_SEE)
@require_safe
def tasks(request: HttpRequest) -> HttpResponse:
    """All re-checks, the most urgent first."""
    actor, now = actor_of(request), now_of(request)
    form = TaskFilter(request.GET)
    page = list_page(request, in_state(tasks_for(actor), form.value("state"), now))
    context = {
        "page": page,
        "form": form,
        "conditions": form.conditions(),
        "now": now,
        "tabs": recheck_tabs(actor, "recheck-tasks"),
    }
    return render(request, "desk/recheck_tasks.html", context)


def _task(request: HttpRequest, task_id: int) -> dict[str, Any]:
    actor, now = actor_of(request), now_of(request)
    found = task_for(actor, task_id)
    kind, subject = subject_of(found.candidate)
    plans = may(actor, Permission.RECHECK_PLAN)
    rows = verdicts_of(found)
    return {
        "task": found, "rows": rows, "now": now, "kind": kind, "barred": barred_names(found),
        "subject_url": reverse("web:desk:case", args=[subject]) if kind == "case" else "",
        "differ": sum(row.verdict != row.first_verdict for row in rows) if found.finished_at else 0,
        "may_hand_over": plans and found.is_open, "people": inspectors(now.date()) if plans and found.is_open else [],
        "crumbs": [
            {"label": _("抽查复核"), "url": reverse("web:desk:rechecks")},
            {"label": _("复核任务"), "url": reverse("web:desk:recheck-tasks")},
        ],
    }  # fmt: skip


@door(Permission.RECHECK_SEE)
@require_safe
def task(request: HttpRequest, task_id: int) -> HttpResponse:
    """One re-check: both looks side by side once the second is done."""
    return render(request, "desk/recheck_task.html", _task(request, task_id))


@door(Permission.RECHECK_PLAN)
@require_POST
def give(request: HttpRequest, task_id: int) -> HttpResponse:
    """Another inspector does it."""
    task_for(actor_of(request), task_id)
    chosen = request.POST.get("inspector", "")
    try:
        hand_over(
            task_id=task_id, inspector_id=int(chosen) if chosen.isdecimal() and len(chosen) < 12 else 0,
            by=actor_of(request), now=now_of(request),
        )  # fmt: skip
    except NotFound:
        raise
    except Refused as refusal:
        context = _task(request, task_id) | {"objections": refusal.objections, "chosen": chosen}
        return render(request, "desk/recheck_task.html", context, status=422)
    messages.success(request, _("复核人已更换。"))
    return redirect("web:desk:recheck-task", task_id)


@door(Permission.RECHECK_SEE)
@require_safe
def photo(request: HttpRequest, task_id: int, photo_id: int) -> HttpResponseBase:
    """A photo of a second verdict."""
    found = second_photo_for(actor_of(request), task_id, photo_id)
    return photo_response(open_photo(found, small=request.GET.get("small") == "1"))


urls = [
    path("rechecks/", draws, name="rechecks"),
    path("rechecks/new/", new, name="recheck-new"),
    path("rechecks/tasks/", tasks, name="recheck-tasks"),
    path("rechecks/tasks/<int:task_id>/", task, name="recheck-task"),
    path("rechecks/tasks/<int:task_id>/hand-over/", give, name="recheck-give"),
    path("rechecks/tasks/<int:task_id>/photos/<int:photo_id>/", photo, name="recheck-photo"),
    path("rechecks/<int:draw_id>/", draw_page, name="recheck"),
    path("rechecks/<int:draw_id>/decide/", decide, name="recheck-decide"),
    path("rechecks/<int:draw_id>/cancel/", cancel, name="recheck-cancel"),
]
