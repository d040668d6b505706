"""The examination many times over: places drawn without replacement, each with its state on the day, judged by examiners.

Given its log-odds a place's marks are a sum of independent checks whose mean and variance are known, and so are those
of all places of one type; the sum of a type is drawn as normal with exactly that mean and variance (the checks of one
examination are many hundreds; `tests/rules/test_forecast.py` holds it against checks drawn one by one). What places
have in common - criteria, street, month, examiners - is drawn together. Parameters are drawn anew for every batch of
runs, spread evenly along the direction that moves the total most, so that quantiles do not depend on luck.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import NormalDist
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from chuangwen.rules.forecast_model import CONSTANT, CRITERION, EXAMINERS, STREET, TYPE, Array, Codes, Fit

Single = NDArray[np.float32]
_GRID: Final = np.linspace(-8, 8, 129)  # log-odds of a place; the curve is flat beyond
_PER_STEP = float(_GRID[1] - _GRID[0])
_BATCHES: Final = 500
_CHUNK: Final = 10_000


@dataclass(frozen=True)
class Stop:
    """A type that is drawn: `count` of the places `sites` (numbers of the fit), judged by `criteria` with `weights`."""

    type: int
    count: int
    sites: Codes
    streets: Codes
    criteria: Codes
    weights: Array

    @property
    def full(self) -> float:
        """The marks of the type when everything passes."""
        return float(self.count * self.weights.sum())


@dataclass(frozen=True)
class Outlook:
    """First-order sums of the field score (0 to 1): its gradient in the dense effects and in each place's effect."""

    rate: float
    dense: Array
    site: Array


def design_rows(fit: Fit, kind: int, streets: Codes) -> Array:
    """For places of a type in these streets: which dense effects (without criteria) their log-odds hold."""
    rows = np.zeros((len(streets), len(fit.dense)))
    rows[:, fit.at[CONSTANT]] = rows[:, fit.at[EXAMINERS]] = 1
    rows[:, fit.at[TYPE].start + kind] = 1
    rows[np.arange(len(streets)), fit.at[STREET].start + streets] = 1
    return rows


def place_odds(fit: Fit, stop: Stop) -> Array:
    """The log-odds of each place of a type without its criteria, as examiners would judge it on a usual day."""
    found: Array = design_rows(fit, stop.type, stop.streets) @ fit.dense + fit.site[stop.sites]
    return found


def outlook(fit: Fit, stops: Sequence[Stop], extra: float) -> Outlook:
    """Expected score rate and its gradient; `extra` is the variance of a place's log-odds beyond its estimate."""
    full = sum(stop.full for stop in stops)
    rate, dense, site = 0.0, np.zeros(len(fit.dense)), np.zeros(len(fit.site))
    for stop in stops:
        share = stop.count / len(stop.sites) / full
        chance = chances(fit, stop, extra)
        steep = share * chance * (1 - chance) * stop.weights
        rate += share * float((chance @ stop.weights).sum())
        each = steep.sum(axis=1)
        dense += design_rows(fit, stop.type, stop.streets).T @ each
        dense[fit.at[CRITERION].start + stop.criteria] += steep.sum(axis=0)
        np.add.at(site, stop.sites, each)
    return Outlook(rate, dense, site)


def chances(fit: Fit, stop: Stop, extra: float) -> Array:
    """Chance of passing, places x criteria. What is not known draws it towards one half: the mean of a logistic of a
    normal is near the logistic of the mean over sqrt(1 + pi variance / 8) (D. MacKay, Neural Computation 4 (1992) 720).
    """
    odds = place_odds(fit, stop)[:, None] + fit.dense[fit.at[CRITERION]][stop.criteria][None, :]
    unsure = fit.site_variance[stop.sites][:, None] + extra
    found: Array = 1 / (1 + np.exp(-odds / np.sqrt(1 + unsure * np.pi / 8)))
    return found


@dataclass(frozen=True)
class Spread:
    """What moves places beyond the parameters: a visit's sd, and sds common to all of one examination."""

    visit: float
    period: float
    round: float


def simulate(fit: Fit, stops: Sequence[Stop], spread: Spread, *, runs: int, seed: int) -> tuple[Single, list[Single]]:
    """Field score rate of every run (0 to 1), and the same by type in the order of `stops`."""
    rng = np.random.default_rng(seed)
    batches = min(_BATCHES, runs)
    ahead = outlook(fit, stops, spread.visit**2)
    dense = _parameters(fit, ahead, batches, rng)
    batch = (np.arange(runs) * batches // runs).astype(np.int32)
    shift: Single = rng.standard_normal(runs, dtype=np.float32) * np.float32(np.hypot(spread.period, spread.round))
    total: Single = np.zeros(runs, dtype=np.float32)
    parts = []
    full = sum(stop.full for stop in stops)
    for stop in stops:
        marks = _type_runs(fit, stop, spread, dense, batch, shift, rng)
        total += marks * np.float32(stop.full / full)
        parts.append(marks)
    return total, parts


def _parameters(fit: Fit, ahead: Outlook, batches: int, rng: Any) -> Array:
    """Dense effects per batch (batches x effects), from their normal posterior."""
    values, vectors = np.linalg.eigh(fit.covariance)
    root = vectors * np.sqrt(np.maximum(values, 0))
    normal = rng.standard_normal((batches, len(fit.dense)))
    steer = root.T @ (ahead.dense - fit.lean.T @ ahead.site)
    if (length := float(np.linalg.norm(steer))) > 0:
        steer /= length
        even = NormalDist()
        levels = np.array([even.inv_cdf((at + 0.5) / batches) for at in range(batches)])
        normal += np.outer(rng.permutation(levels) - normal @ steer, steer)
    found: Array = fit.dense + normal @ root.T
    return found


def _type_runs(
    fit: Fit, stop: Stop, spread: Spread, dense: Array, batch: NDArray[np.int32], shift: Single, rng: Any
) -> Single:
    """Share of the marks of one type in every run."""
    means, variances = _curves(fit, stop, dense)
    away = dense - fit.dense
    base = dense @ design_rows(fit, stop.type, stop.streets).T + fit.site[stop.sites] - away @ fit.lean[stop.sites].T
    base = ((base - _GRID[0]) / _PER_STEP + 0.5).astype(np.float32)
    sds = (np.sqrt(fit.site_variance[stop.sites] + spread.visit**2) / _PER_STEP).astype(np.float32)
    runs, places = len(shift), len(stop.sites)
    found: Single = np.empty(runs, dtype=np.float32)
    order = np.repeat(np.arange(places, dtype=np.int32)[:, None], min(_CHUNK, runs), axis=1)
    for start in range(0, runs, _CHUNK):
        part = slice(start, min(start + _CHUNK, runs))
        size = part.stop - part.start
        own, moved = batch[part], shift[part] / np.float32(_PER_STEP)
        columns, mean, variance = np.arange(size), np.zeros(size, np.float32), np.zeros(size, np.float32)
        rows, curve = own * places, own * len(_GRID)
        for step in range(stop.count):  # Fisher and Yates: a fresh draw whatever order the last one left
            picked = _pick(order, step, columns, rng)
            odds = base.ravel()[rows + picked] + sds[picked] * rng.standard_normal(size, dtype=np.float32) + moved
            at = np.clip(odds, 0, len(_GRID) - 1).astype(np.int32) + curve
            mean += means[at]
            variance += variances[at]
        mean += np.sqrt(variance) * rng.standard_normal(size, dtype=np.float32)
        found[part] = np.clip(mean / np.float32(stop.full), 0, 1)
    return found


def _pick(order: NDArray[np.int32], step: int, columns: NDArray[np.int64], rng: Any) -> NDArray[np.int32]:
    """The place of this step in each run: one of those not picked yet."""
    left = order.shape[0] - step
    other = step + (rng.random(len(columns), dtype=np.float32) * np.float32(left)).astype(np.int32)
    np.minimum(other, order.shape[0] - 1, out=other)
    picked: NDArray[np.int32] = order[other, columns]
    order[other, columns] = order[step, : len(columns)]
    order[step, : len(columns)] = picked
    return picked


def _curves(fit: Fit, stop: Stop, dense: Array) -> tuple[Single, Single]:
    """Mean and variance of a place's marks by its log-odds, batch after batch, laid out flat."""
    criteria = dense[:, fit.at[CRITERION].start + stop.criteria].astype(np.float32)
    grid, weights = _GRID.astype(np.float32), stop.weights.astype(np.float32)
    means = np.empty((len(dense), len(grid)), dtype=np.float32)
    variances = np.empty_like(means)
    for start in range(0, len(dense), 25):
        chance = 1 / (1 + np.exp(-(grid[None, :, None] + criteria[start : start + 25, None, :])))
        means[start : start + 25] = chance @ weights
        variances[start : start + 25] = (chance * (1 - chance)) @ (weights**2)
    return means.ravel(), variances.ravel()
