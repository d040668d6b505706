"""Reading what was handed in, in the worker: the text, the dates, the picture; and who else handed in the same text.

Files were looked into when they arrived (evidence/pdf_contents.py, evidence/office_files.py); a file that a reader cannot
read is said to be unreadable and left to the reviewer, it is never dropped.
"""

import io
import logging
import warnings
from datetime import datetime
from typing import IO, Any

import docx
import numpy as np
import openpyxl
import pypdf
from django.core.files.storage import default_storage
from django.db import transaction
from PIL import Image, ImageOps

from chuangwen.declarations.models import CheckFinding, Drive, TextBand, Version
from chuangwen.journal.operations import record
from chuangwen.rules.deadlines import SHANGHAI
from chuangwen.rules.material_checks import Ask, FileFacts, Finding, Form, Grade, check_file
from chuangwen.rules.near_texts import ALIKE, bands, likeness, signature
from chuangwen.rules.permissions import SYSTEM
from chuangwen.rules.picture_quality import looks_stamped, sharpness

MOST_PAGES, MOST_SIGNS, MOST_ROWS = 80, 200_000, 3000
SIDE = 1400  # pixels: at this size blur and stamps are measured, so that large pictures count like small ones
_FORMS = {"pdf": Form.PDF, "docx": Form.WORD, "xlsx": Form.SHEET}
_CANNOT_READ = (ValueError, KeyError, TypeError, AttributeError, IndexError, OSError, EOFError, RecursionError,
                ArithmeticError, NotImplementedError, pypdf.errors.PyPdfError, MemoryError)  # fmt: skip
logging.getLogger("pypdf").setLevel(logging.ERROR)  # its remarks on odd files are no concern of the log


def _pdf(file: IO[bytes]) -> FileFacts:
    reader = pypdf.PdfReader(file, strict=False)
    pages = len(reader.pages)
    texts, signs = [], 0
    for place in range(min(pages, MOST_PAGES)):
        text = reader.pages[place].extract_text() if signs < MOST_SIGNS else ""
        signs += len(text)
        texts.append(text)
    return FileFacts(Form.PDF, pages, tuple(texts))


def _word(file: IO[bytes]) -> FileFacts:
    paper = docx.Document(file)
    cells = (cell.text for table in paper.tables for row in table.rows[:MOST_ROWS] for cell in row.cells)
    text = "\n".join((*(part.text for part in paper.paragraphs), *cells))[:MOST_SIGNS]
    return FileFacts(Form.WORD, 0 if not text.strip() else 1, (text,))


def _sheet(file: IO[bytes]) -> FileFacts:
    book = openpyxl.load_workbook(file, read_only=True, data_only=True)
    lines: list[str] = []
    for sheet in book.worksheets:
        for row in sheet.iter_rows(max_row=MOST_ROWS, max_col=200, values_only=True):
            lines.append(" ".join(_shown(cell) for cell in row if cell is not None))
    text = "\n".join(line for line in lines if line)[:MOST_SIGNS]
    return FileFacts(Form.SHEET, len(book.worksheets) if text else 0, (text,))


def _shown(cell: Any) -> str:
    return cell.date().isoformat() if isinstance(cell, datetime) else str(cell)


def _picture(version: Version) -> FileFacts:
    photo = version.photo
    assert photo is not None
    with default_storage.open(photo.path) as file, Image.open(file) as picture:
        grey = ImageOps.exif_transpose(picture).convert("L")
        grey.thumbnail((SIDE, SIDE))
        pixels = np.asarray(grey)
    share = photo.size / (photo.width * photo.height)  # of a PNG it says nothing: it loses nothing
    return FileFacts(
        Form.PICTURE, width=photo.width, height=photo.height, bytes_each_pixel=share if photo.media_type != "image/png" else None,
        sharpness=sharpness(pixels), stamp=looks_stamped(pixels),
        taken_on=photo.taken_at.astimezone(SHANGHAI).date() if photo.taken_at else None,
    )  # fmt: skip


def facts_of(version: Version) -> FileFacts:
    """What the file says. One that cannot be read says so."""
    if version.photo is not None:
        form, read = Form.PICTURE, None
    else:
        form = _FORMS[version.suffix]
        read = {Form.PDF: _pdf, Form.WORD: _word, Form.SHEET: _sheet}[form]
    try:
        if read is None or version.document is None:
            return _picture(version)
        with default_storage.open(version.document.path) as file, warnings.catch_warnings():
            warnings.simplefilter("ignore")  # what a reader grumbles about in a strange file is not ours
            return read(io.BytesIO(file.read()))
    except _CANNOT_READ:
        return FileFacts(form, unreadable=True)


def _alike(version: Version, found: tuple[int, ...]) -> tuple[Finding, Version] | None:
    """The text of another unit, or of another piece of this one, that is most like this."""
    values = bands(found)
    if not values:
        return None
    same_piece = Version.objects.filter(piece=version.piece_id).values("pk")
    drive = version.piece.requirement.drive_id
    near = TextBand.objects.filter(value__in=values, version__piece__requirement__drive=drive)
    ids = list(near.exclude(version__in=same_piece).values_list("version", flat=True).distinct()[:200])
    others = Version.objects.filter(pk__in=ids).select_related("piece__requirement__unit")
    rated = [(likeness(found, other.signature), -other.pk, other) for other in others]
    if not rated or max(rated)[0] < ALIKE:
        return None
    share, _, other = max(rated, key=lambda one: one[:2])
    asked = other.piece.requirement
    words = f"文字和{asked.unit.name if asked.unit else '另一单位'}的“{other.piece.title}”（{asked.number}）约 {share:.0%} 相同。"
    same_unit = asked.unit_id == version.piece.requirement.unit_id
    return Finding("alike", Grade.HINT if same_unit else Grade.OBJECTION, words), other


def _tell_the_other(version: Version, finding: Finding, other: Version) -> None:
    """Who handed in first learns of the copy too."""
    asked = version.piece.requirement
    words = f"{asked.unit.name if asked.unit else '另一单位'}后来交的“{version.piece.title}”（{asked.number}）和这份文字大部分相同。"
    row = CheckFinding(version=other, code=finding.code, grade=finding.grade.value, text=words[:300], other=version)
    CheckFinding.objects.bulk_create([row], ignore_conflicts=True)


def check_version(*, version_id: int, now: datetime) -> bool:
    """Read a version and put down everything that is seen of it. Repeatable; returns whether there was something to do."""
    rows = Version.objects.select_related("photo", "document", "piece__requirement__unit")
    version = rows.filter(pk=version_id, checked_at=None).first()
    if version is None:
        return False
    facts = facts_of(version)
    requirement = version.piece.requirement
    found = [
        (one, None) for one in check_file(facts, Ask(requirement.material_kind, requirement.window), version.said_on)
    ]
    marks = signature(facts.text)
    with transaction.atomic():
        locked = Version.objects.select_for_update().filter(pk=version_id, checked_at=None).first()
        if locked is None:
            return False
        Drive.objects.select_for_update().get(pk=requirement.drive_id)  # two copies at once see one another
        alike = _alike(version, marks)
        rows_found = [*found, *([alike] if alike else [])]
        CheckFinding.objects.bulk_create(
            [
                CheckFinding(version=version, code=one.code, grade=one.grade.value, text=one.text[:300], other=other)
                for one, other in rows_found
            ],
            ignore_conflicts=True,
        )
        if alike:
            _tell_the_other(version, *alike)
        TextBand.objects.bulk_create([TextBand(version=version, value=value) for value in bands(marks)])
        locked.checked_at, locked.pages, locked.signature = now, facts.pages, list(marks)
        locked.save(update_fields=["checked_at", "pages", "signature"])
        record(
            kind="declaration.checked", subject_kind="declaration", subject_id=requirement.pk, by=SYSTEM, now=now,
            version=version.pk, found=[one.code for one, _ in rows_found],
        )  # fmt: skip
    return True
