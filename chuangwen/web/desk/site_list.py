"""The list of sites: its conditions, which exports and printed codes share, and the pages beside it."""

from typing import Any

from django import forms
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from chuangwen.http import actor_of
from chuangwen.people.queries import streets
from chuangwen.places.listing import narrowed_sites
from chuangwen.standards.queries import point_types
from chuangwen.web.desk.lists import FilterForm, choices_of, set_choices


def type_names() -> dict[str, str]:
    """The point types by code."""
    return {kind.code: kind.name for kind in point_types()}


class SiteFilter(FilterForm):
    """The conditions of the list of sites; exports and printed codes take the same."""

    street = forms.ChoiceField(label=gettext_lazy("街道"), required=False)
    point_type = forms.ChoiceField(label=gettext_lazy("点位类型"), required=False)
    owner = forms.CharField(label=gettext_lazy("责任单位"), required=False, max_length=60)
    q = forms.CharField(label=gettext_lazy("名称、编码、地址"), required=False, max_length=60)
    active = forms.ChoiceField(
        label=gettext_lazy("在用"), required=False, initial="",
        choices=[("", gettext_lazy("在用的")), ("no", gettext_lazy("停用的")), ("all", gettext_lazy("全部"))],
    )  # fmt: skip

    def __init__(self, data: Any, *, types: dict[str, str]) -> None:
        super().__init__(data)
        names = [(unit.code, unit.name) for unit in streets()]
        set_choices(self, "street", choices_of(names))
        set_choices(self, "point_type", choices_of(types))


def filtered(request: HttpRequest, form: SiteFilter) -> Any:
    """The sites that the address asks for."""
    return narrowed_sites(
        actor_of(request), street=form.value("street"), point_type=form.value("point_type"), owner=form.value("owner"),
        text=form.value("q"), active=form.value("active") or "yes",
    )  # fmt: skip


def tabs(here: str) -> list[dict[str, Any]]:
    """The pages about places."""
    pages = (("sites", _("点位")), ("areas", _("区域网格")), ("site-grid", _("哪个网格")))
    return [{"label": label, "url": reverse(f"web:desk:{name}"), "active": name == here} for name, label in pages]
