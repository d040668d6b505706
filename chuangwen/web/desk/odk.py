"""A person's own connections of ODK Collect: a password for each phone, as a code to scan."""

import base64
import json
import zlib
from typing import Any

import segno
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from chuangwen.http import actor_of, door, now_of
from chuangwen.people.app_tokens import app_tokens_of, issue_app_token, revoke_app_token
from chuangwen.rules.permissions import Permission
from chuangwen.rules.refusals import Refused
from chuangwen.submissions.queries import waiting_of


def server_url() -> str:
    """The address to type into ODK Collect."""
    return settings.SITE_URL.rstrip("/") + "/openrosa"


def collect_settings(username: str, password: str) -> str:
    """Collect's settings as its codes carry them: JSON, zlib, Base64 (https://docs.getodk.org/collect-import-export/).

    The list of forms mirrors the server, so that a finished place disappears; filled forms go out by themselves.
    """
    chosen = {
        "general": {
            "protocol": "odk_default", "server_url": server_url(), "username": username, "password": password,
            "form_update_mode": "match_exactly", "autosend": "wifi_and_cellular",
        },
        "admin": {},
        "project": {"name": "创文巡查", "icon": "创", "color": "#206bc4"},
    }  # fmt: skip
    return base64.b64encode(zlib.compress(json.dumps(chosen, ensure_ascii=False).encode(), 9)).decode()


def _code_svg(username: str, password: str) -> str:
    drawn: str = segno.make(collect_settings(username, password), error="l", micro=False).svg_inline(
        border=4, light="#fff", omitsize=True
    )
    return mark_safe(drawn)  # our own drawing from end to end


def _page(request: HttpRequest, status: int = 200, **more: Any) -> HttpResponse:
    user_id = actor_of(request).user_id or 0
    context = {
        "tokens": app_tokens_of(user_id), "waiting": waiting_of(user_id), "now": now_of(request),
        "server_url": server_url(), "plain": not settings.BEHIND_HTTPS,
        "is_local": settings.SITE_URL.startswith(("http://127.", "http://localhost")),
    }  # fmt: skip
    return render(request, "desk/odk.html", context | more, status=status)


@door(Permission.FORMS_FILL)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def connections(request: HttpRequest) -> HttpResponse:
    """Own connections; the password of a new one is shown on the answer to its making, and never again."""
    if request.method != "POST":
        return _page(request)
    name = request.POST.get("name", "")
    try:
        password = issue_app_token(name=name, by=actor_of(request), now=now_of(request))
    except Refused as refusal:
        return _page(request, 422, objections=refusal.objections, name=name)
    username = request.user.get_username()
    code = _code_svg(username, password)
    return _page(request, password=password, username=username, code=code, token_name=name.strip()[:60])


@door(Permission.FORMS_FILL)
@require_POST
def disconnect(request: HttpRequest, token_id: int) -> HttpResponse:
    """The phone is shut out at once."""
    revoke_app_token(token_id=token_id, by=actor_of(request), now=now_of(request))
    messages.success(request, _("已断开，那台手机马上不能再取表单和发送记录。"))
    return redirect("web:desk:odk")


urls = [
    path("odk/", connections, name="odk"),
    path("odk/<int:token_id>/disconnect/", disconnect, name="odk-disconnect"),
]
