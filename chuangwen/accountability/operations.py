"""Every step of a file: opened by a person, told, corrected, spoken to, proposed, decided, served, appealed, closed."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from chuangwen.accountability.builtin import grounds, measure, measures
from chuangwen.accountability.eligible import Possible, eligible
from chuangwen.accountability.models import Act, Commitment, File
from chuangwen.accountability.moving import (
    Said,
    Taken,
    locked_file,
    moment_after,
    record_step,
    refuse_stale,
    save_step,
    taken_up,
)
from chuangwen.accountability.queries import home_of, post_of, thing_of
from chuangwen.journal.once import KEY_TAKEN, once, taken_before
from chuangwen.people.models import Unit
from chuangwen.rules.accountability_flow import (
    AppealOutcome,
    FileMove,
    FileStatus,
    Outcome,
    too_early,
)
from chuangwen.rules.ladder_files import MeasureKind, lighter
from chuangwen.rules.permissions import Actor, Permission, Thing, may
from chuangwen.rules.refusals import Refused

NOTHING_TO_ADD = "没有要补充的。"


# --- opening ---------------------------------------------------------------------------------------------------------


@transaction.atomic
def open_file(
    *, ladder_id: int, unit_id: int, rung: str, occasion: str, by: Actor, now: datetime, client_key: str | None = None
) -> File:
    """A person opens a file for an entry of the list, which must still be there now. The same occasion is opened once."""
    home = home_of(by)
    if home is None or not may(by, Permission.ACCOUNTABILITY_PREPARE, Thing(home=home.path)):
        raise Refused("问责建议由文明办启动。")
    Unit.objects.select_for_update(no_key=True).get(pk=home.pk)  # two openings of one occasion take turns

    def make() -> File:
        listing = eligible(by, now=now, ladder_id=ladder_id)
        named = (unit_id, rung, occasion)
        found = next((one for one in listing.possible if _name(one) == named), None)
        if found is None:
            raise Refused("可启动清单里没有这一条了，请回到清单看最新的情况。")
        if found.file_id is not None:
            raise Refused("这一条已经有人启动过，请在问责建议里查看。")
        if any(path.startswith(found.unit.path) for path in by.unit_paths()):
            raise Refused("您在被建议问责的单位任职，应当回避。")
        return _opened(found, ladder_id, home, by, now, client_key)

    file = once(lambda: File.objects.filter(client_key=client_key).first() if client_key else None, make)
    if file.opened_by_id != by.user_id:
        raise Refused(KEY_TAKEN)
    return file


def _name(one: Possible) -> tuple[int, str, str]:
    return one.unit.pk, one.entry.rung.key, one.entry.key


def _opened(found: Possible, ladder_id: int, home: Unit, by: Actor, now: datetime, key: str | None) -> File:
    entry = found.entry
    basis = {
        "why": list(entry.why), "evidence": list(entry.evidence), "counter": [one.text for one in entry.counter],
        "missing": list(entry.missing),
    }  # fmt: skip
    file = File.objects.create(
        home=home, unit=found.unit, ladder_id=ladder_id, rung_key=entry.rung.key, occasion=entry.key[:240], basis=basis,
        opened_at=now, opened_by_id=by.user_id or 0, client_key=key or None,
    )  # fmt: skip
    post = post_of(by, file, Permission.ACCOUNTABILITY_PREPARE)
    Act.objects.create(file=file, move="open", at=now, by_id=by.user_id or 0, post=post[:120])
    record_step(file, "open", by=by, now=now)
    return file


# --- told, corrected, spoken to --------------------------------------------------------------------------------------


@transaction.atomic
def notify(*, file_id: int, said: Said, by: Actor, now: datetime) -> File:
    """The unit is told what is alleged and on what evidence; its time to correct begins."""
    taken = taken_up(file_id=file_id, move=FileMove.NOTIFY, said=said, by=by)
    if taken.repeated:
        return taken.file
    file = taken.file
    file.notified_at = now
    file.correct_by = file.due_at = moment_after(file.rung.correct, now)
    return save_step(taken, said, by=by, now=now)


@transaction.atomic
def report_correction(*, file_id: int, said: Said, by: Actor, now: datetime) -> File:
    """What the unit did about it; its time to speak begins."""
    taken = taken_up(file_id=file_id, move=FileMove.CORRECT, said=said, by=by)
    return taken.file if taken.repeated else _statement_begins(taken, said, by, now)


@transaction.atomic
def end_correction(*, file_id: int, said: Said, by: Actor, now: datetime) -> File:
    """The time to correct is over and nothing was reported; the time to speak begins all the same."""
    taken = taken_up(file_id=file_id, move=FileMove.CORRECTION_OVER, said=said, by=by)
    if taken.repeated:
        return taken.file
    _refuse_early(taken, taken.file.correct_by, now)
    return _statement_begins(taken, said, by, now)


def _refuse_early(taken: Taken, over_at: datetime | None, now: datetime) -> None:
    if sentence := too_early(taken.arrow.move, over_at=over_at, now=now):
        raise Refused(sentence)


def _statement_begins(taken: Taken, said: Said, by: Actor, now: datetime) -> File:
    file = taken.file
    file.statement_by = file.due_at = moment_after(file.rung.statement, now)
    return save_step(taken, said, by=by, now=now)


@transaction.atomic
def make_statement(*, file_id: int, said: Said, by: Actor, now: datetime, nothing: bool = False) -> File:
    """What the unit says, perhaps with a ground of tolerance; or that it has nothing to add."""
    if nothing and not said.text.strip():
        said = Said(
            NOTHING_TO_ADD, photo_ids=said.photo_ids, client_key=said.client_key, seen_version=said.seen_version
        )
    taken = taken_up(file_id=file_id, move=FileMove.STATE, said=said, by=by)
    if taken.repeated:
        return taken.file
    if said.ground and said.ground not in {one.key for one in grounds()}:
        raise Refused("请在表里选一种容错情形，或者不选。")
    if said.ground and said.text == NOTHING_TO_ADD:
        raise Refused("提出容错情形须写明理由。")
    taken.file.due_at, taken.file.ground = None, said.ground
    return save_step(taken, said, by=by, now=now, ground=said.ground)


@transaction.atomic
def end_statement(*, file_id: int, said: Said, by: Actor, now: datetime) -> File:
    """The time to speak is over and nothing came."""
    taken = taken_up(file_id=file_id, move=FileMove.STATEMENT_OVER, said=said, by=by)
    if taken.repeated:
        return taken.file
    _refuse_early(taken, taken.file.statement_by, now)
    taken.file.due_at = None
    return save_step(taken, said, by=by, now=now)


# --- proposed and decided --------------------------------------------------------------------------------------------


def _at_most(key: str, most: str) -> Sequence[str]:
    """Why this measure cannot be taken where at most the other one may be."""
    allowed = {most, *(one.key for one in lighter(measures(), most))}
    return [] if key in allowed else [f"措施不能重于“{measure(most).label}”。"]


@transaction.atomic
def propose(*, file_id: int, said: Said, by: Actor, now: datetime) -> File:
    """The office proposes a measure: that of the rung, or a lighter one."""
    taken = taken_up(file_id=file_id, move=FileMove.PROPOSE, said=said, by=by)
    if taken.repeated:
        return taken.file
    file = taken.file
    if found := _at_most(said.measure, file.rung.measure):
        raise Refused(found)
    file.proposed_by_id, file.proposed_measure = by.user_id, said.measure
    return save_step(taken, said, by=by, now=now, measure=said.measure)


def _decided_measure(said: Said, outcome: str, than: str) -> str:
    """The measure that follows from an outcome: the one proposed, a lighter one, or none."""
    if outcome in {Outcome.UPHOLD, AppealOutcome.UPHELD}:
        return than
    if outcome in {Outcome.NO_ACTION, AppealOutcome.REVOKED}:
        return ""
    if than and said.measure in {one.key for one in lighter(measures(), than)}:
        return said.measure
    raise Refused("改用较轻的措施，须选一种比原来轻的。" if than else "原决定没有措施，不能再改轻。")


@transaction.atomic
def decide(*, file_id: int, said: Said, by: Actor, now: datetime) -> File:
    """The named post decides: as proposed, a lighter measure, or none; the reason is written down. Never the opener."""
    taken = taken_up(file_id=file_id, move=FileMove.DECIDE, said=said, by=by)
    if taken.repeated:
        return taken.file
    if said.outcome not in set(Outcome):
        raise Refused("请选定决定的结果。")
    file = taken.file
    key = _decided_measure(said, said.outcome, file.proposed_measure)
    file.decided_by_id, file.outcome, file.measure_key = by.user_id, said.outcome, key
    return save_step(taken, said, by=by, now=now, outcome=said.outcome, measure=key)


@transaction.atomic
def serve(*, file_id: int, said: Said, by: Actor, now: datetime) -> File:
    """The unit gets the decision; its time to appeal begins, and an order begins to run."""
    taken = taken_up(file_id=file_id, move=FileMove.SERVE, said=said, by=by)
    if taken.repeated:
        return taken.file
    file, rung = taken.file, taken.file.rung
    file.appeal_by = file.due_at = moment_after(rung.appeal, now)
    saved = save_step(taken, said, by=by, now=now)
    standing = file.measure
    if standing is not None and standing.kind is MeasureKind.ORDER and rung.fulfil is not None:
        Commitment.objects.create(
            file=file, order_label=standing.label, text=f"{standing.label}：{rung.clause}"[:500], given_at=now,
            due=moment_after(rung.fulfil, now),
        )  # fmt: skip
    return saved


@transaction.atomic
def appeal(*, file_id: int, said: Said, by: Actor, now: datetime) -> File:
    """The unit appeals in time; another post will decide. An order goes on running until that decision."""
    taken = taken_up(file_id=file_id, move=FileMove.APPEAL, said=said, by=by)
    if taken.repeated:
        return taken.file
    if taken.file.appeal_by is not None and now > taken.file.appeal_by:
        raise Refused("申诉期已经过了，不能再申诉。")
    taken.file.due_at = None
    return save_step(taken, said, by=by, now=now)


@transaction.atomic
def decide_appeal(*, file_id: int, said: Said, by: Actor, now: datetime) -> File:
    """Another post, another person: upheld, changed to something lighter, or revoked; the reason is written down."""
    taken = taken_up(file_id=file_id, move=FileMove.DECIDE_APPEAL, said=said, by=by)
    if taken.repeated:
        return taken.file
    if said.outcome not in set(AppealOutcome):
        raise Refused("请选定申诉的结果。")
    file = taken.file
    key = _decided_measure(said, said.outcome, file.measure_key)
    file.reviewed_by_id, file.appeal_outcome, file.measure_key = by.user_id, said.outcome, key
    if said.outcome != AppealOutcome.UPHELD:
        _withdraw_commitments(file, now, orders_only=said.outcome != AppealOutcome.REVOKED)
    return save_step(taken, said, by=by, now=now, appeal_outcome=said.outcome, measure=key)


def _withdraw_commitments(file: File, now: datetime, *, orders_only: bool) -> None:
    """A lighter measure leaves what was promised in a talk; a revoked one leaves nothing to do."""
    open_ones = Commitment.objects.filter(file=file, done_at=None, withdrawn_at=None)
    (open_ones.exclude(order_label="") if orders_only else open_ones).update(withdrawn_at=now)


# --- ended -----------------------------------------------------------------------------------------------------------


@transaction.atomic
def close_file(*, file_id: int, said: Said, by: Actor, now: datetime) -> File:
    """After the appeal, or when the time for one is over, or when nothing was decided against the unit."""
    taken = taken_up(file_id=file_id, move=FileMove.CLOSE, said=said, by=by)
    if taken.repeated:
        return taken.file
    file = taken.file
    if file.status == FileStatus.SERVED and file.measure_key:
        _refuse_early(taken, file.appeal_by, now)
    file.ended_at, file.due_at = now, None
    return save_step(taken, said, by=by, now=now)


@transaction.atomic
def drop_file(*, file_id: int, said: Said, by: Actor, now: datetime) -> File:
    """Taken back at any step, and why; what was decided, only by the post that decides."""
    taken = taken_up(file_id=file_id, move=FileMove.DROP, said=said, by=by)
    if taken.repeated:
        return taken.file
    file = taken.file
    file.ended_at, file.due_at, file.measure_key = now, None, ""
    _withdraw_commitments(file, now, orders_only=False)
    return save_step(taken, said, by=by, now=now)


@transaction.atomic
def hand_over(*, file_id: int, to: str, said: Said, by: Actor, now: datetime) -> File:
    """The proposal goes to the competent organ, which decides by its own rules: here the system stops."""
    file = locked_file(file_id, by)
    if taken_before(said.client_key, "accountability", file_id):
        return file
    refuse_stale(file, said)
    found = [] if may(by, Permission.ACCOUNTABILITY_PREPARE, thing_of(file)) else ["移交由文明办办理。"]
    found += [] if to.strip() else ["请写明移交给哪个机关。"]
    found += [] if file.may_be_handed_over else ["只有决定移交、已经办结、还没有移交过的，才能移交。"]
    if found:
        raise Refused(found)
    file.handed_over_to, file.handed_over_at = to.strip()[:80], now
    file.version += 1
    file.save(update_fields=["handed_over_to", "handed_over_at", "version"])
    post = post_of(by, file, Permission.ACCOUNTABILITY_PREPARE)
    Act.objects.create(
        file=file, move="hand_over", at=now, by_id=by.user_id or 0, post=post[:120], text=said.text.strip(),
        facts={"to": file.handed_over_to},
    )  # fmt: skip
    record_step(file, "hand_over", by=by, now=now, client_key=said.client_key, to=file.handed_over_to)
    return file
