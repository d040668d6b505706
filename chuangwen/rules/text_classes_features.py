"""What a message is made of, for telling its class: strings of characters, words, and both at its head.

Blanks are taken out first, so a text as a resident typed it and the same text cut into words by a tool give the same
features. Words come back by the longest match against a dictionary learnt from the training tokens.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable
from itertools import pairwise
from typing import Final

LONGEST_READ: Final = 5_000  # characters; the longest of 6,447 real messages has 4,500, and time must stay bounded
LONGEST_GRAM: Final = 3
HEAD: Final = 40  # characters; messages begin with their subject
LONGEST_WORD: Final = 8
LEAST_USES: Final = 2
_GONE: Final = re.compile(r"[\s\x00-\x1f\x7f\u200b-\u200f\ufeff\ud800-\udfff]+")
_DIGIT: Final = re.compile(r"\d")

Pieces = tuple[list[str], list[str], list[str]]


def normal(text: str) -> str:
    """The text in one width and case, without blanks and control characters, every digit a 0, at most 5,000 long."""
    plain = unicodedata.normalize("NFKC", _GONE.sub("", text)[:LONGEST_READ]).lower()
    return _DIGIT.sub("0", _GONE.sub("", plain)[:LONGEST_READ])  # the compatible form of a sign may hold blanks


def dictionary(texts: Iterable[str]) -> frozenset[str]:
    """Words of two to eight characters that stand between blanks in at least two texts."""
    uses: Counter[str] = Counter()
    for text in texts:
        plain = {normal(token) for token in text.split()}
        uses.update(word for word in plain if 2 <= len(word) <= LONGEST_WORD)
    return frozenset(word for word, count in uses.items() if count >= LEAST_USES)


def longest_matches(plain: str, words: frozenset[str]) -> list[tuple[int, int]]:
    """Start and end of each dictionary word, read from the left, the longest first; what is no word is passed over."""
    found: list[tuple[int, int]] = []
    at = 0
    while at < len(plain) - 1:
        for end in range(min(at + LONGEST_WORD, len(plain)), at + 1, -1):
            if plain[at:end] in words:
                found.append((at, end))
                at = end
                break
        else:
            at += 1
    return found


def pieces(plain: str, words: frozenset[str]) -> Pieces:
    """The three blocks of a normalised text: character strings, words, character strings of the head."""
    return grams(plain), [plain[a:b] for a, b in longest_matches(plain, words)], grams(plain[:HEAD])


def grams(plain: str) -> list[str]:
    """Every string of one, two and three characters, with repeats."""
    twos = [a + b for a, b in pairwise(plain)]
    return [*plain, *twos, *(two + c for two, c in zip(twos, plain[2:], strict=False))]
