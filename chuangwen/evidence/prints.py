"""The perceptual hash of a stored picture, and its row in the index."""

import io
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from chuangwen.evidence.models import INDEX_COLUMNS
from chuangwen.evidence.pictures import upright
from chuangwen.rules import pdq
from chuangwen.rules.pdq import LONGEST_SIDE, Print

try:
    import pdqhash
except ImportError:  # our own reckoning gives the same bits; a test holds both together
    pdqhash = None


def pixels_of(source: bytes | IO[bytes]) -> NDArray[np.uint8]:
    """A picture turned upright and shrunk to at most 512 pixels a side, as rows of red, green, blue."""
    with Image.open(io.BytesIO(source) if isinstance(source, bytes) else source) as image:
        image.draft("RGB", (LONGEST_SIDE * 2, LONGEST_SIDE * 2))
        small = upright(image)
        small.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
        return np.asarray(small)


def print_of(pixels: NDArray[Any]) -> Print:
    """The hash of rows of red, green, blue."""
    if pdqhash is None or min(pixels.shape[:2]) < pdq.SMALLEST_SIDE:
        return pdq.pdq(pdq.luminance(pixels))
    vector, quality = pdqhash.compute(np.ascontiguousarray(pixels))
    return Print(np.packbits(vector).tobytes(), int(quality))


def index_row(pixels: NDArray[Any]) -> dict[str, Any]:
    """The columns of a PhotoPrint. A picture without features gets a hash but no place in the index."""
    looks, middle = print_of(pixels), pdq.core(pdq.luminance(pixels))
    numbers: list[int | None] = [None] * len(INDEX_COLUMNS)
    if looks.is_telling:
        numbers = [*pdq.chunks(looks.bits), *pdq.core_keys([middle])[0].tolist()]
    return {
        "pdq": looks.bits,
        "core": middle,
        "quality": looks.quality,
        **dict(zip(INDEX_COLUMNS, numbers, strict=True)),
    }
