"""Conditions of forms: what they come to, and what is said about those that cannot be held."""

import datetime as dt
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chuangwen.rules.form_answers import Answers, answer_troubles, unanswered
from chuangwen.rules.form_rows import ChoiceRow, QuestionRow
from chuangwen.rules.xpath import (
    LONGEST,
    NotHeld,
    Surroundings,
    Unreadable,
    as_text,
    holds,
    parse,
    references,
    renamed,
    uses_own,
    value_of,
)
from tests.paths import ROOT

TODAY = dt.date(2026, 11, 23)


def true(text: str, own: str | float | dt.date = "", **answers: str | float | dt.date) -> bool:
    return holds(parse(text), Surroundings(answers, TODAY, own))


SHARED = json.loads((ROOT / "tests" / "rules" / "conditions.json").read_text(encoding="utf-8"))


def value(told: Any) -> Any:
    """An answer of the table that the phone shares: a day is written as one."""
    return dt.date.fromisoformat(told["day"]) if isinstance(told, dict) else told


@pytest.mark.parametrize("line", SHARED["conditions"], ids=lambda line: line[0])
def test_a_condition_comes_to_what_the_shared_table_says(line: list[Any]) -> None:
    facts = {name: value(told) for name, told in SHARED["facts"].items()}
    own = value(line[2]) if len(line) > 2 else ""
    today = dt.date.fromisoformat(SHARED["today"])
    assert as_text(value_of(parse(line[0]), Surroundings(facts, today, own))) == line[1]


@pytest.mark.parametrize("visit", SHARED["visits"])
def test_a_checklist_asks_and_objects_as_the_shared_table_says(visit: dict[str, Any]) -> None:
    form = SHARED["form"]
    questions = tuple(QuestionRow("MKT", label=row["name"], **row) for row in form["questions"])
    choices = tuple(
        ChoiceRow("MKT", *pair, "") for pair in (("yn", "yes"), ("yn", "no"), ("kinds", "fish"), ("kinds", "meat"))
    )
    fields = {f"c_{code.replace('-', '_')}_verdict": verdict for code, verdict in visit["verdicts"].items()}
    answers = Answers(questions, choices, visit["given"], fields, dt.date.fromisoformat(SHARED["today"]))
    judged = [code for code in form["codes"] if answers.lets(form["groups"].get(code, ""))]
    assert judged == visit["judged"]
    asked = [row.name for row in questions if answers.lets(row.relevant) and row.criterion in {"", *judged}]
    assert asked == visit["asked"]
    assert [said.split("」")[0].lstrip("「") for said in unanswered(answers, form["groups"])] == visit["left"]
    assert [said.split("」")[0].lstrip("「") for said in answer_troubles(answers)] == visit["wrong"]


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
