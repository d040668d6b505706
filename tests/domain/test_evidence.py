"""Photos come in: once by content, in pieces, nothing dangerous, nothing half stored."""

import io
import struct
import zipfile
import zlib
from pathlib import Path
from typing import Any

import pillow_heif
import pytest
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from PIL import Image

from chuangwen.evidence.arriving import arriving
from chuangwen.evidence.models import INDEX_COLUMNS, Photo, PhotoPrint, Upload
from chuangwen.evidence.operations import make_print, make_thumbnail, store_photo, stored_photos
from chuangwen.evidence.pictures import MAX_SIDE
from chuangwen.evidence.queries import known_photos, open_photo
from chuangwen.journal.models import Event
from chuangwen.rules.permissions import SYSTEM
from chuangwen.rules.refusals import BadInput, NotFound
from tests.pictures import jpeg, scene
from tests.world import NOW, World, picture


def files() -> list[str]:
    root = Path(default_storage.path(""))
    return sorted(path.relative_to(root).as_posix() for path in root.rglob("*") if path.is_file())


def heic(image: Image.Image) -> bytes:
    out = io.BytesIO()
    pillow_heif.from_pillow(image).save(out, quality=70)
    return out.getvalue()


def saved(image: Image.Image, kind: str, **more: Any) -> bytes:
    out = io.BytesIO()
    image.save(out, kind, **more)
    return out.getvalue()


def png_of(width: int, height: int) -> bytes:
    """A PNG that claims a size and holds one packed row of zeros: small to send, huge to unpack."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(bytes(4096))) + chunk(b"IEND", b"")
    )


def archive() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as book:
        book.writestr("x.html", "<script>alert(1)</script>")
    return out.getvalue()


def with_comment(data: bytes, words: bytes) -> bytes:
    return data[:2] + b"\xff\xfe" + struct.pack(">H", len(words) + 2) + words + data[2:]


PHOTO = picture("red")
FRAMES = [Image.new("RGB", (40, 40), colour) for colour in ("red", "green")]
REFUSED: dict[str, tuple[bytes, str]] = {
    "nothing": (b"", "照片是空的"),
    "words": (b"no picture at all", "不是完整的照片"),
    "cut short": (jpeg(scene("street", 0))[:60_000], "不是完整的照片"),
    "only the first bytes": (PHOTO[:20], "不是完整的照片"),
    "svg": (b'<?xml version="1.0"?>\n<svg xmlns="http://www.w3.org/2000/svg"><script/></svg>', "SVG 图形"),
    "web page": (b"<!DOCTYPE html><html><body>x</body></html>", "网页或脚本"),
    "php": (b"<?php system('id'); ?>", "网页或脚本"),
    "archive": (archive(), "压缩包"),
    "pdf": (b"%PDF-1.7\n1 0 obj", "PDF 文档"),
    "program": (b"MZ\x90\x00" + bytes(200), "程序"),
    "video": (b"\x00\x00\x00\x18ftypisom" + bytes(64), "视频"),
    "gif": (saved(FRAMES[0], "GIF"), "GIF 动画"),
    "bmp": (saved(FRAMES[0], "BMP"), "BMP 图片"),
    "tiff": (saved(FRAMES[0], "TIFF"), "TIFF 图片"),
    "moving png": (saved(FRAMES[0], "PNG", save_all=True, append_images=FRAMES[1:]), "这是动画"),
    "moving webp": (saved(FRAMES[0], "WEBP", save_all=True, append_images=FRAMES[1:]), "这是动画"),
    "photo and archive": (PHOTO + archive(), "还带着别的内容"),
    "photo and web page": (PHOTO + b"\n<html><script>alert(1)</script></html>", "还带着别的内容"),
    "script in a comment": (with_comment(PHOTO, b"<?php eval($_GET[0]); ?>"), "还带着别的内容"),
    "script in png words": (
        saved(FRAMES[0], "PNG").replace(b"IDAT", b"IDAT", 1)[:33]
        + struct.pack(">I", 16) + b"tEXt" + b"a\x00<script>x()</s" + bytes(4) + saved(FRAMES[0], "PNG")[33:],
        "还带着别的内容",
    ),
    "web page behind two pictures": (
        saved(FRAMES[0], "MPO", save_all=True, append_images=FRAMES[1:]) + bytes(9) + b"<svg onload=x>", "还带着别的内容",
    ),
    "archive behind webp": (saved(FRAMES[0], "WEBP") + archive(), "还带着别的内容"),
    "archive behind heic": (heic(FRAMES[0].resize((64, 64))) + archive(), "还带着别的内容"),
    "too many pixels": (png_of(60_000, 60_000), "像素过大"),
    "too long": (png_of(MAX_SIDE + 1, 10), "像素过大"),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_no_photo_is_refused_by_its_content_and_leaves_nothing(world: World, name: str) -> None:
    data, words = REFUSED[name]
    with pytest.raises(BadInput) as refused:
        store_photo(data=data, by=world.actor("inspector"), now=NOW)
    assert words in "".join(refused.value.objections)
    assert not Photo.objects.exists()
    assert not files()


def test_a_file_over_the_limit_is_read_no_further_than_the_limit(world: World, settings: Any) -> None:
    settings.PHOTO_MAX_BYTES = 1024 * 1024
    asked: list[int] = []

    class Endless:
        def read(self, size: int = -1, /) -> bytes:
            asked.append(size)
            return bytes(size)

    with pytest.raises(BadInput, match="超过 1 MB"):
        store_photo(data=Endless(), by=world.actor("inspector"), now=NOW)
    assert sum(asked) <= 1024 * 1024 + 256 * 1024
    assert not Photo.objects.exists()
    assert not files()


@pytest.mark.parametrize(
    ("name", "data", "media_type"),
    [
        ("photo.jpg", PHOTO, "image/jpeg"),
        ("photo.exe", PHOTO, "image/jpeg"),
        ("x.png", saved(FRAMES[0], "PNG"), "image/png"),
        ("x.webp", saved(FRAMES[0], "WEBP"), "image/webp"),
        ("IMG_1.HEIC", heic(Image.new("RGB", (64, 48), "green")), "image/heic"),
        ("two.jpg", saved(FRAMES[0], "MPO", save_all=True, append_images=FRAMES[1:]), "image/jpeg"),
        ("padded.jpg", PHOTO + bytes(512), "image/jpeg"),
        ("noted.jpg", with_comment(PHOTO, b"Lavc58.54.100"), "image/jpeg"),
    ],
)
def test_a_photo_is_taken_whatever_its_name(world: World, name: str, data: bytes, media_type: str) -> None:
    photo = store_photo(data=SimpleUploadedFile(name, data), by=world.actor("inspector"), now=NOW)
    assert (photo.media_type, photo.size) == (media_type, len(data))
    with default_storage.open(photo.path) as kept:
        assert kept.read() == data  # the original, byte for byte


def test_an_iphone_photo_is_kept_and_shown_as_jpeg(world: World) -> None:
    data = heic(scene("street", 3).resize((640, 480)))
    photo = store_photo(data=data, by=world.actor("inspector"), now=NOW)
    before, media_type = open_photo(photo, small=False)
    assert media_type == "image/jpeg"
    assert before.read(3) == b"\xff\xd8\xff"
    assert make_thumbnail(photo_id=photo.pk)
    assert not make_thumbnail(photo_id=photo.pk)
    photo.refresh_from_db()
    for small, width in ((True, 480), (False, 640)):
        with open_photo(photo, small=small)[0] as file, Image.open(file) as shown:
            assert (shown.format, shown.width) == ("JPEG", width)
    assert make_print(photo_id=photo.pk)


def test_the_same_bytes_are_one_photo_and_one_event(world: World) -> None:
    first, again = (store_photo(data=PHOTO, by=world.actor("inspector"), now=NOW) for _ in range(2))
    other = store_photo(data=PHOTO, by=world.actor("inspector2"), now=NOW)
    assert first.pk == again.pk == other.pk
    assert len(files()) == 1
    assert Event.objects.filter(kind="photo.stored").count() == 1
    assert [upload.user_id for upload in Upload.objects.all()] == [world.actor("inspector2").user_id]
    for who in ("inspector", "inspector2"):
        assert known_photos([first.pk], by=world.actor(who))
    with pytest.raises(NotFound):
        known_photos([first.pk], by=world.actor("wy_worker"))


def test_a_new_photo_costs_two_statements_and_a_repeated_one_costs_one(world: World) -> None:
    by = world.actor("inspector")
    for most in (2, 1):
        with CaptureQueriesContext(connection) as captured:
            store_photo(data=PHOTO, by=by, now=NOW)
        real = [
            row["sql"] for row in captured if not row["sql"].startswith(("SAVEPOINT", "RELEASE", "BEGIN", "COMMIT"))
        ]
        assert len(real) == most, real


def test_what_is_rolled_back_leaves_no_file(world: World) -> None:
    by = world.actor("inspector")

    def fail() -> None:
        with arriving(PHOTO) as photo, transaction.atomic():
            stored_photos(photos=[photo], by=by, now=NOW)
            raise RuntimeError("the rest went wrong")

    with pytest.raises(RuntimeError):
        fail()
    assert not Photo.objects.exists()
    assert not files()


def test_a_failure_does_not_take_away_what_others_stored(world: World) -> None:
    kept = store_photo(data=PHOTO, by=world.actor("inspector2"), now=NOW)
    failed = arriving(PHOTO)
    failed.place()
    failed.close(failed=True)
    assert files() == [kept.path]


def test_photos_keep_the_order_of_the_submission(world: World) -> None:
    by = world.actor("inspector")
    known = store_photo(data=PHOTO, by=by, now=NOW)
    with arriving(picture("blue")) as blue, arriving(PHOTO) as again:
        found = stored_photos(photos=[blue, known.pk, again], by=by, now=NOW)
    assert [photo.sha256 for photo in found] == [blue.sha256, known.sha256]


def test_the_print_is_made_once_and_a_dull_picture_gets_no_place_in_the_index(world: World) -> None:
    dull, lively = (store_photo(data=data, by=SYSTEM, now=NOW) for data in (PHOTO, jpeg(scene("market", 1))))
    for photo in (dull, lively):
        assert make_print(photo_id=photo.pk)
        assert not make_print(photo_id=photo.pk)
    rows = {row.photo_id: row for row in PhotoPrint.objects.all()}
    assert (rows[dull.pk].quality, getattr(rows[dull.pk], INDEX_COLUMNS[0])) == (0, None)
    assert rows[lively.pk].quality > 90
    assert getattr(rows[lively.pk], INDEX_COLUMNS[-1]) is not None


@pytest.fixture
def sideways() -> bytes:
    image = scene("corridor", 4)
    exif = Image.Exif()
    exif[0x0112] = 6
    return jpeg(image.rotate(90, expand=True), exif=exif)


def test_a_photo_turned_by_its_exif_looks_like_the_upright_one(world: World, sideways: bytes) -> None:
    upright = store_photo(data=jpeg(scene("corridor", 4)), by=SYSTEM, now=NOW)
    turned = store_photo(data=sideways, by=SYSTEM, now=NOW)
    for photo in (upright, turned):
        make_print(photo_id=photo.pk)
    one, other = (bytes(PhotoPrint.objects.get(pk=photo.pk).pdq) for photo in (upright, turned))
    assert (int.from_bytes(one) ^ int.from_bytes(other)).bit_count() <= 4
