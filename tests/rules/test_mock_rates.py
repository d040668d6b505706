"""The score rate of a mock examination: against a published textbook example, by hand, and its rules in words."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chuangwen.rules.mock_rates import (
    Observed,
    _Sums,
    rates_by,
    ratio_variance,
    score_rate,
    settle,
    shared_view,
    student_quantile,
)

# Scheaffer, Mendenhall, Ott: Elementary Survey Sampling, table 8.1: residents and total income (thousand dollars) of 25
# clusters out of 415; published: mean 8,801, bound on the error (two standard errors) 1,617.
RESIDENTS = (8, 12, 4, 5, 6, 6, 7, 5, 8, 3, 2, 6, 5, 10, 9, 3, 6, 5, 5, 4, 6, 8, 7, 3, 8)
INCOME = (
    *(96, 121, 42, 65, 52, 40, 75, 65, 45, 50, 85, 43, 54),
    *(49, 53, 50, 32, 22, 45, 37, 51, 30, 39, 47, 41),
)


def test_the_variance_is_that_of_the_published_cluster_sample() -> None:
    clusters = {at: _Sums(income, people) for at, (people, income) in enumerate(zip(RESIDENTS, INCOME, strict=True))}
    variance, df = ratio_variance(clusters, population={"city": 415}, drawn={"city": list(clusters)})
    assert variance is not None
    assert round(sum(INCOME) / sum(RESIDENTS) * 1000) == 8801
    assert round(2 * math.sqrt(variance) * 1000) == 1617
    assert df == 24


def _rows(*places: tuple[str, str, str], first: int = 1) -> list[Observed]:
    return [
        Observed(place, stratum, f"C{at}", {"+": "pass", "-": "fail", "o": "na", "?": "skip"}[mark], 1.0,
                 {"type": stratum, "street": street})
        for place, (stratum, street, marks) in enumerate(places, start=first) for at, mark in enumerate(marks)
    ]  # fmt: skip


def test_a_small_examination_worked_by_hand() -> None:
    """Two types of two places each. Type a: 2/2 and 0/2 of 10; type b: 2/2 and 1/2 of 2 (all seen, so no error of chance).

    R = 5/8; e(a) = 2 - 1.25 = 0.75 and -1.25, mean -0.25, squares 1 + 1 = 2; (1 - 2/10) * 2/1 * 2 = 3.2; b adds nothing.
    V = 3.2 / 64 = 0.05.
    """
    rows = _rows(("a", "x", "++"), ("a", "y", "--"), ("b", "x", "++"), ("b", "y", "+-"))
    drawn = {"a": [1, 2], "b": [3, 4]}
    found = score_rate(rows, population={"a": 10, "b": 2}, drawn=drawn)
    assert found.rate == 5 / 8
    assert found.se == pytest.approx(math.sqrt(0.05))
    assert (found.places, found.observed, found.passed, found.df) == (4, 8, 5, 2)
    assert found.deff == pytest.approx(0.05 / (0.625 * 0.375 / 8))
    assert found.low is not None
    assert found.high is not None
    logit, step = math.log(5 / 3), 4.302652730 * math.sqrt(0.05) / (0.625 * 0.375)
    assert found.low == pytest.approx(1 / (1 + math.exp(step - logit)))
    assert found.high == pytest.approx(1 / (1 + math.exp(-step - logit)))
    streets = rates_by("street", rows, population={"a": 10, "b": 2}, drawn=drawn)
    assert (streets["x"].rate, streets["y"].rate) == (1.0, 0.25)


def test_a_missing_facility_takes_the_mean_of_its_peers_and_the_unmeasured_is_never_zero() -> None:
    """C0: passed at two of three peers, so the place without it counts 2/3; C1 was not measured at one place."""
    rows = _rows(("a", "x", "++"), ("a", "x", "+?"), ("a", "x", "-+"), ("a", "x", "o+"))
    found = score_rate(rows, population={"a": 8}, drawn={"a": [1, 2, 3, 4]})
    assert (found.observed, found.imputed, found.left_out) == (6, 1, 1)
    assert found.rate == pytest.approx((5 + 2 / 3) / 7)
    alone = score_rate(_rows(("a", "x", "o")), population={"a": 8}, drawn={"a": [1]})
    assert (alone.rate, alone.left_out) == (None, 1)


def test_places_that_are_all_alike_still_leave_doubt() -> None:
    found = score_rate(_rows(("a", "x", "++"), ("a", "x", "++")), population={"a": 9}, drawn={"a": [1, 2]})
    assert found.rate == 1
    assert found.low is not None
    assert found.low < 0.5
    single = score_rate(_rows(("a", "x", "+-")), population={"a": 9}, drawn={"a": [1]})
    assert (single.rate, single.low, single.high) == (0.5, None, None)


def test_two_that_saw_the_same_settle_it_and_a_third_decides_what_is_in_dispute() -> None:
    assert settle("pass", "pass") == "pass"
    assert settle("skip", "fail") == settle("fail", "skip") == "fail"
    assert settle("skip", "skip") == "skip"
    assert settle("pass", "fail") == "disputed"
    assert settle("pass", "na", "na") == "na"
    assert settle("pass", "fail", "skip") == "skip"
    seen = shared_view([("A", "pass", "pass"), ("A", "pass", "fail"), ("B", "na", "na"), ("B", "skip", "fail")])
    assert [(one.criterion, one.both, one.same) for one in seen] == [("A", 2, 1), ("B", 1, 1)]


@pytest.mark.parametrize(
    ("df", "published"), [(1, 12.706), (2, 4.303), (3, 3.182), (5, 2.571), (10, 2.228), (30, 2.042), (120, 1.980)]
)
def test_students_t_as_in_the_tables(df: int, published: float) -> None:
    assert student_quantile(0.975, df) == pytest.approx(published, abs=6e-4)


@given(st.lists(st.tuples(st.sampled_from("ab"), st.text("+-o?", min_size=1, max_size=5)), min_size=1, max_size=12))
def test_the_rate_lies_in_its_interval_whatever_was_seen(places: list[tuple[str, str]]) -> None:
    rows = _rows(*((stratum, "x", marks) for stratum, marks in places))
    drawn: dict[str, list[int]] = {}
    for at, (stratum, _) in enumerate(places, start=1):
        drawn.setdefault(stratum, []).append(at)
    found = score_rate(rows, population={"a": 20, "b": 20}, drawn=drawn)
    assert found.observed + found.imputed + found.left_out == len(rows)
    if found.rate is not None and found.low is not None and found.high is not None:
        assert 0 <= found.low <= found.rate + 1e-12
        assert found.rate <= found.high + 1e-12 <= 1 + 2e-12
