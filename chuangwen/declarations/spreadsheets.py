"""The tables of the online submission: what is asked, and who answers for a unit."""

from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from chuangwen.declarations.models import Drive, Duty, Requirement
from chuangwen.declarations.queries import kinds
from chuangwen.rules.deadlines import SHANGHAI
from chuangwen.rules.tables import Column, choice_column, day_column, read_table, text_column, write_table

MOST_ROWS: Final = 5000


def _count(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= 99:
        raise ValueError(f"“{text}”应是 1 到 99 的整数。")
    return int(text)


def _columns() -> tuple[Column, ...]:
    return (
        text_column("number", "编号", 40, required=True, note="材料的编号，如 3-1-2，打包时按它排文件夹。"),
        text_column("criterion", "标准编码", 20, required=True, note="测评标准里的条目编码。"),
        choice_column("kind", "材料种类", kinds(), required=True),
        text_column("text", "要求", 300, width=40),
        Column(
            "count", "份数", reads=_count, shows=lambda value: str(value or ""), empty=None, width=8, note="不填为 1。"
        ),
        text_column("unit", "提供单位", 80, width=20, note="单位名称或编码；还没有确定的留空。"),
        text_column("reviewer", "审核单位", 80, width=20, note="先审的牵头部门；留空由文明办审。"),
        day_column("first_on", "有效期起", note="不填按批次的有效期。"),
        day_column("last_on", "有效期止", note="不填按批次的有效期。"),
        day_column("due_on", "截止日期", note="不填按批次的截止时间。"),
    )


@dataclass(frozen=True)
class RequirementRow:
    """One row as it is written; row number in the file."""

    row: int
    number: str
    criterion: str
    kind: str
    text: str = ""
    count: int | None = None
    unit: str = ""
    reviewer: str = ""
    first_on: date | None = None
    last_on: date | None = None
    due_on: date | None = None


def read_requirements(content: bytes) -> list[RequirementRow]:
    """The rows of a file; BadInput names every bad cell."""
    return [RequirementRow(line.number, **line.values) for line in read_table(content, _columns())]


def _row_of(one: Requirement) -> RequirementRow:
    return RequirementRow(
        0, one.number, one.criterion.code, one.kind, one.text, one.count, one.unit.code if one.unit else "",
        one.reviewer.code if one.reviewer else "", one.first_on, one.last_on, one.due_at.astimezone(SHANGHAI).date(),
    )  # fmt: skip


def export_requirements(drive: Drive | None) -> bytes:
    """A workbook that reads back into the same requirements; without a drive an empty one."""
    rows: Any = drive.requirements.select_related("criterion", "unit", "reviewer").order_by("number") if drive else ()
    return write_table("材料要求", _columns(), (_row_of(one) for one in rows))


DUTY_COLUMNS: Final = (
    text_column("unit", "单位", 80, required=True, note="单位名称或编码。"),
    text_column("leader", "分管领导账号", 40, required=True, width=18),
    text_column("contact", "联络员账号", 40, required=True, width=18),
)


@dataclass(frozen=True)
class DutyRow:
    """Who answers for a unit."""

    row: int
    unit: str
    leader: str
    contact: str


def read_duties(content: bytes) -> list[DutyRow]:
    """The rows of a file; BadInput names every bad cell."""
    return [DutyRow(line.number, **line.values) for line in read_table(content, DUTY_COLUMNS)]


def _duty_row(one: Duty) -> DutyRow:
    return DutyRow(0, one.unit.code, one.leader.username, one.contact.username)


def export_duties(duties: Any) -> bytes:
    """A workbook that reads back into the same list."""
    return write_table("申报责任人", DUTY_COLUMNS, (_duty_row(one) for one in duties))
