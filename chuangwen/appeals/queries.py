"""Reading appeals: who may see which, what waits for whom, and what was granted as others count it."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.db.models import Exists, FilteredRelation, OuterRef, Q, QuerySet

from chuangwen.appeals.models import Appeal, Review, TermSet, Window
from chuangwen.cases.models import Case, CasePhoto
from chuangwen.evidence.models import Photo
from chuangwen.journal.queries import events_of
from chuangwen.patrols.models import Finding, FindingPhoto
from chuangwen.people.models import Unit
from chuangwen.rules import appeals as rules
from chuangwen.rules.appeals import EFFECT_LABELS, OUTCOME_LABELS, STATE_LABELS, Effect, Outcome, State, Subject, Terms
from chuangwen.rules.case_flow import FINISHED
from chuangwen.rules.deadlines import SHANGHAI
from chuangwen.rules.permissions import OFFICE, UNIT, Actor, Permission, Role, may
from chuangwen.rules.refusals import NotFound
from chuangwen.standards.queries import work_calendar

_DETAIL = (
    "unit", "home", "window", "case__home", "case__unit", "case__site", "case__street", "finding__criterion",
    "finding__visit__site__home", "finding__visit__site__street", "raised_by", "escalated_by",
)  # fmt: skip
_HANDS = {"case.rectify", "case.verify", "case.reject"}  # moves that make somebody a party to how a case came out
_OUTCOMES_GRANTED = [Outcome.GRANTED.value, Outcome.PARTLY.value]


def state_words() -> dict[str, str]:
    """Where an appeal can stand."""
    return {state.value: label for state, label in STATE_LABELS.items()}


def outcome_words() -> dict[str, str]:
    """What an appeal can come to."""
    return {outcome.value: label for outcome, label in OUTCOME_LABELS.items()}


def effect_words() -> dict[str, str]:
    """How something is counted after an appeal."""
    return {effect.value: label for effect, label in EFFECT_LABELS.items()}


# --- terms and windows ---


def _above(path: str) -> list[str]:
    """The paths of a unit and of every unit above it."""
    return [path[: place + 1] for place, letter in enumerate(path) if letter == "/" and place]


def terms_for(unit: Unit) -> Terms:
    """The set times and grounds that hold for a unit: those of the nearest branch above it, else the built-in ones."""
    rows = TermSet.objects.filter(scope__path__in=_above(unit.path)).select_related("scope")
    nearest = max(rows, key=lambda row: len(row.scope.path), default=None)
    return nearest.terms if nearest is not None else Terms()


def terms_scope(actor: Actor) -> Unit:
    """The branch for which this person may set the terms."""
    own = min(actor.scopes(Role.OFFICE_CHIEF), key=len, default="")
    found = Unit.objects.filter(path=own).first()
    if found is None:
        raise NotFound
    return found


def own_terms(scope: Unit) -> TermSet | None:
    """The terms that a branch set itself."""
    return TermSet.objects.filter(scope=scope).first()


def window_of(sheet_id: int) -> Window | None:
    """The window in which a sheet was shown."""
    return Window.objects.filter(sheet_id=sheet_id).select_related("scope").first()


def window_holding(scope_id: int, rule_name: str, start: date, end: date) -> Window | None:
    """The latest window of a period under a rule."""
    rows = Window.objects.filter(scope_id=scope_id, rule_name=rule_name, starts_on=start, ends_on=end)
    return rows.order_by("-opened_at", "-id").first()


def is_open(window: Window, now: datetime) -> bool:
    """Whether units can still object."""
    return window.released_at is None and window.opened_at <= now < window.closes_at


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), SHANGHAI)


def _within(start: date, end: date) -> Q:
    """Appeals about a period: of its windows, of cases reported in it, of findings made in it."""
    opens, closes = _midnight(start), _midnight(end + timedelta(days=1))
    return (
        Q(window__starts_on=start, window__ends_on=end)
        | Q(case__reported_at__gte=opens, case__reported_at__lt=closes)
        | Q(finding__visit__finished_at__gte=opens, finding__visit__finished_at__lt=closes)
    )


# --- doors ---


def visible_to(actor: Actor) -> Q:
    """The appealing unit and those above it, the office and the leaders of the place."""
    reach = Q(pk__in=[])
    for scope in set(actor.scopes(*OFFICE, Role.LEADER)):
        reach |= Q(home__path__startswith=scope)
    for path in set(actor.unit_paths(*UNIT)):
        reach |= Q(unit__path__startswith=path)
    return reach


def appeals_for(actor: Actor) -> QuerySet[Appeal]:
    """The appeals an actor may look at, newest first."""
    if not may(actor, Permission.APPEAL_SEE):
        return Appeal.objects.none()
    return Appeal.objects.filter(visible_to(actor)).select_related(*_DETAIL).order_by("-id")


def listed(
    actor: Actor, *, state: str = "", outcome: str = "", late: bool = False, mine: bool = False,
    start: date | None = None, end: date | None = None, effects: Collection[str] = (), now: datetime,
) -> QuerySet[Appeal]:  # fmt: skip
    """The list with its conditions. `late`: undecided past its limit; `mine`: waits for this person."""
    rows = to_review(actor) if mine else appeals_for(actor)
    rows = rows.filter(state=state) if state else rows
    rows = rows.filter(outcome=outcome) if outcome else rows
    rows = rows.filter(effect__in=effects) if effects else rows
    rows = rows.filter(act_by__lt=now) if late else rows
    return rows.filter(_within(start, end)) if start and end else rows


def appeal_for(actor: Actor, appeal_id: int) -> Appeal:
    """The door. Unseen and unknown look alike."""
    found = appeals_for(actor).filter(pk=appeal_id).first()
    if found is None:
        raise NotFound
    return found


def reviews_of(appeal: Appeal) -> Sequence[Review]:
    """What the reviewers said, in order."""
    return list(Review.objects.filter(appeal=appeal).select_related("by"))


@dataclass(frozen=True)
class Pictures:
    """The pictures of an appeal: the evidence of the unit, what was found, what was put right."""

    given: Sequence[int]
    before: Sequence[int]
    after: Sequence[int]


def pictures_of(appeal: Appeal) -> Pictures:
    """The ids of all pictures that belong to an appeal."""
    given = list(appeal.photos.values_list("photo_id", flat=True))
    before: list[int] = []
    after: list[int] = []
    if appeal.case_id is not None:
        for photo_id, role in CasePhoto.objects.filter(case_id=appeal.case_id).values_list("photo_id", "role"):
            (after if role == "after" else before).append(photo_id)
    if appeal.finding_id is not None:
        before = list(FindingPhoto.objects.filter(finding_id=appeal.finding_id).values_list("photo_id", flat=True))
    return Pictures(given, before, after)


def appeal_photo_for(actor: Actor, appeal_id: int, photo_id: int) -> Photo:
    """A picture through the door of its appeal."""
    found = pictures_of(appeal_for(actor, appeal_id))
    if photo_id not in {*found.given, *found.before, *found.after}:
        raise NotFound
    return Photo.objects.get(pk=photo_id)


# --- who can do what ---


def involved_in(appeal: Appeal, reviews: Sequence[Review] | None = None) -> frozenset[int]:
    """Who had a hand in it: found it, put it right or checked it, appealed, or reviewed it before.

    `reviews`: what the reviewers said, where it is at hand already.
    """
    people = {appeal.raised_by_id, appeal.escalated_by_id}
    people |= {review.by_id for review in (reviews_of(appeal) if reviews is None else reviews)}
    if appeal.case is not None:
        people |= {appeal.case.reported_by_id, appeal.case.rectified_by_id}
        people |= {event.actor_id for event in events_of("case", appeal.case.pk) if event.kind in _HANDS}
    if appeal.finding is not None:
        people.add(appeal.finding.visit.inspector_id)
    return frozenset(pk for pk in people if pk is not None)


REVIEWS: dict[State, tuple[rules.Step, Permission, int]] = {
    State.RAISED: (rules.Step.PROPOSE, Permission.APPEAL_PROPOSE, 1),
    State.PROPOSED: (rules.Step.DECIDE, Permission.APPEAL_DECIDE, 2),
    State.ESCALATED: (rules.Step.FINISH, Permission.APPEAL_FINISH, 3),
}


def may_review(actor: Actor, appeal: Appeal, reviews: Sequence[Review] | None = None) -> bool:
    """Whether the present step is this person's."""
    if (step := REVIEWS.get(appeal.flow_state)) is None:
        return False
    return may(actor, step[1], appeal.thing()) and may(actor, step[1], appeal.thing(involved_in(appeal, reviews)))


def may_escalate(actor: Actor, appeal: Appeal, now: datetime) -> bool:
    """Whether this person can ask the next level to look at a refusal."""
    running = appeal.escalate_until is not None and now < appeal.escalate_until and not released(appeal)
    refused = appeal.flow_state is State.DECIDED and appeal.outcome == Outcome.REFUSED
    return refused and running and may(actor, Permission.APPEAL_ESCALATE, appeal.thing())


def released(appeal: Appeal) -> bool:
    """Whether the month that it objects to is released: then nothing can change any more."""
    return appeal.window is not None and appeal.window.released_at is not None


def to_review(actor: Actor) -> QuerySet[Appeal]:
    """What waits for this person's review, the most urgent first. Their own unit's and their own hands' are not in it."""
    wanted = Q(pk__in=[])
    roles = {State.RAISED: Role.OFFICE_CLERK, State.PROPOSED: Role.OFFICE_CHIEF, State.ESCALATED: Role.LEADER}
    for state, role in roles.items():
        for scope in set(actor.scopes(role)):
            wanted |= Q(state=state.value, home__path__startswith=scope)
    own = Q(unit__path__in=actor.unit_paths())
    for path in actor.unit_paths(Role.UNIT_CHIEF, Role.UNIT_WORKER, Role.GRID_WORKER):
        own |= Q(unit__path__startswith=path)
    me = actor.user_id or 0
    hand = Q(case__rectified_by=me) | Q(case__reported_by=me) | Q(finding__visit__inspector=me) | Q(raised_by=me)
    seen_before = Exists(Review.objects.filter(appeal=OuterRef("pk"), by_id=me))
    not_mine = Appeal.objects.filter(own | hand).values("pk")
    rows = Appeal.objects.filter(wanted).exclude(pk__in=not_mine).exclude(seen_before)
    return rows.select_related(*_DETAIL).order_by("act_by", "id")


def is_counted(case: Case, now: datetime) -> bool:
    """Whether a case counts against its unit as late or reworked, so that it stands in a sheet that is shown."""
    return case.rework_count > 0 or case.is_late(now)


def case_appeal_until(case: Case, now: datetime) -> datetime | None:
    """Until when the handling unit can appeal: some working days after closing, or while a sheet with it is shown.

    One statement: the terms and the open windows of the branches above the place.
    """
    day = case.reported_at.astimezone(SHANGHAI).date()
    running = Q(
        appeal_windows__starts_on__lte=day, appeal_windows__ends_on__gte=day, appeal_windows__released_at=None,
        appeal_windows__opened_at__lte=now, appeal_windows__closes_at__gt=now,
    )  # fmt: skip
    rows = (
        Unit.objects.filter(path__in=_above(case.home.path))
        .annotate(running=FilteredRelation("appeal_windows", condition=running))
        .values_list("path", "appeal_terms__appeal_days", "running__closes_at")
    )
    days, ends = Terms().appeal_days, []
    for _path, own_days, closes_at in sorted(rows, key=lambda row: len(row[0])):
        days = own_days if own_days is not None else days
        if closes_at is not None and (case.flow_status in FINISHED or is_counted(case, now)):
            ends.append(closes_at)
    if case.flow_status in FINISHED and case.ended_at is not None and case.unit is not None:
        ends.append(rules.end_of(case.ended_at, days, work_calendar()))
    return max(ends, default=None)


def may_appeal_case(actor: Actor, case: Case, now: datetime) -> bool:
    """Whether this person's unit can still appeal this case, for the first time."""
    if not may(actor, Permission.APPEAL_RAISE, case.thing()):
        return False
    until = case_appeal_until(case, now)
    return until is not None and now < until


def appeal_of_case(actor: Actor, case_id: int) -> Appeal | None:
    """The appeal about a case, as far as this person may see it."""
    return appeals_for(actor).filter(case_id=case_id).first() if may(actor, Permission.APPEAL_SEE) else None


# --- what was granted, as others count it ---


@dataclass(frozen=True)
class Granted:
    """A granted appeal as a frozen fact: how something is to be counted, by which appeal, since when."""

    appeal_id: int
    unit_id: int
    unit_name: str
    about: str
    subject: Subject
    effect: Effect
    part: str
    case_id: int | None
    finding_id: int | None
    origin_finding_id: int | None  # the finding that opened a case
    settled_at: datetime


def _as_granted(appeal: Appeal) -> Granted:
    case = appeal.case
    found = case.origin_id if case is not None and case.origin_kind == "finding" else None
    return Granted(
        appeal.pk, appeal.unit_id, appeal.unit.name, appeal.about, Subject(appeal.subject), Effect(appeal.effect),
        appeal.part, appeal.case_id, appeal.finding_id, found,
        appeal.settled_at or appeal.raised_at,
    )  # fmt: skip


def _granted(known_at: datetime | None) -> QuerySet[Appeal]:
    rows = Appeal.objects.filter(outcome__in=_OUTCOMES_GRANTED).select_related(*_DETAIL).order_by("pk")
    return rows if known_at is None else rows.filter(settled_at__lte=known_at)


def granted_within(scope_path: str, start: date, end: date, known_at: datetime | None = None) -> list[Granted]:
    """Every appeal about a period that was granted in a branch, as known at a moment."""
    rows = _granted(known_at).filter(_within(start, end), home__path__startswith=scope_path)
    return [_as_granted(appeal) for appeal in rows]


def granted_for(unit_ids: Iterable[int], start: date, end: date, known_at: datetime | None = None) -> list[Granted]:
    """The same for some units."""
    rows = _granted(known_at).filter(_within(start, end), unit_id__in=list(unit_ids))
    return [_as_granted(appeal) for appeal in rows]


def lifted_findings(known_at: datetime | None = None) -> Q:
    """A condition on findings: those that are not counted because an appeal was granted."""
    when = {} if known_at is None else {"settled_at__lte": known_at}
    own = Appeal.objects.filter(outcome__in=_OUTCOMES_GRANTED, finding__isnull=False, **when)
    untrue = Appeal.objects.filter(
        outcome__in=_OUTCOMES_GRANTED, effect=Effect.NOT_COUNTED.value, case__origin_kind="finding",
        case__origin_id__isnull=False, **when,
    )  # fmt: skip
    return Q(pk__in=own.values("finding_id")) | Q(pk__in=untrue.values("case__origin_id"))


@dataclass(frozen=True)
class Counts:
    """How many objections there were about a period and what became of them."""

    raised: int = 0
    granted: int = 0
    partly: int = 0
    refused: int = 0
    undecided: int = 0


def about_period(scope_path: str, start: date, end: date) -> QuerySet[Appeal]:
    """Every appeal about a period in a branch."""
    rows = Appeal.objects.filter(_within(start, end), home__path__startswith=scope_path)
    return rows.select_related(*_DETAIL).order_by("pk")


def counted(rows: Sequence[Appeal]) -> Counts:
    """How many of these came to what."""
    ended = [appeal.outcome for appeal in rows if not appeal.is_open]
    return Counts(
        len(rows), ended.count(Outcome.GRANTED), ended.count(Outcome.PARTLY), ended.count(Outcome.REFUSED),
        len(rows) - len(ended),
    )  # fmt: skip


def granted_of(rows: Sequence[Appeal]) -> list[Granted]:
    """Those of these that are granted."""
    return [_as_granted(appeal) for appeal in rows if appeal.outcome in _OUTCOMES_GRANTED]


def counts_for(scope_path: str, start: date, end: date) -> Counts:
    """The objections about a month (or other period) of a branch, counted as they stand now."""
    return counted(list(about_period(scope_path, start, end)))


def standing_in_the_way(scope_path: str, start: date, end: date, now: datetime) -> list[str]:
    """The appeals that keep a period from being released, each by name: not decided, or not yet final."""
    found = []
    for appeal in about_period(scope_path, start, end):
        name = f"申诉 {appeal.pk} 号（{appeal.unit.name}，{appeal.about}）"
        if appeal.is_open:
            found.append(f"{name}{appeal.get_state_display()}，决定后才能发布。")
        elif appeal.escalate_until is not None and now < appeal.escalate_until and appeal.state == State.DECIDED:
            until = appeal.escalate_until.astimezone(SHANGHAI)
            found.append(f"{name}不成立，{until.month}月{until.day}日{until.hour}时前可以申请复核，过后才能发布。")
    return found


def finding_for(finding_id: int) -> Finding:
    """A finding with what an appeal about it says."""
    rows = Finding.objects.select_related("criterion", "visit__site__home", "visit__site__street", "visit__patrol")
    found = rows.filter(pk=finding_id).first()
    if found is None:
        raise NotFound
    return found
