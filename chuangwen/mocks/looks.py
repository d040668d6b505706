"""Every way a look changes: given out, handed to somebody else, judged, finished; and the third one, when two differ."""

from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q

from chuangwen.evidence.queries import known_photos
from chuangwen.journal.once import taken_before
from chuangwen.journal.operations import record
from chuangwen.mocks.models import Answer, AnswerPhoto, Look, Mock, Place
from chuangwen.mocks.queries import HEAVY
from chuangwen.people.models import Post, User
from chuangwen.people.queries import reach_of
from chuangwen.places.models import Site
from chuangwen.rules.allocation import allocate_people
from chuangwen.rules.mock_rates import DISPUTED, FAIL, PASS, UNSEEN, VERDICTS, settle
from chuangwen.rules.permissions import SYSTEM, Actor, Permission, Role, Thing, may
from chuangwen.rules.refusals import NotFound, Refused
from chuangwen.standards.queries import checklists

NOT_FOUND = "没有找到这件测评任务，它可能已撤回，或者已安排给别人。"


def make_looks(*, mock: Mock, places: Sequence[Place], by: Actor, now: datetime) -> None:
    """Two looks a place, by different people as far as there are any; each gets the whole checklist of its type."""
    due = now + timedelta(days=mock.days_to_do)
    reached = _who_reaches([place.site_id for place in places], now)
    allowed: dict[int, AbstractSet[int]] = {place.pk: reached[place.site_id] for place in places}
    first = allocate_people(allowed, seed=f"{mock.sha256}|1")
    load: dict[int, int] = {}
    for person in first.values():
        load[person] = load.get(person, 0) + 1
    others = {pk: some - {first.get(pk, 0)} for pk, some in allowed.items()}
    second = allocate_people(others, seed=f"{mock.sha256}|2", load=load)
    looks = Look.objects.bulk_create(
        Look(place=place, part=part, assessor_id=given.get(place.pk), due_at=due)
        for place in places for part, given in ((1, first), (2, second))
    )  # fmt: skip
    lists = checklists([mock.edition_id])
    Answer.objects.bulk_create(
        Answer(look=look, criterion=criterion)
        for look in looks for criterion in lists.get((mock.edition_id, look.place.point_type), [])
    )  # fmt: skip
    record(
        kind="mock.looks_given", subject_kind="mock", subject_id=mock.pk, by=by, now=now, looks=len(looks),
        without_anybody=sum(look.assessor_id is None for look in looks),
    )  # fmt: skip


def _who_reaches(site_ids: Iterable[int], now: datetime) -> Mapping[int, frozenset[int]]:
    """site -> the inspectors on duty whose branch holds it."""
    today = now.date()
    on_duty = Q(starts_on__lte=today) & (Q(ends_on=None) | Q(ends_on__gte=today))
    posts = Post.objects.filter(on_duty, role=Role.INSPECTOR.value, user__is_active=True, unit__active=True)
    people = [(post.user_id, reach_of(post)) for post in posts.select_related("unit")]
    rows = Site.objects.filter(pk__in=set(site_ids)).values_list("pk", "home__path")
    return {pk: frozenset(who for who, reach in people if path.startswith(reach)) for pk, path in rows}


def candidates_for(look: Look, now: datetime) -> Sequence[User]:
    """Who may take this look: on duty, in reach, and with no look of their own at the place."""
    reach = _who_reaches([look.place.site_id], now)[look.place.site_id]
    taken = Look.objects.filter(place=look.place_id, assessor__isnull=False).exclude(pk=look.pk).values("assessor_id")
    return list(User.objects.filter(pk__in=reach).exclude(pk__in=taken).order_by("display_name"))


def _locked(look_id: int) -> Look:
    rows = Look.objects.select_for_update(of=("self",)).select_related("place__mock__scope", "place__site")
    look = rows.defer(*HEAVY).filter(pk=look_id).first()
    if look is None:
        raise NotFound(NOT_FOUND)
    return look


@transaction.atomic
def hand_look(*, look_id: int, assessor_id: int, by: Actor, now: datetime) -> Look:
    """The office gives an open look to somebody else, before it has begun."""
    look = _locked(look_id)
    reach = look.place.mock.scope.path
    if not by.system and not any(reach.startswith(scope) for scope in by.scopes()):
        raise NotFound(NOT_FOUND)
    objections = [] if may(by, Permission.MOCK_PLAN) else ["测评任务由区文明办安排。"]
    objections += [] if look.is_open else ["这件任务已经完成或撤回，不能再换人。"]
    if assessor_id not in {user.pk for user in candidates_for(look, now)}:
        objections.append("请选一名在岗、辖区包含这个点位、没有测过这个点位的测评员。")
    if Answer.objects.filter(look=look).exclude(verdict="").exists():
        objections.append("现在的测评员已经开始判定，请等其完成。")
    if objections:
        raise Refused(objections)
    if look.assessor_id != assessor_id:
        look.assessor_id = assessor_id
        look.save(update_fields=["assessor"])
        record(
            kind="mock.look_handed_over", subject_kind="mock_look", subject_id=look.pk, by=by, now=now,
            assessor=assessor_id,
        )  # fmt: skip
    return look


def _own_open(look_id: int, by: Actor) -> Look:
    look = _locked(look_id)
    mine = Thing(assigned=frozenset({look.assessor_id} if look.assessor_id else set()))
    if look.withdrawn_at is not None or not may(by, Permission.MOCK_DO, mine):
        raise NotFound(NOT_FOUND)
    return look


@transaction.atomic
def judge(
    *,
    look_id: int,
    criterion_code: str,
    verdict: str,
    note: str = "",
    photo_ids: Iterable[int] = (),
    client_key: str | None = None,
    by: Actor,
    now: datetime,
) -> Answer:
    """One criterion: passed, failed, facility missing, or not seen. Opens no case: nobody may learn of it meanwhile.

    Judging again corrects until the look is finished; the same client key again changes nothing.
    """
    look = _own_open(look_id, by)
    row = Answer.objects.filter(look=look, criterion__code=criterion_code).select_related("criterion").first()
    if row is None:
        raise Refused("这条标准不在这件测评任务里。")
    if taken_before(client_key, "mock_look", look.pk):
        return row
    photos = known_photos(photo_ids, by=by)
    objections = [] if verdict in VERDICTS else ["请选择合格、不合格、没有这项设施或没测到。"]
    objections += ["这件任务已提交完成，不能再改判定。"] if look.finished_at is not None else []
    if verdict == FAIL and row.criterion.photo_on_fail and not photos and not row.photos.exists():
        objections.append("这条标准不合格时须拍一张现场照片。")
    if verdict == FAIL and row.criterion.note_on_fail and not note.strip():
        objections.append("这条标准不合格时须写明情况。")
    if objections:
        raise Refused(objections)
    row.verdict, row.note, row.found_at = verdict, note.strip()[:500], now
    row.save(update_fields=["verdict", "note", "found_at"])
    AnswerPhoto.objects.bulk_create([AnswerPhoto(answer=row, photo=photo) for photo in photos], ignore_conflicts=True)
    record(
        kind="mock.judged", subject_kind="mock_look", subject_id=look.pk, by=by, now=now, client_key=client_key,
        criterion=criterion_code,
    )  # fmt: skip
    return row


@transaction.atomic
def finish_look(*, look_id: int, rest: str = "", by: Actor, now: datetime) -> Look:
    """Done. `rest`: what holds for everything not judged, "pass" or "skip". Repeating it changes nothing.

    When both first looks are done and differ, a third one is given out for the criteria in dispute alone.
    """
    look = _own_open(look_id, by)
    if look.finished_at is not None:
        return look
    left = list(Answer.objects.filter(look=look, verdict="").select_related("criterion").order_by("id"))
    if left and rest not in (PASS, UNSEEN):
        codes = "、".join(row.criterion.code for row in left[:8])
        raise Refused(f"还有 {len(left)} 条没有判定：{codes}。请说明它们是均合格，还是没测到。")
    for row in left:
        row.verdict, row.found_at = rest, now
    Answer.objects.bulk_update(left, ["verdict", "found_at"])
    look.finished_at = now
    look.save(update_fields=["finished_at"])
    record(kind="mock.look_finished", subject_kind="mock_look", subject_id=look.pk, by=by, now=now, together=len(left))
    if look.part < 3:
        _third(look.place, now)
    return look


def _third(place: Place, now: datetime) -> None:
    """The look that decides, when two finished ones differ."""
    Place.objects.select_for_update().get(pk=place.pk)  # two that finish at once take turns
    looks = list(Look.objects.filter(place=place))
    if len(looks) != 2 or any(look.finished_at is None for look in looks):
        return
    seen: dict[int, dict[int, str]] = {1: {}, 2: {}}
    parts = {look.pk: look.part for look in looks}
    for look_id, criterion_id, verdict in Answer.objects.filter(look__in=looks).values_list(
        "look_id", "criterion_id", "verdict"
    ):
        seen[parts[look_id]][criterion_id] = verdict
    disputed = [pk for pk in seen[1] if settle(seen[1][pk], seen[2].get(pk, UNSEEN)) == DISPUTED]
    if not disputed:
        return
    allowed = _who_reaches([place.site_id], now)[place.site_id] - {look.assessor_id or 0 for look in looks}
    given = allocate_people({place.pk: allowed}, seed=f"{place.mock.sha256}|3", load=_load(place.mock_id))
    third = Look.objects.create(
        place=place, part=3, assessor_id=given.get(place.pk), due_at=now + timedelta(days=place.mock.days_to_do)
    )
    Answer.objects.bulk_create(Answer(look=third, criterion_id=pk) for pk in disputed)
    record(
        kind="mock.disputed", subject_kind="mock_look", subject_id=third.pk, by=SYSTEM, now=now, criteria=len(disputed)
    )


def _load(mock_id: int) -> dict[int, int]:
    load: dict[int, int] = {}
    rows = Look.objects.filter(place__mock=mock_id, finished_at=None, withdrawn_at=None, assessor__isnull=False)
    for person in rows.values_list("assessor_id", flat=True):
        load[person or 0] = load.get(person or 0, 0) + 1
    return load
