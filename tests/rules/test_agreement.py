"""Agreement of two looks, against worked examples and by properties."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chuangwen.rules.agreement import agreement, wilson

VERDICTS = ("pass", "fail", "na")
TABLES = st.dictionaries(st.tuples(st.sampled_from(VERDICTS), st.sampled_from(VERDICTS)), st.integers(0, 40))


def test_a_table_where_both_coefficients_are_known() -> None:
    """Worked by hand: p_o = 0.9, mean shares 0.5 and 0.5, chance 0.5: both coefficients are 0.8."""
    found = agreement(
        {("pass", "pass"): 45, ("fail", "fail"): 45, ("pass", "fail"): 5, ("fail", "pass"): 5}, ("pass", "fail")
    )
    assert found.kappa == pytest.approx(0.8)
    assert found.ac1 == pytest.approx(0.8)


def test_the_paradox_for_which_ac1_was_chosen() -> None:
    """Everything had passed at first, the second look fails 5 of 100: kappa says nothing, AC1 stays high."""
    found = agreement({("pass", "pass"): 95, ("pass", "fail"): 5}, ("pass", "fail"))
    assert found.share == 0.95
    assert found.kappa == pytest.approx(0.0)
    assert found.ac1 == pytest.approx(0.9474, abs=1e-4)  # (0.95 - 0.04875) / (1 - 0.04875)


def test_one_verdict_only_has_no_kappa() -> None:
    found = agreement({("pass", "pass"): 30})
    assert (found.share, found.kappa, found.ac1) == (1.0, None, 1.0)


def test_nothing_seen_says_nothing() -> None:
    found = agreement({})
    assert (found.n, found.share, found.ac1, found.low, found.high) == (0, None, None, 0.0, 1.0)


@pytest.mark.parametrize(
    ("hits", "n", "low", "high"),
    [(0, 10, 0.0, 0.2775), (10, 10, 0.7225, 1.0), (5, 10, 0.2366, 0.7634), (81, 263, 0.2553, 0.3662)],
)
def test_wilsons_interval(hits: int, n: int, low: float, high: float) -> None:
    """The last row is the example of Newcombe, Stat Med 17 (1998) 857-872, table I."""
    assert wilson(hits, n) == pytest.approx((low, high), abs=1e-4)


@given(TABLES)
def test_coefficients_keep_to_their_bounds(table: dict[tuple[str, str], int]) -> None:
    found = agreement(table)
    if found.share is None or found.ac1 is None:
        return
    assert 0 <= found.low <= found.share <= found.high <= 1
    assert -1 <= found.ac1 <= 1
    assert found.kappa is None or -1 - 1e-9 <= found.kappa <= 1
    assert (found.ac1 == 1) == (found.agreed == found.n)


@given(TABLES)
def test_who_looked_first_does_not_matter(table: dict[tuple[str, str], int]) -> None:
    turned = agreement({(other, one): n for (one, other), n in table.items()})
    assert turned.ac1 == pytest.approx(agreement(table).ac1)
    assert turned.agreed == agreement(table).agreed
