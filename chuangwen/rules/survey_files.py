"""Files of analysts: the make-up of the population, and answers to be weighted."""

import csv
import io
from collections.abc import Sequence
from typing import Any

from chuangwen.rules.raking import CROSS, Margins, rake
from chuangwen.rules.refusals import BadInput

BASE = "base_weight"


def read_margins(text: str) -> dict[str, dict[str, float]]:
    """Lines `variable,category,people`; a heading, empty lines and lines with # are left out. Every bad line is named."""
    found: dict[str, dict[str, float]] = {}
    objections = []
    for number, line in enumerate(text.replace("，", ",").splitlines(), start=1):
        cells = [cell.strip() for cell in line.removeprefix("\ufeff").split(",")]
        if not any(cells) or cells[0].startswith("#") or cells[:1] == ["variable"]:
            continue
        people = _number(cells[2]) if len(cells) == 3 else None
        if people is None or not cells[0] or not cells[1]:
            objections.append(f"总体构成第 {number} 行应写成“变量,类别,人数”，例如“age,60+,24000”。")
        elif cells[1] in found.get(cells[0], {}):
            objections.append(f"总体构成第 {number} 行的“{cells[0]}”“{cells[1]}”重复。")
        else:
            found.setdefault(CROSS.join(part.strip() for part in cells[0].split(CROSS)), {})[cells[1]] = people
    if objections:
        raise BadInput(objections[:20])
    return found


def _number(text: str) -> float | None:
    try:
        number = float(text)
    except ValueError:
        return None
    return number if 0 <= number < 1e12 else None


def read_rows(text: str) -> list[dict[str, str]]:
    """A CSV file with a heading, a row an answer. Refuses what is no such file."""
    try:
        lines = [row for row in csv.reader(io.StringIO(text.removeprefix("\ufeff")), strict=True) if any(row)]
    except csv.Error as error:
        raise BadInput(f"答卷不是完整的 CSV 文件（{error}）。") from error
    if len(lines) < 2:
        raise BadInput("答卷文件要有一行列名和至少一行答卷。")
    columns = [name.strip() for name in lines[0]]
    objections = ["列名不能空，也不能重复。"] if not all(columns) or len(set(columns)) < len(columns) else []
    objections += [
        f"第 {number} 行有 {len(row)} 格，列名有 {len(columns)} 个。"
        for number, row in enumerate(lines[1:], start=2)
        if len(row) != len(columns)
    ][:20]
    if objections:
        raise BadInput(objections)
    return [dict(zip(columns, (cell.strip() for cell in row), strict=True)) for row in lines[1:]]


def weighed(rows: Sequence[dict[str, str]], margins: Margins) -> dict[str, Any]:
    """Weights with their design effect, and how each category stood before and after. A column `base_weight` is what
    rows weigh before.
    """
    base = _base(rows)
    raked = rake(rows, margins, base)
    return {
        "n": len(rows), "rounds": raked.rounds, "off": raked.off, "design_effect": raked.design_effect,
        "effective": raked.effective, "smallest": min(raked.weights), "largest": max(raked.weights),
        "weights": list(raked.weights),
    }  # fmt: skip


def _base(rows: Sequence[dict[str, str]]) -> list[float] | None:
    if not rows or BASE not in rows[0]:
        return None
    found = [_number(row[BASE]) for row in rows]
    wrong = [f"第 {number} 行的 {BASE} 须是大于 0 的数。" for number, one in enumerate(found, start=2) if not one]
    if wrong:
        raise BadInput(wrong[:20])
    return [one for one in found if one is not None]
