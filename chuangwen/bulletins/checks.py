"""Whether a paper holds: parts add up to wholes, shares follow from counts, the words say the figures' numbers.

Public bulletins can be checked like this: Nantong, December 2016: 10,281 events + 1,903 components = 12,184;
12,806 - 12,461 = 345 overdue, which the list by unit sums to exactly; 12,461 / 12,806 = 97.31 %.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from chuangwen.bulletins.writing import points_text, ratio

Json = Mapping[str, Any]
_NUMBER = r"(\d+(?:\.\d+)?)"
_LINK = r"\s*(?:为|共|计|达|增加|减少|提高|降低)?\s*"
_PERSONAL = {
    "手机号码": re.compile(r"(?<!\d)1[3-9]\d{9}(?!\d)"),
    "固定电话": re.compile(r"(?<!\d)0\d{2,3}[-—－ ]\d{7,8}(?!\d)"),
    "身份证号码": re.compile(r"(?<!\d)\d{17}[\dXx](?![\dXx])"),
}


def personal_data(texts: Iterable[str]) -> list[str]:
    """Sentences for everything in these texts that must not stand in a paper."""
    joined = "\n".join(texts)
    return [
        f"正文里有{name}，公开文书不写个人信息，请删去。" for name, kind in _PERSONAL.items() if kind.search(joined)
    ]


def words_of(sections: Iterable[Json]) -> Iterator[str]:
    """Every text of a paper: headings, paragraphs, captions and the words in tables."""
    for section in sections:
        yield section["heading"]
        yield from section["paragraphs"]
        for table in section["tables"]:
            yield table["caption"]
            for row in table["rows"]:
                yield from (cell for cell in row if isinstance(cell, str))


def holds(sections: Sequence[Json], figures: Sequence[Json]) -> list[str]:
    """Everything in a paper that does not add up, as sentences; none when it holds."""
    by_key = {figure["key"]: figure for figure in figures}
    tables = {table["key"]: table for section in sections for table in section["tables"]}
    found = [f"数字“{key}”写了不止一次。" for key in by_key if sum(f["key"] == key for f in figures) > 1]
    for figure in figures:
        found += _figure(figure, by_key, tables)
    for table in tables.values():
        found += [*_total(table), *_computed_columns(table, by_key)]
    for number, section in enumerate(sections):
        found += _said(section, [figure for figure in figures if figure["section"] == number])
    return [*found, *personal_data(words_of(sections))]


def _figure(figure: Json, by_key: Mapping[str, Json], tables: Mapping[str, Json]) -> Iterator[str]:
    label, value = figure["label"], figure["value"]
    points = figure.get("points", ())  # papers stored before this was known have none
    named = {*figure["adds"], *figure["minus"], *figure["ratio"], *points}
    if missing := sorted(named - by_key.keys()):
        yield f"{label}：缺少它所依据的数字 {'、'.join(missing)}。"
        return
    if figure["adds"]:
        parts = [by_key[key]["value"] for key in figure["adds"]]
        if sum(parts) != value:
            yield f"{label} {value} 不等于各部分之和 {sum(parts)}。"
    if figure["minus"]:
        first, second = (by_key[key] for key in figure["minus"])
        if first["value"] - second["value"] != value:
            yield f"{label} {value} 不等于{first['label']}减{second['label']} {first['value'] - second['value']}。"
    if figure["ratio"]:
        part, whole = (by_key[key]["value"] for key in figure["ratio"])
        if ratio(part, whole) != value:
            yield f"{label} {value} 与 {part}÷{whole} 不符。"
    if points and points_text(*(by_key[key]["value"] for key in points)) != value:
        yield f"{label}“{value}”与两个比率之差不符。"
    yield from _column(figure, tables)


def _column(figure: Json, tables: Mapping[str, Json]) -> Iterator[str]:
    if not figure["column"]:
        return
    key, column = figure["column"]
    if key not in tables:
        if figure["value"]:
            yield f"{figure['label']} {figure['value']}：缺少表“{key}”。"
    elif (total := sum(row[column] for row in tables[key]["rows"])) != figure["value"]:
        yield f"{figure['label']} {figure['value']} 与表“{tables[key]['caption']}”合计 {total} 不符。"


def _total(table: Json) -> Iterator[str]:
    """Every whole number of the bottom line is the sum above it."""
    for column, bottom in enumerate(table["total"]):
        if isinstance(bottom, int) and bottom != sum(row[column] for row in table["rows"]):
            yield f"表“{table['caption']}”“{table['columns'][column]}”一列合计 {bottom} 与各行之和不符。"


def _computed_columns(table: Json, by_key: Mapping[str, Json]) -> Iterator[str]:
    rows = [*table["rows"], *([table["total"]] if table["total"] else [])]
    for row in rows:
        for column, (part, whole) in table["rates"].items():
            if row[int(column)] != ratio(_cell(part, row, by_key), _cell(whole, row, by_key)):
                yield f"表“{table['caption']}”“{row[0]}”一行的{table['columns'][int(column)]}与件数不符。"
        for column, (first, second) in table["minus"].items():
            if row[int(column)] != row[first] - row[second]:
                yield f"表“{table['caption']}”“{row[0]}”一行的{table['columns'][int(column)]}与两列之差不符。"


def _cell(name: int | str, row: Sequence[Any], by_key: Mapping[str, Json]) -> int:
    return int(by_key[name]["value"] if isinstance(name, str) else row[name])


def _said(section: Json, figures: Sequence[Json]) -> Iterator[str]:
    """Wherever a paragraph gives a number after a figure's label, it is the figure's number."""
    if not figures:
        return
    labels = sorted({figure["label"] for figure in figures}, key=len, reverse=True)
    stated = re.compile(f"({'|'.join(map(re.escape, labels))}){_LINK}{_NUMBER}")
    for paragraph in section["paragraphs"]:
        for label, number in stated.findall(paragraph):
            right = {_number(figure["text"]) for figure in figures if figure["label"] == label}
            if number not in right:
                wanted = "、".join(sorted(filter(None, right)))
                yield f"“{section['heading']}”写的是“{label} {number}”，系统数字是 {wanted or '没有'}，请改回或删去。"


def _number(text: str) -> str:
    found = re.search(_NUMBER, text)
    return found[1] if found else ""
