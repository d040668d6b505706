"""PDF files: looked into, stored once by content, shown as what they are."""

import hashlib
from collections.abc import Iterable
from datetime import datetime
from typing import IO

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import transaction

from chuangwen.evidence.arriving import Readable
from chuangwen.evidence.models import Document
from chuangwen.evidence.pdf_contents import MOST_BYTES, pages_of_sound_pdf
from chuangwen.journal.operations import record
from chuangwen.rules.permissions import Actor
from chuangwen.rules.refusals import BadInput


@transaction.atomic
def store_document(*, data: bytes | Readable, by: Actor, now: datetime) -> Document:
    """Keep a PDF once by its content; the same bytes again give the same row. Raises BadInput for what is no plain PDF."""
    content = data if isinstance(data, bytes) else data.read(MOST_BYTES + 1)
    if len(content) > MOST_BYTES:
        raise BadInput(f"PDF 超过 {MOST_BYTES // 2**20} MB，请压缩或拆开后再传。")
    pages = pages_of_sound_pdf(content)
    digest = hashlib.sha256(content).hexdigest()
    path = f"documents/{digest[:2]}/{digest}.pdf"
    document, new = Document.objects.get_or_create(
        sha256=digest,
        defaults={"path": path, "size": len(content), "pages": pages, "stored_by_id": by.user_id, "stored_at": now},
    )
    if new:
        record(kind="document.stored", subject_kind="document", subject_id=document.pk, by=by, now=now, sha256=digest)
    if not default_storage.exists(path):
        default_storage.save(path, ContentFile(content))
    return document


def open_document(document: Document) -> IO[bytes]:
    """The bytes."""
    return default_storage.open(document.path)


def documents_by_id(document_ids: Iterable[int]) -> list[Document]:
    """The documents with these ids, those that exist, in the order asked for. Who may have them is for the caller to
    know.
    """
    wanted = list(dict.fromkeys(document_ids))
    found = Document.objects.in_bulk(wanted) if wanted else {}
    return [found[pk] for pk in wanted if pk in found]
