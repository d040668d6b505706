"""Searching tours on several cores with a clock: processes with seeds of their own that share what they found."""

import multiprocessing
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Executor, ProcessPoolExecutor
from dataclasses import dataclass

from chuangwen.rules.tour_search import ITERATIONS, NOTHING, ROUNDS, Found, Weights, search, together
from chuangwen.rules.tours import Problem

RESERVE = 1.2  # seconds kept back for the last recombination and for printing
NO_LIMIT = 10**9
Tell = Callable[[float], None]  # the share of the time that has gone


def _nobody(_share: float) -> None:
    """Nobody wants to know how far it is."""


@dataclass(frozen=True)
class Effort:
    """How long: seconds from `began` (monotonic), or rounds in each process; the same seed and rounds give the same.

    `shares`: the parts of the time after which the processes hand each other what they found.
    """

    began: float
    seconds: float
    seed: int = 0
    rounds: int | None = None
    processes: int = 2
    shares: tuple[float, ...] = (0.4, 0.7, 1.0)
    iterations: int = ITERATIONS
    weights: Sequence[Weights] = ROUNDS


def _one(problem: Problem, effort: Effort, seed: int, until: float, start: Found) -> Found:
    found = start
    rounds = effort.rounds or NO_LIMIT
    for found in search(  # noqa: B007 - the last one is wanted
        problem,
        seed=seed,
        rounds=rounds,
        enough=lambda: time.monotonic() >= until,
        start=start,
        iterations=effort.iterations,
        weights=effort.weights,
    ):
        pass
    return found


def _phases(problem: Problem, effort: Effort, executor: Executor | None, tell: Tell) -> Found:
    found = NOTHING
    shares = (1.0,) if effort.rounds else effort.shares
    budget = max(effort.seconds - RESERVE, 0.2)
    for phase, share in enumerate(shares):
        until = effort.began + budget * share
        seeds = [effort.seed * 97 + phase * effort.processes + number for number in range(effort.processes)]
        if executor is None:
            parts = [_one(problem, effort, seeds[0], until, found)]
        else:
            tasks = [executor.submit(_one, problem, effort, seed, until, found) for seed in seeds]
            parts = [task.result() for task in tasks]
        found = together(problem, parts)
        tell(share)
    return found


def searched(problem: Problem, effort: Effort, tell: Tell = _nobody, *, apart: bool = False) -> Found:
    """The best that was found in time. `apart`: in processes of their own also when one is enough, so that whoever
    asks stays free for others.
    """
    if effort.processes == 1 and not apart:
        return _phases(problem, effort, None, tell)
    with ProcessPoolExecutor(effort.processes, multiprocessing.get_context("spawn")) as executor:
        return _phases(problem, effort, executor, tell)
