"""Replays: a draft tried on past cases. Short ones at once, long ones by the worker, with the progress on the page."""

from collections.abc import Iterable, Iterator
from datetime import date, datetime
from itertools import islice

from django.db import transaction

from chuangwen.journal.once import once
from chuangwen.journal.operations import record
from chuangwen.routing.facts import many_facts, reported_between
from chuangwen.routing.held import ground_now, in_force
from chuangwen.routing.models import Replay, ReplayLine, RuleSet
from chuangwen.routing.operations import visible_set
from chuangwen.rules.deadlines import SHANGHAI
from chuangwen.rules.permissions import SYSTEM, Actor, Permission, may
from chuangwen.rules.refusals import Refused
from chuangwen.rules.routing_replay import Counting, Outcome, as_facts, replayed

AT_ONCE, STEP, MOST_CASES = 2_000, 2_000, 200_000


@transaction.atomic
def start_replay(
    *,
    set_id: int,
    since: date | None,
    until: date | None,
    by: Actor,
    now: datetime,
    client_key: str | None = None,
) -> Replay:
    """Try a draft on the cases reported on these days. The same submission again gives the same replay.

    Up to AT_ONCE cases are counted before this returns; more are left to the worker.
    """

    def make() -> Replay:
        row = visible_set(set_id, by)
        said = [] if may(by, Permission.ROUTING_EDIT) else ["派单规则由区文明办试算。"]
        said += _objections(row, since, until)
        if said or since is None or until is None:
            raise Refused(said)
        total = reported_between(row.home.path, since, until).count()
        if not 0 < total <= MOST_CASES:
            raise Refused(f"这段时间有 {total} 件案件，请选一段有案件、又不超过 {MOST_CASES} 件的时间。")
        now_in_force = in_force(row.home.path, now.astimezone(SHANGHAI).date())
        made = Replay.objects.create(
            rule_set=row, against_id=now_in_force.pk if now_in_force else None, digest=row.digest, since=since,
            until=until, total=total, started_at=now, started_by=by.name, client_key=client_key or None,
        )  # fmt: skip
        record(
            kind="routing.replay_started", subject_kind="replay", subject_id=made.pk, by=by, now=now, set=row.pk,
            digest=row.digest, since=str(since), until=str(until), total=total,
        )  # fmt: skip
        return made

    made = once(lambda: Replay.objects.filter(client_key=client_key).first() if client_key else None, make)
    if made.finished_at is None and made.total <= AT_ONCE:
        run_replay(replay_id=made.pk, now=now)
        made.refresh_from_db()
    return made


def _objections(row: RuleSet, since: date | None, until: date | None) -> list[str]:
    said = [] if row.is_draft else ["这套规则已经决定起用，不用再试算。"]
    if not row.rules:
        said.append("草稿里一条规则也没有，先写规则再试算。")
    if since is None or until is None:
        said.append("请写明试算哪一段时间的案件。")
    elif until < since:
        said.append("试算的终点不能早于起点。")
    return said


def _pieces(outcomes: Iterable[Outcome]) -> Iterator[list[Outcome]]:
    left = iter(outcomes)
    while piece := list(islice(left, STEP)):
        yield piece


def run_replay(*, replay_id: int, now: datetime) -> bool:
    """Count a replay from its beginning; returns whether there was something to do. Safe to repeat: a finished one, and
    one whose draft was changed meanwhile, are left alone.
    """
    made = Replay.objects.select_related("rule_set__home", "against").filter(pk=replay_id, finished_at=None).first()
    if made is None or made.digest != made.rule_set.digest:
        return False
    ReplayLine.objects.filter(replay=made).delete()
    draft = made.rule_set.listed()
    counting, found = Counting(len(draft)), ground_now()
    cases = many_facts(reported_between(made.rule_set.home.path, made.since, made.until), found)
    in_force_then = made.against.listed() if made.against else ()
    for piece in _pieces(replayed(cases, draft=draft, in_force=in_force_then, atlas=found.atlas)):
        for outcome in piece:
            counting.add(outcome)
        ReplayLine.objects.bulk_create(_lines(made, piece))
        Replay.objects.filter(pk=made.pk).update(done=counting.cases)
    figures = as_facts(counting.tally())
    with transaction.atomic():
        Replay.objects.filter(pk=made.pk).update(figures=figures, finished_at=now, done=counting.cases)
        record(
            kind="routing.replayed", subject_kind="replay", subject_id=made.pk, by=SYSTEM, now=now,
            moved=counting.moved, differing=counting.differing, cases=counting.cases,
        )  # fmt: skip
    return True


def _lines(made: Replay, piece: Iterable[Outcome]) -> list[ReplayLine]:
    return [
        ReplayLine(
            replay=made, case_id=int(each.key), place=each.place, draft=each.draft, now=each.now, real=each.real,
            moved=each.moves, differs=each.differs,
        )
        for each in piece
        if each.moves or each.differs
    ]  # fmt: skip
