"""Opening an .xlsx that somebody handed in, and reading its cells as people see them.

Everything that can be wrong with the file itself is refused here with a sentence: wrong kind, macros, absurd size,
document type declarations (the door of XML entity attacks), formulas where a value is needed.
"""

import datetime as dt
import zipfile
from collections.abc import Iterator, Sequence
from decimal import Decimal
from io import BytesIO
from pathlib import Path
from typing import IO, Any, Final
from warnings import catch_warnings, simplefilter

from openpyxl import Workbook, load_workbook
from openpyxl.cell import Cell, MergedCell
from openpyxl.worksheet.worksheet import Worksheet

from chuangwen.rules.refusals import BadInput
from chuangwen.rules.xlsx_package import check_package

Source = Path | str | IO[bytes]

LARGEST_FILE: Final = 20 * 2**20
LAST_ROW: Final = 10_000
LAST_COLUMN: Final = 50
_OLD_OR_LOCKED: Final = b"\xd0\xcf\x11\xe0"
_SAVE_AS: Final = "请在 Excel 或 WPS 中另存为“Excel 工作簿（*.xlsx）”再交。"


def open_workbook(source: Source) -> Workbook:
    """The workbook in a path or an open binary file; raises BadInput with what is wrong and what to do."""
    content = _content(source)
    _refuse_wrong_kind(content)
    _refuse_bombs(content)
    book = _load(content)
    if not book.worksheets:
        raise BadInput("工作簿里没有工作表。")
    if too_big := [_size_sentence(sheet) for sheet in book.worksheets if _is_too_big(sheet)]:
        raise BadInput(too_big)
    return book


def _content(source: Source) -> bytes:
    try:
        if isinstance(source, Path | str):
            with Path(source).open("rb") as file:
                content = file.read(LARGEST_FILE + 1)
        else:
            content = source.read(LARGEST_FILE + 1)
    except FileNotFoundError:
        raise BadInput(f"没有找到文件 {source}。") from None
    except OSError as trouble:
        raise BadInput(f"文件 {source} 打不开：{trouble.strerror}。") from trouble
    if len(content) > LARGEST_FILE:
        raise BadInput(f"文件超过 {LARGEST_FILE // 2**20} MB，请拆小后再交。")
    return content


def _refuse_wrong_kind(content: bytes) -> None:
    if not content:
        raise BadInput("文件是空的。")
    if content.startswith(_OLD_OR_LOCKED):
        raise BadInput(f"这是旧版 .xls 或者加了密码的文件，读不了。请去掉密码，{_SAVE_AS[1:]}")
    if not zipfile.is_zipfile(BytesIO(content)):
        raise BadInput(f"这不是 Excel 工作簿（可能是 CSV 等文件改了扩展名）。{_SAVE_AS}")


def _refuse_bombs(content: bytes) -> None:
    try:
        check_package(content, no_workbook=f"压缩包里没有工作簿，这不是 Excel 文件。{_SAVE_AS}", save_as=_SAVE_AS)
    except BadInput:
        raise
    except Exception as trouble:  # a damaged package fails in many ways: zlib, struct, encryption, missing parts
        raise BadInput(f"文件已损坏，打不开。{_SAVE_AS}") from trouble


def _load(content: bytes) -> Workbook:
    try:
        with catch_warnings():
            simplefilter("ignore")  # openpyxl warns of styles and extensions it drops; we read only values
            return load_workbook(BytesIO(content), keep_links=False)
    except Exception as trouble:  # openpyxl lets KeyError, ValueError, ParseError and others through
        raise BadInput(f"工作簿内容已损坏，读不了。{_SAVE_AS}") from trouble


def _is_too_big(sheet: Worksheet) -> bool:
    return sheet.max_row > LAST_ROW or sheet.max_column > LAST_COLUMN


def _size_sentence(sheet: Worksheet) -> str:
    return (
        f"工作表《{sheet.title}》用到了第 {sheet.max_row} 行、第 {sheet.max_column} 列，"
        f"最多 {LAST_ROW} 行、{LAST_COLUMN} 列。请删去多余的空行和空列。"
    )


class Grid:
    """A worksheet as people see it: a merged area shows its one value in each of its cells."""

    def __init__(self, sheet: Worksheet) -> None:
        self.title = sheet.title.strip()
        self.last_row: int = sheet.max_row
        self.last_column: int = sheet.max_column
        self._cells = {(cell.row, cell.column): cell for row in sheet.iter_rows() for cell in row}
        self._top: dict[tuple[int, int], tuple[int, int]] = {}
        for area in sheet.merged_cells.ranges:
            for row, column in _places(area.bounds):
                self._top[row, column] = (area.min_row, area.min_col)

    def top(self, row: int, column: int) -> int:
        """The row where the merged area of a cell begins; the row itself outside merged areas."""
        return self._top.get((row, column), (row, column))[0]

    def is_merged(self, row: int, column: int) -> bool:
        """Whether a cell belongs to a merged area."""
        return (row, column) in self._top

    def first_row_below(self, header: int, columns: Sequence[int]) -> int:
        """The first row of data: below the header row, and below header cells merged downwards."""
        row = header + 1
        while row <= self.last_row and any(self.top(row, column) <= header for column in columns):
            row += 1
        return row

    def text(self, row: int, column: int) -> str:
        """What a cell shows, without surrounding blanks; "" for an empty one."""
        cell = self._cells.get(self._top.get((row, column), (row, column)))
        return "" if cell is None or isinstance(cell, MergedCell) else cell_text(cell)

    def trouble(self, row: int, column: int) -> str:
        """Why a cell cannot be taken as a value (a formula, an error value), or ""."""
        cell = self._cells.get(self._top.get((row, column), (row, column)))
        if cell is None or isinstance(cell, MergedCell) or cell.value is None:
            return ""
        if cell.data_type == "f":
            return "是公式，请改成数值（复制后选择性粘贴为值）。"
        return f"是错误值“{cell.value}”，请改正。" if cell.data_type == "e" else ""

    def header(self, labels: Sequence[str], aliases: dict[str, str] | None = None) -> tuple[int, dict[str, list[int]]]:
        """The row among the first ten that holds most of the labels, and the columns of each label found there."""
        best: tuple[int, dict[str, list[int]]] = (0, {})
        for row in range(1, min(self.last_row, 10) + 1):
            found: dict[str, list[int]] = {}
            for column in range(1, self.last_column + 1):
                label = "".join(self.text(row, column).split()) if self.top(row, column) == row else ""
                label = (aliases or {}).get(label, label)
                if label in labels:
                    found.setdefault(label, []).append(column)
            if len(found) > len(best[1]):
                best = (row, found)
        return best


def _places(bounds: tuple[int, int, int, int]) -> Iterator[tuple[int, int]]:
    left, top, right, bottom = bounds
    return ((row, column) for row in range(top, bottom + 1) for column in range(left, right + 1))


def cell_text(cell: Cell) -> str:
    """A cell's value as text: whole numbers without a point, percentages as shown, dates as 2026-05-01."""
    value: Any = cell.value
    if value is None:
        return ""
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, int | float):
        return _number_text(Decimal(repr(value)), percent="%" in str(cell.number_format))
    if isinstance(value, dt.datetime):
        return value.date().isoformat() if value.time() == dt.time() else value.isoformat(" ")
    return str(value).replace("\r\n", "\n").replace("\r", "\n").strip().strip("\u200b\ufeff").strip()


def _number_text(number: Decimal, *, percent: bool) -> str:
    shown = number * 100 if percent else number
    plain = f"{shown:f}"
    plain = plain.rstrip("0").rstrip(".") if "." in plain else plain
    return f"{plain}%" if percent else plain
