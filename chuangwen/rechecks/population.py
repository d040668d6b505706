"""What a draw is made from: cases closed and checklists passed in a period, as far as they can be looked at blindly."""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.db.models import Exists, OuterRef

from chuangwen.cases.models import Case
from chuangwen.patrols.models import Finding, Verdict, Visit
from chuangwen.patrols.queries import concealed
from chuangwen.people.models import Unit
from chuangwen.rechecks.models import CandidateKind, Second
from chuangwen.rules.case_flow import Status
from chuangwen.rules.deadlines import SHANGHAI
from chuangwen.standards.models import Criterion
from chuangwen.standards.queries import current_edition

NO_STREET = "不属街道"


@dataclass(frozen=True)
class Member:
    """One case or visit that may be drawn."""

    kind: str
    subject_id: int
    site_id: int
    street: str
    criterion_id: int | None = None

    def seal(self, salt: str) -> str:
        """Ties a public number to what is behind it: published beforehand, opened by the salt, which stays inside."""
        return hashlib.sha256(f"{salt}|{self.kind}|{self.subject_id}".encode()).hexdigest()


def between(starts_on: date, ends_on: date) -> tuple[datetime, datetime]:
    """From the first moment of the first day to the first moment after the last one, in Beijing time."""
    return (
        datetime.combine(starts_on, time(), SHANGHAI),
        datetime.combine(ends_on + timedelta(days=1), time(), SHANGHAI),
    )


def passed_visits(scope: Unit, starts_on: date, ends_on: date) -> list[Member]:
    """Finished visits whose verdicts are all passed or not applicable; none of a round that is still secret."""
    start, end = between(starts_on, ends_on)
    findings = Finding.objects.filter(visit=OuterRef("pk"))
    rows = (
        Visit.objects.filter(finished_at__gte=start, finished_at__lt=end, site__home__path__startswith=scope.path)
        .filter(Exists(findings), ~Exists(findings.filter(verdict=Verdict.FAIL)), site__active=True)
        .exclude(patrol__in=concealed())
        .order_by("pk")
    )
    return [
        Member(CandidateKind.VISIT.value, pk, site_id, street or NO_STREET)
        for pk, site_id, street in rows.values_list("pk", "site_id", "site__street__name")
    ]


def closed_cases(scope: Unit, starts_on: date, ends_on: date) -> tuple[list[Member], int]:
    """Closed cases at a site with a criterion to look by; and how many had to be left out because they lack one."""
    start, end = between(starts_on, ends_on)
    rows = (
        Case.objects.filter(
            status=Status.CLOSED.value, ended_at__gte=start, ended_at__lt=end, home__path__startswith=scope.path
        )
        .select_related("site__street")
        .defer("text", "reply")
        .order_by("pk")
    )
    cases = list(rows)
    criteria = _criteria_of(cases)
    members = [
        Member(
            CandidateKind.CASE.value, case.pk, case.site.pk, case.site.street.name if case.site.street else NO_STREET,
            criteria[case.pk],
        )
        for case in cases if case.site is not None and case.site.active and case.pk in criteria
    ]  # fmt: skip
    return members, len(cases) - len(members)


def _criteria_of(cases: Sequence[Case]) -> dict[int, int]:
    """By which criterion each case was opened: that of its verdict, else the one of the edition in force by its code."""

    def origins(kind: str) -> list[int]:
        return [case.origin_id for case in cases if case.origin_kind == kind and case.origin_id is not None]

    by_origin = {
        "finding": dict(Finding.objects.filter(pk__in=origins("finding")).values_list("pk", "criterion_id")),
        "recheck": dict(Second.objects.filter(pk__in=origins("recheck")).values_list("pk", "criterion_id")),
    }
    edition = current_edition()
    rows = Criterion.objects.filter(edition=edition, method="field") if edition else Criterion.objects.none()
    by_code = {(code, kind): pk for code, kind, pk in rows.values_list("code", "point_type_id", "pk")}
    found: dict[int, int] = {}
    for case in cases:
        known = by_origin.get(case.origin_kind, {}).get(case.origin_id or 0)
        known = known or by_code.get((case.criterion_code, case.site.point_type if case.site else ""))
        if known is not None:
            found[case.pk] = known
    return found


def in_public_order(members: Iterable[Member], salt: str) -> list[Member]:
    """By street and kind, then by seal: the number of a candidate says nothing about how old it is."""
    return sorted(members, key=lambda member: (member.street, member.kind, member.seal(salt)))
