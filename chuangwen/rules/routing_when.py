"""When a routing rule applies: days and hours as offices write them. All times are Beijing time."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from chuangwen.rules.deadlines import WorkCalendar

MINUTES: Final = 24 * 60
WEEKDAYS: Final = ("周一", "周二", "周三", "周四", "周五", "周六", "周日")
WORKING, RESTING = "工作日", "休息日"
DAY_WORDS: Final = (*WEEKDAYS, WORKING, RESTING)
_SPAN: Final = re.compile(r"(\d{1,2})[:：](\d{2})\s*[-–—~至]\s*(\d{1,2})[:：](\d{2})")
_ALL: Final = frozenset((day, works) for day in range(7) for works in (True, False))
_DAYS: Final[dict[str, frozenset[tuple[int, bool]]]] = {
    **{word: frozenset({(day, True), (day, False)}) for day, word in enumerate(WEEKDAYS)},
    WORKING: frozenset((day, True) for day in range(7)),
    RESTING: frozenset((day, False) for day in range(7)),
}


@dataclass(frozen=True)
class Hours:
    """From one minute of the day (included) to another (not included); the end may lie after midnight."""

    start: int
    end: int

    def holds(self, minute: int) -> bool:
        """Whether this minute of the day lies inside."""
        if self.start < self.end:
            return self.start <= minute < self.end
        return minute >= self.start or minute < self.end

    @property
    def text(self) -> str:
        """As it is written: 18:00-08:00."""
        return f"{_clock(self.start)}-{_clock(self.end)}"

    def minutes(self) -> frozenset[int]:
        """Every minute inside."""
        return frozenset(minute for minute in range(MINUTES) if self.holds(minute))


def _clock(minute: int) -> str:
    return f"{minute // 60:02}:{minute % 60:02}"


def read_hours(text: str) -> Hours:
    """18:00-08:00 or 8:30—17:30; raises ValueError with a Chinese sentence."""
    found = _SPAN.fullmatch(text.strip())
    if found is None:
        raise ValueError(f"时段“{text}”读不懂，请写成 18:00-08:00，可以跨过零点。")
    h1, m1, h2, m2 = (int(part) for part in found.groups())
    start, end = h1 * 60 + m1, h2 * 60 + m2
    if m1 > 59 or m2 > 59 or start >= MINUTES or end > MINUTES:
        raise ValueError(f"时段“{text}”里有不存在的钟点，请写 00:00 到 24:00 之间的时刻。")
    if start == end % MINUTES and end != MINUTES:
        raise ValueError(f"时段“{text}”起止相同；全天都适用就把时段留空。")
    return Hours(start, end % MINUTES if start else end)


def read_day(text: str) -> str:
    """A word for days: 周一 to 周日 (星期一 is taken too), 工作日, 休息日; raises ValueError with a Chinese sentence."""
    word = text.strip().replace("星期", "周").replace("周天", "周日")
    if word not in _DAYS:
        raise ValueError(f"“{text}”不是日子，可用：{'、'.join(DAY_WORDS)}。")
    return word


def day_set(words: Iterable[str]) -> frozenset[tuple[int, bool]]:
    """The days that the words name as (weekday from Monday = 0, working day); no words: every day."""
    named = [_DAYS[word] for word in words]
    return frozenset().union(*named) if named else _ALL


def day_of(at: datetime, calendar: WorkCalendar) -> tuple[int, bool]:
    """What kind of day a moment lies in."""
    day = at.astimezone(calendar.timezone).date()
    return day.weekday(), calendar.is_working(day)


def minute_of(at: datetime, calendar: WorkCalendar) -> int:
    """The minute of the day of a moment."""
    here = at.astimezone(calendar.timezone)
    return here.hour * 60 + here.minute


def hours_within(inner: Hours | None, outer: Hours | None) -> bool:
    """Whether every minute of `inner` lies in `outer` (None: the whole day)."""
    if outer is None:
        return True
    return (frozenset(range(MINUTES)) if inner is None else inner.minutes()) <= outer.minutes()
