"""Every way the working calendar changes."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime

from django.db import transaction

from chuangwen.journal.operations import record
from chuangwen.rules.calendar_seed import CalendarDaySeed, official_years, seed_days
from chuangwen.rules.permissions import Actor, Permission, may
from chuangwen.rules.refusals import Refused
from chuangwen.standards.models import CalendarDay, CalendarYear
from chuangwen.standards.queries import forget_calendar

FIRST_YEAR = 2010
LIBRARY = "holidays（依据国务院办公厅历年放假安排）"


def _must_edit(by: Actor) -> None:
    if not may(by, Permission.CALENDAR_EDIT):
        raise Refused("您的岗位不能修改工作日历。")


@transaction.atomic
def seed_calendar(*, years: Sequence[int], by: Actor, now: datetime) -> int:
    """Fill years that the calendar does not know yet; a year somebody edited is left alone. Returns the new years."""
    _must_edit(by)
    known = set(CalendarYear.objects.values_list("year", flat=True))
    missing = [year for year in years if year not in known]
    if not missing:
        return 0
    official = set(official_years())
    days = [CalendarDay(day=row.date, is_working=row.is_working, name=row.name[:60]) for row in seed_days(missing)]
    CalendarDay.objects.bulk_create(days, ignore_conflicts=True)
    CalendarYear.objects.bulk_create(
        CalendarYear(year=year, official=year in official, source=LIBRARY if year in official else "推算，待正式公布")
        for year in missing
    )
    record(kind="calendar.seeded", subject_kind="calendar", subject_id=missing[0], by=by, now=now, years=missing)
    forget_calendar()
    return len(missing)


@transaction.atomic
def set_year(
    *, year: int, days: Iterable[CalendarDaySeed], official: bool, source: str, by: Actor, now: datetime
) -> CalendarYear:
    """Replace what the calendar says of one year: the days that differ from the plain week."""
    _must_edit(by)
    rows = list(days)
    objections = [f"{row.date} 不属于 {year} 年。" for row in rows if row.date.year != year]
    if official and not source.strip():
        objections.append("标为正式公布时须写明文件依据。")
    if len({row.date for row in rows}) != len(rows):
        objections.append("同一天出现了两次。")
    if objections:
        raise Refused(objections)
    CalendarDay.objects.filter(day__year=year).delete()
    CalendarDay.objects.bulk_create(
        CalendarDay(day=row.date, is_working=row.is_working, name=row.name[:60]) for row in rows
    )
    entry, _ = CalendarYear.objects.update_or_create(
        year=year, defaults={"official": official, "source": source.strip()[:200]}
    )
    record(
        kind="calendar.changed", subject_kind="calendar", subject_id=year, by=by, now=now, official=official,
        days=len(rows), note=source.strip(),
    )  # fmt: skip
    forget_calendar()
    return entry


@transaction.atomic
def set_day(*, day: date, is_working: bool, name: str, by: Actor, now: datetime) -> CalendarDay:
    """One day is a working day or a rest day."""
    _must_edit(by)
    entry, _ = CalendarDay.objects.update_or_create(day=day, defaults={"is_working": is_working, "name": name[:60]})
    CalendarYear.objects.get_or_create(year=day.year, defaults={"source": "手工录入，待正式公布"})
    record(
        kind="calendar.day_changed", subject_kind="calendar", subject_id=day.year, by=by, now=now, day=day.isoformat(),
        is_working=is_working, note=name,
    )  # fmt: skip
    forget_calendar()
    return entry
