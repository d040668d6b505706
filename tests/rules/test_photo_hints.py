"""What a verifier is told about a photo: facts with their measure, and how they may be harmless."""

from datetime import datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chuangwen.rules.masking import Box, read_boxes
from chuangwen.rules.photo_hints import (
    BEIJING,
    Role,
    Taken,
    Use,
    metres_between,
    own_hints,
    reuse_hint,
    same_round,
    span_words,
)
from chuangwen.rules.refusals import BadInput

REPORTED = datetime(2020, 6, 24, 9, 0, tzinfo=BEIJING)
LNG, LAT = Decimal("120.871000"), Decimal("32.011000")


def taken(**facts: object) -> Taken:
    return Taken(**{"stored_at": REPORTED + timedelta(hours=5), **facts})  # type: ignore[arg-type]  # named in each test


def kinds(photo: Taken, role: Role = Role.AFTER) -> list[str]:
    return [hint.kind for hint in own_hints(photo, Use(role, REPORTED, LNG, LAT))]


def test_a_photo_that_says_nothing_of_itself_gives_no_hint() -> None:
    assert kinds(taken()) == []


def test_a_photo_of_today_at_the_place_gives_no_hint() -> None:
    photo = taken(
        taken_at=REPORTED + timedelta(hours=4), lng=LNG + Decimal("0.002"), lat=LAT, software="MediaTek Camera"
    )
    assert kinds(photo) == []


@pytest.mark.parametrize(
    ("role", "shift", "hinted"),
    [
        (Role.AFTER, timedelta(minutes=-5), False),
        (Role.AFTER, timedelta(minutes=-11), True),
        (Role.BEFORE, timedelta(hours=-23), False),
        (Role.BEFORE, timedelta(hours=-25), True),
        (Role.BEFORE, timedelta(days=-731), True),
        (Role.REFERENCE, timedelta(hours=-2), False),
        (Role.REFERENCE, timedelta(days=-3), True),
        (Role.AFTER, timedelta(hours=5, minutes=9), False),
        (Role.AFTER, timedelta(hours=5, minutes=11), True),
        (Role.AFTER, timedelta(days=731), True),
    ],
)
def test_the_time_of_a_photo_beside_its_case(role: Role, shift: timedelta, hinted: bool) -> None:
    assert ("time" in kinds(taken(taken_at=REPORTED + shift), role)) is hinted


def test_a_clock_two_years_off_is_said_in_years() -> None:
    photo = taken(taken_at=REPORTED - timedelta(days=731))
    (hint,) = own_hints(photo, Use(Role.BEFORE, REPORTED))
    assert "2.0 年" in hint.measure
    assert "时钟" in hint.harmless


def test_a_photo_from_another_district_says_how_far() -> None:
    (hint,) = own_hints(taken(lng=Decimal("121.47"), lat=Decimal("31.23")), Use(Role.AFTER, REPORTED, LNG, LAT))
    assert (hint.kind, "公里" in hint.measure) == ("place", True)


def test_a_degree_of_latitude_is_a_hundred_and_eleven_kilometres() -> None:
    assert metres_between(LNG, Decimal(31), LNG, Decimal(32)) == pytest.approx(111_195, abs=10)
    assert metres_between(LNG, LAT, LNG, LAT) == 0


@pytest.mark.parametrize(
    ("software", "hinted"), [("Adobe Photoshop 21.0", True), ("美图秀秀", True), ("HDR+ 1.0.3", False)]
)
def test_software_that_edits_is_named(software: str, hinted: bool) -> None:
    assert ("edited" in kinds(taken(software=software))) is hinted


def test_two_problems_of_one_visit_may_share_a_photo() -> None:
    assert same_round(1, REPORTED, 1, REPORTED + timedelta(minutes=30))
    assert not same_round(1, REPORTED, 1, REPORTED + timedelta(hours=3))
    assert not same_round(1, REPORTED, 2, REPORTED)
    assert not same_round(None, REPORTED, None, REPORTED)


def test_every_hint_says_how_it_may_be_harmless() -> None:
    photo = taken(taken_at=REPORTED - timedelta(days=9), lng=Decimal(121), lat=LAT, software="GIMP 2.10")
    found = [
        *own_hints(photo, Use(Role.AFTER, REPORTED, LNG, LAT)),
        reuse_hint("案件 1", None),
        reuse_hint("案件 1", 12),
    ]
    assert len({hint.kind for hint in found}) == 5
    assert all(hint.fact and hint.measure and hint.harmless for hint in found)


@given(st.timedeltas(min_value=timedelta(days=-4000), max_value=timedelta(days=4000)))
def test_a_span_is_said_without_a_sign(span: timedelta) -> None:
    assert "-" not in span_words(span)


def test_boxes_come_in_per_cent_and_empty_rows_are_no_boxes() -> None:
    boxes = read_boxes([("10", "20", "30.5", "5"), ("", "", "", ""), ("0", "0", "100", "100")])
    assert boxes == (Box(0.1, 0.2, 0.305, 0.05), Box(0, 0, 1, 1))


def test_every_wrong_box_is_named() -> None:
    with pytest.raises(BadInput) as refused:
        read_boxes([("10", "", "5", "5"), ("90", "10", "20", "5"), ("x", "1", "1", "1"), ("1", "1", "0.01", "1")])
    assert [sentence[:6] for sentence in refused.value.objections] == [
        "第 1 个框",
        "第 2 个框",
        "第 3 个框",
        "第 4 个框",
    ]


@given(
    st.tuples(*[st.floats(0, 0.9)] * 2),
    st.tuples(*[st.floats(0.002, 0.1)] * 2),
    st.integers(8, 4000),
    st.integers(8, 4000),
)
def test_a_box_covers_every_pixel_that_it_touches(
    corner: tuple[float, float], size: tuple[float, float], width: int, height: int
) -> None:
    left, top, right, bottom = Box(*corner, *size).pixels(width, height)
    assert 0 <= left <= corner[0] * width
    assert right >= min((corner[0] + size[0]) * width, width)
    assert 0 <= top <= corner[1] * height
    assert bottom >= min((corner[1] + size[1]) * height, height)
    assert right <= width
    assert bottom <= height
