"""The order of a walk."""

from hypothesis import given
from hypothesis import strategies as st

from chuangwen.rules.rounds import Position, nearest_next

DEGREES = st.floats(min_value=31, max_value=33, allow_nan=False).map(lambda value: round(value, 6))
POSITIONS = st.lists(st.tuples(DEGREES.map(lambda value: value + 89), DEGREES), max_size=25)


def test_the_walk_goes_on_to_the_nearest_place_left() -> None:
    corner, near, far, farther = (120.87, 32.01), (120.871, 32.01), (120.88, 32.01), (120.95, 32.01)
    assert nearest_next([corner, farther, near, far]) == [0, 2, 3, 1]


def test_a_degree_of_longitude_is_shorter_than_one_of_latitude_here() -> None:
    assert nearest_next([(120.0, 32.0), (120.0, 32.0105), (120.011, 32.0)]) == [0, 2, 1]


def test_nowhere_to_walk_is_an_empty_walk() -> None:
    assert nearest_next([]) == []


@given(POSITIONS)
def test_every_place_is_walked_once_from_the_first_on(positions: list[Position]) -> None:
    order = nearest_next(positions)
    assert sorted(order) == list(range(len(positions)))
    assert order[:1] == [0][: len(positions)]


@given(POSITIONS)
def test_the_same_places_give_the_same_walk(positions: list[Position]) -> None:
    assert nearest_next(positions) == nearest_next(tuple(positions))


@given(st.lists(st.just((120.87, 32.01)), max_size=10))
def test_places_at_one_spot_stay_in_their_order(positions: list[Position]) -> None:
    assert nearest_next(positions) == list(range(len(positions)))
