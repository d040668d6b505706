"""Writing tables that an office edits: text stays text, the header stays in view, columns are wide enough."""

from collections.abc import Iterable, Sequence
from decimal import Decimal
from io import BytesIO
from typing import Final

from openpyxl import Workbook
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from chuangwen.rules.refusals import BadInput

LONGEST_CELL: Final = 32_767
ROOM_TO_GROW: Final = 500
TEXT_FORMAT: Final = "@"

Value = str | Decimal | int | None

_HEADER_FILL: Final = PatternFill("solid", fgColor="DDE7F0")
_LINE: Final = Side(style="thin", color="BFBFBF")
_BORDER: Final = Border(left=_LINE, right=_LINE, top=_LINE, bottom=_LINE)
_WRAPPED: Final = Alignment(wrap_text=True, vertical="top")


def put(sheet: Worksheet, row: int, column: int, value: Value) -> None:
    """Write one cell. A text that looks like a formula or a number stays the text it is; "" leaves the cell empty."""
    cell = sheet.cell(row, column)
    cell.alignment = _WRAPPED
    cell.border = _BORDER
    if isinstance(value, Decimal | int) and not isinstance(value, bool):
        number = float(value)
        if Decimal(repr(number)) == value:
            cell.value = int(value) if number.is_integer() else number
            return
    _put_text(sheet, row, column, "" if value is None else str(value))


def _put_text(sheet: Worksheet, row: int, column: int, text: str) -> None:
    cell = sheet.cell(row, column)
    cell.number_format = TEXT_FORMAT
    if ILLEGAL_CHARACTERS_RE.search(text) or len(text) > LONGEST_CELL:
        raise BadInput(f"《{sheet.title}》第 {row} 行有写不进表格的内容（控制字符，或超过 {LONGEST_CELL} 字）。")
    if text:
        cell.value = text
        cell.data_type = "s"


def put_header(sheet: Worksheet, row: int, labels: Sequence[str], widths: Sequence[int]) -> None:
    """Write the header row, set the widths (in characters of the default font) and keep the header in view."""
    for column, (label, width) in enumerate(zip(labels, widths, strict=True), start=1):
        put(sheet, row, column, label)
        cell = sheet.cell(row, column)
        cell.font, cell.fill = Font(bold=True), _HEADER_FILL
        sheet.column_dimensions[get_column_letter(column)].width = width
    sheet.freeze_panes = f"B{row + 1}"


def put_rows(sheet: Worksheet, first_row: int, rows: Iterable[Sequence[Value]]) -> None:
    """Write rows of cells one below the other."""
    for row, values in enumerate(rows, start=first_row):
        for column, value in enumerate(values, start=1):
            put(sheet, row, column, value)


def offer(sheet: Worksheet, column: int, first_row: int, choices: str, *, hint: str = "", strict: bool = True) -> None:
    """A drop-down list for a column, with room below for new rows.

    `choices` is a list formula: '"是,否"' or a range of another sheet. Not strict: other words only bring a question.
    """
    letter = get_column_letter(column)
    last = max(sheet.max_row, first_row) + ROOM_TO_GROW
    validation = DataValidation(type="list", formula1=choices, allow_blank=True)
    validation.errorStyle = "stop" if strict else "warning"
    validation.showErrorMessage = True
    validation.error = hint or "请从下拉列表中选择。"
    if hint:
        validation.promptTitle, validation.prompt, validation.showInputMessage = "填写说明", hint, True
    validation.add(f"{letter}{first_row}:{letter}{last}")
    sheet.add_data_validation(validation)


def as_bytes(book: Workbook) -> bytes:
    """The workbook as the content of an .xlsx file."""
    target = BytesIO()
    book.save(target)
    return target.getvalue()


def new_sheet(book: Workbook, title: str) -> Worksheet:
    """A further sheet of a workbook; the first one of a new workbook takes the place of the empty one."""
    active = book.active
    if isinstance(active, Worksheet) and len(book.worksheets) == 1 and active.title == "Sheet":
        active.title = title
        return active
    sheet = book.create_sheet(title)
    assert isinstance(sheet, Worksheet)
    return sheet
