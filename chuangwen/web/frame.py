"""What every page shows around its own content: who is here, where they can go, what waits."""

from dataclasses import dataclass, field

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import Promise

from chuangwen import __version__
from chuangwen.http import Context, actor_of
from chuangwen.rules.permissions import Actor, Permission, may


@dataclass(frozen=True)
class Place:
    """One entry of the navigation."""

    label: str | Promise
    route: str
    icon: str
    permission: Permission | None = None
    more: tuple[str, ...] = field(default=())  # further route names that belong to this entry


DESK: tuple[tuple[str | Promise, tuple[Place, ...]], ...] = ()
FIELD: tuple[Place, ...] = ()
PUBLIC: tuple[Place, ...] = ()


def _entry(place: Place, here: str) -> dict[str, object]:
    return {
        "label": place.label,
        "url": reverse(place.route),
        "icon": place.icon,
        "active": here == place.route or here in place.more,
        "count": None,
        "children": [],
    }


def _allowed(actor: Actor, place: Place) -> bool:
    return place.permission is None or may(actor, place.permission)


def navigation(actor: Actor, here: str) -> list[dict[str, object]]:
    """The navigation of the audience that this address belongs to, as far as the actor may go."""
    if here.startswith("web:field"):
        return [_entry(place, here) for place in FIELD if _allowed(actor, place)]
    if here.startswith("web:public"):
        return [_entry(place, here) for place in PUBLIC if _allowed(actor, place)]
    groups: list[dict[str, object]] = []
    for label, places in DESK:
        entries = [_entry(place, here) for place in places if _allowed(actor, place)]
        if entries:
            groups.append({"label": label, "url": "", "icon": "", "active": False, "count": None, "children": entries})
    return groups


def frame(request: HttpRequest) -> Context:
    """The context that base templates read."""
    if not hasattr(request, "user"):
        return {"version": __version__, "nav": []}
    actor = actor_of(request)
    match = request.resolver_match
    here = match.view_name if match else ""
    return {
        "version": __version__,
        "actor": actor,
        "nav": navigation(actor, here),
        "may_field": may(actor, Permission.FIELD_OPEN),
        "may_desk": may(actor, Permission.DESK_OPEN),
        "tile_url": settings.MAP_TILE_URL,
        "tile_attribution": settings.MAP_TILE_ATTRIBUTION,
    }
