"""Bulletins as official papers: the mark, whom they go to, and sections turned into headings, paragraphs and tables."""

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from chuangwen.bulletins.models import Paper, PaperKind
from chuangwen.journal.models import spelt
from chuangwen.rules.official_paper import Block, Heading, Level, OfficialPaper, Paragraph, Table
from chuangwen.scores.reach import BEIJING

# Whom a bulletin goes to; the daily brief is an internal one that names nobody.
ADDRESSEES: Final[dict[str, tuple[str, ...]]] = {
    PaperKind.DAILY: (),
    PaperKind.WEEKLY: ("各街道", "各有关部门"),
    PaperKind.MONTHLY: ("各街道", "各有关部门"),
}
_SUBHEAD = re.compile(r"^(（[一二三四五六七八九十]+）[^。]{1,30}。)(.*)$", re.DOTALL)


def official(paper: Paper) -> OfficialPaper:
    """The paper with every element of an official one; its date is the day of release, for a draft that of drafting."""
    day = (paper.released_at or paper.drafted_at).astimezone(BEIJING).date()
    return OfficialPaper(
        mark=mark_of(paper), number=paper.number, title=paper.title, addressees=ADDRESSEES[paper.kind],
        blocks=tuple(block for section in paper.sections for block in blocks_of(section)), signer=paper.issuer, day=day,
        note=trace_line(paper), printer=paper.issuer, printed_on=day, draft=not paper.is_released,
    )  # fmt: skip


def mark_of(paper: Paper) -> str:
    """The red mark: 崇川区创建文明城市周通报."""
    return f"{paper.scope.name}创建文明城市{paper.get_kind_display()}"


def trace_line(paper: Paper) -> str:
    """附注: what the journal's log was when the paper was released; empty for a draft."""
    return root_line(paper.trace_size, paper.trace_root) if paper.trace_root else ""


def root_line(size: int | None, root: str) -> str:
    """A root of the journal's log as papers print it, in groups that can be read aloud."""
    return f"留痕根值，前 {size} 条：{spelt(root)}。核对办法见公开页“留痕校验”。"


def blocks_of(section: Mapping[str, Any]) -> Iterator[Block]:
    """One stored section; a paragraph that begins with （一） has its first sentence as a heading of the second level."""
    yield Heading(Level.ONE, section["heading"])
    for text in section["paragraphs"]:
        found = _SUBHEAD.match(text)
        yield Heading(Level.TWO, found[1], found[2]) if found else Paragraph(text)
    for table in section["tables"]:
        yield Table(
            table["caption"], _words(table["columns"]), tuple(map(_words, table["rows"])), _words(table["total"])
        )


def _words(cells: Any) -> tuple[str, ...]:
    return tuple(str(cell) for cell in cells)
