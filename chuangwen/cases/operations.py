"""Every way a case changes: one intent, one function, one transaction, one event."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models import Q

from chuangwen.cases.clock import pause_clock, resume_clock, set_act_by, set_due, start_clock
from chuangwen.cases.models import Case, CasePhoto, PauseKind, PhotoRole
from chuangwen.cases.search import index_cases
from chuangwen.evidence.models import Photo
from chuangwen.evidence.queries import known_photos
from chuangwen.journal.models import timestamp
from chuangwen.journal.once import once
from chuangwen.journal.operations import record
from chuangwen.journal.queries import event_by_client_key, last_event_of
from chuangwen.people.models import Unit
from chuangwen.places.models import Site
from chuangwen.rules.case_flow import OPEN, Move, Need, Status, step, unmet_needs
from chuangwen.rules.deadlines import WorkCalendar
from chuangwen.rules.permissions import SYSTEM, Actor, Permission, Thing, may
from chuangwen.rules.refusals import Conflict, NotFound, Refused
from chuangwen.standards.models import CaseStandard
from chuangwen.standards.queries import work_calendar

LONGEST_SUSPENSION = timedelta(days=366)
NOT_ALLOWED = "按岗位分工，这一步不由您办理。"
KEY_TAKEN = "提交标识已用于另一件案件，请刷新页面后重试。"


@dataclass
class _Change:
    """What one move does to one locked case."""

    case: Case
    calendar: WorkCalendar
    by: Actor
    now: datetime
    facts: dict[str, Any] = field(default_factory=dict)
    before: dict[str, Any] = field(default_factory=dict)


def _locked(case_id: int) -> Case:
    rows = Case.objects.select_for_update(of=("self",)).select_related("home", "unit", "standard")
    case = rows.filter(pk=case_id).first()
    if case is None:
        raise NotFound
    return case


def _refuse_unseen(case: Case, by: Actor) -> None:
    if not may(by, Permission.CASE_SEE, case.thing()):
        raise NotFound


def _refuse_stale(case: Case, seen_version: int | None, note: str) -> None:
    if seen_version is None or seen_version == case.version:
        return
    last = last_event_of("case", case.pk)
    who = f"{last.actor_name}刚刚更新了这件案件" if last else "这件案件刚刚有了变化"
    raise Conflict(
        f"{who}，现在是“{case.flow_status.label}”。您写的内容还在，请看过最新情况后再决定是否提交。",
        yours=note,
        theirs=last.note if last else "",
    )


def _repeated(client_key: str | None, case_id: int) -> bool:
    event = event_by_client_key(client_key) if client_key else None
    if event is not None and (event.subject_kind, event.subject_id) != ("case", case_id):
        raise Refused(KEY_TAKEN)
    return event is not None


@transaction.atomic
def _move(
    case_id: int,
    move: Move,
    *,
    by: Actor,
    now: datetime,
    given: Iterable[Need] = (),
    note: str = "",
    client_key: str | None = None,
    seen_version: int | None = None,
    change: Callable[[_Change], None] | None = None,
) -> Case:
    """Lock, ask the table and the map, change, record. A repeated client key changes nothing."""
    case = _locked(case_id)
    _refuse_unseen(case, by)
    if _repeated(client_key, case_id):
        return case
    _refuse_stale(case, seen_version, note)
    arrow = step(case.flow_status, move)
    objections = list(unmet_needs(arrow, given))
    if not may(by, arrow.permission, case.thing()):
        objections.insert(0, NOT_ALLOWED)
    if objections:
        raise Refused(objections)
    doing = _Change(case, work_calendar(), by, now, {"note": note} if note else {})
    doing.before = {name: getattr(case, name) for name in _MOVING}
    case.status = arrow.target.value
    if change is not None:
        change(doing)
    if arrow.target not in OPEN:
        case.ended_at = now
    set_act_by(case, doing.calendar, now)
    _save(doing, kind=move, client_key=client_key, before=arrow.source)
    return case


def _save(doing: _Change, *, kind: Move, client_key: str | None, before: Status) -> None:
    case = doing.case
    case.version += 1
    changed = [name for name in _MOVING if getattr(case, name) != doing.before[name]]
    case.save(update_fields=[name.removesuffix("_id") for name in changed])
    _record_step(
        case, kind, before, case.flow_status, by=doing.by, now=doing.now, facts=doing.facts, client_key=client_key
    )


def _record_step(
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


def _attach(case: Case, photos: Sequence[Photo], role: PhotoRole) -> None:
    rows = [CasePhoto(case=case, photo=photo, role=role, round=case.rework_count) for photo in photos]
    CasePhoto.objects.bulk_create(rows, ignore_conflicts=True)


@dataclass(frozen=True)
class NewCase:
    """What is known of a case when it is reported."""

    title: str
    home: Unit
    street: Unit | None
    origin_kind: str
    origin_id: int | None = None
    text: str = ""
    site: Site | None = None
    standard: CaseStandard | None = None
    severity: str = "B"
    criterion_code: str = ""
    place: str = ""
    lng: Decimal | None = None
    lat: Decimal | None = None
    photo_ids: Iterable[int] = ()
    client_key: str | None = None

    def row(self, *, by: Actor, now: datetime) -> Case:
        """The case as it begins, not stored yet."""
        site = self.site
        return Case(
            status=Status.REPORTED.value, origin_kind=self.origin_kind, origin_id=self.origin_id,
            client_key=self.client_key or None, title=self.title.strip()[:200], text=self.text.strip(),
            severity=self.severity, criterion_code=self.criterion_code, point_type=site.point_type if site else "",
            standard=self.standard, site=site, home=self.home, street=self.street, lng=self.lng, lat=self.lat,
            place=(self.place or (site.address if site else ""))[:200], reported_by_id=by.user_id, reported_at=now,
            act_by=now,
        )  # fmt: skip


@transaction.atomic
def open_case(*, by: Actor, now: datetime, **known: Any) -> Case:
    """A new case, reported; `known` are the fields of NewCase. The same origin or client key again gives the case
    that already exists.
    """
    new = NewCase(**known)

    def make() -> Case:
        _refuse_unsound(new, by)
        case = new.row(by=by, now=now)
        set_act_by(case, work_calendar(), now)
        _store(case, new, by=by, now=now)
        return case

    return _seen(once(lambda: _already_open(new), make), by)


@transaction.atomic
def open_dispatched(*, unit: Unit, note: str, by: Actor, now: datetime, **known: Any) -> Case:
    """A new case whose standard and unit are known beforehand: reported by `by`, accepted and dispatched by the
    house in the same stroke, with one event for each of the three steps.
    """
    new = NewCase(**known)

    def make() -> Case:
        _refuse_unsound(new, by)
        doing = _Change(new.row(by=by, now=now), work_calendar(), SYSTEM, now, {"note": note})
        case, steps = doing.case, []
        for move in (Move.ACCEPT, Move.DISPATCH):
            steps.append(step(case.flow_status, move))
            case.status = steps[-1].target.value
        _hand_to(unit)(doing)
        set_act_by(case, doing.calendar, now)
        _store(case, new, by=by, now=now)
        for arrow, facts in zip(steps, ({}, doing.facts), strict=True):
            _record_step(case, arrow.move, arrow.source, arrow.target, by=SYSTEM, now=now, facts=facts)
        return case

    return _seen(once(lambda: _already_open(new), make), by)


def _seen(case: Case, by: Actor) -> Case:
    if not may(by, Permission.CASE_SEE, case.thing()):
        raise Refused(KEY_TAKEN)
    return case


def _refuse_unsound(new: NewCase, by: Actor) -> None:
    objections = [] if new.title.strip() else ["请用一句话写明问题。"]
    if not may(by, Permission.CASE_REPORT, Thing(home=new.home.path)):
        objections.append("您只能上报本辖区的问题。")
    if objections:
        raise Refused(objections)


def _store(case: Case, new: NewCase, *, by: Actor, now: datetime) -> None:
    photos = known_photos(new.photo_ids)
    case.save(force_insert=True)
    _attach(case, photos, PhotoRole.BEFORE)
    index_cases([(case.pk, f"{case.title} {case.text} {case.place} {case.site.name if case.site else ''}")])
    record(
        kind="case.report", subject_kind="case", subject_id=case.pk, by=by, now=now,
        origin=case.origin_kind, origin_id=case.origin_id, to=Status.REPORTED.value,
    )  # fmt: skip


def _already_open(new: NewCase) -> Case | None:
    if not new.client_key and new.origin_id is None:
        return None
    same = Q(client_key=new.client_key) if new.client_key else Q(pk__in=[])
    if new.origin_id is not None:
        same |= Q(origin_kind=new.origin_kind, origin_id=new.origin_id)
    found = Case.objects.filter(same).values_list("pk", flat=True).first()
    return Case.objects.select_related("home", "unit").get(pk=found) if found else None


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

    def change(doing: _Change) -> None:
        if standard_id is not None:
            doing.case.standard = CaseStandard.objects.filter(pk=standard_id, replaced_at=None).first()
            if doing.case.standard is None:
                raise Refused("选定的立案标准不存在或已停用，请重新选择。")

    return _move(case_id, Move.ACCEPT, by=by, now=now, change=change, client_key=client_key, seen_version=seen_version)


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
    return _move(
        case_id, Move.REFUSE, by=by, now=now, given=_given(reason), note=reason.strip(), client_key=client_key,
        seen_version=seen_version,
    )  # fmt: skip


def _given(reason: str, *more: Need) -> set[Need]:
    return {*more, *({Need.REASON, Need.NOTE} if reason.strip() else ())}


def _hand_to(unit: Unit) -> Callable[[_Change], None]:
    def change(doing: _Change) -> None:
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
    return _move(
        case_id, Move.DISPATCH, by=by, now=now, given={Need.UNIT} if unit else (), note=note.strip(),
        client_key=client_key, seen_version=seen_version, change=_hand_to(unit) if unit else None,
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

    def change(doing: _Change) -> None:
        old = doing.case.unit
        if unit is None or old is None or unit.pk == old.pk or not unit.path.startswith(old.path):
            raise Refused("只能交办给本单位的下级单位。")
        doing.case.unit = unit
        doing.facts |= {"unit": unit.code, "unit_name": unit.name}

    return _move(
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
    return _move(
        case_id, Move.RETURN, by=by, now=now, given=_given(reason), note=reason.strip(), client_key=client_key,
        seen_version=seen_version, change=lambda doing: pause_clock(doing.case, PauseKind.RETURNED, doing.now),
    )  # fmt: skip


def receive(
    *, case_id: int, by: Actor, now: datetime, client_key: str | None = None, seen_version: int | None = None
) -> Case:
    """The unit has taken note and begins."""
    return _move(case_id, Move.RECEIVE, by=by, now=now, client_key=client_key, seen_version=seen_version)


def rectify(
    *,
    case_id: int,
    note: str,
    photo_ids: Iterable[int] = (),
    reply: str = "",
    by: Actor,
    now: datetime,
    client_key: str | None = None,
    seen_version: int | None = None,
) -> Case:
    """Handed in as put right. The deadline is judged by this moment; the clock stands while it is checked."""
    photos = known_photos(photo_ids)

    def change(doing: _Change) -> None:
        case = doing.case
        needs_photo = case.photos.filter(role=PhotoRole.BEFORE).exists()
        if needs_photo and not photos:
            raise Refused("这件案件上报时有照片，提交整改须附整改后的照片，便于对照核查。")
        case.rectified_at, case.rectified_by_id = doing.now, doing.by.user_id
        case.reply = reply.strip() or case.reply
        pause_clock(case, PauseKind.CHECKING, doing.now)
        _attach(case, photos, PhotoRole.AFTER)
        doing.facts |= {"photos": [photo.pk for photo in photos], "late": case.is_late(doing.now)}

    return _move(
        case_id, Move.RECTIFY, by=by, now=now, given=_given(note), note=note.strip(), client_key=client_key,
        seen_version=seen_version, change=change,
    )  # fmt: skip


def verify(
    *,
    case_id: int,
    note: str = "",
    photo_ids: Iterable[int] = (),
    by: Actor,
    now: datetime,
    client_key: str | None = None,
    seen_version: int | None = None,
) -> Case:
    """Somebody else looked: it is put right."""
    photos = known_photos(photo_ids)

    def change(doing: _Change) -> None:
        resume_clock(doing.case, doing.now)
        _attach(doing.case, photos, PhotoRole.REFERENCE)

    return _move(
        case_id, Move.VERIFY, by=by, now=now, note=note.strip(), client_key=client_key, seen_version=seen_version,
        change=change,
    )  # fmt: skip


def reject(
    *,
    case_id: int,
    reason: str,
    photo_ids: Iterable[int] = (),
    by: Actor,
    now: datetime,
    client_key: str | None = None,
    seen_version: int | None = None,
) -> Case:
    """Not put right: back to the unit, counted as rework; the time of checking is not held against it."""
    photos = known_photos(photo_ids)

    def change(doing: _Change) -> None:
        case = doing.case
        resume_clock(case, doing.now)
        case.rework_count += 1
        case.rectified_at = None
        set_due(case, doing.calendar)
        _attach(case, photos, PhotoRole.REFERENCE)

    return _move(
        case_id, Move.REJECT, by=by, now=now, given=_given(reason), note=reason.strip(), client_key=client_key,
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
    return _move(
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
    return _move(
        case_id, Move.FORCE_CLOSE, by=by, now=now, given=_given(reason), note=reason.strip(), client_key=client_key,
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
    return _move(
        case_id, Move.CANCEL, by=by, now=now, given=_given(reason), note=reason.strip(), client_key=client_key,
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

    def change(doing: _Change) -> None:
        if until is None or not doing.now < until <= doing.now + LONGEST_SUSPENSION:
            raise Refused("挂账截止日期须在今天之后、一年之内。")
        doing.case.suspended_until = until
        pause_clock(doing.case, PauseKind.SUSPENDED, doing.now)
        doing.facts["until"] = timestamp(until)

    return _move(
        case_id, Move.SUSPEND, by=by, now=now, given=_given(reason, *([Need.UNTIL] if until else [])),
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

    def change(doing: _Change) -> None:
        doing.case.suspended_until = None
        resume_clock(doing.case, doing.now)
        set_due(doing.case, doing.calendar)

    return _move(
        case_id, Move.RESUME, by=by, now=now, note=note.strip(), client_key=client_key, seen_version=seen_version,
        change=change,
    )  # fmt: skip


@transaction.atomic
def add_note(*, case_id: int, note: str, by: Actor, now: datetime, client_key: str | None = None) -> Case:
    """A word for everybody who sees the case; changes nothing else."""
    case = _locked(case_id)
    _refuse_unseen(case, by)
    if _repeated(client_key, case_id):
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
    if case is None or (case.origin_kind == "message" and not case.reply):
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
