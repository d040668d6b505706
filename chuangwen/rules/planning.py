"""The plan of one day: which team visits which sites in which order, and why a must-visit is left out.

Pure: the tours themselves are searched by whoever calls (`tour_search`), from the `Problem` that `prepare` makes;
`plan_of` turns what was found into hours, sentences and totals. Times are minutes of the day in the facts and seconds
in the problem.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from heapq import nsmallest

from chuangwen.rules.draws import select
from chuangwen.rules.refusals import BadInput
from chuangwen.rules.tours import Assigned, Crew, Matrix, Problem, Stop, arrivals

VALUE_STEPS = 1_000  # the most valuable site counts 1,000, the others in proportion
MUST_WORTH = 30  # a must-visit outweighs this many of the most valuable sites
DRAWN_WORTH = 3  # and a drawn one this many: a draw that is skipped when it is inconvenient is no draw
KEPT_FOR_EACH = 5  # preselection: this many candidates for each stop that the teams can make
FEWEST_KEPT = 60


@dataclass(frozen=True)
class Site:
    """A point that may be visited. Hours are (opens, closes) in minutes of the day: the visit begins between them."""

    name: str
    kind: str
    lat: float
    lon: float
    value: float
    minutes: int
    hours: tuple[int, int]
    must: bool = False
    last_visited: date | None = None
    last_inspector: str = ""


@dataclass(frozen=True)
class Team:
    """Who leaves from where, and the working hours in minutes of the day."""

    name: str
    inspectors: tuple[str, ...]
    lat: float
    lon: float
    begins: int
    ends: int


@dataclass(frozen=True)
class Wishes:
    """How the day is planned.

    `gap`: a site visited fewer than so many days ago waits, unless it is a must-visit. `rotation`: the share of its
    value that a site loses for a team with its last inspector. `random_share`: of the expected stops, drawn by `seed`.
    """

    day: date
    gap: int = 7
    rotation: float = 0.5
    random_share: float = 0.1
    seed: int = 0


@dataclass(frozen=True)
class Prepared:
    """The problem and what its numbers stand for (`sites`: positions in the list handed in)."""

    problem: Problem
    sites: tuple[int, ...]
    drawn: frozenset[int]
    waiting: int


@dataclass(frozen=True)
class Visit:
    """One stop of a team, `arrives` and `leaves` in minutes of the day, rounded up; `why` is must, drawn or value."""

    site: str
    arrives: int
    leaves: int
    value: float
    why: str


@dataclass(frozen=True)
class DayPlan:
    """Visits by team, must-visits left out with a sentence, the drawn sites, and the total value."""

    visits: Mapping[str, tuple[Visit, ...]]
    back: Mapping[str, int]
    left_out: Mapping[str, str]
    drawn: tuple[str, ...]
    value: float
    notes: tuple[str, ...] = field(default=())


def clock(minutes: int) -> str:
    """Minutes of the day as 09:05."""
    return f"{minutes // 60:02d}:{minutes % 60:02d}"


def alone(site: Site, team: Team, out: int, back: int) -> str:
    """Why this team cannot visit the site even with nothing else to do ("" when it can); travel in seconds."""
    begin = max(team.begins * 60 + out, site.hours[0] * 60)
    if begin > site.hours[1] * 60:
        return f"{team.name}最早 {clock(math.ceil(begin / 60))} 才到，{clock(site.hours[1])} 已关"
    if begin + site.minutes * 60 + back > team.ends * 60:
        return f"{team.name}去了来不及在 {clock(team.ends)} 前回来"
    return ""


def out_of_reach(sites: Sequence[Site], teams: Sequence[Team], travel: Matrix) -> dict[int, str]:
    """A sentence for every must-visit (by its position) that no team can reach; the matrix holds the sites, then the
    teams' starts.
    """
    found = {}
    for at, site in enumerate(sites):
        reasons = _reasons(at, sites, teams, travel)
        if site.must and all(reasons):
            found[at] = f"必去点位“{site.name}”哪一队都去不了：{'；'.join(reasons[:3])}。请改时间窗、停留或队伍时间。"
    return found


def unreachable(sites: Sequence[Site], teams: Sequence[Team], travel: Matrix) -> tuple[str, ...]:
    """The sentences of `out_of_reach`."""
    return tuple(out_of_reach(sites, teams, travel).values())


def _reasons(at: int, sites: Sequence[Site], teams: Sequence[Team], travel: Matrix) -> list[str]:
    starts = enumerate(teams, start=len(sites))
    return [alone(sites[at], team, travel[start][at], travel[at][start]) for start, team in starts]


def expected_stops(sites: Sequence[Site], teams: Sequence[Team], near: Mapping[int, float]) -> int:
    """How many stops the teams can make about: working time over the mean visit and the mean way to a near site.

    `near` holds the sites that count (their positions) and the seconds to their near ones.
    """
    if not near:
        return 0
    each = sum(sites[at].minutes + seconds / 60 for at, seconds in near.items()) / len(near)
    return max(1, round(sum(team.ends - team.begins for team in teams) / max(each, 1)))


def _near(travel: Matrix, among: Sequence[int]) -> dict[int, float]:
    """The mean seconds from each to its five nearest others."""
    near = {}
    for a in among:
        row = nsmallest(6, (travel[a][b] for b in among))  # the nearest is itself
        near[a] = sum(row) / max(len(row) - 1, 1)
    return near


def prepare(sites: Sequence[Site], teams: Sequence[Team], travel: Matrix, wishes: Wishes) -> Prepared:
    """Who takes part today, as a problem. Raises BadInput for must-visits out of everybody's reach and no eligible site.

    The matrix holds the seconds between the sites, then the teams' starts. Out of many sites those are kept that are
    must-visits, drawn, or worth most for their time (visit and the way from near sites), five for each expected stop.
    """
    objections = list(unreachable(sites, teams, travel))
    rested = [at for at, site in enumerate(sites) if site.must or _rested(site, wishes)]
    reach = [at for at in rested if not all(_reasons(at, sites, teams, travel))]
    if not reach and not objections:
        objections.append("没有可去的点位：都在间隔期内，或哪一队都赶不上。")
    if objections:
        raise BadInput(objections)
    near = _near(travel, reach)
    stops = expected_stops(sites, teams, near)
    free = [at for at in reach if not sites[at].must]
    drawn = _drawn(free, round(wishes.random_share * stops), wishes.seed)
    kept = _kept(sites, near, drawn, max(FEWEST_KEPT, KEPT_FOR_EACH * stops))
    return Prepared(_problem(sites, teams, travel, wishes, kept, drawn), kept, drawn, len(sites) - len(rested))


def _rested(site: Site, wishes: Wishes) -> bool:
    return site.last_visited is None or (wishes.day - site.last_visited).days >= wishes.gap


def _drawn(free: Sequence[int], count: int, seed: int) -> frozenset[int]:
    """RFC 3797 under the key `seed./` over the eligible sites in the order of the list: anybody can recompute it."""
    count = min(count, len(free))
    return (
        frozenset(free[n - 1] for n in select(key=f"{seed}./", pool=len(free), count=count)) if count else frozenset()
    )


def _kept(sites: Sequence[Site], near: Mapping[int, float], drawn: frozenset[int], most: int) -> tuple[int, ...]:
    def rank(at: int) -> tuple[bool, float, int]:
        time = sites[at].minutes * 60 + near[at]
        return not (sites[at].must or at in drawn), -sites[at].value / max(time, 60), at

    return tuple(sorted(sorted(near, key=rank)[:most]))


def _problem(
    sites: Sequence[Site],
    teams: Sequence[Team],
    travel: Matrix,
    wishes: Wishes,
    kept: tuple[int, ...],
    drawn: frozenset[int],
) -> Problem:
    rows = [*kept, *range(len(sites), len(sites) + len(teams))]
    small = tuple(tuple(travel[a][b] for b in rows) for a in rows)
    most = max((sites[at].value for at in kept), default=0) or 1
    worth = [max(1, round(sites[at].value / most * VALUE_STEPS)) for at in kept]
    stops = tuple(
        Stop(
            place,
            own + VALUE_STEPS * (MUST_WORTH if sites[at].must else DRAWN_WORTH if at in drawn else 0),
            sites[at].minutes * 60,
            sites[at].hours[0] * 60,
            sites[at].hours[1] * 60,
        )
        for place, (at, own) in enumerate(zip(kept, worth, strict=True))
    )
    crews = tuple(
        Crew(
            len(kept) + number,
            team.begins * 60,
            team.ends * 60,
            less={
                place: round(worth[place] * wishes.rotation)
                for place, at in enumerate(kept)
                if sites[at].last_inspector in team.inspectors
            },
        )
        for number, team in enumerate(teams)
    )
    return Problem(stops, crews, small)


def plan_of(
    sites: Sequence[Site], teams: Sequence[Team], wishes: Wishes, prepared: Prepared, found: Sequence[Assigned]
) -> DayPlan:
    """The found tours as a plan for people."""
    visits: dict[str, tuple[Visit, ...]] = {team.name: () for team in teams}
    back: dict[str, int] = {}
    for one in found:
        team = teams[one.crew]
        begun, home = arrivals(prepared.problem, one)
        visits[team.name] = tuple(
            _visit(sites[prepared.sites[number]], team, wishes, start, prepared.sites[number] in prepared.drawn)
            for number, start in zip(one.tour, begun, strict=True)
        )
        back[team.name] = math.ceil(home / 60)
    seen = {visit.site for tour in visits.values() for visit in tour}
    left = {site.name: _left_out(site, teams) for site in sites if site.must and site.name not in seen}
    value = round(sum(visit.value for tour in visits.values() for visit in tour), 6)
    drawn = tuple(sites[at].name for at in sorted(prepared.drawn))
    return DayPlan(visits, back, left, drawn, value, _notes(sites, prepared))


def _visit(site: Site, team: Team, wishes: Wishes, start: int, drawn: bool) -> Visit:
    same = site.last_inspector in team.inspectors
    value = site.value * (1 - wishes.rotation) if same else site.value
    why = "must" if site.must else "drawn" if drawn else "value"
    return Visit(site.name, math.ceil(start / 60), math.ceil(start / 60) + site.minutes, value, why)


def _left_out(site: Site, teams: Sequence[Team]) -> str:
    hours = f"{clock(site.hours[0])}–{clock(site.hours[1])}"
    return (
        f"必去点位“{site.name}”排不下：要停 {site.minutes} 分钟，只能在 {hours} 之间到；"
        f"单去来得及，但在 {len(teams)} 支队伍已有的路线里没有找到放得下它的排法。请加一队、延长时间或改到另一天。"
    )


def _notes(sites: Sequence[Site], prepared: Prepared) -> tuple[str, ...]:
    notes = []
    if prepared.waiting:
        notes.append(f"{prepared.waiting} 处还在间隔期内，这次不去。")
    if len(prepared.sites) < len(sites) - prepared.waiting:
        notes.append(f"先从 {len(sites) - prepared.waiting} 处里挑出 {len(prepared.sites)} 处再排路线。")
    return tuple(notes)
