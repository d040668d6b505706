"""双考核: facts per department and month with their reasons; for streets a band with its meaning, never a rank.

Counted is what was called in the month. What is not due yet counts on neither side; what was taken off counts nowhere.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time

from django.db.models import Count, Q

from chuangwen.cases.models import Case
from chuangwen.people.models import Unit, UnitKind
from chuangwen.rules.deadlines import SHANGHAI
from chuangwen.rules.permissions import OFFICE, UNIT, Actor, Role
from chuangwen.rules.whistles import Band, band, expected_by_peers, in_time
from chuangwen.whistles.blowing import ORIGIN
from chuangwen.whistles.models import Objection, ObjectionState, Summons, Whistle, WhistleState

MONTHS_BEFORE = 6
_SEES = (*OFFICE, Role.LEADER, *UNIT)
_UPHELD = {ObjectionState.TAKEN_OFF.value, ObjectionState.MOVED.value}


@dataclass(frozen=True)
class Reason:
    """Why a figure is what it is: the whistle and one sentence."""

    whistle_id: int
    number: str
    words: str


@dataclass
class Share:
    """How many of those that can be judged were in time."""

    good: int = 0
    all: int = 0

    def count(self, verdict: bool | None) -> None:
        """None is not due yet and counts nowhere."""
        if verdict is not None:
            self.all += 1
            self.good += verdict


@dataclass
class DepartmentFacts:
    """A department's reports in a month."""

    unit_id: int
    unit: str
    called: int = 0
    taken_off: int = 0
    confirmed: Share = field(default_factory=Share)
    arrived: Share = field(default_factory=Share)
    finished: Share = field(default_factory=Share)
    objected: int = 0
    upheld: int = 0
    reasons: list[Reason] = field(default_factory=list)


@dataclass
class StreetFacts:
    """A street's whistles in a month: how often only as a band, and what departments said of them."""

    street_id: int
    street: str
    band: Band
    reasons: list[Reason] = field(default_factory=list)


@dataclass(frozen=True)
class Month:
    """A calendar month in Beijing."""

    year: int
    month: int

    @property
    def begins(self) -> datetime:
        """Its first moment."""
        return datetime.combine(date(self.year, self.month, 1), time(), SHANGHAI)

    def later(self, months: int) -> "Month":
        """So many months on, or back."""
        year, month = divmod(self.year * 12 + self.month - 1 + months, 12)
        return Month(year, month + 1)


def month_of(moment: datetime) -> Month:
    """The month of a moment."""
    here = moment.astimezone(SHANGHAI)
    return Month(here.year, here.month)


def _in_scope(actor: Actor, path: str) -> Q:
    if actor.system:
        return Q()
    reach = Q(pk__in=[])
    for scope in set(actor.scopes(*_SEES)):
        reach |= Q(**{f"{path}__startswith": scope})
    return reach


def departments(actor: Actor, month: Month, now: datetime) -> Sequence[DepartmentFacts]:
    """Every department of the own reach that was called in the month, in the order of the tree. One statement."""
    rows = (
        Summons.objects.filter(
            _in_scope(actor, "part__unit__path"), called_at__gte=month.begins, called_at__lt=month.later(1).begins
        )
        .exclude(whistle__state=WhistleState.CALLED_OFF)
        .select_related("whistle__street", "part__unit", "objection")
        .order_by("part__unit__path", "called_at", "pk")
    )
    found: dict[int, DepartmentFacts] = {}
    for summons in rows:
        unit = summons.part.unit
        _count(found.setdefault(unit.pk, DepartmentFacts(unit.pk, unit.name)), summons, now)
    return list(found.values())


def _count(facts: DepartmentFacts, summons: Summons, now: datetime) -> None:
    objection: Objection | None = getattr(summons, "objection", None)
    facts.called += 1
    facts.objected += objection is not None
    if objection is not None and objection.state in _UPHELD:
        facts.upheld += 1
        _because(facts.reasons, summons, f"异议{objection.get_state_display()}：{objection.decision}")
    if summons.part.taken_off_at is not None:
        facts.taken_off += 1
        return
    seen_arrival = summons.arrived_at if summons.arrival_confirmed_at is not None else None
    waits_for_street = summons.arrived_at is not None and summons.arrival_confirmed_at is None
    verdicts = (
        (facts.confirmed, in_time(summons.confirmed_at, summons.confirm_by, now), "没有按时确认"),
        (facts.arrived, None if waits_for_street else in_time(seen_arrival, summons.arrive_by, now), "没有按时到场"),
        (facts.finished, in_time(summons.part.finished_at, summons.part.due_at, now), "没有按时办完"),
    )
    for share, verdict, words in verdicts:
        share.count(verdict)
        if verdict is False:
            _because(facts.reasons, summons, words)
    for rated, words in (
        (summons.came, "到场"), (summons.cooperated, "配合"), (summons.finished_well, "办结")
    ):  # fmt: skip
        if rated is False:
            _because(facts.reasons, summons, f"街道评价“{words}”为否：{summons.rating_words}")


def _because(reasons: list[Reason], summons: Summons, words: str) -> None:
    reasons.append(Reason(summons.whistle_id, summons.whistle.number, words))


# --- streets ---------------------------------------------------------------------------------------------------------


def _districts(paths: Iterable[str]) -> Mapping[str, str]:
    return {path: path.rsplit("/", 2)[0] + "/" for path in paths}


def _whistles_by_month(month: Month) -> Mapping[int, Counter[Month]]:
    rows = Whistle.objects.filter(
        blown_at__gte=month.later(-MONTHS_BEFORE).begins, blown_at__lt=month.later(1).begins
    ).exclude(state=WhistleState.CALLED_OFF)
    counted: dict[int, Counter[Month]] = defaultdict(Counter)
    for street_id, blown_at in rows.values_list("street_id", "blown_at"):
        counted[street_id][month_of(blown_at)] += 1
    return counted


def _cases_by_street(month: Month) -> Mapping[int, int]:
    """What each street had to do: its cases of the month, those apart that a whistle itself opened."""
    rows = Case.objects.filter(
        reported_at__gte=month.begins, reported_at__lt=month.later(1).begins, street__isnull=False
    )
    counted = (
        rows.exclude(origin_kind=ORIGIN).order_by().values("street").annotate(n=Count("pk")).values_list("street", "n")
    )
    return dict(counted)


def _first_month() -> Month | None:
    first = Whistle.objects.order_by("blown_at").values_list("blown_at", flat=True).first()
    return month_of(first) if first else None


def _past(counted: Counter[Month], month: Month, first: Month | None) -> Sequence[int]:
    """The months before in which whistles were in use at all: a month before the first whistle of the house says nothing."""
    before = [month.later(-back) for back in range(1, MONTHS_BEFORE + 1)]
    return [counted[one] for one in before if first is not None and one.begins >= first.begins]


def streets(actor: Actor, month: Month) -> Sequence[StreetFacts]:
    """A band for every street of the own reach, in the order of the tree, with what departments said. Five statements."""
    every = list(Unit.objects.filter(kind=UnitKind.STREET, active=True).order_by("path"))
    district = _districts(street.path for street in every)
    whistles, cases, first = _whistles_by_month(month), _cases_by_street(month), _first_month()
    scopes = [""] if actor.system else [*actor.scopes(*_SEES)]
    found = {}
    for street in every:
        if not any(street.path.startswith(scope) for scope in scopes):
            continue
        peers = [one.pk for one in every if district[one.path] == district[street.path] and one.pk != street.pk]
        count = whistles.get(street.pk, Counter())
        expected = expected_by_peers(
            cases.get(street.pk, 0), sum(cases.get(pk, 0) for pk in peers),
            sum(whistles.get(pk, Counter())[month] for pk in peers),
        )  # fmt: skip
        looked = band(count[month], past=_past(count, month, first), by_peers=expected)
        found[street.pk] = StreetFacts(street.pk, street.name, looked)
    _said_of(found, month)
    return list(found.values())


def _said_of(found: Mapping[int, StreetFacts], month: Month) -> None:
    """What departments said was not fit, with their reasons."""
    rows = Summons.objects.filter(
        Q(within_duty=False) | Q(reason_sound=False), whistle__street__in=list(found), called_at__gte=month.begins,
        called_at__lt=month.later(1).begins,
    ).select_related("whistle__street", "part__unit")  # fmt: skip
    for summons in rows.order_by("called_at", "pk"):
        name, words = summons.part.unit.name, summons.fit_words
        if summons.within_duty is False:
            _because(found[summons.whistle.street_id].reasons, summons, f"{name}认为不属于本单位职责：{words}")
        if summons.reason_sound is False:
            _because(found[summons.whistle.street_id].reasons, summons, f"{name}认为吹哨理由不成立：{words}")
