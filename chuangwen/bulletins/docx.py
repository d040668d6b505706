"""A paper as .docx in the layout of official documents, GB/T 9704-2012: A4, type area 156 × 225 mm, 22 lines of 28 characters."""

import io
import re
import zipfile
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from docx import Document
from docx.document import Document as Doc
from docx.enum.section import WD_SECTION
from docx.enum.text import WD_ALIGN_PARAGRAPH, WD_LINE_SPACING
from docx.opc.pkgwriter import PackageWriter
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.section import Section
from docx.shared import Mm, Pt, RGBColor
from docx.table import Table as DocTable
from docx.table import _Cell, _Row
from docx.text.paragraph import Paragraph
from docx.text.run import Run

from chuangwen.bulletins.models import Paper
from chuangwen.bulletins.writing import day_text
from chuangwen.scores.reach import BEIJING

# Chinese face -> the face of digits and Latin letters beside it.
SONG_TITLE, FANG, HEI, KAI, SONG = "方正小标宋简体", "仿宋_GB2312", "黑体", "楷体_GB2312", "宋体"
LATIN = "Times New Roman"
SIZE_2, SIZE_3, SIZE_4, SIZE_TABLE, SIZE_MARK = Pt(22), Pt(16), Pt(14), Pt(12), Pt(36)
LINE = Pt(28.95)  # 225 mm over 22 lines
RED = RGBColor(0xC8, 0x10, 0x10)
TYPE_AREA_MM = 156
_SUBHEAD = re.compile(r"^(（[一二三四五六七八九十]+）[^。]{1,30}。)(.*)$", re.DOTALL)


def paper_docx(paper: Paper) -> bytes:
    """The paper as a file. The same paper always gives the same bytes."""
    document = Document()
    _page(document)
    _head(document, paper)
    _paragraph(document, paper.title, face=SONG_TITLE, size=SIZE_2, align=WD_ALIGN_PARAGRAPH.CENTER)
    _paragraph(document, "")
    for section in paper.sections:
        _section(document, section)
    _end(document, paper)
    _properties(document, paper)
    return _same_every_time(document)


def _page(document: Doc) -> None:
    section = document.sections[0]
    section.start_type = WD_SECTION.NEW_PAGE
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.top_margin, section.bottom_margin = Mm(37), Mm(35)
    section.left_margin, section.right_margin = Mm(28), Mm(26)
    section.footer_distance = Mm(24)
    _grid(section)
    document.settings.odd_and_even_pages_header_footer = True
    _footer(section.footer.paragraphs[0], WD_ALIGN_PARAGRAPH.RIGHT)
    _footer(section.even_page_footer.paragraphs[0], WD_ALIGN_PARAGRAPH.LEFT)
    normal = document.styles["Normal"]
    normal.font.size = SIZE_3
    _faces(normal.element.get_or_add_rPr(), FANG)


def _grid(section: Section) -> None:
    """22 lines of 28 characters: 28 of 16 points are a little wider than 156 mm, so they move together by 0.2 points."""
    grid = section._sectPr.find(qn("w:docGrid"))
    if grid is None:
        grid = OxmlElement("w:docGrid")
        section._sectPr.append(grid)
    for name, value in (("type", "linesAndChars"), ("linePitch", "579"), ("charSpace", "-843")):
        grid.set(qn(f"w:{name}"), value)


def _footer(paragraph: Paragraph, align: WD_ALIGN_PARAGRAPH) -> None:
    """The page number on the outer side, one character in from the edge."""
    paragraph.alignment = align
    one = SIZE_4
    paragraph.paragraph_format.left_indent = paragraph.paragraph_format.right_indent = one
    _run(paragraph, "— ", SONG, SIZE_4)
    for kind, text in (("begin", ""), ("", "PAGE"), ("end", "")):
        run = _run(paragraph, "", SONG, SIZE_4)
        piece = OxmlElement("w:fldChar" if kind else "w:instrText")
        if kind:
            piece.set(qn("w:fldCharType"), kind)
        else:
            piece.text = text
        run._r.append(piece)
    _run(paragraph, " —", SONG, SIZE_4)


def _head(document: Doc, paper: Paper) -> None:
    """The mark in red, the number or the word 草稿, and the red line across the type area."""
    mark = f"{paper.scope.name}创建文明城市{paper.get_kind_display()}"
    size = min(SIZE_MARK, Mm(TYPE_AREA_MM / len(mark)))
    first = _paragraph(document, mark, face=SONG_TITLE, size=size, align=WD_ALIGN_PARAGRAPH.CENTER, exact=False)
    first.runs[0].font.color.rgb = RED
    _paragraph(document, "")
    number = paper.number or "（草稿，未编号）"
    second = _paragraph(document, number, align=WD_ALIGN_PARAGRAPH.CENTER)
    second.paragraph_format.space_after = Mm(4)
    border = OxmlElement("w:pBdr")
    bottom = OxmlElement("w:bottom")
    for name, value in (("val", "single"), ("sz", "18"), ("space", "4"), ("color", str(RED))):
        bottom.set(qn(f"w:{name}"), value)
    border.append(bottom)
    second._p.get_or_add_pPr().insert_element_before(
        border, "w:shd", "w:tabs", "w:spacing", "w:ind", "w:jc", "w:rPr", "w:sectPr"
    )


def _section(document: Doc, section: Mapping[str, Any]) -> None:
    heading = _paragraph(document, section["heading"], face=HEI, indent=2)
    heading.paragraph_format.keep_with_next = True
    _outline(heading)
    for text in section["paragraphs"]:
        _body(document, text)
    for table in section["tables"]:
        _table(document, table)


def _outline(heading: Paragraph) -> None:
    """Let the heading show in the reader's outline."""
    level = OxmlElement("w:outlineLvl")
    level.set(qn("w:val"), "0")
    heading._p.get_or_add_pPr().append(level)


def _body(document: Doc, text: str) -> None:
    """A paragraph; what begins with （一） has its first sentence as a heading of the second level."""
    paragraph = _paragraph(document, "", indent=2)
    found = _SUBHEAD.match(text)
    head, rest = found.groups() if found else ("", text)
    if head:
        _run(paragraph, head, KAI, SIZE_3)
    _run(paragraph, rest, FANG, SIZE_3)


def _table(document: Doc, table: Mapping[str, Any]) -> None:
    caption = _paragraph(document, table["caption"], face=HEI, size=SIZE_4, align=WD_ALIGN_PARAGRAPH.CENTER)
    caption.paragraph_format.keep_with_next = True
    bottom = [table["total"]] if table["total"] else []
    lines = [table["columns"], *table["rows"], *bottom]
    grid = document.add_table(rows=len(lines), cols=len(table["columns"]), style="Table Grid")
    grid.autofit = False
    widths = _widths(lines)
    for column, width in zip(grid.columns, widths, strict=True):
        column.width = width
    for number, (row, line) in enumerate(zip(grid.rows, lines, strict=True)):
        _row(row, line, widths, bold=number == 0 or bool(bottom and number == len(lines) - 1))
    _repeat(grid)
    _paragraph(document, "", size=SIZE_TABLE)


def _widths(lines: Sequence[Sequence[Any]]) -> list[Mm]:
    """Columns share the type area by their longest text, so that short figures stay narrow and words get room."""
    needs = [min(24.0, max(4.0, *(_length(str(line[column])) for line in lines))) for column in range(len(lines[0]))]
    return [Mm(TYPE_AREA_MM * need / sum(needs)) for need in needs]


def _length(text: str) -> float:
    return sum(1.0 if ord(letter) > 0x2E80 else 0.55 for letter in text) + 1


def _row(row: _Row, line: Sequence[Any], widths: Sequence[Mm], *, bold: bool) -> None:
    keep = OxmlElement("w:cantSplit")
    row._tr.get_or_add_trPr().append(keep)
    for cell, value, width in zip(row.cells, line, widths, strict=True):
        cell.width = width
        _cell(cell, str(value), bold=bold)


def _cell(cell: _Cell, text: str, *, bold: bool) -> None:
    paragraph = cell.paragraphs[0]
    _off_grid(paragraph)
    paragraph.paragraph_format.space_before = paragraph.paragraph_format.space_after = Pt(2)
    paragraph.alignment = WD_ALIGN_PARAGRAPH.LEFT if _length(text) > 12 else WD_ALIGN_PARAGRAPH.CENTER
    _run(paragraph, text, HEI if bold else FANG, SIZE_TABLE)


def _off_grid(paragraph: Paragraph) -> None:
    """Lines in tables are as high as their letters."""
    snap = OxmlElement("w:snapToGrid")
    snap.set(qn("w:val"), "0")
    paragraph._p.get_or_add_pPr().insert_element_before(snap, "w:spacing", "w:ind", "w:jc", "w:rPr")


def _repeat(grid: DocTable) -> None:
    """The head row comes again on every page."""
    head = OxmlElement("w:tblHeader")
    grid.rows[0]._tr.get_or_add_trPr().append(head)


def _end(document: Doc, paper: Paper) -> None:
    """Issuer and date at the right, four characters in."""
    day = (paper.released_at or paper.drafted_at).astimezone(BEIJING).date()
    _paragraph(document, "")
    for text in (paper.issuer, day_text(day)):
        line = _paragraph(document, text, align=WD_ALIGN_PARAGRAPH.RIGHT)
        line.paragraph_format.right_indent = SIZE_3 * 4
    if paper.trace_root:
        _paragraph(document, trace_line(paper), size=SIZE_4, indent=2)


def trace_line(paper: Paper) -> str:
    """附注 (GB/T 9704-2012: in brackets, below the date): what the journal's log was when the paper was released."""
    return f"（留痕根值，前 {paper.trace_size} 条：{paper.trace}。核对办法见公开页“留痕校验”。）"


def _paragraph(
    document: Doc,
    text: str,
    *,
    face: str = FANG,
    size: int = SIZE_3,
    align: WD_ALIGN_PARAGRAPH = WD_ALIGN_PARAGRAPH.JUSTIFY,
    indent: int = 0,
    exact: bool = True,
) -> Paragraph:
    paragraph = document.add_paragraph()
    paragraph.alignment = align
    layout = paragraph.paragraph_format
    layout.space_before = layout.space_after = Pt(0)
    if exact:
        layout.line_spacing_rule, layout.line_spacing = WD_LINE_SPACING.EXACTLY, max(LINE, Pt(size / 12700 * 1.3))
    if indent:
        layout.first_line_indent = SIZE_3 * indent
    if text:
        _run(paragraph, text, face, size)
    return paragraph


def _run(paragraph: Paragraph, text: str, face: str, size: int) -> Run:
    run = paragraph.add_run(text)
    run.font.size = size
    _faces(run._r.get_or_add_rPr(), face)
    return run


def _faces(properties: Any, face: str) -> None:
    """Chinese in the given face, digits and Latin letters in another."""
    fonts = properties.get_or_add_rFonts()
    for name, value in (("ascii", LATIN), ("hAnsi", LATIN), ("cs", LATIN), ("eastAsia", face)):
        fonts.set(qn(f"w:{name}"), value)


def _properties(document: Doc, paper: Paper) -> None:
    """What the file says of itself: no person's name, and the paper's own times."""
    about = document.core_properties
    moment = _plain(paper.released_at or paper.edited_at or paper.drafted_at)
    about.title, about.subject, about.author = paper.title, paper.number, paper.issuer
    about.last_modified_by, about.comments, about.keywords = paper.issuer, "", ""
    about.created, about.modified, about.revision = moment, moment, paper.version


def _plain(moment: datetime) -> datetime:
    return moment.astimezone(BEIJING).replace(tzinfo=None, microsecond=0)


def _same_every_time(document: Doc) -> bytes:
    """The file without the moment at which it was packed."""
    packed, out = io.BytesIO(), io.BytesIO()
    package = document.part.package
    if package is None:
        raise RuntimeError("a new document has a package")
    PackageWriter.write(packed, package.rels, package.parts)  # type: ignore[no-untyped-call]  # python-docx left it so
    with zipfile.ZipFile(packed) as source, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target:
        for name in sorted(source.namelist(), key=lambda name: (name != "[Content_Types].xml", name)):
            target.writestr(zipfile.ZipInfo(name), source.read(name), zipfile.ZIP_DEFLATED)
    return out.getvalue()
