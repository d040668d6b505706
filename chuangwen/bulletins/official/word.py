"""An official paper as .docx. The same paper always gives the same bytes; the file names the official faces."""

import io
import zipfile
from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from docx import Document
from docx.document import Document as Doc
from docx.enum.section import WD_SECTION
from docx.enum.text import WD_ALIGN_PARAGRAPH as ALIGN
from docx.enum.text import WD_LINE_SPACING
from docx.opc.pkgwriter import PackageWriter
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.section import Section
from docx.shared import Length, Mm, Pt, RGBColor
from docx.text.paragraph import Paragraph
from docx.text.run import Run

from chuangwen.bulletins.official import shapes
from chuangwen.bulletins.official.faces import LATIN_WORD, WORD
from chuangwen.bulletins.official.word_parts import boxed, end_block, font_table, grid_of, off_grid
from chuangwen.rules import official_paper as rules
from chuangwen.rules.official_paper import Block, Figures, Heading, Level, OfficialPaper, Table

LINE: Final = Pt(rules.LINE_PT)
ONE: Final = Pt(rules.SIZE_3 + rules.TRACKING_PT)  # a character with its place in the grid
RED: Final = RGBColor(0xC8, 0x10, 0x10)
_LEVELS: Final = {Level.ONE: "hei", Level.TWO: "kai", Level.THREE: "fang", Level.FOUR: "fang"}


def paper_docx(paper: OfficialPaper) -> bytes:
    """The paper as a file for Word, WPS and LibreOffice."""
    document = Document()
    _page(document)
    _head(document, paper)
    _title(document, paper.title)
    say(document, "")
    if paper.addressees:
        say(document, shapes.addressed(paper.addressees))
    for at, block in enumerate(paper.blocks):
        _block(document, block, last=at == len(paper.blocks) - 1)
    _named_attachments(document, paper)
    _signature(document, paper)
    _attachments(document, paper)
    if paper.has_end_block:
        end_block(document, paper)
    _properties(document, paper)
    return _same_every_time(document)


# --- the sheet ---


def _page(document: Doc) -> None:
    section = document.sections[0]
    section.start_type = WD_SECTION.NEW_PAGE
    section.page_width, section.page_height = Mm(rules.PAGE_MM[0]), Mm(rules.PAGE_MM[1])
    section.top_margin, section.bottom_margin = Mm(rules.TOP_MM), Mm(rules.BOTTOM_MM)
    section.left_margin, section.right_margin = Mm(rules.LEFT_MM), Mm(rules.RIGHT_MM)
    # The foot line is as high as its letters; its dash then lies 7 mm below the type area.
    section.footer_distance = Mm(rules.BOTTOM_MM - rules.PAGE_NUMBER_MM) - Pt(rules.SIZE_4 * 0.62)
    _grid(section)
    document.settings.odd_and_even_pages_header_footer = True
    _foot(section.footer.paragraphs[0], ALIGN.RIGHT)
    _foot(section.even_page_footer.paragraphs[0], ALIGN.LEFT)
    normal = document.styles["Normal"]
    normal.font.size = Pt(rules.SIZE_3)
    properties = normal.element.get_or_add_rPr()
    faces_of(properties, "fang")
    language = OxmlElement("w:lang")
    language.set(qn("w:val"), "en-US")
    language.set(qn("w:eastAsia"), "zh-CN")
    properties.append(language)
    font_table(document)


def _grid(section: Section) -> None:
    """22 lines; that 28 characters fit is the business of the letters, because LibreOffice doubles cells that are narrow."""
    grid = section._sectPr.find(qn("w:docGrid"))
    if grid is None:
        grid = OxmlElement("w:docGrid")
        section._sectPr.append(grid)
    grid.set(qn("w:type"), "lines")
    grid.set(qn("w:linePitch"), str(round(rules.LINE_PT * 20)))


def _no_gaps(properties: Any) -> None:
    """No quarter of a character around digits and Latin letters, and no mark that hangs out of the type area."""
    for name in ("overflowPunct", "autoSpaceDE", "autoSpaceDN"):
        none = OxmlElement(f"w:{name}")
        none.set(qn("w:val"), "0")
        properties.insert_element_before(
            none, "w:adjustRightInd", "w:snapToGrid", "w:spacing", "w:ind", "w:jc", "w:outlineLvl"
        )


def _foot(paragraph: Paragraph, align: ALIGN) -> None:
    """The page number on the outer side, one character in from the edge (7.5)."""
    paragraph.alignment = align
    layout = paragraph.paragraph_format
    layout.left_indent = layout.right_indent = Pt(rules.SIZE_4)
    layout.space_before = layout.space_after = Pt(0)
    layout.line_spacing_rule, layout.line_spacing = WD_LINE_SPACING.EXACTLY, Pt(rules.SIZE_4)
    _run(paragraph, "— ", "song", rules.SIZE_4)
    for kind, text in (("begin", ""), ("", "PAGE"), ("end", "")):
        run = _run(paragraph, "", "song", rules.SIZE_4)
        piece = OxmlElement("w:fldChar" if kind else "w:instrText")
        if kind:
            piece.set(qn("w:fldCharType"), kind)
        else:
            piece.text = text
        run._r.append(piece)
    _run(paragraph, " —", "song", rules.SIZE_4)


# --- 版头 ---


def _head(document: Doc, paper: OfficialPaper) -> None:
    """The corner, the mark in red 35 mm below the top, the number two lines below it, the red line 4 mm below that."""
    lines = shapes.corner(paper)
    for face, text in lines:
        say(document, text, face=face)
    size = shapes.mark_size(paper.mark)
    mark = say(document, paper.mark, face="title", size=size, align=ALIGN.CENTER, line=Pt(size * 1.3))
    # The ink begins a tenth of its size below the upper edge of its line.
    above = Mm(rules.MARK_TOP_MM) - Pt(len(lines) * rules.LINE_PT) - Pt(size * 0.09)
    mark.paragraph_format.space_before = max(Pt(0), above)
    mark.runs[0].font.color.rgb = RED
    for _ in range(2):
        say(document, "")
    number = _number(document, paper)
    gap = rules.RULE_BELOW_NUMBER_MM * rules.PT_PER_MM - (rules.LINE_PT - rules.SIZE_3) / 2
    boxed(number, "bottom", eighths=14, space=round(gap), colour=str(RED))
    for _ in range(2):
        say(document, "")


def _number(document: Doc, paper: OfficialPaper) -> Paragraph:
    """The number in the middle; on papers that go up at the left, with the person who approved them at the right (7.2.5)."""
    if not paper.approver:
        return say(document, paper.shown_number, align=ALIGN.CENTER)
    line = say(document, f"{paper.shown_number}\t签发人：", align=ALIGN.LEFT)
    _run(line, paper.approver, "kai", rules.SIZE_3)
    line.paragraph_format.left_indent = line.paragraph_format.right_indent = ONE
    line.paragraph_format.tab_stops.add_tab_stop(Mm(rules.TYPE_AREA_MM[0]) - ONE, 2)
    return line


# --- 主体 ---


def _title(document: Doc, title: str) -> Paragraph:
    paragraph = say(document, "", align=ALIGN.CENTER)
    run = _run(paragraph, "", "title", rules.SIZE_2)
    for at, line in enumerate(rules.title_lines(title)):
        if at:
            run.add_break()
        run.add_text(line)
    return paragraph


def _block(document: Doc, block: Block, *, last: bool = False) -> None:
    match block:
        case Heading():
            _heading(document, block)
        case Figures(items=items):
            for name, value in items:
                line = say(document, f"{name}：", face="hei", indent=2)
                _run(line, value, "fang", rules.SIZE_3)
        case Table():
            _table(document, block)
        case _:
            say(document, block.text, indent=2).paragraph_format.keep_with_next = last


def _heading(document: Doc, heading: Heading) -> None:
    paragraph = say(document, heading.heading, face=_LEVELS[heading.level], indent=2)
    if heading.text:
        _run(paragraph, heading.text, "fang", rules.SIZE_3)
        return
    paragraph.paragraph_format.keep_with_next = True
    level = OxmlElement("w:outlineLvl")
    level.set(qn("w:val"), str(heading.level - 1))
    paragraph._p.get_or_add_pPr().append(level)


def _table(document: Doc, table: Table) -> None:
    caption = say(document, table.caption, face="hei", size=rules.SIZE_4, align=ALIGN.CENTER)
    caption.paragraph_format.keep_with_next = True
    grid_of(document, table, write=_cell)
    say(document, "", size=rules.SIZE_TABLE, line=Pt(8))


def _cell(paragraph: Paragraph, text: str, *, bold: bool) -> None:
    paragraph.paragraph_format.space_before = paragraph.paragraph_format.space_after = Pt(2)
    paragraph.alignment = ALIGN.LEFT if shapes.is_long(text) else ALIGN.CENTER
    _run(paragraph, text, "hei" if bold else "fang", rules.SIZE_TABLE)


def _named_attachments(document: Doc, paper: OfficialPaper) -> None:
    """附件说明, one line below the body; further lines of a name begin below its first character (7.3.4)."""
    if paper.attachments:
        say(document, "").paragraph_format.keep_with_next = True
    for at, each in enumerate(paper.attachments, start=1):
        number = f"{at}. " if len(paper.attachments) > 1 else ""
        line = say(document, f"{'附件：' if at == 1 else ''}{number}{each.title}")
        hang = ONE * (3 if at == 1 else 0) + Pt(rules.SIZE_3) * rules.width_of(number)
        line.paragraph_format.left_indent = Length(round(ONE * 5 + Pt(rules.SIZE_3) * rules.width_of(number)))
        line.paragraph_format.first_line_indent = Length(-round(hang))
        line.paragraph_format.keep_with_next = True


def _signature(document: Doc, paper: OfficialPaper) -> None:
    """The signer over the date, which stands four characters in; below it the note in brackets (7.3.5, 7.3.6)."""
    indents = rules.signature_indents(paper.signer, paper.day)
    say(document, "").paragraph_format.keep_with_next = True
    for text, indent in zip((paper.signer, rules.day_text(paper.day)), indents, strict=True):
        line = say(document, text, align=ALIGN.RIGHT)
        line.paragraph_format.right_indent = Length(round(ONE * indent))
        line.paragraph_format.keep_with_next = text == paper.signer or bool(paper.note)
    if paper.note:
        say(document, f"（{paper.note}）", size=rules.SIZE_4, indent=2)


def _attachments(document: Doc, paper: OfficialPaper) -> None:
    """Every attachment on a page of its own: the word 附件 at the edge, the title in the third line (7.3.7)."""
    for at, each in enumerate(paper.attachments, start=1):
        first = say(document, f"附件{at if len(paper.attachments) > 1 else ''}", face="hei")
        first.paragraph_format.page_break_before = True
        say(document, "")
        _title(document, each.title)
        say(document, "")
        for block in each.blocks:
            _block(document, block)


# --- words ---


def say(
    document: Doc, text: str, *, face: str = "fang", size: float = rules.SIZE_3, align: ALIGN = ALIGN.JUSTIFY,
    indent: int = 0, line: Length = LINE,
) -> Paragraph:  # fmt: skip
    """A paragraph of lines of one height; `indent` in characters."""
    paragraph = document.add_paragraph()
    paragraph.alignment = align
    layout = paragraph.paragraph_format
    layout.space_before = layout.space_after = Pt(0)
    layout.line_spacing_rule, layout.line_spacing = WD_LINE_SPACING.EXACTLY, line
    _no_gaps(paragraph._p.get_or_add_pPr())
    off_grid(paragraph)
    if indent:
        layout.first_line_indent = Length(ONE * indent)
    if text:
        _run(paragraph, text, face, size)
    return paragraph


def _run(paragraph: Paragraph, text: str, face: str, size: float) -> Run:
    run = paragraph.add_run(text)
    run.font.size = Pt(size)
    properties = run._r.get_or_add_rPr()
    faces_of(properties, face)
    if size == rules.SIZE_3:
        closer = OxmlElement("w:spacing")
        closer.set(qn("w:val"), str(round(rules.TRACKING_PT * 20)))
        properties.insert_element_before(closer, "w:w", "w:kern", "w:position", "w:sz", "w:szCs", "w:u", "w:lang")
    return run


def faces_of(properties: Any, face: str) -> None:
    """Chinese in the given face, digits and Latin letters in another."""
    fonts = properties.get_or_add_rFonts()
    names: Sequence[tuple[str, str]] = (
        ("ascii", LATIN_WORD), ("hAnsi", LATIN_WORD), ("cs", LATIN_WORD), ("eastAsia", WORD[face]),
    )  # fmt: skip
    for name, value in names:
        fonts.set(qn(f"w:{name}"), value)


# --- the file ---


def _properties(document: Doc, paper: OfficialPaper) -> None:
    """What the file says of itself: no person's name, and the paper's own date."""
    about = document.core_properties
    about.title, about.subject, about.author = paper.title, paper.number, paper.signer
    about.last_modified_by, about.comments, about.keywords = paper.signer, "", ""
    moment = datetime(paper.day.year, paper.day.month, paper.day.day)  # noqa: DTZ001 # the file format has no zone
    about.created, about.modified, about.revision = moment, moment, 1


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
