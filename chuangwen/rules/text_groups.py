"""Free answers that say the same, side by side: pairs of signs in common, joined from the most telling one on.

Dice's measure over pairs of neighbouring signs (L. R. Dice, Ecology 26, 1945); good for hundreds of short remarks.
"""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

LIKE = 0.34
MOST = 2_000
_SIGNS = re.compile(r"[\W_]+")
_EMPTY = frozenset("的了吗呢啊吧是有在和也都很就还请能希望建议")


@dataclass(frozen=True)
class TextGroup:
    """Remarks by their place in the list; `title` is the remark most like the others, `words` pairs they share."""

    title: str
    members: tuple[int, ...]
    words: tuple[str, ...]


def _pairs(text: str) -> frozenset[str]:
    signs = "".join(sign for sign in _SIGNS.sub("", text.lower()) if sign not in _EMPTY)
    return frozenset(signs[at : at + 2] for at in range(len(signs) - 1)) or frozenset({signs})


def likeness(one: frozenset[str], other: frozenset[str]) -> float:
    """From 0, nothing in common, to 1, the same pairs."""
    return 2 * len(one & other) / (len(one) + len(other)) if one or other else 0.0


def group_texts(texts: Sequence[str], *, like: float = LIKE) -> tuple[TextGroup, ...]:
    """Every remark in exactly one group, the largest group first; the same remarks always make the same groups."""
    pairs = [_pairs(text[:500]) for text in texts[:MOST]]
    groups: list[tuple[Counter[str], list[int]]] = []
    for place in sorted(range(len(pairs)), key=lambda at: (-len(pairs[at]), texts[at], at)):
        best, much = None, like
        for group in groups:
            common = frozenset(word for word, times in group[0].items() if 2 * times >= len(group[1]))
            if (found := likeness(pairs[place], common)) >= much:
                best, much = group, found
        if best is None:
            groups.append((Counter(pairs[place]), [place]))
        else:
            best[0].update(pairs[place])
            best[1].append(place)
    made = [_told(texts, pairs, words, members) for words, members in groups]
    return tuple(sorted(made, key=lambda group: (-len(group.members), group.title)))


def _told(texts: Sequence[str], pairs: Sequence[frozenset[str]], words: Counter[str], members: list[int]) -> TextGroup:
    def telling(place: int) -> tuple[float, int, str]:
        return (-sum(words[pair] for pair in pairs[place]) / max(1, len(pairs[place])), len(texts[place]), texts[place])

    shared = [word for word, times in sorted(words.items(), key=lambda row: (-row[1], row[0])) if times > 1]
    return TextGroup(texts[min(members, key=telling)][:80], tuple(sorted(members)), tuple(shared[:4]))
