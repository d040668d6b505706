"""Case standards in a workbook as a city's office keeps them, and our own template of the same layout.

Two sheets (部件, 事件), a title row, a header row, merged code and name cells. A code or name is taken from its merged
area; a bare blank carries down only in a sheet that merges none of these cells (rows that follow on), or where the
other of the pair code/name is merged over the row. Two rows merged into one condition are one condition.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple

from chuangwen.rules.case_standards import CaseKind, CaseStandardRow, row_troubles
from chuangwen.rules.limits import LimitUnit, parse_limit
from chuangwen.rules.refusals import BadInput
from chuangwen.standards.spreadsheet import Grid, Source, open_workbook

CLASS: Final = ("大类代码", "大类名称")
ITEM: Final = ("小类代码", "小类名称")
HANDLER, SUPERVISOR = "处置单位", "主管部门"
CONDITION, CLOSES, LIMIT = "立案条件", "结案条件", "处置时限"
HEADERS: Final = (*CLASS, *ITEM, HANDLER, SUPERVISOR, CONDITION, CLOSES, LIMIT)
CODE: Final = "立案标准编码"
# Another published version of the same city's table has these words for the two columns of units.
_ALIASES: Final = {"责任主体": HANDLER, "监管主体": SUPERVISOR}


class PlacedCaseStandard(NamedTuple):
    """A case standard and where in the workbook it stands."""

    sheet: str
    row: int
    standard: CaseStandardRow


class UnparsedLimit(NamedTuple):
    """A limit that nobody should guess: a person decides what it means."""

    sheet: str
    row: int
    limit_text: str


@dataclass(frozen=True)
class CaseStandardBook:
    """All conditions of a workbook in order, and the limits among them that could not be understood."""

    rows: tuple[PlacedCaseStandard, ...]
    unparsed: tuple[UnparsedLimit, ...]

    @property
    def standards(self) -> tuple[CaseStandardRow, ...]:
        """The case standards without their places."""
        return tuple(placed.standard for placed in self.rows)

    def by_unit(self) -> dict[LimitUnit, int]:
        """How many conditions have a limit in each time unit; every unit is named."""
        counts = Counter(placed.standard.limit.unit for placed in self.rows if placed.standard.limit)
        return {unit: counts[unit] for unit in LimitUnit}

    def by_kind(self) -> dict[CaseKind, int]:
        """How many conditions are about fixed things, how many about happenings."""
        counts = Counter(placed.standard.kind for placed in self.rows)
        return {kind: counts[kind] for kind in CaseKind}


def read_case_standards(source: Source) -> CaseStandardBook:
    """Every condition of every 部件 or 事件 sheet; raises BadInput naming sheet, row and field of all that is wrong.

    A limit that cannot be parsed is no reason to refuse: it is listed in `unparsed` with its original text.
    """
    readers = [_SheetReader(grid) for sheet in open_workbook(source).worksheets if _is_ours(grid := Grid(sheet))]
    if not readers:
        raise BadInput(f"没有找到立案标准：工作表要叫部件或事件，表头要有{'、'.join(HEADERS)}。")
    rows = [placed for reader in readers for placed in reader.read()]
    troubles = [trouble for reader in readers for trouble in reader.troubles] + list(_doubles(rows))
    if not rows and not troubles:
        troubles = ["表里没有一行立案条件。"]
    if troubles:
        raise BadInput(troubles)
    unparsed = [UnparsedLimit(p.sheet, p.row, p.standard.limit_text) for p in rows if p.standard.limit is None]
    return CaseStandardBook(tuple(rows), tuple(unparsed))


def _kind_of(title: str) -> CaseKind | None:
    return next((kind for kind in CaseKind if kind.value in title), None)


def _is_ours(grid: Grid) -> bool:
    """A sheet named for a kind, or one that has most of the headers; others (notes, lists of units) are passed over."""
    return grid.title in list(CaseKind) or len(grid.header(HEADERS, _ALIASES)[1]) > len(HEADERS) // 2


def _doubles(rows: Sequence[PlacedCaseStandard]) -> Iterator[str]:
    seen: dict[str, PlacedCaseStandard] = {}
    for placed in rows:
        first = seen.setdefault(placed.standard.code, placed)
        if first is not placed:
            yield (
                f"《{placed.sheet}》第 {placed.row} 行「{CODE}」：“{placed.standard.code}”"
                f"与《{first.sheet}》第 {first.row} 行重复。"
            )


class _Pair(NamedTuple):
    """A code and a name, of a class or of an item."""

    code: str
    name: str


class _SheetReader:
    """Reads one sheet from top to bottom and remembers what the row above was about."""

    def __init__(self, grid: Grid) -> None:
        self.grid = grid
        self.troubles: list[str] = []
        self.kind = _kind_of(grid.title)
        self.header, found = grid.header((*HEADERS, CODE), _ALIASES)
        self.columns = {label: columns[0] for label, columns in found.items()}
        self._check_header(found)
        self.class_, self.item = _Pair("", ""), _Pair("", "")
        self.handler = self.supervisor = ""
        self._numbers: Counter[tuple[str, str]] = Counter()
        self._merges: dict[tuple[str, str], bool] = {}

    def _check_header(self, found: dict[str, list[int]]) -> None:
        title = self.grid.title
        if self.kind is None:
            self.troubles.append(f"工作表《{title}》看不出是部件还是事件，请把这两个字写进工作表名称。")
        self.troubles += [f"《{title}》缺少表头「{label}」。" for label in HEADERS if label not in found]
        self.troubles += [
            f"《{title}》表头「{label}」出现多次。" for label, columns in found.items() if len(columns) > 1
        ]

    def read(self) -> list[PlacedCaseStandard]:
        """All conditions; with objections to the header nothing is read."""
        if self.troubles:
            return []
        first = self.grid.first_row_below(self.header, list(self.columns.values()))
        self._merges = {
            pair: any(
                self.grid.is_merged(row, self.columns[label])
                for label in pair
                for row in range(first, self.grid.last_row + 1)
            )
            for pair in (CLASS, ITEM)
        }
        placed = [self._placed(row) for row in range(first, self.grid.last_row + 1) if self._has_condition(row)]
        return [row for row in placed if row is not None]

    def _text(self, row: int, label: str) -> str:
        return self.grid.text(row, self.columns[label]) if label in self.columns else ""

    def _own(self, row: int, label: str) -> str:
        """The text of a cell that is not the lower part of a merged area."""
        return self._text(row, label) if self.grid.top(row, self.columns[label]) == row else ""

    def _object(self, row: int, label: str, what: str) -> None:
        self.troubles.append(f"《{self.grid.title}》第 {row} 行「{label}」：{what}")

    def _has_condition(self, row: int) -> bool:
        if self._own(row, CONDITION):
            return True
        if self.grid.top(row, self.columns[CONDITION]) < row:
            stray = [label for label in (CLOSES, LIMIT) if self._own(row, label)]
            what = "立案条件与上一行合并成一条，这一格却另有内容，请拆分立案条件或删去这一格。"
        else:
            stray = [label for label in (*ITEM, CLOSES, LIMIT) if self._own(row, label)][:1]
            what = "这一行没有写立案条件，请补上或删去整行。"
        for label in stray:
            self._object(row, label, what)
        return False

    def _placed(self, row: int) -> PlacedCaseStandard | None:
        self._move_to(row)
        for label, column in self.columns.items():
            if trouble := self.grid.trouble(row, column):
                self._object(row, label, trouble)
        if self.kind is None:
            return None
        standard = self._standard(row, self.kind)
        for label, what in row_troubles(standard):
            if label not in (CLASS[1], ITEM[1], CODE):
                self._object(row, label, what)
        return PlacedCaseStandard(self.grid.title, row, standard)

    def _move_to(self, row: int) -> None:
        """Find the class, item and units that this row belongs to."""
        last = (self.class_, self.item)
        self.class_ = self._pair(row, CLASS, self.class_)
        above = self.item if self.class_ == last[0] else _Pair("", "")
        self.item = self._pair(row, ITEM, above)
        follows_on = (self.class_, self.item) == last and not any(self._own(row, label) for label in ITEM)
        self.handler = self._text(row, HANDLER) or (self.handler if follows_on else "")
        self.supervisor = self._text(row, SUPERVISOR) or (self.supervisor if follows_on else "")

    def _pair(self, row: int, labels: tuple[str, str], above: _Pair) -> _Pair:
        code, name = (self._text(row, label) for label in labels)
        if not code and not name and not self._merges[labels]:
            code, name = above
        if not code and name:  # one cell of the pair may be merged further down than the other
            code = self._text(self.grid.top(row, self.columns[labels[1]]), labels[0])
        elif code and not name:
            name = self._text(self.grid.top(row, self.columns[labels[0]]), labels[1])
        for label, value in zip(labels, (code, name), strict=True):
            if not value and not (label in (CLASS[0], ITEM[0]) and self._text(row, CODE)):
                self._object(row, label, "没有填写，也不在合并单元格里，看不出属于哪一类。")
        return _Pair(code.zfill(2) if code.isdecimal() else code, one_line(name))

    def _standard(self, row: int, kind: CaseKind) -> CaseStandardRow:
        place = (self.class_.code, self.item.code)
        self._numbers[place] += 1
        limit_text = self._text(row, LIMIT)
        return CaseStandardRow(
            code=self._text(row, CODE) or f"{kind.prefix}-{''.join(place)}-{self._numbers[place]}",
            kind=kind.value,
            class_name=self.class_.name,
            item=self.item.name,
            condition=self._text(row, CONDITION),
            limit_text=limit_text,
            limit=parse_limit(limit_text),
            closes_when=self._text(row, CLOSES),
            handler=one_line(self.handler),
            supervisor=one_line(self.supervisor),
        )


def one_line(name: str) -> str:
    """A name without the line breaks that a narrow column needed."""
    return "".join(line.strip() for line in name.splitlines())
