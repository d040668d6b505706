"""Reading routine work into the account of each branch, so that what something new would ask can be held against it."""

from collections import Counter
from datetime import date, datetime, timedelta

from chuangwen.asked.queries import asked_in
from chuangwen.burden.operations import put_readings
from chuangwen.burden.queries import homes_with_budgets, standard
from chuangwen.rules.burden import lines_of, month_of
from chuangwen.rules.deadlines import SHANGHAI
from chuangwen.rules.permissions import Actor, Role


def months_ahead(now: datetime) -> list[date]:
    """This month and the next."""
    first = month_of(now.astimezone(SHANGHAI).date())
    return [first, month_of(first + timedelta(days=32))]


def read_burden(*, by: Actor, now: datetime) -> int:
    """Read this month and the next for every branch that set a budget. Repeatable. Returns how many accounts."""
    minutes, count = standard(), 0
    for month in months_ahead(now):
        for home in homes_with_budgets([month]):
            found: Counter[Role] = Counter()
            for line in lines_of(asked_in(home, month), minutes):
                found[line.role] += line.minutes
            put_readings(home=home, month=month, minutes=found, by=by, now=now)
            count += 1
    return count
