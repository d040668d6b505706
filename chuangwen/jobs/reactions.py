"""What follows from which event. Each reaction may run more than once and must not mind."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Protocol

from chuangwen.cases.operations import close_checked
from chuangwen.evidence.operations import make_thumbnail


class Happened(Protocol):
    """What a reaction needs to know of an event."""

    subject_id: int


Reaction = Callable[[Happened, datetime], object]


def thumbnail_of(event: Happened, _now: datetime) -> None:
    """A picture arrived: make the small copy."""
    make_thumbnail(photo_id=event.subject_id)


def file_checked_case(event: Happened, now: datetime) -> None:
    """Somebody checked it and it is right: file it, unless a resident still waits for an answer."""
    close_checked(case_id=event.subject_id, now=now)


REACTIONS: Mapping[str, tuple[Reaction, ...]] = {
    "photo.stored": (thumbnail_of,),
    "case.verify": (file_checked_case,),
}
