"""裁定异议: the office's clerk proposes, its chief decides, by a moment; until then the department stays responsible."""

from datetime import datetime

from chuangwen.cases.parts import NewPart, add_parts, take_off_part
from chuangwen.rules.permissions import Actor, Permission, Thing, may
from chuangwen.rules.refusals import NotFound, Refused
from chuangwen.whistles.acting import note, on_summons, save, save_summons
from chuangwen.whistles.answering import objection_of
from chuangwen.whistles.blowing import call_in, due_from
from chuangwen.whistles.models import Objection, ObjectionState, Summons
from chuangwen.whistles.queries import summonable

OUTCOMES = {
    ObjectionState.TAKEN_OFF.value: "成立，免去任务",
    ObjectionState.MOVED.value: "成立，改派其他单位",
    ObjectionState.REJECTED.value: "不成立，照办",
}


def proposes(by: Actor, summons: Summons) -> bool:
    """Whether this person prepares decisions for this street."""
    return may(by, Permission.WHISTLE_PROPOSE, Thing(home=summons.whistle.street.path))


def decides(by: Actor, summons: Summons) -> bool:
    """Whether this person decides for this street."""
    return may(by, Permission.WHISTLE_DECIDE, Thing(home=summons.whistle.street.path))


def _waiting(summons: Summons) -> Objection:
    objection = objection_of(summons)
    if objection is None:
        raise NotFound
    if not objection.is_open:
        raise Refused(f"这条异议已有结果：{objection.get_state_display()}。")
    return objection


def propose(
    *,
    summons_id: int,
    words: str,
    by: Actor,
    now: datetime,
    client_key: str | None = None,
    seen_version: int | None = None,
) -> Summons:
    """拟办: what the clerk puts to the chief."""

    def change(summons: Summons) -> None:
        objection = _waiting(summons)
        found = [] if proposes(by, summons) else ["拟办意见由区文明办填写。"]
        found += [] if words.strip() else ["请写拟办意见。"]
        if found:
            raise Refused(found)
        objection.proposal, objection.proposed_at, objection.proposed_by_id = words.strip()[:500], now, by.user_id
        save(objection, "proposal", "proposed_at", "proposed_by")
        note(
            summons.whistle_id, "objection_proposed", by=by, now=now, client_key=client_key,
            unit_name=summons.part.unit.name, note=objection.proposal,
        )  # fmt: skip

    return on_summons(
        summons_id,
        change,
        own=lambda found: proposes(by, found),
        by=by,
        client_key=client_key,
        seen_version=seen_version,
    )


def decide(
    *,
    summons_id: int,
    outcome: str,
    words: str,
    to_unit_id: int | None = None,
    by: Actor,
    now: datetime,
    client_key: str | None = None,
    seen_version: int | None = None,
) -> Summons:
    """裁定: upheld, the part is taken off, or goes to another unit whose time begins now; rejected, the clock is as before."""

    def change(summons: Summons) -> None:
        objection = _waiting(summons)
        found = [] if decides(by, summons) else ["异议由区文明办主任裁定。"]
        found += [] if outcome in OUTCOMES else ["请选择裁定结果。"]
        found += [] if words.strip() else ["请写明裁定理由。"]
        found += ["请选择改派给哪个单位。"] if outcome == ObjectionState.MOVED and to_unit_id is None else []
        if found:
            raise Refused(found)
        if outcome != ObjectionState.REJECTED:
            _take_off(summons, words, by=by, now=now)
        moved = _move(summons, to_unit_id, by=by, now=now) if outcome == ObjectionState.MOVED else ""
        objection.state, objection.decision = outcome, words.strip()[:500]
        objection.decided_at, objection.decided_by_id = now, by.user_id
        save(objection, "state", "decision", "decided_at", "decided_by")
        note(
            summons.whistle_id, "objection_decided", by=by, now=now, client_key=client_key, outcome=outcome,
            unit_name=summons.part.unit.name, moved_to=moved, reason=objection.decision, late=now > objection.decide_by,
        )  # fmt: skip

    return on_summons(
        summons_id, change, own=lambda found: proposes(by, found), by=by, client_key=client_key, seen_version=seen_version
    )  # fmt: skip


def _take_off(summons: Summons, words: str, *, by: Actor, now: datetime) -> None:
    reason = f"异议成立：{words.strip()}"
    summons.part = take_off_part(part_id=summons.part_id, reason=reason, by=by, now=now)
    save_summons(summons)


def _move(summons: Summons, unit_id: int | None, *, by: Actor, now: datetime) -> str:
    whistle = summons.whistle
    unit = summonable(whistle.street).filter(pk=unit_id or 0).first()
    if unit is None or unit.pk == summons.part.unit_id:
        raise Refused("改派的单位不存在、已停用、不能召集，或就是提出异议的单位。请重新选择。")
    due = due_from(whistle.promised, now)
    new = NewPart(unit, summons.part.duty, due.finish_by)
    parts = add_parts(case_id=whistle.case_id, parts=[new], by=by, now=now)
    call_in(whistle, parts, due, now=now, moved_from=summons)
    return unit.name
