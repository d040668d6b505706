"""Reports in a file for finding their topics, and the topics as plain facts."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, Final

from chuangwen.rules.deadlines import SHANGHAI
from chuangwen.rules.refusals import BadInput
from chuangwen.rules.same_trouble import Spoken, counted, masked_places, signature
from chuangwen.rules.tables import Column, read_lines, sentences
from chuangwen.rules.topics import TRENDS, Topic, Voice

LARGEST: Final = 200 * 2**20


def _moment(text: str) -> datetime:
    try:
        found = datetime.fromisoformat(text.strip().replace("/", "-"))
    except ValueError:
        raise ValueError(f"“{text}”读不懂，请写成 2020-06-28 09:30:00。") from None
    return found if found.tzinfo else found.replace(tzinfo=SHANGHAI)


def _whole(text: str) -> int:
    if not text.isascii() or not text.isdigit() or len(text) > 9:
        raise ValueError(f"“{text}”不是整数。")
    return int(text)


_COLUMNS: Final = (
    Column("message_id", "留言编号"),
    Column("subject", "留言主题", required=True, empty=""),
    Column("received_at", "留言时间", required=True, reads=_moment, empty=None),
    Column("body", "留言详情", required=True),
    Column("likes", "点赞数", reads=_whole, empty=0),
)


def read_voices(content: bytes) -> tuple[Voice, ...]:
    """The reports of a CSV (also gzipped) or spreadsheet, in order of time; authors are not read. BadInput names all faults."""
    lines, problems = read_lines(content, _COLUMNS, others=True, largest=LARGEST)
    if problems:
        raise BadInput(sentences(problems))
    if not lines:
        raise BadInput("表里只有标题行，没有留言。")
    weights = counted((line.values["subject"], line.values["body"]) for line in lines)
    voices = []
    for line in lines:
        title, text, at = line.values["subject"], line.values["body"], line.values["received_at"]
        spoken = Spoken(signature(title, text, weights), at, named=masked_places(f"{title} {text[:60]}"))
        key = line.values.get("message_id") or str(line.number)
        voices.append(Voice(key, title, text, at.date(), spoken, likes=line.values.get("likes") or 0))
    return tuple(sorted(voices, key=lambda voice: (voice.day, voice.key)))


def between(voices: Sequence[Voice], since: date | None, until: date | None) -> tuple[tuple[Voice, ...], date, date]:
    """Those of a period (all when open), and its first and last day."""
    if since and until and since > until:
        raise BadInput("终点不能早于起点。")
    kept = tuple(v for v in voices if (not since or v.day >= since) and (not until or v.day <= until))
    if not kept:
        raise BadInput("这段时间里没有留言。")
    return kept, since or kept[0].day, until or kept[-1].day


def as_facts(topic: Topic) -> dict[str, Any]:
    """A topic for JSON."""
    return {
        "title": topic.title, "words": list(topic.words), "place": topic.place, "voices": topic.voices,
        "likes": topic.likes, "first": str(topic.first), "last": str(topic.last), "trend": topic.trend,
        "trend_label": TRENDS[topic.trend], "months": [list(each) for each in topic.months], "keys": list(topic.keys),
    }  # fmt: skip
