"""Importing areas and sites from tables: all of a file or nothing of it, and the same file again changes nothing."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from itertools import groupby
from math import isfinite
from typing import Any, Final

from django.db import transaction
from shapely.geometry import shape

from chuangwen.journal.operations import record
from chuangwen.people.models import Unit
from chuangwen.places.listing import grid_finder
from chuangwen.places.models import Area, AreaKind, Site
from chuangwen.places.operations import boundary_objections
from chuangwen.places.queries import forget_boundaries, street_of
from chuangwen.places.spreadsheets import CLEAR, ELSEWHERE, AreaRow, Boundary, SiteRow, double_codes
from chuangwen.rules.permissions import Actor, Permission, may
from chuangwen.rules.refusals import Refused
from chuangwen.rules.tables import ImportReport, Problem, sentences
from chuangwen.rules.trees import cycles

_CHINA_LNG: Final = (73, 136)
_CHINA_LAT: Final = (3, 54)


def _must_manage(by: Actor) -> None:
    if not may(by, Permission.PLACES_MANAGE):
        raise Refused("您的岗位不能导入区域和点位。")


# --- areas ---


@transaction.atomic
def import_areas(*, rows: Sequence[AreaRow], by: Actor, now: datetime, dry_run: bool = False) -> ImportReport:
    """Create the areas and bring known ones up to date; parents may come in any order.

    With problems, or in a dry run, nothing is written. Areas that are not in the file stay as they are.
    """
    _must_manage(by)
    ground = _Ground(rows)
    if problems := sentences(ground.problems()):
        return ImportReport(problems=problems)
    new = sorted((row for row in rows if row.code not in ground.known), key=ground.depth)
    changed = [row for row in rows if row.code in ground.known and ground.changes(row)]
    if not dry_run:
        _create_areas(new, ground, by=by, now=now)
        _change_areas(changed, ground, by=by, now=now)
        forget_boundaries()
        transaction.on_commit(forget_boundaries)  # somebody may have built the index anew in between
    return ImportReport(len(new), len(changed), len(rows) - len(new) - len(changed))


class _Ground:
    """The areas as they will be: what is known, with the rows of the file over it."""

    def __init__(self, rows: Sequence[AreaRow]) -> None:
        self.rows = rows
        self.known = {area.code: area for area in Area.objects.select_for_update().order_by("pk")}
        self.units = {unit.code: unit for unit in Unit.objects.all()}
        by_id = {area.pk: area.code for area in self.known.values()}
        self._above = {area.code: by_id[area.parent_id] if area.parent_id else "" for area in self.known.values()}
        self.parents = dict(self._above)
        for row in rows:
            above = self.parents.get(row.code, "") if row.parent_code is None else row.parent_code
            self.parents[row.code] = above

    def problems(self) -> Iterator[Problem]:
        """Everything that keeps the rows from being taken."""
        yield from double_codes(self.rows)
        numbers = {row.code: row.number for row in self.rows}
        for row in self.rows:
            yield from self._row_problems(row)
        for ring in cycles(self.parents):
            at = min((numbers[code] for code in ring if code in numbers), default=0)
            yield Problem(at, "上级编码", f"上级关系绕成了一圈：{' → '.join((*ring, ring[0]))}。请改正其中一个的上级。")

    def _row_problems(self, row: AreaRow) -> Iterator[Problem]:
        if row.code not in self.known:
            said = (("名称", row.name), ("类别", row.kind), ("属地单位编码", row.unit_code))
            for label, value in said:
                if not value:
                    yield Problem(row.number, label, f"“{row.code}”是新区域，这一项要填写。")
        if row.kind and row.kind not in AreaKind.values:
            yield Problem(row.number, "类别", f"“{row.kind}”不认识，可用：{'、'.join(AreaKind.labels)}。")
        if row.unit_code and row.unit_code not in self.units:
            yield Problem(row.number, "属地单位编码", f"没有编码为“{row.unit_code}”的单位，请先导入单位。")
        if row.parent_code and row.parent_code not in self.parents:
            yield Problem(row.number, "上级编码", f"没有编码为“{row.parent_code}”的区域，表里也没有。")
        for what in self._boundary_problems(row):
            yield Problem(row.number, "边界", what)

    def _boundary_problems(self, row: AreaRow) -> Iterator[str]:
        known = self.known.get(row.code)
        if row.boundary == ELSEWHERE and (known is None or not known.boundary):
            yield f"写着“{ELSEWHERE}”，可是还没有边界。请先在这里留空，导入后再导入那个 .geojson 文件。"
        if isinstance(row.boundary, dict):
            troubles = boundary_objections(row.boundary)
            yield from troubles or _outside(row.boundary)

    def depth(self, row: AreaRow) -> int:
        """How many areas lie above."""
        code, above = row.code, 0
        while code := self.parents.get(code, ""):
            above += 1
        return above

    def wanted(self, row: AreaRow) -> dict[str, Any]:
        """The fields that the row speaks of."""
        said: dict[str, Any] = {"name": row.name, "kind": row.kind}
        fields = {name: value for name, value in said.items() if value}
        if row.unit_code:
            fields["unit"] = self.units[row.unit_code]
        if row.parent_code is not None or row.code not in self.known:
            fields["parent"] = self.known.get(self.parents[row.code])
        if isinstance(row.boundary, dict) or row.boundary == CLEAR:
            fields["boundary"] = None if row.boundary == CLEAR else row.boundary
        return fields

    def changes(self, row: AreaRow) -> bool:
        """Whether a known area differs from what its row says."""
        area = self.known[row.code]
        same_parent = row.parent_code is None or self._above[row.code] == row.parent_code
        fields = {name: value for name, value in self.wanted(row).items() if name not in {"parent", "unit"}}
        same_unit = not row.unit_code or area.unit_id == self.units[row.unit_code].pk
        return not (same_parent and same_unit and all(getattr(area, name) == value for name, value in fields.items()))


def _outside(boundary: Boundary) -> list[str]:
    west, south, east, north = shape(boundary).bounds
    if all(map(isfinite, (west, south, east, north))) and -180 <= west <= east <= 180 and -90 <= south <= north <= 90:
        return []
    return ["坐标超出经纬度范围，像是投影坐标（米）。请先转换成 WGS-84 经纬度。"]


def _create_areas(rows: Sequence[AreaRow], ground: _Ground, *, by: Actor, now: datetime) -> None:
    """Write new areas level by level, because a child needs the id of its parent."""
    for _, level in groupby(rows, key=ground.depth):
        areas = [Area(code=row.code, **ground.wanted(row)) for row in level]
        for area in Area.objects.bulk_create(areas, batch_size=500):
            ground.known[area.code] = area
            record(kind="area.created", subject_kind="area", subject_id=area.pk, by=by, now=now, name=area.name)


def _change_areas(rows: Sequence[AreaRow], ground: _Ground, *, by: Actor, now: datetime) -> None:
    for row in rows:
        area, fields = ground.known[row.code], ground.wanted(row)
        for name, value in fields.items():
            setattr(area, name, value)
        area.save(update_fields=list(fields))
        record(kind="area.changed", subject_kind="area", subject_id=area.pk, by=by, now=now, name=area.name)


# --- sites ---


@transaction.atomic
def import_sites(*, rows: Sequence[SiteRow], by: Actor, now: datetime, dry_run: bool = False) -> ImportReport:
    """Create the sites and bring known ones up to date; without an area, the grid that holds the position is taken.

    With problems, or in a dry run, nothing is written. Sites that are not in the file stay as they are.
    """
    _must_manage(by)
    codes = [row.code for row in rows]
    known = {site.code: site for site in Site.objects.select_for_update().filter(code__in=codes)}
    around = _Around()
    if problems := sentences([*double_codes(rows), *(p for row in rows for p in around.problems(row))]):
        return ImportReport(problems=problems)
    wanted = {row.code: around.wanted(row, known.get(row.code)) for row in rows}
    new = [code for code in wanted if code not in known]
    changed = [code for code, site in known.items() if _differs(site, wanted[code])]
    if not dry_run:
        sites = [Site(code=code, **wanted[code]) for code in new]
        for site in Site.objects.bulk_create(sites, batch_size=500):
            record(kind="site.created", subject_kind="site", subject_id=site.pk, by=by, now=now, name=site.name)
        for code in changed:
            _change_site(known[code], wanted[code], by=by, now=now)
    return ImportReport(len(new), len(changed), len(rows) - len(new) - len(changed))


def _differs(site: Site, wanted: Mapping[str, Any]) -> bool:
    return any(getattr(site, name) != value for name, value in wanted.items())


def _change_site(site: Site, wanted: Mapping[str, Any], *, by: Actor, now: datetime) -> None:
    for name, value in wanted.items():
        setattr(site, name, value)
    site.save(update_fields=list(wanted))
    record(kind="site.changed", subject_kind="site", subject_id=site.pk, by=by, now=now, name=site.name)


class _Around:
    """What sites refer to: units, areas and the street above each unit."""

    def __init__(self) -> None:
        self.units = {unit.code: unit for unit in Unit.objects.all()}
        self.areas = {area.code: area for area in Area.objects.select_related("unit").defer("boundary")}
        self._areas_by_id = {area.pk: area for area in self.areas.values()}
        self._streets: dict[int, int | None] = {}
        self._grid_at = grid_finder()

    def problems(self, row: SiteRow) -> Iterator[Problem]:
        """Everything that keeps the row from being taken."""
        if row.owner_code not in self.units:
            yield Problem(row.number, "责任单位编码", f"没有编码为“{row.owner_code}”的单位，请先导入单位。")
        if row.area_code and row.area_code not in self.areas:
            yield Problem(row.number, "所在区域编码", f"没有编码为“{row.area_code}”的区域，请先导入区域。")
        if _within(row.lng, _CHINA_LAT) and _within(row.lat, _CHINA_LNG):
            yield Problem(row.number, "经度", f"经度 {row.lng} 和纬度 {row.lat} 像是写反了。")

    def wanted(self, row: SiteRow, site: Site | None) -> dict[str, Any]:
        """The fields of the site as the row says."""
        owner = self.units[row.owner_code]
        area = self._area(row, site)
        home = area.unit if area else owner
        said: dict[str, Any] = {
            "address": row.address, "contact_name": row.contact_name, "contact_phone": row.contact_phone,
            "leader_name": row.leader_name, "active": row.active,
        }  # fmt: skip
        return {
            "name": row.name, "point_type": row.point_type, "owner_id": owner.pk, "lng": row.lng, "lat": row.lat,
            "area_id": area.pk if area else None, "home_id": home.pk, "street_id": self._street(home),
            **{name: value for name, value in said.items() if value is not None},
        }  # fmt: skip

    def _area(self, row: SiteRow, site: Site | None) -> Area | None:
        """The area that is named; else, where nothing is said of a site that stays in place, the one it has."""
        if row.area_code:
            return self.areas[row.area_code]
        stays = site is not None and (site.lng, site.lat) == (row.lng, row.lat)
        if row.area_code is None and stays and site is not None and site.area_id:
            return self._areas_by_id[site.area_id]
        return self._grid_at(row.lng, row.lat)

    def _street(self, unit: Unit) -> int | None:
        if unit.pk not in self._streets:
            street = street_of(unit)
            self._streets[unit.pk] = street.pk if street else None
        return self._streets[unit.pk]


def _within(value: Decimal, limits: tuple[int, int]) -> bool:
    return limits[0] <= value <= limits[1]
