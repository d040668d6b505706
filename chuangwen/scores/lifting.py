"""What granted appeals take out of the figures of a period, part by part."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Final

from chuangwen.appeals.queries import Granted, granted_within
from chuangwen.people.models import Unit
from chuangwen.rules.appeals import Effect, Lifted, Subject

OUT: Final = frozenset({Effect.NOT_COUNTED, Effect.NOT_THIS_UNIT})
EXCUSES: Final[Mapping[str, frozenset[Effect]]] = {
    "rectification": frozenset({Effect.NOT_OVERDUE, Effect.NEITHER}),
    "rework": frozenset({Effect.NOT_REWORKED, Effect.NEITHER}),
}


class Lifts:
    """The granted appeals of a period, ready to be asked for a part of a unit's line."""

    def __init__(self, granted: Sequence[Granted]) -> None:
        self._granted = granted

    def of(self, key: str, unit_id: int) -> Lifted:
        """What is taken out of one part of one line."""
        whole = [one for one in self._granted if (one.subject, one.unit_id, one.part) == (Subject.PART, unit_id, key)]
        return Lifted(
            out=dict(_out_of_field(self._granted) if key == "field" else _cases_out(self._granted)),
            excused=dict(_excused(self._granted, key)), whole=whole[0].appeal_id if whole else None,
        )  # fmt: skip


def _out_of_field(granted: Iterable[Granted]) -> Iterable[tuple[int, int]]:
    """Findings appealed themselves, and those whose case turned out to be no fault at all."""
    for one in granted:
        if one.finding_id is not None:
            yield one.finding_id, one.appeal_id
        elif one.origin_finding_id is not None and one.effect is Effect.NOT_COUNTED:
            yield one.origin_finding_id, one.appeal_id


def _cases_out(granted: Iterable[Granted]) -> Iterable[tuple[int, int]]:
    """Cases that count nowhere. Not those of an appealed finding: put right in time, they speak for the unit."""
    for one in granted:
        if one.case_id is not None and one.effect in OUT:
            yield one.case_id, one.appeal_id


def _excused(granted: Iterable[Granted], key: str) -> Iterable[tuple[int, int]]:
    for one in granted:
        if one.case_id is not None and one.effect in EXCUSES.get(key, ()):
            yield one.case_id, one.appeal_id


def lifts_in(scope: Unit, start: date, end: date, known_at: datetime | None = None) -> Lifts:
    """What appeals took out of a period of a branch, as known at a moment; by default now."""
    return Lifts(granted_within(scope.path, start, end, known_at))
