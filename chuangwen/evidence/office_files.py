"""Word documents and spreadsheets: looked into, then stored once by content beside the PDFs.

An office file is a zip (ECMA-376). One with macros, embedded objects or other files inside, with links that load from
elsewhere, or that unpacks to an absurd size is refused. Nothing in it is run or shown; pages offer it for download.
"""

import hashlib
import zipfile
import zlib
from datetime import datetime
from io import BytesIO
from typing import Final

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import transaction

from chuangwen.evidence.arriving import Readable
from chuangwen.evidence.models import Document
from chuangwen.journal.operations import record
from chuangwen.rules.permissions import Actor
from chuangwen.rules.refusals import BadInput

MOST_BYTES: Final = 20 * 2**20
_MOST_UNPACKED: Final = 120 * 2**20
_MOST_PARTS: Final = 3000
_MAIN: Final = {"word/document.xml": "docx", "xl/workbook.xml": "xlsx"}
_FOREIGN: Final = (".exe", ".dll", ".js", ".vbs", ".bat", ".ps1", ".jar", ".html", ".htm", ".zip", ".ole")
_WAY_OUT: Final = "请另存为普通的 .docx、.xlsx，或打印成 PDF 再交。"


def suffix_of_sound_office_file(content: bytes) -> str:
    """docx or xlsx. Raises BadInput with everything that is wrong."""
    try:
        with zipfile.ZipFile(BytesIO(content)) as package:
            return _suffix(package)
    except (
        zipfile.BadZipFile,
        zlib.error,
        OSError,
        EOFError,
        ValueError,
        RuntimeError,
        NotImplementedError,
    ) as trouble:
        if isinstance(trouble, BadInput):
            raise
        raise BadInput(f"文件已损坏，打不开。{_WAY_OUT}") from trouble


def _suffix(package: zipfile.ZipFile) -> str:
    parts = package.infolist()
    names = [part.filename.lower() for part in parts]
    suffix = next((suffix for name, suffix in _MAIN.items() if name in names), "")
    if not suffix or "[content_types].xml" not in names:
        raise BadInput("这是压缩包，不是 Word 文档或表格。请把里面的文件逐个交上来。")
    if len(parts) > _MOST_PARTS or sum(part.file_size for part in parts) > _MOST_UNPACKED:
        raise BadInput(f"文件展开后太大，不能收。{_WAY_OUT}")
    found = []
    if any(name.endswith("vbaproject.bin") for name in names) or b"macroEnabled" in package.read("[Content_Types].xml"):
        found.append(f"文件带有宏，不能收。{_WAY_OUT}")
    if any("/embeddings/" in name or "/activex/" in name or name.endswith(_FOREIGN) for name in names):
        found.append(f"文件里夹带了别的文件，不能收。{_WAY_OUT}")
    if any(_loads_from_elsewhere(package.read(part)) for part in parts if part.filename.lower().endswith(".rels")):
        found.append(f"文件会从外面载入内容，不能收。{_WAY_OUT}")
    if found:
        raise BadInput(found)
    return suffix


def _loads_from_elsewhere(relations: bytes) -> bool:
    """Targets outside the file; a hyperlink is only text until somebody clicks it."""
    outside = (piece for piece in relations.split(b"<Relationship ") if b'TargetMode="External"' in piece)
    return any(b"/hyperlink" not in piece for piece in outside)


@transaction.atomic
def store_office_file(*, data: bytes | Readable, by: Actor, now: datetime) -> Document:
    """Keep a Word document or spreadsheet once by its content; the same bytes again give the same row."""
    content = data if isinstance(data, bytes) else data.read(MOST_BYTES + 1)
    if len(content) > MOST_BYTES:
        raise BadInput(f"文件超过 {MOST_BYTES // 2**20} MB，请压缩里面的图片或拆开后再传。")
    suffix = suffix_of_sound_office_file(content)
    digest = hashlib.sha256(content).hexdigest()
    path = f"documents/{digest[:2]}/{digest}.{suffix}"
    document, new = Document.objects.get_or_create(
        sha256=digest, defaults={"path": path, "size": len(content), "stored_by_id": by.user_id, "stored_at": now}
    )
    if new:
        record(kind="document.stored", subject_kind="document", subject_id=document.pk, by=by, now=now, sha256=digest)
    if not default_storage.exists(path):
        default_storage.save(path, ContentFile(content))
    return document
