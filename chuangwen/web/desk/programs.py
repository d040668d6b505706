"""接入密钥: keys for programs of other houses that report for residents; the system administrator issues and revokes."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from chuangwen.http import actor_of, door, now_of
from chuangwen.opendata.operations import issue_program_key, revoke_program_key
from chuangwen.opendata.queries import program_keys
from chuangwen.rules.permissions import Permission
from chuangwen.rules.refusals import Refused


def _page(request: HttpRequest, status: int = 200, **more: Any) -> HttpResponse:
    context = {
        "keys": program_keys(actor_of(request)), "now": now_of(request), "posted": request.POST,
        "address": request.build_absolute_uri(reverse("open311:base")),
    }  # fmt: skip
    return render(request, "desk/programs.html", context | more, status=status)


@door(Permission.INTERFACE_MANAGE)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def programs(request: HttpRequest) -> HttpResponse:
    """Every key; a new one is shown on the answer to its making, and never again."""
    if request.method != "POST":
        return _page(request)
    post = request.POST
    limit = post.get("hourly_limit", "200")
    try:
        token = issue_program_key(
            name=post.get("name", ""), house=post.get("house", ""), by=actor_of(request), now=now_of(request),
            hourly_limit=int(limit) if limit.isascii() and limit.isdigit() and len(limit) < 9 else 0,
        )  # fmt: skip
    except Refused as refusal:
        return _page(request, 422, objections=refusal.objections)
    return _page(request, token=token, token_name=post.get("name", "").strip(), posted={})


@door(Permission.INTERFACE_MANAGE)
@require_POST
def revoke(request: HttpRequest, key_id: int) -> HttpResponse:
    """The key stops working at once."""
    revoke_program_key(key_id=key_id, by=actor_of(request), now=now_of(request))
    messages.success(request, _("密钥已作废，那个程序马上不能再提交。"))
    return redirect("web:desk:programs")


urls = [
    path("programs/", programs, name="programs"),
    path("programs/<int:key_id>/revoke/", revoke, name="program-revoke"),
]
