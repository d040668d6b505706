"""Landing page, conformance, the two collections, their features."""

from typing import Any, NamedTuple

from django.http import HttpRequest
from django.urls import reverse

from chuangwen.api.ogc.answers import GEOJSON, JSON, OPENAPI, link, ogc
from chuangwen.api.ogc.described import described
from chuangwen.http import now_of
from chuangwen.opendata.queries import PublicCase, Wanted, extent, request_for, requests_page, sites_page
from chuangwen.rules.open_queries import read_box, read_number, read_span
from chuangwen.rules.refusals import NotFound

CONFORMS = [
    "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/core",
    "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/oas30",
    "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/geojson",
]
CRS84 = "http://www.opengis.net/def/crs/OGC/1.3/CRS84"
LIMIT, MOST = 100, 1000
Answer = tuple[dict[str, Any], str]


class Collection(NamedTuple):
    """What a collection is called."""

    title: str
    description: str


COLLECTIONS = {
    "cases": Collection("案件", "已公开的案件，位置是点位的位置；时间是上报时间"),
    "sites": Collection("点位", "在用的点位"),
}


@ogc()
def landing(request: HttpRequest) -> Answer:
    """Where everything is."""
    return {
        "title": "文明创建开放数据",
        "description": "已公开的案件和点位，只读；不含个人信息。",
        "links": [
            link(request, reverse("ogc:landing"), "self", JSON, "本页"),
            link(request, reverse("ogc:api"), "service-desc", OPENAPI, "接口说明"),
            link(request, reverse("web:public:open-data"), "service-doc", "text/html", "开放数据"),
            link(request, reverse("ogc:conformance"), "conformance", JSON, "符合的标准"),
            link(request, reverse("ogc:collections"), "data", JSON, "数据集"),
        ],
    }, JSON


@ogc()
def conformance(_request: HttpRequest) -> Answer:
    """What the server fulfils."""
    return {"conformsTo": CONFORMS}, JSON


@ogc()
def api(request: HttpRequest) -> Answer:
    """The description for programs."""
    return described(request.build_absolute_uri(reverse("ogc:landing")).rstrip("/"), list(COLLECTIONS)), OPENAPI


@ogc()
def collections(request: HttpRequest) -> Answer:
    """Both of them."""
    here = link(request, reverse("ogc:collections"), "self", JSON, "数据集")
    return {"links": [here], "collections": [_collection(request, name) for name in COLLECTIONS]}, JSON


@ogc()
def collection(request: HttpRequest, name: str) -> Answer:
    """One of them."""
    return _collection(request, name), JSON


def _known(name: str) -> Collection:
    if name not in COLLECTIONS:
        raise NotFound(f"没有数据集 {name[:40]}。")
    return COLLECTIONS[name]


def _collection(request: HttpRequest, name: str) -> dict[str, Any]:
    found, box = _known(name), extent()
    spatial = {"spatial": {"bbox": [list(box)], "crs": CRS84}} if box else {}
    return {
        "id": name, "title": found.title, "description": found.description, "itemType": "feature", "crs": [CRS84],
        "extent": spatial,
        "links": [
            link(request, reverse("ogc:collection", args=[name]), "self", JSON, found.title),
            link(request, reverse("ogc:items", args=[name]), "items", GEOJSON, found.title),
        ],
    }  # fmt: skip


@ogc("bbox", "datetime", "limit", "after")
def items(request: HttpRequest, name: str) -> Answer:
    """A page of features; `next` leads to the following one."""
    _known(name)
    asked = request.GET
    size = read_number(asked.get("limit", str(LIMIT)), "limit", least=1, most=MOST)
    after = read_number(asked["after"], "after", least=0, most=10**9) if "after" in asked else None
    box = read_box(asked["bbox"]) if "bbox" in asked else None
    span = read_span(asked["datetime"]) if "datetime" in asked else (None, None)
    if name == "cases":
        rows = requests_page(Wanted(since=span[0], until=span[1], box=box), after=after, size=size)
        features = [case_feature(row) for row in rows[:size]]
        last = rows[size - 1].pk if len(rows) > size else None
    else:  # places have no time of their own: every `datetime` leaves them (7.15.4)
        sites = sites_page(box=box, after=after or 0, size=size)
        features = [site_feature(row) for row in sites[:size]]
        last = sites[size - 1].pk if len(sites) > size else None
    return _page(request, name, features, last), GEOJSON


def _page(request: HttpRequest, name: str, features: list[dict[str, Any]], last: int | None) -> dict[str, Any]:
    links = [
        link(request, request.get_full_path(), "self", GEOJSON, "本页"),
        link(request, reverse("ogc:collection", args=[name]), "collection", JSON, COLLECTIONS[name].title),
    ]
    if last is not None:
        query = request.GET.copy()
        query["after"] = str(last)
        links.append(link(request, f"{request.path}?{query.urlencode()}", "next", GEOJSON, "下一页"))
    return {
        "type": "FeatureCollection", "timeStamp": now_of(request).isoformat(timespec="seconds"),
        "numberReturned": len(features), "features": features, "links": links,
    }  # fmt: skip


@ogc()
def item(request: HttpRequest, name: str, key: str) -> Answer:
    """One feature: a case by its number, a place by its row."""
    found = _known(name)
    if name == "cases":
        feature = case_feature(request_for(key))
    else:
        rows = sites_page(site_id=int(key)) if key.isascii() and key.isdigit() and len(key) < 18 else []
        if not rows:
            raise NotFound("没有这个点位。")
        feature = site_feature(rows[0])
    links = [
        link(request, request.path, "self", GEOJSON, found.title),
        link(request, reverse("ogc:collection", args=[name]), "collection", JSON, found.title),
    ]
    return feature | {"links": links}, GEOJSON


def _point(site: Any) -> dict[str, Any] | None:
    return {"type": "Point", "coordinates": [float(site.lng), float(site.lat)]} if site else None


def case_feature(row: PublicCase) -> dict[str, Any]:
    """A case as GeoJSON (RFC 7946)."""
    site = row.site
    return {
        "type": "Feature",
        "id": row.number,
        "geometry": _point(site),
        "properties": {
            "number": row.number, "requirement": row.words, "stage": row.status.label, "state": row.state,
            "point_type": row.point_type, "site": site.name if site else "", "site_code": site.code if site else "",
            "street": row.street, "unit": row.unit, "reported_at": row.reported_at.astimezone().isoformat(),
            "due_at": row.due_at.astimezone().isoformat() if row.due_at else None,
            "ended_at": row.ended_at.astimezone().isoformat() if row.ended_at else None,
        },
    }  # fmt: skip


def site_feature(site: Any) -> dict[str, Any]:
    """A place as GeoJSON; nobody who answers for it is named."""
    return {
        "type": "Feature",
        "id": site.pk,
        "geometry": _point(site),
        "properties": {
            "code": site.code, "name": site.name, "point_type": site.point_type, "address": site.address,
            "street": site.street.name if site.street else "",
        },
    }  # fmt: skip
