"""What a mock examination gives: one final verdict from two or three looks, score rates, and how sure they are.

Sources.
Rate: passed over observed, as the published mock run of Jiaozuo reports it (2019: 78 places, 328 criteria, 1,166
observations, 70.1 %, http://www.jiaozuo.gov.cn/2019/08-18/204691.html).
A missing facility: a community that has no compound gets the mean of the other communities for that item (Zhenjiang 2021).
What was not measured is left out and never counts as zero (Zhongxiang lists such units as not tested).
Uncertainty: W. G. Cochran, Sampling Techniques, 3rd ed. 1977, sections 6.11-6.12 and 11: places are clusters drawn
without replacement inside each point type, the rate is a ratio of two sums over places, its variance is found by
linearisation. Strata of one place are put together (collapsed strata, section 5A.12). The interval is that of the
logit with Student's t, degrees of freedom = places - strata (Korn and Graubard, Survey Methodology 24, 1998).
"""

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from statistics import NormalDist

PASS, FAIL, MISSING, UNSEEN = "pass", "fail", "na", "skip"
VERDICTS = (PASS, FAIL, MISSING, UNSEEN)
DISPUTED = "disputed"
CONFIDENCE = 0.95


def settle(first: str, second: str, third: str = "") -> str:
    """The final verdict of one criterion at one place; "disputed" while the third look is still needed.

    Who could not look says nothing about what the other one saw. Two that saw different things need a third, whose
    word decides; a third that could not look leaves the criterion unmeasured.
    """
    if second in (first, UNSEEN):
        return first
    if first == UNSEEN:
        return second
    return third or DISPUTED


@dataclass(frozen=True)
class Observed:
    """One criterion at one place after settlement. `place` is the cluster, `stratum` what the draw was stratified by;
    `groups`: dimension -> name, such as type, item, street, method.
    """

    place: int
    stratum: str
    criterion: str
    verdict: str
    weight: float = 1.0
    groups: Mapping[str, str] | None = None


@dataclass(frozen=True)
class Rate:
    """A score rate from 0 to 1 with its 95 % interval; None where nothing was measured or one place alone was.

    `observed` were looked at, `imputed` are missing facilities that took the mean of their peers, `left_out` were not
    measured, are in dispute, or are missing without any peer. `se`: standard error; `deff`: variance against that of as
    many independent observations.
    """

    rate: float | None
    low: float | None
    high: float | None
    se: float | None
    deff: float | None
    places: int
    observed: int
    passed: int
    imputed: int
    left_out: int
    df: int


@dataclass
class _Sums:
    """Weighted marks and weights of one place."""

    marks: float = 0.0
    weight: float = 0.0


def peers(rows: Iterable[Observed]) -> dict[str, float]:
    """criterion -> mean of the places that have the facility and were measured."""
    passed: dict[str, float] = defaultdict(float)
    seen: dict[str, float] = defaultdict(float)
    for row in rows:
        if row.verdict in (PASS, FAIL):
            seen[row.criterion] += 1
            passed[row.criterion] += row.verdict == PASS
    return {criterion: passed[criterion] / seen[criterion] for criterion in seen}


def score_rate(
    rows: Sequence[Observed],
    *,
    population: Mapping[str, int],
    drawn: Mapping[str, Sequence[int]],
    means: Mapping[str, float] | None = None,
) -> Rate:
    """The rate of these rows with its uncertainty.

    population: stratum -> how many places it has in all; drawn: stratum -> the places of it that were examined (those
    without a row among `rows` count as empty clusters, so that the rate of a group knows its sample is chance too);
    means: criterion -> mean of the peers over the whole examination (`peers`), by default over these rows.
    The interval rests on what was measured; imputed marks move the rate but are no evidence.
    """
    means = peers(rows) if means is None else means
    clusters: dict[int, _Sums] = defaultdict(_Sums)
    observed = passed = imputed = left_out = 0
    marks = weight = 0.0
    for row in rows:
        if row.verdict in (PASS, FAIL):
            observed, passed = observed + 1, passed + (row.verdict == PASS)
            clusters[row.place].weight += row.weight
            clusters[row.place].marks += row.weight * (row.verdict == PASS)
        elif row.verdict == MISSING and row.criterion in means:
            imputed += 1
            marks, weight = marks + row.weight * means[row.criterion], weight + row.weight
        else:
            left_out += 1
    measured = sum(one.weight for one in clusters.values())
    rate = (marks + sum(one.marks for one in clusters.values())) / (weight + measured) if weight + measured else None
    variance, df = ratio_variance(clusters, population=population, drawn=drawn)
    low, high, se, deff = _interval(rate, variance, df, observed, len(clusters))
    return Rate(rate, low, high, se, deff, len(clusters), observed, passed, imputed, left_out, df)


def ratio_variance(
    clusters: Mapping[int, "_Sums"], *, population: Mapping[str, int], drawn: Mapping[str, Sequence[int]]
) -> tuple[float | None, int]:
    """Variance of sum(marks)/sum(weight) over places, and degrees of freedom; None when one place alone was measured.

    V = 1/X^2 * sum over strata of (1 - n/N) * n/(n-1) * sum (e - mean e)^2 with e = marks - R * weight.
    """
    total = sum(one.weight for one in clusters.values())
    if not total or len(clusters) < 2:
        return None, 0
    ratio = sum(one.marks for one in clusters.values()) / total
    residuals = {place: one.marks - ratio * one.weight for place, one in clusters.items()}
    strata = _collapsed({name: places for name, places in drawn.items() if any(p in clusters for p in places)})
    variance, df = 0.0, 0
    for names, places in strata:
        n, size = len(places), sum(max(population.get(name, 0), len(drawn[name])) for name in names)
        left = 1 - n / size if size else 1.0
        values = [residuals.get(place, 0.0) for place in places]
        middle = sum(values) / n if n > 1 else 0.0
        spread = sum((value - middle) ** 2 for value in values)
        variance += left * spread * (n / (n - 1) if n > 1 else 1.0)
        df += max(n - 1, 0)
    return variance / total**2, max(df, 1)


def _collapsed(drawn: Mapping[str, Sequence[int]]) -> list[tuple[tuple[str, ...], list[int]]]:
    """Strata of several places as they are; those of one place together as one; a single lonely one by itself."""
    several = [((name,), list(places)) for name, places in sorted(drawn.items()) if len(places) > 1]
    lonely = [name for name, places in sorted(drawn.items()) if len(places) == 1]
    return several + ([(tuple(lonely), [drawn[name][0] for name in lonely])] if lonely else [])


def _interval(
    rate: float | None, variance: float | None, df: int, observed: int, places: int
) -> tuple[float | None, float | None, float | None, float | None]:
    """low, high, standard error, design effect."""
    if rate is None or variance is None:
        return None, None, None, None
    if not 0 < rate < 1 or variance <= 0:
        low, high = _wilson(rate, places)  # all alike: places are what there is
        return (low, high, 0.0, None) if variance <= 0 and not 0 < rate < 1 else (rate, rate, 0.0, None)
    se, inside = math.sqrt(variance), rate * (1 - rate)
    reach = student_quantile(0.5 + CONFIDENCE / 2, df) * se / inside
    logit = math.log(rate / (1 - rate))
    low, high = (1 / (1 + math.exp(-(logit + step))) for step in (-min(reach, 50), min(reach, 50)))
    return low, high, se, variance / (inside / observed) if observed else None


def _wilson(rate: float, n: int) -> tuple[float, float]:
    """Wilson's interval with places in the part of observations; wide, as nothing is known of the spread."""
    z = NormalDist().inv_cdf(0.5 + CONFIDENCE / 2)
    middle, half = (rate + z * z / (2 * n)), z * math.sqrt(rate * (1 - rate) / n + z * z / (4 * n * n))
    return max(0.0, (middle - half) / (1 + z * z / n)), min(1.0, (middle + half) / (1 + z * z / n))


def student_quantile(share: float, df: int) -> float:
    """Quantile of Student's t (0.5 <= share < 1), by G. W. Hill, Algorithm 396, CACM 13 (1970); exact for df 1 and 2."""
    if df < 1 or not 0.5 <= share < 1:
        raise ValueError("df >= 1 and 0.5 <= share < 1")
    tails = 2 * (1 - share)
    if df == 1:
        return math.cos(tails * math.pi / 2) / math.sin(tails * math.pi / 2)
    if df == 2:
        return math.sqrt(2 / (tails * (2 - tails)) - 2)
    a = 1 / (df - 0.5)
    b = 48 / (a * a)
    c = ((20700 * a / b - 98) * a - 16) * a + 96.36
    d = ((94.5 / (b + c) - 3) / b + 1) * math.sqrt(a * math.pi / 2) * df
    y = (d * tails) ** (2 / df)
    if y > 0.05 + a:
        return _hill_middle(tails, df, a, b, c, d)
    y = ((1 / (((df + 6) / (df * y) - 0.089 * d - 0.822) * (df + 2) * 3) + 0.5 / (df + 4)) * y - 1) * (df + 1) / (
        df + 2
    ) + 1 / y
    return math.sqrt(df * y)


def _hill_middle(tails: float, df: int, a: float, b: float, c: float, d: float) -> float:
    x = NormalDist().inv_cdf(tails / 2)
    y = x * x
    if df < 5:
        c += 0.3 * (df - 4.5) * (x + 0.6)
    c = (((0.05 * d * x - 5) * x - 7) * x - 2) * x + b + c
    y = (((((0.4 * y + 6.3) * y + 36) * y + 94.5) / c - y - 3) / b + 1) * x
    return math.sqrt(df * math.expm1(a * y * y))


class Dimension(StrEnum):
    """By what a rate is split."""

    METHOD = "method"
    ITEM = "item"
    TYPE = "type"
    STREET = "street"


def rates_by(
    dimension: str,
    rows: Sequence[Observed],
    *,
    population: Mapping[str, int],
    drawn: Mapping[str, Sequence[int]],
) -> dict[str, Rate]:
    """name -> rate of one dimension, names in order; missing facilities take the mean of the whole examination."""
    means = peers(rows)
    split: dict[str, list[Observed]] = defaultdict(list)
    for row in rows:
        split[(row.groups or {}).get(dimension, "")].append(row)
    return {name: score_rate(split[name], population=population, drawn=drawn, means=means) for name in sorted(split)}


@dataclass(frozen=True)
class Shared:
    """Two looks at one criterion over the places where both saw something: a hint for training, about the criterion."""

    criterion: str
    both: int
    same: int


def shared_view(pairs: Iterable[tuple[str, str, str]]) -> tuple[Shared, ...]:
    """(criterion, first, second) -> agreement by criterion, least agreed first; looks that saw nothing are left out."""
    both: dict[str, int] = defaultdict(int)
    same: dict[str, int] = defaultdict(int)
    for criterion, first, second in pairs:
        if UNSEEN not in (first, second):
            both[criterion] += 1
            same[criterion] += first == second
    found = [Shared(criterion, both[criterion], same[criterion]) for criterion in both]
    return tuple(sorted(found, key=lambda one: (one.same / one.both, -one.both, one.criterion)))
