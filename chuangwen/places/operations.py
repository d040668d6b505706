"""Every way areas and sites change."""

from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import Any

from django.db import transaction
from shapely.errors import ShapelyError
from shapely.geometry import shape

from chuangwen.journal.operations import record
from chuangwen.people.models import Unit
from chuangwen.places.models import Area, AreaKind, Site
from chuangwen.places.queries import forget_boundaries, grid_at, street_of
from chuangwen.rules.permissions import Actor, Permission, may
from chuangwen.rules.refusals import Refused

_SIX = Decimal("0.000001")


def _must_manage(by: Actor) -> None:
    if not may(by, Permission.PLACES_MANAGE):
        raise Refused("您的岗位不能维护区域和点位。")


def degrees(text: str | Decimal | float, *, name: str, limit: int) -> Decimal:
    """A WGS-84 coordinate with six decimals (GB/T 37149 asks for at least six)."""
    try:
        value = Decimal(str(text).strip()).quantize(_SIX, rounding=ROUND_HALF_UP)
    except InvalidOperation as error:
        raise Refused(f"{name}“{text}”不是数字，请写成如 120.864321 的十进制度数。") from error
    if not value.is_finite() or abs(value) > limit:
        raise Refused(f"{name}“{text}”超出范围，应在 -{limit} 到 {limit} 之间。")
    return value


def boundary_objections(boundary: dict[str, Any] | None) -> list[str]:
    """What is wrong with a GeoJSON boundary; nothing when it is absent or a valid (multi)polygon."""
    if boundary is None:
        return []
    try:
        geometry = shape(boundary)
    except (ShapelyError, KeyError, TypeError, ValueError, AttributeError):
        return ["边界不是有效的 GeoJSON。"]
    if geometry.geom_type not in {"Polygon", "MultiPolygon"}:
        return ["边界须是 GeoJSON 的 Polygon 或 MultiPolygon。"]
    return [] if geometry.is_valid else ["边界自相交或不闭合，请检查坐标次序。"]


@transaction.atomic
def put_area(
    *,
    code: str,
    name: str,
    kind: str,
    unit_code: str,
    parent_code: str = "",
    boundary: dict[str, Any] | None = None,
    is_sample: bool = False,
    by: Actor,
    now: datetime,
) -> tuple[Area, bool]:
    """Create the area or bring it up to date. Returns it and whether anything changed."""
    _must_manage(by)
    objections = boundary_objections(boundary)
    unit = Unit.objects.filter(code=unit_code).first()
    parent = Area.objects.filter(code=parent_code).first() if parent_code else None
    if kind not in AreaKind.values:
        objections.append(f"类别“{kind}”不认识，可用：{'、'.join(AreaKind.values)}。")
    if unit is None:
        objections.append(f"属地单位编码“{unit_code}”不存在。")
    if parent_code and parent is None:
        objections.append(f"上级区域编码“{parent_code}”不存在。")
    if objections or unit is None:
        raise Refused(objections)
    wanted = {"name": name, "kind": kind, "unit": unit, "parent": parent, "boundary": boundary, "is_sample": is_sample}
    area = Area.objects.select_for_update().filter(code=code).first()
    if area is not None and all(getattr(area, field) == value for field, value in wanted.items()):
        return area, False
    created = area is None
    area, _ = Area.objects.update_or_create(code=code, defaults=wanted)
    forget_boundaries()
    kind_of_event = "area.created" if created else "area.changed"
    record(kind=kind_of_event, subject_kind="area", subject_id=area.pk, by=by, now=now, name=name)
    return area, True


@transaction.atomic
def put_site(
    *,
    code: str,
    name: str,
    point_type: str,
    owner_code: str,
    lng: str | Decimal | float,
    lat: str | Decimal | float,
    area_code: str = "",
    address: str = "",
    contact_name: str = "",
    contact_phone: str = "",
    leader_name: str = "",
    active: bool = True,
    is_sample: bool = False,
    by: Actor,
    now: datetime,
) -> tuple[Site, bool]:
    """Create the site or bring it up to date; without an area, the grid that holds its position is taken."""
    _must_manage(by)
    objections: list[str] = []
    place = {"lng": Decimal(0), "lat": Decimal(0)}
    for key, text, label, limit in (("lng", lng, "经度", 180), ("lat", lat, "纬度", 90)):
        try:
            place[key] = degrees(text, name=label, limit=limit)
        except Refused as refusal:
            objections += refusal.objections
    owner = Unit.objects.filter(code=owner_code).first()
    if not name.strip():
        objections.append("名称不能为空。")
    if not point_type.strip():
        objections.append("点位类型不能为空。")
    if owner is None:
        objections.append(f"责任单位编码“{owner_code}”不存在。")
    area = Area.objects.filter(code=area_code).select_related("unit").first() if area_code else None
    if area_code and area is None:
        objections.append(f"区域编码“{area_code}”不存在。")
    if objections or owner is None:
        raise Refused(objections)
    area = area or grid_at(place["lng"], place["lat"])
    home = area.unit if area else owner
    wanted: dict[str, Any] = {
        "name": name.strip(), "point_type": point_type.strip(), "area": area, "home": home, "street": street_of(home),
        "owner": owner, "address": address, "contact_name": contact_name, "contact_phone": contact_phone,
        "leader_name": leader_name, "active": active, "is_sample": is_sample, **place,
    }  # fmt: skip
    return _write_site(code, wanted, by=by, now=now)


def _write_site(code: str, wanted: dict[str, Any], *, by: Actor, now: datetime) -> tuple[Site, bool]:
    site = Site.objects.select_for_update().filter(code=code).first()
    if site is not None and all(getattr(site, field) == value for field, value in wanted.items()):
        return site, False
    created = site is None
    site, _ = Site.objects.update_or_create(code=code, defaults=wanted)
    kind = "site.created" if created else "site.changed"
    record(kind=kind, subject_kind="site", subject_id=site.pk, by=by, now=now, name=site.name)
    return site, True
