"""A supervision of the small district, walked through the real operations."""

from datetime import datetime, timedelta
from typing import Any

from chuangwen.patrols.models import Patrol
from chuangwen.patrols.operations import finish_visit, record_finding
from chuangwen.supervision.models import Remark, Task
from chuangwen.supervision.operations import TaskFacts, add_patrol, order_task, plan_task
from chuangwen.supervision.remarks import note_seen
from tests.world import NOW, World

TITLE = "学田街道夜间秩序督查"


def facts(world: World, **changes: Any) -> TaskFacts:
    """An open special supervision of the street, with leader, clerk and inspector."""
    team = [world.actor(name).user_id or 0 for name in ("leader", "clerk", "inspector")]
    given: dict[str, Any] = {
        "kind": "special", "title": TITLE, "basis": "区创建办工作安排", "questions": "楼道是否堆物\n垃圾是否日清",
        "unit_ids": [world.unit("XT").pk], "team_ids": team, "starts_at": NOW, "ends_at": NOW + timedelta(days=2),
    }  # fmt: skip
    return TaskFacts(**given | changes)


def ordered(world: World, *, now: datetime = NOW, **changes: Any) -> Task:
    """A running task."""
    task = plan_task(facts=facts(world, **changes), by=world.actor("clerk"), now=now)
    return order_task(task_id=task.pk, by=world.actor("clerk"), now=now)


def secret(world: World) -> Task:
    """A running unannounced visit of the compound's street."""
    return ordered(world, kind="visit", secret=True)


def round_of(world: World, task: Task, *, now: datetime = NOW) -> Patrol:
    """A round of the task through the compound."""
    return add_patrol(
        task_id=task.pk, site_ids=[world.compound.pk], inspector_ids=[world.actor("inspector").user_id or 0],
        starts_at=now, ends_at=now + timedelta(hours=6), by=world.actor("clerk"), now=now,
    )  # fmt: skip


def walked(world: World, patrol: Patrol, *, now: datetime = NOW) -> int:
    """The compound visited on it, with one failed criterion. Returns the case."""
    by = world.actor("inspector")
    found = record_finding(
        patrol_id=patrol.pk,
        site_id=world.compound.pk,
        criterion_code="RES-01",
        verdict="fail",
        note="路面坑洼",
        by=by,
        now=now,
    )
    finish_visit(patrol_id=patrol.pk, site_id=world.compound.pk, rest_passes=True, by=by, now=now)
    return found.case_id or 0


def noted(world: World, task: Task | None, *, by: str = "leader", now: datetime = NOW, **more: Any) -> Remark:
    """A few words of somebody in the team."""
    given: dict[str, Any] = {"text": "3号楼前堆着装修垃圾", "days": 3, **more}
    return note_seen(task_id=task.pk if task else None, by=world.actor(by), now=now, **given)
