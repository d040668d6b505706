"""Weights, estimates, questionnaires, rates and groups of remarks."""

import itertools
import math
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chuangwen.rules.questionnaires import (
    Kind,
    Option,
    Question,
    Questionnaire,
    flags_of,
    from_numbers,
    objections_to,
    packed,
    read_options,
    read_sheet,
    unpacked,
    written_options,
)
from chuangwen.rules.raking import category, design_effect, rake
from chuangwen.rules.refusals import BadInput
from chuangwen.rules.survey_estimates import Share, Voice, change, share_of, shares_by_street, shown_cells, wilson_share
from chuangwen.rules.survey_files import read_margins, read_rows, weighed
from chuangwen.rules.survey_rates import judge_of, rate_objections, read_rates
from chuangwen.rules.text_groups import group_texts

DAY = date(2020, 6, 24)
# 90 answers in 18 cells, raked by balance 0.23.0 (`balance.weighting_methods.rake.rake`, Meta) and by ipfn, both in an
# environment of their own, to 1e-14; the two agree with each other to 4e-15. Sums of weights by cell, rescaled to 90.
CELLS = list(itertools.product(["XT", "WF", "GZ"], ["18-34", "35-59", "60+"], ["f", "m"]))
MARGINS = {
    "street": {"XT": 5200.0, "WF": 3100.0, "GZ": 1700.0},
    "age": {"18-34": 3600.0, "35-59": 4000.0, "60+": 2400.0},
    "sex": {"f": 5150.0, "m": 4850.0},
}
BALANCE = (
    4.640447113, 9.310618465, 14.107026867, 7.076103964, 7.170123748, 4.495679844, 4.897697249, 7.370074908, 3.722267758,
    6.223648654, 2.364878218, 3.321433213, 4.116380286, 2.064781979, 3.476071132, 1.394881626, 1.85510763, 2.392777347,
)  # fmt: skip
BALANCE_BASE = (
    3.862452777, 9.880611985, 14.695051509, 6.590749692, 6.966237183, 4.804896853, 4.961346749, 7.316090762, 3.750664489,
    6.233953378, 2.329484573, 3.308460048, 4.404205733, 1.975291993, 3.570096428, 1.159484503, 1.810460558, 2.380460785,
)  # fmt: skip


def sample() -> list[dict[str, str]]:
    """The same 90 answers as the reference."""
    sizes = [2 + (place * 7) % 5 + (3 if cell[1] == "60+" else 0) for place, cell in enumerate(CELLS)]
    return [
        dict(zip(("street", "age", "sex"), cell, strict=True))
        for cell, size in zip(CELLS, sizes, strict=True)
        for _ in range(size)
    ]


@pytest.mark.parametrize(
    ("base", "reference", "kish"),
    [
        (None, BALANCE, 1.4626423192181113),
        ([1 + 0.25 * (at % 4) for at in range(90)], BALANCE_BASE, 1.5192679092954655),
    ],
)
def test_weights_are_those_of_balance_and_ipfn(
    base: list[float] | None, reference: tuple[float, ...], kish: float
) -> None:
    rows = sample()
    raked = rake(rows, MARGINS, base)
    for cell, wanted in zip(CELLS, reference, strict=True):
        own = [w for row, w in zip(rows, raked.weights, strict=True) if (row["street"], row["age"], row["sex"]) == cell]
        assert math.fsum(own) == pytest.approx(wanted, abs=1e-6)
    assert raked.design_effect == pytest.approx(kish, abs=1e-9)
    assert raked.effective == pytest.approx(90 / kish)


@given(st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from("xy")), min_size=12, max_size=40))
def test_after_raking_every_margin_is_that_of_the_population(cells: list[tuple[str, str]]) -> None:
    rows = [{"one": a, "two": b} for a, b in [*cells, *itertools.product("abc", "xy")]]
    margins = {"one": {"a": 5.0, "b": 3.0, "c": 2.0}, "two": {"x": 6.0, "y": 4.0}}
    weights = rake(rows, margins).weights
    assert math.fsum(weights) == pytest.approx(len(rows))
    for name, shares in margins.items():
        for one, share in shares.items():
            own = math.fsum(w for row, w in zip(rows, weights, strict=True) if row[name] == one)
            assert own / len(rows) == pytest.approx(share / 10, abs=1e-8)


def test_what_cannot_be_raked_is_named_at_once() -> None:
    rows = [{"age": "young", "sex": "f"}, {"age": "old", "sex": ""}]
    assert category(rows[0], "age*sex") == "young*f"
    assert category(rows[1], "age*sex") == ""
    with pytest.raises(BadInput) as refusal:
        rake(rows, {"age": {"young": 1.0, "middle": 2.0}, "town": {"here": 1.0}, "sex": {"f": -1.0}}, [1.0, 0.0])
    said = "".join(refusal.value.objections)
    assert all(word in said for word in ("old", "middle", "town", "“f”的人数", "基础权重"))
    with pytest.raises(BadInput, match="并类"):  # who is x is always a: no weights fit both
        rake([{"o": "a", "t": "x"}, {"o": "b", "t": "y"}], {"o": {"a": 1.0, "b": 1.0}, "t": {"x": 1.0, "y": 9.0}})
    kept = rake([{"s": "f"}, {"s": "m"}, {"s": "m"}, {"s": ""}], {"s": {"f": 1.0, "m": 1.0}}).weights
    assert kept == pytest.approx((1.5, 0.75, 0.75, 1.0))
    with pytest.raises(BadInput):
        design_effect([])


def test_files_of_analysts() -> None:
    margins = read_margins("variable,category,people\n# note\nage，60+，24\nage,18-59,76\n")
    assert margins == {"age": {"60+": 24.0, "18-59": 76.0}}
    told = weighed(read_rows("age,base_weight\n60+,1\n18-59,1\n18-59,2\n"), margins)
    assert math.fsum(told["weights"]) == pytest.approx(3)
    assert told["weights"][0] == pytest.approx(0.72)
    with pytest.raises(BadInput) as refusal:
        read_margins("age,60+\nage,old,many\nsex,f,nan\nsex,m,1\nsex,m,2\n")
    assert len(refusal.value.objections) == 4
    for bad in ("", "a,a\n1,2\n", "a,b\n1\n", 'a\n"x'):
        with pytest.raises(BadInput):
            read_rows(bad)
    with pytest.raises(BadInput, match="base_weight"):
        weighed(read_rows("age,base_weight\n60+,0\n18-59,x\n"), margins)


def test_shares_have_intervals_and_small_streets_borrow() -> None:
    # Newcombe (1998), table II, case (a): 56/70 and 48/80; method 10 gives 0.2 with 0.0524 to 0.3339.
    first, second = (Share(a / n, *wilson_share(a / n, n), n, n) for a, n in ((56, 70), (48, 80)))
    moved = change(first, second)
    assert (round(moved.difference, 4), round(moved.low, 4), round(moved.high, 4)) == (0.2, 0.0524, 0.3339)
    assert moved.certain
    voices = [
        Voice(at % 3 > 0, 1 + at % 2, street)
        for street, size in (("A", 90), ("B", 60), ("C", 60))
        for at in range(size)
    ]
    voices += [Voice(False, 1.0, "D"), Voice(False, 1.0, "D")]
    whole, lines = share_of(voices), {line.street: line for line in shares_by_street(voices)}
    assert whole is not None
    assert whole.low < whole.rate < whole.high
    assert whole.effective < len(voices)
    assert lines["D"].direct == 0 < lines["D"].rate
    assert lines["D"].kept < lines["A"].kept
    assert lines["D"].high - lines["D"].low > lines["A"].high - lines["A"].low
    assert all(0 <= line.low <= line.rate <= line.high <= 1 for line in lines.values())
    assert share_of([]) is None
    assert shares_by_street([]) == ()
    assert {line.kept for line in shares_by_street([Voice(True, 1, "A"), Voice(False, 1, "B")])} == {1.0}
    assert wilson_share(0.5, 0) == (0.0, 1.0)


def test_a_single_hidden_cell_takes_a_second_one_along() -> None:
    assert shown_cells({"a": 50, "b": 30, "c": 4}, 10) == {"a"}
    assert shown_cells({"a": 50, "b": 3, "c": 4}, 10) == {"a"}
    assert shown_cells({"a": 50, "b": 30}, 10) == {"a", "b"}


YES_NO = (Option("yes", {"zh": "是", "en": "Yes"}), Option("no", {"zh": "否"}))
FORM = Questionnaire(
    {"zh": "问卷"}, {}, ("zh", "en"),
    (
        Question("know", Kind.ONE, {"zh": "知道吗"}, YES_NO),
        Question("how", Kind.MANY, {"zh": "从哪里"}, YES_NO, when="${know} = 'yes'"),
        Question("mark", Kind.SCALE, {"zh": "打分"}),
        Question("near", Kind.MATRIX, {"zh": "附近"}, YES_NO, tuple(Option(f"r{n}", {"zh": f"行{n}"}) for n in range(4)), required=False),
        Question("wish", Kind.TEXT, {"zh": "意见"}, required=False),
    ),
)  # fmt: skip


def test_a_sheet_is_read_with_every_objection_and_conditions_decide_what_is_asked() -> None:
    sheet = read_sheet(
        FORM, {"know": ["no"], "how": ["yes"], "mark": ["4"], "near.r1": ["yes"], "wish": [" 好\x00\ud800 "]}, DAY
    )
    assert not sheet.objections
    assert sheet.answers == {"know": "no", "mark": 4, "near.r1": "yes", "wish": "好"}
    bad = read_sheet(
        FORM, {"know": ["yes"], "how": ["maybe"], "mark": ["9"], "near.r1": ["yes", "no"], "wish": ["长" * 501]}, DAY
    )
    assert len(bad.objections) == 4
    assert read_sheet(FORM, {"know": ["yes"], "mark": ["٣"]}, DAY).objections == (
        "第 2 题还没有回答。",
        "第 3 题请选 1 到 5 之间的一个数。",
    )
    same = {f"near.r{n}": ["no"] for n in range(4)}
    quick = read_sheet(FORM, {"know": ["no"], "mark": ["1"], **same}, DAY)
    assert flags_of(FORM, quick, 2) == ["fast", "straight"]
    assert flags_of(FORM, sheet, None) == []


def test_numbers_from_paper_become_options() -> None:
    given_, wrong = from_numbers(FORM, {"know": "1", "how": "1，2", "mark": "3", "near.r0": "2", "wish": "修路"})
    assert not wrong
    assert given_ == {"know": ["yes"], "how": ["yes", "no"], "mark": ["3"], "near.r0": ["no"], "wish": ["修路"]}
    assert len(from_numbers(FORM, {"know": "3", "how": "x"})[1]) == 2


def test_a_questionnaire_survives_being_stored_and_says_what_is_wrong_with_it() -> None:
    assert unpacked(packed(FORM)) == FORM
    assert objections_to(FORM) == []
    assert read_options(written_options(YES_NO, ("zh", "en")), ("zh", "en")) == YES_NO
    with pytest.raises(BadInput, match="第 2 行"):
        read_options("a | 甲\n乙", ("zh",))
    bad = replace(FORM, title={}, questions=(
        Question("Street", Kind.ONE, {}, YES_NO[:1], when="${later} = 1"), Question("a", Kind.SCALE, {"zh": "长" * 301}, low=5, high=1),
        Question("a", Kind.MATRIX, {"zh": "空"}, (*YES_NO, *YES_NO), when="(("),
    ))  # fmt: skip
    assert len(objections_to(bad)) == 11
    assert objections_to(replace(FORM, questions=())) == ["还没有题目。"]


def test_rates_are_data() -> None:
    text = """[[rate]]\nkey = "k"\nname = "知晓率"\nkind = "awareness"\ncounts = "${know} = 'yes'"\namong = "${mark} > 2" """
    (rate,) = read_rates(text)
    judge = judge_of(rate)
    assert judge.verdict({"know": "yes", "mark": 3}, "XT", DAY) is True
    assert judge.verdict({"know": "no", "mark": 3}, "XT", DAY) is False
    assert judge.verdict({"know": "yes"}, "XT", DAY) is None
    assert rate_objections([rate], FORM) == []
    assert "street2" in rate_objections([replace(rate, counts="${street2} = 1")], FORM)[0]
    for bad in ("[[rate", "x = 1", "[[rate]]\nkey = 3", '[[rate]]\nkind = "odd"\nmore = "x"', "#" * 20_001):
        with pytest.raises(BadInput):
            read_rates(bad)
    with pytest.raises(BadInput) as refusal:
        read_rates('[[rate]]\nkey = "A"\ncounts = "(("\nkind = "odd"\n')
    assert len(refusal.value.objections) == 4


def test_remarks_that_say_the_same_stand_together() -> None:
    texts = ["希望小区信报箱换新的", "信报箱坏了，换新", "门口划禁停线", "请在门口划禁停线", "👍", "门口要划禁停线吧"]
    groups = group_texts(texts)
    assert [group.members for group in groups[:2]] == [(2, 3, 5), (0, 1)]
    assert sorted(at for group in groups for at in group.members) == list(range(6))
    assert groups[0].title in texts
    assert group_texts([]) == ()
