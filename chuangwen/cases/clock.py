"""The handling clock of a case: start, pause, go on, and the deadline that follows."""

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal

from django.db.models import Value
from django.db.models.functions import Greatest

from chuangwen.cases.models import Case, CasePause, PauseKind
from chuangwen.rules.case_flow import RUNNING, Status
from chuangwen.rules.deadlines import WorkCalendar, due_at
from chuangwen.rules.limits import Limit, LimitUnit
from chuangwen.standards.models import CaseStandard

# What applies while a standard names no limit of its own: the common default of digital city management.
DEFAULT_LIMIT = Limit(amount=Decimal(4), unit=LimitUnit.working_hours, text="4工作时")

# How long the office and the checkers have for their own steps; sources give 15 to 30 minutes of duty time.
STAGE_LIMITS: dict[Status, Limit] = {
    status: Limit(amount=Decimal(amount), unit=LimitUnit.working_hours, text=f"{amount}工作时")
    for status, amount in {
        Status.REPORTED: 2,
        Status.ACCEPTED: 2,
        Status.RETURNED: 2,
        Status.RECTIFIED: 8,
        Status.VERIFIED: 8,
    }.items()
}


def limit_of(standard: CaseStandard | None) -> Limit:
    """The limit that a case standard sets, or the default."""
    if standard is None or standard.limit_amount is None:
        return DEFAULT_LIMIT
    return Limit(amount=standard.limit_amount, unit=LimitUnit(standard.limit_unit), text=standard.limit_text)


def start_clock(case: Case, now: datetime) -> None:
    """A unit gets the case: its time begins now."""
    if case.clock_started_at is not None:  # it ran before, for another unit: those pauses are not this one's
        CasePause.objects.filter(case=case).delete()
    case.clock_started_at = now
    case.extension_count = 0


def pause_clock(case: Case, kind: PauseKind, now: datetime) -> None:
    """Time stops; the deadline is set anew when it goes on."""
    CasePause.objects.create(case=case, kind=kind, starts_at=now)


def resume_clock(case: Case, now: datetime) -> None:
    """Time goes on."""
    # A clock that reads earlier than the pause began gives a pause of no length, not an error.
    CasePause.objects.filter(case=case, ends_at=None).update(ends_at=Greatest("starts_at", Value(now)))


def _past_pauses(case: Case) -> Iterable[CasePause]:
    if case.pk is None or case.clock_started_at is None:
        return ()
    return CasePause.objects.filter(case=case, ends_at__isnull=False).order_by("starts_at")


def set_due(case: Case, calendar: WorkCalendar) -> None:
    """Work out the deadline from the start, the limit, pauses and extensions; an order's deadline goes first.

    A case on which several units work together is due no earlier than its last part.
    """
    if case.clock_started_at is None:
        return
    if case.order_id is not None and case.order is not None:
        case.due_at, case.due_warning = case.order.deadline, ""
        return
    pauses = [(pause.starts_at, pause.ends_at) for pause in _past_pauses(case) if pause.ends_at is not None]
    due = due_at(
        case.clock_started_at, limit_of(case.standard), calendar, pauses=pauses, extensions=case.extension_count
    )
    case.due_at, case.due_warning = max(due.at, case.parts_due_at or due.at), "；".join(due.warnings)[:200]


def set_act_by(case: Case, calendar: WorkCalendar, now: datetime) -> None:
    """By when whoever must act next should have acted."""
    status = case.flow_status
    if status in RUNNING and case.due_at is not None:
        case.act_by = case.due_at
    elif status is Status.SUSPENDED and case.suspended_until is not None:
        case.act_by = case.suspended_until
    elif status in STAGE_LIMITS:
        case.act_by = due_at(now, STAGE_LIMITS[status], calendar).at
    else:
        case.act_by = case.ended_at or now
