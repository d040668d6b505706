"""Whether a position lies where this installation works."""

from decimal import Decimal
from functools import lru_cache

from django.db.models import Count, Max, QuerySet
from shapely import STRtree
from shapely.geometry import Point, shape

from chuangwen.places.models import Area, AreaKind

TOLERANCE = 0.005  # degrees, about 500 m: boundaries are drawn coarsely, and phones err


WHOLE = (AreaKind.DISTRICT, AreaKind.STREET)  # streets cover a district without gaps, grids need not


def _drawn() -> QuerySet[Area]:
    return Area.objects.filter(kind__in=WHOLE).exclude(boundary=None)


@lru_cache(maxsize=2)
def _ground(_newest: int, _count: int) -> STRtree:
    return STRtree([shape(boundary).buffer(TOLERANCE) for boundary in _drawn().values_list("boundary", flat=True)])


def forget_ground() -> None:
    """A boundary changed: look again at the next question."""
    _ground.cache_clear()


def _known() -> tuple[int, int]:
    known = _drawn().aggregate(newest=Max("pk"), count=Count("pk"))
    return known["newest"] or 0, known["count"]


def outside_the_district(lng: Decimal, lat: Decimal) -> bool:
    """Whether a WGS-84 position is surely outside every district whose boundary is known; unknown ground is not."""
    newest, count = _known()
    if not count:
        return False
    return not len(_ground(newest, count).query(Point(float(lng), float(lat)), predicate="intersects"))


def district_box() -> list[float]:
    """West, south, east, north of the known districts with the tolerance; empty when none has a boundary."""
    newest, count = _known()
    if not count:
        return []
    bounds = [geometry.bounds for geometry in _ground(newest, count).geometries]
    west, south, east, north = zip(*bounds, strict=True)
    return [round(value, 4) for value in (min(west), min(south), max(east), max(north))]
