"""各类地方的标准: what is asked of each kind of place, in plain words."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from chuangwen.http import public
from chuangwen.rules.refusals import NotFound
from chuangwen.standards.queries import checklist, checklists, current_edition, point_types
from chuangwen.web.public.pages import briefly_kept


@public
@require_safe
@briefly_kept
def standards(request: HttpRequest) -> HttpResponse:
    """Every kind of place that anything is asked of, with how much."""
    edition = current_edition()
    counted = {code: len(rows) for (_pk, code), rows in (checklists([edition.pk]) if edition else {}).items()}
    kinds = [(row, counted[row.code]) for row in point_types() if counted.get(row.code)]
    return render(request, "public/standards.html", {"edition": edition, "kinds": kinds})


@public
@require_safe
@briefly_kept
def standard(request: HttpRequest, point_type: str) -> HttpResponse:
    """What is asked of one kind of place."""
    edition = current_edition()
    kind = next((row for row in point_types() if row.code == point_type), None)
    if kind is None or edition is None:
        raise NotFound(_("没有这一类地方的标准。"))
    context = {"edition": edition, "kind": kind, "criteria": checklist(edition.pk, kind.code)}
    return render(request, "public/standard.html", context)


urls = [
    path("standards/", standards, name="standards"),
    path("standards/<str:point_type>/", standard, name="standard"),
]
