"""模拟测评: plan and list, the draw, closing, release; the looks and the report are in mock_figures."""

import re
from collections.abc import Callable, Sequence
from datetime import date, datetime
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from chuangwen.http import actor_of, door, now_of
from chuangwen.mocks.figures import progress
from chuangwen.mocks.operations import cancel_mock, close_mock, decide_mock, publish_mock, release_mock
from chuangwen.mocks.queries import mock_for, mocks_for, plan_kinds, with_progress
from chuangwen.rules.draw_seeds import USUAL, from_facts, known_from, next_announcement
from chuangwen.rules.permissions import Actor, Permission, Thing, may
from chuangwen.rules.refusals import BadInput, NotFound, Refused
from chuangwen.standards.queries import editions
from chuangwen.web.desk.lists import list_page
from chuangwen.web.desk.periods import today_of
from chuangwen.web.uploads import fresh_key

STATES = {
    "published": (gettext_lazy("名单已固定，等开奖"), "info", "clock"),
    "ready": (gettext_lazy("已开奖，等填号码"), "warn", "edit"),
    "running": (gettext_lazy("测评中"), "info", "clock"),
    "closed": (gettext_lazy("已结束，等发布"), "warn", "edit"),
    "released": (gettext_lazy("报告已发布"), "good", "circle-check"),
    "cancelled": (gettext_lazy("已作废"), "neutral", "ban"),
}


def state_of(mock: Any, now: datetime) -> dict[str, Any]:
    """The state as a badge."""
    ready = mock.state == "published" and now >= known_from(mock.announced_on)
    label, tone, icon = STATES["ready" if ready else mock.state]
    return {"label": label, "tone": tone, "icon": icon}


def crumbs() -> list[dict[str, str]]:
    """Where these pages hang."""
    return [{"label": _("模拟测评"), "url": reverse("web:desk:mocks")}]


def tabs(mock: Any, here: str) -> list[dict[str, Any]]:
    """The pages of one examination."""
    if mock.drawn_at is None:
        return []
    places = (
        ("mock", _("概况")),
        ("mock-looks", _("测评任务")),
        ("mock-disputes", _("有争议的")),
        ("mock-report", _("得分率")),
    )
    return [
        {"label": label, "url": reverse(f"web:desk:{name}", args=[mock.pk]), "active": name == here, "count": None}
        for name, label in places
    ]


@door(Permission.MOCK_SEE)
@require_safe
def mocks(request: HttpRequest) -> HttpResponse:
    """All mock examinations, newest first."""
    actor, now = actor_of(request), now_of(request)
    page = list_page(request, with_progress(mocks_for(actor)).order_by("-published_at", "-id"))
    new = {"label": _("安排模拟测评"), "url": reverse("web:desk:mock-new"), "icon": "plus", "primary": True}
    context = {
        "page": page, "rows": [(mock, state_of(mock, now), sum(mock.plan.values())) for mock in page.rows], "now": now,
        "actions": [new] if may(actor, Permission.MOCK_PLAN) else [],
    }  # fmt: skip
    return render(request, "desk/mocks.html", context)


# --- plan ---


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        return None


def _count(text: str) -> int | None:
    """A count from 0 to 9999; None when it cannot be read. Empty is 0."""
    words = text.strip() or "0"
    return int(words) if words.isdecimal() and len(words) < 5 else None


def _new_page(request: HttpRequest, objections: Sequence[str]) -> HttpResponse:
    actor, now = actor_of(request), now_of(request)
    published = [row for row in editions() if row.is_published]
    chosen = _count(request.POST.get("edition", ""))
    edition = chosen or next((row.pk for row in published), 0)
    kinds = plan_kinds(actor, edition)
    usual = next_announcement(today_of(now)).isoformat()
    context = {
        "kinds": [(kind, request.POST.get(f"n-{kind.code}", "")) for kind in kinds], "editions": published,
        "edition": edition, "objections": objections, "sources": USUAL, "crumbs": crumbs(),
        "name": request.POST.get("name", _("%(y)d年%(m)d月模拟测评") % {"y": today_of(now).year, "m": today_of(now).month}),
        "announced_on": request.POST.get("announced_on", usual), "days": request.POST.get("days_to_do", "7"),
        "client_key": request.POST.get("client_key") or fresh_key(),
    }  # fmt: skip
    return render(request, "desk/mock_new.html", context, status=422 if objections else 200)


def _typed_plan(request: HttpRequest) -> dict[str, Any]:
    """What was typed, every mistake in reading it named."""
    said, plan = [], {}
    for name, value in request.POST.items():
        if name.startswith("n-"):
            count = _count(str(value))
            plan[name[2:12]] = count or 0
            if count is None:
                said.append(_("“%(value)s”不是个数，请填整数或留空。") % {"value": str(value)[:20]})
    day, days = _day(request.POST.get("announced_on", "")), _count(request.POST.get("days_to_do", ""))
    said += [] if day else [_("请填写开奖日，例如 2026-11-29。")]
    if said or day is None:
        raise BadInput(said)
    edition = _count(request.POST.get("edition", "")) or 0
    return {"plan": plan, "announced_on": day, "days_to_do": days or 0, "edition_id": edition}


@door(Permission.MOCK_PLAN)
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """Fix the plan and the list that it draws from."""
    if request.method != "POST":
        return _new_page(request, [])
    try:
        made = publish_mock(
            **_typed_plan(request), name=request.POST.get("name", ""), by=actor_of(request), now=now_of(request),
            client_key=request.POST.get("client_key", "")[:64] or None,
        )  # fmt: skip
    except (Refused, BadInput) as refusal:
        return _new_page(request, refusal.objections)
    messages.success(request, _("计划和候选名单已固定，指纹已写入留痕。"))
    return redirect("web:desk:mock", made.pk)


# --- one of them ---


def _may_release(actor: Actor, mock: Any) -> bool:
    thing = Thing(involved=frozenset({mock.closed_by_id} if mock.closed_by_id else set()))
    return mock.state == "closed" and may(actor, Permission.MOCK_RELEASE, thing)


def _detail(request: HttpRequest, mock_id: int) -> dict[str, Any]:
    actor, now = actor_of(request), now_of(request)
    mock = mock_for(actor, mock_id)
    plans, sources = may(actor, Permission.MOCK_PLAN), from_facts(mock.sources)
    typed = request.POST.getlist("numbers") or [""] * len(sources)
    names = {kind.code: kind.name for kind in plan_kinds(actor, mock.edition_id)} if plans else {}
    done, total = progress(mock) if mock.drawn_at else (0, 0)
    return {
        "mock": mock, "state": state_of(mock, now), "now": now, "ready_at": known_from(mock.announced_on),
        "plan": [(names.get(code, code), count) for code, count in sorted(mock.plan.items())], "places": sum(mock.plan.values()),
        "sources": list(zip(sources, typed, strict=False)), "numbers": list(zip(sources, mock.numbers or [], strict=False)),
        "may_decide": plans and mock.state == "published" and now >= known_from(mock.announced_on),
        "may_close": plans and mock.state == "running", "may_release": _may_release(actor, mock),
        "may_cancel": plans and mock.state not in ("cancelled", "released"), "done": done, "total": total,
        "left": total - done, "posted": request.POST, "tabs": tabs(mock, "mock"), "crumbs": crumbs(),
    }  # fmt: skip


@door(Permission.MOCK_SEE)
@require_safe
def mock_page(request: HttpRequest, mock_id: int) -> HttpResponse:
    """One mock examination: plan, draw, how far it is, what comes next."""
    return render(request, "desk/mock.html", _detail(request, mock_id))


def _numbers(texts: Sequence[str]) -> list[list[int]]:
    said, found = [], []
    for at, text in enumerate(texts, start=1):
        words = [word for word in re.split(r"[\s,，、+]+", text.strip()) if word]
        if not words or not all(word.isdecimal() and len(word) < 6 for word in words):
            said.append(_("第 %(place)d 组号码读不懂：请只写数字，用空格分开。") % {"place": at})
        found.append([int(word) for word in words if word.isdecimal() and len(word) < 6])
    if said:
        raise BadInput(said)
    return found


def _act(request: HttpRequest, mock_id: int, run: Callable[[Actor, datetime], str]) -> HttpResponse:
    """One move: its message, or the page again with every objection."""
    mock_for(actor_of(request), mock_id)
    try:
        said = run(actor_of(request), now_of(request))
    except NotFound:
        raise
    except (Refused, BadInput) as refusal:
        context = _detail(request, mock_id) | {"objections": refusal.objections}
        return render(request, "desk/mock.html", context, status=422)
    messages.success(request, said)
    return redirect("web:desk:mock", mock_id)


@door(Permission.MOCK_PLAN)
@require_POST
def decide(request: HttpRequest, mock_id: int) -> HttpResponse:
    """The announced numbers are entered, and decide."""

    def run(by: Actor, now: datetime) -> str:
        if request.POST.get("compared") != "1":
            raise Refused(_("请逐个核对号码后勾选“已与公告逐个核对”：抽取后不能重抽。"))
        numbers = _numbers(request.POST.getlist("numbers")[:9])
        decide_mock(mock_id=mock_id, numbers=numbers, numbers_from=request.POST.get("numbers_from", ""), by=by, now=now)
        return _("已抽取，测评任务已安排。")

    return _act(request, mock_id, run)


@door(Permission.MOCK_PLAN)
@require_POST
def close(request: HttpRequest, mock_id: int) -> HttpResponse:
    """The examination ends."""

    def run(by: Actor, now: datetime) -> str:
        close_mock(mock_id=mock_id, leave_rest=request.POST.get("leave_rest") == "1", by=by, now=now)
        return _("测评已结束，报告等另一位负责人核对发布。")

    return _act(request, mock_id, run)


@door(Permission.MOCK_RELEASE)
@require_POST
def release(request: HttpRequest, mock_id: int) -> HttpResponse:
    """The report is frozen."""

    def run(by: Actor, now: datetime) -> str:
        release_mock(mock_id=mock_id, by=by, now=now)
        return _("报告已发布，内容不再变化。")

    return _act(request, mock_id, run)


@door(Permission.MOCK_PLAN)
@require_POST
def cancel(request: HttpRequest, mock_id: int) -> HttpResponse:
    """It does not count; it stays with its reason."""

    def run(by: Actor, now: datetime) -> str:
        cancel_mock(mock_id=mock_id, reason=request.POST.get("reason", ""), by=by, now=now)
        return _("已作废，记录和理由保留。")

    return _act(request, mock_id, run)


urls = [
    path("mocks/", mocks, name="mocks"),
    path("mocks/new/", new, name="mock-new"),
    path("mocks/<int:mock_id>/", mock_page, name="mock"),
    path("mocks/<int:mock_id>/decide/", decide, name="mock-decide"),
    path("mocks/<int:mock_id>/close/", close, name="mock-close"),
    path("mocks/<int:mock_id>/release/", release, name="mock-release"),
    path("mocks/<int:mock_id>/cancel/", cancel, name="mock-cancel"),
]
