"""Two lists for people to look at: rounds or places that are too clean, and faults that were fixed too fast.

A row says "improbable by chance", never "false": a well-kept place and a broom at hand look just the same. Nothing
follows from a row by itself, and no row is about a person.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import exp, log, pi, sqrt
from statistics import median

from chuangwen.rules.tails import at_most, false_discovery, student_below

LEVEL = 0.05  # the expected share of false flags among the flagged rows
LEAST_CHECKS = 20  # a round or place with fewer judged criteria is not judged
LEAST_CASES = 20  # a case standard with fewer fixes has no usual time yet
_STEP, _STEPS = 0.75, 6


@dataclass(frozen=True)
class Checked:
    """What was judged at one round or place: criterion -> (judged, failed). Not-applicable verdicts are left out."""

    key: int
    counts: Mapping[str, tuple[int, int]]

    @property
    def judged(self) -> int:
        """How many verdicts."""
        return sum(judged for judged, _ in self.counts.values())

    @property
    def failed(self) -> int:
        """How many of them were failed."""
        return sum(failed for _, failed in self.counts.values())


@dataclass(frozen=True)
class CleanRow:
    """n verdicts, failures expected by the criteria's base rates and observed; p and q of so few or fewer."""

    key: int
    n: int
    expected: float
    observed: int
    p: float
    q: float
    flagged: bool


def base_rates(rows: Sequence[Checked]) -> dict[str, float]:
    """How often each criterion fails over all rows, with half a failure added (Jeffreys), so that no rate is 0 or 1."""
    judged: dict[str, int] = {}
    failed: dict[str, int] = {}
    for row in rows:
        for code, (n, bad) in row.counts.items():
            judged[code] = judged.get(code, 0) + n
            failed[code] = failed.get(code, 0) + bad
    return {code: (failed[code] + 0.5) / (judged[code] + 1) for code in judged}


def _chances(row: Checked, rates: Mapping[str, float], shift: float = 0.0) -> list[float]:
    """The chance of failure of each verdict of a row, all shifted on the logit scale."""
    found = []
    for code, (judged, _) in sorted(row.counts.items()):
        odds = rates[code] / (1 - rates[code]) * exp(shift)
        found += [odds / (1 + odds)] * judged
    return found


def spread_between(rows: Sequence[Checked], rates: Mapping[str, float]) -> float:
    """How much rows differ beyond chance: the standard deviation of a row's shift on the logit scale, by moments.

    Var(failures) is V + s^2 V^2 to first order, with V the sum of p(1-p). Only rows with at least as many failures as
    expected are looked at, so that clean rows, which the list is about, cannot widen what counts as usual.
    """
    surplus = weight = 0.0
    for row in rows:
        chances = _chances(row, rates)
        expected, variance = sum(chances), sum(p * (1 - p) for p in chances)
        if row.failed >= expected:
            surplus += (row.failed - expected) ** 2 - variance
            weight += variance * variance
    return sqrt(max(0.0, surplus / weight)) if weight else 0.0


def _so_clean(row: Checked, rates: Mapping[str, float], spread: float) -> float:
    """P(so few failures or fewer), averaged over the usual differences between rows (trapezoid over the normal)."""
    if spread < 0.05:
        return at_most(_chances(row, rates), row.failed)
    total = weights = 0.0
    for step in range(-_STEPS, _STEPS + 1):
        z = step * _STEP
        weight = exp(-z * z / 2)
        # exp(-s^2/2) keeps the mean of the odds where it was
        total += weight * at_most(_chances(row, rates, spread * z - spread * spread / 2), row.failed)
        weights += weight
    return min(1.0, total / weights)


def too_clean(rows: Sequence[Checked], *, level: float = LEVEL, least: int = LEAST_CHECKS) -> list[CleanRow]:
    """Each row with at least `least` verdicts, the most improbable first.

    The tail is exact (Poisson-binomial) given the criteria's base rates, and mixed over the differences that rows show
    anyway; q-values after Benjamini and Hochberg; flagged are those with q <= level.
    """
    judged = [row for row in rows if row.judged >= least]
    rates = base_rates(judged)
    spread = spread_between(judged, rates)
    chances = [_so_clean(row, rates, spread) for row in judged]
    found = [
        CleanRow(row.key, row.judged, sum(_chances(row, rates)), row.failed, p, q, q <= level)
        for row, p, q in zip(judged, chances, false_discovery(chances), strict=True)
    ]
    return sorted(found, key=lambda row: (row.p, row.key))


@dataclass(frozen=True)
class Fixed:
    """One fault put right under one case standard in so many minutes."""

    key: int
    standard: str
    minutes: float


@dataclass(frozen=True)
class FastRow:
    """A fix among n of its standard: the usual (median) minutes, the observed, p and q of so fast or faster."""

    key: int
    standard: str
    n: int
    usual: float
    observed: float
    p: float
    q: float
    flagged: bool


def too_fast(rows: Sequence[Fixed], *, level: float = LEVEL, least: int = LEAST_CASES) -> list[FastRow]:
    """Each fix of a standard with at least `least` fixes, the most improbable first.

    Within a standard the logarithms of the minutes are set against their median and median absolute deviation, which
    a few strange values cannot move (Rousseeuw and Croux, J Am Stat Assoc 88, 1993). Since the deviation itself is
    estimated, with 37 % of the precision of a standard deviation, Student's distribution with 0.37(n-1) degrees of
    freedom is asked, for a new value (hence the factor sqrt(1 + pi/2n), the variance of a median).
    """
    groups: dict[str, list[Fixed]] = {}
    for row in rows:
        groups.setdefault(row.standard, []).append(row)
    judged: list[tuple[Fixed, int, float, float]] = []
    for group in groups.values():
        if len(group) >= least:
            judged += _placed(group)
    qs = false_discovery([p for *_, p in judged])
    found = [
        FastRow(row.key, row.standard, n, usual, row.minutes, p, q, q <= level)
        for (row, n, usual, p), q in zip(judged, qs, strict=True)
    ]
    return sorted(found, key=lambda row: (row.p, row.key))


def _placed(group: Sequence[Fixed]) -> list[tuple[Fixed, int, float, float]]:
    n, logs = len(group), [log(max(row.minutes, 1.0)) for row in group]
    middle = median(logs)
    deviation = 1.4826 * median(abs(one - middle) for one in logs)
    width = max(deviation, 0.05) * sqrt(1 + pi / (2 * n))  # equal times: minutes are rounded, so some width is left
    freedom = max(1.0, 0.37 * (n - 1))
    return [
        (row, n, exp(middle), student_below((one - middle) / width, freedom))
        for row, one in zip(group, logs, strict=True)
    ]
