"""地图: where the open cases lie, drawn over the streets, with the same places as a list."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any, get_args

from django import forms
from django.core.serializers.json import DjangoJSONEncoder
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path, reverse
from django.utils.html import json_script
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from chuangwen.cases.filters import CaseFilter
from chuangwen.cases.spots import MOST_SPOTS, Showing, Spot, Spots, spots
from chuangwen.http import actor_of, door, now_of
from chuangwen.people.queries import streets
from chuangwen.places.queries import boundaries
from chuangwen.rules.permissions import Permission
from chuangwen.standards.queries import point_types
from chuangwen.web.desk.links import case_list
from chuangwen.web.desk.lists import FilterForm, address_with, choices_of, set_choices

MOST_LISTED = 100
STATES = (
    ("late", gettext_lazy("有超期案件"), "bad"),
    ("late_case", gettext_lazy("超期案件，不在点位上"), "bad"),
    ("open", gettext_lazy("有在办案件"), "warn"),
    ("case", gettext_lazy("在办案件，不在点位上"), "info"),
    ("quiet", gettext_lazy("没有在办案件"), "neutral"),
)
SHOWING: Mapping[str, Any] = {
    "open": gettext_lazy("有在办案件的"),
    "late": gettext_lazy("有超期案件的"),
    "all": gettext_lazy("全部点位"),
}


class _ShortJson(DjangoJSONEncoder):
    """Chinese as it is and no blanks: a third of the bytes."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**{**options, "ensure_ascii": False, "separators": (",", ":")})


class MapFilter(FilterForm):
    """What the map is narrowed to."""

    state = forms.ChoiceField(label=gettext_lazy("显示"), required=False, choices=[*SHOWING.items()])
    street = forms.ChoiceField(label=gettext_lazy("街道"), required=False)
    type = forms.ChoiceField(label=gettext_lazy("点位类型"), required=False)

    def __init__(self, values: Mapping[str, str], *, streets: Mapping[str, str], types: Mapping[str, str]) -> None:
        super().__init__({"state": "open", **{name: values[name] for name in self.base_fields if name in values}})
        set_choices(self, "street", choices_of(streets, _("全部街道")))
        set_choices(self, "type", choices_of(types, _("全部类型")))

    @property
    def showing(self) -> Showing:
        """Which marks are wanted; those with open cases while the word is not understood."""
        for known in get_args(Showing):
            if known == self.value("state"):
                return known  # type: ignore[no-any-return]  # one of the words of Showing
        return "open"


def _state(spot: Spot) -> str:
    if spot.case_id is not None:
        return "late_case" if spot.overdue else "case"
    if spot.overdue:
        return "late"
    return "open" if spot.open else "quiet"


def _note(spot: Spot) -> str:
    if spot.overdue:
        return _("在办 %(open)d 件，超期 %(late)d 件") % {"open": spot.open, "late": spot.overdue}
    return _("在办 %(open)d 件") % {"open": spot.open} if spot.open else ""


def _row(spot: Spot) -> list[Any]:
    """[lng, lat, title, note, state, id]: a metre is the fifth decimal; the id completes the address of its state."""
    row = spot.site_id if spot.case_id is None else spot.case_id
    return [round(spot.lng, 5), round(spot.lat, 5), spot.name, _note(spot), _state(spot), row]


def _links(point_type: str) -> dict[str, str]:
    """Where the marks of each state lead, with {id} for the site or case."""
    site = case_list(CaseFilter(state="open", point_type=point_type, site="0")).replace("site=0", "site={id}")
    case, quiet = (reverse(f"web:desk:{name}", args=[0]).replace("/0/", "/{id}/") for name in ("case", "site"))
    return {"late": site, "late_case": case, "open": site, "case": case, "quiet": quiet}


def _boundaries(request: HttpRequest, street: str, paths: Mapping[str, str]) -> list[dict[str, Any]]:
    """The streets within reach, each leading to itself; of a chosen street also its communities and grids.

    `paths`: the unit path of every street within reach by its code.
    """
    if street:
        below = [paths[street]]
        return [
            _area(each, "") for kind in ("street", "community", "grid") for each in boundaries(kind, below)["features"]
        ]
    # A department reaches no street of its own: it sees them all.
    features = boundaries("street", paths.values())["features"]
    return [_area(each, address_with(request, street=each["properties"]["unit"]) if paths else "") for each in features]


def _area(feature: Mapping[str, Any], href: str) -> dict[str, Any]:
    title = feature["properties"]["name"]
    return {"type": "Feature", "properties": {"title": title, "href": href}, "geometry": _rounded(feature["geometry"])}


def _rounded(geometry: Mapping[str, Any]) -> dict[str, Any]:
    """The same outline with five decimals, a metre."""
    return {"type": geometry["type"], "coordinates": _short(geometry["coordinates"])}


def _short(numbers: Any) -> Any:
    return round(numbers, 5) if isinstance(numbers, int | float) else [_short(each) for each in numbers]


def _block(found: Spots, outlines: Iterable[dict[str, Any]], links: Mapping[str, str]) -> SafeString:
    """The JSON block that maps.js draws."""
    used = {_state(spot) for spot in found.rows}
    data = {
        "boundaries": {"type": "FeatureCollection", "features": list(outlines)},
        "rows": [_row(spot) for spot in reversed(found.rows)],  # the last drawn lies on top
        "links": links,
        "states": {name: {"label": label, "tone": tone} for name, label, tone in STATES if name in used},
    }
    return json_script(data, "map-data", encoder=_ShortJson)


@door(Permission.DASHBOARD_SEE)
@require_safe
def map_page(request: HttpRequest) -> HttpResponse:
    """The marks of the actor's cases and sites, as many as a page can bear."""
    actor, now = actor_of(request), now_of(request)
    scopes = tuple(actor.scopes())
    reached = [unit for unit in streets() if unit.path.startswith(scopes)]
    names, paths = {unit.code: unit.name for unit in reached}, {unit.code: unit.path for unit in reached}
    form = MapFilter(request.GET, streets=names, types={kind.code: kind.name for kind in point_types()})
    street, point_type = form.value("street"), form.value("type")
    found = spots(actor, showing=form.showing, street=street, point_type=point_type, now=now, at_most=MOST_SPOTS)
    links = _links(point_type)
    here = CaseFilter(street=street, point_type=point_type)
    context = {
        "form": form, "conditions": form.conditions(), "found": found, "showing": form.showing, "now": now,
        "map_data": _block(found, _boundaries(request, street, paths), links),
        "listed": [_listed(spot, links) for spot in found.rows[:MOST_LISTED]],
        "open_url": case_list(replace(here, state="open")), "late_url": case_list(replace(here, late="now")),
        "street_name": names.get(street, ""), "all_streets_url": address_with(request, street=""),
    }  # fmt: skip
    return render(request, "desk/map.html", context)


def _listed(spot: Spot, links: Mapping[str, str]) -> dict[str, Any]:
    *_place, title, note, state, row = _row(spot)
    label, tone = next((label, tone) for name, label, tone in STATES if name == state)
    return {"title": title, "note": note, "url": links[state].format(id=row), "label": label, "tone": tone}


urls = [path("map/", map_page, name="map")]
