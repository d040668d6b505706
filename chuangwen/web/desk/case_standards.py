"""Case standards (立案标准): the list, books in and out."""

from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from chuangwen.http import actor_of, door, now_of
from chuangwen.rules.case_standards import CaseKind, CaseStandardRow
from chuangwen.rules.limits import LimitUnit
from chuangwen.rules.permissions import Permission, may
from chuangwen.rules.refusals import BadInput, NotFound, Refused
from chuangwen.standards.listing import narrowed_case_standards
from chuangwen.standards.operations import BookResult, import_case_standards
from chuangwen.standards.queries import books, case_standard_rows
from chuangwen.standards.workbooks import CaseStandardBook, read_case_standards, write_case_standards
from chuangwen.web.desk.files import download, upload_of
from chuangwen.web.desk.lists import FilterForm, choices_of, list_page, set_choices


class StandardFilter(FilterForm):
    """The conditions of the list of case standards."""

    book = forms.ChoiceField(label=gettext_lazy("标准册"), required=False)
    kind = forms.ChoiceField(label=gettext_lazy("部件/事件"), required=False)
    unit = forms.ChoiceField(label=gettext_lazy("时限单位"), required=False)
    q = forms.CharField(label=gettext_lazy("编码、小类、条件、单位"), required=False, max_length=60)

    def __init__(self, data: Any, *, names: Sequence[str]) -> None:
        super().__init__(data)
        units = [(unit.value, unit.label) for unit in LimitUnit]
        set_choices(self, "book", choices_of([(name, name) for name in names]))
        set_choices(self, "kind", choices_of([(kind.value, kind.value) for kind in CaseKind]))
        set_choices(self, "unit", choices_of([*units, ("none", _("没有读懂，待人定"))]))


@door(Permission.STANDARD_SEE)
@require_safe
def standards(request: HttpRequest) -> HttpResponse:
    """The case standards in force, and the books they come from."""
    known = books()
    form = StandardFilter(request.GET, names=[book.name for book in known])
    rows = narrowed_case_standards(
        book=form.value("book"), kind=form.value("kind"), unit=form.value("unit"), text=form.value("q")
    )
    may_edit = may(actor_of(request), Permission.STANDARD_EDIT)
    url = reverse("web:desk:case-standards-import")
    actions = [{"label": _("导入工作簿"), "url": url, "icon": "upload", "primary": True}] if may_edit else []
    context = {
        "page": list_page(request, rows), "form": form, "conditions": form.conditions(), "books": known,
        "actions": actions, "may_edit": may_edit, "now": now_of(request),
    }  # fmt: skip
    return render(request, "desk/case_standards.html", context)


@door(Permission.STANDARD_SEE)
@require_safe
def export(request: HttpRequest) -> HttpResponse:
    """One book as a workbook of the layout that cities publish; without a book an empty one to fill in."""
    name = request.GET.get("book", "")
    if name and all(book.name != name for book in books()):
        raise NotFound(_("没有叫“%(name)s”的标准册。") % {"name": name})
    rows = case_standard_rows(name) if name else ()
    return download(write_case_standards(rows), f"{name or _('立案标准（空白）')}.xlsx")


@dataclass(frozen=True)
class Look:
    """What an import would do with a book."""

    created: int
    changed: int
    unchanged: int
    retired: int


def _look(name: str, rows: Sequence[CaseStandardRow]) -> Look:
    known = {row.code: row for row in case_standard_rows(name)}
    same = sum(known.get(row.code) == row for row in rows)
    created = sum(row.code not in known for row in rows)
    return Look(created, len(rows) - created - same, same, len(known.keys() - {row.code for row in rows}))


def _units(book: CaseStandardBook) -> list[tuple[str, int]]:
    return [(unit.label, n) for unit, n in book.by_unit().items() if n]


@door(Permission.STANDARD_EDIT)
@require_http_methods(["GET", "HEAD", "POST"])
def upload(request: HttpRequest) -> HttpResponse:
    """A workbook is read and reported on; it becomes the book only when that is confirmed."""
    name = request.POST.get("name", "").strip()
    context: dict[str, Any] = {
        "name": name, "books": books(), "crumbs": [{"label": _("立案标准"), "url": reverse("web:desk:case-standards")}],
    }  # fmt: skip
    if request.method != "POST":
        return render(request, "desk/case_standards_import.html", context)
    objections = [] if name else [_("请写明这一册立案标准的名称。")]
    try:
        file = upload_of(request)
        context["upload"] = file
        book = read_case_standards(BytesIO(file.content))
        if not objections and request.POST.get("step") == "confirm":
            return _import(request, name, book)
        context |= {
            "book": book,
            "units": _units(book),
            "kinds": book.by_kind().items(),
            "look": _look(name, book.standards),
        }
    except (BadInput, Refused) as refusal:
        objections += refusal.objections
    status = 422 if objections else 200
    return render(request, "desk/case_standards_import.html", context | {"objections": objections}, status=status)


def _import(request: HttpRequest, name: str, book: CaseStandardBook) -> HttpResponse:
    result: BookResult = import_case_standards(
        name=name, rows=book.standards, by=actor_of(request), now=now_of(request)
    )
    figures = {"name": name, "new": result.created, "changed": result.changed, "gone": result.retired}
    messages.success(request, _("已导入“%(name)s”：新增 %(new)d 条，修改 %(changed)d 条，停用 %(gone)d 条。") % figures)
    if result.unparsed:
        left = _("其中 %(n)d 条的时限没有读懂，立案时用默认时限，请人定后重新导入。") % {"n": len(result.unparsed)}
        messages.warning(request, left)
    return redirect("web:desk:case-standards")


urls = [
    path("case-standards/", standards, name="case-standards"),
    path("case-standards/import/", upload, name="case-standards-import"),
    path("case-standards/export/", export, name="case-standards-export"),
]
