"""Searching good tours with PyVRP (https://pyvrp.org, MIT): restarts with other weights and a pool of tours.

PyVRP minimises travel cost less prizes. For value alone the prizes are multiplied so that travel only breaks ties or,
in other restarts, guides the search; what is returned is always judged by `tours.score_of` and `tours.breaches`.
Deterministic for a seed and a limit of rounds; `enough` (asked each iteration) may end it earlier.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from pyvrp import (
    Activity,
    ActivityType,
    Client,
    CostEvaluator,
    Depot,
    IteratedLocalSearchCallbacks,
    IteratedLocalSearchParams,
    Location,
    ProblemData,
    Route,
    Solution,
    SolveParams,
    VehicleType,
    solve,
)
from pyvrp.search import NeighbourhoodParams, PerturbationParams

from chuangwen.rules.tours import Assigned, Crew, Problem, Stop, Tour, breaches, recombine, score_of

POOL_SHARE = 0.93  # tours of a candidate are kept when it is worth at least this share of the best
LARGEST_POOL = 4_000
UNLIMITED = 2**40
SHORT_EFFORT = 2_000_000  # of a recombination when time is nearly up
ITERATIONS = 2_500  # of one round


@dataclass(frozen=True)
class Weights:
    """How one round weighs: value per unit of travel, whether travel or time on the way counts, how much is shaken, and
    among how many near stops moves are tried.
    """

    value: int
    by_time: bool
    history: int
    shake: int
    near: int = 40


ROUNDS = (
    Weights(100, False, 50, 25),
    Weights(300, False, 100, 12),
    Weights(100, True, 50, 25),
    Weights(1_000, False, 50, 25),
    Weights(60, False, 30, 12),
    Weights(300, True, 100, 12),
)
DAILY = (Weights(10, False, 100, 25), Weights(3, False, 50, 25), Weights(100, False, 100, 25))
# Of many optional stops few are visited: a short memory, small shakes and many neighbours came down fastest.
STEADY = (Weights(100, False, 30, 12, near=80),)
TIGHTENING = 5_000  # iterations of a limited run of the steady kind


@dataclass(frozen=True)
class Found:
    """The best tours and the pool of all good ones."""

    best: tuple[Assigned, ...]
    pool: frozenset[Tour]


NOTHING = Found((), frozenset())


def data_of(problem: Problem, weights: Weights) -> ProblemData:
    """The problem in PyVRP's words; a crew's "worth less" becomes a longer way to that stop for this crew alone."""
    travel: np.ndarray[Any, Any] = np.asarray(problem.travel, dtype=np.int64)
    scale = 1 if problem.length_cost else weights.value
    lengths = [_own_lengths(problem, crew, travel * (problem.length_cost or 1), scale) for crew in problem.crews]
    homes = sorted({crew.place for crew in problem.crews})
    return ProblemData(
        [Location(0, 0) for _ in range(len(travel))],
        [_client(stop, scale) for stop in problem.stops],
        [Depot(place) for place in homes],
        _vehicles(problem, homes, by_time=weights.by_time and not problem.length_cost),
        lengths,
        [travel] * len(lengths),
    )


def _own_lengths(problem: Problem, crew: Crew, lengths: np.ndarray[Any, Any], scale: int) -> np.ndarray[Any, Any]:
    for number, less in crew.less.items():
        lengths[:, problem.stops[number].place] += less * scale
    np.fill_diagonal(lengths, 0)
    return lengths


def _client(stop: Stop, scale: int) -> Client:
    return Client(
        stop.place,
        [stop.demand],
        service_duration=stop.duration,
        tw_early=stop.opens,
        tw_late=stop.closes,
        prize=stop.value * scale,
        required=False,
    )


def _vehicles(problem: Problem, homes: list[int], *, by_time: bool) -> list[VehicleType]:
    return [
        VehicleType(
            crew.count,
            [crew.capacity or UNLIMITED],
            homes.index(crew.place),
            homes.index(crew.place),
            tw_early=crew.leaves,
            tw_late=crew.returns,
            unit_distance_cost=0 if by_time and not crew.less else 1,
            unit_duration_cost=1 if by_time else 0,
            profile=number,
        )
        for number, crew in enumerate(problem.crews)
    ]


def assigned_of(solution: Solution) -> tuple[Assigned, ...]:
    """The tours of a solution, empty ones left out."""
    tours = ((route.vehicle_type(), _tour(route)) for route in solution.routes())
    return tuple(Assigned(crew, tour) for crew, tour in tours if tour)


def _tour(route: Route) -> Tour:
    return tuple(step.idx for step in route if step.is_client())


class _Collector(IteratedLocalSearchCallbacks):
    """Keeps the tours of good candidates."""

    def __init__(self, pool: dict[Tour, int]) -> None:
        self.pool, self.most = pool, 0

    def on_iteration(
        self,
        current: Solution,  # noqa: ARG002 - PyVRP names the arguments
        candidate: Solution,
        best: Solution,  # noqa: ARG002 - the same
        cost_evaluator: CostEvaluator,  # noqa: ARG002 - the same
    ) -> None:
        """PyVRP calls this after each candidate."""
        prizes = candidate.prizes()
        if prizes < POOL_SHARE * self.most or not candidate.is_feasible():
            return
        self.most = max(self.most, prizes)
        for route in candidate.routes():
            self.pool.setdefault(_tour(route), route.prizes())


@dataclass
class _Limit:
    """PyVRP's stopping criterion: so many iterations, or enough."""

    left: int
    enough: Callable[[], bool]

    def __call__(self, best_cost: int) -> bool:  # noqa: ARG002 - PyVRP names the argument
        self.left -= 1
        return self.left < 0 or self.enough()


def _start(data: ProblemData, assigned: tuple[Assigned, ...]) -> Solution | None:
    if not assigned:
        return None
    routes = [Route(data, [Activity(ActivityType.CLIENT, n) for n in one.tour], one.crew) for one in assigned]
    return Solution(data, routes)


def _better(problem: Problem, old: tuple[Assigned, ...], new: tuple[Assigned, ...]) -> tuple[Assigned, ...]:
    if breaches(problem, new):
        return old
    return new if not old or score_of(problem, new) > score_of(problem, old) else old


def search(
    problem: Problem,
    *,
    seed: int,
    rounds: int,
    enough: Callable[[], bool] = lambda: False,
    start: Found = NOTHING,
    iterations: int = ITERATIONS,
    weights: Sequence[Weights] = ROUNDS,
) -> Iterator[Found]:
    """One `Found` after each round; every second round goes on from the best, the others begin anew.

    With one kind of crew and value alone the pool is recombined after each round. Every `Found` keeps all rules.
    """
    alike = len(problem.crews) == 1 and not problem.length_cost
    best, pool = start.best, dict.fromkeys(start.pool, 0)
    for number in range(rounds):
        chosen = weights[(number + seed) % len(weights)]
        own: dict[Tour, int] = {}
        warm = best if number % 2 or (start.best and not number) else ()
        solution = _round(
            problem, chosen, _Limit(iterations, enough), seed * 1_000 + number, warm, own if alike else None
        )
        best = _better(problem, best, assigned_of(solution))
        if alike:
            pool = trimmed(problem, {**pool, **own})
        if alike and not enough():  # whoever ran out of time recombines with what the others found
            best = _better(problem, best, recombine(problem, pool))
        yield Found(best, frozenset(pool))
        if enough():
            return


def _round(
    problem: Problem,
    weights: Weights,
    limit: _Limit,
    seed: int,
    warm: tuple[Assigned, ...],
    own: dict[Tour, int] | None,
) -> Solution:
    data = data_of(problem, weights)
    collector = IteratedLocalSearchCallbacks() if own is None else _Collector(own)
    params = SolveParams(
        IteratedLocalSearchParams(history_length=weights.history, callbacks=collector),
        neighbourhood=NeighbourhoodParams(num_neighbours=weights.near),
        perturbation=PerturbationParams(1, weights.shake),
    )
    return solve(data, limit, seed, False, False, params, _start(data, warm)).best


def together(problem: Problem, found: Sequence[Found]) -> Found:
    """What several searches found, as one: the best of them or a better recombination of all their tours."""
    best: tuple[Assigned, ...] = ()
    for one in found:
        best = _better(problem, best, one.best)
    pool = trimmed(problem, dict.fromkeys((tour for one in found for tour in one.pool), 0))
    if pool:
        best = _better(problem, best, recombine(problem, pool, effort=SHORT_EFFORT))
    return Found(best, frozenset(pool))


def trimmed(problem: Problem, pool: dict[Tour, int]) -> dict[Tour, int]:
    """One order for each set of stops, the most valuable sets when there are too many."""
    sets = {frozenset(tour): tour for tour in sorted(pool) if tour}
    worth = {tour: sum(problem.stops[number].value for number in tour) for tour in sets.values()}
    kept = sorted(worth, key=lambda tour: (-worth[tour], tour))[:LARGEST_POOL]
    return {tour: worth[tour] for tour in kept}
