"""Lists of sites and areas: what they are narrowed to, and small questions that pages and forms ask."""

from collections.abc import Callable, Sequence
from decimal import Decimal

from django.db.models import Q, QuerySet
from shapely.geometry import Point, shape
from shapely.strtree import STRtree

from chuangwen.places.models import Area, AreaKind, Site
from chuangwen.places.queries import sites_in_scope
from chuangwen.rules.permissions import Actor
from chuangwen.rules.refusals import NotFound


def narrowed_sites(
    actor: Actor, *, street: str = "", point_type: str = "", owner: str = "", text: str = "", active: str = "yes"
) -> QuerySet[Site]:
    """The sites within reach that these conditions leave, by code.

    street: a unit code; owner: words of the owner's name, or its code; text: words of name, code or address;
    active: `yes`, `no`, or `all`.
    """
    sites = sites_in_scope(actor).order_by("code")
    if street:
        sites = sites.filter(street__code=street)
    if point_type:
        sites = sites.filter(point_type=point_type)
    if active in {"yes", "no"}:
        sites = sites.filter(active=active == "yes")
    for word in owner.split():
        sites = sites.filter(Q(owner__name__icontains=word) | Q(owner__code__iexact=word))
    for word in text.split():
        sites = sites.filter(Q(name__icontains=word) | Q(code__icontains=word) | Q(address__icontains=word))
    return sites


def site_with_area(actor: Actor, site_id: int) -> Site:
    """The door to a site, together with the area it lies in."""
    site = sites_in_scope(actor).select_related("area__unit").filter(pk=site_id).first()
    if site is None:
        raise NotFound
    return site


def site_with_code(code: str) -> Site | None:
    """The site that has this code already, wherever it is, so that a new one does not take its place."""
    return Site.objects.filter(code=code).select_related("owner", "area").first()


def sites_by_id(actor: Actor, site_ids: Sequence[int]) -> Sequence[Site]:
    """The active sites within reach with these ids, in the order of the ids."""
    found = {site.pk: site for site in sites_in_scope(actor).filter(pk__in=site_ids, active=True)}
    return [found[site_id] for site_id in site_ids if site_id in found]


def areas_in_scope(actor: Actor, *, kind: str = "", text: str = "") -> QuerySet[Area]:
    """The areas whose unit lies in a branch that the actor reaches, by kind and code."""
    reach = Q(pk__in=[])
    for scope in set(actor.scopes()):
        reach |= Q(unit__path__startswith=scope)
    areas = Area.objects.filter(reach).select_related("unit", "parent").order_by("kind", "code")
    if kind:
        areas = areas.filter(kind=kind)
    for word in text.split():
        areas = areas.filter(Q(name__icontains=word) | Q(code__icontains=word) | Q(unit__name__icontains=word))
    return areas


def area_kinds() -> dict[str, str]:
    """The kinds of area with their Chinese words."""
    return {kind.value: str(kind.label) for kind in AreaKind}


def grid_finder() -> Callable[[Decimal, Decimal], Area | None]:
    """`grid_at` for very many positions: the grids are fetched once, then no question costs a statement.

    On a shared border the grid with the lowest code wins, as it does there.
    """
    rows = Area.objects.filter(kind=AreaKind.GRID).exclude(boundary=None).select_related("unit").order_by("code")
    grids = list(rows)
    tree = STRtree([shape(grid.boundary) for grid in grids])

    def find(lng: Decimal, lat: Decimal) -> Area | None:
        hits = [int(place) for place in tree.query(Point(float(lng), float(lat)), predicate="intersects")]
        return grids[min(hits)] if hits else None

    return find
