"""An edition of the assessment standard: what makes one sound, and what is said about one that is not."""

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chuangwen.rules.editions import (
    ContentRow,
    CriterionRow,
    EditionSheet,
    ItemRow,
    MethodRow,
    PointTypeRow,
    VetoRow,
    criteria_by_type,
    objections,
    problems,
)

CRITERION = CriterionRow(
    code="MKT-01",
    content_code="ENV-1",
    point_type="MKT",
    text="地面无积水",
    how=("look", "measure"),
    threshold="",
    photo_on_fail=True,
    severity="B",
    method="field",
    weight=Decimal("2"),
    case_standard="SJ-0406-1",
)
SOUND = EditionSheet(
    name="样例",
    code="sample",
    version="2026",
    source="公开资料",
    methods=(MethodRow("field", Decimal("60.5")), MethodRow("material", Decimal("39.5"))),
    point_types=(PointTypeRow("MKT", "农贸市场", 1),),
    items=(ItemRow("ENV", "公共环境"),),
    contents=(ContentRow("ENV-1", "ENV", "保洁"),),
    criteria=(CRITERION,),
    veto_items=(VetoRow("F-01", "重大安全事故", "停止称号 1 年", None, 12),),
)


def with_criterion(**changes: Any) -> EditionSheet:
    return replace(SOUND, criteria=(replace(CRITERION, **changes),))


def test_a_sound_edition_has_no_objection() -> None:
    assert objections(SOUND) == ()
    assert objections(SOUND, case_codes={"SJ-0406-1"}) == ()
    assert criteria_by_type(SOUND) == {"MKT": 1}


@pytest.mark.parametrize(
    ("sheet", "sentence"),
    [
        (replace(SOUND, name=""), "《说明》「名称」：没有填写。"),
        (replace(SOUND, code="a b"), "《说明》「代码」：编码“a b”中间有空白，请删去。"),
        (
            replace(SOUND, methods=(MethodRow("field", Decimal("95")), MethodRow("material", Decimal("4.5")))),
            "《方法权重》「权重」：各方法权重合计应为 100，现为 99.5。",
        ),
        (
            replace(SOUND, methods=(*SOUND.methods, MethodRow("report", Decimal(0)))),
            "《方法权重》report「方法」：“report”不在可选的 实地考察、材料审核、问卷调查 之中。",
        ),
        (replace(SOUND, items=(*SOUND.items, ItemRow("ORD", "公共秩序"))), "《测评项目》ORD：下面没有测评内容，"),
        (
            replace(SOUND, contents=(*SOUND.contents, ContentRow("ORD-1", "ORD", "停车"))),
            "《测评内容》ORD-1「测评项目」：没有编码为“ORD”的测评项目。",
        ),
        (
            replace(SOUND, point_types=(*SOUND.point_types, PointTypeRow("BUS", "公交", 2))),
            "《点位类型》BUS：没有一条测评标准，",
        ),
        (replace(SOUND, criteria=()), "《测评标准》：一条标准也没有。"),
        (replace(SOUND, criteria=(CRITERION, CRITERION)), "《测评标准》MKT-01「编码」：与前面的行重复，"),
        (with_criterion(content_code="X"), "《测评标准》MKT-01「测评内容」：没有编码为“X”的测评内容。"),
        (with_criterion(point_type="X"), "《测评标准》MKT-01「点位类型」：没有编码为“X”的点位类型。"),
        (with_criterion(point_type=""), "《测评标准》MKT-01「点位类型」：实地考察的标准要写明"),
        (with_criterion(method="questionnaire"), "《测评标准》MKT-01「方法」：《方法权重》里没有“问卷调查”。"),
        (with_criterion(severity="D"), "《测评标准》MKT-01「等级」：“D”不在可选的 V（否决类）、A（重大）"),
        (with_criterion(how=()), "《测评标准》MKT-01「查法」：没有填写。"),
        (with_criterion(how=("smell",)), "《测评标准》MKT-01「查法」：“smell”不在可选的 看、数、量、问、试、查 之中。"),
        (with_criterion(how=("look", "look")), "《测评标准》MKT-01「查法」：有重复的选项。"),
        (with_criterion(text=""), "《测评标准》MKT-01「标准」：没有填写。"),
        (with_criterion(text="长" * 301), "《测评标准》MKT-01「标准」：有 301 个字，最多 300 个。"),
        (with_criterion(text="断\x0b行"), "《测评标准》MKT-01「标准」：含有看不见的控制字符"),
        (with_criterion(text=" 有空白"), "《测评标准》MKT-01「标准」：首尾有空白"),
        (with_criterion(weight=Decimal("-1")), "《测评标准》MKT-01「权重」：“-1”应是 0 以上、小于 1000 的数。"),
        (with_criterion(weight=Decimal("NaN")), "《测评标准》MKT-01「权重」：“NaN”应是 0 以上"),
        (with_criterion(weight=Decimal("0.1234")), "《测评标准》MKT-01「权重」：“0.1234”最多保留 3 位小数。"),
        (
            replace(SOUND, veto_items=(VetoRow("F-01", "事故", "", Decimal("3"), 12),)),
            "《负面清单》F-01「处理」：没有填写。",
        ),
        (
            replace(SOUND, veto_items=(VetoRow("F-01", "事故", "扣分", Decimal("3"), -1),)),
            "《负面清单》F-01「追溯月数」：“-1”应是 0 到 999 的整数。",
        ),
    ],
)
def test_each_fault_is_one_sentence_with_sheet_and_code(sheet: EditionSheet, sentence: str) -> None:
    said = objections(sheet)
    assert any(one.startswith(sentence) for one in said), said


def test_all_faults_are_named_at_once() -> None:
    said = objections(with_criterion(severity="D", text="", how=("smell",), content_code="X"))
    assert len(said) == 4


def test_a_case_standard_that_does_not_exist_is_named_where_the_catalogue_is_known() -> None:
    assert objections(SOUND, case_codes=set()) == (
        "《测评标准》MKT-01「立案标准编码」：没有编码为“SJ-0406-1”的立案标准。",
    )
    assert objections(with_criterion(case_standard=""), case_codes=set()) == ()


def test_material_may_be_asked_for_without_a_kind_of_place() -> None:
    material = replace(CRITERION, code="DOC-1", point_type="", method="material", how=("document",))
    assert objections(replace(SOUND, criteria=(CRITERION, material))) == ()


@given(
    weights=st.lists(st.decimals(min_value=0, max_value=100, places=2), min_size=2, max_size=2),
)
def test_weights_are_accepted_exactly_when_they_sum_to_100(weights: list[Decimal]) -> None:
    for second in (weights[1], 100 - weights[0]):
        sheet = replace(SOUND, methods=(MethodRow("field", weights[0]), MethodRow("material", second)))
        assert (objections(sheet) == ()) == (weights[0] + second == 100)


@given(rows=st.lists(st.sampled_from(["MKT-01", "MKT-02", "MKT-03"]), min_size=1, max_size=8))
def test_every_repeated_code_is_blamed_on_the_later_row(rows: list[str]) -> None:
    sheet = replace(SOUND, criteria=tuple(replace(CRITERION, code=code) for code in rows))
    later = [index for index, code in enumerate(rows) if code in rows[:index]]
    assert [problem.index for problem in problems(sheet)] == later
