"""Reading evidence. Doors to a photo belong to what the photo is evidence of (a case, a finding)."""

from collections.abc import Iterable
from typing import IO

from django.core.files.storage import default_storage

from chuangwen.evidence.models import Photo
from chuangwen.rules.permissions import Actor
from chuangwen.rules.refusals import NotFound


def known_photos(photo_ids: Iterable[int], *, by: Actor) -> list[Photo]:
    """The photos with these ids, in the order asked for; refuses unknown ones and those somebody else brought in."""
    wanted = list(dict.fromkeys(photo_ids))
    if not wanted:
        return []
    own = Photo.objects.all() if by.system else Photo.objects.filter(uploads__user=by.user_id)
    found = own.in_bulk(wanted)
    if len(found) != len(wanted):
        raise NotFound("有照片没有传上来，请重新选择照片。")
    return [found[photo_id] for photo_id in wanted]


def open_photo(photo: Photo, *, small: bool) -> tuple[IO[bytes], str]:
    """The bytes and media type; the original while the small copy is not made yet."""
    if small and photo.thumb_path:
        return default_storage.open(photo.thumb_path), "image/jpeg"
    return default_storage.open(photo.path), photo.media_type
