"""The Chinese working calendar to begin with: public holidays and make-up working days from `holidays`.

That library follows the yearly notices of the General Office of the State Council
(国务院办公厅关于部分节假日安排的通知) from 2001 on. For a year without a notice it projects the statutory
holidays and knows no make-up days; such a year is provisional.
"""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Final

from chuangwen.rules.deadlines import WorkCalendar

if TYPE_CHECKING:
    from holidays import HolidayBase

MAKE_UP_DAY: Final = "调休上班"
_SATURDAY: Final = 5


@dataclass(frozen=True)
class CalendarDaySeed:
    """A day that departs from Monday to Friday, with the reason."""

    date: dt.date
    is_working: bool
    name: str


def _china(years: Iterable[int]) -> "HolidayBase":
    from holidays import country_holidays  # noqa: PLC0415 (half a second that most commands never need)

    return country_holidays("CN", years=years, language="zh_CN")


def _known_years() -> range:
    library = _china(())
    return range(library.start_year, library.end_year + 1)


@cache
def official_years() -> frozenset[int]:
    """The years for which the library has make-up working days, that is, a published notice."""
    return frozenset(day.year for day in _china(_known_years()).weekend_workdays)


def seed_days(years: Iterable[int]) -> list[CalendarDaySeed]:
    """The exceptions from Monday to Friday in these years, in order of date.

    Holidays that fall on a weekend are left out: they change nothing. A provisional year yields projected
    statutory holidays only.
    """
    wanted = frozenset(years)
    # The notice of the following year may already move days of this December.
    library = _china(wanted | {year + 1 for year in wanted})
    rests = [CalendarDaySeed(day, False, name) for day, name in library.items() if day.weekday() < _SATURDAY]
    works = [CalendarDaySeed(day, True, MAKE_UP_DAY) for day in library.weekend_workdays]
    return sorted((seed for seed in rests + works if seed.date.year in wanted), key=lambda seed: seed.date)


@cache
def builtin_calendar() -> WorkCalendar:
    """The calendar for commands without a database: all official years and projections for every later one."""
    official = official_years()
    seeds = seed_days(year for year in _known_years() if year >= min(official))
    return WorkCalendar({seed.date: seed.is_working for seed in seeds}, official)
