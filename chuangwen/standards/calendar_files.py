"""One year of the working calendar as a file: date,is_working,name (the form that `chuangwen due --calendar` reads)."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from chuangwen.rules.calendar_seed import CalendarDaySeed
from chuangwen.rules.permissions import Actor, Permission, may
from chuangwen.rules.refusals import BadInput, Refused
from chuangwen.rules.tables import (
    Column,
    Problem,
    day_column,
    doubles,
    read_table,
    sentences,
    text_column,
    write_table,
    yes_no_column,
)
from chuangwen.standards.calendar import set_year
from chuangwen.standards.models import CalendarYear
from chuangwen.standards.queries import calendar_days

_COLUMNS: Final[tuple[Column, ...]] = (
    day_column("date", "日期", required=True),
    yes_no_column("is_working", "是否上班", required=True, note="写是（上班）或否（休息）。"),
    text_column("name", "说明", 60, note="如 端午节、调休上班。"),
)
_HEADER: Final = ("date", "is_working", "name")


@dataclass(frozen=True)
class YearFile:
    """The days of one year that differ from Monday to Friday, in order."""

    year: int
    days: tuple[CalendarDaySeed, ...]


def read_year(content: bytes) -> YearFile:
    """The year in a CSV or .xlsx file; raises BadInput naming every bad row. Headers in English or Chinese."""
    lines = read_table(content, _COLUMNS)
    days = [(line.number, CalendarDaySeed(**{"name": "", **line.values})) for line in lines]
    year = days[0][1].date.year
    problems = list(doubles(((number, day.date.isoformat()) for number, day in days), "日期"))
    problems += [
        Problem(number, "日期", f"{day.date} 不是 {year} 年。一个文件只放一年。")
        for number, day in days
        if day.date.year != year
    ]
    if problems:
        raise BadInput(sentences(problems))
    return YearFile(year, tuple(sorted((day for _, day in days), key=lambda day: day.date)))


def export_year(year: int) -> bytes:
    """The days of a year that differ from Monday to Friday, as a CSV file that imports without a change."""
    days = [CalendarDaySeed(day.day, day.is_working, day.name) for day in calendar_days(year)]
    columns = [Column(name, name, shows=column.shows) for name, column in zip(_HEADER, _COLUMNS, strict=True)]
    return write_table("工作日历", columns, days, as_csv=True)


def import_year(*, content: bytes, official: bool, source: str, by: Actor, now: datetime) -> tuple[CalendarYear, bool]:
    """Make the calendar of the file's year what the file says. Returns it and whether anything changed."""
    if not may(by, Permission.CALENDAR_EDIT):
        raise Refused("您的岗位不能修改工作日历。")
    wanted = read_year(content)
    known = CalendarYear.objects.filter(pk=wanted.year, official=official, source=source.strip()[:200]).first()
    if known is not None and _days_of(wanted.year) == _facts(wanted.days):
        return known, False
    entry = set_year(year=wanted.year, days=wanted.days, official=official, source=source, by=by, now=now)
    return entry, True


def _days_of(year: int) -> dict[date, tuple[bool, str]]:
    return {day.day: (day.is_working, day.name) for day in calendar_days(year)}


def _facts(days: tuple[CalendarDaySeed, ...]) -> dict[date, tuple[bool, str]]:
    return {day.date: (day.is_working, day.name) for day in days}
