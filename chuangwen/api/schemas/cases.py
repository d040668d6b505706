"""Shapes of cases: the filters of the list, what the list and the detail show."""

from datetime import datetime
from typing import Any

from django.urls import reverse
from ninja import Schema
from pydantic import Field

from chuangwen.api.schemas.common import (
    Body,
    Moment,
    SiteBrief,
    UnitBrief,
    Word,
)
from chuangwen.cases.filters import FROM_RESIDENTS
from chuangwen.cases.personal import words_for
from chuangwen.cases.queries import moves_for
from chuangwen.http import actor_of, now_of
from chuangwen.rules.case_flow import MOVE_LABELS, STATUS_LABELS, Move, Need, Status, Step

EVENT_LABELS = {
    "case.report": "上报",
    "case.note": "备注",
    "case.ordered": "列入整改任务书",
    "case.extension_asked": "申请延期",
    "case.extension_granted": "同意延期",
    "case.extension_refused": "不同意延期",
    "case.parts_added": "请单位共同办理",
    "case.merged": "并入另一件案件",
    "case.took_in": "并入了一件反映",
    "case.split": "拆开，单独办理",
    "case.gave_back": "拆出一件反映",
    "triage.confirmed": "确认研判",
    "case.part_done": "单位办完自己的部分",
    "case.part_reopened": "退回一个单位重办",
    "case.part_taken_off": "免去一个单位的任务",
    **{f"case.{move.value}": label for move, label in MOVE_LABELS.items()},
}


class CaseQuery(Body):
    """The filters of the case list; empty means all. Days are inclusive, in Beijing time."""

    q: Word = Field("", description="文字，或 15 位案件编号")
    state: Word = Field("", description="open 未办结，running 整改计时中，done 已办结")
    status: Word = Field(
        "", description="、".join(f"{status.value} {label}" for status, label in STATUS_LABELS.items())
    )
    unit: Word = Field("", description="责任单位编码，含下级")
    own: Word = Field("", description="1：只要这个单位自己的，不含下级")
    street: Word = Field("", description="街道编码")
    point_type: Word = Field("", description="点位类型编码")
    criterion: Word = Field("", description="测评标准编码")
    severity: Word = Field("", description="V 否决类，A 重大，B 一般，C 轻微")
    origin: Word = Field("", description="finding 巡查发现，message 群众来信，report 人工上报")
    kind: Word = Field("", description="部件 或 事件，按立案标准")
    item: Word = Field("", description="立案标准的小类")
    late: Word = Field("", description="now 正在超期，ever 曾经超期，no 按期")
    rework: Word = Field("", description="1：返工过")
    order: Word = Field("", description="整改任务书编号")
    site: Word = Field("", description="点位编号")
    since: Word = Field("", description="上报日期起，如 2020-06-01")
    until: Word = Field("", description="上报日期止，如 2020-06-28")
    handed_in: Word = Field("", description="1：已提交过整改")
    ended_since: Word = Field("", description="办结日期起")
    ended_until: Word = Field("", description="办结日期止")
    merged: Word = Field("", description="1：连同已并入别的案件的反映")
    sort: Word = Field("newest", description="newest 新的在前，oldest 旧的在前，due 先到期的在前，reported 按上报时间")
    after: Word = Field("", description="上一页的 next_key")
    size: int = Field(50, ge=1, description="每页条数，最多 200")


class CaseRow(Schema):
    """A case in the list."""

    id: int
    number: str
    version: int
    title: str
    status: Status
    status_label: str
    severity: str
    origin: str
    criterion_code: str
    point_type: str
    site: SiteBrief | None
    home: UnitBrief
    street: UnitBrief | None
    unit: UnitBrief | None
    place: str
    lng: float | None
    lat: float | None
    reported_at: Moment
    due_at: Moment | None
    act_by: Moment
    late: bool
    rework_count: int
    voices: int = Field(description="几次反映：这一件和并入它的")
    merged_into: int | None = Field(description="已并入的案件")

    @staticmethod
    def resolve_title(case: Any, context: dict[str, Any]) -> str:
        """Numbers of telephones and identity cards are starred for whoever does not handle the case."""
        return words_for(actor_of(context["request"]), case, case.title)

    @staticmethod
    def resolve_merged_into(case: Any) -> int | None:
        """The row of the kept case."""
        return case.merged_into_id  # type: ignore[no-any-return]  # a row number or nothing

    @staticmethod
    def resolve_status_label(case: Any) -> str:
        """The Chinese name of the status."""
        return str(case.flow_status.label)

    @staticmethod
    def resolve_origin(case: Any) -> str:
        """Which room opened it."""
        return str(case.origin_kind)

    @staticmethod
    def resolve_late(case: Any, context: dict[str, Any]) -> bool:
        """Late at the moment of the request."""
        return bool(case.is_late(now_of(context["request"])))


class CasePage(Schema):
    """One page; `next` is the address of the next one, empty on the last."""

    items: list[CaseRow]
    next_key: str
    next: str
    total: int
    capped: bool = Field(description="总数超过一万时为 true，total 只数到一万")


class StandardOut(Schema):
    """The case standard: what opens the case, its limit, what closes it."""

    id: int
    code: str
    item: str
    condition: str
    limit_text: str
    closes_when: str


class OrderBrief(Schema):
    """The order that the case is part of."""

    id: int
    number: str
    title: str
    deadline: Moment


class CaseFull(CaseRow):
    """A case with everything it says of itself."""

    text: str
    reply: str
    standard: StandardOut | None
    order: OrderBrief | None
    reported_by: str = Field(description="上报人；群众来信不给出")
    rectified_by: str
    dispatched_at: Moment | None
    due_warning: str
    rectified_at: Moment | None
    ended_at: Moment | None
    suspended_until: Moment | None
    extension_count: int

    @staticmethod
    def resolve_text(case: Any, context: dict[str, Any]) -> str:
        """Numbers of telephones and identity cards are starred for whoever does not handle the case."""
        return words_for(actor_of(context["request"]), case, case.text)

    @staticmethod
    def resolve_reported_by(case: Any) -> str:
        """Our own people by name, residents never."""
        hidden = case.reported_by is None or case.origin_kind in FROM_RESIDENTS
        return "" if hidden else str(case.reported_by.display_name)

    @staticmethod
    def resolve_rectified_by(case: Any) -> str:
        """Who handed it in as put right."""
        return str(case.rectified_by.display_name) if case.rectified_by else ""


class MoveOut(Schema):
    """A move that this person can make now, and what it cannot do without."""

    move: Move
    label: str
    to: Status
    needs: list[Need]

    @staticmethod
    def resolve_label(arrow: Step) -> str:
        """What the button says."""
        return arrow.move.label

    @staticmethod
    def resolve_to(arrow: Step) -> Status:
        """Where it leads."""
        return arrow.target

    @staticmethod
    def resolve_needs(arrow: Step) -> list[Need]:
        """In the order of the table."""
        return [need for need in Need if need in arrow.needs]


class CasePhotoOut(Schema):
    """A photo of the case; both addresses go through the door of the case."""

    id: int
    role: str
    role_label: str
    round: int
    taken_at: Moment | None
    width: int
    height: int
    url: str
    small_url: str

    @staticmethod
    def resolve_id(row: Any) -> int:
        """The id of the picture."""
        return int(row.photo_id)

    @staticmethod
    def resolve_role_label(row: Any) -> str:
        """Before, after or for reference."""
        return str(row.get_role_display())

    @staticmethod
    def resolve_taken_at(row: Any) -> datetime | None:
        """When the picture says it was taken."""
        taken: datetime | None = row.photo.taken_at
        return taken

    @staticmethod
    def resolve_width(row: Any) -> int:
        """In pixels."""
        return int(row.photo.width)

    @staticmethod
    def resolve_height(row: Any) -> int:
        """In pixels."""
        return int(row.photo.height)

    @staticmethod
    def resolve_url(row: Any) -> str:
        """The original."""
        return reverse("api:case_photo", args=(row.case_id, row.photo_id))

    @staticmethod
    def resolve_small_url(row: Any) -> str:
        """The small copy."""
        return f"{CasePhotoOut.resolve_url(row)}?small=true"


class EventOut(Schema):
    """One line of the history."""

    id: int
    kind: str
    label: str
    at: Moment
    actor: str
    note: str
    before: str = Field(description="之前的状态")
    after: str = Field(description="之后的状态")
    unit: str
    due_at: Moment | None

    @staticmethod
    def resolve_label(event: Any) -> str:
        """What happened, in Chinese; empty for kinds that this version does not know."""
        return EVENT_LABELS.get(event.kind, "")

    @staticmethod
    def resolve_actor(event: Any) -> str:
        """Who did it; a resident who wrote to us is not named."""
        hidden = event.kind == "case.report" and event.facts.get("origin") in FROM_RESIDENTS
        return "" if hidden else str(event.actor_name)

    @staticmethod
    def resolve_before(event: Any) -> str:
        """The status it left."""
        return str(event.facts.get("from") or "")

    @staticmethod
    def resolve_after(event: Any) -> str:
        """The status it reached."""
        return str(event.facts.get("to") or "")

    @staticmethod
    def resolve_unit(event: Any) -> str:
        """The unit it was handed to."""
        return str(event.facts.get("unit_name") or "")

    @staticmethod
    def resolve_due_at(event: Any) -> str | None:
        """The deadline that followed."""
        due: str | None = event.facts.get("due_at")
        return due


class ExtensionOut(Schema):
    """A request for an extension that waits for a decision."""

    id: int
    reason: str
    asked_at: Moment
    asked_by: str

    @staticmethod
    def resolve_asked_by(asked: Any) -> str:
        """Who asked."""
        return str(asked.asked_by.display_name) if asked.asked_by else ""


class CaseDetail(Schema):
    """A case, what can be done with it, what proves it, how it came here."""

    case: CaseFull
    moves: list[MoveOut]
    photos: list[CasePhotoOut]
    history: list[EventOut]
    extension: ExtensionOut | None
    may_ask_extension: bool


class CaseStanding(Schema):
    """Where a case stands after something was done with it."""

    id: int
    number: str
    version: int
    status: Status
    status_label: str
    unit: UnitBrief | None
    due_at: Moment | None
    due_warning: str
    act_by: Moment
    moves: list[MoveOut]

    @staticmethod
    def resolve_status_label(case: Any) -> str:
        """The Chinese name of the status."""
        return str(case.flow_status.label)

    @staticmethod
    def resolve_moves(case: Any, context: dict[str, Any]) -> tuple[Step, ...]:
        """What this person can do next; rests on facts already loaded."""
        return moves_for(actor_of(context["request"]), case)
