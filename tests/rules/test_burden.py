"""Burden in minutes: what is asked, what fits, and nothing lost in between."""

from datetime import date, timedelta
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from chuangwen.rules.burden import (
    TASKS,
    Asked,
    Demand,
    Room,
    Task,
    demand_objections,
    fits,
    hours,
    lines_of,
    minutes_of,
    month_of,
    months_between,
    spread,
    standard_minutes,
)
from chuangwen.rules.permissions import Role

JUNE, JULY = date(2020, 6, 1), date(2020, 7, 1)
FIRST = standard_minutes({})
counts = st.dictionaries(st.sampled_from(list(Task)), st.integers(0, 500))


def test_every_kind_has_its_minutes_and_where_they_come_from() -> None:
    assert set(TASKS) == set(Task)
    assert all(minutes >= 0 and label and source for label, minutes, source in TASKS.values())
    assert standard_minutes({"visit": Decimal(9)})[Task.VISIT] == 9


def test_a_patrol_of_two_stops_with_ten_criteria_each() -> None:
    asked = Asked("巡查", Role.INSPECTOR, "", {Task.VISIT: 2, Task.CHECK: 20, Task.PHOTO: 3, Task.MEETING: 1})
    assert minutes_of(asked, FIRST) == 2 * 15 + 10 + 3 + 90
    assert (asked.forms, asked.photos, asked.meetings) == (2, 3, 1)


@given(counts, counts)
def test_lines_keep_every_count_and_no_minute_is_rounded_away(one: dict[Task, int], other: dict[Task, int]) -> None:
    asked = [Asked("巡查", Role.INSPECTOR, "street", one), Asked("巡查", Role.INSPECTOR, "street", other)]
    lines = lines_of(asked, FIRST)
    assert len(lines) <= 1
    assert sum(line.photos for line in lines) == one.get(Task.PHOTO, 0) + other.get(Task.PHOTO, 0) or not lines
    exact = sum(FIRST[task] * (one.get(task, 0) + other.get(task, 0)) for task in Task)
    assert exact <= sum(line.minutes for line in lines) < exact + 2


@given(st.integers(0, 10**6), st.dates(date(2019, 1, 1), date(2030, 1, 1)), st.integers(0, 500))
def test_what_is_spread_over_months_stays_the_same(total: int, first: date, days: int) -> None:
    months = months_between(first, first + timedelta(days=days))
    shares = spread(total, months)
    assert [month for month, _share in shares] == months == sorted(set(months))
    assert months[0] == month_of(first)
    assert months[-1] == month_of(first + timedelta(days=days))
    assert sum(share for _month, share in shares) == total
    assert max(share for _m, share in shares) - min(share for _m, share in shares) <= 1


@given(st.integers(0, 10**5), st.integers(0, 10**5), st.integers(0, 10**5), st.integers(0, 10**5))
def test_what_fits_never_goes_over_the_budget(budget: int, routine: int, claimed: int, minutes: int) -> None:
    room, demand = Room(Role.INSPECTOR, JUNE, budget, routine, claimed), Demand(Role.INSPECTOR, JUNE, minutes)
    assert fits(demand, room) == (minutes == 0 or routine + claimed + minutes <= budget)
    assert fits(demand, Room(Role.INSPECTOR, JUNE, None, routine, claimed))


def test_a_refusal_gives_the_figures_of_each_month_that_is_full() -> None:
    demands = [Demand(Role.INSPECTOR, JUNE, 90), Demand(Role.INSPECTOR, JULY, 30)]
    rooms = {
        (Role.INSPECTOR, JUNE): Room(Role.INSPECTOR, JUNE, 600, 500, 40),
        (Role.INSPECTOR, JULY): Room(Role.INSPECTOR, JULY, 600, 0, 0),
    }
    (sentence,) = demand_objections(demands, rooms)
    for words in (
        "2020年6月巡查员",
        "上限 10 小时",
        "日常已用 8 小时 20 分",
        "已经答应的 40 分",
        "还剩 1 小时",
        "要 1 小时 30 分",
    ):
        assert words in sentence, words


def test_minutes_are_said_as_people_say_them() -> None:
    assert [hours(minutes) for minutes in (0, 45, 60, 90, -90)] == [
        "0 分",
        "45 分",
        "1 小时",
        "1 小时 30 分",
        "-1 小时 30 分",
    ]
