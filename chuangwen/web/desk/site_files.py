"""Sites and areas as files, areas as a list, and which grid holds a position."""

from decimal import Decimal
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from chuangwen.http import actor_of, door, now_of
from chuangwen.people.queries import ancestors
from chuangwen.places.imports import import_areas, import_sites
from chuangwen.places.listing import area_kinds, areas_in_scope
from chuangwen.places.operations import degrees
from chuangwen.places.queries import grid_at
from chuangwen.places.spreadsheets import export_areas, export_areas_geojson, export_sites, read_areas, read_sites
from chuangwen.rules.permissions import Permission, may
from chuangwen.rules.refusals import Refused
from chuangwen.rules.text import mask_phone
from chuangwen.web.desk.files import TableImport, download, import_page
from chuangwen.web.desk.geo import boundary, map_of, point
from chuangwen.web.desk.lists import FilterForm, address_with, choices_of, list_page, set_choices
from chuangwen.web.desk.site_list import SiteFilter, filtered, tabs, type_names

MOST_EXPORTED = 20_000


@door(Permission.SITE_SEE)
@require_safe
def export(request: HttpRequest) -> HttpResponse:
    """The sites of the list as a workbook; telephone numbers only for those who keep them."""
    types = type_names()
    whole = may(actor_of(request), Permission.PLACES_MANAGE)
    rows = filtered(request, SiteFilter(request.GET, types=types)).select_related("owner", "area")[:MOST_EXPORTED]
    sites = [] if request.GET.get("template") else list(rows)
    for site in sites:
        site.contact_phone = site.contact_phone if whole else mask_phone(site.contact_phone)
    return download(export_sites(sites, types), _("点位.xlsx"))


@door(Permission.PLACES_MANAGE)
@require_http_methods(["GET", "HEAD", "POST"])
def upload(request: HttpRequest) -> HttpResponse:
    """Sites out of a table."""
    types = type_names()

    def run(content: bytes, dry_run: bool) -> Any:
        rows = read_sites(content, types)
        return import_sites(rows=rows, by=actor_of(request), now=now_of(request), dry_run=dry_run)

    table = TableImport(
        title=_("导入点位"), lead=_("按编码对应：新编码新增，已有的按表里写的更新，表里没有的不动。"), unit=_("个点位"), run=run,
        back_url=reverse("web:desk:sites"), back_label=_("点位"),
        template_url=reverse("web:desk:sites-export") + "?template=1",
        notes=(_("也可以先导出表格，改好后再导入。"), _("责任单位要先在“单位人员”里有。")),
    )  # fmt: skip
    return import_page(request, table)


# --- areas ---


class AreaFilter(FilterForm):
    """The conditions of the list of areas."""

    kind = forms.ChoiceField(label=gettext_lazy("类别"), required=False)
    q = forms.CharField(label=gettext_lazy("名称、编码、属地单位"), required=False, max_length=60)

    def __init__(self, data: Any) -> None:
        super().__init__(data)
        set_choices(self, "kind", choices_of(area_kinds()))


def _areas(request: HttpRequest, form: AreaFilter) -> Any:
    return areas_in_scope(actor_of(request), kind=form.value("kind"), text=form.value("q"))


@door(Permission.SITE_SEE)
@require_safe
def areas(request: HttpRequest) -> HttpResponse:
    """The areas within reach, with the boundaries of those on this page."""
    form = AreaFilter(request.GET)
    page = list_page(request, _areas(request, form))
    drawn = [boundary(title=area.name, geometry=area.boundary) for area in page.rows if area.boundary]
    query = address_with(request, page="")
    actions: list[dict[str, Any]] = [
        {"label": _("导出表格"), "url": reverse("web:desk:areas-export") + query, "icon": "download"},
        {"label": _("导出边界"), "url": reverse("web:desk:areas-geojson") + query, "icon": "map"},
    ]
    if may(actor_of(request), Permission.PLACES_MANAGE):
        url = reverse("web:desk:areas-import")
        actions.append({"label": _("导入区域和边界"), "url": url, "icon": "upload", "primary": True})
    context = {
        "page": page, "form": form, "conditions": form.conditions(), "tabs": tabs("areas"), "actions": actions,
        "map": map_of([], drawn), "drawn": len(drawn),
    }  # fmt: skip
    return render(request, "desk/areas.html", context)


@door(Permission.SITE_SEE)
@require_safe
def areas_export(request: HttpRequest, ending: str) -> HttpResponse:
    """The areas of the list as a workbook, or their boundaries as GeoJSON."""
    rows = [] if request.GET.get("template") else list(_areas(request, AreaFilter(request.GET))[:MOST_EXPORTED])
    if ending == "geojson":
        return download(export_areas_geojson(rows), _("区域边界.geojson"))
    return download(export_areas(rows), _("区域.xlsx"))


@door(Permission.PLACES_MANAGE)
@require_http_methods(["GET", "HEAD", "POST"])
def areas_upload(request: HttpRequest) -> HttpResponse:
    """Areas out of a table, or their boundaries out of a GeoJSON file."""

    def run(content: bytes, dry_run: bool) -> Any:
        return import_areas(rows=read_areas(content), by=actor_of(request), now=now_of(request), dry_run=dry_run)

    table = TableImport(
        title=_("导入区域和边界"), lead=_("按编码对应：新编码新增，已有的按文件更新，文件里没有的不动。"), unit=_("个区域"),
        run=run, back_url=reverse("web:desk:areas"), back_label=_("区域网格"), accept=".xlsx,.csv,.geojson,.json",
        template_url=reverse("web:desk:areas-export") + "?template=1",
        notes=(
            _("边界用 GeoJSON 的 Polygon 或 MultiPolygon，WGS-84 经纬度；图形的属性里要有编码（code）。"),
            _("边界变了，已有点位的所在网格不会自动跟着变；新点位按新边界找网格。"),
        ),
    )  # fmt: skip
    return import_page(request, table)


# --- which grid ---


@door(Permission.SITE_SEE)
@require_safe
def grid(request: HttpRequest) -> HttpResponse:
    """The grid that holds a position, and the units above it."""
    lng, lat = (request.GET.get(name, "").strip() for name in ("lng", "lat"))
    if not lat and (parts := lng.replace("，", ",").split(","))[1:]:
        lng, lat = parts[0].strip(), parts[1].strip()  # both pasted into one field
    context: dict[str, Any] = {"tabs": tabs("site-grid"), "lng": lng, "lat": lat}
    if lng or lat:
        context |= _grid_answer(lng, lat)
    return render(request, "desk/site_grid.html", context, status=422 if context.get("objections") else 200)


def _grid_answer(lng: str, lat: str) -> dict[str, Any]:
    place: list[Decimal] = []
    objections: list[str] = []
    for text, name, limit in ((lng, _("经度"), 180), (lat, _("纬度"), 90)):
        try:
            place.append(degrees(text, name=name, limit=limit))
        except Refused as refusal:
            objections += refusal.objections
    if objections:
        return {"objections": objections}
    found = grid_at(place[0], place[1])
    here = point(title=_("这个位置"), lng=place[0], lat=place[1], state="here")
    drawn = [boundary(title=found.name, geometry=found.boundary)] if found and found.boundary else []
    return {
        "asked": True, "found": found, "above": ancestors(found.unit) if found else [],
        "map": map_of([here], drawn, [("here", _("这个位置"), "accent")]),
    }  # fmt: skip


urls = [
    path("sites/export/", export, name="sites-export"),
    path("sites/import/", upload, name="sites-import"),
    path("sites/grid/", grid, name="site-grid"),
    path("areas/", areas, name="areas"),
    path("areas/import/", areas_upload, name="areas-import"),
    path("areas/export.xlsx", areas_export, {"ending": "xlsx"}, name="areas-export"),
    path("areas/export.geojson", areas_export, {"ending": "geojson"}, name="areas-geojson"),
]
