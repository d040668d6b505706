"""The two lists: right tails, the stated level on honest data, and what they are for is found."""

from itertools import product
from math import exp, prod
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chuangwen.rules.oddities import Checked, Fixed, base_rates, spread_between, too_clean, too_fast
from chuangwen.rules.tails import at_most, false_discovery, student_below

CHANCES = st.lists(st.floats(0, 1), min_size=1, max_size=8)


@given(CHANCES, st.integers(-1, 9))
def test_the_tail_of_unequal_chances_is_exact(chances: list[float], hits: int) -> None:
    whole = sum(
        prod(p if hit else 1 - p for p, hit in zip(chances, ends, strict=True))
        for ends in product((0, 1), repeat=len(chances))
        if sum(ends) <= hits
    )
    assert at_most(chances, hits) == pytest.approx(whole, abs=1e-9)


@pytest.mark.parametrize(
    ("t", "freedom", "p"), [(-2.228139, 10, 0.025), (-6.313752, 1, 0.05), (0.0, 3, 0.5), (1.729133, 19, 0.95)]
)
def test_students_table(t: float, freedom: float, p: float) -> None:
    """Critical values as printed in every table of the t distribution."""
    assert student_below(t, freedom) == pytest.approx(p, abs=1e-6)


@given(st.lists(st.floats(0, 1), max_size=30), st.floats(0.01, 0.5))
def test_flagging_by_q_is_the_step_up_rule(chances: list[float], level: float) -> None:
    """Benjamini and Hochberg's own words: the largest k whose k-th smallest p is at most k/m times the level."""
    ordered, m = sorted(chances), len(chances)
    largest = max((k for k in range(1, m + 1) if ordered[k - 1] * m / k <= level), default=0)
    flagged = [q <= level for q in false_discovery(chances)]
    assert sum(flagged) >= largest
    assert all(flag == (largest > 0 and p <= ordered[largest - 1]) for p, flag in zip(chances, flagged, strict=True))


def rounds(rng: Random, *, rows: int = 40, spread: float = 0.0, made_up: int = 0) -> list[Checked]:
    """Rounds of 56 verdicts on 14 of 60 criteria; the first `made_up` of them report no failure at all."""
    criteria = [(f"c{number}", rng.uniform(0.03, 0.35)) for number in range(60)]
    found = []
    for key in range(rows):
        shift = exp(rng.gauss(0, spread) - spread * spread / 2)
        counts = {}
        for code, rate in rng.sample(criteria, 14):
            odds = rate / (1 - rate) * shift
            counts[code] = (4, 0 if key < made_up else sum(rng.random() < odds / (1 + odds) for _ in range(4)))
        found.append(Checked(key, counts))
    return found


@pytest.mark.parametrize("spread", [0.0, 0.5])
def test_on_honest_rounds_the_clean_list_keeps_its_level_also_when_places_really_differ(spread: float) -> None:
    rng = Random(20200624)
    lists = [too_clean(rounds(rng, spread=spread)) for _ in range(25)]
    small = sum(row.p <= 0.05 for rows in lists for row in rows) / sum(len(rows) for rows in lists)
    assert small <= 0.06
    assert sum(any(row.flagged for row in rows) for rows in lists) <= 4  # 25 x 0.05, and one in a hundred above


def test_rounds_that_were_written_at_the_desk_stand_at_the_top() -> None:
    found = too_clean(rounds(Random(5), made_up=3))
    assert {row.key for row in found if row.flagged} >= {0, 1, 2}
    assert (found[0].observed, found[0].n) == (0, 56)
    assert found[0].expected > 5


def test_short_rounds_are_not_judged() -> None:
    assert too_clean([Checked(1, {"a": (19, 0)})]) == []
    assert too_clean([]) == []


def test_differences_between_places_are_measured() -> None:
    rows = rounds(Random(7), rows=300, spread=0.8)
    assert 0.5 < spread_between(rows, base_rates(rows)) < 1.3
    alike = rounds(Random(7), rows=300)
    assert spread_between(alike, base_rates(alike)) < 0.3


def test_on_honest_fixes_the_fast_list_keeps_its_level() -> None:
    rng = Random(20200625)
    lists = [
        too_fast([Fixed(key, f"s{key % 3}", exp(rng.gauss(6, 0.5 + key % 3 / 2))) for key in range(120)])
        for _ in range(40)
    ]
    assert sum(row.p <= 0.05 for rows in lists for row in rows) / (40 * 120) <= 0.06
    assert sum(any(row.flagged for row in rows) for rows in lists) <= 6  # 40 x 0.05, and one in a hundred above


def test_a_fix_within_minutes_of_a_two_day_matter_is_found_and_rare_standards_are_not_judged() -> None:
    rng = Random(3)
    fixes = [Fixed(key, "usual", exp(rng.gauss(8, 0.4))) for key in range(60)]
    found = too_fast([*fixes, Fixed(99, "usual", 3.0), Fixed(100, "rare", 1.0)])
    assert [row.key for row in found if row.flagged] == [99]
    assert 2000 < found[0].usual < 4500
    assert 100 not in {row.key for row in found}


@given(st.lists(st.integers(0, 5000), min_size=20, max_size=60))
def test_the_faster_of_two_is_never_the_less_surprising(minutes: list[int]) -> None:
    found = {row.key: row for row in too_fast([Fixed(key, "s", float(some)) for key, some in enumerate(minutes)])}
    for one in found.values():
        for other in found.values():
            if one.observed < other.observed:
                assert one.p <= other.p + 1e-12
