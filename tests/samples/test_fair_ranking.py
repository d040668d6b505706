"""Rankings that can be defended: published examples, simulated districts, and what the figures cannot bear."""

import csv

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chuangwen.rules.check_tables import day_order, read_checks
from chuangwen.rules.fair_ranking import fair_ranking, moved, warnings
from chuangwen.rules.rank_intervals import covariance_of, rank_intervals, tiers
from chuangwen.rules.refusals import BadInput
from chuangwen.rules.small_area import fay_herriot
from tests.districts import simulated, wrong_pairs
from tests.paths import shared_data

# --- published examples ---


def test_the_united_kingdom_in_mathematics_is_thirteenth_between_seven_and_twenty_three() -> None:
    with shared_data("pisa_2018.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    scores = [float(row["math_score"]) for row in rows]
    errors = covariance_of([float(row["math_se"]) for row in rows])
    uk = next(at for at, row in enumerate(rows) if row["jurisdiction"] == "United Kingdom")
    assert 1 + sum(score > scores[uk] for score in scores) == 13
    marginal = rank_intervals(scores, errors, seed=1)
    assert (marginal[uk].best, marginal[uk].worst) == (7, 23)
    together = rank_intervals(scores, errors, seed=1, simultaneous=True)
    assert all(
        wide.best <= narrow.best <= narrow.worst <= wide.worst for wide, narrow in zip(together, marginal, strict=True)
    )
    sharper = rank_intervals(scores, errors, seed=1, step_down=True)
    assert all(
        wide.best <= narrow.best <= narrow.worst <= wide.worst for wide, narrow in zip(marginal, sharper, strict=True)
    )


def test_the_expenditure_on_milk_of_43_areas() -> None:
    with shared_data("milk.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    areas = [[1.0, *(float(row["MajorArea"] == name) for name in "234")] for row in rows]
    fit = fay_herriot([float(row["yi"]) for row in rows], [float(row["SD"]) ** 2 for row in rows], areas)
    assert fit.coefficients == pytest.approx((0.968189, 0.132780, 0.226946, -0.241301), abs=1e-6)
    assert fit.estimates[:5] == pytest.approx((1.0219703, 1.0476018, 1.0679513, 0.7608170, 0.8461574), abs=1e-6)
    assert all(0 < keep < 1 for keep in fit.weights)
    assert all(mse < float(row["SD"]) ** 2 for mse, row in zip(fit.mse, rows, strict=True))


# --- intervals and tiers ---


@given(st.lists(st.floats(-50, 50), min_size=1, max_size=8), st.floats(0.05, 20))
def test_an_interval_holds_the_own_place_and_tiers_follow_the_order(scores: list[float], error: float) -> None:
    errors = covariance_of([error] * len(scores))
    for score, interval in zip(scores, rank_intervals(scores, errors, seed=3, draws=200), strict=True):
        assert 1 <= interval.best <= 1 + sum(other > score for other in scores)
        assert len(scores) - sum(other < score for other in scores) <= interval.worst <= len(scores)
    ranked = sorted(zip(scores, tiers(scores, errors, seed=3, draws=200), strict=True), key=lambda row: -row[0])
    assert [tier for _score, tier in ranked] == sorted(tier for _score, tier in ranked)


def test_far_apart_is_told_apart_and_close_together_is_not() -> None:
    apart = rank_intervals([90.0, 50.0, 10.0], covariance_of([1, 1, 1]), seed=1)
    assert [(one.best, one.worst) for one in apart] == [(1, 1), (2, 2), (3, 3)]
    close = rank_intervals([50.2, 50.1, 50.0], covariance_of([1, 1, 1]), seed=1)
    assert {(one.best, one.worst) for one in close} == {(1, 3)}
    assert tiers([90.0, 50.0, 50.1, 10.0], covariance_of([1, 1, 1, 1]), seed=1) == [1, 2, 2, 3]


def test_intervals_hold_the_true_place_as_often_as_they_say() -> None:
    rng = np.random.default_rng(5)
    truth = np.linspace(0, 3, 10)
    places = [1 + int((truth > one).sum()) for one in truth]
    held = []
    for _draw in range(60):
        seen = truth + rng.normal(0, 0.6, 10)
        found = rank_intervals(list(seen), covariance_of([0.6] * 10), seed=1, draws=400)
        held += [one.best <= place <= one.worst for one, place in zip(found, places, strict=True)]
    assert np.mean(held) >= 0.95


@pytest.mark.parametrize("errors", [[1.0, 0.0], [1.0, float("nan")], [1.0, -1.0]])
def test_errors_that_are_none_are_refused(errors: list[float]) -> None:
    with pytest.raises(BadInput, match="大于 0"):
        covariance_of(errors)


def test_a_small_area_model_that_cannot_be_fitted_is_refused() -> None:
    with pytest.raises(BadInput, match="单位须更多"):
        fay_herriot([1.0, 2.0], [0.1, 0.1], [[1.0, 0.0], [1.0, 1.0]])
    with pytest.raises(BadInput, match="方差须大于 0"):
        fay_herriot([1.0, 2.0, 3.0], [0.1, 0.0, 0.1], [[1.0]] * 3)
    with pytest.raises(BadInput, match="有重复"):
        fay_herriot([1.0, 2.0, 3.0, 4.0], [0.1] * 4, [[1.0, 2.0]] * 4)


# --- who came to look ---


def test_a_strict_inspector_no_longer_decides_the_order() -> None:
    raw, adjusted = 0.0, 0.0
    for seed in range(5):
        district = simulated(seed=seed, visits=2400)
        found = {row.unit: row for row in fair_ranking(district.table).units}
        rows = [found[name] for name in district.table.names["unit"]]
        raw += wrong_pairs([row.raw for row in rows], district.quality)
        adjusted += wrong_pairs([row.adjusted for row in rows], district.quality)
    assert adjusted <= raw / 2


def test_strictness_is_recovered() -> None:
    district = simulated(seed=4, visits=1600)
    found = fair_ranking(district.table)
    wanted = district.strictness - district.strictness.mean()
    for row, true in zip(found.inspectors, wanted, strict=True):
        assert abs(row.strictness - true) < 4 * row.se + 0.02


def test_without_any_strictness_nothing_much_is_adjusted() -> None:
    district = simulated(seed=2, visits=1600, strictness=0.0)
    assert all(abs(row.adjusted - row.raw) < 0.03 for row in fair_ranking(district.table).units)


def test_the_same_checks_in_another_order_give_the_same_ranking() -> None:
    district = simulated(seed=8, visits=300)
    table = district.table
    turned = np.random.default_rng(1).permutation(len(table))
    other = type(table)(
        table.names, {name: codes[turned] for name, codes in table.codes.items()}, table.seconds[turned],
        table.passed[turned], table.weight[turned],
    )  # fmt: skip
    for a, b in zip(fair_ranking(table).units, fair_ranking(other).units, strict=True):
        assert (a.unit, a.place_raw, a.best, a.worst, a.tier) == (b.unit, b.place_raw, b.best, b.worst, b.tier)
        assert a.adjusted == pytest.approx(b.adjusted, abs=1e-6)


def test_looking_more_often_is_no_reason_to_rank_lower() -> None:
    district = simulated(seed=8, visits=300)
    table = district.table
    twice = np.concatenate([np.arange(len(table)), np.flatnonzero(table.codes["unit"] == 3)])
    more = type(table)(
        table.names, {name: codes[twice] for name, codes in table.codes.items()}, table.seconds[twice],
        table.passed[twice], table.weight[twice],
    )  # fmt: skip
    before = {row.unit: row for row in fair_ranking(table).units}
    after = {row.unit: row for row in fair_ranking(more).units}
    assert after["u003"].raw == pytest.approx(before["u003"].raw)
    assert after["u003"].observations == 2 * before["u003"].observations


def test_a_change_on_last_month_has_an_interval_of_its_own() -> None:
    first, second = fair_ranking(simulated(seed=8, visits=300).table), fair_ranking(simulated(seed=8, visits=600).table)
    changes = moved(second.units, first.units)
    assert len(changes) == 20
    assert all(low < change < high for change, low, high in changes.values())


# --- what the figures cannot bear ---


def test_inspectors_who_never_meet_are_named_with_a_visit_that_connects_them() -> None:
    said = warnings(simulated(seed=1, visits=200, separate=True).table)
    assert any("分成 6 组，从没有查过同一个单位" in line for line in said)
    assert sum("复查一次" in line for line in said) == 5
    assert not any("组" in line for line in warnings(simulated(seed=1, visits=400).table))


def test_too_few_checks_are_named() -> None:
    lines = ["unit,inspector,site,criterion,observed_at,passed"]
    lines += [
        f"甲,一,点{at % 3},C{at % 5},2020-06-{1 + at % 20:02}T09:{at % 60:02},{int(at % 4 > 0)}" for at in range(40)
    ]
    lines += ["乙,一,点9,C1,2020-06-01T15:00,1"]
    found = fair_ranking(read_checks("\n".join(lines).encode()))
    assert any("乙（1 条）" in line for line in found.warnings)
    assert any("只有一名巡查员" in line for line in found.warnings)
    assert {row.unit for row in found.units} == {"甲", "乙"}


# --- the table of checks ---


def test_every_bad_line_is_named_at_once() -> None:
    text = (
        "unit,inspector,site,criterion,observed_at,passed,weight\n"
        "甲,一,点,C1,2020-06-01T09:00,1,1\n,一,点,C1,2020-06-01,1,1\n甲,一,点,C1,昨天,1,1\n甲,一,点,C1,2020-06-01,也许,1\n"
        "甲,一,点,C1,2020-06-01,1,-3\n"
    )
    with pytest.raises(BadInput) as refused:
        read_checks(text.encode())
    assert [line.partition("：")[0] for line in refused.value.objections] == [
        "第 3 行",
        "第 5 行",
        "第 4 行",
        "第 6 行",
    ]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "缺少 unit"),
        (b"unit,inspector,site,criterion,observed_at,passed\n", "没有检查记录"),
        (b"unit,unit,inspector,site,criterion,observed_at,passed\n", "出现了两次"),
        (b"unit,inspector,site,criterion,observed_at,passed\na,b\n", "第 2 行：列数不是 6 列"),
        ("单位".encode("gbk"), "UTF-8"),
    ],
)
def test_a_table_that_is_none_is_refused_with_a_sentence(content: bytes, words: str) -> None:
    with pytest.raises(BadInput, match=words):
        read_checks(content)


def test_the_order_of_an_inspectors_day() -> None:
    def order(*visits: tuple[int, int, int]) -> list[int]:
        who, site, seconds = (np.array(column) for column in zip(*visits, strict=True))
        return list(day_order(who, site, seconds))

    hour, day = 3600, 86_400
    assert order((0, 5, 9 * hour), (0, 5, 9 * hour + 60), (0, 6, 10 * hour), (1, 6, 8 * hour), (0, 7, day)) == [
        1,
        1,
        2,
        1,
        1,
    ]
    assert order((0, 6, 10 * hour), (0, 5, 9 * hour)) == [2, 1]


def test_a_unit_with_few_checks_is_drawn_towards_the_others() -> None:
    seen = {"甲": (900, 0.9), "乙": (900, 0.7), "丙": (900, 0.8), "丁": (900, 0.6), "小街": (6, 1.0)}
    rows = [
        f"{unit},员{number % 3},{unit}{number % 60},条目{number % 7},2020-06-{1 + number % 28:02}T09:00,{int(number < rate * checks)}"
        for unit, (checks, rate) in seen.items()
        for number in range(checks)
    ]
    table = read_checks("\n".join(["unit,inspector,site,criterion,observed_at,passed", *rows]).encode())
    found = {row.unit: row for row in fair_ranking(table).units}
    small, large = found["小街"], found["甲"]
    assert small.small_area is not None
    assert large.small_area is not None
    assert small.own_share is not None
    assert large.own_share is not None
    assert (small.raw, small.own_share < 0.7, large.own_share > 0.9) == (1.0, True, True)
    assert small.small_area < 0.95
    assert abs(large.small_area - 0.9) < 0.01


def test_two_units_have_nothing_to_be_drawn_towards() -> None:
    rows = [f"{unit},员,{unit}{number},条目,2020-06-01T09:00,{number % 2}" for unit in "甲乙" for number in range(40)]
    table = read_checks("\n".join(["unit,inspector,site,criterion,observed_at,passed", *rows]).encode())
    assert {(row.small_area, row.own_share) for row in fair_ranking(table).units} == {(None, None)}
