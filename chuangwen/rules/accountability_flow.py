"""The life of an accountability file (问责建议) as one table: status x move -> next status, who, what must be given.

Told first what is alleged and on what evidence, time to correct, then to speak, then a proposal, a decision by the named
post, and an appeal to another post: 《中国共产党问责条例》(2019) arts. 11 to 21 in outline. A person moves every step.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from chuangwen.rules.ladder_files import DecidingPost
from chuangwen.rules.permissions import Actor, Permission, Role
from chuangwen.rules.refusals import Refused


class FileStatus(StrEnum):
    """Where a file stands."""

    OPENED = "opened"
    NOTIFIED = "notified"
    STATING = "stating"
    STATED = "stated"
    PROPOSED = "proposed"
    DECIDED = "decided"
    SERVED = "served"
    APPEALED = "appealed"
    REVIEWED = "reviewed"
    CLOSED = "closed"
    DROPPED = "dropped"

    @property
    def label(self) -> str:
        """The Chinese name."""
        return STATUS_LABELS[self]


class FileMove(StrEnum):
    """What somebody can do with a file."""

    NOTIFY = "notify"
    CORRECT = "correct"
    CORRECTION_OVER = "correction_over"
    STATE = "state"
    STATEMENT_OVER = "statement_over"
    PROPOSE = "propose"
    DECIDE = "decide"
    SERVE = "serve"
    APPEAL = "appeal"
    DECIDE_APPEAL = "decide_appeal"
    CLOSE = "close"
    DROP = "drop"

    @property
    def label(self) -> str:
        """What the button says."""
        return MOVE_LABELS[self]


class FileNeed(StrEnum):
    """What a move cannot do without."""

    TEXT = "text"
    MEASURE = "measure"
    OUTCOME = "outcome"


class Outcome(StrEnum):
    """What the named post decides."""

    UPHOLD = "uphold"
    LOWER = "lower"
    NO_ACTION = "no_action"


class AppealOutcome(StrEnum):
    """What becomes of the decision on appeal; it never gets heavier."""

    UPHELD = "upheld"
    CHANGED = "changed"
    REVOKED = "revoked"


STATUS_LABELS: Final = {
    FileStatus.OPENED: "待告知",
    FileStatus.NOTIFIED: "整改期",
    FileStatus.STATING: "待陈述",
    FileStatus.STATED: "待提建议",
    FileStatus.PROPOSED: "待决定",
    FileStatus.DECIDED: "待送达",
    FileStatus.SERVED: "申诉期",
    FileStatus.APPEALED: "申诉中",
    FileStatus.REVIEWED: "申诉已决定",
    FileStatus.CLOSED: "已办结",
    FileStatus.DROPPED: "已撤销",
}
MOVE_LABELS: Final = {
    FileMove.NOTIFY: "告知单位",
    FileMove.CORRECT: "报告整改情况",
    FileMove.CORRECTION_OVER: "记录整改期已过",
    FileMove.STATE: "提交陈述",
    FileMove.STATEMENT_OVER: "记录陈述期已过",
    FileMove.PROPOSE: "提出建议",
    FileMove.DECIDE: "作出决定",
    FileMove.SERVE: "送达决定",
    FileMove.APPEAL: "提出申诉",
    FileMove.DECIDE_APPEAL: "决定申诉",
    FileMove.CLOSE: "办结",
    FileMove.DROP: "撤销",
}
OUTCOME_LABELS: Final = {
    Outcome.UPHOLD: "按建议作出",
    Outcome.LOWER: "改用较轻的措施",
    Outcome.NO_ACTION: "不予问责",
}
APPEAL_LABELS: Final = {
    AppealOutcome.UPHELD: "维持原决定",
    AppealOutcome.CHANGED: "改用较轻的措施",
    AppealOutcome.REVOKED: "撤销原决定",
}
ENDED: Final = frozenset({FileStatus.CLOSED, FileStatus.DROPPED})
HIDDEN_FROM_UNIT: Final = frozenset({FileStatus.OPENED})


@dataclass(frozen=True)
class FileStep:
    """One arrow of the drawing."""

    source: FileStatus
    move: FileMove
    target: FileStatus
    permission: Permission
    needs: frozenset[FileNeed] = frozenset()


def _steps() -> Iterable[FileStep]:
    s, m = FileStatus, FileMove
    prepare, decide, answer = (
        Permission.ACCOUNTABILITY_PREPARE,
        Permission.ACCOUNTABILITY_DECIDE,
        Permission.ACCOUNTABILITY_ANSWER,
    )
    text, outcome = frozenset({FileNeed.TEXT}), frozenset({FileNeed.TEXT, FileNeed.OUTCOME})
    yield FileStep(s.OPENED, m.NOTIFY, s.NOTIFIED, prepare, text)
    yield FileStep(s.NOTIFIED, m.CORRECT, s.STATING, answer, text)
    yield FileStep(s.NOTIFIED, m.CORRECTION_OVER, s.STATING, prepare)
    yield FileStep(s.STATING, m.STATE, s.STATED, answer, text)
    yield FileStep(s.STATING, m.STATEMENT_OVER, s.STATED, prepare)
    yield FileStep(s.STATED, m.PROPOSE, s.PROPOSED, prepare, frozenset({FileNeed.TEXT, FileNeed.MEASURE}))
    yield FileStep(s.PROPOSED, m.DECIDE, s.DECIDED, decide, outcome)
    yield FileStep(s.DECIDED, m.SERVE, s.SERVED, prepare)
    yield FileStep(s.SERVED, m.APPEAL, s.APPEALED, answer, text)
    yield FileStep(s.APPEALED, m.DECIDE_APPEAL, s.REVIEWED, decide, outcome)
    yield FileStep(s.SERVED, m.CLOSE, s.CLOSED, prepare)
    yield FileStep(s.REVIEWED, m.CLOSE, s.CLOSED, prepare)
    for source in (s.OPENED, s.NOTIFIED, s.STATING, s.STATED, s.PROPOSED):
        yield FileStep(source, m.DROP, s.DROPPED, prepare, text)
    for source in (s.DECIDED, s.SERVED, s.APPEALED, s.REVIEWED):  # what a leader decided no clerk undoes
        yield FileStep(source, m.DROP, s.DROPPED, decide, text)


TABLE: Final[dict[tuple[FileStatus, FileMove], FileStep]] = {(one.source, one.move): one for one in _steps()}


def step(status: FileStatus, move: FileMove) -> FileStep:
    """The arrow for this move from this status; a sentence when there is none."""
    found = TABLE.get((status, move))
    if found is not None:
        return found
    early = status in {FileStatus.OPENED, FileStatus.NOTIFIED, FileStatus.STATING}
    if early and move in {FileMove.PROPOSE, FileMove.DECIDE}:
        raise Refused("单位的陈述还没有到，陈述期也没有过，不能提建议或作出决定。")
    raise Refused(f"这一件现在是“{status.label}”，不能“{move.label}”。")


def moves_from(status: FileStatus) -> tuple[FileStep, ...]:
    """Every arrow that leaves a status."""
    return tuple(one for (source, _), one in TABLE.items() if source is status)


def unmet_needs(arrow: FileStep, given: Iterable[FileNeed]) -> tuple[str, ...]:
    """Sentences for everything that this move still lacks."""
    sentences = {
        FileNeed.TEXT: f"“{arrow.move.label}”须写明{_WORDS.get(arrow.move, '理由')}。",
        FileNeed.MEASURE: f"“{arrow.move.label}”须选定措施。",
        FileNeed.OUTCOME: f"“{arrow.move.label}”须选定结果。",
    }
    return tuple(sentences[need] for need in FileNeed if need in arrow.needs and need not in set(given))


_WORDS: Final = {
    FileMove.NOTIFY: "告知的内容：指什么事、凭什么、要改什么",
    FileMove.CORRECT: "做了什么",
    FileMove.STATE: "陈述内容，或选“没有要补充的”",
    FileMove.PROPOSE: "建议的理由",
}


@dataclass(frozen=True)
class Hands:
    """Who did what with a file, as far as it matters for who may go on (ids of users)."""

    opened_by: int | None = None
    proposed_by: int | None = None
    decided_by: int | None = None
    persons: int = 2


def decider_objections(hands: Hands, decider: int | None) -> Sequence[str]:
    """Who opened or proposed does not decide, and enough people take part."""
    found = ["启动这一件的人不能自己作决定。"] if decider == hands.opened_by else []
    found += ["提出建议的人不能自己作决定。"] if decider == hands.proposed_by else []
    took_part = {hands.opened_by, hands.proposed_by, decider} - {None}
    if not found and len(took_part) < hands.persons:
        found.append(f"这一档至少要 {hands.persons} 个人经手（启动、建议、决定），现在只有 {len(took_part)} 个。")
    return found


def appeal_objections(hands: Hands, decider: int | None) -> Sequence[str]:
    """An appeal is decided by somebody who had no hand in it."""
    found = ["作出原决定的人不能决定申诉。"] if decider == hands.decided_by else []
    return found + (["启动或建议这一件的人不能决定申诉。"] if decider in {hands.opened_by, hands.proposed_by} else [])


def holds_post(actor: Actor, post: DecidingPost, home: str) -> bool:
    """Whether somebody holds the deciding post for a file kept in this branch (a unit path)."""
    if post is DecidingPost.OFFICE_CHIEF:
        return any(home.startswith(scope) for scope in actor.scopes(Role.OFFICE_CHIEF))
    paths = actor.unit_paths(Role.LEADER)
    if post is DecidingPost.UPPER_LEADER:
        return any(home.startswith(path) and home != path for path in paths)
    return any(home.startswith(path) for path in paths)


def too_early(move: FileMove, *, over_at: datetime | None, now: datetime) -> str:
    """Why time that is still running cannot be said to be over; empty when it can."""
    if over_at is None or now > over_at:
        return ""
    return {
        FileMove.CORRECTION_OVER: "整改期还没有过，单位还可以整改。",
        FileMove.STATEMENT_OVER: "陈述期还没有过，单位还可以陈述。",
        FileMove.CLOSE: "申诉期还没有过，单位还可以申诉，现在不能办结。",
    }.get(move, "")


def diagram() -> str:
    """The drawing of the table as a Mermaid state diagram, with Chinese names."""
    lines = ["stateDiagram-v2", "    [*] --> opened: 由人启动"]
    lines += [f"    {status.value}: {status.label}" for status in FileStatus]
    lines += [
        f"    {arrow.source.value} --> {arrow.target.value}: {arrow.move.label}"
        for arrow in TABLE.values()
        if arrow.move is not FileMove.DROP
    ]
    lines += [f"    {status.value} --> [*]" for status in sorted(ENDED)]
    return "\n".join(lines) + "\n"
