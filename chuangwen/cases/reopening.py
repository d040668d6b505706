"""A case goes on after its end because whoever reported it is not satisfied; and the answer that they are given."""

from datetime import datetime

from django.db import transaction

from chuangwen.cases.clock import set_due, start_clock
from chuangwen.cases.models import Case
from chuangwen.cases.moving import NOT_ALLOWED, Change, given_words, locked, move_case, refuse_unseen
from chuangwen.journal.operations import record
from chuangwen.rules.case_flow import RUNNING, Move
from chuangwen.rules.permissions import Actor, Permission, may
from chuangwen.rules.refusals import Refused


def reopen(*, case_id: int, reason: str, by: Actor, now: datetime) -> Case:
    """The unit works on it again with its whole limit, counted as rework; after a forced close the office dispatches
    anew. The answer given before no longer stands.
    """

    def change(doing: Change) -> None:
        case = doing.case
        case.rework_count += 1
        case.ended_at = case.rectified_at = None
        case.reply = ""
        if case.flow_status in RUNNING:
            start_clock(case, doing.now)
            set_due(case, doing.calendar)

    return move_case(
        case_id, Move.REOPEN, by=by, now=now, given=given_words(reason), note=reason.strip(), change=change
    )


@transaction.atomic
def answer(*, case_id: int, text: str, by: Actor, now: datetime) -> Case:
    """The answer that stands in the case for its reporter. Refuses whoever does not answer for the case."""
    case = locked(case_id)
    refuse_unseen(case, by)
    if not may(by, Permission.REPLY_SEND, case.thing()):
        raise Refused(NOT_ALLOWED)
    case.reply = text.strip()
    case.version += 1
    case.save(update_fields=["reply", "version"])
    record(kind="case.answered", subject_kind="case", subject_id=case.pk, by=by, now=now, note=case.reply)
    return case
