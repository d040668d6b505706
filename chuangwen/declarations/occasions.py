"""取材活动: what still has to happen so that there will be evidence of it inside the window."""

from datetime import date, datetime

from django.db import transaction

from chuangwen.declarations.handing_in import SUBJECT, taken
from chuangwen.declarations.models import Occasion, Requirement
from chuangwen.declarations.queries import plans, supplies
from chuangwen.journal.once import taken_before
from chuangwen.journal.operations import record
from chuangwen.rules.deadlines import SHANGHAI
from chuangwen.rules.material_checks import occasion_objections
from chuangwen.rules.permissions import Actor
from chuangwen.rules.refusals import NotFound, Refused


def _own(requirement_id: int, by: Actor) -> tuple[Requirement, list[str]]:
    requirement = taken(requirement_id, by)
    mine = supplies(by, requirement) or plans(by, requirement.drive)
    return requirement, [] if mine else ["取材活动由提供单位或文明办安排。"]


@transaction.atomic
def plan_occasion(
    *, requirement_id: int, name: str, planned_on: date | None, by: Actor, now: datetime, client_key: str | None = None
) -> Occasion:
    """Something is to happen on a day inside the window of the requirement."""
    requirement, found = _own(requirement_id, by)
    if taken_before(client_key, SUBJECT, requirement_id) and (last := requirement.occasions.order_by("-id").first()):
        return last
    found += [] if name.strip() else ["请写要办什么，例如“道德讲堂”。"]
    today = now.astimezone(SHANGHAI).date()
    found += occasion_objections(planned_on, requirement.window, today) if planned_on else ["请填计划日期。"]
    if found or planned_on is None:
        raise Refused(found)
    made = Occasion.objects.create(
        requirement=requirement, name=name.strip()[:120], planned_on=planned_on, noted_by=by.name
    )
    record(
        kind="declaration.planned", subject_kind=SUBJECT, subject_id=requirement.pk, by=by, now=now, client_key=client_key,
        occasion=made.pk, name=made.name, on=str(planned_on),
    )  # fmt: skip
    return made


@transaction.atomic
def settle_occasion(
    *, requirement_id: int, occasion_id: int, happened_on: date | None = None, called_off: str = "", by: Actor, now: datetime
) -> Occasion:  # fmt: skip
    """It happened on that day, or was called off for a reason. Once only."""
    requirement, found = _own(requirement_id, by)
    occasion = requirement.occasions.select_for_update().filter(pk=occasion_id).first()
    if occasion is None:
        raise NotFound
    if happened_on is None and not called_off.strip():
        found.append("请填实际日期，或写取消的原因。")
    if happened_on is not None and happened_on > now.astimezone(SHANGHAI).date():
        found.append("实际日期不能晚于今天。")
    if happened_on is not None and not requirement.window.holds(happened_on):
        found.append(f"实际日期不在有效期 {requirement.window.words} 之内，不能当材料；请写取消的原因，另安排一次。")
    if occasion.happened_on is not None or occasion.called_off:
        found.append("这项活动已经登记过结果。")
    if found:
        raise Refused(found)
    occasion.happened_on = happened_on
    occasion.called_off = "" if happened_on else called_off.strip()[:200]
    occasion.save(update_fields=["happened_on", "called_off"])
    record(
        kind="declaration.happened" if happened_on else "declaration.called_off", subject_kind=SUBJECT,
        subject_id=requirement.pk, by=by, now=now, occasion=occasion.pk, on=str(happened_on or ""), note=occasion.called_off,
    )  # fmt: skip
    return occasion
