"""What the team saw: noted in a few words, completed by a clerk into a case or a remark, answered, judged."""

from collections.abc import Iterable
from datetime import datetime, time, timedelta
from typing import Any

from django.db import transaction

from chuangwen.cases.opening import open_dispatched
from chuangwen.evidence.arriving import Arriving
from chuangwen.evidence.operations import stored_photos
from chuangwen.journal.once import KEY_TAKEN, once
from chuangwen.journal.operations import record
from chuangwen.people.models import Unit, User
from chuangwen.people.queries import units_in_scope
from chuangwen.places.models import Site
from chuangwen.places.queries import sites_in_scope, street_of
from chuangwen.rules.deadlines import SHANGHAI
from chuangwen.rules.permissions import OFFICE, Actor, Permission, Role, may
from chuangwen.rules.refusals import Conflict, NotFound, Refused
from chuangwen.standards.queries import case_standards
from chuangwen.supervision.models import Remark, RemarkPhoto, RemarkState, Task, TaskKind, TaskStatus
from chuangwen.supervision.operations import locked_task
from chuangwen.supervision.queries import home_of, manages, may_answer, oversees, remark_for, running_tasks_of

ORIGIN = "supervision"
END_OF_WORK = time(18)


def deadline_in(days: int, now: datetime) -> datetime:
    """The end of office hours so many days from today, Beijing time; tomorrow's where today's is over."""
    day = now.astimezone(SHANGHAI).date() + timedelta(days=days)
    found = datetime.combine(day, END_OF_WORK, SHANGHAI)
    return found if found > now else found + timedelta(days=1)


def _record(remark: Remark, what: str, by: Actor, now: datetime, **facts: Any) -> None:
    record(
        kind=f"supervision.remark_{what}", subject_kind="supervision", subject_id=remark.task_id, by=by, now=now,
        remark=remark.pk, **facts,
    )  # fmt: skip


@transaction.atomic
def note_seen(
    *,
    task_id: int | None,
    text: str,
    unit_id: int | None = None,
    days: int | None = None,
    site_id: int | None = None,
    place: str = "",
    photo_ids: Iterable[int | Arriving] = (),
    by: Actor,
    now: datetime,
    client_key: str | None = None,
) -> Remark:
    """What somebody of the team saw, and who should fix it by when, as far as they say: a clerk completes it.

    Without a task, the leader's own supervision of today is opened for it. Refuses with every objection.
    """

    def make() -> Remark:
        units = Unit.objects.filter(active=True)
        unit = units.filter(pk=unit_id).first() if unit_id is not None else None
        site = Site.objects.filter(pk=site_id, active=True).first() if site_id is not None else None
        found = [] if may(by, Permission.SUPERVISION_RECORD) else ["督查情况由督查组成员记录。"]
        found += [] if text.strip() else ["请写一句看到了什么。"]
        found += [] if len(text.strip()) <= 500 else ["最多写 500 字。"]
        found += ["选定的单位不存在或已停用。"] if unit_id is not None and unit is None else []
        found += ["选定的点位不存在或已停用。"] if site_id is not None and site is None else []
        found += ["期限请选 0 到 90 天。"] if days is not None and not 0 <= days <= 90 else []
        if found:
            raise Refused(found)
        task = _task_to_note(task_id, by, now)
        photos = stored_photos(photos=photo_ids, by=by, now=now)
        remark = Remark.objects.create(
            task=task, text=text.strip(), unit=unit, site=site, place=place.strip()[:200], noted_by_id=by.user_id,
            deadline=deadline_in(days, now) if days is not None else None, noted_at=now, client_key=client_key or None,
        )  # fmt: skip
        RemarkPhoto.objects.bulk_create(RemarkPhoto(remark=remark, photo=photo) for photo in photos)
        _record(remark, "noted", by, now)
        return remark

    remark = once(lambda: Remark.objects.filter(client_key=client_key).first() if client_key else None, make)
    if remark.noted_by_id != by.user_id:
        raise Refused(KEY_TAKEN)
    return remark


def _task_to_note(task_id: int | None, by: Actor, now: datetime) -> Task:
    if task_id is None:
        return _task_of_today(by, now)
    task = locked_task(task_id, by)
    if not oversees(by, task):
        raise NotFound
    if task.status != TaskStatus.RUNNING:
        raise Refused(f"这次督查现在是“{task.get_status_display()}”，不能再记。")
    return task


def _task_of_today(by: Actor, now: datetime) -> Task:
    """A leader on the way needs no plan: one running task of today under their name, known to the units below."""
    home = home_of(by, Role.LEADER, *OFFICE)
    if home is None:
        raise Refused("您没有正在进行的督查，请先让区文明办下达。")
    User.objects.select_for_update().get(pk=by.user_id or 0)  # two taps at once take turns
    day = now.astimezone(SHANGHAI)
    title = f"{by.name}现场督查（{day.month}月{day.day}日）"
    for task in running_tasks_of(by):
        if task.title == title and task.kind == TaskKind.LEADER and task.starts_at <= now <= task.ends_at:
            return task
    midnight = datetime.combine(day.date() + timedelta(days=1), time(), SHANGHAI)
    task = Task.objects.create(
        kind=TaskKind.LEADER, title=title[:120], questions="现场看到的问题", home=home, starts_at=now, ends_at=midnight,
        status=TaskStatus.RUNNING, ordered_at=now, disclosed_at=now, created_at=now, created_by=by.name,
    )  # fmt: skip
    task.team.add(User.objects.get(pk=by.user_id or 0))
    record(kind="supervision.ordered", subject_kind="supervision", subject_id=task.pk, by=by, now=now, on_the_way=True)
    return task


def _locked(remark_id: int, by: Actor, seen_version: int | None = None) -> Remark:
    """The remark, locked, when this person may know of it and nobody changed it since they looked."""
    remark_for(by, remark_id)
    rows = Remark.objects.select_for_update(of=("self",)).select_related("task__home", "unit", "site__home", "case")
    remark = rows.get(pk=remark_id)
    if seen_version is not None and seen_version != remark.version:
        raise Conflict(
            f"刚刚有人办了这一条，现在是“{remark.get_state_display()}”。您写的内容还在，请看过最新情况再提交。"
        )
    return remark


def _move(remark: Remark, state: RemarkState, *fields: str) -> None:
    remark.state = state.value
    remark.version += 1
    remark.save(update_fields=["state", "version", *fields])


def _clerk_objections(remark: Remark, by: Actor) -> list[str]:
    allowed = may(by, Permission.SUPERVISION_PLAN) and manages(by, remark.task)
    found = [] if allowed else ["这一步由区文明办办理。"]
    if remark.state != RemarkState.RAW:
        found.append(f"这一条已经是“{remark.get_state_display()}”，不用再整理。")
    return found


@transaction.atomic
def make_case(
    *,
    remark_id: int,
    standard_id: int | None,
    unit_id: int | None,
    site_id: int | None = None,
    severity: str = "B",
    by: Actor,
    now: datetime,
    seen_version: int | None = None,
) -> Remark:
    """A case by a standard, given to a unit at once. While the task is secret it looks like any report by hand."""
    remark = _locked(remark_id, by, seen_version)
    if remark.state == RemarkState.CASE:
        return remark
    site = sites_in_scope(by).filter(pk=site_id, active=True).first() if site_id is not None else remark.site
    unit = units_in_scope(by).filter(pk=unit_id, active=True).first() if unit_id is not None else None
    standard = case_standards().filter(pk=standard_id).first() if standard_id is not None else None
    found = _clerk_objections(remark, by)
    found += [] if unit else ["请选择责任单位。"]
    found += [] if standard else ["请选择立案标准。"]
    found += ["选定的点位不存在、已停用，或不在您的辖区。"] if site_id is not None and site is None else []
    found += [] if severity in {"V", "A", "B", "C"} else ["请选择等级。"]
    if found or unit is None:
        raise Refused(found)
    home, hidden = (site.home if site else unit), remark.task.concealed
    case = open_dispatched(
        unit=unit, note=_wish(remark), title=_title(remark, site), text=remark.text, home=home,
        street=site.street if site else street_of(unit), site=site, place=remark.place, severity=severity, standard=standard,
        origin_kind="report" if hidden else ORIGIN, origin_id=None if hidden else remark.pk,
        evidence=[row.photo for row in remark.photos.select_related("photo")], by=by, now=now,
    )  # fmt: skip
    remark.case, remark.unit, remark.site = case, unit, site
    _move(remark, RemarkState.CASE, "case", "unit", "site")
    _record(remark, "became_case", by, now, case=case.pk)
    return remark


def _wish(remark: Remark) -> str:
    """The day that was asked for on the spot; the deadline that counts is the standard's."""
    if remark.deadline is None:
        return "按立案标准派遣"
    day = remark.deadline.astimezone(SHANGHAI)
    return f"请于{day.month}月{day.day}日前改好"


def _title(remark: Remark, site: Site | None) -> str:
    words = remark.text.strip().rstrip("。；，,;.")[:60]
    return f"{site.name}：{words}" if site else words


@transaction.atomic
def send_remark(
    *,
    remark_id: int,
    unit_id: int | None,
    deadline: datetime | None,
    by: Actor,
    now: datetime,
    seen_version: int | None = None,
) -> Remark:
    """交办: a unit must answer by a deadline. It learns of it when the task is no secret (any more)."""
    remark = _locked(remark_id, by, seen_version)
    unit = units_in_scope(by).filter(pk=unit_id, active=True).first() if unit_id is not None else None
    found = _clerk_objections(remark, by)
    found += [] if unit else ["请选择责任单位。"]
    found += [] if deadline and deadline > now else ["答复期限须晚于现在。"]
    if found:
        raise Refused(found)
    remark.unit, remark.deadline, remark.sent_at = unit, deadline, now
    _move(remark, RemarkState.SENT, "unit", "deadline", "sent_at")
    _record(remark, "sent", by, now)
    return remark


@transaction.atomic
def answer_remark(
    *,
    remark_id: int,
    answer: str,
    photo_ids: Iterable[int | Arriving] = (),
    by: Actor,
    now: datetime,
    seen_version: int | None = None,
) -> Remark:
    """What the unit did about it."""
    remark = _locked(remark_id, by, seen_version)
    found = [] if may_answer(by, remark) and not remark.task.concealed else ["这一条由责任单位答复。"]
    if remark.state != RemarkState.SENT:
        found.append(f"这一条现在是“{remark.get_state_display()}”，不用答复。")
    found += [] if answer.strip() else ["请写明做了什么。"]
    found += [] if len(answer.strip()) <= 1000 else ["最多写 1000 字。"]
    if found:
        raise Refused(found)
    remark.answer, remark.answered_at, remark.answered_by_id = answer.strip(), now, by.user_id
    _move(remark, RemarkState.ANSWERED, "answer", "answered_at", "answered_by")
    photos = stored_photos(photos=photo_ids, by=by, now=now)
    rows = [RemarkPhoto(remark=remark, photo=photo, of_answer=True) for photo in photos]
    RemarkPhoto.objects.bulk_create(rows, ignore_conflicts=True)
    _record(remark, "answered", by, now)
    return remark


@transaction.atomic
def judge_remark(
    *,
    remark_id: int,
    accepted: bool,
    note: str = "",
    deadline: datetime | None = None,
    by: Actor,
    now: datetime,
    seen_version: int | None = None,
) -> Remark:
    """The verdict on an answer: done, or once more by a new deadline, with the reason. Nobody judges their own unit."""
    remark = _locked(remark_id, by, seen_version)
    found = [] if may(by, Permission.SUPERVISION_RECORD) and not may_answer(by, remark) else ["答复由督查组评定，本单位不能评定自己。"]  # fmt: skip
    if remark.state != RemarkState.ANSWERED:
        found.append(f"这一条现在是“{remark.get_state_display()}”，没有答复可评定。")
    if not accepted:
        found += [] if note.strip() else ["请写明哪里还不行。"]
        found += [] if deadline and deadline > now else ["请给一个晚于现在的答复期限。"]
    if found:
        raise Refused(found)
    remark.judged_at, remark.judged_note = now, note.strip()[:500]
    remark.deadline = remark.deadline if accepted else deadline
    remark.returned += 0 if accepted else 1
    state = RemarkState.ACCEPTED if accepted else RemarkState.SENT
    _move(remark, state, "judged_at", "judged_note", "deadline", "returned")
    _record(remark, "accepted" if accepted else "returned", by, now)
    return remark


@transaction.atomic
def drop_remark(*, remark_id: int, reason: str, by: Actor, now: datetime, seen_version: int | None = None) -> Remark:
    """Not followed any further, and why: said twice, or not so on a second look."""
    remark = _locked(remark_id, by, seen_version)
    found = [] if may(by, Permission.SUPERVISION_PLAN) and manages(by, remark.task) else ["这一步由区文明办办理。"]
    found += [] if remark.is_open else [f"这一条已经是“{remark.get_state_display()}”。"]
    found += [] if reason.strip() else ["不再跟踪须写明理由。"]
    if found:
        raise Refused(found)
    remark.judged_at, remark.judged_note = now, reason.strip()[:500]
    _move(remark, RemarkState.DROPPED, "judged_at", "judged_note")
    _record(remark, "dropped", by, now)
    return remark
