"""What follows from which event. Each reaction may run more than once and must not mind."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Protocol

from chuangwen.cases.operations import close_checked
from chuangwen.cases.photo_hints import examine_photos
from chuangwen.evidence.operations import make_print, make_thumbnail
from chuangwen.jobs.notices import notify
from chuangwen.patrols.queries import findings_with_photos
from chuangwen.routing.objections import lapse_objection
from chuangwen.routing.replays import run_replay
from chuangwen.rules.notice_table import kinds_that_matter
from chuangwen.scores.fair import work_out_fair_figures


class Happened(Protocol):
    """What a reaction needs to know of an event."""

    pk: int
    kind: str
    subject_kind: str
    subject_id: int
    actor_id: int | None
    at: datetime
    facts: dict[str, Any]


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


def lapse_settled_objection(event: Happened, now: datetime) -> None:
    """The case went on without its unit's objection being decided: there may be nothing left to decide."""
    lapse_objection(case_id=event.subject_id, now=now)


def try_rules_on_past_cases(event: Happened, now: datetime) -> None:
    """A long replay was asked for."""
    run_replay(replay_id=event.subject_id, now=now)


# Moves after which the unit that objected to a dispatch has the case, or works on it, no more.
_SETTLES_OBJECTION = ("assign", "return_back", "rectify", "suspend", "cancel", "force_close")

REACTIONS: Mapping[str, tuple[Reaction, ...]] = {
    "photo.stored": (thumbnail_of, look_at_photo),
    "case.verify": (file_checked_case,),
    "score.computed": (compare_fairly,),
    "score.corrected": (compare_fairly,),
    "routing.replay_started": (try_rules_on_past_cases,),
    **{f"case.{move}": (lapse_settled_objection,) for move in _SETTLES_OBJECTION},
}
# What people are told of follows after everything else, by the table of rules/notice_table.py.
REACTIONS = {
    kind: (*REACTIONS.get(kind, ()), *((notify,) if kind in kinds_that_matter() else ()))
    for kind in sorted({*REACTIONS, *kinds_that_matter()})
}
