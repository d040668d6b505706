"""Appeals: what may be asked and granted, who acts when, and what a granted appeal takes out of a figure.

Once per case, only by the handling unit, two reviewers; where it is granted the case is not counted while the raw fact
stays visible: the rule in use in digital urban management (数字化城市管理案件申诉：处置部门一案一次，派遣员初审、受理员复审).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from chuangwen.rules.deadlines import OFFICE_HOURS, WorkCalendar
from chuangwen.rules.refusals import BadInput

MOST_DAYS: Final = 30
MOST_WORDS: Final = 1000
MOST_REASON: Final = 500


class Subject(StrEnum):
    """What is appealed."""

    CASE = "case"
    FINDING = "finding"
    PART = "part"


class Effect(StrEnum):
    """How something is counted when its appeal is granted."""

    NOT_COUNTED = "not_counted"
    NOT_THIS_UNIT = "not_this_unit"
    NEITHER = "neither"
    NOT_OVERDUE = "not_overdue"
    NOT_REWORKED = "not_reworked"


class Outcome(StrEnum):
    """What a review comes to."""

    GRANTED = "granted"
    PARTLY = "partly"
    REFUSED = "refused"


class State(StrEnum):
    """Where an appeal stands."""

    RAISED = "raised"
    PROPOSED = "proposed"
    DECIDED = "decided"
    ESCALATED = "escalated"
    FINISHED = "finished"


class Step(StrEnum):
    """What can be done with an appeal."""

    PROPOSE = "propose"
    DECIDE = "decide"
    ESCALATE = "escalate"
    FINISH = "finish"


SUBJECT_LABELS: Final = {Subject.CASE: "案件", Subject.FINDING: "现场判定", Subject.PART: "计分项"}
EFFECT_LABELS: Final = {
    Effect.NOT_COUNTED: "不计",
    Effect.NOT_THIS_UNIT: "不属本单位，不计",
    Effect.NEITHER: "不计超期和返工",
    Effect.NOT_OVERDUE: "不计超期",
    Effect.NOT_REWORKED: "不计返工",
}
OUTCOME_LABELS: Final = {Outcome.GRANTED: "成立", Outcome.PARTLY: "部分成立", Outcome.REFUSED: "不成立"}
STATE_LABELS: Final = {
    State.RAISED: "待初审",
    State.PROPOSED: "待决定",
    State.DECIDED: "已决定",
    State.ESCALATED: "待复核",
    State.FINISHED: "已复核",
}
OPEN: Final = frozenset({State.RAISED, State.PROPOSED, State.ESCALATED})
ARROWS: Final[Mapping[tuple[State, Step], State]] = {
    (State.RAISED, Step.PROPOSE): State.PROPOSED,
    (State.PROPOSED, Step.DECIDE): State.DECIDED,
    (State.DECIDED, Step.ESCALATE): State.ESCALATED,
    (State.ESCALATED, Step.FINISH): State.FINISHED,
}
CLAIMS: Final[Mapping[Subject, tuple[Effect, ...]]] = {
    Subject.CASE: tuple(Effect),
    Subject.FINDING: (Effect.NOT_COUNTED, Effect.NOT_THIS_UNIT),
    Subject.PART: (Effect.NOT_COUNTED,),
}
_LATE_OR_AGAIN = (Effect.NEITHER, Effect.NOT_OVERDUE, Effect.NOT_REWORKED)
WEAKER: Final[Mapping[tuple[Subject, Effect], tuple[Effect, ...]]] = {
    (Subject.CASE, Effect.NOT_COUNTED): (Effect.NOT_THIS_UNIT, *_LATE_OR_AGAIN),
    (Subject.CASE, Effect.NOT_THIS_UNIT): _LATE_OR_AGAIN,
    (Subject.CASE, Effect.NEITHER): (Effect.NOT_OVERDUE, Effect.NOT_REWORKED),
    (Subject.FINDING, Effect.NOT_COUNTED): (Effect.NOT_THIS_UNIT,),
}


def weaker_than(subject: Subject, claim: Effect) -> tuple[Effect, ...]:
    """What can be granted as a part of what was asked; empty where it can only be granted or refused."""
    return WEAKER.get((subject, claim), ())


def target(state: State, step: Step) -> State:
    """Where a step leads; BadInput says why it cannot be made now."""
    if (found := ARROWS.get((state, step))) is None:
        raise BadInput(f"这件申诉现在是“{STATE_LABELS[state]}”，这一步已经办过或还不能办。")
    return found


def verdict_objections(subject: Subject, claim: Effect, outcome: str, effect: str, reason: str) -> list[str]:
    """What is wrong with a review: an unknown outcome, an effect that does not belong to it, no reason."""
    found = [] if reason.strip() else ["请写明理由，申诉单位会看到。"]
    if len(reason.strip()) > MOST_REASON:
        found.append(f"理由最多 {MOST_REASON} 字。")
    if outcome not in list(Outcome):
        return [*found, "请选择成立、部分成立或不成立。"]
    if outcome == Outcome.PARTLY:
        allowed = weaker_than(subject, claim)
        if not allowed:
            found.append(f"要求的是“{EFFECT_LABELS[claim]}”，只能成立或不成立。")
        elif effect not in allowed:
            words = "、".join(EFFECT_LABELS[each] for each in allowed)
            found.append(f"部分成立须选定怎么计：{words}。")
    return found


def effect_of(claim: Effect, outcome: Outcome, effect: str) -> str:
    """What a sound review grants; empty for a refusal."""
    if outcome is Outcome.REFUSED:
        return ""
    return claim.value if outcome is Outcome.GRANTED else effect


@dataclass(frozen=True)
class Terms:
    """The set times and grounds of a branch. Days are working days, the first one is the day after.

    `window_days` may be 0, then `window_note` says why and is printed. `escalation_days` 0: a refusal is final.
    """

    appeal_days: int = 3
    window_days: int = 3
    window_note: str = ""
    review_days: int = 2
    escalation_days: int = 1
    grounds: tuple[str, ...] = (
        "问题不属实",
        "不属本单位职责",
        "期限内已整改，系统记录有误",
        "不可抗力或上级原因致使超期",
        "核查标准适用有误",
        "其他",
    )


def terms_objections(terms: Terms) -> list[str]:
    """What is wrong with set times and grounds, every objection at once."""
    named = {
        "提出申诉的期限": (terms.appeal_days, 1), "公示期": (terms.window_days, 0), "每一级审核的期限": (terms.review_days, 1),
        "申请复核的期限": (terms.escalation_days, 0),
    }  # fmt: skip
    found = [
        f"{name}请填 {least} 到 {MOST_DAYS} 个工作日。"
        for name, (days, least) in named.items()
        if not least <= days <= MOST_DAYS
    ]
    if terms.window_days == 0 and not terms.window_note.strip():
        found.append("公示期为零须写明理由，理由会印在月排名里。")
    if not terms.grounds:
        found.append("请至少列一条申诉理由。")
    if any(len(ground) > 60 for ground in terms.grounds):
        found.append("每条申诉理由最多 60 字。")
    if len(set(terms.grounds)) < len(terms.grounds):
        found.append("申诉理由有重复，请删去。")
    return found


def end_of(start: datetime, days: int, calendar: WorkCalendar) -> datetime:
    """The end of office hours of the so-many-th working day after the day of `start`; `start` itself for 0 days."""
    if days <= 0:
        return start
    day = start.astimezone(calendar.timezone).date()
    while days:
        day += timedelta(days=1)
        days -= calendar.is_working(day)
    return datetime.combine(day, OFFICE_HOURS[-1][1], calendar.timezone)


# --- what a granted appeal takes out ---

APPEALED: Final = "appealed"  # ids that a part would count if no appeal had been granted
APPEALS: Final = "appeals"  # the appeals by which they are not counted
Groups = Mapping[str, Sequence[int]]


@dataclass(frozen=True)
class Lifted:
    """What granted appeals take out of one part of one line: id -> appeal.

    `out` counts nowhere; `excused` stays in the whole and is no fault; `whole`: the appeal that takes out everything.
    """

    out: Mapping[int, int] = field(default_factory=dict)
    excused: Mapping[int, int] = field(default_factory=dict)
    whole: int | None = None


NOTHING_LIFTED: Final = Lifted()


def lifted_groups(groups: Groups, whole: str, fault: str, lifted: Lifted) -> dict[str, list[int]]:
    """The groups of a part without what was granted; what was taken out stands in `appealed`, by which in `appeals`.

    Applying the same again changes nothing.
    """
    given = {name: list(ids) for name, ids in groups.items()}
    gone = {pk for pk in given[whole] if lifted.whole is not None or pk in lifted.out}
    freed = {pk for pk in given[fault] if pk in lifted.excused} - gone
    if not gone | freed:
        return given
    by = {appeal for pk in gone | freed if (appeal := lifted.out.get(pk) or lifted.excused.get(pk)) is not None}
    by |= {lifted.whole} if lifted.whole is not None else set()
    return given | {
        whole: [pk for pk in given[whole] if pk not in gone],
        fault: [pk for pk in given[fault] if pk not in gone | freed],
        APPEALED: sorted({*given.get(APPEALED, []), *gone, *freed}),
        APPEALS: sorted({*given.get(APPEALS, []), *by}),
    }


def lifting_faults(groups: Groups, whole: str, fault: str, lifted: Lifted) -> list[str]:
    """How the groups of a part differ from what was granted: counted all the same, or left out without an appeal."""
    found = []
    counted = set(groups[whole]) & set(lifted.out) | set(groups[fault]) & set(lifted.excused)
    if counted or (lifted.whole is not None and groups[whole]):
        found.append("申诉成立的仍然计入")
    granted = {*lifted.out, *lifted.excused}
    if lifted.whole is None and set(groups.get(APPEALED, [])) - granted:
        found.append("有没有申诉成立的记录没有计入")
    return found


def lifted_words(label: str, groups: Groups) -> list[str]:
    """The sentence of a line for what a granted appeal took out; none where nothing was."""
    if not groups.get(APPEALED):
        return []
    numbers = "、".join(str(pk) for pk in groups.get(APPEALS, []))
    return [f"{label}：申诉成立，不计 {len(groups[APPEALED])} 项（申诉 {numbers} 号）。"]
