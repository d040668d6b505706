"""督查 on the desk: the list, a new task, one task with everything that came from it until it is closed."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from chuangwen.http import Context, actor_of, door, now_of
from chuangwen.patrols.queries import inspectors
from chuangwen.places.listing import narrowed_sites
from chuangwen.rules.permissions import OFFICE, UNIT, Permission, Role, may
from chuangwen.rules.refusals import Conflict, NotFound, Refused
from chuangwen.supervision import operations
from chuangwen.supervision.queries import (
    listed,
    posts_of_team,
    progress_of,
    remarks_to_answer,
    seen_by,
    task_for,
    task_kinds,
    task_of_case,
    task_states,
)
from chuangwen.web.desk.burden_forms import order_context
from chuangwen.web.desk.lists import FilterForm, choices_of, list_page, set_choices
from chuangwen.web.desk.supervision_forms import CLOSES, OPENS, TaskForm, day_at, moment_field, named, site_named
from chuangwen.web.uploads import fresh_key

STATE_LOOKS: Mapping[str, tuple[str, str]] = {
    "draft": ("info", "edit"),
    "running": ("accent", "target"),
    "closed": ("good", "circle-check"),
    "dropped": ("neutral", "ban"),
}
REMARK_LOOKS: Mapping[str, tuple[str, str]] = {
    "raw": ("warn", "edit"),
    "case": ("info", "folder"),
    "sent": ("accent", "send"),
    "answered": ("info", "message-circle"),
    "accepted": ("good", "circle-check"),
    "dropped": ("neutral", "ban"),
}
MOST_SITES = 60


class TaskFilter(FilterForm):
    """The conditions of the list of tasks."""

    kind = forms.ChoiceField(label=gettext_lazy("类别"), required=False)
    status = forms.ChoiceField(label=gettext_lazy("状态"), required=False)

    def __init__(self, data: Any) -> None:
        super().__init__(data)
        set_choices(self, "kind", choices_of(task_kinds()))
        set_choices(self, "status", choices_of(task_states()))


def state_look(task: Any) -> dict[str, Any]:
    """The badge of a task's status."""
    tone, icon = STATE_LOOKS[task.status]
    return {"label": task.get_status_display(), "tone": tone, "icon": icon}


def remark_look(remark: Any) -> dict[str, Any]:
    """The badge of a remark's state."""
    tone, icon = REMARK_LOOKS[remark.state]
    return {"label": remark.get_state_display(), "tone": tone, "icon": icon}


@door(Permission.SUPERVISION_SEE)
@require_safe
def tasks(request: HttpRequest) -> HttpResponse:
    """The tasks that this person may know of; for a unit, first what waits for its answer."""
    actor, now = actor_of(request), now_of(request)
    form = TaskFilter(request.GET)
    rows = listed(actor, kind=form.value("kind"), status=form.value("status")).select_related("home")
    page = list_page(request, rows)
    above = actor.scopes(*OFFICE, Role.LEADER)
    overseen = [task for task in page.rows if any(task.home.path.startswith(scope) for scope in above)]
    progress = progress_of(overseen) if overseen else {}
    actions: list[dict[str, Any]] = []
    if may(actor, Permission.SUPERVISION_RECORD):
        actions.append({"label": _("手机上记一条"), "url": reverse("web:field:supervision"), "icon": "camera"})
    if may(actor, Permission.SUPERVISION_PLAN):
        url = reverse("web:desk:supervision-new")
        actions.append({"label": _("安排督查"), "url": url, "icon": "plus", "primary": True})
    context = {
        "page": page, "form": form, "conditions": form.conditions(), "now": now, "actions": actions,
        "rows": [(task, state_look(task), progress.get(task.pk)) for task in page.rows],
        "waiting": list(remarks_to_answer(actor)[:50]) if any(role in actor.roles for role in UNIT) else [],
    }  # fmt: skip
    return render(request, "desk/supervision.html", context)


# --- a new task, a changed draft ---


def _crumbs(task: Any = None) -> list[dict[str, str]]:
    crumbs = [{"label": _("督查"), "url": reverse("web:desk:supervision")}]
    if task is not None:
        crumbs.append({"label": task.title, "url": reverse("web:desk:supervision-task", args=[task.pk])})
    return crumbs


def _form_page(
    request: HttpRequest, form: TaskForm, *, task: Any = None, objections: Sequence[str] = (), status: int = 200
) -> HttpResponse:
    context = {
        "form": form, "task": task, "objections": objections, "crumbs": _crumbs(task),
        "client_key": request.POST.get("client_key") or fresh_key(),
    }  # fmt: skip
    return render(request, "desk/supervision_form.html", context, status=status)


@door(Permission.SUPERVISION_PLAN)
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """Who looks at whom, by what, when, and whether they may know."""
    now = now_of(request)
    if request.method != "POST":
        first = {"kind": "special", "starts_at": day_at(now, 1, OPENS), "ends_at": day_at(now, 3, CLOSES)}
        return _form_page(request, TaskForm(request, initial=first))
    form = TaskForm(request, request.POST)
    if not form.is_valid():
        return _form_page(request, form, status=422)
    try:
        key = request.POST.get("client_key", "")[:64] or None
        task = operations.plan_task(facts=form.facts(), by=actor_of(request), now=now, client_key=key)
    except Refused as refusal:
        return _form_page(request, form, objections=refusal.objections, status=422)
    messages.success(request, _("已存为草稿，只有文明办和督查组能看到。看过无误再下达。"))
    return redirect("web:desk:supervision-task", task.pk)


def _initial(form: TaskForm, task: Any) -> dict[str, Any]:
    units = list(task.units.order_by("path"))
    return {
        "kind": task.kind, "title": task.title, "basis": task.basis, "questions": task.questions,
        "edition": str(task.edition_id or ""), "starts_at": task.starts_at, "ends_at": task.ends_at, "secret": task.secret,
        "repeat": task.repeat, "team": [str(user.pk) for user in task.team.all()], "point_types": task.point_types,
        "units": [str(unit.pk) for unit in units if unit.pk in form.common],
        "more_units": "、".join(unit.code for unit in units if unit.pk not in form.common),
        "sites": "、".join(task.sites.order_by("code").values_list("code", flat=True)),
        "areas": "、".join(task.areas.order_by("code").values_list("code", flat=True)),
    }  # fmt: skip


@door(Permission.SUPERVISION_PLAN)
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: HttpRequest, task_id: int) -> HttpResponse:
    """Change a draft."""
    actor = actor_of(request)
    task = task_for(actor, task_id)
    if request.method != "POST":
        form = TaskForm(request)
        form.initial = _initial(form, task)
        return _form_page(request, form, task=task)
    form = TaskForm(request, request.POST)
    if not form.is_valid():
        return _form_page(request, form, task=task, status=422)
    seen = request.POST.get("version", "")
    try:
        operations.edit_task(
            task_id=task_id, facts=form.facts(), by=actor, now=now_of(request), seen_version=int(seen) if seen.isdecimal() else None
        )  # fmt: skip
    except NotFound:
        raise
    except Refused as refusal:
        status = 409 if isinstance(refusal, Conflict) else 422
        return _form_page(request, form, task=task, objections=refusal.objections, status=status)
    messages.success(request, _("已保存。"))
    return redirect("web:desk:supervision-task", task_id)


# --- one task ---


class PatrolForm(forms.Form):
    """A round for the task."""

    patrol_sites = forms.CharField(
        label=gettext_lazy("点位"), required=False, help_text=gettext_lazy("名称或编码，用顿号隔开，按走的次序写。"),
        widget=forms.Textarea(attrs={"rows": 3}),
    )  # fmt: skip
    patrol_inspectors = forms.MultipleChoiceField(
        label=gettext_lazy("巡查员"), required=False, widget=forms.CheckboxSelectMultiple
    )
    patrol_starts_at = moment_field(gettext_lazy("开始"))
    patrol_ends_at = moment_field(gettext_lazy("结束"))

    def __init__(self, request: HttpRequest, task: Any, *args: Any, **given: Any) -> None:
        super().__init__(*args, **given)
        self.actor = actor_of(request)
        people = inspectors(now_of(request).date())
        set_choices(self, "patrol_inspectors", [(str(user.pk), user.display_name) for user in people])
        if not args:
            self.initial = {"patrol_starts_at": task.starts_at, "patrol_ends_at": task.ends_at, **self.initial}

    def clean_patrol_sites(self) -> list[int]:
        """The sites that were typed."""
        return named(self.cleaned_data["patrol_sites"], lambda name: site_named(self.actor, name))


def _suggested_sites(request: HttpRequest, task: Any) -> str:
    """The places of the scope: those named, else those of the types in the supervised branches."""
    codes = list(task.sites.order_by("code").values_list("code", flat=True))
    if codes:
        return "、".join(codes)
    for kind in task.point_types:
        rows = narrowed_sites(actor_of(request), point_type=kind)
        within = [
            site.code
            for site in rows[:MOST_SITES]
            if any(site.home.path.startswith(unit.path) for unit in task.units.all())
        ]
        codes += within
    return "、".join(codes[:MOST_SITES])


def _page(request: HttpRequest, task_id: int, status: int = 200, **more: Any) -> HttpResponse:
    actor, now = actor_of(request), now_of(request)
    task = task_for(actor, task_id)
    tab = request.GET.get("tab", "")
    base = reverse("web:desk:supervision-task", args=[task.pk])
    context: Context = {
        "task": task, "now": now, "state": state_look(task), "crumbs": _crumbs(), "tab": tab, "base": base,
        "tabs": [
            {"label": _("进展"), "url": base, "active": tab not in {"scope", "patrol"}},
            {"label": _("范围和督查组"), "url": f"{base}?tab=scope", "active": tab == "scope"},
        ],
    }  # fmt: skip
    if tab == "scope":
        context |= {"scope": _scope(request, task)}
    else:
        context |= _progress(request, task)
    return render(request, "desk/supervision_task.html", context | more, status=status)


def _scope(request: HttpRequest, task: Any) -> Context:
    return {
        "units": task.units.order_by("path"), "areas": task.areas.order_by("code"), "sites": task.sites.order_by("code"),
        "posts": posts_of_team(task, now_of(request).date()), "questions": task.questions.splitlines(),
    }  # fmt: skip


def _progress(request: HttpRequest, task: Any) -> Context:
    actor = actor_of(request)
    seen = seen_by(actor, task)
    keeps = seen.manages and may(actor, Permission.SUPERVISION_PLAN)
    remarks = [(remark, remark_look(remark)) for remark in seen.remarks]
    open_remarks = [remark for remark in seen.remarks if remark.is_open]
    return {
        "seen": seen, "keeps": keeps, "may_release": keeps and may(actor, Permission.SUPERVISION_RELEASE),
        "raw": [row for row in remarks if row[0].state == "raw"],
        "remarks": [row for row in remarks if row[0].state not in {"raw", "case"}],
        "open_remarks": len(open_remarks), "open_rest": len(seen.open_cases) + len(open_remarks),
        "may_note": seen.oversees and task.status == "running" and may(actor, Permission.SUPERVISION_RECORD),
        "client_key": fresh_key(), "questions": task.questions.splitlines(),
        **(order_context(request, task) if keeps and task.status == "draft" else {}),
    }  # fmt: skip


@door(Permission.SUPERVISION_SEE)
@require_safe
def task_page(request: HttpRequest, task_id: int) -> HttpResponse:
    """What came from the task and how far it is."""
    return _page(request, task_id)


@door(Permission.SUPERVISION_SEE)
@require_safe
def of_case(request: HttpRequest, case_id: int) -> HttpResponse:
    """The task that a case came from, for whoever may know of it."""
    return redirect("web:desk:supervision-task", task_of_case(actor_of(request), case_id).pk)


def _follow_up(request: HttpRequest, task_id: int) -> HttpResponse:
    now = now_of(request)
    made = operations.follow_up(
        task_id=task_id, starts_at=day_at(now, 1, OPENS), ends_at=day_at(now, 14, CLOSES), by=actor_of(request), now=now
    )
    messages.success(request, _("已把没有办完的列入跟踪督查的草稿。核对时间和督查组，再下达。"))
    return redirect("web:desk:supervision-task", made.pk)


def _close(request: HttpRequest, task_id: int) -> HttpResponse:
    reason = request.POST.get("reason", "")
    operations.close_task(task_id=task_id, reason=reason, by=actor_of(request), now=now_of(request))
    messages.success(request, _("已销号。"))
    return redirect("web:desk:supervision-task", task_id)


def _order(request: HttpRequest, task_id: int) -> HttpResponse:
    overrule = request.POST.get("overrule", "")
    operations.order_task(task_id=task_id, overrule=overrule, by=actor_of(request), now=now_of(request))
    messages.success(request, _("已下达，督查组可以开始。"))
    return redirect("web:desk:supervision-task", task_id)


def _plain(change: Callable[..., Any], words: str) -> Callable[[HttpRequest, int], HttpResponse]:
    def act(request: HttpRequest, task_id: int) -> HttpResponse:
        change(task_id=task_id, by=actor_of(request), now=now_of(request))
        messages.success(request, _(words))
        return redirect("web:desk:supervision-task", task_id)

    return act


ACTS: Mapping[str, Callable[[HttpRequest, int], HttpResponse]] = {
    "order": _order,
    "disclose": _plain(operations.disclose_task, "已公布，被督查的单位现在能看到这次督查和自己的意见。"),
    "drop": _plain(operations.drop_task, "草稿已取消。"),
    "stop": _plain(operations.stop_repeating, "不再备下一次。"),
    "follow-up": _follow_up,
    "close": _close,
}


@door(Permission.SUPERVISION_PLAN)
@require_POST
def act(request: HttpRequest, task_id: int, act: str) -> HttpResponse:
    """Order, disclose, drop, follow up, close."""
    task_for(actor_of(request), task_id)
    if act not in ACTS:
        raise NotFound
    try:
        return ACTS[act](request, task_id)
    except NotFound:
        raise
    except Refused as refusal:
        more = {"objections": refusal.objections, "reason": request.POST.get("reason", "")}
        return _page(request, task_id, status=422, **more)


@door(Permission.SUPERVISION_PLAN)
@require_http_methods(["GET", "HEAD", "POST"])
def patrol_new(request: HttpRequest, task_id: int) -> HttpResponse:
    """A round of the task: which places, who, when."""
    actor = actor_of(request)
    task = task_for(actor, task_id)
    if request.method != "POST":
        form = PatrolForm(request, task, initial={"patrol_sites": _suggested_sites(request, task)})
        return _patrol_page(request, task, form)
    form = PatrolForm(request, task, request.POST)
    if not form.is_valid():
        return _patrol_page(request, task, form, status=422)
    said = form.cleaned_data
    try:
        operations.add_patrol(
            task_id=task_id, site_ids=said["patrol_sites"], inspector_ids=[int(pk) for pk in said["patrol_inspectors"]],
            starts_at=said["patrol_starts_at"], ends_at=said["patrol_ends_at"], by=actor, now=now_of(request),
            client_key=request.POST.get("client_key", "")[:64] or None,
        )  # fmt: skip
    except NotFound:
        raise
    except Refused as refusal:
        return _patrol_page(request, task, form, objections=refusal.objections, status=422)
    messages.success(request, _("已安排，巡查员手机上已能看到。"))
    return redirect("web:desk:supervision-task", task_id)


def _patrol_page(
    request: HttpRequest, task: Any, form: PatrolForm, *, objections: Sequence[str] = (), status: int = 200
) -> HttpResponse:
    context = {
        "task": task, "form": form, "objections": objections, "crumbs": _crumbs(task),
        "client_key": request.POST.get("client_key") or fresh_key(),
    }  # fmt: skip
    return render(request, "desk/supervision_patrol.html", context, status=status)


urls = [
    path("supervision/", tasks, name="supervision"),
    path("supervision/new/", new, name="supervision-new"),
    path("supervision/of-case/<int:case_id>/", of_case, name="supervision-of-case"),
    path("supervision/<int:task_id>/", task_page, name="supervision-task"),
    path("supervision/<int:task_id>/edit/", edit, name="supervision-edit"),
    path("supervision/<int:task_id>/patrols/new/", patrol_new, name="supervision-patrol"),
    path("supervision/<int:task_id>/acts/<str:act>/", act, name="supervision-act"),
]
