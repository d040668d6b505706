"""In which order places are walked."""

from collections.abc import Sequence
from math import cos, radians

Position = tuple[float, float]


def _apart(one: Position, other: Position) -> float:
    """A number that grows with the distance of two WGS-84 positions (lng, lat) within one city."""
    east = (one[0] - other[0]) * cos(radians((one[1] + other[1]) / 2))
    north = one[1] - other[1]
    return east * east + north * north


def nearest_next(positions: Sequence[Position]) -> list[int]:
    """The order of a walk that starts at the first position and always goes on to the nearest one left.

    Positions are (lng, lat) in degrees; the answer holds indices, each once. Of equally near ones the earlier comes
    first, so that the answer is always the same. No shortest tour: good enough to walk by, and easy to explain.
    """
    left = list(range(len(positions)))
    order = left[:1]
    left = left[1:]
    while left:
        here = positions[order[-1]]
        following = min(left, key=lambda place: (_apart(here, positions[place]), place))
        left.remove(following)
        order.append(following)
    return order
