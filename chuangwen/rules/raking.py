"""Weights by raking: the answers of a survey are made to agree with the known make-up of the population.

Method: iterative proportional fitting, W. E. Deming and F. F. Stephan, On a least squares adjustment of a sampled
frequency table when the expected marginal totals are known, Annals of Mathematical Statistics 11 (1940) 427-444; the
loss of precision through unequal weights: L. Kish, Weighting for unequal Pi, Journal of Official Statistics 8 (1992).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from chuangwen.rules.refusals import BadInput

MOST_ROUNDS = 1000
CLOSE = 1e-10  # the largest share by which a margin may still be off
CROSS = "*"
MISSING = ""
Margins = Mapping[str, Mapping[str, float]]


@dataclass(frozen=True)
class Raked:
    """`weights` in the order of the rows, their sum the number of rows; `rounds` until nothing moved; `off` the largest
    relative distance of a category from its margin at the end.
    """

    weights: tuple[float, ...]
    rounds: int
    off: float

    @property
    def design_effect(self) -> float:
        """By how much the unequal weights widen the variance."""
        return design_effect(self.weights)

    @property
    def effective(self) -> float:
        """As many answers of equal weight tell as much."""
        return effective_size(self.weights)


def design_effect(weights: Sequence[float]) -> float:
    """Kish: n Σw² / (Σw)²; one for equal weights. Refuses weights without a sum."""
    w = np.asarray(weights, dtype=float)
    total = float(w.sum()) if len(w) else 0.0
    if total <= 0:
        raise BadInput("权重之和须大于 0。")
    return float(len(w) * (w**2).sum() / total**2)


def effective_size(weights: Sequence[float]) -> float:
    """The number of answers divided by the design effect."""
    return len(weights) / design_effect(weights)


def category(row: Mapping[str, str], variable: str) -> str:
    """What a row says of a margin, which may cross several answers (`age*sex`); empty when one of them is missing."""
    parts = [row.get(name, "").strip() for name in variable.split(CROSS)]
    return CROSS.join(parts) if all(parts) else MISSING


def margin_objections(rows: Sequence[Mapping[str, str]], margins: Margins) -> list[str]:
    """Everything that keeps the rows from being raked to these margins."""
    found = [] if rows else ["没有一份答卷，不能加权。"]
    found += [] if margins else ["没有写总体构成：至少要有一个变量。"]
    for variable, shares in margins.items():
        bad = [name for name, share in shares.items() if not (np.isfinite(share) and share >= 0)]
        found += [f"“{variable}”里“{name}”的人数须是不小于 0 的数。" for name in bad]
        if not bad and sum(shares.values()) <= 0:
            found.append(f"“{variable}”的人数之和须大于 0。")
        here = {category(row, variable) for row in rows} - {MISSING}
        if rows and not here:
            found.append(f"答卷里没有“{variable}”这一项，不能按它加权。")
            continue
        found += [
            f"答卷里有“{variable}”为“{name}”的，总体构成里没有。"
            for name in sorted(name for name in here if not shares.get(name))
        ]
        found += [
            f"总体里有“{variable}”为“{name}”的，答卷里一份也没有，请并类。"
            for name in sorted(name for name, share in shares.items() if share > 0 and name not in here)
            if rows
        ]
    return found


def rake(
    rows: Sequence[Mapping[str, str]], margins: Margins, base: Sequence[float] | None = None, *, close: float = CLOSE
) -> Raked:
    """Weights under which every category of every margin has the share that it has in the population.

    `margins`: variable -> category -> people (or shares). `base`: what each row weighs before (design weights). Rows
    that do not say a variable keep their share in it. Refuses with every objection, also when nothing fits at once.
    """
    objections = margin_objections(rows, margins)
    start = np.ones(len(rows)) if base is None else np.asarray(base, dtype=float)
    if len(start) != len(rows) or not np.all(np.isfinite(start)) or np.any(start <= 0):
        objections.append("每份答卷的基础权重须是大于 0 的数。")
    if objections:
        raise BadInput(objections)
    weights = start * (len(rows) / start.sum())
    plans = [_plan(rows, variable, shares) for variable, shares in margins.items()]
    off = np.inf
    for turn in range(1, MOST_ROUNDS + 1):
        for codes, targets in plans:
            weights = _fitted(weights, codes, targets)
        off = max(_distance(weights, codes, targets) for codes, targets in plans)
        if off <= close:
            return Raked(tuple(float(weight) for weight in weights), turn, off)
    raise BadInput(f"反复调整 {MOST_ROUNDS} 轮仍对不上总体构成（最大相差 {off:.1%}）：有的组合没有人答，请并类后再算。")


Plan = tuple[NDArray[np.int64], NDArray[np.float64]]


def _plan(rows: Sequence[Mapping[str, str]], variable: str, shares: Mapping[str, float]) -> Plan:
    """Each row's category as a number (0: not said), and the share of each category among those who said it."""
    names = [name for name, share in shares.items() if share > 0]
    numbers = {name: number for number, name in enumerate(names, start=1)}
    codes = np.array([numbers.get(category(row, variable), 0) for row in rows], dtype=np.int64)
    targets = np.array([shares[name] for name in names], dtype=float)
    return codes, targets / targets.sum()


def _sums(weights: NDArray[np.float64], plan: Plan) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    sums = np.bincount(plan[0], weights=weights, minlength=len(plan[1]) + 1)[1:].astype(np.float64)
    return sums, np.asarray(plan[1] * sums.sum(), dtype=np.float64)


def _fitted(
    weights: NDArray[np.float64], codes: NDArray[np.int64], targets: NDArray[np.float64]
) -> NDArray[np.float64]:
    sums, wanted = _sums(weights, (codes, targets))
    factors = np.concatenate(([1.0], wanted / sums))
    result: NDArray[np.float64] = weights * factors[codes]
    return result


def _distance(weights: NDArray[np.float64], codes: NDArray[np.int64], targets: NDArray[np.float64]) -> float:
    sums, wanted = _sums(weights, (codes, targets))
    return float(np.max(np.abs(sums - wanted) / wanted))
