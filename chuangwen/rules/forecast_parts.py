"""What a forecast takes from elsewhere: strictness from past pairs, material and questionnaire as they stand.

Each figure says how unsure it is; the constants below are stated assumptions, named in the guide.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import log, sqrt
from typing import Final

from chuangwen.rules.forecast_plan import MethodScore, Strictness

HANGS_TOGETHER: Final = 4.0
"""Checks of one place and day rise and fall together: so many count as one (design effect, Kish 1965)."""
_TRUST: Final = 2.0
_EXAMINERS_SEE: Final = 3.0  # points: accepted by us is not yet accepted by them
_Z95: Final = 1.96


@dataclass(frozen=True)
class Pair:
    """One past examination and our own look at the same time: score rates 0 to 100 and numbers of checks."""

    ours: float
    our_checks: int
    theirs: float
    their_checks: int

    @property
    def difference(self) -> float:
        """Theirs minus ours in log-odds: below zero they were stricter."""
        return _odds(self.theirs, self.their_checks) - _odds(self.ours, self.our_checks)

    @property
    def variance(self) -> float:
        """Of the difference, by chance alone."""
        return _variance(self.theirs, self.their_checks) + _variance(self.ours, self.our_checks)


def _share(rate: float, checks: int) -> float:
    return (rate / 100 * checks + 0.5) / (checks + 1)


def _odds(rate: float, checks: int) -> float:
    share = _share(rate, checks)
    return log(share / (1 - share))


def _variance(rate: float, checks: int) -> float:
    share = _share(rate, checks)
    return HANGS_TOGETHER / (checks * share * (1 - share))


def strictness_from(pairs: Sequence[Pair]) -> Strictness | None:
    """The examiners' strictness from past pairs, drawn to "as strict as we" (sd 0.3) as far as pairs are few.

    Normal-normal: every pair's difference is the lasting strictness, plus what that round's teams were apart from it,
    plus chance. None without pairs.
    """
    if not pairs:
        return None
    prior = Strictness()
    round_variance = prior.round_sd**2
    mean, precision = _pooled(pairs, prior, round_variance)
    if len(pairs) > 1:
        beyond = sum(max((pair.difference - mean) ** 2 - pair.variance, 0.0) for pair in pairs)
        round_variance = (_TRUST * round_variance + beyond) / (_TRUST + len(pairs) - 1)
        mean, precision = _pooled(pairs, prior, round_variance)
    return Strictness(mean, sqrt(1 / precision), sqrt(round_variance))


def _pooled(pairs: Sequence[Pair], prior: Strictness, round_variance: float) -> tuple[float, float]:
    weights = [1 / (pair.variance + round_variance) for pair in pairs]
    precision = 1 / prior.sd**2 + sum(weights)
    told = sum(weight * pair.difference for weight, pair in zip(weights, pairs, strict=True))
    return (prior.mean / prior.sd**2 + told) / precision, precision


def material_score(*, required: int, accepted: int, in_review: int) -> MethodScore | None:
    """The material as it stands today: accepted counts, what is in review counts half, the rest nothing.

    None when nothing is required yet. What will still be handed in is not guessed.
    """
    if required <= 0:
        return None
    value = 100 * (accepted + in_review / 2) / required
    return MethodScore(min(value, 100.0), sqrt((100 * sqrt(in_review) / 2 / required) ** 2 + _EXAMINERS_SEE**2))


def questionnaire_score(rates: Sequence[tuple[float, float, float]]) -> MethodScore | None:
    """The mean of (rate, low, high) over the questions, 0 to 1 with 95 % intervals.

    The same people answer all questions, so errors do not cancel: the error of the mean is the mean of the errors.
    """
    if not rates:
        return None
    errors = [(high - low) / 2 / _Z95 for _, low, high in rates]
    return MethodScore(100 * sum(rate for rate, _, _ in rates) / len(rates), 100 * sum(errors) / len(errors))
