"""Places and score rates as the people who are ranked would check them."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chuangwen.rules.ranking import Rate, Standing, Tally, order, places, rates_by, score_rate, weighted_score_rate
from chuangwen.rules.refusals import BadInput


def standing(unit: str, exact: str, league: str = "") -> Standing:
    return Standing(unit, league, Decimal(exact), Decimal(exact).quantize(Decimal("0.01")))


def test_equal_shown_totals_share_a_place_and_the_next_place_is_skipped() -> None:
    rows = [standing("甲", "94.310"), standing("乙", "94.308"), standing("丙", "95"), standing("丁", "90")]
    assert places(rows, ties="shown") == {"丙": 1, "甲": 2, "乙": 2, "丁": 4}


def test_hidden_decimals_part_units_under_exact_ties() -> None:
    rows = [standing("甲", "94.310"), standing("乙", "94.308"), standing("丙", "94.31")]
    assert places(rows, ties="exact") == {"甲": 1, "丙": 1, "乙": 3}


def test_streets_and_departments_are_placed_in_leagues_of_their_own() -> None:
    rows = [standing("甲街道", "80", "街道"), standing("乙街道", "70", "街道"), standing("城管局", "75", "部门")]
    assert places(rows, ties="exact") == {"甲街道": 1, "乙街道": 2, "城管局": 1}


@dataclass(frozen=True)
class Placed:
    unit: str
    league: str
    place: int


def test_a_list_reads_league_by_league_and_by_name_where_a_place_is_shared() -> None:
    rows = [Placed("丙", "b", 1), Placed("乙", "a", 2), Placed("甲", "a", 1), Placed("丁", "a", 1)]
    assert order(rows) == order(rows[::-1]) == (rows[3], rows[2], rows[1], rows[0])


@given(st.lists(st.integers(min_value=0, max_value=20), min_size=1, max_size=12))
def test_a_place_is_one_more_than_the_number_of_units_ahead(totals: Sequence[int]) -> None:
    found = places([standing(f"单位{i}", str(total)) for i, total in enumerate(totals)], ties="exact")
    assert found == {f"单位{i}": 1 + sum(other > total for other in totals) for i, total in enumerate(totals)}


def test_the_score_rate_is_passed_among_what_applied() -> None:
    assert score_rate(3, 1) == Decimal("0.75")
    assert score_rate(0, 4) == 0


def test_a_site_where_nothing_applied_has_no_rate_rather_than_zero() -> None:
    assert score_rate(0, 0) is None
    assert weighted_score_rate([tally("甲点", 0, 0)]) == Rate(None, 0)


def test_negative_counts_and_weights_are_refused() -> None:
    with pytest.raises(BadInput, match="不能是负数"):
        score_rate(-1, 2)
    with pytest.raises(BadInput, match="应当大于 0"):
        weighted_score_rate([tally("甲点", 1, 1, weight="0")])


def tally(
    site: str, passed: int, failed: int, *, street: str = "城东", community: str = "一", weight: str = "1"
) -> Tally:
    return Tally(street, community, site, "CX-1", passed, failed, Decimal(weight))


def test_a_heavier_criterion_moves_the_rate_more() -> None:
    assert weighted_score_rate([tally("甲点", 1, 0, weight="3"), tally("甲点", 0, 1)]) == Rate(Decimal("0.75"), 2)


def test_a_street_is_rated_from_its_observations_and_not_from_the_mean_of_its_sites() -> None:
    rows = [tally("小店", 2, 0), tally("大市场", 19, 19)]
    assert rates_by(rows, level="street") == {("城东",): Rate(Decimal("0.525"), 40)}  # the mean of means would be 0.75


def test_communities_of_the_same_name_in_two_streets_are_kept_apart() -> None:
    rows = [tally("甲点", 1, 0), tally("乙点", 0, 1, street="城西")]
    by_community = rates_by(rows, level="community")
    assert by_community == {("城东", "一"): Rate(Decimal(1), 1), ("城西", "一"): Rate(Decimal(0), 1)}
    assert list(rates_by(rows, level="site")) == [("城东", "一", "甲点"), ("城西", "一", "乙点")]


tallies = st.lists(
    st.builds(
        tally,
        st.sampled_from(["甲点", "乙点", "丙点"]),
        st.integers(0, 30),
        st.integers(0, 30),
        street=st.sampled_from(["城东", "城西"]),
        weight=st.sampled_from(["0.5", "1", "2.25"]),
    ),
    max_size=12,
)


@given(tallies, st.randoms(use_true_random=False))
def test_a_rate_agrees_with_fractions_and_does_not_depend_on_the_order_of_rows(rows: list[Tally], dice: Random) -> None:
    pooled = weighted_score_rate(rows)
    reachable = sum((Fraction(row.weight) * (row.passed + row.failed) for row in rows), Fraction(0))
    if pooled.rate is None:
        assert reachable == 0
    else:
        expected = sum((Fraction(row.weight) * row.passed for row in rows), Fraction(0)) / reachable
        assert abs(Fraction(pooled.rate) - expected) < Fraction(1, 10**27)
    shuffled = list(rows)
    dice.shuffle(shuffled)
    assert weighted_score_rate(shuffled) == pooled


@given(tallies)
def test_streets_together_hold_every_observation_once(rows: list[Tally]) -> None:
    assert sum(rate.observed for rate in rates_by(rows, level="street").values()) == weighted_score_rate(rows).observed
