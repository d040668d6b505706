"""What a report is about before anybody read it: class, type of place and urgency, each with a probability and words.

Two ways to a class: a model trained on what people confirmed (`text_classes`), and, until there is one, the words of the
case standards themselves. Nothing here decides: a person confirms.
"""

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from chuangwen.rules.same_trouble import pair_counts, plain
from chuangwen.rules.text_classes import TextModel

MOST: Final = 3  # offered of each kind
_UNSURE: Final = 1.0  # added to the score of every class: a text with few telling words stays undecided


@dataclass(frozen=True, slots=True)
class Offer:
    """A value, how probable it is, and the words that speak for it."""

    value: str
    probability: float
    words: tuple[str, ...] = ()

    def row(self) -> list[object]:
        """As it is kept."""
        return [self.value, round(self.probability, 4), list(self.words)]


def by_model(model: TextModel, text: str, *, most: int = MOST) -> tuple[Offer, ...]:
    """The most probable classes of a trained model."""
    guess = model.predict(text)
    ranked = sorted(zip(guess.probabilities, model.classes, strict=True), reverse=True)[:most]
    return tuple(
        Offer(name, share, tuple(reason.word for reason in model.explain(text, name, most=4))) for share, name in ranked
    )


def by_words(title: str, text: str, described: Mapping[str, str], *, most: int = MOST) -> tuple[Offer, ...]:
    """Which description shares the most telling pairs of characters with a report; rare ones among descriptions tell more.

    Probabilities are shares of the scores, each plus one; not calibrated, so never above 0.9.
    """
    pairs_of = {value: set(pair_counts("", words)) for value, words in described.items() if words}
    if not pairs_of:
        return ()
    holders = Counter(pair for pairs in pairs_of.values() for pair in pairs)
    tells = {pair: math.log((len(pairs_of) + 1) / (count + 0.5)) for pair, count in holders.items()}
    spoken = pair_counts(title, text)
    shared = {
        value: {pair: tells[pair] * (1 + math.log(spoken[pair])) for pair in pairs & set(spoken)}
        for value, pairs in pairs_of.items()
    }
    scores = {value: math.expm1(min(sum(each.values()) / 2, 20)) for value, each in shared.items()}
    whole = sum(scores.values()) + _UNSURE * len(scores)
    ranked = sorted(scores, key=lambda value: (-scores[value], value))[:most]
    return tuple(
        Offer(value, min((scores[value] + _UNSURE) / whole, 0.9), _heaviest(shared[value])) for value in ranked
    )


def _heaviest(pairs: Mapping[str, float]) -> tuple[str, ...]:
    return tuple(sorted(pairs, key=lambda pair: (-pairs[pair], pair))[:4])


# Words with which a report of danger begins to be urgent, and how often such a report is (a setting, not a measurement).
_DANGER: Final[Mapping[str, float]] = {
    "燃气泄漏": 0.95, "漏气": 0.8, "漏电": 0.9, "触电": 0.95, "着火": 0.95, "起火": 0.95, "冒烟": 0.7, "爆炸": 0.95,
    "坍塌": 0.9, "塌陷": 0.85, "倒塌": 0.9, "坠落": 0.85, "掉落": 0.6, "脱落": 0.5, "井盖缺失": 0.9, "没有井盖": 0.9,
    "井盖丢": 0.85, "电线垂": 0.8, "电线掉": 0.85, "高空抛物": 0.6, "消防通道": 0.45, "占用消防": 0.5, "溺水": 0.95,
    "中毒": 0.9, "受伤": 0.7, "摔伤": 0.7, "被困": 0.9, "爆管": 0.75, "水管爆": 0.75, "停水": 0.4, "停电": 0.4,
    "污水倒灌": 0.6, "狗咬": 0.7, "危房": 0.7, "裂缝": 0.35,
}  # fmt: skip
URGENT, ORDINARY = "紧急", "一般"


def urgency(title: str, text: str) -> tuple[Offer, ...]:
    """Urgent and ordinary with their chances: each word of danger speaks by itself (noisy or)."""
    shown = plain(f"{title}\n{text}")
    found = {word: chance for word, chance in _DANGER.items() if word in shown}
    calm = math.prod(1 - chance for chance in found.values()) * 0.97
    words = tuple(sorted(found, key=lambda word: (-found[word], word))[:4])
    offers = [Offer(URGENT, 1 - calm, words), Offer(ORDINARY, calm)]
    return tuple(sorted(offers, key=lambda offer: -offer.probability))


def of_units(classes: Sequence[Offer], unit_of: Mapping[str, tuple[str, str]]) -> tuple[Offer, ...]:
    """Units with the probability of the classes that lead to them; `unit_of`: class -> (unit, why)."""
    shares: dict[str, float] = {}
    why: dict[str, str] = {}
    for offer in classes:
        if offer.value in unit_of:
            unit, reason = unit_of[offer.value]
            shares[unit] = shares.get(unit, 0.0) + offer.probability
            why.setdefault(unit, reason)
    return tuple(
        Offer(unit, share, (why[unit],)) for unit, share in sorted(shares.items(), key=lambda each: (-each[1], each[0]))
    )
