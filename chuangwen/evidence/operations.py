"""Every way evidence comes in."""

import hashlib
from datetime import datetime

from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import transaction

from chuangwen.evidence.models import Photo, Upload
from chuangwen.evidence.pictures import read_picture, thumbnail
from chuangwen.journal.operations import record
from chuangwen.rules.permissions import Actor
from chuangwen.rules.refusals import BadInput


@transaction.atomic
def store_photo(*, data: bytes, by: Actor, now: datetime) -> Photo:
    """Keep a picture once by its content; the same bytes again give the same row."""
    if len(data) > settings.PHOTO_MAX_BYTES:
        raise BadInput(f"照片超过 {settings.PHOTO_MAX_BYTES // 1024 // 1024} MB，请缩小后再传。")
    digest = hashlib.sha256(data).hexdigest()
    known = Photo.objects.filter(sha256=digest).first()
    if known is not None:
        _brought_by(known, by)
        return known
    picture = read_picture(data)
    path = f"photos/{digest[:2]}/{digest}.{picture.suffix}"
    if not default_storage.exists(path):
        default_storage.save(path, ContentFile(data))
    photo, created = Photo.objects.get_or_create(
        sha256=digest,
        defaults={
            "path": path,
            "media_type": picture.media_type,
            "size": len(data),
            "width": picture.width,
            "height": picture.height,
            "taken_at": picture.taken_at,
            "lng": picture.lng,
            "lat": picture.lat,
            "stored_by_id": by.user_id,
            "stored_at": now,
        },
    )
    _brought_by(photo, by)
    if created:
        record(kind="photo.stored", subject_kind="photo", subject_id=photo.pk, by=by, now=now, sha256=digest)
    return photo


def _brought_by(photo: Photo, by: Actor) -> None:
    if by.user_id is not None:
        Upload.objects.get_or_create(photo=photo, user_id=by.user_id)


def make_thumbnail(*, photo_id: int) -> bool:
    """Make the small copy if it is missing; repeatable. Returns whether there was work."""
    photo = Photo.objects.filter(pk=photo_id, thumb_path="").first()
    if photo is None:
        return False
    path = f"thumbs/{photo.sha256[:2]}/{photo.sha256}.jpg"
    if not default_storage.exists(path):
        with default_storage.open(photo.path) as original:
            default_storage.save(path, ContentFile(thumbnail(original.read())))
    return bool(Photo.objects.filter(pk=photo_id, thumb_path="").update(thumb_path=path))
