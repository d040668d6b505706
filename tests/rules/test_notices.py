"""通知: when each goes out, what waits until morning, what becomes one message, who is reminded when."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chuangwen.rules.deadlines import SHANGHAI, WorkCalendar
from chuangwen.rules.notice_table import CIRCLE_ROLES, TABLE, Matter, Rule, ended_whats, rules_for
from chuangwen.rules.notices import (
    GAPS,
    GATHER,
    MOST_TRIES,
    ROBOTS,
    ROOM,
    Channel,
    Line,
    Pace,
    Wishes,
    channels_for,
    goes_out_at,
    is_near,
    is_quiet,
    may_remind,
    merged,
    try_again_at,
    usual_pace,
)
from chuangwen.rules.permissions import Role

CALENDAR = WorkCalendar(exceptions={date(2020, 6, d): d == 28 for d in (25, 26, 27, 28)})  # Dragon Boat festival 2020
USUAL = Wishes()


def at(day: int, hour: int, minute: int = 0) -> datetime:
    """A moment of June 2020 in Nantong."""
    return datetime(2020, 6, day, hour, minute, tzinfo=SHANGHAI)


@pytest.mark.parametrize(
    ("made", "wishes", "urgent", "goes"),
    [
        (at(24, 9), USUAL, False, at(24, 9) + GATHER),
        (at(23, 21, 59), USUAL, False, at(24, 7)),  # what is gathered until ten at night waits for the morning
        (at(24, 23), USUAL, False, at(28, 7)),  # three days of holiday, then a Sunday on which people work
        (at(24, 23), USUAL, True, at(24, 23)),
        (at(24, 23), Wishes(quiet_on_rest_days=False), False, at(25, 7)),
        (at(24, 9), Wishes(pace=Pace.DAILY), False, at(28, 8, 30)),
        (at(24, 8), Wishes(pace=Pace.DAILY), False, at(24, 8, 30)),
        (at(24, 9), Wishes(pace=Pace.DAILY), True, at(24, 9)),
        (at(23, 9), Wishes(pace=Pace.DAILY, digest_at=time(23)), False, at(24, 7)),
        (at(24, 2), Wishes(quiet_from=time(7), quiet_to=time(7)), False, at(24, 2) + GATHER),  # no quiet hours
        (at(24, 12), Wishes(quiet_from=time(12), quiet_to=time(14)), False, at(24, 14)),
    ],
)
def test_when_a_notice_goes_out(made: datetime, wishes: Wishes, urgent: bool, goes: datetime) -> None:
    assert goes_out_at(wishes, made_at=made, urgent=urgent, calendar=CALENDAR) == goes


_FIRST = datetime(2020, 6, 1, tzinfo=UTC)
MOMENTS = st.integers(0, 40 * 24 * 60).map(lambda minutes: _FIRST + timedelta(minutes=minutes))
CLOCKS = st.times().map(lambda clock: clock.replace(microsecond=0))
WISHES = st.builds(
    Wishes, pace=st.sampled_from(Pace), digest_at=CLOCKS, quiet_from=CLOCKS, quiet_to=CLOCKS,
    quiet_on_rest_days=st.booleans(),
)  # fmt: skip


@given(MOMENTS, WISHES)
def test_what_is_not_urgent_never_goes_out_in_the_quiet_time_and_always_goes_out(
    made: datetime, wishes: Wishes
) -> None:
    goes = goes_out_at(wishes, made_at=made, urgent=False, calendar=CALENDAR)
    assert not is_quiet(goes, wishes, CALENDAR)
    assert made < goes <= made + timedelta(days=8)


@given(MOMENTS, WISHES)
def test_what_is_urgent_goes_out_at_once(made: datetime, wishes: Wishes) -> None:
    assert goes_out_at(wishes, made_at=made, urgent=True, calendar=CALENDAR) == made


@given(st.lists(MOMENTS, max_size=30))
def test_nobody_is_reminded_of_an_item_twice_on_one_day_nor_on_a_rest_day(asked: list[datetime]) -> None:
    last, days = None, []
    for now in sorted(asked):
        if may_remind(last=last, now=now, calendar=CALENDAR):
            last = now
            days.append(now.astimezone(SHANGHAI).date())
    assert len(days) == len(set(days))
    assert all(CALENDAR.is_working(day) for day in days)
    asked_on = {day for day in (moment.astimezone(SHANGHAI).date() for moment in asked) if CALENDAR.is_working(day)}
    assert set(days) == asked_on  # and no day on which they could be is left out


def test_whoever_was_told_today_is_reminded_tomorrow() -> None:
    assert not may_remind(last=at(24, 7), now=at(24, 18), calendar=CALENDAR)
    assert not may_remind(last=at(24, 7), now=at(25, 9), calendar=CALENDAR)
    assert may_remind(last=at(24, 7), now=at(28, 9), calendar=CALENDAR)


def test_short_messages_are_for_urgent_things_only() -> None:
    wishes = Wishes(channels=frozenset({Channel.SMS, Channel.EMAIL}))
    assert channels_for(wishes, urgent=False) == (Channel.EMAIL,)
    assert channels_for(wishes, urgent=True) == (Channel.EMAIL, Channel.SMS)


def test_who_acts_hears_at_once_and_who_oversees_once_a_day() -> None:
    assert usual_pace([Role.UNIT_WORKER]) is usual_pace([Role.LEADER, Role.OFFICE_CLERK]) is Pace.AT_ONCE
    assert usual_pace([Role.LEADER]) is usual_pace([Role.INSPECTOR]) is usual_pace([]) is Pace.DAILY


# --- one message from many ---

LINES = st.lists(
    st.builds(Line, st.sampled_from(["新派案件", "待核查", "快到期"]), st.text("案件整改abc", min_size=1, max_size=60)),
    min_size=1, max_size=40,
)  # fmt: skip


@given(LINES, st.sampled_from(sorted(ROOM.values())))
def test_a_message_fits_its_channel_and_counts_every_notice(lines: list[Line], room: int) -> None:
    words = merged(lines, room=room, inbox="https://cw.example/desk/notices/")
    assert len(words.whole.encode()) <= room
    if len(lines) > 1:
        assert words.title.startswith(f"{len(lines)} 条通知")
        assert words.url == "https://cw.example/desk/notices/"


def test_many_notices_are_counted_by_kind_and_lead_to_the_inbox() -> None:
    lines = [Line("新派案件", f"案件 {n} 派给你单位。", f"/c/{n}/") for n in range(30)] + [
        Line("待核查", "案件 99 等待核查。", "/c/99/")
    ]
    words = merged(lines, room=600, inbox="/inbox/", links=False)
    assert words.title == "31 条通知：新派案件 30 件、待核查 1 件"
    said = words.body.count("派给你单位")
    assert words.body.endswith(f"（其余 {31 - said} 条见收件箱）")
    assert words.url == "/inbox/"


def test_a_notice_alone_is_told_in_full_and_leads_to_its_matter() -> None:
    words = merged([Line("新派案件", "案件 7 派给你单位。", "/c/7/")], room=210, inbox="/inbox/")
    assert (words.title, words.body, words.url) == ("新派案件", "案件 7 派给你单位。", "/c/7/")


def test_the_gaps_of_the_robots_keep_twenty_a_minute() -> None:
    for robot in ROBOTS:
        assert timedelta(minutes=1) // GAPS[robot] + 1 <= 20


# --- deadlines ---


@pytest.mark.parametrize(
    ("started", "due", "now", "near"),
    [
        (at(24, 9), at(24, 15), at(24, 11), False),  # four working hours: two are left
        (at(24, 9), at(24, 15), at(24, 12), True),  # lunch does not count: one is left
        (at(15, 8), at(24, 18), at(23, 18), True),  # eight working days: the last day
        (at(15, 8), at(24, 18), at(23, 17), False),
        (at(24, 9), at(24, 15), at(24, 15), False),  # that is late, not near
        (at(24, 20), at(25, 0), at(24, 22), False),  # urgent hours run through the evening
        (at(24, 20), at(25, 0), at(24, 23), True),
    ],
)
def test_a_deadline_is_near_when_a_quarter_is_left(started: datetime, due: datetime, now: datetime, near: bool) -> None:
    assert is_near(started=started, due=due, now=now, calendar=CALENDAR) is near


def test_a_failed_message_waits_longer_each_time_and_is_then_set_aside() -> None:
    moments = [try_again_at(tries=tries, now=at(24, 9)) for tries in range(1, MOST_TRIES + 1)]
    waits = [moment for moment in moments if moment is not None]
    assert len(waits) == MOST_TRIES - 1
    assert waits == sorted(set(waits))
    assert moments[-1] is None


# --- the table ---

MATTER = Matter(name="202006240000007", place="学田苑", due_at=at(24, 15), home="/NT/CC/")


@pytest.mark.parametrize("rule", TABLE, ids=lambda rule: rule.event)
def test_every_line_of_the_table_makes_a_sentence_and_an_end(rule: Rule) -> None:
    sentence = rule.sentence(MATTER)
    assert sentence.endswith("。")
    assert "{" not in sentence
    assert len(sentence) <= 100
    assert rule.to in CIRCLE_ROLES
    assert rule.ended_by or not rule.acts or rule.event == "order.issued"  # an order is over with its last case
    assert all(rule.what in ended_whats(kind) for kind in rule.ended_by)


def test_a_case_that_is_handed_in_ends_what_its_unit_had_to_do() -> None:
    assert {"新派案件", "快到期", "已超期", "退回重办"} <= ended_whats("case.rectify")
    assert "申请延期" in ended_whats("case.extension_granted")
    assert ended_whats("case.note") == frozenset()
    assert rules_for("case.note") == ()
