"""How a picture looks, in 256 bits: ours beside the authors' own, edits near, other pictures far."""

import io

import numpy as np
import pdqhash
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from chuangwen.rules.pdq import (
    CUT_PICTURE,
    SAME_PICTURE,
    chunks,
    core,
    core_keys,
    distance,
    distances,
    luminance,
    near_chunks,
    nearest,
    pdq,
    windows,
)
from tests.paths import shared_data
from tests.pictures import EDITS, KINDS, cut, jpeg, scene

HASHES = st.binary(min_size=32, max_size=32)


def pixels(image: Image.Image) -> np.ndarray:
    small = image.convert("RGB")
    small.thumbnail((512, 512))
    return np.asarray(small)


def luma(image: Image.Image) -> np.ndarray:
    return luminance(pixels(image))


@pytest.fixture(scope="module")
def street() -> Image.Image:
    return scene("street", 0)


def judged(rows: np.ndarray) -> tuple[bytes, int]:
    vector, quality = pdqhash.compute(np.ascontiguousarray(rows))
    return np.packbits(vector).tobytes(), int(quality)


@pytest.mark.parametrize(
    "name",
    [
        "aaa-orig",
        "blur-a-little",
        "high-contrast",
        "sharpen-a-little",
        "shrink-a-little",
        "shrink-a-lot",
        "square-512x512",
    ],
)
def test_a_real_photo_has_the_hash_that_the_authors_reckon(name: str) -> None:
    rows = pixels(Image.open(shared_data("photos") / f"bridge-{name}.jpg"))
    theirs, quality = judged(rows)
    ours = pdq(luminance(rows))
    assert distance(ours.bits, theirs) <= 2
    assert abs(ours.quality - quality) <= 1


@pytest.mark.parametrize("kind", KINDS)
def test_a_drawn_place_has_the_hash_that_the_authors_reckon(kind: str) -> None:
    rows = pixels(scene(kind, 1))
    theirs, quality = judged(rows)
    ours = pdq(luminance(rows))
    assert distance(ours.bits, theirs) <= 2
    assert abs(ours.quality - quality) <= 1


@pytest.mark.parametrize("size", [(5, 5), (64, 64), (65, 200), (500, 37)])
@pytest.mark.parametrize("rough", [0.0, 3.0, 90.0])
def test_odd_sizes_and_dull_pictures_are_judged_alike(size: tuple[int, int], rough: float) -> None:
    rng = np.random.default_rng(3)
    slope = np.linspace(40, 200, size[0])[:, None, None] + np.zeros((*size, 3))
    rows = np.clip(slope + rng.normal(0, rough, slope.shape) if rough else slope, 0, 255).astype(np.uint8)
    theirs, quality = judged(rows)
    ours = pdq(luminance(rows))
    assert abs(ours.quality - quality) <= 1
    assert distance(ours.bits, theirs) <= 4 or not ours.is_telling


def test_a_flat_picture_tells_nothing() -> None:
    assert not pdq(np.full((300, 400), 128.0)).is_telling
    assert pdq(np.zeros((3, 3))).quality == 0


@pytest.mark.parametrize(
    "edit", [name for name in EDITS if ("裁" not in name and "%" not in name) or ("调" in name and "裁" not in name)]
)
def test_an_edited_picture_stays_near(street: Image.Image, edit: str) -> None:
    looks, edited = luma(street), luma(EDITS[edit](street))
    whole = distance(pdq(looks).bits, pdq(edited).bits)
    middle = int(distances(core(looks), list(windows(edited))).min())
    assert whole <= SAME_PICTURE or middle <= CUT_PICTURE


@pytest.mark.parametrize(
    "sides", [(0.1, 0, 0, 0), (0, 0, 0.1, 0.1), (0.05, 0.05, 0.05, 0.05), (0.013, 0.062, 0.079, 0.03)]
)
def test_a_cut_picture_and_the_whole_one_find_each_other(street: Image.Image, sides: tuple[float, ...]) -> None:
    whole, part = luma(street), luma(Image.open(io.BytesIO(jpeg(cut(street, *sides), 60))))
    assert distances(core(whole), list(windows(part))).min() <= CUT_PICTURE
    assert distances(core(part), list(windows(whole))).min() <= CUT_PICTURE
    keys, wanted = core_keys(list(windows(part))), core_keys([core(whole)])[0]
    assert (keys == wanted).any()  # the index has it


@pytest.mark.parametrize("kind", KINDS)
def test_two_shots_of_the_same_kind_of_place_stay_apart(kind: str) -> None:
    one, other = luma(scene(kind, 2)), luma(scene(kind, 3))
    assert distance(pdq(one).bits, pdq(other).bits) > 2 * SAME_PICTURE
    assert distances(core(one), list(windows(other))).min() > 1.5 * CUT_PICTURE


@given(HASHES, st.sets(st.integers(0, 255), max_size=31))
def test_a_hash_within_reach_shares_a_chunk_up_to_one_bit(bits: bytes, flips: set[int]) -> None:
    other = int.from_bytes(bits)
    for flip in flips:
        other ^= 1 << flip
    near = other.to_bytes(32)
    assert distance(bits, near) == len(flips)
    assert any(b in near_chunks(a) for a, b in zip(chunks(bits), chunks(near), strict=True))


@given(HASHES, st.lists(HASHES, max_size=5))
def test_many_distances_are_each_distance(one: bytes, others: list[bytes]) -> None:
    assert distances(one, others).tolist() == [distance(one, other) for other in others]
    if others:
        assert nearest([one, others[0]], others).tolist() == [min(distance(one, other) for other in others), 0]
