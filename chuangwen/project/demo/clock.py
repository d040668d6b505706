"""The two clocks of a case's limit, fast enough for the thousands of moments that the sample story needs.

Deadlines themselves are never taken from here: the loader's operations set them by rules/deadlines.py.
Office hours are 08:00-12:00 and 14:00-18:00, as there.
"""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from chuangwen.rules.deadlines import SHANGHAI
from chuangwen.rules.limits import Limit, LimitUnit

HALF_DAY = 240.0  # minutes of a morning or an afternoon
SLOW = 6.0  # hours from which nobody is expected to finish at night


@dataclass(frozen=True)
class Span:
    """Some hours: office hours (`working`) or hours by the wall clock."""

    hours: float
    working: bool

    def part(self, share: float) -> "Span":
        """A share of it on the same clock."""
        return Span(self.hours * share, self.working)


def span_of(limit: Limit) -> Span:
    """A limit in hours: a working day has eight, every other day twenty-four."""
    if limit.unit is LimitUnit.working_days:
        return Span(float(limit.amount) * 8, working=True)
    return Span(float(limit.amount) * (24 if limit.unit.is_days else 1), limit.unit.is_working_time)


def moment(day: date, hour: int, minute: int = 0) -> datetime:
    """That time of that day in Shanghai."""
    return datetime.combine(day, time(hour, minute), SHANGHAI)


class Clock:
    """Adds a span to a moment; answers None once the answer lies after the last office hour of the last day."""

    def __init__(self, working_days: Sequence[date]) -> None:
        self._starts = [moment(day, hour) for day in working_days for hour in (8, 14)]
        self.end = moment(working_days[-1], 18)

    def later(self, start: datetime, span: Span) -> datetime | None:
        """The moment when the span has passed, to the minute and at least one minute on."""
        at = self._office(start, span.hours * 60) if span.working else self._wall(start, span.hours)
        return at if at is not None and at <= self.end else None

    def _office(self, start: datetime, minutes: float) -> datetime | None:
        index = max(0, bisect_right(self._starts, start) - 1)
        gone = (start - self._starts[index]).total_seconds() / 60
        total = index * HALF_DAY + min(max(gone, 0.0), HALF_DAY) + max(minutes, 1.0)
        index, rest = divmod(round(total), int(HALF_DAY))
        return self._starts[index] + timedelta(minutes=rest) if index < len(self._starts) else None

    def _wall(self, start: datetime, hours: float) -> datetime:
        """Slow work is not ticked off at night: it is done the evening before."""
        at = start + timedelta(minutes=max(1, round(hours * 60)))
        if hours >= SLOW and not 7 <= at.hour < 21:
            evening = moment(at.date() - timedelta(days=at.hour < 7), 19, at.minute)
            return evening if evening > start else at
        return at
