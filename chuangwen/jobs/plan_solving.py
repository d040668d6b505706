"""Working out the tours of a day in the worker: a process of its own searches, the page sees how far it is."""

import time
from collections.abc import Callable, Sequence

from chuangwen.gateways.roads import road_table
from chuangwen.jobs.tour_processes import Effort, searched
from chuangwen.rules.tour_search import DAILY
from chuangwen.rules.tours import Assigned, Matrix, Problem

SECONDS = 7.5  # with reading the facts a day stays below ten
PHASES = (0.2, 0.4, 0.6, 0.8, 1.0)


def day_tours(problem: Problem, seed: int, tell: Callable[[float], None]) -> Sequence[Assigned]:
    """Good tours within seconds. One process beside the pages, so that they stay quick on two cores."""
    effort = Effort(time.monotonic(), SECONDS, seed=seed % 1_000, processes=1, shares=PHASES, weights=DAILY)
    return searched(problem, effort, tell, apart=True).best


def road_seconds(points: Sequence[tuple[float, float]]) -> Matrix | None:
    """Seconds by road between (latitude, longitude) points; None when the service does not answer."""
    return road_table(points)
