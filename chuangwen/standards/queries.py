"""Reading editions, checklists, case standards and the working calendar."""

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from django.conf import settings
from django.core.cache import cache
from django.db.models import Count, Max, Q, QuerySet

from chuangwen.rules.case_standards import CaseStandardRow
from chuangwen.rules.deadlines import WorkCalendar
from chuangwen.rules.editions import EditionSheet
from chuangwen.rules.refusals import NotFound
from chuangwen.standards.books import in_natural_order, row_of
from chuangwen.standards.edition_rows import edition_sheet_of
from chuangwen.standards.models import (
    CalendarDay,
    CalendarYear,
    CaseStandard,
    Content,
    Criterion,
    Edition,
    EditionMethod,
    Item,
    PointType,
    VetoItem,
)

__all__ = [
    "Book",
    "ContentNode",
    "EditionTree",
    "ItemNode",
    "books",
    "calendar_days",
    "calendar_years",
    "case_standard_rows",
    "case_standards",
    "checklist",
    "checklists",
    "current_edition",
    "edition_for",
    "edition_sheet",
    "edition_sheet_of",
    "edition_tree",
    "editions",
    "forget_calendar",
    "point_type_name",
    "point_types",
    "standard_for",
    "work_calendar",
]

_CALENDAR_KEY = "standards.work_calendar"
_held: dict[str, WorkCalendar] = {}


def work_calendar() -> WorkCalendar:
    """The calendar that deadlines follow. Looked at again every minute; an edit in this process is seen at once."""
    version = cache.get_or_set(_CALENDAR_KEY, lambda: uuid.uuid4().hex, 60)
    return _calendar_of(str(version))


@lru_cache(maxsize=2)
def _calendar_of(_version: str) -> WorkCalendar:
    # Kept as an object, not in the cache: the calendar carries tables that would have to be built anew each time.
    exceptions = dict(CalendarDay.objects.values_list("day", "is_working"))
    official = frozenset(CalendarYear.objects.filter(official=True).values_list("year", flat=True))
    return WorkCalendar(exceptions=exceptions, official_years=official, hours=settings.OFFICE_HOURS)


def forget_calendar() -> None:
    """The calendar changed."""
    cache.delete(_CALENDAR_KEY)


def calendar_days(year: int) -> Sequence[CalendarDay]:
    """The days of a year that differ from the plain week."""
    return list(CalendarDay.objects.filter(day__year=year).order_by("day"))


def calendar_years() -> Sequence[CalendarYear]:
    """Every year the calendar knows, newest first."""
    return list(CalendarYear.objects.order_by("-year"))


def editions() -> QuerySet[Edition]:
    """All editions, newest first."""
    return Edition.objects.order_by("-published_at", "-updated_at")


def edition_for(edition_id: int) -> Edition:
    """The edition with this id."""
    edition = Edition.objects.filter(pk=edition_id).first()
    if edition is None:
        raise NotFound
    return edition


def current_edition() -> Edition | None:
    """The edition published last."""
    return Edition.objects.filter(published_at__isnull=False).order_by("-published_at").first()


def checklist(edition_id: int, point_type: str) -> Sequence[Criterion]:
    """What an inspector looks at in a place of this type, in order."""
    rows = Criterion.objects.filter(edition_id=edition_id, point_type_id=point_type, method="field")
    return list(rows.select_related("content__item").order_by("position", "code"))


def current_checklist(point_type: str) -> Sequence[Criterion]:
    """The same of the edition published last, with the edition; one statement. Empty where it has none of this type."""
    published = Edition.objects.filter(published_at__isnull=False).order_by("-published_at")
    rows = Criterion.objects.filter(edition=published.values("pk")[:1], point_type_id=point_type, method="field")
    return list(rows.select_related("content__item", "edition").order_by("position", "code"))


def checklists(edition_ids: Iterable[int]) -> dict[tuple[int, str], list[Criterion]]:
    """The checklists of whole editions, by edition and point type, each in order; one statement."""
    rows = Criterion.objects.filter(edition_id__in=list(edition_ids), method="field").select_related("content")
    found: dict[tuple[int, str], list[Criterion]] = {}
    for criterion in rows.order_by("position", "code"):
        found.setdefault((criterion.edition_id, criterion.point_type_id or ""), []).append(criterion)
    return found


def point_types() -> Sequence[PointType]:
    """All point types in order."""
    return list(PointType.objects.all())


def standard_for(code: str) -> CaseStandard | None:
    """The case standard in force with this code, if any."""
    if not code:
        return None
    return CaseStandard.objects.filter(code=code, replaced_at=None).order_by("book").first()


def case_standards() -> QuerySet[CaseStandard]:
    """The case standards in force."""
    return CaseStandard.objects.filter(replaced_at=None)


def point_type_name(code: str) -> str:
    """The Chinese name of a point type; its code when it is unknown."""
    return PointType.objects.filter(code=code).values_list("name", flat=True).first() or code


def edition_sheet(code: str, version: str) -> EditionSheet:
    """One edition, draft or published, as plain rows."""
    edition = Edition.objects.filter(code=code, version=version).first()
    if edition is None:
        raise NotFound(f"没有代码为“{code}”、版次为“{version}”的测评标准。")
    return edition_sheet_of(edition)


@dataclass(frozen=True)
class ContentNode:
    """A 测评内容 with its criteria in order."""

    content: Content
    criteria: tuple[Criterion, ...]


@dataclass(frozen=True)
class ItemNode:
    """A 测评项目 with what is under it."""

    item: Item
    contents: tuple[ContentNode, ...]


@dataclass(frozen=True)
class EditionTree:
    """An edition as a page shows it: weights, the tree of criteria (point types fetched), the negative list."""

    edition: Edition
    methods: tuple[EditionMethod, ...]
    items: tuple[ItemNode, ...]
    veto_items: tuple[VetoItem, ...]


def edition_tree(edition_id: int) -> EditionTree:
    """Everything of an edition in six statements, however long it is."""
    edition = edition_for(edition_id)
    criteria: dict[int, list[Criterion]] = {}
    for criterion in Criterion.objects.filter(edition=edition).select_related("point_type"):
        criteria.setdefault(criterion.content_id, []).append(criterion)
    contents: dict[int, list[ContentNode]] = {}
    for content in Content.objects.filter(item__edition=edition):
        contents.setdefault(content.item_id, []).append(ContentNode(content, tuple(criteria.get(content.pk, ()))))
    items = tuple(ItemNode(item, tuple(contents.get(item.pk, ()))) for item in edition.items.all())
    methods, veto_items = edition.methods.order_by("pk"), edition.veto_items.order_by("pk")
    return EditionTree(edition, tuple(methods), items, tuple(veto_items))


@dataclass(frozen=True)
class Book:
    """A book of case standards: how many conditions are in force, how many retired, and when the last one was."""

    name: str
    in_force: int
    retired: int
    last_retired_at: datetime | None


def books() -> Sequence[Book]:
    """Every book of case standards, by name."""
    rows = CaseStandard.objects.order_by().values("book")
    figures = rows.annotate(
        in_force=Count("pk", filter=Q(replaced_at=None)),
        retired=Count("pk", filter=Q(replaced_at__isnull=False)),
        last=Max("replaced_at"),
    )
    return [Book(row["book"], row["in_force"], row["retired"], row["last"]) for row in figures.order_by("book")]


def case_standard_rows(book: str) -> tuple[CaseStandardRow, ...]:
    """The case standards in force of one book as plain rows, in the order of their codes."""
    in_force = CaseStandard.objects.filter(book=book, replaced_at=None)
    return tuple(row_of(standard) for standard in sorted(in_force, key=in_natural_order))
