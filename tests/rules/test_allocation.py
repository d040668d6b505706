"""Second looks are given out evenly, and never to those who had a part in the first."""

from itertools import product

from hypothesis import given
from hypothesis import strategies as st

from chuangwen.rules.allocation import allocate_people

ALLOWED = st.dictionaries(st.integers(1, 30), st.frozensets(st.integers(100, 104), max_size=5), max_size=14)


def loads_of(given_out: dict[int, int]) -> dict[int, int]:
    """How many tasks each has."""
    return {who: sum(other == who for other in given_out.values()) for who in given_out.values()}


@given(ALLOWED, st.text(max_size=4))
def test_everybody_allowed_gets_work_and_nobody_else(allowed: dict[int, frozenset[int]], seed: str) -> None:
    found = allocate_people(allowed, seed=seed)
    assert set(found) == {task for task, people in allowed.items() if people}
    assert all(person in allowed[task] for task, person in found.items())
    assert allocate_people(dict(reversed(allowed.items())), seed=seed) == found


@given(st.dictionaries(st.integers(1, 9), st.frozensets(st.integers(100, 102), min_size=1), min_size=1, max_size=6))
def test_no_other_way_leaves_the_most_loaded_with_less(allowed: dict[int, frozenset[int]]) -> None:
    best = min(max(loads_of(dict(zip(allowed, choice, strict=True))).values()) for choice in product(*allowed.values()))
    assert max(loads_of(allocate_people(allowed, seed="s")).values()) == best


def test_who_is_busy_already_gets_less() -> None:
    found = allocate_people({task: {1, 2} for task in range(4)}, seed="s", load={1: 4})
    assert set(found.values()) == {2}


def test_the_seed_decides_between_equals() -> None:
    tasks = {task: {1, 2, 3} for task in range(9)}
    answers = {tuple(sorted(allocate_people(tasks, seed=str(seed)).items())) for seed in range(5)}
    assert len(answers) > 1
    assert all(sorted(loads_of(dict(answer)).values()) == [3, 3, 3] for answer in answers)
