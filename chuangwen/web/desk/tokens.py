"""A person's own keys for programs that act in their name."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from chuangwen.http import actor_of, door, now_of
from chuangwen.people.operations import issue_token, revoke_token
from chuangwen.people.queries import tokens_of
from chuangwen.rules.permissions import Permission
from chuangwen.rules.refusals import Refused


def _page(request: HttpRequest, status: int = 200, **more: Any) -> HttpResponse:
    context = {"tokens": tokens_of(actor_of(request).user_id or 0), "now": now_of(request)}
    return render(request, "desk/tokens.html", context | more, status=status)


@door(Permission.DESK_OPEN)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def tokens(request: HttpRequest) -> HttpResponse:
    """Own keys; a new one is shown on the answer to its making, and never again."""
    if request.method != "POST":
        return _page(request)
    name = request.POST.get("name", "")
    try:
        token = issue_token(name=name, by=actor_of(request), now=now_of(request))
    except Refused as refusal:
        return _page(request, 422, objections=refusal.objections, name=name)
    return _page(request, token=token, token_name=name.strip())


@door(Permission.DESK_OPEN)
@require_POST
def revoke(request: HttpRequest, token_id: int) -> HttpResponse:
    """The key stops working at once."""
    revoke_token(token_id=token_id, by=actor_of(request), now=now_of(request))
    messages.success(request, _("密钥已作废，用它的程序马上不能再访问。"))
    return redirect("web:desk:tokens")


urls = [
    path("tokens/", tokens, name="tokens"),
    path("tokens/<int:token_id>/revoke/", revoke, name="token-revoke"),
]
