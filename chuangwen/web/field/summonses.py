"""吹哨报到 on the phone: the unit confirms, arrives, finishes; the street sees who came. No position is asked or kept."""

from collections.abc import Callable, Mapping
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from chuangwen.http import actor_of, door, now_of
from chuangwen.rules.permissions import Permission
from chuangwen.rules.refusals import NotFound, Refused
from chuangwen.web.desk.attempts import seen_version
from chuangwen.web.uploads import fresh_key
from chuangwen.whistles import operations
from chuangwen.whistles.work import to_report

DONE: Mapping[str, str | Promise] = {
    "confirm": gettext_lazy("已确认。"),
    "arrive": gettext_lazy("已报告到场，等街道核实。"),
    "finish": gettext_lazy("已报告办完。"),
    "came": gettext_lazy("已核实到场。"),
    "not-came": gettext_lazy("已退回，请该单位到场后重新报告。"),
}


def _acts(words: str, version: int | None) -> Mapping[str, Callable[..., object]]:
    return {
        "confirm": operations.confirm,
        "arrive": lambda **known: operations.arrive(words=words, seen_version=version, **known),
        "finish": lambda **known: operations.finish(words=words, seen_version=version, **known),
        "came": lambda **known: operations.see_arrival(came=True, seen_version=version, **known),
        "not-came": lambda **known: operations.see_arrival(came=False, reason=words, seen_version=version, **known),
    }


def _page(request: HttpRequest, status: int = 200, **more: Any) -> HttpResponse:
    context = {
        "waiting": to_report(actor_of(request)), "now": now_of(request), "client_key": fresh_key(), "posted": request.POST, **more
    }  # fmt: skip
    return render(request, "field/summonses.html", context, status=status)


@door(Permission.WHISTLE_REPORT)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def summonses(request: HttpRequest) -> HttpResponse:
    """What waits for my unit on the spot, each with its one button."""
    if request.method != "POST":
        return _page(request)
    post = request.POST
    act = _acts(post.get("words", ""), seen_version(request)).get(post.get("act", ""))
    number = post.get("summons", "")
    if act is None or not (number.isascii() and number.isdecimal() and len(number) < 16):
        raise NotFound
    try:
        act(
            summons_id=int(number), by=actor_of(request), now=now_of(request), client_key=post.get("client_key", "")[:64] or None
        )  # fmt: skip
    except NotFound:
        raise
    except Refused as refusal:
        return _page(request, 422, objections=refusal.objections)
    messages.success(request, _(str(DONE[post["act"]])))
    return redirect("web:field:summonses")


urls = [path("summonses/", summonses, name="summonses")]
