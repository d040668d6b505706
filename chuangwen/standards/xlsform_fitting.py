"""A checklist that was read from a file, put into an edition: the edition afterwards, and what is wrong with it by row."""

import re
from dataclasses import replace
from decimal import Decimal
from typing import Any, Final

from chuangwen.rules.checklist_changes import row_key
from chuangwen.rules.editions import (
    ContentRow,
    EditionSheet,
    ItemRow,
    MethodKind,
    MethodRow,
    PointTypeRow,
    Problem,
    problems,
)
from chuangwen.rules.xlsforms import Checklist, checklist_of
from chuangwen.standards.xlsform_reading import Reading

_COLUMNS: Final = {
    "标准": "label", "英文": "label", "问题": "label", "文字": "label", "提示": "hint", "名称": "name", "值": "name",
    "选项表": "type", "题型": "type", "必答": "required", "出现条件": "relevant", "校验条件": "constraint",
    "默认值": "default", "外观": "appearance", "图片": "image",
}  # fmt: skip
_BOOKS: Final = {"选项": "choices"}
_ORDER: Final = {"survey": 0, "choices": 1, "settings": 2}
_SHEETS: Final = {"测评标准": "criteria", "附加问题": "questions", "选项": "choices"}


def with_checklist(sheet: EditionSheet, checklist: Checklist, kind: PointTypeRow) -> EditionSheet:
    """The edition with this checklist in the place of the one it has for the point type; all else stays in order."""
    code = checklist.point_type
    kinds = sheet.point_types
    if checklist.criteria and code not in {row.code for row in kinds}:
        kinds = (*kinds, kind)
    old = checklist_of(sheet, code)
    return replace(
        sheet,
        point_types=kinds,
        criteria=_in_place(sheet.criteria, old.criteria, checklist.criteria),
        questions=_in_place(sheet.questions, old.questions, checklist.questions),
        choices=_in_place(sheet.choices, old.choices, checklist.choices),
    )


def _in_place(rows: tuple[Any, ...], old: tuple[Any, ...], new: tuple[Any, ...]) -> tuple[Any, ...]:
    places = [place for place, row in enumerate(rows) if row in old]
    at = places[0] if places else len(rows)
    return (*rows[:at], *new, *(row for row in rows[at:] if row not in old))


def objections_in_file(sheet: EditionSheet, reading: Reading) -> list[str]:
    """Everything wrong with the file and with the edition that it makes, in the order of the file's rows.

    A cell that could not be read is not blamed again for what stands in its place.
    """
    blamed = {(one.sheet, one.row, one.column.partition("::")[0]) for one in reading.wrong}
    said = [(_ORDER.get(one.sheet, 3), one.row, one.sentence) for one in reading.wrong]
    for problem in problems(sheet):
        row, book = _row_of(problem, sheet, reading), _BOOKS.get(problem.table, "survey")
        column = _COLUMNS.get(problem.field, problem.field)
        if (row or not reading.wrong) and (book, row, column) not in blamed:
            said.append((_ORDER[book] if row else -1, row, _sentence(row, book, column, _explained(problem, reading))))
    return list(dict.fromkeys(sentence for _, _, sentence in sorted(said, key=lambda one: one[:2])))


def _explained(problem: Problem, reading: Reading) -> Problem:
    """A reference to a row that was not taken says so, rather than that there is none."""
    found = re.search("没有名为“([^”]+)”的题目", problem.what)
    if found is None or found[1] not in reading.lost:
        return problem
    row = reading.lost[found[1]]
    return replace(
        problem, what=f"条件引用了“${{{found[1]}}}”，但第 {row} 行的这一题没有收进来。请改条件，或改那一题。"
    )


def _row_of(problem: Problem, sheet: EditionSheet, reading: Reading) -> int:
    table = _SHEETS.get(problem.table, "")
    if problem.index is None or not table:
        return 0
    row = getattr(sheet, table)[problem.index]
    own = row.point_type == reading.checklist.point_type
    return reading.places.get((table, row_key(row)), 0) if own else 0


def _sentence(row: int, book: str, column: str, problem: Problem) -> str:
    if not row:
        return problem.sentence
    return f"{book} 第 {row} 行（{problem.code}）{f'「{column}」' if column else ''}：{problem.what}"


def alone(reading: Reading) -> EditionSheet:
    """An edition of nothing but this checklist, to see whether it is sound by itself."""
    checklist = reading.checklist
    codes = dict.fromkeys(row.content_code for row in checklist.criteria if row.content_code)
    return EditionSheet(
        name="检查单", code="checklist", version="1", source="",
        methods=(MethodRow(MethodKind.FIELD, Decimal(100)),),
        point_types=(PointTypeRow(checklist.point_type, checklist.point_type, 1),),
        items=(ItemRow("1", "检查单"),),
        contents=tuple(ContentRow(code, "1", code) for code in codes) or (ContentRow("1", "1", "检查单"),),
        criteria=checklist.criteria, questions=checklist.questions, choices=checklist.choices,
    )  # fmt: skip
