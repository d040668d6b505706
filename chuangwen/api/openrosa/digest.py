"""Digest access authentication, RFC 2617: algorithm MD5, qop "auth". Nonces are signed, not stored."""

import base64
import hashlib
import hmac
import re
from collections.abc import Mapping
from datetime import datetime, timedelta

NONCE_LIVES = timedelta(minutes=10)
_PARAMETER = re.compile(r'([A-Za-z]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,"]+))')
_COUNT = re.compile(r"[0-9A-Fa-f]{8}")
_NEEDED = ("username", "realm", "nonce", "uri", "response", "qop", "nc", "cnonce")


def read_digest(text: str) -> dict[str, str] | None:
    """The fields after the word `Digest`; None when one that the answer rests on is missing."""
    found = {
        name.lower(): re.sub(r"\\(.)", r"\1", quoted) if quoted else plain
        for name, quoted, plain in _PARAMETER.findall(text)
    }
    sound = all(found.get(name) for name in _NEEDED) and found["qop"] == "auth" and bool(_COUNT.fullmatch(found["nc"]))
    return found if sound and found.get("algorithm", "MD5").upper() == "MD5" else None


def _md5(text: str) -> str:
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()


def expected_response(ha1: str, method: str, fields: Mapping[str, str]) -> str:
    """RFC 2617, 3.2.2.1: the response that proves knowledge of the password for this request."""
    ha2 = _md5(f"{method}:{fields['uri']}")
    return _md5(":".join((ha1, fields["nonce"], fields["nc"], fields["cnonce"], "auth", ha2)))


def proves(ha1: str, method: str, fields: Mapping[str, str]) -> bool:
    """Whether the response in the fields is the expected one; takes the same time for every wrong one."""
    return hmac.compare_digest(expected_response(ha1, method, fields).encode(), fields["response"].encode())


def new_nonce(secret: str, now: datetime, salt: str) -> str:
    """A nonce that carries its own time and our signature; `salt` makes it one of a kind."""
    said = f"{int(now.timestamp())}.{salt}"
    return f"{said}.{_signature(secret, said)}"


def _signature(secret: str, said: str) -> str:
    digest = hmac.new(secret.encode(), b"openrosa nonce " + said.encode(), hashlib.sha256).digest()
    return base64.urlsafe_b64encode(digest[:18]).decode()


def is_ours(nonce: str, secret: str) -> bool:
    """Whether we made this nonce."""
    said, _, signature = nonce.rpartition(".")
    return hmac.compare_digest(_signature(secret, said).encode(), signature.encode())


def is_fresh(nonce: str, now: datetime) -> bool:
    """Whether one of our nonces may still be used."""
    age = now.timestamp() - int(nonce.split(".", 1)[0])
    return -60 <= age <= NONCE_LIVES.total_seconds()
