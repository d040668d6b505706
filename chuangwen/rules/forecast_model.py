"""How likely each criterion passes at each place: a logistic mixed model of what patrols, mocks and examiners saw.

log-odds(passed) = constant + type + criterion + street + month + inspector + place + visit, and for observations of
examiners besides their strictness (a stated prior, sharpened by what they saw in the past) and the round they came in.
All but the constant are random effects whose variances are estimated: few observations lean on the many (partial
pooling). Place and visit make the criteria of one place rise and fall together; without them a score rate looks far
surer than it is (Breslow and Clayton, JASA 88 (1993) 9-25). An observation counts half after the half-life.

The mode is found by Newton steps; visits, then places are eliminated, so that only the few other effects are ever in
one matrix. Variances follow MacKay's step (Neural Computation 4 (1992) 415-447) with a weak prior, so that a facet with
two or three levels does not come out as if it did not vary.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Codes = NDArray[np.int64]

CONSTANT, EXAMINERS, ROUND = "constant", "examiners", "round"
TYPE, CRITERION, STREET, PERIOD, INSPECTOR = "type", "criterion", "street", "period", "inspector"
SITE, VISIT = "site", "visit"
USUAL: Final[Mapping[str, float]] = {
    TYPE: 0.4, CRITERION: 0.8, STREET: 0.25, PERIOD: 0.1, INSPECTOR: 0.3, SITE: 0.4, VISIT: 0.3,
}  # fmt: skip
"""Spread of each effect in log-odds where the data say nothing; `_TRUST` levels' worth of it is mixed in."""
_TRUST: Final = 2.0
_LEAST, _MOST, _WIDE = 1e-3, 9.0, 100.0
_STEPS, _CLOSE = 20, 4e-3  # later steps only shift variance between place and visit, whose sum is settled


@dataclass(frozen=True)
class Sightings:
    """Observations as numbers. Visits share all but the criterion; `levels` holds a code per visit, -1 for none.

    `weight` is what is left of an observation after its age, 0 to 1. `sizes` counts the levels of every facet.
    """

    visit: Codes
    criterion: Codes
    passed: Array
    weight: Array
    visit_site: Codes
    examiners: NDArray[np.bool_]
    levels: Mapping[str, Codes]
    sizes: Mapping[str, int]


@dataclass(frozen=True)
class Strict:
    """Prior of the examiners' strictness: mean and sd of the lasting part, sd of one round."""

    mean: float
    sd: float
    round_sd: float


@dataclass(frozen=True)
class Fit:
    """The fitted effects. `dense` and its `covariance` hold constant, examiners, facets, criteria (see `at`).

    A place's effect given the dense ones is normal: mean `site` - `lean` @ (dense - its mode), variance `site_variance`.
    """

    at: Mapping[str, slice]
    dense: Array
    covariance: Array
    site: Array
    lean: Array
    site_variance: Array
    variances: Mapping[str, float]
    repeated: bool

    def spread(self, name: str) -> float:
        """The standard deviation of a facet's effects, in log-odds."""
        return float(np.sqrt(self.variances[name]))


def fit(seen: Sightings, strict: Strict) -> Fit:
    """The model on these observations; levels never seen keep their prior."""
    at, columns = _layout(seen)
    work = _Work(seen, at, columns, strict)
    rate = float(np.clip(np.average(seen.passed, weights=seen.weight), 0.02, 0.98))
    dense = np.zeros(columns)
    dense[at[CONSTANT]] = np.log(rate / (1 - rate))
    dense[at[EXAMINERS]] = strict.mean
    state = _State(dense, np.zeros(seen.sizes[SITE]), np.zeros(len(seen.visit_site)))
    variances = {name: spread**2 for name, spread in USUAL.items()}
    repeated = len(np.unique(seen.visit_site)) < len(seen.visit_site)
    for step in range(_STEPS):
        new, solved = work.newton(state, variances)
        moved = state.far_from(new)
        state = new
        if step > 1:
            variances, change = work.next_variances(variances, state, solved, repeated=repeated)
            if step > 4 and max(moved, change) < _CLOSE:
                break
    state, solved = work.newton(state, variances)
    state.dense[at[CONSTANT]] += work.off_by(state, solved, variances[VISIT])
    return Fit(at, state.dense, solved.covariance, state.site, solved.lean, 1 / solved.pivot, variances, repeated)


def _layout(seen: Sightings) -> tuple[dict[str, slice], int]:
    at, next_ = {CONSTANT: slice(0, 1), EXAMINERS: slice(1, 2)}, 2
    for name in (*seen.levels, CRITERION):
        at[name] = slice(next_, next_ + seen.sizes[name])
        next_ += seen.sizes[name]
    return at, next_


@dataclass(frozen=True)
class _State:
    dense: Array
    site: Array
    visit: Array

    def far_from(self, other: "_State") -> float:
        pairs = ((self.dense, other.dense), (self.site, other.site), (self.visit, other.visit))
        return max(float(np.abs(ours - theirs).max(initial=0.0)) for ours, theirs in pairs)


@dataclass(frozen=True)
class _Solved:
    covariance: Array
    pivot: Array
    lean: Array
    site_variance: Array
    visit_variance: Array


class _Work:
    """Sums over visits x columns: `shared` holds what all observations of a visit have in common."""

    def __init__(self, seen: Sightings, at: Mapping[str, slice], columns: int, strict: Strict) -> None:
        self.seen, self.at, self.columns, self.strict = seen, at, columns, strict
        self.visits = len(seen.visit_site)
        self.criteria = seen.sizes[CRITERION]
        self.shared = np.zeros((self.visits, columns - self.criteria))
        self.shared[:, 0] = 1.0
        self.shared[:, 1] = seen.examiners
        for name, codes in seen.levels.items():
            there = np.flatnonzero(codes >= 0)
            self.shared[there, at[name].start + codes[there]] = 1.0
        self.cells = seen.visit * self.criteria + seen.criterion

    def prior(self, variances: Mapping[str, float]) -> tuple[Array, Array]:
        """Mean and precision of every dense effect."""
        mean, precision = np.zeros(self.columns), np.empty(self.columns)
        mean[self.at[EXAMINERS]] = self.strict.mean
        fixed = {
            CONSTANT: _WIDE, EXAMINERS: max(self.strict.sd, 1e-3) ** 2, ROUND: max(self.strict.round_sd, 1e-3) ** 2,
        }  # fmt: skip
        for name, part in self.at.items():
            precision[part] = 1 / (fixed[name] if name in fixed else variances[name])
        return mean, precision

    def newton(self, state: _State, variances: Mapping[str, float]) -> tuple[_State, _Solved]:
        """One step to the mode, and the curvature there."""
        seen, site_of = self.seen, self.seen.visit_site
        sites = len(state.site)
        common = self.shared @ state.dense[: -self.criteria] + state.site[site_of] + state.visit
        chance = 1 / (1 + np.exp(-(common[seen.visit] + state.dense[self.at[CRITERION]][seen.criterion])))
        weight = seen.weight * chance * (1 - chance) + 1e-12
        residual = seen.weight * (seen.passed - chance)
        table = np.bincount(self.cells, weight, self.visits * self.criteria).reshape(self.visits, self.criteria)
        total, left = table.sum(axis=1), np.bincount(seen.visit, residual, self.visits)
        cross = np.hstack([self.shared * total[:, None], table])
        mean, precision = self.prior(variances)
        hessian = np.diag(precision)
        inner = self.shared.T @ cross
        hessian[: len(inner)] += inner
        hessian[len(inner) :, : len(inner)] += inner[:, len(inner) :].T
        hessian[len(inner) :, len(inner) :] += np.diag(table.sum(axis=0))
        slope = np.concatenate([self.shared.T @ left, np.bincount(seen.criterion, residual, self.criteria)])
        slope -= precision * (state.dense - mean)
        visit_pivot = total + 1 / variances[VISIT]
        visit_slope = left - state.visit / variances[VISIT]
        scaled = cross / visit_pivot[:, None]
        hessian -= scaled.T @ cross
        slope -= scaled.T @ visit_slope
        kept = 1 - total / visit_pivot
        pivot: Array = np.asarray(np.bincount(site_of, total * kept, sites) + 1 / variances[SITE], dtype=np.float64)
        site_slope = (
            np.bincount(site_of, left - total / visit_pivot * visit_slope, sites) - state.site / variances[SITE]
        )
        site_cross = _summed(cross * kept[:, None], site_of, sites)
        lean = site_cross / pivot[:, None]
        covariance: Array = np.asarray(np.linalg.inv(hessian - lean.T @ site_cross), dtype=np.float64)
        covariance = (covariance + covariance.T) / 2
        change = covariance @ (slope - lean.T @ site_slope)
        site_change = site_slope / pivot - lean @ change
        visit_change = (visit_slope - cross @ change - total * site_change[site_of]) / visit_pivot
        solved = _Solved(
            covariance, pivot, lean, *self._variances_of(covariance, pivot, lean, visit_pivot, total, scaled)
        )
        limit = max(1.0, float(np.abs(change).max()) / 2)
        new = _State(state.dense + change / limit, state.site + site_change / limit, state.visit + visit_change / limit)
        return new, solved

    def _variances_of(
        self, covariance: Array, pivot: Array, lean: Array, visit_pivot: Array, total: Array, scaled: Array
    ) -> tuple[Array, Array]:
        """Marginal variances of places and visits."""
        site_of = self.seen.visit_site
        site: Array = 1 / pivot + np.einsum("ij,ij->i", lean @ covariance, lean)
        share = total / visit_pivot
        reach = scaled - share[:, None] * lean[site_of]
        visit: Array = 1 / visit_pivot + share**2 / pivot[site_of] + np.einsum("ij,ij->i", reach @ covariance, reach)
        return site, visit

    def off_by(self, state: _State, solved: _Solved, visit: float) -> float:
        """By how much the constant must rise so that the model, asked anew about what was seen, gives the rate seen.

        A mode lies nearer to zero than the mean of what it stands for; left alone, every forecast would be too low.
        """
        seen, site_of = self.seen, self.seen.visit_site
        rows = -solved.lean[site_of]
        rows[:, : -self.criteria] += self.shared
        reach = rows @ solved.covariance
        column = self.at[CRITERION].start + seen.criterion
        unsure = (np.einsum("ij,ij->i", reach, rows) + 1 / solved.pivot[site_of] + visit)[seen.visit]
        unsure += 2 * reach[seen.visit, column] + np.diag(solved.covariance)[column]
        common = self.shared @ state.dense[: -self.criteria] + state.site[site_of]
        odds = common[seen.visit] + state.dense[column]
        shift = 0.0
        for _step in range(4):
            chance = 1 / (1 + np.exp(-(odds + shift) / np.sqrt(1 + unsure * np.pi / 8)))
            steep = float(seen.weight @ (chance * (1 - chance) / np.sqrt(1 + unsure * np.pi / 8)))
            shift += float(np.clip(float(seen.weight @ (seen.passed - chance)) / max(steep, 1e-9), -0.5, 0.5))
        return float(np.clip(shift, -0.5, 0.5))

    def next_variances(
        self, old: Mapping[str, float], state: _State, solved: _Solved, *, repeated: bool
    ) -> tuple[dict[str, float], float]:
        """The next variances and by how much the largest spread moved."""
        diagonal, found = np.diag(solved.covariance), dict(old)
        for name in USUAL:
            if name in self.at:
                part = self.at[name]
                found[name] = _next(old[name], state.dense[part], diagonal[part], USUAL[name])
        visited = np.unique(self.seen.visit_site)
        found[SITE] = _next(old[SITE], state.site[visited], solved.site_variance[visited], USUAL[SITE])
        found[VISIT] = _next(old[VISIT], state.visit, solved.visit_variance, USUAL[VISIT])
        if not repeated:  # one visit each: what belongs to the place and what to the day cannot be told apart
            found[SITE] = found[VISIT] = (found[SITE] + found[VISIT]) / 2
        return found, max(abs(found[name] ** 0.5 - old[name] ** 0.5) for name in found)


def _summed(rows: Array, codes: Codes, size: int) -> Array:
    """Rows added up by code."""
    found = np.zeros((size, rows.shape[1]))
    if len(rows):
        order = np.argsort(codes, kind="stable")
        ordered = codes[order]
        starts = np.flatnonzero(np.r_[True, ordered[1:] != ordered[:-1]])
        found[ordered[starts]] = np.add.reduceat(rows[order], starts, axis=0)
    return found


def _next(old: float, effects: Array, variances: Array, usual: float) -> float:
    determined = max(len(effects) - float(variances.sum()) / old, 0.0)
    value = (float(effects @ effects) + _TRUST * usual**2) / (determined + _TRUST)
    return float(np.clip(value, max(_LEAST, old / 4), min(_MOST, old * 4)))


def codes_of(values: Sequence[Any]) -> tuple[dict[Any, int], Codes]:
    """Each distinct value with its number in the order of appearance, and the numbers of all."""
    index = {value: at for at, value in enumerate(dict.fromkeys(values))}
    return index, np.fromiter((index[value] for value in values), dtype=np.int64, count=len(values))
