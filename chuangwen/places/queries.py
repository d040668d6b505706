"""Reading areas and sites; which grid holds a position."""

from collections.abc import Iterable, Sequence
from decimal import Decimal
from functools import lru_cache
from typing import Any

from django.db.models import Count, Max, Q, QuerySet
from shapely.geometry import Point, shape
from shapely.strtree import STRtree

from chuangwen.people.models import Unit, UnitKind
from chuangwen.places.models import Area, AreaKind, Site
from chuangwen.places.reach import forget_ground
from chuangwen.rules.permissions import Actor
from chuangwen.rules.refusals import NotFound


def sites_in_scope(actor: Actor) -> QuerySet[Site]:
    """The sites at home in, or owned by, a branch that the actor reaches."""
    reach = Q(pk__in=[])
    for scope in set(actor.scopes()):
        reach |= Q(home__path__startswith=scope) | Q(owner__path__startswith=scope)
    return Site.objects.filter(reach).select_related("home", "owner", "street")


def site_for(actor: Actor, site_id: int) -> Site:
    """The site, when the actor may see it."""
    site = sites_in_scope(actor).filter(pk=site_id).first()
    if site is None:
        raise NotFound
    return site


def site_by_token(token: str) -> Site:
    """The site whose printed code was scanned; anybody may scan."""
    site = Site.objects.filter(token=token, active=True).select_related("street", "owner").first()
    if site is None:
        raise NotFound("这个二维码没有对应的点位，可能已停用。")
    return site


def area_by_code(code: str) -> Area | None:
    """The area with this code, if any."""
    return Area.objects.filter(code=code).select_related("unit").first()


def boundaries(kind: str, below: Iterable[str] = ()) -> dict[str, Any]:
    """Boundaries of one kind of area as a GeoJSON FeatureCollection, of all or of some branches (unit paths).

    Properties of a feature: code and name of the area, unit: the code of the unit at home there.
    """
    paths = tuple(below)
    reach = Q(pk__in=[]) if paths else Q()
    for path in paths:
        reach |= Q(unit__path__startswith=path)
    rows = Area.objects.filter(reach, kind=kind).exclude(boundary=None).order_by("code")
    return {
        "type": "FeatureCollection",
        "features": [
            {"type": "Feature", "properties": {"code": code, "name": name, "unit": unit}, "geometry": boundary}
            for code, name, unit, boundary in rows.values_list("code", "name", "unit__code", "boundary")
        ],
    }


@lru_cache(maxsize=4)
def _grid_index(_newest: int, _count: int) -> tuple[STRtree, tuple[int, ...]]:
    rows = list(Area.objects.filter(kind=AreaKind.GRID).exclude(boundary=None).values_list("pk", "boundary"))
    return STRtree([shape(boundary) for _, boundary in rows]), tuple(pk for pk, _ in rows)


def forget_boundaries() -> None:
    """A boundary changed: build the index anew at the next question."""
    _grid_index.cache_clear()
    forget_ground()


def grid_at(lng: Decimal | float, lat: Decimal | float) -> Area | None:
    """The grid whose boundary holds this WGS-84 position; None outside all of them.

    On a shared border the grid with the lowest code wins, so that the answer is always the same.
    """
    grids = Area.objects.filter(kind=AreaKind.GRID).exclude(boundary=None)
    known = grids.aggregate(newest=Max("pk"), count=Count("pk"))
    if not known["count"]:
        return None
    tree, ids = _grid_index(known["newest"], known["count"])
    hits = [ids[int(row)] for row in tree.query(Point(float(lng), float(lat)), predicate="intersects")]
    return Area.objects.filter(pk__in=hits).select_related("unit").order_by("code").first()


def street_of(unit: Unit) -> Unit | None:
    """The street at or above a unit, None when it lies under no street."""
    codes = unit.path.strip("/").split("/")
    return Unit.objects.filter(code__in=codes, kind=UnitKind.STREET).order_by("-path").first()


def children_of(area: Area | None, kind: str) -> Sequence[Area]:
    """Areas of a kind below an area (all of that kind when none is given)."""
    rows = Area.objects.filter(kind=kind).select_related("unit").order_by("code")
    return list(rows.filter(parent=area) if area else rows)
