"""What a forecast is asked: how many places of each type the examiners draw, the line, the date, and what is assumed.

A TOML file. Nothing about an examination is code: half-life, strictness, questionnaire error and red lines are stated
in it, and what it leaves out is filled with the values below, which the report names.
"""

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from math import isfinite, sqrt
from typing import Any, Final

from chuangwen.rules.edition_fields import MethodKind, word_of
from chuangwen.rules.refusals import BadInput

OFFICIAL: Final = ("official", "官方", "正式测评", "国测", "省测")
_KNOWN: Final = frozenset(
    {"date", "line", "half_life_days", "official", "places", "known", "strictness", "weights", "methods", "veto"}
)
_OTHERS: Final = (MethodKind.MATERIAL.value, MethodKind.QUESTIONNAIRE.value)


@dataclass(frozen=True)
class Strictness:
    """How examiners judge against our own people, in log-odds of passing: below zero is stricter.

    `sd` is how unsure the mean is; `round_sd` how far one examination's teams are from what examiners usually do.
    """

    mean: float = 0.0
    sd: float = 0.3
    round_sd: float = 0.15


@dataclass(frozen=True)
class MethodScore:
    """What is known of a method that is not looked at in the field: 0 to 100, and its standard error."""

    value: float
    se: float


@dataclass(frozen=True)
class Veto:
    """A red line as a scenario: with `probability` it costs `points` of the total, or the pass itself (`fails`)."""

    name: str
    probability: float
    points: float = 0.0
    fails: bool = False


@dataclass(frozen=True)
class ExamPlan:
    """`places` drawn per type; `known` how many there are where more exist than were ever visited."""

    day: date
    line: float
    places: Mapping[str, int]
    known: Mapping[str, int] = field(default_factory=dict)
    half_life_days: float = 180.0
    strictness: Strictness | None = None
    weights: Mapping[str, float] = field(default_factory=dict)
    methods: Mapping[str, MethodScore] = field(default_factory=dict)
    vetoes: tuple[Veto, ...] = ()
    official: tuple[str, ...] = OFFICIAL


def read_plan(content: bytes) -> ExamPlan:
    """The plan in a TOML file; raises BadInput naming everything that is wrong with it."""
    try:
        table = tomllib.loads(content.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise BadInput("计划不是 UTF-8 编码，请另存为 UTF-8 的 TOML 文件。") from error
    except tomllib.TOMLDecodeError as error:
        raise BadInput(f"计划不是合格的 TOML：{error}。") from error
    said: list[str] = [f"计划里的「{name}」不认识，请改名或删去。" for name in sorted(set(table) - _KNOWN)]
    plan = ExamPlan(
        day=_day(table, said),
        line=_number(table, "line", "合格线 line", said, low=0, high=100),
        places=_counts(table, "places", "抽查点位数 [places]", said, required=True),
        known=_counts(table, "known", "已有点位数 [known]", said),
        half_life_days=_number(table, "half_life_days", "半衰期 half_life_days", said, 180.0, low=1, high=36500),
        strictness=_strictness(table, said),
        weights=_weights(table, said),
        methods=_methods(table, said),
        vetoes=tuple(_vetoes(table, said)),
        official=_official(table, said),
    )
    if said:
        raise BadInput(said)
    return plan


def _day(table: Mapping[str, Any], said: list[str]) -> date:
    value = table.get("date")
    try:
        if isinstance(value, datetime):
            return value.date()
        return value if isinstance(value, date) else date.fromisoformat(str(value))
    except ValueError:
        said.append("测评日期 date 没有写对，请写成 date = 2026-12-01。")
        return date.max


def _number(
    table: Mapping[str, Any], name: str, label: str, said: list[str], default: float | None = None, *,
    low: float, high: float,
) -> float:  # fmt: skip
    value = table.get(name, default)
    if isinstance(value, bool) or not isinstance(value, int | float) or not isfinite(value):
        said.append(f"{label} 没有写，或者不是数字。")
    elif not low <= value <= high:
        said.append(f"{label} 写的是 {value:g}，应在 {low:g} 到 {high:g} 之间。")
    else:
        return float(value)
    return 0.0


def _section(table: Mapping[str, Any], name: str, label: str, said: list[str]) -> Mapping[str, Any]:
    section = table.get(name, {})
    if isinstance(section, dict):
        return section
    said.append(f"{label} 应写成一节，如 [{name}]。")
    return {}


def _counts(
    table: Mapping[str, Any], name: str, label: str, said: list[str], *, required: bool = False
) -> dict[str, int]:
    if required and not table.get(name):
        said.append(f"{label} 没有写：每类点位抽几个，如 RES = 12。")
    found = {}
    for kind, count in _section(table, name, label, said).items():
        if isinstance(count, bool) or not isinstance(count, int) or count < (1 if required else 0):
            said.append(f"{label} 里“{kind}”应是{'大于 0 的' if required else ''}整数。")
        else:
            found[kind] = count
    return found


def _strictness(table: Mapping[str, Any], said: list[str]) -> Strictness | None:
    if "strictness" not in table:
        return None
    section, usual = _section(table, "strictness", "宽严 [strictness]", said), Strictness()
    return Strictness(
        _number(section, "mean", "宽严 mean（对数几率，负的是更严）", said, usual.mean, low=-5, high=5),
        _number(section, "sd", "宽严 sd", said, usual.sd, low=0, high=5),
        _number(section, "round_sd", "宽严 round_sd", said, usual.round_sd, low=0, high=5),
    )


def _weights(table: Mapping[str, Any], said: list[str]) -> dict[str, float]:
    section = _section(table, "weights", "方法权重 [weights]", said)
    for kind in sorted(set(section) - set(MethodKind)):
        said.append(f"方法权重 [weights] 里“{kind}”不认识，可用：{'、'.join(MethodKind)}。")
    found = {
        kind: _number(section, kind, f"{word_of(kind)}的权重", said, low=0, high=100)
        for kind in section
        if kind in list(MethodKind)
    }
    if found and abs(sum(found.values()) - 100) > 1e-6:
        said.append(f"方法权重 [weights] 合计应为 100，现为 {sum(found.values()):g}。")
    return found


def _methods(table: Mapping[str, Any], said: list[str]) -> dict[str, MethodScore]:
    found = {}
    for kind, section in _section(table, "methods", "各方法现有得分 [methods]", said).items():
        label = word_of(kind)
        if kind not in _OTHERS or not isinstance(section, dict):
            said.append(f"[methods.{kind}] 不认识，可用：methods.{'、methods.'.join(_OTHERS)}。")
            continue
        value = _number(section, "value", f"{label} value", said, low=0, high=100)
        if "n" in section:
            n = _number(section, "n", f"{label} n（问卷份数）", said, low=1, high=1e9)
            rate = min(max(value / 100, 0.5 / (n + 1)), 1 - 0.5 / (n + 1)) if n else 0.5
            found[kind] = MethodScore(value, 100 * sqrt(rate * (1 - rate) / max(n, 1)))
        else:
            found[kind] = MethodScore(value, _number(section, "se", f"{label} se", said, 0.0, low=0, high=100))
    return found


def _vetoes(table: Mapping[str, Any], said: list[str]) -> Iterator[Veto]:
    rows = table.get("veto", [])
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        said.append("否决情形要写成 [[veto]]，每项有 name、probability，以及 points 或 fail。")
        return
    for number, row in enumerate(rows, start=1):
        label = f"第 {number} 个否决情形"
        if not str(row.get("name", "")).strip():
            said.append(f"{label}没有写 name。")
        if ("points" in row) == bool(row.get("fail", False)):
            said.append(f"{label}要写 points（扣几分）或 fail = true（不能通过），二选一。")
        chance = _number(row, "probability", f"{label}的 probability", said, low=0, high=1)
        points = _number(row, "points", f"{label}的 points", said, 0.0, low=0, high=100)
        yield Veto(str(row.get("name", "")), chance, points, bool(row.get("fail", False)))


def _official(table: Mapping[str, Any], said: list[str]) -> tuple[str, ...]:
    names = table.get("official", list(OFFICIAL))
    if isinstance(names, str):
        return (names,)
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        said.append('official 应是来源名称的列表，如 official = ["正式测评"]。')
        return OFFICIAL
    return tuple(names)
