"""The items of a paper from above, as lines that were pasted or as rows of a spreadsheet."""

import datetime as dt
import re
from collections.abc import Sequence
from dataclasses import dataclass

from chuangwen.rules.refusals import BadInput
from chuangwen.rules.tables import Column, day_column, doubles, read_lines, sentences, text_column

LONGEST, MOST_ITEMS = 500, 200
_NUMBERED = re.compile(r"^\s*(?:[（(]?\d{1,3}[)）.．、:：]|[（(]?[一二三四五六七八九十百]{1,4}[)）、.．])\s*")
_BETWEEN = re.compile(r"[、，,；;/\s]+")

COLUMNS: tuple[Column, ...] = (
    text_column("text", "事项", LONGEST, required=True, width=60, note="来文里的一件事，一行一件。"),
    text_column("lead", "牵头单位", 80, width=20, note="单位名称或编码；可以登记以后再分解。"),
    text_column("joint", "配合单位", 300, width=30, note="几个单位用顿号隔开。"),
    day_column("due_on", "内部期限", note="如 2020-08-15，当天 18:00 到期，不晚于来文期限。"),
)


@dataclass(frozen=True)
class ItemRow:
    """One item as it came in; units by the words that stood there. `row` is 0 for a pasted line."""

    text: str
    lead: str = ""
    joint: tuple[str, ...] = ()
    due_on: dt.date | None = None
    row: int = 0


def items_from_lines(text: str) -> list[ItemRow]:
    """One item a line, without the number in front. Raises BadInput that names every line that is too long."""
    lines = [(place, _NUMBERED.sub("", line).strip()) for place, line in enumerate(text.splitlines(), start=1)]
    kept = [(place, line) for place, line in lines if line]
    found = [f"第 {place} 行有 {len(line)} 个字，最多 {LONGEST} 个。" for place, line in kept if len(line) > LONGEST]
    found += _count_objections(len(kept))
    seen: dict[str, int] = {}
    for place, line in kept:
        first = seen.setdefault(line, place)
        if first != place:
            found.append(f"第 {place} 行与第 {first} 行重复。")
    if found:
        raise BadInput(found)
    return [ItemRow(line) for _place, line in kept]


def _count_objections(count: int) -> list[str]:
    if not count:
        return ["请至少写一件事项。"]
    return [f"有 {count} 件事项，最多 {MOST_ITEMS} 件，请拆成几份登记。"] if count > MOST_ITEMS else []


def items_from_table(content: bytes) -> list[ItemRow]:
    """The rows of a spreadsheet (.xlsx, .csv). Raises BadInput that names every bad row."""
    lines, problems = read_lines(content, COLUMNS, others=True)
    problems += doubles([(line.number, line.values["text"]) for line in lines], "事项")
    objections = [*sentences(problems), *_count_objections(len(lines) or len(problems))]
    if objections:
        raise BadInput(objections)
    return [
        ItemRow(
            text=line.values["text"], lead=line.values.get("lead", ""), joint=names_in(line.values.get("joint", "")),
            due_on=line.values.get("due_on"), row=line.number,
        )
        for line in lines
    ]  # fmt: skip


def names_in(text: str) -> tuple[str, ...]:
    """The names in a list of names."""
    return tuple(name for name in _BETWEEN.split(text) if name)


def table_words() -> Sequence[str]:
    """The headers of the spreadsheet, for the page that asks for it."""
    return [column.label for column in COLUMNS]
