"""Routing rules as files: TOML and a spreadsheet, both read into the same rules and written back the same.

Shapes of the TOML file: `name`; [[rule]] name, to, reason, class, standard, point_type, area, days, hours, source;
[[unit]] code, name, kind, parent; [[area]] code, name, kind, parent, unit. Lists may be one string or an array.
"""

import json
import re
import tomllib
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from chuangwen.rules.deadlines import WorkCalendar
from chuangwen.rules.refusals import BadInput
from chuangwen.rules.routing import WAY_WORDS, RoutingRule, Target, Way
from chuangwen.rules.routing_places import AreaFact, Atlas, UnitFact, tree_objections
from chuangwen.rules.routing_when import Hours, read_day, read_hours
from chuangwen.rules.tables import Column, read_table, text_column, write_table

MOST_RULES: Final = 300
LONGEST_NAME, LONGEST_REASON = 40, 200
LISTS: Final = {
    "classes": "类别", "standards": "立案标准", "point_types": "点位类型", "areas": "区域", "days": "日子", "sources": "来源",
}  # fmt: skip
TOML_NAMES: Final = {
    "classes": "class", "standards": "standard", "point_types": "point_type", "areas": "area", "days": "days",
    "sources": "source",
}  # fmt: skip
_ENDING: Final = re.compile(r"（([^（）]+)）$")
_SEPARATORS: Final = re.compile(r"[、，,;；\n]")
_WAYS: Final = {word: way for way, word in WAY_WORDS.items()}


@dataclass(frozen=True)
class Known:
    """What words in rules may name; None: not checked. Names lead to codes where people write names."""

    units: Mapping[str, str]  # code -> name
    areas: Mapping[str, str]
    point_types: Mapping[str, str] | None = None
    classes: Collection[str] | None = None
    standards: Collection[str] | None = None
    sources: Mapping[str, str] | None = None


def _words(value: object) -> tuple[str, ...]:
    parts = _SEPARATORS.split(value) if isinstance(value, str) else [str(part) for part in value or ()]  # type: ignore[attr-defined]
    return tuple(dict.fromkeys(part.strip() for part in parts if part.strip()))


def coded(text: str, known: Mapping[str, str]) -> str | None:
    """The code that a text names: a code, a name that only one has, or name（code）."""
    ending = _ENDING.search(text)
    for code in (text, ending[1] if ending else ""):
        if code in known:
            return code
    named = [code for code, name in known.items() if name == text]
    return named[0] if len(named) == 1 else None


@dataclass
class _Reading:
    """One rule being read; collects every objection on the way."""

    raw: Mapping[str, Any]
    known: Known
    said: list[str] = field(default_factory=list)

    def text(self, name: str, label: str, longest: int) -> str:
        value = str(self.raw.get(name) or "").strip()
        if not value:
            self.said.append(f"没有写{label}。")
        if len(value) > longest:
            self.said.append(f"{label}有 {len(value)} 个字，最多 {longest} 个。")
        return " ".join(value.split())

    def target(self) -> Target | None:
        text = str(self.raw.get("to") or "").strip()
        if not text:
            self.said.append(f"没有写派给谁：写单位编码，或{'、'.join(_WAYS)}。")
            return None
        if text in _WAYS:
            return Target(_WAYS[text])
        code = coded(text, self.known.units)
        if code is None:
            self.said.append(f"单位“{text}”不认识：写单位编码，或{'、'.join(_WAYS)}。")
            return None
        return Target(Way.UNIT, code)

    def codes(self, name: str, known: Mapping[str, str] | None) -> tuple[str, ...]:
        words = _words(self.raw.get(name))
        if known is None:
            return words
        found = {word: coded(word, known) for word in words}
        self.said += [f"{LISTS[name]}“{word}”不认识。" for word, code in found.items() if code is None]
        return tuple(dict.fromkeys(code for code in found.values() if code))

    def listed(self, name: str, known: Collection[str] | None) -> tuple[str, ...]:
        words = _words(self.raw.get(name))
        self.said += [f"{LISTS[name]}“{word}”不认识。" for word in words if known is not None and word not in known]
        return words

    def days(self) -> tuple[str, ...]:
        days = []
        for word in _words(self.raw.get("days")):
            try:
                days.append(read_day(word))
            except ValueError as wrong:
                self.said.append(str(wrong))
        return tuple(dict.fromkeys(days))

    def hours(self) -> Hours | None:
        text = str(self.raw.get("hours") or "").strip()
        try:
            return read_hours(text) if text else None
        except ValueError as wrong:
            self.said.append(str(wrong))
            return None


def read_rule(raw: Mapping[str, Any], known: Known) -> tuple[RoutingRule | None, list[str]]:
    """One rule out of texts or lists by the field names of RoutingRule, and everything that is wrong with it."""
    reading = _Reading(raw, known)
    name, to = reading.text("name", "名称", LONGEST_NAME), reading.target()
    rule = RoutingRule(
        name=name, to=to or Target(Way.OWNER), reason=reading.text("reason", "理由", LONGEST_REASON),
        classes=reading.listed("classes", known.classes), standards=reading.listed("standards", known.standards),
        point_types=reading.codes("point_types", known.point_types), areas=reading.codes("areas", known.areas),
        days=reading.days(), hours=reading.hours(), sources=reading.codes("sources", known.sources),
    )  # fmt: skip
    return (None if reading.said else rule), reading.said


def read_rules(raws: Sequence[tuple[str, Mapping[str, Any]]], known: Known) -> tuple[RoutingRule, ...]:
    """All rules of a file, each with the words for its place; raises BadInput that names everything wrong."""
    rules, said = [], []
    names: dict[str, str] = {}
    for place, raw in raws:
        rule, wrong = read_rule(raw, known)
        said += [f"{place}：{sentence}" for sentence in wrong]
        if rule is None:
            continue
        if (first := names.setdefault(rule.name, place)) != place:
            said.append(f"{place}：名称“{rule.name}”与{first}重复。")
        rules.append(rule)
    if len(raws) > MOST_RULES:
        said.append(f"规则最多 {MOST_RULES} 条，现在有 {len(raws)} 条。")
    if not raws:
        said.append("一条规则也没有。")
    if said:
        raise BadInput(said)
    return tuple(rules)


# --- TOML ---


@dataclass(frozen=True)
class RuleFile:
    """What a TOML file holds: its name, its rules as they are written, the units and areas it brings along."""

    name: str
    raws: tuple[tuple[str, Mapping[str, Any]], ...]
    units: tuple[UnitFact, ...]
    areas: tuple[AreaFact, ...]


_RULE_KEYS: Final = {"name", "to", "reason", "hours", *TOML_NAMES.values()}
_UNIT_KEYS: Final = {"code", "name", "kind", "parent"}
_AREA_KEYS: Final = {"code", "name", "kind", "parent", "unit"}


def read_toml(content: bytes) -> RuleFile:
    """The tables of a TOML file; raises BadInput that names every key and every value that cannot be taken."""
    try:
        table = tomllib.loads(content.decode("utf-8-sig"))
    except UnicodeDecodeError as trouble:
        raise BadInput("文件不是 UTF-8 文字，请另存为 UTF-8 再交。") from trouble
    except (tomllib.TOMLDecodeError, RecursionError) as trouble:
        raise BadInput(f"文件不是完整的 TOML：{trouble}") from trouble
    said = [f"“{key}”不认识，可用：name、rule、unit、area。" for key in table.keys() - {"name", "rule", "unit", "area"}]
    rules = _tables(table, "rule", "规则", _RULE_KEYS, said)
    units = _tables(table, "unit", "单位", _UNIT_KEYS, said)
    areas = _tables(table, "area", "区域", _AREA_KEYS, said)
    for label, rows in (("单位", units), ("区域", areas)):
        said += _coding_objections(label, rows)
    if said:
        raise BadInput(said)
    fields = {short: name for name, short in TOML_NAMES.items()}
    return RuleFile(
        str(table.get("name", "")),
        tuple((f"第 {n} 条", {fields.get(key, key): value for key, value in row.items()}) for n, row in enumerate(rules, 1)),
        tuple(UnitFact(**row) for row in units),
        tuple(AreaFact(**row) for row in areas),
    )  # fmt: skip


def _tables(table: Mapping[str, Any], key: str, label: str, keys: set[str], said: list[str]) -> list[dict[str, Any]]:
    rows = table.get(key, [])
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        said.append(f"“{key}”要写成 [[{key}]] 表。")
        return []
    for number, row in enumerate(rows, start=1):
        said += [
            f"第 {number} 个{label}：“{name}”不认识，可用：{'、'.join(sorted(keys))}。" for name in row.keys() - keys
        ]
        said += [
            f"第 {number} 个{label}：“{name}”要写成文字。"
            for name, value in row.items()
            if name in keys and not _is_text(value, lists=name in TOML_NAMES.values() and key == "rule")
        ]
    return rows


def _is_text(value: object, *, lists: bool) -> bool:
    return isinstance(value, str) or (
        lists and isinstance(value, list) and all(isinstance(each, str) for each in value)
    )


def _coding_objections(label: str, rows: Iterable[Mapping[str, Any]]) -> list[str]:
    said, seen = [], set()
    for number, row in enumerate(rows, start=1):
        if not row.get("code") or not row.get("name"):
            said.append(f"第 {number} 个{label}：要有 code 和 name。")
        elif row["code"] in seen:
            said.append(f"第 {number} 个{label}：编码“{row['code']}”重复。")
        seen.add(row.get("code"))
    return said


def check_file(content: bytes, calendar: WorkCalendar) -> tuple[tuple[RoutingRule, ...], Atlas]:
    """A TOML file that brings its own units and areas: its rules and its ground; raises BadInput with everything wrong."""
    found = read_toml(content)
    said = list(tree_objections(found.units, found.areas))
    known = Known({unit.code: unit.name for unit in found.units}, {area.code: area.name for area in found.areas})
    try:
        rules = read_rules(found.raws, known)
    except BadInput as refusal:
        raise BadInput([*said, *refusal.objections]) from refusal
    if said:
        raise BadInput(said)
    atlas = Atlas({unit.code: unit for unit in found.units}, {area.code: area for area in found.areas}, calendar)
    return rules, atlas


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007F")


def _table(kind: str, facts: Mapping[str, object]) -> str:
    lines = [f"[[{kind}]]"]
    for key, value in facts.items():
        if value:
            written = f"[{', '.join(map(_quoted, value))}]" if isinstance(value, tuple) else _quoted(str(value))
            lines.append(f"{key} = {written}")
    return "\n".join(lines)


def write_toml(name: str, rules: Iterable[RoutingRule], atlas: Atlas) -> str:
    """A file that `check_file` reads back into the same rules, with the units and areas that they rest on."""
    rules = tuple(rules)
    parts = [f"name = {_quoted(name)}"]
    for rule in rules:
        lists = {short: getattr(rule, field_name) for field_name, short in TOML_NAMES.items()}
        hours = rule.hours.text if rule.hours else ""
        parts.append(
            _table("rule", {"name": rule.name, "to": rule.to.text, "reason": rule.reason, **lists, "hours": hours})
        )
    homes = [fact for fact in atlas.areas.values() if fact.kind != "compound"]
    areas = {area.code: area for rule in rules for code in rule.areas for area in atlas.area_chain(code)}
    areas |= {area.code: area for area in homes for above in atlas.area_chain(area.code)}
    wanted = {rule.to.unit for rule in rules if rule.to.way is Way.UNIT} | {area.unit for area in areas.values()}
    units = {unit.code: unit for code in sorted(wanted) for unit in atlas.unit_chain(code)}
    parts += [
        _table("unit", {"code": unit.code, "name": unit.name, "kind": unit.kind, "parent": unit.parent})
        for unit in units.values()
    ]
    parts += [
        _table("area", {"code": a.code, "name": a.name, "kind": a.kind, "parent": a.parent, "unit": a.unit})
        for a in areas.values()
    ]
    return "\n\n".join(parts) + "\n"


# --- spreadsheet ---


@dataclass(frozen=True)
class RuleRow:
    """A rule as a row of texts."""

    name: str
    classes: str
    standards: str
    point_types: str
    areas: str
    days: str
    hours: str
    sources: str
    to: str
    reason: str


def row_of(rule: RoutingRule) -> RuleRow:
    """The texts of a rule, as a spreadsheet and the row editor show them."""
    return RuleRow(
        name=rule.name, to=rule.to.text, reason=rule.reason, hours=rule.hours.text if rule.hours else "",
        **{name: "、".join(getattr(rule, name)) for name in LISTS},
    )  # fmt: skip


def columns() -> tuple[Column, ...]:
    """The columns of the spreadsheet, one rule a row, in order."""
    many = "可以写几个，用顿号隔开；空着表示不限。"
    return (
        text_column("name", "名称", LONGEST_NAME, required=True, width=20, note="一句话叫得出这条规则。"),
        text_column("classes", "类别", 500, width=24, note=f"立案标准的大类、小类，或部件、事件。{many}"),
        text_column("standards", "立案标准", 500, width=20, note=f"立案标准编码。{many}"),
        text_column("point_types", "点位类型", 500, width=18, note=f"编码或名称。{many}"),
        text_column("areas", "区域", 500, width=24, note=f"区域编码或名称，包括它下面的区域。{many}"),
        text_column("days", "日子", 100, width=14, note="周一到周日、工作日、休息日，按上报那天算。空着表示不限。"),
        text_column("hours", "时段", 40, width=14, note="如 18:00-08:00，可以跨过零点，按上报时刻算。空着表示全天。"),
        text_column("sources", "来源", 200, width=16, note=f"巡查发现、群众来信等。{many}"),
        text_column("to", "派给", 80, required=True, width=20, note=f"单位编码或全称，或{'、'.join(_WAYS)}。"),
        text_column("reason", "理由", LONGEST_REASON, required=True, width=40, note="派遣的人看得到。"),
    )


def read_sheet(content: bytes, known: Known) -> tuple[RoutingRule, ...]:
    """The rules of a spreadsheet (.xlsx or CSV), in the order of its rows; raises BadInput with everything wrong."""
    lines = read_table(content, columns())
    return read_rules([(f"第 {line.number} 行", line.values) for line in lines], known)


def write_sheet(rules: Iterable[RoutingRule], *, as_csv: bool = False) -> bytes:
    """A spreadsheet that `read_sheet` reads back into the same rules."""
    return write_table("派单规则", columns(), [row_of(rule) for rule in rules], as_csv=as_csv)


# --- as stored ---


def as_rows(rules: Iterable[RoutingRule]) -> list[dict[str, Any]]:
    """Rules as plain values, for a database column."""
    return [
        {"name": rule.name, "to": rule.to.text, "reason": rule.reason, "hours": rule.hours.text if rule.hours else ""}
        | {name: list(getattr(rule, name)) for name in LISTS}
        for rule in rules
    ]


def from_rows(rows: Iterable[Mapping[str, Any]]) -> tuple[RoutingRule, ...]:
    """Rules from plain values that `as_rows` wrote; nothing is looked up."""
    return tuple(
        RoutingRule(
            name=row["name"], to=Target(_WAYS[row["to"]]) if row["to"] in _WAYS else Target(Way.UNIT, row["to"]),
            reason=row["reason"], hours=read_hours(row["hours"]) if row["hours"] else None,
            **{name: tuple(row[name]) for name in LISTS},
        )
        for row in rows
    )  # fmt: skip
