"""Hot topics of a period: reports of the same trouble in groups, each with a title in words, place, voices and trend.

Groups by average linkage over the likenesses of `same_trouble` (Sokal and Michener 1958): one bridge between two troubles
does not melt them into one. Pairs that share no heavy pair of characters count as wholly unlike.
"""

import heapq
import math
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from chuangwen.rules.personal_numbers import hidden_numbers
from chuangwen.rules.same_trouble import Signature, Spoken, compared, plain

LINKED: Final = 0.20  # average likeness from which two groups are one; chosen by reading groups of 4,262 messages
LEAST_VOICES: Final = 2
_FAINT: Final = 0.10  # likenesses below this are taken for none
_BEGINNINGS: Final = re.compile(
    r"^(?:强烈|坚决|再次|第?[一二三四]次|关于|针对|投诉|举报|反映|咨询|请问|请求|恳请|希望|建议|求助|[:：,，!！\s])+"
)
_ENDINGS: Final = re.compile(r"(?:的?(?:问题|情况|投诉|建议|请求|咨询|疑问|反映)|[?？!！。.\s])+$")
_CLIPPED: Final = re.compile(r"^(?:[a-z]?\d*[区市县]|[于在的是])+")
_PLACE_WORD: Final = re.compile(
    r".+(?:小区|社区|街道|路|街|巷|里|苑|园|城|村|镇|桥|站|公园|市场|广场|学校|小学|中学|医院|大道)"
)


@dataclass(frozen=True)
class Voice:
    """One report as topics need it; `named`: the places of the gazetteer in it."""

    key: str
    title: str
    text: str
    day: date
    spoken: Spoken
    weight: int = 1  # voices: how many people spoke in this report
    likes: int = 0


@dataclass(frozen=True)
class Topic:
    """A group. `keys` begin with the report that stands for it; `months`: voices in each month of its life."""

    title: str
    words: tuple[str, ...]
    place: str
    voices: int
    likes: int
    first: date
    last: date
    trend: str
    months: tuple[tuple[str, int], ...]
    keys: tuple[str, ...]


@dataclass(frozen=True)
class Pair:
    """Two reports (their places in the list) and how alike they are."""

    earlier: int
    later: int
    score: float


def alike_pairs(voices: Sequence[Voice], *, least: float = _FAINT) -> list[Pair]:
    """All pairs at least so alike, the most alike first; `voices` in order of time."""
    holders: dict[int, list[tuple[int, float]]] = {}
    found: list[Pair] = []
    for later, voice in enumerate(voices):
        sums = _sums(voice.spoken.signature, holders, later)
        for earlier, words in sums.items():
            if words >= least:
                score = compared(voice.spoken, voices[earlier].spoken).score
                if score >= least:
                    found.append(Pair(earlier, later, score))
    return sorted(found, key=lambda pair: (-pair.score, pair.earlier, pair.later))


def _sums(new: Signature, holders: dict[int, list[tuple[int, float]]], place: int) -> dict[int, float]:
    """Cosines with all before; then the new one joins them."""
    sums: dict[int, float] = {}
    for pair, weight in zip(new.pairs, new.weights, strict=True):
        known = holders.setdefault(pair, [])
        for other, other_weight in known:
            sums[other] = sums.get(other, 0.0) + weight * other_weight
        known.append((place, weight))
    return sums


def groups(number: int, pairs: Sequence[Pair], *, linked: float = LINKED) -> list[list[int]]:
    """Average linkage: the two most alike groups become one, as long as their average likeness reaches `linked`."""
    members: dict[int, list[int]] = {at: [at] for at in range(number)}
    links: dict[int, dict[int, float]] = {at: {} for at in range(number)}  # sums of likenesses between groups
    queue = []
    for pair in pairs:
        links[pair.earlier][pair.later] = links[pair.later][pair.earlier] = pair.score
        queue.append((-pair.score, pair.earlier, pair.later))
    heapq.heapify(queue)
    fresh = number
    while queue:
        worth, one, other = heapq.heappop(queue)
        if -worth < linked or one not in members or other not in members:
            if -worth < linked:
                break
            continue
        joined, sums = members.pop(one) + members.pop(other), links.pop(one)
        for near, total in links.pop(other).items():
            sums[near] = sums.get(near, 0.0) + total
        members[fresh], links[fresh] = joined, {}
        for near, total in sums.items():
            if near in members and near != fresh:
                links[near].pop(one, None)
                links[near].pop(other, None)
                links[near][fresh] = links[fresh][near] = total
                heapq.heappush(queue, (-total / (len(joined) * len(members[near])), near, fresh))
        fresh += 1
    return sorted((sorted(group) for group in members.values()), key=lambda group: (-len(group), group))


def topics(voices: Sequence[Voice], *, since: date, until: date, most: int = 100) -> tuple[Topic, ...]:
    """The topics of a period with the most voices first; reports alone in their trouble are none."""
    ordered = sorted(voices, key=lambda voice: (voice.day, voice.key))
    pairs = alike_pairs(ordered)
    scores = {(pair.earlier, pair.later): pair.score for pair in pairs}
    found = [group for group in groups(len(ordered), pairs) if sum(ordered[at].weight for at in group) >= LEAST_VOICES]
    found.sort(key=lambda group: (-sum(ordered[at].weight for at in group), group))
    return tuple(_topic([ordered[at] for at in _central(group, scores)], since, until) for group in found[:most])


def _central(group: list[int], scores: Mapping[tuple[int, int], float]) -> list[int]:
    """The group, those nearest to all others first."""
    totals = {
        at: sum(scores.get((min(at, other), max(at, other)), 0.0) for other in group if other != at) for at in group
    }
    return sorted(group, key=lambda at: (-totals[at], at))


def _topic(group: Sequence[Voice], since: date, until: date) -> Topic:
    words = common_phrases([f"{voice.title}\n{voice.text[:200]}" for voice in group])
    days = sorted(voice.day for voice in group for _each in range(voice.weight))
    months = Counter(f"{day:%Y-%m}" for day in days)
    return Topic(
        title=_title(group), words=words, place=_place(group, words), voices=len(days),
        likes=sum(voice.likes for voice in group), first=days[0], last=days[-1], trend=trend(days, since, until),
        months=tuple(sorted(months.items())), keys=tuple(voice.key for voice in group),
    )  # fmt: skip


def _title(group: Sequence[Voice]) -> str:
    """What one of the three most central reports says in its subject, the fullest within thirty characters."""
    bare = [_ENDINGS.sub("", _BEGINNINGS.sub("", hidden_numbers(voice.title.strip()))) for voice in group[:3]]
    fitting = [words for words in bare if 6 <= len(words) <= 30]
    return max(fitting, key=len) if fitting else (bare[0] or group[0].title.strip() or "（没有标题）")[:40]


def common_phrases(texts: Sequence[str], *, most: int = 5) -> tuple[str, ...]:
    """Strings of 3 to 8 characters that stand in more than half of the texts, the longest that say the same; the
    most frequent first."""
    uses: Counter[str] = Counter()
    for text in texts[:200]:
        found: set[str] = set()
        for run in re.findall(r"[\u3400-\u9fff0-9a-z]+", plain(text)):
            found |= {run[at : at + n] for n in range(3, 9) for at in range(len(run) - n + 1)}
        uses.update(found)
    half = min(len(texts), 200) / 2
    frequent = sorted((word for word, count in uses.items() if count > half), key=lambda word: (-len(word), word))
    kept: list[str] = []
    for word in frequent:
        if not any(_overlap(word, other) for other in kept):
            kept.append(word)
    return tuple(sorted(kept, key=lambda word: (-uses[word] * len(word), word))[:most])


def _overlap(word: str, other: str) -> bool:
    """Whether one holds most of the other."""
    return any(word[at : at + len(word) - 1] in other for at in range(2)) or word in other


def _place(group: Sequence[Voice], words: Sequence[str]) -> str:
    """The place of the gazetteer that most name, with a common phrase that ends like a place."""
    named = Counter(name for voice in group for name in voice.spoken.named)
    top = [name for name, count in named.most_common(1) if 2 * count >= len(group)]
    whole = [_CLIPPED.sub("", found[0]) for word in words if (found := _PLACE_WORD.match(word))]
    like = [word for word in whole if len(word) > 2 and word not in top]
    return " ".join([*(name.upper() for name in top), *like[:1]])


def trend(days: Sequence[date], since: date, until: date) -> str:
    """How the voices lie in the last quarter of the period beside an even spread (exact binomial test at 5 %).

    new: the first one came in the last quarter; quiet: none did; rising, falling; else steady.
    """
    border = until - timedelta(days=((until - since).days + 1) // 4)
    late = sum(day > border for day in days)
    if late == len(days):
        return "new"
    if late == 0:
        return "quiet"
    if _tail(late, len(days), 0.25) <= 0.05:
        return "rising"
    return "falling" if 1 - _tail(late + 1, len(days), 0.25) <= 0.05 else "steady"


def _tail(least: int, of: int, share: float) -> float:
    """The chance of at least so many."""
    return sum(math.comb(of, k) * share**k * (1 - share) ** (of - k) for k in range(least, of + 1))


TRENDS: Final[Mapping[str, str]] = {
    "new": "新出现", "rising": "上升", "steady": "平稳", "falling": "下降", "quiet": "已平息",
}  # fmt: skip


def sampled(pairs: Sequence[Pair], number: int, *, least: float) -> list[Pair]:
    """Pairs to judge: evenly through all that are offered as the same, by likeness; the same every time."""
    offered = [pair for pair in pairs if pair.score >= least]
    if len(offered) <= number:
        return offered
    return [offered[(2 * at + 1) * len(offered) // (2 * number)] for at in range(number)]


def precision(right: int, judged: int) -> tuple[float, float, float]:
    """Share and its 95 % interval (Wilson 1927)."""
    if not judged:
        return 0.0, 0.0, 1.0
    z, share = 1.96, right / judged
    middle = (share + z * z / (2 * judged)) / (1 + z * z / judged)
    half = z * math.sqrt(share * (1 - share) / judged + z * z / (4 * judged * judged)) / (1 + z * z / judged)
    return share, max(0.0, middle - half), min(1.0, middle + half)
