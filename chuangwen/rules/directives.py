"""上级督办件: what an item of a paper from above needs next, by when, and how a paper's figures add up.

"Late" is never a status: it is a stored deadline compared with a moment that the caller gives. What cannot be done in
time is said before the deadline (总要求 M9: what cannot be finished is reported); a missed deadline by itself starts
nothing, a person decides.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Level(StrEnum):
    """Who sent the paper."""

    CITY = "city"
    PROVINCE = "province"
    NATION = "nation"

    @property
    def label(self) -> str:
        """The Chinese name."""
        return {"city": "市级", "province": "省级", "nation": "国家级"}[self.value]


class Standing(StrEnum):
    """Where an item stands. Lateness is beside it, not in it."""

    UNASSIGNED = "unassigned"
    WORKING = "working"
    HANDED_IN = "handed_in"
    DONE = "done"

    @property
    def label(self) -> str:
        """The Chinese name."""
        return {"unassigned": "待分解", "working": "办理中", "handed_in": "待审签", "done": "已办结"}[self.value]


class Delay(StrEnum):
    """Where a declaration "cannot be done in time" (延期申报) stands."""

    DECLARED = "declared"
    ASKED = "asked"
    REFUSED = "refused"
    GRANTED = "granted"
    DENIED = "denied"

    @property
    def label(self) -> str:
        """The Chinese name."""
        return {
            "declared": "等文明办决定", "asked": "已向上级申请新期限", "refused": "文明办不同意",
            "granted": "上级同意新期限", "denied": "上级不同意",
        }[self.value]  # fmt: skip


OPEN_DELAYS = (Delay.DECLARED, Delay.ASKED)
# Why something cannot be done in time; an office may keep its own list instead (models.Ground).
GROUNDS: tuple[tuple[str, str], ...] = (
    ("funds", "须上级或财政安排经费"),
    ("works", "须随道路、管网等工程一并改造"),
    ("rights", "产权或管理权不清，须先确定"),
    ("owners", "须业主表决或居民同意"),
    ("law", "须走法定程序（拆除、听证、招标）"),
    ("weather", "天气或安全条件不允许施工"),
    ("beyond", "不在本区权限内，须市级部门配合"),
    ("other", "其他"),
)
LEAST_WORDS = 5


@dataclass(frozen=True)
class PartFacts:
    """The share of one unit in an item."""

    unit_name: str
    lead: bool
    due_at: datetime
    handed_in_at: datetime | None = None


@dataclass(frozen=True)
class ItemFacts:
    """One item as far as the next step depends on it. `delay`: an open declaration, if there is one."""

    deadline: datetime
    parts: Sequence[PartFacts] = ()
    signed_off_at: datetime | None = None
    delay: Delay | None = None


@dataclass(frozen=True)
class Turn:
    """Who is next, with what, by when; nobody when the item is done."""

    who: str
    what: str
    by_when: datetime | None
    late: bool = False


def standing(item: ItemFacts) -> Standing:
    """Where the item stands."""
    if item.signed_off_at is not None:
        return Standing.DONE
    if not item.parts:
        return Standing.UNASSIGNED
    return Standing.HANDED_IN if all(part.handed_in_at for part in item.parts) else Standing.WORKING


def turn_of(item: ItemFacts, now: datetime, office: str = "文明办") -> Turn | None:
    """Who acts next. An open declaration waits for the office (or for the answer from above) first."""
    where = standing(item)
    if where is Standing.DONE:
        return None
    if item.delay in OPEN_DELAYS:
        what = "决定延期申报" if item.delay is Delay.DECLARED else "登记上级答复"
        return Turn(office, what, item.deadline, item.deadline < now)
    if where is Standing.WORKING:
        waiting = [part for part in item.parts if part.handed_in_at is None]
        first = min(part.due_at for part in waiting)
        return Turn("、".join(part.unit_name for part in waiting), "办理并报完成", first, first < now)
    what = "分解到单位" if where is Standing.UNASSIGNED else "审签"
    return Turn(office, what, item.deadline, item.deadline < now)


def breakdown_objections(
    *, deadline: datetime, now: datetime, lead: int | None, joint: Sequence[int], due_at: datetime | None
) -> list[str]:
    """What is wrong with giving an item to these units (ids) until `due_at`."""
    found = [] if lead is not None else ["请选牵头单位。"]
    if lead is not None and lead in joint:
        found.append("牵头单位不能同时是配合单位。")
    if due_at is None:
        found.append("请填写内部期限。")
    elif due_at > deadline:
        found.append("内部期限不能晚于来文要求的期限。")
    elif due_at <= now:
        found.append("内部期限须在现在之后。")
    return found


def declaration_objections(
    *, ground: str, known: Iterable[str], reason: str, needs: str, proposed: datetime | None, due_at: datetime, now: datetime
) -> list[str]:  # fmt: skip
    """What is wrong with saying that a share cannot be done in time. It is said before the deadline, not after."""
    found = []
    if now > due_at:
        found.append("期限已经过了，不能再申报延期。请在“报进展”里写明情况。")
    if ground not in set(known):
        found.append("请选不能按期完成的原因类别。")
    if len(reason.strip()) < LEAST_WORDS:
        found.append(f"请写明为什么不能按期完成（至少 {LEAST_WORDS} 个字）。")
    if not needs.strip():
        found.append("请写明需要什么支持；不需要的写“无”。")
    if proposed is None or proposed <= due_at:
        found.append("请填写建议的完成日期，须晚于现在的期限。")
    return found


@dataclass(frozen=True)
class Tally:
    """The figures of a paper. `done` + `open` = `total`; `in_time` + `late_done` = `done`; `deferred` + `overdue` +
    `running` = `open`.
    """

    total: int = 0
    done: int = 0
    in_time: int = 0
    late_done: int = 0
    open: int = 0
    deferred: int = 0
    overdue: int = 0
    running: int = 0


@dataclass(frozen=True)
class ItemResult:
    """What became of one item, as the reply says it. `deadline` is the one in force, `first_deadline` the paper's own."""

    number: int
    text: str
    units: str
    done_at: datetime | None
    handed_in_at: datetime | None
    deadline: datetime
    first_deadline: datetime
    result: str


def tally(items: Iterable[ItemResult], now: datetime) -> Tally:
    """Counts each item once in each split. In time is when it was handed in by the deadline in force: how long the
    office takes to sign is not held against the units.
    """
    counted: Counter[str] = Counter()
    for item in items:
        counted[kind_of(item, now)] += 1
    done, opened = (
        counted["in_time"] + counted["late_done"],
        counted["deferred"] + counted["overdue"] + counted["running"],
    )
    return Tally(
        total=done + opened, done=done, in_time=counted["in_time"], late_done=counted["late_done"], open=opened,
        deferred=counted["deferred"], overdue=counted["overdue"], running=counted["running"],
    )  # fmt: skip


KIND_WORDS = {
    "in_time": "按期完成", "late_done": "逾期完成", "deferred": "经上级同意延期", "overdue": "已到期未完成", "running": "办理中",
}  # fmt: skip


def kind_of(item: ItemResult, now: datetime) -> str:
    """Which of the five kinds an item is: in_time, late_done, deferred, overdue, running."""
    if item.done_at is not None:
        return "in_time" if (item.handed_in_at or item.done_at) <= item.deadline else "late_done"
    if item.deadline < now:
        return "overdue"
    return "deferred" if item.deadline > item.first_deadline else "running"
