"""Points of the sample district: how many of each type, what they are called, who owns them and where they lie."""

import random
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from shapely import Polygon

from chuangwen.project.demo.cells import point_inside
from chuangwen.project.demo.names import COMPOUND_FIRST, COMPOUND_LAST, FIRMS, STREETS, StreetName
from chuangwen.project.demo.people import Register
from chuangwen.project.demo.rows import SiteRow, UnitRow
from chuangwen.project.demo.tree import Community, office_code, street_code

SITE_TOTAL = 460
# Every community office is a point (COM); compounds (RES) fill up to the total.
QUOTAS: dict[str, int] = {
    "ROAD": 40, "LANE": 40, "FOOD": 24, "MKT": 22, "WIN": 22, "SCH": 22, "SQ": 14, "BUS": 14,
    "RIVER": 14, "MALL": 12, "SITE": 12, "CULT": 10, "HOSP": 3,
}  # fmt: skip
POINT_TYPES: tuple[str, ...] = ("RES", "COM", *QUOTAS)

ENDINGS: dict[str, tuple[str, ...]] = {
    "LANE": ("巷", "弄", "后巷", "支巷"),
    "FOOD": ("馄饨店", "面馆", "小吃店", "饭店", "早点铺"),
    "MKT": ("农贸市场", "菜市场"),
    "WIN": ("邮政营业厅", "供电营业厅", "自来水营业厅", "燃气营业厅", "通信营业厅", "银行营业厅"),
    "SCH": ("小学", "初级中学", "实验小学", "中学"),
    "SQ": ("市民广场", "文化广场", "健身广场"),
    "BUS": ("公交站台", "首末站公交线路"),
    "RIVER": ("中心河", "横河", "竖河"),
    "MALL": ("生活广场商场", "购物中心", "超市"),
    "SITE": ("安置房工地", "管网改造工地", "学校扩建工地", "商住楼工地"),
    "CULT": ("文化馆", "图书馆分馆", "文化中心"),
    "HOSP": ("医院", "中医院", "康复医院"),
}
# Where one office looks after all points of a type.
OFFICE_OF: dict[str, str] = {
    "ROAD": "chengguan", "SQ": "chengguan", "BUS": "jiaotong", "RIVER": "shuili", "SCH": "jiaoti", "HOSP": "weijian",
    "CULT": "wenlv", "SITE": "zhujian", "MALL": "shangwu", "FOOD": "shijian",
}  # fmt: skip
# Where the community itself does; window halls belong to the street.
COMMUNITY_OWNS = frozenset({"COM", "LANE", "MKT"})


@dataclass
class _Desk:
    """What placing the points needs to remember."""

    rng: random.Random
    register: Register
    sites: list[SiteRow] = field(default_factory=list)
    units: list[UnitRow] = field(default_factory=list)
    names: set[str] = field(default_factory=set)
    seen: Counter[str] = field(default_factory=Counter)

    def unused(self, wish: Iterator[str]) -> str:
        """The first name of the wishes that nothing bears yet."""
        name = next(one for one in wish if one not in self.names)
        self.names.add(name)
        return name


def place_sites(
    communities: Sequence[Community], register: Register, rng: random.Random
) -> tuple[list[SiteRow], list[UnitRow]]:
    """All points, and the property firms and owners' committees that come with the compounds."""
    desk = _Desk(rng, register)
    for one in communities:
        _add(desk, one, "COM", f"{one.stem}社区居委会", one.code, first_grid=True)
    _compounds(desk, communities)
    for point_type, quota in QUOTAS.items():
        for street in _in_turn(rng, quota):
            _ordinary(desk, street, point_type, communities)
    return desk.sites, desk.units


def _in_turn(rng: random.Random, quota: int) -> list[StreetName]:
    """Streets in a drawn order, each once before any comes again."""
    order = rng.sample(STREETS, len(STREETS))
    return [order[index % len(order)] for index in range(quota)]


def _add(
    desk: _Desk, one: Community, point_type: str, name: str, owner: str, *, first_grid: bool = False, road: str = ""
) -> SiteRow:
    grid_code, cell = one.grids[0] if first_grid else desk.rng.choice(one.grids)
    lng, lat = _inside(cell, desk.rng)
    desk.seen[point_type] += 1
    desk.names.add(name)
    site = SiteRow(
        code=f"CC-{point_type}-{desk.seen[point_type]:03d}",
        name=name,
        point_type=point_type,
        grid_code=grid_code,
        owner_unit_code=owner,
        address=road or f"{desk.rng.choice(one.street.roads)}{desk.rng.randint(1, 398)}号",
        lng=lng,
        lat=lat,
        contact_name=desk.register.new_name(),
        contact_phone=desk.register.new_phone(),
        leader_name=desk.register.street_leader(one.street),
    )
    desk.sites.append(site)
    return site


def _inside(cell: Polygon, rng: random.Random) -> tuple[float, float]:
    """A position inside the cell, some way from its border where the cell allows it."""
    core = cell.buffer(-0.0004)
    where = point_inside(core if isinstance(core, Polygon) and not core.is_empty else cell, rng)
    return where.x, where.y


def _compounds(desk: _Desk, communities: Sequence[Community]) -> None:
    """One compound for every community, then more in drawn ones up to the total; each with its firm."""
    more = SITE_TOTAL - sum(QUOTAS.values()) - 2 * len(communities)
    for one in [*communities, *desk.rng.sample(communities, more)]:
        site = _add(desk, one, "RES", desk.unused(_compound_names(desk.rng, one)), _firm(desk, one))
        if desk.rng.random() < 0.65:
            code, name = f"{one.code}-O{desk.seen[one.code]}", f"{site.name}业主委员会"
            desk.units.append(UnitRow(code, name, "owners_committee", one.code, True, site.code))


def _firm(desk: _Desk, one: Community) -> str:
    """A property firm of its own for each compound of the community."""
    desk.seen[one.code] += 1
    number = desk.seen[one.code]
    code, brand = f"{one.code}-W{number}", FIRMS[desk.seen["firm"] % len(FIRMS)]
    desk.seen["firm"] += 1
    name = f"{brand}物业{one.stem}{'第二' if number > 1 else ''}服务处"
    desk.units.append(UnitRow(code, name, "property_firm", one.code, True))
    return code


def _compound_names(rng: random.Random, one: Community) -> Iterator[str]:
    if rng.random() < 0.45:
        yield f"{one.stem}{rng.choice(('新村', '小区', '新寓'))}"
    while True:
        yield f"{rng.choice(COMPOUND_FIRST)}{rng.choice(COMPOUND_LAST)}"


def _ordinary(desk: _Desk, street: StreetName, point_type: str, communities: Sequence[Community]) -> None:
    """One more point of the type in the street, in the community that has fewest points so far."""
    local = [one for one in communities if one.street is street]
    home = min(local, key=lambda one: (desk.seen[f"points {one.code}"], desk.rng.random()))
    desk.seen[f"points {home.code}"] += 1
    name = desk.unused(_ordinary_names(desk, home, point_type))
    _add(desk, home, point_type, name, _owner(home, point_type), road=_stretch(desk, home, point_type, name))


def _ordinary_names(desk: _Desk, one: Community, point_type: str) -> Iterator[str]:
    if point_type == "ROAD":
        yield from one.street.roads
    if point_type == "WIN":
        yield f"{one.street.name}便民服务中心"
    stem = one.stem
    if point_type == "LANE" and stem[-1] in "巷里坊":
        yield stem
    for ending in desk.rng.sample(ENDINGS[point_type], len(ENDINGS[point_type])):
        yield f"{stem}{ending}"
    for number in range(2, 100):
        yield f"{stem}第{number}{ENDINGS[point_type][0]}"


def _stretch(desk: _Desk, one: Community, point_type: str, name: str) -> str:
    """Roads, lanes and rivers have no door plate: their address says from where."""
    if point_type in {"ROAD", "RIVER", "LANE"}:
        other = desk.rng.choice([road for road in one.street.roads if road != name])
        return f"{one.stem}社区{other}口起"
    return ""


def _owner(one: Community, point_type: str) -> str:
    if point_type in COMMUNITY_OWNS:
        return one.code
    return office_code(OFFICE_OF[point_type]) if point_type in OFFICE_OF else street_code(one.street)
