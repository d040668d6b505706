"""Replies are checked before they go out; what residents judged is counted with its uncertainty."""

import tomllib
from importlib.resources import files
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chuangwen.rules.proofs import is_solved, proof_needed, read_answer, sum_in_words
from chuangwen.rules.refusals import BadInput
from chuangwen.rules.reply_checks import Words, answers, points_of, reply_objections
from chuangwen.rules.reply_rates import Rate, by_unit, read_formulas
from chuangwen.rules.residents import same_keys, same_text

HERE = files("chuangwen.replies")
WORDS = Words.read(tomllib.loads((HERE / "words.toml").read_text(encoding="utf-8")))
FORMULAS = read_formulas(tomllib.loads((HERE / "rates.toml").read_text(encoding="utf-8")))
LETTER = "您好，领导。1、3号楼楼道堆满纸箱，已经半个月；2、小区北门路灯不亮，晚上很黑。另外垃圾桶夏天没有人清运。谢谢！"


def test_each_thing_that_a_letter_raises_is_a_point_and_greetings_are_none() -> None:
    points = points_of(LETTER, WORDS)
    assert len(points) == 3
    assert ["纸箱" in points[0], "路灯" in points[1], "垃圾桶" in points[2]] == [True] * 3
    assert points_of("谢谢您！您好。好的", WORDS) == ()


def test_a_reply_answers_every_point_names_unit_and_day_and_says_something() -> None:
    good = "学田苑物业6月24日清走了3号楼楼道的纸箱，北门路灯6月25日换好，垃圾桶夏天每天清运两次。"
    said: dict[str, Any] = {"report": LETTER, "unit_names": {"学田苑物业"}, "words": WORDS}
    assert reply_objections(good, **said) == ()
    bad = "我们高度重视，路灯会尽快处理。张三电话13812345678，住3号楼201室。"
    found = "".join(reply_objections(bad, **said))
    for words in ("纸箱", "垃圾桶", "责任单位（学田苑物业）", "写明日期", "电话号码", "门牌", "“高度重视”", "“尽快”"):
        assert words in found, words
    skipped = reply_objections(
        "学田苑物业6月24日清走纸箱，楼道已空。", **said, passed_over=points_of(LETTER, WORDS)[1:]
    )
    assert skipped == ()
    assert reply_objections(" ", **said) == ("请写答复。",)


@settings(max_examples=15)
@given(st.text(max_size=200), st.text(max_size=200))
def test_points_never_fail_and_a_reply_that_repeats_a_point_answers_it(text: str, more: str) -> None:
    for point in points_of(text, WORDS):
        assert point in text
        assert answers(point, more + "。" + point, WORDS)


@pytest.mark.parametrize(
    ("part", "percent", "marks"),
    [("satisfied", 50, 12.5), ("satisfied", 71.43, 12.5), ("satisfied", 75, 13.5), ("satisfied", 83.33, 17.665),
     ("satisfied", 87.5, 19.75), ("satisfied", 99, 25), ("on_time", 89.82, 14.82)],
)  # fmt: skip
def test_the_formula_of_lianyungang_gives_the_published_marks(part: str, percent: float, marks: float) -> None:
    formula = next(row for row in FORMULAS if row.name == "lianyungang")
    known = {row.rate: row for row in formula.parts}
    assert formula.marks(known[part], percent) == pytest.approx(marks)


def test_rates_have_intervals_few_answers_no_score_and_units_stand_by_name() -> None:
    assert Rate(8, 10).interval == pytest.approx((0.4902, 0.9433), abs=1e-4)
    assert Rate(0, 0).share is None
    many = dict.fromkeys(("responded", "solved", "satisfied", "on_time"), Rate(9, 10))
    few = dict.fromkeys(many, Rate(1, 1))
    rows = by_unit({"乙": many, "甲": few}, FORMULAS)
    assert [row.unit for row in rows] == sorted(["乙", "甲"])
    scores = {row.unit: row.scores for row in rows}
    assert scores["乙"]["beijing"] == pytest.approx(90)
    assert scores["甲"]["beijing"] is None
    with pytest.raises(BadInput) as refused:
        read_formulas(
            {"formula": [{"name": "x", "kind": "?"}, {"name": "y", "kind": "line", "parts": [{"rate": "z"}]}]}
        )
    assert len(refused.value.objections) == 2


@given(st.integers(0, 50), st.integers(0, 50))
def test_an_interval_holds_its_rate(yes: int, no: int) -> None:
    rate = Rate(yes, yes + no)
    low, high = rate.interval
    assert 0 <= low <= high <= 1
    assert rate.share is None or low - 1e-9 <= rate.share <= high + 1e-9


def test_a_puzzle_is_solved_by_search_or_answered_in_any_writing() -> None:
    number = next(n for n in range(4000) if is_solved("t", str(n), bits=6))
    assert is_solved("t", str(number), bits=6)
    assert not is_solved("t", "-1", bits=0)
    assert sum_in_words((1, 4)) == ("三加六等于几？", 9)
    assert [read_answer(typed) for typed in ("15", "１５", "十五", "九", "十", "", "x", "二十")] == [
        15,
        15,
        15,
        9,
        10,
        None,
        None,
        None,
    ]
    assert [proof_needed(from_here=n, from_all=n) for n in (0, 2)] == [False, True]
    assert proof_needed(from_here=0, from_all=1000)


def test_the_same_words_are_the_same_however_they_are_spaced() -> None:
    assert same_text("楼道 堆着，纸箱！") == same_text("楼道堆着纸箱")
    assert same_keys("d", 599.0)[0] == same_keys("d", 600.0)[1]
