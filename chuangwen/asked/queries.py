"""What the house asked of each role in a month: forms, required photos, reports; by role and kind of unit, never by person.

It counts what is asked, from the rows that ask it: nothing here reads who did what in the system, or when they were there.
What a campaign or a supervision claimed stands as its claim (burden/models.py), so its own rounds are left out here, and
so is what is not disclosed yet.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from chuangwen.burden.models import Claim
from chuangwen.campaigns.models import CampaignPatrol
from chuangwen.cases.models import Case, CasePhoto, PhotoRole
from chuangwen.directives.models import ItemCase, Part
from chuangwen.patrols.models import Finding, PatrolSite, Secrecy, Verdict
from chuangwen.people.models import Post, Unit
from chuangwen.rechecks.models import Task as RecheckTask
from chuangwen.rules.burden import Asked, Task, month_of
from chuangwen.rules.deadlines import SHANGHAI
from chuangwen.rules.permissions import Role
from chuangwen.standards.models import Criterion
from chuangwen.supervision.models import Remark
from chuangwen.supervision.models import Task as Supervision

CAMPAIGN, SUPERVISION = "campaign", "supervision"


@dataclass(frozen=True)
class Span:
    """A month in a branch."""

    path: str
    since: datetime
    until: datetime

    def of(self, moment: str) -> Q:
        """Rows whose moment lies in the month."""
        return Q(**{f"{moment}__gte": self.since, f"{moment}__lt": self.until})


def span_of(home: Unit, month: date) -> Span:
    """The month that holds this day, in Beijing time."""
    first = month_of(month)
    after = month_of(first + timedelta(days=32))
    since, until = (datetime.combine(day, time(), SHANGHAI) for day in (first, after))
    return Span(home.path, since, until)


def asked_in(home: Unit, month: date) -> list[Asked]:
    """Everything that routine work asks in a month, by source, role and kind of unit. Nine statements."""
    span = span_of(home, month)
    kind = _inspectors_kind(span)
    return [
        *_patrols(span, kind),
        *_rechecks(span, kind),
        *_checks(span, kind),
        *_cases(span),
        *_remarks(span),
        *_shares(span),
    ]


def _inspectors_kind(span: Span) -> str:
    """The kind of unit in which most inspectors of the branch have their post."""
    rows = Post.objects.filter(role=Role.INSPECTOR.value, unit__path__startswith=span.path, ends_on=None).order_by()
    found = Counter(dict(rows.values_list("unit__kind").annotate(Count("id"))))
    return max(sorted(found), key=found.__getitem__, default="")


def _claimed(kind: str, subject: str) -> Exists:
    return Exists(Claim.objects.filter(subject_kind=kind, subject_id=OuterRef(subject), role=Role.INSPECTOR.value))


def _patrols(span: Span, kind: str) -> Iterable[Asked]:
    """Assigned stops, with the size of each checklist; photos only where a failed criterion requires one."""
    stops = PatrolSite.objects.filter(
        span.of("patrol__starts_at"), patrol__cancelled_at=None, site__home__path__startswith=span.path
    )
    stops = stops.filter(Q(patrol__secrecy=Secrecy.OPEN) | Q(patrol__disclosed_at__isnull=False))
    stops = stops.exclude(patrol__in=_claimed_patrols()).order_by()
    rows = list(stops.values_list("patrol__edition", "site__point_type").annotate(Count("id")))
    sizes = _checklists({edition for edition, _kind, _count in rows})
    checks = sum(count * sizes.get((edition, point), 0) for edition, point, count in rows)
    failed = Finding.objects.filter(
        span.of("found_at"),
        verdict=Verdict.FAIL,
        criterion__photo_on_fail=True,
        visit__site__home__path__startswith=span.path,
    )
    failed = failed.filter(Q(visit__patrol__secrecy=Secrecy.OPEN) | Q(visit__patrol__disclosed_at__isnull=False))
    tasks = {Task.VISIT: sum(count for *_words, count in rows), Task.CHECK: checks, Task.PHOTO: failed.count()}
    return [Asked("巡查", Role.INSPECTOR, kind, tasks)]


def _claimed_patrols() -> QuerySet[Any]:
    """Rounds of campaigns and supervisions that claimed their inspectors' time."""
    campaigns = CampaignPatrol.objects.filter(_claimed(CAMPAIGN, "campaign_id")).values("patrol")
    rounds = Supervision.patrols.through.objects.filter(_claimed(SUPERVISION, "task_id")).values("patrol")
    return campaigns.union(rounds)


def _checklists(editions: set[int]) -> dict[tuple[int, str], int]:
    """How many criteria must be judged at a place of each type."""
    rows = Criterion.objects.filter(edition__in=editions, method="field", point_type__isnull=False).order_by()
    return {
        (edition, point): n for edition, point, n in rows.values_list("edition", "point_type").annotate(Count("id"))
    }


def _rechecks(span: Span, kind: str) -> Iterable[Asked]:
    rows = RecheckTask.objects.filter(span.of("due_at"), withdrawn_at=None, site__home__path__startswith=span.path)
    return [Asked("抽查复核", Role.INSPECTOR, kind, {Task.RECHECK: rows.count()})]


def _checks(span: Span, kind: str) -> Iterable[Asked]:
    """Handed-in rectifications that somebody must go and look at."""
    rows = Case.objects.filter(span.of("rectified_at"), home__path__startswith=span.path)
    return [Asked("核查整改", Role.INSPECTOR, kind, {Task.VISIT: rows.count()})]


def _cases(span: Span) -> Iterable[Asked]:
    """Cases given to units: one result to fill in each, one after-photo where the case began with a photo."""
    before = CasePhoto.objects.filter(case=OuterRef("pk"), role=PhotoRole.BEFORE)
    rows = Case.objects.filter(span.of("dispatched_at"), unit__path__startswith=span.path).order_by()
    counted = rows.annotate(pictured=Exists(before)).values_list("unit__kind", "pictured").annotate(Count("id"))
    found: dict[str, Counter[Task]] = {}
    for kind, pictured, count in counted:
        found[kind] = found.get(kind, Counter()) + Counter({Task.RECTIFY: count, Task.PHOTO: count if pictured else 0})
    return [Asked("案件整改", Role.UNIT_WORKER, kind, dict(tasks)) for kind, tasks in sorted(found.items())]


def _remarks(span: Span) -> Iterable[Asked]:
    rows = Remark.objects.filter(span.of("sent_at"), unit__path__startswith=span.path, task__disclosed_at__isnull=False)
    counted = rows.order_by().values_list("unit__kind").annotate(Count("id"))
    return [Asked("答复督查意见", Role.UNIT_WORKER, kind, {Task.REMARK: count}) for kind, count in counted]


def _shares(span: Span) -> Iterable[Asked]:
    """Reports for papers from above. Where a case carries the item out, its result is the report and nothing is asked."""
    cased = ItemCase.objects.filter(item=OuterRef("item"), case__unit__path__startswith=OuterRef("unit__path"))
    rows = Part.objects.filter(span.of("due_at"), unit__path__startswith=span.path).exclude(Exists(cased))
    counted = rows.order_by().values_list("unit__kind").annotate(Count("id"))
    return [Asked("上级督办件报完成", Role.UNIT_WORKER, kind, {Task.REPORT: count}) for kind, count in counted]
