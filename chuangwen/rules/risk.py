"""How likely the next inspection of a place finds a fault, and why: for the order in which places are visited.

A logistic regression with normal priors; the variance of the priors is estimated from the data (MacKay, Neural
Computation 4 (1992) 415-447), one for the features and one for the inspectors. Two ways to deal with who inspected:

- without: inspectors are not there at all;
- strictness removed: every inspector has an effect of their own in the fit, and the history of a site counts what was
  found beyond what that inspector finds on average. For a prediction the effects are averaged over the inspections of
  the training period ("not known who will come"), so the chance is that of an average visit and the order is that of
  the places. Nobody's name is kept in the model.

On the food inspections of Chicago most of the published gain of a risk order came from the inspector as a feature
(City of Chicago, food-inspections-evaluation): an order by who looks, not by where it is bad.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from chuangwen.rules.refusals import BadInput
from chuangwen.rules.risk_features import (
    HISTORY,
    LEVEL,
    MISSING,
    Choice,
    Feature,
    History,
    choose,
    encode,
    features_of,
    history_of,
    raw_values,
)
from chuangwen.rules.risk_table import Array, Names, RiskTable, table_of_columns

_START, _LEAST, _MOST = 0.05, 1e-4, 25.0
_STEPS, _CLOSE = 60, 1e-4
_SHRINK: Final = 10.0  # inspections at the common rate added to each inspector's own
MOST_REASONS: Final = 3
_NOTICEABLE: Final = 0.02  # log-odds: smaller contributions are no reasons


@dataclass(frozen=True)
class RiskModel:
    """A fitted model that knows no person. `weights` are log-odds per standard deviation.

    `visits` are (effect, share) of the training inspections by who made them, without names, from mild to strict.
    """

    features: tuple[Feature, ...]
    constant: float
    weights: tuple[float, ...]
    visits: tuple[tuple[float, float], ...]
    site: str
    history: History

    def odds(self, columns: Mapping[str, Sequence[str]], count: int) -> Array:
        """The log-odds of `count` rows with an inspector of effect 0."""
        sites = columns.get(self.site, ("",) * count)
        design = encode(self.features, columns, self.history.of(sites))
        out: Array = self.constant + design @ np.array(self.weights)
        return out

    def chances(self, odds: Array) -> Array:
        """The chance of a fault when it is not known who will come; rises with the odds."""
        effects, shares = np.array(self.visits).T
        out: Array = logistic(odds[:, None] + effects[None, :]) @ shares
        return out


@dataclass(frozen=True)
class Fit:
    """A model together with the effects of inspectors by name: for evaluation only, never for a page."""

    model: RiskModel
    inspectors: dict[str, float]

    def effect_of(self, inspector: Sequence[str]) -> Array:
        """The effect of who inspected; 0 for somebody new."""
        return np.array([self.inspectors.get(name, 0.0) for name in inspector])


@dataclass(frozen=True)
class Reason:
    """One thing that speaks for (`raises`) or against a fault, in words, with its share of the log-odds."""

    text: str
    weight: float

    @property
    def raises(self) -> bool:
        """Does it make a fault more likely than at the average place?"""
        return self.weight > 0


@dataclass(frozen=True)
class Risk:
    """The chance of a fault at the next inspection (0 to 1) and the strongest reasons, strongest first."""

    chance: float
    reasons: tuple[Reason, ...]


def logistic(odds: Array) -> Array:
    """Chances of log-odds."""
    out: Array = 1 / (1 + np.exp(-np.clip(odds, -35, 35)))
    return out


def fit_risk(train: RiskTable, choice: Choice, *, by_inspector: bool) -> Fit:
    """The model on `train`; with `by_inspector` strictness is estimated and kept apart from the places."""
    names = sorted(set(train.inspector)) if by_inspector else []
    history, before = history_of(train, choice.site, _expected(train, names))
    features = features_of(train, choice.columns)
    if float(before.std()) > 1e-9:
        features += (Feature(choice.site, HISTORY, "", float(before.mean()), float(before.std())),)
    design = encode(features, train.columns, before)
    who = np.array([[float(name == own) for name in names] for own in train.inspector]).reshape(len(train), len(names))
    first = 1 + len(features)
    blocks = (slice(1, first), slice(first, first + len(names)))
    weights = penalised(np.hstack([np.ones((len(train), 1)), design, who]), train.failed, blocks)
    effects = weights[first:]
    shares = who.mean(axis=0)
    visits = sorted(zip(effects.tolist(), shares.tolist(), strict=True)) or [(0.0, 1.0)]
    model = RiskModel(
        features, float(weights[0]), tuple(weights[1:first].tolist()), tuple(visits), choice.site, history
    )
    return Fit(model, dict(zip(names, effects.tolist(), strict=True)))


def _expected(train: RiskTable, names: Sequence[str]) -> Array:
    """What was to be expected of each inspection: the common rate, or that of its inspector drawn towards it."""
    common = float(train.failed.mean())
    expected = np.full(len(train), common)
    who = np.array(train.inspector)
    for name in names:
        own = who == name
        expected[own] = (train.failed[own].sum() + _SHRINK * common) / (own.sum() + _SHRINK)
    return expected


def penalised(design: Array, failed: Array, blocks: Sequence[slice]) -> Array:
    """The mode of a logistic regression whose blocks of weights have normal priors of estimated variance.

    The first column is the constant; it has no prior.
    """
    weights = np.zeros(design.shape[1])
    rate = float(failed.mean())
    weights[0] = np.log(rate / (1 - rate))
    blocks = [block for block in blocks if block.stop > block.start]
    variances = [_START] * len(blocks)
    for step in range(_STEPS):
        change, covariance = _newton(design, failed, weights, _precision(design.shape[1], blocks, variances))
        weights = weights + change
        moved = float(np.abs(change).max())
        if step > 1:
            spreads = np.diag(covariance)
            found = [_variance(old, weights[at], spreads[at]) for old, at in zip(variances, blocks, strict=True)]
            moved = max([moved, *(abs(new / old - 1) for new, old in zip(found, variances, strict=True))])
            variances = found
        if moved < _CLOSE:
            break
    return weights


def _precision(size: int, blocks: Sequence[slice], variances: Sequence[float]) -> Array:
    precision = np.full(size, 1e-9)
    for block, variance in zip(blocks, variances, strict=True):
        precision[block] = 1 / variance
    return precision


def _newton(design: Array, failed: Array, weights: Array, precision: Array) -> tuple[Array, Array]:
    chance = logistic(design @ weights)
    curvature = (design * (chance * (1 - chance) + 1e-9)[:, None]).T @ design + np.diag(precision)
    covariance: Array = np.asarray(np.linalg.inv(curvature), dtype=np.float64)
    change: Array = covariance @ (design.T @ (failed - chance) - precision * weights)
    return change / max(1.0, float(np.abs(change).max()) / 2), covariance


def _variance(old: float, weights: Array, spreads: Array) -> float:
    determined = max(len(weights) - float(spreads.sum()) / old, 1e-3)
    return float(np.clip(float(weights @ weights) / determined, max(_LEAST, old / 4), min(_MOST, old * 4)))


# --- for the product: places and reasons, never people ---


def learn(rows: Sequence[Mapping[str, object]], names: Names, *, leave_out: Sequence[str] = ()) -> RiskModel:
    """A model from earlier inspections (strictness removed); raises BadInput when they cannot carry one."""
    if not rows:
        raise BadInput("没有以往的检查记录，估不出风险。")
    needed = (names.outcome, names.date, names.inspector)
    missing = [name for name in needed if not any(name in row for row in rows)]
    if missing:
        raise BadInput(f"以往的检查记录缺少“{name}”。" for name in missing)
    table = table_of_columns(_columns(rows), names)
    choice = choose(table, known=tuple(table.columns), leave_out=leave_out)
    return fit_risk(table, choice, by_inspector=True).model


def risk_of(
    rows: Sequence[Mapping[str, object]], model: RiskModel, *, labels: Mapping[str, str] | None = None
) -> tuple[Risk, ...]:
    """The risk of each row (values by column, as at `learn`) with its reasons; `labels` are Chinese names of columns."""
    if not rows:
        return ()
    columns = _columns(rows)
    sites = columns.get(model.site, ("",) * len(rows))
    history = model.history.of(sites)
    parts = encode(model.features, columns, history) * np.array(model.weights)
    chances = model.chances(model.constant + parts.sum(axis=1))
    values = [
        history if feature.kind == HISTORY else raw_values(feature, columns.get(feature.column, ("",) * len(rows)))
        for feature in model.features
    ]
    said = labels or {}
    return tuple(
        Risk(float(chances[row]), _reasons(model.features, parts[row], [float(column[row]) for column in values], said))
        for row in range(len(rows))
    )


def _columns(rows: Sequence[Mapping[str, object]]) -> dict[str, tuple[str, ...]]:
    names = dict.fromkeys(name for row in rows for name in row)
    return {name: tuple(_cell(row.get(name)) for row in rows) for name in names}


def _cell(value: object) -> str:
    return "" if value is None else str(value).strip()


def _reasons(
    features: Sequence[Feature], parts: NDArray[np.float64], values: Sequence[float], labels: Mapping[str, str]
) -> tuple[Reason, ...]:
    found = [
        Reason(text, float(part))
        for feature, part, value in zip(features, parts, values, strict=True)
        if abs(part) >= _NOTICEABLE and (text := _phrase(feature, value, labels.get(feature.column, feature.column)))
    ]
    return tuple(sorted(found, key=lambda reason: -abs(reason.weight))[:MOST_REASONS])


def _phrase(feature: Feature, value: float, label: str) -> str:
    """What is so at this place; "" when the feature says only what is not so."""
    if feature.kind == HISTORY:
        return "这里以往查出问题比平均多" if value > feature.middle else "这里以往查出问题不比平均多"
    if feature.kind in (LEVEL, MISSING):
        said = f"{label}是“{feature.level}”" if feature.kind == LEVEL else f"{label}没有记录"
        return said if value else ""
    if feature.yes_no:
        return f"{label}：{'是' if value == 1 else '否'}" if value in (0.0, 1.0) else ""
    if value == feature.middle:
        return ""
    return f"{label}{'高于' if value > feature.middle else '低于'}平均（{value:.4g}，平均 {feature.middle:.4g}）"
