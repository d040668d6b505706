"""That somebody took a little trouble: a number that a machine must search for, or a sum in words for a person.

The search is that of Hashcash (Back 2002): a number whose SHA-256 together with the task begins with so many zero bits.
"""

import hashlib
import re
import unicodedata
from collections.abc import Sequence
from typing import Final

BITS: Final = 13  # 8,192 tries on average: below a second on an old phone
LASTS: Final = 2 * 3600  # seconds
FREE_AN_HOUR: Final = 2  # so many reports of one network need no proof
CALM_AN_HOUR: Final = 100  # with more than this from everywhere, everybody proves
_DIGITS: Final = "零一二三四五六七八九十"


def is_solved(task: str, number: str, bits: int = BITS) -> bool:
    """Whether this number solves the task."""
    if not number.isascii() or not number.isdigit() or len(number) > 12:
        return False
    found = int.from_bytes(hashlib.sha256(f"{task}:{number}".encode()).digest())
    return found >> (256 - bits) == 0


def sum_in_words(chances: Sequence[int]) -> tuple[str, int]:
    """A sum that is read, not calculated by a page, and its answer; `chances`: two numbers from anywhere."""
    first, second = chances[0] % 8 + 2, chances[1] % 8 + 2
    return f"{_DIGITS[first]}加{_DIGITS[second]}等于几？", first + second


def read_answer(typed: str) -> int | None:
    """The number that somebody typed, in digits of any kind or in words up to nineteen; None when it is none."""
    plain = re.sub(r"[\s。.，,]", "", unicodedata.normalize("NFKC", typed))
    if plain.isascii() and plain.isdigit() and len(plain) < 4:
        return int(plain)
    if plain in _DIGITS and len(plain) == 1:
        return _DIGITS.index(plain)
    if len(plain) == 2 and plain[0] == "十" and plain[1] in _DIGITS[1:10]:
        return 10 + _DIGITS.index(plain[1])
    return None


def proof_needed(*, from_here: int, from_all: int) -> bool:
    """Whether a further report must show one, after so many in the last hour."""
    return from_here >= FREE_AN_HOUR or from_all >= CALM_AN_HOUR
