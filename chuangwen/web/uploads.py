"""What every page with photos does with them: keep each, name every one that cannot be kept."""

import uuid
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from datetime import datetime
from decimal import Decimal, InvalidOperation

from django.http import HttpRequest

from chuangwen.evidence.arriving import Arriving, arriving
from chuangwen.evidence.operations import store_photo
from chuangwen.rules.permissions import Actor
from chuangwen.rules.refusals import BadInput

MOST_PHOTOS = 9


def received_photos(
    request: HttpRequest, *, by: Actor, now: datetime, field: str = "photo"
) -> tuple[list[int], list[str]]:
    """Store every uploaded picture that is one: their ids, and a sentence for each file that is none."""
    files = request.FILES.getlist(field)
    if len(files) > MOST_PHOTOS:
        return [], [f"一次最多传 {MOST_PHOTOS} 张照片。"]
    ids, objections = [], []
    for file in files:
        try:
            ids.append(store_photo(data=file, by=by, now=now).pk)
        except BadInput as refusal:
            objections += [f"{file.name}：{sentence}" for sentence in refusal.objections]
    return ids, objections


@contextmanager
def arriving_photos(request: HttpRequest, *, field: str = "photo") -> Iterator[tuple[list[Arriving], list[str]]]:
    """Every uploaded picture that is one, in a temporary file until the end of the block, and a sentence for each file
    that is none.
    """
    files = request.FILES.getlist(field)
    if len(files) > MOST_PHOTOS:
        yield [], [f"一次最多传 {MOST_PHOTOS} 张照片。"]
        return
    with ExitStack() as stack:
        pictures, objections = [], []
        for file in files:
            try:
                pictures.append(stack.enter_context(arriving(file)))
            except BadInput as refusal:
                objections += [f"{file.name}：{sentence}" for sentence in refusal.objections]
        yield pictures, objections


def stored_photos(request: HttpRequest, *, by: Actor, now: datetime, field: str = "photo") -> Sequence[int]:
    """Store the uploaded pictures; refuses with a sentence for each that is none. Returns their ids."""
    ids, objections = received_photos(request, by=by, now=now, field=field)
    if objections:
        raise BadInput(objections)
    return ids


def posted_position(request: HttpRequest) -> tuple[Decimal | None, Decimal | None]:
    """The position that came with a form, or nothing: a strange one is dropped, it never blocks a report."""
    try:
        lng, lat = (Decimal(request.POST.get(name, "")).quantize(Decimal("0.000001")) for name in ("lng", "lat"))
    except InvalidOperation:
        return None, None
    sound = lng.is_finite() and lat.is_finite() and abs(lng) <= 180 and abs(lat) <= 90
    return (lng, lat) if sound else (None, None)


def fresh_key() -> str:
    """A submission key for a form that the browser did not fill."""
    return uuid.uuid4().hex
