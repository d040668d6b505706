"""A table of earlier inspections for the risk order: any CSV with an outcome, a date, an inspector and other columns."""

import csv
import gzip
import io
import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from chuangwen.rules.refusals import BadInput
from chuangwen.rules.tables import day_of

Array = NDArray[np.float64]
LARGEST: Final = 400 * 2**20
_FAILED: Final = {"1": 1.0, "1.0": 1.0, "true": 1.0, "是": 1.0, "不合格": 1.0, "fail": 1.0,
                  "0": 0.0, "0.0": 0.0, "false": 0.0, "否": 0.0, "合格": 0.0, "pass": 0.0}  # fmt: skip
_MOST_NAMED: Final = 10


@dataclass(frozen=True)
class Names:
    """Which columns say what: `outcome` is 1 where the inspection found a fault."""

    outcome: str
    date: str
    inspector: str


@dataclass(frozen=True)
class RiskTable:
    """Inspections in the order of their dates. `columns` are all others, as texts; `day` is a proleptic day number."""

    names: Names
    columns: dict[str, tuple[str, ...]]
    failed: Array
    day: NDArray[np.int64]
    inspector: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.failed)

    def some(self, rows: Sequence[int] | NDArray[np.int64]) -> "RiskTable":
        """A part of the inspections; rows are given in rising order."""
        columns = {name: tuple(texts[row] for row in rows) for name, texts in self.columns.items()}
        inspector = tuple(self.inspector[row] for row in rows)
        return RiskTable(self.names, columns, self.failed[rows], self.day[rows], inspector)


def read_risk_table(data: bytes, names: Names, *, what: str) -> RiskTable:
    """A CSV (UTF-8, perhaps packed with gzip); raises BadInput with every objection, each beginning with `what`."""
    try:
        return _table(_text(data), names)
    except BadInput as bad:
        raise BadInput(f"{what}：{objection}" for objection in bad.objections) from bad


def _text(data: bytes) -> str:
    if data[:2] == b"\x1f\x8b":
        try:
            with gzip.open(io.BytesIO(data)) as packed:
                data = packed.read(LARGEST + 1)
        except (OSError, EOFError, zlib.error) as error:
            raise BadInput("压缩文件坏了，解不开。请重新压缩或换成 CSV。") from error
    if len(data) > LARGEST:
        raise BadInput(f"文件超过 {LARGEST // 2**20} MB，请分批。")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise BadInput("不是 UTF-8 编码，请另存为 UTF-8 的 CSV。") from error


def _table(text: str, names: Names) -> RiskTable:
    reader = csv.reader(io.StringIO(text, newline=""))
    try:
        header = [name.strip() for name in next(reader, [])]
        rows = [row for row in reader if any(cell.strip() for cell in row)]
    except csv.Error as error:
        raise BadInput(f"CSV 读不下去：{error}。") from error
    if not header:
        raise BadInput("文件是空的。")
    _check_header(header, names)
    if not rows:
        raise BadInput("表头下面没有检查记录。")
    ragged = [number for number, row in enumerate(rows, start=2) if len(row) != len(header)]
    if ragged:
        raise BadInput(_named(ragged, f"列数不是 {len(header)} 列，请检查逗号和引号"))
    columns = zip(*rows, strict=True)
    return table_of_columns(
        {name: tuple(cell.strip() for cell in cells) for name, cells in zip(header, columns, strict=True)}, names
    )


def _check_header(header: Sequence[str], names: Names) -> None:
    wanted = dict.fromkeys((names.outcome, names.date, names.inspector))
    objections = [f"缺少“{name}”一列。现有：{'、'.join(header)}。" for name in wanted if name not in header]
    if len(wanted) < 3:
        objections.append("结果、日期、检查人应是三个不同的列。")
    objections += [f"“{name}”一列出现了两次。" for name in dict.fromkeys(header) if header.count(name) > 1]
    if objections:
        raise BadInput(objections)


def table_of_columns(columns: Mapping[str, Sequence[str]], names: Names) -> RiskTable:
    """The table out of columns of texts of the same length; raises BadInput for unreadable outcomes and dates."""
    objections: list[str] = []
    failed = _mapped(columns[names.outcome], _failed, f"“{names.outcome}”应是 1（查出问题）或 0", objections)
    day = _mapped(columns[names.date], _day, f"“{names.date}”不是看得懂的日期，请写成 2020-06-28", objections)
    if not objections and failed.min() == failed.max():
        objections.append(f"“{names.outcome}”只有一种结果（全是 {failed[0]:.0f}），两种都有才能比较。")
    if objections:
        raise BadInput(objections)
    order = np.argsort(day, kind="stable")
    special = (names.outcome, names.date, names.inspector)
    others = {
        name: tuple(texts[row] for row in order) for name, texts in columns.items() if name and name not in special
    }
    inspector = tuple(columns[names.inspector][row] for row in order)
    return RiskTable(names, others, failed[order], day[order].astype(np.int64), inspector)


def _failed(text: str) -> float:
    return _FAILED[text.lower()]


def _day(text: str) -> float:
    return float(day_of(text.replace("T", " ").split(" ")[0]).toordinal())


def _mapped(column: Sequence[str], read: Callable[[str], float], what: str, objections: list[str]) -> Array:
    known: dict[str, Any] = {}
    for text in set(column):
        try:
            known[text] = read(text)
        except (ValueError, KeyError):
            known[text] = None
    bad = [number for number, text in enumerate(column, start=2) if known[text] is None]
    if bad:
        objections.append(_named(bad, what))
        return np.zeros(len(column))
    return np.array([known[text] for text in column], dtype=np.float64)


def _named(numbers: Sequence[int], what: str) -> str:
    shown = "、".join(str(number) for number in numbers[:_MOST_NAMED])
    return f"第 {shown} 行{f'等 {len(numbers)} 行' if len(numbers) > _MOST_NAMED else ''}：{what}。"
