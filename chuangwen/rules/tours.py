"""Tours with prizes and time windows (team orienteering): what is asked, an independent checker, and recombination.

All times, lengths and values are whole numbers; who asks chooses the unit. A tour is a tuple of stop numbers from 0.
The checker knows nothing of the solver, so that a mistake there cannot hide here.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

Matrix = tuple[tuple[int, ...], ...]
Tour = tuple[int, ...]


@dataclass(frozen=True)
class Stop:
    """A place that may be visited once: the visit begins between `opens` and `closes` and takes `duration`."""

    place: int
    value: int
    duration: int
    opens: int
    closes: int
    demand: int = 0


@dataclass(frozen=True)
class Crew:
    """`count` crews alike that leave `place` not before `leaves` and are back not later than `returns`.

    `less` is what a stop is worth less when this crew visits it (stop number to value). `capacity` 0: no limit.
    """

    place: int
    leaves: int
    returns: int
    count: int = 1
    capacity: int = 0
    less: Mapping[int, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Problem:
    """Stops, crews and the travel time from every place to every place (the rows of the matrix are the origins).

    `length_cost` is what one unit of travel costs in units of value; 0 counts value alone (travel breaks ties).
    """

    stops: tuple[Stop, ...]
    crews: tuple[Crew, ...]
    travel: Matrix
    length_cost: int = 0


@dataclass(frozen=True)
class Assigned:
    """One tour of one crew (its number in `Problem.crews`)."""

    crew: int
    tour: Tour


def arrivals(problem: Problem, assigned: Assigned) -> tuple[tuple[int, ...], int]:
    """When each visit begins (waiting for the opening included) and when the crew is back; breaches are not looked for."""
    crew = problem.crews[assigned.crew]
    now, place, begun = crew.leaves, crew.place, []
    for number in assigned.tour:
        stop = problem.stops[number]
        now = max(now + problem.travel[place][stop.place], stop.opens)
        begun.append(now)
        now, place = now + stop.duration, stop.place
    return tuple(begun), now + problem.travel[place][crew.place]


def value_of(problem: Problem, assigned: Iterable[Assigned]) -> int:
    """What the visits are worth together, less what a crew counts off."""
    return sum(
        problem.stops[number].value - problem.crews[one.crew].less.get(number, 0)
        for one in assigned
        for number in one.tour
    )


def length_of(problem: Problem, assigned: Iterable[Assigned]) -> int:
    """The travel of all tours together, out and back."""
    total = 0
    for one in assigned:
        home = problem.crews[one.crew].place
        places = [home, *(problem.stops[number].place for number in one.tour), home]
        total += sum(problem.travel[a][b] for a, b in pairwise(places))
    return total


def score_of(problem: Problem, assigned: Sequence[Assigned]) -> tuple[int, int]:
    """What is made large: value less the cost of travel, then little travel."""
    length = length_of(problem, assigned)
    return value_of(problem, assigned) - problem.length_cost * length, -length


def breaches(problem: Problem, assigned: Sequence[Assigned]) -> tuple[str, ...]:
    """Every rule that these tours break; nothing means that they can be walked."""
    found: list[str] = []
    seen: set[int] = set()
    for one in assigned:
        found += [f"第 {number} 处去了两次。" for number in one.tour if one.tour.count(number) > 1 or number in seen]
        seen.update(one.tour)
        found += _late(problem, one)
        crew = problem.crews[one.crew]
        if crew.capacity and sum(problem.stops[number].demand for number in one.tour) > crew.capacity:
            found.append(f"队 {one.crew} 超过容量。")
    for number, crew in enumerate(problem.crews):
        if sum(one.crew == number for one in assigned) > crew.count:
            found.append(f"队 {number} 的路线多于 {crew.count} 条。")
    return tuple(found)


def _late(problem: Problem, one: Assigned) -> list[str]:
    begun, back = arrivals(problem, one)
    late = [
        f"第 {number} 处 {start} 才到，{problem.stops[number].closes} 已关。"
        for number, start in zip(one.tour, begun, strict=True)
        if start > problem.stops[number].closes
    ]
    returns = problem.crews[one.crew].returns
    return [*late, f"队 {one.crew} 回来时 {back}，晚于 {returns}。"] if back > returns else late


@dataclass(frozen=True)
class _Part:
    mask: int
    worth: int
    tour: Tour


def recombine(problem: Problem, pool: Iterable[Tour], *, effort: int = 4_000_000) -> tuple[Assigned, ...]:
    """The best set of tours without a common stop out of a pool, for one kind of crew and value alone.

    Depth-first with the bound "the best that still fit"; it is the best set of the pool unless `effort` (tours looked
    at, about half a second) runs out, and deterministic either way.
    """
    parts = {frozenset(tour): tour for tour in sorted(pool) if tour}
    ordered = sorted(
        (_Part(sum(1 << n for n in tour), sum(problem.stops[n].value for n in tour), tour) for tour in parts.values()),
        key=lambda part: (-part.worth, part.tour),
    )
    best: tuple[int, tuple[Tour, ...]] = (0, ())
    left = effort

    def deeper(fitting: list[_Part], chosen: tuple[Tour, ...], worth: int, more: int) -> None:
        nonlocal best, left
        if worth > best[0]:
            best = worth, chosen
        for index, part in enumerate(fitting if more else ()):
            bound = worth + sum(one.worth for one in fitting[index : index + more])
            if bound <= best[0] or left <= 0:
                return
            left -= len(fitting) - index
            rest = [one for one in fitting[index + 1 :] if not one.mask & part.mask] if more > 1 else []
            deeper(rest, (*chosen, part.tour), worth + part.worth, more - 1)

    deeper(ordered, (), 0, problem.crews[0].count)
    return tuple(Assigned(0, tour) for tour in best[1])
