"""What a notice may say of a re-check: the place and the deadline, nothing of what was found there before."""

from collections.abc import Sequence

from chuangwen.rechecks.models import Task
from chuangwen.rules.notice_table import Matter


def told(task_id: int) -> Matter | None:
    """The facts of a re-check that somebody has to do."""
    task = Task.objects.select_related("site").filter(pk=task_id).first()
    if task is None or task.inspector_id is None:
        return None
    return Matter(name=task.site.name, place=task.site.name, due_at=task.due_at, people=frozenset({task.inspector_id}))


def over(task_ids: Sequence[int]) -> set[int]:
    """Which of these are finished or withdrawn."""
    waiting = Task.objects.filter(pk__in=task_ids, finished_at=None, withdrawn_at=None)
    return set(task_ids) - set(waiting.values_list("pk", flat=True))


def looking_blindly_at(site_id: int) -> frozenset[int]:
    """Who has to look again at this place without knowing what was found there."""
    rows = Task.objects.filter(site_id=site_id, finished_at=None, withdrawn_at=None, inspector__isnull=False)
    return frozenset(pk for pk in rows.values_list("inspector_id", flat=True) if pk)
