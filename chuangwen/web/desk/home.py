"""我的待办: what waits for this person, most urgent first, one next button a case."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from chuangwen.accountability.queries import waiting_for
from chuangwen.appeals.queries import to_review
from chuangwen.bulletins.queries import papers_for
from chuangwen.campaigns.coverage import still_to_do
from chuangwen.cases.filters import CaseFilter, page_of
from chuangwen.cases.operations import accept, dispatch
from chuangwen.cases.queries import case_for, counts, extensions_to_decide
from chuangwen.cases.worklist import Case, Waiting, urgency, waiting, work_page
from chuangwen.directives.queries import items_for_office, shares_to_do
from chuangwen.http import Context, actor_of, door, now_of
from chuangwen.routing.queries import objections_to_decide
from chuangwen.rules.case_flow import Status
from chuangwen.rules.permissions import OFFICE, UNIT, Actor, Permission, Role, may
from chuangwen.rules.refusals import Refused
from chuangwen.supervision.queries import remarks_to_answer
from chuangwen.web.components.samples import gallery_sample
from chuangwen.web.desk.case_labels import button_label, case_url, clock_of, primary_move
from chuangwen.web.desk.case_page import link_to
from chuangwen.web.uploads import fresh_key
from chuangwen.whistles.work import to_do as whistles_to_do

MOST_AT_ONCE = 100
PAGE = 50
REVIEWERS = frozenset({*OFFICE, Role.LEADER})
FIGURES_OF_DAYS = 30
WAITING_TO_GO = frozenset({Status.REPORTED, Status.ACCEPTED})
GROUPS: Mapping[str, tuple[str | Promise, str]] = {
    "late": (gettext_lazy("已超期"), "bad"),
    "today": (gettext_lazy("今天到期"), "warn"),
    "later": (gettext_lazy("其余"), "neutral"),
}


@dataclass(frozen=True)
class Task:
    """One line: the case, what to do with it, and to whom it would go in one go."""

    case: Case
    url: str
    button: str
    unit_name: str  # the owner of its site, when it can be sent there at once


def _task(actor: Actor, case: Case) -> Task:
    move = primary_move(actor, case)
    owner = case.site.owner if case.site else None
    ready = case.flow_status in WAITING_TO_GO and owner is not None and owner.active and _may_send(actor, case)
    url = case_url(case)
    return Task(
        case=case,
        url=f"{url}#move-{move}" if move else url,
        button=button_label(case, move) if move else _("查看"),
        unit_name=owner.name if ready and owner else "",
    )


def _may_send(actor: Actor, case: Case) -> bool:
    thing = case.thing()
    return may(actor, Permission.CASE_ACCEPT, thing) and may(actor, Permission.CASE_DISPATCH, thing)


def _groups(tasks: Sequence[Task], figures: Waiting, now: datetime) -> Sequence[Mapping[str, Any]]:
    counted = {"late": figures.late, "today": figures.today, "later": figures.later}
    groups = []
    for key, (label, tone) in GROUPS.items():
        shown = [task for task in tasks if urgency(task.case, now) == key]
        if shown:
            groups.append({"key": key, "label": label, "tone": tone, "count": counted[key], "tasks": shown})
    return groups


def _leader(request: HttpRequest) -> Context:
    """The leader's own page: figures that lead to their cases, and what is overdue."""
    actor, now = actor_of(request), now_of(request)
    since = (now - timedelta(days=FIGURES_OF_DAYS)).date().isoformat()
    recent = CaseFilter(since=since)
    late = page_of(actor, CaseFilter(late="now", sort="due"), now=now, size=20)
    return {
        "now_figures": counts(actor, CaseFilter(state="open"), now),
        "recent_figures": counts(actor, recent, now),
        "late_page": late,
        "late_lines": [(case, case_url(case), clock_of(case)) for case in late.rows],
        "recent_query": recent.query(),
        "recent_days": FIGURES_OF_DAYS,
    }


def _drafts(actor: Actor) -> Sequence[tuple[Any, str]]:
    """Papers that wait to be looked over and released, with their pages."""
    if not may(actor, Permission.PAPER_DRAFT):
        return []
    return [(paper, link_to("web:desk:paper", paper.pk)) for paper in papers_for(actor).filter(released_at=None)[:PAGE]]


def _hint(actor: Actor) -> str:
    """Which kind of empty list this is."""
    if actor.roles <= {Role.SYSTEM_ADMIN}:
        return "admin"
    if actor.roles & {Role.INSPECTOR, Role.GRID_WORKER}:
        return "field"
    return "office" if actor.roles & set(OFFICE) else "unit"


def _home_context(request: HttpRequest) -> Context:
    actor, now, after = actor_of(request), now_of(request), request.GET.get("after", "")
    figures = waiting(actor, now)
    rows, next_key = work_page(actor, after=after, size=PAGE)
    tasks = [_task(actor, case) for case in rows]
    context: Context = {
        "now": now, "figures": figures, "groups": _groups(tasks, figures, now), "hint": _hint(actor), "after": after,
        "next_key": next_key, "client_key": fresh_key(), "bulk": any(task.unit_name for task in tasks),
        "extensions": list(extensions_to_decide(actor)[:PAGE]) if actor.roles & set(OFFICE) else [],
        "objections_waiting": list(objections_to_decide(actor)[:PAGE]) if actor.roles & set(OFFICE) else [],
        "drafts": _drafts(actor), "people_url": link_to("web:desk:people"), "system_url": link_to("web:desk:system"),
        "field_url": link_to("web:field:home") if may(actor, Permission.FIELD_OPEN) else "",
        "remarks": list(remarks_to_answer(actor)[:PAGE]) if actor.roles & set(UNIT) else [],
        "shares": list(shares_to_do(actor)[:PAGE]) if actor.roles & set(UNIT) else [],
        "directive_items": items_for_office(actor) if actor.roles & set(OFFICE) else [],
        "whistles": whistles_to_do(actor),
        "accountability": waiting_for(actor, now, PAGE),
        "appeals": list(to_review(actor)[:PAGE]) if actor.roles & REVIEWERS else [],
        "dragnets": still_to_do(actor, now.date()) if actor.roles & set(UNIT) else [],
    }  # fmt: skip
    return context | (_leader(request) if Role.LEADER in actor.roles else {})


@door(Permission.DESK_OPEN)
@never_cache
@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """What to do next, for each role."""
    return render(request, "desk/home.html", _home_context(request))


def _send(case: Case, *, key: str, by: Actor, now: datetime) -> None:
    """Accept where that is still to be done, then give the case to the owner of its site."""
    if case.site is None:
        raise Refused(_("没有点位，看不出该派给谁，请逐件派遣。"))
    if case.flow_status is Status.REPORTED:
        accept(case_id=case.pk, by=by, now=now, client_key=f"{key}-{case.pk}-a" if key else None)
    note = _("按点位责任单位批量派遣")
    dispatch(
        case_id=case.pk, unit_id=case.site.owner_id, note=note, by=by, now=now,
        client_key=f"{key}-{case.pk}-d" if key else None,
    )  # fmt: skip


def _chosen(request: HttpRequest) -> list[int]:
    ids = [int(text) for text in request.POST.getlist("case") if text.isdecimal() and len(text) < 16]
    return list(dict.fromkeys(ids))[:MOST_AT_ONCE]


@door(Permission.DESK_OPEN)
@require_POST
def dispatch_many(request: HttpRequest) -> HttpResponse:
    """Send every ticked case to the owner of its site; each refusal is named, the others go through."""
    by, now, key = actor_of(request), now_of(request), request.POST.get("client_key", "")[:40]
    chosen, objections, sent = _chosen(request), [], 0
    for case_id in chosen:
        label = str(case_id)
        try:
            case = case_for(by, case_id)
            label = case.number
            _send(case, key=key, by=by, now=now)
            sent += 1
        except Refused as refusal:
            objections += [f"{label}：{sentence}" for sentence in refusal.objections]
    if not chosen:
        objections = [_("还没有勾选案件。请先勾选要派遣的案件。")]
    if sent:
        messages.success(request, _("已派遣 %(n)d 件。") % {"n": sent})
    if objections:
        title = _("有案件没有派出：") if chosen else ""
        context = _home_context(request) | {"objections": objections, "objections_title": title}
        return render(request, "desk/home.html", context, status=422)
    return redirect("web:desk:home")


@door(Permission.DESK_OPEN)
@require_safe
def gallery(request: HttpRequest) -> HttpResponse:
    """For developers: every component with an example."""
    return render(request, "desk/gallery.html", gallery_sample(now_of(request)))


urls = [
    path("", home, name="home"),
    path("dispatch-many/", dispatch_many, name="dispatch-many"),
    *([path("gallery/", gallery, name="gallery")] if settings.DEBUG else []),
]
