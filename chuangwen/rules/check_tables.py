"""A table of checks: who looked at which criterion at which site of which unit, when, and whether it passed."""

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from chuangwen.rules.refusals import BadInput

COLUMNS: Final = ("unit", "inspector", "site", "criterion", "observed_at", "passed")
_PASSED: Final = {"1": 1.0, "true": 1.0, "pass": 1.0, "是": 1.0, "合格": 1.0,
                  "0": 0.0, "false": 0.0, "fail": 0.0, "否": 0.0, "不合格": 0.0}  # fmt: skip
_MOST_NAMED: Final = 20


@dataclass(frozen=True)
class CheckTable:
    """Checks by columns. `codes` number the levels that `names` lists; `seconds` are local, from an arbitrary day on."""

    names: dict[str, tuple[str, ...]]
    codes: dict[str, NDArray[np.int64]]
    seconds: NDArray[np.int64]
    passed: NDArray[np.float64]
    weight: NDArray[np.float64]

    def __len__(self) -> int:
        return len(self.passed)


def read_checks(data: bytes) -> CheckTable:
    """A CSV (UTF-8) with the columns unit, inspector, site, criterion, observed_at, passed and perhaps weight.

    Every bad line is named (the first twenty by number); nothing is guessed.
    """
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise BadInput("文件不是 UTF-8 编码，请另存为 UTF-8 的 CSV。") from error
    reader = csv.reader(io.StringIO(text, newline=""))
    try:
        header = [name.strip() for name in next(reader, [])]
        rows = [row for row in reader if row]
    except csv.Error as error:
        raise BadInput(f"CSV 读不下去：{error}。") from error
    _check_header(header)
    if not rows:
        raise BadInput("表里没有检查记录。")
    width = len(header)
    if ragged := [number for number, row in enumerate(rows, start=2) if len(row) != width]:
        raise BadInput(_named(ragged, f"列数不是 {width} 列，请检查逗号和引号。"))
    return table_of(dict(zip(header, zip(*rows, strict=True), strict=True)))


def _check_header(header: Sequence[str]) -> None:
    missing = [name for name in COLUMNS if name not in header]
    twice = sorted({name for name in header if header.count(name) > 1})
    objections = [f"缺少 {name} 一列。" for name in missing] + [f"{name} 一列出现了两次。" for name in twice]
    if objections:
        raise BadInput(objections)


def table_of(columns: dict[str, Sequence[str]]) -> CheckTable:
    """The table out of columns of texts, all of the same length."""
    objections: list[str] = []
    names, codes = {}, {}
    for name in ("unit", "inspector", "site", "criterion"):
        names[name], codes[name] = _levels(columns[name])
        if "" in names[name]:
            empty = names[name].index("")
            objections += _named((np.flatnonzero(codes[name] == empty) + 2).tolist(), f"{name} 是空的。")
    passed = _mapped(columns["passed"], _passed, "passed 应是 1 或 0。", objections)
    seconds = _mapped(columns["observed_at"], _seconds, "observed_at 应写成 2020-06-24T09:30。", objections)
    weight = np.ones(len(passed))
    if "weight" in columns:
        weight = _mapped(columns["weight"], _weight, "weight 应是大于 0 的数。", objections)
    if objections:
        raise BadInput(objections)
    return CheckTable(names, codes, seconds.astype(np.int64), passed, weight)


def _levels(column: Sequence[str]) -> tuple[tuple[str, ...], NDArray[np.int64]]:
    plain = [text.strip() for text in column]
    index = {text: at for at, text in enumerate(dict.fromkeys(plain))}
    return tuple(index), np.fromiter(map(index.__getitem__, plain), dtype=np.int64, count=len(plain))


def _mapped(column: Sequence[str], read: Any, objection: str, objections: list[str]) -> NDArray[np.float64]:
    known = {text: read(text.strip()) for text in dict.fromkeys(column)}
    found = np.fromiter(map(known.__getitem__, column), dtype=np.float64, count=len(column))
    objections += _named((np.flatnonzero(np.isnan(found)) + 2).tolist(), objection)
    return found


def _passed(text: str) -> float:
    return _PASSED.get(text.lower(), np.nan)


def _weight(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        return np.nan
    return value if np.isfinite(value) and value > 0 else np.nan


def _seconds(text: str) -> float:
    """Local seconds; the zone that is written behind is left away, since hours of the day are what counts."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return np.nan
    return ((moment.toordinal() * 24 + moment.hour) * 60 + moment.minute) * 60.0 + moment.second


def _named(lines: Sequence[int], what: str) -> list[str]:
    if not lines:
        return []
    said = [f"第 {line} 行：{what}" for line in lines[:_MOST_NAMED]]
    return [*said, *([f"还有 {len(lines) - _MOST_NAMED} 行同样。"] if len(lines) > _MOST_NAMED else [])]


def day_order(inspector: NDArray[np.int64], site: NDArray[np.int64], seconds: NDArray[np.int64]) -> NDArray[np.int64]:
    """For each check the how-manieth place of its inspector's day it was made at, from 1."""
    day = seconds // 86_400
    order = np.lexsort((site, seconds, day, inspector))
    who, where, when = inspector[order], site[order], day[order]
    new_day = np.ones(len(order), dtype=bool)
    new_day[1:] = (who[1:] != who[:-1]) | (when[1:] != when[:-1])
    moved = new_day.copy()
    moved[1:] |= where[1:] != where[:-1]
    counted = np.cumsum(moved)
    before = np.maximum.accumulate(np.where(new_day, counted - 1, 0))
    found = np.empty(len(order), dtype=np.int64)
    found[order] = counted - before
    return found
