"""The third kind of door, beside pages (`@door`) and the JSON interface (a key): a phone app with a connection password.

Digest (RFC 2617) always; Basic only over HTTPS. The session of a browser counts for nothing here, and so no CSRF token
is asked for. Wrong passwords lock the app's way in, not the person's own log-in, and the other way round.
"""

import base64
import binascii
import functools
import hmac
import secrets
from collections.abc import Callable
from datetime import datetime
from typing import Concatenate, ParamSpec, cast
from urllib.parse import unquote, urlsplit

from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt

from chuangwen.api.openrosa import digest
from chuangwen.api.openrosa.answers import said
from chuangwen.http import actor_of, client_address, now_of
from chuangwen.people import lockout
from chuangwen.people.app_tokens import REALM, AppAccount, app_account, ha1_of
from chuangwen.rules.permissions import Permission, may

P = ParamSpec("P")
View = Callable[Concatenate[HttpRequest, P], HttpResponse]
_HOW = "请在 ODK Collect 的设置里填写用户名和连接密码，或在网页“ODK Collect 连接”页重新生成二维码扫码。"
_PLAIN = "连接没有加密，不能这样登录。请用 Digest 方式，或改用 https 地址。"


def _challenge(now: datetime, sentence: str, *, stale: bool = False) -> HttpResponse:
    response = said(401, [sentence])
    nonce = digest.new_nonce(settings.SECRET_KEY, now, secrets.token_urlsafe(9))
    more = ", stale=true" if stale else ""
    response["WWW-Authenticate"] = f'Digest realm="{REALM}", qop="auth", algorithm=MD5, nonce="{nonce}"{more}'
    return response


def _locked() -> HttpResponse:
    minutes = settings.LOCKOUT_MINUTES
    response = said(429, [f"连接密码连续输错，已暂停连接。请 {minutes} 分钟后再试，或在网页重新生成二维码扫码。"])
    response["Retry-After"] = str(minutes * 60)
    return response


def _basic(text: str) -> tuple[str, str] | None:
    try:
        username, found, password = base64.b64decode(text, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return None
    return (username, password) if found else None


def _same_address(request: HttpRequest, uri: str) -> bool:
    try:
        parts = urlsplit(uri)
    except ValueError:
        return False
    asked = unquote(f"{parts.path}?{parts.query}" if parts.query else parts.path)
    return asked == unquote(request.get_full_path())


def _used_before(fields: dict[str, str]) -> bool:
    """The same answer a second time is a replay, as far as this process remembers; then a new nonce is asked for."""
    key = f"openrosa-nonce:{fields['nonce']}:{fields['nc']}"
    return not cache.add(key, True, digest.NONCE_LIVES.total_seconds())


def _checked(request: HttpRequest, username: str, proves: Callable[[str], bool]) -> AppAccount | HttpResponse:
    now, name = now_of(request), f"odk:{username}"
    if not username.isprintable():
        return _challenge(now, _HOW)
    if lockout.locked_until(name, now=now):
        return _locked()
    account = app_account(username)
    if account is not None and any(proves(ha1) for ha1 in account.revoked):
        return _challenge(now, f"这台手机的连接已断开。{_HOW}")  # no guess: an old phone must not lock a new one out
    if account is None or not any(proves(ha1) for ha1 in account.ha1):
        lockout.note_failure(name, client_address(request), now=now)
        return _challenge(now, f"用户名或连接密码不对。{_HOW}")
    return account


def _who_asks(request: HttpRequest) -> AppAccount | HttpResponse:
    now = now_of(request)
    scheme, _, rest = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() == "basic":
        given = _basic(rest.strip())
        if given is None or not (settings.BEHIND_HTTPS and request.is_secure()):
            return _challenge(now, _HOW if given is None else _PLAIN)
        ha1 = ha1_of(*given)
        return _checked(request, given[0], lambda known: hmac.compare_digest(known, ha1))
    fields = digest.read_digest(rest) if scheme.lower() == "digest" else None
    if fields is None or fields["realm"] != REALM or not digest.is_ours(fields["nonce"], settings.SECRET_KEY):
        return _challenge(now, _HOW)
    if not _same_address(request, fields["uri"]):
        return said(400, ["登录信息与请求的地址不符。请检查代理服务器是否改写了地址。"])
    entry = _checked(request, fields["username"], lambda known: digest.proves(known, request.method or "", fields))
    if isinstance(entry, AppAccount) and (not digest.is_fresh(fields["nonce"], now) or _used_before(fields)):
        return _challenge(now, "登录已过期，请重试。", stale=True)
    return entry


def app_door(permission: Permission) -> Callable[[View[P]], View[P]]:
    """Let in the person whose app proves the connection password, when the map lets them."""

    def decorate(view: View[P]) -> View[P]:
        @functools.wraps(view)
        def guarded(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
            entry = _who_asks(request)
            if isinstance(entry, HttpResponse):
                return entry
            if entry.user.must_change_password:
                return said(403, ["请先登录网页修改密码，再使用 ODK Collect。"])
            request.user = entry.user
            request.__dict__.pop("actor", None)  # a session beside it does not count
            if not may(actor_of(request), permission):
                return said(403, ["您的岗位不能使用巡查表单。"])
            return view(request, *args, **kwargs)

        exempt = csrf_exempt(guarded)
        exempt.permission = permission  # type: ignore[attr-defined]  # read by the walk over every URL
        exempt.by_app = True  # type: ignore[attr-defined]  # the same
        return cast(View[P], exempt)

    return decorate
