"""A piece of news as one clean .docx for a newspaper: title, by-line, text, pictures with captions, and nothing else."""

import io

from django.core.files.storage import default_storage
from docx import Document
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml.ns import qn
from docx.shared import Cm, Pt

from chuangwen.publicity.models import Brief
from chuangwen.publicity.queries import pictures_of

TEXT_WIDTH = Cm(15)


def brief_docx(brief: Brief) -> bytes:
    """The document. Pictures are the public copies: faces and plates covered, no place, time or device inside."""
    document = Document()
    normal = document.styles["Normal"]
    normal.font.name, normal.font.size = "Times New Roman", Pt(12)
    normal.element.rPr.rFonts.set(qn("w:eastAsia"), "宋体")
    _said(document, brief)
    title = document.add_heading(brief.title, level=1)
    title.alignment = WD_ALIGN_PARAGRAPH.CENTER
    for run in title.runs:
        run.font.name = "Times New Roman"
        run._element.rPr.rFonts.set(qn("w:eastAsia"), "黑体")
    for line in filter(None, map(str.strip, brief.body.splitlines())):
        paragraph = document.add_paragraph(line)
        paragraph.paragraph_format.first_line_indent = Pt(24)
        paragraph.paragraph_format.line_spacing = 1.5
    for picture in pictures_of(brief):
        if picture.copy is None:
            continue
        with default_storage.open(picture.copy.path) as file:
            document.add_picture(io.BytesIO(file.read()), width=TEXT_WIDTH)
        document.paragraphs[-1].alignment = WD_ALIGN_PARAGRAPH.CENTER
        document.add_paragraph(picture.caption).alignment = WD_ALIGN_PARAGRAPH.CENTER
    document.add_paragraph(f"（{brief.byline}供稿）").alignment = WD_ALIGN_PARAGRAPH.RIGHT
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def _said(document: object, brief: Brief) -> None:
    """What the file says of itself: its title and the unit; no account of whoever made it."""
    properties = document.core_properties  # type: ignore[attr-defined]  # python-docx has no types
    properties.title, properties.author, properties.comments = brief.title, brief.byline, ""
    properties.last_modified_by, properties.keywords, properties.subject = "", "", ""
    if brief.published_at:
        properties.created = properties.modified = brief.published_at.replace(tzinfo=None)
