"""Words of people as blocks of an official paper, and moments as papers write them."""

import re
from collections.abc import Iterable
from datetime import datetime
from typing import Final

from chuangwen.rules.official_paper import Block, Heading, Level, Paragraph, day_text
from chuangwen.scores.reach import BEIJING

NOTHING: Final = "—"
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_ONE = re.compile(r"^[一二三四五六七八九十]+、[^。；]{1,30}$")
_TWO = re.compile(r"^(（[一二三四五六七八九十]+）[^。]{1,30}。?)(.*)$")


def clean(text: str) -> str:
    """On one line, without control characters, which no document can hold."""
    return _CONTROL.sub(" ", text).strip()


def paragraphs(lines: Iterable[str]) -> tuple[Block, ...]:
    """Lines as people write them: 一、 and（一）at the beginning make headings, empty lines go."""
    return tuple(_block(line) for line in map(clean, lines) if line)


def _block(line: str) -> Block:
    if _ONE.match(line):
        return Heading(Level.ONE, line)
    found = _TWO.match(line)
    return Heading(Level.TWO, found[1], found[2]) if found else Paragraph(line)


def moment(at: datetime | None) -> str:
    """2020年6月24日18时30分 in Beijing; a dash for what has not happened."""
    if at is None:
        return NOTHING
    local = at.astimezone(BEIJING)
    return f"{day_text(local.date())}{local.hour}时{f'{local.minute}分' if local.minute else ''}"


def as_of(now: datetime) -> str:
    """附注 of a paper that follows what the system holds now."""
    return f"本件按{moment(now)}的系统数据生成。"
