"""Telephone and identity numbers inside what people wrote: whole for who handles the case now, starred for all others."""

from chuangwen.cases.models import Case
from chuangwen.rules.case_flow import Status
from chuangwen.rules.permissions import Actor, Permission, may
from chuangwen.rules.personal_numbers import hidden_numbers

_AT_OFFICE = frozenset({Status.REPORTED, Status.ACCEPTED, Status.RETURNED})


def handles(actor: Actor, case: Case) -> bool:
    """Whether the case waits for this person's work: the unit that has it, the office before it is dispatched."""
    thing = case.thing()
    if case.flow_status in _AT_OFFICE:
        return may(actor, Permission.CASE_DISPATCH, thing)
    return may(actor, Permission.CASE_HANDLE, thing)


def words_for(actor: Actor, case: Case, words: str) -> str:
    """What somebody may read of words in a case."""
    return words if handles(actor, case) else hidden_numbers(words)
