"""Editions of the assessment standard: read, upload, edit as a draft, publish."""

from collections.abc import Iterable
from decimal import Decimal
from io import BytesIO
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from chuangwen.http import actor_of, door, now_of
from chuangwen.rules.edition_fields import How, MethodKind, Severity, word_of
from chuangwen.rules.permissions import Permission, may
from chuangwen.rules.refusals import BadInput, NotFound, Refused
from chuangwen.standards.listing import draft_with
from chuangwen.standards.operations import discard_draft, import_edition, new_version, publish_edition
from chuangwen.standards.queries import edition_for, edition_sheet_of, edition_tree, editions
from chuangwen.standards.workbooks import read_edition, write_edition
from chuangwen.web.desk import criteria
from chuangwen.web.desk.files import download, upload_of
from chuangwen.web.desk.lists import FilterForm, choices_of, set_choices

VIEWS = {
    "tree": gettext_lazy("按测评内容"),
    "types": gettext_lazy("按点位类型"),
    "rules": gettext_lazy("方法权重与负面清单"),
}


def _crumbs(*more: dict[str, str]) -> list[dict[str, str]]:
    return [{"label": _("测评标准"), "url": reverse("web:desk:editions")}, *more]


@door(Permission.STANDARD_SEE)
@require_safe
def all_editions(request: HttpRequest) -> HttpResponse:
    """Every edition: drafts and published ones."""
    rows = list(editions())
    published = [row for row in rows if row.is_published]
    actions = []
    if may(actor_of(request), Permission.STANDARD_EDIT):
        actions = [
            {"label": _("上传工作簿"), "url": reverse("web:desk:edition-upload"), "icon": "upload", "primary": True}
        ]
    context = {
        "drafts": [row for row in rows if not row.is_published], "published": published, "actions": actions,
        "now": now_of(request), "may_edit": bool(actions),
    }  # fmt: skip
    return render(request, "desk/editions.html", context)


# --- one edition ---


class CriterionFilter(FilterForm):
    """The conditions of the criteria shown."""

    q = forms.CharField(label=gettext_lazy("标准、编码"), required=False, max_length=60)
    severity = forms.ChoiceField(label=gettext_lazy("等级"), required=False)
    method = forms.ChoiceField(label=gettext_lazy("方法"), required=False)
    view = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, data: Any) -> None:
        super().__init__(data)
        set_choices(self, "severity", choices_of([(s.value, s.label) for s in Severity]))
        set_choices(self, "method", choices_of([(m.value, m.label) for m in MethodKind]))

    def lets(self, criterion: Any) -> bool:
        """Whether a criterion is shown."""
        text = f"{criterion.code} {criterion.text} {criterion.case_standard}".lower()
        words = self.value("q").lower().split()
        severity, method = self.value("severity"), self.value("method")
        return (
            all(word in text for word in words)
            and severity in {"", criterion.severity}
            and method in {"", criterion.method}
        )

    def narrows(self) -> bool:
        """Whether any condition is set."""
        return any(self.value(name) for name in ("q", "severity", "method"))


def plain(number: Decimal) -> str:
    """A number without the noughts that the database keeps: 40.000 is 40."""
    return f"{number.normalize():f}"


def _methods(tree: Any) -> list[tuple[Any, str, str]]:
    return [(method, word_of(method.kind), plain(method.weight)) for method in tree.methods]


def _card(criterion: Any) -> dict[str, Any]:
    return {
        "row": criterion, "how": [How(word).label if word in set(How) else word for word in criterion.how],
        "method": word_of(criterion.method), "weight": plain(criterion.weight),
    }  # fmt: skip


def _by_content(tree: Any, form: CriterionFilter) -> list[Any]:
    items = []
    for item in tree.items:
        contents = [
            (node.content, [_card(criterion) for criterion in node.criteria if form.lets(criterion)])
            for node in item.contents
        ]
        shown = [(content, cards) for content, cards in contents if cards or not form.narrows()]
        if shown:
            items.append((item.item, shown, sum(len(cards) for _content, cards in shown)))
    return items


def _by_type(rows: Iterable[Any], form: CriterionFilter) -> list[tuple[Any, list[Any]]]:
    groups: dict[Any, list[Any]] = {}
    for criterion in rows:
        if form.lets(criterion):
            groups.setdefault(criterion.point_type, []).append(_card(criterion))
    order = sorted(groups, key=lambda kind: (kind is None, kind.position if kind else 0, kind.code if kind else ""))
    return [(kind, groups[kind]) for kind in order]


def _page(request: HttpRequest, edition_id: int, status: int = 200, **more: Any) -> HttpResponse:
    actor = actor_of(request)
    tree = edition_tree(edition_id)
    rows = [criterion for item in tree.items for node in item.contents for criterion in node.criteria]
    form = CriterionFilter(request.GET)
    view = form.value("view") if form.value("view") in VIEWS else "tree"
    shown = sum(form.lets(criterion) for criterion in rows)
    edits = may(actor, Permission.STANDARD_EDIT)
    context: dict[str, Any] = {
        "edition": tree.edition, "tree": tree, "view": view, "form": form, "conditions": form.conditions(), "total": len(rows),
        "shown": shown, "now": now_of(request), "crumbs": _crumbs(), "may_edit": edits,
        "may_change": edits and not tree.edition.is_published, "narrows": form.narrows(),
        "methods": _methods(tree),
        "groups": _by_content(tree, form) if view == "tree" else _by_type(rows, form) if view == "types" else [],
        "tabs": [{"label": label, "url": f"?view={name}", "active": name == view} for name, label in VIEWS.items()],
        "actions": _actions(request, tree.edition),
        "vetoes": [(row, "" if row.points is None else plain(row.points)) for row in tree.veto_items],
    }  # fmt: skip
    return render(request, "desk/edition.html", context | more, status=status)


def _actions(request: HttpRequest, edition: Any) -> list[dict[str, Any]]:
    url = reverse("web:desk:edition-export", args=[edition.pk])
    links: list[dict[str, Any]] = [{"label": _("下载工作簿"), "url": url, "icon": "download"}]
    if not edition.is_published and may(actor_of(request), Permission.STANDARD_PUBLISH):
        url = reverse("web:desk:edition-publish", args=[edition.pk])
        links.append({"label": _("发布"), "url": url, "icon": "check", "primary": True})
    return links


@door(Permission.STANDARD_SEE)
@require_safe
def edition(request: HttpRequest, edition_id: int) -> HttpResponse:
    """Everything of one edition."""
    return _page(request, edition_id)


@door(Permission.STANDARD_SEE)
@require_safe
def export(_request: HttpRequest, edition_id: int) -> HttpResponse:
    """The edition as a workbook that can be edited and uploaded again."""
    found = edition_for(edition_id)
    return download(write_edition(edition_sheet_of(found)), f"{found.name} {found.version}.xlsx")


@door(Permission.STANDARD_EDIT)
@require_POST
def copy(request: HttpRequest, edition_id: int) -> HttpResponse:
    """A draft with another version word and everything else as here."""
    version = request.POST.get("version", "")
    try:
        made = new_version(edition_id=edition_id, version=version, by=actor_of(request), now=now_of(request))
    except NotFound:
        raise
    except Refused as refusal:
        return _page(request, edition_id, 422, objections=refusal.objections, version=version)
    messages.success(request, _("已建立草稿，可以逐条修改，或下载工作簿改好后再上传。"))
    return redirect("web:desk:edition", made.pk)


@door(Permission.STANDARD_EDIT)
@require_POST
def discard(request: HttpRequest, edition_id: int) -> HttpResponse:
    """The draft is gone."""
    try:
        discard_draft(edition_id=edition_id, by=actor_of(request), now=now_of(request))
    except NotFound:
        raise
    except Refused as refusal:
        return _page(request, edition_id, 422, objections=refusal.objections)
    messages.success(request, _("草稿已丢弃。"))
    return redirect("web:desk:editions")


@door(Permission.STANDARD_PUBLISH)
@require_http_methods(["GET", "HEAD", "POST"])
def publish(request: HttpRequest, edition_id: int) -> HttpResponse:
    """What publishing means, then publishing."""
    found = edition_for(edition_id)
    if request.method == "POST" and not found.is_published:
        try:
            publish_edition(edition_id=edition_id, by=actor_of(request), now=now_of(request))
        except NotFound:
            raise
        except Refused as refusal:
            return _publish_page(request, edition_id, 422, objections=refusal.objections)
        messages.success(request, _("已发布。现在安排的巡查可以用这个版次。"))
        return redirect("web:desk:edition", edition_id)
    if found.is_published:
        messages.info(request, _("这个版次已经发布。"))
        return redirect("web:desk:edition", edition_id)
    return _publish_page(request, edition_id)


def _publish_page(request: HttpRequest, edition_id: int, status: int = 200, **more: Any) -> HttpResponse:
    tree = edition_tree(edition_id)
    rows = [criterion for item in tree.items for node in item.contents for criterion in node.criteria]
    context = {
        "edition": tree.edition, "total": len(rows), "veto_count": len(tree.veto_items),
        "methods": _methods(tree),
        "types": len({criterion.point_type_id for criterion in rows if criterion.point_type_id}),
        "crumbs": _crumbs({"label": str(tree.edition), "url": reverse("web:desk:edition", args=[edition_id])}),
    }  # fmt: skip
    return render(request, "desk/edition_publish.html", context | more, status=status)


@door(Permission.STANDARD_EDIT)
@require_http_methods(["GET", "HEAD", "POST"])
def upload(request: HttpRequest) -> HttpResponse:
    """A workbook becomes a draft; a draft of the same version is replaced only when that is confirmed."""
    context: dict[str, Any] = {"crumbs": _crumbs(), "latest": editions().first(), "now": now_of(request)}
    if request.method != "POST":
        return render(request, "desk/edition_upload.html", context)
    try:
        file = upload_of(request)
        context["upload"] = file
        sheet = read_edition(BytesIO(file.content))
        known = draft_with(sheet.code, sheet.version)
        if known is not None and request.POST.get("step") != "confirm" and edition_sheet_of(known) != sheet:
            context |= {"known": known, "sheet": sheet}
            return render(request, "desk/edition_upload.html", context)
        made = import_edition(sheet=sheet, by=actor_of(request), now=now_of(request))
    except (BadInput, Refused) as refusal:
        return render(request, "desk/edition_upload.html", context | {"objections": refusal.objections}, status=422)
    messages.success(request, _("已存为草稿，共 %(n)d 条标准。核对后请文明办主任发布。") % {"n": len(sheet.criteria)})
    return redirect("web:desk:edition", made.pk)


urls = [
    path("editions/", all_editions, name="editions"),
    path("editions/upload/", upload, name="edition-upload"),
    path("editions/<int:edition_id>/", edition, name="edition"),
    path("editions/<int:edition_id>/export/", export, name="edition-export"),
    path("editions/<int:edition_id>/publish/", publish, name="edition-publish"),
    path("editions/<int:edition_id>/copy/", copy, name="edition-copy"),
    path("editions/<int:edition_id>/discard/", discard, name="edition-discard"),
    *criteria.urls,
]
