"""Granted appeals that a released table does not know of: settled after it was computed, about its period and its unit."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any

from chuangwen.appeals.models import Appeal
from chuangwen.rules.appeals import Outcome
from chuangwen.scores.models import ScoreLine
from chuangwen.scores.reach import local_day

_GRANTED = [Outcome.GRANTED.value, Outcome.PARTLY.value]
_FIELDS = (
    "pk", "settled_at", "unit__path", "home__path", "window__starts_on", "window__ends_on", "case__reported_at",
    "finding__visit__finished_at",
)  # fmt: skip


def granted_since(path: str, lines: Sequence[ScoreLine], now: datetime) -> dict[int, tuple[str, ...]]:
    """Line (number) -> such appeals in words; one statement, none without lines.

    What was granted before a table was computed or corrected is in its figures already (see scores/lifting.py).
    """
    if not lines:
        return {}
    first = min(line.sheet.appeals_known_at for line in lines)
    rows = Appeal.objects.filter(
        outcome__in=_GRANTED, settled_at__gt=first, settled_at__lte=now, home__path__startswith=path
    )
    told = list(rows.order_by("pk").values(*_FIELDS))
    return {line.pk: tuple(_of(line, told)) for line in lines} if told else {}


def _of(line: ScoreLine, told: Sequence[dict[str, Any]]) -> Iterable[str]:
    for row in told:
        mine = any(row[name].startswith(line.unit.path) for name in ("unit__path", "home__path"))
        if mine and row["settled_at"] > line.sheet.appeals_known_at and _about(row, line):
            yield f"申诉 {row['pk']} 号"


def _about(row: dict[str, Any], line: ScoreLine) -> bool:
    """Whether an appeal is about the period: of its window, or of a case or finding of one of its days."""
    start, end = line.sheet.period_start, line.sheet.period_end
    if (row["window__starts_on"], row["window__ends_on"]) == (start, end):
        return True
    return any(_in(row[name], start, end) for name in ("case__reported_at", "finding__visit__finished_at"))


def _in(moment: datetime | None, start: date, end: date) -> bool:
    return moment is not None and start <= local_day(moment) <= end
