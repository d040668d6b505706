"""The class of a message, how sure that is, and the words that speak for it.

A linear model over three blocks of features (`text_classes_features`), each weighted by (1 + ln tf) · idf and brought
to its own length; one ridge regression per class (`text_classes_training`). Scores become probabilities by one
temperature, fitted on scores of texts that the model had not seen (Guo et al., ICML 2017).
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np
from numpy.typing import NDArray

from chuangwen.rules.text_classes_features import HEAD as HEAD_LENGTH
from chuangwen.rules.text_classes_features import LONGEST_GRAM, longest_matches, normal, pieces

Array = NDArray[np.float64]
SHARES: Final = (0.4, 0.3, 0.3)  # of a text's squared length: characters, words, head; chosen by cross-validation


@dataclass(frozen=True, slots=True)
class Guess:
    """The most probable class and all probabilities, in the order of the model's classes."""

    category: str
    probability: float
    probabilities: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Reason:
    """A word of the text and how much it adds to the score of a class beyond its mean over all classes."""

    word: str
    weight: float


@dataclass(frozen=True, eq=False)
class TextModel:
    """A trained model. `names` holds the features of each block; `idf` and `weights` have a row for each, in order."""

    classes: tuple[str, ...]
    prior: Array
    intercept: Array
    temperature: float
    words: frozenset[str]
    names: tuple[tuple[str, ...], ...]
    idf: NDArray[np.float32]
    weights: NDArray[np.float16]

    @cached_property
    def columns(self) -> tuple[dict[str, int], ...]:
        """For each block, where a feature stands in `idf` and `weights`."""
        starts = np.cumsum([0, *(len(block) for block in self.names)])
        return tuple(
            {name: int(start) + at for at, name in enumerate(block)}
            for start, block in zip(starts, self.names, strict=False)
        )

    def predict(self, text: str) -> Guess:
        """The class of one text; a text without a known feature gets the shares of the classes in training."""
        blocks = [self._values(at, found) for at, found in enumerate(pieces(normal(text), self.words))]
        if not any(len(columns) for columns, _values in blocks):
            return self._guess(self.prior)
        scores = self.intercept + sum(values @ self.weights[columns].astype(np.float64) for columns, values in blocks)
        return self._guess(probabilities(scores[None, :], self.temperature)[0])

    def explain(self, text: str, category: str, *, most: int = 5) -> tuple[Reason, ...]:
        """The words that speak most for a class, strongest first; weights of all features are shared out to characters."""
        plain = normal(text)
        by_character = self._by_character(plain, self.classes.index(category))
        spans = longest_matches(plain, self.words)
        sums: dict[str, float] = {}
        for start, end in spans:
            sums[plain[start:end]] = sums.get(plain[start:end], 0.0) + float(by_character[start:end].sum())
        ranked = sorted(
            ((weight, word) for word, weight in sums.items() if weight > 0), key=lambda pair: (-pair[0], pair[1])
        )
        return tuple(Reason(word, weight) for weight, word in ranked[:most])

    def _values(self, block: int, found: Sequence[str]) -> tuple[NDArray[np.int64], Array]:
        columns_of = self.columns[block]
        counts = Counter(column for name in found if (column := columns_of.get(name)) is not None)
        columns = np.fromiter(counts.keys(), np.int64, len(counts))
        values = (1 + np.log(np.fromiter(counts.values(), np.float64, len(counts)))) * self.idf[columns].astype(
            np.float64
        )
        length = float(np.sqrt(values @ values))
        return columns, values * float(np.sqrt(SHARES[block]) / length) if length else values

    def _by_character(self, plain: str, chosen: int) -> Array:
        """What each character adds to the score of a class beyond the mean over classes; features share evenly."""
        told = np.zeros(len(plain))
        places = (
            _gram_spans(len(plain)),
            longest_matches(plain, self.words),
            _gram_spans(min(len(plain), HEAD_LENGTH)),
        )
        for block, spans in enumerate(places):
            found = [plain[start:end] for start, end in spans]
            columns, values = self._values(block, found)
            weights = self.weights[columns].astype(np.float64)
            uses = Counter(found)
            gains = dict(zip(columns.tolist(), values * (weights[:, chosen] - weights.mean(axis=1)), strict=True))
            for (start, end), name in zip(spans, found, strict=True):
                told[start:end] += gains.get(self.columns[block].get(name, -1), 0.0) / (uses[name] * (end - start))
        return told

    def _guess(self, shares: Array) -> Guess:
        best = int(np.argmax(shares))
        return Guess(self.classes[best], float(shares[best]), tuple(float(share) for share in shares))


def _gram_spans(length: int) -> list[tuple[int, int]]:
    """Where the strings of `grams` stand, in its order."""
    return [(at, at + n) for n in range(1, LONGEST_GRAM + 1) for at in range(length - n + 1)]


def probabilities(scores: Array, temperature: float) -> Array:
    """Softmax of scores over a temperature, row by row."""
    scaled = scores / temperature
    raised = np.exp(scaled - scaled.max(axis=1, keepdims=True))
    return np.asarray(raised / raised.sum(axis=1, keepdims=True), np.float64)
