"""Replay: what a draft set would have suggested for cases of the past, against the set in force and against what became.

Only rules are compared; the suggestion from the past is left out, because it looks at the very cases it would explain.
Areas and units are those of today: a past case is judged by where its place lies now.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from chuangwen.rules.routing import CaseFacts, RoutingRule, pick
from chuangwen.rules.routing_places import Atlas


@dataclass(frozen=True)
class Outcome:
    """One case: the draft's rule and unit, the unit by the set in force, the unit that really had it. "": none.

    `differs`: the draft names another unit than the one that really had the case. Nothing to say is no difference, nor is a
    case that the named unit passed down its own branch.
    """

    key: str
    place: int
    draft: str
    now: str
    real: str
    differs: bool = False

    @property
    def moves(self) -> bool:
        """The draft says something else than the set in force."""
        return self.draft != self.now


@dataclass(frozen=True)
class UnitRow:
    """One unit: how many cases by the set in force, by the draft, and really; "" is: no rule decides."""

    unit: str
    now: int
    draft: int
    real: int


@dataclass(frozen=True)
class Tally:
    """The figures of a replay."""

    cases: int
    moved: int
    differing: int
    undecided: int
    undecided_now: int
    units: tuple[UnitRow, ...]
    rules: tuple[int, ...]  # how many cases each rule of the draft decides, in order


def replayed(
    cases: Iterable[tuple[CaseFacts, str]],
    *,
    draft: Sequence[RoutingRule],
    in_force: Sequence[RoutingRule],
    atlas: Atlas,
) -> Iterator[Outcome]:
    """Each case with the unit that really had it, judged by both sets."""
    for case, real in cases:
        place, unit = pick(draft, case, atlas)
        differs = bool(unit and real) and unit not in atlas.above(real)
        yield Outcome(case.key, place, unit, pick(in_force, case, atlas)[1], real, differs)


class Counting:
    """Adds outcomes up, so that a long replay can be counted piece by piece."""

    def __init__(self, rules: int) -> None:
        self.cases = self.moved = self.differing = 0
        self.by: dict[str, Counter[str]] = {name: Counter() for name in ("now", "draft", "real")}
        self.rules = [0] * rules

    def add(self, outcome: Outcome) -> None:
        """One more case."""
        self.cases += 1
        self.moved += outcome.moves
        self.differing += outcome.differs
        for name, counter in self.by.items():
            counter[getattr(outcome, name)] += 1
        if outcome.place:
            self.rules[outcome.place - 1] += 1

    def tally(self) -> Tally:
        """The figures so far; units with the largest change first."""
        now, draft, real = self.by["now"], self.by["draft"], self.by["real"]
        codes = {*now, *draft, *real} - {""}
        rows = [UnitRow(code, now[code], draft[code], real[code]) for code in codes]
        rows.sort(key=lambda row: (-abs(row.draft - row.now), -row.draft, row.unit))
        return Tally(self.cases, self.moved, self.differing, draft[""], now[""], tuple(rows), tuple(self.rules))


def tally_of(outcomes: Iterable[Outcome], rules: int) -> Tally:
    """The figures of a whole replay."""
    counting = Counting(rules)
    for outcome in outcomes:
        counting.add(outcome)
    return counting.tally()


def as_facts(tally: Tally) -> dict[str, object]:
    """The figures as they are stored."""
    return {
        "cases": tally.cases, "moved": tally.moved, "differing": tally.differing, "undecided": tally.undecided,
        "undecided_now": tally.undecided_now, "rules": list(tally.rules),
        "units": [[row.unit, row.now, row.draft, row.real] for row in tally.units],
    }  # fmt: skip


def from_facts(facts: Mapping[str, object]) -> Tally:
    """The figures as they were stored."""
    known = dict(facts)
    units, rules = known.pop("units"), known.pop("rules")
    assert isinstance(units, list)
    assert isinstance(rules, list)
    numbers = {name: int(str(value)) for name, value in known.items()}
    return Tally(units=tuple(UnitRow(*row) for row in units), rules=tuple(rules), **numbers)
