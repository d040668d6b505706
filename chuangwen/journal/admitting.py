"""Letting in events that were set aside although the house wrote them, for instance under a key that was lost."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from chuangwen.journal.models import Event
from chuangwen.journal.operations import record
from chuangwen.journal.sealing import seal
from chuangwen.rules.permissions import SYSTEM
from chuangwen.rules.refusals import Refused
from chuangwen.rules.trace import digest_of, field_hashes


@transaction.atomic
def admit(*, event_ids: Sequence[int], reason: str, now: datetime) -> int:
    """Seal these events anew, by=SYSTEM, so that the worker puts them into the log; each admission is an event of its own.

    Refuses events that were not set aside, or whose content does not fit their digest. Returns how many.
    """
    rows = Event.objects.select_for_update().in_bulk(list(event_ids))
    objections = [] if reason.strip() else ["请写明为什么可以进树。"]
    for event_id in event_ids:
        objections += _objections(event_id, rows.get(event_id))
    if objections:
        raise Refused(objections)
    for event in rows.values():
        Event.objects.filter(pk=event.pk).update(seal=seal(bytes(event.digest or b"")), position=None)
        record(
            kind="journal.admitted",
            subject_kind="event",
            subject_id=event.pk,
            by=SYSTEM,
            now=now,
            reason=reason.strip(),
        )
    return len(rows)


def _objections(event_id: int, event: Event | None) -> list[str]:
    if event is None:
        return [f"没有编号为 {event_id} 的留痕。"]
    if event.position is None or event.position >= 0:
        return [f"留痕 {event_id} 没有被挡在树外。"]
    if event.digest is None or digest_of(field_hashes(event.entry())) != bytes(event.digest):
        return [f"留痕 {event_id} 的内容与摘要不符，不能进树。"]
    return []
