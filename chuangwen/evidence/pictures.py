"""Reading a picture: is it one and nothing else, how large, when and where it says it was taken, by which software."""

import io
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import IO, Any
from zoneinfo import ZoneInfo

import pillow_heif
from PIL import ExifTags, Image, ImageDraw, ImageOps, UnidentifiedImageError

from chuangwen.evidence.contents import refuse_other_contents
from chuangwen.rules.masking import Box
from chuangwen.rules.refusals import BadInput

pillow_heif.register_heif_opener(thumbnails=False)

BEIJING = ZoneInfo("Asia/Shanghai")
MEDIA_TYPES = {
    "JPEG": ("image/jpeg", "jpg"),
    "MPO": ("image/jpeg", "jpg"),  # a JPEG with a second picture behind it, as many phones store light maps
    "PNG": ("image/png", "png"),
    "WEBP": ("image/webp", "webp"),
    "HEIF": ("image/heic", "heic"),
}
SHOWN_BY_BROWSERS = frozenset({"image/jpeg", "image/png", "image/webp"})
MAX_PIXELS = 80_000_000
MAX_SIDE = 20_000
THUMB_SIDE = 480
PUBLIC_SIDE = 1600
COVER = (96, 96, 96)
DAMAGED = "这个文件不是完整的照片，可能没有传完或已损坏。请重新拍摄或选择。"


@dataclass(frozen=True)
class Picture:
    """What a picture says of itself. Position in WGS-84 degrees, time in Beijing time unless it states its own zone."""

    media_type: str
    suffix: str
    width: int
    height: int
    taken_at: datetime | None
    lng: Decimal | None
    lat: Decimal | None
    software: str = ""


def _degrees(parts: Any, reference: Any, negative: str) -> Decimal | None:
    try:
        degrees, minutes, seconds = (Decimal(str(float(part))) for part in parts)
    except (TypeError, ValueError, ZeroDivisionError):
        return None
    if not all(part.is_finite() for part in (degrees, minutes, seconds)):
        return None
    value = (degrees + minutes / 60 + seconds / 3600).quantize(Decimal("0.000001"))
    return -value if str(reference).strip("\x00 ") == negative else value


def _position(exif: Image.Exif) -> tuple[Decimal | None, Decimal | None]:
    gps = exif.get_ifd(ExifTags.IFD.GPSInfo)
    lng = _degrees(gps.get(ExifTags.GPS.GPSLongitude), gps.get(ExifTags.GPS.GPSLongitudeRef), "W")
    lat = _degrees(gps.get(ExifTags.GPS.GPSLatitude), gps.get(ExifTags.GPS.GPSLatitudeRef), "S")
    sound = lng is not None and lat is not None and abs(lng) <= 180 and abs(lat) <= 90
    return (lng, lat) if sound else (None, None)


def _taken_at(exif: Image.Exif) -> datetime | None:
    details = exif.get_ifd(ExifTags.IFD.Exif)
    text = str(details.get(ExifTags.Base.DateTimeOriginal) or exif.get(ExifTags.Base.DateTime) or "").strip("\x00 ")
    zone = str(details.get(ExifTags.Base.OffsetTimeOriginal) or "").strip("\x00 ")
    for layout, value in (("%Y:%m:%d %H:%M:%S%z", text + zone), ("%Y:%m:%d %H:%M:%S", text)):
        try:
            moment = datetime.strptime(value, layout)  # noqa: DTZ007 - the zone is added in the next line
        except ValueError:
            continue
        return moment if moment.tzinfo else moment.replace(tzinfo=BEIJING)
    return None


def _software(exif: Image.Exif) -> str:
    text = str(exif.get(ExifTags.Base.Software) or "")
    return "".join(letter for letter in text if letter.isprintable()).strip()[:80]


@contextmanager
def _damage_refused() -> Iterator[None]:
    """Whatever the decoders stumble over becomes one sentence for the person."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            warnings.filterwarnings("ignore", category=UserWarning, module="PIL")  # odd EXIF is no damage
            yield
    except BadInput:
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise BadInput("照片像素过大，请缩小后再传。") from error
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError, EOFError, RuntimeError, MemoryError) as error:
        raise BadInput(DAMAGED) from error


def read_picture(source: bytes | IO[bytes]) -> Picture:
    """Look at the bytes, not at the file name. Refuses what is no whole JPEG, PNG, WebP or HEIC photo and nothing else.

    `source`: the bytes, or a file open for reading (read from its start, in pieces).
    """
    file = io.BytesIO(source) if isinstance(source, bytes) else source
    refuse_other_contents(file)
    file.seek(0)
    with _damage_refused(), Image.open(file, formats=["JPEG", "PNG", "WEBP", "HEIF"]) as image:
        if image.format not in MEDIA_TYPES:
            raise BadInput("只收 JPEG、PNG、WebP 或 HEIC 照片。请用相机重新拍摄，或转换后再传。")
        if image.format in {"PNG", "WEBP"} and getattr(image, "n_frames", 1) > 1:
            raise BadInput("这是动画，不是照片。请用相机重新拍摄，或截一张图再传。")
        if image.width * image.height > MAX_PIXELS or max(image.size) > MAX_SIDE:
            raise BadInput("照片像素过大，请缩小后再传。")
        exif = image.getexif()
        (width, height), (lng, lat) = image.size, _position(exif)
        media_type, suffix = MEDIA_TYPES[image.format]
        image.load()
        return Picture(media_type, suffix, width, height, _taken_at(exif), lng, lat, _software(exif))


def upright(image: Image.Image) -> Image.Image:
    """The picture as a person sees it: turned by what EXIF says, in plain colours, transparent parts white."""
    turned = ImageOps.exif_transpose(image)
    if turned.mode in {"RGBA", "LA", "PA"} or "transparency" in turned.info:
        turned = turned.convert("RGBA")
        ground = Image.new("RGBA", turned.size, "white")
        turned = Image.alpha_composite(ground, turned)
    return turned.convert("RGB")


def plain_jpeg(image: Image.Image, quality: int) -> bytes:
    """As JPEG with nothing but the pixels: no place, no time, no device."""
    out = io.BytesIO()
    bare = Image.new("RGB", image.size)
    bare.paste(image)
    bare.save(out, "JPEG", quality=quality, optimize=True)
    return out.getvalue()


def thumbnail(source: IO[bytes]) -> bytes:
    """A small JPEG, turned upright, without the place and time of the original."""
    with Image.open(source) as image:
        image.draft("RGB", (THUMB_SIDE * 2, THUMB_SIDE * 2))
        small = upright(image)
    small.thumbnail((THUMB_SIDE, THUMB_SIDE))
    return plain_jpeg(small, 78)


def rendition(source: IO[bytes]) -> bytes:
    """A full-size JPEG of a picture that browsers cannot show (HEIC)."""
    with Image.open(source) as image:
        return plain_jpeg(upright(image), 88)


def public_jpeg(source: IO[bytes], boxes: Sequence[Box]) -> tuple[bytes, tuple[int, int]]:
    """A JPEG for residents, upright, at most 1600 pixels a side, nothing but pixels; every box is one plain grey.

    The boxes are painted before the picture is shrunk and once more after it, so nothing of what lies below bleeds out.
    """
    with Image.open(source) as image:
        whole = upright(image)
    _cover(whole, boxes)
    whole.thumbnail((PUBLIC_SIDE, PUBLIC_SIDE))
    _cover(whole, boxes)
    return plain_jpeg(whole, 85), whole.size


def _cover(image: Image.Image, boxes: Sequence[Box]) -> None:
    draw = ImageDraw.Draw(image)
    for box in boxes:
        left, top, right, bottom = box.pixels(*image.size)
        draw.rectangle((left, top, max(right - 1, left), max(bottom - 1, top)), fill=COVER)
