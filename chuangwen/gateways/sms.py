"""Short messages through any provider, or the government's own SMS platform, that takes a signed POST.

Body: JSON {"to", "text", "key"}. Headers: Idempotency-Key (the key), X-Timestamp (seconds since 1970) and X-Signature, the
hexadecimal HMAC-SHA256 with the shared secret over the timestamp, a full stop and the body. A status of 2xx is a yes.
"""

import hashlib
import hmac
import json
import time
from collections.abc import Callable

from chuangwen.gateways.calls import post, refuse_failure
from chuangwen.gateways.outgoing import Outgoing


def signature(secret: str, timestamp: str, body: bytes) -> str:
    """What the other side reckons itself and compares."""
    return hmac.new(secret.encode(), timestamp.encode() + b"." + body, hashlib.sha256).hexdigest()


class HttpSms:
    """The host of the address must stand in CHUANGWEN_NOTICE_HOSTS."""

    def __init__(self, url: str, secret: str, clock: Callable[[], float] = time.time) -> None:
        self.url, self.secret, self.clock = url, secret, clock

    def send(self, outgoing: Outgoing) -> None:
        """One short message to one number."""
        facts = {"to": outgoing.address.phone, "text": f"【创文】{outgoing.words.whole}", "key": outgoing.key}
        body = json.dumps(facts, ensure_ascii=False).encode()
        stamp = str(int(self.clock()))
        headers = {
            "Content-Type": "application/json; charset=utf-8",
            "Idempotency-Key": outgoing.key,
            "X-Timestamp": stamp,
            "X-Signature": signature(self.secret, stamp, body),
        }
        refuse_failure(post(self.url, body, headers))
