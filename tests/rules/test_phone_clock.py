"""A phone tells late when something was judged, by a clock that may be wrong."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chuangwen.rules.phone_clock import DRIFT, apart, judged_at

RECEIVED = datetime(2020, 6, 24, 9, 0, tzinfo=UTC)
PLANNED = RECEIVED - timedelta(days=2)
HOUR = timedelta(hours=1)
spans = st.timedeltas(min_value=timedelta(days=-1000), max_value=timedelta(days=1000))
hours = st.floats(min_value=0, max_value=47).map(lambda number: number * HOUR)


def told(found: timedelta, sent: timedelta) -> tuple[datetime, str]:
    """Both readings as distances from the moment of receipt."""
    judged = judged_at(found_at=RECEIVED + found, sent_at=RECEIVED + sent, received_at=RECEIVED, earliest=PLANNED)
    return judged.at, judged.note


def test_a_right_clock_is_believed() -> None:
    assert told(-3 * HOUR, timedelta(seconds=-20)) == (RECEIVED - 3 * HOUR, "")


@pytest.mark.parametrize("years", [-2, 2])
def test_a_clock_two_years_off_still_tells_how_long_ago_it_was(years: int) -> None:
    off = timedelta(days=years * 366)
    at, note = told(off - 3 * HOUR, off)
    assert at == RECEIVED - 3 * HOUR
    assert "相差约 2 年" in note


def test_a_clock_that_was_set_right_in_between_is_not_believed() -> None:
    at, note = told(timedelta(days=-730), timedelta())
    assert at == RECEIVED
    assert "按系统收到的时间" in note
    assert told(timedelta(days=730), timedelta()) == (at, note)


def test_a_phone_that_says_nothing_gets_the_moment_of_receipt() -> None:
    assert judged_at(found_at=None, sent_at=None, received_at=RECEIVED, earliest=PLANNED).at == RECEIVED


@given(found=spans, sent=spans)
def test_nothing_is_judged_before_the_round_or_after_its_receipt(found: timedelta, sent: timedelta) -> None:
    at, _ = told(found, sent)
    assert PLANNED <= at <= RECEIVED


@given(off=spans, ago=hours)
def test_how_wrong_the_clock_is_does_not_matter(off: timedelta, ago: timedelta) -> None:
    at, _ = told(off - ago, off)
    assert abs(at - (RECEIVED - ago)) <= DRIFT


def test_lengths_are_said_in_their_largest_unit() -> None:
    spans = (timedelta(minutes=7), -5 * HOUR, timedelta(days=3), timedelta(days=731))
    assert [apart(span) for span in spans] == ["7 分钟", "5 小时", "3 天", "2 年"]
