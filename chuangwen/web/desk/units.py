"""Units on the desk: the tree, one unit, new and changed ones."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from chuangwen.http import actor_of, door, now_of
from chuangwen.people.imports import import_units
from chuangwen.people.listing import (
    children_of,
    staff_of,
    unit_for,
    unit_kinds,
    unit_tree,
    unit_with_code,
    units_named,
)
from chuangwen.people.operations import put_unit
from chuangwen.people.queries import ancestors, units_in_scope
from chuangwen.people.spreadsheets import export_units, read_units
from chuangwen.places.queries import sites_in_scope
from chuangwen.rules.permissions import Permission, may
from chuangwen.web.desk.attempts import Entry, saved_entry
from chuangwen.web.desk.files import TableImport, download, import_page
from chuangwen.web.desk.lists import list_page
from chuangwen.web.desk.people_forms import NewUnitForm, UnitFilter, UnitForm

LEVELS = 3


def tabs(here: str) -> list[dict[str, Any]]:
    """The pages about units and people."""
    pages = (("people", _("人员")), ("units", _("单位")))
    return [{"label": label, "url": reverse(f"web:desk:{name}"), "active": name == here} for name, label in pages]


def manages(request: HttpRequest) -> bool:
    """Whether this person keeps units and accounts."""
    return may(actor_of(request), Permission.PEOPLE_MANAGE)


@door(Permission.PEOPLE_SEE)
@require_safe
def units(request: HttpRequest) -> HttpResponse:
    """The tree of units, a branch at a time; with a search word, the units that it names."""
    actor = actor_of(request)
    form = UnitFilter(request.GET)
    branch = request.GET.get("branch", "")
    top = unit_for(actor, int(branch)) if branch.isdecimal() and len(branch) < 12 else None
    context: dict[str, Any] = {"form": form, "tabs": tabs("units"), "actions": _actions(request), "top": top}
    if text := form.value("q"):
        context |= {"page": list_page(request, units_named(actor, text)), "conditions": form.conditions()}
    else:
        context |= {"nodes": unit_tree(actor, top=top, levels=LEVELS), "above": ancestors(top) if top else []}
    return render(request, "desk/units.html", context)


def _actions(request: HttpRequest) -> list[dict[str, Any]]:
    links: list[dict[str, Any]] = [
        {"label": _("导出表格"), "url": reverse("web:desk:units-export"), "icon": "download"}
    ]
    if manages(request):
        links += [
            {"label": _("导入表格"), "url": reverse("web:desk:units-import"), "icon": "upload"},
            {"label": _("新增单位"), "url": reverse("web:desk:unit-new"), "icon": "plus", "primary": True},
        ]
    return links


@door(Permission.PEOPLE_SEE)
@require_safe
def unit(request: HttpRequest, unit_id: int) -> HttpResponse:
    """One unit: who holds which post, what lies below it, how many places it answers for."""
    actor = actor_of(request)
    found = unit_for(actor, unit_id)
    owned = sites_in_scope(actor).filter(owner=found, active=True).order_by().count()
    crumbs = [{"label": _("单位"), "url": reverse("web:desk:units")}]
    context = {
        "unit": found, "above": ancestors(found), "children": children_of(found), "owned": owned, "crumbs": crumbs,
        "posts": staff_of(found, now_of(request).date()), "actions": _unit_actions(request, found),
    }  # fmt: skip
    return render(request, "desk/unit.html", context)


def _unit_actions(request: HttpRequest, found: Any) -> list[dict[str, Any]]:
    if not manages(request):
        return []
    below = f"{reverse('web:desk:unit-new')}?parent_code={found.code}"
    return [
        {"label": _("新增下级单位"), "url": below, "icon": "plus"},
        {"label": _("修改"), "url": reverse("web:desk:unit-edit", args=[found.pk]), "icon": "edit", "primary": True},
    ]


def unit_choices(request: HttpRequest) -> list[tuple[str, str]]:
    """The units in use within reach, as code and name."""
    return list(units_in_scope(actor_of(request)).filter(active=True).values_list("code", "name"))


def _form_page(request: HttpRequest, form: UnitForm, status: int = 200, **more: Any) -> HttpResponse:
    parent: Any = form.fields["parent_code"]
    crumbs = [{"label": _("单位"), "url": reverse("web:desk:units")}]
    return render(
        request, "desk/unit_form.html", {"form": form, "units": parent.units, "crumbs": crumbs} | more, status=status
    )


@door(Permission.PEOPLE_MANAGE)
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """A further unit."""
    choices = unit_choices(request)
    if request.method != "POST":
        return _form_page(request, NewUnitForm(initial=request.GET.dict(), units=choices))
    form = NewUnitForm(request.POST, units=choices)
    if form.is_valid() and (known := unit_with_code(form.cleaned_data["code"])) is not None:
        parent_code = known.parent.code if known.parent else ""
        typed = (form.cleaned_data["name"], form.cleaned_data["kind"], form.cleaned_data["parent_code"])
        if typed != (known.name, known.kind, parent_code):
            form.add_error("code", _("编码“%(code)s”已经是另一个单位的，请换一个编码。") % {"code": known.code})
    return _saved(request, form, "") or _form_page(request, form, 422)


@door(Permission.PEOPLE_MANAGE)
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: HttpRequest, unit_id: int) -> HttpResponse:
    """Change name, kind or place in the tree."""
    found = unit_for(actor_of(request), unit_id)
    above = found.parent
    choices = unit_choices(request)
    if above is not None and all(code != above.code for code, _name in choices):
        choices = [(above.code, above.name), *choices]  # the top of one's own branch keeps its parent
    if request.method != "POST":
        facts = {"name": found.name, "kind": found.kind, "parent_code": above.code if above else ""}
        return _form_page(request, UnitForm(initial=facts, units=choices), unit=found)
    form = UnitForm(request.POST, units=choices)
    return _saved(request, form, found.code) or _form_page(request, form, 422, unit=found)


def _saved(request: HttpRequest, form: UnitForm, code: str) -> HttpResponse | None:
    return saved_entry(request, form, code, Entry(put_unit, _("单位“%(name)s”已保存。"), "web:desk:unit"))


@door(Permission.PEOPLE_SEE)
@require_safe
def export(request: HttpRequest) -> HttpResponse:
    """The units within reach as a workbook."""
    rows = [] if request.GET.get("template") else list(units_in_scope(actor_of(request)))
    return download(export_units(rows), _("单位.xlsx"))


@door(Permission.PEOPLE_MANAGE)
@require_http_methods(["GET", "HEAD", "POST"])
def upload(request: HttpRequest) -> HttpResponse:
    """Units out of a table."""

    def run(content: bytes, dry_run: bool) -> Any:
        return import_units(rows=read_units(content), by=actor_of(request), now=now_of(request), dry_run=dry_run)

    kinds = "、".join(unit_kinds().values())
    table = TableImport(
        title=_("导入单位"), lead=_("按编码对应：新编码新增，已有的按表里写的更新，表里没有的不动。"), unit=_("个单位"), run=run,
        back_url=reverse("web:desk:units"), back_label=_("单位"), template_url=reverse("web:desk:units-export") + "?template=1",
        notes=(_("类别可用：%(kinds)s。") % {"kinds": kinds}, _("停用一个单位：在“在用”一列写否。")),
    )  # fmt: skip
    return import_page(request, table)


urls = [
    path("units/", units, name="units"),
    path("units/new/", new, name="unit-new"),
    path("units/export/", export, name="units-export"),
    path("units/import/", upload, name="units-import"),
    path("units/<int:unit_id>/", unit, name="unit"),
    path("units/<int:unit_id>/edit/", edit, name="unit-edit"),
]
