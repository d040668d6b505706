"""A person's work list as pages show it: how much is late, due today, or later, and one page of it by key."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.db.models import Count, Q

from chuangwen.cases.models import Case
from chuangwen.cases.queries import to_do
from chuangwen.rules.permissions import Actor
from chuangwen.rules.refusals import BadInput

# Case is the row type, for annotations of the pages that show it.
__all__ = ["Case", "Waiting", "end_of_day", "urgency", "waiting", "work_page"]

BEIJING = ZoneInfo("Asia/Shanghai")


@dataclass(frozen=True)
class Waiting:
    """How many cases wait for somebody, by when they should have acted."""

    late: int
    today: int
    later: int

    @property
    def total(self) -> int:
        """All that waits."""
        return self.late + self.today + self.later


def end_of_day(now: datetime) -> datetime:
    """The midnight with which today ends in Beijing."""
    return datetime.combine(now.astimezone(BEIJING).date() + timedelta(days=1), time(), BEIJING)


def urgency(case: Case, now: datetime) -> str:
    """late, today or later: the same borders as in `waiting`."""
    if case.act_by < now:
        return "late"
    return "today" if case.act_by < end_of_day(now) else "later"


def waiting(actor: Actor, now: datetime) -> Waiting:
    """The figures above the work list, in one statement."""
    midnight = end_of_day(now)
    figures = (
        to_do(actor)
        .order_by()
        .aggregate(
            late=Count("pk", filter=Q(act_by__lt=now)),
            today=Count("pk", filter=Q(act_by__gte=now, act_by__lt=midnight)),
            later=Count("pk", filter=Q(act_by__gte=midnight)),
        )
    )
    return Waiting(**figures)


def _after(key: str) -> Q:
    raw, _, row = key.rpartition("~")
    try:
        moment = datetime.fromisoformat(raw)
    except ValueError as error:
        raise BadInput("翻页位置不认识，请从第一页开始。") from error
    if not row.isdigit() or moment.tzinfo is None:
        raise BadInput("翻页位置不认识，请从第一页开始。")
    return Q(act_by__gt=moment) | Q(act_by=moment, id__gt=int(row))


def work_page(actor: Actor, *, after: str = "", size: int = 50) -> tuple[Sequence[Case], str]:
    """The next cases to act on, soonest first, with the owner of each site; and the key from which the list goes on."""
    cases = to_do(actor).select_related("site__owner")
    if after:
        cases = cases.filter(_after(after))
    rows = list(cases[: size + 1])
    last = rows[size - 1] if len(rows) > size else None
    return rows[:size], f"{last.act_by.isoformat()}~{last.pk}" if last else ""
