"""Filled forms of other clients: positions, keys, and what is kept of them."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chuangwen.rules.submissions import Filled, FilledForm, client_key, metres, position

DEGREES = st.tuples(st.decimals(-180, 180, places=6), st.decimals(-90, 90, places=6))
TEXTS = st.text(max_size=20)


def form(criteria: tuple[Filled, ...], answers: dict[str, str], pictures: tuple[str, ...]) -> FilledForm:
    """A form with these answers."""
    return FilledForm(
        "uuid:1", "", "cw-T-1-RES", "1", 1, "RES", 7, None, rest_passes=True, criteria=criteria, answers=answers,
        pictures=pictures,
    )  # fmt: skip


@given(st.text())
def test_whatever_a_phone_says_is_a_position_or_none(place: str) -> None:
    found = position(place)
    assert found is None or (abs(found[0]) <= 180 and abs(found[1]) <= 90)


@given(DEGREES)
def test_a_position_is_read_in_the_order_of_odk(where: tuple[Decimal, Decimal]) -> None:
    lng, lat = where
    assert position(f"{lat} {lng} 4.0 8.0") == (lng, lat)


@pytest.mark.parametrize(
    "place", ["", "32.0", "91 120 0 0", "32 181 0 0", "NaN NaN 0 0", "Infinity 1 0 0", "1e400 1", "北 东"]
)
def test_what_lies_nowhere_on_earth_is_no_position(place: str) -> None:
    assert position(place) is None


@given(DEGREES, DEGREES)
def test_distance_is_the_same_there_and_back_and_at_most_half_way_round(
    one: tuple[Decimal, Decimal], other: tuple[Decimal, Decimal]
) -> None:
    there = metres(one, other)
    assert there == pytest.approx(metres(other, one), abs=1e-3)
    assert 0 <= there <= 20_015_200
    assert metres(one, one) == 0


def test_a_known_distance() -> None:
    """A degree of latitude is a 360th of the meridian of the sphere."""
    assert metres((Decimal(120), Decimal(32)), (Decimal(120), Decimal(33))) == pytest.approx(111_195, abs=1)


@given(
    st.lists(st.builds(Filled, TEXTS, TEXTS, TEXTS, TEXTS, TEXTS), max_size=4),
    st.dictionaries(TEXTS, TEXTS, max_size=4),
)
def test_what_is_kept_comes_back_as_it_was(criteria: list[Filled], answers: dict[str, str]) -> None:
    import json

    filled = form(tuple(criteria), answers, tuple(answers)[:1])
    again = FilledForm.of(json.loads(json.dumps(filled.kept())))
    assert again == filled
    assert again.wanted == sorted(set(again.wanted) - {""})


@given(TEXTS, TEXTS, TEXTS)
def test_a_key_belongs_to_one_criterion_of_one_record(record: str, code: str, other: str) -> None:
    assert len(client_key(record, code)) <= 64
    assert (client_key(record, code) == client_key(record, other)) == (code == other)
