"""Web Push: encrypted for one browser (RFC 8291, aes128gcm), signed by us (VAPID, RFC 8292). Uses pywebpush, an extra."""

import base64
import hashlib
import json
import time
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from chuangwen.gateways.calls import post, refuse_failure
from chuangwen.gateways.outgoing import Outgoing, Unsent
from chuangwen.notices.addresses import PUSH_HOSTS

KEPT_FOR = 24 * 3600  # how long the service keeps it for a telephone that is off
_GONE = {404, 410}


class WebPush:
    """`private_key`: the VAPID key, base64url; `contact`: a mailto: address for the operators of the push service."""

    def __init__(self, private_key: str, contact: str, clock: Callable[[], float] = time.time) -> None:
        self.private_key, self.contact, self.clock = private_key, contact, clock

    def send(self, outgoing: Outgoing) -> None:
        """One notification. The key is its topic and its tag: a repeated one takes the place of the first."""
        address, words = outgoing.address, outgoing.words
        facts = {"title": words.title, "body": words.body, "url": words.url, "tag": outgoing.key}
        body = _encrypted(address.endpoint, address.p256dh, address.auth, json.dumps(facts, ensure_ascii=False))
        headers = {
            **self._signed(address.endpoint),
            "Content-Encoding": "aes128gcm",
            "Content-Type": "application/octet-stream",
            "TTL": str(KEPT_FOR),
            "Urgency": "high" if outgoing.urgent else "normal",
            "Topic": base64.urlsafe_b64encode(hashlib.sha256(outgoing.key.encode()).digest()).decode()[:32],
        }
        answer = post(address.endpoint, body, headers, known=PUSH_HOSTS)
        if answer.status in _GONE:
            raise Unsent("浏览器已收回推送许可。", lasting=True, gone=True)
        refuse_failure(answer)

    def _signed(self, endpoint: str) -> dict[str, str]:
        from py_vapid import Vapid02  # noqa: PLC0415  # an extra; see the head of the file

        parts = urlsplit(endpoint)
        claims: dict[str, Any] = {
            "aud": f"{parts.scheme}://{parts.netloc}", "sub": self.contact, "exp": int(self.clock()) + 12 * 3600
        }  # fmt: skip
        signed: dict[str, str] = Vapid02.from_string(self.private_key).sign(claims)
        return signed


def _encrypted(endpoint: str, p256dh: str, auth: str, text: str) -> bytes:
    from pywebpush import WebPusher  # noqa: PLC0415  # the same

    told = {"endpoint": endpoint, "keys": {"p256dh": p256dh, "auth": auth}}
    encoded: bytes = WebPusher(told).encode(text.encode(), content_encoding="aes128gcm")["body"]
    return encoded
