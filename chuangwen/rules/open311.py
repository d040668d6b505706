"""Open311 GeoReport v2 (wiki.open311.org/GeoReport_v2, open311/open311.github.io GeoReport/v2/index.md) as plain data.

Statuses of updates are those that FixMyStreet's client knows (mysociety/fixmystreet, Open311.pm).
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final
from xml.sax.saxutils import escape

from chuangwen.rules.case_flow import OPEN, Move, Status
from chuangwen.rules.residents import said_of

_UNPRINTABLE: Final = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")  # XML 1.0, 2.2
# The name of an entry of a list, by the name of the list.
_ENTRIES: Final = {
    "services": "service", "attributes": "attribute", "values": "value", "service_requests": "request",
    "errors": "error", "endpoints": "endpoint", "formats": "format", "service_request_updates": "request_update",
    "photos": "photo", "notes": "note",
}  # fmt: skip
# What a move of a case is called in an update.
UPDATES: Final[Mapping[Move, tuple[str, Status]]] = {
    Move.ACCEPT: ("INVESTIGATING", Status.ACCEPTED),
    Move.REFUSE: ("NOT_COUNCILS_RESPONSIBILITY", Status.REFUSED),
    Move.DISPATCH: ("ACTION_SCHEDULED", Status.DISPATCHED),
    Move.RETURN: ("INTERNAL_REFERRAL", Status.RETURNED),
    Move.RECEIVE: ("IN_PROGRESS", Status.HANDLING),
    Move.RECTIFY: ("IN_PROGRESS", Status.RECTIFIED),
    Move.VERIFY: ("FIXED", Status.VERIFIED),
    Move.REJECT: ("IN_PROGRESS", Status.HANDLING),
    Move.CLOSE: ("FIXED", Status.CLOSED),
    Move.FORCE_CLOSE: ("CLOSED", Status.FORCE_CLOSED),
    Move.CANCEL: ("NO_FURTHER_ACTION", Status.CANCELLED),
    Move.SUSPEND: ("ACTION_SCHEDULED", Status.SUSPENDED),
    Move.RESUME: ("IN_PROGRESS", Status.HANDLING),
    Move.REOPEN: ("REOPEN", Status.HANDLING),
}
KNOWN_STATUSES: Final = frozenset(status for status, _ in UPDATES.values()) | {
    "OPEN", "DUPLICATE", "FOR_TRIAGE", "CANCELLED",
}  # fmt: skip


def state_of(status: Status) -> str:
    """The two words of the standard: open or closed. Checked in place counts as closed: nothing is left to do."""
    return "open" if status in OPEN and status is not Status.VERIFIED else "closed"


def open_statuses() -> tuple[str, ...]:
    """The statuses that the standard calls open, in one order."""
    return tuple(sorted(status.value for status in Status if state_of(status) == "open"))


def update_of(move: Move) -> tuple[str, str]:
    """What an update says of a move: its status and a sentence for the resident."""
    status, reached = UPDATES[move]
    return status, said_of(reached)


def as_xml(root: str, value: Any) -> str:
    """The same data as XML, in the spelling of the standard: a list is an element for each entry, nothing is nil."""
    return f'<?xml version="1.0" encoding="utf-8"?>\n{_element(root, value)}'


def _element(name: str, value: Any) -> str:
    if isinstance(value, Mapping):
        inner = "".join(_element(key, part) for key, part in value.items())
    elif isinstance(value, Sequence) and not isinstance(value, str):
        inner = "".join(_element(_ENTRIES[name], part) for part in value)
    elif value is None:
        inner = ""
    elif isinstance(value, bool):
        inner = "true" if value else "false"
    else:
        inner = escape(_UNPRINTABLE.sub("\N{REPLACEMENT CHARACTER}", str(value)))
    return f"<{name}>{inner}</{name}>"
