"""Where a program means: a listed place by its code, by a position near it or by its name; else the position itself."""

from dataclasses import dataclass
from decimal import Decimal
from math import cos, hypot, radians

from django.db.models import Q, QuerySet

from chuangwen.intake.places import Where, where_is
from chuangwen.opendata.published import in_box
from chuangwen.places.models import Site
from chuangwen.rules.open_queries import Box
from chuangwen.rules.refusals import Refused
from chuangwen.standards.models import PointType

ANY = "other"  # the service for whoever does not know which kind of place it is
NEAR, BESIDE = 300, 50  # metres from a place of the kind named; from a place of any kind
_DEGREE = 111_320  # metres of one degree of latitude


@dataclass(frozen=True)
class Filing:
    """What a program says of a trouble. `address_id`: the code of a place; `criterion`: which requirement is not met;
    `person`: what tells one resident of the program from another, kept nowhere.
    """

    service_code: str
    text: str = ""
    criterion: str = ""
    address_id: str = ""
    address: str = ""
    lng: float | None = None
    lat: float | None = None
    phone: str = ""
    media_url: str = ""
    person: str = ""


def where_meant(filing: Filing) -> Where:
    """The place that a report is about; refuses with a sentence that says how to do better."""
    if filing.service_code != ANY and not PointType.objects.filter(code=filing.service_code).exists():
        raise Refused(f"没有事项“{filing.service_code}”，可用的事项见 services。")
    sites = Site.objects.filter(active=True).select_related("home", "street")
    if filing.address_id:
        site = sites.filter(code=filing.address_id).first()
        if site is None:
            raise Refused(f"没有编码为“{filing.address_id}”的点位（address_id）。")
        return _site(site)
    if filing.lng is not None and filing.lat is not None:
        return _at(sites, filing, filing.lng, filing.lat)
    if not filing.address:
        raise Refused("请给出位置：lat 和 long，或 address_string，或点位编码 address_id。")
    return _site(_by_name(sites, filing))


def _site(site: Site) -> Where:
    return Where(site.home, site.street, site.name, site, site.lng, site.lat)


def _at(sites: QuerySet[Site], filing: Filing, lng: float, lat: float) -> Where:
    kind = filing.service_code
    reach = BESIDE if kind == ANY else NEAR
    rows = sites.filter(in_box(_around(lng, lat, reach)))
    rows = rows if kind == ANY else rows.filter(point_type=kind)
    near = [(metres(site, lng, lat), site.code, site) for site in rows]
    best = min(near, key=lambda row: row[:2], default=None)
    if best is not None and best[0] <= reach:
        return _site(best[2])
    if filing.criterion:
        raise Refused(
            f"这个位置 {reach} 米内没有这一类点位，不能选它的要求。请去掉 attribute，或给出点位编码 address_id。"
        )
    spot = Decimal(f"{lng:.6f}"), Decimal(f"{lat:.6f}")
    return where_is(site_id=None, unit_id=None, lng=spot[0], lat=spot[1], words=filing.address[:120])


def _by_name(sites: QuerySet[Site], filing: Filing) -> Site:
    if filing.service_code != ANY:
        sites = sites.filter(point_type=filing.service_code)
    named = Q(name=filing.address) | Q(address=filing.address) | Q(name__contains=filing.address[:60])
    rows = list(sites.filter(named).order_by("code")[:9])
    exact = [site for site in rows if filing.address in (site.name, site.address)] or rows
    if len(exact) == 1:
        return exact[0]
    if not exact:
        raise Refused(f"按“{filing.address[:40]}”找不到点位，请给出 lat 和 long，或点位编码 address_id。")
    names = "、".join(f"{site.name}（{site.code}）" for site in exact)
    raise Refused(f"有几个点位都符合：{names}。请用 address_id 指明一个。")


def metres(site: Site, lng: float, lat: float) -> float:
    """How far a place is from a position; exact enough within a city."""
    across = (float(site.lng) - lng) * cos(radians(lat))
    return hypot(across, float(site.lat) - lat) * _DEGREE


def _around(lng: float, lat: float, reach: int) -> Box:
    high = reach / _DEGREE
    wide = high / max(cos(radians(lat)), 0.01)
    return Box(lng - wide, lat - high, lng + wide, lat + high)
