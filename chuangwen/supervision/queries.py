"""Reading supervision: whose task it is, who may notice it, what came of it and how much of that is open."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Q, QuerySet

from chuangwen.cases.models import Case, CaseQuerySet
from chuangwen.evidence.models import Photo
from chuangwen.patrols.models import Finding, Patrol
from chuangwen.patrols.queries import with_progress
from chuangwen.people.models import Post, Unit, User
from chuangwen.rules.case_flow import OPEN
from chuangwen.rules.permissions import OFFICE, UNIT, Actor, Permission, Role, may
from chuangwen.rules.refusals import NotFound
from chuangwen.rules.supervision import REPEAT_LABELS, Rest
from chuangwen.supervision.models import (
    OPEN_REMARKS,
    Remark,
    RemarkPhoto,
    RemarkState,
    Report,
    Task,
    TaskKind,
    TaskStatus,
)

_OPEN_CASES = sorted(status.value for status in OPEN)
_OVERSEERS = (*OFFICE, Role.LEADER)
TEAM_ROLES = (*OFFICE, Role.LEADER, Role.INSPECTOR)


def task_kinds() -> dict[str, str]:
    """The five kinds with their Chinese words."""
    return {kind.value: str(kind.label) for kind in TaskKind}


def task_states() -> dict[str, str]:
    """Where a task can stand."""
    return {status.value: str(status.label) for status in TaskStatus}


def repeats() -> dict[str, str]:
    """How often a regular task comes round."""
    return {repeat.value: words for repeat, words in REPEAT_LABELS.items()}


# --- whose it is -----------------------------------------------------------------------------------------------------


def _overseen(actor: Actor) -> Q:
    """Tasks of the branches that this person reaches wholly, and those whose team they are in."""
    mine = Q(team=actor.user_id) if actor.user_id is not None else Q(pk__in=[])
    for scope in set(actor.scopes(*_OVERSEERS)):
        mine |= Q(home__path__startswith=scope)
    return mine


def _own_paths(actor: Actor) -> set[str]:
    """The branches for which somebody answers when they are supervised."""
    return {*actor.scopes(*_OVERSEERS), *actor.unit_paths(*UNIT)}


def _lineage(path: str) -> list[str]:
    """The paths of a unit and of every unit above it."""
    parts = path.strip("/").split("/")
    return ["/" + "/".join(parts[: place + 1]) + "/" for place in range(len(parts))]


def _concerned(actor: Actor) -> Q:
    """Tasks that supervise a branch of this person, or a branch that theirs belongs to."""
    touched = Q(pk__in=[])
    for path in _own_paths(actor):
        touched |= Q(units__path__startswith=path) | Q(units__path__in=_lineage(path))
        touched |= Q(remarks__unit__path__startswith=path, remarks__sent_at__isnull=False)
    return touched


def tasks_for(actor: Actor) -> QuerySet[Task]:
    """The tasks an actor may know of: the overseers' and the team's own; for the supervised those that are disclosed."""
    if actor.system:
        return Task.objects.all()
    known = _concerned(actor) & Q(disclosed_at__isnull=False) & ~Q(status=TaskStatus.DROPPED)
    reached = Task.objects.filter(_overseen(actor) | known).values("pk")
    return Task.objects.filter(pk__in=reached).order_by("-starts_at", "-id")


def oversees(actor: Actor, task: Task) -> bool:
    """Whether this person stands on the side of the supervision: office or leader above it, or a member of the team."""
    above = any(task.home.path.startswith(scope) for scope in actor.scopes(*_OVERSEERS))
    able = any(role in actor.roles for role in TEAM_ROLES)
    return actor.system or above or (able and task.team.filter(pk=actor.user_id).exists())


def manages(actor: Actor, task: Task) -> bool:
    """Whether this person keeps the task: the office of the branch in which it was ordered."""
    return actor.system or any(task.home.path.startswith(scope) for scope in actor.scopes(*OFFICE))


def task_for(actor: Actor, task_id: int) -> Task:
    """The door. Unseen and unknown look alike."""
    found = tasks_for(actor).filter(pk=task_id).select_related("home", "edition", "follows", "report").first()
    if found is None:
        raise NotFound
    return found


def running_tasks_of(actor: Actor) -> Sequence[Task]:
    """What somebody of a team can note something for now: their own running tasks, the latest first."""
    if actor.user_id is None:
        return []
    rows = Task.objects.filter(team=actor.user_id, status=TaskStatus.RUNNING).order_by("-starts_at", "-id")
    return list(rows[:20])


def units_of(tasks: Sequence[Task], at_most: int = 60) -> Sequence[Unit]:
    """The supervised units of some tasks together, in tree order."""
    named = Task.units.through.objects.filter(task__in=[task.pk for task in tasks]).values("unit")
    return list(Unit.objects.filter(pk__in=named).order_by("path")[:at_most]) if tasks else []


def home_of(actor: Actor, *roles: Role) -> Unit | None:
    """The widest branch in which somebody holds one of these roles."""
    scopes = sorted(actor.scopes(*roles), key=len)
    return Unit.objects.filter(path=scopes[0]).first() if scopes else None


def possible_team(actor: Actor, today: object) -> Sequence[User]:
    """Leaders, office people and inspectors of the branches that this person reaches, by name."""
    on_duty = Q(posts__starts_on__lte=today) & (Q(posts__ends_on=None) | Q(posts__ends_on__gte=today))
    near = Q(pk__in=[])
    for scope in set(actor.scopes(*_OVERSEERS)):
        near |= Q(posts__unit__path__startswith=scope)
    roles = Q(posts__role__in=[role.value for role in TEAM_ROLES])
    rows = User.objects.filter(on_duty & near & roles, is_active=True).distinct().order_by("display_name", "pk")
    return list(rows[:300])


# --- what came of it -------------------------------------------------------------------------------------------------


def cases_of(task: Task) -> CaseQuerySet:
    """Every case that came from the task or is followed by it."""
    patrols = task.patrols.order_by().values("pk")
    found = Finding.objects.filter(visit__patrol__in=patrols, case__isnull=False).order_by().values("case")
    noted = Remark.objects.filter(task=task, case__isnull=False).order_by().values("case")
    followed = task.followed_cases.order_by().values("pk")
    # One place for all three ways, so that counts, lists and the report can never differ.
    return Case.objects.filter(pk__in=found.union(noted, followed))


def remarks_of(task: Task) -> QuerySet[Remark]:
    """What the team noted, and the remarks of an earlier task that this one follows."""
    rows = Remark.objects.filter(Q(task=task) | Q(pk__in=task.followed_remarks.values("pk")))
    return rows.order_by("id")


def open_cases_of(task: Task) -> CaseQuerySet:
    """Those that are not done."""
    return cases_of(task).filter(status__in=_OPEN_CASES)


def rest_of(task: Task) -> Rest:
    """What still stands in the way of closing. Three statements."""
    remarks = list(remarks_of(task).filter(state__in=OPEN_REMARKS).values_list("state", flat=True))
    raw = remarks.count(RemarkState.RAW)
    return Rest(open_cases_of(task).count(), len(remarks) - raw, raw, secret=task.disclosed_at is None)


def report_of(task: Task) -> Report | None:
    """The report of the task, if one was drafted."""
    try:
        return task.report
    except Report.DoesNotExist:
        return None


@dataclass(frozen=True)
class Seen:
    """A task as one person sees it."""

    task: Task
    oversees: bool
    manages: bool
    cases: Sequence[Case]
    remarks: Sequence[Remark]
    patrols: Sequence[Patrol]
    report: Report | None

    @property
    def open_cases(self) -> Sequence[Case]:
        """Those of the shown cases that are not done."""
        return [case for case in self.cases if case.status in _OPEN_CASES]


MOST_CASES = 200


def seen_by(actor: Actor, task: Task) -> Seen:
    """The task with what this person may see of it: the supervised only their own cases and remarks."""
    inside = oversees(actor, task)
    cases = cases_of(task) if inside and (actor.system or manages(actor, task)) else _own(actor, task)
    remarks = remarks_of(task).select_related("unit", "site", "case", "noted_by", "answered_by")
    if not inside:
        remarks = remarks.filter(_addressed(actor), sent_at__isnull=False)
    report = report_of(task)
    shown = report if report is not None and (inside or report.is_released) else None
    return Seen(
        task=task, oversees=inside, manages=manages(actor, task),
        cases=list(cases.select_related("unit", "site", "street", "home").defer("text", "reply").order_by("act_by", "id")[:MOST_CASES]),
        remarks=list(remarks.prefetch_related("photos")),
        patrols=list(with_progress(task.patrols.order_by("starts_at", "id"))) if inside else [],
        report=shown,
    )  # fmt: skip


def _own(actor: Actor, task: Task) -> CaseQuerySet:
    """The task's cases that this person would see anyhow."""
    return Case.objects.visible_to(actor).filter(pk__in=cases_of(task).values("pk"))


def _addressed(actor: Actor) -> Q:
    mine = Q(pk__in=[])
    for path in _own_paths(actor):
        mine |= Q(unit__path__startswith=path)
    return mine


def remarks_to_answer(actor: Actor) -> QuerySet[Remark]:
    """What waits for an answer of this person's unit, the soonest first; nothing of a task that is still secret."""
    paths = actor.unit_paths(*UNIT)
    mine = Q(pk__in=[])
    for path in paths:
        mine |= Q(unit__path__startswith=path)
    waiting = Remark.objects.filter(mine, state=RemarkState.SENT, task__disclosed_at__isnull=False)
    return waiting.select_related("task", "unit").order_by("deadline", "id")


def notes_of(actor: Actor, at_most: int = 5) -> Sequence[Remark]:
    """What this person noted last, so that they see what became of it."""
    rows = Remark.objects.filter(noted_by=actor.user_id) if actor.user_id is not None else Remark.objects.none()
    return list(rows.select_related("unit", "task").order_by("-id")[:at_most])


def remark_for(actor: Actor, remark_id: int) -> Remark:
    """A remark through the door of its task."""
    rows = Remark.objects.select_related("task__home", "unit", "site__owner", "site__home", "case")
    remark = rows.filter(pk=remark_id).first()
    if remark is None or not _sees(actor, remark):
        raise NotFound
    return remark


def _sees(actor: Actor, remark: Remark) -> bool:
    if oversees(actor, remark.task):
        return True
    for follower in Task.objects.filter(followed_remarks=remark).select_related("home"):
        if oversees(actor, follower):
            return True
    known = remark.task.disclosed_at is not None and remark.sent_at is not None and remark.unit is not None
    return known and any(remark.unit.path.startswith(path) for path in _own_paths(actor)) if remark.unit else False


def may_answer(actor: Actor, remark: Remark) -> bool:
    """Whether this person answers for the unit that was asked."""
    unit = remark.unit
    return (
        may(actor, Permission.SUPERVISION_ANSWER)
        and unit is not None
        and any(unit.path.startswith(path) for path in actor.unit_paths(*UNIT))
    )


def remark_photo_for(actor: Actor, remark_id: int, photo_id: int) -> Photo:
    """A photo through the door of its remark."""
    remark = remark_for(actor, remark_id)
    found = RemarkPhoto.objects.filter(remark=remark, photo_id=photo_id).select_related("photo").first()
    if found is None:
        raise NotFound
    return found.photo


def task_of_case(actor: Actor, case_id: int) -> Task:
    """The latest task that this person may know of and that the case came from."""
    for task in tasks_for(actor).filter(remarks__case=case_id)[:5]:
        return task
    raise NotFound


def posts_of_team(task: Task, today: object) -> Sequence[Post]:
    """The team with the posts that people hold today."""
    rows = Post.objects.filter(user__in=task.team.all(), role__in=[role.value for role in TEAM_ROLES])
    on_duty = Q(starts_on__lte=today) & (Q(ends_on=None) | Q(ends_on__gte=today))
    return list(rows.filter(on_duty).select_related("user", "unit").order_by("user__display_name", "pk"))


@dataclass(frozen=True)
class Progress:
    """How far the follow-up of one task is."""

    cases: int = 0
    open_cases: int = 0
    open_remarks: int = 0

    @property
    def done(self) -> int:
        """Cases that are done."""
        return self.cases - self.open_cases


def progress_of(tasks: Sequence[Task]) -> dict[int, Progress]:
    """The figures of many tasks together: three statements, whatever their number."""
    ids = [task.pk for task in tasks]
    some = Task.objects.filter(pk__in=ids).order_by()
    cases: dict[int, dict[int, str]] = {pk: {} for pk in ids}
    for way in ("patrols__visits__findings__case", "followed_cases"):
        for pk, case_id, status in some.filter(**{f"{way}__isnull": False}).values_list("pk", way, f"{way}__status"):
            cases[pk][case_id] = status
    waiting = dict.fromkeys(ids, 0)
    for pk, case_id, status, state in Remark.objects.filter(task__in=ids).values_list(
        "task", "case", "case__status", "state"
    ):
        waiting[pk] += state in OPEN_REMARKS
        if case_id is not None:
            cases[pk][case_id] = status
    return {
        pk: Progress(len(found), sum(status in _OPEN_CASES for status in found.values()), waiting[pk])
        for pk, found in cases.items()
    }


# --- lists -----------------------------------------------------------------------------------------------------------


def listed(actor: Actor, *, kind: str = "", status: str = "") -> QuerySet[Task]:
    """The tasks of the list, narrowed."""
    rows = tasks_for(actor)
    if kind:
        rows = rows.filter(kind=kind)
    return rows.filter(status=status) if status else rows


def due_series() -> Sequence[Task]:
    """The last turn of every series that goes on: what the timetable looks at. A draft waits for a person."""
    rows = Task.objects.exclude(repeat="")
    latest: dict[int, Task] = {}
    for task in rows.order_by("turn", "pk"):
        latest[task.series_id or task.pk] = task
    return [task for task in latest.values() if task.status != TaskStatus.DRAFT]
