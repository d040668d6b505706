"""What papers are drafted from: counts of cases and of visits in a branch over some days."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cached_property

from django.db.models import Count, F, Q

from chuangwen.bulletins.writing import Looked
from chuangwen.cases.filters import CaseFilter, narrowed
from chuangwen.cases.models import Case
from chuangwen.patrols.models import Visit
from chuangwen.patrols.queries import concealed
from chuangwen.people.models import Unit
from chuangwen.rules.appeals import Lifted
from chuangwen.rules.case_flow import FINISHED, OPEN, RUNNING
from chuangwen.rules.permissions import Actor
from chuangwen.scores.lifting import lifts_in
from chuangwen.scores.observations import Key, Observed, findings_within, observed_by
from chuangwen.scores.reach import everything_in, lineage, window
from chuangwen.standards.models import Criterion

NOTHING_OBSERVED = Observed(0, 0, None)


@dataclass(frozen=True)
class Span:
    """The branch that a paper speaks of, its days (inclusive), and as of when."""

    scope: Unit
    start: date
    end: date
    now: datetime

    @property
    def eye(self) -> Actor:
        """Somebody who sees exactly this branch."""
        return everything_in(self.scope)

    @cached_property
    def lifted(self) -> Lifted:
        """What granted appeals take out of the lateness of these days."""
        return lifts_in(self.scope, self.start, self.end, self.now).of("rectification", self.scope.pk)

    def cases(self, **narrower: str) -> CaseFilter:
        """The cases reported in these days."""
        return CaseFilter(since=self.start.isoformat(), until=self.end.isoformat(), **narrower)


def last_month(span: Span) -> CaseFilter:
    """The cases reported in the month before."""
    end = span.start - timedelta(days=1)
    return CaseFilter(since=end.replace(day=1).isoformat(), until=end.isoformat())


@dataclass(frozen=True)
class CaseFigures:
    """Counts of a set of cases; they mean what `cases.queries.Counts` means, and a test holds both together.

    `on_time` and `late` are without what granted appeals took out; the raw counts stand beside them.
    """

    opened: int = 0
    events: int = 0
    components: int = 0
    dispatched: int = 0
    handed_in: int = 0
    waiting: int = 0
    on_time: int = 0
    late: int = 0
    overdue: int = 0
    closed: int = 0
    reworked: int = 0
    on_time_raw: int = 0
    late_raw: int = 0

    @property
    def unsorted(self) -> int:
        """Neither event nor component: no case standard was chosen."""
        return self.opened - self.events - self.components

    @property
    def due(self) -> int:
        """What should have been put right by now: handed in or overdue, without 挂账."""
        return self.on_time + self.late

    @property
    def dropped(self) -> int:
        """Refused, cancelled or closed by decision, without having been put right."""
        return self.opened - self.handed_in - self.waiting


def _values(statuses: Iterable[str]) -> list[str]:
    return [str(status) for status in statuses]


def _aggregates(span: Span) -> dict[str, Count]:
    now, lifted = span.now, span.lifted
    out, excused = Q(pk__in=sorted(lifted.out)), Q(pk__in=sorted(lifted.excused))
    on_time, overdue = Q(rectified_at__lte=F("due_at")), Q(status__in=_values(RUNNING), due_at__lt=now)
    late = overdue | Q(rectified_at__gt=F("due_at"))
    conditions = {
        "events": Q(standard__kind="事件"),
        "components": Q(standard__kind="部件"),
        "dispatched": Q(dispatched_at__isnull=False),
        "handed_in": Q(rectified_at__isnull=False),
        "waiting": Q(rectified_at=None, status__in=_values(OPEN)),
        "on_time": (on_time | (late & excused)) & ~out,
        "late": late & ~excused & ~out,
        "on_time_raw": on_time,
        "late_raw": late,
        "overdue": overdue,
        "closed": Q(status__in=_values(FINISHED)),
        "reworked": Q(rectified_at__isnull=False, rework_count__gt=0),
    }
    return {"opened": Count("pk"), **{name: Count("pk", filter=which) for name, which in conditions.items()}}


def case_figures(span: Span, wanted: CaseFilter) -> CaseFigures:
    """The counts of what a filter of the case list leaves in the branch."""
    return CaseFigures(**narrowed(span.eye, wanted, span.now).aggregate(**_aggregates(span)))


def case_figures_by(span: Span, wanted: CaseFilter, *keys: str) -> dict[Key, CaseFigures]:
    """The same counts by fields of a case."""
    asked = _aggregates(span)
    rows = narrowed(span.eye, wanted, span.now).order_by().values(*keys).annotate(**asked)
    return {tuple(row[key] for key in keys): CaseFigures(**{name: row[name] for name in asked}) for row in rows}


def added(figures: Iterable[CaseFigures]) -> CaseFigures:
    """Several sets of cases that share none, as one."""
    names = CaseFigures.__dataclass_fields__
    rows = list(figures)
    return CaseFigures(**{name: sum(getattr(row, name) for row in rows) for name in names})


@dataclass(frozen=True)
class UnitFigures:
    """One responsible unit with everything below it; `alone` where the case list cannot single it out."""

    unit: Unit | None
    figures: CaseFigures
    alone: bool

    @property
    def name(self) -> str:
        """What the paper calls it."""
        return self.unit.name if self.unit else "尚未派遣"


def figures_by_unit(span: Span, wanted: CaseFilter) -> list[UnitFigures]:
    """By street, department and so on: a unit counts for the highest one above it that has no street below it."""
    by_path = case_figures_by(span, wanted, "unit__path")
    streets = list(Unit.objects.filter(kind="street", path__startswith=span.scope.path).values_list("path", flat=True))
    groups: dict[str, list[CaseFigures]] = {}
    for (path,), figures in by_path.items():
        groups.setdefault(_top(str(path or ""), streets), []).append(figures)
    units = {unit.path: unit for unit in Unit.objects.filter(path__in=groups)}
    rows = [
        UnitFigures(units.get(path), added(groups[path]), alone=not path or _has_streets(path, streets))
        for path in sorted(groups)
    ]
    return sorted(rows, key=lambda row: (-row.figures.late, row.unit.path if row.unit else "~"))


def _has_streets(path: str, streets: Sequence[str]) -> bool:
    return any(street != path and street.startswith(path) for street in streets)


def _top(path: str, streets: Sequence[str]) -> str:
    return next((above for above in lineage(path) if not _has_streets(above, streets)), path)


def handed_in_within(span: Span) -> int:
    """How many cases were handed in within these days, whenever they were reported."""
    opens, closes = window(span.start, span.end)
    return Case.objects.visible_to(span.eye).standing().filter(rectified_at__gte=opens, rectified_at__lt=closes).count()


def looked_at(span: Span, *keys: str) -> dict[Key, Looked]:
    """Finished visits, distinct sites and what was judged, by fields of a site (all together when none is named)."""
    opens, closes = window(span.start, span.end)
    visits = Visit.objects.filter(
        finished_at__gte=opens, finished_at__lt=closes,
        site__home__in=Unit.objects.filter(path__startswith=span.scope.path).values("pk"),
    ).exclude(patrol__in=concealed().values("pk"))  # fmt: skip
    site_keys = [f"site__{key}" for key in keys]
    counted = {"visits": Count("pk"), "sites": Count("site", distinct=True)}
    rows = visits.order_by().values(*site_keys).annotate(**counted) if keys else [visits.aggregate(**counted)]
    seen = observed_by(findings_within(span.eye, span.start, span.end), *[f"visit__{key}" for key in site_keys])
    found = {tuple(row[key] for key in site_keys): (row["visits"], row["sites"]) for row in rows}
    return {key: (*counts, seen.get(key, NOTHING_OBSERVED)) for key, counts in found.items()}


def criterion_texts(codes: Iterable[str]) -> Mapping[str, str]:
    """What criteria say, by code; the edition published last speaks."""
    rows = Criterion.objects.filter(code__in=set(codes)).order_by("edition__published_at", "edition_id")
    return dict(rows.values_list("code", "text"))


def problem_of(case: Case, texts: Mapping[str, str]) -> str:
    """What is wrong, in the words of the standard. Never a title or text: residents and names may be in them."""
    if text := texts.get(case.criterion_code):
        return f"未达到“{text}”"
    return case.standard.item if case.standard else "其他问题"


def where_of(case: Case) -> str:
    """The place by the name of its site, otherwise only the area: an address given by a resident is not quoted."""
    if case.site is not None:
        return case.site.name
    return f"{case.home.name}辖区"


def listed(span: Span, wanted: CaseFilter, at_most: int) -> list[Case]:
    """The cases of a filter with what a list in a paper says of each, in the order of street and site."""
    cases = narrowed(span.eye, wanted, span.now).select_related("site", "home", "street", "unit", "standard")
    return list(cases.defer("text", "reply").order_by("street__path", "site__code", "pk")[:at_most])
