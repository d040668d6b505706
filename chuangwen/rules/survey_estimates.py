"""What weighted answers say of everybody: shares with 95 % intervals, by street with borrowed strength, and change.

Intervals: E. B. Wilson (JASA 22, 1927) over the effective number of answers (Kish); differences: R. G. Newcombe,
Statistics in Medicine 17 (1998) 873-890, method 10; streets: Fay and Herriot (rules/small_area.py), each street's
sampling variance taken from the share of all streets together, so that a street where everybody agrees has one too.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from chuangwen.rules.raking import effective_size
from chuangwen.rules.small_area import fay_herriot

Z95 = 1.959963984540054
FEWEST_STREETS = 3


@dataclass(frozen=True)
class Voice:
    """One answer to one question: whether it counts as yes, its weight and street."""

    yes: bool
    weight: float
    street: str = ""


@dataclass(frozen=True)
class Share:
    """A share with its 95 % interval; `respondents` as counted, `effective` as they tell."""

    rate: float
    low: float
    high: float
    respondents: int
    effective: float


@dataclass(frozen=True)
class StreetShare:
    """`direct`: from this street's answers alone; `rate`, `low`, `high`: after borrowing from the others; `kept`: how
    much of the own figure is in it (0 to 1).
    """

    street: str
    direct: float
    rate: float
    low: float
    high: float
    respondents: int
    kept: float


@dataclass(frozen=True)
class Change:
    """The difference to the wave before, in shares, with its 95 % interval."""

    difference: float
    low: float
    high: float

    @property
    def certain(self) -> bool:
        """Whether the interval leaves out nought."""
        return self.low > 0 or self.high < 0


def wilson_share(rate: float, size: float) -> tuple[float, float]:
    """Wilson's interval of a share for a size that need not be whole."""
    if size <= 0:
        return 0.0, 1.0
    centre = (rate + Z95**2 / (2 * size)) / (1 + Z95**2 / size)
    half = Z95 / (1 + Z95**2 / size) * math.sqrt(rate * (1 - rate) / size + Z95**2 / (4 * size**2))
    return max(0.0, min(centre - half, rate)), min(1.0, max(centre + half, rate))


def share_of(voices: Sequence[Voice]) -> Share | None:
    """The weighted share of yes; None where nobody answered."""
    if not voices:
        return None
    weights = [voice.weight for voice in voices]
    rate = min(1.0, math.fsum(voice.weight for voice in voices if voice.yes) / math.fsum(weights))
    size = effective_size(weights)
    return Share(rate, *wilson_share(rate, size), len(voices), size)


def shares_by_street(voices: Sequence[Voice]) -> tuple[StreetShare, ...]:
    """One line a street that has answers, by name. Under three streets each stands for itself."""
    whole = share_of(voices)
    if whole is None:
        return ()
    streets: dict[str, list[Voice]] = {}
    for voice in voices:
        streets.setdefault(voice.street, []).append(voice)
    direct = {street: found for street in sorted(streets) if (found := share_of(streets[street])) is not None}
    if len(direct) < FEWEST_STREETS:
        return tuple(
            StreetShare(street, one.rate, one.rate, one.low, one.high, one.respondents, 1.0)
            for street, one in direct.items()
        )
    return _borrowed(direct, whole)


def _borrowed(direct: Mapping[str, Share], whole: Share) -> tuple[StreetShare, ...]:
    pooled = (whole.rate * whole.effective + 1) / (whole.effective + 2)  # never nought or one
    own = np.array([one.rate for one in direct.values()])
    variances = np.array([pooled * (1 - pooled) / one.effective for one in direct.values()])
    fit = fay_herriot(list(own), list(variances), [[1.0]] * len(direct))
    rates, errors, keeps = np.array(fit.estimates), np.array(fit.mse), np.array(fit.weights)
    if fit.variance == 0:
        rates, errors, keeps = _never_nought(own, variances)
    lines = []
    for (street, one), rate, mse, kept in zip(direct.items(), rates, errors, keeps, strict=True):
        shown = min(1.0, max(0.0, float(rate)))
        half = Z95 * math.sqrt(max(0.0, float(mse)))
        low, high = max(0.0, shown - half), min(1.0, shown + half)
        lines.append(StreetShare(street, one.rate, shown, low, high, one.respondents, float(kept)))
    return tuple(lines)


Array = NDArray[np.float64]


def _never_nought(own: Array, variances: Array) -> tuple[Array, Array, Array]:
    """Where the variance between streets comes out as nought, every street would be given the mean, and the street with
    the most answers the widest interval. The adjusted likelihood of H. Li and P. Lahiri (Journal of Multivariate
    Analysis 101, 2010, 882-892) multiplies it by the variance itself, so its maximum lies above nought.
    """
    tried = np.geomspace(1e-6, 1.0, 400)
    inverse = 1 / (tried[:, None] + variances)
    means = (inverse * own).sum(axis=1) / inverse.sum(axis=1)
    squares = (inverse * (own - means[:, None]) ** 2).sum(axis=1)
    likelihood = np.log(tried) + 0.5 * np.log(inverse).sum(axis=1) - 0.5 * squares
    best = int(np.argmax(likelihood))
    at, mean = inverse[best], means[best]
    keep = tried[best] * at
    g1, g2 = keep * variances, (1 - keep) ** 2 / at.sum()
    g3 = variances**2 * at**3 * (2 / (at**2).sum())
    return mean + keep * (own - mean), g1 + g2 + 2 * g3, keep


def change(now: Share, before: Share) -> Change:
    """How far a share moved between two independent waves."""
    difference = now.rate - before.rate
    down = math.hypot(now.rate - now.low, before.high - before.rate)
    up = math.hypot(now.high - now.rate, before.rate - before.low)
    return Change(difference, max(-1.0, difference - down), min(1.0, difference + up))


def shown_cells(sizes: Mapping[str, int], least: int) -> frozenset[str]:
    """Cells large enough to be shown. Where a single one would be hidden, the next smallest goes too: otherwise the
    total gives it away.
    """
    small = {name for name, size in sizes.items() if size < least}
    if len(small) == 1 and len(sizes) > 1:
        rest = sorted((size, name) for name, size in sizes.items() if name not in small)
        small.add(rest[0][1])
    return frozenset(sizes) - small
