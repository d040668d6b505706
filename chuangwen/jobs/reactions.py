"""What follows from which event. Each reaction may run more than once and must not mind."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Protocol

from chuangwen.cases.operations import close_checked
from chuangwen.cases.photo_hints import examine_photos
from chuangwen.evidence.operations import make_print, make_thumbnail
from chuangwen.patrols.queries import findings_with_photos
from chuangwen.scores.fair import work_out_fair_figures


class Happened(Protocol):
    """What a reaction needs to know of an event."""

    subject_id: int


Reaction = Callable[[Happened, datetime], object]


def thumbnail_of(event: Happened, _now: datetime) -> None:
    """A picture arrived: make the small copy."""
    make_thumbnail(photo_id=event.subject_id)


def look_at_photo(event: Happened, now: datetime) -> None:
    """A picture arrived: reckon how it looks, compare it with all earlier ones where it already serves in a case."""
    make_print(photo_id=event.subject_id)
    examine_photos(photo_id=event.subject_id, elsewhere=findings_with_photos, now=now)


def file_checked_case(event: Happened, now: datetime) -> None:
    """Somebody checked it and it is right: file it, unless a resident still waits for an answer."""
    close_checked(case_id=event.subject_id, now=now)


def compare_fairly(event: Happened, now: datetime) -> None:
    """A sheet was computed: work out the same findings without the strictness of who looked."""
    work_out_fair_figures(sheet_id=event.subject_id, now=now)


REACTIONS: Mapping[str, tuple[Reaction, ...]] = {
    "photo.stored": (thumbnail_of, look_at_photo),
    "case.verify": (file_checked_case,),
    "score.computed": (compare_fairly,),
}
