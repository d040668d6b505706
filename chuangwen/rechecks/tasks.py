"""Every way a re-check changes: given out, handed to somebody else, judged, finished."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Count

from chuangwen.cases import operations as cases
from chuangwen.cases.found import open_found_case
from chuangwen.cases.models import Case
from chuangwen.evidence.queries import known_photos
from chuangwen.journal.models import Event
from chuangwen.journal.once import taken_before
from chuangwen.journal.operations import record
from chuangwen.patrols.models import Finding, Verdict, Visit
from chuangwen.patrols.queries import inspectors
from chuangwen.people.models import User
from chuangwen.people.queries import actor_for
from chuangwen.places.models import Site
from chuangwen.rechecks.models import Candidate, CandidateKind, Draw, Second, SecondPhoto, Task
from chuangwen.rules.allocation import allocate_people
from chuangwen.rules.case_flow import Status
from chuangwen.rules.permissions import SYSTEM, Actor, Permission, Role, Thing, may
from chuangwen.rules.phone_clock import Judged, judged_at
from chuangwen.rules.refusals import NotFound, Refused

_EARLY = {Status.REPORTED, Status.ACCEPTED, Status.DISPATCHED}
_LOOKED = ("case.verify", "case.reject")  # who judged the fix
_TOOK_PART = (*_LOOKED, "case.rectify", "case.report", "case.receive", "case.assign")


def make_tasks(*, draw: Draw, chosen: Sequence[Candidate], by: Actor, now: datetime) -> list[Task]:
    """One task for each drawn candidate, with its criteria and who must not look, given out evenly."""
    due = now + timedelta(days=draw.days_to_do)
    first, barred = _part_in_cases(chosen)
    for visit_id, inspector, everybody in _part_in_visits(chosen):
        first[CandidateKind.VISIT.value, visit_id] = inspector
        barred[CandidateKind.VISIT.value, visit_id] = everybody
    known = set(
        User.objects.filter(pk__in={pk for some in barred.values() for pk in some}).values_list("pk", flat=True)
    )
    made = []
    for candidate in chosen:
        key = (candidate.kind, candidate.subject_id)
        task = Task.objects.create(candidate=candidate, site_id=candidate.site_id, first_id=first.get(key), due_at=due)
        task.barred.set(barred.get(key, set()) & known)
        made.append(task)
    _write_criteria(made, chosen)
    _give_out(made, seed=f"{draw.sha256}|{(draw.record or {}).get('key', '')}", by=by, now=now)
    return made


Subject = tuple[str, int]


def _part_in_cases(chosen: Sequence[Candidate]) -> tuple[dict[Subject, int | None], dict[Subject, set[int]]]:
    """For drawn cases: who said that it was put right, and everybody who had a hand in it."""
    ids = [candidate.subject_id for candidate in chosen if candidate.kind == CandidateKind.CASE]
    first: dict[Subject, int | None] = {}
    barred: dict[Subject, set[int]] = {}
    for case in Case.objects.filter(pk__in=ids):
        hands = {case.reported_by_id, case.rectified_by_id} - {None}
        barred[CandidateKind.CASE.value, case.pk] = {pk for pk in hands if pk is not None}
    events = Event.objects.filter(subject_kind="case", subject_id__in=ids, kind__in=_TOOK_PART, actor_id__isnull=False)
    for event in events.order_by("id"):
        key = (CandidateKind.CASE.value, event.subject_id)
        barred[key].add(event.actor_id or 0)
        if event.kind == "case.verify":
            first[key] = event.actor_id
    return first, barred


def _part_in_visits(chosen: Sequence[Candidate]) -> list[tuple[int, int, set[int]]]:
    """For drawn visits: the inspector, and everybody whom the round named."""
    ids = [candidate.subject_id for candidate in chosen if candidate.kind == CandidateKind.VISIT]
    visits = Visit.objects.filter(pk__in=ids).select_related("patrol").prefetch_related("patrol__inspectors")
    return [
        (visit.pk, visit.inspector_id, {visit.inspector_id, *(user.pk for user in visit.patrol.inspectors.all())})
        for visit in visits
    ]


def _write_criteria(tasks: Sequence[Task], chosen: Sequence[Candidate]) -> None:
    """What the second look goes by: the criteria of the visit, or the one by which the case was opened."""
    visits = {c.subject_id: t for t, c in zip(tasks, chosen, strict=True) if c.kind == CandidateKind.VISIT}
    rows = [
        Second(task=visits[finding.visit_id], criterion_id=finding.criterion_id, first_verdict=finding.verdict)
        for finding in Finding.objects.filter(visit__in=visits).order_by("id")
    ]
    rows += [
        Second(task=task, criterion_id=candidate.criterion_id, first_verdict=Verdict.PASS)
        for task, candidate in zip(tasks, chosen, strict=True)
        if candidate.kind == CandidateKind.CASE and candidate.criterion_id is not None
    ]
    Second.objects.bulk_create(rows)


def _who_reaches(sites: Iterable[Site], now: datetime) -> dict[int, set[int]]:
    """site -> the inspectors on duty whose branch holds it."""
    people = [actor_for(user, now.date()) for user in inspectors(now.date())]
    return {
        site.pk: {
            person.user_id
            for person in people
            if person.user_id is not None
            and any(site.home.path.startswith(scope) for scope in person.scopes(Role.INSPECTOR))
        }
        for site in sites
    }


def _give_out(tasks: Sequence[Task], *, seed: str, by: Actor, now: datetime) -> None:
    sites = Site.objects.filter(pk__in={task.site_id for task in tasks}).select_related("home")
    reached = _who_reaches(sites, now)
    not_these: dict[int, set[int]] = {}
    for task_id, user_id in Task.barred.through.objects.filter(task__in=tasks).values_list("task_id", "user_id"):
        not_these.setdefault(task_id, set()).add(user_id)
    allowed = {task.pk: reached[task.site_id] - not_these.get(task.pk, set()) for task in tasks}
    waiting = Task.objects.filter(finished_at=None, withdrawn_at=None, inspector__isnull=False).values("inspector_id")
    load = {row["inspector_id"]: row["n"] for row in waiting.annotate(n=Count("pk")).order_by()}
    given = allocate_people(allowed, seed=seed, load=load)
    for task in tasks:
        task.inspector_id = given.get(task.pk)
        record(
            kind="recheck.given", subject_kind="recheck", subject_id=task.pk, by=SYSTEM, now=now,
            inspector=task.inspector_id, asked_by=by.name,
        )  # fmt: skip
    Task.objects.bulk_update(tasks, ["inspector"])


def _locked(task_id: int) -> Task:
    rows = Task.objects.select_for_update(of=("self",)).select_related("site__home", "candidate__draw__scope")
    task = rows.filter(pk=task_id).first()
    if task is None:
        raise NotFound
    return task


@transaction.atomic
def hand_over(*, task_id: int, inspector_id: int, by: Actor, now: datetime) -> Task:
    """The office gives an open task to another inspector, never to one who had a part in the first look."""
    task = _locked(task_id)
    reach = task.candidate.draw.scope.path
    if not by.system and not any(reach.startswith(scope) for scope in by.scopes()):
        raise NotFound
    chosen = User.objects.filter(pk=inspector_id).first()
    objections = [] if may(by, Permission.RECHECK_PLAN) else ["复核任务由区文明办安排。"]
    objections += [] if task.is_open else ["这件复核已经完成或撤回，不能再换人。"]
    if chosen is None or inspector_id not in _who_reaches([task.site], now)[task.site_id]:
        objections.append("请选一名在岗、辖区包含这个点位的巡查员。")
    elif task.barred.filter(pk=inspector_id).exists():
        objections.append(f"{chosen}参与过首次判定、整改或核查，须回避。")
    if Second.objects.filter(task=task).exclude(verdict="").exists():
        objections.append("现在的复核人已经开始判定，请等其完成。")
    if objections:
        raise Refused(objections)
    if task.inspector_id != inspector_id:
        task.inspector_id = inspector_id
        task.save(update_fields=["inspector"])
        record(
            kind="recheck.handed_over",
            subject_kind="recheck",
            subject_id=task.pk,
            by=by,
            now=now,
            inspector=inspector_id,
        )
    return task


def _own_open(task_id: int, by: Actor) -> Task:
    task = _locked(task_id)
    mine = Thing(assigned=frozenset({task.inspector_id} if task.inspector_id else set()))
    if task.withdrawn_at is not None or not may(by, Permission.RECHECK_DO, mine):
        raise NotFound("没有找到这件复核任务，它可能已撤回，或者已安排给别人。")
    return task


@transaction.atomic
def judge_again(
    *,
    task_id: int,
    criterion_code: str,
    verdict: str,
    note: str = "",
    photo_ids: Iterable[int] = (),
    client_key: str | None = None,
    found_at: datetime | None = None,
    sent_at: datetime | None = None,
    by: Actor,
    now: datetime,
) -> Second:
    """The second look at one criterion. A failed one opens a case as on a round; judging again corrects until finished.

    The same client key again changes nothing, also when it was judged otherwise since. `found_at` and `sent_at` by the
    clock of a phone that tells it late.
    """
    task = _own_open(task_id, by)
    row = Second.objects.filter(task=task, criterion__code=criterion_code).select_related("criterion").first()
    if row is None:
        raise Refused("这条标准不在这件复核任务里。")
    if taken_before(client_key, "recheck", task.pk):
        return row
    moment = _moment(task, found_at, sent_at, now)
    photos = known_photos(photo_ids, by=by)
    objections = _failed_objections(row, note, bool(photos)) if verdict == Verdict.FAIL else []
    objections += [] if verdict in Verdict.values else ["请选择合格、不合格或不适用。"]
    objections += ["这件复核已提交完成，不能再改判定。"] if task.finished_at is not None else []
    if objections:
        raise Refused(objections)
    _withdraw_case(row, verdict, now)
    row.verdict, row.note, row.found_at = verdict, note.strip()[:500], moment.at
    row.client_key = client_key or row.client_key
    row.save(update_fields=["verdict", "note", "found_at", "client_key", "case"])
    SecondPhoto.objects.bulk_create([SecondPhoto(second=row, photo=photo) for photo in photos], ignore_conflicts=True)
    record(
        kind="recheck.judged", subject_kind="recheck", subject_id=task.pk, by=by, now=now, client_key=client_key,
        criterion=criterion_code, verdict=verdict, **({"clock": moment.note} if moment.note else {}),
    )  # fmt: skip
    if verdict == Verdict.FAIL and row.case_id is None:
        _open_case(row, task, by=by, now=now)
    return row


def _moment(task: Task, found_at: datetime | None, sent_at: datetime | None, now: datetime) -> Judged:
    """When it was judged; a phone's word is weighed against the moment of receipt."""
    given_out = task.candidate.draw.drawn_at or now
    return judged_at(
        found_at=found_at if sent_at else None, sent_at=sent_at, received_at=now, earliest=min(given_out, now)
    )


def _failed_objections(row: Second, note: str, has_photo: bool) -> list[str]:
    said = []
    if row.criterion.photo_on_fail and not has_photo and not row.photos.exists():
        said.append("这条标准不合格时须拍一张现场照片。")
    if row.criterion.note_on_fail and not note.strip():
        said.append("这条标准不合格时须写明情况。")
    return said


def _open_case(row: Second, task: Task, *, by: Actor, now: datetime) -> None:
    site = Site.objects.select_related("home", "street", "owner").get(pk=task.site_id)
    shown = list(row.photos.values_list("photo_id", flat=True))
    row.case = open_found_case(
        site=site, criterion=row.criterion, finding_id=row.pk, note=row.note, photo_ids=shown, by=by, now=now,
        origin_kind="recheck",
    )  # fmt: skip
    row.save(update_fields=["case"])


def _withdraw_case(row: Second, verdict: str, now: datetime) -> None:
    """Another verdict on the same criterion: the case it opened is withdrawn while its unit has not begun."""
    if row.case_id is None or verdict == Verdict.FAIL:
        return
    case = Case.objects.get(pk=row.case_id)
    if case.flow_status not in _EARLY:
        raise Refused("这条不合格已立案并开始整改，不能改判。请在案件里说明情况。")
    cases.withdraw_found(case_id=case.pk, reason="复核人当场更正判定", by=SYSTEM, now=now)
    row.case = None


@transaction.atomic
def finish_recheck(
    *,
    task_id: int,
    rest_passes: bool,
    by: Actor,
    now: datetime,
    ended_at: datetime | None = None,
    sent_at: datetime | None = None,
) -> Task:
    """Done. `rest_passes`: the inspector states that everything not judged is in order. `ended_at` and `sent_at` by the
    clock of a phone that tells it late; repeating it changes nothing.
    """
    task = _own_open(task_id, by)
    if task.finished_at is not None:
        return task
    left = list(Second.objects.filter(task=task, verdict="").select_related("criterion").order_by("id"))
    if left and not rest_passes:
        raise Refused(f"还有 {len(left)} 条没有判定：{'、'.join(row.criterion.code for row in left[:8])}。")
    ended = _moment(task, ended_at, sent_at, now)
    for row in left:
        row.verdict, row.found_at = Verdict.PASS.value, ended.at
    Second.objects.bulk_update(left, ["verdict", "found_at"])
    task.finished_at = ended.at
    task.save(update_fields=["finished_at"])
    record(
        kind="recheck.finished", subject_kind="recheck", subject_id=task.pk, by=by, now=now, passed_together=len(left)
    )
    return task
