"""How far two looks at the same thing agree: about the clarity of a criterion, never about a person.

Which coefficient. A re-check draws from what passed, so the first verdict is nearly always the same. Cohen's kappa is
zero or undefined as soon as one side is constant, however well both agree (the "kappa paradox": Feinstein and
Cicchetti, J Clin Epidemiol 43, 1990). Gwet's AC1 (Br J Math Stat Psychol 61, 2008, 29-48) keeps its meaning there, so
AC1 is the one that is shown; kappa stays for those who ask for it. The interval is Wilson's (J Am Stat Assoc 22, 1927)
for the plain share of agreement, which holds its level for few and for extreme shares.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import sqrt

Z95 = 1.959964


def wilson(hits: int, n: int, z: float = Z95) -> tuple[float, float]:
    """Wilson's interval of a share; (0, 1) when nothing was seen."""
    if n == 0:
        return 0.0, 1.0
    share, z2 = hits / n, z * z
    middle = (share + z2 / (2 * n)) / (1 + z2 / n)
    half = z / (1 + z2 / n) * sqrt(share * (1 - share) / n + z2 / (4 * n * n))
    low = 0.0 if hits == 0 else max(0.0, middle - half)
    high = 1.0 if hits == n else min(1.0, middle + half)
    return low, high


@dataclass(frozen=True)
class Agreement:
    """n pairs of verdicts, how many agree, their share with Wilson's interval, AC1 and kappa (None: undefined)."""

    n: int
    agreed: int
    low: float
    high: float
    ac1: float | None
    kappa: float | None

    @property
    def share(self) -> float | None:
        """The plain share of agreement."""
        return self.agreed / self.n if self.n else None


Pairs = Mapping[tuple[str, str], int]  # (first verdict, second verdict) -> how often


def agreement(pairs: Pairs, categories: Sequence[str] = ("pass", "fail", "na")) -> Agreement:
    """The agreement of a table of verdict pairs over these categories."""
    n = sum(pairs.values())
    agreed = sum(count for (one, other), count in pairs.items() if one == other)
    low, high = wilson(agreed, n)
    if n == 0:
        return Agreement(0, 0, low, high, None, None)
    first, second = _margins(pairs)
    observed = agreed / n
    mean = [(first[name] + second[name]) / (2 * n) for name in categories]
    by_chance = sum(share * (1 - share) for share in mean) / (len(categories) - 1)
    expected = sum(first[name] * second[name] for name in categories) / (n * n)
    kappa = (observed - expected) / (1 - expected) if expected < 1 else None
    return Agreement(n, agreed, low, high, (observed - by_chance) / (1 - by_chance), kappa)


def _margins(pairs: Pairs) -> tuple[Counter[str], Counter[str]]:
    first: Counter[str] = Counter()
    second: Counter[str] = Counter()
    for (one, other), count in pairs.items():
        first[one] += count
        second[other] += count
    return first, second
