"""Words of a text for searching: character bigrams for Chinese, whole runs for letters and digits.

Character bigrams found exactly the rows of a substring scan on SQLite and PostgreSQL where word segmentation missed some.
"""

import re
from itertools import pairwise


def _units(text: str) -> list[str]:
    return re.findall(r"[\u3400-\u9fff\U00020000-\U0002ffff0-9a-z]+", text.lower())


def bigrams(text: str) -> str:
    """The index form of a text: overlapping pairs of characters, each run closed by its last character alone.

    A phrase of pairs can never reach across two runs, because the single last character stands between them.
    """
    words: list[str] = []
    for run in _units(text):
        words += [first + second for first, second in pairwise(run)]
        words.append(run[-1])
    return " ".join(words)


def phrases(query: str) -> list[tuple[list[str], bool]]:
    """What to look for: for each run of the query its pairs in order; True when the last is a prefix (one character)."""
    return [
        ([first + second for first, second in pairwise(run)], False) if len(run) > 1 else ([run], True)
        for run in _units(query)
    ]


def mask_phone(number: str) -> str:
    """A telephone number that can be recognised but not dialled.

    From eleven digits on the first three and last four stay, from seven on the first two and last two, below that
    the last two; what is not a digit stays, so that an area code's hyphen is still seen.
    """
    places = [at for at, sign in enumerate(number) if sign.isdigit()]
    head, tail = (3, 4) if len(places) >= 11 else (2, 2) if len(places) >= 7 else (0, 2)
    hidden = set(places[head : max(head, len(places) - tail)])
    return "".join("*" if at in hidden else sign for at, sign in enumerate(number))
