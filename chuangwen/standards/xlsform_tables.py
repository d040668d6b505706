"""The tables of an XLSForm as an office, KoboToolbox or ODK Build wrote them, under one spelling of their columns.

Spellings follow pyxform's aliases. Texts may stand in a plain column (`label`) or in one for each language
(`label::中文 (zh)`, `label::English (en)`, `label:English`); a plain one counts as Chinese.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from chuangwen.rules.refusals import BadInput
from chuangwen.standards.spreadsheet import Grid, Source, open_workbook

MOST_ROWS: Final = {"survey": 3000, "choices": 5000, "settings": 50}
KNOWN_SHEETS: Final = frozenset({"survey", "choices", "settings", "填写说明"})
CONDITIONS: Final = ("relevant", "constraint", "required", "default")
TEXTS: Final = ("label", "hint", "required_message", "constraint_message", "image")
SMART: Final = str.maketrans({"‘": "'", "’": "'", "“": '"', "”": '"', "\u00a0": " "})

_SPELT: Final = {
    "type": "type", "name": "name", "value": "name", "list_name": "list_name", "list name": "list_name",
    "label": "label", "caption": "label", "hint": "hint", "required": "required", "bind::required": "required",
    "required_message": "required_message", "required message": "required_message",
    "requiredmsg": "required_message", "bind::jr:requiredmsg": "required_message",
    "relevant": "relevant", "relevance": "relevant", "bind::relevant": "relevant",
    "constraint": "constraint", "bind::constraint": "constraint",
    "constraint_message": "constraint_message", "constraint message": "constraint_message",
    "constraint_msg": "constraint_message", "constraining message": "constraint_message",
    "bind::jr:constraintmsg": "constraint_message", "default": "default",
    "appearance": "appearance", "control::appearance": "appearance", "body::appearance": "appearance",
    "image": "image", "media::image": "image", "parameters": "parameters", "disabled": "disabled",
}  # fmt: skip
# Columns that mean something to a phone and that an edition does not hold.
_NOT_HELD: Final = frozenset({
    "calculation", "calculate", "bind::calculate", "read_only", "readonly", "bind::readonly", "repeat_count",
    "choice_filter", "trigger", "guidance_hint", "audio", "media::audio", "video", "media::video", "big-image",
    "media::big-image", "save_to", "query", "autoplay", "rows", "count", "intent",
})  # fmt: skip
_CHINESE: Final = re.compile(r"\bzh\b|\bcn\b|中文|汉语|chinese|^default$", re.IGNORECASE)
_ENGLISH: Final = re.compile(r"\ben\b|english|英", re.IGNORECASE)


@dataclass(frozen=True)
class Unheld:
    """Something in the file that an edition cannot hold; it is named, and left out."""

    sheet: str
    row: int
    column: str
    what: str

    @property
    def sentence(self) -> str:
        """Where it stands, and what becomes of it."""
        column = f"「{self.column}」" if self.column else ""
        return f"{self.sheet} 第 {self.row} 行{column}：{self.what}"


@dataclass(frozen=True)
class Line:
    """One row of a table: its number, and its cells under the one spelling (`label.zh`, `relevant`)."""

    number: int
    cells: Mapping[str, str]

    def get(self, column: str, absent: str = "") -> str:
        """A cell; `absent` where the table has no such column."""
        return self.cells.get(column, absent)


@dataclass(frozen=True)
class Wrong:
    """Something that has to be put right before the file can be taken."""

    sheet: str
    row: int
    column: str
    what: str

    @property
    def sentence(self) -> str:
        """Where it stands (row 0: the whole table), and what to do."""
        place = f"{self.sheet} 第 {self.row} 行" if self.row else self.sheet
        column = f"「{self.column}」" if self.column else ""
        return f"{place}{column}：{self.what}" if self.row else f"{place} {self.what}"


@dataclass
class Tables:
    """What was read: the lines of each table, what cannot be held, and what is wrong."""

    lines: dict[str, list[Line]] = field(default_factory=dict)
    unheld: list[Unheld] = field(default_factory=list)
    wrong: list[Wrong] = field(default_factory=list)

    def blame(self, sheet: str, row: int, column: str, what: str) -> None:
        """Note that a cell is wrong."""
        self.wrong.append(Wrong(sheet, row, column, what))

    def leave_out(self, sheet: str, row: int, column: str, what: str) -> None:
        """Note that something cannot be held."""
        self.unheld.append(Unheld(sheet, row, column, what))


def read_tables(source: Source, office: tuple[str, ...]) -> Tables:
    """The tables of a workbook; `office`: columns of our own that are read by their Chinese names.

    Raises BadInput when the file is no workbook, is dangerous, too large, or has no survey.
    """
    grids = {grid.title.lower(): grid for sheet in open_workbook(source).worksheets for grid in [Grid(sheet)]}
    if "survey" not in grids:
        raise BadInput("没有名为 survey 的工作表，这不是 XLSForm。请下载检查单的 XLSForm，在它上面改。")
    tables = Tables()
    for title, grid in grids.items():
        if title in MOST_ROWS:
            tables.lines[title] = list(_lines(grid, title, office, tables))
        elif title not in KNOWN_SHEETS and any(grid.text(row, 1) for row in range(1, min(grid.last_row, 50) + 1)):
            tables.leave_out(grid.title, 1, "", "这张工作表不读。")
    return tables


def _lines(grid: Grid, title: str, office: tuple[str, ...], tables: Tables) -> Iterator[Line]:
    if grid.last_row > MOST_ROWS[title]:
        what = f"有 {grid.last_row} 行，最多 {MOST_ROWS[title]} 行。请删去多余的行（包括空行），或把检查单拆小。"
        tables.blame(title, 0, "", what)
        return
    header = next((row for row in range(1, grid.last_row + 1) if _is_filled(grid, row)), 0)
    columns = _columns(grid, header, title, office, tables) if header else {}
    for row in range(header + 1, grid.last_row + 1):
        if _is_filled(grid, row):
            cells = dict(_cells(grid, row, columns, title, tables))
            yield Line(row, cells)


def _is_filled(grid: Grid, row: int) -> bool:
    return any(grid.text(row, column) or grid.trouble(row, column) for column in range(1, grid.last_column + 1))


def _columns(
    grid: Grid, header: int, title: str, office: tuple[str, ...], tables: Tables
) -> dict[int, tuple[str, str]]:
    """Each column's number with its spelling here and its header as written; a plain column gives way to a Chinese one."""
    written = {column: grid.text(header, column) for column in range(1, grid.last_column + 1)}
    spelt = {column: _spelling(text, title, office) for column, text in written.items() if text}
    first: dict[str, int] = {}
    for column in sorted(spelt, key=lambda one: (spelt[one].endswith(".plain"), one)):
        first.setdefault(_whose(spelt[column]), column)
    named = {}
    for column, word in spelt.items():
        if word.startswith("-") or (word and first[_whose(word)] == column):
            named[column] = (_whose(word), written[column])
        elif any(grid.text(row, column) for row in range(header + 1, grid.last_row + 1)):
            what = "与另一列重复，没有读。" if word else "不认识这一列，没有读。"
            tables.leave_out(title, header, written[column], what)
    return named


def _whose(spelt: str) -> str:
    return spelt.removesuffix(".plain") + ".zh" if spelt.endswith(".plain") else spelt


def _spelling(written: str, title: str, office: tuple[str, ...]) -> str:
    """The one spelling of a header: `relevant`, `label.zh`, `label.plain`; `-…` when known and not held; "" unknown."""
    if written in office:
        return written
    low = " ".join(written.lower().split())
    if title == "settings":
        return low.replace(" ", "_")
    if low in _SPELT:
        return _SPELT[low] + (".plain" if _SPELT[low] in TEXTS else "")
    if low in _NOT_HELD or low.startswith(("bind::", "body::", "instance::", "control::")):
        return f"-{low}"
    return _in_two_parts(low)


def _in_two_parts(low: str) -> str:
    """A header with a language: `label::中文 (zh)`, `media::image::English (en)`, `label:English`."""
    for cut in ("::", ":"):
        base, _, language = (part.strip() for part in low.rpartition(cut))
        word = _SPELT.get(base, "")
        if word in TEXTS:
            return _in_language(word, language, low)
        if base in _NOT_HELD:
            return f"-{low}"
    return ""


def _in_language(word: str, language: str, low: str) -> str:
    if _CHINESE.search(language):
        return f"{word}.zh"
    return f"{word}.en" if _ENGLISH.search(language) else f"-{low}"


def _cells(
    grid: Grid, row: int, columns: Mapping[int, tuple[str, str]], title: str, tables: Tables
) -> Iterator[tuple[str, str]]:
    for column, (spelt, written) in columns.items():
        text = grid.text(row, column)
        if grid.is_merged(row, column) and text:
            tables.blame(title, row, written, "在合并单元格里，请取消合并，每一格都填上。")
        elif trouble := grid.trouble(row, column):
            tables.blame(title, row, written, trouble)
        elif spelt.startswith("-"):
            if text:
                tables.leave_out(title, row, written, f"“{text[:40]}”放不下，不采用。")
        else:
            yield spelt, text.translate(SMART) if spelt in CONDITIONS else text
