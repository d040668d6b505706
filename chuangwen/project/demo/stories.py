"""About a year of sample patrols and the cases that follow, played out on paper before anything is written."""

import math
import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from chuangwen.project.demo import remarks
from chuangwen.project.demo.clock import Clock, moment, span_of
from chuangwen.project.demo.lives import Lives, PlannedLife, PlannedMove, Staff
from chuangwen.project.demo.remarks import phrase
from chuangwen.project.demo.rows import District, SiteRow
from chuangwen.project.demo.themes import Theme, theme_of
from chuangwen.rules.limits import Limit
from chuangwen.rules.refusals import BadInput

__all__ = ["PlannedLife", "PlannedMove", "PlannedPatrol", "PlannedVisit", "Story", "plan_story"]

Criteria = Mapping[str, Sequence[tuple[str, str, str]]]  # point type -> (criterion code, severity, text)
Verdict = tuple[str, str, str]  # (criterion code, pass | fail | na, note)

VISITS_A_PATROL = 4
MOST_FAILING = 0.6
NOT_APPLICABLE_SHARE = 0.04
IMPROVEMENT = 0.5  # how much likelier (log-odds) everything passes at the end than at the start
# How spread the parts of difficulty are, in log-odds.
SPREAD = {"street": 0.35, "site": 0.4, "criterion": 0.7, "inspector": 0.2}
# Severe trouble is rarer. Letters as in the sample standard: veto, major, ordinary, minor.
SEVERITY = {"V": -2.0, "A": -0.4, "B": 0.0, "C": 0.4}


@dataclass(frozen=True)
class PlannedVisit:
    """One point looked at: a verdict for every criterion of its type; a note for each fail and na."""

    site_code: str
    started_at: datetime
    finished_at: datetime
    verdicts: tuple[Verdict, ...]


@dataclass(frozen=True)
class PlannedPatrol:
    """One inspector's round through one street on one working day, between 08:30 and 17:30."""

    day: date
    title: str
    inspector_username: str
    visits: tuple[PlannedVisit, ...]


@dataclass(frozen=True)
class Story:
    """Patrols in time order, and the case of every failed criterion in the order of opening."""

    patrols: tuple[PlannedPatrol, ...]
    lives: tuple[PlannedLife, ...]


@dataclass(frozen=True)
class _Stop:
    patrol_no: int
    visit_no: int
    site: SiteRow
    started_at: datetime
    finished_at: datetime


@dataclass
class _Round:
    day: date
    street: str
    title: str
    inspector: str
    stops: list[_Stop] = field(default_factory=list)


def plan_story(
    district: District,
    *,
    criteria: Criteria,
    limit_of: Callable[[str], Limit],
    is_working: Callable[[date], bool],
    from_day: date,
    to_day: date,
    seed: int = 20200628,
    target_cases: int = 5000,
    target_visits: int = 1100,
) -> Story:
    """Patrols on working days from `from_day` to `to_day` (both included), cut off at 18:00 of the last working day.

    Streets, points, criteria and inspectors differ a little (hidden effects on the log-odds of failing); the common level is
    set so that exactly `target_cases` criteria fail, less the few that are already open. `is_working` is asked only about days in the
    range. Raises BadInput naming everything that makes the plan impossible.
    """
    days = [day for day in _each_day(from_day, to_day) if is_working(day)]
    _check_input(district, criteria, days, target_cases, target_visits)
    staff = Staff(district)
    rounds = _rounds(district, staff, criteria, days, target_visits, random.Random(f"{seed} rounds"))
    failing, absent = _draw_failures(rounds, criteria, target_cases, random.Random(f"{seed} failures"))
    chance = random.Random(f"{seed} lives")
    pace = {unit.code: chance.lognormvariate(0, 0.2) for unit in district.units if unit.kind == "street"}
    lives = Lives(staff, Clock(days), chance, pace)
    return _tell(rounds, criteria, failing, absent, _Teller(lives, limit_of, random.Random(f"{seed} notes")))


def _each_day(first: date, last: date) -> Iterator[date]:
    return (first + timedelta(days=index) for index in range((last - first).days + 1))


def _check_input(district: District, criteria: Criteria, days: Sequence[date], cases: int, visits: int) -> None:
    objections = []
    inspectors = sum(role == "inspector" for person in district.people for role, _ in person.posts)
    if not days:
        objections.append("起止日期之间没有工作日，请调整日期。")
    elif visits > len(days) * inspectors * VISITS_A_PATROL:
        objections.append(f"{len(days)} 个工作日安排不下 {visits} 次点位检查，请减少次数或延长日期。")
    missing = sorted({site.point_type for site in district.sites if not criteria.get(site.point_type)})
    if missing:
        objections.append(f"点位类型 {'、'.join(missing)} 没有标准条目，请补齐。")
    if visits < 1 or cases < 0:
        objections.append("检查次数须至少为 1，案件数不能为负，请改正。")
    if objections:
        raise BadInput(objections)


def _rounds(
    district: District, staff: Staff, criteria: Criteria, days: Sequence[date], visits: int, rng: random.Random
) -> list[_Round]:
    """Rounds spread evenly over the days; every street comes in turn, and in it every point in turn."""
    sizes = _sizes(visits, rng)
    names = {unit.code: unit.name for unit in district.units if unit.kind == "street"}
    streets = _in_turn(list(names), rng)
    queues = _queues(district, staff, rng)
    rounds: list[_Round] = []
    for number, size in enumerate(sizes):
        day = days[number * len(days) // len(sizes)]
        busy = {one.inspector for one in rounds[-len(staff.with_role("inspector")) :] if one.day == day}
        inspector = rng.choice([name for name in staff.with_role("inspector") if name not in busy])
        street = next(streets)
        one = _Round(day, street, f"{names[street]}日巡查（{day.month}月{day.day}日）", inspector)
        sites = [next(queues[street]) for _ in range(size)]
        one.stops = _walk(number, day, sites, criteria, rng)
        rounds.append(one)
    return rounds


def _sizes(visits: int, rng: random.Random) -> list[int]:
    """Three to five points a round, in all exactly `visits`."""
    count = max(1, math.ceil(visits / VISITS_A_PATROL))
    sizes = [visits // count + (index < visits % count) for index in range(count)]
    for index in range(0, count - 1, 2):
        if rng.random() < 0.5 and min(sizes[index], sizes[index + 1]) >= VISITS_A_PATROL:
            sizes[index], sizes[index + 1] = sizes[index] + 1, sizes[index + 1] - 1
    rng.shuffle(sizes)
    return sizes


def _in_turn(codes: Sequence[str], rng: random.Random) -> Iterator[str]:
    """All in a drawn order, then again in a new one."""
    while True:
        yield from rng.sample(codes, len(codes))


def _queues(district: District, staff: Staff, rng: random.Random) -> dict[str, Iterator[SiteRow]]:
    """For each street its points in one drawn order over and over, so that the gaps between visits stay long."""
    queues: dict[str, list[SiteRow]] = {}
    for site in rng.sample(district.sites, len(district.sites)):
        queues.setdefault(staff.street_of(site.grid_code), []).append(site)
    return {street: _over_and_over(sites) for street, sites in queues.items()}


def _over_and_over(sites: Sequence[SiteRow]) -> Iterator[SiteRow]:
    while True:
        yield from sites


def _walk(patrol_no: int, day: date, sites: Sequence[SiteRow], criteria: Criteria, rng: random.Random) -> list[_Stop]:
    """When each point is looked at: rounds begin at half past eight, mid-morning or after noon, as long as they end by 17:30."""
    stops: list[_Stop] = []
    for hour in rng.choice(((14, 8), (10, 8), (8,))):
        stops = _walk_from(moment(day, hour, 30 if hour == 8 else 0), patrol_no, sites, criteria, rng)
        if stops[-1].finished_at <= moment(day, 17, 30):
            break
    return stops


def _walk_from(
    start: datetime, patrol_no: int, sites: Sequence[SiteRow], criteria: Criteria, rng: random.Random
) -> list[_Stop]:
    """Point after point; nothing between 12:00 and 14:00."""
    at, noon = start + timedelta(minutes=rng.randint(2, 20)), start.replace(hour=12, minute=0)
    stops = []
    for visit_no, site in enumerate(sites):
        minutes = min(40, 12 + len(criteria[site.point_type]) + rng.randint(0, 10))
        if at.hour < 14 and at + timedelta(minutes=minutes) > noon:
            at = noon + timedelta(hours=2, minutes=rng.randint(0, 15))
        finished = at + timedelta(minutes=minutes)
        stops.append(_Stop(patrol_no, visit_no, site, at, finished))
        at = finished + timedelta(minutes=rng.randint(5, 15))
    return stops


Spot = tuple[int, int, str]  # (patrol number, visit number, criterion code)


def _draw_failures(
    rounds: Sequence[_Round], criteria: Criteria, target: int, rng: random.Random
) -> tuple[set[Spot], set[tuple[str, str]]]:
    """Which spots fail, and which (point, criterion) pairs do not exist there.

    A spot fails when level + effects exceeds the logit of a uniform draw. Sorted by the level at which each begins to fail, the first
    `target` are the ones that fail under the one level that gives that many.
    """
    effects = _Effects(rng)
    absent: set[tuple[str, str]] = set()
    known: set[str] = set()
    levels: list[tuple[float, Spot]] = []
    for number, one in enumerate(rounds):
        gain = IMPROVEMENT * number / len(rounds)
        for stop in one.stops:
            checklist = criteria[stop.site.point_type]
            if stop.site.code not in known:
                known.add(stop.site.code)
                absent |= {(stop.site.code, code) for code, *_ in checklist if rng.random() < NOT_APPLICABLE_SHARE}
            for code, severity, _ in checklist:
                if (stop.site.code, code) not in absent:
                    level = effects.threshold(one, stop.site.code, code, severity) + gain
                    levels.append((level, (number, stop.visit_no, code)))
    if target > MOST_FAILING * len(levels):
        raise BadInput(f"{len(levels)} 项检查不足以产生 {target} 件案件，请增加检查次数或减少案件数。")
    return {spot for _, spot in sorted(levels)[:target]}, absent


class _Effects:
    """The hidden differences, drawn as they are first met."""

    def __init__(self, rng: random.Random) -> None:
        self._rng = rng
        self._drawn: dict[tuple[str, str], float] = {}

    def _of(self, kind: str, code: str) -> float:
        if (kind, code) not in self._drawn:
            self._drawn[kind, code] = SPREAD[kind] * min(1.6, max(-1.6, self._rng.gauss(0, 1)))
        return self._drawn[kind, code]

    def threshold(self, one: _Round, site: str, criterion: str, severity: str) -> float:
        """The common level from which this spot fails, before the gain of time."""
        draw = min(max(self._rng.random(), 1e-12), 1 - 1e-12)
        effects = self._of("street", one.street) + self._of("site", site) + self._of("criterion", criterion)
        return (
            math.log(draw / (1 - draw)) - effects - self._of("inspector", one.inspector) - SEVERITY.get(severity, 0.0)
        )


class _Teller:
    """Writes the notes and keeps track of which trouble is still open where."""

    def __init__(self, lives: Lives, limit_of: Callable[[str], Limit], rng: random.Random) -> None:
        self._lives, self._limit_of, self._rng = lives, limit_of, rng
        self._themes: dict[str, Theme] = {}
        self._latest: dict[tuple[str, str], PlannedLife] = {}
        self.told: list[PlannedLife] = []

    def absent(self, code: str) -> Verdict:
        """Nothing of the kind at this point."""
        return code, "na", self._rng.choice(remarks.NOT_APPLICABLE)

    def failed(self, stop: _Stop, inspector: str, code: str, text: str) -> Verdict:
        """A fail and the life of its case; or na where the same trouble is still open from last time."""
        before = self._latest.get((stop.site.code, code))
        if before and not _closed_by(before, stop.finished_at):
            return code, "na", remarks.STILL_OPEN
        if code not in self._themes:
            self._themes[code] = theme_of(text)
        theme = self._themes[code]
        finding = Finding(stop.site, theme, self._limit_of(code), stop.finished_at, inspector)
        moves = self._lives.live(finding)
        life = PlannedLife(stop.patrol_no, stop.visit_no, stop.site.code, code, stop.finished_at, moves)
        self._latest[stop.site.code, code] = life
        self.told.append(life)
        return code, "fail", phrase(theme.found, stop.site.point_type, self._rng)


def _closed_by(life: PlannedLife, now: datetime) -> bool:
    return bool(life.moves) and life.moves[-1].move == "close" and life.moves[-1].at <= now


def _tell(
    rounds: Sequence[_Round], criteria: Criteria, failing: set[Spot], absent: set[tuple[str, str]], teller: _Teller
) -> Story:
    """Everything in the order in which it happens."""
    told: dict[tuple[int, int], PlannedVisit] = {}
    stops = [(stop.finished_at, number, stop) for number, one in enumerate(rounds) for stop in one.stops]
    for _, number, stop in sorted(stops, key=lambda entry: entry[:2]):
        verdicts: list[Verdict] = []
        for code, _, text in criteria[stop.site.point_type]:
            if (stop.site.code, code) in absent:
                verdicts.append(teller.absent(code))
            elif (number, stop.visit_no, code) in failing:
                verdicts.append(teller.failed(stop, rounds[number].inspector, code, text))
            else:
                verdicts.append((code, "pass", ""))
        told[number, stop.visit_no] = PlannedVisit(stop.site.code, stop.started_at, stop.finished_at, tuple(verdicts))
    patrols = [
        PlannedPatrol(one.day, one.title, one.inspector, tuple(told[number, stop.visit_no] for stop in one.stops))
        for number, one in enumerate(rounds)
    ]
    return Story(tuple(patrols), tuple(teller.told))
