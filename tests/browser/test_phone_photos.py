"""A photo on the phone becomes small and keeps what it says of its time, its place and its program; a strange file stays itself."""

import base64
import io
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from PIL import ExifTags, Image
from playwright.sync_api import Page

from chuangwen.rules.deadlines import SHANGHAI
from tests.browser.conftest import Arrive
from tests.browser.people import PHONE
from tests.browser.photos import Spot, take

pytestmark = pytest.mark.browser

LARGEST = 400 * 1024
PREPARE = """async ([name, type, content]) => {
  const { prepared } = await import("/static/app/field/photos.js");
  const bytes = Uint8Array.from(atob(content), (letter) => letter.charCodeAt(0));
  const made = await prepared(new File([bytes], name, { type }));
  const out = new Uint8Array(await made.blob.arrayBuffer());
  let text = "";
  for (const byte of out) text += String.fromCharCode(byte);
  return { name: made.name, shrunk: made.shrunk, exif: made.exif, content: btoa(text) };
}"""


@pytest.fixture
def page(people: Arrive) -> Page:
    """Any page of ours."""
    visitor = people(PHONE)
    visitor.go("/")
    return visitor.page


def prepared(page: Page, name: str, media_type: str, content: bytes) -> tuple[dict[str, Any], bytes]:
    """What the phone would send for this file."""
    made = page.evaluate(PREPARE, [name, media_type, base64.b64encode(content).decode()])
    return made, base64.b64decode(made["content"])


def lying(path: Path) -> bytes:
    """The same photo as a camera held upright stores it: turned, with a note to turn it back."""
    with Image.open(path) as image:
        exif = image.getexif()
        exif[ExifTags.Base.Orientation] = 6
        exif[ExifTags.Base.Software] = "相机 1.0"
        out = io.BytesIO()
        image.save(out, "JPEG", quality=95, exif=exif)
    return out.getvalue()


def test_a_large_photo_fits_stands_upright_and_keeps_time_place_and_program(page: Page, tmp_path: Path) -> None:
    moment = datetime.now(SHANGHAI).replace(microsecond=0) - timedelta(days=1)
    original = lying(take(tmp_path / "a.jpg", at=moment, where=Spot(120.868581, 31.989357), littered=True))
    made, content = prepared(page, "a.jpg", "image/jpeg", original)
    assert made["shrunk"] is True
    assert len(content) <= LARGEST
    with Image.open(io.BytesIO(content)) as small, Image.open(io.BytesIO(original)) as large:
        assert small.size == (1200, 1600)
        kept, was = small.getexif(), large.getexif()
        assert kept[ExifTags.Base.Orientation] == 1
        assert kept[ExifTags.Base.Software] == was[ExifTags.Base.Software]
        assert kept.get_ifd(ExifTags.IFD.GPSInfo) == was.get_ifd(ExifTags.IFD.GPSInfo)
        taken = kept.get_ifd(ExifTags.IFD.Exif)[ExifTags.Base.DateTimeOriginal]
        assert taken == f"{moment:%Y:%m:%d %H:%M:%S}"


def test_a_noisy_photo_loses_quality_until_it_fits(page: Page) -> None:
    out = io.BytesIO()
    Image.effect_noise((1700, 1300), 120).convert("RGB").save(out, "JPEG", quality=95)
    made, content = prepared(page, "b.jpg", "image/jpeg", out.getvalue())
    assert (made["shrunk"], made["exif"]) == (True, False)
    assert len(content) <= LARGEST


@pytest.mark.parametrize(
    ("name", "media_type", "content"),
    [("c.heic", "image/heic", b"\0\0\0\x18ftypheic" + b"\0" * 200), ("d.jpg", "image/jpeg", b"\xff\xd8\xff\xe1\xff")],
)
def test_what_the_phone_cannot_read_goes_to_the_server_as_it_is(
    page: Page, name: str, media_type: str, content: bytes
) -> None:
    made, sent = prepared(page, name, media_type, content)
    assert (made["name"], made["shrunk"], sent) == (name, False, content)


def test_a_photo_whose_notes_are_cut_off_is_still_a_photo(page: Page, tmp_path: Path) -> None:
    whole = take(tmp_path / "e.jpg", at=datetime.now(SHANGHAI), where=Spot(120.8, 31.9), littered=False).read_bytes()
    at = whole.index(b"Exif") - 2
    broken = whole[: at + 12] + b"\xff\xff\xff\xff" + whole[at + 16 :]  # its list of notes lies far outside of it
    made, content = prepared(page, "e.jpg", "image/jpeg", broken)
    assert made["shrunk"] is True
    with Image.open(io.BytesIO(content)) as small:
        assert max(small.size) == 1600
