"""Sites on the desk: the list, one site, new and changed ones, the printed codes."""

from typing import Any

import segno
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path, reverse
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from chuangwen.cases.filters import CaseFilter, narrowed
from chuangwen.http import actor_of, door, now_of
from chuangwen.patrols.queries import last_visits, stop_to_walk
from chuangwen.people.queries import units_in_scope
from chuangwen.places.listing import site_with_area, site_with_code
from chuangwen.places.operations import put_site
from chuangwen.rules.permissions import Permission, may
from chuangwen.rules.text import mask_phone
from chuangwen.standards.queries import current_checklist
from chuangwen.web.desk import site_files
from chuangwen.web.desk.attempts import Entry, saved_entry
from chuangwen.web.desk.case_list import type_names as remembered_types
from chuangwen.web.desk.conflicts import differences, fingerprint
from chuangwen.web.desk.geo import boundary, map_of, point
from chuangwen.web.desk.lists import address_with, list_page
from chuangwen.web.desk.site_form import NewSiteForm, SiteForm, facts_of
from chuangwen.web.desk.site_list import SiteFilter, filtered, tabs, type_names

CODES_ON_A_SHEET, SHEETS_AT_ONCE = 12, 10
MOST_OPEN_CASES = 20


@door(Permission.SITE_SEE)
@require_safe
def sites(request: HttpRequest) -> HttpResponse:
    """The sites within reach, by code."""
    types = type_names()
    form = SiteFilter(request.GET, types=types)
    page = list_page(request, filtered(request, form))
    context = {
        "page": page, "form": form, "conditions": form.conditions(), "types": types, "tabs": tabs("sites"),
        "actions": _actions(request),
    }  # fmt: skip
    return render(request, "desk/sites.html", context)


def _actions(request: HttpRequest) -> list[dict[str, Any]]:
    query = address_with(request, page="")
    links: list[dict[str, Any]] = [
        {"label": _("导出表格"), "url": reverse("web:desk:sites-export") + query, "icon": "download"},
        {"label": _("打印二维码"), "url": reverse("web:desk:site-codes") + query, "icon": "qrcode"},
    ]
    if may(actor_of(request), Permission.PLACES_MANAGE):
        links += [
            {"label": _("导入表格"), "url": reverse("web:desk:sites-import"), "icon": "upload"},
            {"label": _("新增点位"), "url": reverse("web:desk:site-new"), "icon": "plus", "primary": True},
        ]
    return links


# --- one site ---


@door(Permission.SITE_SEE)
@require_safe
def site(request: HttpRequest, site_id: int) -> HttpResponse:
    """One place: who answers for it, where it is, how it looked last, what is open there."""
    actor, now = actor_of(request), now_of(request)
    found = site_with_area(actor, site_id)
    on_checklist = request.GET.get("view") == "checklist"
    manages = may(actor, Permission.PLACES_MANAGE)
    context: dict[str, Any] = {
        "site": found, "types": remembered_types(), "now": now, "manages": manages, "on_checklist": on_checklist,
        "crumbs": [{"label": _("点位"), "url": reverse("web:desk:sites")}], "actions": _site_actions(request, found),
        "tabs": [
            {"label": _("概况"), "url": reverse("web:desk:site", args=[site_id]), "active": not on_checklist},
            {"label": _("检查条目"), "url": "?view=checklist", "active": on_checklist},
        ],
    }  # fmt: skip
    context |= _site_checklist(found) if on_checklist else _site_state(request, found, manages)
    return render(request, "desk/site.html", context)


def _site_actions(request: HttpRequest, found: Any) -> list[dict[str, Any]]:
    actor = actor_of(request)
    links: list[dict[str, Any]] = []
    if may(actor, Permission.PATROL_PLAN) and found.active:
        url = f"{reverse('web:desk:patrol-new')}?site={found.pk}"
        links.append({"label": _("安排巡查"), "url": url, "icon": "route"})
    url = f"{reverse('web:desk:site-codes')}?q={found.code}"
    links.append({"label": _("打印二维码"), "url": url, "icon": "qrcode"})
    if may(actor, Permission.PLACES_MANAGE):
        url = reverse("web:desk:site-edit", args=[found.pk])
        links.append({"label": _("修改"), "url": url, "icon": "edit", "primary": True})
    return links


def _site_checklist(found: Any) -> dict[str, Any]:
    criteria = current_checklist(found.point_type)
    return {"edition": criteria[0].edition if criteria else None, "criteria": criteria}


def _site_state(request: HttpRequest, found: Any, manages: bool) -> dict[str, Any]:
    actor, now = actor_of(request), now_of(request)
    whole = manages or stop_to_walk(actor, found.pk, now) is not None
    wanted = CaseFilter(site=str(found.pk), state="open")
    open_cases = narrowed(actor, wanted, now).select_related("unit").order_by("act_by", "id")
    ground = (
        [boundary(title=found.area.name, geometry=found.area.boundary)] if found.area and found.area.boundary else []
    )
    here = point(title=found.name, lng=found.lng, lat=found.lat, state="here", note=found.address)
    return {
        "phone": found.contact_phone if whole else mask_phone(found.contact_phone), "phone_whole": whole,
        "blind": found.pk in actor.blind_sites,
        "visits": last_visits(actor, found), "cases": list(open_cases[: MOST_OPEN_CASES + 1]), "most_cases": MOST_OPEN_CASES,
        "map": map_of([here], ground, [("here", _("本点位"), "accent")]),
    }  # fmt: skip


# --- new and changed sites ---


def _units(request: HttpRequest) -> list[tuple[str, str]]:
    return list(units_in_scope(actor_of(request)).filter(active=True).values_list("code", "name"))


def _form_page(request: HttpRequest, form: SiteForm, status: int = 200, **more: Any) -> HttpResponse:
    owner: Any = form.fields["owner_code"]
    context = {"form": form, "units": owner.units, "crumbs": [{"label": _("点位"), "url": reverse("web:desk:sites")}]}
    return render(request, "desk/site_form.html", context | more, status=status)


@door(Permission.PLACES_MANAGE)
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """A further site."""
    options: dict[str, Any] = {"types": type_names(), "units": _units(request)}
    if request.method != "POST":
        return _form_page(request, NewSiteForm(initial=request.GET.dict(), **options))
    form = NewSiteForm(request.POST, **options)
    if form.is_valid():
        known = site_with_code(form.cleaned_data["code"])
        same = known is not None and not differences(
            form, facts_of(known) | {"area_code": form.cleaned_data["area_code"]}
        )
        if known is not None and not same:
            sentence = _("编码“%(code)s”已经是点位“%(name)s”的，请换一个编码，或去修改那个点位。")
            form.add_error("code", sentence % {"code": known.code, "name": known.name})
    return _saved(request, form, "") or _form_page(request, form, 422)


@door(Permission.PLACES_MANAGE)
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: HttpRequest, site_id: int) -> HttpResponse:
    """Change a site; what somebody else saved meanwhile is shown, never lost without a word."""
    found = site_with_area(actor_of(request), site_id)
    facts = facts_of(found)
    more: dict[str, Any] = {"site": found, "seen": fingerprint(facts)}
    options: dict[str, Any] = {"types": type_names(), "units": _units(request)}
    if request.method != "POST":
        return _form_page(request, SiteForm(initial=facts, **options), **more)
    form = SiteForm(request.POST, **options)
    if (
        form.is_valid()
        and request.POST.get("seen", more["seen"]) != more["seen"]
        and (rows := differences(form, facts))
    ):
        return _form_page(request, form, 409, conflict=rows, **more)
    return _saved(request, form, found.code) or _form_page(request, form, 422, **more)


def _saved(request: HttpRequest, form: SiteForm, code: str) -> HttpResponse | None:
    return saved_entry(request, form, code, Entry(put_site, _("点位“%(name)s”已保存。"), "web:desk:site"))


# --- printed codes ---


@door(Permission.SITE_SEE)
@require_safe
def codes(request: HttpRequest) -> HttpResponse:
    """A4 sheets of twelve codes each, for the sites that the filter leaves."""
    types = type_names()
    form = SiteFilter(request.GET, types=types)
    page = list_page(request, filtered(request, form), size=CODES_ON_A_SHEET * SHEETS_AT_ONCE)
    cards = [
        {"site": row, "type": types.get(row.point_type, row.point_type), "svg": _code_svg(row.token)}
        for row in page.rows
    ]
    sheets = [cards[start : start + CODES_ON_A_SHEET] for start in range(0, len(cards), CODES_ON_A_SHEET)]
    context = {
        "page": page, "form": form, "conditions": form.conditions(), "sheets": sheets,
        "crumbs": [{"label": _("点位"), "url": reverse("web:desk:sites") + address_with(request, page="")}],
        "is_local": settings.SITE_URL.startswith(("http://127.", "http://localhost")), "site_url": settings.SITE_URL,
    }  # fmt: skip
    return render(request, "desk/site_codes.html", context)


def _code_svg(token: str) -> str:
    """The printed code: the address that a phone opens. The picture is ours from end to end, hence safe."""
    address = settings.SITE_URL.rstrip("/") + reverse("web:field:code", args=[token])
    drawn: str = segno.make(address, error="m", micro=False).svg_inline(border=4, light="#fff", omitsize=True)
    return mark_safe(drawn)


urls = [
    path("sites/", sites, name="sites"),
    path("sites/new/", new, name="site-new"),
    path("sites/codes/", codes, name="site-codes"),
    path("sites/<int:site_id>/", site, name="site"),
    path("sites/<int:site_id>/edit/", edit, name="site-edit"),
    *site_files.urls,
]
