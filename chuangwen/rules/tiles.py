"""A growing Merkle tree kept in tiles, after C2SP tlog-tiles: 256 hashes beside each other, every eighth level stored.

A full tile never changes again; only the last one of each level grows. So a root or a proof reads a few tiles, and
appending rewrites a few, however many entries there are.
"""

from collections.abc import Callable, Mapping, Sequence

from chuangwen.rules.merkle import HASH_BYTES, Subtree, node_hash, root_of, split

HEIGHT = 8
WIDTH = 1 << HEIGHT
TILE_BYTES = WIDTH * HASH_BYTES

Place = tuple[int, int]  # level, number within the level
TileAt = Callable[[int, int], bytes]  # the hashes of a tile, one after another


def hashes_in(tile: bytes) -> list[bytes]:
    """The hashes of a tile."""
    return [tile[at : at + HASH_BYTES] for at in range(0, len(tile), HASH_BYTES)]


def tails_of(size: int) -> tuple[Place, ...]:
    """The tiles of a tree of `size` that are begun and not full."""
    found, level, count = [], 0, size
    while count:
        if count % WIDTH:
            found.append((level, count // WIDTH))
        level, count = level + 1, count >> HEIGHT
    return tuple(found)


def grown(size: int, leaves: Sequence[bytes], tails: Mapping[Place, bytes]) -> dict[Place, bytes]:
    """The tiles that are new or longer after these leaf hashes follow a tree of `size`.

    `tails` holds the tiles of `tails_of(size)`. Raises ValueError where one of them has not the length it must have.
    """
    changed: dict[Place, bytes] = {}
    level, new = 0, b"".join(leaves)
    while new:
        count = size >> (HEIGHT * level)
        number = count // WIDTH
        tail = tails.get((level, number), b"")
        if len(tail) != count % WIDTH * HASH_BYTES:
            raise ValueError(f"tile {level}/{number} of a tree of {size} has {len(tail)} bytes")
        tiles = _cut(tail + new)
        changed |= {(level, number + at): tile for at, tile in enumerate(tiles)}
        new = b"".join(root_of(hashes_in(tile)) for tile in tiles if len(tile) == TILE_BYTES)
        level += 1
    return changed


def _cut(hashes: bytes) -> list[bytes]:
    return [hashes[at : at + TILE_BYTES] for at in range(0, len(hashes), TILE_BYTES)]


def subtrees(tile_at: TileAt) -> Subtree:
    """Subtrees out of tiles, for the proofs of rules/merkle.py. Raises LookupError where a tile is missing or too short."""

    def subtree(start: int, end: int) -> bytes:
        width = end - start
        if width & (width - 1) == 0:
            return _perfect(tile_at, width.bit_length() - 1, start)
        middle = start + split(width)
        return node_hash(subtree(start, middle), subtree(middle, end))

    return subtree


def _perfect(tile_at: TileAt, height: int, start: int) -> bytes:
    """The root over 2^height leaves from `start`, a multiple of their number: its hashes lie within one tile."""
    level, rest = divmod(height, HEIGHT)
    number, offset = divmod(start >> (HEIGHT * level), WIDTH)
    hashes = hashes_in(tile_at(level, number))[offset : offset + (1 << rest)]
    if len(hashes) != 1 << rest:
        raise LookupError(f"tile {level}/{number} is missing or too short")
    return root_of(hashes)
