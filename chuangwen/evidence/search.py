"""Which earlier pictures look like this one: looked up in an index, then measured exactly. No scan of all pictures.

Two ways in, both plain indexed columns on SQLite and PostgreSQL alike:

- the whole picture: hashes at most 31 bits apart agree in at least one of 16 chunks up to one bit (pigeonhole), so
  17 values a chunk are looked up and nothing within 31 bits is missed;
- a picture that was cut by up to 10 % of its sides: the hash of its middle 80 % was stored; every window of the new
  picture in which that middle may lie gives three keys of 24 bits, and an equal key makes a candidate.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection

from chuangwen.evidence.models import INDEX_COLUMNS
from chuangwen.rules.pdq import (
    CHUNKS,
    CUT_PICTURE,
    SAME_PICTURE,
    Print,
    chunks,
    core_keys,
    distance,
    distances,
    near_chunks,
    nearest,
)

_TABLE = "evidence_photoprint"
_MOST_VALUES = 800  # looked up in one statement; SQLite's own limit is far higher, old builds stop at 999


@dataclass(frozen=True)
class Match:
    """An earlier picture that looks the same, and by how many of 256 bits it differs."""

    photo_id: int
    distance: int
    was_cut: bool = False


def similar_photos(looks: Print, middles: Sequence[bytes], *, apart_from: int | None = None) -> list[Match]:
    """Earlier pictures that look like this one, the nearest first. `middles`: rules.pdq.windows of the same picture.

    Pictures without enough features neither find nor are found.
    """
    if not looks.is_telling:
        return []
    found = {match.photo_id: match for match in _cut(middles)}
    for match in _whole(looks.bits):
        known = found.get(match.photo_id)
        if known is None or match.distance <= known.distance:
            found[match.photo_id] = match
    found.pop(apart_from or 0, None)
    return sorted(found.values(), key=lambda match: (match.distance, match.photo_id))


def _whole(bits: bytes) -> Iterable[Match]:
    rows = _looked_up("pdq", {INDEX_COLUMNS[place]: near_chunks(chunk) for place, chunk in enumerate(chunks(bits))})
    measured = distances(bits, list(rows.values()))
    return [Match(photo_id, int(bits_apart)) for photo_id, bits_apart in zip(rows, measured, strict=True)
            if bits_apart <= SAME_PICTURE]  # fmt: skip


def _cut(middles: Sequence[bytes]) -> Iterable[Match]:
    if not middles:
        return []
    keys = core_keys(middles)
    wanted = {INDEX_COLUMNS[CHUNKS + place]: sorted(set(keys[:, place].tolist())) for place in range(keys.shape[1])}
    rows = _looked_up("core", wanted)
    measured = nearest(list(rows.values()), middles)
    own = middles[0]
    return [
        Match(photo_id, int(bits_apart), was_cut=distance(rows[photo_id], own) > bits_apart)
        for photo_id, bits_apart in zip(rows, measured, strict=True)
        if bits_apart <= CUT_PICTURE
    ]


def _looked_up(what: str, wanted: Mapping[str, Sequence[int]]) -> dict[int, bytes]:
    """Photo id to hash, for every picture whose index column has one of the wanted values."""
    found: dict[int, bytes] = {}
    with connection.cursor() as cursor:
        for statement, values in _statements(what, wanted):
            cursor.execute(statement, values)
            found |= {photo_id: bytes(bits) for photo_id, bits in cursor.fetchall()}
    return found


def _statements(what: str, wanted: Mapping[str, Sequence[int]]) -> Iterable[tuple[str, list[Any]]]:
    """One column at a time: all together PostgreSQL would start parallel workers, which takes longer than the search."""
    for column, numbers in wanted.items():
        known = f"SELECT photo_id, {what} FROM {_TABLE} WHERE {column}"
        if connection.vendor == "postgresql":  # an array: hundreds of marks take longer to read than to look up
            yield f"{known} = ANY(%s)", [list(numbers)]
            continue
        for start in range(0, len(numbers), _MOST_VALUES):
            some = list(numbers[start : start + _MOST_VALUES])
            yield f"{known} IN ({', '.join(['%s'] * len(some))})", some
