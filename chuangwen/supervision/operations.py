"""Every way a supervision task changes: planned, ordered, disclosed, given rounds, followed up, closed.

The journal keeps who did what to which task and when, never a title or a word of it: the journal outlives a secret.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction

from chuangwen.journal.once import KEY_TAKEN, once
from chuangwen.journal.operations import record
from chuangwen.patrols.models import Patrol, PatrolKind
from chuangwen.patrols.operations import disclose_patrols, plan_patrol
from chuangwen.people.models import Unit, User
from chuangwen.people.queries import units_in_scope
from chuangwen.places.models import Area, Site
from chuangwen.places.queries import sites_in_scope
from chuangwen.rules.permissions import OFFICE, SYSTEM, Actor, Permission, may
from chuangwen.rules.refusals import Conflict, NotFound, Refused
from chuangwen.rules.supervision import Repeat, closing_objections, from_disclosure, later, next_turn
from chuangwen.standards.models import Edition, PointType
from chuangwen.standards.queries import current_edition
from chuangwen.supervision.demand import ask_for_time, claim_disclosed
from chuangwen.supervision.models import OPEN_REMARKS, Remark, RemarkState, Task, TaskKind, TaskStatus
from chuangwen.supervision.queries import (
    due_series,
    home_of,
    manages,
    open_cases_of,
    possible_team,
    remarks_of,
    rest_of,
    tasks_for,
)

NOT_YOURS = "督查由区文明办安排，请联系他们。"
_PATROL_KINDS = {TaskKind.FOLLOW_UP: PatrolKind.FOLLOW_UP}


@dataclass(frozen=True)
class TaskFacts:
    """What a task is about, as it is typed. Ids that are unknown or out of reach are objected to."""

    kind: str
    title: str
    basis: str = ""
    questions: str = ""
    edition_id: int | None = None
    unit_ids: Sequence[int] = ()
    area_ids: Sequence[int] = ()
    site_ids: Sequence[int] = ()
    point_types: Sequence[str] = ()
    team_ids: Sequence[int] = ()
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    secret: bool = False
    repeat: str = ""


@dataclass(frozen=True)
class _Rows:
    """The rows that the facts name."""

    edition: Edition | None
    units: list[Unit]
    areas: list[Area]
    sites: list[Site]
    team: list[User]

    def put(self, task: Task) -> None:
        task.units.set(self.units)
        task.areas.set(self.areas)
        task.sites.set(self.sites)
        task.team.set(self.team)


def _rows(facts: TaskFacts, by: Actor, now: datetime) -> _Rows:
    reach = units_in_scope(by)
    return _Rows(
        edition=Edition.objects.filter(pk=facts.edition_id, published_at__isnull=False).first() if facts.edition_id else None,
        units=list(reach.filter(pk__in=facts.unit_ids, active=True)),
        areas=list(Area.objects.filter(pk__in=facts.area_ids, unit__in=reach)),
        sites=list(sites_in_scope(by).filter(pk__in=facts.site_ids, active=True)) if facts.site_ids else [],
        team=[user for user in possible_team(by, now.date()) if user.pk in set(facts.team_ids)] if facts.team_ids else [],
    )  # fmt: skip


def _objections(facts: TaskFacts, rows: _Rows, *, follows: bool) -> list[str]:
    found = [] if facts.kind in TaskKind.values else ["请选择督查类别。"]
    found += [] if facts.title.strip() else ["请写明督查名称。"]
    found += [] if rows.team else ["请至少选一名督查组成员。"]
    if facts.starts_at is None or facts.ends_at is None or facts.ends_at <= facts.starts_at:
        found.append("请填写开始和结束时间，结束须晚于开始。")
    if not (facts.questions.strip() or facts.edition_id or follows):
        found.append("请写督查内容，或选一版测评标准。")
    if facts.edition_id and rows.edition is None:
        found.append("请选择一个已发布的测评标准。")
    if not (facts.unit_ids or facts.area_ids or facts.site_ids or facts.point_types or follows):
        found.append("请写明督查范围：单位、区域、点位或点位类型，至少一样。")
    for ids, kept, words in (
        (facts.unit_ids, rows.units, "单位"),
        (facts.area_ids, rows.areas, "区域"),
        (facts.site_ids, rows.sites, "点位"),
        (facts.team_ids, rows.team, "督查组成员"),
    ):
        if len(set(ids)) != len(kept):
            found.append(f"有{words}不存在、已停用，或不在您的辖区。")
    if set(facts.point_types) - set(PointType.objects.values_list("code", flat=True)):
        found.append("有点位类型不认识。")
    if facts.repeat and (facts.kind != TaskKind.REGULAR or facts.repeat not in set(Repeat)):
        found.append("只有定期督查按周或按月重复。")
    return found


def _typed(facts: TaskFacts, rows: _Rows) -> dict[str, Any]:
    return {
        "kind": facts.kind, "title": facts.title.strip()[:120], "basis": facts.basis.strip()[:300],
        "questions": facts.questions.strip(), "edition": rows.edition, "point_types": sorted(set(facts.point_types)),
        "starts_at": facts.starts_at, "ends_at": facts.ends_at, "secret": facts.secret, "repeat": facts.repeat,
    }  # fmt: skip


@transaction.atomic
def plan_task(*, facts: TaskFacts, by: Actor, now: datetime, client_key: str | None = None) -> Task:
    """A draft that only the office sees. Refuses with every objection; the same client key again gives the same task."""

    def make() -> Task:
        rows, home = _rows(facts, by, now), home_of(by, *OFFICE)
        found = [] if may(by, Permission.SUPERVISION_PLAN) and home else [NOT_YOURS]
        found += _objections(facts, rows, follows=False)
        if found or home is None:
            raise Refused(found)
        task = Task.objects.create(
            **_typed(facts, rows), home=home, created_at=now, created_by=by.name, client_key=client_key or None
        )
        rows.put(task)
        _record(task, "planned", by, now)
        return task

    known = once(lambda: Task.objects.filter(client_key=client_key).first() if client_key else None, make)
    if not tasks_for(by).filter(pk=known.pk).exists():
        raise Refused(KEY_TAKEN)
    return known


def _record(task: Task, what: str, by: Actor, now: datetime, **facts: Any) -> None:
    record(kind=f"supervision.{what}", subject_kind="supervision", subject_id=task.pk, by=by, now=now, **facts)


def locked_task(task_id: int, by: Actor) -> Task:
    """The task, locked for this transaction, when this person may know of it."""
    task = Task.objects.select_for_update(of=("self",)).select_related("home", "edition").filter(pk=task_id).first()
    if task is None or not (by.system or tasks_for(by).filter(pk=task_id).exists()):
        raise NotFound
    return task


def _managed(task_id: int, by: Actor, permission: Permission = Permission.SUPERVISION_PLAN) -> Task:
    task = locked_task(task_id, by)
    if not manages(by, task):
        raise Refused(NOT_YOURS)
    if not may(by, permission):
        raise Refused("公布督查、发布报告由文明办主任决定。")
    return task


def _save(task: Task, *fields: str) -> None:
    task.version += 1
    task.save(update_fields=[*fields, "version"])


def _must_be(task: Task, *states: TaskStatus) -> None:
    if task.status not in states:
        raise Refused(f"这次督查现在是“{task.get_status_display()}”，不能这样办。")


@transaction.atomic
def edit_task(*, task_id: int, facts: TaskFacts, by: Actor, now: datetime, seen_version: int | None = None) -> Task:
    """Other words, scope or people for a draft."""
    task = _managed(task_id, by)
    _must_be(task, TaskStatus.DRAFT)
    if seen_version is not None and seen_version != task.version:
        raise Conflict("刚刚有人改过这次督查。您写的内容还在，请看过最新情况后再决定是否保存。")
    rows = _rows(facts, by, now)
    if found := _objections(facts, rows, follows=task.follows_id is not None):
        raise Refused(found)
    typed = _typed(facts, rows)
    for name, value in typed.items():
        setattr(task, name, value)
    _save(task, *typed)
    rows.put(task)
    _record(task, "edited", by, now)
    return task


@transaction.atomic
def order_task(*, task_id: int, overrule: str = "", by: Actor, now: datetime) -> Task:
    """下达: the team may begin. An open task is known to the supervised from now on, a secret one is not.

    What it asks of each role must fit into what is left of their month, see supervision/demand.py; the office's chief
    may write down why it is ordered all the same (`overrule`).
    """
    task = _managed(task_id, by)
    if task.status == TaskStatus.RUNNING:
        return task
    _must_be(task, TaskStatus.DRAFT)
    if task.ends_at <= now:
        raise Refused("这次督查的结束时间已经过去，请先改时间再下达。")
    if not task.team.exists():
        raise Refused("请先选督查组成员。")
    _name_the_supervised(task)
    ask_for_time(task, overrule=overrule, by=by, now=now)
    task.status, task.ordered_at = TaskStatus.RUNNING.value, now
    task.disclosed_at = None if task.secret else now
    _save(task, "status", "ordered_at", "disclosed_at")
    _record(task, "ordered", by, now, **({"reason": overrule.strip()[:300]} if overrule.strip() else {}))
    return task


def _name_the_supervised(task: Task) -> None:
    """Owners of the places and the units of the areas are supervised too; where nobody is named, the whole branch is."""
    task.units.add(*Unit.objects.filter(pk__in=task.sites.values("owner")))
    task.units.add(*Unit.objects.filter(pk__in=task.areas.values("unit")))
    if not task.units.exists() and task.follows_id is None:
        task.units.add(task.home)


@transaction.atomic
def disclose_task(*, task_id: int, by: Actor, now: datetime) -> Task:
    """公布: the supervised may know from now on. The time to answer a remark begins now, its length stays."""
    task = _managed(task_id, by, Permission.SUPERVISION_RELEASE)
    if task.disclosed_at is not None:
        return task
    _must_be(task, TaskStatus.RUNNING)
    for remark in Remark.objects.select_for_update().filter(task=task, state=RemarkState.SENT).order_by("pk"):
        if remark.deadline is not None and remark.sent_at is not None:
            remark.deadline = from_disclosure(remark.deadline, said_at=remark.sent_at, disclosed_at=now)
            remark.save(update_fields=["deadline"])
    task.disclosed_at = now
    _save(task, "disclosed_at")
    claim_disclosed(task, by=by, now=now)
    disclose_patrols(patrol_ids=list(task.patrols.values_list("pk", flat=True)), by=by, now=now)
    _record(task, "disclosed", by, now)
    return task


@transaction.atomic
def drop_task(*, task_id: int, by: Actor, now: datetime) -> Task:
    """A draft that is not ordered after all. A regular series goes on with its next turn."""
    task = _managed(task_id, by)
    _must_be(task, TaskStatus.DRAFT)
    task.status = TaskStatus.DROPPED.value
    _save(task, "status")
    _record(task, "dropped", by, now)
    return task


@transaction.atomic
def stop_repeating(*, task_id: int, by: Actor, now: datetime) -> Task:
    """No further turn of this series is prepared."""
    task = _managed(task_id, by)
    for turn in Task.objects.filter(pk=task.series_id or task.pk) | Task.objects.filter(
        series=task.series_id or task.pk
    ):
        turn.repeat = ""
        _save(turn, "repeat")
    _record(task, "series_stopped", by, now)
    return Task.objects.get(pk=task_id)


@transaction.atomic
def close_task(*, task_id: int, reason: str = "", by: Actor, now: datetime) -> Task:
    """销号: everything that came from the task is done, or a person says why it is closed all the same."""
    task = _managed(task_id, by)
    if task.status == TaskStatus.CLOSED:
        return task
    _must_be(task, TaskStatus.RUNNING)
    rest = rest_of(task)
    if found := closing_objections(rest, reason):
        raise Refused(found)
    task.status, task.ended_at = TaskStatus.CLOSED.value, now
    task.left_open = reason.strip()[:500] if rest.open else ""
    _save(task, "status", "ended_at", "left_open")
    _record(task, "closed", by, now, left_open=rest.open)
    return task


@transaction.atomic
def follow_up(*, task_id: int, starts_at: datetime, ends_at: datetime, by: Actor, now: datetime) -> Task:
    """跟踪督查: a draft that follows everything that is open, with the same team and units. One open draft a task."""
    task = _managed(task_id, by)
    _must_be(task, TaskStatus.RUNNING, TaskStatus.CLOSED)
    if known := Task.objects.filter(follows=task, status=TaskStatus.DRAFT).first():
        return known
    cases = list(open_cases_of(task).values_list("pk", flat=True))
    remarks = list(remarks_of(task).filter(state__in=OPEN_REMARKS).values_list("pk", flat=True))
    found = [] if cases or remarks else ["没有未办结的案件和意见，不需要跟踪督查。"]
    found += [] if ends_at > starts_at else ["请填写开始和结束时间，结束须晚于开始。"]
    if found:
        raise Refused(found)
    made = Task.objects.create(
        kind=TaskKind.FOLLOW_UP, title=f"{task.title}：跟踪督查"[:120], basis=task.title, questions=task.questions,
        edition=task.edition, home=task.home, starts_at=starts_at, ends_at=ends_at, follows=task,
        point_types=task.point_types, secret=task.secret and task.disclosed_at is None, created_at=now, created_by=by.name,
    )  # fmt: skip
    for name in ("units", "areas", "sites", "team"):
        getattr(made, name).set(getattr(task, name).all())
    made.followed_cases.set(cases)
    made.followed_remarks.set(remarks)
    _record(made, "planned", by, now, follows=task.pk, cases=len(cases), remarks=len(remarks))
    return made


@transaction.atomic
def add_patrol(
    *,
    task_id: int,
    site_ids: Sequence[int],
    inspector_ids: Sequence[int],
    starts_at: datetime | None,
    ends_at: datetime | None,
    by: Actor,
    now: datetime,
    client_key: str | None = None,
) -> Patrol:
    """A round for the task, with its standard; as secret as the task is."""
    task = _managed(task_id, by)
    _must_be(task, TaskStatus.RUNNING)
    edition = task.edition or current_edition()
    kind = PatrolKind.UNANNOUNCED if task.concealed else _PATROL_KINDS.get(TaskKind(task.kind), PatrolKind.SPECIAL)
    patrol = plan_patrol(
        title=task.title, edition_id=edition.pk if edition else 0, site_ids=site_ids, inspector_ids=inspector_ids,
        starts_at=starts_at, ends_at=ends_at, kind=kind, by=by, now=now, client_key=client_key,
        secret_home=task.home if task.concealed else None,
    )  # fmt: skip
    if task.patrols.filter(pk=patrol.pk).exists():
        return patrol
    task.patrols.add(patrol)
    _record(task, "patrol_added", by, now, patrol=patrol.pk)
    return patrol


# --- regular tasks ---------------------------------------------------------------------------------------------------


def prepare_due(*, now: datetime) -> int:
    """The next turn of every regular task whose time is near, as a draft; a person orders it. Returns how many."""
    return sum(_prepare_next(task.pk, by=SYSTEM, now=now) for task in due_series())


@transaction.atomic
def _prepare_next(task_id: int, *, by: Actor, now: datetime) -> bool:
    last = Task.objects.select_for_update(of=("self",)).select_related("series").get(pk=task_id)
    first = last.series or last
    turn = next_turn(first.window, first.repeats, last.turn, now)
    if turn is None or Task.objects.filter(series=first, turn__gte=turn).exists():
        return False
    window = later(first.window, first.repeats, turn)
    made = Task.objects.create(
        kind=first.kind, title=last.title, basis=last.basis, questions=last.questions, edition=last.edition, home=last.home,
        starts_at=window.starts_at, ends_at=window.ends_at, point_types=last.point_types, secret=last.secret,
        repeat=last.repeat, series=first, turn=turn, created_at=now, created_by=by.name,
    )  # fmt: skip
    for name in ("units", "areas", "sites", "team"):
        getattr(made, name).set(getattr(last, name).all())
    _record(made, "prepared", by, now, series=first.pk, turn=turn)
    return True
