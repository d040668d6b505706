"""通知 at the desk: the inbox, and for the administrator how the channels are doing."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from chuangwen.http import actor_of, door, now_of
from chuangwen.notices.operations import ask_test, try_again
from chuangwen.notices.queries import channel_states, names_of, set_aside, trying_again
from chuangwen.rules.permissions import Permission
from chuangwen.rules.refusals import Refused
from chuangwen.web.inbox import pages


def _page(request: HttpRequest, status: int = 200, **more: Any) -> HttpResponse:
    now, aside, again = now_of(request), set_aside(), trying_again()
    names = names_of([*aside, *again])
    context = {
        "now": now,
        "states": channel_states(now),
        "aside": [{"message": row, "name": names[row.pk]} for row in aside],
        "again": [{"message": row, "name": names[row.pk]} for row in again],
    }
    return render(request, "desk/notice_channels.html", context | more, status=status)


@door(Permission.OUTBOX_SEE)
@never_cache
@require_safe
def channels(request: HttpRequest) -> HttpResponse:
    """Which channels are set up, what waits, what could not be sent and why."""
    return _page(request)


@door(Permission.OUTBOX_SEE)
@require_POST
def test(request: HttpRequest, channel: str) -> HttpResponse:
    """A message to oneself."""
    try:
        ask_test(channel=channel, by=actor_of(request), now=now_of(request))
    except Refused as refusal:
        return _page(request, 422, objections=refusal.objections)
    messages.success(request, _("试发已排上，后台几秒内发出。没有收到的话，请看本页有没有失败的消息。"))
    return redirect("web:desk:notice-channels")


@door(Permission.OUTBOX_SEE)
@require_POST
def again(request: HttpRequest, message_id: int) -> HttpResponse:
    """What was set aside is tried once more."""
    try:
        try_again(message_id=message_id, by=actor_of(request), now=now_of(request))
    except Refused as refusal:
        return _page(request, 422, objections=refusal.objections)
    messages.success(request, _("已重新排队，后台马上再发。"))
    return redirect("web:desk:notice-channels")


urls = [
    path("notices/channels/", channels, name="notice-channels"),
    path("notices/channels/<slug:channel>/test/", test, name="notice-test"),
    path("notices/messages/<int:message_id>/again/", again, name="notice-again"),
    *pages("desk"),
]
