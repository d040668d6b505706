"""One line of a score sheet, opened down to the findings and cases that it rests on."""

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from chuangwen.appeals.queries import is_open, window_of
from chuangwen.evidence.queries import open_photo
from chuangwen.http import actor_of, door, now_of
from chuangwen.rules.permissions import Permission, Thing, may
from chuangwen.scores.photos import basis_photo_for
from chuangwen.scores.queries import OpenedLine, line_for
from chuangwen.web.desk.lists import address_with
from chuangwen.web.desk.periods import Days
from chuangwen.web.desk.score_rates import page_number
from chuangwen.web.league import formula, marks
from chuangwen.web.photos import photo_response

NOT_SAID = gettext_lazy("总分由下面这些判定和案件算出，没有看到的地方、没有立案的问题都不在里面，它不说明办理有多难。")


@door(Permission.SCORE_SEE)
@require_safe
def line(request: HttpRequest, sheet_id: int, unit_id: int) -> HttpResponse:
    """The parts, the reasons, and one group of findings or cases, page by page."""
    given = request.GET
    opened = line_for(
        actor_of(request), sheet_id, unit_id, part=given.get("part", ""), group=given.get("group", ""),
        page=page_number(given.get("page", "1")),
    )  # fmt: skip
    sheet = opened.sheet
    context = {
        "opened": opened, "sheet": sheet, "line": opened.line, "days": Days(sheet.period_start, sheet.period_end),
        "marks": marks(opened.line.parts, sheet.rule.rounding), "formula": formula(sheet.rule), "now": now_of(request),
        "tabs": _tabs(opened), "findings": [_finding(opened, finding) for finding in opened.findings],
        "previous_url": address_with(request, page=str(opened.page - 1)) if opened.page > 1 else "",
        "next_url": address_with(request, page=str(opened.page + 1)) if opened.page < opened.pages else "",
        "not_said": NOT_SAID, **_appealing(request, opened), "crumbs": [
            {"label": _("计分排名"), "url": reverse("web:desk:scores")},
            {"label": _("得分表"), "url": reverse("web:desk:score", args=[sheet.pk])},
        ],
    }  # fmt: skip
    return render(request, "desk/score_line.html", context)


def _appealing(request: HttpRequest, opened: OpenedLine) -> dict[str, Any]:
    """What this person's unit can still object to here, and which appeals are in the line."""
    own = may(actor_of(request), Permission.APPEAL_RAISE, Thing(handler=opened.line.unit.path))
    window = window_of(opened.sheet.corrects_id or opened.sheet.pk) if own else None
    return {
        "appeal_url": reverse("web:desk:appeal-line", args=[opened.sheet.pk, opened.line.unit_id])
        if window is not None and is_open(window, now_of(request)) else "",
        "appealed_by": sorted({pk for groups in opened.line.basis.values() for pk in groups.get("appeals", [])}),
        "appeal_parts": [(part["key"], part["label"]) for part in window.parts] if window is not None else [],
        "appealed_group": opened.group == "appealed",
    }  # fmt: skip


def _tabs(opened: OpenedLine) -> list[dict[str, Any]]:
    return [
        {
            "label": _(group["label"]), "count": group["count"], "url": f"?part={group['part']}&group={group['group']}",
            "active": (group["part"], group["group"]) == (opened.part, opened.group),
        }
        for group in opened.groups
    ]  # fmt: skip


def _finding(opened: OpenedLine, finding: Any) -> dict[str, Any]:
    base = reverse("web:desk:score-photo", args=[opened.sheet.pk, opened.line.unit_id, 0])
    urls = [base.replace("/photos/0/", f"/photos/{row.photo_id}/") for row in finding.photos.all()]
    return {
        "finding": finding, "site": finding.visit.site, "criterion": finding.criterion,
        "photos": [{"url": url, "thumb_url": f"{url}?small=1"} for url in urls],
    }  # fmt: skip


@door(Permission.SCORE_SEE)
@require_safe
def photo(request: HttpRequest, sheet_id: int, unit_id: int, photo_id: int) -> HttpResponseBase:
    """A photo of a finding behind the line."""
    found = basis_photo_for(actor_of(request), sheet_id, unit_id, photo_id)
    return photo_response(open_photo(found, small=request.GET.get("small") == "1"))


urls = [
    path("scores/<int:sheet_id>/units/<int:unit_id>/", line, name="score-line"),
    path("scores/<int:sheet_id>/units/<int:unit_id>/photos/<int:photo_id>/", photo, name="score-photo"),
]
