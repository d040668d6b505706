"""The sample edition that ships with the product: complete, sound, honest about what is ours."""

from collections import Counter
from decimal import Decimal

import pytest

from chuangwen.rules.case_standards import case_objections
from chuangwen.rules.editions import CriterionRow, How, MethodKind, Severity, criteria_by_type, objections
from chuangwen.rules.limits import LimitUnit
from chuangwen.standards.sample_edition import sample_case_sources, sample_case_standards, sample_edition

SHEET = sample_edition()
CASES = {row.code: row for row in sample_case_standards()}
TYPES = [
    "RES",
    "COM",
    "ROAD",
    "LANE",
    "SQ",
    "MKT",
    "MALL",
    "WIN",
    "HOSP",
    "BUS",
    "CULT",
    "SCH",
    "SITE",
    "RIVER",
    "FOOD",
]


def criterion(code: str) -> CriterionRow:
    return next(row for row in SHEET.criteria if row.code == code)


def test_the_sample_is_sound_and_every_reference_exists() -> None:
    assert objections(SHEET, case_codes=CASES) == ()
    assert case_objections(sample_case_standards()) == ()


def test_all_fifteen_kinds_of_place_have_their_criteria() -> None:
    counts = criteria_by_type(SHEET)
    assert list(counts) == TYPES
    assert len(SHEET.criteria) == 213
    assert min(counts.values()) >= 8


def test_the_tree_has_six_to_nine_items_and_every_content_is_used() -> None:
    assert 6 <= len(SHEET.items) <= 9
    assert len(SHEET.contents) >= 20
    assert {content.code for content in SHEET.contents} == {row.content_code for row in SHEET.criteria}


def test_every_way_of_checking_and_every_class_occurs() -> None:
    assert {how for row in SHEET.criteria for how in row.how} == set(How)
    assert {row.severity for row in SHEET.criteria} == set(Severity)
    assert {row.method for row in SHEET.criteria} == set(MethodKind)


def test_criteria_fit_on_a_phone() -> None:
    assert max(len(row.text) for row in SHEET.criteria) <= 40


def test_every_field_criterion_says_which_case_its_failure_opens() -> None:
    assert [row.code for row in SHEET.criteria if row.method == MethodKind.FIELD and not row.case_standard] == []


def test_nobody_photographs_manners_answers_or_papers() -> None:
    unseen = {How.ASK, How.DOCUMENT}
    assert [row.code for row in SHEET.criteria if row.photo_on_fail and set(row.how) <= unseen] == []
    behaviour = {"ORD-4", "ORD-5", "SVC-1", "SVC-3", "SVC-4", "GOV-2", "GOV-4"}
    assert [row.code for row in SHEET.criteria if row.photo_on_fail and row.content_code in behaviour] == []
    assert criterion("RES-10").photo_on_fail
    assert not criterion("MKT-13").photo_on_fail  # a health certificate is personal data


@pytest.mark.parametrize("code", ["RES-17", "ROAD-06", "SQ-15", "LANE-10"])
def test_cars_inside_painted_lines_are_no_illegal_parking(code: str) -> None:
    assert "划的线内" in criterion(code).carve_outs


@pytest.mark.parametrize("code", ["ROAD-05", "LANE-05", "SQ-16", "MKT-11", "FOOD-07"])
def test_goods_inside_the_shop_line_are_no_road_trade(code: str) -> None:
    assert "门店划定的线内" in criterion(code).carve_outs


def test_figures_of_the_sources_are_kept() -> None:
    assert criterion("ROAD-01").threshold.startswith("每 200 米不少于 1 处")
    assert "只数固定载体" in criterion("WIN-01").threshold
    assert "15 分钟" in criterion("HOSP-04").threshold
    assert "50%" in criterion("SITE-04").threshold
    assert criterion("SITE-04").how == ("measure",)


def test_graver_classes_weigh_more() -> None:
    weights = {row.severity: row.weight for row in SHEET.criteria}
    assert weights == {"V": Decimal(4), "A": Decimal(3), "B": Decimal(2), "C": Decimal(1)}


def test_what_is_ours_says_so() -> None:
    assert all("等级、权重由本项目拟定" in row.source and "http" in row.source for row in SHEET.criteria)
    assert all("样例" in method.source for method in SHEET.methods)
    sources = sample_case_sources()
    assert set(sources) == set(CASES)
    assert Counter(source == "本项目拟定" for source in sources.values()) == {False: 60, True: 46}


@pytest.mark.parametrize(
    ("code", "text", "amount", "unit"),
    [
        ("BJ-0101-1", "2紧急工作时", 2, LimitUnit.urgent_hours),
        ("BJ-0101-2", "4工作时", 4, LimitUnit.working_hours),
        ("BJ-0101-3", "5工作日", 5, LimitUnit.working_days),
        ("BJ-0102-1", "1工作日", 1, LimitUnit.working_days),
        ("SJ-0101-1", "2紧急工作日", 2, LimitUnit.urgent_days),
        ("SJ-0103-1", "4小时", 4, LimitUnit.hours),
        ("SJ-0201-1", "5天", 5, LimitUnit.days),
        ("SJ-0405-1", "2小时", 2, LimitUnit.hours),
    ],
)
def test_published_limits_are_kept(code: str, text: str, amount: int, unit: LimitUnit) -> None:
    limit = CASES[code].limit
    assert limit is not None
    assert (CASES[code].limit_text, int(limit.amount), limit.unit) == (text, amount, unit)


def test_every_sample_limit_is_understood() -> None:
    assert [row.code for row in CASES.values() if row.limit is None] == []


def test_the_negative_list_costs_points_only_where_points_are_named() -> None:
    assert {row.code: row.points for row in SHEET.veto_items if row.points is not None} == {"F-02": Decimal(3)}
    assert {row.sanction for row in SHEET.veto_items} == {
        "停止称号 1 年",
        "扣分",
        "不得申报",
        "取消称号",
        "停止提名资格",
    }
