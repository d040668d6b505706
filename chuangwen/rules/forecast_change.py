"""Why two forecasts differ: points of the total by cause, adding up exactly to the difference of the means.

Methods add up by themselves (weight times rate). The field is parted by one forecast in between: today's settings on
the observations of then. What lies between then and it came from the settings, the rest from new observations. Order
matters in such a parting (settings first); it is stated, not hidden.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from chuangwen.rules.edition_fields import MethodKind

OBSERVATIONS: Final = "observations"
SETTINGS: Final = "settings"
FIELD: Final = "field"
VETO: Final = "veto"


@dataclass(frozen=True)
class Standing:
    """A forecast as far as its mean goes: weights (sum 100), mean rates of the methods (0 to 100), mean total."""

    total: float
    weights: Mapping[str, float]
    rates: Mapping[str, float]

    def points(self, kind: str) -> float:
        """What a method gives to the total."""
        return self.weights.get(kind, 0.0) * self.rates.get(kind, 0.0) / 100

    @property
    def veto(self) -> float:
        """What red lines are expected to cost, as a figure at or below zero."""
        return self.total - sum(self.points(kind) for kind in self.rates)


@dataclass(frozen=True)
class Part:
    """One cause and its points of the total."""

    cause: str
    points: float


def standing_of(total: Mapping[str, float], methods: Mapping[str, Mapping[str, float]]) -> Standing:
    """From the JSON of a forecast."""
    return Standing(
        total["mean"],
        {kind: share["weight"] for kind, share in methods.items()},
        {kind: share["mean"] for kind, share in methods.items()},
    )


def parts_of(before: Standing, after: Standing, between: float | None = None) -> tuple[Part, ...]:
    """The causes, the largest first. `between`: mean field rate (0 to 100) with today's settings on yesterday's
    observations; without it the field is one cause.
    """
    found: dict[str, float] = {VETO: after.veto - before.veto}
    for kind in sorted({*before.rates, *after.rates}):
        found[kind] = after.points(kind) - before.points(kind)
    whole = found.pop(MethodKind.FIELD.value, 0.0)
    if between is None:
        found[FIELD] = whole
    else:
        middle = after.weights.get(MethodKind.FIELD.value, 0.0) * between / 100
        found[SETTINGS] = middle - before.points(MethodKind.FIELD.value)
        found[OBSERVATIONS] = after.points(MethodKind.FIELD.value) - middle
    return tuple(Part(cause, points) for cause, points in sorted(found.items(), key=lambda one: (-abs(one[1]), one[0])))


def as_rows(parts: tuple[Part, ...]) -> list[dict[str, Any]]:
    """Plain rows to keep."""
    return [{"cause": part.cause, "points": round(part.points, 6)} for part in parts]
