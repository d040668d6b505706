"""Erasing words by law, without breaking the trace (个人信息保护法 art. 47; what must be kept by law stays)."""

from datetime import datetime

from django.db import connection, transaction

from chuangwen.journal.models import Event
from chuangwen.journal.operations import record
from chuangwen.rules.permissions import Actor, Permission, may
from chuangwen.rules.refusals import NotFound, Refused


@transaction.atomic
def erase_personal(*, event_id: int, reason: str, by: Actor, now: datetime) -> Event:
    """Remove the words of an event and their salt for good; an event says that and why. The rest of it stays.

    Returns the event of the erasure. Refuses where there are no words, or without a reason.
    """
    event = Event.objects.select_for_update().filter(pk=event_id).first()
    if event is None:
        raise NotFound
    objections = [] if may(by, Permission.JOURNAL_ERASE) else ["依法删除个人信息由文明办主任或系统管理员办理。"]
    if not reason.strip():
        objections.append("请写明删除的理由，例如：本人申请，依据《个人信息保护法》第四十七条。")
    if len(reason.strip()) > 500:
        objections.append("理由最多 500 字。")
    if event.is_erased:
        objections.append("这条留痕的文字已经删除过了。")
    elif event.words is None:
        objections.append("这条留痕没有可删除的文字。")
    if objections:
        raise Refused(objections)
    erased = sorted(event.words or ())
    if connection.vendor == "sqlite":  # overwrite the freed bytes; PostgreSQL reclaims them when it vacuums
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA secure_delete=ON")
    Event.objects.filter(pk=event_id).update(words=None, salt=None)
    return record(
        kind="journal.erased", subject_kind="event", subject_id=event_id, by=by, now=now, erased=erased,
        reason=reason.strip(),
    )  # fmt: skip
