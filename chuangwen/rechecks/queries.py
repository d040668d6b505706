"""Reading draws and re-checks. Until a task is done, its inspector sees the place and the criteria and nothing else."""

from collections.abc import Sequence
from datetime import datetime

from django.db.models import Count, F, Prefetch, Q, QuerySet

from chuangwen.evidence.models import Photo
from chuangwen.rechecks.models import Candidate, CandidateKind, Draw, Second, SecondPhoto, Task
from chuangwen.rules.permissions import OFFICE, Actor, Permission, Role, Thing, may
from chuangwen.rules.refusals import NotFound

_OPEN = Q(finished_at=None, withdrawn_at=None)


def blind_sites(user_id: int) -> frozenset[int]:
    """The places that this person has to re-check: what was found there before is not for them now."""
    return frozenset(Task.objects.filter(_OPEN, inspector_id=user_id).values_list("site_id", flat=True))


def draws_for(actor: Actor) -> QuerySet[Draw]:
    """The draws whose branch lies within reach of the office or a leader, newest first."""
    rows = Draw.objects.select_related("scope").defer("snapshot", "record")
    if actor.system:
        return rows
    reach = Q(pk__in=[])
    for scope in set(actor.scopes(*OFFICE, Role.LEADER)):
        reach |= Q(scope__path__startswith=scope)
    return rows.filter(reach)


def with_progress(draws: QuerySet[Draw]) -> QuerySet[Draw]:
    """Adds `drawn_count` and `done_count`."""
    done = Q(candidates__task__finished_at__isnull=False)
    return draws.annotate(drawn_count=Count("candidates__task"), done_count=Count("candidates__task", filter=done))


def draw_for(actor: Actor, draw_id: int) -> Draw:
    """The draw with its list and record, when the actor may see it."""
    if not may(actor, Permission.RECHECK_SEE) or not draws_for(actor).filter(pk=draw_id).exists():
        raise NotFound
    return Draw.objects.select_related("scope").get(pk=draw_id)


def public_draws() -> QuerySet[Draw]:
    """Every draw, also the cancelled ones, newest first."""
    return Draw.objects.select_related("scope").defer("snapshot", "record", "salt")


def public_draw(draw_id: int) -> Draw:
    """One draw as the public sees it: never its salt."""
    found = Draw.objects.select_related("scope").defer("salt").filter(pk=draw_id).first()
    if found is None:
        raise NotFound("没有这次抽查。")
    return found


def tasks_of(draw: Draw) -> Sequence[Task]:
    """The tasks of a draw in the order of selection, with `judged`, `failed` and `differ` counted when finished."""
    done = Q(finished_at__isnull=False)
    rows = Task.objects.filter(candidate__draw=draw).select_related("candidate", "site__street", "inspector", "first")
    counted = rows.annotate(
        judged=Count("verdicts", filter=done),
        failed=Count("verdicts", filter=done & Q(verdicts__verdict="fail")),
        differ=Count("verdicts", filter=done & ~Q(verdicts__verdict=F("verdicts__first_verdict"))),
    )
    return list(counted.order_by("candidate__position"))


def tasks_for(actor: Actor) -> QuerySet[Task]:
    """The re-checks of the draws that the office or a leader reaches."""
    if not may(actor, Permission.RECHECK_SEE):
        return Task.objects.none()
    rows = Task.objects.filter(candidate__draw__in=draws_for(actor).values("pk"))
    if actor.user_id is not None:
        rows = rows.exclude(_OPEN, inspector_id=actor.user_id)  # who has to look blindly does not read the first look
    return rows.select_related("candidate__draw", "site__street", "inspector").order_by("due_at", "id")


def in_state(tasks: QuerySet[Task], state: str, now: datetime) -> QuerySet[Task]:
    """open, late, unassigned, done or withdrawn ones; all for any other word."""
    conditions = {
        "open": _OPEN,
        "late": _OPEN & Q(due_at__lt=now),
        "unassigned": _OPEN & Q(inspector=None),
        "done": Q(finished_at__isnull=False),
        "withdrawn": Q(withdrawn_at__isnull=False),
    }
    return tasks.filter(conditions.get(state, Q()))


def task_for(actor: Actor, task_id: int) -> Task:
    """One re-check for the office or a leader."""
    found = tasks_for(actor).select_related("first").filter(pk=task_id).first()
    if found is None:
        raise NotFound
    return found


def verdicts_of(task: Task) -> Sequence[Second]:
    """First and second verdict of each criterion, with photos and the case that was opened."""
    rows = Second.objects.filter(task=task).select_related("criterion", "case")
    return list(rows.prefetch_related("photos").order_by("criterion__position", "criterion__code"))


def barred_names(task: Task) -> Sequence[str]:
    """Who must not look again."""
    return list(task.barred.order_by("display_name").values_list("display_name", flat=True))


def my_tasks(user_id: int) -> Sequence[Task]:
    """What an inspector has to look at again, the most urgent first: places only."""
    rows = Task.objects.filter(_OPEN, inspector_id=user_id).select_related("site__street")
    return list(rows.annotate(criteria=Count("verdicts")).order_by("due_at", "id")[:50])


def seconds_of(tasks: Sequence[Task]) -> dict[int, list[Second]]:
    """What has to be looked at for each of these tasks and what its inspector has judged so far; never the first verdicts."""
    rows = Second.objects.filter(task__in=[task.pk for task in tasks]).defer("first_verdict")
    found: dict[int, list[Second]] = {task.pk: [] for task in tasks}
    for row in rows.select_related("criterion__content", "case__unit").order_by(
        "criterion__position", "criterion__code"
    ):
        found[row.task_id].append(row)
    return found


def my_task(actor: Actor, task_id: int) -> tuple[Task, Sequence[Second]]:
    """The place and the criteria of the actor's own task, with what they judged themselves; never the first verdicts."""
    task = Task.objects.select_related("site__street").filter(pk=task_id, withdrawn_at=None).first()
    mine = Thing(assigned=frozenset({task.inspector_id} if task and task.inspector_id else set()))
    if task is None or not may(actor, Permission.RECHECK_DO, mine):
        raise NotFound("没有找到这件复核任务，它可能已撤回，或者已安排给别人。")
    rows = Second.objects.filter(task=task).defer("first_verdict").select_related("criterion__content", "case__unit")
    photos = Prefetch("photos", SecondPhoto.objects.order_by("id"))
    return task, list(rows.prefetch_related(photos).order_by("criterion__position", "criterion__code"))


def task_at(actor: Actor, site_id: int) -> int | None:
    """The actor's open re-check at this place, for a scanned code."""
    if actor.user_id is None or site_id not in actor.blind_sites:
        return None
    rows = Task.objects.filter(_OPEN, inspector_id=actor.user_id, site_id=site_id)
    return rows.order_by("due_at", "id").values_list("pk", flat=True).first()


def second_photo_for(actor: Actor, task_id: int, photo_id: int) -> Photo:
    """A photo of a second verdict: for its inspector, and for the office and leaders once the task is done."""
    rows = SecondPhoto.objects.filter(second__task_id=task_id, photo_id=photo_id).select_related(
        "photo", "second__task"
    )
    found = rows.first()
    if found is None:
        raise NotFound
    task = found.second.task
    mine = Thing(assigned=frozenset({task.inspector_id} if task.inspector_id else set()))
    if may(actor, Permission.RECHECK_DO, mine) or tasks_for(actor).filter(pk=task_id).exists():
        return found.photo
    raise NotFound


def subject_of(candidate: Candidate) -> tuple[str, int]:
    """case or visit, and its id: for those who may see what is behind a number."""
    return candidate.kind, candidate.subject_id


def kinds() -> dict[str, str]:
    """The kinds of candidates with their Chinese words."""
    return {kind.value: str(kind.label) for kind in CandidateKind}
