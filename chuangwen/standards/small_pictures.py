"""The pictures of checklists as phones show them: small, by what they hold, so that each is fetched once."""

import io
from collections.abc import Iterable
from functools import lru_cache
from typing import Final

from PIL import Image

from chuangwen.rules.refusals import NotFound
from chuangwen.standards.models import FormPicture

KEY_LENGTH: Final = 20  # of the SHA-256, in hex: enough to tell 50 pictures of an edition apart
SMALL_SIDE: Final = 640  # pixels
SMALL_BYTES: Final = 40_000
_QUALITIES: Final = (75, 60, 45, 30)


def key_of(sha256: str) -> str:
    """The word under which a phone keeps a picture."""
    return sha256[:KEY_LENGTH]


def keyed_pictures(edition_ids: Iterable[int]) -> dict[tuple[int, str], tuple[str, int]]:
    """The key of each picture of these editions and the bytes of its small version, by edition and file name."""
    wanted = FormPicture.objects.filter(edition__in=list(edition_ids))
    rows = list(wanted.values_list("edition_id", "name", "sha256"))
    sizes = {sha256: len(_small(sha256)) for sha256 in {row[2] for row in rows}}
    return {(edition_id, name): (key_of(sha256), sizes[sha256]) for edition_id, name, sha256 in rows}


def small_picture(key: str) -> bytes:
    """A picture as JPEG, longest side 640 pixels."""
    found = FormPicture.objects.filter(sha256__startswith=key).values_list("sha256", flat=True).first()
    if len(key) != KEY_LENGTH or found is None:
        raise NotFound("没有这张图片。")
    return _small(found)


@lru_cache(maxsize=128)  # 5 MB at most; what has this digest never changes
def _small(sha256: str) -> bytes:
    content = FormPicture.objects.filter(sha256=sha256).values_list("content", flat=True).first()
    return shrunk(bytes(content or b""))


def shrunk(content: bytes) -> bytes:
    """A stored picture made small: JPEG on white, first less quality, then less size, until it fits 40 kB."""
    with Image.open(io.BytesIO(content), formats=("PNG", "JPEG")) as opened:
        opened.thumbnail((SMALL_SIDE, SMALL_SIDE))
        seen = opened.convert("RGBA")
    ground = Image.new("RGBA", seen.size, "white")
    ground.alpha_composite(seen)
    picture = ground.convert("RGB")
    for quality in _QUALITIES:
        if len(made := _jpeg(picture, quality)) <= SMALL_BYTES:
            return made
    picture.thumbnail((SMALL_SIDE // 2, SMALL_SIDE // 2))
    return _jpeg(picture, _QUALITIES[-1])


def _jpeg(picture: Image.Image, quality: int) -> bytes:
    told = io.BytesIO()
    picture.save(told, "JPEG", quality=quality, optimize=True)
    return told.getvalue()
