"""Learning the classes of messages: one ridge regression per class, solved by conjugate gradients in plain NumPy.

Least squares on class indicators separates text classes about as well as a support vector machine (Zhang and Oles,
Information Retrieval 4 (2001) 5-31) and needs only products with one sparse matrix. Everything is deterministic: folds
are dealt with a fixed seed.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from chuangwen.rules.text_classes import SHARES, Array, TextModel, probabilities
from chuangwen.rules.text_classes_features import dictionary, normal, pieces

RIDGE: Final = 0.1
LEAST_TEXTS: Final = 2  # a feature of fewer texts is forgotten
FOLDS: Final = 5
_SEED: Final = 1
_STEPS: Final = 25
_CLOSE: Final = 1e-3
_TEMPERATURES: Final = np.geomspace(0.02, 2, 81)
_UNCALIBRATED: Final = 0.2  # where too few rows leave nothing to fit it on; near what thousands of messages give

Ints = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Counted:
    """Feature counts of texts, block by block, as rows of a sparse matrix: entry i is (row[i], feature[i], count[i])."""

    texts: int
    names: list[str]
    rows: Ints
    features: Ints
    counts: Array

    def some(self, chosen: Ints) -> "Counted":
        """The chosen texts, renumbered from 0."""
        place = np.full(self.texts, -1)
        place[chosen] = np.arange(len(chosen))
        kept = place[self.rows] >= 0
        return Counted(
            len(chosen), self.names, place[self.rows[kept]], self.features[kept], self.counts[kept]
        )  # fmt: skip


@dataclass(frozen=True, eq=False)
class Matrix:
    """A sparse matrix by entries, and its products with a column."""

    shape: tuple[int, int]
    rows: Ints
    columns: Ints
    values: Array

    def times(self, vector: Array) -> Array:
        """The matrix by a column."""
        return np.bincount(self.rows, self.values * vector[self.columns], self.shape[0]).astype(np.float64, copy=False)

    def turned_times(self, vector: Array) -> Array:
        """The transposed matrix by a column."""
        return np.bincount(self.columns, self.values * vector[self.rows], self.shape[1]).astype(np.float64, copy=False)


@dataclass(frozen=True, eq=False)
class Corpus:
    """Labelled texts, counted once: what training and cross-validation work on."""

    classes: tuple[str, ...]
    labels: Ints
    words: frozenset[str]
    blocks: tuple[Counted, ...]


@dataclass(frozen=True, eq=False)
class Fit:
    """The weighting of each block and one weight per feature and class."""

    kept: tuple[Ints, ...]
    idf: tuple[Array, ...]
    weights: Array
    intercept: Array


def corpus(texts: Sequence[str], categories: Sequence[str]) -> Corpus:
    """Count the features of labelled texts; the dictionary comes from the blanks in the same texts."""
    classes = tuple(sorted(set(categories)))
    place = {name: at for at, name in enumerate(classes)}
    words = dictionary(texts)
    labels = np.array([place[name] for name in categories], np.int64)
    return Corpus(classes, labels, words, count_pieces(texts, words))


def count_pieces(texts: Iterable[str], words: frozenset[str]) -> tuple[Counted, ...]:
    """The counts of each block."""
    index: tuple[dict[str, int], ...] = tuple({} for _share in SHARES)
    entries: tuple[list[NDArray[np.int32]], ...] = tuple([] for _share in SHARES)
    texts_read = 0
    for row, text in enumerate(texts):
        texts_read = row + 1
        for names, found, into in zip(index, pieces(normal(text), words), entries, strict=True):
            counts = Counter(found)
            ids = [names.setdefault(name, len(names)) for name in counts]
            into.append(np.array([[row] * len(ids), ids, list(counts.values())], np.int32).reshape(3, -1))
    return tuple(_counted(texts_read, list(names), into) for names, into in zip(index, entries, strict=True))


def _counted(texts: int, names: list[str], entries: list[NDArray[np.int32]]) -> Counted:
    rows, features, counts = np.concatenate(entries, axis=1).astype(np.int64) if entries else np.zeros((3, 0), np.int64)
    return Counted(texts, names, rows, features, counts.astype(np.float64))


def train(texts: Sequence[str], categories: Sequence[str], *, unlabelled: Sequence[str] = ()) -> TextModel:
    """A model of all the texts; its temperature comes from five folds. `unlabelled` only helps to tell rare from common."""
    known = corpus(texts, categories)
    scores = out_of_fold(known, folds_of(known.labels, FOLDS))
    temperature = best_temperature(scores, known.labels)
    return _model(known, fit(known, np.arange(len(texts)), _document_counts(known, unlabelled)), temperature)


def _model(known: Corpus, found: Fit, temperature: float) -> TextModel:
    names = tuple(
        tuple(block.names[feature] for feature in kept.tolist())
        for block, kept in zip(known.blocks, found.kept, strict=True)
    )
    return TextModel(
        classes=known.classes,
        prior=np.bincount(known.labels, minlength=len(known.classes)) / len(known.labels),
        intercept=found.intercept,
        temperature=temperature,
        words=known.words,
        names=names,
        idf=np.concatenate(found.idf).astype(np.float32),
        weights=found.weights.astype(np.float16),
    )


def _document_counts(known: Corpus, unlabelled: Sequence[str]) -> tuple[Array, ...]:
    """In how many of the unlabelled texts each known feature stands; the last place holds their number."""
    extra = count_pieces(unlabelled, known.words)
    told = []
    for block, more in zip(known.blocks, extra, strict=True):
        uses = np.bincount(more.features, minlength=len(more.names))
        place = {name: at for at, name in enumerate(more.names)}
        told.append(np.array([*(uses[place[name]] if name in place else 0 for name in block.names), more.texts], float))
    return tuple(told)


def fit(known: Corpus, chosen: Ints, more: tuple[Array, ...] | None = None) -> Fit:
    """Weigh the features by the chosen texts (and `more` document counts), solve the ridge regressions."""
    parts, kept, idf = [], [], []
    for at, block in enumerate(known.blocks):
        part = block.some(chosen)
        uses = np.bincount(part.features, minlength=len(block.names)).astype(float)
        keep = np.flatnonzero(uses >= LEAST_TEXTS)
        wider, texts = (uses + more[at][:-1], len(chosen) + more[at][-1]) if more else (uses, float(len(chosen)))
        kept.append(keep)
        idf.append(np.log((1 + texts) / (1 + wider[keep])) + 1)
        parts.append(weighed(part, keep, idf[-1], SHARES[at]))
    matrix = beside(parts)
    labels = known.labels[chosen]
    target = np.eye(len(known.classes))[labels]
    intercept = target.mean(axis=0)
    weights = np.stack([_ridge(matrix, column) for column in (target - intercept).T], axis=1)
    return Fit(tuple(kept), tuple(idf), weights, intercept)


def weighed(part: Counted, keep: Ints, idf: Array, share: float) -> Matrix:
    """(1 + ln tf) · idf over the kept features, each row brought to the squared length `share`."""
    place = np.full(len(part.names), -1)
    place[keep] = np.arange(len(keep))
    columns = place[part.features]
    known = columns >= 0
    rows, columns = part.rows[known], columns[known]
    values = (1 + np.log(part.counts[known])) * idf[columns]
    lengths = np.sqrt(np.bincount(rows, values**2, part.texts))
    return Matrix((part.texts, len(keep)), rows, columns, values * np.sqrt(share) / lengths[rows])


def beside(parts: Sequence[Matrix]) -> Matrix:
    """Matrices of the same rows, side by side."""
    starts = np.cumsum([0, *(part.shape[1] for part in parts)])
    columns = [part.columns + start for part, start in zip(parts, starts, strict=False)]
    return Matrix(
        (parts[0].shape[0], int(starts[-1])),
        np.concatenate([part.rows for part in parts]),
        np.concatenate(columns),
        np.concatenate([part.values for part in parts]),
    )


def _ridge(matrix: Matrix, target: Array) -> Array:
    """Weights w of least |matrix w - target|² + RIDGE |w|², by conjugate gradients on the dual (one unknown per text)."""
    dual = np.zeros(matrix.shape[0])
    rest = target.copy()
    way, size, first = rest.copy(), float(rest @ rest), float(rest @ rest)
    for _step in range(_STEPS):
        if size <= _CLOSE**2 * first:
            break
        forth = matrix.times(matrix.turned_times(way)) + RIDGE * way
        far = size / float(way @ forth)
        dual, rest = dual + far * way, rest - far * forth
        before, size = size, float(rest @ rest)
        way = rest + (size / before) * way
    return matrix.turned_times(dual)


def out_of_fold(known: Corpus, folds: Sequence[Ints]) -> Array:
    """Scores of every text by a model that did not see its fold."""
    scores = np.zeros((len(known.labels), len(known.classes)))
    for held in folds:
        seen = np.setdiff1d(np.arange(len(known.labels)), held)
        if len(seen) == 0 or len(held) == 0:
            continue
        found = fit(known, seen)
        parts = [
            weighed(block.some(held), keep, idf, share)
            for block, keep, idf, share in zip(known.blocks, found.kept, found.idf, SHARES, strict=True)
        ]
        matrix = beside(parts)
        scores[held] = found.intercept + np.stack([matrix.times(column) for column in found.weights.T], axis=1)
    return scores


def folds_of(labels: Ints, folds: int) -> list[Ints]:
    """The texts of each class dealt out to the folds like cards, in an order shuffled with a fixed seed."""
    rng = np.random.default_rng(_SEED)
    fold = np.zeros(len(labels), np.int64)
    start = 0
    for label in np.unique(labels):
        members = rng.permutation(np.flatnonzero(labels == label))
        fold[members] = (start + np.arange(len(members))) % folds
        start += len(members)
    return [np.flatnonzero(fold == at) for at in range(folds)]


def best_temperature(scores: Array, labels: Ints) -> float:
    """The temperature of least log loss on scores of unseen texts."""
    if len(labels) < 10 * scores.shape[1]:
        return _UNCALIBRATED
    losses = [-np.log(probabilities(scores, t)[np.arange(len(labels)), labels] + 1e-12).mean() for t in _TEMPERATURES]
    return float(_TEMPERATURES[int(np.argmin(losses))])
