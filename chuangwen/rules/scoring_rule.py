"""A published scoring rule as data, and its text form: what counts how much, what happens when something is missing.

Weights, ties and the treatment of gaps differ from edition to edition and from city to city, so they are never code.
"""

import tomllib
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from decimal import ROUND_HALF_EVEN, ROUND_HALF_UP, Decimal, localcontext
from typing import Any, Literal, TypeVar, get_args

from chuangwen.rules.ranking import EXACT, Ties
from chuangwen.rules.refusals import BadInput

Missing = Literal["peers_mean", "leave_out"]
Mode = Literal["half_up", "half_even"]
Kind = Literal["value", "rate_deduction", "count_deduction"]
Formula = Literal["weighted_sum"]
Unobserved = Literal["leave_out"]

_ROUNDING: dict[Mode, tuple[str, str]] = {
    "half_up": (ROUND_HALF_UP, "四舍五入"),
    "half_even": (ROUND_HALF_EVEN, "四舍六入五成双"),  # GB/T 8170
}
_ONE, _HUNDRED = Decimal(1), Decimal(100)
_MOST_TIMES = Decimal(1_000_000)  # what is counted may happen often
MOST_DIGITS = 30  # of a value or weight: keeps every product inside EXACT
_RESERVED = ("unit", "league", "单位", "分组")  # columns of the facts that name no part


def plain(value: Decimal, least: int = 0) -> str:
    """The figure in full without an exponent, with no trailing zeros beyond `least` decimals: 94.9120 -> 94.912."""
    whole, _, decimals = f"{value:f}".partition(".")
    decimals = decimals.rstrip("0").ljust(least, "0")
    return f"{whole}.{decimals}" if decimals else whole


def too_long(value: Decimal) -> bool:
    """Whether digits, leading zeros behind the point or an exponent make the figure longer than EXACT can carry."""
    _, digits, exponent = value.as_tuple()
    return not isinstance(exponent, int) or max(len(digits), abs(exponent)) > MOST_DIGITS


@dataclass(frozen=True)
class Rounding:
    """How a total is shown, never how it is kept. Half up turns 2.675 into 2.68."""

    places: int = 2
    mode: Mode = "half_up"

    def shown(self, value: Decimal) -> Decimal:
        return value.quantize(_ONE.scaleb(-self.places), rounding=_ROUNDING[self.mode][0], context=EXACT)

    @property
    def name(self) -> str:
        return _ROUNDING[self.mode][1]


@dataclass(frozen=True)
class Deduction:
    """Full marks from `threshold` up; below it `per_point` marks less for each percentage point, never under `least`.

    Jinhua's published rule for on-time closing: 70 % or more earns all 50 marks, each point below costs one
    (https://m.wenke99.com/p-414460.html). Fractions of a point count in proportion.
    """

    threshold: Decimal
    per_point: Decimal
    least: Decimal = Decimal(0)


@dataclass(frozen=True)
class Penalty:
    """`each` marks off for every time it happened; the part itself earns nothing (Jinhua: 0.2 for a rework)."""

    each: Decimal


@dataclass(frozen=True)
class Part:
    """One part of a rule: `weight` is its share of 1 (0 for a penalty); values run from 0 to `highest`.

    `marks` is what the whole rule is out of, 100 nearly everywhere.

    `missing` says what happens to a unit without a value here: "peers_mean" takes the mean of the others in its
    league (Feidong 2021, for communities without a compound, http://www.fdwmw.gov.cn/portal/article/index.html?id=21720);
    "leave_out" keeps the unit out of the ranking, because its total could not be compared.
    """

    key: str
    label: str
    weight: Decimal
    missing: Missing = "peers_mean"
    highest: Decimal = _HUNDRED
    deduction: Deduction | Penalty | None = None
    marks: Decimal = _HUNDRED

    @property
    def full(self) -> Decimal:
        """The most marks that this part can earn."""
        with localcontext(EXACT):
            return self.weight * self.marks

    def points(self, value: Decimal) -> Decimal:
        """What `value` contributes to the total; a penalty takes away."""
        with localcontext(EXACT):
            match self.deduction:
                case None:
                    return self.full * value.scaleb(-2)
                case Penalty(each):
                    return Decimal(0) - each * value
                case Deduction(threshold, per_point, least):
                    return max(least, self.full - per_point * max(Decimal(0), threshold - value))


@dataclass(frozen=True)
class Rule:
    """A published rule. Weights sum to 1. `leagues` maps unit -> league; empty means the facts name the league."""

    name: str
    title: str
    source: str
    parts: tuple[Part, ...]
    rounding: Rounding = Rounding()
    ties: Ties = "exact"
    leagues: Mapping[str, str] = field(default_factory=dict)
    formula: Formula = "weighted_sum"
    unobserved: Unobserved = "leave_out"


L = TypeVar("L", bound=str)


def load_rule(text: str) -> Rule:
    """Read a rule from TOML; raises BadInput with every objection, each saying where it stands."""
    try:
        table = tomllib.loads(text, parse_float=Decimal)
    except ValueError as error:  # TOMLDecodeError, or an integer of thousands of digits
        raise BadInput(f"规则文件不是合格的 TOML：{error}。请按示例规则核对。") from error
    found: list[str] = []
    top = _Table(table, "规则", found)
    rule = Rule(
        name=top.text("name"),
        title=top.text("title"),
        source=top.text("source"),
        parts=_read_parts(top, top.number("marks", _HUNDRED) or _HUNDRED),
        rounding=_read_rounding(top),
        ties=top.choice("ties", get_args(Ties), "exact"),
        leagues=_read_leagues(top),
        formula=top.choice("formula", get_args(Formula), "weighted_sum"),
        unobserved=top.choice("unobserved", get_args(Unobserved), "leave_out"),
    )
    top.refuse_the_rest()
    if found:
        raise BadInput(found)
    return rule


class _Table:
    """One TOML table, read key by key; what is wrong goes on the list, and reading goes on."""

    def __init__(self, table: Mapping[str, Any], where: str, found: list[str]) -> None:
        self.table, self.where, self.found = table, where, found
        self.read: set[str] = set()

    def take(self, key: str, default: object = None) -> Any:
        self.read.add(key)
        return self.table.get(key, default)

    def object_to(self, sentence: str) -> None:
        self.found.append(f"{self.where}：{sentence}")

    def text(self, key: str) -> str:
        given = self.take(key)
        if isinstance(given, str) and given.strip():
            return given.strip()
        self.object_to(f"缺少“{key}”，或者它不是文字。")
        return ""

    def choice(self, key: str, choices: tuple[L, ...], default: L) -> L:
        given = self.take(key, default)
        for known in choices:
            if known == given:
                return known
        self.object_to(f"“{key}”是“{given}”，只能是 {'、'.join(choices)}。")
        return default

    def number(self, key: str, default: Decimal | None = None) -> Decimal | None:
        """A number above zero that is not too long; None when it is not there or not right."""
        given = self.take(key, default)
        if isinstance(given, int | Decimal) and not isinstance(given, bool):
            value = Decimal(given)
            if value.is_finite() and 0 < value <= 1_000_000 and not too_long(value):
                return value
        self.object_to(f"“{key}”应当是大于 0 的数，现在是“{'没有写' if given is None else given}”。")
        return None

    def tables(self, key: str, what: str) -> list["_Table"]:
        given = self.take(key)
        if isinstance(given, list) and given and all(isinstance(each, dict) for each in given):
            return [_Table(each, f"第 {number} 个{what}", self.found) for number, each in enumerate(given, start=1)]
        self.object_to(f"“{key}”应当至少有一段 [[{key}]]。")
        return []

    def sub_table(self, key: str) -> "_Table":
        given = self.take(key, {})
        if not isinstance(given, dict):
            self.object_to(f"“{key}”应当写成 [{key}] 一段。")
            given = {}
        return _Table(given, key, self.found)

    def refuse_the_rest(self) -> None:
        for key in self.table:
            if key not in self.read:
                self.object_to(f"不认识“{key}”，请删去或改正拼写。")


def _read_rounding(top: _Table) -> Rounding:
    table = top.sub_table("rounding")
    decimals = table.take("places", 2)
    if not isinstance(decimals, int) or isinstance(decimals, bool) or not 0 <= decimals <= 6:
        table.object_to(f"“places”应当是 0 到 6 的整数，现在是“{decimals}”。")
        decimals = 2
    mode = table.choice("mode", get_args(Mode), "half_up")
    table.refuse_the_rest()
    return Rounding(decimals, mode)


def _read_leagues(top: _Table) -> dict[str, str]:
    table = top.sub_table("leagues")
    return {unit: table.text(unit) for unit in table.table}


def _read_parts(top: _Table, marks: Decimal) -> tuple[Part, ...]:
    tables = top.tables("parts", "部分")
    parts = [replace(_read_part(table), marks=marks) for table in tables]
    names = Counter(name for part in parts for name in {part.key, part.label} if name)
    for name, times in names.items():
        if times > 1:
            top.object_to(f"“{name}”被 {times} 个部分用作代号或名称，每个部分应当不同。")
        if name in _RESERVED:
            top.object_to(f"“{name}”是数据表的固定列，不能用作部分的代号或名称。")
    return _weighed(top, parts)


def _read_part(table: _Table) -> Part:
    key, label = table.text("key"), table.text("label")
    if label or key:
        table.where = f"部分“{label or key}”"
    deduction = _read_deduction(table)
    counted = isinstance(deduction, Penalty)
    most = _MOST_TIMES if counted else _HUNDRED
    part = Part(
        key=key,
        label=label,
        weight=Decimal(0) if counted else table.number("weight") or Decimal(0),
        missing=table.choice("missing", get_args(Missing), "peers_mean"),
        highest=table.number("highest", most) or most,
        deduction=deduction,
    )
    table.refuse_the_rest()
    return part


def _read_deduction(table: _Table) -> Deduction | Penalty | None:
    kind: Kind = table.choice("kind", get_args(Kind), "value")
    match kind:
        case "value":
            return None  # a stray threshold is refused as an unknown key
        case "count_deduction":
            return Penalty(table.number("each") or _ONE)  # a stray weight likewise: a penalty earns nothing
        case "rate_deduction":
            least = table.number("least") if "least" in table.table else None
            return Deduction(
                table.number("threshold") or _HUNDRED, table.number("per_point") or _ONE, least or Decimal(0)
            )


def _weighed(top: _Table, parts: list[Part]) -> tuple[Part, ...]:
    """Weights as shares of 1; a rule may write them as percentages that sum to 100."""
    if not all(part.weight or isinstance(part.deduction, Penalty) for part in parts):
        return tuple(parts)  # already objected to
    with localcontext(EXACT):
        total = sum((part.weight for part in parts), Decimal(0))
        if total == _HUNDRED:
            return tuple(replace(part, weight=part.weight.scaleb(-2)) for part in parts)
    if parts and total != _ONE:
        top.object_to(f"各部分权重之和是 {plain(total)}，应当正好是 1（按百分数写则是 100）。")
    return tuple(parts)
