"""What units say: progress, done, cannot be done in time; and what the house knows already and need not be asked again.

报一次: where an item is carried out by cases, the words and the after-photos of their rectification are the report. The
unit takes them over with their source beside them, and nobody photographs or types the same thing twice.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from chuangwen.cases.models import Case, CasePhoto, Extension, PhotoRole
from chuangwen.directives.models import Declaration, Item, ItemCase, Part, Report, ReportKind, ReportPhoto
from chuangwen.directives.moving import NOT_OFFICE, own_part, record_step, taken_up
from chuangwen.directives.queries import grounds, keeps
from chuangwen.evidence.arriving import Arriving
from chuangwen.evidence.models import Photo
from chuangwen.evidence.operations import stored_photos
from chuangwen.journal.models import timestamp
from chuangwen.journal.queries import last_events_of
from chuangwen.rules.directives import OPEN_DELAYS, Delay, declaration_objections
from chuangwen.rules.permissions import Actor
from chuangwen.rules.refusals import NotFound, Refused

_HANDED_IN = "case.rectify"


@dataclass(frozen=True)
class Known:
    """What a linked case already says: the words of its rectification, who wrote them and when, its after-photos."""

    case: Case
    words: str
    said_by: str
    said_at: datetime | None
    photos: Sequence[Photo]
    late_reason: str = ""

    @property
    def source(self) -> str:
        """Where this comes from, for the page."""
        who = f"，{self.said_by}填" if self.said_by else ""
        return f"来自案件 {self.case.number}{who}"


def known_of(item: Item, part: Part) -> list[Known]:
    """What the linked cases of this unit's branch say already, those handed in. Four statements at most."""
    links = ItemCase.objects.filter(item=item, case__unit__path__startswith=part.unit.path).select_related("case")
    cases = [link.case for link in links]
    return _known(cases) if cases else []


def _known(cases: Sequence[Case]) -> list[Known]:
    ids = [case.pk for case in cases]
    said = last_events_of("case", ids, _HANDED_IN)
    photos: dict[int, list[Photo]] = {}
    for row in CasePhoto.objects.filter(case__in=ids, role=PhotoRole.AFTER).select_related("photo"):
        photos.setdefault(row.case_id, []).append(row.photo)
    reasons = dict(Extension.objects.filter(case__in=ids).order_by("id").values_list("case", "reason"))
    return [
        Known(
            case, said[case.pk].note if case.pk in said else "", said[case.pk].actor_name if case.pk in said else "",
            said[case.pk].at if case.pk in said else None, photos.get(case.pk, []), reasons.get(case.pk, ""),
        )
        for case in cases
    ]  # fmt: skip


def _report(
    part: Part,
    kind: ReportKind,
    text: str,
    photos: Sequence[int | Arriving],
    known: Sequence[Known],
    by: Actor,
    now: datetime,
) -> Report:
    """The words, or those of the cases where none are given; photos of the cases first."""
    worded = [one for one in known if one.words]
    taken = not text.strip() and bool(worded)
    words = "；".join(one.words for one in worded) if taken else text.strip()
    report = Report.objects.create(
        part=part, kind=kind, text=words[:1000], text_case=worded[0].case if taken else None, at=now, by_id=by.user_id,
        by_name=by.name,
    )  # fmt: skip
    rows = {photo.pk: ReportPhoto(report=report, photo=photo, case=one.case) for one in known for photo in one.photos}
    for photo in stored_photos(photos=photos, by=by, now=now):
        rows.setdefault(photo.pk, ReportPhoto(report=report, photo=photo))
    ReportPhoto.objects.bulk_create(rows.values())
    return report


def _taken_over(item: Item, part: Part, case_ids: Sequence[int]) -> tuple[list[Known], list[str]]:
    """What the ticked cases say, and what is wrong with the ticks."""
    if not case_ids:
        return [], []
    known = {one.case.pk: one for one in known_of(item, part)}
    strange = [pk for pk in case_ids if pk not in known]
    return [known[pk] for pk in case_ids if pk in known], (["有案件不是这件事项的，或不归您单位。"] if strange else [])


@transaction.atomic
def report_progress(
    *, item_id: int, part_id: int, text: str, photos: Sequence[int | Arriving] = (), case_ids: Sequence[int] = (),
    by: Actor, now: datetime, seen_version: int | None = None, client_key: str | None = None,
) -> Item:  # fmt: skip
    """报进展: words and photos of one unit. Nothing changes but what is known."""
    taken = taken_up(item_id, by, client_key, seen_version, text)
    if taken.repeated:
        return taken.item
    part = own_part(taken, part_id, by)
    known, found = _taken_over(taken.item, part, case_ids)
    found += [] if text.strip() or any(one.words for one in known) else ["请写进展，或勾选案件带入文字。"]
    if found:
        raise Refused(found)
    report = _report(part, ReportKind.PROGRESS, text, photos, known, by, now)
    record_step(
        taken.item, "reported", by=by, now=now, client_key=client_key, unit=part.unit.name, text=report.text,
        cases=[one.case.pk for one in known],
    )  # fmt: skip
    return taken.item


@transaction.atomic
def hand_in(
    *, item_id: int, part_id: int, text: str, photos: Sequence[int | Arriving] = (), case_ids: Sequence[int] = (),
    by: Actor, now: datetime, seen_version: int | None = None, client_key: str | None = None,
) -> Item:  # fmt: skip
    """报完成: the unit's share is done, with words and evidence: photos of its own or those of the cases that did it."""
    taken = taken_up(item_id, by, client_key, seen_version, text)
    if taken.repeated:
        return taken.item
    part = own_part(taken, part_id, by)
    known, found = _taken_over(taken.item, part, case_ids)
    found += [] if part.handed_in_at is None else ["您单位已经报过完成，等文明办审签。"]
    found += [] if text.strip() or any(one.words for one in known) else ["请写做到了什么，或勾选案件带入文字。"]
    found += [] if photos or known else ["报完成须有依据：传照片，或勾选办结这件事的案件。"]
    if found:
        raise Refused(found)
    report = _report(part, ReportKind.DONE, text, photos, known, by, now)
    part.handed_in_at = now
    part.first_handed_in_at = part.first_handed_in_at or now
    part.save(update_fields=["handed_in_at", "first_handed_in_at"])
    record_step(
        taken.item, "handed_in", by=by, now=now, client_key=client_key, unit=part.unit.name, text=report.text,
        cases=[one.case.pk for one in known],
    )  # fmt: skip
    return taken.item


# --- cannot be done in time ---


@transaction.atomic
def declare_delay(
    *, item_id: int, part_id: int, ground: str, reason: str, needs: str, proposed_at: datetime | None,
    photos: Sequence[int | Arriving] = (), by: Actor, now: datetime, seen_version: int | None = None,
    client_key: str | None = None,
) -> Declaration:  # fmt: skip
    """申报延期, before the deadline: why, what is needed, until when. The deadline stays until above agrees."""
    taken = taken_up(item_id, by, client_key, seen_version, reason)
    if taken.repeated:
        return Declaration.objects.filter(part__item=item_id, part=part_id).latest("id")
    part, known = own_part(taken, part_id, by), grounds()
    found = declaration_objections(
        ground=ground, known=known, reason=reason, needs=needs, proposed=proposed_at, due_at=part.due_at, now=now
    )
    found += [] if part.handed_in_at is None else ["您单位已经报过完成，不用申报延期。"]
    if part.declarations.filter(state__in=[state.value for state in OPEN_DELAYS]).exists():
        found.append("已有一份延期申报在办，等答复后再报。")
    if found or proposed_at is None:
        raise Refused(found)
    report = _report(part, ReportKind.DELAY, reason, photos, (), by, now)
    made = Declaration.objects.create(
        part=part, report=report, ground_code=ground, ground_name=known[ground], needs=needs.strip()[:300],
        proposed_at=proposed_at, due_at=part.due_at, declared_at=now, state=Delay.DECLARED.value,
    )  # fmt: skip
    record_step(
        taken.item, "delay_declared", by=by, now=now, client_key=client_key, unit=part.unit.name, ground=ground,
        reason=report.text, proposed_at=timestamp(proposed_at), due_at=timestamp(part.due_at),
    )  # fmt: skip
    return made


def _declaration(item: Item, declaration_id: int, state: Delay, by: Actor) -> Declaration:
    rows = Declaration.objects.select_for_update(of=("self",)).select_related("part__unit")
    made = rows.filter(pk=declaration_id, part__item=item).first()
    if made is None:
        raise NotFound
    found = [] if keeps(by, item.directive) else [NOT_OFFICE]
    found += [] if made.state == state else [f"这份申报现在是“{made.get_state_display()}”，不能这样办。"]
    if found:
        raise Refused(found)
    return made


@transaction.atomic
def decide_delay(
    *, item_id: int, declaration_id: int, ask_above: bool, note: str, by: Actor, now: datetime,
    seen_version: int | None = None, client_key: str | None = None,
) -> Declaration:  # fmt: skip
    """The office asks above for a new date, or refuses with a reason."""
    taken = taken_up(item_id, by, client_key, seen_version, note)
    if taken.repeated:
        return Declaration.objects.get(pk=declaration_id, part__item=item_id)
    made = _declaration(taken.item, declaration_id, Delay.DECLARED, by)
    if not note.strip():
        raise Refused("请写明怎样向上级申请的（文号、电话、时间）。" if ask_above else "不同意须写明理由。")
    made.state = (Delay.ASKED if ask_above else Delay.REFUSED).value
    made.decided_at, made.decided_by, made.decision_note = now, by.name, note.strip()[:500]
    made.save(update_fields=["state", "decided_at", "decided_by", "decision_note"])
    record_step(
        taken.item, "delay_decided", by=by, now=now, client_key=client_key, unit=made.part.unit.name, asked=ask_above,
        note=made.decision_note,
    )  # fmt: skip
    return made


@transaction.atomic
def answer_delay(
    *, item_id: int, declaration_id: int, new_deadline: datetime | None, note: str, by: Actor, now: datetime,
    seen_version: int | None = None, client_key: str | None = None,
) -> Declaration:  # fmt: skip
    """What above answered: a new date, which becomes the deadline of the item and of this unit's share, or none."""
    taken = taken_up(item_id, by, client_key, seen_version, note)
    if taken.repeated:
        return Declaration.objects.get(pk=declaration_id, part__item=item_id)
    item = taken.item
    made = _declaration(item, declaration_id, Delay.ASKED, by)
    found = [] if note.strip() else ["请写上级怎样答复的（文号、谁、什么时间）。"]
    if new_deadline is not None and new_deadline <= made.due_at:
        found.append("新期限须晚于原来的期限。")
    if found:
        raise Refused(found)
    made.state = (Delay.GRANTED if new_deadline else Delay.DENIED).value
    made.answered_at, made.answered_by, made.answer_note = now, by.name, note.strip()[:500]
    made.new_deadline = new_deadline
    made.save(update_fields=["state", "answered_at", "answered_by", "answer_note", "new_deadline"])
    if new_deadline is not None:
        item.deadline = max(item.deadline, new_deadline)
        Part.objects.filter(pk=made.part_id).update(due_at=new_deadline)
    record_step(
        item, "delay_answered", by=by, now=now, client_key=client_key, unit=made.part.unit.name,
        granted=new_deadline is not None, due_at=timestamp(new_deadline), note=made.answer_note,
    )  # fmt: skip
    return made
