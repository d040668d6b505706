"""Districts whose truth is known: streets of known quality, looked at by inspectors of known strictness."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from chuangwen.rules.check_tables import CheckTable

Array = NDArray[np.float64]


@dataclass(frozen=True)
class District:
    """Checks, and what they came from: `quality` per unit (log-odds, its sites included), `strictness` per inspector."""

    table: CheckTable
    quality: Array
    strictness: Array
    rates: Array


def simulated(
    *, seed: int, visits: int, units: int = 20, inspectors: int = 6, sites: int = 15, criteria: int = 14,
    strictness: float = 0.7, separate: bool = False,
) -> District:  # fmt: skip
    """Visits of all criteria of one site each; each inspector goes more often to some units than to others.

    `strictness` is the spread between inspectors in log-odds; `separate` sends each to units of his own only.
    """
    rng: Any = np.random.default_rng(seed)
    quality, strict = rng.normal(0, 0.35, units), rng.normal(0, strictness, inspectors)
    site_quality, ease = rng.normal(0, 0.3, (units, sites)), rng.normal(1.2, 0.8, criteria)
    habits = 0.9 * rng.dirichlet(np.full(inspectors, 0.7), units) + 0.1 / inspectors
    if separate:
        habits = np.eye(inspectors)[np.arange(units) % inspectors]
    unit = np.arange(visits) % units
    who = np.array([rng.choice(inspectors, p=habits[at]) for at in unit])
    site = rng.integers(sites, size=visits)
    seconds = rng.integers(0, 30, visits) * 86_400 + rng.integers(8 * 3600, 18 * 3600, visits)
    unit, who, site, seconds = (np.repeat(column, criteria) for column in (unit, who, site, seconds))
    criterion = np.tile(np.arange(criteria), visits)
    odds = quality[unit] - strict[who] + site_quality[unit, site] + ease[criterion]
    passed = (rng.random(len(odds)) < 1 / (1 + np.exp(-odds))).astype(float)
    levels = {"unit": units, "inspector": inspectors, "site": units * sites, "criterion": criteria}
    codes = {"unit": unit, "inspector": who, "site": unit * sites + site, "criterion": criterion}
    table = CheckTable(
        {name: tuple(f"{name[0]}{at:03}" for at in range(size)) for name, size in levels.items()},
        {name: column.astype(np.int64) for name, column in codes.items()},
        seconds.astype(np.int64), passed, np.ones(len(passed)),
    )  # fmt: skip
    spread = rng.normal(0, 0.3, 2000)
    rates = np.array([np.mean(1 / (1 + np.exp(-(q + spread[:, None] + ease[None, :])))) for q in quality])
    return District(table, quality + site_quality.mean(axis=1), strict, rates)


def wrong_pairs(estimates: Any, truth: Array) -> float:
    """The share of pairs of units that the estimates put in the wrong order."""
    given = np.asarray(estimates)
    upper = np.triu_indices(len(truth), 1)
    apart = (given[:, None] - given[None, :])[upper] * (truth[:, None] - truth[None, :])[upper]
    return float(np.mean(apart < 0))
