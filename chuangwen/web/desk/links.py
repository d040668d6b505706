"""Figures are links: where a number on a page leads."""

from django.urls import reverse

from chuangwen.cases.filters import CaseFilter


def case_list(wanted: CaseFilter) -> str:
    """The address of the case list narrowed to exactly these cases."""
    query = wanted.query()
    return reverse("web:desk:cases") + (f"?{query}" if query else "")
