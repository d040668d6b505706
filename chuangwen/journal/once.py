"""Safe to repeat: the same submission makes one thing, also when it arrives twice at the same moment."""

from collections.abc import Callable
from typing import TypeVar

from django.db import IntegrityError, transaction

from chuangwen.journal.queries import event_by_client_key
from chuangwen.rules.refusals import Refused

T = TypeVar("T")
KEY_TAKEN = "提交标识已用过，请刷新页面后重试。"


def once(find: Callable[[], T | None], make: Callable[[], T]) -> T:
    """What the submission already made, else make it. The database's unique key decides between two at once:
    the slower one gets what the faster one made, also when that is why it was refused.
    """
    known = find()
    if known is not None:
        return known
    try:
        with transaction.atomic():
            return make()
    except (IntegrityError, Refused) as refusal:
        known = find()
        if known is not None:
            return known
        if isinstance(refusal, Refused):
            raise
        raise Refused("刚刚有人提交了相同编号的内容。请刷新页面，核对后再提交。") from refusal


def taken_before(client_key: str | None, subject_kind: str, subject_id: int) -> bool:
    """Whether this very submission was taken for this subject; one that was taken for another is refused."""
    event = event_by_client_key(client_key) if client_key else None
    if event is not None and (event.subject_kind, event.subject_id) != (subject_kind, subject_id):
        raise Refused(KEY_TAKEN)
    return event is not None
