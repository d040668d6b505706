"""The street leads: it sees who arrived, sends back what is not done, closes the whistle with its ratings, or calls it off."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from chuangwen.cases.parts import reopen_part, take_off_part
from chuangwen.rules.permissions import Actor, Permission, Thing, may
from chuangwen.rules.refusals import Refused
from chuangwen.rules.whistles import Rating, closing_objections, rating_objections
from chuangwen.whistles.acting import acted, locked_whistle, note, on_summons, refuse_stale, save, save_summons
from chuangwen.whistles.answering import lapse
from chuangwen.whistles.models import Summons, Whistle, WhistleState

NOT_YOURS = "这一步由吹哨的街道办理。"


def leads(by: Actor, whistle: Whistle) -> bool:
    """Whether this person acts for the whistling street."""
    return may(by, Permission.WHISTLE_BLOW, Thing(handler=whistle.street.path))


def _objections(whistle: Whistle, by: Actor) -> list[str]:
    found = [] if leads(by, whistle) else [NOT_YOURS]
    if not whistle.is_open:
        found.append(f"这次吹哨{whistle.get_state_display()}，不能再改。")
    return found


def see_arrival(
    *,
    summons_id: int,
    came: bool,
    reason: str = "",
    by: Actor,
    now: datetime,
    client_key: str | None = None,
    seen_version: int | None = None,
) -> Summons:
    """核实到场: the street saw them, or did not, and says why; then they must report their arrival again."""

    def change(summons: Summons) -> None:
        found = _objections(summons.whistle, by)
        if summons.arrived_at is None:
            found.append("这个单位还没有报告到场。")
        elif summons.arrival_confirmed_at is not None:
            found.append("到场已经核实过。")
        elif not came and not summons.part.is_open:
            found.append("这个单位已经报告办完；没有到场的，请先退回重办。")
        if not came and not reason.strip():
            found.append("说没有到场须写明情况。")
        if found:
            raise Refused(found)
        if came:
            summons.arrival_confirmed_at = now
            save(summons, "arrival_confirmed_at")
        else:
            summons.arrived_at, summons.arrived_by_id, summons.arrival_note = None, None, ""
            summons.arrival_denied += 1
            save_summons(summons, "arrived_at", "arrived_by", "arrival_note", "arrival_denied")
        note(
            summons.whistle_id, "arrival_seen" if came else "arrival_denied", by=by, now=now, client_key=client_key,
            unit_name=summons.part.unit.name, reason=reason.strip()[:500],
        )  # fmt: skip

    return on_summons(
        summons_id, change, own=lambda found: leads(by, found.whistle), by=by, client_key=client_key, seen_version=seen_version
    )  # fmt: skip


def send_back(
    *,
    summons_id: int,
    reason: str,
    by: Actor,
    now: datetime,
    client_key: str | None = None,
    seen_version: int | None = None,
) -> Summons:
    """退回重办: the street looked and it is not done. The deadline stays."""

    def change(summons: Summons) -> None:
        if found := _objections(summons.whistle, by):
            raise Refused(found)
        summons.part = reopen_part(part_id=summons.part_id, reason=reason, by=by, now=now)
        save_summons(summons)
        note(
            summons.whistle_id, "sent_back", by=by, now=now, client_key=client_key, unit_name=summons.part.unit.name,
            reason=reason.strip()[:500],
        )  # fmt: skip

    return on_summons(
        summons_id, change, own=lambda found: leads(by, found.whistle), by=by, client_key=client_key, seen_version=seen_version
    )  # fmt: skip


def _locked_summonses(whistle: Whistle) -> Sequence[Summons]:
    rows = (
        Summons.objects.select_for_update(of=("self",))
        .select_related("part__unit", "objection")
        .filter(whistle=whistle)
    )
    return list(rows.order_by("pk"))


def close_whistle(
    *,
    whistle_id: int,
    outcome: str,
    ratings: Mapping[int, Rating],
    by: Actor,
    now: datetime,
    client_key: str | None = None,
    seen_version: int | None = None,
) -> Whistle:
    """销哨: every part is done, every arrival was seen, every department is rated (`ratings` by summons). The case is
    then handed in and checked like any other.
    """

    def do() -> Whistle:
        whistle = locked_whistle(whistle_id, by)
        refuse_stale(seen_version, whistle.version)
        summonses = _locked_summonses(whistle)
        _refuse_closing(whistle, summonses, outcome, ratings, by)
        rated = [summons for summons in summonses if summons.part.taken_off_at is None]
        for summons in rated:
            given = ratings[summons.pk]
            summons.came, summons.cooperated, summons.finished_well = given.came, given.cooperated, given.finished
            summons.rating_words = given.words.strip()[:500]
            summons.version += 1
        Summons.objects.bulk_update(rated, ["came", "cooperated", "finished_well", "rating_words", "version"])
        _end(whistle, WhistleState.CLOSED, outcome, by, now)
        facts = {str(one.pk): [one.came, one.cooperated, one.finished_well] for one in rated}
        note(whistle_id, "closed", by=by, now=now, client_key=client_key, ratings=facts, note=whistle.outcome)
        return whistle

    return acted(do, lambda: locked_whistle(whistle_id, by), whistle=lambda: whistle_id, client_key=client_key)


def _refuse_closing(
    whistle: Whistle, summonses: Sequence[Summons], outcome: str, ratings: Mapping[int, Rating], by: Actor
) -> None:
    found = _objections(whistle, by)
    unfinished = closing_objections([summons.facts for summons in summonses])
    found += unfinished
    if not unfinished:
        for summons in summonses:
            if summons.part.taken_off_at is None:
                found += rating_objections(summons.part.unit.name, ratings.get(summons.pk))
    if not outcome.strip():
        found.append("请写明办成了什么。")
    if found:
        raise Refused(found)


def _end(whistle: Whistle, state: WhistleState, words: str, by: Actor, now: datetime) -> None:
    whistle.state, whistle.ended_at, whistle.ended_by_id = state.value, now, by.user_id
    whistle.outcome = words.strip()[:500]
    save(whistle, "state", "ended_at", "ended_by", "outcome")


def call_off(
    *,
    whistle_id: int,
    reason: str,
    by: Actor,
    now: datetime,
    client_key: str | None = None,
    seen_version: int | None = None,
) -> Whistle:
    """撤回: blown by mistake, as long as nobody has come; every part is taken off. Afterwards 未完不撤 holds."""

    def do() -> Whistle:
        whistle = locked_whistle(whistle_id, by)
        refuse_stale(seen_version, whistle.version)
        found = _objections(whistle, by)
        summonses = _locked_summonses(whistle)
        if come := [one.part.unit.name for one in summonses if one.arrived_at is not None]:
            found.append(f"已有单位到场：{'、'.join(come)}。请办完后销哨。")
        found += [] if reason.strip() else ["撤回吹哨须写明理由。"]
        if found:
            raise Refused(found)
        for summons in summonses:
            if summons.part.is_open:
                summons.part = take_off_part(
                    part_id=summons.part_id, reason=f"街道撤回吹哨：{reason.strip()}", by=by, now=now
                )
                save_summons(summons)
                lapse(summons, now)
        _end(whistle, WhistleState.CALLED_OFF, reason, by, now)
        note(whistle_id, "called_off", by=by, now=now, client_key=client_key, reason=whistle.outcome)
        return whistle

    return acted(do, lambda: locked_whistle(whistle_id, by), whistle=lambda: whistle_id, client_key=client_key)
