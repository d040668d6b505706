"""The published record of a draw: what was frozen beforehand, the seed, the result; and how anybody checks it."""

import csv
import hashlib
import io
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from typing import Any

from chuangwen.rules.draws import LARGEST_POOL, Rule, Source, StratumDraw, draw, key_of
from chuangwen.rules.refusals import BadInput

FORMAT = "chuangwen-draw/1"


@dataclass(frozen=True)
class Candidates:
    """The frozen list. The first column is the candidate's id, unique; rows keep their order, which decides the draw."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]

    def canonical(self) -> str:
        """The list as text: comma-separated, quoted where needed, one line a row, each line ends with a line feed."""
        out = io.StringIO()
        csv.writer(out, lineterminator="\n").writerows([self.columns, *self.rows])
        return out.getvalue()

    def sha256(self) -> str:
        """The fingerprint that is published before the draw."""
        return hashlib.sha256(self.canonical().encode()).hexdigest()

    def column(self, name: str) -> list[str]:
        """The values of one column; refuses an unknown one."""
        if name not in self.columns:
            raise BadInput(f"候选名单里没有“{name}”这一列，有的是：{'、'.join(self.columns)}。")
        place = self.columns.index(name)
        return [row[place] for row in self.rows]

    def objections(self) -> list[str]:
        """What is wrong with the list by itself."""
        objections = []
        named = bool(self.columns) and all(self.columns) and all(map(_plain, self.columns))
        if not named or len(set(self.columns)) != len(self.columns):
            objections.append("候选名单的第一行须是列名，不能有空的或重复的列名。")
        if not self.rows:
            objections.append("候选名单里没有候选。")
        if len(self.rows) > LARGEST_POOL:
            objections.append(f"候选有 {len(self.rows)} 个，一次最多 {LARGEST_POOL} 个。")
        seen: set[str] = set()
        for line, row in enumerate(self.rows, start=2):
            if len(row) != len(self.columns):
                objections.append(f"第 {line} 行有 {len(row)} 格，列名有 {len(self.columns)} 个。")
            elif not row[0]:
                objections.append(f"第 {line} 行没有编号（第一列）。")
            elif row[0] in seen:
                objections.append(f"第 {line} 行的编号“{row[0]}”重复。")
            seen.update(row[:1])
            if not all(map(_plain, row)):
                objections.append(f"第 {line} 行有换行或不能显示的字符，请删去。")
        return objections


def _plain(cell: str) -> bool:
    """Without control characters and halves of characters, which would not survive being written and read."""
    return not any(unicodedata.category(letter) in {"Cc", "Cs"} for letter in cell)


def read_candidates(text: str) -> Candidates:
    """A list from comma-separated text with a heading; cells are trimmed and in Unicode form C, empty lines left out."""

    def clean(cell: str) -> str:
        return unicodedata.normalize("NFC", cell).strip()

    try:
        lines = [tuple(map(clean, row)) for row in csv.reader(io.StringIO(text.removeprefix("\ufeff")), strict=True)]
    except csv.Error as error:
        raise BadInput(f"候选名单不是完整的 CSV 文件（{error}）。请另存为 CSV（UTF-8）再试。") from error
    lines = [row for row in lines if any(row)]
    if not lines:
        raise BadInput("候选名单是空的：第一行写列名，以后每行一个候选。")
    found = Candidates(lines[0], tuple(lines[1:]))
    if objections := found.objections():
        raise BadInput(objections)
    return found


def make_record(
    *, candidates: Candidates, rule: Rule, sources: Sequence[Source] = (), key: str = "", title: str = ""
) -> dict[str, Any]:
    """Draw, and say everything that anybody needs to do it again. The seed is given as sources or as the key itself."""
    objections = [*candidates.objections(), *rule.objections()]
    if bool(sources) == bool(key):
        objections.append("请给出种子来源或密钥串，二选一。")
    if objections:
        raise BadInput(objections)
    seed = key_of(sources) if sources else key
    strata = candidates.column(rule.stratify) if rule.stratify else [""] * len(candidates.rows)
    drawn = draw(strata=strata, key=seed, rule=rule)
    return {
        "format": FORMAT,
        "title": title,
        "algorithm": "RFC 3797",
        "candidates": {
            "columns": list(candidates.columns),
            "rows": [list(row) for row in candidates.rows],
            "sha256": candidates.sha256(),
        },
        "rule": {
            "share": str(Fraction(rule.share)) if rule.share is not None else None,
            "count": rule.count,
            "stratify": rule.stratify,
            "at_least_one": rule.at_least_one,
        },
        "sources": [_source_out(source) for source in sources],
        "key": seed,
        "strata": [_stratum_out(one, candidates) for one in drawn],
        "selected": [candidates.rows[place - 1][0] for one in drawn for place in one.selected],
    }


def _source_out(source: Source) -> dict[str, Any]:
    return {"name": source.name, "numbers": [f"{number:f}" for number in source.numbers], "text": source.text}


def _stratum_out(one: StratumDraw, candidates: Candidates) -> dict[str, Any]:
    chosen = [candidates.rows[place - 1][0] for place in one.selected]
    return {"name": one.name, "order": one.order, "key": one.key, "size": one.size, "selected": chosen}


class _Shape(Exception):
    """A part of a record is missing or of another kind."""


def _text(value: object, name: str) -> str:
    if not isinstance(value, str):
        raise _Shape(f"“{name}”应是文字。")
    return value


def _list(value: object, name: str) -> list[Any]:
    if not isinstance(value, list):
        raise _Shape(f"“{name}”应是列表。")
    return value


def _part(value: object, name: str) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise _Shape(f"“{name}”应是对象。")
    return value


def read_rule(found: Mapping[str, Any]) -> Rule:
    """The rule of a record."""
    share, count = found.get("share"), found.get("count")
    try:
        fraction = Fraction(_text(share, "rule.share")) if share is not None else None
    except (ValueError, ZeroDivisionError) as error:
        raise _Shape(f"份额“{share}”读不懂。") from error
    if count is not None and (not isinstance(count, int) or isinstance(count, bool)):
        raise _Shape("“rule.count”应是整数。")
    stratify = _text(found.get("stratify", ""), "rule.stratify")
    return Rule(fraction, count, stratify, found.get("at_least_one") is True)


def _read_source(found: object) -> Source:
    given = _part(found, "sources")
    try:
        numbers = tuple(Decimal(_text(number, "numbers")) for number in _list(given.get("numbers", []), "numbers"))
    except InvalidOperation as error:
        raise _Shape("种子来源里有不是数的值。") from error
    return Source(_text(given.get("name", ""), "name"), numbers, _text(given.get("text", ""), "text"))


def _read_list(found: Mapping[str, Any]) -> Candidates:
    columns = tuple(_text(name, "columns") for name in _list(found.get("columns"), "candidates.columns"))
    rows = [_list(row, "candidates.rows") for row in _list(found.get("rows"), "candidates.rows")]
    return Candidates(columns, tuple(tuple(_text(cell, "candidates.rows") for cell in row) for row in rows))


def differences(record: object, *, published_sha256: str = "") -> list[str]:
    """Where a published record does not follow from its own list, rule and seed; empty when it verifies.

    `published_sha256`: the fingerprint as it was printed before the draw, to compare with. Raises BadInput when
    this is no record at all.
    """
    try:
        whole = _part(record, "记录")
        if whole.get("format") != FORMAT:
            raise _Shape(f"不是抽取记录：format 应是 {FORMAT}。")
        candidates, rule = (
            _read_list(_part(whole.get("candidates"), "candidates")),
            read_rule(_part(whole["rule"], "rule")),
        )
        sources = [_read_source(found) for found in _list(whole.get("sources", []), "sources")]
        key = _text(whole.get("key"), "key")
    except (_Shape, KeyError) as error:
        raise BadInput(f"这份抽取记录读不懂：{error}") from error
    again = make_record(
        candidates=candidates, rule=rule, sources=sources, key="" if sources else key, title=whole.get("title", "")
    )
    said = []
    if published_sha256 and published_sha256.strip().lower() != candidates.sha256():
        said.append(f"候选名单的指纹是 {candidates.sha256()}，事先公布的是 {published_sha256.strip().lower()}。")
    return [*said, *_compared(whole, again)]


def _compared(stated: Mapping[str, Any], again: Mapping[str, Any]) -> list[str]:
    said = []
    fingerprint = _part(stated["candidates"], "candidates").get("sha256")
    if fingerprint != again["candidates"]["sha256"]:
        said.append(f"候选名单的指纹写的是 {fingerprint}，重算是 {again['candidates']['sha256']}。")
    if stated["key"] != again["key"]:
        said.append(f"密钥串写的是 {stated['key']}，由种子来源重算是 {again['key']}。")
    said += _compared_strata(stated.get("strata"), again["strata"])
    if stated.get("selected") != again["selected"]:
        said.append(_first_difference(stated.get("selected"), again["selected"]))
    return said


def _compared_strata(stated: object, again: Sequence[Mapping[str, Any]]) -> list[str]:
    rows = {row.get("name"): row for row in stated if isinstance(row, dict)} if isinstance(stated, list) else {}
    said = []
    for one in again:
        row = rows.pop(one["name"], None)
        label = f"“{one['name']}”层" if one["name"] else "不分层的抽取"
        if row is None:
            said.append(f"{label}没有写。")
            continue
        names = {"order": "序号", "key": "密钥串", "size": "候选数", "selected": "抽中的"}
        said += [
            f"{label}的{word}写的是 {row.get(field)}，重算是 {one[field]}。"
            for field, word in names.items()
            if row.get(field) != one[field]
        ]
    return said + [f"多写了“{name}”层，名单里没有它。" for name in rows]


def _first_difference(stated: object, again: Sequence[str]) -> str:
    if not isinstance(stated, list) or len(stated) != len(again):
        many = len(stated) if isinstance(stated, list) else 0
        return f"抽中的写了 {many} 个，重算是 {len(again)} 个：{'、'.join(again)}。"
    place = next(number for number, (one, other) in enumerate(zip(stated, again, strict=True)) if one != other)
    return f"抽中的第 {place + 1} 个写的是 {stated[place]}，重算是 {again[place]}。"
