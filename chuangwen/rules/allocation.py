"""Who looks a second time: balanced, seeded, and never somebody who was part of the first look."""

import hashlib
from collections.abc import Mapping
from collections.abc import Set as AbstractSet


def _rank(seed: str, task: int, person: int) -> bytes:
    return hashlib.sha256(f"{seed}|{task}|{person}".encode()).digest()


def allocate_people(
    allowed: Mapping[int, AbstractSet[int]], *, seed: str, load: Mapping[int, int] | None = None
) -> dict[int, int]:
    """Give each task one of its allowed people, so that the most loaded person has as few tasks as possible.

    allowed: task -> who may do it; a task that nobody may do is left out of the answer. load: what people have to do
    already. The seed decides between equally good answers, so that nobody chooses who checks whom; the same input
    gives the same answer. Tasks move along augmenting paths (bipartite matching with capacities), and the capacity
    grows only when no path is left: therefore the greatest load is the smallest possible one.
    """
    held = dict(load or {})
    people = sorted({person for some in allowed.values() for person in some})
    loads = {person: held.get(person, 0) for person in people}
    given: dict[int, int] = {}
    for task in sorted(allowed, key=lambda one: _rank(seed, one, 0)):
        if allowed[task]:
            _give(task, allowed, given, loads, seed)
    return given


def _give(
    task: int, allowed: Mapping[int, AbstractSet[int]], given: dict[int, int], loads: dict[int, int], seed: str
) -> None:
    """Walk from the task over people and the tasks they hold to the least loaded person that can be reached."""
    came: dict[int, int] = {}  # person -> the task over which this person was reached
    waiting = [task]
    for one in waiting:
        for person in sorted(allowed[one], key=lambda who, one=one: _rank(seed, one, who)):  # type: ignore[misc]  # the lambda binds its task
            if person not in came:
                came[person] = one
                waiting += [other for other, who in sorted(given.items()) if who == person]
    end = min(came, key=lambda person: (loads[person], list(came).index(person)))
    loads[end] += 1
    while True:
        moved = came[end]
        before = given.get(moved)
        given[moved] = end
        if moved == task or before is None:
            return
        end = before
