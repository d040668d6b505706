"""Merkle trees of an append-only log: RFC 9162 section 2.1 (the same hashing as RFC 6962), with SHA-256.

Trees are spoken of by their size; a leaf by its place from 0. What is stored how is left to the caller, who gives a
function `subtree(start, end)`: the root over the leaves start ≤ place < end.
"""

from collections.abc import Callable, Sequence
from hashlib import sha256

HASH_BYTES = 32
LEAF_PREFIX, NODE_PREFIX = b"\x00", b"\x01"
EMPTY_ROOT = sha256(b"").digest()  # RFC 9162 2.1.1: the root of a tree without leaves

Subtree = Callable[[int, int], bytes]
Peaks = tuple[bytes, ...]  # the roots of the perfect subtrees that a tree is made of, the largest first


def leaf_hash(entry: bytes) -> bytes:
    """The hash of one entry, RFC 9162 2.1.1: SHA-256(0x00 ‖ entry)."""
    return sha256(LEAF_PREFIX + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """The hash of an inner node, RFC 9162 2.1.1: SHA-256(0x01 ‖ left ‖ right)."""
    return sha256(NODE_PREFIX + left + right).digest()


def split(size: int) -> int:
    """The largest power of two smaller than `size` (≥ 2), where RFC 9162 2.1.1 cuts a tree in two."""
    return 1 << (size - 1).bit_length() - 1


def root_of(leaves: Sequence[bytes]) -> bytes:
    """The tree head MTH over leaf hashes, RFC 9162 2.1.1."""
    if not leaves:
        return EMPTY_ROOT
    level = list(leaves)
    while len(level) > 1:  # pairs from the left give the same tree as the recursive cut
        odd = level[-1:] if len(level) % 2 else []
        level = [node_hash(level[at], level[at + 1]) for at in range(0, len(level) - 1, 2)] + odd
    return level[0]


def over(leaves: Sequence[bytes]) -> Subtree:
    """Subtrees of leaf hashes that are all at hand."""
    return lambda start, end: root_of(leaves[start:end])


# --- growing a tree without keeping it ---


def appended(peaks: Peaks, size: int, leaf: bytes) -> Peaks:
    """The peaks of a tree of `size` leaves after one more leaf hash."""
    tower = [*peaks, leaf]
    while size & 1:
        right = tower.pop()
        tower[-1] = node_hash(tower[-1], right)
        size >>= 1
    return tuple(tower)


def root_of_peaks(peaks: Peaks) -> bytes:
    """The tree head from its peaks."""
    if not peaks:
        return EMPTY_ROOT
    root = peaks[-1]
    for peak in reversed(peaks[:-1]):
        root = node_hash(peak, root)
    return root


# --- inclusion: this entry stands at this place of a tree with this root ---


def inclusion_proof(index: int, size: int, subtree: Subtree) -> tuple[bytes, ...]:
    """PATH(index, D_size) of RFC 9162 2.1.3.1, from the leaf upwards. Raises ValueError for a place outside the tree."""
    if not 0 <= index < size:
        raise ValueError(f"no leaf {index} in a tree of {size}")
    path: list[bytes] = []
    start, end = 0, size
    while end - start > 1:
        middle = start + split(end - start)
        if index < middle:
            path.append(subtree(middle, end))
            end = middle
        else:
            path.append(subtree(start, middle))
            start = middle
    return tuple(reversed(path))


def verify_inclusion(*, leaf: bytes, index: int, size: int, path: Sequence[bytes], root: bytes) -> bool:
    """Whether the path proves that the leaf hash stands at `index` of the tree of `size` with `root`, RFC 9162 2.1.3.2."""
    if not 0 <= index < size or not _hashes(leaf, root, *path):
        return False
    here, last, found = index, size - 1, leaf
    for step in path:
        if last == 0:
            return False
        if here & 1 or here == last:
            found = node_hash(step, found)
            while not here & 1 and here:
                here, last = here >> 1, last >> 1
        else:
            found = node_hash(found, step)
        here, last = here >> 1, last >> 1
    return last == 0 and found == root


def _hashes(*values: bytes) -> bool:
    return all(len(value) == HASH_BYTES for value in values)


# --- consistency: the later tree holds the earlier one unchanged, and more behind it ---


def consistency_proof(first: int, second: int, subtree: Subtree) -> tuple[bytes, ...]:
    """PROOF(first, D_second) of RFC 9162 2.1.4.1. Raises ValueError unless 0 < first ≤ second."""
    if not 0 < first <= second:
        raise ValueError(f"no proof from a tree of {first} to one of {second}")
    return tuple(_subproof(first, 0, second, subtree, whole=True))


def _subproof(first: int, start: int, end: int, subtree: Subtree, *, whole: bool) -> list[bytes]:
    """SUBPROOF of RFC 9162 2.1.4.1 over the leaves start ≤ place < end; `first` counts from `start`."""
    if first == end - start:
        return [] if whole else [subtree(start, end)]
    half = split(end - start)
    if first <= half:
        inner = _subproof(first, start, start + half, subtree, whole=whole)
        return [*inner, subtree(start + half, end)]
    inner = _subproof(first - half, start + half, end, subtree, whole=False)
    return [*inner, subtree(start, start + half)]


def verify_consistency(
    *, first: int, second: int, first_root: bytes, second_root: bytes, path: Sequence[bytes]
) -> bool:
    """Whether the path proves that the tree of `second` begins with the tree of `first`, RFC 9162 2.1.4.2.

    An empty first tree proves nothing and is refused.
    """
    if not 0 < first <= second:
        return False
    if first == second:
        return not path and first_root == second_root
    if not _hashes(first_root, second_root, *path):
        return False
    steps = [first_root, *path] if first & (first - 1) == 0 else list(path)
    if not steps or (first & (first - 1) == 0 and not path):
        return False
    here, last = first - 1, second - 1
    while here & 1:
        here, last = here >> 1, last >> 1
    old = new = steps[0]
    for step in steps[1:]:
        if last == 0:
            return False
        if here & 1 or here == last:
            old, new = node_hash(step, old), node_hash(step, new)
            while not here & 1 and here:
                here, last = here >> 1, last >> 1
        else:
            new = node_hash(new, step)
        here, last = here >> 1, last >> 1
    return last == 0 and old == first_root and new == second_root
