"""PDQ: a perceptual hash of 256 bits with a quality figure, and the same hash of cut-out windows of a picture.

Written from the published description of the algorithm ("The TMK+PDQF video-hashing algorithm and the PDQ
image-hashing algorithm", Facebook, 2019): luminance, two passes of a box filter along both axes, 64 x 64 samples,
the 16 x 16 lowest waves of a cosine transform without the constant one, each bit says whether its wave is above the
median. Every step before the median is linear and works on rows and columns apart, so here the whole hash is one
matrix product per axis; a window of the picture only changes the two outer matrices.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import product
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

SAMPLES, WAVES, BITS = 64, 16, 256
LONGEST_SIDE = 512  # pixels; the description shrinks larger pictures before it hashes them
SMALLEST_SIDE = 5  # pixels; smaller ones are not hashed
GOOD_QUALITY = 50  # of 100; below it the bits are noise of a featureless picture (ThreatExchange pdq/README)
SAME_PICTURE = 31  # bits; the usual threshold for "the same picture"

# What is left on each side when the middle 80 % of a picture is looked for in one that was cut by up to 10 %, or the
# other way round: a picture cut at both ends has its old middle at 0 to 1/9 of its sides, the uncut one of a cut
# picture at 9 to 19 %.
CORE = 0.1
_CUTS = (0.0, 0.025, 0.05, 0.075, 0.1)
CUT_PICTURE = 40  # bits; a window never falls exactly on the cut, unrelated pictures stay above 80

CHUNKS, CHUNK_BITS = 16, 16
CORE_KEYS, CORE_KEY_BITS = 3, 24


@dataclass(frozen=True)
class Print:
    """The hash of one picture: 32 bytes, in the order in which PDQ hashes are written as hex (the last wave first), and the quality from 0 to 100."""

    bits: bytes
    quality: int

    @property
    def is_telling(self) -> bool:
        """Whether the picture has enough features for its hash to mean anything."""
        return self.quality >= GOOD_QUALITY


def distance(one: bytes, other: bytes) -> int:
    """In how many of the 256 bits two hashes differ; unrelated pictures differ in about 128."""
    return (int.from_bytes(one) ^ int.from_bytes(other)).bit_count()


def _words(hashes: Sequence[bytes]) -> NDArray[np.uint64]:
    return np.frombuffer(b"".join(hashes), dtype=np.uint64).reshape(len(hashes), BITS // 64)


def distances(one: bytes, others: Sequence[bytes]) -> NDArray[np.int64]:
    """The distance to each of many hashes at once."""
    apart: NDArray[np.int64] = np.bitwise_count(_words(others) ^ _words([one])).sum(axis=1, dtype=np.int64)
    return apart


def nearest(ones: Sequence[bytes], others: Sequence[bytes]) -> NDArray[np.int64]:
    """For each of `ones` the distance to the nearest of `others` (at least one)."""
    rows, columns = _words(ones), _words(others)
    apart = np.zeros((len(ones), len(others)), dtype=np.int64)
    for word in range(BITS // 64):
        apart += np.bitwise_count(rows[:, word, None] ^ columns[None, :, word])
    shortest: NDArray[np.int64] = apart.min(axis=1)
    return shortest


@lru_cache(maxsize=1)
def _cosines() -> Floats:
    """The waves 1 to 16 of the cosine transform of 64 samples; wave 0, the mean brightness, is left out."""
    waves, places = np.arange(1, WAVES + 1)[:, None], np.arange(SAMPLES)[None, :]
    table: Floats = np.sqrt(2 / SAMPLES) * np.cos(np.pi / 2 / SAMPLES * waves * (2 * places + 1))
    return table


def _box(length: int) -> Floats:
    """The moving mean over 1/128 of the side, shorter at the edges."""
    width = (length + 2 * SAMPLES - 1) // (2 * SAMPLES)
    after = width // 2
    places = np.arange(length)
    offset = places[None, :] - places[:, None]
    inside = (offset <= after) & (offset >= after + 1 - width)
    mean: Floats = inside / inside.sum(axis=1, keepdims=True)
    return mean


@lru_cache(maxsize=64)
def _sampling(length: int) -> Floats:
    """64 x `length`: two passes of the moving mean, then the 64 sample points."""
    if length == SAMPLES:
        return np.eye(SAMPLES)
    box = _box(length)
    at = ((np.arange(SAMPLES) + 0.5) * length / SAMPLES).astype(int)
    sampled: Floats = box[at] @ box
    return sampled


@lru_cache(maxsize=512)
def _window_waves(length: int, start: int, end: int) -> Floats:
    """16 x `length`: the waves of the part from `start` to `end` (pixels) of one axis."""
    waves = np.zeros((WAVES, length))
    waves[:, start:end] = _cosines() @ _sampling(end - start)
    return waves


def _bits(waves: Floats) -> bytes:
    ordered = np.sort(waves, axis=None)
    return np.packbits((waves.ravel() > ordered[BITS // 2 - 1])[::-1]).tobytes()


def quality_of(samples: Floats) -> int:
    """Significant brightness steps between neighbouring samples, 0 (flat) to 100."""
    steps = sum(int(np.abs(np.trunc(np.diff(samples, axis=axis) * 100 / 255)).sum()) for axis in (0, 1))
    return min(steps // 90, 100)


def pdq(luma: NDArray[Any]) -> Print:
    """The hash of a picture given as rows of luminance from 0 to 255 (at least 5 x 5)."""
    rows, columns = luma.shape
    if min(rows, columns) < SMALLEST_SIDE:
        return Print(bytes(BITS // 8), 0)
    samples = _sampling(rows) @ luma.astype(np.float64) @ _sampling(columns).T
    return Print(_bits(_cosines() @ samples @ _cosines().T), quality_of(samples))


def luminance(rgb: NDArray[Any]) -> Floats:
    """Rows of red, green, blue (0 to 255) as luminance, with the weights of the description."""
    weighed: Floats = rgb[..., :3].astype(np.float64) @ np.array([0.299, 0.587, 0.114])
    return weighed


def _spans(length: int) -> Sequence[tuple[int, int]]:
    """Where the middle 80 % of a related picture may lie along one axis, in pixels."""
    spans = [(CORE, 1 - CORE)]
    for left, right in product(_CUTS, _CUTS):
        if left + right <= CORE + 1e-9 and (left or right):
            kept = 1 - left - right
            spans.append(((CORE - left) / kept, 1 - (CORE - right) / kept))  # this one was cut
            spans.append((left + CORE * kept, 1 - right - CORE * kept))  # the other one was cut
    return sorted({(round(start * length), round(end * length)) for start, end in spans})


@lru_cache(maxsize=1)
def _lowest_waves() -> NDArray[np.int64]:
    """The places in a hash's bits (first byte first) of its waves, those of the largest shapes first."""
    waves = sorted(product(range(WAVES), range(WAVES)), key=lambda wave: (sum(wave), wave))
    return np.array([BITS - 1 - (row * WAVES + column) for row, column in waves])


def chunks(bits: bytes) -> tuple[int, ...]:
    """Sixteen numbers of 16 bits. Hashes at most 31 bits apart have one of them at most one bit apart."""
    return tuple(int(number) for number in np.frombuffer(bits, dtype=">u2"))


def near_chunks(chunk: int) -> tuple[int, ...]:
    """The chunk itself and the sixteen that differ from it in one bit."""
    return (chunk, *(chunk ^ 1 << bit for bit in range(CHUNK_BITS)))


def core_keys(cores: Sequence[bytes]) -> NDArray[np.int64]:
    """Three numbers of 24 bits for each hash of a middle, from its largest shapes, which a small shift hardly moves."""
    rows = np.unpackbits(np.frombuffer(b"".join(cores), dtype=np.uint8).reshape(len(cores), BITS // 8), axis=1)
    wanted = rows[:, _lowest_waves()[: CORE_KEYS * CORE_KEY_BITS]].reshape(len(cores), CORE_KEYS, CORE_KEY_BITS)
    keys: NDArray[np.int64] = wanted.astype(np.int64) @ (1 << np.arange(CORE_KEY_BITS, dtype=np.int64))
    return keys


def core(luma: NDArray[Any]) -> bytes:
    """The hash of the middle 80 %, by which a cut picture is found again."""
    rows, columns = luma.shape
    up, left = round(CORE * rows), round(CORE * columns)
    tall, wide = _window_waves(rows, up, rows - up), _window_waves(columns, left, columns - left)
    return _bits(tall @ luma.astype(np.float64) @ wide.T)


def windows(luma: NDArray[Any]) -> Iterator[bytes]:
    """The hashes of every window in which the middle of an earlier picture may lie, the own middle first."""
    rows, columns = luma.shape
    if min(rows, columns) < SAMPLES:
        return
    yield core(luma)
    downs, acrosses = _spans(rows), _spans(columns)
    tall = np.vstack([_window_waves(rows, *span) for span in downs])
    wide = np.vstack([_window_waves(columns, *span) for span in acrosses])
    waves = tall @ luma.astype(np.float64) @ wide.T
    for down, across in product(range(len(downs)), range(len(acrosses))):
        yield _bits(waves[down * WAVES : (down + 1) * WAVES, across * WAVES : (across + 1) * WAVES])
