"""Public benchmark instances: team orienteering with time windows (toptw) and prize-collecting routing (pcvrptw).

toptw: first line `k v N t` (N places besides the start), second `D Q`, then a line a place
`i x y d S f a list O C`: visit time d, profit S, window O..C; the first place is start and end, its C the tour limit.
Travel time is Euclidean, cut to one decimal (the Solomon-based c, r and rc files).
pcvrptw: VRPLIB files of PyVRP/Instances (folder PCVRPTW): NODE_COORD, DEMAND, TIME_WINDOW and PRIZE sections, one
depot, SERVICE_TIME, VEHICLES and CAPACITY; DIMACS rounding (all cut to one decimal). The cost of its published
solutions is the length of the tours plus the prizes that are not collected.
Times are tenths here.
"""

import math
import re
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from chuangwen.rules.refusals import BadInput
from chuangwen.rules.tours import Crew, Matrix, Problem, Stop

TENTHS = 10
MOST_OBJECTIONS = 20
LARGEST = Decimal(10_000_000)
MOST_PLACES = 3_000


@dataclass(frozen=True)
class Instance:
    """A problem in tenths and the numbers that the file gives its stops. `scale`: whole units of value per profit."""

    problem: Problem
    names: tuple[int, ...]
    scale: int = 1


@dataclass(frozen=True)
class _Place:
    name: int
    x: Decimal
    y: Decimal
    visit: Decimal
    profit: Decimal
    opens: Decimal
    closes: Decimal
    demand: Decimal = Decimal(0)


def number_of(text: str, where: str, objections: list[str]) -> Decimal:
    """A plain decimal number, or 0 and an objection."""
    try:
        number = Decimal(text)
    except InvalidOperation:
        number = Decimal("NaN")
    if not number.is_finite() or abs(number) > LARGEST:
        objections.append(f"{where}“{text[:30]}”不是可用的数。")
        return Decimal(0)
    return number


def cut_travel(points: list[tuple[Decimal, Decimal]]) -> Matrix:
    """Euclidean distances in tenths, cut; exact because the root is taken of whole numbers."""
    whole = [(int(x * 1_000), int(y * 1_000)) for x, y in points]
    return tuple(tuple(math.isqrt((a - c) ** 2 + (b - d) ** 2) // 100 for c, d in whole) for a, b in whole)


def _tenths(number: Decimal) -> int:
    return int(number * TENTHS)


def _teams(teams: int) -> list[str]:
    return [] if 1 <= teams <= 1_000 else [f"队数 {teams} 不行：须在 1 到 1000 之间。"]


def _raise(objections: list[str]) -> None:
    if len(objections) > MOST_OBJECTIONS:
        more = len(objections) - MOST_OBJECTIONS
        objections = [*objections[:MOST_OBJECTIONS], f"还有 {more} 处同类的错。"]
    if objections:
        raise BadInput(objections)


def read_toptw(text: str, *, teams: int) -> Instance:
    """A toptw file for so many teams. Raises BadInput with every line and field that cannot be read."""
    objections = _teams(teams)
    rows = [(at, line.split()) for at, line in enumerate(text.splitlines(), start=1) if line.strip()]
    if len(rows) < 4:
        raise BadInput([*objections, "不是 toptw 文件：至少要有两行开头、一行起点、一行点位。"])
    head = rows[0][1]
    if len(head) < 3 or not re.fullmatch(r"\d{1,5}", head[2]):
        raise BadInput([*objections, f"第 {rows[0][0]} 行不是“k v N t”：第三个数须是点位数。"])
    places = [_toptw_place(at, words, objections) for at, words in rows[2:]]
    if int(head[2]) + 1 != len(places):
        objections.append(f"开头说有 {head[2]} 处点位（另加起点），文件里有 {len(places) - 1} 处。")
    found = [place for place in places if place]
    objections += _repeated(found) + _sizes(len(found))
    _raise(objections)
    start, rest = found[0], found[1:]
    crew = Crew(0, _tenths(start.opens), _tenths(start.closes), teams)
    return _instance(found, rest, crew, lambda place: place.profit)


def _sizes(places: int) -> list[str]:
    return [f"点位 {places} 处，最多 {MOST_PLACES} 处。"] if places > MOST_PLACES else []


def _repeated(places: list[_Place]) -> list[str]:
    names = [place.name for place in places]
    return [f"点位编号 {name} 出现了两次。" for name in sorted({n for n in names if names.count(n) > 1})]


def _toptw_place(at: int, words: list[str], objections: list[str]) -> _Place | None:
    if len(words) < 8 or not re.fullmatch(r"\d{1,7}", words[0]):
        objections.append(f"第 {at} 行读不懂：应是“i x y d S f a list O C”，这里有 {len(words)} 项。")
        return None
    fields = {"x": 1, "y": 2, "停留 d": 3, "得分 S": 4, "开 O": -2, "关 C": -1}
    x, y, visit, profit, opens, closes = (
        number_of(words[column], f"第 {at} 行的{name}", objections) for name, column in fields.items()
    )
    place = _Place(int(words[0]), x, y, visit, profit, opens, closes)
    objections += _place_objections(f"第 {at} 行", place)
    return place


def _place_objections(where: str, place: _Place) -> list[str]:
    said = []
    if place.opens < 0 or place.closes < place.opens:
        said.append(f"{where}的时间窗 {place.opens}–{place.closes} 不行：不能为负，关不能早于开。")
    if place.visit < 0:
        said.append(f"{where}的停留时间 {place.visit} 是负数。")
    if place.profit < 0:
        said.append(f"{where}的得分 {place.profit} 是负数。")
    return said


def _instance(
    places: list[_Place], rest: list[_Place], crew: Crew, profit: Callable[[_Place], Decimal], length_cost: int = 0
) -> Instance:
    whole = all(profit(place) == int(profit(place)) for place in rest)
    scale = TENTHS if length_cost else 1 if whole else 100
    stops = tuple(
        Stop(
            number,
            int(profit(place) * scale),
            _tenths(place.visit),
            _tenths(place.opens),
            _tenths(place.closes),
            int(place.demand),
        )
        for number, place in enumerate(rest, start=1)
    )
    travel = cut_travel([(place.x, place.y) for place in places])
    names = tuple(place.name for place in rest)
    return Instance(Problem(stops, (crew,), travel, length_cost), names, scale)


def read_pcvrptw(text: str, *, teams: int | None) -> Instance:
    """A pcvrptw file; `teams` takes the place of its VEHICLES. Raises BadInput with every section that cannot be read."""
    heads, sections = _vrplib(text)
    objections: list[str] = []
    size = _head(heads, "DIMENSION", objections)
    vehicles = teams if teams is not None else _head(heads, "VEHICLES", objections)
    capacity = _head(heads, "CAPACITY", objections)
    service = number_of(heads.get("SERVICE_TIME", "0"), "SERVICE_TIME ", objections)
    if heads.get("EDGE_WEIGHT_TYPE", "").upper() != "EUC_2D":
        objections.append("EDGE_WEIGHT_TYPE 须是 EUC_2D（平面坐标）。")
    needed = {"NODE_COORD_SECTION": 2, "DEMAND_SECTION": 1, "TIME_WINDOW_SECTION": 2, "PRIZE_SECTION": 1}
    tables = {name: _table(name, sections.get(name), width, size, objections) for name, width in needed.items()}
    objections += (_teams(vehicles) if vehicles else []) + _sizes(size)
    if [row for row in sections.get("DEPOT_SECTION", []) if row != ["-1"]] != [["1"]]:
        objections.append("DEPOT_SECTION 须只有一个场站，编号 1。")
    _raise(objections)
    places = [_vrp_place(row, [tables[name][row] for name in needed], service) for row in range(1, size + 1)]
    for place in places:
        objections += _place_objections(f"点位 {place.name} ", place)
    _raise(objections)
    start = places[0]
    crew = Crew(0, _tenths(start.opens), _tenths(start.closes), vehicles, capacity)
    return _instance(places, places[1:], crew, lambda place: place.profit, length_cost=1)


def _vrp_place(row: int, facts: list[tuple[Decimal, ...]], service: Decimal) -> _Place:
    (x, y), (demand,), (opens, closes), (prize,) = facts
    return _Place(row, x, y, service if row > 1 else Decimal(0), prize, opens, closes, demand)


def _vrplib(text: str) -> tuple[dict[str, str], dict[str, list[list[str]]]]:
    heads: dict[str, str] = {}
    sections: dict[str, list[list[str]]] = {}
    rows: list[list[str]] = []
    for line in map(str.strip, text.splitlines()):
        if re.fullmatch(r"[A-Z_]+_SECTION\s*:?", line):
            rows = sections.setdefault(line.rstrip(": "), [])
        elif ":" in line:
            name, _, value = line.partition(":")
            heads[name.strip()] = value.strip()
        elif line and line != "EOF":
            rows.append(line.split())
    return heads, sections


def _head(heads: dict[str, str], name: str, objections: list[str]) -> int:
    value = heads.get(name, "")
    if re.fullmatch(r"\d{1,7}", value) and int(value):
        return int(value)
    objections.append(f"缺少 {name}，或它不是正整数。")
    return 0


def _table(
    name: str, rows: list[list[str]] | None, width: int, size: int, objections: list[str]
) -> dict[int, tuple[Decimal, ...]]:
    if rows is None:
        objections.append(f"缺少 {name}。")
        return {}
    found: dict[int, tuple[Decimal, ...]] = {}
    for row in rows:
        if len(row) != width + 1 or not re.fullmatch(r"\d{1,7}", row[0]):
            objections.append(f"{name} 的“{' '.join(row)[:40]}”读不懂：应是编号和 {width} 个数。")
            continue
        found[int(row[0])] = tuple(number_of(word, f"{name} 编号 {row[0]} 的", objections) for word in row[1:])
    if missing := sorted(set(range(1, size + 1)) - set(found)):
        objections.append(f"{name} 缺 {len(missing)} 个编号，第一个是 {missing[0]}。")
    return found
