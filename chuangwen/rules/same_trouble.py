"""Whether two reports speak of the same trouble: their words weighed by rarity, and place, class, time, photograph.

A text becomes its 48 heaviest pairs of characters, weighed by (1 + ln tf) · ln(rarity), the subject counted twice, at
unit length; likeness is the cosine (Salton and Buckley, Information Processing & Management 24 (1988) 513-523). Pairs
need no dictionary and find place names nobody listed. What to look up in an index are the heaviest of these pairs.
"""

import html
import math
import re
import unicodedata
from array import array
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import lru_cache
from itertools import pairwise
from typing import Final

from chuangwen.rules.common_pairs import PER_THOUSAND
from chuangwen.rules.traditional import simplified

LONGEST_READ: Final = 5_000  # characters
KEPT, STORED, LOOKED_UP = 48, 16, 24  # pairs: of a signature, of them in the index, of a new report's looked up
SAME, RELATED = 0.40, 0.28  # likeness from which reports are offered as the same, and as perhaps related
SHORT: Final = 20  # pairs; a text with fewer cannot say which of many like places it means
NEAR, FAR = 200.0, 1_500.0  # metres
LONG_AGO: Final = timedelta(days=365)
_PRIOR: Final = 2_000  # messages that the built-in frequencies stand for
_TAGS: Final = re.compile(r"<[^<>]{1,300}>")
_LINKS: Final = re.compile(r"https?://\S+")
_NUMBERS: Final = re.compile(r"\d{6,}")  # telephone and identity numbers say nothing about the trouble
_RUNS: Final = re.compile(r"[\u3400-\u9fff0-9a-z]+")
_MASKED_PLACE: Final = re.compile(r"[a-z]\d{1,2}[市区县]")  # as publishers of message data mask districts


@lru_cache(maxsize=64)
def plain(text: str) -> str:
    """A text as it is compared: one width and case, simplified characters, no mark-up, links and long numbers."""
    bare = _TAGS.sub(" ", html.unescape(text[: 2 * LONGEST_READ]))
    bare = _LINKS.sub(" ", simplified(unicodedata.normalize("NFKC", bare)).lower())
    return _NUMBERS.sub(" ", bare)[:LONGEST_READ]


def pair_counts(title: str, text: str) -> Counter[str]:
    """The pairs of neighbouring characters of a report, those of its title counted twice."""
    counts: Counter[str] = Counter()
    for words, times in ((title, 2), (text, 1)):
        for run in _RUNS.findall(plain(words)):
            for first, second in pairwise(run):
                counts[first + second] += times
    return counts


@dataclass(frozen=True)
class Weights:
    """In how many of so many reports a pair stands; on top of what is known of residents' messages in general."""

    reports: int = 0
    counts: Mapping[str, int] = field(default_factory=dict)

    def rarity(self, pair: str) -> float:
        """ln of how seldom the pair is; always above 0."""
        seen = self.counts.get(pair, 0) + PER_THOUSAND.get(pair, 0) * _PRIOR / 1000
        return math.log((self.reports + _PRIOR + 1) / (seen + 0.5))


def counted(reports: Iterable[tuple[str, str]], *, least: int = 2) -> Weights:
    """Weights of (title, text) pairs; what stands in fewer than `least` reports counts as never seen."""
    counts: Counter[str] = Counter()
    number = 0
    for title, text in reports:
        number += 1
        counts.update(pair_counts(title, text).keys())
    return Weights(number, {pair: count for pair, count in counts.items() if count >= least})


@dataclass(frozen=True)
class Signature:
    """The heaviest pairs, as numbers (two characters, 16 bits each), heaviest first, and their weights (length 1)."""

    pairs: tuple[int, ...] = ()
    weights: tuple[float, ...] = ()

    def as_mapping(self) -> dict[int, float]:
        """Pair to weight."""
        return dict(zip(self.pairs, self.weights, strict=True))

    def to_bytes(self) -> bytes:
        """Six bytes a pair: number, weight times 65,535."""
        return array("I", self.pairs).tobytes() + array("H", [round(w * 65_535) for w in self.weights]).tobytes()

    @classmethod
    def from_bytes(cls, stored: bytes) -> "Signature":
        """What `to_bytes` wrote."""
        number = len(stored) // 6
        pairs, weights = array("I"), array("H")
        pairs.frombytes(stored[: 4 * number])
        weights.frombytes(stored[4 * number : 6 * number])
        return cls(tuple(pairs), tuple(weight / 65_535 for weight in weights))


def signature(title: str, text: str, weights: Weights) -> Signature:
    """What a report is found and compared by; empty for a text without two neighbouring letters."""
    weighed = [((1 + math.log(count)) * weights.rarity(pair), pair) for pair, count in pair_counts(title, text).items()]
    heaviest = sorted(weighed, key=lambda each: (-each[0], each[1]))[:KEPT]
    length = math.sqrt(sum(weight * weight for weight, _pair in heaviest))
    return Signature(
        tuple(_number(pair) for _weight, pair in heaviest), tuple(weight / length for weight, _pair in heaviest)
    )


def _number(pair: str) -> int:
    return ord(pair[0]) << 16 | ord(pair[1])


def pair_of(number: int) -> str:
    """The two characters of a pair's number."""
    return chr(number >> 16) + chr(number & 0xFFFF)


def likeness(one: Signature, other: Signature) -> float:
    """The cosine of two signatures, 0 to 1."""
    weights = other.as_mapping()
    return sum(weight * weights[pair] for pair, weight in zip(one.pairs, one.weights, strict=True) if pair in weights)


def shared_words(one: Signature, other: Signature, title: str, *, most: int = 4) -> tuple[str, ...]:
    """What both speak of, for people: the heaviest shared pairs, joined where they overlap in the title or stand alone."""
    weights = other.as_mapping()
    both = {pair_of(p): w * weights[p] for p, w in zip(one.pairs, one.weights, strict=True) if p in weights}
    words: dict[str, float] = {}
    for run in _RUNS.findall(plain(title)):
        word, gain = "", 0.0
        for first, second in [*pairwise(run), ("", "")]:
            if (pair := first + second) in both:
                word, gain = (word or first) + second, gain + both[pair]
            elif word:
                words[word], word, gain = gain, "", 0.0
    for pair, weight in both.items():
        if not any(pair in word for word in words):
            words[pair] = weight
    return tuple(sorted(words, key=lambda word: (-words[word], word))[:most])


@dataclass(frozen=True)
class Spoken:
    """What is known of a report beside its words; empty and None: not known. `named`: places that its text names."""

    signature: Signature
    at: datetime
    site: int | None = None
    position: tuple[float, float] | None = None  # longitude, latitude
    named: frozenset[str] = frozenset()
    class_name: str = ""


@dataclass(frozen=True)
class Likeness:
    """How alike two reports are, of that by words alone, and what speaks for and against, for people."""

    score: float
    words: float
    reasons: tuple[str, ...]

    @property
    def same(self) -> bool:
        """Alike enough to be offered as the same trouble."""
        return self.score >= SAME

    @property
    def related(self) -> bool:
        """Alike enough to be shown."""
        return self.score >= RELATED


def compared(new: Spoken, earlier: Spoken, *, same_photo: bool = False) -> Likeness:
    """How alike a report is to an earlier one; a short text is the same only where the place or the picture agrees."""
    words = likeness(new.signature, earlier.signature)
    place, near, where = _place(new, earlier)
    score, reasons = words * place[0] + place[1] * (words > 0), [*where]
    if same_photo:
        score, reasons = score + 0.35, [*reasons, "照片看上去相同"]
    if new.class_name and earlier.class_name:
        alike = new.class_name == earlier.class_name
        score = score + 0.03 * (words > 0) if alike else score * 0.85
        reasons += [f"同属“{new.class_name}”"] if alike else ["类别不同"]
    if abs(new.at - earlier.at) > LONG_AGO:
        score, reasons = score * 0.8, [*reasons, "相隔一年以上"]
    if min(len(new.signature.pairs), len(earlier.signature.pairs)) < SHORT and not (near or same_photo):
        score, reasons = min(score, SAME - 0.01), [*reasons, "文字太短，看不出是不是同一处"]
    return Likeness(min(score, 1.0), words, tuple(reasons))


def _place(new: Spoken, earlier: Spoken) -> tuple[tuple[float, float], bool, tuple[str, ...]]:
    """Factor and addition, whether the places agree, and the reason."""
    if new.site is not None and earlier.site is not None:
        if new.site == earlier.site:
            return (1.0, 0.15), True, ("同一点位",)
    elif both := sorted(new.named & earlier.named):
        return (1.0, 0.05), True, (f"都提到{'、'.join(both[:3])}",)
    if new.position and earlier.position:
        apart = _metres(new.position, earlier.position)
        if apart <= NEAR:
            return (1.0, 0.08), True, (f"相距约 {apart:.0f} 米",)
        if apart >= FAR:
            return (0.5, 0.0), False, (f"相距 {apart / 1000:.1f} 公里",)
    if new.named and earlier.named and not new.named & earlier.named:
        return (0.75, 0.0), False, ("提到的地名不同",)
    return (1.0, 0.0), False, ()


def _metres(one: tuple[float, float], other: tuple[float, float]) -> float:
    """On a plane through both, exact enough for a city."""
    east = (one[0] - other[0]) * math.cos(math.radians((one[1] + other[1]) / 2))
    return math.hypot(east, one[1] - other[1]) * 111_195


def masked_places(title: str) -> frozenset[str]:
    """Districts and counties in the masked form of published message data (A3区, A7县)."""
    return frozenset(_MASKED_PLACE.findall(plain(title)))
