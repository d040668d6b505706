"""XLSForms for tests: the sample's, and some that an office edited by hand."""

from collections.abc import Callable, Sequence
from functools import cache
from io import BytesIO
from typing import Any

from openpyxl import Workbook, load_workbook
from openpyxl.worksheet.worksheet import Worksheet

from chuangwen.rules.editions import EditionSheet
from chuangwen.rules.xlsforms import Checklist, checklist_of
from chuangwen.standards.sample_edition import sample_edition
from chuangwen.standards.xlsform_layout import Layout, lay_out
from chuangwen.standards.xlsform_reading import Reading, read_xlsform
from chuangwen.standards.xlsform_writing import write_layout

Change = Callable[[Workbook], None]


def sample_checklist(kind: str = "MKT") -> Checklist:
    """A checklist of the sample edition."""
    return checklist_of(sample_edition(), kind)


def layout_of(checklist: Checklist, edition: EditionSheet | None = None) -> Layout:
    """The form of a checklist."""
    sheet = edition or sample_edition()
    contents = {row.code: row.name for row in sheet.contents}
    names = {row.code: row.name for row in sheet.point_types}
    about = (sheet.code, sheet.version, sheet.name)
    return lay_out(checklist, contents, edition=about, kind_name=names.get(checklist.point_type, "点位"))


def form_file(checklist: Checklist, change: Change | None = None) -> bytes:
    """The XLSForm of a checklist, after somebody worked on it in Excel."""
    content = _written(checklist)
    if change is None:
        return content
    book = load_workbook(BytesIO(content))
    change(book)
    return saved(book)


@cache
def _written(checklist: Checklist) -> bytes:
    return write_layout(layout_of(checklist))


def saved(book: Workbook) -> bytes:
    """A workbook as a file."""
    out = BytesIO()
    book.save(out)
    return out.getvalue()


def reading(content: bytes, before: Checklist) -> Reading:
    """What a file says over a checklist."""
    return read_xlsform(BytesIO(content), before)


def column(sheet: Worksheet, header: str) -> int:
    """The number of a column by its header."""
    return next(cell.column for cell in sheet[1] if cell.value == header)


def row_named(sheet: Worksheet, name: str, header: str = "name") -> int:
    """The number of the first row with this name."""
    at = column(sheet, header)
    return next(row for row in range(2, sheet.max_row + 1) if sheet.cell(row, at).value == name)


def put(book: Workbook, name: str, **cells: object) -> None:
    """Change cells of the survey row with this name; `label__zh` stands for a header with `::`."""
    sheet = book["survey"]
    row = row_named(sheet, name)
    for header, value in cells.items():
        written = header.replace("__zh", "::中文 (zh)").replace("__en", "::English (en)")
        sheet.cell(row, column(sheet, written)).value = value  # type: ignore[assignment]  # whatever a test puts in


def add(book: Workbook, after: str, table: str = "survey", **cells: object) -> int:
    """A new row below the one with this name; returns its number."""
    sheet = book[table]
    row = row_named(sheet, after, "name") + 1
    sheet.insert_rows(row)
    for header, value in cells.items():
        written = header.replace("__zh", "::中文 (zh)").replace("__en", "::English (en)")
        sheet.cell(row, column(sheet, written)).value = value  # type: ignore[assignment]  # whatever a test puts in
    return row


def workbook(**tables: Sequence[Sequence[object]]) -> bytes:
    """A workbook of plain tables, the first row of each its headers."""
    book = Workbook()
    book.remove(book.worksheets[0])
    for title, rows in tables.items():
        sheet = book.create_sheet(title)
        for row in rows:
            sheet.append(list(row))
    return saved(book)


def edited_market(book: Workbook) -> None:
    """What an office does to the market's checklist: further questions, conditions, choices, both languages."""
    put(
        book,
        "c_MKT_01_verdict",
        label__zh="市场入口亮证经营，证照在有效期内",
        label__en="Licences are on display and valid",
    )
    put(book, "c_MKT_01_note", required="yes")
    put(book, "c_MKT_02", relevant="${cooked} = 'yes' and ${stalls} > 0")
    put(book, "c_MKT_02_verdict", hint__zh="看熟食间", hint__en="Look at the cooked food counter")
    fields: dict[str, Any] = {
        "type": "integer", "name": "stalls", "label__zh": "摊位多少个", "label__en": "How many stalls", "required": "yes",
        "constraint": ". >= 0 and . <= 500", "constraint_message__zh": "应在 0 到 500 之间。", "appearance": "numbers",
        "required_message__zh": "请数一数。", "default": "10",
    }  # fmt: skip
    add(book, "site", **fields)
    add(book, "site", type="select_one yes_no", name="cooked", label__zh="有没有熟食摊", hint__zh="现做现卖也算")
    kinds: dict[str, Any] = {"type": "select_multiple kinds", "name": "sold", "label__zh": "卖什么"}
    add(book, "cooked", **kinds, relevant="selected(${cooked}, 'yes')")
    add(book, "c_MKT_01_place", type="date", name="licence_until", label__zh="证照到期日", constraint=". >= today()")
    add(book, "c_MKT_01_place", type="decimal", name="scale_error", label__zh="电子秤误差（%）")
    add(book, "c_MKT_02_place", type="barcode", name="licence_code", label__zh="证照二维码")
    add(book, "c_MKT_02_place", type="image", name="counter", label__zh="熟食间照片", parameters="max-pixels=1600")
    add(book, "c_MKT_02_place", type="geopoint", name="counter_place", label__zh="熟食间位置")
    add(book, "c_MKT_02_place", type="text", name="owner", label__zh="经营者")
    add(book, "c_MKT_02_place", type="note", name="reminder", label__zh="离开前请和经营者说明结果")
    for list_name, name, zh, en in (
        ("yes_no", "yes", "有", "Yes"), ("yes_no", "no", "没有", "No"), ("kinds", "fish", "水产", "Fish"),
        ("kinds", "meat", "肉类", "Meat"),
    ):  # fmt: skip
        book["choices"].append([list_name, name, zh, en])
