"""Conditions of forms: what they come to, and what is said about those that cannot be held."""

import datetime as dt
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chuangwen.rules.xpath import (
    LONGEST,
    NotHeld,
    Surroundings,
    Unreadable,
    holds,
    parse,
    references,
    renamed,
    uses_own,
)

TODAY = dt.date(2026, 11, 23)


def true(text: str, own: str | float | dt.date = "", **answers: str | float | dt.date) -> bool:
    return holds(parse(text), Surroundings(answers, TODAY, own))


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ("${a} = 'fail'", True),
        ("${a} != 'fail'", False),
        ("${missing} = ''", True),
        ("${n} > 2 and ${n} <= 3", True),
        ("${n} * 2 + 1 = 7", True),
        ("7 mod 4 = 3 and -7 mod 4 = -3 and 7 div 2 = 3.5", True),
        ("1 div 0 > 1000", True),
        ("${missing} > 0", False),
        ("not(${missing} > 0)", True),
        ("${missing} != 1", True),
        ("selected(${many}, 'b')", True),
        ("selected(${many}, 'x')", False),
        ("count-selected(${many}) = 2", True),
        ("string-length(${a}) = 4", True),
        ("contains(${a}, 'ai') and starts-with(${a}, 'fa')", True),
        ("if(${n} = 3, 'yes', 'no') = 'yes'", True),
        ("coalesce(${missing}, ${a}) = 'fail'", True),
        ("concat(${a}, '-', ${n}) = 'fail-3'", True),
        ("regex(${a}, '[a-z]{4}')", True),
        ("regex(${a}, '[a-z]{3}')", False),
        ("int(3.9) = 3 and round(2.5) = 3 and number('4') = 4", True),
        ("${day} <= today()", True),
        ("${day} > date('2026-11-22')", False),
        ("today() - ${day} = 22", True),
        ("false() or true()", True),
        ("${a} = 'x' or ${n} = 3 and ${a} = 'fail'", True),
        ("(${a} = 'x' or ${n} = 3) and ${a} = 'x'", False),
        ("boolean(${missing}) = false()", True),
        ("string(${n}) = '3'", True),
    ],
)
def test_a_condition_comes_to_what_odk_makes_of_it(condition: str, expected: bool) -> None:
    facts: dict[str, Any] = {"a": "fail", "n": 3.0, "many": "a b", "day": dt.date(2026, 11, 1)}
    assert true(condition, **facts) is expected


def test_a_constraint_speaks_of_the_answer_itself() -> None:
    assert true(". >= 0 and . <= 20", own=20.0)
    assert not true(". >= 0 and . <= 20", own=21.0)
    assert true(". <= today()", own=TODAY)
    assert uses_own(parse("selected(., 'a')"))
    assert not uses_own(parse("${a} = 1"))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "没有写完"),
        ("${a} = ", "没有写完"),
        ("(${a} = 1", "缺少“)”"),
        ("${a} = 1)", "“)”放错了位置"),
        ("${a} == 1", "“=”放错了位置"),
        ("fail", "“fail”放错了位置"),
        ("not()", "参数个数不对"),
        ("${a} = 'x", "读不懂"),
        ("regex(., '[')", "写错了"),
    ],
)
def test_a_slip_of_the_pen_is_named(text: str, words: str) -> None:
    with pytest.raises(Unreadable, match=words.replace("(", r"\(").replace(")", r"\)")):
        parse(text)


@pytest.mark.parametrize(
    "text",
    [
        "/data/a = 1",
        "../a = 1",
        "a[1] = 1",
        "instance('x')/root",
        "position(.) > 1",
        "pulldata('a','b')",
        "${last-saved#a} = 1",
        "regex(., '(a+)+b')",
        "regex(., 'a*b*c*')",
        "regex(., ${a})",
        "1 + " * 120 + "1",
        "(" * 31 + "1" + ")" * 31,
        "x" * (LONGEST + 1),
        "9" * 16 + " = 1",
    ],
)
def test_what_an_edition_does_not_hold_is_told_from_what_is_wrong(text: str) -> None:
    with pytest.raises((NotHeld, Unreadable)):
        parse(text)


def test_paths_and_other_functions_are_not_slips() -> None:
    for text in ("/data/a = 1", "../a = 1", "position(1) > 1"):
        with pytest.raises(NotHeld):
            parse(text)


def test_references_are_found_and_renamed() -> None:
    text = "selected(${ a }, 'x') and ${b} = ${a}"
    assert references(parse(text)) == {"a", "b"}
    assert renamed(text, {"a": "c_1_verdict"}) == "selected(${c_1_verdict}, 'x') and ${b} = ${c_1_verdict}"


@given(st.text(alphabet="${}ab1.'\"=<>!()+-*/ ,andortue[]", max_size=60))
def test_no_text_breaks_the_reader_or_the_reckoning(text: str) -> None:
    try:
        node = parse(text)
    except (Unreadable, NotHeld):
        return
    assert holds(node, Surroundings({"a": "1", "b": ""}, TODAY)) in {True, False}


@given(a=st.integers(-999, 999), b=st.integers(-999, 999), operator=st.sampled_from(["<", "<=", ">", ">=", "=", "!="]))
def test_numbers_compare_as_numbers_wherever_they_come_from(a: int, b: int, operator: str) -> None:
    python = {"=": "==", "!=": "!="}.get(operator, operator)
    assert true(f"${{a}} {operator} {b}".replace("-", "0 -"), a=float(a)) is eval(f"{a} {python} {b}")
