"""Which earlier reports speak of the same trouble: looked up by their heaviest pairs of characters, compared exactly.

Every report stands in the index under sixteen pairs; a new one looks up its twenty-four heaviest, each the newest LISTED
reports, so the cost does not grow with the number of reports.
"""

import uuid
from array import array
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from django.core.cache import cache
from django.db import connection, transaction

from chuangwen.cases.filters import FROM_RESIDENTS
from chuangwen.cases.models import Case, CasePhoto
from chuangwen.evidence.queries import earlier_matches
from chuangwen.rules.permissions import Actor, Permission, may
from chuangwen.rules.same_trouble import (
    LOOKED_UP,
    STORED,
    Likeness,
    Signature,
    Spoken,
    Weights,
    compared,
    counted,
    pair_of,
    shared_words,
    signature,
)
from chuangwen.triage.models import Mark, PairCounts, Posting
from chuangwen.triage.places import names

REPORTS = (*FROM_RESIDENTS, "report")  # what people report; findings of inspectors have site and standard
LISTED, COMPARED, OFFERED = 150, 80, 6
COUNTED = 20_000  # of the newest reports pairs are counted
_KEY = "triage.counts"


def weights() -> Weights:
    """The present weights of pairs, held in the process and looked at every minute."""
    return _weights(str(cache.get_or_set(_KEY, lambda: uuid.uuid4().hex, 60)))


@lru_cache(maxsize=2)
def _weights(_version: str) -> Weights:
    row = PairCounts.objects.order_by("-id").first()
    if row is None:
        return Weights()
    pairs, counts = array("I"), array("I")
    pairs.frombytes(bytes(row.pairs))
    counts.frombytes(bytes(row.counts))
    return Weights(row.reports, {pair_of(pair): count for pair, count in zip(pairs, counts, strict=True)})


def count_pairs(*, now: datetime) -> int:
    """Count the pairs of the newest reports anew; for the worker. Returns of how many reports."""
    rows = Case.objects.filter(origin_kind__in=REPORTS).order_by("-id").values_list("title", "text")[:COUNTED]
    found = counted(rows.iterator())
    pairs, counts = array("I"), array("I")
    for pair, count in found.counts.items():
        pairs.append(ord(pair[0]) << 16 | ord(pair[1]))
        counts.append(count)
    with transaction.atomic():
        PairCounts.objects.all().delete()
        PairCounts.objects.create(
            reports=found.reports, pairs=pairs.tobytes(), counts=counts.tobytes(), made_at=now
        )  # fmt: skip
    cache.delete(_KEY)
    return found.reports


@transaction.atomic
def index_report(*, case_id: int) -> bool:
    """Put a report into the index; repeatable. Returns whether it is one."""
    case = Case.objects.filter(pk=case_id, origin_kind__in=REPORTS).first()
    if case is None:
        return False
    found = signature(case.title, case.text, weights())
    named = sorted({place.name for place in names().within(f"{case.title} {case.text} {case.place}")})
    Mark.objects.update_or_create(case=case, defaults={"signature": found.to_bytes(), "named": named})
    Posting.objects.filter(report=case_id, pair__in=found.pairs[:STORED]).delete()
    Posting.objects.bulk_create(Posting(pair=pair, report=case_id) for pair in found.pairs[:STORED])
    return True


@dataclass(frozen=True)
class Earlier:
    """An earlier report that may be of the same trouble, and why."""

    case: Case
    likeness: Likeness
    words: tuple[str, ...]


@dataclass(frozen=True)
class Asked:
    """What is known of a report that is just being written or looked at."""

    title: str
    text: str
    at: datetime
    place: str = ""
    site: int | None = None
    position: tuple[float, float] | None = None
    class_name: str = ""
    case_id: int | None = None
    photos: frozenset[int] = frozenset()  # cases in which the same picture stands


def asked_of(case: Case) -> Asked:
    """A stored report as a question; looks for the same pictures in other cases, too."""
    site = case.site_id
    position = (float(case.lng), float(case.lat)) if case.lng is not None and case.lat is not None else None
    class_name = case.standard.class_name if case.standard else ""
    return Asked(
        case.title, case.text, case.reported_at, case.place, site, position, class_name, case.pk, _same_pictures(case)
    )


def _same_pictures(case: Case) -> frozenset[int]:
    rows = CasePhoto.objects.filter(case=case).select_related("photo")[:6]
    photos = {row.photo_id for row in rows}
    for row in rows:
        try:
            photos |= {match.photo_id for match in earlier_matches(row.photo)}
        except OSError:  # the file is gone: it says nothing
            continue
    found = CasePhoto.objects.filter(photo_id__in=photos).exclude(case=case).values_list("case_id", flat=True)
    return frozenset(found[:50]) if photos else frozenset()


def earlier(actor: Actor, asked: Asked, *, related: bool = True, most: int = OFFERED) -> Sequence[Earlier]:
    """Visible earlier reports of the same trouble, the most alike first; three statements. `related` adds those that
    are only perhaps the same."""
    own = signature(asked.title, asked.text, weights())
    named = frozenset(place.name for place in names().within(f"{asked.title} {asked.text} {asked.place}"))
    new = Spoken(own, asked.at, asked.site, asked.position, named, asked.class_name)
    found = []
    for mark in _marks(_candidates(own, asked)):
        case = mark.case
        if case.pk == asked.case_id or not may(actor, Permission.CASE_SEE, case.thing()):
            continue
        likeness = compared(new, _spoken(mark), same_photo=case.pk in asked.photos)
        if likeness.same or (related and likeness.related):
            words = shared_words(own, Signature.from_bytes(bytes(mark.signature)), asked.title or asked.text[:60])
            found.append(Earlier(case, likeness, words))
    return sorted(found, key=lambda each: (-each.likeness.score, -each.case.pk))[:most]


def _candidates(own: Signature, asked: Asked) -> list[int]:
    """Reports that share heavy pairs, those with the most shared weight first, and those with the same picture."""
    shared: Counter[int] = Counter()
    weight_of = own.as_mapping()
    for pair, report in _listed(own.pairs[:LOOKED_UP]):
        shared[report] += round(weight_of[pair] ** 2 * 1_000_000)
    return [*asked.photos, *(report for report, _weight in shared.most_common(COMPARED))]


def _listed(pairs: Sequence[int]) -> Sequence[tuple[int, int]]:
    """For each pair the newest reports under it, in one statement that reads nothing but the index."""
    if not pairs:
        return ()
    one = "SELECT pair, report FROM (SELECT pair, report FROM triage_posting WHERE pair = %s ORDER BY report DESC LIMIT %s) AS p"
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join([one] * len(pairs)), [part for pair in pairs for part in (pair, LISTED)])
        return list(cursor.fetchall())


def _marks(reports: Sequence[int]) -> Sequence[Mark]:
    related = ("case__home", "case__unit", "case__site", "case__standard")
    return list(Mark.objects.filter(case__in=reports).select_related(*related)) if reports else ()


def _spoken(mark: Mark) -> Spoken:
    case = mark.case
    position = (float(case.lng), float(case.lat)) if case.lng is not None and case.lat is not None else None
    return Spoken(
        Signature.from_bytes(bytes(mark.signature)), case.reported_at, case.site_id, position, frozenset(mark.named),
        case.standard.class_name if case.standard else "",
    )  # fmt: skip
