"""How good a classifier is, measured on texts that it did not see."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from chuangwen.rules.text_classes import Array, probabilities
from chuangwen.rules.text_classes_training import Ints, best_temperature, corpus, folds_of, out_of_fold

BINS: Final = 15


@dataclass(frozen=True, slots=True)
class Figures:
    """Macro-F1, accuracy, F1 by class and expected calibration error (15 equal bins of the top probability)."""

    rows: int
    folds: int
    macro_f1: float
    accuracy: float
    f1: dict[str, float]
    ece: float


def cross_validated(texts: Sequence[str], categories: Sequence[str], *, folds: int) -> Figures:
    """Figures over folds; the temperature of a fold comes from the scores of the other folds.

    The word dictionary is learnt from all texts (blanks only, no classes); features, rarity and weights from the other
    folds alone.
    """
    known = corpus(texts, categories)
    dealt = folds_of(known.labels, folds)
    scores = out_of_fold(known, dealt)
    shares = np.zeros_like(scores)
    for held in dealt:
        others = np.setdiff1d(np.arange(len(texts)), held)
        shares[held] = probabilities(scores[held], best_temperature(scores[others], known.labels[others]))
    return figures(shares, known.labels, known.classes, folds=folds)


def figures(shares: Array, labels: Ints, classes: Sequence[str], *, folds: int = 0) -> Figures:
    """Figures of probabilities (a row a text) against the true classes."""
    said = shares.argmax(axis=1)
    f1 = {name: _f1(said == at, labels == at) for at, name in enumerate(classes)}
    return Figures(
        rows=len(labels),
        folds=folds,
        macro_f1=float(np.mean(list(f1.values()))),
        accuracy=float(np.mean(said == labels)),
        f1=f1,
        ece=calibration_error(shares.max(axis=1), said == labels),
    )


def _f1(said: np.ndarray[tuple[int], np.dtype[np.bool_]], true: np.ndarray[tuple[int], np.dtype[np.bool_]]) -> float:
    both = int((said & true).sum())
    return 2 * both / (int(said.sum()) + int(true.sum())) if both else 0.0


def calibration_error(sure: Array, right: np.ndarray[tuple[int], np.dtype[np.bool_]]) -> float:
    """Mean gap between how sure and how often right, over bins, weighted by size (Guo et al., ICML 2017)."""
    bins = np.minimum((sure * BINS).astype(np.int64), BINS - 1)
    gaps = np.bincount(bins, sure, BINS) - np.bincount(bins, right, BINS)
    return float(np.abs(gaps).sum() / len(sure))
