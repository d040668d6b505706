"""How good forecasts of examinations were: coverage, CRPS against a plain score rate, reliability of passing."""

from dataclasses import dataclass
from math import sqrt
from typing import Any

import numpy as np

from chuangwen.rules.forecast import forecast
from tests.exams import Examined

LINES = (74.0, 77.0, 80.0, 83.0, 86.0)


@dataclass(frozen=True)
class Scored:
    """One examination: whether the 90 % band held it, where it fell in the forecast, and both scores."""

    held: bool
    below: float
    crps: float
    plain_held: bool
    plain_crps: float
    chances: tuple[float, ...]
    passed: tuple[bool, ...]
    width: float


def scored(case: Examined, *, runs: int = 4000, seed: int = 7) -> Scored:
    """Forecast, and hold it against what came out."""
    found = forecast(case.edition, case.seen, case.plan, runs=runs, seed=seed)
    plain = plain_totals(case, runs)
    low, high = np.quantile(plain, [0.05, 0.95])
    return Scored(
        found.total.q05 <= case.total <= found.total.q95, float((found.totals < case.total).mean()),
        crps(found.totals, case.total), bool(low <= case.total <= high), crps(plain, case.total),
        tuple(float((found.totals >= line).mean()) for line in LINES), tuple(case.total >= line for line in LINES),
        found.total.q95 - found.total.q05,
    )  # fmt: skip


def plain_totals(case: Examined, runs: int) -> Any:
    """What one would say without a model: the score rate of all observations, give or take the binomial error of the
    observations and of the checks to come; material and questionnaire with the same errors as the forecast's.
    """
    rng = np.random.default_rng(1)
    weight = {row.code: float(row.weight) for row in case.edition.criteria}
    got = np.array([weight[one.criterion] * one.passed for one in case.seen])
    rate = float(got.sum() / sum(weight[one.criterion] for one in case.seen))
    per_type: dict[str, int] = {}
    for row in case.edition.criteria:
        per_type[row.point_type] = per_type.get(row.point_type, 0) + 1
    checks = sum(count * per_type[kind] for kind, count in case.plan.places.items())
    error = sqrt(rate * (1 - rate) * (1 / len(case.seen) + 1 / checks))
    total = 60 * (rate + error * rng.standard_normal(runs))
    for kind, share in (("material", 0.3), ("questionnaire", 0.1)):
        known = case.plan.methods[kind]
        total = total + share * np.clip(known.value + known.se * rng.standard_normal(runs), 0, 100)
    return total


def crps(totals: Any, truth: float) -> float:
    """Continuous ranked probability score of simulated totals (Gneiting and Raftery, JASA 102 (2007) 367)."""
    values = np.sort(np.asarray(totals, dtype=np.float64))
    size = len(values)
    spread = float((values * (2 * np.arange(1, size + 1) - size - 1)).sum()) / size**2
    return float(np.abs(values - truth).mean()) - spread


def reliability(cases: list[Scored], edges: Any = (0, 0.1, 0.3, 0.5, 0.7, 0.9, 1.0)) -> list[tuple[float, float, int]]:
    """Mean forecast of passing, share that passed, and number, by band of the forecast."""
    chance = np.array([one for case in cases for one in case.chances])
    passed = np.array([one for case in cases for one in case.passed], dtype=float)
    band = np.clip(np.digitize(chance, edges) - 1, 0, len(edges) - 2)
    return [
        (float(chance[band == at].mean()), float(passed[band == at].mean()), int((band == at).sum()))
        for at in range(len(edges) - 1)
        if (band == at).any()
    ]
