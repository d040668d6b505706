"""A drive for material in the small district, walked through the real operations."""

import io
from datetime import date, datetime, timedelta
from typing import Any

import docx
from PIL import Image, ImageDraw

from chuangwen.declarations import operations
from chuangwen.declarations.handing_in import Handed, hand_in, review
from chuangwen.declarations.models import Drive, Requirement, Version
from chuangwen.declarations.spreadsheets import RequirementRow
from chuangwen.evidence.office_files import store_office_file
from chuangwen.evidence.operations import store_photo
from chuangwen.standards.models import Edition
from tests.rounds import small_edition
from tests.world import BEIJING, NOW, World

DUE = datetime(2020, 7, 20, 18, 0, tzinfo=BEIJING)
ROWS = (
    RequirementRow(2, "1-1", "RES-01", "statement", "楼道整治的做法和成效", 1, "XT-01"),
    RequirementRow(3, "1-2", "RES-10", "picture", "楼道前后对比", 2, "XT-01"),
    RequirementRow(4, "2-1", "LANE-01", "statement", "背街小巷整治", 1, "WF", "CC-CG"),
)
WORDS = (
    "关于老旧小区楼道整治的说明。2020年3月5日起，社区会同物业逐幢清理楼道，共清理堆物 214 处，拆除私设充电线 36 根，"
    "建立楼道长每周巡查制度，回访居民 320 户，满意率 96%。"
)


def opened(world: World, edition: Edition | None = None, *, rows: tuple[RequirementRow, ...] = ROWS) -> Drive:
    """A drive for a test in August with its requirements."""
    edition, by = edition or small_edition(), world.actor("clerk")
    drive = operations.open_drive(
        edition_id=edition.pk, name="2020 年测评网上申报", test_month=date(2020, 8, 10), due_at=DUE, by=by, now=NOW
    )
    report = operations.import_requirements(drive_id=drive.pk, rows=rows, by=by, now=NOW)
    assert report.problems == ()
    return drive


def asked(number: str) -> Requirement:
    """The requirement with this number."""
    return Requirement.objects.get(number=number)


def word_file(text: str) -> bytes:
    """A Word document."""
    paper, out = docx.Document(), io.BytesIO()
    for line in text.splitlines():
        paper.add_paragraph(line)
    paper.save(out)
    return out.getvalue()


def pdf_file(text: str) -> bytes:
    """A PDF of one page with text (ASCII), or without."""
    stream = f"BT /F1 12 Tf 20 700 Td ({text}) Tj ET".encode() if text else b""
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>", b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> >>",
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(stream), stream),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    ]  # fmt: skip
    body, offsets = b"%PDF-1.4\n", []
    for number, content in enumerate(objects, start=1):
        offsets.append(len(body))
        body += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    table = b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    head = b"xref\n0 6\n0000000000 65535 f \n" + table
    return body + head + b"trailer\n<< /Size 6 /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % len(body)


def scene(seed: int = 3, size: tuple[int, int] = (1280, 960)) -> bytes:
    """A sharp picture of many small boxes."""
    picture, out = Image.new("RGB", size, "grey"), io.BytesIO()
    pen = ImageDraw.Draw(picture)
    for place in range(0, size[0], 16):
        shade = 60 + (place * seed) % 130
        pen.rectangle((place, 0, place + 8, size[1]), fill=(shade, shade, shade))
    picture.save(out, "PNG")
    return out.getvalue()


def handed(world: World, number: str, who: str, *, text: str = WORDS, data: bytes = b"", now: datetime = NOW, **more: Any) -> Version:  # fmt: skip
    """A piece handed in: a Word document with this text, or (`data`) a picture."""
    by, asks = world.actor(who), asked(number)
    stored: dict[str, Any] = (
        {"photo": store_photo(data=data, by=by, now=now)}
        if data
        else {"document": store_office_file(data=word_file(text), by=by, now=now)}
    )
    given = {"title": f"{number} 材料", "said_on": date(2020, 3, 5), "file_name": "材料.docx", **more}
    piece_id = given.pop("piece_id", None)
    return hand_in(requirement_id=asks.pk, handed=Handed(**given, **stored), piece_id=piece_id, by=by, now=now)


def accepted(world: World, version: Version, who: str = "clerk") -> Requirement:
    """The reviewer passes it."""
    number, now = version.piece.requirement_id, NOW + timedelta(hours=2)
    return review(requirement_id=number, version_id=version.pk, verdict="accepted", by=world.actor(who), now=now)
