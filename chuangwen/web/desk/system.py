"""What keeps the house running: work that failed, scheduled work, version, database. No figures about people's use."""

import platform
from collections.abc import Iterable
from typing import Any

import django
from django.conf import settings
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from chuangwen import __version__
from chuangwen.http import actor_of, door, now_of
from chuangwen.journal.queries import failing, last_runs
from chuangwen.rules.permissions import Actor, Permission, may

_SUBJECTS = {
    "case": gettext_lazy("案件"), "photo": gettext_lazy("照片"), "patrol": gettext_lazy("巡查"), "site": gettext_lazy("点位"),
    "visit": gettext_lazy("走访"), "user": gettext_lazy("人员"), "unit": gettext_lazy("单位"), "order": gettext_lazy("任务书"),
    "edition": gettext_lazy("测评标准"), "paper": gettext_lazy("简报"), "calendar": gettext_lazy("日历"),
}  # fmt: skip
_PAGES = {  # route, and what one must be allowed to find anything there
    "case": ("web:desk:case", Permission.DASHBOARD_SEE),
    "patrol": ("web:desk:patrol", Permission.PATROL_SEE),
    "site": ("web:desk:site", Permission.SITE_SEE),
    "order": ("web:desk:order", Permission.ORDER_SEE),
}


@door(Permission.OUTBOX_SEE)
@require_safe
def system(request: HttpRequest) -> HttpResponse:
    """For the person who looks after the installation."""
    context = {"now": now_of(request), "failing": _failing(actor_of(request)), "runs": last_runs(), "facts": _facts()}
    context["may_interfaces"] = may(actor_of(request), Permission.INTERFACE_MANAGE)
    return render(request, "desk/system.html", context)


def _failing(actor: Actor) -> list[dict[str, Any]]:
    return [
        {"event": event, "subject": _SUBJECTS.get(event.subject_kind, event.subject_kind), "url": _url(actor, event)}
        for event in failing()
    ]


def _url(actor: Actor, event: Any) -> str:
    route, permission = _PAGES.get(event.subject_kind, ("", None))
    allowed = permission is not None and may(actor, permission)
    return reverse(route, args=[event.subject_id]) if allowed else ""


def _facts() -> Iterable[dict[str, Any]]:
    names = {"sqlite": _("SQLite（一个文件，适合单机和试用）"), "postgresql": _("PostgreSQL（正式运行）")}
    return [
        {"label": _("版本"), "value": __version__},
        {"label": _("数据库"), "value": names.get(connection.vendor, connection.vendor)},
        {"label": _("Python / Django"), "value": f"{platform.python_version()} / {django.get_version()}"},
        {"label": _("对外网址"), "value": settings.SITE_URL},
        {"label": _("经 HTTPS"), "value": _("是") if settings.BEHIND_HTTPS else _("否")},
        {"label": _("地图底图"), "value": settings.MAP_TILE_URL or _("没有配置，只画边界")},
    ]


urls = [path("system/", system, name="system")]
