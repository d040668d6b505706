"""Why a deadline falls where it falls, day by day, for a person who wants to check the sum."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal

from chuangwen.rules.deadlines import SHANGHAI, Due, WorkCalendar, worked_between
from chuangwen.rules.limits import Limit

MOST_DAYS = 62


@dataclass(frozen=True)
class CountedDay:
    """One day between start and deadline and the hours of it that count."""

    day: date
    hours: str  # empty: none of it counts
    working: bool


def counted_days(start: datetime, due: Due, limit: Limit, calendar: WorkCalendar) -> list[CountedDay]:
    """Every day from start to deadline with the hours that count, the first sixty-two of them at most.

    Empty for a limit that runs through nights and holidays: there every hour counts.
    """
    if not limit.unit.is_working_time:
        return []
    begin, end = start.astimezone(SHANGHAI), due.at.astimezone(SHANGHAI)
    days = [begin.date() + timedelta(days=n) for n in range(min((end.date() - begin.date()).days + 1, MOST_DAYS))]
    return [CountedDay(day, _hours(day, begin, end, limit, calendar), calendar.is_working(day)) for day in days]


def _hours(day: date, begin: datetime, end: datetime, limit: Limit, calendar: WorkCalendar) -> str:
    opens = max(begin, datetime.combine(day, time(), SHANGHAI))
    closes = min(end, datetime.combine(day + timedelta(days=1), time(), SHANGHAI))
    seconds = worked_between(opens, closes, limit.unit, calendar)
    hours = (Decimal(round(seconds)) / 3600).quantize(Decimal("0.01"))
    return f"{hours.normalize():f}" if hours else ""
