"""Reading evidence. Doors to a photo belong to what the photo is evidence of (a case, a finding)."""

import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import IO

from django.core.files.storage import default_storage
from django.db.models import Exists, OuterRef, Q

from chuangwen.evidence.models import Photo, PhotoHint, PublicCopy, Upload
from chuangwen.evidence.pictures import SHOWN_BY_BROWSERS, rendition
from chuangwen.evidence.prints import pixels_of, print_of
from chuangwen.evidence.search import Match, similar_photos
from chuangwen.rules.pdq import luminance, windows
from chuangwen.rules.permissions import Actor
from chuangwen.rules.refusals import NotFound


def known_photos(photo_ids: Iterable[int], *, by: Actor) -> list[Photo]:
    """The photos with these ids, in the order asked for; refuses unknown ones and those somebody else brought in."""
    wanted = list(dict.fromkeys(photo_ids))
    if not wanted:
        return []
    brought = Q(stored_by=by.user_id) | Exists(Upload.objects.filter(photo=OuterRef("pk"), user=by.user_id))
    own = Photo.objects.all() if by.system else Photo.objects.filter(brought)
    found = own.in_bulk(wanted)
    if len(found) != len(wanted):
        raise NotFound("有照片没有传上来，请重新选择照片。")
    return [found[photo_id] for photo_id in wanted]


def open_photo(photo: Photo, *, small: bool) -> tuple[IO[bytes], str]:
    """Bytes that a browser can show, and their media type; the whole picture while the small copy is not made yet."""
    path = (photo.thumb_path if small else "") or photo.view_path
    if path:
        return default_storage.open(path), "image/jpeg"
    if photo.media_type in SHOWN_BY_BROWSERS:
        return default_storage.open(photo.path), photo.media_type
    with default_storage.open(photo.path) as original:
        return io.BytesIO(rendition(original)), "image/jpeg"


@dataclass(frozen=True)
class PublicPhoto:
    """A copy that anybody may see. `url` is for the edge to make from `photo_id`."""

    photo_id: int
    path: str
    width: int
    height: int
    masked: bool


def public_photo(photo_id: int) -> PublicPhoto | None:
    """What residents may see of this photo: the masked or cleared copy, or nothing. Never the original."""
    return public_photos([photo_id]).get(photo_id)


def public_photos(photo_ids: Iterable[int]) -> dict[int, PublicPhoto]:
    """The public copies of those photos that have one, by photo id. One statement."""
    rows = PublicCopy.objects.filter(photo_id__in=list(photo_ids), withdrawn_at=None)
    return {row.photo_id: PublicPhoto(row.photo_id, row.path, row.width, row.height, row.masked) for row in rows}


def open_public_photo(photo_id: int) -> tuple[IO[bytes], str]:
    """The bytes of the public copy; refuses when there is none."""
    found = public_photo(photo_id)
    if found is None:
        raise NotFound("这张照片没有公开。")
    return default_storage.open(found.path), "image/jpeg"


def public_boxes(photo_id: int) -> PublicCopy | None:
    """The public copy in force with its boxes, for whoever may change them."""
    return PublicCopy.objects.filter(photo_id=photo_id, withdrawn_at=None).first()


def hints_on(subject_kind: str, subject_id: int) -> Sequence[PhotoHint]:
    """What a verifier may want to look at, those not set aside first. Only for people who verify this subject."""
    rows = PhotoHint.objects.filter(subject_kind=subject_kind, subject_id=subject_id).select_related("photo", "other")
    return sorted(rows, key=lambda row: (row.set_aside_at is not None, row.pk))


def hint_on(subject_kind: str, subject_id: int, hint_id: int) -> PhotoHint:
    """One hint of a subject."""
    rows = PhotoHint.objects.filter(subject_kind=subject_kind, subject_id=subject_id, pk=hint_id)
    found = rows.select_related("photo", "other").first()
    if found is None:
        raise NotFound
    return found


def earlier_matches(photo: Photo) -> Sequence[Match]:
    """Other pictures that look like this one, the nearest first. Reads the picture itself."""
    with default_storage.open(photo.path) as original:
        pixels = pixels_of(original)
    looks = print_of(pixels)
    return similar_photos(looks, list(windows(luminance(pixels))), apart_from=photo.pk) if looks.is_telling else ()
