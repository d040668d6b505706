"""Deadlines: one clock that runs only in the time that counts.

For hours, days and both urgent units all time counts, a day being 24 hours. For working hours and working
days only the office windows of working days count, and one working day is the office time of one day
(eight hours by default). Pauses stop the clock, each extension adds the original limit once more.
Inside, moments are whole microseconds since 1970 (UTC), so that nothing is lost in rounding.

Source: the limits, pause and extension rules in use in digital urban management (数字化城市管理) systems:
紧急工作时 run after office hours and on holidays, 工作时 only 08:00-12:00 and 14:00-18:00 on working days.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from decimal import ROUND_HALF_UP, Decimal
from functools import cached_property
from itertools import pairwise
from typing import Final
from zoneinfo import ZoneInfo

from chuangwen.rules.limits import Limit, LimitUnit
from chuangwen.rules.refusals import BadInput

SHANGHAI: Final = ZoneInfo("Asia/Shanghai")
OFFICE_HOURS: Final = ((time(8), time(12)), (time(14), time(18)))
MOST_EXTENSIONS: Final = 2

Pause = tuple[datetime, datetime]

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)
_HOUR: Final = timedelta(hours=1) // _MICROSECOND
_SATURDAY: Final = 5
_YEARS: Final = range(1900, 3000)


def _ticks(moment: datetime) -> int:
    return (moment - _EPOCH) // _MICROSECOND


@dataclass(frozen=True)
class _OfficeYear:
    """The office windows of one year in order; `before[i]` is the office time that lies before window i."""

    starts: tuple[int, ...]
    ends: tuple[int, ...]
    before: tuple[int, ...]
    total: int

    def reading(self, at: int) -> int:
        """Office time from the start of the year until `at`."""
        i = bisect_right(self.starts, at) - 1
        return 0 if i < 0 else self.before[i] + min(at, self.ends[i]) - self.starts[i]

    def reach(self, reading: int) -> int:
        """The first moment with this reading (0 < reading <= total): the end of a window, not the next start."""
        i = bisect_left(self.before, reading) - 1
        return self.starts[i] + reading - self.before[i]


def _hours_objections(hours: Sequence[tuple[time, time]]) -> Iterator[str]:
    if not hours:
        yield "工作时段至少要有一段，例如 08:00-12:00。"
    for opens, closes in hours:
        if opens >= closes:
            yield f"工作时段 {opens:%H:%M}-{closes:%H:%M} 的终点要晚于起点。"
    for (_, closes), (opens, _) in pairwise(hours):
        if opens < closes:
            yield f"工作时段要按先后排列、互不重叠：{opens:%H:%M} 早于上一段的终点 {closes:%H:%M}。"


@dataclass(frozen=True)
class WorkCalendar:
    """Which days and hours are working time.

    `exceptions` overrides Monday to Friday (True works, False rests). `official_years` are the years whose
    State Council holiday notice is in the calendar; the other years are provisional. Raises BadInput for
    hours that are empty, reversed, unordered or overlapping.
    """

    exceptions: Mapping[date, bool] = field(default_factory=dict, hash=False)
    official_years: frozenset[int] = frozenset()
    hours: tuple[tuple[time, time], ...] = OFFICE_HOURS
    timezone: tzinfo = SHANGHAI
    _years: dict[int, _OfficeYear] = field(default_factory=dict, init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        if objections := tuple(_hours_objections(self.hours)):
            raise BadInput(objections)
        # A copy of our own: the tables by year are kept and must not go stale.
        object.__setattr__(self, "exceptions", dict(self.exceptions))

    def is_working(self, day: date) -> bool:
        """Whether people are in office on this day."""
        listed = self.exceptions.get(day)
        return day.weekday() < _SATURDAY if listed is None else listed

    def overridden(self, days: Mapping[date, bool]) -> "WorkCalendar":
        """This calendar with some days decided otherwise; official years stay as they are."""
        return replace(self, exceptions={**self.exceptions, **days})

    @cached_property
    def day_length(self) -> timedelta:
        """The office time of one working day."""
        spans = (datetime.combine(date.min, end) - datetime.combine(date.min, start) for start, end in self.hours)
        return sum(spans, timedelta())

    def _office_year(self, year: int) -> _OfficeYear:
        if year not in self._years:
            self._years[year] = self._build_year(year)
        return self._years[year]

    def _build_year(self, year: int) -> _OfficeYear:
        every_day = map(date.fromordinal, range(date(year, 1, 1).toordinal(), date(year + 1, 1, 1).toordinal()))
        windows = [(day, span) for day in every_day if self.is_working(day) for span in self.hours]
        starts = tuple(_ticks(datetime.combine(day, opens, self.timezone)) for day, (opens, _) in windows)
        ends = tuple(_ticks(datetime.combine(day, closes, self.timezone)) for day, (_, closes) in windows)
        before, total = [], 0
        for start, end in zip(starts, ends, strict=True):
            before.append(total)
            total += end - start
        return _OfficeYear(starts, ends, tuple(before), total)

    def _moment(self, ticks: int) -> datetime:
        return (_EPOCH + ticks * _MICROSECOND).astimezone(self.timezone)

    def _counted(self, start: int, end: int, unit: LimitUnit) -> int:
        if not unit.is_working_time:
            return end - start
        first, last = self._moment(start).year, self._moment(end).year
        whole = sum(self._office_year(year).total for year in range(first, last))
        return whole + self._office_year(last).reading(end) - self._office_year(first).reading(start)

    def _reach(self, start: int, amount: int, unit: LimitUnit) -> int:
        if not unit.is_working_time:
            return start + amount
        year = self._moment(start).year
        wanted = self._office_year(year).reading(start) + amount
        while wanted > self._office_year(year).total:
            wanted -= self._office_year(year).total
            year += 1
        return self._office_year(year).reach(wanted)


@dataclass(frozen=True)
class Due:
    """The moment a limit is used up, in the calendar's time zone, and what a reader must know about it."""

    at: datetime
    warnings: tuple[str, ...] = ()


def _moment_objections(what: str, moment: datetime) -> Iterator[str]:
    if moment.tzinfo is None or moment.utcoffset() is None:
        yield f"{what} {moment:%Y-%m-%d %H:%M} 没有时区，请写明，例如 +08:00。"
    if moment.year not in _YEARS:
        yield f"{what}的年份 {moment.year} 不在 {_YEARS.start} 至 {_YEARS.stop - 1} 年之间，请更正。"


def _pause_objections(pause: Pause) -> Iterator[str]:
    begin, end = pause
    found = [*_moment_objections("暂停起点", begin), *_moment_objections("暂停终点", end)]
    yield from found
    if not found and end < begin:
        yield f"暂停的终点 {end:%Y-%m-%d %H:%M} 早于起点 {begin:%Y-%m-%d %H:%M}，请更正。"


def objections_to(
    *, start: datetime | None = None, pauses: Sequence[Pause] = (), extensions: int = 0
) -> tuple[str, ...]:
    """Everything that keeps these facts from being counted; empty when they are good. None is not looked at."""
    found = [*_moment_objections("起点", start)] if start is not None else []
    for pause in pauses:
        found.extend(_pause_objections(pause))
    if not 0 <= extensions <= MOST_EXTENSIONS:
        found.append(f"延期次数 {extensions} 不可用：最多延期 {MOST_EXTENSIONS} 次，请写 0 至 {MOST_EXTENSIONS}。")
    return tuple(found)


def _free(start: int, pauses: Sequence[Pause]) -> Iterator[tuple[int, int | None]]:
    """The stretches between the pauses from `start` on; the last one has no end."""
    at = start
    for begin, end in sorted((_ticks(begin), _ticks(end)) for begin, end in pauses):
        if begin > at:
            yield at, begin
        at = max(at, end)
    yield at, None


def _ticks_of(limit: Limit, calendar: WorkCalendar, extensions: int) -> int:
    if limit.unit is LimitUnit.working_days:
        one = calendar.day_length // _MICROSECOND
    else:
        one = 24 * _HOUR if limit.unit.is_days else _HOUR
    ticks = (limit.amount * Decimal(one * (1 + extensions))).to_integral_value(ROUND_HALF_UP)
    return max(1, int(ticks))


def _run_down(start: int, amount: int, unit: LimitUnit, calendar: WorkCalendar, pauses: Sequence[Pause]) -> int:
    left = amount
    for begin, end in _free(start, pauses):
        available = left if end is None else calendar._counted(begin, end, unit)
        if left <= available:
            break
        left -= available
    return calendar._reach(begin, left, unit)


def _provisional(first: int, last: int, calendar: WorkCalendar) -> Iterator[str]:
    for year in range(first, last + 1):
        if year not in calendar.official_years:
            yield f"日历中没有 {year} 年正式的放假调休安排，该年的工作日是推算的，请按国务院办公厅的通知核对。"


def due_at(
    start: datetime,
    limit: Limit,
    calendar: WorkCalendar,
    *,
    pauses: Sequence[Pause] = (),
    extensions: int = 0,
) -> Due:
    """The moment at which the limit, once more for each extension, is used up.

    When it is used up at the end of an office window the deadline is that end, not the next morning. Pauses
    (from, to) may overlap or lie before the start; what they share with the running time does not count.
    A limit in working time warns of every provisional year between start and deadline. The last working days
    of a December may still be moved by the notice of the following year; that is not warned of.

    Raises BadInput with every objection: moments without a time zone or outside 1900-2999, a pause that ends
    before it begins, more than two extensions.
    """
    if objections := objections_to(start=start, pauses=pauses, extensions=extensions):
        raise BadInput(objections)
    amount = _ticks_of(limit, calendar, extensions)
    at = calendar._moment(_run_down(_ticks(start), amount, limit.unit, calendar, pauses))
    first = start.astimezone(calendar.timezone).year
    return Due(at, tuple(_provisional(first, at.year, calendar)) if limit.unit.is_working_time else ())


def worked_between(
    start: datetime,
    end: datetime,
    unit: LimitUnit,
    calendar: WorkCalendar,
    pauses: Sequence[Pause] = (),
) -> float:
    """Seconds of counted time from start to end without the pauses; 0 when the end is before the start.

    Raises BadInput as `due_at` does.
    """
    if objections := (*objections_to(start=start, pauses=pauses), *_moment_objections("终点", end)):
        raise BadInput(objections)
    stop, used = _ticks(end), 0
    for begin, until in _free(_ticks(start), pauses):
        if begin < stop:
            used += calendar._counted(begin, stop if until is None else min(until, stop), unit)
    return used / 1_000_000


def may_extend(
    *, extensions: int, now: datetime, due: datetime, closed: bool = False, pending: bool = False
) -> tuple[str, ...]:
    """Why no extension may be asked for now; empty when it may.

    `extensions` counts approved ones only: a refused request does not use one up. `due` is the current
    deadline; at that very moment a request is still in time. Raises BadInput for moments without a time zone.
    """
    if objections := (*_moment_objections("当前时刻", now), *_moment_objections("期限", due)):
        raise BadInput(objections)
    checks = (
        (closed, "已经结案，不能再申请延期。"),
        (pending, "上一次延期申请还没有批复，请等批复后再申请。"),
        (extensions >= MOST_EXTENSIONS, f"已经延期 {extensions} 次，最多延期 {MOST_EXTENSIONS} 次，请按现期限办结。"),
        (now > due, "已经超过期限，不能再申请延期，请尽快办结并说明原因。"),
    )
    return tuple(sentence for applies, sentence in checks if applies)
