"""Tasks of other kinds that a phone takes along: each kind is one function in TASKS.

A task needs a kind and a number (together unique for the person), a title, and the address of its page. What stands in
`lines` can be read without a network; what is done on its page needs one, unless the phone draws that page itself from a
part of the pack (as app/field/second.js does for re-checks).
"""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from chuangwen.rules.permissions import Actor


@dataclass(frozen=True)
class Task:
    """One thing to do for one person, as the phone shows it."""

    kind: str
    number: str
    title: str
    url: str
    note: str = ""
    due: str = ""  # a moment in ISO 8601
    lines: tuple[str, ...] = ()

    def packed(self) -> dict[str, Any]:
        """For the phone."""
        return asdict(self)


TASKS: list[Callable[[Actor, datetime], Sequence[Task]]] = []


def tasks_of(actor: Actor, now: datetime) -> list[dict[str, Any]]:
    """Everything of every kind, in the order of the kinds."""
    return [task.packed() for kind in TASKS for task in kind(actor, now)]
