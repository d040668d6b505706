"""Pictures that came with a form: a refused submission keeps what was stored, so that nobody chooses it twice."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.core import signing
from django.http import HttpRequest

from chuangwen.http import actor_of, now_of
from chuangwen.web.uploads import received_photos

SALT = "kept-photos"
KEPT_FOR = 12 * 3600  # seconds, as long as a session


@dataclass(frozen=True)
class Kept:
    """Pictures that are stored already: a signed word for them, and how many."""

    token: str = ""
    count: int = 0


NOTHING_KEPT = Kept()


def keep(request: HttpRequest, ids: Sequence[int]) -> Kept:
    """A word that brings these pictures back with the next submission of the same person, and of nobody else."""
    if not ids:
        return NOTHING_KEPT
    return Kept(signing.dumps({"ids": list(ids), "user": actor_of(request).user_id}, salt=SALT), len(ids))


def _brought_back(request: HttpRequest) -> list[int]:
    try:
        kept = signing.loads(request.POST.get("kept", ""), salt=SALT, max_age=KEPT_FOR)
    except signing.BadSignature:
        return []
    return [int(photo_id) for photo_id in kept["ids"]] if kept["user"] == actor_of(request).user_id else []


def received(request: HttpRequest) -> tuple[list[int], list[str]]:
    """The ids of all pictures of this submission that could be kept, and what is wrong with the other files."""
    ids, objections = received_photos(request, by=actor_of(request), now=now_of(request))
    return [*_brought_back(request), *ids], objections
