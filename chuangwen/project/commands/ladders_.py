"""`chuangwen ladders`: which rung of an accountability ladder is possible, from a table of facts. Needs no database."""

import csv
import io
import json
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import TypeVar

import click

from chuangwen.accountability.builtin import builtin_ladders, measure, read_ladder
from chuangwen.project.cli import objections_exit_2
from chuangwen.rules.deadlines import SHANGHAI
from chuangwen.rules.ladder_files import Ladder
from chuangwen.rules.ladders import Eligibility, Facts, Item, Order, Review, Standing, Tolerance, review
from chuangwen.rules.refusals import BadInput

T = TypeVar("T")
NOTE = "以上只说明可以启动，是否启动由人决定；系统不会自动问责。"
COLUMNS: Mapping[str, str] = {
    "类别": "fact", "单位": "unit", "组": "league", "起": "start", "止": "end", "名次": "place", "得分": "score",
    "观测数": "observations", "调整后名次": "adjusted", "最好名次": "best", "最差名次": "worst", "获准申诉": "appeals",
    "命令": "kind", "名称": "title", "下达": "issued_at", "期限": "due", "完成": "done_at", "申报": "declared_at",
    "理由": "ground", "证据": "evidence",
}  # fmt: skip
KINDS: Mapping[str, str] = {"名次": "place", "命令": "order", "事项": "item", "容错": "tolerance"}


@click.group(help="问责阶梯：核对阶梯文件，看哪些单位可以启动哪一档。")
def command() -> None:
    """Ladders of accountability."""


@command.command("list", help="列出自带的阶梯（公布过的样例）和来源。")
def list_ladders() -> None:
    """Print the samples with their sources."""
    for name in builtin_ladders():
        ladder = read_ladder(name)
        click.echo(f"{name}  {ladder.title}\n  来源：{ladder.source}\n  说明：{ladder.note}")


@command.command("check", help="按一份阶梯核对事实表，列出可启动的档、依据和反证。")
@click.option("--ladder", "ladder_name", metavar="阶梯", required=True, help="自带阶梯的名称，或阶梯文件（TOML）的路径")
@click.option("--facts", "facts_path", metavar="文件", help="事实表（CSV）；不给就只核对阶梯文件")
@click.option("--at", "at_text", metavar="时刻", help="按哪一刻核对，例如 2020-06-30T09:00；默认现在")
@click.option("--json", "as_json", is_flag=True, help="输出 JSON")
@objections_exit_2
def check(ladder_name: str, facts_path: str | None, at_text: str | None, as_json: bool) -> None:
    """Hold the facts against the ladder and print what is possible."""
    ladder = read_ladder(ladder_name)
    at = _moment(at_text) if at_text else datetime.now(SHANGHAI)
    facts = read_facts(_read(facts_path)) if facts_path else Facts()
    found = review(ladder, facts, at=at)
    click.echo(json.dumps(as_data(ladder, found), ensure_ascii=False, indent=2) if as_json else as_words(ladder, found))


def _read(path: str) -> bytes:
    try:
        return Path(path).read_bytes()
    except OSError as error:
        raise BadInput(f"事实表“{path}”读不出来，请检查路径和权限。") from error


# --- the table of facts ---


def read_facts(data: bytes) -> Facts:
    """The facts in a CSV file with the headings of COLUMNS (Chinese or English), one fact a row.

    UTF-8 with or without BOM, or GB18030. Raises BadInput naming every bad row by its number and what is wrong.
    """
    rows = list(csv.reader(io.StringIO(_decoded(data), newline="")))
    if not rows:
        raise BadInput("事实表是空的，第 1 行应当是表头。")
    names = [COLUMNS.get(cell.strip(), cell.strip()) for cell in rows[0]]
    if missing := [label for label, name in COLUMNS.items() if name in {"fact", "unit"} and name not in names]:
        raise BadInput(f"第 1 行缺少{'、'.join(missing)}一列。")
    table = _Table()
    for number, cells in enumerate(rows[1:], start=2):
        if any(cell.strip() for cell in cells):
            table.take(number, dict(zip(names, (cell.strip() for cell in cells), strict=False)))
    if table.found:
        raise BadInput(table.found)
    return Facts(tuple(table.standings), tuple(table.orders), tuple(table.items), tuple(table.tolerances))


def _decoded(data: bytes) -> str:
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise BadInput("事实表既不是 UTF-8 也不是 GB18030 编码，请另存为“CSV UTF-8”。")


class _Table:
    """Collects facts and what is wrong with the rows."""

    def __init__(self) -> None:
        self.found: list[str] = []
        self.standings: list[Standing] = []
        self.orders: list[Order] = []
        self.items: list[Item] = []
        self.tolerances: list[Tolerance] = []

    def take(self, number: int, row: Mapping[str, str]) -> None:
        kind = KINDS.get(row.get("fact", ""), row.get("fact", ""))
        makers: Mapping[str, Callable[[_Row], None]] = {
            "place": self._standing, "order": self._order, "item": self._item, "tolerance": self._tolerance,
        }  # fmt: skip
        reading = _Row(row)
        if kind not in makers:
            reading.found.append(f"类别“{row.get('fact', '')}”不认识，应是{'、'.join(KINDS)}之一。")
        else:
            makers[kind](reading)
        self.found += [f"第 {number} 行：{sentence}" for sentence in reading.found]

    def _standing(self, row: "_Row") -> None:
        unit, start, end = row.words("unit"), row.needed("start", _day), row.needed("end", _day)
        counts = {name: row.value(name, _whole) for name in ("place", "observations", "adjusted", "best", "worst")}
        score, appeals = row.value("score", _decimal), tuple(row.text("appeals").split())
        if start and end:
            self.standings.append(
                Standing(
                    unit, row.text("league"), start, end, score=score, appeals=appeals, evidence=row.text("evidence"), **counts
                )
            )  # fmt: skip

    def _order(self, row: "_Row") -> None:
        unit, kind = row.words("unit"), row.words("kind")
        issued_at, due = row.needed("issued_at", _moment), row.needed("due", _moment)
        done_at = row.value("done_at", _moment)
        if issued_at and due:
            self.orders.append(Order(unit, kind, row.text("title"), issued_at, due, done_at, row.text("evidence")))

    def _item(self, row: "_Row") -> None:
        unit, title, due = row.words("unit"), row.words("title"), row.needed("due", _moment)
        done_at, declared_at = row.value("done_at", _moment), row.value("declared_at", _moment)
        if due:
            self.items.append(Item(unit, title, due, done_at, declared_at, row.text("ground"), row.text("evidence")))

    def _tolerance(self, row: "_Row") -> None:
        unit, ground = row.words("unit"), row.words("ground")
        start, end = row.needed("start", _day), row.needed("end", _day)
        if start and end:
            self.tolerances.append(Tolerance(unit, start, end, ground, row.text("evidence")))


class _Row:
    """One row that is being read."""

    def __init__(self, cells: Mapping[str, str]) -> None:
        self.cells = cells
        self.found: list[str] = []

    def text(self, name: str) -> str:
        return self.cells.get(name, "")

    def words(self, name: str) -> str:
        if not self.text(name):
            self.found.append(f"缺少{_label(name)}。")
        return self.text(name)

    def value(self, name: str, read: Callable[[str], T]) -> T | None:
        if not self.text(name):
            return None
        try:
            return read(self.text(name))
        except BadInput as refusal:
            self.found += [f"{_label(name)}：{sentence}" for sentence in refusal.objections]
            return None

    def needed(self, name: str, read: Callable[[str], T]) -> T | None:
        return self.value(name, read) if self.words(name) else None


def _label(name: str) -> str:
    return next(label for label, english in COLUMNS.items() if english == name)


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise BadInput(f"“{text}”不是日期，应写成 2020-06-28。") from error


def _moment(text: str) -> datetime:
    try:
        found = datetime.fromisoformat(text)
    except ValueError as error:
        raise BadInput(f"“{text}”不是时刻，应写成 2020-06-28T18:00。") from error
    return found if found.tzinfo else found.replace(tzinfo=SHANGHAI)


def _whole(text: str) -> int:
    if not text.isdecimal() or len(text) > 9:
        raise BadInput(f"“{text}”不是整数。")
    return int(text)


def _decimal(text: str) -> Decimal:
    try:
        found = Decimal(text)
    except InvalidOperation as error:
        raise BadInput(f"“{text}”不是数字。") from error
    if not found.is_finite():
        raise BadInput(f"“{text}”不是数字。")
    return found


# --- the answer ---


def as_data(ladder: Ladder, found: Review) -> dict[str, object]:
    """The review for other programs."""
    return {
        "ladder": {"name": ladder.name, "title": ladder.title, "source": ladder.source},
        "possible": [_entry(one) for one in found.possible],
        "left_out": [{"unit": one.unit, "reason": one.text} for one in found.left_out],
        "note": NOTE,
    }


def _entry(one: Eligibility) -> dict[str, object]:
    return {
        "unit": one.unit, "rung": one.rung.key, "measure": one.rung.measure, "clause": one.rung.clause,
        "decided_by": one.rung.decided_by.value, "appeal_to": one.rung.appeal_to.value, "occasion": one.key,
        "why": list(one.why), "evidence": list(one.evidence),
        "counter": [{"kind": each.kind, "text": each.text, "evidence": each.evidence} for each in one.counter],
        "missing": list(one.missing),
    }  # fmt: skip


def as_words(ladder: Ladder, found: Review) -> str:
    """The review for people."""
    lines = [ladder.title, f"来源：{ladder.source}"]
    lines += [] if ladder.note == "" else [f"说明：{ladder.note}"]
    lines += [""] + ([] if found.possible else ["没有单位符合任何一档。"])
    for one in found.possible:
        post = f"由{one.rung.decided_by.label}决定，申诉由{one.rung.appeal_to.label}决定"
        lines += [f"{one.unit}：可启动“{measure(one.rung.measure).label}”（{one.rung.clause}{post}）"]
        lines += _listed("依据", one.why) + _listed("反证", [each.text for each in one.counter])
        lines += _listed("缺什么", one.missing)
    lines += _listed("没有计入", [f"{one.unit}：{one.text}" for one in found.left_out])
    return "\n".join([*lines, "", NOTE])


def _listed(head: str, sentences: Sequence[str]) -> list[str]:
    return [f"  {head}：{sentence}" for sentence in sentences]
