"""派单异议: who may object to a dispatch, by when, who decides, what the decision does.

Source of the institution: 《北京市接诉即办工作条例》(2021) knows 派单异议 and 首接负责制: the first receiver leads and goes
on while others argue. The grounds and both limits are data (`Terms`); what stands here is only what holds for all.

首接负责: an objection stops nothing. Status, clock and deadline of the case go on, and a rejected objection is not taken
out of the counting of overdue cases. An upheld one gives the case to another unit, which gets the full limit of the case
standard from that moment (an 整改任务书 keeps its one deadline), because it had no chance to begin before; the unit that
rightly objected no longer has the case, so nothing of it is counted as its overdue.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Final

from chuangwen.rules.case_flow import RUNNING, Status
from chuangwen.rules.deadlines import WorkCalendar, due_at
from chuangwen.rules.limits import Limit, LimitUnit, parse_limit
from chuangwen.rules.refusals import BadInput

MOST_GROUNDS: Final = 30
LONGEST_GROUND: Final = 40
LONGEST_WORDS: Final = 500


class Outcome(StrEnum):
    """What became of an objection."""

    OPEN = ""
    UPHELD = "upheld"
    REJECTED = "rejected"
    LAPSED = "lapsed"

    @property
    def label(self) -> str:
        """The Chinese name."""
        return OUTCOME_LABELS[self]


OUTCOME_LABELS: Final[dict[Outcome, str]] = {
    Outcome.OPEN: "待裁定",
    Outcome.UPHELD: "成立，已改派",
    Outcome.REJECTED: "不成立",
    Outcome.LAPSED: "不再需要裁定",
}


@dataclass(frozen=True)
class Terms:
    """What an office sets: within which time to object, within which to decide, and the grounds to choose from."""

    object_within: Limit
    decide_within: Limit
    grounds: tuple[str, ...]


_ONE_DAY: Final = Limit(Decimal(1), LimitUnit.working_days, "1工作日")
# What applies until an office sets its own.
USUAL_TERMS: Final = Terms(
    object_within=_ONE_DAY,
    decide_within=_ONE_DAY,
    grounds=(
        "不属于本单位职责",
        "不在本单位管辖范围",
        "产权或管养责任属于其他单位",
        "其他单位已在办理",
        "须由其他单位牵头，本单位只能配合",
        "其他",
    ),
)


def _limit(label: str, text: str, objections: list[str]) -> Limit | None:
    found = parse_limit(text)
    if found is None:
        objections.append(f"{label}“{text.strip()}”读不懂，请写成“1工作日”“4工作时”这样。")
    return found


def _grounds(text: str, objections: list[str]) -> tuple[str, ...]:
    grounds = tuple(dict.fromkeys(line.strip() for line in text.splitlines() if line.strip()))
    if not grounds:
        objections.append("请至少写一条异议理由，一行一条。")
    if len(grounds) > MOST_GROUNDS:
        objections.append(f"异议理由最多 {MOST_GROUNDS} 条，现在有 {len(grounds)} 条。")
    objections += [
        f"理由“{ground[:12]}…”有 {len(ground)} 个字，最多 {LONGEST_GROUND} 个。"
        for ground in grounds
        if len(ground) > LONGEST_GROUND
    ]
    return grounds


def read_terms(*, object_within: str, decide_within: str, grounds: str) -> Terms:
    """Terms as an office types them, one ground a line. Raises BadInput with every objection."""
    objections: list[str] = []
    first = _limit("提出时限", object_within, objections)
    second = _limit("裁定时限", decide_within, objections)
    listed = _grounds(grounds, objections)
    if objections or first is None or second is None:
        raise BadInput(objections)
    return Terms(first, second, listed)


@dataclass(frozen=True)
class Dispatched:
    """A case as far as an objection cares.

    `unit` has it now; `assigned_down`: the unit to which it was dispatched passed it on below; `objected_before`: this
    unit objected in this case already; `pending`: somebody's objection waits for a decision; `in_parts`: several units act
    together in it after a whistle.
    """

    status: Status
    unit: str
    dispatched_at: datetime | None
    assigned_down: bool = False
    objected_before: bool = False
    pending: bool = False
    in_parts: bool = False


def object_until(dispatched_at: datetime, terms: Terms, calendar: WorkCalendar) -> datetime:
    """The last moment at which an objection is in time."""
    return due_at(dispatched_at, terms.object_within, calendar).at


def decide_until(objected_at: datetime, terms: Terms, calendar: WorkCalendar) -> datetime:
    """By when the office should have decided; stored with the objection, so that later terms do not move it."""
    return due_at(objected_at, terms.decide_within, calendar).at


def _late(case: Dispatched, terms: Terms, calendar: WorkCalendar, now: datetime) -> Iterator[str]:
    if case.dispatched_at is None:
        return
    until = object_until(case.dispatched_at, terms, calendar)
    if now > until:
        yield (
            f"派单异议应在派遣后 {terms.object_within.label} 内提出，"
            f"{until.astimezone(calendar.timezone):%m月%d日 %H:%M} 已经过了。请继续办理；确有理由的，可以退回。"
        )


def objecting_objections(case: Dispatched, *, terms: Terms, calendar: WorkCalendar, now: datetime) -> tuple[str, ...]:
    """Why this dispatch cannot be objected to now; empty when it can.

    Handling has begun with 签收, with 交办下级 (passing it down is taking it on), or with anything after that.
    """
    found: list[str] = []
    if case.in_parts:
        found.append("这件案件由街道吹哨、几家一起办，有异议请在吹哨单里提。")
    elif case.status is not Status.DISPATCHED or case.dispatched_at is None:
        found.append(f"案件现在是“{case.status.label}”，派单异议只能在派遣之后、签收之前提出。")
    elif case.assigned_down:
        found.append("案件已经交办下级，视为已经接收，不能再提派单异议。")
    else:
        found += _late(case, terms, calendar, now)
    if case.objected_before:
        found.append("本单位在这件案件里已经提过一次派单异议，不能再提。")
    elif case.pending:
        found.append("这件案件有一份派单异议还没有裁定。")
    return tuple(found)


def asking_objections(*, ground: str, words: str, terms: Terms) -> tuple[str, ...]:
    """What an objection lacks: a ground from the list, and words of one's own."""
    found = []
    if not ground.strip():
        found.append("请从列表里选一条异议理由。")
    elif ground.strip() not in terms.grounds:
        found.append(f"理由“{ground.strip()[:20]}”不在列表里，请重新选择。")
    if not words.strip():
        found.append("请写明情况：依据是什么，为什么不该由本单位办。")
    if len(words.strip()) > LONGEST_WORDS:
        found.append(f"情况说明最多 {LONGEST_WORDS} 个字。")
    return tuple(found)


def still_stands(*, status: Status, unit: str, objector: str) -> bool:
    """Whether there is something left to decide: the unit that objected still has the case and works on it.

    Handed in, returned, suspended, closed, passed down or given to somebody else: the objection lapses by itself.
    """
    return status in RUNNING and unit == objector


@dataclass(frozen=True)
class Decision:
    """What the office wants: uphold with a new unit, or reject. Paths are those of the unit tree."""

    upheld: bool
    reason: str
    decider: int | None
    objector: int | None
    decider_units: tuple[str, ...] = ()  # where the decider handles cases, if anywhere
    old_path: str = ""
    new_path: str | None = None


def deciding_objections(decision: Decision) -> tuple[str, ...]:
    """Why this decision cannot stand; empty when it can."""
    found = []
    if decision.decider is not None and decision.decider == decision.objector:
        found.append("提出异议的人不能裁定自己的异议，请换一位同事。")
    elif _belongs(decision.old_path, decision.decider_units):
        found.append("您在提出异议的单位任职，不能裁定这份异议，请换一位同事。")
    if decision.upheld and decision.new_path is None:
        found.append("异议成立须选定改派给哪个单位。")
    elif decision.upheld and decision.new_path == decision.old_path:
        found.append("异议成立须改派给别的单位；仍由原单位办的，请裁定“不成立”。")
    if not decision.upheld and not decision.reason.strip():
        found.append("不成立须写明理由，提出异议的单位看得到。")
    return tuple(found)


def _belongs(path: str, branches: Iterable[str]) -> bool:
    return bool(path) and any(path.startswith(branch) for branch in branches)


def grounds_text(grounds: Sequence[str]) -> str:
    """The list as it is typed, one ground a line."""
    return "\n".join(grounds)
