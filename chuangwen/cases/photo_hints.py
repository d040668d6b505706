"""Photos of cases beside all earlier ones: notes for whoever verifies, and the copies that residents may see."""

import logging
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from chuangwen.cases.models import Case, CasePhoto, PhotoRole
from chuangwen.cases.queries import case_for
from chuangwen.evidence.models import Photo, PhotoHint, PublicCopy
from chuangwen.evidence.operations import (
    Noted,
    make_print,
    make_public_copy,
    make_thumbnail,
    note_hints,
    set_hint_aside,
    withdraw_public_copy,
)
from chuangwen.evidence.queries import earlier_matches, hint_on, hints_on
from chuangwen.rules.masking import Box
from chuangwen.rules.permissions import Actor, Permission, may
from chuangwen.rules.photo_hints import BEIJING, Role, Taken, Use, own_hints, reuse_hint, same_round
from chuangwen.rules.refusals import NotFound, Refused

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Elsewhere:
    """A use of a photo outside cases: which photo, where (for people), when, at which site."""

    photo_id: int
    where: str
    at: datetime
    site_id: int | None = None


FindElsewhere = Callable[[Iterable[int]], Sequence[Elsewhere]]


def _nowhere(_photo_ids: Iterable[int]) -> Sequence[Elsewhere]:
    return ()


def examine_photos(
    *, now: datetime, photo_id: int | None = None, elsewhere: FindElsewhere = _nowhere, at_most: int = 200
) -> int:
    """Compare case photos that nobody compared yet with all earlier ones; repeatable. Returns how many.

    `elsewhere`: uses outside cases, asked by photo ids. A photo whose file is gone is passed over, it blocks nothing.
    """
    waiting = CasePhoto.objects.filter(examined_at=None).select_related("case__site", "photo")
    rows = list((waiting.filter(photo_id=photo_id) if photo_id else waiting).order_by("id")[:at_most])
    for row in rows:
        try:
            make_thumbnail(photo_id=row.photo_id)
            make_print(photo_id=row.photo_id)
            _examine(row, now=now, elsewhere=elsewhere)
        except OSError:
            log.exception("photo %s cannot be read and is passed over", row.photo_id)
            CasePhoto.objects.filter(pk=row.pk).update(examined_at=now)
    return len(rows)


@transaction.atomic
def _examine(row: CasePhoto, *, now: datetime, elsewhere: FindElsewhere) -> None:
    found = [Noted(hint) for hint in own_hints(_taken(row.photo), _use(row))]
    found += _reused(row, elsewhere)
    note_hints(photo_id=row.photo_id, subject_kind="case", subject_id=row.case_id, hints=found, now=now)
    CasePhoto.objects.filter(pk=row.pk).update(examined_at=now)


def _taken(photo: Photo) -> Taken:
    return Taken(photo.stored_at, photo.taken_at, photo.lng, photo.lat, photo.software)


def _use(row: CasePhoto) -> Use:
    case = row.case
    place = case.site if case.site is not None else case
    return Use(Role(row.role), case.reported_at, place.lng, place.lat)


def _reused(row: CasePhoto, elsewhere: FindElsewhere) -> list[Noted]:
    """At most one hint for the same file and one for the same picture, each with the nearest earlier use."""
    found: list[Noted] = []
    same = _earlier_use(row, [row.photo_id], elsewhere)
    if same is not None:
        found.append(Noted(reuse_hint(same[0], None), row.photo_id, same[1]))
    own = set(CasePhoto.objects.filter(case_id=row.case_id).values_list("photo_id", flat=True))
    for match in earlier_matches(row.photo):
        if match.photo_id in own or match.photo_id > row.photo_id:
            continue
        use = _earlier_use(row, [match.photo_id], elsewhere)
        if use is not None:
            hint = reuse_hint(use[0], match.distance, was_cut=match.was_cut)
            return [*found, Noted(hint, match.photo_id, use[1])]
    return found


def _earlier_use(row: CasePhoto, photo_ids: Sequence[int], elsewhere: FindElsewhere) -> tuple[str, int | None] | None:
    """Where one of these photos was used before, in another case or outside cases, and that case's id."""
    case = row.case
    rows = CasePhoto.objects.filter(photo_id__in=photo_ids, pk__lt=row.pk).exclude(case_id=row.case_id)
    for other in rows.select_related("case__site").order_by("id")[:20]:
        if not same_round(case.site_id, case.reported_at, other.case.site_id, other.case.reported_at):
            return f"案件 {other.case.number}（{_where(other.case)}）", other.case_id
    for use in elsewhere(photo_ids):
        if use.at < case.reported_at and not same_round(case.site_id, case.reported_at, use.site_id, use.at):
            return use.where, None
    return None


def _where(case: Case) -> str:
    place = case.site.name if case.site is not None else case.place[:30]
    return f"{place or '位置未写明'}，{case.reported_at.astimezone(BEIJING):%Y-%m-%d} 上报"


def pass_over_earlier_photos(*, now: datetime) -> int:
    """Photos from before the comparison began are not compared with each other: they only serve to be found."""
    return CasePhoto.objects.filter(examined_at=None).update(examined_at=now)


# --- for the verifier ---------------------------------------------------------------------------------------------


def hints_for(actor: Actor, case: Case) -> Sequence[PhotoHint]:
    """The hints on the photos of a case, for those who verify it and for nobody else."""
    return hints_on("case", case.pk) if may(actor, Permission.CASE_VERIFY, case.thing()) else ()


def hint_photo_for(actor: Actor, case_id: int, hint_id: int) -> Photo:
    """The earlier photo beside which a hint puts the one of this case, for those who verify the case."""
    case = case_for(actor, case_id)
    if not may(actor, Permission.CASE_VERIFY, case.thing()):
        raise NotFound
    other = hint_on("case", case_id, hint_id).other
    if other is None:
        raise NotFound
    return other


@transaction.atomic
def set_aside(*, case_id: int, hint_id: int, word: str, by: Actor, now: datetime) -> PhotoHint:
    """The verifier looked: no matter, and why. Changes nothing about the case."""
    case = case_for(by, case_id)
    if not may(by, Permission.CASE_VERIFY, case.thing()):
        raise NotFound
    return set_hint_aside(hint_id=hint_id, subject_kind="case", subject_id=case_id, word=word, by=by, now=now)


# --- for residents ------------------------------------------------------------------------------------------------


def photo_to_release(actor: Actor, case_id: int, photo_id: int) -> CasePhoto:
    """A photo of a case, for those who decide what residents may see of it."""
    case = case_for(actor, case_id)
    row = CasePhoto.objects.filter(case=case, photo_id=photo_id).select_related("photo", "case").first()
    if row is None or not may(actor, Permission.PHOTO_RELEASE, case.thing()):
        raise NotFound
    return row


@transaction.atomic
def release_photo(
    *, case_id: int, photo_id: int, boxes: Sequence[Box], nothing_to_hide: bool, by: Actor, now: datetime
) -> PublicCopy:
    """Residents may see this photo of the case: covered where the boxes are, or whole when the person says that it
    shows no face and no plate. One of the two has to be said.
    """
    photo_to_release(by, case_id, photo_id)
    objections = []
    if not boxes and not nothing_to_hide:
        objections.append("请在人脸和车牌上画框；照片里确实没有时，请勾选“没有人脸和车牌”。")
    if boxes and nothing_to_hide:
        objections.append("画了框，又勾选了“没有人脸和车牌”，请改其中一处。")
    if objections:
        raise Refused(objections)
    return make_public_copy(photo_id=photo_id, boxes=boxes, by=by, now=now)


@transaction.atomic
def withdraw_photo(*, case_id: int, photo_id: int, reason: str, by: Actor, now: datetime) -> bool:
    """Residents no longer see this photo."""
    photo_to_release(by, case_id, photo_id)
    if not reason.strip():
        raise Refused("请写明为什么撤回。")
    return withdraw_public_copy(photo_id=photo_id, reason=reason, by=by, now=now)


def public_photos_of_site(site_id: int, at_most: int = 6) -> Sequence[CasePhoto]:
    """Photos of a place that residents may see, newest first, each once: those of finished cases with a public copy."""
    open_copies = PublicCopy.objects.filter(withdrawn_at=None).values("photo_id")
    rows = CasePhoto.objects.filter(
        case__site_id=site_id, case__ended_at__isnull=False, photo_id__in=open_copies,
        role__in=[PhotoRole.BEFORE, PhotoRole.AFTER],
    )  # fmt: skip
    shown: dict[int, CasePhoto] = {}
    for row in rows.select_related("case").order_by("-case__ended_at", "id")[: 10 * at_most]:
        shown.setdefault(row.photo_id, row)
    return list(shown.values())[:at_most]


def public_photos_of_case(case_id: int) -> Sequence[CasePhoto]:
    """Before and after photos of a case that residents may see: those with a public copy, oldest first."""
    open_copies = PublicCopy.objects.filter(withdrawn_at=None).values("photo_id")
    rows = CasePhoto.objects.filter(case_id=case_id, photo_id__in=open_copies)
    return list(rows.filter(role__in=[PhotoRole.BEFORE, PhotoRole.AFTER]).order_by("id")[:12])
