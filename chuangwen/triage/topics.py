"""Hot topics of a period: asked for at the desk, worked out by the worker, kept; and pairs that a person judges."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import QuerySet

from chuangwen.cases.models import Case
from chuangwen.journal.once import once
from chuangwen.journal.operations import record
from chuangwen.people.models import Unit
from chuangwen.rules.permissions import OFFICE, SYSTEM, Actor, Permission, Role, Thing, may
from chuangwen.rules.refusals import NotFound, Refused
from chuangwen.rules.same_trouble import SAME, Spoken, counted, signature
from chuangwen.rules.topic_files import as_facts
from chuangwen.rules.topics import Voice, alike_pairs, precision, sampled, topics
from chuangwen.triage.index import REPORTS, weights
from chuangwen.triage.models import PairVerdict, TopicRun
from chuangwen.triage.places import names

__all__ = ["TopicRun"]  # the row type, for pages that show it

BEIJING = ZoneInfo("Asia/Shanghai")
MOST_REPORTS, LONGEST_DAYS, TO_JUDGE = 10_000, 366, 50


def ask_topics(
    *, since: date | None, until: date | None, by: Actor, now: datetime, client_key: str | None = None
) -> TopicRun:
    """Have the topics of a period worked out for the own branch. The same submission again gives the same run."""

    def make() -> TopicRun:
        scopes = by.scopes(*OFFICE, Role.LEADER)
        said = [] if may(by, Permission.TRIAGE_SEE) and scopes else ["热点由区文明办和领导查看。"]
        if since is None or until is None:
            said.append("请写明从哪一天到哪一天。")
        elif not timedelta(0) <= until - since < timedelta(days=LONGEST_DAYS):
            said.append(f"终点不能早于起点，一次最多看 {LONGEST_DAYS} 天。")
        if said or since is None or until is None:
            raise Refused(said)
        home = Unit.objects.filter(path=scopes[0]).get()
        row = TopicRun.objects.create(
            home=home, since=since, until=until, asked_at=now, client_key=client_key or None
        )  # fmt: skip
        record(
            kind="topics.asked", subject_kind="topics", subject_id=row.pk, by=by, now=now, since=str(since),
            until=str(until),
        )  # fmt: skip
        return row

    return once(lambda: TopicRun.objects.filter(client_key=client_key).first() if client_key else None, make)


def run_topics(*, run_id: int, now: datetime) -> bool:
    """Work a run out; a finished one is left alone."""
    row = TopicRun.objects.select_related("home").filter(pk=run_id, finished_at=None).first()
    if row is None:
        return False
    voices = _voices(row)
    pairs = sampled(alike_pairs(voices), TO_JUDGE, least=SAME)
    found = topics(voices, since=row.since, until=row.until)
    with transaction.atomic():
        row.topics = [as_facts(topic) for topic in found]
        row.pairs = [[int(voices[p.earlier].key), int(voices[p.later].key), round(p.score, 4)] for p in pairs]
        row.reports, row.finished_at = len(voices), now
        row.save(update_fields=["topics", "pairs", "reports", "finished_at"])
        record(
            kind="topics.found", subject_kind="topics", subject_id=row.pk, by=SYSTEM, now=now, found=len(found),
            reports=len(voices),
        )  # fmt: skip
    return True


def _voices(row: TopicRun) -> list[Voice]:
    first = datetime.combine(row.since, time(), BEIJING)
    last = datetime.combine(row.until + timedelta(days=1), time(), BEIJING)
    rows = Case.objects.standing().filter(
        home__path__startswith=row.home.path, origin_kind__in=REPORTS, reported_at__gte=first, reported_at__lt=last
    )
    cases = list(rows.select_related("standard").order_by("-id")[:MOST_REPORTS])
    held = weights() if weights().reports else counted((case.title, case.text) for case in cases)
    known = names()
    found = []
    for case in cases:
        named = frozenset(place.name for place in known.within(f"{case.title} {case.text[:500]} {case.place}"))
        position = (float(case.lng), float(case.lat)) if case.lng is not None and case.lat is not None else None
        spoken = Spoken(
            signature(case.title, case.text, held), case.reported_at, case.site_id, position, named,
            case.standard.class_name if case.standard else "",
        )  # fmt: skip
        day = case.reported_at.astimezone(BEIJING).date()
        found.append(Voice(str(case.pk), case.title, case.text, day, spoken, case.voices))
    return sorted(found, key=lambda voice: (voice.day, voice.key))


def runs_for(actor: Actor) -> QuerySet[TopicRun]:
    """The runs of the branches that somebody reaches, newest first."""
    scopes = actor.scopes(*OFFICE, Role.LEADER)
    rows = TopicRun.objects.select_related("home").defer("topics", "pairs")
    return rows.filter(home__path__in=scopes).order_by("-id")


def run_for(actor: Actor, run_id: int) -> TopicRun:
    """A run, when the actor may see it."""
    scopes = actor.scopes(*OFFICE, Role.LEADER)
    row = TopicRun.objects.select_related("home").filter(pk=run_id, home__path__in=scopes).first()
    if row is None or not may(actor, Permission.TRIAGE_SEE):
        raise NotFound
    return row


@dataclass(frozen=True)
class ToJudge:
    """Two reports side by side, how alike they were found, and what a person said of them (None: nothing yet)."""

    earlier: Case
    later: Case
    score: float
    same: bool | None


@dataclass(frozen=True)
class Judged:
    """How often pairs offered as the same are, with its 95 % interval."""

    right: int
    judged: int
    share: float
    low: float
    high: float


def pairs_of(actor: Actor, row: TopicRun) -> tuple[Sequence[ToJudge], Judged]:
    """The pairs of a run that the actor may see, and the precision of those judged; two statements."""
    numbers = {number for pair in row.pairs for number in pair[:2]}
    cases = Case.objects.visible_to(actor).in_bulk(numbers)
    said = {
        (verdict.earlier_id, verdict.later_id): verdict.same
        for verdict in PairVerdict.objects.filter(earlier__in=numbers, later__in=numbers)
    }
    rows = [
        ToJudge(cases[one], cases[other], score, said.get((one, other)))
        for one, other, score in row.pairs
        if one in cases and other in cases
    ]
    judged = [each.same for each in rows if each.same is not None]
    return rows, Judged(sum(judged), len(judged), *precision(sum(judged), len(judged)))


@transaction.atomic
def judge_pair(*, run_id: int, earlier_id: int, later_id: int, same: bool, by: Actor, now: datetime) -> PairVerdict:
    """A person read both: the same trouble or not. Said again, the last word counts."""
    row = run_for(by, run_id)
    if not may(by, Permission.TRIAGE_CONFIRM, Thing(home=row.home.path)):
        raise Refused("由区文明办判断。")
    if [earlier_id, later_id] not in [list(pair[:2]) for pair in row.pairs]:
        raise NotFound
    known: dict[str, Any] = {"same": same, "judged_at": now}
    verdict, _new = PairVerdict.objects.update_or_create(earlier_id=earlier_id, later_id=later_id, defaults=known)
    record(
        kind="triage.pair_judged", subject_kind="case", subject_id=later_id, by=by, now=now, other=earlier_id, same=same
    )  # fmt: skip
    return verdict
