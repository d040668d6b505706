"""Reading editions, checklists, case standards and the working calendar."""

from collections.abc import Sequence

from django.core.cache import cache
from django.db.models import QuerySet

from chuangwen.rules.deadlines import WorkCalendar
from chuangwen.rules.refusals import NotFound
from chuangwen.standards.models import CalendarDay, CalendarYear, CaseStandard, Criterion, Edition, PointType

_CALENDAR_KEY = "standards.work_calendar"


def work_calendar() -> WorkCalendar:
    """The calendar that deadlines follow. Kept for a minute; an edit here is seen at once, elsewhere within it."""
    known: WorkCalendar | None = cache.get(_CALENDAR_KEY)
    if known is None:
        exceptions = dict(CalendarDay.objects.values_list("day", "is_working"))
        official = frozenset(CalendarYear.objects.filter(official=True).values_list("year", flat=True))
        known = WorkCalendar(exceptions=exceptions, official_years=official)
        cache.set(_CALENDAR_KEY, known, 60)
    return known


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
