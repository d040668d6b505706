"""Events in the log of the journal, and what somebody with the database in their hands can do to them."""

from datetime import timedelta
from typing import Any

from django.db import connection, transaction

from chuangwen.journal.log import place_waiting, record_root
from chuangwen.journal.operations import record
from chuangwen.journal.verifying import Fault, Report
from chuangwen.rules.permissions import SYSTEM
from tests.world import NOW

LATER = NOW + timedelta(hours=1)
MANY = 300  # more than one tile
HALF = MANY // 2


def happen(count: int, *, note: str = "", first: int = 1) -> list[int]:
    """So many events of one subject. Returns their numbers."""
    with transaction.atomic():
        made = [
            record(kind="case.note", subject_kind="case", subject_id=number, by=SYSTEM, now=NOW, step=number, note=note)
            for number in range(first, first + count)
        ]
    return [event.pk for event in made]


def place_all() -> None:
    """The worker comes round until nothing waits."""
    while place_waiting():
        pass


def filled() -> list[int]:
    """Many events in the log, a root in the middle and one at the end. Returns the numbers of the events in order."""
    first = happen(HALF, note="张三 13812345678")
    place_all()
    record_root(now=NOW)
    second = happen(HALF, first=MANY)
    place_all()
    record_root(now=LATER)
    return first + second


def sql(statement: str, *values: Any) -> None:
    """What somebody with the database in their hands can do."""
    with connection.cursor() as cursor:
        cursor.execute(statement, values)


def only(report: Report, kind: str) -> Fault:
    """The one thing that is wrong."""
    assert [fault.kind for fault in report.faults] == [kind], [fault.text for fault in report.faults]
    return report.faults[0]
