"""报到: what a summoned department does - confirm, arrive, finish, object, and say whether the whistle was fit."""

from collections.abc import Callable
from datetime import datetime

from chuangwen.cases.parts import finish_part
from chuangwen.rules.permissions import Actor, Permission, Thing, may
from chuangwen.rules.refusals import Refused
from chuangwen.rules.whistles import fit_objections, may_object, term_end
from chuangwen.standards.queries import work_calendar
from chuangwen.whistles.acting import note, on_summons, save, save_summons
from chuangwen.whistles.models import Objection, ObjectionState, Summons

NOT_YOURS = "这一步由被召集的单位办理。"


def answers_for(by: Actor, summons: Summons) -> bool:
    """Whether this person acts for the summoned department."""
    return may(by, Permission.WHISTLE_ANSWER, Thing(handler=summons.part.unit.path))


def _open(summons: Summons, by: Actor) -> list[str]:
    found = [] if answers_for(by, summons) else [NOT_YOURS]
    if not summons.part.is_open:
        found.append(f"这个单位的任务已经是“{summons.part.get_state_display()}”。")
    return found


def _act(
    summons_id: int, change: Callable[[Summons], None], *, by: Actor, client_key: str | None, seen_version: int | None
) -> Summons:
    return on_summons(
        summons_id, change, own=lambda found: answers_for(by, found), by=by, client_key=client_key, seen_version=seen_version
    )  # fmt: skip


def confirm(*, summons_id: int, by: Actor, now: datetime, client_key: str | None = None) -> Summons:
    """确认: the department knows that it is called. Said twice, it stays what it was."""

    def change(summons: Summons) -> None:
        if summons.confirmed_at is not None and answers_for(by, summons):
            return
        if found := _open(summons, by):
            raise Refused(found)
        summons.confirmed_at, summons.confirmed_by_id = now, by.user_id
        save_summons(summons, "confirmed_at", "confirmed_by")
        note(
            summons.whistle_id, "confirmed", by=by, now=now, client_key=client_key, unit_name=summons.part.unit.name,
            late=now > summons.confirm_by,
        )  # fmt: skip

    return _act(summons_id, change, by=by, client_key=client_key, seen_version=None)


def arrive(
    *,
    summons_id: int,
    words: str = "",
    by: Actor,
    now: datetime,
    client_key: str | None = None,
    seen_version: int | None = None,
) -> Summons:
    """报告到场: a statement of the department, which the street confirms; nobody's position is asked or kept.

    Who arrives has thereby confirmed.
    """

    def change(summons: Summons) -> None:
        found = _open(summons, by)
        found += ["已经报告过到场，等街道核实。"] if summons.arrived_at is not None else []
        if found:
            raise Refused(found)
        if summons.confirmed_at is None:
            summons.confirmed_at, summons.confirmed_by_id = now, by.user_id
        summons.arrived_at, summons.arrived_by_id, summons.arrival_note = now, by.user_id, words.strip()[:200]
        save_summons(summons, "confirmed_at", "confirmed_by", "arrived_at", "arrived_by", "arrival_note")
        note(
            summons.whistle_id, "arrived", by=by, now=now, client_key=client_key, unit_name=summons.part.unit.name,
            late=now > summons.arrive_by, note=summons.arrival_note,
        )  # fmt: skip

    return _act(summons_id, change, by=by, client_key=client_key, seen_version=seen_version)


def finish(
    *,
    summons_id: int,
    words: str,
    by: Actor,
    now: datetime,
    client_key: str | None = None,
    seen_version: int | None = None,
) -> Summons:
    """报告办完: the part of the case is done. An objection that nobody decided yet has thereby lapsed."""

    def change(summons: Summons) -> None:
        found = _open(summons, by)
        found += ["请先报告到场，再报告办完。"] if summons.arrived_at is None else []
        if found:
            raise Refused(found)
        summons.part = finish_part(part_id=summons.part_id, note=words, by=by, now=now)
        save_summons(summons)
        lapse(summons, now)
        note(
            summons.whistle_id, "finished", by=by, now=now, client_key=client_key, unit_name=summons.part.unit.name,
            late=now > summons.part.due_at, note=words.strip()[:500],
        )  # fmt: skip

    return _act(summons_id, change, by=by, client_key=client_key, seen_version=seen_version)


def objection_of(summons: Summons) -> Objection | None:
    """What the department objected, if it did."""
    try:
        return summons.objection
    except Objection.DoesNotExist:
        return None


def lapse(summons: Summons, now: datetime) -> None:
    """What is over needs no decision any more."""
    objection = objection_of(summons)
    if objection is None or not objection.is_open:
        return
    objection.state, objection.decided_at = ObjectionState.LAPSED.value, now
    save(objection, "state", "decided_at")


def object_to(
    *,
    summons_id: int,
    reason: str,
    by: Actor,
    now: datetime,
    client_key: str | None = None,
    seen_version: int | None = None,
) -> Summons:
    """提异议: why this is not the department's duty. It stays responsible, and its clock runs, until the office decides."""

    def change(summons: Summons) -> None:
        found = [] if answers_for(by, summons) else [NOT_YOURS]
        found += may_object(summons.facts, before=1 if objection_of(summons) else 0)
        found += [] if reason.strip() else ["提异议须写明理由。"]
        if found:
            raise Refused(found)
        decide_by = term_end(summons.whistle.promised.decide_within, now, work_calendar())
        Objection.objects.create(
            summons=summons, reason=reason.strip()[:500], raised_at=now, raised_by_id=by.user_id, decide_by=decide_by
        )
        save(summons)
        note(
            summons.whistle_id, "objected", by=by, now=now, client_key=client_key, unit_name=summons.part.unit.name,
            reason=reason.strip()[:500],
        )  # fmt: skip

    return _act(summons_id, change, by=by, client_key=client_key, seen_version=seen_version)


def rate_fit(
    *,
    summons_id: int,
    within_duty: bool | None,
    sound: bool | None,
    words: str = "",
    by: Actor,
    now: datetime,
    client_key: str | None = None,
    seen_version: int | None = None,
) -> Summons:
    """评价吹哨: whether it was within the department's duties and its reason sound. Said once, when the part has ended."""

    def change(summons: Summons) -> None:
        found = [] if answers_for(by, summons) else [NOT_YOURS]
        found += ["请办完以后再评价。"] if summons.part.is_open else []
        found += ["本单位已经评价过。"] if summons.fit_at is not None else []
        found += fit_objections(within_duty=within_duty, sound=sound, words=words)
        if found:
            raise Refused(found)
        summons.within_duty, summons.reason_sound, summons.fit_at = within_duty, sound, now
        summons.fit_words = words.strip()[:500]
        save(summons, "within_duty", "reason_sound", "fit_at", "fit_words")
        note(
            summons.whistle_id, "fit_rated", by=by, now=now, client_key=client_key, unit_name=summons.part.unit.name,
            within_duty=within_duty, sound=sound, note=summons.fit_words,
        )  # fmt: skip

    return _act(summons_id, change, by=by, client_key=client_key, seen_version=seen_version)
