"""Tail probabilities in plain Python, and how many surprises a long list may hold by chance alone."""

from collections.abc import Sequence
from math import exp, lgamma, log

_TINY = 1e-300


def at_most(chances: Sequence[float], hits: int) -> float:
    """P(at most `hits` of these independent events happen): the Poisson-binomial distribution, exactly.

    The table of probabilities is cut after `hits`, so the cost is len(chances) times hits.
    """
    if hits < 0:
        return 0.0
    if hits >= len(chances):
        return 1.0
    table = [1.0, *([0.0] * hits)]
    for chance in chances:
        for count in range(hits, 0, -1):
            table[count] = table[count] * (1 - chance) + table[count - 1] * chance
        table[0] *= 1 - chance
    return min(1.0, sum(table))


def student_below(t: float, freedom: float) -> float:
    """P(T <= t) of Student's distribution with so many (not necessarily whole) degrees of freedom."""
    half = _beta_share(freedom / (freedom + t * t), freedom / 2, 0.5) / 2
    return half if t <= 0 else 1 - half


def _beta_share(x: float, a: float, b: float) -> float:
    """The regularised incomplete beta function by Lentz's continued fraction (DLMF 8.17.22)."""
    if x <= 0 or x >= 1:
        return 0.0 if x <= 0 else 1.0
    if x > (a + 1) / (a + b + 2):
        return 1 - _beta_share(1 - x, b, a)
    front = exp(lgamma(a + b) - lgamma(a) - lgamma(b) + a * log(x) + b * log(1 - x)) / a
    d = 1 / max(abs(1 - (a + b) * x / (a + 1)), _TINY)
    c, fraction = 1.0, d
    for m in range(1, 300):
        before = fraction
        for step in (
            m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m)),
            -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1)),
        ):
            d = 1 / ((1 + step * d) or _TINY)
            c = (1 + step / c) or _TINY
            fraction *= c * d
        if abs(fraction - before) < 1e-12 * abs(fraction):
            break
    return min(1.0, front * fraction)


def false_discovery(chances: Sequence[float]) -> list[float]:
    """The q-value of each p-value: flagging all with q <= level keeps the expected share of false flags below it.

    Benjamini and Hochberg, J R Stat Soc B 57 (1995) 289-300; it also holds for the discrete, therefore cautious,
    p-values of counts.
    """
    order = sorted(range(len(chances)), key=lambda place: chances[place], reverse=True)
    least, found = 1.0, [1.0] * len(chances)
    for rank, place in zip(range(len(chances), 0, -1), order, strict=True):
        least = min(least, chances[place] * len(chances) / rank)
        found[place] = least
    return found
