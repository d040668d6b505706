"""A picture on its way in: read in pieces into a temporary file, hashed and looked at; nothing is stored yet."""

import hashlib
import os
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from types import TracebackType
from typing import IO, Protocol

from django.conf import settings
from django.core.files.base import ContentFile, File
from django.core.files.storage import default_storage

from chuangwen.evidence.models import Photo
from chuangwen.evidence.pictures import Picture, read_picture
from chuangwen.rules.refusals import BadInput

PIECE = 256 * 1024  # bytes held in memory at a time


class Readable(Protocol):
    """An open file, or an upload of the web framework."""

    def read(self, size: int = ..., /) -> bytes: ...


@dataclass
class Arriving:
    """A sound picture in a temporary file. Closing it removes the file, and what it placed when no row came of it."""

    file: IO[bytes]
    sha256: str
    size: int
    picture: Picture
    placed: str = field(default="")

    @property
    def path(self) -> str:
        """Where pictures with this content belong in the store."""
        return f"photos/{self.sha256[:2]}/{self.sha256}.{self.picture.suffix}"

    def place(self) -> str:
        """Bring the file into the store, if its content is not there yet."""
        if not default_storage.exists(self.path):
            self.file.seek(0)
            self.placed = default_storage.save(self.path, File(self.file))
        return self.path

    def close(self, *, failed: bool = False) -> None:
        """Remove the temporary file; after a failure also what was placed for a row that does not exist."""
        self.file.close()
        if failed and self.placed and not Photo.objects.filter(sha256=self.sha256).exists():
            default_storage.delete(self.placed)

    def __enter__(self) -> "Arriving":
        return self

    def __exit__(self, kind: type[BaseException] | None, _error: object, _trace: TracebackType | None) -> None:
        self.close(failed=kind is not None)


def _pieces(source: bytes | Readable) -> Iterator[bytes]:
    reader: Readable = ContentFile(source) if isinstance(source, bytes) else source
    while piece := reader.read(PIECE):
        yield piece


def arriving(source: bytes | Readable) -> Arriving:
    """Read a picture in pieces and look at it; refuses what is too large, empty, damaged, or no photo."""
    with ExitStack() as stack:
        file = stack.enter_context(tempfile.TemporaryFile(prefix="chuangwen-", suffix=".photo"))
        digest, size = hashlib.sha256(), 0
        for piece in _pieces(source):
            size += len(piece)
            if size > settings.PHOTO_MAX_BYTES:
                raise BadInput(f"照片超过 {settings.PHOTO_MAX_BYTES // 1024 // 1024} MB，请缩小后再传。")
            digest.update(piece)
            file.write(piece)
        file.seek(0, os.SEEK_SET)
        found = Arriving(file, digest.hexdigest(), size, read_picture(file))
        stack.pop_all()
        return found
