"""The only way an event comes into being, and the only ways its outbox fields move."""

from collections.abc import Collection, Iterable
from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction

from chuangwen.journal.inserting import inserted
from chuangwen.journal.models import Event, Run
from chuangwen.journal.sealing import sealed
from chuangwen.rules.permissions import Actor
from chuangwen.rules.trace import Entry

PUSH_AHEAD = (timedelta(seconds=30), timedelta(minutes=5), timedelta(hours=1), timedelta(hours=12))


def record(
    *,
    kind: str,
    subject_kind: str,
    subject_id: int,
    by: Actor,
    now: datetime,
    client_key: str | None = None,
    **facts: Any,
) -> Event:
    """Write what happened. Must be called inside the transaction that makes it happen.

    Facts named in rules/trace.PERSONAL are words of or about people: they stay erasable. The worker puts the event
    into the log after commit (journal/log.py).
    """
    if not connection.in_atomic_block:
        raise RuntimeError("record() belongs inside the transaction of the change it records")
    bare = Entry(kind, subject_kind, subject_id, by.user_id, by.name, now, {}, client_key or None, None, b"")
    made = sealed(bare, facts)
    return inserted(
        Event(
            kind=kind, subject_kind=subject_kind, subject_id=subject_id, actor_id=by.user_id, actor_name=by.name,
            at=now, client_key=client_key or None, next_try_at=now, facts=made.facts, words=made.words, salt=made.salt,
            commitment=made.commitment, nonce=made.nonce, digest=made.digest, marks=made.marks, seal=made.seal,
        )
    )  # fmt: skip


def claim_next(*, kinds: Iterable[str], now: datetime, lease: timedelta = timedelta(minutes=2)) -> Event | None:
    """Take the oldest waiting event of these kinds for one worker; others will not see it until the lease ends."""
    with transaction.atomic():
        waiting = Event.objects.filter(handled_at=None, next_try_at__lte=now, kind__in=list(kinds))
        if connection.features.has_select_for_update_skip_locked:
            waiting = waiting.select_for_update(skip_locked=True)
        event = waiting.order_by("next_try_at", "id").first()
        if event is None:
            return None
        event.attempts += 1
        event.next_try_at = now + lease
        event.save(update_fields=["attempts", "next_try_at"])
        return event


def mark_handled(*, event_id: int, now: datetime) -> None:
    """Everything that follows from the event has been done."""
    Event.objects.filter(pk=event_id, handled_at=None).update(handled_at=now, last_error="")


def settle_of(*, subject_kind: str, subject_ids: Collection[int], now: datetime) -> None:
    """Nothing follows from what happened to these so far: their events leave the outbox, all at once."""
    waiting = Event.objects.filter(subject_kind=subject_kind, subject_id__in=subject_ids, handled_at=None)
    waiting.update(handled_at=now)


def push_ahead(*, event: Event, error: str, now: datetime) -> None:
    """A reaction failed: try again later, later each time, so that a poisonous row never blocks the queue."""
    wait = PUSH_AHEAD[min(event.attempts, len(PUSH_AHEAD)) - 1]
    Event.objects.filter(pk=event.pk).update(next_try_at=now + wait, last_error=error[:300])


def settle_without_reaction(*, kinds: Iterable[str], now: datetime, at_most: int = 20_000) -> int:
    """Mark events of kinds that nothing follows from, so that the outbox index stays small. Returns how many."""
    waiting = Event.objects.filter(handled_at=None).exclude(kind__in=list(kinds)).order_by("next_try_at", "id")
    ids = list(waiting.values_list("pk", flat=True)[:at_most])
    return Event.objects.filter(pk__in=ids).update(handled_at=now) if ids else 0


def claim_run(*, name: str, moment: datetime, now: datetime) -> Run | None:
    """Claim a piece of scheduled work; None when another worker has it or it was done."""
    run, created = Run.objects.get_or_create(name=name, moment=moment, defaults={"started_at": now})
    return run if created else None


def finish_run(*, run: Run, now: datetime, error: str = "") -> None:
    """The scheduled work ended, well or not."""
    Run.objects.filter(pk=run.pk).update(finished_at=now, error=error[:300])
