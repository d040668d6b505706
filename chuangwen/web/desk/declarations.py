"""网上申报 on the desk: what must be handed in by when, how complete it is, what goes out."""

import re
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import quote

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from chuangwen.declarations import operations, packing
from chuangwen.declarations.queries import (
    Wanted,
    calendar_for,
    completeness_of,
    drive_for,
    drives_for,
    duties_of,
    editions_to_declare,
    listed,
    overlooks,
    package_for,
    packages_of,
    plans,
    reasons,
    requirements_for,
)
from chuangwen.declarations.spreadsheets import export_duties, export_requirements, read_duties, read_requirements
from chuangwen.http import Context, actor_of, door, now_of
from chuangwen.rules.permissions import OFFICE, UNIT, Permission
from chuangwen.rules.refusals import NotFound
from chuangwen.rules.tables import ImportReport
from chuangwen.web.desk.attempts import attempt
from chuangwen.web.desk.declaration_forms import DriveForm, MaterialFilter
from chuangwen.web.desk.files import TableImport, download, import_page
from chuangwen.web.desk.lists import list_page
from chuangwen.web.uploads import fresh_key

LOOKS = {
    "missing": ("warn", "upload"),
    "in_review": ("info", "clock"),
    "returned": ("bad", "arrow-back-up"),
    "accepted": ("good", "circle-check"),
}
_RANGE = re.compile(r"bytes=(\d{1,15})-$")
MOST_DRIVES = 12


def state_look(one: Any) -> dict[str, Any]:
    """The badge of a requirement or a piece."""
    tone, icon = LOOKS[one.state]
    return {"label": _(one.get_state_display()), "tone": tone, "icon": icon}


def crumb() -> dict[str, str]:
    """The way back to the list."""
    return {"label": _("网上申报"), "url": reverse("web:desk:declarations")}


@door(Permission.DECLARATION_SEE)
@require_safe
def material(request: HttpRequest) -> HttpResponse:
    """What must be handed in and by when; for the office everything, with the way to the figures."""
    actor, now, form = actor_of(request), now_of(request), MaterialFilter(request.GET)
    office = bool(actor.scopes(*OFFICE))
    only_unit = not office and bool(actor.unit_paths(*UNIT))
    mine = form.value("mine") or ("supply" if only_unit and "mine" not in request.GET else "")
    drive = request.GET.get("drive", "")
    wanted = Wanted(
        drive=int(drive) if drive.isdecimal() and len(drive) < 10 else 0, state=form.value("state"),
        kind=form.value("kind"), unit=form.value("unit"), mine=mine, late=bool(form.value("late")),
    )  # fmt: skip
    page = list_page(request, listed(actor, wanted, now))
    actions = (
        [{"label": _("新建申报批次"), "url": reverse("web:desk:declaration-new"), "icon": "plus"}] if office else []
    )
    context: Context = {
        "page": page, "rows": [(one, state_look(one)) for one in page.rows], "form": form, "conditions": form.conditions(),
        "now": now, "actions": actions, "drives": list(drives_for(actor)[:MOST_DRIVES]), "office": office,
        "only_mine": mine == "supply",
    }  # fmt: skip
    return render(request, "desk/declarations.html", context)


@door(Permission.DECLARATION_SEE)
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """A new drive."""
    if not actor_of(request).scopes(*OFFICE):
        raise NotFound
    form = DriveForm(editions_to_declare(), request.POST or None)

    def save() -> HttpResponse:
        said = form.cleaned_data if form.is_valid() else {}
        drive = operations.open_drive(
            edition_id=int(said.get("edition") or 0), name=said.get("name", ""), test_month=said.get("test_month"),
            due_at=said.get("due_at"), by=actor_of(request), now=now_of(request),
            client_key=request.POST.get("client_key", "")[:64] or None,
        )  # fmt: skip
        messages.success(request, _("已建立。接着导入材料要求和责任人名单。"))
        return redirect("web:desk:declaration-drive", drive.pk)

    tried = attempt(request, save)
    if tried.went is not None:
        return tried.went
    context: Context = {
        "form": form, "objections": tried.objections, "crumbs": [crumb()],
        "client_key": request.POST.get("client_key") or fresh_key(),
    }  # fmt: skip
    return render(request, "desk/declaration_new.html", context, status=tried.status)


@door(Permission.DECLARATION_SEE)
@require_http_methods(["GET", "HEAD", "POST"])
def drive(request: HttpRequest, drive_id: int) -> HttpResponse:
    """How complete a drive is, by item, method, kind and unit; its people, its packages. POST: make a package."""
    actor, now = actor_of(request), now_of(request)
    found = drive_for(actor, drive_id)

    def pack() -> HttpResponse:
        key = request.POST.get("client_key", "")[:64] or None
        made = packing.start_package(drive_id=drive_id, by=actor, now=now, client_key=key)
        return redirect("web:desk:declaration-package", made.pk)

    tried = attempt(request, pack)
    if tried.went is not None:
        return tried.went
    figures, whole = completeness_of(requirements_for(actor).filter(drive=found), now), overlooks(actor, found)
    groups = (
        (_("按测评项目"), figures.by_item), (_("按测评方法"), figures.by_method), (_("按材料种类"), figures.by_kind),
        (_("按提供单位"), figures.by_unit),
    )  # fmt: skip
    context: Context = {
        "drive": found, "figures": figures, "groups": groups, "whole": whole, "plans": plans(actor, found), "now": now,
        "objections": tried.objections, "duties": duties_of(found) if whole else [], "client_key": fresh_key(),
        "packages": packages_of(found) if whole else [], "crumbs": [crumb()],
    }  # fmt: skip
    return render(request, "desk/declaration_drive.html", context, status=tried.status)


@door(Permission.DECLARATION_SEE)
@require_safe
def calendar(request: HttpRequest, drive_id: int) -> HttpResponse:
    """What still has to happen so that evidence can exist."""
    actor, found = actor_of(request), drive_for(actor_of(request), drive_id)
    page = list_page(request, calendar_for(actor, found))
    context: Context = {
        "drive": found, "page": page, "today": now_of(request).date(),
        "crumbs": [crumb(), {"label": found.name, "url": reverse("web:desk:declaration-drive", args=[found.pk])}],
    }  # fmt: skip
    return render(request, "desk/declaration_calendar.html", context)


# --- tables ---


def _import(
    request: HttpRequest, drive_id: int, title: str, unit: str, back: str, put: Callable[..., ImportReport], read: Any
) -> HttpResponse:
    actor, now = actor_of(request), now_of(request)
    found = drive_for(actor, drive_id)
    if not plans(actor, found):
        raise NotFound

    def run(content: bytes, dry_run: bool) -> ImportReport:
        return put(drive_id=drive_id, rows=read(content), by=actor, now=now, dry_run=dry_run)

    table = TableImport(
        title=title, lead=_("“%(name)s”：表里有的新增或更新，表里没有的不动。") % {"name": found.name}, unit=unit, run=run,
        back_url=reverse("web:desk:declaration-drive", args=[drive_id]), back_label=found.name, template_url=back,
    )  # fmt: skip
    return import_page(request, table)


@door(Permission.DECLARATION_SEE)
@require_http_methods(["GET", "HEAD", "POST"])
def import_material(request: HttpRequest, drive_id: int) -> HttpResponse:
    """Requirements out of a table."""
    back = reverse("web:desk:declaration-export", args=[drive_id]) + "?template=1"
    put, read = operations.import_requirements, read_requirements
    return _import(request, drive_id, _("导入材料要求"), _("项"), back, put, read)


@door(Permission.DECLARATION_SEE)
@require_http_methods(["GET", "HEAD", "POST"])
def import_people(request: HttpRequest, drive_id: int) -> HttpResponse:
    """Leaders and contacts out of a table."""
    back = reverse("web:desk:declaration-people", args=[drive_id])
    return _import(request, drive_id, _("导入申报责任人"), _("个单位"), back, operations.import_duties, read_duties)


def _whole(request: HttpRequest, drive_id: int) -> Any:
    actor = actor_of(request)
    found = drive_for(actor, drive_id)
    if not overlooks(actor, found):
        raise NotFound
    return found


@door(Permission.DECLARATION_SEE)
@require_safe
def export_material(request: HttpRequest, drive_id: int) -> HttpResponse:
    """The requirements as a workbook; it reads back into the same ones."""
    found = _whole(request, drive_id)
    return download(export_requirements(None if request.GET.get("template") else found), _("材料要求.xlsx"))


@door(Permission.DECLARATION_SEE)
@require_safe
def export_people(request: HttpRequest, drive_id: int) -> HttpResponse:
    """Who answers for each unit, as a workbook."""
    return download(export_duties(duties_of(_whole(request, drive_id))), _("申报责任人.xlsx"))


@door(Permission.DECLARATION_SEE)
@require_http_methods(["GET", "HEAD", "POST"])
def reason_list(request: HttpRequest) -> HttpResponse:
    """Why material is returned, one reason a line."""

    def save() -> HttpResponse:
        names = request.POST.get("names", "").splitlines()
        operations.put_reasons(names=names, by=actor_of(request), now=now_of(request))
        messages.success(request, _("已保存。已经退回的保持原来的说法。"))
        return redirect("web:desk:declaration-reasons")

    tried = attempt(request, save)
    if tried.went is not None:
        return tried.went
    context: Context = {
        "names": request.POST.get("names") or "\n".join(reasons().values()), "objections": tried.objections,
        "office": bool(actor_of(request).scopes(*OFFICE)), "crumbs": [crumb()],
    }  # fmt: skip
    return render(request, "desk/declaration_reasons.html", context, status=tried.status)


# --- packages ---


@door(Permission.DECLARATION_SEE)
@require_safe
def package(request: HttpRequest, package_id: int) -> HttpResponse:
    """A package: how far it is, what could not be read, and its files to look at."""
    found = package_for(actor_of(request), package_id)
    page = list_page(request, found.lines.order_by("position", "id"))
    back = {"label": found.drive.name, "url": reverse("web:desk:declaration-drive", args=[found.drive_id])}
    troubles = found.lines.exclude(trouble="")[:50] if found.failed else ()
    context: Context = {"package": found, "page": page, "troubles": troubles, "crumbs": [crumb(), back]}
    return render(request, "desk/declaration_package.html", context)


@door(Permission.DECLARATION_SEE)
@require_safe
def package_zip(request: HttpRequest, package_id: int) -> HttpResponseBase:
    """The zip, from the byte that is asked for on: a broken download goes on where it stopped (RFC 9110, 14)."""
    found = package_for(actor_of(request), package_id)
    if found.finished_at is None:
        raise NotFound(_("材料包还没有生成好，请稍后再试。"))
    zipped, tag = packing.Zipped(found), f'"{found.digest}"'
    asked = _RANGE.match(request.headers.get("Range", ""))
    same = request.headers.get("If-Range", tag) == tag
    start = int(asked[1]) if asked and same else 0
    if start >= zipped.layout.size:
        return HttpResponse(status=416, headers={"Content-Range": f"bytes */{zipped.layout.size}"})
    body: Iterator[bytes] = iter(()) if request.method == "HEAD" else zipped.pieces(start)
    answer = StreamingHttpResponse(body, content_type="application/zip", status=206 if asked and same else 200)
    answer["Content-Length"] = str(zipped.layout.size - start)
    if asked and same:
        answer["Content-Range"] = f"bytes {start}-{zipped.layout.size - 1}/{zipped.layout.size}"
    answer["Accept-Ranges"], answer["ETag"], answer["Cache-Control"] = "bytes", tag, "private, no-store"
    name = quote(f"{found.drive.name}申报材料.zip", safe="")
    answer["Content-Disposition"] = f"attachment; filename*=UTF-8''{name}"
    return answer


urls = [
    path("declarations/", material, name="declarations"),
    path("declarations/new/", new, name="declaration-new"),
    path("declarations/reasons/", reason_list, name="declaration-reasons"),
    path("declarations/drives/<int:drive_id>/", drive, name="declaration-drive"),
    path("declarations/drives/<int:drive_id>/calendar/", calendar, name="declaration-calendar"),
    path("declarations/drives/<int:drive_id>/import/", import_material, name="declaration-import"),
    path("declarations/drives/<int:drive_id>/requirements.xlsx", export_material, name="declaration-export"),
    path("declarations/drives/<int:drive_id>/duties/", import_people, name="declaration-duties"),
    path("declarations/drives/<int:drive_id>/duties.xlsx", export_people, name="declaration-people"),
    path("declarations/packages/<int:package_id>/", package, name="declaration-package"),
    path("declarations/packages/<int:package_id>/zip/", package_zip, name="declaration-zip"),
]
