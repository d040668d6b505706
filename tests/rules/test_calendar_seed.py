"""The built-in calendar against the State Council notices."""

from datetime import date, timedelta

import pytest

from chuangwen.rules.calendar_seed import builtin_calendar, official_years, seed_days

WORKING_WEEKENDS_2025 = [date(2025, 1, 26), date(2025, 2, 8), date(2025, 4, 27), date(2025, 9, 28), date(2025, 10, 11)]


def test_the_sunday_of_the_first_meeting_was_a_working_day() -> None:
    assert date(2020, 6, 28).weekday() == 6
    assert builtin_calendar().is_working(date(2020, 6, 28))
    assert not builtin_calendar().is_working(date(2020, 6, 27))


def test_the_working_weekends_of_2025_are_those_of_the_notice() -> None:
    seeds = seed_days([2025])
    assert [seed.date for seed in seeds if seed.is_working] == WORKING_WEEKENDS_2025
    assert {seed.name for seed in seeds if seed.is_working} == {"调休上班"}


def test_the_national_holiday_week_of_2025_rests_from_the_first_to_the_eighth() -> None:
    days = [date(2025, 9, 30) + timedelta(days=n) for n in range(10)]
    assert [builtin_calendar().is_working(day) for day in days] == [True] + [False] * 8 + [True]


def test_only_departures_from_monday_to_friday_are_listed_in_order() -> None:
    seeds = seed_days(range(2019, 2028))
    assert all(seed.is_working == (seed.date.weekday() >= 5) for seed in seeds)
    assert [seed.date for seed in seeds] == sorted({seed.date for seed in seeds})


def test_a_make_up_day_ordered_by_the_next_notice_belongs_to_its_own_year() -> None:
    assert date(2011, 12, 31) in [seed.date for seed in seed_days([2011]) if seed.is_working]
    assert {seed.date.year for seed in seed_days([2012])} == {2012}


def test_names_are_chinese_whatever_the_machine_speaks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LANGUAGE", "en_US")
    assert next(seed.name for seed in seed_days([2025]) if seed.date == date(2025, 5, 1)) == "劳动节"


def test_official_years_have_make_up_days_and_the_others_do_not() -> None:
    official = official_years()
    assert set(range(2001, 2027)) <= official
    assert 2000 not in official
    assert [seed.is_working for seed in seed_days([max(official) + 1])].count(True) == 0
    assert len(seed_days([max(official) + 1])) > 5
    assert builtin_calendar().official_years == official
