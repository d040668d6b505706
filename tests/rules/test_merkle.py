"""The hashing of the log: judged by foreign vectors, by another implementation, and by properties."""

import base64
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pymerkle import InmemoryTree, verify_consistency, verify_inclusion
from pymerkle.core import _consistency_path_layout, _inclusion_path_layout
from pymerkle.proof import ConsistencyProof, InclusionProof, InvalidProof

from chuangwen.rules import merkle
from chuangwen.rules.tiles import WIDTH, grown, subtrees, tails_of
from tests.paths import shared_data

VECTORS = 196
leaves = st.lists(st.binary(max_size=8).map(merkle.leaf_hash), min_size=1, max_size=70)


def octets(text: str | None) -> bytes:
    """Base64, where an absent value is an empty one."""
    return base64.b64decode(text) if text else b""


def judged(name: str, vector: dict[str, Any]) -> bool:
    """What our verifier says to one foreign vector."""
    path = [octets(step) for step in vector["proof"] or []]
    if name.startswith("consistency/"):
        return merkle.verify_consistency(
            first=vector["size1"], second=vector["size2"], first_root=octets(vector["root1"]),
            second_root=octets(vector["root2"]), path=path,
        )  # fmt: skip
    return merkle.verify_inclusion(
        leaf=octets(vector["leafHash"]), index=vector["leafIdx"], size=vector["treeSize"], path=path,
        root=octets(vector["root"]),
    )  # fmt: skip


def test_every_foreign_vector_is_judged_as_its_authors_say() -> None:
    vectors = json.loads(shared_data("merkle_vectors.json").read_text(encoding="utf-8"))
    assert len(vectors) == VECTORS
    wrong = [name for name, vector in vectors.items() if judged(name, vector) is vector["wantErr"]]
    assert not wrong
    assert {vector["wantErr"] for vector in vectors.values()} == {True, False}


def test_the_hashes_of_the_standard_are_the_known_ones() -> None:
    empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    assert merkle.EMPTY_ROOT.hex() == merkle.root_of([]).hex() == merkle.root_of_peaks(()).hex() == empty
    assert merkle.leaf_hash(b"").hex() == "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"


def peaks_of(hashes: list[bytes]) -> merkle.Peaks:
    """The peaks after one leaf hash after the other."""
    peaks: merkle.Peaks = ()
    for size, leaf in enumerate(hashes):
        peaks = merkle.appended(peaks, size, leaf)
    return peaks


def recursive_root(hashes: list[bytes]) -> bytes:
    """MTH as RFC 9162 2.1.1 writes it down."""
    if len(hashes) == 1:
        return hashes[0]
    cut = merkle.split(len(hashes))
    return merkle.node_hash(recursive_root(hashes[:cut]), recursive_root(hashes[cut:]))


@given(leaves)
def test_three_ways_to_a_root_agree(hashes: list[bytes]) -> None:
    assert merkle.root_of(hashes) == merkle.root_of_peaks(peaks_of(hashes)) == recursive_root(hashes)


@given(leaves, st.data())
def test_every_inclusion_proof_holds_and_no_bit_of_it_may_change(hashes: list[bytes], data: st.DataObject) -> None:
    size, root = len(hashes), merkle.root_of(hashes)
    index = data.draw(st.integers(0, size - 1))
    path = merkle.inclusion_proof(index, size, merkle.over(hashes))
    facts: dict[str, Any] = {"leaf": hashes[index], "index": index, "size": size, "path": path, "root": root}
    assert merkle.verify_inclusion(**facts)
    for name in ("leaf", "root"):
        assert not merkle.verify_inclusion(**{**facts, name: flipped(facts[name], data)})
    assert not merkle.verify_inclusion(**{**facts, "path": (*path, root)})
    assert not merkle.verify_inclusion(**{**facts, "index": size})
    if path:
        assert not merkle.verify_inclusion(**{**facts, "path": one_flipped(path, data)})
        assert not merkle.verify_inclusion(**{**facts, "path": path[:-1]})


@given(leaves, st.data())
def test_every_consistency_proof_holds_and_no_bit_of_it_may_change(hashes: list[bytes], data: st.DataObject) -> None:
    second = len(hashes)
    first = data.draw(st.integers(1, second))
    path = merkle.consistency_proof(first, second, merkle.over(hashes))
    facts: dict[str, Any] = {
        "first": first, "second": second, "first_root": merkle.root_of(hashes[:first]),
        "second_root": merkle.root_of(hashes), "path": path,
    }  # fmt: skip
    assert merkle.verify_consistency(**facts)
    for name in ("first_root", "second_root"):
        assert not merkle.verify_consistency(**{**facts, name: flipped(facts[name], data)})
    assert not merkle.verify_consistency(**{**facts, "path": (*path, merkle.EMPTY_ROOT)})
    if path:
        assert not merkle.verify_consistency(**{**facts, "path": one_flipped(path, data)})
        assert not merkle.verify_consistency(**{**facts, "path": path[:-1]})


def flipped(value: bytes, data: st.DataObject) -> bytes:
    """One bit turned over."""
    bit = data.draw(st.integers(0, len(value) * 8 - 1))
    changed = bytearray(value)
    changed[bit // 8] ^= 1 << bit % 8
    return bytes(changed)


def one_flipped(path: tuple[bytes, ...], data: st.DataObject) -> tuple[bytes, ...]:
    """One bit of one step turned over."""
    at = data.draw(st.integers(0, len(path) - 1))
    return (*path[:at], flipped(path[at], data), *path[at + 1 :])


# --- another implementation ---


@given(st.lists(st.binary(max_size=8), min_size=1, max_size=40), st.data())
def test_another_implementation_verifies_our_proofs(entries: list[bytes], data: st.DataObject) -> None:
    theirs = InmemoryTree(algorithm="sha256")
    for entry in entries:
        theirs.append_entry(entry)
    hashes = [merkle.leaf_hash(entry) for entry in entries]
    size, root = len(hashes), merkle.root_of(hashes)
    assert theirs.get_root() == root
    index = data.draw(st.integers(0, size - 1))
    path = [hashes[index], *merkle.inclusion_proof(index, size, merkle.over(hashes))]
    rule, _ = _inclusion_path_layout(index + 1, size)
    ours = InclusionProof("sha256", True, size, index + 1, rule, path)
    verify_inclusion(hashes[index], root, ours, index=index + 1, size=size)
    with pytest.raises(InvalidProof):
        verify_inclusion(merkle.leaf_hash(b"another entry"), root, ours)


@given(leaves, st.data())
def test_another_implementation_finds_our_subtrees_consistent(hashes: list[bytes], data: st.DataObject) -> None:
    second = len(hashes)
    first = data.draw(st.integers(1, second))
    rule, subset, ranges = _consistency_path_layout(first, second)
    subtree = stored(hashes, cuts=[first])
    ours = ConsistencyProof("sha256", True, second, first, rule, subset, [subtree(*each) for each in ranges])
    verify_consistency(merkle.root_of(hashes[:first]), merkle.root_of(hashes), ours)


# --- tiles ---


def stored(hashes: list[bytes], cuts: list[int]) -> merkle.Subtree:
    """Leaf hashes appended to tiles in several batches."""
    tiles: dict[tuple[int, int], bytes] = {}
    start = 0
    for cut in [*sorted(cuts), len(hashes)]:
        tiles |= grown(start, hashes[start:cut], {place: tiles[place] for place in tails_of(start)})
        start = cut
    return subtrees(lambda level, number: tiles.get((level, number), b""))


@given(st.integers(1, 3 * WIDTH), st.lists(st.integers(0, 3 * WIDTH), max_size=4), st.data())
def test_tiles_give_the_roots_and_proofs_of_the_whole_tree(size: int, cuts: list[int], data: st.DataObject) -> None:
    hashes = [merkle.leaf_hash(str(number).encode()) for number in range(size)]
    subtree = stored(hashes, [min(cut, size) for cut in cuts])
    older = data.draw(st.integers(1, size))
    assert subtree(0, older) == merkle.root_of(hashes[:older])
    index = data.draw(st.integers(0, older - 1))
    assert merkle.inclusion_proof(index, older, subtree) == merkle.inclusion_proof(index, older, merkle.over(hashes))


def test_a_proof_in_a_log_of_many_entries_reads_few_tiles() -> None:
    size, read = WIDTH**2 + 300, set[tuple[int, int]]()
    tiles = grown(0, [number.to_bytes(32) for number in range(size)], {})

    def tile_at(level: int, number: int) -> bytes:
        read.add((level, number))
        return tiles[level, number]

    path = merkle.inclusion_proof(70, size, subtrees(tile_at))
    assert merkle.verify_inclusion(
        leaf=(70).to_bytes(32), index=70, size=size, path=path, root=subtrees(tile_at)(0, size)
    )
    assert len(read) <= 6


@pytest.mark.parametrize("tails", [{}, {(0, 0): bytes(32)}, {(0, 0): bytes(96)}])
def test_a_tree_with_a_damaged_edge_takes_nothing_more(tails: dict[tuple[int, int], bytes]) -> None:
    with pytest.raises(ValueError, match="tile 0/0"):
        grown(2, [bytes(32)], tails)
    with pytest.raises(LookupError, match="missing or too short"):
        subtrees(lambda level, number: tails.get((level, number), b""))(0, 4)


@pytest.mark.parametrize(("index", "size"), [(0, 0), (3, 3), (-1, 4)])
def test_there_is_no_proof_for_a_place_outside_the_tree(index: int, size: int) -> None:
    with pytest.raises(ValueError, match="no leaf"):
        merkle.inclusion_proof(index, size, merkle.over([]))


@pytest.mark.parametrize(("first", "second"), [(0, 4), (5, 4)])
def test_there_is_no_proof_from_nothing_or_back_in_time(first: int, second: int) -> None:
    with pytest.raises(ValueError, match="no proof"):
        merkle.consistency_proof(first, second, merkle.over([]))
