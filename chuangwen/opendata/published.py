"""The cases that anybody may read: taken up by the house, at a listed place, in the words of the standard.

Nothing of what a person wrote, no names, no telephone numbers, no home addresses: a case without a listed place stays inside,
and so does one whose place is looked at in secret just now.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Max, Q, QuerySet, Subquery

from chuangwen.cases.models import Case, CasePhoto, PhotoRole
from chuangwen.evidence.models import PublicCopy
from chuangwen.patrols.models import Finding
from chuangwen.patrols.queries import concealed
from chuangwen.places.models import Site
from chuangwen.rules.case_flow import RUNNING, Status
from chuangwen.rules.open311 import open_statuses, state_of
from chuangwen.rules.open_queries import Box
from chuangwen.rules.refusals import NotFound
from chuangwen.standards.models import Criterion, Edition
from chuangwen.standards.queries import point_types

# What nobody has looked at is no statement about a place, and what was no case after all is none either.
UNPUBLISHED = frozenset({Status.REPORTED, Status.REFUSED, Status.CANCELLED})
_PUBLISHED = sorted(status.value for status in frozenset(Status) - UNPUBLISHED)
OTHER = "其他问题"


@dataclass(frozen=True)
class PublicCase:
    """One case as the open interfaces give it."""

    pk: int
    number: str
    status: Status
    words: str
    point_type: str
    point_type_name: str
    site: Site | None
    street: str
    unit: str
    reported_at: datetime
    updated_at: datetime
    due_at: datetime | None
    ended_at: datetime | None
    photos: tuple[tuple[int, str], ...] = ()
    text: str = ""
    reply: str = ""

    @property
    def state(self) -> str:
        """open or closed."""
        return state_of(self.status)


@dataclass(frozen=True)
class Wanted:
    """What to leave of the public cases; what is empty narrows nothing."""

    ids: tuple[int, ...] | None = None
    point_types: tuple[str, ...] = ()
    since: datetime | None = None
    until: datetime | None = None
    states: frozenset[str] = frozenset()
    box: Box | None = None
    street: str = ""


def published_cases() -> QuerySet[Case]:
    """Every case that anybody may read."""
    secret = Finding.objects.filter(visit__patrol__in=concealed().values("pk")).values("pk")
    rows = Case.objects.filter(site__isnull=False, status__in=_PUBLISHED)
    return rows.exclude(Q(origin_kind="finding", origin_id__isnull=False) & Q(origin_id__in=secret))


def in_box(box: Box, prefix: str = "") -> Q:
    """The places within a rectangle."""
    return Q(
        **{
            f"{prefix}lng__gte": box.west, f"{prefix}lng__lte": box.east,
            f"{prefix}lat__gte": box.south, f"{prefix}lat__lte": box.north,
        }
    )  # fmt: skip


def narrowed(cases: QuerySet[Case], wanted: Wanted) -> QuerySet[Case]:
    """The cases that the wish leaves, in no order yet."""
    if wanted.ids is not None:
        cases = cases.filter(pk__in=wanted.ids)
    if wanted.point_types:
        cases = cases.filter(point_type__in=wanted.point_types)
    if wanted.since:
        cases = cases.filter(reported_at__gte=wanted.since)
    if wanted.until:
        cases = cases.filter(reported_at__lte=wanted.until)
    if wanted.states == {"open"}:
        cases = cases.filter(status__in=open_statuses())
    elif wanted.states == {"closed"}:
        cases = cases.exclude(status__in=open_statuses())
    if wanted.box:
        cases = cases.filter(in_box(wanted.box, "site__"))
    return cases.filter(street__code=wanted.street) if wanted.street else cases


def public_cases(cases: Iterable[Case], *, own: frozenset[int] = frozenset()) -> list[PublicCase]:
    """Cases as anybody may read them, in their order; of those in `own` also the text and the answer, for the program that
    brought them. Four statements at most, however many.
    """
    rows = list(cases)
    words = criterion_words({case.criterion_code for case in rows if case.criterion_code})
    names = {row.code: row.name for row in point_types()}
    photos = _photos([case.pk for case in rows])
    return [_public(case, words, names, photos.get(case.pk, ()), whole=case.pk in own) for case in rows]


def fetched(cases: QuerySet[Case]) -> QuerySet[Case]:
    """With what `public_cases` reads of other tables."""
    return cases.select_related("site", "street", "unit", "standard")


def _public(
    case: Case, words: dict[str, str], names: dict[str, str], photos: Sequence[tuple[int, str]], *, whole: bool
) -> PublicCase:
    steps = (case.reported_at, case.dispatched_at, case.rectified_at, case.ended_at)
    return PublicCase(
        pk=case.pk, number=case.number, status=case.flow_status, words=words_of(case, words),
        point_type=case.point_type, point_type_name=names.get(case.point_type, case.point_type), site=case.site,
        street=case.street.name if case.street else "", unit=case.unit.name if case.unit else "",
        reported_at=case.reported_at, updated_at=max(moment for moment in steps if moment), due_at=_due(case),
        ended_at=case.ended_at, photos=tuple(photos), text=case.text if whole else "",
        reply=case.reply if whole and state_of(case.flow_status) == "closed" else "",
    )  # fmt: skip


def _due(case: Case) -> datetime | None:
    return case.due_at if case.flow_status in RUNNING else None


def words_of(case: Case, words: dict[str, str]) -> str:
    """In the words of the standard, never of a note."""
    text = words.get(case.criterion_code)
    if text:
        return f"没有做到“{text}”"
    return case.standard.item if case.standard else OTHER


def criterion_words(codes: Iterable[str] | None = None) -> dict[str, str]:
    """Criterion code → its words in the edition published last."""
    current = Edition.objects.filter(published_at__isnull=False).order_by("-published_at").values("pk")[:1]
    rows = Criterion.objects.filter(edition=Subquery(current))
    return dict((rows if codes is None else rows.filter(code__in=codes)).values_list("code", "text"))


def _photos(case_ids: Sequence[int]) -> dict[int, list[tuple[int, str]]]:
    """Of each case the photos that have a public copy: id and what it shows."""
    copies = PublicCopy.objects.filter(withdrawn_at=None).values("photo_id")
    rows = CasePhoto.objects.filter(case_id__in=case_ids, photo_id__in=copies).exclude(role=PhotoRole.REFERENCE)
    found: dict[int, list[tuple[int, str]]] = {}
    for row in rows.order_by("id"):
        found.setdefault(row.case_id, []).append((row.photo_id, row.get_role_display()))
    return found


def read_case_number(text: str) -> int:
    """The row that a case number names: eight digits of the day, seven or more of the row. Refuses what is none."""
    if not (text.isascii() and text.isdigit() and 15 <= len(text) <= 24):
        raise NotFound("没有这个案件编号。")
    return int(text[8:])


def published_sites() -> QuerySet[Site]:
    """The places in use; of their fields only those that are printed at the place itself are given out."""
    return Site.objects.filter(active=True).select_related("street")


def newest_change() -> Any:
    """When the last public case came in; for feeds."""
    return published_cases().aggregate(last=Max("reported_at"))["last"]
