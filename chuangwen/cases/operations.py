"""Every way a case changes: one intent, one function, one transaction, one event."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db import transaction

from chuangwen.cases.clock import pause_clock, resume_clock, set_due
from chuangwen.cases.filters import FROM_RESIDENTS
from chuangwen.cases.models import Case, PauseKind, PhotoRole
from chuangwen.cases.moving import (
    NOT_ALLOWED,
    Change,
    attach,
    given_words,
    hand_to,
    locked,
    move_case,
    refuse_unseen,
)
from chuangwen.cases.opening import open_case, open_dispatched
from chuangwen.evidence.arriving import Arriving
from chuangwen.evidence.operations import stored_photos
from chuangwen.journal.models import timestamp
from chuangwen.journal.once import taken_before
from chuangwen.journal.operations import record
from chuangwen.people.models import Unit
from chuangwen.rules.case_flow import Move, Need, Status
from chuangwen.rules.permissions import SYSTEM, Actor, Permission, may
from chuangwen.rules.refusals import Refused
from chuangwen.standards.models import CaseStandard

__all__ = ["open_case", "open_dispatched"]  # opened elsewhere, but asked for here like every other change

LONGEST_SUSPENSION = timedelta(days=366)


def accept(
    *,
    case_id: int,
    standard_id: int | None = None,
    by: Actor,
    now: datetime,
    client_key: str | None = None,
    seen_version: int | None = None,
) -> Case:
    """The report is a case, by this standard (the one already found when none is named)."""

    def change(doing: Change) -> None:
        if standard_id is not None:
            doing.case.standard = CaseStandard.objects.filter(pk=standard_id, replaced_at=None).first()
            if doing.case.standard is None:
                raise Refused("选定的立案标准不存在或已停用，请重新选择。")

    return move_case(
        case_id, Move.ACCEPT, by=by, now=now, change=change, client_key=client_key, seen_version=seen_version
    )


def refuse(
    *,
    case_id: int,
    reason: str,
    by: Actor,
    now: datetime,
    client_key: str | None = None,
    seen_version: int | None = None,
) -> Case:
    """Not a case, and why."""
    return move_case(
        case_id, Move.REFUSE, by=by, now=now, given=given_words(reason), note=reason.strip(), client_key=client_key,
        seen_version=seen_version,
    )  # fmt: skip


def _unit(unit_id: int | None) -> Unit | None:
    return Unit.objects.filter(pk=unit_id, active=True).first() if unit_id is not None else None


def dispatch(
    *,
    case_id: int,
    unit_id: int | None,
    note: str = "",
    by: Actor,
    now: datetime,
    client_key: str | None = None,
    seen_version: int | None = None,
) -> Case:
    """Give the case to a unit; its clock starts. Back to the unit that returned it: the clock goes on."""
    unit = _unit(unit_id)
    return move_case(
        case_id, Move.DISPATCH, by=by, now=now, given={Need.UNIT} if unit else (), note=note.strip(),
        client_key=client_key, seen_version=seen_version, change=hand_to(unit) if unit else None,
    )  # fmt: skip


def assign(
    *,
    case_id: int,
    unit_id: int | None,
    note: str = "",
    by: Actor,
    now: datetime,
    client_key: str | None = None,
    seen_version: int | None = None,
) -> Case:
    """Pass the case down the own branch. The clock runs on: time already used is not given back."""
    unit = _unit(unit_id)

    def change(doing: Change) -> None:
        old = doing.case.unit
        if unit is None or old is None or unit.pk == old.pk or not unit.path.startswith(old.path):
            raise Refused("只能交办给本单位的下级单位。")
        doing.case.unit = unit
        doing.facts |= {"unit": unit.code, "unit_name": unit.name}

    return move_case(
        case_id, Move.ASSIGN, by=by, now=now, given={Need.UNIT} if unit else (), note=note.strip(),
        client_key=client_key, seen_version=seen_version, change=change,
    )  # fmt: skip


def return_back(
    *,
    case_id: int,
    reason: str,
    by: Actor,
    now: datetime,
    client_key: str | None = None,
    seen_version: int | None = None,
) -> Case:
    """Not ours, and why. The office may only re-route it; until then the clock stands still."""
    return move_case(
        case_id, Move.RETURN, by=by, now=now, given=given_words(reason), note=reason.strip(), client_key=client_key,
        seen_version=seen_version, change=lambda doing: pause_clock(doing.case, PauseKind.RETURNED, doing.now),
    )  # fmt: skip


def receive(
    *, case_id: int, by: Actor, now: datetime, client_key: str | None = None, seen_version: int | None = None
) -> Case:
    """The unit has taken note and begins."""
    return move_case(case_id, Move.RECEIVE, by=by, now=now, client_key=client_key, seen_version=seen_version)


def rectify(
    *,
    case_id: int,
    note: str,
    photo_ids: Iterable[int | Arriving] = (),
    reply: str = "",
    by: Actor,
    now: datetime,
    client_key: str | None = None,
    seen_version: int | None = None,
) -> Case:
    """Handed in as put right. The deadline is judged by this moment; the clock stands while it is checked."""

    def change(doing: Change) -> None:
        case = doing.case
        photos = stored_photos(photos=photo_ids, by=doing.by, now=doing.now)
        if not photos and case.photos.filter(role=PhotoRole.BEFORE).exists():
            raise Refused("这件案件上报时有照片，提交整改须附整改后的照片，便于对照核查。")
        case.rectified_at, case.rectified_by_id = doing.now, doing.by.user_id
        case.reply = reply.strip() or case.reply
        pause_clock(case, PauseKind.CHECKING, doing.now)
        attach(case, photos, PhotoRole.AFTER)
        doing.facts |= {"photos": [photo.pk for photo in photos], "late": case.is_late(doing.now)}

    return move_case(
        case_id, Move.RECTIFY, by=by, now=now, given=given_words(note), note=note.strip(), client_key=client_key,
        seen_version=seen_version, change=change,
    )  # fmt: skip


def verify(
    *,
    case_id: int,
    note: str = "",
    photo_ids: Iterable[int | Arriving] = (),
    by: Actor,
    now: datetime,
    client_key: str | None = None,
    seen_version: int | None = None,
) -> Case:
    """Somebody else looked: it is put right."""

    def change(doing: Change) -> None:
        resume_clock(doing.case, doing.now)
        attach(doing.case, stored_photos(photos=photo_ids, by=doing.by, now=doing.now), PhotoRole.REFERENCE)

    return move_case(
        case_id, Move.VERIFY, by=by, now=now, note=note.strip(), client_key=client_key, seen_version=seen_version,
        change=change,
    )  # fmt: skip


def reject(
    *,
    case_id: int,
    reason: str,
    photo_ids: Iterable[int | Arriving] = (),
    by: Actor,
    now: datetime,
    client_key: str | None = None,
    seen_version: int | None = None,
) -> Case:
    """Not put right: back to the unit, counted as rework; the time of checking is not held against it."""

    def change(doing: Change) -> None:
        case = doing.case
        resume_clock(case, doing.now)
        case.rework_count += 1
        case.rectified_at = None
        set_due(case, doing.calendar)
        attach(case, stored_photos(photos=photo_ids, by=doing.by, now=doing.now), PhotoRole.REFERENCE)

    return move_case(
        case_id, Move.REJECT, by=by, now=now, given=given_words(reason), note=reason.strip(), client_key=client_key,
        seen_version=seen_version, change=change,
    )  # fmt: skip


def close(
    *,
    case_id: int,
    note: str = "",
    by: Actor,
    now: datetime,
    client_key: str | None = None,
    seen_version: int | None = None,
) -> Case:
    """Done, checked, filed."""
    return move_case(
        case_id, Move.CLOSE, by=by, now=now, note=note.strip(), client_key=client_key, seen_version=seen_version
    )


def force_close(
    *,
    case_id: int,
    reason: str,
    by: Actor,
    now: datetime,
    client_key: str | None = None,
    seen_version: int | None = None,
) -> Case:
    """Closed by decision of the office's chief, with the reason; counted apart."""
    return move_case(
        case_id, Move.FORCE_CLOSE, by=by, now=now, given=given_words(reason), note=reason.strip(), client_key=client_key,
        seen_version=seen_version,
    )  # fmt: skip


def cancel(
    *,
    case_id: int,
    reason: str,
    by: Actor,
    now: datetime,
    client_key: str | None = None,
    seen_version: int | None = None,
) -> Case:
    """It was no case after all: a mistake or a double report."""
    return move_case(
        case_id, Move.CANCEL, by=by, now=now, given=given_words(reason), note=reason.strip(), client_key=client_key,
        seen_version=seen_version,
    )  # fmt: skip


def suspend(
    *,
    case_id: int,
    reason: str,
    until: datetime | None,
    by: Actor,
    now: datetime,
    client_key: str | None = None,
    seen_version: int | None = None,
) -> Case:
    """挂账: cannot be solved now; at most a year, the clock stands, goes on by itself on that day."""

    def change(doing: Change) -> None:
        if until is None or not doing.now < until <= doing.now + LONGEST_SUSPENSION:
            raise Refused("挂账截止日期须在今天之后、一年之内。")
        doing.case.suspended_until = until
        pause_clock(doing.case, PauseKind.SUSPENDED, doing.now)
        doing.facts["until"] = timestamp(until)

    return move_case(
        case_id, Move.SUSPEND, by=by, now=now, given=given_words(reason, *([Need.UNTIL] if until else [])),
        note=reason.strip(), client_key=client_key, seen_version=seen_version, change=change,
    )  # fmt: skip


def resume(
    *,
    case_id: int,
    note: str = "",
    by: Actor,
    now: datetime,
    client_key: str | None = None,
    seen_version: int | None = None,
) -> Case:
    """The suspension ends; the clock goes on where it stood."""

    def change(doing: Change) -> None:
        doing.case.suspended_until = None
        resume_clock(doing.case, doing.now)
        set_due(doing.case, doing.calendar)

    return move_case(
        case_id, Move.RESUME, by=by, now=now, note=note.strip(), client_key=client_key, seen_version=seen_version,
        change=change,
    )  # fmt: skip


@transaction.atomic
def add_note(*, case_id: int, note: str, by: Actor, now: datetime, client_key: str | None = None) -> Case:
    """A word for everybody who sees the case; changes nothing else."""
    case = locked(case_id)
    refuse_unseen(case, by)
    if taken_before(client_key, "case", case_id):
        return case
    if not may(by, Permission.CASE_NOTE, case.thing()):
        raise Refused(NOT_ALLOWED)
    if not note.strip():
        raise Refused("备注不能为空。")
    record(
        kind="case.note",
        subject_kind="case",
        subject_id=case.pk,
        by=by,
        now=now,
        client_key=client_key,
        note=note.strip(),
    )
    return case


def close_checked(*, case_id: int, now: datetime) -> bool:
    """File a case that passed its check; one from a resident waits until it has an answer. Returns whether it closed."""
    case = Case.objects.filter(pk=case_id, status=Status.VERIFIED.value).first()
    if case is None or (case.origin_kind in FROM_RESIDENTS and not case.reply):
        return False
    close(case_id=case_id, note="核查通过，自动结案", by=SYSTEM, now=now)
    return True


def resume_due(*, now: datetime) -> int:
    """Every suspension whose day has come ends by itself. Returns how many."""
    due = Case.objects.filter(status=Status.SUSPENDED.value, suspended_until__lte=now).order_by("suspended_until")
    ids = list(due.values_list("pk", flat=True)[:500])
    for case_id in ids:
        resume(case_id=case_id, note="挂账到期，自动恢复办理", by=SYSTEM, now=now)
    return len(ids)


@transaction.atomic
def withdraw_found(*, case_id: int, reason: str, by: Actor, now: datetime) -> Case:
    """The finding was judged anew: its case is cancelled and no longer speaks for it, so that a new one may."""
    case = cancel(case_id=case_id, reason=reason, by=by, now=now)
    case.origin_id = None
    case.save(update_fields=["origin_id"])
    return case
