"""Which event leads to which notice for whom, and which events end it. A new room adds its lines here.

A sentence names a number, a place and a deadline, never a person, a telephone number or the words of a report.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from chuangwen.rules.case_flow import Move
from chuangwen.rules.deadlines import SHANGHAI
from chuangwen.rules.permissions import Role


class Circle(StrEnum):
    """Who is told, counted from the matter."""

    UNITS = "units"  # everybody who works in the units of the matter
    CHIEFS = "chiefs"  # those who answer for these units
    OFFICE = "office"  # the office whose branch the place belongs to
    CHECKERS = "checkers"  # the inspectors who reach the place
    NAMED = "named"  # the people whom the matter names


CIRCLE_ROLES: Final[Mapping[Circle, tuple[Role, ...]]] = {
    Circle.UNITS: (Role.UNIT_CHIEF, Role.UNIT_WORKER, Role.GRID_WORKER),
    Circle.CHIEFS: (Role.UNIT_CHIEF,),
    Circle.OFFICE: (Role.OFFICE_CLERK,),
    Circle.CHECKERS: (Role.INSPECTOR,),
    Circle.NAMED: (),
}


@dataclass(frozen=True)
class Matter:
    """What a notice may say of the thing it is about, and where the circles are found. `origin`: how it came about."""

    name: str
    place: str = ""
    due_at: datetime | None = None
    urgent: bool = False
    home: str = ""
    units: tuple[int, ...] = ()
    people: frozenset[int] = frozenset()
    site: int | None = None
    origin: str = ""
    count: int = 0


@dataclass(frozen=True)
class Rule:
    """One line of the table. `acts`: the receiver has something to do and is reminded until it is done; otherwise the
    notice is for information and is done when it was read. `fact`: the matter is not the subject of the event but
    what this fact of it names. `origins`: only for matters that came about so.
    """

    event: str
    what: str
    text: str
    to: Circle
    ended_by: tuple[str, ...] = ()
    acts: bool = True
    fact: str = ""
    origins: tuple[str, ...] = ()

    def sentence(self, matter: Matter) -> str:
        """The words of the notice about this matter."""
        place = f"（{matter.place}）" if matter.place else ""
        return self.text.format(name=matter.name, place=place, due=moment_words(matter.due_at), count=matter.count)


def moment_words(moment: datetime | None) -> str:
    """A deadline as a sentence says it, Beijing time."""
    if moment is None:
        return "规定时限"
    local = moment.astimezone(SHANGHAI)
    return f"{local.month}月{local.day}日 {local:%H:%M}"


MOVES: Final = tuple(f"case.{move.value}" for move in Move)
_DECIDED: Final = ("case.extension_granted", "case.extension_refused")
_DUE_CHANGES: Final = (*MOVES, "case.extension_granted", "case.ordered")
_SETTLED: Final = tuple(f"case.objection_{outcome}" for outcome in ("upheld", "rejected", "lapsed"))
_REMARK: Final = tuple(f"supervision.remark_{what}" for what in ("answered", "accepted", "dropped", "returned", "case"))
_WHISTLE_ENDS: Final = ("whistle.closed", "whistle.called_off")
_OBJECTION_ENDS: Final = ("whistle.objection_decided", *_WHISTLE_ENDS)
_ITEM_ENDS: Final = ("directive.signed_off",)
_HANDED_IN: Final = ("declaration.handed_in",)
_DISPUTE_ENDS: Final = ("declaration.dispute_decided",)
_TURN_ENDS: Final = ("supervision.closed", "supervision.dropped")

TABLE: Final[tuple[Rule, ...]] = (
    Rule("case.report", "群众上报", "收到群众扫码上报 {name}{place}，请受理。", Circle.OFFICE, MOVES, origins=("resident",)),
    Rule("case.dispatch", "新派案件", "案件 {name}{place}派给你单位，请在 {due} 前整改。", Circle.UNITS, MOVES),
    Rule("case.assign", "新派案件", "案件 {name}{place}交你单位办理，请在 {due} 前整改。", Circle.UNITS, MOVES),
    Rule("case.resume", "恢复办理", "案件 {name}{place}恢复办理，请在 {due} 前整改。", Circle.UNITS, MOVES),
    Rule("case.reject", "退回重办", "案件 {name}{place}核查没有通过，请在 {due} 前重新整改。", Circle.UNITS, MOVES),
    Rule("case.reopen", "重新办理", "案件 {name}{place}的反映人认为没有解决，请重新办理，期限 {due}。", Circle.UNITS, MOVES),
    Rule("case.return_back", "单位退回", "案件 {name}{place}被责任单位退回，请重新派遣。", Circle.OFFICE, MOVES),
    Rule("case.rectify", "待核查", "案件 {name}{place}已提交整改，等待核查。", Circle.CHECKERS, MOVES),
    Rule("case.verify", "待答复结案", "案件 {name}{place}核查通过，请答复群众后结案。", Circle.OFFICE, MOVES),
    Rule("case.extension_asked", "申请延期", "案件 {name}{place}申请延期，请批复。", Circle.OFFICE, (*_DECIDED, *MOVES)),
    Rule("case.extension_granted", "同意延期", "案件 {name}{place}同意延期，新的期限是 {due}。", Circle.UNITS, MOVES, acts=False),
    Rule("case.extension_refused", "未同意延期", "案件 {name}{place}没有同意延期，期限仍是 {due}。", Circle.UNITS, MOVES, acts=False),
    Rule("case.objected", "派单异议", "案件 {name}{place}的责任单位提出派单异议，请裁定。", Circle.OFFICE, _SETTLED),
    Rule("case.objection_rejected", "派单异议不成立", "案件 {name}{place}的派单异议不成立，请在 {due} 前整改。", Circle.UNITS, MOVES, acts=False),
    Rule("order.issued", "整改任务书", "整改任务书 {name} 列有你单位的案件，期限 {due}。", Circle.CHIEFS),
    Rule("recheck.given", "复核任务", "请到{place}复核，期限 {due}。", Circle.NAMED, ("recheck.finished", "recheck.handed_over")),
    Rule("recheck.handed_over", "复核任务", "请到{place}复核，期限 {due}。", Circle.NAMED, ("recheck.finished", "recheck.handed_over")),
    Rule("supervision.ordered", "督查任务", "督查任务“{name}”已下达，请按时督查。", Circle.NAMED, _TURN_ENDS),
    Rule("supervision.disclosed", "督查公布", "督查“{name}”已公布，请查看涉及你单位的情况。", Circle.CHIEFS, _TURN_ENDS, acts=False),
    Rule("supervision.remark_sent", "督查意见", "督查意见交你单位答复，期限 {due}。", Circle.CHIEFS, _REMARK, fact="remark"),
    Rule("supervision.remark_returned", "督查意见", "督查意见须重新答复，期限 {due}。", Circle.CHIEFS, _REMARK, fact="remark"),
    Rule("supervision.report_released", "督查报告", "督查“{name}”的报告已发布。", Circle.CHIEFS, acts=False),
    Rule("campaign.started", "排查与专项", "“{name}”已启动，{due} 截止。", Circle.CHIEFS, ("campaign.closed", "campaign.cancelled")),
    Rule("whistle.blown", "街道吹哨", "吹哨 {name}{place}召集你单位，请在 {due} 前确认。", Circle.UNITS, _WHISTLE_ENDS, acts=False),
    Rule("whistle.objected", "吹哨异议", "吹哨 {name}{place}有单位提出异议，请在承诺的时限内裁定。", Circle.OFFICE, _OBJECTION_ENDS, acts=False),
    Rule("directive.broken_down", "上级督办件", "督办件 {name}分给你单位，请在 {due} 前报完成。", Circle.CHIEFS, _ITEM_ENDS, acts=False),
    Rule("directive.sent_back", "督办件退回", "督办件 {name}退回你单位，请在 {due} 前重新报完成。", Circle.CHIEFS, _ITEM_ENDS, acts=False),
    Rule("declaration.returned", "申报材料退回", "申报材料 {name}退回修改，请在 {due} 前交新版本。", Circle.UNITS, _HANDED_IN, acts=False),
    Rule("declaration.disputed", "材料归属异议", "申报材料 {name}有单位提出不归自己，请裁定。", Circle.OFFICE, _DISPUTE_ENDS, acts=False),
    Rule("declaration.dispute_decided", "材料归属裁定", "申报材料 {name}的归属已经裁定，请查看。", Circle.UNITS, _HANDED_IN, acts=False),
)  # fmt: skip

# Made by the clock, not by an event.
NEAR: Final = Rule("", "快到期", "案件 {name}{place}将在 {due} 到期，请抓紧。", Circle.UNITS, _DUE_CHANGES)
LATE: Final = Rule("", "已超期", "案件 {name}{place}已超过期限 {due}，请尽快办结。", Circle.UNITS, _DUE_CHANGES)


def rules_for(event_kind: str) -> tuple[Rule, ...]:
    """The lines of the table that an event of this kind leads to."""
    return tuple(rule for rule in TABLE if rule.event == event_kind)


def kinds_that_matter() -> frozenset[str]:
    """Every kind of event that makes or ends a notice."""
    return (
        frozenset(rule.event for rule in TABLE)
        | frozenset(kind for rule in TABLE for kind in rule.ended_by)
        | set(_DUE_CHANGES)
    )


def ended_whats(event_kind: str, rules: Iterable[Rule] = (*TABLE, NEAR, LATE)) -> frozenset[str]:
    """What kinds of notice about the same matter an event of this kind ends."""
    return frozenset(rule.what for rule in rules if event_kind in rule.ended_by)
