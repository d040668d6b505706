"""The survey and the choices of an XLSForm line by line: types, groups, repeats, names; before what they mean."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from chuangwen.rules.edition_fields import QuestionKind
from chuangwen.rules.form_rows import ChoiceRow
from chuangwen.rules.xlsforms import SITE, VERDICT_LIST
from chuangwen.standards.xlsform_layout import VERDICT_WORDS
from chuangwen.standards.xlsform_tables import Line, Tables

_SELECT: Final = re.compile(
    r"(?:add )?(select[ _]one(?: from| using)?|select1|select[ _]multiple(?: from| using)?|select all that apply(?: from)?)"
    r"\s+(\S+)(\s+(?:or[_ ]other|or specify other))?",
    re.IGNORECASE,
)
_TYPES: Final = {
    "text": "text", "string": "text", "integer": "integer", "int": "integer", "decimal": "decimal", "date": "date",
    "image": "image", "photo": "image", "geopoint": "geopoint", "gps": "geopoint", "location": "geopoint",
    "barcode": "barcode", "note": "note", "acknowledge": "acknowledge", "trigger": "acknowledge",
}  # fmt: skip
_NOT_HELD: Final = re.compile(
    r"calculate|hidden|range|rank .*|audio|video|file|time|datetime|geotrace|geoshape|xml-external|csv-external|username|"
    r"deviceid|phonenumber|phone number|email|simserial|subscriberid|today|audit|background-audio|start-geopoint|"
    r"background-geopoint|url|device id|select_(one|multiple)_(from_file|external) .*|osm.*|entity",
    re.IGNORECASE,
)
YES: Final = frozenset({"yes", "true", "true()", "1", "是"})
NO: Final = frozenset({"", "no", "false", "false()", "0", "否"})


@dataclass(frozen=True)
class Asked:
    """One question of the survey with the groups it stands in, outermost first."""

    line: Line
    kind: str
    list_name: str
    groups: tuple[Line, ...]

    @property
    def name(self) -> str:
        return self.line.get("name")


class SurveyReader:
    """Takes the tables apart. `places`: the row each thing came from by table and key; `left`: rows not read."""

    def __init__(self, tables: Tables, kind: str) -> None:
        self.tables = tables
        self.kind = kind
        self.places: dict[tuple[str, str], int] = {}
        self.left: set[int] = set()
        self.lines = tables.lines.get("survey", [])
        self.columns = {column for line in self.lines for column in line.cells}

    def blame(self, line: Line, column: str, what: str) -> None:
        self.tables.blame("survey", line.number, column, what)

    def leave(self, line: Line, column: str, what: str) -> None:
        self.tables.leave_out("survey", line.number, column, what)

    def asked(self) -> Iterator[Asked]:
        groups: list[Line] = []
        repeats: list[Line] = []
        for line in self.lines:
            kind = " ".join(line.get("type").replace("_", " ").lower().split())
            if line.get("disabled").lower() in YES - {""}:
                self.drop(line, "disabled", "这一行停用了，不读。")
            elif kind in {"begin group", "begin repeat"}:
                self._open(line, kind, groups, repeats)
            elif kind in {"end group", "end repeat"}:
                self._close(line, kind, groups, repeats)
            elif repeats:
                self.drop(line, "type", "在重复组里，本系统放不下重复组，不采用。")
            elif not line.get("type"):
                self._without_type(line)
            elif one := self._one(line, tuple(groups)):
                yield one
        for line in (*groups, *repeats):
            self.blame(line, "type", "这一组没有结束，请补一行 end_group（或 end_repeat）。")

    def drop(self, line: Line, column: str, what: str) -> None:
        self.left.add(line.number)
        self.tables.leave_out("survey", line.number, column if column == "type" else "", what)

    def _open(self, line: Line, kind: str, groups: list[Line], repeats: list[Line]) -> None:
        if kind == "begin repeat" or repeats:
            repeats.append(line)
            self.drop(line, "type", f"重复组“{line.get('name')}”放不下，里面的题都不采用。")
        else:
            groups.append(line)

    def _close(self, line: Line, kind: str, groups: list[Line], repeats: list[Line]) -> None:
        opened = repeats or groups
        if not opened:
            self.blame(line, "type", f"{line.get('type')} 前面没有对应的开始行，请删去或补上 begin_group。")
            return
        begun = " ".join(opened[-1].get("type").replace("_", " ").lower().split())
        if begun.removeprefix("begin") != kind.removeprefix("end"):
            self.blame(line, "type", f"与第 {opened[-1].number} 行的 {opened[-1].get('type')} 对不上。")
        opened.pop()

    def _without_type(self, line: Line) -> None:
        if line.get("name") or line.get("label.zh"):
            self.blame(line, "type", "没有写题型。")

    def _one(self, line: Line, groups: tuple[Line, ...]) -> Asked | None:
        written = " ".join(line.get("type").split())
        if select := _SELECT.fullmatch(written):
            kind = "select_one" if re.match(r"select[ _]one|select1", select[1], re.IGNORECASE) else "select_multiple"
            if select[3]:
                self.leave(line, "type", "“其他”（or_other）放不下，题目照收，没有“其他”一项。请把“其他”写进选项表。")
            return Asked(line, kind, select[2], groups)
        low = written.lower()
        if low in _TYPES or (low in {"start", "end"} and line.get("name") == low):
            return Asked(line, _TYPES.get(low, low), "", groups)
        if low.startswith("select_one_from_file ") and line.get("name") == SITE:
            return Asked(line, "site", "", groups)
        if _NOT_HELD.fullmatch(low) or low in {"start", "end"}:
            self.drop(line, "type", f"题型 {written} 放不下，这一题（{line.get('name')}）不采用。")
        else:
            self.blame(line, "type", f"不认识题型“{written}”。可用：{'、'.join(QuestionKind)}。")
        return None

    def name_doubles(self, asked: list[Asked]) -> None:
        seen: dict[str, int] = {}
        for one in asked:
            if not one.name:
                self.blame(one.line, "name", "没有写名称。")
            elif one.name in seen:
                self.blame(one.line, "name", f"名称“{one.name}”与第 {seen[one.name]} 行重复，请改成不同的。")
            seen.setdefault(one.name, one.line.number)

    def choices(self) -> tuple[dict[str, list[str]], list[ChoiceRow]]:
        lists: dict[str, list[str]] = {}
        rows: list[ChoiceRow] = []
        for line in self.tables.lines.get("choices", []):
            name, value = line.get("list_name"), line.get("name")
            if not name or not value:
                missing = "list_name" if not name else "name"
                self.tables.blame("choices", line.number, missing, "没有填写。")
                continue
            if value in lists.setdefault(name, []):
                what = f"选项表“{name}”里已经有“{value}”，请改成不同的。"
                self.tables.blame("choices", line.number, "name", what)
            lists[name].append(value)
            texts = (line.get("label.zh"), line.get("label.en"), line.get("image.zh"))
            rows.append(ChoiceRow(self.kind, name, value, *texts))
            self.places.setdefault(("choices", f"{name} {value}"), line.number)
            self._verdict_words(line, name, value)
        return lists, rows

    def _verdict_words(self, line: Line, name: str, value: str) -> None:
        if name == VERDICT_LIST and (value not in VERDICT_WORDS or line.get("label.zh") != VERDICT_WORDS[value][0]):
            self.tables.leave_out("choices", line.number, "", "判定只有合格、不合格、不适用，选项和文字不能改。")
