"""How moments, spans, numbers and telephone numbers read on a page."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from chuangwen.rules.text import mask_phone
from chuangwen.web import wording

NOW = datetime(2020, 6, 28, 6, 5, tzinfo=UTC)  # 14:05 in Beijing
minutes = st.integers(min_value=-60 * 24 * 400, max_value=60 * 24 * 400).map(lambda n: timedelta(minutes=n))


@pytest.mark.parametrize(
    ("moment", "words"),
    [
        (NOW, "今天 14:05"),
        (datetime(2020, 6, 27, 16, 0, tzinfo=UTC), "今天 00:00"),  # midnight in Beijing is still yesterday in UTC
        (datetime(2020, 6, 27, 15, 59, tzinfo=UTC), "昨天 23:59"),
        (datetime(2020, 6, 29, 1, 0, tzinfo=UTC), "明天 09:00"),
        (datetime(2020, 6, 30, 3, 0, tzinfo=UTC), "6月30日 11:00"),
        (datetime(2020, 1, 2, 3, 0, tzinfo=UTC), "1月2日 11:00"),
        (datetime(2019, 6, 28, 3, 0, tzinfo=UTC), "2019年6月28日 11:00"),
        (datetime(2020, 12, 31, 16, 0, tzinfo=UTC), "2021年1月1日 00:00"),
        (None, "—"),
    ],
)
def test_a_moment_is_said_in_beijing_time_and_as_short_as_it_can_be(moment: datetime | None, words: str) -> None:
    assert wording.when(moment, NOW) == words


def test_new_years_eve_seen_from_new_year_is_yesterday() -> None:
    new_year = datetime(2021, 1, 1, 2, 0, tzinfo=UTC)
    assert wording.when(datetime(2020, 12, 31, 2, 0, tzinfo=UTC), new_year) == "昨天 10:00"


def test_a_moment_in_english() -> None:
    with translation.override("en"):
        assert wording.when(NOW, NOW) == "today 14:05"
        assert wording.when(datetime(2020, 6, 30, 3, 0, tzinfo=UTC), NOW) == "30 Jun, 11:00"


@pytest.mark.parametrize(
    ("due", "words"),
    [
        (NOW + timedelta(days=2, hours=3, minutes=59), "还剩 2 天 3 小时"),
        (NOW + timedelta(hours=3, minutes=20), "还剩 3 小时 20 分钟"),
        (NOW + timedelta(hours=3), "还剩 3 小时"),
        (NOW + timedelta(days=12, hours=5), "还剩 12 天"),
        (NOW + timedelta(seconds=59), "还剩不到 1 分钟"),
        (NOW, "还剩不到 1 分钟"),  # the due moment itself is in time
        (NOW - timedelta(seconds=1), "超期不到 1 分钟"),
        (NOW - timedelta(hours=3), "已超期 3 小时"),
        (None, "—"),
    ],
)
def test_what_is_left_of_a_deadline_is_said_in_words(due: datetime | None, words: str) -> None:
    assert wording.time_left(due, NOW) == words


@given(minutes)
def test_late_and_left_never_contradict_each_other(gap: timedelta) -> None:
    due = NOW + gap
    late = wording.deadline_state(due, NOW) == "late"
    assert ("超期" in wording.time_left(due, NOW)) == late
    assert late == (gap < timedelta())


@given(minutes)
def test_a_span_reads_the_same_backwards_and_has_two_units_at_most(gap: timedelta) -> None:
    assert wording.span(gap) == wording.span(-gap)
    assert sum(wording.span(gap).count(unit) for unit in ("天", "小时", "分钟")) in {1, 2}


def test_less_than_a_day_is_soon_and_a_whole_day_is_not() -> None:
    assert wording.deadline_state(NOW + timedelta(hours=23, minutes=59), NOW) == "soon"
    assert wording.deadline_state(NOW + timedelta(hours=24), NOW) == "fine"


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (0, "0"),
        (999, "999"),
        (12345, "12,345"),
        (Decimal("1234.50"), "1,234.50"),
        (-1234567, "-1,234,567"),
        (None, "—"),
    ],
)
def test_a_number_has_a_comma_every_three_places(number: int | Decimal | None, words: str) -> None:
    assert wording.thousands(number) == words


@pytest.mark.parametrize(
    ("ratio", "decimals", "words"),
    [(0.873, 1, "87.3%"), (1.0, 1, "100.0%"), (0.5, 0, "50%"), (Decimal("0.8765"), 2, "87.65%"), (None, 1, "—")],
)
def test_a_ratio_is_said_as_a_percentage(ratio: float | Decimal | None, decimals: int, words: str) -> None:
    assert wording.percent(ratio, decimals) == words


@pytest.mark.parametrize(
    ("number", "words"),
    [
        ("13812345678", "138****5678"),
        ("138 1234 5678", "138 **** 5678"),
        ("0513-85123456", "051*-****3456"),
        ("85123456", "85****56"),
        ("612345", "****45"),
        ("", ""),
    ],
)
def test_a_telephone_number_can_be_recognised_but_not_dialled(number: str, words: str) -> None:
    assert mask_phone(number) == words


@given(st.from_regex(r"\A1[3-9][0-9]{9}\Z"))
def test_a_mobile_number_always_loses_four_digits(number: str) -> None:
    masked = mask_phone(number)
    assert masked.count("*") == 4
    assert len(masked) == len(number)
