"""督查报告: words with figures in their places, each figure a link to the cases that it counts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from chuangwen.cases.filters import CaseFilter, narrowed
from chuangwen.http import Context, actor_of, door, now_of
from chuangwen.rules.permissions import Permission, may
from chuangwen.rules.refusals import Conflict, NotFound, Refused
from chuangwen.supervision import reports
from chuangwen.supervision.queries import manages, oversees, report_of, task_for
from chuangwen.supervision.reports import PLACE
from chuangwen.web.desk.attempts import seen_version

MOST_CASES = 500


@dataclass(frozen=True)
class Piece:
    """Some words, or a figure in its place."""

    words: str
    url: str = ""
    figure: bool = False


def pieces_of(line: str, figures: Mapping[str, Mapping[str, Any]], base: str) -> list[Piece]:
    """A line with its places filled in; a figure of cases leads to them."""
    found, at = [], 0
    for match in PLACE.finditer(line):
        found.append(Piece(line[at : match.start()]))
        figure = figures.get(match[1])
        if figure is None:
            found.append(Piece(match[0]))
        else:
            url = f"{base}?figure={match[1]}#figure" if figure["cases"] else ""
            found.append(Piece(str(figure["value"]), url, figure=True))
        at = match.end()
    return [*found, Piece(line[at:])]


def _page(request: HttpRequest, task: Any, report: Any, *, status: int = 200, **more: Any) -> HttpResponse:
    actor, now = actor_of(request), now_of(request)
    base = reverse("web:desk:supervision-report", args=[task.pk])
    figures = {figure["key"]: figure for figure in report.figures}
    asked = figures.get(request.GET.get("figure", ""))
    keeps = manages(actor, task) and may(actor, Permission.SUPERVISION_PLAN) and not report.is_released
    context: Context = {
        "task": task, "report": report, "now": now, "keeps": keeps, "figures": report.figures,
        "lines": [pieces_of(line, figures, base) for line in report.text.splitlines() if line.strip()],
        "may_release": keeps and may(actor, Permission.SUPERVISION_RELEASE), "asked": asked,
        "cases": _cases(request, asked["cases"]) if asked else [], "title": report.title, "text": report.text,
        "crumbs": [
            {"label": _("督查"), "url": reverse("web:desk:supervision")},
            {"label": task.title, "url": reverse("web:desk:supervision-task", args=[task.pk])},
        ],
    }  # fmt: skip
    return render(request, "desk/supervision_report.html", context | more, status=status)


def _cases(request: HttpRequest, ids: Sequence[int]) -> Sequence[Any]:
    """The cases that a figure counts, as far as this person may see them."""
    rows = narrowed(actor_of(request), CaseFilter(), now_of(request)).filter(pk__in=list(ids)[:MOST_CASES])
    return list(rows.select_related("unit").order_by("id"))


def _change(request: HttpRequest, task_id: int) -> str:
    actor, now, post = actor_of(request), now_of(request), request.POST
    seen = seen_version(request)
    if post.get("act") == "draft":
        reports.draft_report(task_id=task_id, by=actor, now=now)
        return _("数字已按现在的情况取好。")
    if post.get("act") == "edit":
        reports.edit_report(
            task_id=task_id,
            title=post.get("title", ""),
            text=post.get("text", ""),
            by=actor,
            now=now,
            seen_version=seen,
        )
        return _("文字已保存。")
    if post.get("act") == "release":
        reports.release_report(task_id=task_id, by=actor, now=now, seen_version=seen)
        return _("报告已发布，内容不再改动。")
    raise NotFound


@door(Permission.SUPERVISION_SEE)
@require_http_methods(["GET", "HEAD", "POST"])
def report(request: HttpRequest, task_id: int) -> HttpResponse:
    """The report: read it, and as long as it is a draft, finish and release it."""
    actor = actor_of(request)
    task = task_for(actor, task_id)
    found = report_of(task)
    if request.method != "POST":
        if found is None or not (found.is_released or oversees(actor, task)):
            raise NotFound("这次督查还没有报告。")
        return _page(request, task, found)
    try:
        messages.success(request, _change(request, task_id))
    except NotFound:
        raise
    except Refused as refusal:
        if found is None or not oversees(actor, task):
            raise
        status = 409 if isinstance(refusal, Conflict) else 422
        typed = {name: request.POST[name] for name in ("title", "text") if name in request.POST}
        return _page(request, task, found, status=status, objections=refusal.objections, **typed)
    return redirect("web:desk:supervision-report", task_id)


urls = [path("supervision/<int:task_id>/report/", report, name="supervision-report")]
