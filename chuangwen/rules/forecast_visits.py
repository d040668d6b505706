"""What a visit to each place is worth: what it would find that can be put right, and what it would tell.

Both are points of the total. `find`: every criterion of the place not already known to fail there, by the chance that
it fails, times what one fix is worth (as in `forecast_levers`). `look`: by how much the standard deviation of the total
is expected to fall when all criteria of the place are judged once. First-order figures: they order places.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from chuangwen.rules.forecast_exam import Outlook, Stop, chances, design_rows
from chuangwen.rules.forecast_model import CRITERION, EXAMINERS, INSPECTOR, VISIT, Array, Fit


@dataclass(frozen=True)
class VisitValue:
    """Points of the total; neither is below zero."""

    find: float
    look: float

    @property
    def value(self) -> float:
        """Both together."""
        return self.find + self.look


def visit_values(
    fit: Fit, stops: Sequence[Stop], names: Sequence[str], last: Mapping[tuple[int, int], bool], *,
    ahead: Outlook, extra: float, points: float, sd: float,
) -> dict[str, VisitValue]:  # fmt: skip
    """By name of the place. `last`: what was last seen, place number x criterion number; `extra`, `points`, `sd` as in
    `forecast_levers.levers`.
    """
    found: dict[str, VisitValue] = {}
    full = sum(stop.full for stop in stops)
    for stop in stops:
        chance = chances(fit, stop, extra)
        each = points * stop.count / len(stop.sites) * stop.weights / full
        unknown = np.array(
            [[last.get((int(site), int(criterion))) is not False for criterion in stop.criteria] for site in stop.sites]
        )
        finds = ((1 - chance) * unknown) @ each
        looks = _looks(fit, stop, chance, ahead, points=points, sd=sd)
        for site, find, look in zip(stop.sites, finds, looks, strict=True):
            found[names[int(site)]] = VisitValue(float(find), float(look))
    return found


def _looks(fit: Fit, stop: Stop, chance: Array, ahead: Outlook, *, points: float, sd: float) -> Array:
    """All criteria of a place judged on one day count as one observation of their mean, weighted by information."""
    lean, variance = fit.lean[stop.sites], fit.site_variance[stop.sites]
    rows = design_rows(fit, stop.type, stop.streets) - lean
    rows[:, fit.at[EXAMINERS]] = -lean[:, fit.at[EXAMINERS]]
    information = np.maximum(chance * (1 - chance), 1e-6)
    whole = information.sum(axis=1)
    rows[:, fit.at[CRITERION].start + stop.criteria] += information / whole[:, None]
    gradient = fit.covariance @ (ahead.dense - fit.lean.T @ ahead.site)
    shared = rows @ gradient + ahead.site[stop.sites] * variance
    own = np.einsum("ij,ij->i", rows @ fit.covariance, rows) + variance
    own = own + fit.variances[VISIT] + fit.variances[INSPECTOR]
    less = points**2 * shared**2 / (1 / whole + own)
    found: Array = sd - np.sqrt(np.maximum(sd**2 - less, 0))
    return found
