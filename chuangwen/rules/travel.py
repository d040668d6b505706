"""Travel times between places in seconds: straight lines made longer, a CSV table, or the table answer of OSRM."""

import csv
import io
import json
import math
from collections.abc import Sequence

import numpy as np

from chuangwen.rules.refusals import BadInput
from chuangwen.rules.tours import Matrix

EARTH_METRES = 6_371_008.8  # mean radius, IUGG
LONGEST_SECONDS = 86_400


def straight(points: Sequence[tuple[float, float]], *, factor: float, kilometres_per_hour: float) -> Matrix:
    """Seconds between (latitude, longitude) points: haversine times `factor` at a steady speed, rounded."""
    lat, lon = np.radians(np.array(points, dtype=float).reshape(-1, 2)).T
    half = np.sin((lat[:, None] - lat) / 2) ** 2
    half += np.cos(lat)[:, None] * np.cos(lat) * np.sin((lon[:, None] - lon) / 2) ** 2
    metres = 2 * EARTH_METRES * np.arcsin(np.sqrt(np.clip(half, 0, 1))) * factor
    seconds = np.rint(metres / (kilometres_per_hour / 3.6)).astype(int)
    return tuple(map(tuple, seconds.tolist()))


def read_table(text: str, names: Sequence[str]) -> Matrix:
    """Seconds from every name to every name, out of a CSV of minutes or an OSRM table answer (JSON, seconds).

    The CSV has the names in its first row and first column, in any order. OSRM knows no names: its rows and columns
    are in the order of `names`. Raises BadInput with every missing name and every entry that is no time.
    """
    return _osrm(text, names) if text.lstrip().startswith("{") else _csv(text, names)


def _osrm(text: str, names: Sequence[str]) -> Matrix:
    try:
        rows = json.loads(text)["durations"]
    except (ValueError, KeyError, TypeError):
        raise BadInput("路程表不是 OSRM table 的回答：缺少 durations。") from None
    if not isinstance(rows, list) or len(rows) != len(names) or any(len(row or ()) != len(names) for row in rows):
        raise BadInput(f"OSRM 的 durations 须是 {len(names)} 行 {len(names)} 列：先点位、后各队起点，按文件里的顺序。")
    objections: list[str] = []
    table = tuple(
        tuple(_seconds(entry, f"从“{a}”到“{b}”", 1, objections) for b, entry in zip(names, row, strict=True))
        for a, row in zip(names, rows, strict=True)
    )
    _raise(objections)
    return table


def _csv(text: str, names: Sequence[str]) -> Matrix:
    rows = list(csv.reader(io.StringIO(text)))
    columns = {name.strip(): at for at, name in enumerate(rows[0] if rows else []) if at}
    by_name = {row[0].strip(): row for row in rows[1:] if row}
    objections = [f"路程表缺少“{name}”这一行。" for name in names if name not in by_name]
    objections += [f"路程表缺少“{name}”这一列。" for name in names if name not in columns]
    _raise(objections)
    table = tuple(
        tuple(
            _seconds("".join(by_name[a][columns[b] : columns[b] + 1]) or None, f"从“{a}”到“{b}”", 60, objections)
            for b in names
        )
        for a in names
    )
    _raise(objections)
    return table


def _seconds(entry: object, where: str, unit: int, objections: list[str]) -> int:
    try:
        seconds = float(str(entry)) * unit
    except ValueError:
        seconds = math.nan
    if not 0 <= seconds <= LONGEST_SECONDS:
        objections.append(f"路程表{where}的“{'空' if entry is None else entry}”不是 0 到一天之间的时间。")
        return 0
    return round(seconds)


def _raise(objections: list[str]) -> None:
    if len(objections) > 20:
        objections = [*objections[:20], f"还有 {len(objections) - 20} 处同类的错。"]
    if objections:
        raise BadInput(objections)
