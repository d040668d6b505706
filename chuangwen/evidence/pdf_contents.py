"""What is in a PDF besides its pages. One that runs something, carries files along or hides itself is refused.

Objects of a PDF stand in the open or in object streams (ISO 32000-1, 7.5.7), so both are read: names are compared after
their #xx escapes are taken off (7.3.5). Pictures and page contents are never searched: nothing can run from there.
Nothing is rendered and no outside program reads the file.
"""

import re
import zlib
from collections.abc import Iterator

from chuangwen.rules.refusals import BadInput

MOST_BYTES = 20 * 2**20
_MOST_INFLATED = 32 * 2**20  # of all object streams together
_HEAD = re.compile(rb"%PDF-(1\.[0-7]|2\.0)[\r\n ]")
_STREAM = re.compile(rb"stream\r?\n")
_ESCAPED = re.compile(rb"#([0-9a-fA-F]{2})")
_NAME_END = rb"(?=[\x00\t\n\x0c\r /<>\[\](){}%]|$)"
_TAIL = re.compile(rb"%%EOF[\x00\s]*$")
_COUNT = re.compile(rb"/Count\s+(\d{1,6})(?=[\s/>])")
_OTHERS: tuple[tuple[re.Pattern[bytes], str], ...] = tuple(
    (re.compile(rb"/(" + pattern + rb")" + _NAME_END), words)
    for pattern, words in (
        (rb"Encrypt", "加了密码或限制，没法核对内容。请去掉密码后再传"),
        (rb"JavaScript", "带脚本，不能收。请打印成新的 PDF，或拍照上传"),
        (rb"Launch", "会启动别的程序，不能收。请打印成新的 PDF，或拍照上传"),
        (rb"EmbeddedFiles?|Filespec|FileAttachment|Collection", "夹带了别的文件，不能收。请打印成新的 PDF，或拍照上传"),
        (rb"RichMedia|Screen|Movie|Rendition", "带音频、视频或动画，不能收。请打印成新的 PDF，或拍照上传"),
        (rb"XFA|AcroForm|SubmitForm|ImportData|ResetForm", "带可填写的表单，不能收。请打印成新的 PDF，或拍照上传"),
        (rb"GoToE|GoToR", "会打开别的文件，不能收。请打印成新的 PDF，或拍照上传"),
    )
)  # fmt: skip
# Too short to be looked for in packed bytes, where they stand by chance.
_SHORT = re.compile(rb"/(JS|EF)" + _NAME_END)
_FOREIGN = re.compile(rb"<script|<\?php|<html|<!doctype|PK\x03\x04|Rar!\x1a\x07|\x7fELF", re.IGNORECASE)


def pages_of_sound_pdf(data: bytes) -> int:
    """How many pages the file says it has (0 when it does not say). Raises BadInput with everything that is wrong."""
    if not _HEAD.match(data):
        raise BadInput("这不是 PDF 文件，或者文件头不对。扫描件只收 PDF 或照片。")
    if not _TAIL.search(data[-1024:]) or b"startxref" not in data[-2048:]:
        raise BadInput("PDF 没有传完，或者末尾带着别的内容。请重新导出后再传。")
    open_text, pages, left = bytearray(), 0, _MOST_INFLATED
    for text, packed in _parts(data):
        piece = _inflated(packed, left) if packed else b""
        left -= len(piece)
        plain = _unescaped(text + b"\n" + piece)
        open_text += plain + b"\n"
        pages = max([pages, *(int(count) for count in _COUNT.findall(plain))])
    # The long names are looked for everywhere: a string that pretends to begin a stream hides nothing.
    whole = _unescaped(data) + open_text
    found = [f"这个 PDF {words}。" for pattern, words in _OTHERS if pattern.search(whole)]
    if _SHORT.search(open_text) and not found:
        found.append("这个 PDF 带脚本或夹带了别的文件，不能收。请打印成新的 PDF，或拍照上传。")
    if _FOREIGN.search(open_text):
        found.append("这个 PDF 里夹着网页、压缩包或程序，不能收。请打印成新的 PDF，或拍照上传。")
    if found:
        raise BadInput(found)
    return pages


def _parts(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    """What stands in the open, in pieces, each with the object stream behind it (empty where it is none).

    A stream ends where its `endstream` stands: a wrong /Length cannot hide anything behind it.
    """
    at = 0
    while match := _STREAM.search(data, at):
        text = data[at : match.start()]
        end = data.find(b"endstream", match.end())
        if end < 0:
            raise BadInput("PDF 已损坏，打不开。请重新导出后再传。")
        near = _unescaped(text[text.rfind(b" obj") + 1 :])
        far = b"/First" in _unescaped(text)  # also when a string pretends to begin the object anew
        yield text, (data[match.end() : end] if _is_object_stream(near) or far else b"")
        at = end + len(b"endstream")
    yield data[at:], b""


def _is_object_stream(head: bytes) -> bool:
    """By its type or by the key that only object streams have; such a one must be packed in the way that we can read."""
    if not re.search(rb"/(ObjStm|First)" + _NAME_END, head):
        return False
    filters = set(re.findall(rb"/(\w+Decode|Crypt|Fl|AHx|A85|LZW|RL)" + _NAME_END, head))
    if filters - {b"FlateDecode"} or b"/Predictor" in head:
        raise BadInput("这个 PDF 的内容用少见的办法压缩，没法核对。请打印成新的 PDF，或拍照上传。")
    return True


def _inflated(packed: bytes, most: int) -> bytes:
    try:
        unpacker = zlib.decompressobj()
        found = unpacker.decompress(packed.lstrip(b"\r\n"), most + 1)
    except zlib.error:
        found = packed  # kept as it is: then it must be readable as it stands
    if len(found) > most:
        raise BadInput("这个 PDF 展开后太大，不能收。请打印成新的 PDF，或拍照上传。")
    return found


def _unescaped(text: bytes) -> bytes:
    return _ESCAPED.sub(lambda found: bytes([int(found[1], 16)]), text)
