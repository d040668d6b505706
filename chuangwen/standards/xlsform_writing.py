"""A form's three tables as an .xlsx that an office edits: wide columns, drop-down lists, and a page of notes."""

from collections.abc import Sequence
from typing import Final

from openpyxl import Workbook
from openpyxl.worksheet.worksheet import Worksheet

from chuangwen.rules.edition_fields import QuestionKind, Severity, words_of
from chuangwen.rules.xpath import FUNCTIONS
from chuangwen.standards.sheet_writing import as_bytes, new_sheet, offer, put, put_header, put_rows
from chuangwen.standards.xlsform_layout import CHOICE_COLUMNS, SETTING_COLUMNS, SURVEY_COLUMNS, Layout, Row

NOTES_TITLE: Final = "填写说明"
_NOTES: Final = (
    ("怎样改", "只改 survey 和 choices 两张表；列名、表名不要改。改完在“测评标准”的草稿里选“上传检查单”。"),
    (
        "一条标准",
        "从 begin_group 到 end_group 是一条标准：判定、说明、照片、位置四行的名称不要改；标准的文字写在判定那一行。",
    ),
    (
        "新增标准",
        "整组复制一条标准，改名称（如 c_RES_99、c_RES_99_verdict 等）和“编码”，再改文字。删去整组即删去这条标准。",
    ),
    ("附加问题", f"可加在标准组里或放在“点位”之后。题型：{'、'.join(QuestionKind)}。"),
    (
        "出现条件、校验条件",
        f"relevant、constraint 可用 ${{名称}}、比较、and、or 和函数：{'、'.join(sorted(FUNCTIONS))}。",
    ),
    ("等级", f"可选：{words_of(Severity)}。"),
    ("英文", "English 列可以不填，手机上改用英文时显示中文。"),
)
_WIDE: Final = {"type": 22, "name": 24, "relevant": 30, "constraint": 24, "出处": 36, "不算问题的情形": 30}


def write_layout(layout: Layout) -> bytes:
    """The workbook."""
    book = Workbook()
    survey = _table(book, "survey", SURVEY_COLUMNS, layout.survey)
    _table(book, "choices", CHOICE_COLUMNS, layout.choices)
    _table(book, "settings", SETTING_COLUMNS, (layout.settings,))
    notes = new_sheet(book, NOTES_TITLE)
    put_header(notes, 1, ("项目", "怎样填写"), (20, 100))
    put_rows(notes, 2, _NOTES)
    offer(survey, SURVEY_COLUMNS.index("required") + 1, 2, '"yes,no"', strict=False)
    offer(survey, SURVEY_COLUMNS.index("等级") + 1, 2, f'"{",".join(Severity)}"', hint=words_of(Severity))
    return as_bytes(book)


def _table(book: Workbook, title: str, columns: Sequence[str], rows: Sequence[Row]) -> Worksheet:
    sheet = new_sheet(book, title)
    wide = [_WIDE.get(column, 40 if column.startswith("label") else 16) for column in columns]
    put_header(sheet, 1, columns, wide)
    places = {column: place for place, column in enumerate(columns, start=1)}
    for number, row in enumerate(rows, start=2):
        for column, text in row.items():  # most cells are empty, and an empty one costs as much to write as a full one
            put(sheet, number, places[column], text)
    return sheet
