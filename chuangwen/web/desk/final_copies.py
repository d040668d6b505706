"""定稿 of an order, a whistle sheet or an accountability file: the copies there are, and freezing another one."""

from collections.abc import Sequence
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from chuangwen.bulletins.final_copies import FILE, ORDER, WHISTLE, copies_of, final_paper, freeze, second_hand
from chuangwen.http import actor_of, door, now_of
from chuangwen.rules.permissions import Permission, may
from chuangwen.web.desk.attempts import attempt
from chuangwen.web.paper_view import FILE_TYPES, official_file
from chuangwen.web.uploads import fresh_key

HOME = {ORDER: "web:desk:order", WHISTLE: "web:desk:whistle", FILE: "web:desk:accountability-file"}


def _crumbs(kind: str, subject_id: int) -> Sequence[dict[str, Any]]:
    names = {ORDER: _("整改任务书"), WHISTLE: _("吹哨单"), FILE: _("问责案卷")}
    return [{"label": names[kind], "url": reverse(HOME[kind], args=[subject_id])}]


def _page(request: HttpRequest, kind: str, subject_id: int) -> HttpResponse:
    actor = actor_of(request)
    copies = copies_of(actor, kind, subject_id)

    def act() -> HttpResponse:
        key = request.POST.get("client_key") or None
        made = freeze(kind=kind, subject_id=subject_id, by=actor, now=now_of(request), client_key=key)
        messages.success(request, _("已定稿，这是第 %(n)s 次。") % {"n": made.serial})
        return redirect(request.path)

    tried = attempt(request, act)
    may_freeze = may(actor, Permission.PAPER_FREEZE)
    rows = [(one, *(f"{one.serial}.{ending}" for ending in FILE_TYPES)) for one in copies]
    faults = second_hand(actor, kind, subject_id) if may_freeze and not tried.objections else []
    context = {
        "rows": rows, "objections": tried.objections, "may_freeze": may_freeze, "faults": faults,
        "crumbs": _crumbs(kind, subject_id), "client_key": request.POST.get("client_key") or fresh_key(),
    }  # fmt: skip
    return tried.went or render(request, "desk/final_copies.html", context, status=tried.status)


@door(Permission.ORDER_SEE)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def order(request: HttpRequest, order_id: int) -> HttpResponse:
    """Of a 整改任务书, for whoever may see every problem on its list."""
    return _page(request, ORDER, order_id)


@door(Permission.WHISTLE_SEE)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def whistle(request: HttpRequest, whistle_id: int) -> HttpResponse:
    """Of a 吹哨单."""
    return _page(request, WHISTLE, whistle_id)


@door(Permission.ACCOUNTABILITY_SEE)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def accountability(request: HttpRequest, file_id: int) -> HttpResponse:
    """Of a 问责案卷."""
    return _page(request, FILE, file_id)


def _copy(request: HttpRequest, kind: str, subject_id: int, serial: int, ending: str) -> HttpResponse:
    if ending not in FILE_TYPES:
        raise Http404
    paper = final_paper(actor_of(request), kind, subject_id, serial)
    return official_file(paper, f"{paper.number} {paper.title} {_('定稿')}{serial}".strip(), ending)


@door(Permission.ORDER_SEE)
@never_cache
@require_safe
def order_copy(request: HttpRequest, order_id: int, serial: int, ending: str) -> HttpResponse:
    """A copy of a 整改任务书 as .docx or .pdf."""
    return _copy(request, ORDER, order_id, serial, ending)


@door(Permission.WHISTLE_SEE)
@never_cache
@require_safe
def whistle_copy(request: HttpRequest, whistle_id: int, serial: int, ending: str) -> HttpResponse:
    """A copy of a 吹哨单."""
    return _copy(request, WHISTLE, whistle_id, serial, ending)


@door(Permission.ACCOUNTABILITY_SEE)
@never_cache
@require_safe
def accountability_copy(request: HttpRequest, file_id: int, serial: int, ending: str) -> HttpResponse:
    """A copy of a 问责案卷."""
    return _copy(request, FILE, file_id, serial, ending)


urls = [
    path("orders/<int:order_id>/final/", order, name="order-final"),
    path("orders/<int:order_id>/final/<int:serial>.<str:ending>", order_copy, name="order-final-copy"),
    path("whistles/<int:whistle_id>/final/", whistle, name="whistle-final"),
    path("whistles/<int:whistle_id>/final/<int:serial>.<str:ending>", whistle_copy, name="whistle-final-copy"),
    path("accountability/<int:file_id>/final/", accountability, name="accountability-final"),
    path(
        "accountability/<int:file_id>/final/<int:serial>.<str:ending>", accountability_copy,
        name="accountability-final-copy",
    ),
]  # fmt: skip
