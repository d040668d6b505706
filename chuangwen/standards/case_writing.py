"""Case standards as a workbook in the layout that cities publish, with a column for our codes at the end.

Names stand in every row rather than in merged cells, so that the sheet can be filtered and sorted.
"""

import re
from collections.abc import Iterable, Sequence
from typing import Final

from openpyxl import Workbook
from openpyxl.styles import Font

from chuangwen.rules.case_standards import CaseKind, CaseStandardRow, case_objections
from chuangwen.rules.limits import LimitUnit
from chuangwen.rules.refusals import BadInput
from chuangwen.standards.case_workbook import CODE, HEADERS
from chuangwen.standards.sheet_writing import as_bytes, new_sheet, offer, put_header, put_rows

_WIDTHS: Final = (9, 16, 9, 20, 26, 26, 44, 20, 14, 16)
_OUR_CODE: Final = re.compile(r"(?:BJ|SJ)-(?P<class>\d{2})(?P<item>\d{2})-\d+")
_LIMIT_HINT: Final = "写数字和单位，如 2紧急工作时、4小时、3工作日。可用单位：" + "、".join(u.label for u in LimitUnit)


def write_case_standards(rows: Iterable[CaseStandardRow]) -> bytes:
    """An .xlsx that `read_case_standards` reads back into the same rows; raises BadInput when rows are not sound."""
    rows = tuple(rows)
    if objections := case_objections(rows):
        raise BadInput(objections)
    book = Workbook()
    for kind in CaseKind:
        _write_sheet(book, kind, [row for row in rows if row.kind == kind])
    return as_bytes(book)


def _write_sheet(book: Workbook, kind: CaseKind, rows: Sequence[CaseStandardRow]) -> None:
    sheet = new_sheet(book, kind.value)
    put_rows(sheet, 1, [[f"立案、处置和结案标准（{kind.value}）"]])
    sheet.cell(1, 1).font = Font(bold=True, size=14)
    sheet.merge_cells(start_row=1, start_column=1, end_row=1, end_column=len(_WIDTHS))
    put_header(sheet, 2, (*HEADERS, CODE), _WIDTHS)
    put_rows(sheet, 3, [_cells(row, *codes) for row, codes in zip(rows, _codes(rows), strict=True)])
    examples = ",".join(f"1{unit.label}" for unit in LimitUnit)
    offer(sheet, 9, 3, f'"{examples}"', hint=_LIMIT_HINT, strict=False)


def _cells(row: CaseStandardRow, class_code: str, item_code: str) -> tuple[str, ...]:
    return (
        class_code,
        row.class_name,
        item_code,
        row.item,
        row.handler,
        row.supervisor,
        row.condition,
        row.closes_when,
        row.limit_text,
        row.code,
    )


def _codes(rows: Sequence[CaseStandardRow]) -> list[tuple[str, str]]:
    """Class and item codes: out of our own codes, else numbered by first appearance."""
    classes: dict[str, int] = {}
    items: dict[tuple[str, str], int] = {}
    return [_own_codes(row) or _numbered(row, classes, items) for row in rows]


def _own_codes(row: CaseStandardRow) -> tuple[str, str] | None:
    found = _OUR_CODE.fullmatch(row.code)
    return (found["class"], found["item"]) if found else None


def _numbered(row: CaseStandardRow, classes: dict[str, int], items: dict[tuple[str, str], int]) -> tuple[str, str]:
    class_ = classes.setdefault(row.class_name, len(classes) + 1)
    within = sum(class_name == row.class_name for class_name, _ in items)
    item = items.setdefault((row.class_name, row.item), within + 1)
    return f"{class_:02}", f"{item:02}"
