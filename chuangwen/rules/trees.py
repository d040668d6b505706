"""Trees that are written down as "who is above whom"."""

from collections.abc import Mapping


def cycles(parents: Mapping[str, str]) -> list[tuple[str, ...]]:
    """Every ring in a map from a code to the code above it ("" or an unknown code: the top).

    Each ring once, from its first code in the alphabet upwards; a code above itself is a ring of one.
    """
    done: set[str] = set()
    rings = []
    for start in sorted(parents):
        way: dict[str, None] = {}
        code = start
        while code in parents and code not in done and code not in way:
            way[code] = None
            code = parents[code]
        if code in way:
            climbed = list(way)
            ring = climbed[climbed.index(code) :]
            first = ring.index(min(ring))
            rings.append((*ring[first:], *ring[:first]))
        done |= way.keys()
    return rings
