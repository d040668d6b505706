"""Weeks, rates and the difference in differences, with its honest interval."""

import random
from datetime import date, datetime, timedelta
from statistics import mean, variance

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chuangwen.rules.deadlines import SHANGHAI
from chuangwen.rules.trends import (
    WEEK,
    CaseFact,
    Group,
    Weeks,
    difference_in_differences,
    measured,
    monday_of,
    said_plainly,
    weeks_around,
)

START = date(2020, 6, 22)  # a Monday
NOON = datetime(2020, 6, 22, 12, tzinfo=SHANGHAI)
counts = st.lists(st.integers(0, 40), min_size=12, max_size=12)


def weeks(before: int = 6, after: int = 6) -> Weeks:
    """Whole weeks around the start."""
    return weeks_around(START, until=START + WEEK * after - timedelta(days=1), before=before)


def group(values: list[int], sites: int = 100, span: Weeks | None = None) -> Group:
    """So many cases in the weeks one after the other."""
    return Group(dict(zip((span or weeks()).all, values, strict=True)), sites)


@given(st.dates(date(2019, 1, 1), date(2021, 1, 1)), st.integers(0, 120), st.integers(1, 20))
def test_only_whole_weeks_are_compared(start: date, length: int, before: int) -> None:
    until = start + timedelta(days=length)
    found = weeks_around(start, until=until, before=before)
    assert len(found.before) == before
    assert all(week.weekday() == 0 for week in found.all)
    assert list(found.all) == sorted(set(found.all))
    assert all(week + WEEK <= monday_of(start) for week in found.before)
    assert all(start <= week and week + timedelta(days=6) <= until for week in found.after)
    assert bool(found.broken) is (start.weekday() != 0)


@given(counts, counts, st.integers(1, 500), st.integers(1, 500))
def test_swapping_the_groups_turns_the_sign(inside: list[int], outside: list[int], a: int, b: int) -> None:
    one = difference_in_differences(group(inside, a), group(outside, b), weeks())
    other = difference_in_differences(group(outside, b), group(inside, a), weeks())
    assert one is not None
    assert other is not None
    assert one.change == pytest.approx(-other.change)
    assert one.low is not None
    assert one.high is not None
    assert one.low <= one.change <= one.high
    assert other.high == pytest.approx(-one.low)


@given(counts, st.integers(0, 9))
def test_a_change_that_both_share_is_no_difference(inside: list[int], more: int) -> None:
    grown = [value + more * (place >= 6) for place, value in enumerate(inside)]
    base = difference_in_differences(group(inside), group(inside), weeks())
    found = difference_in_differences(group(grown), group(grown), weeks())
    assert base is not None
    assert found is not None
    assert found.change == pytest.approx(0)
    assert found.inside_after - base.inside_after == pytest.approx(more)


def test_the_interval_is_welchs() -> None:
    inside, outside = [8, 9, 7, 10, 8, 9, 4, 5, 3, 4, 5, 4], [6, 7, 6, 5, 7, 6, 6, 5, 7, 6, 6, 5]
    found = difference_in_differences(group(inside), group(outside), weeks())
    assert found is not None
    cells = [inside[:6], inside[6:], outside[:6], outside[6:]]
    parts = [variance(cell) / 6 for cell in cells]
    freedom = sum(parts) ** 2 / sum(part**2 / 5 for part in parts)
    assert 17 < freedom < 20
    assert found.change == pytest.approx(mean(cells[1]) - mean(cells[0]) - mean(cells[3]) + mean(cells[2]))
    assert found.high == pytest.approx(found.change + 2.10 * sum(parts) ** 0.5, abs=0.02)
    assert found.leans == "fewer"
    assert "不能断定" in said_plainly(found)[2]


def test_the_interval_holds_the_truth_about_as_often_as_it_says() -> None:
    dice, held = random.Random(20200622), 0
    for _ in range(400):
        inside, outside = ([sum(dice.random() < 0.1 for _ in range(60)) for _ in range(12)] for _ in range(2))
        found = difference_in_differences(group(inside), group(outside), weeks())
        assert found is not None
        held += found.leans == "unclear"
    assert 0.92 <= held / 400 <= 0.98


def test_too_few_weeks_give_no_interval_and_say_so() -> None:
    short = weeks(before=6, after=2)
    found = difference_in_differences(group([5] * 8, span=short), group([4] * 8, span=short), short)
    assert found is not None
    assert (found.low, found.high, found.leans) == (None, None, "short")
    assert "先不要下结论" in said_plainly(found)[2]
    none = weeks(after=0)
    assert difference_in_differences(group([5] * 6, span=none), group([5] * 6, span=none), none) is None
    assert difference_in_differences(group([5] * 12, sites=0), group([5] * 12), weeks()) is None


def fact(number: int, **changes: object) -> CaseFact:
    """A case inside at place 1."""
    fields: dict[str, object] = {
        "inside": True, "place": 1, "standard": "S", "reported": NOON, "due": None, "rectified": None, "ended": None,
    }  # fmt: skip
    return CaseFact(number, **{**fields, **changes})  # type: ignore[arg-type]  # test data


def test_open_cases_are_those_open_at_the_end() -> None:
    day = timedelta(days=1)
    facts = [
        fact(1), fact(2, ended=NOON + day), fact(3, ended=NOON + 9 * day), fact(4, reported=NOON + 8 * day),
        fact(5, inside=False),
    ]  # fmt: skip
    found = measured("open_cases", facts, NOON - day, NOON + 5 * day)
    assert (found.part, found.value) == ((1, 3), 2)


def test_the_on_time_rate_counts_what_fell_due() -> None:
    day = timedelta(days=1)
    facts = [
        fact(1, due=NOON + day, rectified=NOON), fact(2, due=NOON + day), fact(3, due=NOON + day, rectified=NOON + 2 * day),
        fact(4, due=NOON + 9 * day, rectified=NOON),
    ]  # fmt: skip
    found = measured("on_time_rate", facts, NOON, NOON + 5 * day)
    assert (found.part, found.whole) == ((1,), (1, 2, 3))
    assert found.value == pytest.approx(100 / 3)
    assert measured("on_time_rate", [], NOON, NOON + day).value is None


def test_recurrence_is_the_same_place_and_standard_soon_after() -> None:
    day = timedelta(days=1)
    facts = [
        fact(1, reported=NOON - 40 * day, ended=NOON - 30 * day), fact(2), fact(3, standard="T"), fact(4, place=2),
        fact(5, place=None), fact(6, reported=NOON + 31 * day),
    ]  # fmt: skip
    found = measured("recurrence", facts, NOON, NOON + 40 * day)
    assert (found.part, found.whole) == ((2,), (2, 3, 4, 6))
