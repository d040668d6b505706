"""Units and areas of the sample district: city, district, offices, streets, communities, grids, and their cells."""

import random
from collections.abc import Sequence
from dataclasses import dataclass

from shapely import Polygon

from chuangwen.project.demo.cells import around, bend_and_snap, geojson, merge, outline, split
from chuangwen.project.demo.names import OFFICES, STREETS, StreetName
from chuangwen.project.demo.rows import AreaRow, UnitRow

CITY, DISTRICT = "NT", "CC"


@dataclass(frozen=True)
class Community:
    """One community with its stem of a name and its grids: (code, polygon)."""

    code: str
    stem: str
    street: StreetName
    grids: tuple[tuple[str, Polygon], ...]


def office_code(key: str) -> str:
    """The unit code of an office or department, e.g. CC-WMB."""
    return f"{DISTRICT}-{key.upper()}"


def street_code(street: StreetName) -> str:
    """The code of a street, shared by its unit and its area."""
    return f"{DISTRICT}-{street.key.upper()}"


def grow_communities(rng: random.Random) -> tuple[Community, ...]:
    """Every community with three to five grids, its cells already bent and snapped."""
    plan = [
        (street, number, stem, split(piece, rng.randint(3, 5), rng))
        for street, whole in zip(STREETS, around([s.centre for s in STREETS], outline(), rng), strict=True)
        for number, (stem, piece) in enumerate(
            zip(street.communities, split(whole, len(street.communities), rng), strict=True), start=1
        )
    ]
    cells = iter(bend_and_snap([cell for *_, pieces in plan for cell in pieces]))
    grown = []
    for street, number, stem, pieces in plan:
        code = f"{street_code(street)}-{number:02d}"
        grids = tuple((f"{code}-G{index + 1}", next(cells)) for index in range(len(pieces)))
        grown.append(Community(code, stem, street, grids))
    return tuple(grown)


def base_units(communities: Sequence[Community]) -> list[UnitRow]:
    """The tree from the city down to the grids, parents first."""
    units = [UnitRow(CITY, "南通市", "city", "", False), UnitRow(DISTRICT, "崇川区", "district", CITY, False)]
    units += [UnitRow(office_code(key), name, kind, DISTRICT, False) for key, name, kind in OFFICES]
    units += [UnitRow(street_code(street), street.name, "street", DISTRICT, False) for street in STREETS]
    for one in communities:
        units.append(UnitRow(one.code, f"{one.stem}社区", "community", street_code(one.street), True))
        units += [
            UnitRow(code, f"{one.stem}社区第{number}网格", "grid", one.code, True)
            for number, (code, _) in enumerate(one.grids, start=1)
        ]
    return units


def team_units(communities: Sequence[Community]) -> list[UnitRow]:
    """A volunteer team for every street and every third community, a party branch for every community."""
    teams = [
        UnitRow(f"{street_code(street)}-V", f"{street.name}志愿服务队", "volunteer_team", street_code(street), True)
        for street in STREETS
    ]
    for index, one in enumerate(communities):
        teams.append(UnitRow(f"{one.code}-B", f"{one.stem}社区党支部", "party_branch", one.code, True))
        if index % 3 == 0:
            teams.append(UnitRow(f"{one.code}-V", f"{one.stem}邻里志愿服务队", "volunteer_team", one.code, True))
    return teams


def areas(communities: Sequence[Community]) -> tuple[AreaRow, ...]:
    """All areas, parents first; an area and its unit share one code."""
    district = AreaRow(DISTRICT, "崇川区", "district", "", DISTRICT, geojson(merge(_cells(communities))))
    streets = [_street_area(street, communities) for street in STREETS]
    lower = [area for one in communities for area in _community_areas(one)]
    return (district, *streets, *lower)


def _cells(communities: Sequence[Community]) -> list[Polygon]:
    return [cell for one in communities for _, cell in one.grids]


def _street_area(street: StreetName, communities: Sequence[Community]) -> AreaRow:
    whole = merge(_cells([one for one in communities if one.street is street]))
    return AreaRow(street_code(street), street.name, "street", DISTRICT, street_code(street), geojson(whole))


def _community_areas(one: Community) -> list[AreaRow]:
    name, parent = f"{one.stem}社区", street_code(one.street)
    whole = AreaRow(one.code, name, "community", parent, one.code, geojson(merge(_cells([one]))))
    grids = [
        AreaRow(code, f"{name}第{number}网格", "grid", one.code, code, geojson(cell))
        for number, (code, cell) in enumerate(one.grids, start=1)
    ]
    return [whole, *grids]
