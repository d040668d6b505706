"""One edition as one workbook that an office edits: notes, weights, point types, the tree, the criteria, red lines."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, Final

from openpyxl import Workbook
from openpyxl.worksheet.worksheet import Worksheet

from chuangwen.rules.edition_fields import Field, How, MethodKind, Severity, Shape, word_of, words_of
from chuangwen.rules.editions import HEAD, HEAD_TITLE, TABLES, EditionSheet, Problem, Table, problems
from chuangwen.rules.refusals import BadInput
from chuangwen.standards.sheet_writing import as_bytes, new_sheet, offer, put_header, put_rows
from chuangwen.standards.spreadsheet import Grid, Source, open_workbook
from chuangwen.standards.values import YES_NO, instead_of, read_value, show_value

_WIDE: Final = {"text": 48, "source": 40, "carve_outs": 36, "threshold": 28, "name": 28, "sanction": 22}
_REFERS: Final = {"item_code": "测评项目", "content_code": "测评内容", "point_type": "点位类型"}
_NOTES: Final = (
    ("怎样填写", "每张表一行一条，表头不要改名；可以增删行、调整列的次序。改完后用“核对测评标准”检查。"),
    ("查法", f"可选：{words_of(How)}。一条标准有几种查法的，用顿号隔开，如“看、问”。"),
    ("等级", f"可选：{words_of(Severity)}。"),
    ("方法", f"可选：{words_of(MethodKind)}。各方法权重合计为 100。"),
    ("不算问题的情形", "写清看起来像问题、其实不扣分的情形，巡查员在手机上能看到。"),
    ("立案标准编码", "不合格时按哪一条立案标准立案；不立案的留空。"),
)


@dataclass
class _Found:
    """What was read so far: rows of each table, where they stood, what was wrong, and which fields have been blamed."""

    rows: dict[str, list[Any]] = field(default_factory=dict)
    places: dict[str, list[int]] = field(default_factory=dict)
    sentences: list[tuple[str, int, str]] = field(default_factory=list)
    blamed: set[tuple[str, int | None, str]] = field(default_factory=set)

    def blame(self, table: str, index: int | None, label: str, row: int, what: str) -> None:
        """Note that a cell is wrong."""
        self.blamed.add((table, index, label))
        place = f"第 {row} 行" if row else ""
        self.sentences.append((table, row, f"《{table}》{place}「{label}」：{what}"))


def read_edition(source: Source) -> EditionSheet:
    """The edition in a workbook; raises BadInput naming sheet, row, field and what is wrong, all at once.

    Whether case standards exist is not judged here: they are kept in a workbook of their own.
    """
    grids = {grid.title: grid for sheet in open_workbook(source).worksheets for grid in [Grid(sheet)]}
    tables = [table for table in TABLES if not table.late or table.title in grids]
    if missing := [f"缺少工作表《{title}》。" for title in _titles(tables) if title not in grids]:
        raise BadInput(missing)
    found = _Found()
    facts: dict[str, Any] = dict(_read_head(grids[HEAD_TITLE], found))
    if absent := [what for table in tables for what in _missing_columns(grids[table.title], table)]:
        raise BadInput(absent)
    for table in tables:
        _read_table(grids[table.title], table, found)
        facts[table.attribute] = tuple(found.rows[table.title])
    sheet = EditionSheet(**facts)
    for problem in problems(sheet):
        _blame_problem(problem, found)
    if found.sentences:
        order = _titles(TABLES)
        raise BadInput([text for _, _, text in sorted(found.sentences, key=lambda s: (order.index(s[0]), s[1]))])
    return sheet


def _titles(tables: Iterable[Table]) -> list[str]:
    return [HEAD_TITLE, *(table.title for table in tables)]


def _read_head(grid: Grid, found: _Found) -> dict[str, str]:
    """The four facts of the notes sheet, by the word in the first column."""
    rows = {grid.text(row, 1): row for row in range(min(grid.last_row, 50), 0, -1)}
    head = {}
    for fact in HEAD:
        row = rows.get(fact.label, 0)
        head[fact.name] = grid.text(row, 2) if row else ""
        if not row and fact.required:
            found.blame(HEAD_TITLE, None, fact.label, 0, "第一列里没有这一项，请补上。")
        elif row and (trouble := grid.trouble(row, 2)):
            found.blame(HEAD_TITLE, None, fact.label, row, trouble)
    return head


def _missing_columns(grid: Grid, table: Table) -> Iterator[str]:
    _, columns = grid.header([column.label for column in table.fields])
    for column in table.fields:
        places = columns.get(column.label, [])
        if len(places) != 1 and not (column.late and not places):
            yield f"《{table.title}》{'出现多列' if places else '缺少列'}「{column.label}」。"


def _read_table(grid: Grid, table: Table, found: _Found) -> None:
    header, all_columns = grid.header([column.label for column in table.fields])
    columns = {label: places[0] for label, places in all_columns.items()}
    rows: list[Any] = found.rows.setdefault(table.title, [])
    places = found.places.setdefault(table.title, [])
    for row in range(grid.first_row_below(header, list(columns.values())), grid.last_row + 1):
        if any(grid.text(row, column) for column in columns.values()):
            rows.append(_read_row(grid, table, columns, row, found))
            places.append(row)


def _read_row(grid: Grid, table: Table, columns: dict[str, int], row: int, found: _Found) -> Any:
    index = len(found.rows[table.title])
    values = {}
    for column in table.fields:
        if column.label not in columns:
            continue
        place = columns[column.label]
        value, what = read_value(column, grid.text(row, place))
        if trouble := grid.trouble(row, place):
            value, what = instead_of(column), trouble
        if what:
            found.blame(table.title, index, column.label, row, what)
        values[column.name] = value
    return table.row(**values)


def _blame_problem(problem: Problem, found: _Found) -> None:
    """Say where a problem of the whole edition stands, unless that cell has been blamed already."""
    if (problem.table, problem.index, problem.field) in found.blamed:
        return
    if problem.index is None:
        found.sentences.append((problem.table, 0, problem.sentence))
        return
    row = found.places[problem.table][problem.index]
    field_ = f"「{problem.field}」" if problem.field else ""
    code = f"（{problem.code}）" if problem.code else ""
    found.sentences.append((problem.table, row, f"《{problem.table}》第 {row} 行{code}{field_}：{problem.what}"))


def write_edition(sheet: EditionSheet) -> bytes:
    """An .xlsx that `read_edition` reads back into the same edition; raises BadInput when the edition is not sound."""
    if wrong := problems(sheet):
        raise BadInput([problem.sentence for problem in wrong])
    book = Workbook()
    _write_head(new_sheet(book, HEAD_TITLE), sheet)
    for table in TABLES:
        _write_table(new_sheet(book, table.title), table, sheet)
    return as_bytes(book)


def _write_head(target: Worksheet, sheet: EditionSheet) -> None:
    put_header(target, 1, ("项目", "内容"), (18, 100))
    facts = [(fact.label, getattr(sheet, fact.name)) for fact in HEAD]
    put_rows(target, 2, facts)
    put_rows(target, len(facts) + 3, _NOTES)


def _write_table(target: Worksheet, table: Table, sheet: EditionSheet) -> None:
    rows = getattr(sheet, table.attribute)
    put_header(target, 1, [c.label for c in table.fields], [_WIDE.get(c.name, 14) for c in table.fields])
    put_rows(target, 2, [[show_value(c, getattr(row, c.name)) for c in table.fields] for row in rows])
    for place, column in enumerate(table.fields, start=1):
        _offer_choices(target, place, column)


def _offer_choices(target: Worksheet, place: int, column: Field) -> None:
    if column.name in _REFERS:
        offer(target, place, 2, f"'{_REFERS[column.name]}'!$A$2:$A$500", hint="填写编码，编码要先列在那张表里。")
    elif column.shape is Shape.YES_NO:
        offer(target, place, 2, f'"{",".join(YES_NO)}"')
    elif column.choices is Severity:
        offer(target, place, 2, f'"{",".join(Severity)}"', hint=words_of(Severity))
    elif column.choices is not None:
        several = column.shape is Shape.CHOICES
        words = ",".join(word_of(known.value) for known in column.choices)
        hint = "几种查法用顿号隔开，如 看、问。" if several else ""
        offer(target, place, 2, f'"{words}"', hint=hint, strict=not several)
