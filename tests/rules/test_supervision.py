"""Supervision: regular tasks come round again, deadlines keep their length, closing needs an end or a reason."""

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chuangwen.rules.deadlines import SHANGHAI
from chuangwen.rules.supervision import (
    PREPARED_BEFORE,
    Repeat,
    Rest,
    Window,
    closing_objections,
    from_disclosure,
    later,
    next_turn,
)

FIRST, LAST = datetime(2019, 1, 1), datetime(2030, 12, 31)  # noqa: DTZ001  # hypothesis wants bounds without a zone
MOMENTS = st.datetimes(FIRST, LAST, timezones=st.just(SHANGHAI))
LENGTHS = st.timedeltas(timedelta(hours=1), timedelta(days=20))
REPEATS = st.sampled_from([Repeat.WEEKLY, Repeat.MONTHLY])


def at(*parts: int) -> datetime:
    """A moment in Beijing time."""
    return datetime(*parts, tzinfo=SHANGHAI)  # type: ignore[arg-type, misc]  # year, month, day, hour


def test_a_weekly_task_comes_on_the_same_weekday() -> None:
    window = Window(at(2020, 6, 22, 9), at(2020, 6, 24, 18))
    assert later(window, Repeat.WEEKLY, 2) == Window(at(2020, 7, 6, 9), at(2020, 7, 8, 18))


def test_the_thirty_first_stays_the_thirty_first_where_there_is_one() -> None:
    window = Window(at(2020, 1, 31, 9), at(2020, 1, 31, 18))
    starts = [later(window, Repeat.MONTHLY, turn).starts_at for turn in (1, 2, 3)]
    assert starts == [at(2020, 2, 29, 9), at(2020, 3, 31, 9), at(2020, 4, 30, 9)]


def test_a_task_that_does_not_repeat_has_no_next_turn() -> None:
    window = Window(at(2020, 6, 22, 9), at(2020, 6, 24, 18))
    assert next_turn(window, Repeat.NEVER, 0, at(2021, 1, 1)) is None
    with pytest.raises(ValueError, match="does not repeat"):
        later(window, Repeat.NEVER, 1)


@given(MOMENTS, LENGTHS, REPEATS, st.integers(0, 30))
def test_turns_follow_each_other_and_keep_their_length(
    starts_at: datetime, length: timedelta, repeat: Repeat, turn: int
) -> None:
    first = Window(starts_at, starts_at + length)
    here, after = later(first, repeat, turn), later(first, repeat, turn + 1)
    assert here.ends_at - here.starts_at == length
    assert timedelta(days=7) <= after.starts_at - here.starts_at <= timedelta(days=31)


@given(MOMENTS, LENGTHS, REPEATS, st.integers(0, 5), st.timedeltas(timedelta(days=-40), timedelta(days=400)))
def test_only_a_near_turn_that_is_not_over_is_prepared(
    starts_at: datetime, length: timedelta, repeat: Repeat, turn: int, passed: timedelta
) -> None:
    first, now = Window(starts_at, starts_at + length), starts_at + passed
    found = next_turn(first, repeat, turn, now)
    if found is not None:
        window = later(first, repeat, found)
        assert found > turn
        assert window.starts_at - PREPARED_BEFORE <= now < window.ends_at


@given(
    MOMENTS, st.timedeltas(timedelta(minutes=1), timedelta(days=60)), st.timedeltas(timedelta(0), timedelta(days=60))
)
def test_disclosing_later_takes_nothing_from_the_time_to_answer(
    said_at: datetime, span: timedelta, waited: timedelta
) -> None:
    disclosed = said_at + waited
    assert from_disclosure(said_at + span, said_at=said_at, disclosed_at=disclosed) - disclosed == span


@given(st.integers(0, 3), st.integers(0, 3), st.integers(0, 3), st.booleans(), st.sampled_from(["", " ", "挂账到明年"]))
def test_closing_needs_everything_done_or_a_reason_and_never_a_secret(
    cases: int, remarks: int, raw: int, secret: bool, reason: str
) -> None:
    found = closing_objections(Rest(cases, remarks, raw, secret), reason)
    left = cases + remarks + raw > 0 and not reason.strip()
    assert len(found) == int(secret) + int(left)
    if left and cases:
        assert f"{cases} 件案件没有办结" in found[-1]
