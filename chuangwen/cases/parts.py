"""A case that several units work on together: one part each, and none of them leaves before all are done (未完不撤).

The guard is in moving.py and in the database: `Case.parts_open` keeps a case from being handed in or ended.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction

from chuangwen.cases.models import Case, CasePart, PartState
from chuangwen.cases.moving import locked
from chuangwen.journal.models import timestamp
from chuangwen.journal.operations import record
from chuangwen.people.models import Unit
from chuangwen.rules.case_flow import PARTS_OPEN, RUNNING, Status
from chuangwen.rules.permissions import Actor, Permission, Thing, may
from chuangwen.rules.refusals import NotFound, Refused


@dataclass(frozen=True)
class NewPart:
    """What a unit must do, and by when."""

    unit: Unit
    duty: str
    due_at: datetime


def _counted(case: Case, change: int, *more: str) -> None:
    case.parts_open += change
    case.version += 1
    case.save(update_fields=["parts_open", "version", *more])


def join(case: Case, parts: Sequence[NewPart]) -> None:
    """What a case (not stored yet, or locked) becomes when these units join: it waits for them, and their time is its own."""
    case.parts_open += len(parts)
    case.parts_due_at = max([part.due_at for part in parts] + ([case.parts_due_at] if case.parts_due_at else []))
    if case.due_at is not None and case.order_id is None:
        case.due_at = max(case.due_at, case.parts_due_at)
    if case.flow_status in RUNNING and case.due_at is not None:
        case.act_by = case.due_at


def stored(case: Case, parts: Sequence[NewPart], now: datetime) -> Sequence[CasePart]:
    """The rows of the parts of a stored case."""
    return CasePart.objects.bulk_create(
        CasePart(case=case, unit=part.unit, duty=part.duty.strip()[:500], added_at=now, due_at=part.due_at)
        for part in parts
    )


def _record(case: Case, what: str, by: Actor, now: datetime, **facts: Any) -> None:
    record(kind=f"case.{what}", subject_kind="case", subject_id=case.pk, by=by, now=now, **facts)


@transaction.atomic
def add_parts(*, case_id: int, parts: Sequence[NewPart], by: Actor, now: datetime) -> Sequence[CasePart]:
    """Units join a case that is not handed in yet. Who may ask them is for the calling room to say."""
    case = locked(case_id)
    objections = []
    if case.flow_status not in PARTS_OPEN - {Status.SUSPENDED}:
        objections.append(f"案件现在是“{case.flow_status.label}”，不能再请单位共同办理。")
    busy = set(CasePart.objects.filter(case=case, state=PartState.OPEN).values_list("unit_id", flat=True))
    objections += [f"“{part.unit.name}”在这件案件里已有没办完的部分。" for part in parts if part.unit.pk in busy]
    if objections:
        raise Refused(objections)
    made = stored(case, parts, now)
    join(case, parts)
    _counted(case, 0, "parts_due_at", "due_at", "act_by")
    names = "、".join(part.unit.name for part in parts)
    _record(case, "parts_added", by, now, units=[part.unit.code for part in parts], part_units=names)
    return made


def _locked_part(part_id: int) -> tuple[Case, CasePart]:
    """A part and its case, locked together for this transaction, in one statement."""
    rows = CasePart.objects.select_for_update(of=("self", "case")).select_related("case", "unit")
    part = rows.filter(pk=part_id).first()
    if part is None:
        raise NotFound
    return part.case, part


@transaction.atomic
def finish_part(*, part_id: int, note: str, by: Actor, now: datetime) -> CasePart:
    """The unit did its part, and says what it did."""
    case, part = _locked_part(part_id)
    objections = []
    if not may(by, Permission.CASE_HANDLE, Thing(handler=part.unit.path)):
        objections.append("这一部分由承担的单位自己报告办完。")
    if not part.is_open:
        objections.append(f"这一部分已经是“{part.get_state_display()}”。")
    if not note.strip():
        objections.append("请写明做了什么。")
    if objections:
        raise Refused(objections)
    part.state, part.finished_at, part.finished_by_id = PartState.DONE.value, now, by.user_id
    part.finish_note = note.strip()[:1000]
    part.save(update_fields=["state", "finished_at", "finished_by", "finish_note"])
    _counted(case, -1)
    _record(
        case, "part_done", by, now, part_units=part.unit.name, note=part.finish_note, left=case.parts_open,
        late=now > part.due_at, due_at=timestamp(part.due_at),
    )  # fmt: skip
    return part


@transaction.atomic
def reopen_part(*, part_id: int, reason: str, by: Actor, now: datetime) -> CasePart:
    """Looked at and not done: back to the unit, by the same deadline. Who may say so is for the calling room."""
    case, part = _locked_part(part_id)
    objections = []
    if part.state != PartState.DONE:
        objections.append(f"这一部分现在是“{part.get_state_display()}”，不用退回。")
    if case.flow_status not in PARTS_OPEN:
        objections.append(f"案件已经是“{case.flow_status.label}”，请先把案件退回重办。")
    if not reason.strip():
        objections.append("退回重办须写明哪里没有办好。")
    if objections:
        raise Refused(objections)
    part.state, part.finished_at, part.returned = PartState.OPEN.value, None, part.returned + 1
    part.save(update_fields=["state", "finished_at", "returned"])
    _counted(case, 1)
    _record(case, "part_reopened", by, now, part_units=part.unit.name, note=reason.strip()[:500])
    return part


@transaction.atomic
def take_off_part(*, part_id: int, reason: str, by: Actor, now: datetime) -> CasePart:
    """The unit need not do it after all, and why. Who decides that is for the calling room."""
    case, part = _locked_part(part_id)
    if not part.is_open:
        raise Refused(f"这一部分已经是“{part.get_state_display()}”。")
    if not reason.strip():
        raise Refused("免去一个单位的任务须写明理由。")
    part.state, part.taken_off_at = PartState.TAKEN_OFF.value, now
    part.taken_off_reason = reason.strip()[:500]
    part.save(update_fields=["state", "taken_off_at", "taken_off_reason"])
    _counted(case, -1)
    _record(case, "part_taken_off", by, now, part_units=part.unit.name, note=part.taken_off_reason)
    return part
