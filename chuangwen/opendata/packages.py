"""The data package: tables as CSV and their description in one zip, written row by row into a file."""

import csv
import hashlib
import io
import json
import tempfile
import zipfile
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import IO, Any

from django.conf import settings
from django.core.files.base import File
from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models import Subquery

from chuangwen.cases.filters import ORIGINS
from chuangwen.journal.operations import record
from chuangwen.opendata.models import DataPackage
from chuangwen.opendata.published import criterion_words, published_cases, words_of
from chuangwen.places.models import Site
from chuangwen.rules.data_package import cell, description, header, tables
from chuangwen.rules.open311 import state_of
from chuangwen.rules.permissions import SYSTEM
from chuangwen.standards.models import Criterion, Edition, PointType

KEPT = 3  # packages; whoever downloads just now is not cut off
NAME, TITLE = "chuangwen-open-data", "文明创建开放数据"


def _cases() -> Iterator[tuple[Any, ...]]:
    words = criterion_words()
    rows = published_cases().select_related("site", "street", "unit", "standard").defer("title", "text", "reply")
    for case in rows.order_by("id").iterator(chunk_size=2000):
        yield (
            case.number, case.point_type, case.site.code if case.site else "", case.street.name if case.street else "",
            case.unit.name if case.unit else "", ORIGINS.get(case.origin_kind, ""), words_of(case, words), case.severity,
            case.flow_status.label, state_of(case.flow_status), _local(case.reported_at), _local(case.due_at),
            _local(case.rectified_at), _local(case.ended_at), case.rework_count,
        )  # fmt: skip


def _local(moment: datetime | None) -> datetime | None:
    return moment.astimezone() if moment else None


def _sites() -> Iterable[tuple[Any, ...]]:
    rows = Site.objects.order_by("code")  # also those no longer in use: cases name them
    names = ("code", "name", "point_type", "street__name", "address", "lng", "lat")
    return rows.values_list(*names).iterator(chunk_size=2000)


def _requirements() -> Iterable[tuple[Any, ...]]:
    current = Edition.objects.filter(published_at__isnull=False).order_by("-published_at").values("pk")[:1]
    rows = Criterion.objects.filter(edition=Subquery(current), method="field").order_by("position", "code")
    return rows.values_list("code", "point_type_id", "text", "severity")


def _point_types() -> Iterable[tuple[Any, ...]]:
    """Every type that a place has, also one that no edition names."""
    names = dict(PointType.objects.values_list("code", "name"))
    used = Site.objects.order_by().values_list("point_type", flat=True).distinct()
    return sorted({**{code: code for code in used}, **names}.items())


_ROWS = {"cases": _cases, "sites": _sites, "requirements": _requirements, "point_types": _point_types}


class _Measured(io.RawIOBase):
    """Counts and digests what passes through."""

    def __init__(self, below: IO[bytes]) -> None:
        self.below, self.size, self.digest = below, 0, hashlib.sha256()

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        piece = bytes(data)
        self.size += len(piece)
        self.digest.update(piece)
        return self.below.write(piece)


def _write(archive: zipfile.ZipFile, table: str) -> tuple[int, int, str]:
    """One table into the zip: its rows, bytes and digest."""
    count = 0
    with archive.open(f"{table}.csv", "w", force_zip64=True) as inside:
        measured = _Measured(inside)
        text = io.TextIOWrapper(io.BufferedWriter(measured), encoding="utf-8", newline="")
        writer = csv.writer(text)
        writer.writerow(header(table))
        for row in _ROWS[table]():
            writer.writerow([cell(value) for value in row])
            count += 1
        text.flush()
        found = count, measured.size, measured.digest.hexdigest()
        text.detach().detach()
    return found


def write_package(file: IO[bytes], *, now: datetime) -> dict[str, int]:
    """The zip into an open file. Returns the rows of each table."""
    rows: dict[str, int] = {}
    files: dict[str, tuple[int, str]] = {}
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as archive:
        for table in tables():
            rows[table], size, digest = _write(archive, table)
            files[table] = (size, digest)
        said = description(name=NAME, title=TITLE, made_at=now, home=settings.SITE_URL, files=files)
        archive.writestr("datapackage.json", json.dumps(said, ensure_ascii=False, indent=1))
    return rows


def make_package(*, now: datetime) -> DataPackage:
    """Make a package anew and let go of old ones. For the worker: it reads every public case."""
    with tempfile.TemporaryFile(prefix="chuangwen-", suffix=".zip") as file:
        rows = write_package(file, now=now)
        size = file.tell()
        file.seek(0)
        digest = hashlib.file_digest(file, "sha256").hexdigest()
        file.seek(0)
        path = default_storage.save(f"open-data/{NAME}-{now:%Y%m%d}-{digest[:8]}.zip", File(file))
    with transaction.atomic():
        made = DataPackage.objects.create(made_at=now, path=path, sha256=digest, size=size, rows=rows)
        record(
            kind="open_data.packed", subject_kind="data_package", subject_id=made.pk, by=SYSTEM, now=now, sha256=digest,
            rows=rows,
        )  # fmt: skip
    for old in DataPackage.objects.all()[KEPT:]:
        default_storage.delete(old.path)
        old.delete()
    return made


def open_package(package: DataPackage) -> IO[bytes]:
    """The bytes of a package."""
    found: IO[bytes] = default_storage.open(package.path)
    return found
