"""Pictures as a phone takes them: large, with the time and the place in them."""

import io
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from PIL import ExifTags, Image, ImageDraw

LARGE = (2400, 1800)


@dataclass(frozen=True)
class Spot:
    """A position in WGS-84 degrees."""

    lng: float
    lat: float


def _degrees(value: float) -> tuple[float, float, float]:
    whole, minutes = divmod(value * 60, 60)
    return float(whole), float(int(minutes)), round(minutes % 1 * 60, 3)


def take(path: Path, *, at: datetime, where: Spot, littered: bool) -> Path:
    """A JPEG of a stairway, before or after somebody tidied it up."""
    image = Image.new("RGB", LARGE, (206, 202, 192))
    draw = ImageDraw.Draw(image)
    for step in range(12):
        draw.rectangle((0, step * 150, LARGE[0], step * 150 + 70), fill=(168 - step * 4, 164 - step * 4, 158))
    for number in range(14 if littered else 0):
        left, top = (number * 397) % 2000, 700 + (number * 211) % 900
        draw.rectangle(
            (left, top, left + 260, top + 190), fill=(150, 112 + number * 3, 66), outline=(90, 66, 40), width=6
        )
    exif = Image.Exif()
    exif.get_ifd(ExifTags.IFD.Exif)[ExifTags.Base.DateTimeOriginal] = f"{at:%Y:%m:%d %H:%M:%S}"
    exif.get_ifd(ExifTags.IFD.GPSInfo).update(
        {
            ExifTags.GPS.GPSLatitudeRef: "N",
            ExifTags.GPS.GPSLatitude: _degrees(where.lat),
            ExifTags.GPS.GPSLongitudeRef: "E",
            ExifTags.GPS.GPSLongitude: _degrees(where.lng),
        }
    )
    out = io.BytesIO()
    image.save(out, "JPEG", quality=90, exif=exif)
    path.write_bytes(out.getvalue())
    return path
