"""Reading a picture: is it one, how large, when and where it says it was taken."""

import io
import warnings
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from PIL import ExifTags, Image, ImageOps, UnidentifiedImageError

from chuangwen.rules.refusals import BadInput

BEIJING = ZoneInfo("Asia/Shanghai")
MEDIA_TYPES = {"JPEG": ("image/jpeg", "jpg"), "PNG": ("image/png", "png"), "WEBP": ("image/webp", "webp")}
MAX_PIXELS = 80_000_000
THUMB_SIDE = 480


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


def _degrees(parts: Any, reference: Any, negative: str) -> Decimal | None:
    try:
        degrees, minutes, seconds = (Decimal(str(float(part))) for part in parts)
    except (TypeError, ValueError, ZeroDivisionError):
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


def read_picture(data: bytes) -> Picture:
    """Look at the bytes, not at the file name. Refuses what is no whole JPEG, PNG or WebP picture."""
    if not data:
        raise BadInput("照片是空的，请重新拍摄或选择。")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(data)) as image:
                if image.format not in MEDIA_TYPES:
                    raise BadInput("只收 JPEG、PNG 或 WebP 照片。请用相机重新拍摄，或转换后再传。")
                if image.width * image.height > MAX_PIXELS:
                    raise BadInput("照片像素过大，请缩小后再传。")
                exif = image.getexif()
                image.load()
                media_type, suffix = MEDIA_TYPES[image.format]
                lng, lat = _position(exif)
                return Picture(media_type, suffix, image.width, image.height, _taken_at(exif), lng, lat)
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError, Image.DecompressionBombWarning) as error:
        if isinstance(error, BadInput):
            raise
        raise BadInput("这个文件不是完整的照片，可能没有传完或已损坏。请重新拍摄或选择。") from error


def thumbnail(data: bytes) -> bytes:
    """A small JPEG, turned upright, without the place and time of the original."""
    with Image.open(io.BytesIO(data)) as image:
        small = ImageOps.exif_transpose(image).convert("RGB")
        small.thumbnail((THUMB_SIDE, THUMB_SIDE))
        out = io.BytesIO()
        small.save(out, "JPEG", quality=78)
        return out.getvalue()
