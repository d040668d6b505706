"""Places within leagues and score rates: who is compared with whom, and what an average means.

Fairness rules carried out here, as seen in published practice: equal scores share a place (Yulin 12345 notice of
January 2022, https://m.yybnet.net/yulin/news/202201/11719082.html; Jiangmen red and black list 2018,
http://www.rmjtxw.com/news/hhb/31000.html); unlike units are ranked in separate leagues (Zhongxiang,
http://m-zhongxiang.cjyun.org/p/108473.html); what was not examined has no rate, which is not the same as zero.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Context, Decimal, localcontext
from typing import Literal, Protocol, TypeVar

from chuangwen.rules.refusals import BadInput

Ties = Literal["shown", "exact"]
Level = Literal["street", "community", "site"]

_LEVELS: tuple[Level, ...] = ("street", "community", "site")
# Own contexts: a figure must not depend on what a caller did to the decimal context of the thread.
_QUOTIENT = Context(prec=28)
EXACT = Context(prec=80)  # wide enough that sums and products of published figures are never rounded


class Ranked(Protocol):
    """Anything with a unit, its league and its place."""

    @property
    def unit(self) -> str: ...
    @property
    def league(self) -> str: ...
    @property
    def place(self) -> int: ...


R = TypeVar("R", bound=Ranked)


@dataclass(frozen=True)
class Standing:
    """One unit's total before it has a place: `exact` in full, `shown` as it is published."""

    unit: str
    league: str
    exact: Decimal
    shown: Decimal


def places(standings: Iterable[Standing], *, ties: Ties) -> dict[str, int]:
    """Unit -> place in its league, 1 for the highest total; units must be distinct.

    Units with equal totals share a place and the following places are skipped (1, 2, 2, 4). `ties` says which total
    decides: "shown" the published figure, "exact" the one with all its decimals.
    """
    rows = tuple(standings)
    totals: dict[str, list[Decimal]] = {}
    for row in rows:
        totals.setdefault(row.league, []).append(_deciding(row, ties))
    first = {league: _first_places(values) for league, values in totals.items()}
    return {row.unit: first[row.league][_deciding(row, ties)] for row in rows}


def order(lines: Iterable[R]) -> tuple[R, ...]:
    """League by league from the first place down; units that share a place stand by name, whatever order came in."""
    return tuple(sorted(lines, key=lambda line: (line.league, line.place, line.unit)))


def quotient(dividend: Decimal | int, divisor: Decimal | int) -> Decimal:
    """A division kept to 28 significant digits; `divisor` must not be zero."""
    return _QUOTIENT.divide(Decimal(dividend), Decimal(divisor))


def score_rate(passed: int, failed: int) -> Decimal | None:
    """Share of passed observations, 0 to 1; None where nothing applied.

    What does not apply is in neither count, so it changes no rate. Yes or no per criterion is local practice, e.g.
    Jiaozuo 2019: 1,166 observations, score rate 70.1 % (http://www.jiaozuo.gov.cn/2019/08-18/204691.html).
    """
    _check_counts(passed, failed)
    observed = passed + failed
    return quotient(passed, observed) if observed else None


@dataclass(frozen=True)
class Tally:
    """How often one criterion was passed and failed at one site; `weight` is the criterion's weight, above 0.

    Leave observations that did not apply out of both counts.
    """

    street: str
    community: str
    site: str
    criterion: str
    passed: int
    failed: int
    weight: Decimal = Decimal(1)


@dataclass(frozen=True)
class Rate:
    """`rate` is 0 to 1, None where nothing applied; `observed` counts the observations behind it."""

    rate: Decimal | None
    observed: int


def weighted_score_rate(tallies: Iterable[Tally]) -> Rate:
    """The pooled rate: sum of weight x passed over sum of weight x (passed + failed).

    Pooled on purpose, not a mean of the sites' rates: in a mean of means a site with two observations would count
    as much as one with forty, and which site a criterion was seen at would change what it is worth.
    """
    reached, reachable, observed = Decimal(0), Decimal(0), 0
    with localcontext(EXACT):
        for tally in tallies:
            _check_tally(tally)
            reached += tally.weight * tally.passed
            reachable += tally.weight * (tally.passed + tally.failed)
            observed += tally.passed + tally.failed
    return Rate(quotient(reached, reachable) if observed else None, observed)


def rates_by(tallies: Iterable[Tally], *, level: Level) -> Mapping[tuple[str, ...], Rate]:
    """The pooled rate of every street, community or site, each taken from the observations themselves.

    Keys are paths from the top, (street,), (street, community) or (street, community, site), because two streets may
    each have a community of the same name; they come in sorted order.
    """
    groups: dict[tuple[str, ...], list[Tally]] = {}
    depth = _LEVELS.index(level) + 1
    for tally in tallies:
        path = (tally.street, tally.community, tally.site)[:depth]
        groups.setdefault(path, []).append(tally)
    return {path: weighted_score_rate(groups[path]) for path in sorted(groups)}


def _deciding(row: Standing, ties: Ties) -> Decimal:
    return row.shown if ties == "shown" else row.exact


def _first_places(totals: list[Decimal]) -> dict[Decimal, int]:
    first: dict[Decimal, int] = {}
    for place, total in enumerate(sorted(totals, reverse=True), start=1):
        first.setdefault(total, place)
    return first


def _check_counts(passed: int, failed: int) -> None:
    if passed < 0 or failed < 0:
        raise BadInput(f"合格数 {passed}、不合格数 {failed} 不能是负数，请核对观测记录。")


def _check_tally(tally: Tally) -> None:
    _check_counts(tally.passed, tally.failed)
    if not tally.weight.is_finite() or tally.weight <= 0:
        raise BadInput(f"测评标准“{tally.criterion}”的权重 {tally.weight} 应当大于 0。")
