"""The machinery of every move: lock the case, ask the table and the map, change, record."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction

from chuangwen.cases.clock import resume_clock, set_act_by, set_due, start_clock
from chuangwen.cases.models import Case, CasePart, CasePhoto, PartState, PhotoRole
from chuangwen.evidence.models import Photo
from chuangwen.journal.models import timestamp
from chuangwen.journal.once import taken_before
from chuangwen.journal.operations import record
from chuangwen.journal.queries import last_event_of
from chuangwen.people.models import Unit
from chuangwen.rules.case_flow import OPEN, Move, Need, Status, parts_objections, step, unmet_needs
from chuangwen.rules.deadlines import WorkCalendar
from chuangwen.rules.permissions import Actor, Permission, may
from chuangwen.rules.refusals import Conflict, NotFound, Refused
from chuangwen.standards.queries import work_calendar

NOT_ALLOWED = "按岗位分工，这一步不由您办理。"


@dataclass
class Change:
    """What one move does to one locked case."""

    case: Case
    calendar: WorkCalendar
    by: Actor
    now: datetime
    facts: dict[str, Any] = field(default_factory=dict)
    before: dict[str, Any] = field(default_factory=dict)


def locked(case_id: int) -> Case:
    """The case, locked for this transaction, with its units and standard, in one statement."""
    rows = Case.objects.select_for_update(of=("self",)).select_related("home", "unit", "standard")
    try:
        return rows.get(pk=case_id)
    except Case.DoesNotExist:
        raise NotFound from None


def refuse_unseen(case: Case, by: Actor) -> None:
    """Unseen and unknown look alike."""
    if not may(by, Permission.CASE_SEE, case.thing()):
        raise NotFound


def refuse_stale(case: Case, seen_version: int | None, note: str) -> None:
    """Somebody else changed the case since this person looked: say so, with both texts."""
    if seen_version is None or seen_version == case.version:
        return
    last = last_event_of("case", case.pk)
    who = f"{last.actor_name}刚刚更新了这件案件" if last else "这件案件刚刚有了变化"
    raise Conflict(
        f"{who}，现在是“{case.flow_status.label}”。您写的内容还在，请看过最新情况后再决定是否提交。",
        yours=note,
        theirs=last.note if last else "",
    )


def refuse_merged(case: Case) -> None:
    """What was merged is worked on in the kept case."""
    if case.merged_into_id is not None:
        raise Refused("这件反映已并入另一件案件，请在那一件上办理；不是同一件事的，先拆开再办。")


def units_with_open_part(case: Case) -> Sequence[str]:
    """The names of the units whose part of this case is not done; asks only where the case counts open parts."""
    if not case.parts_open:
        return ()
    rows = CasePart.objects.filter(case=case, state=PartState.OPEN).order_by("unit__path")
    return list(rows.values_list("unit__name", flat=True))


def attach(case: Case, photos: Sequence[Photo], role: PhotoRole) -> None:
    """Photos become evidence in the case, in its present round."""
    if not photos:
        return
    rows = [CasePhoto(case=case, photo=photo, role=role, round=case.rework_count) for photo in photos]
    CasePhoto.objects.bulk_create(rows, ignore_conflicts=True)


def given_words(reason: str, *more: Need) -> set[Need]:
    """What a form with these words gives."""
    return {*more, *({Need.REASON, Need.NOTE} if reason.strip() else ())}


def hand_to(unit: Unit) -> Callable[[Change], None]:
    """The change that gives a case to a unit: a new unit gets its whole time, the same one goes on."""

    def change(doing: Change) -> None:
        case = doing.case
        same_unit = case.unit_id == unit.pk
        case.unit = unit
        case.dispatched_at = doing.now
        if not same_unit or case.clock_started_at is None:
            start_clock(case, doing.now)
        else:
            resume_clock(case, doing.now)
        set_due(case, doing.calendar)
        doing.facts |= {"unit": unit.code, "unit_name": unit.name}

    return change


@transaction.atomic
def move_case(
    case_id: int,
    move: Move,
    *,
    by: Actor,
    now: datetime,
    given: Iterable[Need] = (),
    note: str = "",
    client_key: str | None = None,
    seen_version: int | None = None,
    change: Callable[[Change], None] | None = None,
) -> Case:
    """Lock, ask the table and the map, change, record. A repeated client key changes nothing.

    Whether the key is a repeated one is asked only when the move does not go through: the first submission moved the
    case on, so the second one is refused by the table, by the version, or by the unique key of the event.
    """
    try:
        with transaction.atomic():
            return _moved(
                case_id, move, by=by, now=now, given=given, note=note, client_key=client_key,
                seen_version=seen_version, change=change,
            )  # fmt: skip
    except NotFound:
        raise
    except (IntegrityError, Refused):
        if taken_before(client_key, "case", case_id):
            return locked(case_id)
        raise


def _moved(
    case_id: int,
    move: Move,
    *,
    by: Actor,
    now: datetime,
    given: Iterable[Need],
    note: str,
    client_key: str | None,
    seen_version: int | None,
    change: Callable[[Change], None] | None,
) -> Case:
    case = locked(case_id)
    refuse_unseen(case, by)
    refuse_stale(case, seen_version, note)
    refuse_merged(case)
    arrow = step(case.flow_status, move)
    objections = [*unmet_needs(arrow, given), *parts_objections(arrow.target, units_with_open_part(case))]
    if not may(by, arrow.permission, case.thing()):
        objections.insert(0, NOT_ALLOWED)
    if objections:
        raise Refused(objections)
    doing = Change(case, work_calendar(), by, now, {"note": note} if note else {})
    doing.before = {name: getattr(case, name) for name in _MOVING}
    case.status = arrow.target.value
    if change is not None:
        change(doing)
    if arrow.target not in OPEN:
        case.ended_at = now
    set_act_by(case, doing.calendar, now)
    _save(doing, kind=move, client_key=client_key, before=arrow.source)
    return case


def _save(doing: Change, *, kind: Move, client_key: str | None, before: Status) -> None:
    case = doing.case
    case.version += 1
    changed = [name for name in _MOVING if getattr(case, name) != doing.before[name]]
    case.save(update_fields=[name.removesuffix("_id") for name in changed])
    record_step(
        case, kind, before, case.flow_status, by=doing.by, now=doing.now, facts=doing.facts, client_key=client_key
    )


def record_step(
    case: Case,
    move: Move,
    source: Status,
    target: Status,
    *,
    by: Actor,
    now: datetime,
    facts: dict[str, Any],
    client_key: str | None = None,
) -> None:
    """One event for one arrow of the table."""
    record(
        kind=f"case.{move.value}",
        subject_kind="case",
        subject_id=case.pk,
        by=by,
        now=now,
        client_key=client_key,
        **{"from": source.value, "to": target.value, "due_at": timestamp(case.due_at), **facts},
    )


_MOVING = (
    "status", "unit_id", "standard_id", "reply", "rectified_by_id", "dispatched_at", "clock_started_at", "due_at", "due_warning",
    "rectified_at", "ended_at", "act_by", "suspended_until", "rework_count", "extension_count", "version",
)  # fmt: skip
