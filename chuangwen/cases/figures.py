"""The figures of the dashboard: few statements, grouped in the database, each sum equal to a filter of the case list.

A case belongs to the day on which it was reported, in Beijing time. `since` and `until` are inclusive.
"""

from collections import Counter
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, TypeVar

from django.db.models import Count, DateField, Exists, F, Func, OuterRef, Q

from chuangwen.cases.filters import CaseFilter, narrowed
from chuangwen.cases.models import Case, CaseQuerySet
from chuangwen.people.models import Unit, UnitKind
from chuangwen.rules.case_flow import RUNNING
from chuangwen.rules.permissions import SYSTEM, Actor
from chuangwen.standards.models import Criterion, PointType

K = TypeVar("K", bound=Hashable)

_RUNNING = [status.value for status in RUNNING]
_CITY_AND_DISTRICT = (UnitKind.CITY, UnitKind.DISTRICT)


class BeijingDay(Func):
    """The day of a moment in Beijing, worked out by the database itself (no summer time there since 1991)."""

    output_field = DateField()
    template = "date(%(expressions)s, '+8 hours')"

    def as_postgresql(self, compiler: Any, connection: Any) -> Any:
        """The same on PostgreSQL."""
        return self.as_sql(compiler, connection, template="((%(expressions)s) AT TIME ZONE 'Asia/Shanghai')::date")


@dataclass(frozen=True)
class Tally:
    """Sums over some cases of the period; the rates mean the same as those of `queries.Counts`."""

    opened: int = 0
    on_time: int = 0
    late: int = 0
    handed_in: int = 0
    handed_in_reworked: int = 0

    @property
    def on_time_rate(self) -> float | None:
        """Of those handed in or overdue: the share that was handed in by its deadline; None when there is none."""
        base = self.on_time + self.late
        return self.on_time / base if base else None

    @property
    def first_pass_rate(self) -> float | None:
        """Of those handed in: the share never sent back; None when there is none."""
        return 1 - self.handed_in_reworked / self.handed_in if self.handed_in else None


@dataclass(frozen=True)
class Group:
    """The cases of the period with one street, point type or criterion; `code` is empty where none is known."""

    code: str
    name: str
    tally: Tally


@dataclass(frozen=True)
class UnitLoad:
    """What lies with one street or department and everything below it now. Without a `code` it is no single filter."""

    code: str
    name: str
    path: str
    open: int
    overdue: int
    reworked: int


@dataclass(frozen=True)
class Day:
    """How many cases came and how many were closed on one day."""

    day: date
    opened: int
    closed: int


@dataclass(frozen=True)
class Figures:
    """Everything that the dashboard shows of a period and of now."""

    total: Tally
    streets: Sequence[Group]
    point_types: Sequence[Group]
    criteria: Sequence[Group]
    units: Sequence[UnitLoad]
    days: Sequence[Day]

    @property
    def open(self) -> int:
        """Open now, of whatever period."""
        return sum(unit.open for unit in self.units)

    @property
    def overdue(self) -> int:
        """Overdue now."""
        return sum(unit.overdue for unit in self.units)

    @property
    def reworked(self) -> int:
        """Open now and sent back before."""
        return sum(unit.reworked for unit in self.units)


def figures(actor: Actor, *, since: date, until: date, street: str = "", now: datetime, top: int = 10) -> Figures:
    """The dashboard's figures of the cases an actor sees, of one street (code) or all; seven statements.

    `criteria` holds the `top` most frequent ones with their text; `units` and `streets` are all there are.
    """
    wanted = CaseFilter(since=since.isoformat(), until=until.isoformat(), street=street)
    tree = _tree()
    mix = _mix(actor, wanted, now)
    return Figures(
        total=_summed(mix, lambda _street, _kind, _criterion: "").get("", Tally()),
        streets=_named_streets(_summed(mix, lambda street, _kind, _criterion: street), tree),
        point_types=_named_types(_summed(mix, lambda _street, kind, _criterion: kind)),
        criteria=_hottest(_summed(mix, lambda _street, _kind, criterion: criterion), top),
        units=_loads(actor, street, now, tree),
        days=_days(actor, wanted, since, until, now),
    )


def visible_narrowed(actor: Actor, wanted: CaseFilter, now: datetime) -> CaseQuerySet:
    """The same cases as `narrowed`, asked so that the period is looked up first and who may see a case after that.

    SQLite would otherwise go through every case of the actor's branch for each question.
    """
    cases = narrowed(SYSTEM, wanted, now).order_by()
    return cases if actor.system else cases.filter(Exists(Case.objects.visible_to(actor).filter(pk=OuterRef("pk"))))


_Mix = Sequence[tuple[Any, ...]]  # street id, point type, criterion code, and the sums of a Tally in their order


def _mix(actor: Actor, wanted: CaseFilter, now: datetime) -> _Mix:
    """One row for each street, point type and criterion that occur together."""
    late = Q(status__in=_RUNNING, due_at__lt=now) | Q(rectified_at__gt=F("due_at"))
    handed_in = Q(rectified_at__isnull=False)
    rows = visible_narrowed(actor, wanted, now).values_list("street_id", "point_type", "criterion_code")
    return list(
        rows.annotate(
            opened=Count("pk"),
            on_time=Count("pk", filter=Q(rectified_at__lte=F("due_at"))),
            late=Count("pk", filter=late),
            handed_in=Count("pk", filter=handed_in),
            reworked=Count("pk", filter=handed_in & Q(rework_count__gt=0)),
        )
    )


def _summed(mix: _Mix, key: Callable[[int | None, str, str], K]) -> dict[K, Tally]:
    groups: dict[K, list[int]] = {}
    for street, kind, criterion, *sums in mix:
        group = groups.setdefault(key(street, kind, criterion), [0] * len(sums))
        for place, value in enumerate(sums):
            group[place] += value
    return {code: Tally(*sums) for code, sums in groups.items()}


def _hottest(groups: Mapping[str, Tally], top: int) -> list[Group]:
    """The most frequent criteria with their text, from the edition that was published last."""
    best = sorted((code for code in groups if code), key=lambda code: (-groups[code].opened, code))[:top]
    rows = Criterion.objects.filter(code__in=best).order_by(F("edition__published_at").asc(nulls_first=True))
    texts = dict(rows.values_list("code", "text"))
    return [Group(code, texts.get(code, ""), groups[code]) for code in best]


def _named_streets(groups: Mapping[int | None, Tally], tree: "_Tree") -> list[Group]:
    """The streets in tree order, the cases outside all streets at the end."""
    found = [Group(code, name, groups[pk]) for pk, (code, name) in tree.streets.items() if pk in groups]
    return [*found, Group("", "", groups[None])] if None in groups else found


def _named_types(groups: Mapping[str, Tally]) -> list[Group]:
    names = dict(PointType.objects.values_list("code", "name"))
    found = [Group(code, names.get(code, code), tally) for code, tally in groups.items()]
    return sorted(found, key=lambda group: (-group.tally.opened, group.code))


@dataclass(frozen=True)
class _Tree:
    """The units directly below a city or district by code, and all streets in tree order (id -> code, name)."""

    tops: Mapping[str, Unit]
    streets: Mapping[int, tuple[str, str]]

    def top_of(self, path: str) -> Unit | None:
        """The street or department that a unit is or belongs to; None for a city or district."""
        return next((self.tops[code] for code in path.strip("/").split("/") if code in self.tops), None)


def _tree() -> _Tree:
    below = Q(parent__kind__in=_CITY_AND_DISTRICT) | Q(parent=None)
    rows = Unit.objects.filter(Q(kind=UnitKind.STREET) | below).exclude(kind__in=_CITY_AND_DISTRICT)
    known = list(rows.select_related("parent").order_by("path"))
    return _Tree(
        tops={unit.code: unit for unit in known if unit.parent is None or unit.parent.kind in _CITY_AND_DISTRICT},
        streets={unit.pk: (unit.code, unit.name) for unit in known if unit.kind == UnitKind.STREET},
    )


def _loads(actor: Actor, street: str, now: datetime, tree: _Tree) -> list[UnitLoad]:
    """Open cases now, summed up to streets and departments, the most overdue first."""
    rows = (
        visible_narrowed(actor, CaseFilter(state="open", street=street), now)
        .values_list("unit__path", "unit__name")
        .annotate(
            open=Count("pk"),
            overdue=Count("pk", filter=Q(status__in=_RUNNING, due_at__lt=now)),
            reworked=Count("pk", filter=Q(rework_count__gt=0)),
        )
    )
    sums: dict[tuple[str, str, str], Counter[str]] = {}
    for path, name, *counts in rows:
        top = tree.top_of(path or "")
        key = (top.code, top.name, top.path) if top else ("", name or "", path or "")
        sums.setdefault(key, Counter()).update(dict(zip(("open", "overdue", "reworked"), counts, strict=True)))
    found = [UnitLoad(*key, each["open"], each["overdue"], each["reworked"]) for key, each in sums.items()]
    return sorted(found, key=lambda unit: (-unit.overdue, -unit.open, unit.name))


def _by_day(cases: CaseQuerySet, moment: str) -> dict[date, int]:
    rows = cases.annotate(beijing_day=BeijingDay(moment)).values_list("beijing_day")
    return dict(rows.annotate(n=Count("pk")))


def _days(actor: Actor, wanted: CaseFilter, since: date, until: date, now: datetime) -> list[Day]:
    """Every day of the period, also those on which nothing happened."""
    ended = CaseFilter(ended_since=wanted.since, ended_until=wanted.until, street=wanted.street)
    opened = _by_day(visible_narrowed(actor, wanted, now), "reported_at")
    closed = _by_day(visible_narrowed(actor, ended, now), "act_by")
    days = (since + timedelta(days=number) for number in range((until - since).days + 1))
    return [Day(day, opened.get(day, 0), closed.get(day, 0)) for day in days]
