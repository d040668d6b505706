"""What a notice may say of supervision. The supervised hear nothing of a secret task before it is disclosed."""

from collections.abc import Sequence

from chuangwen.rules.notice_table import Matter
from chuangwen.supervision.models import Remark, RemarkState, Task, TaskStatus


def told(task_id: int) -> Matter | None:
    """The facts of a task: its team, and its supervised units once they may know."""
    task = Task.objects.filter(pk=task_id).first()
    if task is None or task.status == TaskStatus.DRAFT:
        return None
    units: set[int] = set()
    if not task.concealed:
        asked = Remark.objects.filter(task=task, unit__isnull=False, sent_at__isnull=False)
        units = {
            pk for pk in (*task.units.values_list("pk", flat=True), *asked.values_list("unit_id", flat=True)) if pk
        }
    team = frozenset(task.team.values_list("pk", flat=True))
    return Matter(name=task.title, due_at=task.ends_at, units=tuple(sorted(units)), people=team)


def over(task_ids: Sequence[int]) -> set[int]:
    """Which of these are closed or dropped."""
    running = Task.objects.filter(pk__in=task_ids, status=TaskStatus.RUNNING.value)
    return set(task_ids) - set(running.values_list("pk", flat=True))


def remark_told(remark_id: int) -> Matter | None:
    """The facts of a remark that a unit has to answer; nothing while its task is secret."""
    remark = Remark.objects.select_related("task").filter(pk=remark_id).first()
    if remark is None or remark.unit_id is None or remark.task.concealed:
        return None
    return Matter(name=remark.task.title, due_at=remark.deadline, units=(remark.unit_id,))


def remark_over(remark_ids: Sequence[int]) -> set[int]:
    """Which of these wait for no answer."""
    waiting = Remark.objects.filter(pk__in=remark_ids, state=RemarkState.SENT.value)
    return set(remark_ids) - set(waiting.values_list("pk", flat=True))
