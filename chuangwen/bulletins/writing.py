"""The parts a paper is made of: figures that can be checked, tables that add up, sections of short sentences."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from chuangwen.cases.filters import CaseFilter
from chuangwen.rules.official_paper import day_text
from chuangwen.rules.ranking import EXACT, quotient
from chuangwen.rules.scoring import Rounding
from chuangwen.scores.observations import Observed
from chuangwen.scores.reach import BEIJING

Cell = int | str
NOTHING_SEEN = "—"
_ROUNDING = Rounding()


def percent(share: Decimal | None) -> str:
    """A share of 0 to 1 as it is printed: half up, two decimals. A dash where nothing was there to measure."""
    return NOTHING_SEEN if share is None else f"{_ROUNDING.shown(share.scaleb(2, context=EXACT)):f}%"


def ratio(part: int, whole: int) -> str:
    """A share of two counts as it is printed: 12461 of 12806 is 97.31%."""
    return percent(quotient(part, whole) if whole else None)


def points_text(share: str, before: str) -> str:
    """How a share compares with an earlier one, both as printed: 97.31% after 90.00% is 提高 7.31 个百分点."""
    if NOTHING_SEEN in (share, before):
        return NOTHING_SEEN
    by = Decimal(share.rstrip("%")) - Decimal(before.rstrip("%"))
    return f"{'提高' if by > 0 else '降低'} {abs(by):f} 个百分点" if by else "持平"


def span_text(start: date, end: date) -> str:
    """A period as titles say it, without repeating the year or the month."""
    if start == end:
        return day_text(start)
    if start.year != end.year:
        return f"{day_text(start)}至{day_text(end)}"
    return f"{day_text(start)}至{f'{end.month}月' if start.month != end.month else ''}{end.day}日"


def moment_text(moment: datetime) -> str:
    """6月24日18时30分, in Beijing."""
    local = moment.astimezone(BEIJING)
    return f"{local.month}月{local.day}日{local.hour}时{f'{local.minute}分' if local.minute else ''}"


def in_cases(wanted: CaseFilter) -> str:
    """The address, below the desk, of the case list that a figure was counted from."""
    return f"cases?{wanted.query()}"


@dataclass(frozen=True)
class Figure:
    """A number of the paper. `check` is the address below the desk that opens what it counts, empty where none does.

    How it follows from others: it is the sum of `adds`, the difference of `minus`, the share of `ratio` (keys of other
    figures), how many percentage points one share lies above another (`points`), and the sum of a table's column
    (`column`: table key, column number). In the text of its section its label is followed by its number.
    """

    key: str
    label: str
    value: Cell
    unit: str
    check: str = ""
    adds: tuple[str, ...] = ()
    minus: tuple[str, str] | tuple[()] = ()
    ratio: tuple[str, str] | tuple[()] = ()
    column: tuple[str, int] | tuple[()] = ()
    signed: bool = False
    points: tuple[str, str] | tuple[()] = ()

    @property
    def text(self) -> str:
        """As it stands in a sentence after its label."""
        if isinstance(self.value, str):
            return self.value
        if self.signed:
            way = "增加" if self.value > 0 else "减少"
            return f"{way} {abs(self.value)} {self.unit}" if self.value else "持平"
        return f"{self.value} {self.unit}"


@dataclass(frozen=True)
class Table:
    """Rows of whole numbers and words. `total` sums every column of whole numbers.

    `rates`: column -> (part, whole), each a column or the key of a figure; `minus`: column -> two columns.
    """

    key: str
    caption: str
    columns: Sequence[str]
    rows: Sequence[Sequence[Cell]]
    total: Sequence[Cell] = ()
    rates: dict[str, tuple[int | str, int | str]] = field(default_factory=dict)
    minus: dict[str, tuple[int, int]] = field(default_factory=dict)


@dataclass
class Section:
    """One numbered part of a paper."""

    heading: str
    paragraphs: list[str] = field(default_factory=list)
    tables: list[Table] = field(default_factory=list)


_NUMERALS = "一二三四五六七八九十"


class Draft:
    """A paper being written: sections in order, figures registered where they are said."""

    def __init__(self, title: str) -> None:
        self.title = title
        self.sections: list[Section] = []
        self._figures: list[tuple[int, Figure]] = []

    def section(self, heading: str) -> None:
        """Begin the next section; its number is added."""
        self.sections.append(Section(f"{_NUMERALS[len(self.sections)]}、{heading}"))

    def say(self, *sentences: str) -> None:
        """A paragraph of the present section; empty sentences are dropped, and a paragraph of none is not written."""
        if text := "".join(sentences):
            self.sections[-1].paragraphs.append(text)

    def show(self, table: Table) -> None:
        """A table of the present section; one without rows is not shown."""
        if table.rows:
            self.sections[-1].tables.append(table)

    def note(self, figure: Figure) -> Figure:
        """Register a figure of the present section."""
        self._figures.append((len(self.sections) - 1, figure))
        return figure

    def tell(self, figure: Figure) -> str:
        """Register a figure and say it: its label and its number."""
        self.note(figure)
        return f"{figure.label}{'' if figure.text[0] in '增减持提降' else ' '}{figure.text}"

    def tell_parts(self, *figures: Figure) -> str:
        """Register figures that make up a whole, and say those that are not zero."""
        return "、".join(self.tell(figure) for figure in figures if self._worth_saying(figure))

    def _worth_saying(self, figure: Figure) -> bool:
        if not figure.value:
            self.note(figure)
        return bool(figure.value)

    def sections_json(self) -> list[dict[str, Any]]:
        """The sections as they are stored."""
        return [asdict(section) for section in self.sections]

    def figures_json(self) -> list[dict[str, Any]]:
        """The figures as they are stored."""
        return [{**asdict(figure), "text": figure.text, "section": section} for section, figure in self._figures]


def totals(rows: Iterable[Sequence[Cell]], first: str, width: int) -> list[Cell]:
    """The bottom line: every column of whole numbers summed, words left empty."""
    taken = list(rows)
    sums: list[Cell] = [first]
    for column in range(1, width):
        cells = [row[column] for row in taken]
        numbers = [cell for cell in cells if isinstance(cell, int)]
        sums.append(sum(numbers) if len(numbers) == len(cells) else "")
    return sums


Looked = tuple[int, int, Observed]  # visits, distinct sites, what was judged


def looked_table(key: str, caption: str, first: str, rows: Sequence[tuple[str, Looked]], whole: Looked) -> Table:
    """How often and with what result places were looked at, by area or by point type; rates are weighted, not summed."""
    columns = [first, "走访", "点位", "判定", "不合格", "现场得分率"]
    return Table(key, caption, columns, [_looked(name, looked) for name, looked in rows], _looked("合计", whole))


def _looked(name: str, looked: Looked) -> list[Cell]:
    visits, sites, seen = looked
    return [name, visits, sites, seen.total, seen.failed, percent(seen.rate)]
