"""Published rules reproduce published tables, and every figure can be defended."""

import csv
from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from random import Random

import pytest
import tomli_w
from hypothesis import given
from hypothesis import strategies as st

from chuangwen.rules.ranking import Ties
from chuangwen.rules.refusals import BadInput
from chuangwen.rules.scoring import (
    Deduction,
    Facts,
    LeftOut,
    Line,
    Part,
    Rounding,
    Rule,
    Sheet,
    load_rule,
    plain,
    score,
)
from chuangwen.scores.builtin import builtin_rules, read_rule
from tests.paths import shared_data

NANTONG = read_rule("nantong-2016")
KEYS = ("system", "field", "duty")


def facts(unit: str, *values: str | None, league: str = "") -> Facts:
    pairs = zip(KEYS, values, strict=True)
    return Facts(unit, {key: None if value is None else Decimal(value) for key, value in pairs}, league)


def by_unit(sheet: Sheet) -> dict[str, Line]:
    return {line.unit: line for line in sheet.lines}


def published() -> list[dict[str, str]]:
    text = shared_data("nantong_streets_2017_08.csv").read_text(encoding="utf-8-sig")
    return list(csv.DictReader(text.splitlines()))


def recomputed(ties: Ties) -> dict[str, Line]:
    rows = [facts(row["unit"], *(row[key] for key in KEYS)) for row in published()]
    return by_unit(score(replace(NANTONG, ties=ties), rows))


# --- the published table of August 2017 ---


def test_the_published_totals_of_august_2017_come_out_to_the_cent() -> None:
    lines = recomputed("exact")
    differing = {row["unit"] for row in published() if lines[row["unit"]].total_shown != Decimal(row["total"])}
    assert len(lines) == 19
    assert differing == {"金沙"}


def test_jinsha_is_printed_one_cent_below_the_sum_of_its_parts() -> None:
    line = recomputed("exact")["金沙"]
    assert (line.total_exact, line.total_shown) == (Decimal("92.936"), Decimal("92.94"))  # the newspaper: 92.93


def test_the_published_places_come_out_except_the_pair_at_94_31() -> None:
    for ties in ("exact", "shown"):
        lines = recomputed(ties)
        differing = {row["unit"] for row in published() if lines[row["unit"]].place != int(row["place"])}
        assert differing <= {"新开", "钟秀"}


def test_xinkai_and_zhongxiu_share_place_4_where_the_shown_total_decides() -> None:
    lines = recomputed("shown")
    assert lines["新开"].place == lines["钟秀"].place == 4
    assert lines["小海"].place == 6
    assert "与钟秀总分同为 94.31，并列第 4 名。" in lines["新开"].reasons


def test_zhongxiu_is_ahead_of_xinkai_where_hidden_decimals_decide() -> None:
    """The newspaper prints 新开 4th, 钟秀 5th; the parts sum to 94.308 and 94.310, and the sum decides."""
    lines = recomputed("exact")
    assert (lines["钟秀"].total_exact, lines["钟秀"].place) == (Decimal("94.310"), 4)
    assert (lines["新开"].total_exact, lines["新开"].place) == (Decimal("94.308"), 5)
    assert "与新开公布总分同为 94.31，按未舍入的总分（94.310 对 94.308）排在之前。" in lines["钟秀"].reasons


def test_every_line_can_be_added_up_from_its_reasons() -> None:
    assert recomputed("exact")["中兴"].reasons == (
        "系统考核：95.65 × 0.40 = 38.260。",
        "现场考核：93.73 × 0.40 = 37.492。",
        "履职考核：95.80 × 0.20 = 19.160。",
        "合计 94.912，四舍五入到 2 位小数为 94.91。",
    )


# --- rounding ---


def test_half_is_rounded_up_when_shown() -> None:
    assert Rounding().shown(Decimal("2.675")) == Decimal("2.68")
    assert Rounding(1).shown(Decimal("0.25")) == Decimal("0.3")


def test_half_goes_to_the_even_digit_under_gb_t_8170() -> None:
    shown = Rounding(2, "half_even").shown
    assert (shown(Decimal("2.665")), shown(Decimal("2.675"))) == (Decimal("2.66"), Decimal("2.68"))


# --- what is missing ---


def test_a_missing_facility_takes_the_mean_of_its_peers_and_says_so_with_the_figure() -> None:
    sheet = score(
        NANTONG, [facts("甲", "90", None, "80"), facts("乙", "90", "80", "80"), facts("丙", "90", "91", "80")]
    )
    line = by_unit(sheet)["甲"]
    assert line.parts["field"].value == Decimal("85.5")
    assert line.parts["field"].imputed
    assert line.total_exact == Decimal("86.2")
    assert "现场考核：没有观测，取其他 2 个有观测单位的平均分 85.50，85.50 × 0.40 = 34.200。" in line.reasons


def test_a_mean_without_end_is_kept_in_full_and_cut_short_only_in_the_sentence() -> None:
    rows = [
        facts("甲", None, "90", "90"),
        *(facts(unit, mark, "90", "90") for unit, mark in zip("乙丙丁", "112", strict=True)),
    ]
    line = by_unit(score(NANTONG, rows))["甲"]
    assert line.parts["system"].value == Decimal("1.333333333333333333333333333")
    assert line.reasons[0].endswith("平均分 1.33，1.33333333… × 0.40 = 0.53333333…。")
    assert line.reasons[-1] == "合计 54.53333333…，四舍五入到 2 位小数为 54.53。"


def test_peers_are_the_units_of_the_same_league() -> None:
    rows = [
        facts("甲", None, "90", "90", league="街道"),
        facts("乙", "70", "90", "90", league="街道"),
        facts("丙", "100", "90", "90", league="部门"),
    ]
    line = by_unit(score(NANTONG, rows))["甲"]
    assert line.parts["system"].value == 70
    assert "取“街道”组其他 1 个有观测单位的平均分 70.00" in line.reasons[0]


def test_a_unit_with_nothing_observed_is_left_out_and_never_zero() -> None:
    sheet = score(NANTONG, [facts("甲", "90", "90", "90"), facts("乙", None, None, None)])
    assert [line.unit for line in sheet.lines] == ["甲"]
    assert sheet.left_out == (LeftOut("乙", "各部分都没有观测，不参加本次排名，也不按零分计。"),)


def test_a_part_that_must_be_seen_keeps_a_unit_out_and_its_values_out_of_the_means() -> None:
    field_needed = tuple(replace(part, missing="leave_out") if part.key == "field" else part for part in NANTONG.parts)
    rows = [facts("甲", "10", None, "10"), facts("乙", None, "80", "80"), facts("丙", "90", "80", "80")]
    sheet = score(replace(NANTONG, parts=field_needed), rows)
    assert [left.unit for left in sheet.left_out] == ["甲"]
    assert sheet.left_out[0].reason.startswith("现场考核没有观测")
    assert by_unit(sheet)["乙"].parts["system"].value == 90


def test_without_any_peer_there_is_no_mean_to_take() -> None:
    sheet = score(NANTONG, [facts("甲", "90", None, "90"), facts("乙", "90", None, "90")])
    assert sheet.lines == ()
    assert "无平均分可取" in sheet.left_out[0].reason


# --- facts that cannot be right ---


def test_all_bad_facts_are_named_at_once() -> None:
    rows = [
        facts("甲", "956.5", "-1", "90"),
        facts("甲", "90", "NaN", "90"),
        Facts("", {"speed": Decimal(1), "duty": Decimal("1e-40")}),
    ]
    with pytest.raises(BadInput) as refusal:
        score(NANTONG, rows)
    assert refusal.value.objections == (
        "第 1 个单位“甲”：unit（单位）重复：“甲”出现了 2 次，每个单位只能有一行。",
        "第 1 个单位“甲”：system（系统考核）：956.5 不在 0 到 100 之间，请核对小数点和满分。",
        "第 1 个单位“甲”：field（现场考核）：-1 不在 0 到 100 之间，请核对小数点和满分。",
        "第 2 个单位“甲”：unit（单位）重复：“甲”出现了 2 次，每个单位只能有一行。",
        "第 2 个单位“甲”：field（现场考核）：NaN 不是分数。",
        "第 3 个单位“”：unit（单位）为空，请写明单位名称。",
        "第 3 个单位“”：speed：规则“nantong-2016”里没有这一部分。",
        "第 3 个单位“”：duty（履职考核）：位数太多，最多 30 位。",
    )


def test_a_unit_without_a_league_among_units_with_leagues_is_named() -> None:
    with pytest.raises(BadInput, match="分组）为空"):
        score(NANTONG, [facts("甲", "1", "1", "1", league="街道"), facts("乙", "1", "1", "1")])


def test_leagues_published_with_the_rule_bind_the_facts() -> None:
    rule = replace(NANTONG, leagues={"甲": "街道", "乙": "部门"})
    sheet = score(rule, [facts("甲", "80", "80", "80"), facts("乙", "70", "70", "70", league="部门")])
    assert [(line.league, line.place) for line in sheet.lines] == [("街道", 1), ("部门", 1)]
    with pytest.raises(BadInput) as refusal:
        score(rule, [facts("甲", "80", "80", "80", league="部门"), facts("丙", "70", "70", "70")])
    assert [sentence.partition("：")[2] for sentence in refusal.value.objections] == [
        "league（分组）：写的是“部门”，规则把它分在“街道”。",
        "league（分组）：规则的分组里没有“丙”，请核对单位名称或补进规则。",
    ]


# --- a rate that costs marks below a threshold ---


@pytest.mark.parametrize(
    ("rate", "points"), [("100", "50"), ("70", "50"), ("69", "49"), ("69.5", "49.5"), ("20", "0"), ("0", "0")]
)
def test_on_time_closing_costs_one_mark_per_point_below_seventy(rate: str, points: str) -> None:
    part = Part("on_time", "按期结案率", Decimal("0.5"), deduction=Deduction(Decimal(70), Decimal(1)))
    assert part.points(Decimal(rate)) == Decimal(points)


@pytest.mark.parametrize(
    ("key", "rate", "points"),
    [
        ("satisfied", "50", "12.50"), ("satisfied", "71.43", "12.50"), ("satisfied", "75", "13.50"),
        ("satisfied", "83.33", "17.67"), ("satisfied", "87.5", "19.75"), ("satisfied", "99", "25.00"),
        ("on_time", "89.82", "14.82"), ("on_time", "60", "0.00"),
    ],
)  # fmt: skip
def test_the_published_pairs_of_lianyungang_come_out(key: str, rate: str, points: str) -> None:
    rule = read_rule("lianyungang")
    part = next(part for part in rule.parts if part.key == key)
    assert str(rule.rounding.shown(part.points(Decimal(rate)))) == points


JINHUA = {
    "on_time": "69",
    "closed": "88",
    "urgent_closed": "100",
    "urgent_on_time": "93",
    "reworked": "3",
    "fraud": "1",
}


def test_jinhua_takes_marks_off_by_the_point_and_by_the_case() -> None:
    facts = {**dict.fromkeys(("reworked_often", "refused"), "0"), **JINHUA}
    (line,) = score(read_rule("jinhua"), [Facts("金东", {key: Decimal(value) for key, value in facts.items()})]).lines
    assert {key: plain(mark.points) for key, mark in line.parts.items()} == {
        "on_time": "49", "closed": "18", "urgent_closed": "5", "urgent_on_time": "4", "reworked": "-0.6",
        "reworked_often": "0", "fraud": "-1", "refused": "0",
    }  # fmt: skip
    assert str(line.total_shown) == "74.40"
    assert "返工：3 次，每次扣 0.2，得 -0.600。" in line.reasons


def test_a_penalty_earns_nothing_so_it_has_no_weight() -> None:
    part = {"key": "b", "label": "返工", "kind": "count_deduction", "each": 0.5, "weight": 0.2}
    with pytest.raises(BadInput) as refused:
        load_rule(text_of(parts=[{"key": "a", "label": "甲", "weight": 1}, part]))
    assert refused.value.objections == ("部分“返工”：不认识“weight”，请删去或改正拼写。",)


# --- properties ---

UNITS = tuple(f"单位{number}" for number in range(6))
marks = st.decimals(min_value=0, max_value=100, places=2)


@st.composite
def tables(draw: st.DrawFn, value: st.SearchStrategy[Decimal | None]) -> list[Facts]:
    rows: st.SearchStrategy[Mapping[str, Decimal | None]] = st.fixed_dictionaries(dict.fromkeys(KEYS, value))
    units = draw(st.lists(st.sampled_from(UNITS), min_size=1, unique=True))
    return [Facts(unit, draw(rows), league=draw(st.sampled_from(["街道", "部门"]))) for unit in units]


both_ties = pytest.mark.parametrize("ties", ["exact", "shown"])


@both_ties
@given(rows=tables(marks | st.none()), seed=st.integers(0, 99))
def test_the_order_in_which_facts_arrive_changes_nothing(ties: Ties, rows: list[Facts], seed: int) -> None:
    rule = replace(NANTONG, ties=ties)
    assert score(rule, Random(seed).sample(rows, len(rows))) == score(rule, rows)


@given(tables(marks | st.none()))
def test_every_unit_is_either_ranked_or_left_out(rows: list[Facts]) -> None:
    sheet = score(NANTONG, rows)
    assert sorted([line.unit for line in sheet.lines] + [left.unit for left in sheet.left_out]) == sorted(
        row.unit for row in rows
    )


@given(tables(marks | st.none()))
def test_a_total_lies_between_its_lowest_and_highest_part(rows: list[Facts]) -> None:
    for line in score(NANTONG, rows).lines:
        values = [mark.value for mark in line.parts.values()]
        assert min(values) <= line.total_exact <= max(values)
        assert Fraction(line.total_exact) == sum(Fraction(mark.points) for mark in line.parts.values())


def raised(rows: list[Facts], index: int, key: str, by: Decimal) -> list[Facts]:
    row = rows[index]
    value = row.values[key]
    assert value is not None
    better = replace(row, values={**row.values, key: min(Decimal(100), value + by)})
    return [*rows[:index], better, *rows[index + 1 :]]


@both_ties
@given(rows=tables(marks), pick=st.integers(0, 99), key=st.sampled_from(KEYS), by=marks)
def test_a_better_mark_never_lowers_the_total_nor_costs_a_place(
    ties: Ties, rows: list[Facts], pick: int, key: str, by: Decimal
) -> None:
    rule, index = replace(NANTONG, ties=ties), pick % len(rows)
    before = by_unit(score(rule, rows))[rows[index].unit]
    after = by_unit(score(rule, raised(rows, index, key, by)))[rows[index].unit]
    assert after.total_exact >= before.total_exact
    assert after.total_shown >= before.total_shown
    assert after.place <= before.place


@given(rows=tables(marks | st.none()), pick=st.integers(0, 99), key=st.sampled_from(KEYS), by=marks)
def test_a_better_mark_helps_its_unit_at_least_as_much_as_those_who_borrow_the_mean(
    rows: list[Facts], pick: int, key: str, by: Decimal
) -> None:
    index = pick % len(rows)
    unit = rows[index].unit
    ranked = by_unit(score(NANTONG, rows))
    if unit not in ranked or ranked[unit].parts[key].imputed:
        return
    after = by_unit(score(NANTONG, raised(rows, index, key, by)))[unit]
    assert after.total_exact >= ranked[unit].total_exact
    assert after.place <= ranked[unit].place


def test_under_shown_ties_a_unit_that_borrows_the_mean_may_cross_the_rounding_step_first() -> None:
    """The one way a better mark can cost a place, and only among equal shown totals; exact ties do not know it."""
    rows = [facts("甲", "90", "80", "90"), facts("乙", "90.01", None, "90")]  # 86.000 and 86.004
    shown = replace(NANTONG, ties="shown")
    assert by_unit(score(shown, rows))["甲"].place == 1
    assert by_unit(score(shown, raised(rows, 0, "field", Decimal("0.01"))))["甲"].place == 2


@both_ties
@given(rows=tables(marks | st.none()))
def test_a_unit_left_out_changes_nobody_elses_line(ties: Ties, rows: list[Facts]) -> None:
    needed = tuple(replace(part, missing="leave_out") if part.key == "duty" else part for part in NANTONG.parts)
    rule = replace(NANTONG, ties=ties, parts=needed)
    sheet = score(rule, rows)
    gone = {left.unit for left in sheet.left_out}
    assert score(rule, [row for row in rows if row.unit not in gone]) == Sheet(sheet.lines, ())


# --- rules as text ---


def test_the_built_in_rules_can_be_read_and_name_their_source() -> None:
    assert builtin_rules() == ["district-month", "field-rate", "jinhua", "lianyungang", "nantong-2016"]
    for name in builtin_rules():
        rule = read_rule(name)
        assert rule.name == name
        assert rule.source
    assert "样例" in read_rule("district-month").title
    assert {part.key: str(part.weight) for part in NANTONG.parts} == {"system": "0.40", "field": "0.40", "duty": "0.20"}


def text_of(**changes: object) -> str:
    parts = [
        {"key": "a", "label": "甲项", "weight": 0.6},
        {"key": "b", "label": "乙项", "weight": 0.4},
    ]
    return tomli_w.dumps({"name": "n", "title": "t", "source": "s", "parts": parts, **changes})


def test_a_rule_may_say_everything() -> None:
    part = {"key": "a", "label": "结案率", "weight": 100, "kind": "rate_deduction", "threshold": 90, "per_point": 0.5}
    rule = load_rule(
        text_of(
            parts=[{**part, "missing": "leave_out", "highest": 100}],
            ties="shown",
            rounding={"places": 1, "mode": "half_even"},
            leagues={"城东": "街道"},
        )
    )
    deduction = Deduction(Decimal(90), Decimal("0.5"))
    assert rule == Rule(
        "n",
        "t",
        "s",
        (Part("a", "结案率", Decimal(1), "leave_out", Decimal(100), deduction),),
        Rounding(1, "half_even"),
        "shown",
        {"城东": "街道"},
    )


def test_weights_written_as_percentages_mean_the_same() -> None:
    parts = [{"key": "a", "label": "甲项", "weight": 62.5}, {"key": "b", "label": "乙项", "weight": 37.5}]
    assert [part.weight for part in load_rule(text_of(parts=parts)).parts] == [Decimal("0.625"), Decimal("0.375")]


def test_tenths_sum_to_one_without_the_error_of_binary_figures() -> None:
    parts = [{"key": f"k{i}", "label": f"第{i}项", "weight": 0.1} for i in range(10)]
    assert len(load_rule(text_of(parts=parts)).parts) == 10


def objections_to(text: str) -> tuple[str, ...]:
    with pytest.raises(BadInput) as refusal:
        load_rule(text)
    return refusal.value.objections


def test_every_objection_to_a_rule_is_named_at_once() -> None:
    parts = [
        {"key": "a", "label": "甲项", "weight": 0, "missing": "zero"},
        {"key": "b", "label": "乙项", "weight": 0.4, "kind": "rate_deduction", "colour": "red"},
        {"weight": True},
    ]
    found = objections_to(
        text_of(
            title=" ", parts=parts, tie="shown", ties="名次", rounding={"places": 9, "mode": "up"}, unobserved="zero"
        )
    )
    assert found == (
        "规则：缺少“title”，或者它不是文字。",
        "部分“甲项”：“weight”应当是大于 0 的数，现在是“0”。",
        "部分“甲项”：“missing”是“zero”，只能是 peers_mean、leave_out。",
        "部分“乙项”：“threshold”应当是大于 0 的数，现在是“没有写”。",
        "部分“乙项”：“per_point”应当是大于 0 的数，现在是“没有写”。",
        "部分“乙项”：不认识“colour”，请删去或改正拼写。",
        "第 3 个部分：缺少“key”，或者它不是文字。",
        "第 3 个部分：缺少“label”，或者它不是文字。",
        "第 3 个部分：“weight”应当是大于 0 的数，现在是“True”。",
        "rounding：“places”应当是 0 到 6 的整数，现在是“9”。",
        "rounding：“mode”是“up”，只能是 half_up、half_even。",
        "规则：“ties”是“名次”，只能是 shown、exact。",
        "规则：“unobserved”是“zero”，只能是 leave_out。",
        "规则：不认识“tie”，请删去或改正拼写。",
    )


def test_weights_that_do_not_sum_to_one_are_refused_with_their_sum() -> None:
    parts = [{"key": "a", "label": "甲项", "weight": 0.6}, {"key": "b", "label": "乙项", "weight": 0.39}]
    assert objections_to(text_of(parts=parts)) == ("规则：各部分权重之和是 0.99，应当正好是 1（按百分数写则是 100）。",)


def test_parts_with_the_same_or_a_reserved_name_are_refused() -> None:
    parts = [{"key": "unit", "label": "甲项", "weight": 0.6}, {"key": "b", "label": "甲项", "weight": 0.4}]
    assert len(objections_to(text_of(parts=parts))) == 2


@pytest.mark.parametrize("text", ["name = ", "name = 1\nname = 2", "places = " + "9" * 5000])
def test_text_that_is_no_toml_is_refused_in_a_sentence(text: str) -> None:
    assert objections_to(text)[0].startswith("规则文件不是合格的 TOML")


def test_a_rule_without_parts_is_refused() -> None:
    assert "规则：“parts”应当至少有一段 [[parts]]。" in objections_to(text_of(parts=[]))
