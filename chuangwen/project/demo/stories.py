"""About a year of sample patrols and the cases that follow, played out on paper before anything is written."""

import math
import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from chuangwen.project.demo import remarks
from chuangwen.project.demo.clock import Clock, span_of
from chuangwen.project.demo.lives import Lives, PlannedLife, PlannedMove, Staff
from chuangwen.project.demo.rounds import Criteria, Planner, Round, Stop, most_visits
from chuangwen.project.demo.rows import District
from chuangwen.project.demo.themes import Theme, Trouble, theme_of
from chuangwen.rules.limits import Limit
from chuangwen.rules.refusals import BadInput

__all__ = ["Criteria", "PlannedLife", "PlannedMove", "PlannedPatrol", "PlannedVisit", "Story", "plan_story"]

Verdict = tuple[str, str, str]  # (criterion code, pass | fail | na, note)
Spot = tuple[int, int, str]  # (round number, visit number, criterion code)

MOST_FAILING = 0.6
NOT_APPLICABLE_SHARE = 0.04
IMPROVEMENT = 0.5  # how much likelier (log-odds) everything passes at the end than at the start
# How spread the parts of difficulty are, in log-odds; no effect is larger than WIDEST spreads.
SPREAD = {"street": 0.35, "site": 0.4, "criterion": 0.7, "inspector": 0.2}
WIDEST = 1.6
# Severe trouble is rarer. Classes as in the sample standard: veto, major, ordinary, minor.
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
    """Patrols in the order of days, and the case of every failed criterion in the order of opening."""

    patrols: tuple[PlannedPatrol, ...]
    lives: tuple[PlannedLife, ...]


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

    Streets, points, criteria and inspectors differ a little: hidden effects on the log-odds of failing. The common
    level is set so that exactly `target_cases` criteria fail, less the few whose trouble is still open from last time.
    `limit_of` gives a criterion's handling limit; `is_working` is asked only about days in the range.
    Raises BadInput naming everything that makes the plan impossible.
    """
    days = [day for day in _each_day(from_day, to_day) if is_working(day)]
    _check_input(district, criteria, days, target_cases, target_visits)
    staff = Staff(district)
    rounds = Planner(district, staff, criteria, random.Random(f"{seed} rounds")).plan(days, target_visits)
    failing, absent = _draw_failures(rounds, criteria, target_cases, random.Random(f"{seed} failures"))
    chance = random.Random(f"{seed} lives")
    pace = {unit.code: chance.lognormvariate(0, 0.2) for unit in district.units if unit.kind == "street"}
    lives = Lives(staff, Clock(days), chance, pace)
    return _Teller(lives, limit_of, random.Random(f"{seed} notes")).tell(rounds, criteria, failing, absent)


def _each_day(first: date, last: date) -> Iterator[date]:
    return (first + timedelta(days=index) for index in range((last - first).days + 1))


def _check_input(district: District, criteria: Criteria, days: Sequence[date], cases: int, visits: int) -> None:
    objections = []
    inspectors = sum(role == "inspector" for person in district.people for role, _ in person.posts)
    if not days:
        objections.append("起止日期之间没有工作日，请调整日期。")
    elif visits > most_visits(len(days), inspectors):
        objections.append(f"{len(days)} 个工作日安排不下 {visits} 次点位检查，请减少次数或延长日期。")
    missing = sorted({site.point_type for site in district.sites if not criteria.get(site.point_type)})
    if missing:
        objections.append(f"点位类型 {'、'.join(missing)} 没有标准条目，请补齐。")
    if visits < 1 or cases < 0:
        objections.append("检查次数至少为 1，案件数不能为负，请改正。")
    if objections:
        raise BadInput(objections)


def _draw_failures(
    rounds: Sequence[Round], criteria: Criteria, target: int, rng: random.Random
) -> tuple[set[Spot], set[tuple[str, str]]]:
    """Which spots fail, and which (point, criterion) pairs do not exist there.

    A spot fails when level + effects exceed the logit of a uniform draw, that is from a level of its own on. The
    `target` spots with the lowest such levels are those that fail under the one common level that gives that many.
    """
    effects = _Effects(rng)
    absent: set[tuple[str, str]] = set()
    known: set[str] = set()
    levels: list[tuple[float, Spot]] = []
    for number, one in enumerate(rounds):
        gain = IMPROVEMENT * number / len(rounds)
        for stop in one.stops:
            site, checklist = stop.site.code, criteria[stop.site.point_type]
            if site not in known:
                known.add(site)
                absent |= {(site, code) for code, *_ in checklist if rng.random() < NOT_APPLICABLE_SHARE}
            for code, severity, _ in checklist:
                if (site, code) not in absent:
                    level = effects.level(one, site, code) + gain - SEVERITY.get(severity, 0.0)
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
            self._drawn[kind, code] = SPREAD[kind] * min(WIDEST, max(-WIDEST, self._rng.gauss(0, 1)))
        return self._drawn[kind, code]

    def level(self, one: Round, site: str, criterion: str) -> float:
        """The common level from which this spot fails."""
        draw = min(max(self._rng.random(), 1e-12), 1 - 1e-12)
        place = self._of("street", one.street) + self._of("site", site)
        return (
            math.log(draw / (1 - draw))
            - place
            - self._of("criterion", criterion)
            - self._of("inspector", one.inspector)
        )


class _Teller:
    """Writes verdicts and notes, and keeps track of which trouble is still open where."""

    def __init__(self, lives: Lives, limit_of: Callable[[str], Limit], rng: random.Random) -> None:
        self._lives, self._limit_of, self._rng = lives, limit_of, rng
        self._themes: dict[str, Theme] = {}
        self._latest: dict[tuple[str, str], PlannedLife] = {}
        self._told: list[PlannedLife] = []

    def tell(
        self, rounds: Sequence[Round], criteria: Criteria, failing: set[Spot], absent: set[tuple[str, str]]
    ) -> Story:
        """Everything in the order in which it happens."""
        visits: dict[tuple[int, int], PlannedVisit] = {}
        for stop in sorted((stop for one in rounds for stop in one.stops), key=lambda stop: stop.started_at):
            checklist = criteria[stop.site.point_type]
            verdicts: list[Verdict] = []
            for index, (code, _, text) in enumerate(checklist):
                if (stop.site.code, code) in absent:
                    verdicts.append((code, "na", self._rng.choice(remarks.NOT_APPLICABLE)))
                elif (stop.round_no, stop.visit_no, code) in failing:
                    now = stop.moment_of(index, len(checklist))
                    verdicts.append(self._failed(stop, rounds[stop.round_no].inspector, code, text, now=now))
                else:
                    verdicts.append((code, "pass", ""))
            visit = PlannedVisit(stop.site.code, stop.started_at, stop.finished_at, tuple(verdicts))
            visits[stop.round_no, stop.visit_no] = visit
        return Story(
            tuple(
                PlannedPatrol(one.day, one.title, one.inspector, tuple(visits[no, stop.visit_no] for stop in one.stops))
                for no, one in enumerate(rounds)
            ),
            tuple(sorted(self._told, key=lambda life: life.opened_at)),
        )

    def _failed(self, stop: Stop, inspector: str, code: str, text: str, *, now: datetime) -> Verdict:
        """A fail and the life of its case; or na where the same trouble is still open from last time."""
        before = self._latest.get((stop.site.code, code))
        if before and not before.closed_by(now):
            return code, "na", remarks.STILL_OPEN
        found, remedy = self._trouble(code, text, stop.site.point_type)
        limit = span_of(self._limit_of(code))
        moves = self._lives.live(
            stop.site, limit, remedy=remedy, opened_at=now, heard_at=stop.finished_at, inspector=inspector
        )
        life = PlannedLife(stop.round_no, stop.visit_no, stop.site.code, code, now, moves)
        self._latest[stop.site.code, code] = life
        self._told.append(life)
        return code, "fail", found

    def _trouble(self, code: str, text: str, point_type: str) -> Trouble:
        """One trouble that fits the criterion, with place and figures, and its remedy."""
        if code not in self._themes:
            self._themes[code] = theme_of(text)
        found, remedy = self._rng.choice(self._themes[code].troubles)
        blanks = remarks.figures(point_type, self._rng)
        return found.format(**blanks), remedy.format(**blanks)
