"""What every event carries for the log: nonce, digest, marks and the house's seal."""

import hmac
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from secrets import token_bytes
from typing import Any

from django.conf import settings

from chuangwen.rules.trace import (
    NONCE_BYTES,
    SALT_BYTES,
    Entry,
    commitment_of,
    digest_of,
    field_hashes,
    marks_of,
    parted,
    seal_of,
)


@dataclass(frozen=True)
class Sealed:
    """The columns of an event that follow from what happened."""

    facts: dict[str, Any]
    words: dict[str, Any] | None
    salt: bytes | None
    commitment: bytes | None
    nonce: bytes
    digest: bytes
    marks: bytes
    seal: bytes


@lru_cache(maxsize=4)
def _key(secret: str) -> bytes:
    return hmac.digest(secret.encode(), b"chuangwen.journal", "sha256")


def seal(digest: bytes) -> bytes:
    """The seal of this installation on a digest."""
    return seal_of(_key(settings.SECRET_KEY), digest)


def is_sealed(digest: bytes | memoryview | None, found: bytes | memoryview | None) -> bool:
    """Whether this installation wrote the event with this digest, with its present key or an older one still named."""
    if digest is None or found is None:
        return False
    keys = (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)
    return any(hmac.compare_digest(seal_of(_key(key), bytes(digest)), bytes(found)) for key in keys)


def sealed(bare: Entry, facts: Mapping[str, Any]) -> Sealed:
    """Part facts from words and seal the event; `bare` brings every other field. Raises TypeError for unfit facts."""
    open_facts, words = parted(facts)
    salt = token_bytes(SALT_BYTES) if words else None
    commitment = commitment_of(words, salt) if salt else None
    nonce = token_bytes(NONCE_BYTES)
    hashes = field_hashes(replace(bare, facts=open_facts, commitment=commitment, nonce=nonce))
    digest = digest_of(hashes)
    return Sealed(open_facts, words or None, salt, commitment, nonce, digest, marks_of(hashes), seal(digest))
