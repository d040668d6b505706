"""A CSV or .xlsx file as cell texts, and cell texts as a file. Bytes come in and go out; nothing here touches a disk.

Whatever can be wrong with the file itself is refused here with a sentence: wrong kind, macros, absurd size, document
type declarations (the door of XML entity attacks). What cannot be taken as a value (a formula, a merged cell) is noted
at its cell. CSV written here follows OWASP's advice on CSV injection: a text that a spreadsheet would run as a formula
gets an apostrophe in front, and reading takes that apostrophe off again.
"""

import codecs
import csv
import datetime as dt
import gzip
import io
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Final
from warnings import catch_warnings, simplefilter

import xlsxwriter
from openpyxl import load_workbook
from openpyxl.cell import Cell, MergedCell
from openpyxl.worksheet.worksheet import Worksheet

from chuangwen.rules.refusals import BadInput
from chuangwen.rules.xlsx_package import check_package

LARGEST_FILE: Final = 20 * 2**20
MOST_ROWS: Final = 20_000
MOST_COLUMNS: Final = 60
LONGEST_CELL: Final = 32_767  # characters, the limit of .xlsx
NOTES_TITLE: Final = "填写说明"

_SAVE_AS: Final = "请另存为“Excel 工作簿（*.xlsx）”或 UTF-8 编码的 CSV 再交。"
_NO_TABLE: Final = f"这不是 CSV 或 Excel 文件。{_SAVE_AS}"
_OLD_OR_LOCKED: Final = b"\xd0\xcf\x11\xe0"
_ZIP: Final = b"PK\x03\x04"
_GZIP: Final = b"\x1f\x8b"
_UTF16: Final = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
# What no spreadsheet cell can hold (XML 1.0).
CONTROL: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
_NEVER_IN_TEXT: Final = re.compile(r"[\x00-\x08\x0e-\x1f]")
# Full-width signs too: some Chinese and Japanese spreadsheets take them for the plain ones.
_RUNS_AS_FORMULA: Final = re.compile(r"'*[=+\-@＝＋－＠]")
_GUARDED: Final = re.compile(r"'+[=+\-@＝＋－＠]")
_EDGES: Final = " \t\r\n\u3000\xa0\u200b\ufeff"

Shown = str | int | Decimal | None


@dataclass(frozen=True)
class Cells:
    """The texts of a table, row 1 first, with blank rows kept so that numbers are those people see.

    `troubles` says by (row, column), both from 1, what keeps a cell from being a value. `ragged`: rows may have
    fewer or more cells than the header, as happens in a CSV file that was not written by a spreadsheet.
    """

    rows: tuple[tuple[str, ...], ...]
    troubles: Mapping[tuple[int, int], str] = field(default_factory=dict)
    ragged: bool = False


def read_cells(content: bytes, *, largest: int = LARGEST_FILE) -> Cells:
    """The cells of a CSV file (UTF-8, GB18030, UTF-16 with mark; also gzipped) or of an .xlsx workbook.

    Raises BadInput with what is wrong with the file and what to do.
    """
    content = _unpacked(content, largest)
    if not content.strip():
        raise BadInput("文件是空的。")
    if len(content) > largest:
        raise BadInput(f"文件超过 {largest // 2**20} MB，请拆小后再交。")
    if content.startswith(_OLD_OR_LOCKED):
        raise BadInput(f"这是旧版 .xls 或者加了密码的文件，读不了。请去掉密码，{_SAVE_AS[1:]}")
    return _workbook_cells(content) if content.startswith(_ZIP) else _csv_cells(decoded(content))


def _unpacked(content: bytes, largest: int) -> bytes:
    if not content.startswith(_GZIP):
        return content
    try:
        with gzip.GzipFile(fileobj=io.BytesIO(content)) as packed:
            return packed.read(largest + 1)
    except (OSError, EOFError, ValueError) as trouble:
        raise BadInput("压缩文件（.gz）已损坏，打不开。请重新下载或重新压缩。") from trouble


def decoded(content: bytes) -> str:
    """The text of a file in one of the encodings that offices use; raises BadInput when it is no text."""
    encodings = ("utf-16",) if content.startswith(_UTF16) else ("utf-8-sig", "gb18030")
    for encoding in encodings:
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if not _NEVER_IN_TEXT.search(text):
            return text
    raise BadInput(_NO_TABLE)


# --- CSV ---


def _csv_cells(text: str) -> Cells:
    rows: list[tuple[str, ...]] = []
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text), strict=True)
    try:
        for row in reader:
            rows.append(tuple(_unguarded(trimmed(cell)) for cell in row))
    except csv.Error as trouble:
        raise BadInput(_csv_trouble(str(trouble), len(rows) + 1)) from trouble
    return Cells(tuple(rows), ragged=True)


def _delimiter(text: str) -> str:
    head = text.lstrip().partition("\n")[0]
    return max(",\t;", key=head.count)  # the comma wins a draw, being first


def _csv_trouble(what: str, row: int) -> str:
    if "field larger" in what:
        return f"第 {row} 行有一格超过 {csv.field_size_limit()} 字，太长了。边界请用 .geojson 文件导入。"
    return f"第 {row} 行的引号不成对，后面的内容分不清在哪一格。请改正，或者用 Excel 另存一次。"


def _unguarded(text: str) -> str:
    return text[1:] if _GUARDED.match(text) else text


def trimmed(text: str) -> str:
    """A text without blanks and invisible marks around it, with one kind of line end."""
    return text.replace("\r\n", "\n").replace("\r", "\n").strip(_EDGES)


def write_csv(header: Sequence[str], rows: Iterable[Sequence[Shown]]) -> bytes:
    """A CSV file (UTF-8 with mark, so that Excel reads Chinese) that no spreadsheet will run anything of."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(header)
    writer.writerows([[_guarded(cell) for cell in row] for row in rows])
    return out.getvalue().encode("utf-8-sig")


def _guarded(cell: Shown) -> str:
    if not isinstance(cell, str):
        return "" if cell is None else f"{cell:f}" if isinstance(cell, Decimal) else str(cell)
    text = trimmed(CONTROL.sub("", cell))
    return f"'{text}" if _RUNS_AS_FORMULA.match(text) else text


# --- .xlsx ---


def _workbook_cells(content: bytes) -> Cells:
    try:
        check_package(content, no_workbook=_NO_TABLE, save_as=_SAVE_AS)
        with catch_warnings():
            simplefilter("ignore")  # openpyxl warns of styles and extensions it drops; we read only values
            book = load_workbook(io.BytesIO(content), keep_links=False)
    except BadInput:
        raise
    except Exception as trouble:  # zlib, struct, KeyError, ParseError …: a damaged package fails in many ways
        raise BadInput(f"工作簿已损坏，打不开。{_SAVE_AS}") from trouble
    return _sheet_cells(_only_sheet(book.worksheets))


def _only_sheet(sheets: Iterable[Worksheet]) -> Worksheet:
    visible = [sheet for sheet in sheets if sheet.sheet_state == "visible" and sheet.title.strip() != NOTES_TITLE]
    filled = [sheet for sheet in visible if any(_is_filled(cell) for row in sheet.iter_rows() for cell in row)]
    if not filled:
        raise BadInput("工作簿里没有内容。")
    if len(filled) > 1:
        titles = "、".join(f"《{sheet.title}》" for sheet in filled)
        raise BadInput(f"工作簿里有几张有内容的工作表（{titles}），看不出该读哪张。请只留一张再交。")
    if filled[0].max_row > MOST_ROWS or filled[0].max_column > MOST_COLUMNS:
        raise BadInput(
            f"工作表《{filled[0].title}》用到了第 {filled[0].max_row} 行、第 {filled[0].max_column} 列，"
            f"最多 {MOST_ROWS} 行、{MOST_COLUMNS} 列。请删去多余的空行和空列，或拆成几个文件。"
        )
    return filled[0]


def _is_filled(cell: Cell | MergedCell) -> bool:
    return cell.value is not None


def _sheet_cells(sheet: Worksheet) -> Cells:
    troubles = dict(_merged(sheet))
    rows = []
    for number, row in enumerate(sheet.iter_rows(), start=1):
        rows.append(tuple("" if isinstance(cell, MergedCell) else _cell_text(cell) for cell in row))
        troubles |= {(number, c): what for c, cell in enumerate(row, start=1) if (what := _cell_trouble(cell))}
    return Cells(tuple(rows), troubles)


def _merged(sheet: Worksheet) -> Iterator[tuple[tuple[int, int], str]]:
    for area in sheet.merged_cells.ranges:
        for row in range(area.min_row, area.max_row + 1):
            for column in range(area.min_col, area.max_col + 1):
                yield (row, column), "在合并单元格里，请取消合并，每一格都填上。"


def _cell_trouble(cell: Cell | MergedCell) -> str:
    if isinstance(cell, MergedCell):
        return ""
    if cell.data_type == "f":
        return "是公式，请改成数值（复制后选择性粘贴为值）。"
    return f"是错误值“{cell.value}”，请改正。" if cell.data_type == "e" else ""


def _cell_text(cell: Cell) -> str:
    """A cell's value as people see it: whole numbers without a point, dates as 2026-05-01."""
    value: Any = cell.value
    if value is None:
        return ""
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, int | float):
        plain = f"{Decimal(repr(value)):f}"
        return plain.rstrip("0").rstrip(".") if "." in plain else plain
    if isinstance(value, dt.datetime):
        return value.date().isoformat() if value.time() == dt.time() else value.isoformat(" ")
    return trimmed(str(value))


@dataclass(frozen=True)
class Heading:
    """One column of a workbook to write: its header, width in characters, the words to choose from, what to write."""

    label: str
    width: int = 16
    choices: tuple[str, ...] = ()
    note: str = ""


def write_xlsx(title: str, headings: Sequence[Heading], rows: Iterable[Sequence[Shown]]) -> bytes:
    """A workbook with one sheet of data and one of notes; a text that looks like a formula stays the text it is.

    Raises BadInput when a text is longer than a cell of a workbook may be.
    """
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True})
    head = book.add_format({"bold": True, "bg_color": "#DDE7F0", "border": 1, "num_format": "@"})
    plain = book.add_format({"num_format": "@"})
    guarded = book.add_format({"num_format": "@", "quote_prefix": True})
    sheet = book.add_worksheet(title)
    sheet.freeze_panes(1, 1)
    for column, heading in enumerate(headings):
        sheet.set_column(column, column, heading.width, plain)
        sheet.write_string(0, column, heading.label, head)
        if heading.choices and sum(map(len, heading.choices)) + len(heading.choices) < 255:
            sheet.data_validation(1, column, MOST_ROWS, column, {"validate": "list", "source": list(heading.choices)})
    for row, cells in enumerate(rows, start=1):
        for column, cell in enumerate(cells):
            if isinstance(cell, str):
                text = _fitting(cell, row + 1)
                sheet.write_string(row, column, text, guarded if _RUNS_AS_FORMULA.match(text) else plain)
            elif cell is not None:
                sheet.write_number(row, column, cell)
    _write_notes(book.add_worksheet(NOTES_TITLE), headings, head)
    book.close()
    return out.getvalue()


def _fitting(text: str, row: int) -> str:
    if len(text) > LONGEST_CELL:
        raise BadInput(f"第 {row} 行有一格超过 {LONGEST_CELL} 字，Excel 放不下。请改为导出 CSV。")
    return trimmed(CONTROL.sub("", text))


def _write_notes(sheet: Any, headings: Sequence[Heading], head: Any) -> None:
    sheet.set_column(0, 0, 18)
    sheet.set_column(1, 1, 90)
    sheet.write_row(0, 0, ("列", "怎样填写"), head)
    for row, heading in enumerate(headings, start=1):
        sheet.write_string(row, 0, heading.label)
        sheet.write_string(row, 1, heading.note)
