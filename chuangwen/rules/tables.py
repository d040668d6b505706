"""Tables that offices hand in: columns with Chinese headers, lines read by them, every problem by row and column.

A column that is not in the file is not in a line's values: "not said" is something else than "said to be empty".
"""

import datetime as dt
import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any, Final, NamedTuple

from chuangwen.rules.refusals import BadInput
from chuangwen.rules.table_files import (
    CONTROL,
    LARGEST_FILE,
    Cells,
    Heading,
    Shown,
    read_cells,
    write_csv,
    write_xlsx,
)

YES: Final = ("是", "1", "true", "yes", "上班")
NO: Final = ("否", "0", "false", "no", "休息")
_HEADER_WITHIN: Final = 10
_SCIENTIFIC: Final = re.compile(r"\d(?:\.\d+)?[eE]\+\d{2,}")
_DAY: Final = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?")

Reader = Callable[[str], Any]


class Problem(NamedTuple):
    """What is wrong, in which row (from 1, as spreadsheets count; 0: in none) and which column ("": the whole row)."""

    row: int
    label: str
    what: str

    @property
    def sentence(self) -> str:
        """The problem for a person."""
        place = f"第 {self.row} 行" if self.row else ""
        return f"{place}{f'「{self.label}」' if self.label else ''}：{self.what}".removeprefix("：")


@dataclass(frozen=True)
class Line:
    """One row of data: its number in the file, and the values of the columns that the file has."""

    number: int
    values: Mapping[str, Any]


@dataclass(frozen=True)
class ImportReport:
    """What an import did, or would do: how many rows were new, changed, as they were; with problems nothing was done."""

    created: int = 0
    changed: int = 0
    unchanged: int = 0
    problems: tuple[str, ...] = ()


def _as_it_is(text: str) -> str:
    return text


@dataclass(frozen=True)
class Column:
    """A column: its name in the row, its header, how its text is read (ValueError says what is wrong) and shown.

    An empty cell is "" for texts and None (`empty`) for everything else; a required one must not be empty.
    The header may also be written as the name.
    """

    name: str
    label: str
    required: bool = False
    reads: Reader = _as_it_is
    shows: Callable[[Any], Shown] = _as_it_is
    empty: Any = ""
    choices: tuple[str, ...] = ()
    width: int = 16
    note: str = ""


def text_column(
    name: str, label: str, longest: int, *, required: bool = False, width: int = 16, note: str = ""
) -> Column:
    """A text of one line."""

    def read(text: str) -> str:
        if CONTROL.search(text):
            raise ValueError("含有看不见的控制字符，请重新录入。")
        if _SCIENTIFIC.fullmatch(text):
            raise ValueError(f"“{text}”是表格软件改成的科学计数法，后几位已经丢了。请把这一列设成文本格式后重新填写。")
        if len(text) > longest:
            raise ValueError(f"有 {len(text)} 个字，最多 {longest} 个。")
        return " ".join(text.splitlines())

    return Column(name, label, required, reads=read, width=width, note=note or f"最多 {longest} 个字。")


def choice_column(
    name: str, label: str, words: Mapping[str, str], *, required: bool = False, width: int = 14, note: str = ""
) -> Column:
    """One of some values (value -> Chinese word); either may be written, the word is shown."""
    values = {word: value for value, word in words.items()} | {value: value for value in words}

    def read(text: str) -> str:
        if text not in values:
            raise ValueError(f"“{text}”不认识，可用：{'、'.join(words.values())}。")
        return values[text]

    return Column(
        name, label, required, reads=read, shows=lambda value: words.get(value, value), choices=tuple(words.values()),
        width=width, note=note or f"可用：{'、'.join(words.values())}。",
    )  # fmt: skip


def yes_no_column(name: str, label: str, *, required: bool = False, note: str = "") -> Column:
    """是 or 否."""

    def read(text: str) -> bool:
        word = text.lower()
        if word not in (*YES, *NO):
            raise ValueError(f"“{text}”应写是或否。")
        return word in YES

    def show(value: bool | None) -> str:
        return "" if value is None else YES[0] if value else NO[0]

    return Column(
        name, label, required, reads=read, shows=show, empty=None, choices=(YES[0], NO[0]), width=8,
        note=note or "写是或否。",
    )  # fmt: skip


def day_column(name: str, label: str, *, required: bool = False, note: str = "") -> Column:
    """A day: 2020-06-28, 2020/6/28 or 2020年6月28日."""

    def show(value: dt.date | None) -> str:
        return value.isoformat() if value else ""

    return Column(name, label, required, reads=day_of, shows=show, empty=None, width=12, note=note or "如 2020-06-28。")


def day_of(text: str) -> dt.date:
    """The day that a text names; raises ValueError with a Chinese sentence."""
    found = _DAY.fullmatch(text)
    try:
        return dt.date(*(int(part) for part in found.groups())) if found else dt.date.fromisoformat(text)
    except ValueError:
        raise ValueError(f"日期“{text}”读不懂，请写成 2020-06-28。") from None


def degrees_column(name: str, label: str, limit: int, *, note: str) -> Column:
    """A WGS-84 coordinate in decimal degrees, kept with six decimals (GB/T 37149 asks for at least six)."""

    def read(text: str) -> Decimal:
        try:
            value = Decimal(text).quantize(Decimal("0.000001"))
        except InvalidOperation:
            raise ValueError(f"“{text}”不是数字，请写成如 120.864321 的十进制度数。") from None
        if not value.is_finite() or abs(value) > limit:
            raise ValueError(f"“{text}”超出范围，应在 -{limit} 到 {limit} 之间。")
        return value

    return Column(name, label, required=True, reads=read, empty=None, width=13, note=note)


# --- reading ---


def read_table(content: bytes, columns: Sequence[Column], *, largest: int = LARGEST_FILE) -> list[Line]:
    """The lines of a file; raises BadInput that names every bad cell, unknown header and everything else wrong."""
    lines, problems = read_lines(content, columns, largest=largest)
    if problems:
        raise BadInput(problem.sentence for problem in problems)
    return lines


def read_lines(
    content: bytes, columns: Sequence[Column], *, others: bool = False, largest: int = LARGEST_FILE
) -> tuple[list[Line], list[Problem]]:
    """The good lines and the problems of the bad ones. With `others` columns that nobody knows are passed over.

    Raises BadInput for what is wrong with the file as a whole or with its header.
    """
    cells = read_cells(content, largest=largest)
    top, places = _header(cells, columns, others=others)
    lines: list[Line] = []
    problems: list[Problem] = []
    for number, texts in enumerate(cells.rows[top:], start=top + 1):
        if not any(texts):
            continue
        wrong = list(_raggedness(cells, top, number, texts))
        values: dict[str, Any] = {}
        for column, place in () if wrong else places:
            what = cells.troubles.get((number, place), "")
            values[column.name], said = (column.empty, what) if what else _value(column, _at(texts, place))
            if said:
                wrong.append(Problem(number, column.label, said))
        problems += wrong
        if not wrong:
            lines.append(Line(number, values))
    if not lines and not problems:
        raise BadInput("表头下面一行内容也没有。")
    return lines, problems


def _at(texts: Sequence[str], place: int) -> str:
    return texts[place - 1] if place <= len(texts) else ""


def _value(column: Column, text: str) -> tuple[Any, str]:
    if not text:
        return column.empty, "没有填写。" if column.required else ""
    try:
        return column.reads(text), ""
    except ValueError as wrong:
        return column.empty, str(wrong)


def _raggedness(cells: Cells, top: int, number: int, texts: Sequence[str]) -> Iterator[Problem]:
    expected = len(cells.rows[top - 1])
    if not cells.ragged or len(texts) == expected or (len(texts) > expected and not any(texts[expected:])):
        return
    yield Problem(
        number, "", f"有 {len(texts)} 格，表头有 {expected} 格。文字里有逗号时整格要加引号，空格子也要留着逗号。"
    )


def _header_word(text: str) -> str:
    word = re.sub(r"\s", "", unicodedata.normalize("NFKC", text)).lower()
    return word.removesuffix("(必填)").strip("*")


def _header(cells: Cells, columns: Sequence[Column], *, others: bool) -> tuple[int, list[tuple[Column, int]]]:
    """The number of the header row, and each column with its place from 1, in the order of `columns`."""
    known = {_header_word(word): column for column in columns for word in (column.label, column.name)}
    found = [
        (number, [(known.get(_header_word(text)), place) for place, text in enumerate(row, start=1) if text])
        for number, row in enumerate(cells.rows[:_HEADER_WITHIN], start=1)
    ]
    number, words = max(found, key=lambda entry: sum(column is not None for column, _ in entry[1]))
    places = [(column, place) for column, place in words if column is not None]
    if not places:
        raise BadInput(f"没有找到表头。第一行要写：{'、'.join(column.label for column in columns)}。")
    objections = list(_header_objections(cells, number, columns, places))
    if not others:
        objections += _strangers(cells, number, columns, {place for _, place in places})
    if objections:
        raise BadInput(objections)
    order = {column.name: position for position, column in enumerate(columns)}
    return number, sorted(places, key=lambda entry: order[entry[0].name])


def _header_objections(
    cells: Cells, number: int, columns: Sequence[Column], places: Sequence[tuple[Column, int]]
) -> Iterator[str]:
    for column, place in places:
        if (number, place) in cells.troubles:
            yield f"表头「{column.label}」{cells.troubles[number, place]}"
    for column in columns:
        times = sum(found is column for found, _ in places)
        if times > 1:
            yield f"表头「{column.label}」出现了 {times} 次，请只留一列。"
        elif column.required and not times:
            yield f"缺少表头「{column.label}」。"


def _strangers(cells: Cells, number: int, columns: Sequence[Column], places: set[int]) -> Iterator[str]:
    """Columns that would be lost without a word: an unknown header, or content below no header at all."""
    last = max(len(row) for row in cells.rows)
    for place in sorted(set(range(1, last + 1)) - places):
        title = _at(cells.rows[number - 1], place)
        if title:
            yield f"表头「{title}」不认识，请改名或删去这一列。可用：{'、'.join(column.label for column in columns)}。"
        elif not cells.ragged and any(_at(row, place) for row in cells.rows[number:]):
            yield f"第 {place} 列有内容却没有表头，请写上表头或删去这一列。"


def doubles(lines: Iterable[tuple[int, str]], label: str) -> Iterator[Problem]:
    """Every value (row number, value) that an earlier row has already."""
    seen: dict[str, int] = {}
    for number, value in lines:
        first = seen.setdefault(value, number)
        if first != number:
            yield Problem(number, label, f"“{value}”与第 {first} 行重复。")


def sentences(problems: Iterable[Problem]) -> tuple[str, ...]:
    """Problems for a person, in the order of the rows."""
    return tuple(problem.sentence for problem in sorted(problems, key=lambda problem: problem.row))


# --- writing ---


def write_table(title: str, columns: Sequence[Column], rows: Iterable[object], *, as_csv: bool = False) -> bytes:
    """A file that `read_table` reads back into the same values; each row has an attribute for every column."""
    cells = ([column.shows(getattr(row, column.name)) for column in columns] for row in rows)
    if as_csv:
        return write_csv([column.label for column in columns], cells)
    headings = [
        Heading(column.label, column.width, column.choices, f"必填。{column.note}" if column.required else column.note)
        for column in columns
    ]
    return write_xlsx(title, headings, cells)
