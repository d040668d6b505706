"""Photos worth a look, so that a verifier sees what a hint is; and photos that residents may see."""

import io
import random
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from django.core.files.storage import default_storage
from PIL import Image

from chuangwen.cases import operations as cases
from chuangwen.cases.models import Case, CasePhoto, PhotoRole
from chuangwen.cases.photo_hints import examine_photos, pass_over_earlier_photos, release_photo
from chuangwen.evidence.models import Photo
from chuangwen.evidence.operations import make_print, make_thumbnail, store_photo
from chuangwen.people.models import Post
from chuangwen.people.queries import actor_by_username
from chuangwen.project.demo.pictures import picture_pair
from chuangwen.rules.case_flow import Status
from chuangwen.rules.deadlines import SHANGHAI
from chuangwen.rules.masking import Box
from chuangwen.rules.permissions import UNIT, Actor

REMARK = "已清理，请核查。"
PUBLISHED = 8
_NEW = 900  # numbers of drawn pictures that the months before did not use


def load(*, now: datetime) -> None:
    """The months before are only searched; then a few cases are handed in with photos of today."""
    pass_over_earlier_photos(now=now)
    for photo_id in Photo.objects.filter(print=None).values_list("pk", flat=True):
        make_print(photo_id=photo_id)
    running = Case.objects.filter(status=Status.HANDLING.value, photos__role=PhotoRole.BEFORE.value, order=None)
    running = running.select_related("site", "unit").distinct().order_by("-id")
    for case, draw in zip(running[: len(_PHOTOS)], _PHOTOS, strict=False):
        _hand_in(case, draw(case, now), now)
    examine_photos(now=now)
    _publish(now)


def _hand_in(case: Case, data: bytes, now: datetime) -> None:
    by = _worker(case, now)
    if by is None:
        return
    photo = store_photo(data=data, by=by, now=now - timedelta(minutes=30))
    make_thumbnail(photo_id=photo.pk)
    cases.rectify(case_id=case.pk, note=REMARK, photo_ids=[photo.pk], by=by, now=now - timedelta(minutes=20))


def _worker(case: Case, now: datetime) -> Actor | None:
    if case.unit_id is None:
        return None
    roles = [role.value for role in UNIT]
    post = Post.objects.filter(unit_id=case.unit_id, role__in=roles).select_related("user").first()
    return actor_by_username(post.user.username, now.date()) if post else None


def _jpeg(image: Image.Image, exif: Image.Exif | None = None) -> bytes:
    out = io.BytesIO()
    image.save(out, "JPEG", quality=70, exif=Image.Exif() if exif is None else exif)
    return out.getvalue()


def _drawn(number: int) -> Image.Image:
    return Image.open(io.BytesIO(picture_pair(_NEW + number)[1])).convert("RGB")


def _stated(at: datetime, *, software: str = "") -> Image.Exif:
    exif = Image.Exif()
    exif.get_ifd(0x8769)[0x9003] = f"{at.astimezone(SHANGHAI):%Y:%m:%d %H:%M:%S}"
    if software:
        exif[0x0131] = software
    return exif


def _used_before(case: Case, _now: datetime) -> bytes:
    """The clean picture of another place, cut and stored again."""
    other = CasePhoto.objects.filter(role=PhotoRole.AFTER).exclude(case=case).exclude(case__site=case.site)
    row = other.select_related("photo").order_by("-id").first()
    if row is None:
        return _jpeg(_drawn(0))
    with default_storage.open(row.photo.path) as file:
        image = Image.open(file).convert("RGB")
    return _jpeg(image.crop((20, 12, image.width - 18, image.height - 10)))


def _clock_off(case: Case, _now: datetime) -> bytes:
    """A phone whose clock is two years behind, stored by a picture editor."""
    return _jpeg(_drawn(1), _stated(case.reported_at - timedelta(days=731), software="Snapseed 2.19"))


def _elsewhere(case: Case, now: datetime) -> bytes:
    """A photo that says it was taken a few kilometres away."""
    exif = _stated(now - timedelta(hours=1))
    lng, lat = float(case.site.lng if case.site else 120.87) + 0.03, float(case.site.lat if case.site else 32.01)
    exif.get_ifd(0x8825).update({1: "N", 2: (lat, 0, 0), 3: "E", 4: (lng, 0, 0)})
    return _jpeg(_drawn(2), exif)


def _as_usual(_case: Case, now: datetime) -> bytes:
    """A photo with nothing to say about it."""
    return _jpeg(_drawn(3), _stated(now - timedelta(hours=1)))


_PHOTOS: Sequence[Callable[[Case, datetime], bytes]] = (_used_before, _clock_off, _elsewhere, _as_usual)


def _publish(now: datetime) -> None:
    """Photos of finished cases, some with covered spots as if somebody had stood there."""
    by, rng = actor_by_username("clerk", now.date()), random.Random(8)
    rows = CasePhoto.objects.filter(case__status=Status.CLOSED.value, case__site__isnull=False, role=PhotoRole.AFTER)
    seen: set[int] = set()
    for row in rows.order_by("-id")[:200]:
        if len(seen) < PUBLISHED and row.photo_id not in seen:
            boxes = [Box(rng.uniform(0.1, 0.7), rng.uniform(0.45, 0.6), 0.06, 0.1)] if len(seen) % 2 else []
            release_photo(
                case_id=row.case_id, photo_id=row.photo_id, boxes=boxes, nothing_to_hide=not boxes, by=by, now=now
            )
            seen.add(row.photo_id)
