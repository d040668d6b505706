"""Residents' messages as a file: what a message must say, and which unit answers for which words.

Who wrote a message is never read: neither a column of authors nor any other column that is not named here.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from chuangwen.rules.deadlines import SHANGHAI
from chuangwen.rules.refusals import BadInput
from chuangwen.rules.table_files import CONTROL
from chuangwen.rules.tables import Column, Line, Problem, doubles, read_lines, read_table, sentences, text_column

LARGEST_FILE: Final = 200 * 2**20
OLDEST_YEAR: Final = 1990
_LARGEST_ID: Final = 2**63 - 1
_SLASHED: Final = re.compile(r"(\d{4})[/.年](\d{1,2})[/.月](\d{1,2})日?\s*(?:(\d{1,2}):(\d{2})(?::(\d{2}))?)?")


def _read_id(text: str) -> int:
    if not re.fullmatch(r"[0-9]{1,19}", text) or not 0 < int(text) <= _LARGEST_ID:
        raise ValueError(f"“{text}”不是正整数。")
    return int(text)


def _read_moment(text: str) -> datetime:
    """A moment; Beijing time unless it says otherwise."""
    if found := _SLASHED.fullmatch(text):
        year, *rest = (int(part) for part in found.groups("0"))
        iso = "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}".format(year, *rest)
    else:
        iso = text
    try:
        moment = datetime.fromisoformat(iso)
    except ValueError:
        raise ValueError(f"“{text}”读不懂，请写成 2020-06-28 09:30:00。") from None
    return moment if moment.tzinfo else moment.replace(tzinfo=SHANGHAI)


def _read_text(text: str) -> str:
    return CONTROL.sub("", text)


# The Chinese headers are those under which city message boards export.
_COLUMNS: Final = (
    Column("message_id", "留言编号", required=True, reads=_read_id, empty=None),
    text_column("subject", "留言主题", 200, required=True),
    Column("received_at", "留言时间", required=True, reads=_read_moment, empty=None),
    Column("body", "留言详情", required=True, reads=_read_text),
    Column("reply", "答复意见", reads=_read_text),
    Column("replied_at", "答复时间", reads=_read_moment, empty=None),
)
_ROUTING_COLUMNS: Final = (
    text_column("keyword", "关键词", 40, required=True),
    text_column("unit_code", "单位编码", 32, required=True),
)


@dataclass(frozen=True)
class Message:
    """One message and, when there is one, the answer with its moment; `row` is where it stood in the file."""

    message_id: int
    subject: str
    received_at: datetime
    body: str
    reply: str = ""
    replied_at: datetime | None = None
    row: int = 0


@dataclass(frozen=True)
class MessageFile:
    """The good messages of a file in the order in which they came in, and a sentence for everything wrong in others."""

    messages: tuple[Message, ...]
    problems: tuple[str, ...] = ()
    bad_rows: int = 0


def read_messages(content: bytes, *, now: datetime) -> MessageFile:
    """The messages in a CSV (also gzipped) or .xlsx file.

    A bad row is left out and named with its number. Raises BadInput for a file that is wrong as a whole.
    """
    lines, problems = read_lines(content, _COLUMNS, others=True, largest=LARGEST_FILE)
    if lines and ("reply" in lines[0].values) != ("replied_at" in lines[0].values):
        raise BadInput("答复意见（reply）和答复时间（replied_at）两列要么都有，要么都没有。")
    problems += doubles(((line.number, str(line.values["message_id"])) for line in lines), "留言编号")
    messages = [Message(**line.values, row=line.number) for line in lines]
    problems += [problem for message in messages for problem in _problems(message, now)]
    bad = {problem.row for problem in problems}
    good = sorted((m for m in messages if m.row not in bad), key=lambda m: (m.received_at, m.message_id))
    return MessageFile(tuple(good), sentences(problems), len(bad))


def _problems(message: Message, now: datetime) -> Iterator[Problem]:
    row = message.row
    for label, moment in (("留言时间", message.received_at), ("答复时间", message.replied_at)):
        if moment is not None and moment > now:
            yield Problem(row, label, f"{moment:%Y-%m-%d %H:%M} 还没有到。")
        elif moment is not None and moment.year < OLDEST_YEAR:
            yield Problem(row, label, f"{moment:%Y-%m-%d} 早于 {OLDEST_YEAR} 年，像是写错了。")
    if message.replied_at is not None and message.replied_at < message.received_at:
        yield Problem(row, "答复时间", f"{message.replied_at:%Y-%m-%d %H:%M} 早于留言时间。")
    if message.reply and message.replied_at is None:
        yield Problem(row, "答复时间", "有答复意见，没有答复时间。")
    if message.replied_at is not None and not message.reply:
        yield Problem(row, "答复意见", "有答复时间，没有答复意见。")


@dataclass(frozen=True)
class RoutingRow:
    """Messages with this word go to this unit; the first row that fits decides."""

    keyword: str
    unit_code: str
    row: int = 0


def read_routing(content: bytes) -> tuple[RoutingRow, ...]:
    """The routing table in a CSV or .xlsx file: keyword,unit_code. Raises BadInput naming every bad row."""
    lines: Sequence[Line] = read_table(content, _ROUTING_COLUMNS)
    if twice := list(doubles(((line.number, line.values["keyword"]) for line in lines), "关键词")):
        raise BadInput(sentences(twice))
    return tuple(RoutingRow(**line.values, row=line.number) for line in lines)
