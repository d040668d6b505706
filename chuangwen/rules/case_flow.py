"""The life of a case as one table: status × move → next status, permission, what must be given.

The seven links of digital city management (information, filing, dispatch, handling, feedback, checking, closing) with
return, rework, forced close, cancelling and 挂账; sources in docs/case-flow.md, which `diagram()` generates.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from chuangwen.rules.permissions import Permission, Role
from chuangwen.rules.refusals import Refused


class Status(StrEnum):
    """Where a case stands; says who must act, never whether it is late."""

    REPORTED = "reported"
    ACCEPTED = "accepted"
    REFUSED = "refused"
    DISPATCHED = "dispatched"
    RETURNED = "returned"
    HANDLING = "handling"
    RECTIFIED = "rectified"
    VERIFIED = "verified"
    CLOSED = "closed"
    FORCE_CLOSED = "force_closed"
    CANCELLED = "cancelled"
    SUSPENDED = "suspended"

    @property
    def label(self) -> str:
        """The Chinese name."""
        return STATUS_LABELS[self]


class Move(StrEnum):
    """What somebody can do with a case that changes its status."""

    ACCEPT = "accept"
    REFUSE = "refuse"
    DISPATCH = "dispatch"
    ASSIGN = "assign"
    RETURN = "return_back"
    RECEIVE = "receive"
    RECTIFY = "rectify"
    VERIFY = "verify"
    REJECT = "reject"
    CLOSE = "close"
    FORCE_CLOSE = "force_close"
    CANCEL = "cancel"
    SUSPEND = "suspend"
    RESUME = "resume"
    REOPEN = "reopen"

    @property
    def label(self) -> str:
        """What the button says."""
        return MOVE_LABELS[self]


class Need(StrEnum):
    """What a move cannot do without."""

    REASON = "reason"
    UNIT = "unit"
    UNTIL = "until"
    NOTE = "note"


STATUS_LABELS = {
    Status.REPORTED: "待受理",
    Status.ACCEPTED: "待派遣",
    Status.REFUSED: "不予受理",
    Status.DISPATCHED: "待签收",
    Status.RETURNED: "已退回",
    Status.HANDLING: "整改中",
    Status.RECTIFIED: "待核查",
    Status.VERIFIED: "核查通过",
    Status.CLOSED: "已结案",
    Status.FORCE_CLOSED: "强制结案",
    Status.CANCELLED: "已作废",
    Status.SUSPENDED: "挂账中",
}
MOVE_LABELS = {
    Move.ACCEPT: "受理",
    Move.REFUSE: "不予受理",
    Move.DISPATCH: "派遣",
    Move.ASSIGN: "交办下级",
    Move.RETURN: "退回",
    Move.RECEIVE: "签收",
    Move.RECTIFY: "提交整改",
    Move.VERIFY: "核查通过",
    Move.REJECT: "退回重办",
    Move.CLOSE: "结案",
    Move.FORCE_CLOSE: "强制结案",
    Move.CANCEL: "作废",
    Move.SUSPEND: "挂账",
    Move.RESUME: "恢复办理",
    Move.REOPEN: "重新办理",
}

BY_HAND = frozenset(Move) - {Move.REOPEN}  # the house reopens, for whoever holds the receipt
OPEN = frozenset(Status) - {Status.REFUSED, Status.CLOSED, Status.FORCE_CLOSED, Status.CANCELLED}
RUNNING = frozenset({Status.DISPATCHED, Status.HANDLING})  # the handling clock counts
FINISHED = frozenset({Status.CLOSED, Status.FORCE_CLOSED})
PARTS_OPEN = OPEN - {Status.RECTIFIED, Status.VERIFIED}  # where a case may stand while somebody's part is not done


@dataclass(frozen=True)
class Step:
    """One arrow of the drawing."""

    source: Status
    move: Move
    target: Status
    permission: Permission
    needs: frozenset[Need] = frozenset()


def _steps() -> Iterable[Step]:
    s, m, p = Status, Move, Permission
    reason, unit = frozenset({Need.REASON}), frozenset({Need.UNIT})
    yield Step(s.REPORTED, m.ACCEPT, s.ACCEPTED, p.CASE_ACCEPT)
    yield Step(s.REPORTED, m.REFUSE, s.REFUSED, p.CASE_ACCEPT, reason)
    yield Step(s.ACCEPTED, m.DISPATCH, s.DISPATCHED, p.CASE_DISPATCH, unit)
    yield Step(s.RETURNED, m.DISPATCH, s.DISPATCHED, p.CASE_DISPATCH, unit)
    yield Step(s.DISPATCHED, m.ASSIGN, s.DISPATCHED, p.CASE_ASSIGN, unit)
    yield Step(s.HANDLING, m.ASSIGN, s.DISPATCHED, p.CASE_ASSIGN, unit)
    yield Step(s.DISPATCHED, m.RETURN, s.RETURNED, p.CASE_RETURN, reason)
    yield Step(s.HANDLING, m.RETURN, s.RETURNED, p.CASE_RETURN, reason)
    yield Step(s.DISPATCHED, m.RECEIVE, s.HANDLING, p.CASE_HANDLE)
    yield Step(s.DISPATCHED, m.RECTIFY, s.RECTIFIED, p.CASE_HANDLE, frozenset({Need.NOTE}))
    yield Step(s.HANDLING, m.RECTIFY, s.RECTIFIED, p.CASE_HANDLE, frozenset({Need.NOTE}))
    yield Step(s.RECTIFIED, m.VERIFY, s.VERIFIED, p.CASE_VERIFY)
    yield Step(s.RECTIFIED, m.REJECT, s.HANDLING, p.CASE_VERIFY, reason)
    yield Step(s.VERIFIED, m.CLOSE, s.CLOSED, p.CASE_CLOSE)
    for source in (s.ACCEPTED, s.DISPATCHED, s.HANDLING, s.RECTIFIED):
        yield Step(source, m.FORCE_CLOSE, s.FORCE_CLOSED, p.CASE_FORCE, reason)
    for source in (s.REPORTED, s.ACCEPTED, s.DISPATCHED):
        yield Step(source, m.CANCEL, s.CANCELLED, p.CASE_CANCEL, reason)
    for source in (s.DISPATCHED, s.HANDLING):
        yield Step(source, m.SUSPEND, s.SUSPENDED, p.CASE_SUSPEND, frozenset({Need.REASON, Need.UNTIL}))
    yield Step(s.SUSPENDED, m.RESUME, s.HANDLING, p.CASE_RESUME)
    for source in (s.VERIFIED, s.CLOSED):  # whoever reported it says that it is not put right
        yield Step(source, m.REOPEN, s.HANDLING, p.CASE_REOPEN, reason)
    yield Step(s.FORCE_CLOSED, m.REOPEN, s.ACCEPTED, p.CASE_REOPEN, reason)


TABLE: dict[tuple[Status, Move], Step] = {(step.source, step.move): step for step in _steps()}

# Who must act next; read with the case's own unit for the unit roles.
NEXT_ROLES: dict[Status, tuple[Role, ...]] = {
    Status.REPORTED: (Role.OFFICE_CLERK, Role.OFFICE_CHIEF),
    Status.ACCEPTED: (Role.OFFICE_CLERK, Role.OFFICE_CHIEF),
    Status.RETURNED: (Role.OFFICE_CLERK, Role.OFFICE_CHIEF),
    Status.DISPATCHED: (Role.UNIT_CHIEF, Role.UNIT_WORKER, Role.GRID_WORKER),
    Status.HANDLING: (Role.UNIT_CHIEF, Role.UNIT_WORKER, Role.GRID_WORKER),
    Status.RECTIFIED: (Role.INSPECTOR, Role.OFFICE_CLERK, Role.OFFICE_CHIEF),
    Status.VERIFIED: (Role.OFFICE_CLERK, Role.OFFICE_CHIEF),
    Status.SUSPENDED: (Role.OFFICE_CLERK, Role.OFFICE_CHIEF),
    Status.REFUSED: (),
    Status.CLOSED: (),
    Status.FORCE_CLOSED: (),
    Status.CANCELLED: (),
}


def step(status: Status, move: Move) -> Step:
    """The arrow for this move from this status; a sentence when there is none."""
    found = TABLE.get((status, move))
    if found is None:
        raise Refused(f"案件现在是“{status.label}”，不能“{move.label}”。")
    return found


def moves_from(status: Status) -> tuple[Step, ...]:
    """Every arrow that leaves a status."""
    return tuple(arrow for (source, _), arrow in TABLE.items() if source is status)


def unmet_needs(arrow: Step, given: Iterable[Need]) -> tuple[str, ...]:
    """Sentences for everything that this move still lacks."""
    sentences = {
        Need.REASON: f"“{arrow.move.label}”须写明理由。",
        Need.UNIT: f"“{arrow.move.label}”须选定责任单位。",
        Need.UNTIL: f"“{arrow.move.label}”须写明截止日期。",
        Need.NOTE: f"“{arrow.move.label}”须写明做了什么。",
    }
    return tuple(sentences[need] for need in Need if need in arrow.needs and need not in set(given))


def parts_objections(target: Status, units: Sequence[str]) -> tuple[str, ...]:
    """未完不撤: a case with parts of several units is handed in or ended only when every part is done. `units`: the names
    of those whose part is open.
    """
    if not units or target in PARTS_OPEN:
        return ()
    return (f"还有单位没有办完自己的部分：{'、'.join(units)}。全部办完才能转为“{target.label}”。",)


def diagram() -> str:
    """The drawing of the table as a Mermaid state diagram, with Chinese names."""
    lines = ["stateDiagram-v2", "    [*] --> reported: 上报"]
    lines += [f"    {status.value}: {status.label}" for status in Status]
    lines += [f"    {arrow.source.value} --> {arrow.target.value}: {arrow.move.label}" for arrow in TABLE.values()]
    lines += [f"    {status.value} --> [*]" for status in Status if status not in OPEN]
    return "\n".join(lines) + "\n"


def page() -> str:
    """docs/case-flow.md: the drawing and the table of moves."""
    rows = [
        f"| {arrow.source.label} | {arrow.move.label} | {arrow.target.label} | `{arrow.permission.value}` "
        f"| {'、'.join(sorted(need.value for need in arrow.needs)) or '—'} |"
        for arrow in TABLE.values()
    ]
    waiting = [
        f"| {status.label} | {'、'.join(role.label for role in NEXT_ROLES[status]) or '无（已办结）'} |"
        for status in Status
    ]
    return "\n".join(
        [
            "# 案件流程",
            "",
            "本页由 `python -m chuangwen.rules.case_flow` 从流程表生成，测试保证与代码一致。",
            "环节取自数字化城市管理通行的七个环节（信息收集、案卷建立、任务派遣、任务处理、处理反馈、核实结案、综合评价），",
            "加上退回、返工、强制结案、作废、挂账和反映人要求的重新办理。“超期”不是状态，而是已存下的期限时刻。",
            "几个单位共同办理的案件，每个单位一个部分；还有部分没有办完时，不能进入"
            f"{'、'.join(f'“{status.label}”' for status in Status if status not in PARTS_OPEN)}（未完不撤）。",
            "",
            "```mermaid",
            diagram().rstrip(),
            "```",
            "",
            "| 现状态 | 动作 | 新状态 | 权限 | 必填 |",
            "|---|---|---|---|---|",
            *rows,
            "",
            "## 下一步由谁办",
            "",
            "| 状态 | 岗位 |",
            "|---|---|",
            *waiting,
            "",
        ]
    )


if __name__ == "__main__":
    import sys

    sys.stdout.write(page())
