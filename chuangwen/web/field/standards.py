"""The case standards on the phone: what opens a case, how long it may take, when it is closed."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path, reverse
from django.views.decorators.http import require_safe

from chuangwen.http import door
from chuangwen.rules.permissions import Permission
from chuangwen.standards.queries import case_standards
from chuangwen.web.desk.standard_choice import MOST_OPTIONS, StandardName

_FIELDS = ("pk", "code", "item", "book", "condition", "limit_text", "closes_when")


def packed_standards() -> list[list[str]]:
    """Each standard in force as its name (as the report form takes it), condition, limit, and what closes it."""
    rows = case_standards().order_by("class_name", "code").values_list(*_FIELDS)[:MOST_OPTIONS]
    return [[str(StandardName(*row[:6])), row[4], row[5], row[6]] for row in rows]


@door(Permission.FIELD_OPEN)
@require_safe
def standards(request: HttpRequest) -> HttpResponse:
    """All of them, or those that hold the words that were typed."""
    words = request.GET.get("q", "").split()
    rows = packed_standards()
    found = [row for row in rows if all(word in " ".join(row) for word in words)]
    context: dict[str, Any] = {"rows": found, "total": len(rows), "q": " ".join(words)}
    return render(request, "field/standards.html", context | {"back_url": reverse("web:field:report")})


urls = [path("standards/", standards, name="standards")]
