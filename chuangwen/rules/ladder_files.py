"""Accountability ladders as data: what makes a rung possible, who decides, how long there is to correct, speak, appeal.

A ladder is a TOML file. It never decides anything: a rung says from when a person may open a file. Measures and the
grounds of tolerance (容错) are data as well. Reading collects every objection (BadInput).
"""

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from itertools import pairwise
from typing import Any, Final, Literal, TypeVar

from chuangwen.rules.limits import Limit, parse_limit
from chuangwen.rules.refusals import BadInput

EVERY_LEAGUE: Final = "*"
IN_PARTS: Final = " · "
MOST_PERSONS: Final = 3  # who opens, who proposes, who decides
Gap = Literal["breaks", "skips"]
T = TypeVar("T")


class Trigger(StrEnum):
    """What makes a rung possible."""

    LAST_PLACE = "last_place"
    BELOW = "below"
    ORDER = "order"
    UNDECLARED = "undeclared"


class DecidingPost(StrEnum):
    """Which post decides: of the branch in which the file is kept, or of a unit above it."""

    OFFICE_CHIEF = "office_chief"
    LEADER = "leader"
    UPPER_LEADER = "upper_leader"

    @property
    def label(self) -> str:
        """The post in Chinese."""
        return POST_LABELS[self]


POST_LABELS: Final = {
    DecidingPost.OFFICE_CHIEF: "文明办主任",
    DecidingPost.LEADER: "本级领导",
    DecidingPost.UPPER_LEADER: "上一级领导",
}


class MeasureKind(StrEnum):
    """What a measure leaves behind: a talk on record, a paper, an order to follow up, a proposal handed over."""

    TALK = "talk"
    PAPER = "paper"
    ORDER = "order"
    HAND_OVER = "hand_over"


@dataclass(frozen=True)
class Measure:
    """A measure; in a list of measures the lighter ones stand first."""

    key: str
    label: str
    kind: MeasureKind
    source: str = ""


@dataclass(frozen=True)
class ToleranceGround:
    """A ground on which a unit may ask for tolerance (容错), and where it is written."""

    key: str
    label: str
    source: str = ""


@dataclass(frozen=True)
class When:
    """The trigger of a rung: so many last places in a row, a total under a mark, an order of that kind not obeyed."""

    trigger: Trigger
    times: int = 0
    below: Decimal | None = None
    order: str = ""


@dataclass(frozen=True)
class Rung:
    """One rung (一档). `clause` is the rule in words; `fulfil` is the time an order gives, None for other measures."""

    key: str
    measure: str
    clause: str
    when: When
    decided_by: DecidingPost
    notice: str
    correct: Limit
    statement: Limit
    appeal_to: DecidingPost
    appeal: Limit
    fulfil: Limit | None = None


@dataclass(frozen=True)
class Ladder:
    """A ladder. `last`: how many of the lowest count as last in each league, "*" for all others.

    `cadence`: "week", "month" or "" for any period. `gap`: what a missing or unranked period does to 连续.
    """

    name: str
    title: str
    source: str
    rungs: tuple[Rung, ...]
    cadence: str = ""
    gap: Gap = "breaks"
    last: Mapping[str, int] | None = None
    persons: int = 2
    few_observations: int = 30
    note: str = ""

    def last_of(self, league: str) -> int:
        """How many of the lowest of a league count as last; a league may be written in parts, such as 得分 · 部门."""
        counts = self.last or {}
        named = (counts[part] for part in (league, *league.split(IN_PARTS)) if part in counts)
        return next(named, counts.get(EVERY_LEAGUE, 1))

    def rung(self, key: str) -> Rung:
        """The rung of this key; KeyError for an unknown one."""
        return next(rung for rung in self.rungs if rung.key == key) if key in self.keys else _unknown(key)

    @property
    def keys(self) -> tuple[str, ...]:
        """The keys of the rungs from the lowest up."""
        return tuple(rung.key for rung in self.rungs)

    def has(self, *triggers: Trigger) -> bool:
        """Whether a rung rests on one of these."""
        return any(rung.when.trigger in triggers for rung in self.rungs)


def _unknown(key: str) -> Rung:
    raise KeyError(key)


_LADDER_KEYS: Final = {
    "name", "title", "source", "cadence", "gap", "last", "persons", "few_observations", "note", "rungs",
}  # fmt: skip
_RUNG_KEYS: Final = {
    "key", "measure", "clause", "when", "decided_by", "notice", "correct", "statement", "appeal_to", "appeal", "fulfil",
}  # fmt: skip


def _table(text: str, what: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text.removeprefix("\ufeff"))
    except tomllib.TOMLDecodeError as error:
        raise BadInput(f"{what}不是合格的 TOML：{error}。") from error


def load_ladder(text: str, measures: Sequence[Measure]) -> Ladder:
    """Read a ladder; BadInput names everything that is wrong with it."""
    reader = _Reader(_table(text, "阶梯文件"))
    ladder = reader.ladder(measures)
    if reader.found or ladder is None:
        raise BadInput(reader.found)
    return ladder


class _Reader:
    """Reads one file and collects what is wrong."""

    def __init__(self, told: Mapping[str, Any]) -> None:
        self.told = told
        self.found: list[str] = []

    def ladder(self, measures: Sequence[Measure]) -> Ladder | None:
        self._strangers(self.told, _LADDER_KEYS, "阶梯")
        name, title, source = (self._words(self.told, key, "阶梯") for key in ("name", "title", "source"))
        cadence = self._one_of("cadence", {"week", "month", ""}, "")
        gap = self._one_of("gap", {"breaks", "skips"}, "breaks")
        persons = self._number(self.told, "persons", 2, 2, MOST_PERSONS, "阶梯")
        few = self._number(self.told, "few_observations", 30, 0, 100_000, "阶梯")
        last = self._last()
        rows = self.told.get("rungs")
        if not isinstance(rows, list) or not rows or not all(isinstance(row, dict) for row in rows):
            self.found.append("阶梯至少要有一档（[[rungs]]）。")
            return None
        rungs = [self._rung(row, at, measures) for at, row in enumerate(rows, start=1)]
        kept = tuple(rung for rung in rungs if rung is not None)
        self.found += _order_objections(kept, measures)
        return Ladder(
            name, title, source, kept, cadence, "skips" if gap == "skips" else "breaks", last, persons, few,
            str(self.told.get("note", "")).strip(),
        )  # fmt: skip

    def _strangers(self, told: Mapping[str, Any], known: set[str], where: str) -> None:
        self.found += [f"{where}里有不认识的项“{key}”，请核对拼写。" for key in sorted(told.keys() - known)]

    def _words(self, told: Mapping[str, Any], key: str, where: str) -> str:
        value = told.get(key, "")
        if not isinstance(value, str) or not value.strip():
            self.found.append(f"{where}须写明 {key}。")
            return ""
        return value.strip()

    def _one_of(self, key: str, allowed: set[str], usual: str) -> str:
        value = self.told.get(key, usual)
        if value not in allowed:
            self.found.append(f"{key} 只能是 {'、'.join(sorted(word or '（空）' for word in allowed))}。")
            return usual
        return str(value)

    def _number(self, told: Mapping[str, Any], key: str, usual: int, least: int, most: int, where: str) -> int:
        value = told.get(key, usual)
        if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
            self.found.append(f"{where}的 {key} 须是 {least} 到 {most} 的整数。")
            return usual
        return value

    def _last(self) -> dict[str, int]:
        told = self.told.get("last", {})
        if not isinstance(told, dict):
            self.found.append("last 须写成一张表，例如 [last]。")
            return {}
        return {str(league): self._number(told, league, 1, 1, 99, "last ") for league in told}

    def _rung(self, told: Mapping[str, Any], at: int, measures: Sequence[Measure]) -> Rung | None:
        where = f"第 {at} 档"
        self._strangers(told, _RUNG_KEYS, where)
        key, measure, clause, notice = (self._words(told, one, where) for one in ("key", "measure", "clause", "notice"))
        kinds = {one.key: one.kind for one in measures}
        if measure and measure not in kinds:
            self.found.append(f"{where}的措施“{measure}”不在措施表里。")
        limits = {name: self._limit(told, name, where) for name in ("correct", "statement", "appeal")}
        fulfil = self._limit(told, "fulfil", where) if kinds.get(measure) is MeasureKind.ORDER else None
        decided_by, appeal_to = (self._post(told, name, where) for name in ("decided_by", "appeal_to"))
        if decided_by is not None and decided_by is appeal_to:
            self.found.append(f"{where}的申诉须由另一个岗位决定，不能也是{decided_by.label}。")
        when = self._when(told.get("when"), where)
        correct, statement, appeal = limits["correct"], limits["statement"], limits["appeal"]
        if not (key and correct and statement and appeal and decided_by and appeal_to and when):
            return None
        return Rung(key, measure, clause, when, decided_by, notice, correct, statement, appeal_to, appeal, fulfil)

    def _limit(self, told: Mapping[str, Any], key: str, where: str) -> Limit | None:
        text = told.get(key, "")
        found = parse_limit(text) if isinstance(text, str) and text.strip() else None
        if found is None:
            self.found.append(f"{where}的 {key} 须写成“3工作日”“48小时”这样的时限。")
        return found

    def _post(self, told: Mapping[str, Any], key: str, where: str) -> DecidingPost | None:
        value = told.get(key)
        if value not in set(DecidingPost):
            choices = "、".join(f"{post.value}（{post.label}）" for post in DecidingPost)
            self.found.append(f"{where}的 {key} 须是以下岗位之一：{choices}。")
            return None
        return DecidingPost(str(value))

    def _when(self, told: object, where: str) -> When | None:
        if not isinstance(told, dict) or len(told) != 1 or next(iter(told)) not in set(Trigger):
            self.found.append(f"{where}的 when 须写且只写一项：last_place、below、order 或 undeclared。")
            return None
        trigger, value = Trigger(next(iter(told))), next(iter(told.values()))
        if trigger is Trigger.LAST_PLACE:
            return When(trigger, times=self._number(told, "last_place", 1, 1, 99, where))
        if trigger is Trigger.BELOW:
            return self._below(value, where)
        if trigger is Trigger.ORDER and isinstance(value, str) and value.strip():
            return When(trigger, order=value.strip())
        if trigger is Trigger.UNDECLARED and value is True:
            return When(trigger)
        self.found.append(f"{where}的 when：order 写命令的名称，undeclared 写 true。")
        return None

    def _below(self, value: object, where: str) -> When | None:
        try:
            mark = Decimal(str(value))
        except InvalidOperation:
            mark = Decimal("NaN")
        if not mark.is_finite():
            self.found.append(f"{where}的 below 须是分数，例如 85。")
            return None
        return When(Trigger.BELOW, below=mark)


def _order_objections(rungs: Sequence[Rung], measures: Sequence[Measure]) -> Iterator[str]:
    """Higher rungs are not lighter, and keys are told apart."""
    if len({rung.key for rung in rungs}) != len(rungs):
        yield "各档的 key 不能相同。"
    weights = {measure.key: at for at, measure in enumerate(measures)}
    for lower, upper in pairwise(rungs):
        same = lower.when.trigger is upper.when.trigger is Trigger.LAST_PLACE
        if same and upper.when.times <= lower.when.times:
            yield f"“{upper.clause}”的连续次数须多于下一档的 {lower.when.times} 次。"
        if weights.get(upper.measure, 0) < weights.get(lower.measure, 0):
            yield f"“{upper.clause}”的措施比下一档还轻，请把各档从轻到重排列。"


def load_measures(text: str) -> tuple[Measure, ...]:
    """The measures of a file, from the lightest to the heaviest."""
    rows = _rows(_table(text, "措施表"), "measures")
    return tuple(Measure(row["key"], row["label"], MeasureKind(row["kind"]), row.get("source", "")) for row in rows)


def load_grounds(text: str) -> tuple[ToleranceGround, ...]:
    """The grounds of tolerance in a file."""
    rows = _rows(_table(text, "容错情形表"), "grounds")
    return tuple(ToleranceGround(row["key"], row["label"], row.get("source", "")) for row in rows)


def _rows(told: Mapping[str, Any], name: str) -> list[dict[str, str]]:
    rows = told.get(name)
    if not isinstance(rows, list) or not rows:
        raise BadInput(f"表里没有 [[{name}]]。")
    return rows


def lighter(measures: Sequence[Measure], than: str) -> tuple[Measure, ...]:
    """The measures lighter than this one."""
    keys = [measure.key for measure in measures]
    return tuple(measures[: keys.index(than)])
