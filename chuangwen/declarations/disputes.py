"""归属异议: a unit says that a requirement is not its own; the office decides."""

from datetime import datetime

from django.db import transaction

from chuangwen.declarations.handing_in import SUBJECT, taken
from chuangwen.declarations.models import Dispute
from chuangwen.declarations.queries import plans, supplies
from chuangwen.journal.once import taken_before
from chuangwen.journal.operations import record
from chuangwen.people.models import Unit
from chuangwen.rules.permissions import Actor
from chuangwen.rules.refusals import NotFound, Refused


@transaction.atomic
def raise_dispute(
    *, requirement_id: int, reason: str, proposed_id: int | None = None, by: Actor, now: datetime, client_key: str | None = None
) -> Dispute:  # fmt: skip
    """提出归属异议, as long as nothing was handed in and no earlier one is open."""
    requirement = taken(requirement_id, by)
    earlier = requirement.disputes.filter(decided_at=None).first()
    if taken_before(client_key, SUBJECT, requirement_id) and earlier is not None:
        return earlier
    found = [] if supplies(by, requirement) and requirement.unit else ["归属异议由提供单位提出。"]
    found += [] if reason.strip() else ["请写为什么不归本单位（三定方案、职责文件等依据）。"]
    found += [] if earlier is None else ["已经提过异议，正等文明办裁定。"]
    found += ["已经交过材料，不能再提归属异议。"] if requirement.pieces.exists() else []
    if proposed_id is not None and (proposed_id == requirement.unit_id or not Unit.objects.filter(pk=proposed_id, active=True).exists()):  # fmt: skip
        found.append("认为应由哪个单位办，请另选一个在用的单位，或者不填。")
    if found or requirement.unit is None:
        raise Refused(found)
    made = Dispute.objects.create(
        requirement=requirement, unit=requirement.unit, reason=reason.strip()[:500], proposed_id=proposed_id, raised_at=now,
        raised_by=by.name, by_id=by.user_id,
    )  # fmt: skip
    requirement.disputed = True
    requirement.version += 1
    requirement.save(update_fields=["disputed", "version"])
    record(
        kind="declaration.disputed", subject_kind=SUBJECT, subject_id=requirement.pk, by=by, now=now, client_key=client_key,
        dispute=made.pk, requirement=requirement.number, unit=requirement.unit_id, proposed=proposed_id, note=made.reason,
    )  # fmt: skip
    return made


@transaction.atomic
def decide_dispute(
    *, requirement_id: int, upheld: bool, decision: str, unit_id: int | None = None, due_at: datetime | None = None,
    by: Actor, now: datetime, seen_version: int | None = None, client_key: str | None = None,
) -> Dispute:  # fmt: skip
    """裁定: upheld gives the requirement to another unit (or to none yet), otherwise it stays; the reason is said."""
    repeated = taken_before(client_key, SUBJECT, requirement_id)
    requirement = taken(requirement_id, by, None if repeated else seen_version, decision)
    if repeated and (last := requirement.disputes.first()) is not None:
        return last
    dispute = requirement.disputes.select_for_update().filter(decided_at=None).first()
    if dispute is None:
        raise NotFound("没有等待裁定的异议。")
    found = [] if plans(by, requirement.drive) else ["归属异议由文明办裁定。"]
    found += [] if decision.strip() else ["请写裁定的理由。"]
    inside = Unit.objects.filter(active=True, path__startswith=requirement.drive.home.path)
    unit = inside.filter(pk=unit_id).first() if unit_id is not None else None
    if upheld and unit_id is not None and (unit is None or unit.pk == requirement.unit_id):
        found.append("请另选一个本区在用的单位。")
    if due_at is not None and due_at <= now:
        found.append("新的截止时间要晚于现在。")
    if found:
        raise Refused(found)
    dispute.decided_at, dispute.decided_by, dispute.upheld, dispute.decision = (
        now,
        by.name,
        upheld,
        decision.strip()[:500],
    )
    dispute.save(update_fields=["decided_at", "decided_by", "upheld", "decision"])
    requirement.disputed = False
    requirement.unit = unit if upheld else requirement.unit
    requirement.due_at = due_at or requirement.due_at
    requirement.version += 1
    requirement.save(update_fields=["disputed", "unit", "due_at", "version"])
    record(
        kind="declaration.dispute_decided", subject_kind=SUBJECT, subject_id=requirement.pk, by=by, now=now,
        client_key=client_key, dispute=dispute.pk, upheld=upheld, unit=requirement.unit_id, note=dispute.decision,
    )  # fmt: skip
    return dispute
