"""How sure a place is: intervals for ranks, and tiers of units that are too close to call.

Method: Mogstad, Romano, Shaikh and Wilhelm, Inference for Ranks with Applications to Mobility across Neighbourhoods and
Academic Achievement across Countries, Review of Economic Studies 91 (2024) 476-518 (working paper 2020, revised 2023).
A unit is surely behind another when the interval of their difference excludes zero; the intervals of the differences
hold together because the critical value is the quantile of their largest studentised deviation, found by parametric
bootstrap. With step-down what is already sure leaves the family, which is sharper and still valid. Nothing here draws
at random by itself: the seed is an argument.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from chuangwen.rules.refusals import BadInput

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class RankInterval:
    """The best and the worst place that the figures allow; 1 is the highest."""

    best: int
    worst: int


def covariance_of(standard_errors: Sequence[float]) -> Array:
    """The covariance of estimates that do not depend on each other."""
    errors = np.asarray(standard_errors, dtype=float)
    if np.any(~np.isfinite(errors)) or np.any(errors <= 0):
        raise BadInput("标准误须是大于 0 的数。")
    return np.diag(errors**2)


def rank_intervals(
    estimates: Sequence[float],
    covariance: Array,
    *,
    coverage: float = 0.95,
    simultaneous: bool = False,
    step_down: bool = False,
    draws: int = 4000,
    seed: int,
) -> list[RankInterval]:
    """For each unit the places that cannot be excluded.

    Marginal: each interval holds its unit's true place with probability `coverage`. Simultaneous: all of them together
    do. `covariance` is that of the estimates (units of the estimates, squared); higher estimates are better.
    """
    values, cov = _checked(estimates, covariance)
    family = Family(values, _noise(cov, draws, seed), _spread(cov), coverage, step_down)
    everybody = range(len(values))
    asked = [everybody] if simultaneous else [[unit] for unit in everybody]
    return [interval for units in asked for interval in _intervals(family, units)]


def _intervals(family: "Family", units: Sequence[int]) -> list[RankInterval]:
    ahead, behind = _sure(family, units)
    number = len(family.values)
    return [RankInterval(1 + int(a.sum()), number - int(b.sum())) for a, b in zip(ahead, behind, strict=True)]


def tiers(
    estimates: Sequence[float], covariance: Array, *, coverage: float = 0.95, draws: int = 4000, seed: int
) -> list[int]:
    """The tier of each unit, 1 the highest. Within a tier nobody is surely behind its best unit: too close to call."""
    values, cov = _checked(estimates, covariance)
    everybody = range(len(values))
    ahead, _behind = _sure(Family(values, _noise(cov, draws, seed), _spread(cov), coverage, True), everybody)
    tier, top, found = 0, -1, [0] * len(values)
    for unit in sorted(everybody, key=lambda j: (-values[j], j)):
        if top < 0 or ahead[unit][top]:
            tier, top = tier + 1, unit
        found[unit] = tier
    return found


def _checked(estimates: Sequence[float], covariance: Array) -> tuple[Array, Array]:
    values, cov = np.asarray(estimates, dtype=float), np.asarray(covariance, dtype=float)
    objections = []
    if len(values) == 0:
        objections.append("没有可比的单位。")
    if cov.shape != (len(values), len(values)):
        objections.append("误差矩阵的大小与单位数不符。")
    elif not np.all(np.isfinite(values)) or not np.all(np.isfinite(cov)):
        objections.append("得分和误差须是有限的数。")
    if objections:
        raise BadInput(objections)
    return values, cov


def _noise(cov: Array, draws: int, seed: int) -> Array:
    """Deviations of the estimates from the truth, as they could have been: draws x units."""
    values, vectors = np.linalg.eigh(cov)
    root = vectors * np.sqrt(np.clip(values, 0, None))
    normal: Array = np.random.default_rng(seed).standard_normal((draws, len(cov)))
    out: Array = normal @ root.T
    return out


def _spread(cov: Array) -> Array:
    """Standard error of the difference of every two units; infinite on the diagonal, so that it never decides."""
    variance = np.diag(cov)
    spread: Array = np.sqrt(np.clip(variance[:, None] + variance[None, :] - 2 * cov, 1e-300, None))
    np.fill_diagonal(spread, np.inf)
    return spread


@dataclass(frozen=True)
class Family:
    """Estimates, how they could have deviated (draws x units), and the standard error of every difference."""

    values: Array
    noise: Array
    spread: Array
    coverage: float
    step_down: bool


def _sure(family: Family, units: Sequence[int]) -> tuple[Mask, Mask]:
    """For the asked units (rows) and every other unit (columns): surely ahead of the asked one, surely behind it."""
    rows = np.asarray(list(units))
    spread = family.spread[rows]
    apart = (family.values[None, :] - family.values[rows][:, None]) / spread
    sure: Mask = np.zeros_like(apart, dtype=bool)
    left: Mask = np.isfinite(spread)
    while left.any():
        critical = np.quantile(_largest(family, rows, left), family.coverage)
        new = left & (np.abs(apart) > critical)
        sure, left = sure | new, left & ~new
        if not (family.step_down and new.any()):
            break
    return sure & (apart > 0), sure & (apart < 0)


def _largest(family: Family, rows: NDArray[Any], left: Mask) -> Array:
    """Per draw the largest studentised deviation among the pairs that are still open."""
    largest = np.zeros(len(family.noise))
    for at, row in enumerate(rows):
        columns = np.flatnonzero(left[at])
        if len(columns):
            deviation = np.abs(family.noise[:, columns] - family.noise[:, [row]]) / family.spread[row, columns]
            np.maximum(largest, deviation.max(axis=1), out=largest)
    return largest
