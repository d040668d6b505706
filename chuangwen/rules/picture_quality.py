"""How sharp a picture is, and whether letters seem to be stamped on its edge. Both work on grey pixels of 0 to 255."""

from typing import Any, Final

import numpy as np
import numpy.typing as npt

Grey = npt.NDArray[Any]
STRIP: Final = 0.14  # of the height, at the top and at the bottom
DENSE: Final = 0.012  # share of stamped pixels in half a strip
OVER_REST: Final = 6.0


def _laplace(grey: Grey) -> Grey:
    field = grey.astype(np.float32)
    centre = field[1:-1, 1:-1]
    return np.asarray(field[:-2, 1:-1] + field[2:, 1:-1] + field[1:-1, :-2] + field[1:-1, 2:] - 4 * centre)


def sharpness(grey: Grey) -> float:
    """The variance of the Laplacian (Pech-Pacheco and others, 2000) of the sharpest quarter of the picture.

    Sky and walls are smooth in a sharp picture too, so the parts with most edges speak for it.
    """
    if min(grey.shape) < 12:
        return 0.0
    edges = _laplace(grey)
    rows, columns = (np.array_split(np.arange(size), 4) for size in edges.shape)
    parts = sorted(float(edges[row[0] : row[-1] + 1, col[0] : col[-1] + 1].var()) for row in rows for col in columns)
    return sum(parts[-4:]) / 4


def _stamped(grey: Grey) -> Grey:
    """Pixels nearly white or black whose neighbour across is far from them: letters without shades."""
    field = grey.astype(np.int16)
    across = np.abs(np.diff(field, axis=1)) > 90
    pure = (field[:, 1:] > 244) | (field[:, 1:] < 8)
    return np.asarray(across & pure)


def looks_stamped(grey: Grey) -> bool:
    """Whether one corner strip holds far more hard letters than the middle: a date or a mark put over the picture."""
    height, width = grey.shape
    if height < 100 or width < 100:
        return False
    marks, strip = _stamped(grey), int(height * STRIP)
    middle = float(marks[strip:-strip].mean())
    halves = (slice(0, width // 2), slice(width // 2, width))
    densest = max(float(marks[rows, half].mean()) for rows in (slice(0, strip), slice(-strip, None)) for half in halves)
    return densest > DENSE and densest > OVER_REST * middle
