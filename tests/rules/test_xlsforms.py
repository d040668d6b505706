"""A checklist as a form: names, further questions that make sense, answers that fit."""

import datetime as dt
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chuangwen.rules.checklist_changes import checklist_changes
from chuangwen.rules.editions import EditionSheet, objections
from chuangwen.rules.form_answers import Answers, answer_troubles, unanswered
from chuangwen.rules.form_rows import ChoiceRow, QuestionRow
from chuangwen.rules.xlsforms import base_names, checklist_of, knots, part_names
from tests.rules.test_editions import CRITERION, SOUND

STALLS = QuestionRow("MKT", "stalls", "integer", "摊位多少个")
COOKED = QuestionRow("MKT", "cooked", "select_one", "有没有熟食摊", list_name="yes_no")
MASK = QuestionRow(
    "MKT", "mask", "select_one", "熟食摊戴口罩吗", criterion="MKT-01", list_name="yes_no", required=True,
    relevant="${cooked} = 'yes'",
)  # fmt: skip
YES_NO = (ChoiceRow("MKT", "yes_no", "yes", "有"), ChoiceRow("MKT", "yes_no", "no", "没有"))
ASKED = replace(SOUND, questions=(STALLS, COOKED, MASK), choices=YES_NO)


def asking(*questions: QuestionRow, **criterion: Any) -> EditionSheet:
    return replace(ASKED, questions=questions, criteria=(replace(CRITERION, **criterion),))


def test_a_checklist_with_further_questions_is_sound() -> None:
    assert objections(ASKED) == ()
    assert objections(asking(STALLS, relevant="${stalls} > 10", note_on_fail=True, hint="看地面", media="a.png")) == ()


@pytest.mark.parametrize(
    ("sheet", "sentence"),
    [
        (asking(replace(STALLS, name="摊位")), "《附加问题》摊位「名称」：名称“摊位”只能用英文字母"),
        (asking(replace(STALLS, name="Site")), "《附加问题》Site「名称」：名称“Site”是系统自己用的"),
        (asking(replace(STALLS, name="c_MKT_01_note")), "《附加问题》c_MKT_01_note「名称」：名称“c_MKT_01_note”是系统"),
        (asking(STALLS, replace(STALLS, name="Stalls")), "《附加问题》Stalls「名称」：名称“Stalls”和“stalls”只差大小写"),
        (asking(STALLS, STALLS), "《附加问题》stalls「名称」：与前面的行重复"),
        (asking(replace(STALLS, type="range")), "《附加问题》stalls「题型」：“range”不在可选的 文字、整数"),
        (asking(replace(STALLS, label="")), "《附加问题》stalls「问题」：没有填写。"),
        (asking(replace(STALLS, point_type="X")), "《附加问题》stalls「点位类型」：没有编码为“X”的点位类型。"),
        (asking(replace(STALLS, criterion="X")), "《附加问题》stalls「测评标准」：这类点位的检查单里没有编码为“X”的标准。"),
        (asking(replace(COOKED, list_name="")), "《附加问题》cooked「选项表」：选择题要写明用哪张选项表。"),
        (asking(replace(COOKED, list_name="kind")), "《附加问题》cooked「选项表」：没有名为“kind”的选项表"),
        (asking(replace(STALLS, list_name="yes_no")), "《附加问题》stalls「选项表」：不是选择题"),
        (asking(replace(STALLS, relevant="${x} = 1")), "《附加问题》stalls「出现条件」：条件引用了“${x}”，但没有名为“x”的题目。"),
        (asking(replace(STALLS, relevant=". > 1")), "《附加问题》stalls「出现条件」：出现条件里不能用“.”"),
        (asking(replace(STALLS, relevant="1 +")), "《附加问题》stalls「出现条件」：条件“1 +”写错了：没有写完。"),
        (asking(replace(STALLS, constraint="/a/b = 1")), "《附加问题》stalls「校验条件」：条件“/a/b = 1”用了本系统放不下的写法"),
        (asking(replace(STALLS, default="many")), "《附加问题》stalls「默认值」：默认值“many”应是整数"),
        (asking(replace(STALLS, appearance="<x>")), "《附加问题》stalls「外观」：外观“<x>”里有不认识的符号。"),
        (asking(replace(STALLS, media="../a.png")), "《附加问题》stalls「图片」：图片“../a.png”应是 .png 或 .jpg"),
        (asking(replace(STALLS, type="note", required=True)), "《附加问题》stalls「题型」：说明文字不用回答"),
        (asking(STALLS, relevant="${nobody} = 1"), "《测评标准》MKT-01「出现条件」：条件引用了“${nobody}”"),
        (asking(STALLS, media="a.exe"), "《测评标准》MKT-01「图片」：图片“a.exe”应是 .png"),
        (
            replace(ASKED, choices=(*YES_NO, YES_NO[0])),
            "《选项》yes「值」：与前面的行重复",
        ),
        (
            replace(ASKED, choices=(*YES_NO, ChoiceRow("MKT", "verdict", "pass", "好"))),
            "《选项》pass「选项表」：选项表“verdict”是系统自己用的",
        ),
    ],
)  # fmt: skip
def test_each_fault_of_a_question_is_one_sentence(sheet: EditionSheet, sentence: str) -> None:
    said = objections(sheet)
    assert any(one.startswith(sentence) for one in said), said


def test_conditions_that_run_in_a_ring_are_named_with_the_way_round() -> None:
    first = replace(STALLS, name="a", relevant="${c} > 0")
    second, third = replace(STALLS, name="b", relevant="${a} > 0"), replace(STALLS, name="c", relevant="${b} > 0")
    said = objections(asking(first, second, third))
    assert said == ("《附加问题》a「出现条件」：出现条件绕成了圈：a → c → b → a。请去掉其中一个条件。",)
    assert objections(asking(first, second, replace(third, relevant=""))) == ()


def test_a_criterion_that_waits_for_its_own_verdict_is_never_asked() -> None:
    said = objections(asking(STALLS, relevant="${c_MKT_01_verdict} = 'fail'"))
    assert any("c_MKT_01_verdict → c_MKT_01_verdict" in one for one in said)
    inside = replace(MASK, relevant="")
    assert any("绕成了圈" in one for one in objections(asking(COOKED, inside, relevant="${mask} = 'yes'")))


def test_all_faults_are_named_at_once() -> None:
    said = objections(asking(replace(STALLS, name="a b", type="x", relevant="${y}", constraint="("), media="x"))
    assert len(said) == 6, said


@given(codes=st.lists(st.text(alphabet="ABab01-_.市场", min_size=1, max_size=8), unique=True, max_size=12))
def test_every_criterion_has_a_name_of_its_own_that_every_tool_accepts(codes: list[str]) -> None:
    names = base_names(codes)
    assert list(names) == codes
    assert len({name.lower() for name in names.values()}) == len(codes)
    for code, name in names.items():
        assert name.startswith("c_")
        assert name.isascii()
        assert name.replace("_", "").isalnum()
        assert set(part_names(name)) == {"verdict", "note", "photo", "place"}, code
    assert base_names(["RES-01"]) == {"RES-01": "c_RES_01"}


@given(st.dictionaries(st.sampled_from("abcdef"), st.sets(st.sampled_from("abcdef"), max_size=3), max_size=6))
def test_rings_are_found_exactly_when_things_cannot_be_put_in_order(needs: dict[str, set[str]]) -> None:
    left = dict(needs)
    while free := [name for name in left if not left[name] & set(left)]:
        for name in free:
            del left[name]
    found = list(knots(needs))
    assert bool(found) == bool(left)
    for ring in found:
        for name, need in zip(ring, (*ring[1:], ring[0]), strict=True):
            assert need in needs[name]


# --- answers ---


def answers(given: dict[str, str], *questions: QuestionRow, **fields: str) -> Answers:
    return Answers(questions or ASKED.questions, YES_NO, given, fields, dt.date(2026, 11, 23))


def troubles(given: dict[str, str], *questions: QuestionRow) -> list[str]:
    return list(answer_troubles(answers(given, *questions)))


def test_answers_that_fit_bring_no_objection() -> None:
    assert troubles({"stalls": "12", "cooked": "yes", "mask": "no"}) == []


@pytest.mark.parametrize(
    ("kind", "good", "bad"),
    [
        ("integer", "-12", "1.5"),
        ("integer", "999999999", "9999999999"),
        ("decimal", "1.5", "一"),
        ("date", "2026-05-01", "2026-02-30"),
        ("geopoint", "32.01 120.86", "132.01 120.86"),
        ("geopoint", "32.01 120.86 0 5.2", "32.01"),
        ("text", "好", "长" * 501),
        ("barcode", "690123", "长" * 501),
    ],
)
def test_an_answer_is_of_its_kind(kind: str, good: str, bad: str) -> None:
    row = QuestionRow("MKT", "q", kind, "问题")
    assert troubles({"q": good}, row) == []
    assert len(troubles({"q": bad}, row)) == 1


def test_choices_constraints_and_unknown_names_are_all_named_at_once() -> None:
    many = QuestionRow("MKT", "many", "select_multiple", "哪几种", list_name="yes_no")
    few = replace(STALLS, constraint=". > 0 and . <= 300", constraint_message="摊位数应在 1 到 300 之间。")
    assert troubles({"stalls": "301", "many": "yes maybe", "x": "1"}, few, many) == [
        "检查单里没有名为“x”的问题。",
        "「摊位多少个」摊位数应在 1 到 300 之间。",
        "「哪几种」没有选项“maybe”。",
    ]
    assert troubles({"many": "yes yes"}, many) == ["「哪几种」有重复的选项。"]


def test_a_required_question_is_missed_only_where_it_was_asked() -> None:
    assert list(unanswered(answers({"cooked": "no"}), {})) == []
    assert list(unanswered(answers({"cooked": "yes"}), {})) == ["「熟食摊戴口罩吗」必须回答。"]
    assert list(unanswered(answers({"cooked": "yes"}), {"MKT-01": "${stalls} > 5"})) == []
    assert list(unanswered(answers({"cooked": "yes", "mask": "no"}), {})) == []


def test_a_condition_may_ask_for_a_verdict() -> None:
    found = answers({}, STALLS, c_MKT_01_verdict="fail")
    assert found.lets("${c_MKT_01_verdict} = 'fail'")
    assert not found.lets("${c_MKT_01_verdict} = 'pass'")


# --- what differs ---


def test_differences_are_told_by_row_and_field() -> None:
    before = checklist_of(ASKED, "MKT")
    changed = replace(CRITERION, text="地面干燥", weight=Decimal("2.5"), photo_on_fail=False)
    after = replace(before, criteria=(changed,), questions=(COOKED, STALLS), choices=YES_NO)
    found = checklist_changes(before, after)
    assert [(one.kind, one.table, one.key) for one in found.changes] == [
        ("changed", "测评标准", "MKT-01"),
        ("removed", "附加问题", "mask"),
    ]
    assert [(field.label, field.before, field.after) for field in found.changes[0].fields] == [
        ("标准", "地面无积水", "地面干燥"),
        ("不合格须拍照", "是", "否"),
        ("权重", "2", "2.5"),
    ]
    assert found.reordered == ("附加问题",)
    assert found.count("removed") == 1
    assert not checklist_changes(before, before)
