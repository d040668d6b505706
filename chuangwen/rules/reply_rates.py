"""Rates of what residents judged, with intervals, and scores by formulas that are data.

Intervals: Wilson (1927). Units are listed by name; a rate of few answers says so, and nothing is ordered by volume.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import sqrt

from chuangwen.rules.refusals import BadInput

Z = 1.959964  # 95 %
FEW = 5  # answers: below, no score is worked out
RATES: Mapping[str, str] = {"responded": "响应率", "solved": "解决率", "satisfied": "满意率", "on_time": "按时办结率"}
_KINDS = {"weighted": ("weight",), "line": ("full", "from", "slope", "floor")}


@dataclass(frozen=True)
class Rate:
    """So many of so many, and between which shares the true one lies with 95 % confidence."""

    yes: int
    of: int

    @property
    def share(self) -> float | None:
        """None where nobody answered."""
        return self.yes / self.of if self.of else None

    @property
    def interval(self) -> tuple[float, float]:
        """Low and high; all that is possible where nobody answered."""
        if not self.of:
            return 0.0, 1.0
        share, n = self.yes / self.of, self.of
        middle, half = share + Z * Z / (2 * n), Z * sqrt(share * (1 - share) / n + Z * Z / (4 * n * n))
        whole = 1 + Z * Z / n
        return max(0.0, (middle - half) / whole), min(1.0, (middle + half) / whole)


@dataclass(frozen=True)
class Part:
    """One rate's part in a score."""

    rate: str
    numbers: Mapping[str, float]


@dataclass(frozen=True)
class Formula:
    """How rates become a score, and where that comes from."""

    name: str
    title: str
    source: str
    kind: str
    parts: tuple[Part, ...]

    def marks(self, part: Part, percent: float) -> float:
        """The marks of a rate in per cent."""
        numbers = part.numbers
        if self.kind == "weighted":
            return percent * numbers["weight"]
        lost = max(0.0, numbers["from"] - percent) * numbers["slope"]
        return max(numbers["floor"], numbers["full"] - lost)

    def score(self, rates: Mapping[str, Rate]) -> float | None:
        """All parts together; None where a rate has too few answers to say anything."""
        marks = []
        for part in self.parts:
            rate = rates.get(part.rate, Rate(0, 0))
            if rate.share is None or rate.of < FEW:
                return None
            marks.append(self.marks(part, 100 * rate.share))
        return sum(marks)


def read_formulas(table: Mapping[str, object]) -> tuple[Formula, ...]:
    """The formulas of a parsed file; refuses with every objection."""
    found, objections = [], []
    rows = table.get("formula", [])
    for row in rows if isinstance(rows, list) else []:
        wanted = _KINDS.get(row.get("kind", ""))
        if wanted is None:
            objections.append(f"公式“{row.get('name', '')}”的 kind 不认识，请写 {' 或 '.join(_KINDS)}。")
            continue
        for part in row.get("parts", []):
            missing = [name for name in wanted if not isinstance(part.get(name), int | float)]
            if part.get("rate") not in RATES or missing:
                objections.append(f"公式“{row['name']}”的一项缺 {'、'.join(missing) or 'rate'}，或率的名字不认识。")
        if not objections:
            parts = tuple(Part(part["rate"], {name: float(part[name]) for name in wanted}) for part in row["parts"])
            found.append(Formula(row["name"], row["title"], row["source"], row["kind"], parts))
    if objections:
        raise BadInput(objections)
    return tuple(found)


@dataclass(frozen=True)
class UnitRates:
    """What residents judged of one unit."""

    unit: str
    rates: Mapping[str, Rate]
    scores: Mapping[str, float | None]


def by_unit(judged: Mapping[str, Mapping[str, Rate]], formulas: Sequence[Formula]) -> tuple[UnitRates, ...]:
    """Units by name, each with its rates and scores."""
    return tuple(
        UnitRates(unit, rates, {formula.name: formula.score(rates) for formula in formulas})
        for unit, rates in sorted(judged.items())
    )
