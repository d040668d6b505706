"""Sites: list, detail, which grid holds a position."""

from django.http import HttpRequest
from ninja import Query, Router

from chuangwen.api.auth import asks
from chuangwen.api.errors import answers
from chuangwen.api.paging import MOST_ON_A_PAGE, known_only, next_address
from chuangwen.api.schemas.common import RowId
from chuangwen.api.schemas.sites import GridOut, GridQuery, SiteDetail, SitePage, SiteQuery
from chuangwen.http import now_of
from chuangwen.patrols.queries import open_patrols_of
from chuangwen.places.listing import narrowed_sites
from chuangwen.places.queries import grid_at, site_for
from chuangwen.rules.permissions import Actor, Permission, Role, may
from chuangwen.rules.refusals import NotFound
from chuangwen.rules.text import mask_phone

router = Router(tags=["点位"])


@router.get("", response=answers(SitePage), summary="点位列表")
def list_sites(request: HttpRequest, wanted: Query[SiteQuery]) -> object:
    """The sites in use within reach that the filters leave, by code, a page by key."""
    actor = asks(request, Permission.SITE_SEE)
    known_only(request, SiteQuery)
    size = min(wanted.size, MOST_ON_A_PAGE)
    sites = narrowed_sites(
        actor, street=wanted.street, point_type=wanted.point_type, owner=wanted.owner, text=wanted.q
    ).filter(code__gt=wanted.after)
    rows = list(sites[: size + 1])
    key = rows[size - 1].code if len(rows) > size else ""
    return {"items": rows[:size], "next_key": key, "next": next_address(request, key)}


@router.get("/grid", response=answers(GridOut), summary="某位置所在网格", operation_id="grid_at")
def grid(request: HttpRequest, at: Query[GridQuery]) -> object:
    """The grid whose boundary holds the position."""
    asks(request, Permission.SITE_SEE)
    found = grid_at(at.lng, at.lat)
    if found is None:
        raise NotFound("这个位置不在任何网格内。")
    return found


@router.get("/{site_id}", response=answers(SiteDetail), summary="点位详情")
def show_site(request: HttpRequest, site_id: RowId) -> object:
    """One site, and whom to call there."""
    actor = asks(request, Permission.SITE_SEE)
    site = site_for(actor, site_id)
    whole = may(actor, Permission.PLACES_MANAGE) or _walks_there(request, actor, site_id)
    return {
        "site": site,
        "active": site.active,
        "leader_name": site.leader_name,
        "contact_name": site.contact_name,
        "contact_phone": site.contact_phone if whole else mask_phone(site.contact_phone),
    }


def _walks_there(request: HttpRequest, actor: Actor, site_id: int) -> bool:
    """An inspector whose open round stops here has to be able to call."""
    if actor.user_id is None or Role.INSPECTOR not in actor.roles:
        return False
    return open_patrols_of(actor.user_id, now_of(request)).filter(stops__site=site_id).exists()
