"""Facts and a published rule in, a sheet out whose every line carries its reasons.

Decimal arithmetic throughout: totals keep all their decimals and are rounded only to be shown. The one figure that is
itself a quotient, the peers' mean, is kept to 28 significant digits.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_DOWN, Decimal, localcontext

from chuangwen.rules.ranking import EXACT, Standing, order, places, quotient
from chuangwen.rules.refusals import BadInput
from chuangwen.rules.scoring_rule import (
    MOST_DIGITS,
    Deduction,
    Part,
    Penalty,
    Rounding,
    Rule,
    load_rule,
    plain,
    too_long,
)

__all__ = [
    "Deduction",
    "Facts",
    "LeftOut",
    "Line",
    "Part",
    "PartMark",
    "Penalty",
    "Rounding",
    "Rule",
    "Sheet",
    "load_rule",
    "objections",
    "plain",
    "score",
]

_SENTENCE = Decimal("0.00000001")
_HUNDRED = Decimal(100)


@dataclass(frozen=True)
class Facts:
    """What was observed of one unit: part key -> value, None or absent where nothing was observed."""

    unit: str
    values: Mapping[str, Decimal | None]
    league: str = ""


@dataclass(frozen=True)
class PartMark:
    """One part of one line; `value` is the peers' mean where `imputed`."""

    value: Decimal
    weight: Decimal
    points: Decimal
    imputed: bool


@dataclass(frozen=True)
class Line:
    """One ranked unit; `reasons` are Chinese sentences that let anybody recompute the line."""

    unit: str
    league: str
    total_exact: Decimal
    total_shown: Decimal
    place: int
    parts: Mapping[str, PartMark]
    reasons: tuple[str, ...]


@dataclass(frozen=True)
class LeftOut:
    """A unit that is not ranked this time, and why; it has no total, in particular not zero."""

    unit: str
    reason: str


@dataclass(frozen=True)
class Sheet:
    """Lines in the order of their places, league by league; units left out by name."""

    lines: tuple[Line, ...]
    left_out: tuple[LeftOut, ...]


def score(rule: Rule, facts: Iterable[Facts]) -> Sheet:
    """Total, place and reasons of every unit under `rule`; the order of `facts` does not matter.

    A unit with nothing observed is left out, never zero (Zhongxiang lists "not tested",
    http://m-zhongxiang.cjyun.org/p/108473.html), and a unit left out counts in nobody's mean. Raising one value never
    lowers its unit's total. It never costs a place under exact ties; under shown ties it can only where another
    unit's missing part follows that value through the mean and crosses a rounding step first.
    Raises BadInput naming every fact that cannot be right.
    """
    rows = tuple(facts)
    if found := objections(rule, rows):
        raise BadInput(f"第 {index + 1} 个单位“{rows[index].unit}”：{sentence}" for index, sentence in found)
    means, ranked, left_out = _sift(rule, rows)
    marked = [(row, _marks(rule, row, means)) for row in ranked]
    standings = {row.unit: _standing(rule, row, marks) for row, marks in marked}
    place_of = places(standings.values(), ties=rule.ties)
    neighbours = _same_shown(standings.values())
    lines = []
    for row, marks in marked:
        own, place = standings[row.unit], place_of[row.unit]
        reasons = (
            *_part_reasons(rule, own.league, marks, means),
            _total_reason(rule, own),
            *_tie_reasons(rule, own, place, neighbours[own.league, own.shown]),
        )
        lines.append(Line(row.unit, own.league, own.exact, own.shown, place, marks, reasons))
    return Sheet(order(lines), tuple(sorted(left_out, key=lambda left: left.unit)))


def objections(rule: Rule, facts: Sequence[Facts]) -> list[tuple[int, str]]:
    """Everything in the facts that cannot be right, as (index of the fact, Chinese sentence)."""
    times = Counter(row.unit for row in facts)
    leagues_given = any(row.league for row in facts)
    found: list[tuple[int, str]] = []
    for index, row in enumerate(facts):
        sentences = (
            *_unit_objections(row, times[row.unit]),
            *_league_objections(rule, row, leagues_given),
            *_value_objections(rule, row),
        )
        found += [(index, sentence) for sentence in sentences]
    return found


def _unit_objections(row: Facts, times: int) -> Iterable[str]:
    if not row.unit:
        yield "unit（单位）为空，请写明单位名称。"
    elif times > 1:
        yield f"unit（单位）重复：“{row.unit}”出现了 {times} 次，每个单位只能有一行。"


def _league_objections(rule: Rule, row: Facts, leagues_given: bool) -> Iterable[str]:
    if rule.leagues and row.unit and row.unit not in rule.leagues:
        yield f"league（分组）：规则的分组里没有“{row.unit}”，请核对单位名称或补进规则。"
    elif rule.leagues and row.league and row.league != rule.leagues.get(row.unit):
        yield f"league（分组）：写的是“{row.league}”，规则把它分在“{rule.leagues.get(row.unit)}”。"
    elif not rule.leagues and leagues_given and not row.league:
        yield "league（分组）为空，而其他单位写了分组，请补上。"


def _value_objections(rule: Rule, row: Facts) -> Iterable[str]:
    parts = {part.key: part for part in rule.parts}
    for key, value in row.values.items():
        if key not in parts:
            yield f"{key}：规则“{rule.name}”里没有这一部分。"
        elif value is not None and (trouble := _value_trouble(parts[key], value)):
            yield f"{key}（{parts[key].label}）：{trouble}"


def _value_trouble(part: Part, value: Decimal) -> str:
    if not value.is_finite():
        return f"{value} 不是分数。"
    if too_long(value):
        return f"位数太多，最多 {MOST_DIGITS} 位。"
    if not 0 <= value <= part.highest:
        return f"{plain(value)} 不在 0 到 {plain(part.highest)} 之间，请核对小数点和满分。"
    return ""


@dataclass(frozen=True)
class _Mean:
    figure: Decimal
    units: int


_Means = Mapping[tuple[str, str], _Mean]


def _sift(rule: Rule, rows: Sequence[Facts]) -> tuple[_Means, list[Facts], list[LeftOut]]:
    """Peers' means, the units that can be ranked, and the others with the reason.

    Who is left out is settled before the means are taken, so a unit without a place moves nobody else's. Where a
    league has no value at all for a part, the whole league goes, and no mean is touched by that either.
    """
    left_out = [LeftOut(row.unit, reason) for row in rows if (reason := _cannot_rank(rule, row))]
    ranked = [row for row in rows if not _cannot_rank(rule, row)]
    means = _means(rule, ranked)
    left_out += [LeftOut(row.unit, reason) for row in ranked if (reason := _no_peers(rule, row, means))]
    return means, [row for row in ranked if not _no_peers(rule, row, means)], left_out


def _cannot_rank(rule: Rule, row: Facts) -> str:
    absent = [part for part in rule.parts if row.values.get(part.key) is None]
    if len(absent) == len(rule.parts):
        return "各部分都没有观测，不参加本次排名，也不按零分计。"
    needed = "、".join(part.label for part in absent if part.missing == "leave_out")
    return f"{needed}没有观测，按规则不参加本次排名，也不按零分计。" if needed else ""


def _no_peers(rule: Rule, row: Facts, means: _Means) -> str:
    league = _league(rule, row)
    absent = (part for part in rule.parts if row.values.get(part.key) is None)
    lacking = "、".join(part.label for part in absent if (league, part.key) not in means)
    return f"{lacking}没有观测，同组也没有单位有观测，无平均分可取，不参加本次排名。" if lacking else ""


def _means(rule: Rule, rows: Iterable[Facts]) -> _Means:
    values: dict[tuple[str, str], list[Decimal]] = {}
    for row in rows:
        for part in rule.parts:
            if (value := row.values.get(part.key)) is not None:
                values.setdefault((_league(rule, row), part.key), []).append(value)
    with localcontext(EXACT):
        return {where: _Mean(quotient(sum(found), len(found)), len(found)) for where, found in values.items()}


def _league(rule: Rule, row: Facts) -> str:
    return rule.leagues.get(row.unit, row.league)


def _marks(rule: Rule, row: Facts, means: _Means) -> dict[str, PartMark]:
    marks = {}
    for part in rule.parts:
        seen = row.values.get(part.key)
        value = means[_league(rule, row), part.key].figure if seen is None else seen
        marks[part.key] = PartMark(value, part.weight, part.points(value), imputed=seen is None)
    return marks


def _standing(rule: Rule, row: Facts, marks: Mapping[str, PartMark]) -> Standing:
    with localcontext(EXACT):
        exact = sum((mark.points for mark in marks.values()), Decimal(0))
    return Standing(row.unit, _league(rule, row), exact, rule.rounding.shown(exact))


def _same_shown(standings: Iterable[Standing]) -> dict[tuple[str, Decimal], list[Standing]]:
    groups: dict[tuple[str, Decimal], list[Standing]] = {}
    for standing in sorted(standings, key=lambda each: each.unit):
        groups.setdefault((standing.league, standing.shown), []).append(standing)
    return groups


def _part_reasons(rule: Rule, league: str, marks: Mapping[str, PartMark], means: _Means) -> Iterable[str]:
    for part in rule.parts:
        yield _part_reason(rule, part, marks[part.key], league, means.get((league, part.key)))


def _part_reason(rule: Rule, part: Part, mark: PartMark, league: str, mean: _Mean | None) -> str:
    value, points = _brief(mark.value, rule.rounding.places), _brief(mark.points, rule.rounding.places + 1)
    source = ""
    if mark.imputed and mean is not None:
        peers = f"“{league}”组其他" if league else "其他"
        source = f"没有观测，取{peers} {mean.units} 个有观测单位的平均分 {rule.rounding.shown(mark.value):f}，"
    match part.deduction:
        case None:
            share = f" × {part.weight:f}" if part.marks == _HUNDRED else f"% × {plain(part.full)}"
            return f"{part.label}：{source}{value}{share} = {points}。"
        case Penalty(each):
            times = _brief(mark.value)
            return f"{part.label}：{source}{times} 次，每次扣 {plain(each)}，得 {points}。"
        case Deduction(threshold, per_point, least):
            floor = f"，最低 {plain(least)}" if least else ""
            base = f"{plain(threshold)} 起得满分 {plain(part.full)}"
            return f"{part.label}：{source}{value}，{base}，每低 1 个百分点扣 {plain(per_point)}{floor}，得 {points}。"


def _total_reason(rule: Rule, own: Standing) -> str:
    rounding = rule.rounding
    if own.exact == own.shown:
        return f"合计 {own.shown:f}。"
    return f"合计 {_brief(own.exact)}，{rounding.name}到 {rounding.places} 位小数为 {own.shown:f}。"


def _tie_reasons(rule: Rule, own: Standing, place: int, same_shown: Iterable[Standing]) -> Iterable[str]:
    others = [other for other in same_shown if other.unit != own.unit]
    level = [other.unit for other in others if rule.ties == "shown" or other.exact == own.exact]
    if level:
        yield f"与{'、'.join(level)}总分同为 {own.shown:f}，并列第 {place} 名。"
    for other in others:
        if other.unit not in level:
            side = "之前" if own.exact > other.exact else "之后"
            figures = " 对 ".join(_apart(own.exact, other.exact, rule.rounding.places + 1))
            yield f"与{other.unit}公布总分同为 {own.shown:f}，按未舍入的总分（{figures}）排在{side}。"


def _brief(value: Decimal, least: int = 0) -> str:
    """For a sentence: a figure that does not end within eight decimals is cut there and marked with an ellipsis."""
    cut = value.quantize(_SENTENCE, rounding=ROUND_DOWN, context=EXACT)
    return plain(value, least) if cut == value else f"{cut:f}…"


def _apart(one: Decimal, other: Decimal, least: int) -> tuple[str, str]:
    """Both figures, with as many decimals as it takes to see the difference."""
    brief = _brief(one, least), _brief(other, least)
    return brief if brief[0] != brief[1] else (plain(one), plain(other))
