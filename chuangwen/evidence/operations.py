"""Every way evidence comes in and what is made of it."""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import connection, transaction

from chuangwen.evidence.arriving import Arriving, Readable, arriving
from chuangwen.evidence.models import Photo, PhotoHint, PhotoPrint, PublicCopy, Upload
from chuangwen.evidence.pictures import SHOWN_BY_BROWSERS, public_jpeg, rendition, thumbnail
from chuangwen.evidence.prints import index_row, pixels_of
from chuangwen.evidence.queries import known_photos
from chuangwen.journal.operations import record
from chuangwen.rules.masking import Box
from chuangwen.rules.permissions import Actor
from chuangwen.rules.photo_hints import Hint
from chuangwen.rules.refusals import NotFound, Refused


@dataclass(frozen=True)
class Noted:
    """A hint, with the other photo and the id of the other use where there is one."""

    hint: Hint
    other_id: int | None = None
    other_subject_id: int | None = None


def store_photo(*, data: bytes | Readable | Arriving, by: Actor, now: datetime) -> Photo:
    """Keep a picture once by its content; the same bytes again give the same row.

    `data`: the bytes, an open file or upload (read in pieces), or a picture that arrived before. Three statements for a
    new picture at most: the row, who else brought it, the event. Refused or rolled back, no file stays behind.
    """
    if isinstance(data, Arriving):
        return _stored(data, by=by, now=now)
    with arriving(data) as picture:
        return _stored(picture, by=by, now=now)


def stored_photos(*, photos: Iterable[int | Arriving], by: Actor, now: datetime) -> list[Photo]:
    """The photos of a submission in its order: those that just arrived are stored, the others looked up as in
    `known_photos`. No statement when there is none.
    """
    wanted = list(photos)
    known = {photo.pk: photo for photo in known_photos([one for one in wanted if isinstance(one, int)], by=by)}
    found = [known[one] if isinstance(one, int) else store_photo(data=one, by=by, now=now) for one in wanted]
    return list({photo.pk: photo for photo in found}.values())


@transaction.atomic
def _stored(picture: Arriving, *, by: Actor, now: datetime) -> Photo:
    facts = picture.picture
    photo = Photo(
        sha256=picture.sha256, path=picture.place(), media_type=facts.media_type, size=picture.size, width=facts.width,
        height=facts.height, taken_at=facts.taken_at, lng=facts.lng, lat=facts.lat, software=facts.software,
        stored_by_id=by.user_id, stored_at=now,
    )  # fmt: skip
    photo.pk, brought_by, repeats = _put(photo)
    if brought_by != by.user_id and by.user_id is not None:
        Upload.objects.bulk_create([Upload(photo=photo, user_id=by.user_id)], ignore_conflicts=True)
    if repeats == 0:
        record(kind="photo.stored", subject_kind="photo", subject_id=photo.pk, by=by, now=now, sha256=picture.sha256)
    return photo


def _put(photo: Photo) -> tuple[int, int | None, int]:
    """Insert, or meet the row with the same content: its id, who stored it, how often it came again. One statement."""
    fields = [field for field in Photo._meta.concrete_fields if not field.primary_key]
    values = [field.get_db_prep_save(getattr(photo, field.attname), connection) for field in fields]
    columns = ", ".join(f'"{field.column}"' for field in fields)
    marks = ", ".join(["%s"] * len(fields))
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO evidence_photo ({columns}) VALUES ({marks}) "
            "ON CONFLICT (sha256) DO UPDATE SET repeats = evidence_photo.repeats + 1 "
            "RETURNING id, stored_by_id, repeats",
            values,
        )
        row: tuple[int, int | None, int] = cursor.fetchone()
    return row


def make_thumbnail(*, photo_id: int) -> bool:
    """Make the small copy, and a JPEG where browsers cannot show the original, if missing; repeatable.

    Returns whether there was work.
    """
    photo = Photo.objects.filter(pk=photo_id, thumb_path="").first()
    if photo is None:
        return False
    made: dict[str, Any] = {"thumb_path": f"thumbs/{photo.sha256[:2]}/{photo.sha256}.jpg"}
    _make(photo, made["thumb_path"], thumbnail)
    if photo.media_type not in SHOWN_BY_BROWSERS:
        made["view_path"] = f"views/{photo.sha256[:2]}/{photo.sha256}.jpg"
        _make(photo, made["view_path"], rendition)
    return bool(Photo.objects.filter(pk=photo_id, thumb_path="").update(**made))


def _make(photo: Photo, path: str, how: Any) -> None:
    if not default_storage.exists(path):
        with default_storage.open(photo.path) as original:
            default_storage.save(path, ContentFile(how(original)))


def make_print(*, photo_id: int) -> bool:
    """Reckon how the picture looks and put it into the index, if missing; repeatable. Returns whether there was work."""
    photo = Photo.objects.filter(pk=photo_id, print=None).first()
    if photo is None:
        return False
    with default_storage.open(photo.path) as original:
        row = index_row(pixels_of(original))
    return bool(PhotoPrint.objects.bulk_create([PhotoPrint(photo_id=photo_id, **row)], ignore_conflicts=True))


@transaction.atomic
def note_hints(*, photo_id: int, subject_kind: str, subject_id: int, hints: Iterable[Noted], now: datetime) -> None:
    """Put hints down for the verifier of this use of the photo; one of a kind, repeatable, never undone by repeating."""
    rows = [
        PhotoHint(
            photo_id=photo_id, subject_kind=subject_kind, subject_id=subject_id, kind=noted.hint.kind,
            fact=noted.hint.fact[:300], measure=noted.hint.measure[:200], harmless=noted.hint.harmless[:300],
            other_id=noted.other_id, other_subject_id=noted.other_subject_id, noted_at=now,
        )
        for noted in hints
    ]  # fmt: skip
    PhotoHint.objects.bulk_create(rows, ignore_conflicts=True)


@transaction.atomic
def set_hint_aside(
    *, hint_id: int, subject_kind: str, subject_id: int, word: str, by: Actor, now: datetime
) -> PhotoHint:
    """A person looked, and the hint does not matter; the word says why. Once only. Who may is for the caller to know."""
    own = PhotoHint.objects.select_for_update().filter(subject_kind=subject_kind, subject_id=subject_id)
    hint = own.filter(pk=hint_id).first()
    if hint is None:
        raise NotFound
    if not word.strip():
        raise Refused("请写一句为什么不是问题，例如“现场看过，确已改好”。")
    if hint.set_aside_at is None:
        hint.set_aside_at, hint.set_aside_word = now, word.strip()[:200]
        hint.save(update_fields=["set_aside_at", "set_aside_word"])
        record(
            kind="photo.hint_set_aside", subject_kind="photo", subject_id=hint.photo_id, by=by, now=now,
            note=hint.set_aside_word, hint=hint.kind, measure=hint.measure, of=[subject_kind, subject_id],
        )  # fmt: skip
    return hint


@transaction.atomic
def make_public_copy(*, photo_id: int, boxes: Sequence[Box], by: Actor, now: datetime) -> PublicCopy:
    """The copy that residents may see: with boxes masked, without boxes cleared by this person as showing no face and
    no plate. It replaces an earlier copy. The original stays as it is; both hashes and the boxes go into the journal.
    """
    photo = Photo.objects.select_for_update().filter(pk=photo_id).first()
    if photo is None:
        raise NotFound
    with default_storage.open(photo.path) as original:
        data, size = public_jpeg(original, boxes)
    digest = hashlib.sha256(data).hexdigest()
    path = f"public/{digest[:2]}/{digest}.jpg"
    _withdraw(photo, now)
    copy = PublicCopy.objects.create(
        photo=photo, masked=bool(boxes), path=path, sha256=digest, boxes=[box.row() for box in boxes],
        width=size[0], height=size[1], made_at=now,
    )  # fmt: skip
    record(
        kind="photo.masked" if boxes else "photo.cleared", subject_kind="photo", subject_id=photo.pk, by=by, now=now,
        original_sha256=photo.sha256, public_sha256=digest, boxes=copy.boxes,
    )  # fmt: skip
    if not default_storage.exists(path):
        default_storage.save(path, ContentFile(data))
    return copy


@transaction.atomic
def withdraw_public_copy(*, photo_id: int, reason: str, by: Actor, now: datetime) -> bool:
    """Residents no longer see the photo. Returns whether they could before."""
    photo = Photo.objects.select_for_update().filter(pk=photo_id).first()
    if photo is None:
        raise NotFound
    copy = _withdraw(photo, now)
    if copy is not None:
        record(
            kind="photo.withdrawn", subject_kind="photo", subject_id=photo.pk, by=by, now=now, note=reason.strip(),
            public_sha256=copy.sha256,
        )  # fmt: skip
    return copy is not None


def _withdraw(photo: Photo, now: datetime) -> PublicCopy | None:
    copy = PublicCopy.objects.filter(photo=photo, withdrawn_at=None).first()
    if copy is not None:
        copy.withdrawn_at = now
        copy.save(update_fields=["withdrawn_at"])
    return copy
