"""How long it takes from place to place in a plan: the table it was planned with, straight lines for everything else."""

import zlib
from array import array
from collections.abc import Sequence

from chuangwen.places.models import Site
from chuangwen.planning.models import Plan, PlanTeam
from chuangwen.rules.tours import Matrix
from chuangwen.rules.travel import straight

TOO_FAR = 65_535  # seconds; what the table cannot hold is as far as this


def packed(table: Matrix) -> bytes:
    """The table as 16-bit numbers, row by row, compressed."""
    numbers = array("H", (min(max(seconds, 0), TOO_FAR) for row in table for seconds in row))
    return zlib.compress(numbers.tobytes())


def straight_ways(plan: Plan, points: Sequence[tuple[float, float]]) -> Matrix:
    """Straight lines made longer, at the plan's speed; points are (latitude, longitude)."""
    return straight(points, factor=float(plan.factor), kilometres_per_hour=float(plan.speed))


class Ways:
    """Seconds between the sites (their numbers) and teams (minus their number in the plan) of one plan."""

    def __init__(self, plan: Plan, points: dict[int, tuple[float, float]]) -> None:
        self.rows = {place: row for row, place in enumerate(points)}
        self.lines = straight_ways(plan, list(points.values()))
        self.known = {place: row for row, place in enumerate(plan.places)}
        self.table = array("H")
        if plan.places:
            self.table.frombytes(zlib.decompress(bytes(plan.ways)))

    @classmethod
    def of(cls, plan: Plan, teams: Sequence[PlanTeam], sites: Sequence[Site]) -> "Ways":
        """Between these teams and sites."""
        points = {-team.number: (float(team.lat), float(team.lng)) for team in teams}
        points |= {site.pk: (float(site.lat), float(site.lng)) for site in sites}
        return cls(plan, points)

    def __call__(self, one: int, other: int) -> int:
        row, column = self.known.get(one), self.known.get(other)
        if row is not None and column is not None:
            return self.table[row * len(self.known) + column]
        return self.lines[self.rows[one]][self.rows[other]]
