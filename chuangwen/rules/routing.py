"""派单规则: an ordered list of rules says which unit a case should go to, and why in words. A person confirms.

The first rule that applies and leads to a unit at work decides; a rule whose unit cannot be found for this case (no site,
no grid there, unit given up) is passed over. Where no rule decides, the past is asked: which unit closed such cases.
Sources: the dispatch list (派单目录) of 《北京市接诉即办工作条例》 (2021), kept up to date and applied in order; "a unit is
dispatched to directly where duty is clear, to the place where it is not".
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from chuangwen.rules.routing_places import Atlas
from chuangwen.rules.routing_when import Hours, day_of, day_set, hours_within, minute_of

LEAST_PAST: Final = 5  # fewer closed cases than this are no experience


class Way(StrEnum):
    """How a rule finds its unit."""

    UNIT = "unit"
    STREET = "street"
    COMMUNITY = "community"
    GRID = "grid"
    OWNER = "owner"


WAY_WORDS: Final[dict[Way, str]] = {
    Way.STREET: "属地街道",
    Way.COMMUNITY: "属地社区",
    Way.GRID: "属地网格",
    Way.OWNER: "点位责任单位",
}


@dataclass(frozen=True)
class Target:
    """Where a rule sends a case: a fixed unit (its code), or a unit that depends on the place."""

    way: Way
    unit: str = ""

    @property
    def text(self) -> str:
        """As it is written in files: the code of a unit, or the words of WAY_WORDS."""
        return self.unit if self.way is Way.UNIT else WAY_WORDS[self.way]

    def words(self, atlas: Atlas) -> str:
        """As people read it."""
        return atlas.name_of(self.unit) if self.way is Way.UNIT else WAY_WORDS[self.way]


@dataclass(frozen=True)
class RoutingRule:
    """One rule. An empty condition holds for every case; several values of one condition: any of them.

    classes: 大类, 小类 or 部件/事件 of the case standard; standards: its codes; areas: branches of the area tree;
    days, hours: when the case was reported, in Beijing time; sources: kinds of origin.
    """

    name: str
    to: Target
    reason: str
    classes: tuple[str, ...] = ()
    standards: tuple[str, ...] = ()
    point_types: tuple[str, ...] = ()
    areas: tuple[str, ...] = ()
    days: tuple[str, ...] = ()
    hours: Hours | None = None
    sources: tuple[str, ...] = ()


@dataclass(frozen=True)
class CaseFacts:
    """What rules look at in a case; empty words: not known."""

    key: str
    reported_at: datetime
    standard: str = ""
    kind: str = ""
    class_name: str = ""
    item: str = ""
    point_type: str = ""
    area: str = ""
    home: str = ""
    owner: str = ""
    source: str = ""


@dataclass(frozen=True)
class Suggestion:
    """To which unit, by which rule (its place from 1; 0: by the past), why in words, and what was passed over."""

    unit: str
    place: int
    why: str
    passed: tuple[str, ...] = ()


def applies(rule: RoutingRule, case: CaseFacts, atlas: Atlas) -> bool:
    """Whether every condition of the rule holds for the case."""
    return (
        (not rule.standards or case.standard in rule.standards)
        and (not rule.classes or not {case.class_name, case.item, case.kind}.isdisjoint(rule.classes))
        and (not rule.point_types or case.point_type in rule.point_types)
        and (not rule.sources or case.source in rule.sources)
        and (not rule.areas or not atlas.areas_at(case.area, case.home).isdisjoint(rule.areas))
        and (rule.hours is None or rule.hours.holds(minute_of(case.reported_at, atlas.calendar)))
        and (not rule.days or day_of(case.reported_at, atlas.calendar) in day_set(rule.days))
    )


def unit_of(target: Target, case: CaseFacts, atlas: Atlas) -> str:
    """The code of the unit to which a target leads for this case; "" when there is none, or it is at work no more."""
    if target.way is Way.UNIT:
        code = target.unit
    elif target.way is Way.OWNER:
        code = case.owner
    else:
        code = atlas.home_at(target.way.value, case.area, case.home)
    found = atlas.units.get(code)
    return code if found is not None and found.active else ""


def pick(rules: Sequence[RoutingRule], case: CaseFacts, atlas: Atlas, barred: Collection[str] = ()) -> tuple[int, str]:
    """The place (from 1) of the rule that decides, and its unit; (0, "") when none does.

    `barred`: units to which the case cannot sensibly go, because they just sent it back or object to it.
    """
    for place, rule in enumerate(rules, start=1):
        if applies(rule, case, atlas) and (unit := unit_of(rule.to, case, atlas)) and unit not in barred:
            return place, unit
    return 0, ""


def suggest(
    rules: Sequence[RoutingRule], case: CaseFacts, atlas: Atlas, barred: Collection[str] = ()
) -> Suggestion | None:
    """The same with its reason in words; None when no rule decides."""
    place, unit = pick(rules, case, atlas, barred)
    if not place:
        return None
    passed = tuple(
        _passed_over(title(number, rule), rule, unit_of(rule.to, case, atlas), atlas)
        for number, rule in enumerate(rules[: place - 1], start=1)
        if applies(rule, case, atlas)
    )
    rule = rules[place - 1]
    said = "，".join(conditions(rule, atlas)) or "其余案件"
    return Suggestion(unit, place, f"{title(place, rule)}：{said}。{rule.reason}", passed)


def _passed_over(name: str, rule: RoutingRule, barred: str, atlas: Atlas) -> str:
    if barred:
        return f"{name}也适用，但{atlas.name_of(barred)}不认为该由它办。"
    return f"{name}也适用，但找不到{rule.to.words(atlas)}。"


def title(place: int, rule: RoutingRule) -> str:
    """What a rule is called."""
    return f"第 {place} 条“{rule.name}”"


def conditions(rule: RoutingRule, atlas: Atlas) -> tuple[str, ...]:
    """The conditions as words, one each."""
    areas = [atlas.areas[code].name if code in atlas.areas else code for code in rule.areas]
    parts = (
        ("类别为", rule.classes),
        ("立案标准为", rule.standards),
        ("点位类型为", [atlas.words.get(code, code) for code in rule.point_types]),
        ("在", areas),
        ("来源为", [atlas.words.get(code, code) for code in rule.sources]),
    )
    said = [f"{head}{'、'.join(words)}" for head, words in parts if words]
    when = "、".join(rule.days) + (f" {rule.hours.text}" if rule.hours else "")
    return (*said, f"{when.strip()}上报") if when else tuple(said)


# --- the past ---


@dataclass(frozen=True)
class PastCount:
    """How many such cases a unit closed."""

    unit: str
    name: str
    closed: int


def from_the_past(rows: Sequence[PastCount], *, such: str) -> Suggestion | None:
    """The unit that closed most of such cases, with share and count; None where there are too few to learn from.

    `such` says which cases were counted. Of units with the same count the smaller code is taken.
    """
    total = sum(row.closed for row in rows)
    if total < LEAST_PAST:
        return None
    best = min(rows, key=lambda row: (-row.closed, row.unit))
    share = (200 * best.closed + total) // (2 * total)  # whole percent, halves up
    return Suggestion(
        best.unit, 0, f"没有规则适用。{such}结案 {total} 件，其中 {best.closed} 件（{share}%）由{best.name}办结。"
    )


# --- rules that are never reached ---


def _covers_words(wide: Sequence[str], narrow: Sequence[str]) -> bool:
    return not wide or (bool(narrow) and set(narrow) <= set(wide))


def _covers_areas(wide: Sequence[str], narrow: Sequence[str], atlas: Atlas) -> bool:
    if not wide:
        return True
    return bool(narrow) and all(any(atlas.below(area, branch) for branch in wide) for area in narrow)


def covers(wide: RoutingRule, narrow: RoutingRule, atlas: Atlas) -> bool:
    """Whether `wide` surely applies to every case to which `narrow` applies."""
    return (
        _covers_words(wide.standards, narrow.standards)
        and _covers_words(wide.classes, narrow.classes)
        and _covers_words(wide.point_types, narrow.point_types)
        and _covers_words(wide.sources, narrow.sources)
        and _covers_areas(wide.areas, narrow.areas, atlas)
        and day_set(narrow.days) <= day_set(wide.days)
        and hours_within(narrow.hours, wide.hours)
    )


def never_reached(rules: Sequence[RoutingRule], atlas: Atlas) -> Iterator[tuple[int, int]]:
    """(later, earlier) places from 1 of rules that never decide, because an earlier single rule takes all their cases.

    An earlier rule takes them all when it covers the later one and always finds a unit (a fixed unit at work), or when both look
    for the unit in the same way. What several earlier rules take together is not looked for.
    """
    for later, narrow in enumerate(rules, start=1):
        for earlier, wide in enumerate(rules[: later - 1], start=1):
            if _leads(wide, narrow, atlas) and covers(wide, narrow, atlas):
                yield later, earlier
                break


def _leads(wide: RoutingRule, narrow: RoutingRule, atlas: Atlas) -> bool:
    if wide.to.way is not Way.UNIT:
        return wide.to.way is narrow.to.way
    found = atlas.units.get(wide.to.unit)
    return found is not None and found.active


def warnings(rules: Sequence[RoutingRule], atlas: Atlas) -> tuple[str, ...]:
    """What a reader should look at, though it is not wrong."""
    return tuple(
        f"{title(later, rules[later - 1])}永远轮不到：{title(earlier, rules[earlier - 1])}在它前面，已经包括了它的全部情形。"
        for later, earlier in never_reached(rules, atlas)
    )
