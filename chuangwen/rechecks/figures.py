"""What re-checks and ordinary figures tell: agreement by criterion, calibration of pairs, and the two lists to look at.

Everything is worked out when a page asks and kept nowhere. No figure here is about one person.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, F, Q, QuerySet

from chuangwen.cases.models import Case
from chuangwen.patrols.models import Finding, Patrol, Verdict
from chuangwen.patrols.queries import concealed
from chuangwen.people.models import User
from chuangwen.places.models import Site
from chuangwen.rechecks.models import Second
from chuangwen.rechecks.queries import draws_for
from chuangwen.rules.agreement import Agreement, agreement
from chuangwen.rules.oddities import Checked, CleanRow, FastRow, Fixed, too_clean, too_fast
from chuangwen.rules.permissions import OFFICE, Actor, Permission, may
from chuangwen.rules.refusals import Refused
from chuangwen.standards.models import CaseStandard

LEAST_SHARED = 20  # verdicts that two people must share before their agreement is shown
LEAST_FOR_A_CRITERION = 10  # below, the figure is shown as not telling yet
MOST_ROWS = 100


@dataclass(frozen=True)
class Span:
    """From a moment to a moment, the last one excluded."""

    since: datetime
    until: datetime


@dataclass(frozen=True)
class CriterionLine:
    """How far two looks agree on one criterion, and what the second looks said."""

    code: str
    text: str
    agreement: Agreement
    failed_second: int

    @property
    def tells(self) -> bool:
        """Whether there are enough pairs to say anything."""
        return self.agreement.n >= LEAST_FOR_A_CRITERION


def _second_looks(actor: Actor, span: Span) -> QuerySet[Second]:
    return Second.objects.filter(
        task__finished_at__gte=span.since, task__finished_at__lt=span.until,
        task__candidate__draw__in=draws_for(actor).filter(cancelled_at=None).values("pk"),
    ).order_by()  # fmt: skip


def criterion_agreement(actor: Actor, span: Span) -> Sequence[CriterionLine]:
    """Each criterion that was looked at twice, the least agreed upon first. One statement beside the scope."""
    if not may(actor, Permission.RECHECK_SEE):
        raise Refused("复核结果由文明办和领导查看。")
    rows = _second_looks(actor, span).values("criterion__code", "criterion__text", "first_verdict", "verdict")
    tables: dict[tuple[str, str], dict[tuple[str, str], int]] = defaultdict(dict)
    for row in rows.annotate(n=Count("pk")):
        tables[row["criterion__code"], row["criterion__text"]][row["first_verdict"], row["verdict"]] = row["n"]
    lines = [
        CriterionLine(
            code, text, agreement(pairs), sum(n for (_, second), n in pairs.items() if second == Verdict.FAIL)
        )
        for (code, text), pairs in tables.items()
    ]
    return sorted(lines, key=lambda line: (line.agreement.share or 0.0, -line.agreement.n, line.code))


@dataclass(frozen=True)
class PairLine:
    """Two people who looked at the same things, in the order of their names: who was first does not matter here."""

    names: tuple[str, str]
    agreement: Agreement


def pair_agreement(actor: Actor, span: Span) -> tuple[Sequence[PairLine], int]:
    """For calibration sessions: pairs with enough shared verdicts, by name, never by figure; and how many have too few."""
    if not may(actor, Permission.RECHECK_SIGNALS):
        raise Refused("两人一致率只供文明办组织校准，不对其他岗位开放。")
    rows = _second_looks(actor, span).filter(task__first__isnull=False)
    tables: dict[tuple[int, int], dict[tuple[str, str], int]] = defaultdict(lambda: defaultdict(int))
    for first, second, one, other, n in rows.values_list(
        "task__first_id", "task__inspector_id", "first_verdict", "verdict"
    ).annotate(n=Count("pk")):
        tables[min(first, second), max(first, second)][one, other] += n
    enough = {pair: pairs for pair, pairs in tables.items() if sum(pairs.values()) >= LEAST_SHARED}
    names = dict(User.objects.filter(pk__in={pk for pair in enough for pk in pair}).values_list("pk", "display_name"))
    lines = [
        PairLine((min(names[one], names[other]), max(names[one], names[other])), agreement(pairs))
        for (one, other), pairs in enough.items()
    ]
    return sorted(lines, key=lambda line: line.names), len(tables) - len(enough)


@dataclass(frozen=True)
class CleanLine:
    """A round or place with its figures, and where its verdicts can be read."""

    row: CleanRow
    title: str
    at: datetime | None


@dataclass(frozen=True)
class Listed:
    """The rows to look at, and out of how many that had enough to judge by."""

    judged: int
    flagged: int
    lines: Sequence[CleanLine]


def _only_office(actor: Actor) -> None:
    if not may(actor, Permission.RECHECK_SIGNALS):
        raise Refused("提示名单只供文明办了解情况，不对其他岗位开放。")


def _within(actor: Actor, field: str) -> Q:
    reach = Q() if actor.system else Q(pk__in=[])
    for scope in set(actor.scopes(*OFFICE)):
        reach |= Q(**{f"{field}__startswith": scope})
    return reach


def _checked(actor: Actor, span: Span, key: str) -> list[Checked]:
    rows = Finding.objects.filter(
        _within(actor, "visit__site__home__path"), visit__finished_at__gte=span.since, visit__finished_at__lt=span.until,
        verdict__in=[Verdict.PASS, Verdict.FAIL],
    ).exclude(visit__patrol__in=concealed())  # fmt: skip
    failed = Count("pk", filter=Q(verdict=Verdict.FAIL))
    counts: dict[int, dict[str, tuple[int, int]]] = defaultdict(dict)
    for subject, criterion, n, bad in (
        rows.order_by().values_list(key, "criterion_id").annotate(n=Count("pk"), bad=failed)
    ):
        counts[subject][str(criterion)] = (n, bad)
    return [Checked(subject, some) for subject, some in sorted(counts.items())]


def clean_rounds(actor: Actor, span: Span) -> Listed:
    """Rounds on which less failed than the criteria's base rates make probable."""
    _only_office(actor)
    found = too_clean(_checked(actor, span, "visit__patrol_id"))
    flagged = [row for row in found if row.flagged]
    rounds = {row.pk: row for row in Patrol.objects.filter(pk__in=[row.key for row in flagged[:MOST_ROWS]])}
    lines = [CleanLine(row, rounds[row.key].title, rounds[row.key].starts_at) for row in flagged if row.key in rounds]
    return Listed(len(found), len(flagged), lines)


def clean_sites(actor: Actor, span: Span) -> Listed:
    """Places at which less failed than the criteria's base rates make probable."""
    _only_office(actor)
    found = too_clean(_checked(actor, span, "visit__site_id"))
    flagged = [row for row in found if row.flagged]
    names = dict(Site.objects.filter(pk__in=[row.key for row in flagged[:MOST_ROWS]]).values_list("pk", "name"))
    lines = [CleanLine(row, names[row.key], None) for row in flagged if row.key in names]
    return Listed(len(found), len(flagged), lines)


@dataclass(frozen=True)
class FastLine:
    """A fix with its figures."""

    row: FastRow
    number: str
    title: str
    standard: str


@dataclass(frozen=True)
class ListedFixes:
    """The fixes to look at, and out of how many."""

    judged: int
    flagged: int
    lines: Sequence[FastLine]


def fast_fixes(actor: Actor, span: Span) -> ListedFixes:
    """Cases put right in a time that is improbably short for their standard. Those sent back once are left out."""
    _only_office(actor)
    rows = Case.objects.filter(
        _within(actor, "home__path"), rectified_at__gte=span.since, rectified_at__lt=span.until, rework_count=0,
        standard__isnull=False, clock_started_at__isnull=False, rectified_at__gt=F("clock_started_at"),
    )  # fmt: skip
    taken = rows.order_by().values_list("pk", "standard_id", "clock_started_at", "rectified_at")
    found = too_fast(
        [
            Fixed(pk, str(standard), (done - begun).total_seconds() / 60)
            for pk, standard, begun, done in taken
            if begun is not None and done is not None
        ]
    )
    flagged = [row for row in found if row.flagged]
    shown = Case.objects.in_bulk([row.key for row in flagged[:MOST_ROWS]])
    standards = _standards({int(row.standard) for row in flagged})
    lines = [
        FastLine(row, shown[row.key].number, shown[row.key].title, standards[int(row.standard)])
        for row in flagged
        if row.key in shown
    ]
    return ListedFixes(len(found), len(flagged), lines)


def _standards(ids: set[int]) -> Mapping[int, str]:
    return {row.pk: str(row) for row in CaseStandard.objects.filter(pk__in=ids)}
