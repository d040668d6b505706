"""Rules of street whistles: whose turn it is, what stands in the way, bands that are no ranking."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chuangwen.rules.calendar_seed import seed_days
from chuangwen.rules.case_flow import OPEN, PARTS_OPEN, Status, parts_objections
from chuangwen.rules.deadlines import WorkCalendar
from chuangwen.rules.whistles import (
    BAND_LABELS,
    BAND_MEANINGS,
    TERM_LABELS,
    USUAL_PROMISES,
    Band,
    Moments,
    PromiseText,
    Step,
    SummonsFacts,
    band,
    blow_objections,
    closing_objections,
    expected_by_peers,
    fit_objections,
    in_time,
    may_object,
    moments,
    next_turn,
    promise_objections,
    read_term,
)

START = datetime(2020, 6, 24, 1, 0, tzinfo=UTC)
AT = Moments(START + timedelta(minutes=10), START + timedelta(minutes=30), START + timedelta(days=1))


@pytest.fixture(scope="module")
def calendar() -> WorkCalendar:
    """2020 with its holidays."""
    return WorkCalendar(exceptions={day.date: day.is_working for day in seed_days([2020])})


@given(st.integers(1, 9999))
def test_minutes_run_round_the_clock(number: int) -> None:
    term = read_term(f"{number} 分钟内")
    assert term is not None
    assert not term.unit.is_working_time
    assert round(float(term.amount) * 60) == number


@pytest.mark.parametrize("text", ["", "0分钟", "马上", "30", "2天/2工作日"])
def test_unclear_terms_are_not_guessed(text: str) -> None:
    assert read_term(text) is None


def test_the_usual_promises_are_sound() -> None:
    assert [promise_objections(one) for one in USUAL_PROMISES] == [(), (), ()]


def test_every_fault_of_a_promise_is_named() -> None:
    found = promise_objections(PromiseText("不行", "", "?", "?", "?", "?"))
    assert len(found) == 2 + len(TERM_LABELS)


STEPS = st.sampled_from([None, *(START + timedelta(minutes=minute) for minute in (5, 20, 60))])


@st.composite
def summonses(draw: st.DrawFn) -> SummonsFacts:
    """A department somewhere on its way."""
    confirmed = draw(STEPS)
    arrived = draw(STEPS) if confirmed else None
    seen = draw(STEPS) if arrived else None
    state = draw(st.sampled_from(["open", "done", "taken_off"]))
    done = START + timedelta(hours=2) if state == "done" else None
    return SummonsFacts("某局", AT, state == "open", state == "taken_off", confirmed, arrived, seen, done)


@given(summonses())
def test_there_is_a_turn_exactly_while_the_part_is_open(summons: SummonsFacts) -> None:
    turn = next_turn(summons)
    assert (turn is not None) == summons.open
    if turn is not None:
        wanted = {Step.CONFIRM: AT.confirm_by, Step.ARRIVE: AT.arrive_by, Step.FINISH: AT.finish_by}
        assert turn.by == wanted[turn.step]
    assert bool(may_object(summons, before=0)) == (not summons.open)
    assert may_object(summons, before=1)


@given(st.lists(summonses(), max_size=4))
def test_a_whistle_closes_exactly_when_all_are_done_and_seen(called: list[SummonsFacts]) -> None:
    ready = all(
        one.taken_off or (one.finished_at is not None and one.arrival_confirmed_at is not None) for one in called
    )
    assert (not closing_objections(called)) == ready


@given(st.sampled_from(Status), st.lists(st.sampled_from(["甲局", "乙局"]), unique=True))
def test_open_parts_keep_a_case_open(target: Status, units: list[str]) -> None:
    found = parts_objections(target, units)
    assert bool(found) == bool(units and target not in PARTS_OPEN)
    assert all(unit in "".join(found) for unit in units) or not found
    assert PARTS_OPEN < OPEN


def test_deadlines_follow_each_other(calendar: WorkCalendar) -> None:
    odd = PromiseText("odd", "办结写短了", "1小时", "30分钟", "10分钟")
    for promise in (*USUAL_PROMISES, odd):
        due = moments(promise, START, calendar)
        assert START < due.confirm_by <= due.arrive_by <= due.finish_by


@given(STEPS)
def test_what_is_not_due_is_not_judged(done: datetime | None) -> None:
    assert in_time(done, AT.arrive_by, START) == (None if done is None else done <= AT.arrive_by)
    assert in_time(None, AT.arrive_by, AT.finish_by) is False


def test_a_whistle_without_reason_place_or_duty_does_not_go_out() -> None:
    found = "".join(blow_objections(reason="", duties=[("甲局", ""), ("甲局", "来")], placed=False))
    for words in ("没有理由不能吹哨", "在哪里", "写了两次", "要“甲局”做什么"):
        assert words in found
    assert blow_objections(reason="无执法权", duties=[("甲局", "清理")], placed=True) == ()


def test_a_no_wants_words() -> None:
    assert len(fit_objections(within_duty=None, sound=None, words="")) == 2
    assert fit_objections(within_duty=False, sound=True, words="")
    assert fit_objections(within_duty=False, sound=True, words="物业的事") == ()


COUNTS = st.integers(0, 60)


@given(COUNTS, st.lists(COUNTS, max_size=6), st.none() | st.floats(0.1, 60))
def test_a_band_surprises_against_every_measure_or_is_usual(
    count: int, past: list[int], by_peers: float | None
) -> None:
    found = band(count, past=past, by_peers=by_peers)
    known = ([sum(past) / len(past)] if len(past) >= 3 else []) + ([by_peers] if by_peers is not None else [])
    assert (found is Band.UNKNOWN) == (not known)
    if found is Band.MANY:
        assert all(count > mean for mean in known)
        assert band(count + 1, past=past, by_peers=by_peers) is Band.MANY
    if found is Band.FEW:
        assert all(count < mean for mean in known)


def test_bands_by_example() -> None:
    assert band(0, past=[6, 7, 5], by_peers=6.0) is Band.FEW
    assert band(0, past=[6, 7, 5], by_peers=0.5) is Band.USUAL, "同期案件少，少吹哨不奇怪"
    assert band(20, past=[6, 7, 5], by_peers=6.0) is Band.MANY
    assert band(1, past=[0, 0, 0], by_peers=0.0) is Band.USUAL, "一次哨不是偏多"
    assert band(4, past=[0, 0, 0], by_peers=0.0) is Band.MANY
    assert band(9, past=[6, 7], by_peers=None) is Band.UNKNOWN
    assert expected_by_peers(50, 200, 8) == 2.0
    assert expected_by_peers(0, 200, 8) is None
    assert set(BAND_LABELS) == set(BAND_MEANINGS) == set(Band)
