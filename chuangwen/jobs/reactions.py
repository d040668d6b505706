"""What follows from which event. Each reaction may run more than once and must not mind."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Protocol

from chuangwen.cases.operations import close_checked
from chuangwen.cases.photo_hints import examine_photos
from chuangwen.declarations.checking import check_version
from chuangwen.declarations.packing import prepare_package
from chuangwen.evidence.operations import make_print, make_thumbnail
from chuangwen.forecasts.computing import run_forecast
from chuangwen.jobs.notices import notify
from chuangwen.jobs.plan_solving import day_tours, road_seconds
from chuangwen.patrols.queries import findings_with_photos
from chuangwen.planning.asking import run_plan
from chuangwen.replies import operations as replies
from chuangwen.routing.objections import lapse_objection
from chuangwen.routing.replays import run_replay
from chuangwen.rules.notice_table import kinds_that_matter
from chuangwen.scores.fair import work_out_fair_figures
from chuangwen.surveys.results import compute_results
from chuangwen.triage.models_training import train_next
from chuangwen.triage.proposing import look_at_report
from chuangwen.triage.topics import run_topics


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


def tell_moved_deadline(event: Happened, now: datetime) -> None:
    """The deadline of a resident's case moved: tell its reporter."""
    replies.tell_moved_deadline(case_id=event.subject_id, event_id=event.pk, now=now)


def compare_fairly(event: Happened, now: datetime) -> None:
    """A sheet was computed: work out the same findings without the strictness of who looked."""
    work_out_fair_figures(sheet_id=event.subject_id, now=now)


def lapse_settled_objection(event: Happened, now: datetime) -> None:
    """The case went on without its unit's objection being decided: there may be nothing left to decide."""
    lapse_objection(case_id=event.subject_id, now=now)


def try_rules_on_past_cases(event: Happened, now: datetime) -> None:
    """A long replay was asked for."""
    run_replay(replay_id=event.subject_id, now=now)


def work_out_forecast(event: Happened, now: datetime) -> None:
    """A forecast was asked for, by a person or by the timetable."""
    run_forecast(run_id=event.subject_id, now=now)


def plan_day(event: Happened, now: datetime) -> None:
    """Routes of a day were asked for."""
    run_plan(plan_id=event.subject_id, solve=day_tours, service=road_seconds, now=now)


def compute_survey(event: Happened, now: datetime) -> None:
    """A wave ended, or somebody asked what its answers say."""
    compute_results(wave_id=event.subject_id, now=now)


def look_at_new_report(event: Happened, now: datetime) -> None:
    """A case was reported: by a resident or by hand, then say what it is about and find it again later."""
    look_at_report(case_id=event.subject_id, now=now)


def train_on_corrections(event: Happened, now: datetime) -> None:
    """A new model was asked for."""
    train_next(target=str(event.facts.get("target", "")), now=now)


def find_topics(event: Happened, now: datetime) -> None:
    """The hot topics of a period were asked for."""
    run_topics(run_id=event.subject_id, now=now)


def look_at_material(event: Happened, now: datetime) -> None:
    """Material was handed in: read it and put down what can be seen without a person."""
    check_version(version_id=int(event.facts["version"]), now=now)


def pack_material(event: Happened, now: datetime) -> None:
    """The next step of a package; what is left asks for another one."""
    prepare_package(package_id=event.subject_id, now=now)


# Moves after which the unit that objected to a dispatch has the case, or works on it, no more.
_SETTLES_OBJECTION = ("assign", "return_back", "rectify", "suspend", "cancel", "force_close")

REACTIONS: Mapping[str, tuple[Reaction, ...]] = {
    "case.report": (look_at_new_report,),
    "triage.training_asked": (train_on_corrections,),
    "topics.asked": (find_topics,),
    "photo.stored": (thumbnail_of, look_at_photo),
    "case.verify": (file_checked_case,),
    "wave.closed": (compute_survey,),
    "wave.results_asked": (compute_survey,),
    "case.extension_granted": (tell_moved_deadline,),
    "score.computed": (compare_fairly,),
    "score.corrected": (compare_fairly,),
    "declaration.handed_in": (look_at_material,),
    "declaration.package_started": (pack_material,),
    "declaration.package_step": (pack_material,),
    "routing.replay_started": (try_rules_on_past_cases,),
    "plan.started": (plan_day,),
    "forecast.asked": (work_out_forecast,),
    **{f"case.{move}": (lapse_settled_objection,) for move in _SETTLES_OBJECTION},
    "case.suspend": (lapse_settled_objection, tell_moved_deadline),
    "case.resume": (tell_moved_deadline,),
    "case.reopen": (tell_moved_deadline,),
}
# What people are told of follows after everything else, by the table of rules/notice_table.py.
REACTIONS = {
    kind: (*REACTIONS.get(kind, ()), *((notify,) if kind in kinds_that_matter() else ()))
    for kind in sorted({*REACTIONS, *kinds_that_matter()})
}
