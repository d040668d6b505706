"""A planned tour as a clock reads it: when each visit begins and ends, how long the ways are, and what does not fit.

For plans that people change: nothing is forbidden here, everything that breaks a window or the working hours is named.
Minutes of the day; ways in seconds, so that rounding does not add up.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from chuangwen.rules.planning import clock

Way = Callable[[int, int], int]  # seconds from one place to another; places are numbers of the caller's choosing


@dataclass(frozen=True)
class Halt:
    """A place to stop at: how many minutes, and between which minutes of the day the visit may begin."""

    place: int
    minutes: int
    opens: int
    closes: int


@dataclass(frozen=True)
class Timed:
    """One stop on the clock: minutes on the way there, arrival, waiting, begin and end of the visit; `breach` says what
    is wrong ("" when nothing is).
    """

    way: int
    arrives: int
    waits: int
    begins: int
    leaves: int
    breach: str


@dataclass(frozen=True)
class Timeline:
    """The stops of a tour in order, the way back in minutes and when the team is back, and a sentence if that is late."""

    stops: tuple[Timed, ...]
    way_back: int
    back: int
    breach: str

    @property
    def on_the_way(self) -> int:
        """Minutes between places, the way back included."""
        return sum(stop.way for stop in self.stops) + self.way_back

    @property
    def breaches(self) -> int:
        """How many things do not fit."""
        return sum(bool(stop.breach) for stop in self.stops) + bool(self.breach)


def timeline(home: int, begins: int, ends: int, halts: Sequence[Halt], way: Way) -> Timeline:
    """The tour of a team that leaves `home` when its day begins and comes back to it."""
    now, here, stops = begins * 60, home, []
    for halt in halts:
        seconds = way(here, halt.place)
        there = now + seconds
        start = max(there, halt.opens * 60)
        stops.append(_timed(halt, seconds, there, start))
        now, here = start + halt.minutes * 60, halt.place
    seconds = way(here, home) if halts else 0
    back = math.ceil((now + seconds) / 60)
    late = f"{clock(back)} 才回来，晚于下班时间 {clock(ends)}。" if back > ends else ""
    return Timeline(tuple(stops), math.ceil(seconds / 60), back, late)


def _timed(halt: Halt, seconds: int, there: int, start: int) -> Timed:
    begins = math.ceil(start / 60)
    late = f"{clock(begins)} 才到，只能在 {clock(halt.opens)}–{clock(halt.closes)} 之间到。"
    return Timed(
        way=math.ceil(seconds / 60),
        arrives=math.ceil(there / 60),
        waits=max(0, (start - there) // 60),
        begins=begins,
        leaves=begins + halt.minutes,
        breach=late if start > halt.closes * 60 else "",
    )


def best_place(home: int, begins: int, ends: int, halts: Sequence[Halt], new: Halt, way: Way) -> int:
    """Where a further stop (counted from 0) breaks least and brings the team back earliest; the first of equal places."""

    def cost(at: int) -> tuple[int, int, int]:
        tried = timeline(home, begins, ends, [*halts[:at], new, *halts[at:]], way)
        return tried.breaches, tried.back, at

    return min(range(len(halts) + 1), key=cost)
