"""The same trouble once: a report is merged into the case that is kept, and can be split off again.

Nothing of either case is rewritten but the link and the count of voices: every clock, photo, reporter and event stays.
"""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from chuangwen.cases.models import Case
from chuangwen.cases.moving import NOT_ALLOWED, locked, refuse_stale, refuse_unseen
from chuangwen.journal.once import taken_before
from chuangwen.journal.operations import record
from chuangwen.rules.case_flow import OPEN, Status
from chuangwen.rules.permissions import Actor, Permission, may
from chuangwen.rules.refusals import NotFound, Refused

MERGEABLE = frozenset({Status.REPORTED, Status.ACCEPTED, Status.DISPATCHED, Status.RETURNED, Status.HANDLING})


@transaction.atomic
def merge(
    *,
    case_id: int,
    kept_id: int,
    by: Actor,
    now: datetime,
    client_key: str | None = None,
    seen_version: int | None = None,
) -> Case:
    """`case_id` is the same trouble as `kept_id` and is worked on there. The same submission again changes nothing.

    Refuses with every objection named. Both rows are locked in the order of their numbers, so two merges never wait
    for each other.
    """
    rows = {number: locked(number) for number in sorted({case_id, kept_id})}
    case, kept = rows[case_id], rows[kept_id]
    for row in rows.values():
        refuse_unseen(row, by)
    if taken_before(client_key, "case", case_id):
        return case
    refuse_stale(case, seen_version, "")
    if objections := _objections(case, kept, by):
        raise Refused(objections)
    case.merged_into = kept
    kept.voices += case.voices
    for row in (case, kept):
        row.version += 1
    case.save(update_fields=["merged_into", "version"])
    kept.save(update_fields=["voices", "version"])
    record(
        kind="case.merged", subject_kind="case", subject_id=case.pk, by=by, now=now, client_key=client_key, into=kept.pk,
    )  # fmt: skip
    record(kind="case.took_in", subject_kind="case", subject_id=kept.pk, by=by, now=now, other=case.pk)
    return case


def _objections(case: Case, kept: Case, by: Actor) -> list[str]:
    found = [] if all(may(by, Permission.CASE_MERGE, row.thing()) for row in (case, kept)) else [NOT_ALLOWED]
    if case.pk == kept.pk:
        return [*found, "不能并入它自己。"]
    if case.merged_into_id is not None:
        found.append("这件反映已经并入别的案件，请先拆开。")
    if case.voices > 1:
        found.append("这件案件里已经并入了别的反映，请反过来，把另一件并入这一件。")
    if case.flow_status not in MERGEABLE:
        found.append(f"这件案件现在是“{case.flow_status.label}”，只有提交整改以前的可以并入别的案件。")
    if case.parts_open or case.order_id is not None:
        found.append("这件案件有几家一起办的部分，或者列在整改任务书里，不能并入别的案件。")
    if kept.merged_into_id is not None:
        found.append("要并入的那一件自己已并入别的案件，请并入最后留下的那一件。")
    if kept.flow_status not in OPEN:
        found.append("要并入的那一件已经办结，请作为新的案件办理。")
    return found


@transaction.atomic
def split(*, case_id: int, reason: str, by: Actor, now: datetime, client_key: str | None = None) -> Case:
    """It was another trouble after all: the report goes on by itself, with its own clock as it always ran."""
    found = Case.objects.filter(pk=case_id).values_list("merged_into", flat=True).first()
    rows = {number: locked(number) for number in sorted({case_id, found or case_id})}
    case = rows[case_id]
    refuse_unseen(case, by)
    if taken_before(client_key, "case", case_id):
        return case
    objections = [] if may(by, Permission.CASE_MERGE, case.thing()) else [NOT_ALLOWED]
    objections += [] if reason.strip() else ["请写明为什么不是同一件事。"]
    if found is None or case.merged_into_id != found:
        objections.append("这件案件没有并入别的案件，或者刚刚已经拆开。")
    if objections or found is None:
        raise Refused(objections)
    kept = rows[found]
    kept.voices -= case.voices
    case.merged_into = None
    for row in (case, kept):
        row.version += 1
    case.save(update_fields=["merged_into", "version"])
    kept.save(update_fields=["voices", "version"])
    record(
        kind="case.split", subject_kind="case", subject_id=case.pk, by=by, now=now, client_key=client_key,
        note=reason.strip(), out_of=kept.pk,
    )  # fmt: skip
    record(kind="case.gave_back", subject_kind="case", subject_id=kept.pk, by=by, now=now, other=case.pk)
    return case


def kept_of(case: Case) -> Case:
    """The case in which this trouble is worked on: the one it was merged into, else itself."""
    return case.merged_into or case


def merged_of(case: Case) -> Sequence[Case]:
    """The reports that were merged into a case, oldest first."""
    return list(Case.objects.filter(merged_into=case).order_by("id")) if case.voices > 1 else ()


def kept_for(actor: Actor, case: Case) -> Case | None:
    """The kept case of a merged one, when the actor may see it."""
    kept = Case.objects.select_related("home", "unit").filter(pk=case.merged_into_id or 0).first()
    if kept is None:
        return None
    if not may(actor, Permission.CASE_SEE, kept.thing()):
        raise NotFound
    return kept
