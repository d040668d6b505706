"""Reading mock examinations. An assessor sees their own looks; what others saw is for the office and for leaders, and
not for them either while they have a look of their own to do in that examination.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, Prefetch, Q, QuerySet

from chuangwen.evidence.models import Photo
from chuangwen.mocks.figures import settled
from chuangwen.mocks.models import Answer, AnswerPhoto, Look, Mock
from chuangwen.mocks.reporting import report_of
from chuangwen.places.models import Site
from chuangwen.rules.mock_rates import FAIL, PASS
from chuangwen.rules.permissions import OFFICE, Actor, Permission, Role, Thing, may
from chuangwen.rules.refusals import NotFound
from chuangwen.standards.models import Criterion

HEAVY = tuple(f"place__mock__{name}" for name in ("snapshot", "record", "report"))
_OPEN = Q(finished_at=None, withdrawn_at=None)
GONE = "没有找到这件测评任务，它可能已撤回，或者已安排给别人。"
OWN_FIRST = "您在这次测评里还有没完成的任务，完成后才能看别人的判定和得分率。"


def mocks_for(actor: Actor) -> QuerySet[Mock]:
    """Those whose branch lies within reach of the office or a leader, newest first."""
    rows = Mock.objects.select_related("scope", "edition").defer("snapshot", "record", "report")
    if actor.system:
        return rows
    reach = Q(pk__in=[])
    for scope in set(actor.scopes(*OFFICE, Role.LEADER)):
        reach |= Q(scope__path__startswith=scope)
    return rows.filter(reach)


def with_progress(mocks: QuerySet[Mock]) -> QuerySet[Mock]:
    """Adds `looks_count` and `done_count`."""
    live = Q(places__looks__isnull=False, places__looks__withdrawn_at=None)
    done = Q(places__looks__finished_at__isnull=False)
    return mocks.annotate(
        looks_count=Count("places__looks", filter=live), done_count=Count("places__looks", filter=done)
    )


def mock_for(actor: Actor, mock_id: int) -> Mock:
    """One of them with its list and record."""
    found = mocks_for(actor).defer(None).select_related("scope", "edition").filter(pk=mock_id).first()
    if found is None or not may(actor, Permission.MOCK_SEE):
        raise NotFound
    return found


def open_for(actor: Actor, mock_id: int) -> Mock:
    """The same for pages with verdicts and rates: not for who still has to look without knowing them."""
    mock = mock_for(actor, mock_id)
    if Look.objects.filter(_OPEN, place__mock=mock_id, assessor_id=actor.user_id or 0).exists():
        raise NotFound(OWN_FIRST)
    return mock


def looks_of(mock: Mock, state: str = "", now: datetime | None = None) -> QuerySet[Look]:
    """The looks of an examination: all, open, late, unassigned, done or third."""
    rows = Look.objects.filter(place__mock=mock).select_related("place__site", "assessor")
    conditions = {
        "open": _OPEN, "late": _OPEN & Q(due_at__lt=now), "unassigned": _OPEN & Q(assessor=None),
        "done": Q(finished_at__isnull=False), "third": Q(part=3),
    }  # fmt: skip
    return rows.filter(conditions.get(state, Q())).order_by("due_at", "id")


def look_for(actor: Actor, look_id: int) -> Look:
    """A look for the office that gives it out: the place and the person, no verdicts."""
    rows = Look.objects.select_related("place__mock__scope", "place__site__home", "assessor").defer(*HEAVY)
    found = rows.filter(pk=look_id, place__mock__in=mocks_for(actor).values("pk")).first()
    if found is None:
        raise NotFound(GONE)
    return found


def disputes_of(mock: Mock) -> Sequence[Answer]:
    """The criteria that went to a third look, with the place."""
    rows = Answer.objects.filter(look__place__mock=mock, look__part=3)
    rows = rows.select_related("criterion", "look__place__site", "look__assessor")
    return list(rows.order_by("look__place__point_type", "look__place__number", "criterion__position")[:400])


def first_two(rows: Iterable[Answer]) -> dict[tuple[int, int], dict[int, Answer]]:
    """(place, criterion) -> part -> what the first two answered there."""
    places = {row.look.place_id for row in rows}
    found: dict[tuple[int, int], dict[int, Answer]] = {}
    answers = Answer.objects.filter(look__place__in=places, look__part__in=(1, 2), look__finished_at__isnull=False)
    for answer in answers.select_related("look").prefetch_related("photos"):
        found.setdefault((answer.look.place_id, answer.criterion_id), {})[answer.look.part] = answer
    return found


# --- the assessor's own ---


def my_looks(user_id: int) -> Sequence[Look]:
    """What an assessor has to look at, the most urgent first, with how many criteria."""
    rows = Look.objects.filter(_OPEN, assessor_id=user_id, place__mock__cancelled_at=None)
    return list(
        rows.select_related("place__site__street").annotate(criteria=Count("answers")).order_by("due_at", "id")[:50]
    )


def my_look(actor: Actor, look_id: int) -> tuple[Look, Sequence[Answer]]:
    """The actor's own look with their own answers; nothing of anybody else."""
    look = own_look(actor, look_id)
    rows = Answer.objects.filter(look=look).select_related("criterion__content")
    photos = Prefetch("photos", AnswerPhoto.objects.order_by("id"))
    return look, list(rows.prefetch_related(photos).order_by("criterion__position", "criterion__code"))


def own_look(actor: Actor, look_id: int) -> Look:
    """The actor's own look and its place; NotFound for anybody else's."""
    look = Look.objects.select_related("place__site__street").filter(pk=look_id).first()
    mine = Thing(assigned=frozenset({look.assessor_id} if look and look.assessor_id else set()))
    if look is None or look.withdrawn_at is not None or not may(actor, Permission.MOCK_DO, mine):
        raise NotFound(GONE)
    return look


def answer_photo_for(actor: Actor, look_id: int, photo_id: int) -> Photo:
    """A photo of an answer: for its assessor, and for who may read the answers of the examination."""
    found = AnswerPhoto.objects.filter(answer__look=look_id, photo=photo_id).select_related("photo", "answer__look")
    row = found.first()
    if row is None:
        raise NotFound
    look = row.answer.look
    if actor.user_id is not None and look.assessor_id == actor.user_id:
        return row.photo
    mock_id = Look.objects.filter(pk=look_id).values_list("place__mock", flat=True).get()
    if look.finished_at is None:
        raise NotFound
    open_for(actor, mock_id)
    return row.photo


# --- for other rooms ---


@dataclass(frozen=True)
class MockObservation:
    """One criterion at one place of a finished mock examination, after adjudication; by whose look it was decided."""

    site_code: str
    site_type: str
    street: str
    criterion: str
    observed_at: datetime
    passed: bool
    inspector_id: int | None


@dataclass(frozen=True)
class MockResult:
    """The rate of a finished mock examination from 0 to 1 with its 95 % interval (the rate itself where there is none)."""

    name: str
    finished_at: datetime
    rate: float
    low: float
    high: float


def _finished() -> QuerySet[Mock]:
    return Mock.objects.filter(closed_at__isnull=False, cancelled_at=None).select_related("edition")


def observations(edition_id: int) -> Iterable[MockObservation]:
    """What was measured in finished mock examinations of an edition, the oldest first; missing facilities and what was
    not measured are left out.
    """
    for mock in _finished().filter(edition=edition_id).order_by("closed_at", "pk"):
        found = settled(mock)
        sites = dict(mock.places.values_list("pk", "site__code"))
        for row, (_, at, who) in zip(found.rows, found.decided_by, strict=True):
            if row.verdict in (PASS, FAIL):
                place = found.places[row.place]
                yield MockObservation(
                    sites[row.place], place.point_type, place.street, row.criterion, at or mock.closed_at or mock.published_at,
                    row.verdict == PASS, who,
                )  # fmt: skip


def results() -> tuple[MockResult, ...]:
    """Finished mock examinations, the oldest first; one without a single measured criterion has no rate and is left out."""
    found = []
    for mock in _finished().order_by("closed_at", "pk"):
        report: dict[str, Any] = mock.report or report_of(mock, now=mock.closed_at or mock.published_at)
        total, closed_at = report["total"], mock.closed_at
        if total["rate"] is not None and closed_at is not None:
            low, high = (total["rate"] if total[end] is None else total[end] for end in ("low", "high"))
            found.append(MockResult(mock.name, closed_at, total["rate"], low, high))
    return tuple(found)


# --- planning ---


@dataclass(frozen=True)
class Kind:
    """A point type that may go into a plan: how many places there are within reach, on how many criteria."""

    code: str
    name: str
    places: int
    criteria: int


def plan_kinds(actor: Actor, edition_id: int) -> Sequence[Kind]:
    """The point types that have places within reach and a checklist in this edition, in their order."""
    reach = Q(pk__in=[])
    for scope in set(actor.scopes(*OFFICE)):
        reach |= Q(home__path__startswith=scope)
    sites = Site.objects.filter(reach, active=True).values("point_type").annotate(n=Count("pk")).order_by()
    there = {row["point_type"]: row["n"] for row in sites}
    rows = Criterion.objects.filter(edition=edition_id, method="field", point_type__in=there)
    counted = rows.values("point_type", "point_type__name").annotate(n=Count("pk"))
    return [
        Kind(row["point_type"], row["point_type__name"], there[row["point_type"]], row["n"])
        for row in counted.order_by("point_type__position", "point_type")
    ]
