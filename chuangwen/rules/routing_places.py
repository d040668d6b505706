"""The ground that routing stands on: units, areas, whose home a place is. Trees are checked before they are walked."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final, TypeVar

from chuangwen.rules.deadlines import WorkCalendar

HOME_LEVELS: Final = ("street", "community", "grid")
NOT_BY_HOME: Final = "compound"  # several compounds share a unit at home, so the unit does not tell the compound


@dataclass(frozen=True)
class UnitFact:
    """A unit: code, name, kind (street, community, grid or anything else), the unit above."""

    code: str
    name: str
    kind: str = ""
    parent: str = ""
    active: bool = True


@dataclass(frozen=True)
class AreaFact:
    """A piece of ground: code, name, kind, the area above, the unit at home there."""

    code: str
    name: str
    kind: str = ""
    parent: str = ""
    unit: str = ""


F = TypeVar("F", UnitFact, AreaFact)


@dataclass(frozen=True)
class Atlas:
    """Units and areas by code, the working calendar, and `words` for codes of point types and sources.

    Walks up the trees are kept, so that many cases are quick.
    """

    units: Mapping[str, UnitFact]
    areas: Mapping[str, AreaFact]
    calendar: WorkCalendar
    words: Mapping[str, str] = field(default_factory=dict)
    _above: dict[str, frozenset[str]] = field(default_factory=dict, repr=False, compare=False)
    _lying: dict[tuple[str, str], frozenset[str]] = field(default_factory=dict, repr=False, compare=False)
    _by_unit: dict[str, tuple[str, ...]] = field(default_factory=dict, repr=False, compare=False)

    def unit_chain(self, code: str) -> tuple[UnitFact, ...]:
        """A unit and everything above it, from below."""
        return tuple(_up(code, self.units))

    def above(self, unit: str) -> frozenset[str]:
        """The codes of a unit and of everything above it."""
        if unit not in self._above:
            self._above[unit] = frozenset(fact.code for fact in self.unit_chain(unit))
        return self._above[unit]

    def area_chain(self, code: str) -> tuple[AreaFact, ...]:
        """An area and everything above it, from below."""
        return tuple(_up(code, self.areas))

    def areas_at(self, area: str, home: str) -> frozenset[str]:
        """Codes of all areas in which a place lies: its own area and those above, and the areas of the units at home.

        A place that belongs to no area is found by its unit at home; compounds are not, see NOT_BY_HOME.
        """
        key = (area, home)
        if key not in self._lying:
            own = {fact.code for fact in self.area_chain(area)}
            by_home = {code for unit in self.unit_chain(home) for code in self._of_unit(unit.code)}
            self._lying[key] = frozenset(own | by_home)
        return self._lying[key]

    def _of_unit(self, unit: str) -> tuple[str, ...]:
        if not self._by_unit:
            for fact in self.areas.values():
                if fact.kind != NOT_BY_HOME:
                    self._by_unit[fact.unit] = (*self._by_unit.get(fact.unit, ()), fact.code)
        return self._by_unit.get(unit, ())

    def home_at(self, level: str, area: str, home: str) -> str:
        """The code of the unit at home at a level: by the area's own tree first, then by the tree of units; "" for none."""
        for fact in self.area_chain(area):
            if fact.kind == level and fact.unit:
                return fact.unit
        return next((unit.code for unit in self.unit_chain(home) if unit.kind == level), "")

    def below(self, area: str, branch: str) -> bool:
        """Whether an area is this branch or lies in it."""
        return any(fact.code == branch for fact in self.area_chain(area))

    def name_of(self, unit: str) -> str:
        """What a unit is called; its code when it is not known."""
        found = self.units.get(unit)
        return found.name if found else unit


def _up(code: str, facts: Mapping[str, F]) -> Iterator[F]:
    seen: set[str] = set()
    while code in facts and code not in seen:
        seen.add(code)
        yield facts[code]
        code = facts[code].parent


def cycles(parents: Mapping[str, str]) -> tuple[tuple[str, ...], ...]:
    """Every circle in a tree that is given as code -> code above; each begins with its smallest code."""
    found: set[tuple[str, ...]] = set()
    for start in sorted(parents):
        path: list[str] = []
        code = start
        while code in parents and code not in path:
            path.append(code)
            code = parents[code]
        if code in path:
            circle = path[path.index(code) :]
            first = circle.index(min(circle))
            found.add((*circle[first:], *circle[:first]))
    return tuple(sorted(found))


def tree_objections(units: Iterable[UnitFact], areas: Iterable[AreaFact]) -> tuple[str, ...]:
    """What is wrong with units and areas as a file gives them: circles, unknown codes above, unknown units at home."""
    unit_parents = {unit.code: unit.parent for unit in units}
    known = {area.code: area for area in areas}
    said = [f"单位的上级绕成了圈：{' → '.join((*circle, circle[0]))}。" for circle in cycles(unit_parents)]
    said += [
        f"单位“{code}”的上级“{parent}”不在单位表里。"
        for code, parent in unit_parents.items()
        if parent and parent not in unit_parents
    ]
    area_parents = {code: area.parent for code, area in known.items()}
    said += [f"区域的上级绕成了圈：{' → '.join((*circle, circle[0]))}。" for circle in cycles(area_parents)]
    for code, area in known.items():
        if area.parent and area.parent not in known:
            said.append(f"区域“{code}”的上级“{area.parent}”不在区域表里。")
        if area.unit and area.unit not in unit_parents:
            said.append(f"区域“{code}”的属地单位“{area.unit}”不在单位表里。")
    return tuple(said)
