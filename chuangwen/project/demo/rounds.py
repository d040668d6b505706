"""Who walks where when: rounds of sample patrols before anything is judged."""

import math
import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from chuangwen.project.demo.clock import moment
from chuangwen.project.demo.lives import Staff
from chuangwen.project.demo.rows import District, SiteRow

Criteria = Mapping[str, Sequence[tuple[str, str, str]]]  # point type -> (criterion code, severity, text)

VISITS_A_ROUND = 4


@dataclass(frozen=True)
class Stop:
    """One point on a round."""

    round_no: int
    visit_no: int
    site: SiteRow
    started_at: datetime
    finished_at: datetime

    def moment_of(self, number: int, of: int) -> datetime:
        """When the criterion with this number (from 0) is judged, to the minute."""
        minutes = (self.finished_at - self.started_at).total_seconds() / 60
        return self.started_at + timedelta(minutes=math.floor(minutes * (number + 1) / (of + 1)))


@dataclass(frozen=True)
class Round:
    """One inspector in one street on one day."""

    day: date
    street: str
    title: str
    inspector: str
    stops: tuple[Stop, ...]


def most_visits(days: int, inspectors: int) -> int:
    """How many visits fit when every inspector walks one round a day."""
    return days * inspectors * VISITS_A_ROUND


class Planner:
    """Spreads rounds evenly over days; streets come in turn, and in a street its points in turn."""

    def __init__(self, district: District, staff: Staff, criteria: Criteria, rng: random.Random) -> None:
        self._staff, self._criteria, self._rng = staff, criteria, rng
        self._names = {unit.code: unit.name for unit in district.units if unit.kind == "street"}
        self._queues = self._queue_sites(district)

    def _queue_sites(self, district: District) -> dict[str, Iterator[SiteRow]]:
        """One drawn order over and over, so that the gaps between two visits of a point stay long."""
        queues: dict[str, list[SiteRow]] = {}
        for site in self._rng.sample(district.sites, len(district.sites)):
            queues.setdefault(self._staff.street_of(site.grid_code), []).append(site)
        return {street: _over_and_over(sites) for street, sites in queues.items()}

    def plan(self, days: Sequence[date], visits: int) -> list[Round]:
        """Rounds with exactly so many visits in all, in the order of days."""
        sizes, streets = self._sizes(visits), self._in_turn()
        rounds: list[Round] = []
        for number, size in enumerate(sizes):
            day = days[number * len(days) // len(sizes)]
            street = next(streets)
            title = f"{self._names[street]}日巡查（{day.month}月{day.day}日）"
            sites = [next(self._queues[street]) for _ in range(size)]
            stops = tuple(self._walk(number, day, sites))
            rounds.append(Round(day, street, title, self._free_inspector(day, rounds), stops))
        return rounds

    def _sizes(self, visits: int) -> list[int]:
        """Three to five points a round, in all exactly `visits`."""
        count = max(1, math.ceil(visits / VISITS_A_ROUND))
        sizes = [visits // count + (index < visits % count) for index in range(count)]
        for index in range(0, count - 1, 2):
            if self._rng.random() < 0.5 and sizes[index] == sizes[index + 1] == VISITS_A_ROUND:
                sizes[index : index + 2] = [VISITS_A_ROUND + 1, VISITS_A_ROUND - 1]
        self._rng.shuffle(sizes)
        return sizes

    def _in_turn(self) -> Iterator[str]:
        """All streets in a drawn order, then again in a new one."""
        while True:
            yield from self._rng.sample(list(self._names), len(self._names))

    def _free_inspector(self, day: date, rounds: Sequence[Round]) -> str:
        everybody = self._staff.with_role("inspector")
        busy = {one.inspector for one in rounds[-len(everybody) :] if one.day == day}
        return self._rng.choice([name for name in everybody if name not in busy])

    def _walk(self, number: int, day: date, sites: Sequence[SiteRow]) -> list[Stop]:
        """Rounds begin at half past eight, mid-morning or after noon, as long as they end by 17:30."""
        stops: list[Stop] = []
        for hour in self._rng.choice(((14, 8), (10, 8), (8,))):
            stops = self._walk_from(moment(day, hour, 30 if hour == 8 else 0), number, sites)
            if stops[-1].finished_at <= moment(day, 17, 30):
                break
        return stops

    def _walk_from(self, start: datetime, number: int, sites: Sequence[SiteRow]) -> list[Stop]:
        """Point after point; nothing between 12:00 and 14:00."""
        rng = self._rng
        at, noon = start + timedelta(minutes=rng.randint(2, 20)), start.replace(hour=12, minute=0)
        stops = []
        for visit_no, site in enumerate(sites):
            minutes = min(40, 12 + len(self._criteria[site.point_type]) + rng.randint(0, 10))
            if at.hour < 14 and at + timedelta(minutes=minutes) > noon:
                at = noon + timedelta(hours=2, minutes=rng.randint(0, 15))
            finished = at + timedelta(minutes=minutes)
            stops.append(Stop(number, visit_no, site, at, finished))
            at = finished + timedelta(minutes=rng.randint(5, 15))
        return stops


def _over_and_over(sites: Sequence[SiteRow]) -> Iterator[SiteRow]:
    while True:
        yield from sites
