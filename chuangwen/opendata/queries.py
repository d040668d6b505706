"""Reading for the open interfaces: services, requests, what happened since, keys, packages."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Max, Min, Q, QuerySet

from chuangwen.cases.models import Case
from chuangwen.intake.models import ResidentReport
from chuangwen.journal.models import Event
from chuangwen.opendata.finding import ANY
from chuangwen.opendata.models import DataPackage, ProgramKey, ProgramReport
from chuangwen.opendata.operations import key_of
from chuangwen.opendata.published import (
    PublicCase,
    Wanted,
    fetched,
    in_box,
    narrowed,
    public_cases,
    published_cases,
    published_sites,
    read_case_number,
)
from chuangwen.places.models import Site
from chuangwen.rules.case_flow import Move
from chuangwen.rules.open311 import UPDATES, update_of
from chuangwen.rules.open_queries import Box
from chuangwen.rules.permissions import Actor, Permission, may
from chuangwen.rules.refusals import NotFound
from chuangwen.rules.residents import read_receipt
from chuangwen.standards.models import Criterion
from chuangwen.standards.queries import current_checklist, point_types

__all__ = [
    "ANY", "ProgramKey", "PublicCase", "Service", "Update", "Wanted", "extent", "key_of", "newest_package", "own_cases", "package_for",
    "program_keys", "published_cases", "read_case_number", "report_by_token", "request_for", "requests_page", "service_for",
    "services", "sites_page", "updates",
]  # fmt: skip


@dataclass(frozen=True)
class Service:
    """What can be reported: a trouble at one kind of place, with the requirements of the edition in force."""

    code: str
    name: str
    criteria: tuple[Criterion, ...] = ()


def services() -> Sequence[Service]:
    """One for each kind of place, and one for whoever does not know the kind."""
    return [*(Service(row.code, row.name) for row in point_types()), Service(ANY, "其他地方的问题")]


def service_for(code: str) -> Service:
    """One service with its requirements; unknown codes are not found."""
    found = next((row for row in services() if row.code == code), None)
    if found is None:
        raise NotFound(f"没有事项“{code}”。")
    return Service(found.code, found.name, tuple(current_checklist(code)) if code != ANY else ())


def own_cases(key: ProgramKey | None) -> QuerySet[Case]:
    """The cases that a program brought; none without a key."""
    rows = ProgramReport.objects.filter(key=key) if key else ProgramReport.objects.none()
    return Case.objects.filter(pk__in=rows.values("report__case"))


def _readable(key: ProgramKey | None) -> QuerySet[Case]:
    """Everybody's, and for a program what it brought itself, from the first moment on."""
    if key is None:
        return published_cases()
    return Case.objects.filter(Q(pk__in=published_cases().values("pk")) | Q(pk__in=own_cases(key).values("pk")))


def _as_read(rows: list[Case], key: ProgramKey | None) -> list[PublicCase]:
    ids = [case.pk for case in rows]
    own = frozenset(own_cases(key).filter(pk__in=ids).values_list("pk", flat=True)) if key and ids else frozenset()
    return public_cases(rows, own=own)


def requests_page(
    wanted: Wanted, *, key: ProgramKey | None = None, offset: int = 0, after: int | None = None, size: int = 50
) -> list[PublicCase]:
    """Newest first, one more than `size` when there is more. Pages by number (`offset`) or, any length, by key (`after`)."""
    rows = narrowed(_readable(key), wanted)
    if after is not None:
        rows = rows.filter(pk__lt=after)
    return _as_read(list(fetched(rows).order_by("-id")[offset : offset + size + 1]), key)


def request_for(number: str, *, key: ProgramKey | None = None) -> PublicCase:
    """One case by its number; what is not public and not the program's own is not there."""
    rows = requests_page(Wanted(ids=(read_case_number(number),)), key=key, size=1)
    if not rows or rows[0].number != number:
        raise NotFound("没有这个案件编号。")
    return rows[0]


def report_by_token(token: str) -> str:
    """The case number of the report with this receipt number."""
    number = read_receipt(token)
    report = ResidentReport.objects.select_related("case").filter(receipt=number).first() if number else None
    if report is None:
        raise NotFound("没有这个回执号（token）。")
    return report.case.number


@dataclass(frozen=True)
class Update:
    """Something that happened to a case."""

    pk: int
    number: str
    status: str
    words: str
    at: datetime


MOST_UPDATES = 1000
_KINDS = {f"case.{move.value}": move for move in UPDATES}


def updates(since: datetime, until: datetime, *, key: ProgramKey | None = None, number: str = "") -> Sequence[Update]:
    """What happened to public cases (and a program's own) in a stretch of time, oldest first, a thousand at most."""
    cases = _readable(key)
    if number:
        cases = cases.filter(pk=read_case_number(number))
    rows = Event.objects.filter(
        kind__in=sorted(_KINDS), at__gte=since, at__lte=until, subject_kind="case", subject_id__in=cases.values("pk")
    ).order_by("at", "id")[:MOST_UPDATES]
    events = list(rows)
    known = Case.objects.only("id", "reported_at").in_bulk({event.subject_id for event in events})
    return [_update(event, known[event.subject_id], _KINDS[event.kind]) for event in events]


def _update(event: Event, case: Case, move: Move) -> Update:
    status, words = update_of(move)
    return Update(event.pk, case.number, status, words, event.at)


def sites_page(
    *, box: Box | None = None, after: int = 0, size: int = 100, site_id: int | None = None
) -> Sequence[Site]:
    """Places in use by row, one more than `size` when there is more."""
    rows = published_sites().filter(pk__gt=after)
    if site_id is not None:
        rows = rows.filter(pk=site_id)
    return list((rows.filter(in_box(box)) if box else rows).order_by("pk")[: size + 1])


def extent() -> tuple[float, float, float, float] | None:
    """West, south, east, north of the places in use; None when there is none."""
    found = published_sites().order_by().aggregate(Min("lng"), Min("lat"), Max("lng"), Max("lat"))
    values = [found[name] for name in ("lng__min", "lat__min", "lng__max", "lat__max")]
    if values[0] is None:
        return None
    west, south, east, north = (float(value) for value in values)
    return west, south, east, north


def program_keys(actor: Actor) -> Sequence[ProgramKey]:
    """Every key ever issued, newest first, with `count` of what came through; for who manages them."""
    if not may(actor, Permission.INTERFACE_MANAGE):
        raise NotFound
    return list(ProgramKey.objects.annotate(count=Count("reports")))


def newest_package() -> DataPackage | None:
    """The package made last, if any."""
    return DataPackage.objects.first()


def package_for(package_id: int) -> DataPackage:
    """One package by its row."""
    found = DataPackage.objects.filter(pk=package_id).first()
    if found is None:
        raise NotFound("这个数据包已经换新了，请从开放数据页重新下载。")
    return found
