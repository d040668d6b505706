"""An official paper as plain data and back, so that what was frozen can be drawn again years later, word for word."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import date
from typing import Any, Final

from chuangwen.rules.official_paper import (
    Attachment,
    Block,
    Figures,
    Heading,
    Level,
    OfficialPaper,
    Paragraph,
    Table,
)

FORM: Final = 1  # of this record; a later one can still read an earlier one
_WORDS: Final = ("mark", "title", "signer", "number", "copies", "secrecy", "urgency", "approver", "note", "printer")
_LISTS: Final = ("addressees", "copy_to")


def as_record(paper: OfficialPaper) -> dict[str, Any]:
    """The paper as JSON can hold it: dates as ISO 8601, every block under its name."""
    plain = asdict(paper)
    return {
        "form": FORM,
        **{name: plain[name] for name in _WORDS},
        **{name: list(plain[name]) for name in _LISTS},
        "day": paper.day.isoformat(),
        "printed_on": paper.printed_on.isoformat() if paper.printed_on else None,
        "draft": paper.draft,
        "blocks": [_block_record(block) for block in paper.blocks],
        "attachments": [
            {"title": one.title, "blocks": [_block_record(block) for block in one.blocks]} for one in paper.attachments
        ],
    }


def from_record(record: Mapping[str, Any]) -> OfficialPaper:
    """The same paper again. ValueError for a record of an unknown form."""
    if record["form"] != FORM:
        raise ValueError(f"a paper of form {record['form']}")
    printed = record["printed_on"]
    words: dict[str, Any] = {name: record[name] for name in _WORDS} | {name: tuple(record[name]) for name in _LISTS}
    return OfficialPaper(
        **words, blocks=_blocks(record["blocks"]), day=date.fromisoformat(record["day"]), draft=record["draft"],
        printed_on=date.fromisoformat(printed) if printed else None,
        attachments=tuple(Attachment(one["title"], _blocks(one["blocks"])) for one in record["attachments"]),
    )  # fmt: skip


def _block_record(block: Block) -> dict[str, Any]:
    match block:
        case Heading(level, heading, text):
            return {"is": "heading", "level": int(level), "heading": heading, "text": text}
        case Paragraph(text):
            return {"is": "paragraph", "text": text}
        case Table(caption, columns, rows, total):
            return {
                "is": "table", "caption": caption, "columns": list(columns), "rows": [list(row) for row in rows],
                "total": list(total),
            }  # fmt: skip
        case Figures(items):
            return {"is": "figures", "items": [list(item) for item in items]}


def _blocks(records: Sequence[Mapping[str, Any]]) -> tuple[Block, ...]:
    return tuple(_block(record) for record in records)


def _block(record: Mapping[str, Any]) -> Block:
    match record["is"]:
        case "heading":
            return Heading(Level(record["level"]), record["heading"], record["text"])
        case "paragraph":
            return Paragraph(record["text"])
        case "table":
            rows = tuple(tuple(row) for row in record["rows"])
            return Table(record["caption"], tuple(record["columns"]), rows, tuple(record["total"]))
        case "figures":
            return Figures(tuple((name, value) for name, value in record["items"]))
        case other:
            raise ValueError(f"an unknown block: {other}")
