"""Areas and sites as tables, areas also as GeoJSON: what is read from a file, and files that read back into the same.

A boundary is GeoJSON text in a cell, or the geometry of a feature in a .geojson file (WGS-84, RFC 7946). An empty cell
leaves a known boundary as it is, the word 清除 takes it away.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from chuangwen.places.models import Area, AreaKind, Site
from chuangwen.rules.refusals import BadInput
from chuangwen.rules.table_files import LARGEST_FILE, LONGEST_CELL, decoded
from chuangwen.rules.tables import (
    Column,
    Problem,
    choice_column,
    degrees_column,
    doubles,
    read_table,
    text_column,
    write_table,
    yes_no_column,
)

Boundary = dict[str, Any]

CLEAR: Final = "清除"
ELSEWHERE: Final = "另见 GeoJSON 文件"
_CRS84: Final = ("CRS84", "4326")


def _read_boundary(text: str) -> Boundary | str:
    if text in (CLEAR, ELSEWHERE):
        return text
    try:
        boundary = json.loads(text)
    except (ValueError, RecursionError):
        boundary = None
    if not isinstance(boundary, dict):
        raise ValueError(f"不是 GeoJSON。应是 Polygon 或 MultiPolygon 的文本；要去掉边界写“{CLEAR}”，不改就留空。")
    return _geometry(boundary)


def _geometry(found: Boundary) -> Boundary:
    """The geometry, also out of a Feature that somebody pasted whole."""
    inner = found.get("geometry") if found.get("type") == "Feature" else found
    return inner if isinstance(inner, dict) else {}


def _show_boundary(boundary: Boundary | str | None) -> str:
    return boundary if isinstance(boundary, str) else _compact(boundary) if boundary else ""


def _compact(facts: object) -> str:
    return json.dumps(facts, ensure_ascii=False, separators=(",", ":"))


AREA_COLUMNS: Final = (
    text_column("code", "编码", 32, required=True, note="最多 32 位，全市唯一，定了不再改。"),
    text_column("name", "名称", 80, required=True, width=30),
    choice_column("kind", "类别", dict(AreaKind.choices), required=True),
    text_column("parent_code", "上级编码", 32, note="上级区域的编码，可以在本表里，次序不限；最上一级留空。"),
    text_column("unit_code", "属地单位编码", 32, required=True, note="这块地归哪个单位；单位要先导入。"),
    Column(
        "boundary", "边界", reads=_read_boundary, shows=_show_boundary, empty=None, width=40,
        note=f"GeoJSON 的 Polygon 或 MultiPolygon，WGS-84 坐标；留空不改，写“{CLEAR}”去掉。长的请用 .geojson 文件。",
    ),
)  # fmt: skip

_POSITION_NOTE: Final = "WGS-84 十进制度数，六位小数，如 {}；不是高德、百度坐标。"


def site_columns(point_types: Mapping[str, str]) -> tuple[Column, ...]:
    """The columns of a table of sites; `point_types` maps codes to names (empty: any code is taken)."""
    kind = (
        choice_column("point_type", "点位类型", point_types, required=True)
        if point_types
        else text_column("point_type", "点位类型", 10, required=True)
    )
    return (
        text_column("code", "编码", 32, required=True, note="最多 32 位，全市唯一，定了不再改。"),
        text_column("name", "名称", 120, required=True, width=30),
        kind,
        text_column("owner_code", "责任单位编码", 32, required=True, note="谁负责这个点位；单位要先导入。"),
        text_column("area_code", "所在区域编码", 32, note="留空则按经纬度找所在网格。"),
        degrees_column("lng", "经度", 180, note=_POSITION_NOTE.format("120.864321")),
        degrees_column("lat", "纬度", 90, note=_POSITION_NOTE.format("32.012345")),
        text_column("address", "地址", 200, width=30),
        text_column("contact_name", "联系人", 40),
        text_column("contact_phone", "联系电话", 20),
        text_column("leader_name", "包保领导", 40),
        yes_no_column("active", "在用", note="写是或否；新点位不写就是“是”。"),
    )


@dataclass(frozen=True)
class AreaRow:
    """One area. None: the file does not say, so a known area stays as it is. `boundary` may be CLEAR or ELSEWHERE."""

    code: str
    name: str | None = None
    kind: str | None = None
    parent_code: str | None = None
    unit_code: str | None = None
    boundary: Boundary | str | None = None
    number: int = 0


@dataclass(frozen=True)
class SiteRow:
    """One site. None: the file does not say, so a known site stays as it is."""

    code: str
    name: str
    point_type: str
    owner_code: str
    lng: Decimal
    lat: Decimal
    area_code: str | None = None
    address: str | None = None
    contact_name: str | None = None
    contact_phone: str | None = None
    leader_name: str | None = None
    active: bool | None = None
    number: int = 0


def read_sites(content: bytes, point_types: Mapping[str, str]) -> tuple[SiteRow, ...]:
    """The sites in a CSV or .xlsx file; raises BadInput naming every bad row, its field and what is wrong."""
    return tuple(SiteRow(**line.values, number=line.number) for line in read_table(content, site_columns(point_types)))


def read_areas(content: bytes) -> tuple[AreaRow, ...]:
    """The areas in a CSV, .xlsx or .geojson file; raises BadInput naming every bad row or feature."""
    if content.removeprefix(b"\xef\xbb\xbf").lstrip().startswith(b"{"):
        return _read_geojson(content)
    return tuple(AreaRow(**line.values, number=line.number) for line in read_table(content, AREA_COLUMNS))


# --- GeoJSON ---


def _read_geojson(content: bytes) -> tuple[AreaRow, ...]:
    if len(content) > LARGEST_FILE:
        raise BadInput(f"文件超过 {LARGEST_FILE // 2**20} MB，请拆小后再交。")
    try:
        facts = json.loads(decoded(content))
    except (ValueError, RecursionError):
        raise BadInput("GeoJSON 文件读不懂，可能没有写完整。") from None
    features = _features(facts)
    rows: list[AreaRow] = []
    wrong: list[str] = []
    for number, feature in enumerate(features, start=1):
        row, troubles = _feature_row(number, feature)
        rows.append(row)
        wrong += [f"第 {number} 个图形：{what}" for what in troubles]
    if wrong:
        raise BadInput(wrong)
    return tuple(rows)


def _features(facts: Any) -> list[Any]:
    if not isinstance(facts, dict) or facts.get("type") not in ("FeatureCollection", "Feature"):
        raise BadInput("GeoJSON 文件最外层应是 FeatureCollection。")
    if (crs := facts.get("crs")) and not any(name in _compact(crs) for name in _CRS84):
        raise BadInput("GeoJSON 的坐标系不是 WGS-84（EPSG:4326），请先转换坐标再导入。")
    features = [facts] if facts["type"] == "Feature" else facts.get("features")
    if not isinstance(features, list) or not features:
        raise BadInput("GeoJSON 文件里没有图形。")
    return features


def _feature_row(number: int, feature: Any) -> tuple[AreaRow, list[str]]:
    """A feature as a row. Its properties are the columns of the table, by header or by name; others do not matter."""
    facts = feature if isinstance(feature, dict) else {}
    said = facts.get("properties")
    properties: dict[str, Any] = said if isinstance(said, dict) else {}
    troubles: list[str] = []
    values: dict[str, Any] = {}
    for column in AREA_COLUMNS[:-1]:
        value = properties.get(column.name, properties.get(column.label))
        if value in (None, ""):
            troubles += ["属性里没有“编码”（code）。"] if column.name == "code" else []
            continue
        try:
            values[column.name] = column.reads(str(value).strip())
        except ValueError as wrong:
            troubles.append(f"「{column.label}」{wrong}")
    geometry = facts.get("geometry")
    if not isinstance(geometry, dict):
        troubles.append("没有坐标（geometry）。")
    return AreaRow(**{"code": "", **values}, boundary=geometry, number=number), troubles


def export_areas_geojson(areas: Iterable[Area]) -> bytes:
    """These areas with their boundaries as a FeatureCollection that imports without a change; others are left out."""
    features = [
        {
            "type": "Feature",
            "properties": {
                "code": area.code, "name": area.name, "kind": area.kind, "unit_code": area.unit.code,
                "parent_code": area.parent.code if area.parent else "",
            },
            "geometry": area.boundary,
        }
        for area in areas
        if area.boundary
    ]  # fmt: skip
    return _compact({"type": "FeatureCollection", "features": features}).encode()


# --- tables ---


def export_areas(areas: Iterable[Area], *, as_csv: bool = False) -> bytes:
    """A file of these areas that imports without a change.

    A boundary too long for a cell is given as a reference to the GeoJSON export; the import then leaves it as it is.
    """
    rows = [
        AreaRow(
            area.code, area.name, area.kind, area.parent.code if area.parent else "", area.unit.code, _cell_of(area)
        )
        for area in areas
    ]
    return write_table("区域", AREA_COLUMNS, rows, as_csv=as_csv)


def _cell_of(area: Area) -> Boundary | str | None:
    return ELSEWHERE if area.boundary and len(_compact(area.boundary)) > LONGEST_CELL else area.boundary


def export_sites(sites: Iterable[Site], point_types: Mapping[str, str], *, as_csv: bool = False) -> bytes:
    """A file of these sites that imports without a change; fetch them with `owner` and `area`."""
    rows = [
        SiteRow(
            site.code, site.name, site.point_type, site.owner.code, site.lng, site.lat,
            site.area.code if site.area else "", site.address, site.contact_name, site.contact_phone,
            site.leader_name, site.active,
        )
        for site in sites
    ]  # fmt: skip
    return write_table("点位", site_columns(point_types), rows, as_csv=as_csv)


def double_codes(rows: Iterable[AreaRow | SiteRow]) -> Iterator[Problem]:
    """Codes that come twice in a file."""
    return doubles(((row.number, row.code) for row in rows), "编码")
