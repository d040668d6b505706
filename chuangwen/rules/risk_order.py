"""What an order by risk would have gained: how many days earlier the faults of a past period would have been found.

The slots stay: the inspections of the period are sorted by predicted risk and the same dates handed out in order (the
measure of the City of Chicago, food-inspections-evaluation). Equal risks keep their true order, so a constant risk
gains exactly nothing.
"""

import datetime as dt
from dataclasses import dataclass
from functools import partial
from typing import Final

import numpy as np
from numpy.typing import NDArray

from chuangwen.rules.refusals import BadInput
from chuangwen.rules.risk import fit_risk, logistic
from chuangwen.rules.risk_features import Choice, choose
from chuangwen.rules.risk_table import Array, RiskTable

DRAWS: Final = 1000
_DIGITS: Final = 12  # risks that differ by rounding alone are equal
Interval = tuple[float, float]


@dataclass(frozen=True)
class Figures:
    """Figures of one order, each with the 95 % interval of a bootstrap over the inspections of the period.

    `auc_same_inspector` compares only inspections by the same person (None: no such pairs): 0.5 says that the order
    knows nothing about places beyond who goes where.
    """

    days_earlier: float
    first_half_share: float
    auc: float
    logloss: float
    auc_same_inspector: float | None
    intervals: dict[str, Interval]


@dataclass(frozen=True)
class Evaluation:
    """Three orders of one period side by side, and which columns they rest on."""

    with_inspector: Figures
    without_inspector: Figures
    strictness_removed: Figures
    choice: Choice
    train: int
    test: int
    failures: int
    warnings: tuple[str, ...]


@dataclass(frozen=True)
class Chances:
    """The predicted chances of the three ways, in the order of the test period."""

    with_inspector: Array
    without_inspector: Array
    strictness_removed: Array


def slots(risk: Array) -> NDArray[np.int64]:
    """The slot (from 0) that each inspection gets: highest risk first, equal risks in their true order."""
    order = np.argsort(-np.round(risk, _DIGITS), kind="stable")
    given = np.empty(len(risk), dtype=np.int64)
    given[order] = np.arange(len(risk))
    return given


def days_earlier(risk: Array, failed: Array, day: NDArray[np.int64]) -> float:
    """Mean days that the failures come earlier; the rows are in the order of their true dates."""
    found = failed == 1
    return float((day - day[slots(risk)])[found].mean())


def first_half_share(risk: Array, failed: Array) -> float:
    """Share of the failures within the first half of the slots (the middle slot of an odd number counts half)."""
    place = slots(risk)[failed == 1]
    half = len(risk) / 2
    return float(np.clip(half - place, 0, 1).mean())


def auc(risk: Array, failed: Array) -> float:
    """Chance that a failure has the higher risk of a pair; ties count half."""
    _levels, code, count = np.unique(np.round(risk, _DIGITS), return_inverse=True, return_counts=True)
    rank = (np.cumsum(count) - (count - 1) / 2)[code]
    ones = float(failed.sum())
    return float((rank[failed == 1].sum() - ones * (ones + 1) / 2) / (ones * (len(failed) - ones)))


def auc_same_inspector(risk: Array, failed: Array, inspector: tuple[str, ...]) -> float | None:
    """The same over pairs inspected by the same person; None without such pairs."""
    who = np.array(inspector)
    right = pairs = 0.0
    for name in set(inspector):
        own = who == name
        ones = float(failed[own].sum())
        count = ones * (float(own.sum()) - ones)
        if count:
            right += count * auc(risk[own], failed[own])
            pairs += count
    return right / pairs if pairs else None


def logloss(risk: Array, failed: Array) -> float:
    """Mean logarithmic loss."""
    chance = np.clip(risk, 1e-9, 1 - 1e-9)
    return float(-(failed * np.log(chance) + (1 - failed) * np.log(1 - chance)).mean())


def figures(risk: Array, test: RiskTable, *, seed: int, draws: int = DRAWS) -> Figures:
    """The figures of one order of the test period; the same seed gives the same intervals."""
    rng = np.random.default_rng(seed)
    drawn = [_figures(risk, test.failed, test.day, rows) for rows in _samples(rng, test.failed, draws)]
    low, high = np.quantile(np.array(drawn), [0.025, 0.975], axis=0)
    names = ("days_earlier", "first_half_share", "auc", "logloss")
    intervals = {name: (float(low[at]), float(high[at])) for at, name in enumerate(names)}
    whole = _figures(risk, test.failed, test.day, np.arange(len(test)))
    return Figures(*whole, auc_same_inspector(risk, test.failed, test.inspector), intervals)


def _samples(rng: np.random.Generator, failed: Array, draws: int) -> list[NDArray[np.int64]]:
    """Rows drawn with replacement, in true order; draws that hold one kind of outcome only are passed over."""
    count = len(failed)
    drawn = (np.sort(rng.integers(0, count, count)) for _draw in range(draws))
    return [rows for rows in drawn if 0 < failed[rows].sum() < count] or [np.arange(count)]


def _figures(
    risk: Array, failed: Array, day: NDArray[np.int64], rows: NDArray[np.int64]
) -> tuple[float, float, float, float]:
    own, outcome = risk[rows], failed[rows]
    return (
        days_earlier(own, outcome, day[rows]), first_half_share(own, outcome), auc(own, outcome), logloss(own, outcome),
    )  # fmt: skip


def predicted(train: RiskTable, test: RiskTable, choice: Choice) -> Chances:
    """Fit on the one, predict the other, in three ways; nothing of the outcomes of `test` is used."""
    blind = fit_risk(train, choice, by_inspector=False).model
    seeing = fit_risk(train, choice, by_inspector=True)
    odds = seeing.model.odds(test.columns, len(test))
    known = np.array([name in seeing.inspectors for name in test.inspector])
    own = logistic(odds + seeing.effect_of(test.inspector))
    removed = seeing.model.chances(odds)
    return Chances(np.where(known, own, removed), blind.chances(blind.odds(test.columns, len(test))), removed)


def evaluate(
    train: RiskTable, test: RiskTable, *, leave_out: tuple[str, ...] = (), seed: int = 1, draws: int = DRAWS
) -> Evaluation:
    """The three orders of `test` after learning from `train`; raises BadInput when `test` does not come after it."""
    if int(test.day[0]) < int(train.day[-1]):
        raise BadInput(_overlap(train, test))
    choice = choose(train, known=tuple(test.columns), leave_out=leave_out)
    chances = predicted(train, test, choice)
    measured = partial(figures, test=test, seed=seed, draws=draws)
    warnings = choice.warnings if choice.columns or choice.site else ("没有可用的特征列，风险处处相同。",)
    return Evaluation(
        measured(chances.with_inspector), measured(chances.without_inspector), measured(chances.strictness_removed),
        choice, len(train), len(test), int(test.failed.sum()), warnings,
    )  # fmt: skip


def _overlap(train: RiskTable, test: RiskTable) -> str:
    last, first = (dt.date.fromordinal(int(day)) for day in (train.day[-1], test.day[0]))
    return f"检验的检查（最早 {first}）应全在训练的检查（最晚 {last}）之后，不然就是用后来的结果预测先前的。"
