"""The parts of a .docx that python-docx has no words for: lines around paragraphs, tables, the end block, other faces."""

from collections.abc import Sequence
from copy import deepcopy
from typing import Any, Final, Protocol

from docx.document import Document as Doc
from docx.enum.table import WD_TABLE_ALIGNMENT
from docx.enum.text import WD_LINE_SPACING
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.opc.packuri import PackURI
from docx.opc.part import Part
from docx.oxml import OxmlElement
from docx.oxml.ns import nsdecls, qn
from docx.shared import Mm, Pt
from docx.table import Table as DocTable
from docx.table import _Cell, _Row
from docx.text.paragraph import Paragraph

from chuangwen.bulletins.official import shapes
from chuangwen.bulletins.official.faces import LATIN_WORD, WORD, WORD_INSTEAD
from chuangwen.rules import official_paper as rules
from chuangwen.rules.official_paper import OfficialPaper, Table

SMALL_LINE: Final = 24.0  # points, in the end block
THICK, THIN = 8, 6  # eighths of a point: 0.35 mm and 0.25 mm (7.4.1)
_FONT_TABLE: Final = "application/vnd.openxmlformats-officedocument.wordprocessingml.fontTable+xml"


Like = dict[tuple[bool, bool], Any]  # heavy or not, long or not -> a cell's paragraph


class Write(Protocol):
    """How the words of a cell are set."""

    def __call__(self, paragraph: Paragraph, text: str, *, bold: bool) -> None: ...


def boxed(paragraph: Paragraph, side: str, *, eighths: int, space: int, colour: str = "000000") -> None:
    """A line above or below a paragraph, across the type area."""
    properties = paragraph._p.get_or_add_pPr()
    border = properties.find(qn("w:pBdr"))
    if border is None:
        border = OxmlElement("w:pBdr")
        properties.insert_element_before(
            border, "w:shd", "w:tabs", "w:snapToGrid", "w:spacing", "w:ind", "w:jc", "w:outlineLvl", "w:rPr", "w:sectPr"
        )
    line = OxmlElement(f"w:{side}")
    for name, value in (("val", "single"), ("sz", str(eighths)), ("space", str(space)), ("color", colour)):
        line.set(qn(f"w:{name}"), value)
    border.append(line)


def grid_of(document: Doc, table: Table, *, write: Write) -> None:
    """A table across the type area; the head comes again on every page, no row is torn."""
    lines = shapes.lines_of(table)
    grid = document.add_table(rows=len(lines), cols=len(table.columns), style="Table Grid")
    grid.autofit, grid.alignment = False, WD_TABLE_ALIGNMENT.CENTER
    like: Like = {}
    widths = [Mm(rules.TYPE_AREA_MM[0] * share) for share in shapes.shares(table)]
    for column, width in zip(grid.columns, widths, strict=True):
        column.width = width
    for number, (row, line) in enumerate(zip(grid.rows, lines, strict=True)):
        bold = number == 0 or (bool(table.total) and number == len(lines) - 1)
        _row(row, line, widths, write=write, bold=bold, like=like)
        if len(table.rows) <= shapes.WHOLE_ROWS and number < len(lines) - 1:
            for cell in row.cells:
                cell.paragraphs[0].paragraph_format.keep_with_next = True
    _repeated(grid)


def _row(row: _Row, line: Sequence[str], widths: Sequence[Mm], *, write: Write, bold: bool, like: Like) -> None:
    row._tr.get_or_add_trPr().append(OxmlElement("w:cantSplit"))
    for cell, value, width in zip(row.cells, line, widths, strict=True):
        cell.width = width
        _fill(cell, value, write=write, bold=bold, like=like)


def _fill(cell: _Cell, text: str, *, write: Write, bold: bool, like: Like) -> None:
    """The words of a cell. Cells of one kind differ only in their words, so the first of a kind is copied: half the time."""
    key = (bold, shapes.is_long(text))
    first = cell._tc.p_lst[0]
    if key in like and text:
        copied = deepcopy(like[key])
        copied.r_lst[0].text = text
        cell._tc.replace(first, copied)
        return
    paragraph = Paragraph(first, cell)
    off_grid(paragraph)
    write(paragraph, text, bold=bold)
    if text:
        like[key] = deepcopy(first)


def off_grid(paragraph: Paragraph) -> None:
    """Lines are as high as the paragraph says; the grid would double those of larger letters."""
    snap = OxmlElement("w:snapToGrid")
    snap.set(qn("w:val"), "0")
    paragraph._p.get_or_add_pPr().insert_element_before(
        snap, "w:spacing", "w:ind", "w:jc", "w:outlineLvl", "w:rPr", "w:sectPr"
    )


def _repeated(grid: DocTable) -> None:
    grid.rows[0]._tr.get_or_add_trPr().append(OxmlElement("w:tblHeader"))


# --- 版记 ---


def end_block(document: Doc, paper: OfficialPaper) -> None:
    """抄送, then printer and date, in a table that hangs from the lower edge of the type area of the last page (7.4)."""
    lines = [f"抄送：{shapes.copied(paper.copy_to)}"] if paper.copy_to else []
    lines.append(f"{paper.printer}\t{shapes.printed(paper)}")
    grid = document.add_table(rows=len(lines), cols=1)
    grid.autofit = False
    for at, (row, text) in enumerate(zip(grid.rows, lines, strict=True)):
        row.cells[0].width = Mm(rules.TYPE_AREA_MM[0])
        line = row.cells[0].paragraphs[0]
        _small(line, text)
        _edges(row.cells[0], top=THICK if at == 0 else THIN, bottom=THICK if at == len(lines) - 1 else THIN)
        copies = text.startswith("抄送")
        line.paragraph_format.left_indent = Pt(rules.SIZE_4 * (4 if copies else 1))
        line.paragraph_format.first_line_indent = Pt(-rules.SIZE_4 * 3) if copies else None
        if not copies:
            line.paragraph_format.tab_stops.add_tab_stop(Mm(rules.TYPE_AREA_MM[0]) - Pt(rules.SIZE_4), 2)
    _hung(grid)
    anchor = document.add_paragraph()  # what hangs needs words in the flow behind it
    anchor.paragraph_format.space_before = anchor.paragraph_format.space_after = Pt(0)
    anchor.paragraph_format.line_spacing_rule, anchor.paragraph_format.line_spacing = WD_LINE_SPACING.EXACTLY, Pt(1)
    off_grid(anchor)


def _small(paragraph: Paragraph, text: str) -> None:
    layout = paragraph.paragraph_format
    layout.space_before = layout.space_after = Pt(0)
    layout.line_spacing_rule, layout.line_spacing = WD_LINE_SPACING.EXACTLY, Pt(SMALL_LINE)
    layout.right_indent = Pt(rules.SIZE_4)
    off_grid(paragraph)
    run = paragraph.add_run(text)
    run.font.size = Pt(rules.SIZE_4)
    fonts = run._r.get_or_add_rPr().get_or_add_rFonts()
    for name, value in (("ascii", LATIN_WORD), ("hAnsi", LATIN_WORD), ("eastAsia", WORD["fang"])):
        fonts.set(qn(f"w:{name}"), value)


def _edges(cell: _Cell, **eighths: int) -> None:
    borders = OxmlElement("w:tcBorders")
    for side, size in eighths.items():
        line = OxmlElement(f"w:{side}")
        for name, value in (("val", "single"), ("sz", str(size)), ("space", "0"), ("color", "000000")):
            line.set(qn(f"w:{name}"), value)
        borders.append(line)
    cell._tc.get_or_add_tcPr().append(borders)


def _hung(grid: DocTable) -> None:
    """Out of the flow, at the foot of the type area, without room at the sides of its cells."""
    properties = grid._tbl.tblPr
    place = OxmlElement("w:tblpPr")
    # Sideways against the page: LibreOffice floats a table as wide as the type area only then.
    values = {
        "leftFromText": "180", "rightFromText": "180", "vertAnchor": "margin", "horzAnchor": "page",
        "tblpX": str(round(rules.LEFT_MM * rules.PT_PER_MM * 20)), "tblpYSpec": "bottom",
    }  # fmt: skip
    for name, value in values.items():
        place.set(qn(f"w:{name}"), value)
    style = properties.find(qn("w:tblStyle"))
    properties.insert(0 if style is None else 1, place)
    wide = properties.find(qn("w:tblW"))
    if wide is not None:
        wide.set(qn("w:type"), "dxa")
        wide.set(qn("w:w"), str(round(rules.TYPE_AREA_MM[0] * rules.PT_PER_MM * 20)))
    sides = OxmlElement("w:tblCellMar")
    for side in ("left", "right"):
        none = OxmlElement(f"w:{side}")
        none.set(qn("w:w"), "0")
        none.set(qn("w:type"), "dxa")
        sides.append(none)
    look = properties.find(qn("w:tblLook"))
    properties.append(sides) if look is None else look.addprevious(sides)


# --- other faces ---


def font_table(document: Doc) -> None:
    """Names for each official face the one that Word takes where it is missing."""
    rows = "".join(
        f'<w:font w:name="{name}"><w:altName w:val="{WORD_INSTEAD[name]}"/><w:charset w:val="86"/></w:font>'
        for name in dict.fromkeys(WORD.values())
    )
    xml = f'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n<w:fonts {nsdecls("w")}>{rows}</w:fonts>'
    main = document.part
    for relation in main.rels.values():
        if relation.reltype == RELATIONSHIP_TYPE.FONT_TABLE:
            relation.target_part._blob = xml.encode()
            return
    package = main.package
    part = Part(PackURI("/word/fontTable.xml"), _FONT_TABLE, xml.encode(), package)
    main.relate_to(part, RELATIONSHIP_TYPE.FONT_TABLE)
