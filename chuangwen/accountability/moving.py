"""How every step of a file begins and ends: locked and asked for once, then saved as the next version with its act."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from chuangwen.accountability.models import Act, File
from chuangwen.accountability.queries import file_for, post_of, who_objections
from chuangwen.evidence.arriving import Arriving
from chuangwen.evidence.operations import stored_photos
from chuangwen.journal.once import taken_before
from chuangwen.journal.operations import record
from chuangwen.rules.accountability_flow import TABLE, FileMove, FileNeed, FileStep, step, unmet_needs
from chuangwen.rules.deadlines import due_at
from chuangwen.rules.limits import Limit
from chuangwen.rules.permissions import Actor
from chuangwen.rules.refusals import Conflict, Refused
from chuangwen.standards.queries import work_calendar

LONGEST_TEXT = 5000


@dataclass(frozen=True)
class Said:
    """What comes with a step."""

    text: str = ""
    measure: str = ""
    outcome: str = ""
    ground: str = ""
    photo_ids: tuple[int | Arriving, ...] = ()
    client_key: str | None = None
    seen_version: int | None = None

    def given(self) -> Iterable[FileNeed]:
        """What was given of what a step may need."""
        found = {FileNeed.TEXT: self.text.strip(), FileNeed.MEASURE: self.measure, FileNeed.OUTCOME: self.outcome}
        return [need for need, value in found.items() if value]


@dataclass(frozen=True)
class Taken:
    """A file, locked, the arrow that is asked for, and the post that acts; `repeated`: it was taken before."""

    file: File
    arrow: FileStep
    post: str
    repeated: bool = False


def locked_file(file_id: int, by: Actor) -> File:
    """The file through its door, locked."""
    file_for(by, file_id)
    rows = File.objects.select_for_update(of=("self",)).select_related("home", "unit", "ladder")
    return rows.get(pk=file_id)


def taken_up(*, file_id: int, move: FileMove, said: Said, by: Actor) -> Taken:
    """The file locked for this step; refuses what is stale, not possible now, not this person's, or lacks something."""
    file = locked_file(file_id, by)
    if taken_before(said.client_key, "accountability", file_id):
        return Taken(file, _any_step(move), "", repeated=True)
    refuse_stale(file, said)
    arrow = step(file.flow_status, move)
    found = [*who_objections(by, file, arrow), *unmet_needs(arrow, said.given())]
    if len(said.text) > LONGEST_TEXT:
        found.append(f"最多写 {LONGEST_TEXT} 字。")
    if found:
        raise Refused(found)
    return Taken(file, arrow, post_of(by, file, arrow.permission))


def _any_step(move: FileMove) -> FileStep:
    return next(arrow for (_, one), arrow in TABLE.items() if one is move)


def refuse_stale(file: File, said: Said) -> None:
    """Somebody else went on in between."""
    if said.seen_version is not None and said.seen_version != file.version:
        raise Conflict(
            f"刚刚有人办了这一件，现在是“{file.get_status_display()}”。您写的内容还在，请看过最新情况再提交。",
            yours=said.text,
            theirs=str(file.get_status_display()),
        )


def moment_after(limit: Limit, now: datetime) -> datetime:
    """When a limit that begins now is used up, on the working calendar."""
    return due_at(now, limit, work_calendar()).at


def save_step(taken: Taken, said: Said, *, by: Actor, now: datetime, text: str | None = None, **facts: Any) -> File:
    """The step is saved: the next status and version, its act with pictures, one event."""
    file = taken.file
    file.status = taken.arrow.target.value
    file.version += 1
    file.save()
    words = said.text.strip() if text is None else text
    act = Act.objects.create(
        file=file, move=taken.arrow.move.value, at=now, by_id=by.user_id or 0, post=taken.post[:120], text=words,
        facts={name: value for name, value in facts.items() if value},
    )  # fmt: skip
    if said.photo_ids:
        act.photos.set(stored_photos(photos=said.photo_ids, by=by, now=now))
    record_step(file, taken.arrow.move.value, by=by, now=now, client_key=said.client_key, **facts)
    return file


def record_step(
    file: File, kind: str, *, by: Actor, now: datetime, client_key: str | None = None, **facts: object
) -> None:
    """What happened, without a word of what was said."""
    record(
        kind=f"accountability.{kind}", subject_kind="accountability", subject_id=file.pk, by=by, now=now,
        client_key=client_key, unit=file.unit_id, rung=file.rung_key, **facts,
    )  # fmt: skip
