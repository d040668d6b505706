"""Deadlines on the Chinese working calendar."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chuangwen.rules.deadlines import SHANGHAI, Due, Pause, WorkCalendar, due_at, may_extend, worked_between
from chuangwen.rules.limits import Limit, LimitUnit, parse_limit
from chuangwen.rules.refusals import BadInput

# Dragon-boat festival 2020 (国办发明电〔2019〕16号): 25-27 June off, Sunday 28 June works.
CALENDAR = WorkCalendar(
    {date(2020, 6, 25): False, date(2020, 6, 26): False, date(2020, 6, 28): True}, frozenset({2019, 2020})
)
WORKING = [LimitUnit.working_hours, LimitUnit.working_days]
SECONDS = {
    LimitUnit.urgent_hours: 3600,
    LimitUnit.working_hours: 3600,
    LimitUnit.hours: 3600,
    LimitUnit.working_days: 8 * 3600,
    LimitUnit.days: 24 * 3600,
    LimitUnit.urgent_days: 24 * 3600,
}


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


def limit(text: str) -> Limit:
    read = parse_limit(text)
    assert read is not None
    return read


def due(start: str, text: str, *, pauses: Sequence[Pause] = (), extensions: int = 0) -> datetime:
    return due_at(at(start), limit(text), CALENDAR, pauses=pauses, extensions=extensions).at


@pytest.mark.parametrize(
    ("start", "text", "expected"),
    [
        # Wednesday 17:00: one hour today, three on the working Sunday after the festival.
        ("2020-06-24T17:00", "4工作时", "2020-06-28T11:00"),
        ("2020-06-24T17:00", "4紧急工作时", "2020-06-24T21:00"),
        ("2020-06-24T17:00", "4小时", "2020-06-24T21:00"),
        ("2020-06-24T17:00", "1天", "2020-06-25T17:00"),
        ("2020-06-24T17:00", "1紧急工作日", "2020-06-25T17:00"),
        ("2020-06-24T17:00", "1工作日", "2020-06-28T17:00"),
        ("2020-06-24T17:00", "2工作日", "2020-06-29T17:00"),
        # Used up at the end of a window: that end, not the next start.
        ("2020-06-24T08:00", "4工作时", "2020-06-24T12:00"),
        ("2020-06-24T08:00", "1工作日", "2020-06-24T18:00"),
        ("2020-06-24T17:00", "1工作时", "2020-06-24T18:00"),
        # Handed in at noon, at night, on a holiday: the clock starts with the next window.
        ("2020-06-24T12:30", "1工作时", "2020-06-24T15:00"),
        ("2020-06-24T23:00", "1工作时", "2020-06-28T09:00"),
        ("2020-06-27T10:00", "半个工作日", "2020-06-28T12:00"),
        ("2019-12-31T17:00", "2工作时", "2020-01-01T09:00"),
    ],
)
def test_each_unit_counts_its_own_time(start: str, text: str, expected: str) -> None:
    assert due(start, text) == at(expected)


def test_a_start_in_another_zone_gives_the_same_moment_in_beijing_time() -> None:
    found = due_at(datetime(2020, 6, 24, 9, tzinfo=UTC), limit("4工作时"), CALENDAR)
    assert found.at.isoformat() == "2020-06-28T11:00:00+08:00"


def test_a_district_with_other_office_hours_counts_its_own_day() -> None:
    summer = WorkCalendar(hours=((time(9), time(12)), (time(13, 30), time(17, 30))))
    assert summer.day_length == timedelta(hours=7)
    assert due_at(at("2020-06-22T09:00"), limit("1工作日"), summer).at == at("2020-06-22T17:30")
    assert due_at(at("2020-06-22T11:00"), limit("1工作日"), summer).at == at("2020-06-23T11:00")


def test_a_pause_stops_the_clock_and_overlapping_pauses_count_once() -> None:
    morning, later = (at("2020-06-24T09:00"), at("2020-06-24T11:00")), (at("2020-06-24T10:00"), at("2020-06-24T15:00"))
    assert due("2020-06-24T08:00", "4工作时", pauses=[morning]) == at("2020-06-24T16:00")
    assert due("2020-06-24T08:00", "4工作时", pauses=[later, morning]) == at("2020-06-24T18:00")
    assert due("2020-06-24T08:00", "4小时", pauses=[later, morning]) == at("2020-06-24T18:00")


def test_a_start_inside_a_pause_begins_to_count_when_the_pause_ends() -> None:
    pause = (at("2020-06-23T08:00"), at("2020-06-24T10:00"))
    assert due("2020-06-24T08:00", "2工作时", pauses=[pause]) == at("2020-06-24T12:00")


def test_an_extension_adds_one_original_limit() -> None:
    assert due("2020-06-24T17:00", "4工作时", extensions=1) == at("2020-06-28T16:00") + timedelta(hours=1)
    assert due("2020-06-24T17:00", "1天", extensions=2) == at("2020-06-27T17:00")


def test_a_deadline_through_a_provisional_year_warns_and_names_it() -> None:
    found = due_at(at("2020-12-31T17:00"), limit("2工作时"), CALENDAR)
    assert len(found.warnings) == 1
    assert "2021 年" in found.warnings[0]
    through = due_at(at("2020-12-31T17:00"), limit("300工作日"), CALENDAR)
    assert [warning[6:10] for warning in through.warnings] == ["2021", "2022"]


def test_hours_that_run_through_holidays_need_no_warning() -> None:
    assert due_at(at("2020-12-31T17:00"), limit("20天"), CALENDAR).warnings == ()
    assert due_at(at("2020-06-24T17:00"), limit("4工作时"), CALENDAR).warnings == ()


def test_unusable_facts_are_all_named_at_once() -> None:
    naive = datetime(2020, 6, 24, 17)  # noqa: DTZ001 (a moment without zone is what is refused)
    reversed_pause = (at("2020-06-25T10:00"), at("2020-06-25T09:00"))
    with pytest.raises(BadInput) as refused:
        due_at(naive, limit("4工作时"), CALENDAR, pauses=[reversed_pause], extensions=3)
    first, second, third = refused.value.objections
    assert "起点 2020-06-24 17:00 没有时区" in first
    assert "终点 2020-06-25 09:00 早于起点 2020-06-25 10:00" in second
    assert "延期次数 3" in third


def test_a_moment_centuries_away_is_refused() -> None:
    with pytest.raises(BadInput, match="9999"):
        due("9999-12-31T00:00", "1天")


@pytest.mark.parametrize(
    ("hours", "sentence"),
    [
        ((), "至少要有一段"),
        (((time(12), time(8)),), "终点要晚于起点"),
        (((time(8), time(12)), (time(11), time(18))), "互不重叠"),
    ],
)
def test_impossible_office_hours_are_refused(hours: tuple[tuple[time, time], ...], sentence: str) -> None:
    with pytest.raises(BadInput, match=sentence):
        WorkCalendar(hours=hours)


def test_a_calendar_keeps_its_days_when_the_given_mapping_changes() -> None:
    days = {date(2020, 6, 28): True}
    calendar = WorkCalendar(days)
    days[date(2020, 6, 28)] = False
    assert calendar.is_working(date(2020, 6, 28))
    assert not calendar.overridden(days).is_working(date(2020, 6, 28))


def test_nothing_is_used_before_the_start() -> None:
    start = at("2020-06-24T17:00")
    assert worked_between(start, start - timedelta(days=1), LimitUnit.days, CALENDAR) == 0


def test_an_extension_is_possible_until_the_very_deadline() -> None:
    deadline = at("2020-06-24T17:00")
    assert may_extend(extensions=1, now=deadline, due=deadline) == ()


def test_every_reason_against_an_extension_is_named() -> None:
    deadline = at("2020-06-24T17:00")
    now = deadline + timedelta(seconds=1)
    objections = may_extend(extensions=2, now=now, due=deadline, closed=True, pending=True)
    assert [next(word for word in ("结案", "批复", "最多", "超过") if word in o) for o in objections] == [
        "结案",
        "批复",
        "最多",
        "超过",
    ]
    assert len(may_extend(extensions=2, now=deadline, due=deadline)) == 1


# ---- properties: quarter hours around the festival and the turn of the year, so that remainders are exact

SOME = settings(max_examples=50)  # the whole of tests/rules has five seconds
QUARTERS = st.integers(0, 4 * 24 * 60).map(lambda n: at("2020-05-20T00:00") + n * timedelta(minutes=15))
LIMITS = st.builds(Limit, st.integers(1, 240).map(lambda n: Decimal(n) / 4), st.sampled_from(LimitUnit))
PAUSES = st.lists(st.tuples(QUARTERS, QUARTERS).map(lambda pair: (min(pair), max(pair))), max_size=3)
CALENDARS = st.builds(
    WorkCalendar,
    st.dictionaries(st.dates(date(2020, 5, 20), date(2020, 8, 20)), st.booleans(), max_size=12),
)


def due_in(calendar: WorkCalendar, start: datetime, given_limit: Limit, pauses: list[Pause]) -> datetime:
    return due_at(start, given_limit, calendar, pauses=pauses).at


@SOME
@given(CALENDARS, QUARTERS, LIMITS, PAUSES)
def test_exactly_the_limit_is_worked_until_the_deadline(
    calendar: WorkCalendar, start: datetime, given_limit: Limit, pauses: list[Pause]
) -> None:
    end = due_in(calendar, start, given_limit, pauses)
    wanted = float(given_limit.amount * SECONDS[given_limit.unit])
    assert worked_between(start, end, given_limit.unit, calendar, pauses) == wanted
    before = end - timedelta(seconds=1)
    assert worked_between(start, before, given_limit.unit, calendar, pauses) == wanted - 1


@SOME
@given(CALENDARS, QUARTERS, LIMITS, LIMITS, PAUSES)
def test_more_of_the_same_unit_is_due_later(
    calendar: WorkCalendar, start: datetime, one: Limit, other: Limit, pauses: list[Pause]
) -> None:
    longer = Limit(one.amount + other.amount, one.unit)
    assert due_in(calendar, start, one, pauses) < due_in(calendar, start, longer, pauses)


@SOME
@given(CALENDARS, QUARTERS, QUARTERS, LIMITS, PAUSES)
def test_a_later_start_is_never_due_earlier(
    calendar: WorkCalendar, one: datetime, other: datetime, given_limit: Limit, pauses: list[Pause]
) -> None:
    early, late = sorted((one, other))
    assert due_in(calendar, early, given_limit, pauses) <= due_in(calendar, late, given_limit, pauses)


@SOME
@given(CALENDARS, QUARTERS, LIMITS, PAUSES, st.integers(1, 2))
def test_extending_equals_a_limit_as_many_times_longer(
    calendar: WorkCalendar, start: datetime, given_limit: Limit, pauses: list[Pause], times: int
) -> None:
    longer = Limit(given_limit.amount * (1 + times), given_limit.unit)
    extended: Due = due_at(start, given_limit, calendar, pauses=pauses, extensions=times)
    assert extended.at == due_in(calendar, start, longer, pauses)


@SOME
@given(CALENDARS, QUARTERS, LIMITS, st.integers(1, 400), st.integers(0, 400))
def test_pausing_and_resuming_equals_starting_again_with_the_rest(
    calendar: WorkCalendar, start: datetime, given_limit: Limit, until_pause: int, paused: int
) -> None:
    pause = start + until_pause * timedelta(minutes=15)
    resume = pause + paused * timedelta(minutes=15)
    unit_seconds = SECONDS[given_limit.unit]
    used = Decimal(worked_between(start, pause, given_limit.unit, calendar)) / unit_seconds
    found = due_in(calendar, start, given_limit, [(pause, resume)])
    if used >= given_limit.amount:
        assert found == due_in(calendar, start, given_limit, [])
    else:
        assert found == due_in(calendar, resume, Limit(given_limit.amount - used, given_limit.unit), [])


@SOME
@given(CALENDARS, QUARTERS, st.builds(Limit, st.integers(1, 60).map(Decimal), st.sampled_from(WORKING)), st.data())
def test_pausing_through_the_night_changes_nothing_for_working_time(
    calendar: WorkCalendar, start: datetime, given_limit: Limit, data: st.DataObject
) -> None:
    evening = datetime.combine(data.draw(st.dates(date(2020, 5, 20), date(2020, 9, 1))), time(18), SHANGHAI)
    night = (evening, evening + timedelta(hours=data.draw(st.integers(0, 14))))
    assert due_in(calendar, start, given_limit, [night]) == due_in(calendar, start, given_limit, [])


@SOME
@given(QUARTERS, st.integers(1, 240))
def test_the_clock_agrees_with_ticking_minute_by_minute(start: datetime, minutes: int) -> None:
    """An independent, slow count of working minutes gives the same deadline."""
    moment, left = start, minutes
    while left:
        in_office = 8 <= moment.hour < 12 or 14 <= moment.hour < 18
        left -= CALENDAR.is_working(moment.date()) and in_office
        moment += timedelta(minutes=1)
    found = due_at(start, Limit(Decimal(minutes) / 60, LimitUnit.working_hours), CALENDAR).at
    assert found == moment
