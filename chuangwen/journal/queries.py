"""Reading the journal."""

from collections.abc import Iterable, Sequence

from django.db.models import QuerySet

from chuangwen.journal.models import Event, Root, Run
from chuangwen.rules.refusals import NotFound


def events_of(subject_kind: str, subject_id: int) -> Sequence[Event]:
    """The whole history of one subject, oldest first."""
    return list(Event.objects.filter(subject_kind=subject_kind, subject_id=subject_id).order_by("id"))


def last_event_of(subject_kind: str, subject_id: int) -> Event | None:
    """The latest thing that happened to a subject."""
    return Event.objects.filter(subject_kind=subject_kind, subject_id=subject_id).order_by("-id").first()


def last_events_of(subject_kind: str, subject_ids: Iterable[int], kind: str) -> dict[int, Event]:
    """The latest event of one kind for each of these subjects, by the id of the subject; one statement."""
    rows = Event.objects.filter(subject_kind=subject_kind, subject_id__in=list(subject_ids), kind=kind)
    return {event.subject_id: event for event in rows.order_by("id")}


def event_by_client_key(client_key: str) -> Event | None:
    """The event that a repeated submission already made, if any."""
    return Event.objects.filter(client_key=client_key).first() if client_key else None


def failing(at_most: int = 50) -> Sequence[Event]:
    """Events whose reactions failed at least once and still wait, for a person to look at."""
    waiting = Event.objects.filter(handled_at=None, attempts__gte=1).exclude(last_error="")
    return list(waiting.order_by("-attempts", "id")[:at_most])


def last_runs(at_most: int = 30) -> Sequence[Run]:
    """The latest pieces of scheduled work, newest first."""
    return list(Run.objects.order_by("-moment", "name")[:at_most])


def event_by_id(event_id: int) -> Event:
    """One event; who may look at it is for the caller to ask. Refuses unknown numbers."""
    event = Event.objects.filter(pk=event_id).first() if event_id < 2**63 else None
    if event is None:
        raise NotFound
    return event


def recorded_roots() -> QuerySet[Root]:
    """Every recorded root of the log, the newest first."""
    return Root.objects.order_by("-size")


def newest_root() -> Root | None:
    """The root that was recorded last."""
    return recorded_roots().first()


def waiting_for_the_log(at_most: int = 10_000) -> int:
    """How many events are not in the log yet; normally those of the last second."""
    return Event.objects.filter(position=None).order_by()[:at_most].count()
