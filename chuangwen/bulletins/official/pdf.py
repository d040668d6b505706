"""An official paper as PDF (PDF/A-2b, faces embedded). The same paper on the same machine always gives the same bytes."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import typst

from chuangwen.bulletins.official import shapes
from chuangwen.bulletins.official.faces import Face, here
from chuangwen.rules import official_paper as rules
from chuangwen.rules.official_paper import Block, Figures, Heading, OfficialPaper, Paragraph, Table

_LAYOUT: Final = (Path(__file__).parent / "layout.typ").read_bytes()
_MEASURES: Final = {
    "width": rules.PAGE_MM[0], "height": rules.PAGE_MM[1], "top": rules.TOP_MM, "bottom": rules.BOTTOM_MM,
    "left": rules.LEFT_MM, "right": rules.RIGHT_MM, "line": rules.LINE_PT, "tracking": rules.TRACKING_PT,
    "body": rules.SIZE_3, "small": rules.SIZE_4, "table": rules.SIZE_TABLE, "title": rules.SIZE_2,
    "mark_top": rules.MARK_TOP_MM, "rule_below": rules.RULE_BELOW_NUMBER_MM, "page_number": rules.PAGE_NUMBER_MM, "whole_rows": shapes.WHOLE_ROWS,
}  # fmt: skip


def paper_pdf(paper: OfficialPaper) -> bytes:
    """The paper as a file. Refuses with what to install where this machine has no Chinese face."""
    fonts, faces = here()
    midnight = datetime(paper.day.year, paper.day.month, paper.day.day, tzinfo=UTC)
    packed = json.dumps(_facts(paper, faces), ensure_ascii=False)
    return typst.compile(
        _LAYOUT, font_paths=fonts, sys_inputs={"paper": packed}, format="pdf", pdf_standards="a-2b", timestamp=midnight
    )


def _facts(paper: OfficialPaper, faces: dict[str, Face]) -> dict[str, Any]:
    size = shapes.mark_size(paper.mark)
    signer_indent, day_indent = rules.signature_indents(paper.signer, paper.day)
    return {
        "measures": _MEASURES,
        "faces": {role: {"families": face.families, "weight": face.weight} for role, face in faces.items()},
        "corner": [{"face": face, "text": text} for face, text in shapes.corner(paper)],
        "mark": paper.mark, "mark_size": size, "mark_tracking": 0, "number": paper.shown_number,
        "approver": paper.approver, "title": paper.title, "title_lines": rules.title_lines(paper.title),
        "addressees": shapes.addressed(paper.addressees), "blocks": [_block(block) for block in paper.blocks],
        "attachments": [
            {"title": each.title, "title_lines": rules.title_lines(each.title), "blocks": [_block(b) for b in each.blocks]}
            for each in paper.attachments
        ],
        "signer": paper.signer, "signer_indent": signer_indent, "day_indent": day_indent, "note": paper.note,
        "day_text": rules.day_text(paper.day), "year": paper.day.year, "month": paper.day.month, "day": paper.day.day,
        "end_block": paper.has_end_block, "copy_to": shapes.copied(paper.copy_to), "printer": paper.printer,
        "printed_on": shapes.printed(paper),
    }  # fmt: skip


def _block(block: Block) -> dict[str, Any]:
    match block:
        case Heading():
            return {"kind": "heading", "level": int(block.level), "heading": block.heading, "text": block.text}
        case Paragraph():
            return {"kind": "paragraph", "text": block.text}
        case Figures():
            return {"kind": "figures", "items": block.items}
        case Table():
            return _table(block)


def _table(table: Table) -> dict[str, Any]:
    def line(cells: tuple[str, ...]) -> list[dict[str, Any]]:
        return [{"text": cell, "wide": shapes.is_long(cell)} for cell in cells]

    return {
        "kind": "table", "caption": table.caption, "widths": shapes.shares(table), "columns": line(table.columns),
        "rows": [line(row) for row in table.rows], "total": line(table.total),
    }  # fmt: skip
