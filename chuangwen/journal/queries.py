"""Reading the journal."""

from collections.abc import Sequence

from chuangwen.journal.models import Event, Run


def events_of(subject_kind: str, subject_id: int) -> Sequence[Event]:
    """The whole history of one subject, oldest first."""
    return list(Event.objects.filter(subject_kind=subject_kind, subject_id=subject_id).order_by("id"))


def last_event_of(subject_kind: str, subject_id: int) -> Event | None:
    """The latest thing that happened to a subject."""
    return Event.objects.filter(subject_kind=subject_kind, subject_id=subject_id).order_by("-id").first()


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
