"""Which addresses we send to: known services, and what the installation lists itself. Nobody can make us call others."""

import binascii
from base64 import urlsafe_b64decode
from collections.abc import Collection
from typing import Final
from urllib.parse import urlsplit

# The push services of the browsers: Chrome and Edge on Android, Firefox, Safari, Edge on Windows.
PUSH_HOSTS: Final = frozenset({
    "fcm.googleapis.com", "updates.push.services.mozilla.com", "web.push.apple.com", "notify.windows.com",
})  # fmt: skip
WECOM_HOSTS: Final = frozenset({"qyapi.weixin.qq.com"})
DINGTALK_HOSTS: Final = frozenset({"oapi.dingtalk.com"})


def address_objection(url: str, known: Collection[str], allowed: Collection[str] = ()) -> str:
    """Why this address is not called; empty when it may be.

    `known`: hosts that are reached by https on the usual port, also those below them. `allowed`: what the installation
    lists, as host, host:port or, without encryption, as http://host:port.
    """
    try:
        parts = urlsplit(url)
        host, port = (parts.hostname or "").lower(), parts.port
    except ValueError:
        return "地址看不懂。"
    if not host or parts.username is not None or parts.password is not None:
        return "地址看不懂。"
    place = host if port is None else f"{host}:{port}"
    if parts.scheme == "https":
        if place in allowed or (port in {None, 443} and any(host == k or host.endswith(f".{k}") for k in known)):
            return ""
    elif parts.scheme == "http" and f"http://{place}" in allowed:
        return ""
    return f"不向 {host} 发送：不是已知的服务，也不在 CHUANGWEN_NOTICE_HOSTS 里。"


def _decoded(text: str) -> bytes:
    try:
        return urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except (binascii.Error, ValueError):
        return b""


def push_objections(*, endpoint: str, p256dh: str, auth: str, allowed: Collection[str] = ()) -> list[str]:
    """What is wrong with a browser's push address and keys (RFC 8291: an uncompressed P-256 point, sixteen bytes)."""
    found = [] if len(endpoint) <= 600 else ["推送地址太长。"]
    objection = address_objection(endpoint, PUSH_HOSTS, allowed)
    found += [objection] if objection else []
    key = _decoded(p256dh)
    if len(key) != 65 or key[:1] != b"\x04" or len(_decoded(auth)) != 16:
        found.append("浏览器给的密钥看不懂，请重新打开推送。")
    return found
