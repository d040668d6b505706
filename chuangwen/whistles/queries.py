"""Reading whistles: the doors, the lists, one whistle as one person sees it, and the facts of its printed sheet."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Exists, OuterRef, Prefetch, Q, QuerySet

from chuangwen.cases.models import Case, CasePhoto
from chuangwen.evidence.models import Photo
from chuangwen.people.models import Unit, UnitKind
from chuangwen.rules.case_flow import PARTS_OPEN, Status
from chuangwen.rules.permissions import OFFICE, UNIT, Actor, Permission, Role, Thing, may
from chuangwen.rules.refusals import NotFound
from chuangwen.rules.whistles import Turn, may_object
from chuangwen.whistles.models import Objection, ObjectionState, Promise, Summons, Whistle, WhistleState

SUMMONED_KINDS = (UnitKind.DEPARTMENT, UnitKind.REGULATOR, UnitKind.OTHER)
_SEES = (*OFFICE, Role.LEADER, *UNIT)
_CAN_JOIN = sorted(status.value for status in PARTS_OPEN - {Status.SUSPENDED})


def states() -> Mapping[str, str]:
    """Where a whistle can stand."""
    return {state.value: str(state.label) for state in WhistleState}


def streets_of(actor: Actor) -> Sequence[Unit]:
    """The streets for which this person can whistle: those in which they hold a unit's post."""
    ids = [post.unit_id for post in actor.posts if post.role in UNIT]
    return list(Unit.objects.filter(pk__in=ids, kind=UnitKind.STREET, active=True).order_by("path")) if ids else []


def summonable(street: Unit) -> QuerySet[Unit]:
    """Whom a street can call: departments of its own district. What lies below it is its own means."""
    district = street.path.rsplit("/", 2)[0] + "/"
    rows = Unit.objects.filter(kind__in=SUMMONED_KINDS, path__startswith=district, active=True)
    return rows.exclude(path__startswith=street.path).order_by("path")


def promises(*, everything: bool = False) -> Sequence[Promise]:
    """The kinds of promise; those in use only, unless everything is asked for."""
    rows = Promise.objects.order_by("pk")
    return list(rows if everything else rows.filter(active=True))


def case_to_whistle(actor: Actor, street: Unit, case_id: int) -> Case | None:
    """An open case of this street that other units can still join."""
    mine = Q(street=street) | Q(home__path__startswith=street.path) | Q(unit__path__startswith=street.path)
    rows = Case.objects.visible_to(actor).filter(mine, pk=case_id, status__in=_CAN_JOIN)
    return rows.select_related("home", "unit", "site").first()


# --- who may know of it ----------------------------------------------------------------------------------------------


def whistles_for(actor: Actor) -> QuerySet[Whistle]:
    """What an actor may know of: the street's, the summoned units', and those above either of them."""
    if actor.system:
        return Whistle.objects.all()
    reach = Q(pk__in=[])
    for scope in set(actor.scopes(*_SEES)):
        called = Summons.objects.filter(part__unit__path__startswith=scope).values("whistle")
        reach |= Q(street__path__startswith=scope) | Q(pk__in=called)
    return Whistle.objects.filter(reach)


def whistle_for(actor: Actor, whistle_id: int) -> Whistle:
    """The door. Unseen and unknown look alike."""
    rows = whistles_for(actor).select_related(
        "street", "case__home", "case__unit", "case__site", "blown_by", "ended_by"
    )
    found = rows.filter(pk=whistle_id).first()
    if found is None:
        raise NotFound
    return found


def whistle_of_case(actor: Actor, case_id: int) -> Whistle | None:
    """The newest whistle of a case, for whoever may know of it."""
    rows = whistles_for(actor).filter(case=case_id).select_related("street")
    return rows.order_by("-blown_at", "-pk").first()


def own_units(actor: Actor) -> Sequence[int]:
    """The units in which somebody holds a unit's post."""
    return [post.unit_id for post in actor.posts if post.role in UNIT]


def _mine(actor: Actor) -> Q:
    """Of the own street or to the own unit; for the office, those with an objection that waits."""
    ids = own_units(actor)
    mine = Q(street__in=ids) | Q(pk__in=Summons.objects.filter(part__unit__in=ids).values("whistle"))
    if actor.roles & set(OFFICE):
        mine |= Q(pk__in=Objection.objects.filter(state=ObjectionState.WAITING).values("summons__whistle"))
    return mine


def _late(now: datetime) -> Q:
    step = Summons.objects.filter(whistle=OuterRef("pk"), act_by__lt=now)
    waiting = Objection.objects.filter(summons__whistle=OuterRef("pk"), state=ObjectionState.WAITING, decide_by__lt=now)
    return Q(Exists(step)) | Q(Exists(waiting))


def listed(
    actor: Actor, *, state: str = "", mine: bool = False, late: bool = False, now: datetime
) -> QuerySet[Whistle]:
    """The list, newest first, with the departments of each."""
    rows = whistles_for(actor)
    if state:
        rows = rows.filter(state=state)
    if mine:
        rows = rows.filter(_mine(actor))
    if late:
        rows = rows.filter(_late(now))
    departments = Prefetch("summonses", Summons.objects.select_related("part__unit"))
    return rows.select_related("street").prefetch_related(departments).order_by("-blown_at", "-id")


# --- one whistle -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class SeenSummons:
    """One department of a whistle, and what this person can do there now."""

    summons: Summons
    objection: Objection | None
    turn: Turn | None
    answers: bool
    leads: bool
    may_object: bool
    proposes: bool
    decides: bool

    @property
    def part(self) -> object:
        """Its part of the case."""
        return self.summons.part

    @property
    def may_see_arrival(self) -> bool:
        """Whether the street has still to say whether they came."""
        arrived = self.summons.arrived_at is not None and self.summons.arrival_confirmed_at is None
        return self.leads and arrived

    @property
    def may_send_back(self) -> bool:
        """Whether the street can say that it is not done."""
        return self.leads and self.summons.part.finished_at is not None

    @property
    def may_rate_fit(self) -> bool:
        """Whether the department has still to say whether the whistle was fit."""
        return self.answers and not self.summons.part.is_open and self.summons.fit_at is None


@dataclass(frozen=True)
class Seen:
    """A whistle as one person sees it."""

    whistle: Whistle
    summonses: Sequence[SeenSummons]
    leads: bool
    photos: Sequence[CasePhoto]

    @property
    def waiting_units(self) -> Sequence[str]:
        """Those whose part is open."""
        return [one.summons.part.unit.name for one in self.summonses if one.summons.part.is_open]

    @property
    def to_rate(self) -> Sequence[Summons]:
        """Those whom the street rates when it closes the whistle."""
        return [one.summons for one in self.summonses if one.summons.part.taken_off_at is None]

    @property
    def may_close(self) -> bool:
        """Whether only the street's word is missing."""
        unseen = [one for one in self.to_rate if one.arrival_confirmed_at is None]
        return self.leads and not self.waiting_units and not unseen

    @property
    def may_call_off(self) -> bool:
        """Whether it can still be said that it was a mistake."""
        return self.leads and all(one.summons.arrived_at is None for one in self.summonses)


def _objection(summons: Summons) -> Objection | None:
    return getattr(summons, "objection", None)


def _seen_summons(actor: Actor, whistle: Whistle, summons: Summons) -> SeenSummons:
    objection, office = _objection(summons), Thing(home=whistle.street.path)
    answers = may(actor, Permission.WHISTLE_ANSWER, Thing(handler=summons.part.unit.path))
    waiting = objection is not None and objection.is_open
    return SeenSummons(
        summons=summons, objection=objection, turn=summons.turn, answers=answers,
        leads=whistle.is_open and may(actor, Permission.WHISTLE_BLOW, Thing(handler=whistle.street.path)),
        may_object=answers and not may_object(summons.facts, before=1 if objection else 0),
        proposes=waiting and may(actor, Permission.WHISTLE_PROPOSE, office),
        decides=waiting and may(actor, Permission.WHISTLE_DECIDE, office),
    )  # fmt: skip


def _summonses(whistle: Whistle) -> Sequence[Summons]:
    rows = Summons.objects.filter(whistle=whistle).select_related(
        "part__unit", "part__finished_by", "confirmed_by", "arrived_by", "objection__raised_by", "objection__proposed_by",
        "objection__decided_by", "moved_from__part__unit",
    )  # fmt: skip
    return list(rows.order_by("pk"))


def seen_by(actor: Actor, whistle: Whistle) -> Seen:
    """The whistle with what this person can do. Two statements."""
    return Seen(
        whistle=whistle,
        summonses=[_seen_summons(actor, whistle, summons) for summons in _summonses(whistle)],
        leads=whistle.is_open and may(actor, Permission.WHISTLE_BLOW, Thing(handler=whistle.street.path)),
        photos=list(CasePhoto.objects.filter(case=whistle.case_id).select_related("photo")),
    )  # fmt: skip


def summons_for(actor: Actor, summons_id: int) -> Summons:
    """One summons through the door of its whistle."""
    rows = Summons.objects.filter(pk=summons_id, whistle__in=whistles_for(actor))
    found = rows.select_related("whistle__street", "part__unit").first()
    if found is None:
        raise NotFound
    return found


def whistle_photo_for(actor: Actor, whistle_id: int, photo_id: int) -> Photo:
    """A photo of the case, through the door of the whistle: summoned departments do not see the case itself."""
    case_id = whistles_for(actor).filter(pk=whistle_id).values_list("case_id", flat=True).first()
    found = CasePhoto.objects.filter(case=case_id, photo_id=photo_id).select_related("photo").first()
    if case_id is None or found is None:
        raise NotFound
    return found.photo


# --- the printed sheet -----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class SheetLine:
    """One department on the sheet. Moments are with a time zone; empty where it has not happened."""

    unit: str
    duty: str
    confirm_by: datetime
    confirmed_at: datetime | None
    arrive_by: datetime
    arrived_at: datetime | None
    arrival_confirmed_at: datetime | None
    finish_by: datetime
    finished_at: datetime | None
    finish_note: str
    state: str
    taken_off_reason: str
    moved_from: str
    objection: str
    objection_outcome: str
    came: bool | None
    cooperated: bool | None
    finished_well: bool | None
    rating_words: str
    within_duty: bool | None
    reason_sound: bool | None
    fit_words: str


@dataclass(frozen=True)
class SheetFacts:
    """Everything that a printed whistle sheet (吹哨单) needs."""

    number: str
    street: str
    blown_at: datetime
    blown_by: str
    title: str
    text: str
    place: str
    reason: str
    promise: str
    confirm_within: str
    arrive_within: str
    finish_within: str
    case_number: str
    state: str
    ended_at: datetime | None
    ended_by: str
    outcome: str
    lines: tuple[SheetLine, ...]


def _sheet_line(summons: Summons) -> SheetLine:
    part, objection = summons.part, _objection(summons)
    return SheetLine(
        unit=part.unit.name, duty=part.duty, confirm_by=summons.confirm_by, confirmed_at=summons.confirmed_at,
        arrive_by=summons.arrive_by, arrived_at=summons.arrived_at, arrival_confirmed_at=summons.arrival_confirmed_at,
        finish_by=part.due_at, finished_at=part.finished_at, finish_note=part.finish_note, state=part.get_state_display(),
        taken_off_reason=part.taken_off_reason, moved_from=summons.moved_from.part.unit.name if summons.moved_from else "",
        objection=objection.reason if objection else "", objection_outcome=objection.get_state_display() if objection else "",
        came=summons.came, cooperated=summons.cooperated, finished_well=summons.finished_well,
        rating_words=summons.rating_words, within_duty=summons.within_duty, reason_sound=summons.reason_sound,
        fit_words=summons.fit_words,
    )  # fmt: skip


def sheet_facts(whistle_id: int, actor: Actor) -> SheetFacts:
    """What the sheet of a whistle says, for whoever may know of it; NotFound otherwise. Two statements."""
    whistle = whistle_for(actor, whistle_id)
    promised, case = whistle.promised, whistle.case
    return SheetFacts(
        number=whistle.number, street=whistle.street.name, blown_at=whistle.blown_at,
        blown_by=whistle.blown_by.display_name if whistle.blown_by else "", title=whistle.title, text=case.text,
        place=whistle.place, reason=whistle.reason, promise=promised.name, confirm_within=promised.confirm_within,
        arrive_within=promised.arrive_within, finish_within=promised.finish_within, case_number=case.number,
        state=whistle.get_state_display(), ended_at=whistle.ended_at,
        ended_by=whistle.ended_by.display_name if whistle.ended_by else "", outcome=whistle.outcome,
        lines=tuple(_sheet_line(summons) for summons in _summonses(whistle)),
    )  # fmt: skip
