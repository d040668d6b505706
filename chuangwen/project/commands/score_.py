"""`chuangwen score`: totals and places of a table of facts under a published rule. Needs no database."""

import csv
import io
import json
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path

import click

from chuangwen.project.cli import objections_exit_2
from chuangwen.rules.ranking import Ties
from chuangwen.rules.refusals import BadInput
from chuangwen.rules.scoring import Facts, Line, Part, PartMark, Penalty, Rule, Sheet, objections, plain, score
from chuangwen.scores.builtin import builtin_rules, read_rule

_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)", re.ASCII)
_TIES = {"shown": "公布总分相同即并列", "exact": "未舍入总分相同才并列"}


@click.command(help="按公布的规则算总分和名次。")
@click.option("--rule", "rule_name", metavar="规则", help="自带规则的名称，或规则文件（TOML）的路径")
@click.option("--facts", "facts_path", metavar="文件", help="各单位各部分得分的 CSV：unit 一列，规则的每个部分一列")
@click.option("--ties", type=click.Choice(["shown", "exact"]), help="名次按公布总分（shown）还是未舍入总分（exact）")
@click.option("--json", "as_json", is_flag=True, help="输出 JSON")
@click.option("--list", "list_rules", is_flag=True, help="列出自带的规则")
@objections_exit_2
def command(rule_name: str | None, facts_path: str | None, ties: Ties | None, as_json: bool, list_rules: bool) -> None:
    """Read the rule and the facts, print the sheet."""
    if list_rules:
        _print_rules(as_json=as_json)
        return
    rule = _asked_rule(rule_name, facts_path, ties)
    facts = read_facts(rule, _read_bytes(facts_path or ""))
    sheet = score(rule, facts)
    click.echo(json.dumps(sheet_json(rule, sheet), ensure_ascii=False, indent=2) if as_json else table(rule, sheet))


def _asked_rule(rule_name: str | None, facts_path: str | None, ties: Ties | None) -> Rule:
    missing = []
    if not rule_name:
        missing.append("请用 --rule 指明规则；chuangwen score --list 列出自带的规则。")
    if not facts_path:
        missing.append("请用 --facts 指明得分表（CSV 文件）。")
    if missing or not rule_name:
        raise BadInput(missing)
    rule = read_rule(rule_name)
    return replace(rule, ties=ties) if ties else rule


def _print_rules(*, as_json: bool) -> None:
    rules = [read_rule(name) for name in builtin_rules()]
    if as_json:
        click.echo(json.dumps([_rule_json(rule) for rule in rules], ensure_ascii=False, indent=2))
        return
    rows = [[rule.name, rule.title, _parts_text(rule), rule.source] for rule in rules]
    click.echo(_aligned([["名称", "规则", "组成", "来源"], *rows], numbers=()))


def _parts_text(rule: Rule) -> str:
    return "、".join(
        f"{part.label}{'扣分' if isinstance(part.deduction, Penalty) else f' {plain(part.weight * 100)}%'}"
        for part in rule.parts
    )


# --- reading the table of facts ---


def _read_bytes(path: str) -> bytes:
    try:
        return Path(path).read_bytes()
    except OSError as error:
        raise BadInput(f"得分表“{path}”读不出来，请检查路径和权限。") from error


def read_facts(rule: Rule, data: bytes) -> tuple[Facts, ...]:
    """The facts in a CSV file: `unit`, one column per part of the rule (key or label), perhaps `league`.

    UTF-8 with or without BOM, or GB18030. An empty cell means not observed; other columns are ignored. Raises BadInput
    naming every bad row by its number in the file (the headings are row 1), the field and what is wrong.
    """
    rows = _rows(_decoded(data))
    if not rows:
        raise BadInput("得分表是空的，第 1 行应当是表头：unit 和规则的各个部分。")
    columns = _columns(rule, rows[0][1])
    read = [_read_row(rule, columns, number, cells) for number, cells in rows[1:]]
    if not read:
        raise BadInput("得分表只有表头，没有一个单位。")
    found = [(row.number, sentence) for row in read for sentence in row.found]
    facts = tuple(row.facts for row in read)
    found += [(read[index].number, sentence) for index, sentence in objections(rule, facts)]
    if found:
        raise BadInput(f"第 {number} 行 {sentence}" for number, sentence in sorted(found, key=lambda each: each[0]))
    return facts


@dataclass(frozen=True)
class _Row:
    number: int
    facts: Facts
    found: tuple[str, ...]


def _decoded(data: bytes) -> str:
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise BadInput("得分表既不是 UTF-8 也不是 GB18030 编码，请在表格软件里另存为“CSV UTF-8”。")


def _rows(text: str) -> list[tuple[int, list[str]]]:
    """Rows with something in them, each with its number as a spreadsheet counts."""
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        numbered = list(enumerate(reader, start=1))
    except csv.Error as error:
        raise BadInput(f"第 {reader.line_num} 行不是合格的 CSV（{error}），请检查引号。") from error
    return [(number, [cell.strip() for cell in cells]) for number, cells in numbered if any(map(str.strip, cells))]


@dataclass(frozen=True)
class _Columns:
    """Where each field stands; `league` and parts by name of the field."""

    count: int
    at: dict[str, int]

    def cell(self, cells: Sequence[str], name: str) -> str:
        index = self.at.get(name, len(cells))
        return cells[index] if index < len(cells) else ""


def _columns(rule: Rule, headings: Sequence[str]) -> _Columns:
    names = {"单位": "unit", "分组": "league", **{part.label: part.key for part in rule.parts}}
    fields = [names.get(heading, heading) for heading in headings]
    needed = {"unit": "单位", **{part.key: part.label for part in rule.parts}}
    found = [f"第 1 行 缺少 {key}（{label}）一列。" for key, label in needed.items() if key not in fields]
    for key in (*needed, "league"):
        if fields.count(key) > 1:
            found.append(f"第 1 行 {key} 一列重复了 {fields.count(key)} 次，请只留一列。")
    if found:
        raise BadInput(found)
    return _Columns(len(fields), {key: fields.index(key) for key in fields})


def _read_row(rule: Rule, columns: _Columns, number: int, cells: Sequence[str]) -> _Row:
    found = []
    if any(cells[columns.count :]):
        found.append(f"有 {len(cells)} 格，表头只有 {columns.count} 格，请检查多出的逗号。")
    values: dict[str, Decimal | None] = {}
    for part in rule.parts:
        if columns.at[part.key] >= len(cells):
            found.append(f"{part.key}（{part.label}）：这一行缺这一格；没有观测也请留出空格。")
        value, trouble = _number(columns.cell(cells, part.key))
        values[part.key] = value
        found += [f"{part.key}（{part.label}）：{trouble}"] if trouble else []
    facts = Facts(columns.cell(cells, "unit"), values, columns.cell(cells, "league"))
    return _Row(number, facts, tuple(found))


def _number(cell: str) -> tuple[Decimal | None, str]:
    text = unicodedata.normalize("NFKC", cell).strip()
    if not text:
        return None, ""
    if not _NUMBER.fullmatch(text):
        return None, f"“{cell}”不是数字；没有观测请留空，不要写字或单位。"
    return Decimal(text), ""


# --- printing the sheet ---


def sheet_json(rule: Rule, sheet: Sheet) -> dict[str, object]:
    """The sheet for other programs; figures are strings, so that no decimal is lost on the way."""
    return {
        "rule": _rule_json(rule),
        "units": [_line_json(rule, line) for line in sheet.lines],
        "left_out": [{"unit": left.unit, "reason": left.reason} for left in sheet.left_out],
    }


def _rule_json(rule: Rule) -> dict[str, object]:
    return {"name": rule.name, "title": rule.title, "source": rule.source, "ties": rule.ties}


def _line_json(rule: Rule, line: Line) -> dict[str, object]:
    decimals = rule.rounding.places
    return {
        "unit": line.unit,
        "league": line.league,
        "total": f"{line.total_shown:f}",
        "exact": plain(line.total_exact, decimals),
        "place": line.place,
        "parts": {key: _mark_json(mark, decimals) for key, mark in line.parts.items()},
        "reasons": list(line.reasons),
    }


def _mark_json(mark: PartMark, decimals: int) -> dict[str, object]:
    return {
        "value": plain(mark.value, decimals) if mark.imputed else f"{mark.value:f}",
        "weight": f"{mark.weight:f}",
        "points": plain(mark.points, decimals + 1),
        "imputed": mark.imputed,
    }


def table(rule: Rule, sheet: Sheet) -> str:
    """The sheet for people: one aligned table per league, notes on gaps and ties, the units left out."""
    blocks = [f"{rule.title}\n来源：{rule.source}\n并列：{_TIES[rule.ties]}"]
    for league in dict.fromkeys(line.league for line in sheet.lines):
        lines = [line for line in sheet.lines if line.league == league]
        blocks.append((f"【{league}】\n" if league else "") + _league_table(rule, lines))
    if notes := [f"{line.unit}：{''.join(line.reasons)}" for line in sheet.lines if _noteworthy(rule, line)]:
        blocks.append("\n".join(["说明（* 为缺项，取其他单位平均分）", *notes]))
    if sheet.left_out:
        blocks.append("\n".join(["不参加排名", *(f"{left.unit}：{left.reason}" for left in sheet.left_out)]))
    return "\n\n".join(blocks)


def _noteworthy(rule: Rule, line: Line) -> bool:
    """Whether a reader needs more than the figures: a gap was filled, or another unit shows the same total."""
    return len(line.reasons) > len(rule.parts) + 1 or any(mark.imputed for mark in line.parts.values())


def _league_table(rule: Rule, lines: Sequence[Line]) -> str:
    headings = ["名次", "单位", "总分", *(_heading(part) for part in rule.parts)]
    rows = [
        [str(line.place), line.unit, f"{line.total_shown:f}", *(_cell(rule, part, line) for part in rule.parts)]
        for line in lines
    ]
    return _aligned([headings, *rows], numbers=(0, *range(2, len(headings))))


def _heading(part: Part) -> str:
    match part.deduction:
        case None:
            return f"{part.label}×{part.weight:f}"
        case Penalty(each):
            return f"{part.label}（每次扣 {plain(each)}）"
        case _:
            return f"{part.label}（满分 {plain(part.full)}）"


def _cell(rule: Rule, part: Part, line: Line) -> str:
    mark = line.parts[part.key]
    return ("*" if mark.imputed else "") + f"{rule.rounding.shown(mark.value):f}"


def _aligned(rows: Sequence[Sequence[str]], *, numbers: Sequence[int]) -> str:
    """Columns two spaces apart, counted in screen cells (a Chinese character takes two); `numbers` stand right."""
    widths = [max(map(_cells, column)) for column in zip(*rows, strict=True)]
    return "\n".join(
        "  ".join(
            " " * (width - _cells(text)) + text if index in numbers else text + " " * (width - _cells(text))
            for index, (text, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    )


def _cells(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in text)
