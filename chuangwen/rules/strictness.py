"""What a pass rate would be with one and the same inspector: a crossed logistic mixed model.

log-odds(passed) = constant + unit + inspector + site + criterion + hour of the day + place in the inspector's day.

Unit, inspector, site and criterion are random effects with normal priors whose variances are estimated from the data;
hour and place in the day are fixed. The mode is found by Newton steps, variances by the EM step that goes with the
Laplace approximation (Breslow and Clayton, JASA 88 (1993) 9-25). The same facets are those of a many-facet Rasch model
(Linacre, Many-facet Rasch measurement, 1989); the priors keep effects with few checks near the middle.

That it is needed: two inspectors who see the same place disagree often, and citations fall in the course of a day
(Ibanez and Toffel, Management Science 66 (2020) 2396-2416). The adjustment is identified only where inspectors share
sites or units; `fair_ranking.py` warns where they do not.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Codes = NDArray[np.int64]
UNIT, INSPECTOR, CRITERION, SITE = "unit", "inspector", "criterion", "site"
FACETS: Final = (UNIT, INSPECTOR, CRITERION)  # kept whole; sites are eliminated, there are too many of them
_START, _LEAST, _MOST = 0.25, 1e-4, 25.0
_STEPS, _FIRST_STEPS, _CLOSE = 60, 10, 5e-3
_BINS: Final = 200


@dataclass(frozen=True)
class Checks:
    """Checks as numbers: `facets` and `site` hold codes from 0, `covariates` one column per fixed effect."""

    facets: dict[str, Codes]
    site: Codes
    covariates: Array
    passed: Array
    weight: Array

    def size(self, name: str) -> int:
        """How many levels a facet has."""
        codes = self.site if name == SITE else self.facets[name]
        return int(codes.max()) + 1 if len(codes) else 0

    def some(self, rows: Any) -> "Checks":
        """A part of the checks, with the same codes."""
        facets = {name: codes[rows] for name, codes in self.facets.items()}
        return Checks(facets, self.site[rows], self.covariates[rows], self.passed[rows], self.weight[rows])


@dataclass(frozen=True)
class Effects:
    """The fitted effects in log-odds: higher passes more often. `covariance` is that of [constant, covariates, facets]."""

    constant: float
    slopes: Array
    facets: dict[str, Array]
    site: Array
    variances: dict[str, float]
    covariance: Array
    steps: int

    def start_of(self, name: str) -> int:
        """Where a facet begins in the covariance."""
        at = 1 + len(self.slopes)
        for facet in FACETS:
            if facet == name:
                return at
            at += len(self.facets[facet])
        raise KeyError(name)

    def covariance_of(self, name: str) -> Array:
        """The covariance of the effects of one facet."""
        at, size = self.start_of(name), len(self.facets[name])
        return self.covariance[at : at + size, at : at + size]


@dataclass
class _State:
    dense: Array
    site: Array
    variances: dict[str, float]


def fit(checks: Checks, *, sizes: dict[str, int] | None = None) -> Effects:
    """The model on these checks. Effects of levels that were never seen are zero, with their prior as uncertainty."""
    sizes = sizes or {name: checks.size(name) for name in (*FACETS, SITE)}
    width = 1 + checks.covariates.shape[1] + sum(sizes[name] for name in FACETS)
    rate = float(np.clip(np.average(checks.passed, weights=checks.weight), 0.001, 0.999))
    state = _State(np.zeros(width), np.zeros(sizes[SITE]), dict.fromkeys((*FACETS, SITE), _START))
    state.dense[0] = np.log(rate / (1 - rate))
    if len(checks.passed) > 120_000:  # begin on every so manieth check: the last steps then are few
        part = checks.some(slice(None, None, len(checks.passed) // 40_000))
        state, _covariance, _steps = _climb(part, sizes, state, _FIRST_STEPS)
    state, covariance, steps = _climb(checks, sizes, state, _STEPS)
    slopes = 1 + checks.covariates.shape[1]
    facets, at = {}, slopes
    for name in FACETS:
        facets[name] = state.dense[at : at + sizes[name]]
        at += sizes[name]
    return Effects(float(state.dense[0]), state.dense[1:slopes], facets, state.site, state.variances, covariance, steps)


def _climb(checks: Checks, sizes: dict[str, int], state: _State, most: int) -> tuple[_State, Array, int]:
    design = _Design(checks, sizes)
    covariance: Array = np.eye(design.width)
    step = 0
    for step in range(1, most + 1):
        dense, site, covariance, site_variance = design.newton(state)
        moved = max(float(np.abs(dense - state.dense).max()), float(np.abs(site - state.site).max(initial=0.0)))
        variances = _variances(design, state.variances, dense, site, covariance, site_variance)
        if step > 2:
            moved = max(moved, *(abs(variances[name] ** 0.5 - state.variances[name] ** 0.5) for name in variances))
        state = _State(dense, site, variances if step > 1 else state.variances)
        if step > 3 and moved < _CLOSE:
            break
    return state, covariance, step


def _variances(
    design: "_Design", old: dict[str, float], dense: Array, site: Array, covariance: Array, site_variance: Array
) -> dict[str, float]:
    """The next variances: MacKay's step (Neural Computation 4 (1992) 415-447), which has the fixed point of EM but gets
    there in fewer steps: the squares of the effects over the number of effects that the data really determine.
    """
    diagonal = np.diag(covariance)
    found = {name: _next(old[name], dense[part], diagonal[part]) for name, part in design.parts.items()}
    found[SITE] = _next(old[SITE], site, site_variance)
    return found


def _next(old: float, effects: Array, variances: Array) -> float:
    if not len(effects):
        return old
    determined = max(len(effects) - float(variances.sum()) / old, 0.05 * len(effects) * old)
    return float(np.clip(float(effects @ effects) / max(determined, 1e-6), max(_LEAST, old / 4), min(_MOST, old * 4)))


class _Design:
    """The sums that a Newton step needs, by counting over codes; nothing of the size rows x effects is ever made."""

    def __init__(self, checks: Checks, sizes: dict[str, int]) -> None:
        self.checks, self.sizes = checks, sizes
        self.fixed = 1 + checks.covariates.shape[1]
        self.parts: dict[str, slice] = {}
        at = self.fixed
        for name in FACETS:
            self.parts[name] = slice(at, at + sizes[name])
            at += sizes[name]
        self.width = at
        ones = np.ones((len(checks.passed), 1))
        self.columns: Array = np.ascontiguousarray(np.hstack([ones, checks.covariates]).T)
        everything = {**checks.facets, SITE: checks.site}
        names = (*FACETS, SITE)
        self.pairs = {
            (a, b): everything[a] * sizes[b] + everything[b] for i, a in enumerate(names) for b in names[i + 1 :]
        }

    def predictor(self, state: _State) -> Array:
        """The log-odds of every check."""
        found: Array = state.dense[: self.fixed] @ self.columns
        for name, part in self.parts.items():
            found = found + state.dense[part][self.checks.facets[name]]
        out: Array = found + state.site[self.checks.site]
        return out

    def newton(self, state: _State) -> tuple[Array, Array, Array, Array]:
        """One step: new dense effects, new site effects, covariance of the dense ones, variances of the site ones."""
        odds = self.predictor(state)
        chance = 1 / (1 + np.exp(-odds))
        weight = self.checks.weight * chance * (1 - chance) + 1e-12
        residual = self.checks.weight * (self.checks.passed - chance)
        hessian, cross, site_diagonal = self._curvature(weight, state)
        slope, site_slope = self._slope(residual, state)
        inner = cross / site_diagonal[None, :]
        covariance: Array = np.asarray(np.linalg.inv(hessian - inner @ cross.T), dtype=np.float64)
        change = covariance @ (slope - inner @ site_slope)
        site_change = site_slope / site_diagonal - inner.T @ change
        site_variance: Array = 1 / site_diagonal + np.einsum("ij,ij->j", inner, covariance @ inner)
        limit = max(1.0, float(np.abs(change).max()) / 2, float(np.abs(site_change).max(initial=0.0)) / 2)
        return state.dense + change / limit, state.site + site_change / limit, covariance, site_variance

    def _curvature(self, weight: Array, state: _State) -> tuple[Array, Array, Array]:
        sizes, checks = self.sizes, self.checks
        hessian = np.zeros((self.width, self.width))
        cross = np.zeros((self.width, sizes[SITE]))
        weighted = self.columns * weight
        hessian[: self.fixed, : self.fixed] = weighted @ self.columns.T
        for name, part in self.parts.items():
            for at in range(self.fixed):
                hessian[at, part] = np.bincount(checks.facets[name], weighted[at], sizes[name])
            hessian[part, : self.fixed] = hessian[: self.fixed, part].T
            hessian[part, part] += np.diag(hessian[0, part] + 1 / state.variances[name])
        for (a, b), codes in self.pairs.items():
            table = np.bincount(codes, weight, sizes[a] * sizes[b]).reshape(sizes[a], sizes[b])
            if b == SITE:
                cross[self.parts[a]] = table
            else:
                hessian[self.parts[a], self.parts[b]] = table
                hessian[self.parts[b], self.parts[a]] = table.T
        for at in range(self.fixed):
            cross[at] = np.bincount(checks.site, weighted[at], sizes[SITE])
        return hessian, cross, cross[0] + 1 / state.variances[SITE]

    def _slope(self, residual: Array, state: _State) -> tuple[Array, Array]:
        slope = np.zeros(self.width)
        slope[: self.fixed] = self.columns @ residual
        for name, part in self.parts.items():
            prior = state.dense[part] / state.variances[name]
            slope[part] = np.bincount(self.checks.facets[name], residual, self.sizes[name]) - prior
        site = np.bincount(self.checks.site, residual, self.sizes[SITE]) - state.site / state.variances[SITE]
        return slope, site


def predicted(effects: Effects, checks: Checks, *, with_inspector: bool = True) -> Array:
    """The chance of passing of each check (of the same codes) under the fitted effects."""
    odds: Array = effects.constant + checks.covariates @ effects.slopes
    for name in FACETS:
        if with_inspector or name != INSPECTOR:
            odds = odds + effects.facets[name][checks.facets[name]]
    out: Array = 1 / (1 + np.exp(-(odds + effects.site[checks.site])))
    return out


def standardised(effects: Effects, checks: Checks, units: Sequence[int]) -> tuple[Array, Array]:
    """Pass rate of each unit if an average inspector had looked at the district's own mix of criteria and hours there,
    and how that rate moves with the unit's effect (its derivative): both 0 to 1.
    """
    offset = effects.constant + checks.covariates @ effects.slopes + effects.facets[CRITERION][checks.facets[CRITERION]]
    middles = np.quantile(offset, (np.arange(_BINS) + 0.5) / _BINS) if len(offset) else np.array([effects.constant])
    spread = np.sqrt(effects.variances[SITE])
    nodes, weights = np.polynomial.hermite_e.hermegauss(9)
    reach = (middles[:, None] + spread * nodes[None, :]).ravel()
    shares = np.repeat(weights[None, :] / weights.sum(), len(middles), axis=0).ravel() / len(middles)
    rates, slopes = np.zeros(len(units)), np.zeros(len(units))
    for at, unit in enumerate(units):
        chance = 1 / (1 + np.exp(-(reach + effects.facets[UNIT][unit])))
        rates[at], slopes[at] = float(shares @ chance), float(shares @ (chance * (1 - chance)))
    return rates, slopes
