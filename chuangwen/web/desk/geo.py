"""GeoJSON as the map component takes it."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from chuangwen.web.looks import TONES


def point(*, title: str, lng: Any, lat: Any, state: str = "", note: str = "", href: str = "") -> dict[str, Any]:
    """One place on a map."""
    return {
        "type": "Feature",
        "geometry": {"type": "Point", "coordinates": [float(lng), float(lat)]},
        "properties": {"title": title, "note": note, "state": state, "href": href},
    }


def boundary(*, title: str, geometry: Mapping[str, Any], href: str = "") -> dict[str, Any]:
    """One piece of ground on a map."""
    return {"type": "Feature", "geometry": dict(geometry), "properties": {"title": title, "href": href}}


def collection(features: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """Features as a FeatureCollection."""
    return {"type": "FeatureCollection", "features": [dict(feature) for feature in features]}


def map_of(
    points: Iterable[Mapping[str, Any]],
    boundaries: Iterable[Mapping[str, Any]] = (),
    states: Sequence[tuple[str, str, str]] = (),
) -> dict[str, Any]:
    """What `components/map_points.html` draws; a state is a name, a word and a tone."""
    known = {name: {"label": label, "tone": tone} for name, label, tone in states if tone in TONES}
    return {"points": collection(points), "boundaries": collection(boundaries), "states": known or None}
