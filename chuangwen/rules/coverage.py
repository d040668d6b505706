"""Coverage of a dragnet check: which places are done, which are left, which could not be entered, and how it went on.

A place is done by a finished visit in the window at which every must-check criterion was judged (合格、不合格 or 不适用),
whoever's patrol it was. A place that could not be entered is not done; a later visit makes it so. Each place is in
exactly one state, so done + left + unreachable is all of them, for the whole and for each unit.
"""

from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import TypeVar

from chuangwen.rules.refusals import Refused

K = TypeVar("K", bound=Hashable)


class SiteState(StrEnum):
    """The state of one place in a dragnet check."""

    DONE = "done"
    LEFT = "left"
    UNREACHABLE = "unreachable"

    @property
    def label(self) -> str:
        """The Chinese word."""
        return {"done": "已查", "left": "未查", "unreachable": "进不去"}[self.value]


@dataclass(frozen=True)
class VisitFact:
    """A visit as far as coverage cares: when it was finished (None: not yet) and the criteria judged at it."""

    finished_at: datetime | None
    judged: frozenset[int]


def covered_at(visits: Iterable[VisitFact], must: frozenset[int], opens: datetime, closes: datetime) -> datetime | None:
    """When the place was first covered; None while it is not. The window is half open: [opens, closes).

    A place for which nothing must be checked is covered by nothing: otherwise an empty list would look like work.
    """
    if not must:
        return None
    moments = [
        visit.finished_at
        for visit in visits
        if visit.finished_at is not None and opens <= visit.finished_at < closes and must <= visit.judged
    ]
    return min(moments, default=None)


def site_state(*, covered: bool, unreachable: bool) -> SiteState:
    """Done wins: whoever came back and got in has done the place."""
    if covered:
        return SiteState.DONE
    return SiteState.UNREACHABLE if unreachable else SiteState.LEFT


@dataclass(frozen=True)
class Coverage:
    """How many places are in each state."""

    done: int = 0
    left: int = 0
    unreachable: int = 0

    @property
    def total(self) -> int:
        """All places."""
        return self.done + self.left + self.unreachable

    @property
    def rate(self) -> float | None:
        """The share that is done; unreachable places count as not done. None of nothing."""
        return self.done / self.total if self.total else None

    def __add__(self, other: "Coverage") -> "Coverage":
        return Coverage(self.done + other.done, self.left + other.left, self.unreachable + other.unreachable)


def tally(states: Iterable[SiteState]) -> Coverage:
    """The states of some places, counted."""
    counts = dict.fromkeys(SiteState, 0)
    for state in states:
        counts[state] += 1
    return Coverage(counts[SiteState.DONE], counts[SiteState.LEFT], counts[SiteState.UNREACHABLE])


def tally_by(pairs: Iterable[tuple[K, SiteState]]) -> dict[K, Coverage]:
    """The same for each key, in the order in which keys first appear; the parts add up to the whole."""
    groups: dict[K, list[SiteState]] = {}
    for key, state in pairs:
        groups.setdefault(key, []).append(state)
    return {key: tally(states) for key, states in groups.items()}


@dataclass(frozen=True)
class DayLine:
    """The end of one day, all counts since the start. `done` is None for days that have not come."""

    day: date
    planned: int
    done: int | None
    even: float


def curve(
    days: Sequence[date], *, planned: Iterable[date | None], done: Iterable[date | None], total: int, today: date
) -> list[DayLine]:
    """Planned against done, day by day. `planned`, `done`: for each place the first day it was planned for or covered.

    `even` is where a steady pace would be. What lies before the first day counts on the first day.
    """
    arranged, covered = sorted(filter(None, planned)), sorted(filter(None, done))
    return [
        DayLine(
            day=day,
            planned=sum(1 for each in arranged if each <= day),
            done=sum(1 for each in covered if each <= day) if day <= today else None,
            even=round(total * number / len(days), 1),
        )
        for number, day in enumerate(days, start=1)
    ]


@dataclass(frozen=True)
class DealtRound:
    """One person's places on one day, in walking order."""

    day: date
    person: int
    places: tuple[int, ...]


def deal(places: Sequence[int], *, people: Sequence[int], a_day: int, days: Sequence[date]) -> list[DealtRound]:
    """Share places in walking order among people: neighbours stay together, at most `a_day` for one person a day.

    Every place is dealt once. Refuses when the days are too few, and says how many places do not fit.
    """
    room = a_day * len(people) * len(days)
    if len(places) > room:
        raise Refused(f"还有 {len(places)} 处要安排，这样最多排 {room} 处。请加人、加每天处数，或把开始日期提前。")
    chunks = [tuple(places[start : start + a_day]) for start in range(0, len(places), a_day)]
    return [
        DealtRound(days[number // len(people)], people[number % len(people)], chunk)
        for number, chunk in enumerate(chunks)
    ]


def shares(parts: Mapping[str, Coverage]) -> Coverage:
    """The sum of the parts."""
    return sum(parts.values(), Coverage())
