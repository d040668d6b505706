"""Pictures that came with a form: a refused submission keeps what was stored, so that nobody chooses it twice."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from django.core import signing
from django.http import HttpRequest

from chuangwen.evidence.arriving import Arriving
from chuangwen.evidence.operations import store_photo
from chuangwen.http import actor_of, now_of
from chuangwen.web.uploads import arriving_photos, received_photos

SALT = "kept-photos"
KEPT_FOR = 12 * 3600  # seconds, as long as a session


@dataclass(frozen=True)
class Kept:
    """Pictures that are stored already: a signed word for them, and how many."""

    token: str = ""
    count: int = 0


NOTHING_KEPT = Kept()


def keep(request: HttpRequest, photos: Sequence[int | Arriving]) -> Kept:
    """A word that brings these pictures back with the next submission of the same person, and of nobody else.

    Pictures that are still on their way are stored now.
    """
    if not photos:
        return NOTHING_KEPT
    by, now = actor_of(request), now_of(request)
    ids = [one if isinstance(one, int) else store_photo(data=one, by=by, now=now).pk for one in photos]
    return Kept(signing.dumps({"ids": list(ids), "user": actor_of(request).user_id}, salt=SALT), len(ids))


def _brought_back(request: HttpRequest) -> list[int]:
    try:
        kept = signing.loads(request.POST.get("kept", ""), salt=SALT, max_age=KEPT_FOR)
    except signing.BadSignature:
        return []
    return [int(photo_id) for photo_id in kept["ids"]] if kept["user"] == actor_of(request).user_id else []


@contextmanager
def on_their_way(request: HttpRequest) -> Iterator[tuple[list[int | Arriving], list[str]]]:
    """All pictures of this submission, read and looked at but not stored: the operation stores them with what it does,
    or `keep` does when it is refused. Also what is wrong with the other files.
    """
    with arriving_photos(request) as (pictures, objections):
        yield [*_brought_back(request), *pictures], objections


def received(request: HttpRequest) -> tuple[list[int], list[str]]:
    """The ids of all pictures of this submission that could be kept, and what is wrong with the other files."""
    ids, objections = received_photos(request, by=actor_of(request), now=now_of(request))
    return [*_brought_back(request), *ids], objections
