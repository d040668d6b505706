"""What docx and PDF draw alike: how wide columns are, which cells are long, what stands in the corner and at the end."""

from collections.abc import Sequence

from chuangwen.rules.official_paper import (
    MARK_MOST_PT,
    PT_PER_MM,
    TYPE_AREA_MM,
    OfficialPaper,
    Table,
    day_text,
    width_of,
)

LONG = 12.0  # characters from which a cell is set left instead of centred
WHOLE_ROWS = 8  # a table of so few rows is not torn between two pages
_NARROWEST, _WIDEST = 4.0, 24.0


def lines_of(table: Table) -> list[tuple[str, ...]]:
    """Head, rows and bottom line of a table."""
    return [table.columns, *table.rows, *([table.total] if table.total else [])]


def shares(table: Table) -> list[float]:
    """Columns share the type area by their longest text, so that short figures stay narrow and words get room."""
    lines = lines_of(table)
    columns = range(len(table.columns))
    needs = [min(_WIDEST, max(_NARROWEST, *(width_of(line[at]) + 1 for line in lines))) for at in columns]
    return [need / sum(needs) for need in needs]


def is_long(text: str) -> bool:
    """Whether a cell reads better from the left."""
    return width_of(text) + 1 > LONG


def mark_size(mark: str) -> float:
    """The size of the mark in points: as large as the norm's practice, smaller where the line would not hold it."""
    return min(MARK_MOST_PT, TYPE_AREA_MM[0] * PT_PER_MM / max(1.0, width_of(mark)))


def corner(paper: OfficialPaper) -> list[tuple[str, str]]:
    """份号, 密级和保密期限, 紧急程度 in the upper left corner, one a line, each with its face (7.2.1 to 7.2.3)."""
    words = [("fang", paper.copies), ("hei", paper.secrecy), ("hei", paper.urgency)]
    return [(face, text) for face, text in words if text]


def addressed(units: Sequence[str]) -> str:
    """主送机关 with the colon behind the last one (7.3.2)."""
    return f"{'，'.join(units)}：" if units else ""


def copied(units: Sequence[str]) -> str:
    """抄送机关 with the full stop behind the last one (7.4.2)."""
    return f"{'，'.join(units)}。" if units else ""


def printed(paper: OfficialPaper) -> str:
    """印发日期 with the word 印发 (7.4.3)."""
    return f"{day_text(paper.printed_on)}印发" if paper.printed_on else ""
