"""What a reply must hold before it is sent: every point answered, the unit and the date named, nobody's personal data,
no empty phrase. 《信访工作条例》第三十二条 asks that the answer go into the matters that were raised.
"""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from chuangwen.rules.residents import without_numbers
from chuangwen.rules.text import bigrams

MOST_POINTS = 12
_BREAK = re.compile(
    r"[。！？!?；;\n]+|(?:^|(?<=[，,：:。；;\s]))(?:[一二三四五六七八九十]|\d{1,2})[、.．)）]|(?:另外|此外|还有)[，,]?"
)
_DATE = re.compile(r"(?:\d{4}年)?\d{1,2}月\d{1,2}[日号]|\d{4}-\d{1,2}-\d{1,2}|今天|当天")
_NAMED = re.compile(
    r"(?<![\u4e00-\u9fff])?[\u4e00-\u9fff]某某?|(?:居民|业主|住户|市民|租户)[\u4e00-\u9fff]{1,3}(?:先生|女士|某)"
)
_HAS_DIGIT = re.compile(r"\d")
_PLATE = re.compile(r"[\u4e00-\u9fff][A-Z][A-Z0-9]{5,6}")
_ROOM = re.compile(r"\d{1,3}(?:号楼|幢|栋)[\d一二三四五六七八九十]*(?:单元)?\d{3,4}室")


@dataclass(frozen=True)
class Phrase:
    """An empty phrase and what to write in its place."""

    words: str
    instead: str


@dataclass(frozen=True)
class Words:
    """The lists that checks go by: empty phrases, pairs of signs that say nothing, openings of a letter."""

    empty: tuple[Phrase, ...]
    small: frozenset[str]
    openings: tuple[str, ...]

    @classmethod
    def read(cls, table: Mapping[str, object]) -> "Words":
        """From the parsed file of words."""
        empty, small = table["empty"], table["small"]
        assert isinstance(empty, list)
        assert isinstance(small, dict)
        return cls(
            tuple(Phrase(row["words"], row["instead"]) for row in empty), frozenset(small["pairs"]), tuple(small["openings"])
        )  # fmt: skip


def _telling(text: str, words: Words) -> frozenset[str]:
    return frozenset(
        pair
        for pair in bigrams(text).split()
        if len(pair) > 1 and not _HAS_DIGIT.search(pair) and pair not in words.small
    )


def points_of(text: str, words: Words) -> tuple[str, ...]:
    """What a report raises, one piece a point: its sentences and numbered parts without greetings and thanks.

    A piece that says little (fewer than three telling pairs of signs) belongs to none; nothing is told twice.
    """
    found: list[str] = []
    seen: list[frozenset[str]] = []
    for piece in _BREAK.split(text):
        point = piece.strip(" ，,、：:（）()\t")
        telling = _telling(point, words)
        if len(telling) < 3 or point.startswith(words.openings):
            continue
        if any(len(telling & other) >= 0.8 * len(telling) for other in seen):
            continue
        found.append(point[:80])
        seen.append(telling)
    return tuple(found[:MOST_POINTS])


def answers(point: str, reply: str, words: Words) -> bool:
    """Whether a reply speaks of a point: it shares three in twenty of its telling pairs, and at least two (one of a short one)."""
    telling = _telling(point, words)
    shared = telling & _telling(reply, words)
    return len(shared) >= max(1 if len(telling) < 5 else 2, 0.15 * len(telling))


def personal_data(reply: str) -> tuple[str, ...]:
    """Sentences for what tells who somebody is: numbers, plates, a flat, a named neighbour."""
    found = []
    if without_numbers(reply) != reply:
        found.append("答复里有电话号码或身份证号，请删去。")
    if _PLATE.search(reply):
        found.append("答复里像是有车牌号，请删去。")
    if _ROOM.search(reply):
        found.append("答复里写到了门牌室号，请只写到楼。")
    if _NAMED.search(reply):
        found.append("答复里提到了居民的称呼，请删去。")
    return tuple(found)


def reply_objections(
    reply: str, *, report: str, unit_names: Collection[str], words: Words, passed_over: Sequence[str] = ()
) -> tuple[str, ...]:
    """Everything that stands between a reply and its sending. `passed_over`: points that the sender says need no answer."""
    text = reply.strip()
    if not text:
        return ("请写答复。",)
    found = [
        f"没有答到这一点：“{point}”。"
        for point in points_of(report, words)
        if point not in passed_over and not answers(point, text, words)
    ]
    if unit_names and not any(name in text for name in unit_names):
        found.append(f"请写明责任单位（{'、'.join(sorted(unit_names))}）。")
    if not _DATE.search(text):
        found.append("请写明日期，例如“6月24日”。")
    found += personal_data(text)
    found += [f"“{row.words}”没有说明什么，请{row.instead}。" for row in words.empty if row.words in text]
    return tuple(found)
