"""The filtered list as a workbook: written row by row, so that a hundred thousand cases need little memory."""

import tempfile
import weakref
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import IO, Any
from zoneinfo import ZoneInfo

import xlsxwriter
from django.utils.translation import gettext_lazy as _

from chuangwen.cases.filters import FROM_RESIDENTS, ORIGINS
from chuangwen.cases.worklist import Case
from chuangwen.rules.personal_numbers import hidden_numbers
from chuangwen.web.looks import SEVERITY_LOOKS, STATUS_LOOKS

MOST_ROWS = 100_000
BEIJING = ZoneInfo("Asia/Shanghai")
Cell = str | int | datetime | None


def _late(case: Case, now: datetime) -> str:
    return str(_("是")) if case.is_late(now) else ""


# Residents write about themselves and their neighbours, so what they wrote stays in the case.
COLUMNS: Sequence[tuple[Any, int, Callable[[Case, datetime], Cell]]] = (
    (_("编号"), 17, lambda case, _now: case.number),
    (_("状态"), 10, lambda case, _now: str(STATUS_LOOKS[case.status].label)),
    (_("等级"), 8, lambda case, _now: str(SEVERITY_LOOKS[case.severity].label)),
    (_("标题"), 40, lambda case, _now: hidden_numbers(case.title)),
    (_("情况"), 40, lambda case, _now: "" if case.origin_kind in FROM_RESIDENTS else hidden_numbers(case.text)),
    (_("点位"), 20, lambda case, _now: case.site.name if case.site else ""),
    (_("位置"), 24, lambda case, _now: case.place),
    (_("街道"), 14, lambda case, _now: case.street.name if case.street else ""),
    (_("责任单位"), 20, lambda case, _now: case.unit.name if case.unit else ""),
    (_("来源"), 10, lambda case, _now: str(_(ORIGINS.get(case.origin_kind, case.origin_kind)))),
    (_("测评标准"), 12, lambda case, _now: case.criterion_code),
    (_("立案标准"), 14, lambda case, _now: case.standard.code if case.standard else ""),
    (_("处置时限"), 10, lambda case, _now: case.standard.limit_text if case.standard else ""),
    (_("上报时间"), 17, lambda case, _now: case.reported_at),
    (_("派遣时间"), 17, lambda case, _now: case.dispatched_at),
    (_("整改期限"), 17, lambda case, _now: case.due_at),
    (_("提交整改"), 17, lambda case, _now: case.rectified_at),
    (_("办结时间"), 17, lambda case, _now: case.ended_at),
    (_("超期"), 6, _late),
    (_("返工次数"), 9, lambda case, _now: case.rework_count),
    (_("延期次数"), 9, lambda case, _now: case.extension_count),
    (_("整改任务书"), 22, lambda case, _now: case.order.number if case.order else ""),
)


class _Sheet:
    """Writes cells as what they are; a text is never a formula, whatever it begins with."""

    def __init__(self, book: Any, name: str) -> None:
        self.sheet = book.add_worksheet(name)
        self.moment = book.add_format({"num_format": "yyyy-mm-dd hh:mm"})
        self.head = book.add_format({"bold": True})

    def put(self, row: int, column: int, cell: Cell) -> None:
        if isinstance(cell, datetime):
            self.sheet.write_datetime(row, column, cell.astimezone(BEIJING).replace(tzinfo=None), self.moment)
        elif isinstance(cell, int):
            self.sheet.write_number(row, column, cell)
        elif cell:
            self.sheet.write_string(row, column, cell)


class Download:
    """A temporary file to be sent. It is gone when it is closed, or when a response that nobody reads is forgotten."""

    def __init__(self, file: IO[bytes]) -> None:
        file.seek(0)
        self.read = file.read
        self.close = weakref.finalize(self, file.close)


def workbook(cases: Iterable[Case], *, words: Sequence[str], by: str, now: datetime) -> Download:
    """The cases on the first sheet; on the second, how many they are and why these."""
    out = tempfile.TemporaryFile(suffix=".xlsx")  # noqa: SIM115  # the response closes it after sending
    book = xlsxwriter.Workbook(out, {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    rows = _Sheet(book, str(_("案件")))
    for column, (title, width, _cell) in enumerate(COLUMNS):
        rows.sheet.set_column(column, column, width)
        rows.sheet.write_string(0, column, str(title), rows.head)
    rows.sheet.freeze_panes(1, 1)
    count = 0
    for count, case in enumerate(cases, start=1):
        for column, (_title, _width, cell) in enumerate(COLUMNS):
            rows.put(count, column, cell(case, now))
    rows.sheet.autofilter(0, 0, max(count, 1), len(COLUMNS) - 1)
    _why(_Sheet(book, str(_("说明"))), count, words=words, by=by, now=now)
    book.close()
    return Download(out)


def _why(why: _Sheet, count: int, *, words: Sequence[str], by: str, now: datetime) -> None:
    why.sheet.set_column(0, 0, 14)
    why.sheet.set_column(1, 1, 60)
    facts: tuple[tuple[Any, Cell], ...] = (
        (_("件数"), count),
        (_("筛选条件"), "、".join(words) or str(_("全部可见案件"))),
        (_("导出时间"), now),
        (_("导出人"), by),
        (_("说明"), str(_("来信人写的内容不导出，请到案件页查看。"))),
    )
    for row, (label, cell) in enumerate(facts):
        why.sheet.write_string(row, 0, str(label), why.head)
        why.put(row, 1, cell)
