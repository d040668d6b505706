"""Texts that are nearly the same: MinHash over runs of five signs, found by bands (A. Broder, 1997).

64 hashes in 16 bands of 4: two texts that share 80 % of their runs meet in at least one band in 99.9 of 100 cases, texts
that share 30 % in 12 of 100, and the estimate then sorts these out.
"""

import hashlib
import re
from collections.abc import Sequence
from typing import Final

import numpy as np
import numpy.typing as npt

HASHES: Final = 64
BANDS: Final = 16
ROWS: Final = HASHES // BANDS
RUN: Final = 5
SHORTEST: Final = 60  # signs; shorter texts resemble one another by nature
ALIKE: Final = 0.7
MOST_SIGNS: Final = 40_000
_OTHER: Final = re.compile(r"[\W_]+")
_PRIME: Final = (1 << 31) - 1


def _numbers(word: str) -> npt.NDArray[np.uint64]:
    """64 numbers below the prime, the same for ever: signatures are kept."""
    digests = (hashlib.blake2b(f"{word}{place}".encode(), digest_size=4).digest() for place in range(HASHES))
    return np.array([int.from_bytes(digest) % _PRIME or 1 for digest in digests], dtype=np.uint64)


_FACTORS: Final = _numbers("factor")
_SHIFTS: Final = _numbers("shift")


def signature(text: str) -> tuple[int, ...]:
    """64 numbers below 2**31 that stand for a text; empty for one too short to compare."""
    signs = _OTHER.sub("", text.lower())[:MOST_SIGNS]
    if len(signs) < SHORTEST:
        return ()
    runs = {signs[at : at + RUN] for at in range(len(signs) - RUN + 1)}
    packed = b"".join(hashlib.blake2b(run.encode(), digest_size=4).digest() for run in sorted(runs))
    numbers = np.frombuffer(packed, dtype="<u4").astype(np.uint64) % _PRIME
    least = [int(((numbers * factor + shift) % _PRIME).min()) for factor, shift in zip(_FACTORS, _SHIFTS, strict=True)]
    return tuple(least)


def bands(found: Sequence[int]) -> tuple[int, ...]:
    """16 numbers of 63 bits to look others up by; none for a text without a signature."""
    if len(found) != HASHES:
        return ()
    rows = (found[at : at + ROWS] for at in range(0, HASHES, ROWS))
    digests = (hashlib.blake2b(repr(tuple(row)).encode(), digest_size=8).digest() for row in rows)
    return tuple(int.from_bytes(digest) >> 1 for digest in digests)


def likeness(one: Sequence[int], other: Sequence[int]) -> float:
    """From 0 to 1, how much of their runs two texts share, estimated (standard error at most 0.0625)."""
    if len(one) != HASHES or len(other) != HASHES:
        return 0.0
    return sum(left == right for left, right in zip(one, other, strict=True)) / HASHES
