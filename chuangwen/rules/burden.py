"""Burden, measured and bounded (报一次): what the system asks of each role in a month, in minutes, against a budget.

Counted is what is asked (a form, a required photo, a report, a meeting), never what a person does in the software:
中央网信委《关于防治“指尖上的形式主义”的若干意见》(2023-12) and 国务院办公厅《政务移动互联网应用程序规范化管理办法》
(2026-01) forbid figures of use, and neither a name nor a person is known here, only a role and a kind of unit.
"""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from enum import StrEnum

from chuangwen.rules.permissions import Role


class Task(StrEnum):
    """A kind of thing that is asked, with its standard minutes."""

    CHECK = "check"
    VISIT = "visit"
    PHOTO = "photo"
    RECHECK = "recheck"
    RECTIFY = "rectify"
    REPORT = "report"
    REMARK = "remark"
    PLACE = "place"
    MEETING = "meeting"

    @property
    def label(self) -> str:
        """The Chinese name."""
        return TASKS[self][0]


# Kind -> name, standard minutes at first, and where they come from. The office's chief may set others.
TASKS: Mapping[Task, tuple[str, Decimal, str]] = {
    Task.CHECK: ("判定一条标准", Decimal("0.5"), "按现场逐条看的时间估定"),
    Task.VISIT: ("到一个点位（含路程）", Decimal(15), "按同片点位步行、骑行估定"),
    Task.PHOTO: ("拍一张要求的照片", Decimal(1), "按拍摄、选取估定"),
    Task.RECHECK: ("复核一个点位", Decimal(20), "路程加盲查，估定"),
    Task.RECTIFY: ("填一次整改结果", Decimal(5), "只算填报，不算整改本身，估定"),
    Task.REPORT: ("写一份完成情况", Decimal(20), "按一页材料估定"),
    Task.REMARK: ("答复一条督查意见", Decimal(10), "按几句话加照片估定"),
    Task.PLACE: ("查一处排查点位（不含逐条判定）", Decimal(15), "同“到一个点位”"),
    Task.MEETING: ("开一次会", Decimal(90), "按半天内的会议估定"),
}


@dataclass(frozen=True)
class Asked:
    """So much is asked of one role, in units of one kind, by one source.

    `tasks`: kind -> how often; `forms`, `photos`, `meetings` are counts within it, kept apart because people feel them.
    """

    source: str
    role: Role
    unit_kind: str = ""
    tasks: Mapping[Task, int] = field(default_factory=dict)

    @property
    def photos(self) -> int:
        """Required photos."""
        return self.tasks.get(Task.PHOTO, 0)

    @property
    def meetings(self) -> int:
        """Meetings."""
        return self.tasks.get(Task.MEETING, 0)

    @property
    def forms(self) -> int:
        """Things to be filled in: everything but single checks, photos and meetings."""
        apart = {Task.CHECK, Task.PHOTO, Task.MEETING}
        return sum(count for task, count in self.tasks.items() if task not in apart)


def minutes_of(asked: Asked, standard: Mapping[Task, Decimal]) -> int:
    """The minutes that this asks for, rounded up: nobody's time is rounded away."""
    exact = sum((standard[task] * count for task, count in asked.tasks.items()), Decimal(0))
    return int(exact.to_integral_value(rounding="ROUND_CEILING"))


def standard_minutes(changed: Mapping[str, Decimal]) -> dict[Task, Decimal]:
    """The minutes of every kind: those that were set, else the first ones."""
    return {task: changed.get(task.value, minutes) for task, (_label, minutes, _source) in TASKS.items()}


@dataclass(frozen=True)
class Line:
    """One line of the month's account: a source and what it takes of one role."""

    source: str
    role: Role
    unit_kind: str
    forms: int
    photos: int
    meetings: int
    minutes: int


def lines_of(asked: Iterable[Asked], standard: Mapping[Task, Decimal]) -> list[Line]:
    """What is asked, as lines; equal source, role and kind of unit are one line. Lines that ask nothing are left out."""
    summed: dict[tuple[str, Role, str], Line] = {}
    for one in asked:
        key = (one.source, one.role, one.unit_kind)
        before = summed.get(key, Line(*key, 0, 0, 0, 0))
        summed[key] = replace(
            before, forms=before.forms + one.forms, photos=before.photos + one.photos,
            meetings=before.meetings + one.meetings, minutes=before.minutes + minutes_of(one, standard),
        )  # fmt: skip
    return [summed[key] for key in sorted(summed) if summed[key].minutes or summed[key].forms]


@dataclass(frozen=True)
class Demand:
    """What something new would ask of one role in one month. `why`: how the figure was come by."""

    role: Role
    month: dt.date
    minutes: int
    forms: int = 0
    photos: int = 0
    meetings: int = 0
    why: str = ""


@dataclass(frozen=True)
class Room:
    """What is left of a role's month: the budget, what routine work takes, what was claimed before. No budget: None."""

    role: Role
    month: dt.date
    budget: int | None
    routine: int = 0
    claimed: int = 0

    @property
    def left(self) -> int | None:
        """Minutes that may still be asked; below zero when too much is asked already."""
        return None if self.budget is None else self.budget - self.routine - self.claimed


def fits(demand: Demand, room: Room) -> bool:
    """Whether the demand fits. Asking nothing always fits; a role without a budget has no bound."""
    return demand.minutes <= 0 or room.left is None or demand.minutes <= room.left


def demand_objections(demands: Sequence[Demand], rooms: Mapping[tuple[Role, dt.date], Room]) -> list[str]:
    """A sentence with the figures for every demand that does not fit."""
    return [
        _sentence(demand, rooms[demand.role, demand.month])
        for demand in demands
        if not fits(demand, rooms[demand.role, demand.month])
    ]


def _sentence(demand: Demand, room: Room) -> str:
    return (
        f"{demand.month.year}年{demand.month.month}月{demand.role.label}的工作量上限 {hours(room.budget or 0)}，"
        f"日常已用 {hours(room.routine)}，已经答应的 {hours(room.claimed)}，还剩 {hours(max(room.left or 0, 0))}；"
        f"这次要 {hours(demand.minutes)}，放不下。请缩小范围、改期，或由文明办主任写明理由后启动。"
    )


def hours(minutes: int) -> str:
    """Minutes as people say them: 90 -> 1 小时 30 分."""
    whole, rest = divmod(abs(minutes), 60)
    sign = "-" if minutes < 0 else ""
    if not whole:
        return f"{sign}{rest} 分"
    return f"{sign}{whole} 小时 {rest} 分" if rest else f"{sign}{whole} 小时"


def month_of(day: dt.date) -> dt.date:
    """The first day of the month."""
    return day.replace(day=1)


def months_between(first: dt.date, last: dt.date) -> list[dt.date]:
    """The months that a stretch of days touches, in order; both days included."""
    month, found = month_of(first), []
    while month <= last:
        found.append(month)
        month = month_of(month + dt.timedelta(days=32))
    return found


def spread(total: int, months: Sequence[dt.date]) -> list[tuple[dt.date, int]]:
    """A whole number over months, as evenly as can be, the earlier months taking the rest; the sum stays the sum."""
    if not months:
        return []
    share, rest = divmod(total, len(months))
    return [(month, share + (place < rest)) for place, month in enumerate(months)]
