"""A ranking that can be defended: the raw pass rate, beside it the one that does not depend on who came, and how sure.

The published score stays what its rule says. This stands beside it: units adjusted for inspector, criterion, hour and
order of the day (`strictness`), intervals and tiers of the places (`rank_intervals`), warnings where the figures cannot
bear a comparison. Volume never counts: only rates of what was looked at.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import NormalDist
from typing import Final

import numpy as np
from numpy.typing import NDArray

from chuangwen.rules import strictness
from chuangwen.rules.check_tables import CheckTable, day_order
from chuangwen.rules.rank_intervals import rank_intervals, tiers
from chuangwen.rules.small_area import fay_herriot

Array = NDArray[np.float64]
FEW_CHECKS: Final = 30
_FEWEST_AREAS: Final = 3  # of two units neither says what is usual
_NOON, _EVENING = 12, 17


@dataclass(frozen=True)
class UnitRank:
    """One unit. Rates are 0 to 1; `low` and `high` bound the adjusted rate; place 1 is the highest rate.

    `small_area` is the raw rate drawn towards the mean of all, the more the fewer checks there are; `own_share` (0 to 1)
    is how much of the unit's own rate is in it. None where there is nothing to draw towards.
    """

    unit: str
    observations: int
    raw: float
    adjusted: float
    low: float
    high: float
    place_raw: int
    place_adjusted: int
    best: int
    worst: int
    tier: int
    small_area: float | None = None
    own_share: float | None = None


@dataclass(frozen=True)
class InspectorStrictness:
    """How much less often an inspector passes the same thing, in log-odds; for calibration, never a mark."""

    inspector: str
    strictness: float
    se: float


@dataclass(frozen=True)
class FairRanking:
    """Units by adjusted place, inspectors by name, and what the figures cannot say."""

    units: tuple[UnitRank, ...]
    inspectors: tuple[InspectorStrictness, ...]
    warnings: tuple[str, ...]


def fair_ranking(table: CheckTable, *, coverage: float = 0.95, seed: int = 1) -> FairRanking:
    """Rank the units of a table of checks (at least one check). The same table and seed give the same result."""
    checks = checks_of(table)
    sizes = {name: len(table.names[name]) for name in (*strictness.FACETS, strictness.SITE)}
    effects = strictness.fit(checks, sizes=sizes)
    units = range(len(table.names["unit"]))
    counted = np.bincount(table.codes["unit"], minlength=len(units))
    weight = np.bincount(table.codes["unit"], table.weight, len(units))
    raw = np.bincount(table.codes["unit"], table.weight * table.passed, len(units)) / weight
    adjusted, slope = strictness.standardised(effects, checks, units)
    covariance = effects.covariance_of(strictness.UNIT)
    estimates = effects.facets[strictness.UNIT]
    intervals = rank_intervals(list(estimates), covariance, coverage=coverage, seed=seed)
    tier = tiers(list(estimates), covariance, coverage=coverage, seed=seed)
    reach = _quantile(coverage, len(units) - 1) * np.sqrt(_around_the_mean(covariance)) * slope
    place_raw, place_adjusted = _places(raw), _places(adjusted)
    drawn = drawn_together(table, raw)
    rows = [
        UnitRank(
            table.names["unit"][at], int(counted[at]), float(raw[at]), float(adjusted[at]),
            float(max(0.0, adjusted[at] - reach[at])), float(min(1.0, adjusted[at] + reach[at])),
            place_raw[at], place_adjusted[at], intervals[at].best, intervals[at].worst, tier[at],
            *drawn[at],
        )
        for at in units
    ]  # fmt: skip
    rows.sort(key=lambda row: (row.place_adjusted, row.unit))
    return FairRanking(tuple(rows), _inspectors(table, effects), tuple(warnings(table)))


def checks_of(table: CheckTable) -> strictness.Checks:
    """The table with the hours and the order of the day as fixed effects; a column that never varies is left out."""
    hour = (table.seconds % 86_400) // 3600
    order = day_order(table.codes["inspector"], table.codes["site"], table.seconds)
    columns = [(hour >= _NOON).astype(float), (hour >= _EVENING).astype(float), np.log(order)]
    kept = [column - column.mean() for column in columns if np.ptp(column) > 0]
    covariates = np.stack(kept, axis=1) if kept else np.zeros((len(table), 0))
    facets = {name: table.codes[name] for name in strictness.FACETS}
    weight = table.weight / table.weight.mean()  # weights say what counts more, not how much was seen
    return strictness.Checks(facets, table.codes["site"], covariates, table.passed, weight)


def drawn_together(table: CheckTable, raw: Array) -> list[tuple[float | None, float | None]]:
    """Small-area estimate and share of the own rate for every unit, after Fay and Herriot with a constant only.

    The sampling variance of a unit's rate is that of the pooled rate over its effective number of checks, times a design
    effect common to all: checks of one site resemble each other (variance between the sums of the sites, held against
    what independent checks would give, at least 1).
    """
    unit, weight, size = table.codes["unit"], table.weight, len(raw)
    total = np.bincount(unit, weight, size)
    pooled = float((weight * table.passed).sum() / weight.sum())
    if size < _FEWEST_AREAS or not 0 < pooled < 1:
        return [(None, None)] * size
    alone = pooled * (1 - pooled) * np.bincount(unit, weight**2, size) / total**2
    sites = len(table.names[strictness.SITE])
    pairs, which = np.unique(unit * sites + table.codes[strictness.SITE], return_inverse=True)
    at_a_site = np.bincount(which, weight * (table.passed - raw[unit]), len(pairs))
    together = np.bincount(pairs // sites, at_a_site**2, size) / total**2
    alike = max(1.0, float(together.sum() / alone.sum()))
    found = fay_herriot(raw.tolist(), (alone * alike).tolist(), [[1.0]] * size)
    return [*zip(found.estimates, found.weights, strict=True)]


def _around_the_mean(covariance: Array) -> Array:
    """Variance of each unit's distance from the mean of all: what comparisons rest on."""
    size = len(covariance)
    centred = np.eye(size) - 1 / size
    found: Array = np.diag(centred @ covariance @ centred)
    return found


def _quantile(coverage: float, freedom: int) -> float:
    """Two-sided quantile of Student's t (Cornish-Fisher to the second order): the spread between units is estimated."""
    z = NormalDist().inv_cdf(0.5 + coverage / 2)
    nu = max(2, freedom)
    return z + (z**3 + z) / (4 * nu) + (5 * z**5 + 16 * z**3 + 3 * z) / (96 * nu**2)


def _places(rates: Array) -> list[int]:
    shown = np.round(rates, 12)
    return [1 + int((shown > rate).sum()) for rate in shown]


def _inspectors(table: CheckTable, effects: strictness.Effects) -> tuple[InspectorStrictness, ...]:
    values = effects.facets[strictness.INSPECTOR]
    errors = np.sqrt(_around_the_mean(effects.covariance_of(strictness.INSPECTOR)))
    middle = float(values.mean())
    rows = [
        InspectorStrictness(name, middle - float(value), float(error))
        for name, value, error in zip(table.names["inspector"], values, errors, strict=True)
    ]
    return tuple(sorted(rows, key=lambda row: row.inspector))


# --- what the figures cannot bear ---


ROTATION: Final = ("巡查员分成", "建议安排", "只有一名巡查员")  # how the warnings about who looks where begin


def warnings(table: CheckTable) -> list[str]:
    """Units with too few checks, groups of inspectors that never meet at a site or unit, and whom to send where."""
    counted = np.bincount(table.codes["unit"], minlength=len(table.names["unit"]))
    few = [f"{name}（{n} 条）" for name, n in zip(table.names["unit"], counted, strict=True) if n < FEW_CHECKS]
    said = (
        [f"检查不到 {FEW_CHECKS} 条，名次只供参考：{'、'.join(few[:20])}{'等' if len(few) > 20 else ''}。"]
        if few
        else []
    )
    said += _unconnected(table)
    if len(table.names["inspector"]) == 1:
        said.append("只有一名巡查员，宽严无从比较，调整后的分数只调了条目和时段。")
    return said


def _unconnected(table: CheckTable) -> list[str]:
    by_unit = groups(table, "unit")
    if len(by_unit) > 1:
        named = "；".join("、".join(group[:6]) + ("等" if len(group) > 6 else "") for group in by_unit[:6])
        visits = co_visits(table, by_unit)
        return [
            f"巡查员分成 {len(by_unit)} 组，从没有查过同一个单位，组与组之间的宽严无法分开：{named}。",
            *[f"建议安排 {who} 到 {where} 复查一次，把两组连起来。" for who, where in visits],
        ]
    by_site = groups(table, "site")
    if len(by_site) > 1:
        return [f"巡查员分成 {len(by_site)} 组，组间没有查过同一个点位，宽严的估计只靠同一单位的不同点位，把握较小。"]
    return []


def groups(table: CheckTable, by: str) -> list[list[str]]:
    """Inspectors that are connected through shared units or sites, group by group, the largest first."""
    names = table.names["inspector"]
    parent = list(range(len(names) + len(table.names[by])))

    def top(at: int) -> int:
        while parent[at] != at:
            parent[at] = parent[parent[at]]
            at = parent[at]
        return at

    met = np.unique(table.codes["inspector"] * len(table.names[by]) + table.codes[by])
    for code in met.tolist():
        inspector, place = divmod(code, len(table.names[by]))
        parent[top(inspector)] = top(len(names) + place)
    found: dict[int, list[str]] = {}
    for at, name in enumerate(names):
        found.setdefault(top(at), []).append(name)
    return sorted((sorted(group) for group in found.values()), key=lambda group: (-len(group), group))


def co_visits(table: CheckTable, separate: Sequence[Sequence[str]]) -> list[tuple[str, str]]:
    """For every two neighbouring groups an inspector of the one and the most visited site of the other."""
    found = []
    for ours, theirs in pairwise(separate):
        known = {table.names["inspector"].index(name) for name in ours}
        rows = np.isin(table.codes["inspector"], list(known))
        most = int(np.bincount(table.codes["site"][rows]).argmax())
        found.append((theirs[0], table.names["site"][most]))
    return found


def moved(now: Iterable[UnitRank], before: Iterable[UnitRank]) -> dict[str, tuple[float, float, float]]:
    """Change of the adjusted rate on last time: unit -> (change, low, high); both months taken as independent."""
    earlier = {row.unit: row for row in before}
    found = {}
    for row in now:
        if (last := earlier.get(row.unit)) is not None:
            half = float(np.hypot((row.high - row.low) / 2, (last.high - last.low) / 2))
            change = row.adjusted - last.adjusted
            found[row.unit] = (change, change - half, change + half)
    return found
