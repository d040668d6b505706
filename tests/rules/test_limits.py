"""Limits as standards write them."""

from collections.abc import Iterator
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import load_workbook

from chuangwen.rules.limits import Limit, LimitUnit, parse_limit
from chuangwen.rules.refusals import BadInput
from tests.paths import shared_data

# Cells of the Yuncheng standard that a person has to decide: the limit covers only the stopping of the act.
NOT_A_PLAIN_LIMIT = {"1紧急工作时制止"}


@pytest.mark.parametrize(
    ("text", "amount", "unit"),
    [
        ("2紧急工作时", "2", LimitUnit.urgent_hours),
        ("4工作时", "4", LimitUnit.working_hours),
        ("4个工作小时", "4", LimitUnit.working_hours),
        ("4小时", "4", LimitUnit.hours),
        ("1.5小时", "1.5", LimitUnit.hours),
        ("5天", "5", LimitUnit.days),
        ("3日", "3", LimitUnit.days),
        ("3自然日", "3", LimitUnit.days),
        ("3个工作日", "3", LimitUnit.working_days),
        ("1紧急工作日", "1", LimitUnit.urgent_days),
        ("４小时", "4", LimitUnit.hours),
        (" 2\u3000紧急 工作时\n", "2", LimitUnit.urgent_hours),
        ("两小时", "2", LimitUnit.hours),
        ("十日内", "10", LimitUnit.days),
        ("二十三个工作日", "23", LimitUnit.working_days),
        ("半小时", "0.5", LimitUnit.hours),
        ("半个工作日", "0.5", LimitUnit.working_days),
    ],
)
def test_a_written_limit_is_read(text: str, amount: str, unit: LimitUnit) -> None:
    assert parse_limit(text) == Limit(Decimal(amount), unit, text)


@pytest.mark.parametrize(
    "text",
    [
        "2天/2工作日",
        "半天",
        "半日",
        "1紧急工作时制止",
        "一五天",
        "立即",
        "",
        "天",
        "4",
        "0天",
        "-1天",
        "3651天",
        "2至3天",
    ],
)
def test_what_has_no_single_reading_is_left_to_a_person(text: str) -> None:
    assert parse_limit(text) is None


@given(st.integers(1, 3650), st.sampled_from(LimitUnit))
def test_the_printed_limit_reads_back_the_same(amount: int, unit: LimitUnit) -> None:
    printed = Limit(Decimal(amount), unit).label
    assert parse_limit(printed) == Limit(Decimal(amount), unit, printed)


@given(st.text("半两一五十百0２4.-/ 个紧急工作小时日天内", max_size=8))
def test_any_text_is_read_or_left_but_never_breaks(text: str) -> None:
    limit = parse_limit(text)
    assert limit is None or limit.text == text


@pytest.mark.parametrize("amount", ["0", "-1", "NaN", "Infinity", "3651"])
def test_a_limit_without_a_usable_amount_is_refused(amount: str) -> None:
    with pytest.raises(BadInput, match="不可用"):
        Limit(Decimal(amount), LimitUnit.days)


def yuncheng_limits() -> Iterator[str]:
    book = load_workbook(shared_data("case_standards_yuncheng.xlsx"), read_only=True)
    for sheet in book:
        rows = sheet.iter_rows(min_row=2, values_only=True)
        column = next(rows).index("处置时限")
        yield from (str(row[column]) for row in rows if row[column])
    book.close()


def test_every_limit_of_the_yuncheng_standard_is_read_or_known() -> None:
    texts = list(yuncheng_limits())
    assert {text for text in texts if parse_limit(text) is None} == NOT_A_PLAIN_LIMIT
    read = [limit for text in texts if (limit := parse_limit(text))]
    assert sum(limit.label == "1天" for limit in read) == 113 + 30
    assert {limit.unit for limit in read} == {
        LimitUnit.urgent_hours,
        LimitUnit.hours,
        LimitUnit.days,
        LimitUnit.urgent_days,
    }
