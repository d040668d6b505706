"""What every page shows around its own content: who is here, where they can go, what waits."""

from dataclasses import dataclass, field

from django.conf import settings
from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

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


def _under(noun: str, *pages: str) -> tuple[str, ...]:
    """The route of one thing at the desk, and of the pages below it."""
    return (f"web:desk:{noun}", *(f"web:desk:{noun}-{page}" for page in pages))


_SCORE_PAGES = ("new", "line", "release", "discard", "rates")
_PAPER_PAGES = ("new", "edit", "release", "withdraw")
DESK: tuple[tuple[str | Promise, tuple[Place, ...]], ...] = (
    (
        _("办理"),
        (
            Place(_("我的待办"), "web:desk:home", "checklist", Permission.DESK_OPEN),
            Place(
                _("案件"), "web:desk:cases", "folder", Permission.DASHBOARD_SEE, ("web:desk:case", "web:desk:case-new")
            ),
            Place(
                _("整改任务书"),
                "web:desk:orders",
                "file-text",
                Permission.ORDER_SEE,
                ("web:desk:order", "web:desk:order-new"),
            ),
            Place(
                _("巡查"),
                "web:desk:patrols",
                "route",
                Permission.PATROL_PLAN,
                ("web:desk:patrol", "web:desk:patrol-new"),
            ),
        ),
    ),
    (
        _("看清"),
        (
            Place(_("总览"), "web:desk:dashboard", "chart-bar", Permission.DASHBOARD_SEE),
            Place(_("地图"), "web:desk:map", "map-2", Permission.DASHBOARD_SEE),
            Place(_("计分排名"), "web:desk:scores", "trophy", Permission.SCORE_SEE, _under("score", *_SCORE_PAGES)),
            Place(_("简报通报"), "web:desk:papers", "news", Permission.PAPER_SEE, _under("paper", *_PAPER_PAGES)),
        ),
    ),
    (
        _("基础"),
        (
            Place(_("点位"), "web:desk:sites", "map-pin", Permission.SITE_SEE, ("web:desk:site",)),
            Place(_("测评标准"), "web:desk:editions", "book", Permission.STANDARD_SEE, ("web:desk:edition",)),
            Place(_("立案标准"), "web:desk:case-standards", "scale", Permission.STANDARD_SEE),
            Place(
                _("单位人员"), "web:desk:people", "users", Permission.PEOPLE_SEE, ("web:desk:person", "web:desk:units")
            ),
            Place(_("工作日历"), "web:desk:calendar", "calendar", Permission.STANDARD_SEE),
            Place(_("系统"), "web:desk:system", "settings", Permission.OUTBOX_SEE),
        ),
    ),
)
FIELD: tuple[Place, ...] = (
    Place(_("巡查"), "web:field:home", "route", Permission.FIELD_OPEN, ("web:field:patrol", "web:field:checklist")),
    Place(_("核查"), "web:field:checks", "checks", Permission.FIELD_OPEN, ("web:field:check",)),
    Place(_("上报"), "web:field:report", "camera", Permission.FIELD_OPEN),
    Place(_("我的"), "web:field:me", "user", Permission.FIELD_OPEN),
)
PUBLIC: tuple[Place, ...] = (
    Place(_("首页"), "web:public:home", "home"),
    Place(_("排名"), "web:public:ranking", "trophy"),
    Place(_("通报"), "web:public:papers", "news", None, ("web:public:paper",)),
)


def _exists(place: Place) -> bool:
    try:
        reverse(place.route)
    except NoReverseMatch:
        return False
    return True


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
    return _exists(place) and (place.permission is None or may(actor, place.permission))


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
