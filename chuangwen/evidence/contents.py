"""What is in a file besides a picture. A photo that is also a web page, an archive or a program is refused.

Kinds are told by the first bytes. Hidden contents are looked for only where a picture format lets strangers write:
comments and metadata before the pixels, and everything behind the end of the picture. Pixels are never searched, so
a photo is not refused by chance.
"""

import re
from collections.abc import Iterator
from typing import IO

from chuangwen.rules.refusals import BadInput

_HEAD = 64
_MOST_METADATA = 4 * 1024 * 1024  # bytes searched before the pixels; the largest real ones are colour profiles
_MOST_PICTURES = 8  # in one file
_MOST_TRAILER = 1024 * 1024  # bytes searched behind the end

_KINDS: tuple[tuple[re.Pattern[bytes], str], ...] = tuple(
    (re.compile(pattern, re.DOTALL | re.IGNORECASE), name)
    for pattern, name in (
        (rb"GIF8", "GIF 动画"),
        (rb"BM", "BMP 图片"),
        (rb"II\*\x00|MM\x00\*", "TIFF 图片"),
        (rb"%PDF-", "PDF 文档"),
        (rb"PK\x03\x04|PK\x05\x06|Rar!|7z\xbc\xaf|\x1f\x8b|BZh|\xfd7zXZ", "压缩包或 Office 文档"),
        (rb"\xd0\xcf\x11\xe0", "Office 文档"),
        (rb"MZ|\x7fELF|#!", "程序"),
        (rb"....ftyp(isom|iso2|mp4|avc1|qt  |M4V|3gp)", "视频"),
        (rb"\x1aE\xdf\xa3|RIFF....AVI ", "视频"),
        (rb"ID3|RIFF....WAVE|OggS", "音频"),
        (rb"\s*(<\?xml.{0,40})?\s*(<!--.{0,40}-->)?\s*<svg", "SVG 图形"),
        (rb"\s*<(!doctype|html|head|body|script|\?php|\?xml)", "网页或脚本"),
    )
)
_PHOTO = re.compile(
    rb"\xff\xd8\xff|\x89PNG\r\n\x1a\n|RIFF....WEBP|....ftyp(heic|heix|hevc|heim|heis|hevm|hevs|mif1|msf1)", re.DOTALL
)
_HIDDEN = re.compile(
    rb"<script|<\?php|<html|<svg[\s>]|<!doctype|<iframe|javascript:|PK\x03\x04|PK\x05\x06|Rar!\x1a\x07|%PDF-|\x7fELF",
    re.IGNORECASE,
)
_PROGRAM = re.compile(rb"MZ.{58,1024}PE\x00\x00", re.DOTALL)


def refuse_other_contents(file: IO[bytes]) -> None:
    """Refuses an empty file, one that begins as something else, and a picture that carries something else along."""
    file.seek(0)
    head = file.read(_HEAD)
    if not head:
        raise BadInput("照片是空的，请重新拍摄或选择。")
    if not _PHOTO.match(head):
        named = next((name for pattern, name in _KINDS if pattern.match(head)), "")
        if not named:
            raise BadInput(
                "这个文件不是完整的照片，可能没有传完、已损坏，或不是照片。请重新拍摄或选择（JPEG、PNG、WebP 或 HEIC）。"
            )
        raise BadInput(f"这是{named}，不是照片。只收 JPEG、PNG、WebP 或 HEIC 照片。请用相机重新拍摄，或转换后再传。")
    for strange in _strangers_writing(file, head):
        if _HIDDEN.search(strange) or _PROGRAM.match(strange):
            raise BadInput(
                "这个文件除了照片还带着别的内容（网页、压缩包或程序），不能收。请用相机重新拍摄，或截一张图再传。"
            )


def _strangers_writing(file: IO[bytes], head: bytes) -> Iterator[bytes]:
    """The parts that are no pixels, in pieces that fit in memory."""
    if head.startswith(b"\xff\xd8"):
        yield from _in_jpeg(file)
    elif head.startswith(b"\x89PNG"):
        yield from _in_png(file)
    elif head.startswith(b"RIFF"):
        yield from _in_webp(file)
    else:
        yield from _in_boxes(file)


def _trailer(file: IO[bytes]) -> Iterator[bytes]:
    yield file.read(_MOST_TRAILER).lstrip(b"\x00")
    tail = file.read()
    if tail:
        yield tail[-_MOST_TRAILER:]


def _in_jpeg(file: IO[bytes]) -> Iterator[bytes]:
    """The segments before the pixels, then what follows the end marker: more pictures, as phones store light maps and
    previews, are read the same way.
    """
    file.seek(2)
    for _ in range(_MOST_PICTURES):
        yield from _segments(file)
        _skip_pixels(file)
        here = file.tell()
        behind = file.read(4096)
        padding = len(behind) - len(behind.lstrip(b"\x00"))
        if behind[padding : padding + 2] != b"\xff\xd8":
            file.seek(here)
            break
        file.seek(here + padding + 2)
    yield from _trailer(file)


def _segments(file: IO[bytes]) -> Iterator[bytes]:
    """Metadata and comments up to the pixels."""
    searched = 0
    while True:
        marker = file.read(4)
        if len(marker) < 4 or marker[0] != 0xFF or marker[1] in {0xD9, 0xDA}:
            break
        length = max(int.from_bytes(marker[2:]) - 2, 0)
        segment = file.read(length)
        searched += length
        if searched <= _MOST_METADATA and (0xE0 <= marker[1] <= 0xEF or marker[1] == 0xFE):
            yield segment


def _skip_pixels(file: IO[bytes]) -> None:
    before = b""
    while piece := file.read(65536):
        joined = before + piece
        end = joined.find(b"\xff\xd9")  # inside the pixels every 0xFF is followed by 0x00 or a restart marker
        if end >= 0:
            file.seek(end + 2 - len(joined), 1)
            return
        before = joined[-1:]


def _in_png(file: IO[bytes]) -> Iterator[bytes]:
    """Every chunk but the pixels, then what follows the last one."""
    file.seek(8)
    searched = 0
    while len(begin := file.read(8)) == 8:
        length, kind = int.from_bytes(begin[:4]), begin[4:]
        if kind == b"IDAT" or searched + length > _MOST_METADATA:
            file.seek(length, 1)
        else:
            yield file.read(length)
            searched += length
        file.seek(4, 1)
        if kind == b"IEND":
            break
    yield from _trailer(file)


def _in_webp(file: IO[bytes]) -> Iterator[bytes]:
    file.seek(4)
    end = 8 + int.from_bytes(file.read(4), "little")
    file.seek(12)
    while len(begin := file.read(8)) == 8 and file.tell() <= end:
        length = int.from_bytes(begin[4:], "little")
        if begin[:4] in {b"EXIF", b"XMP ", b"ICCP"} and length <= _MOST_METADATA:
            yield file.read(length)
            file.seek(length % 2, 1)
        else:
            file.seek(length + length % 2, 1)
    file.seek(end)
    yield from _trailer(file)


def _in_boxes(file: IO[bytes]) -> Iterator[bytes]:
    """HEIC: every top-level box but the one with the pixels; what is no box is searched too."""
    file.seek(0)
    while len(begin := file.read(8)) == 8:
        length, kind = int.from_bytes(begin[:4]), begin[4:]
        if kind in {b"mdat", b"idat"}:
            wide = int.from_bytes(file.read(8)) - 16 if length == 1 else length - 8
            if length == 0:
                return
            file.seek(max(wide, 0), 1)
        elif 8 <= length <= _MOST_METADATA and kind.isalnum():
            yield file.read(length - 8)
        else:
            yield begin
            yield from _trailer(file)
            return
