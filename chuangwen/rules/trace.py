"""What of an event goes into the log of the journal, and how: pure, so that anybody can recompute it offline.

field hash = SHA-256(nonce ‖ name ‖ 0x00 ‖ canonical JSON of the value), nine fields in the order of FIELDS;
digest = SHA-256("chuangwen-event-1\\n" ‖ the nine field hashes);
entry = "chuangwen-entry-1\\n<event number>\\n<digest, hex>\\n"; leaf = SHA-256(0x00 ‖ entry), RFC 9162 2.1.1.

Words that may hold personal data are not hashed themselves: the field `commitment` is HMAC-SHA256(salt, canonical JSON
of the words). Once words and salt are erased (个人信息保护法 art. 47), nothing that stays says what they were.
"""

import hmac
import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

from chuangwen.rules.merkle import leaf_hash

NONCE_BYTES, SALT_BYTES, MARK_BYTES = 16, 32, 4
EVENT_PREFIX, ENTRY_PREFIX = b"chuangwen-event-1\n", "chuangwen-entry-1"
FIELDS = (
    "kind", "subject_kind", "subject_id", "actor_id", "actor_name", "at", "facts", "client_key", "commitment",
)  # fmt: skip
# Facts under these names are words that people type or hand in about people: they are erasable. Everything else is
# the house's own wording, numbers and names of public things; actor_name is the name of staff acting in office.
PERSONAL = frozenset(
    {
        "note", "reason", "reply", "answer", "text", "words", "remark", "statement", "contact", "contact_name", "phone",
        "contact_phone", "reporter", "reporter_name", "reporter_phone", "address", "email", "id_number", "person_name",
    }
)  # fmt: skip
_ENCODER = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)
_LARGEST_FLOAT = 1e15


@dataclass(frozen=True)
class Entry:
    """The fields of an event that never change."""

    kind: str
    subject_kind: str
    subject_id: int
    actor_id: int | None
    actor_name: str
    at: datetime
    facts: Mapping[str, Any]
    client_key: str | None
    commitment: bytes | None
    nonce: bytes


def parted(facts: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Facts for the log, and words that must stay erasable. Numbers and empty words stay facts: they say nothing."""
    words = {name: value for name, value in facts.items() if name in PERSONAL and _says_something(value)}
    return {name: value for name, value in facts.items() if name not in words}, words


def _says_something(value: Any) -> bool:
    return bool(value) and not isinstance(value, (bool, int, float))


def plain(value: Any) -> Any:
    """A value as it comes back from either database. Raises TypeError for what would not come back the same."""
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, str):
        return str(value)
    if isinstance(value, int):
        return int(value)
    if isinstance(value, float) and math.isfinite(value) and abs(value) < _LARGEST_FLOAT:
        return int(value) if value.is_integer() else value
    if isinstance(value, (list, tuple)):
        return [plain(each) for each in value]
    if isinstance(value, Mapping) and all(isinstance(key, str) for key in value):
        return {str(key): plain(each) for key, each in value.items()}
    raise TypeError(f"facts cannot hold {value!r}")


def canonical(value: Any) -> bytes:
    """One spelling for each value, after RFC 8785: keys sorted, no spaces, whole numbers without a fraction, UTF-8."""
    return _ENCODER.encode(plain(value)).encode()


def moment(at: datetime) -> str:
    """A moment as it is hashed: UTC with microseconds."""
    return at.astimezone(UTC).isoformat(timespec="microseconds").removesuffix("+00:00") + "Z"


def field_hashes(entry: Entry) -> tuple[bytes, ...]:
    """The hash of each of FIELDS. The nonce keeps a few possible values from being guessed out of a hash."""
    values = (
        entry.kind, entry.subject_kind, entry.subject_id, entry.actor_id, entry.actor_name, moment(entry.at),
        entry.facts, entry.client_key, entry.commitment.hex() if entry.commitment else None,
    )  # fmt: skip
    return tuple(
        sha256(b"%b%b\x00%b" % (entry.nonce, name.encode(), canonical(value))).digest()
        for name, value in zip(FIELDS, values, strict=True)
    )


def digest_of(hashes: tuple[bytes, ...]) -> bytes:
    """The digest of an event from its field hashes."""
    return sha256(EVENT_PREFIX + b"".join(hashes)).digest()


def marks_of(hashes: tuple[bytes, ...]) -> bytes:
    """The first bytes of each field hash, kept beside the event so that an edited field can be named."""
    return b"".join(each[:MARK_BYTES] for each in hashes)


def edited_fields(entry: Entry, marks: bytes) -> tuple[str, ...]:
    """The fields whose hash is not the one marked; none where the marks themselves are of no use."""
    if len(marks) != len(FIELDS) * MARK_BYTES:
        return ()
    kept = [marks[at : at + MARK_BYTES] for at in range(0, len(marks), MARK_BYTES)]
    now = [each[:MARK_BYTES] for each in field_hashes(entry)]
    return tuple(name for name, before, after in zip(FIELDS, kept, now, strict=True) if before != after)


def entry_bytes(event_id: int, digest: bytes) -> bytes:
    """What the log holds of an event: its number and its digest."""
    return f"{ENTRY_PREFIX}\n{event_id}\n{digest.hex()}\n".encode()


def leaf_of(event_id: int, digest: bytes) -> bytes:
    """The leaf hash of an event."""
    return leaf_hash(entry_bytes(event_id, digest))


def commitment_of(words: Mapping[str, Any], salt: bytes) -> bytes:
    """What stands in the log for erasable words."""
    return hmac.digest(salt, canonical(words), "sha256")


def seal_of(key: bytes, digest: bytes) -> bytes:
    """The house's own mark on an event that it wrote: without the key nobody can add a row that looks like one."""
    return hmac.digest(key, digest, "sha256")
