"""Before and after a special campaign, against the same weeks elsewhere: difference in differences of weekly rates.

Method. For each group of areas the number of new cases of each whole week (from Monday) is divided by the group's sites:
new cases a week for 100 sites. The change in the campaign's areas (mean after − mean before) less the change in the other
areas is the difference in differences (Card & Krueger, American Economic Review 84(4), 1994). Its 95 % interval is Welch's:
the variance of the four means is summed from the week-to-week variance in each of the four cells, with Welch–Satterthwaite
degrees of freedom (Welch, Biometrika 34, 1947). The spread between weeks is measured, so counts need not be Poisson.

Limits. (1) Both groups must have moved alike without the campaign; this cannot be tested after the start, only looked at in
the weeks before. (2) Areas were chosen, not drawn by lot: the worst ones tend to get better by themselves. (3) Cases are
what was found: more patrols find more. (4) Weeks that depend on each other make the interval too narrow. (5) Trouble may
have moved next door. With fewer than three whole weeks in a cell no interval is given.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from math import sqrt

LEAST_WEEKS = 3
PER_SITES = 100
RECURS_WITHIN = timedelta(days=60)
WEEK = timedelta(days=7)
# Student's t, two-sided 95 %, for 1 to 30 degrees of freedom; beyond, the normal value is close enough.
_T95 = (
    *(12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228),
    *(2.201, 2.179, 2.160, 2.145, 2.131, 2.120, 2.110, 2.101, 2.093, 2.086),
    *(2.080, 2.074, 2.069, 2.064, 2.060, 2.056, 2.052, 2.048, 2.045, 2.042),
)


def monday_of(day: date) -> date:
    """The Monday of the week of a day."""
    return day - timedelta(days=day.weekday())


@dataclass(frozen=True)
class Weeks:
    """Mondays of the whole weeks before and after the start, and of the week of the start when that is a broken one."""

    before: tuple[date, ...]
    broken: tuple[date, ...]
    after: tuple[date, ...]

    @property
    def all(self) -> tuple[date, ...]:
        """In order of time."""
        return (*self.before, *self.broken, *self.after)


def weeks_around(start: date, *, until: date, before: int) -> Weeks:
    """The `before` whole weeks ahead of the start's week, and the whole weeks from the start that ended by `until`.

    `until` is the last day that counts (inclusive). A start on a Monday leaves no broken week.
    """
    first = monday_of(start)
    broken = () if start == first else (first,)
    after, week = [], first if start == first else first + WEEK
    while week + timedelta(days=6) <= until:
        after.append(week)
        week += WEEK
    return Weeks(tuple(first - WEEK * back for back in range(before, 0, -1)), broken, tuple(after))


@dataclass(frozen=True)
class Group:
    """New cases a week (by Monday) in some areas that have so many sites."""

    counts: Mapping[date, int]
    sites: int

    def rates(self, weeks: Iterable[date]) -> list[float]:
        """New cases for 100 sites in each week; empty where there are no sites to divide by."""
        return [PER_SITES * self.counts.get(week, 0) / self.sites for week in weeks] if self.sites else []


@dataclass(frozen=True)
class Difference:
    """Four mean weekly rates (for 100 sites), the difference in differences, its 95 % interval where one can be given."""

    inside_before: float
    inside_after: float
    outside_before: float
    outside_after: float
    low: float | None = None
    high: float | None = None

    @property
    def change(self) -> float:
        """(after − before) inside less (after − before) outside; below zero is fewer cases than elsewhere."""
        return (self.inside_after - self.inside_before) - (self.outside_after - self.outside_before)

    @property
    def leans(self) -> str:
        """`fewer` or `more` when the interval leaves zero out, `unclear` when it holds zero, `short` without interval."""
        if self.low is None or self.high is None:
            return "short"
        return "fewer" if self.high < 0 else "more" if self.low > 0 else "unclear"


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values)


def _variance_of_mean(values: Sequence[float]) -> float:
    mean = _mean(values)
    return sum((value - mean) ** 2 for value in values) / (len(values) - 1) / len(values)


def _half_width(cells: Sequence[Sequence[float]]) -> float:
    variances = [_variance_of_mean(cell) for cell in cells]
    total = sum(variances)
    if total == 0:
        return 0.0
    freedom = total**2 / sum(each**2 / (len(cell) - 1) for each, cell in zip(variances, cells, strict=True))
    quantile = _T95[max(1, int(freedom)) - 1] if freedom < len(_T95) + 1 else 1.96
    return quantile * sqrt(total)


def difference_in_differences(inside: Group, outside: Group, weeks: Weeks) -> Difference | None:
    """The change inside less the change outside, by the method and with the limits said at the top of this file.

    None where it cannot be worked out: no whole week on a side, or a group without sites.
    """
    cells = [group.rates(part) for group in (inside, outside) for part in (weeks.before, weeks.after)]
    if not all(cells):
        return None
    found = Difference(*map(_mean, cells))
    if min(map(len, cells)) < LEAST_WEEKS:
        return found
    half = _half_width(cells)
    return replace(found, low=found.change - half, high=found.change + half)


_LEANS = {
    "fewer": "区间在 0 以下：专项区域比其余区域少得更多，和专项起了作用相符；但单凭这些数字不能断定是专项造成的。",
    "more": "区间在 0 以上：专项区域比其余区域多。专项期间查得更勤也会这样，不能据此说专项没有用。",
    "unclear": "区间包含 0：从这些数字看不出专项区域和其余区域有差别，既不能说起了作用，也不能说没有作用。",
    "short": f"开始前或开始后不足 {LEAST_WEEKS} 个整周，还不能给出区间，先不要下结论。",
}


def said_plainly(found: Difference) -> tuple[str, ...]:
    """What the figures say, in sentences for people."""
    each = "每 100 处点位每周新立案"
    span = (
        f"（95% 区间 {found.low:+.2f} 至 {found.high:+.2f}）"
        if found.low is not None and found.high is not None
        else ""
    )
    return (
        f"专项区域{each}由 {found.inside_before:.2f} 件变为 {found.inside_after:.2f} 件，"
        f"其余区域同期由 {found.outside_before:.2f} 件变为 {found.outside_after:.2f} 件。",
        f"两边变化之差为 {found.change:+.2f} 件{span}。",
        _LEANS[found.leans],
    )


CANNOT_SHOW = (
    "立案是查出来的：巡查次数变了，立案也会变，请对照下面的走访次数。",
    "专项区域是选定的，不是抽签定的。问题最突出的地方，不做专项也常常会回落。",
    "问题可能转移到旁边的区域，这里看不出来。",
    "前后两段的季节、天气、大型活动如果对两边影响不同，也会算进差别里。",
    "作废和不予受理的案件不计入。",
)


@dataclass(frozen=True)
class CaseFact:
    """A case as far as the figures of a special campaign care. `place` is None where it has no site."""

    case_id: int
    inside: bool
    place: int | None
    standard: str
    reported: datetime
    due: datetime | None
    rectified: datetime | None
    ended: datetime | None


@dataclass(frozen=True)
class Measured:
    """A figure with the cases it rests on: `part` of `whole`; for a plain count `whole` is the counted cases."""

    part: tuple[int, ...]
    whole: tuple[int, ...]
    is_share: bool

    @property
    def value(self) -> float | None:
        """The count, or the share in per cent; None where nothing was there to measure."""
        if not self.is_share:
            return float(len(self.part))
        return 100 * len(self.part) / len(self.whole) if self.whole else None


def measured(measure: str, facts: Sequence[CaseFact], since: datetime, until: datetime) -> Measured:
    """One of the figures of rules/campaigns.MEASURES over the cases inside, in [since, until)."""
    inside = [fact for fact in facts if fact.inside]
    return {"open_cases": _open_cases, "on_time_rate": _on_time, "recurrence": _recurrence}[measure](
        inside, since, until
    )


def _open_cases(facts: Sequence[CaseFact], _since: datetime, until: datetime) -> Measured:
    found = _ids(fact for fact in facts if fact.reported < until and (fact.ended is None or fact.ended >= until))
    return Measured(found, found, is_share=False)


def _on_time(facts: Sequence[CaseFact], since: datetime, until: datetime) -> Measured:
    due = [(fact, fact.due) for fact in facts if fact.due is not None and since <= fact.due < until]
    kept = _ids(fact for fact, moment in due if fact.rectified is not None and fact.rectified <= moment)
    return Measured(kept, _ids(fact for fact, _moment in due), is_share=True)


def _recurrence(facts: Sequence[CaseFact], since: datetime, until: datetime) -> Measured:
    new = [fact for fact in facts if since <= fact.reported < until and fact.place is not None]
    ends: dict[tuple[int | None, str], list[datetime]] = {}
    for fact in facts:
        if fact.ended is not None:
            ends.setdefault((fact.place, fact.standard), []).append(fact.ended)
    again = [fact for fact in new if _came_back(fact, ends.get((fact.place, fact.standard), []))]
    return Measured(_ids(again), _ids(new), is_share=True)


def _came_back(fact: CaseFact, ends: Iterable[datetime]) -> bool:
    return any(fact.reported - RECURS_WITHIN <= end <= fact.reported for end in ends)


def _ids(facts: Iterable[CaseFact]) -> tuple[int, ...]:
    return tuple(fact.case_id for fact in facts)
