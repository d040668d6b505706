"""Residents' reports: receipt numbers can be read and typed, telephone numbers are masked, every status says something."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chuangwen.rules.case_flow import Status
from chuangwen.rules.residents import (
    LENGTH,
    SIGNS,
    read_phone,
    read_receipt,
    receipt_number,
    said_of,
    without_numbers,
)

CHANCES = st.lists(st.integers(0, len(SIGNS) - 1), min_size=LENGTH, max_size=LENGTH)


@given(CHANCES, st.sampled_from(["", "-", " ", "－"]), st.booleans())
def test_a_receipt_number_is_read_however_it_is_spaced(chances: list[int], between: str, small: bool) -> None:
    number = receipt_number(chances)
    typed = number.replace("-", between)
    assert read_receipt(typed.lower() if small else typed) == number


def test_signs_that_look_alike_are_the_same() -> None:
    assert read_receipt("OI1L-0000-0000") == "0111-0000-0000"


@pytest.mark.parametrize("typed", ["", "ABCD", "ABCD-EFGH-JKM", "ABCD-EFGH-JKMU", "１２３４"])
def test_what_can_be_no_receipt_number_is_none(typed: str) -> None:
    assert read_receipt(typed) == ""


def test_a_receipt_number_needs_all_its_chances() -> None:
    with pytest.raises(ValueError, match="12 signs"):
        receipt_number([1, 2, 3])


@pytest.mark.parametrize(
    ("typed", "kept"),
    [("", ""), (" 138 1234 5678 ", "13812345678"), ("0513-85123456", "0513-85123456"), ("abc", None), ("12345", None)],
)
def test_a_telephone_number_is_read_or_refused(typed: str, kept: str | None) -> None:
    assert read_phone(typed) == kept


@given(st.from_regex(r"1[3-9]\d{9}", fullmatch=True), st.sampled_from(["，", " 电话 ", "（", "是"]))
def test_no_mobile_number_survives_in_a_text(number: str, before: str) -> None:
    told = without_numbers(f"3号楼{before}{number}。")
    assert number not in told
    assert told.startswith("3号楼")
    assert number[-4:] in told


def test_figures_of_a_place_stay() -> None:
    assert without_numbers("3号楼2单元1203室，2020年6月") == "3号楼2单元1203室，2020年6月"


def test_every_status_says_something_to_the_reporter() -> None:
    said = [said_of(status) for status in Status]
    assert all(words.endswith("。") for words in said)
    assert not [words for words in said if "文明办" in words]
