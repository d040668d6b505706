"""`chuangwen due`: the deadline of a start and a limit, without a database."""

import csv
import json
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time
from pathlib import Path

import click

from chuangwen.project.cli import objections_exit_2
from chuangwen.rules.calendar_seed import builtin_calendar
from chuangwen.rules.deadlines import (
    MOST_EXTENSIONS,
    SHANGHAI,
    Due,
    Pause,
    WorkCalendar,
    due_at,
    objections_to,
)
from chuangwen.rules.limits import Limit, parse_limit
from chuangwen.rules.refusals import BadInput

WORKING_WORDS = ("1", "true", "yes", "是", "上班", "工作日")
RESTING_WORDS = ("0", "false", "no", "否", "休息", "放假")
LONGEST_LINE = 10_000
_DATE = re.compile(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})")
_SPAN = re.compile(r"(\d{1,2}):(\d{2})-(\d{1,2}):(\d{2})")
_WEEKDAYS = "一二三四五六日"


def _moment(text: str) -> datetime | None:
    """A date with a time of day; Beijing time unless it says otherwise."""
    try:
        moment = datetime.fromisoformat(text.strip())
    except ValueError:
        return None
    if ":" not in text and "T" not in text:
        return None  # a bare date would silently become midnight
    return moment if moment.tzinfo else moment.replace(tzinfo=SHANGHAI)


def _integer(text: str) -> int | None:
    return int(text) if re.fullmatch(r"-?\d{1,6}", text.strip()) else None


def _span(text: str) -> tuple[time, time] | None:
    found = _SPAN.fullmatch(text)
    if found is None:
        return None
    h1, m1, h2, m2 = (int(part) for part in found.groups())
    try:
        return time(h1, m1), time(h2, m2)
    except ValueError:
        return None


def _day(text: str) -> date | None:
    found = _DATE.fullmatch(text.strip())
    try:
        return date(*(int(part) for part in found.groups())) if found else None
    except ValueError:
        return None


@dataclass
class _Reader:
    """Reads the options and collects every objection on the way."""

    objections: list[str] = field(default_factory=list)

    def start(self, text: str | None) -> datetime | None:
        moment = _moment(text) if text else None
        if not text:
            self.objections.append("缺少起点：请用 --start 写明，例如 --start 2020-06-24T17:00。")
        elif moment is None:
            self.objections.append(f"起点“{text}”读不懂：请写日期和时刻，例如 2020-06-24T17:00。")
        return moment

    def limit(self, text: str | None) -> Limit | None:
        limit = parse_limit(text) if text else None
        if not text:
            self.objections.append("缺少时限：请用 --limit 写明，例如 --limit 4工作时。")
        elif limit is None:
            self.objections.append(
                f"时限“{text}”读不懂：请只写一个数量和一个单位"
                "（紧急工作时、工作时、小时、工作日、天、紧急工作日），数量大于 0、不超过十年。"
            )
        return limit

    def pauses(self, texts: tuple[str, ...]) -> tuple[Pause, ...]:
        return tuple(pause for text in texts if (pause := self._pause(text)) is not None)

    def _pause(self, text: str) -> Pause | None:
        begin, _, end = text.partition("/")
        pause = (_moment(begin), _moment(end))
        if pause[0] is None or pause[1] is None:
            self.objections.append(f"暂停“{text}”读不懂：请写成 起点/终点，例如 2020-06-24T17:00/2020-06-25T09:00。")
            return None
        return pause[0], pause[1]

    def extensions(self, text: str) -> int:
        times = _integer(text)
        if times is None:
            self.objections.append(f"延期次数“{text}”读不懂：请写 0 至 {MOST_EXTENSIONS} 的整数。")
        return times or 0

    def hours(self, text: str, calendar: WorkCalendar) -> WorkCalendar:
        spans = [_span(part) for part in re.sub(r"\s", "", unicodedata.normalize("NFKC", text)).split(",")]
        if None in spans:
            self.objections.append(f"工作时段“{text}”读不懂：请写成 08:00-12:00,14:00-18:00。")
            return calendar
        try:
            return replace(calendar, hours=tuple(span for span in spans if span))
        except BadInput as bad:
            self.objections.extend(bad.objections)
            return calendar

    def calendar_days(self, name: str) -> dict[date, bool]:
        text = self._text(Path(name))
        if text is None:
            return {}
        if not any(_rows(text)):
            self.objections.append(f"日历文件 {name} 里没有一天：每行写 日期,是否上班，例如 2027-02-07,是。")
        days: dict[date, bool] = {}
        for number, cells in _rows(text):
            day, working = _day(cells[0]), _working(cells[1] if len(cells) > 1 else "")
            for objection in _row_objections(cells, day, working, days):
                self.objections.append(f"日历文件 {name} 第 {number} 行：{objection}")
            if day is not None and working is not None:
                days.setdefault(day, working)
        return days

    def _text(self, path: Path) -> str | None:
        try:
            raw = path.read_bytes()
        except OSError as error:
            reason = error.strerror if path.exists() else "没有这个文件"
            self.objections.append(f"日历文件 {path} 打不开：{reason}。")
            return None
        text = _decoded(raw)
        if text is None:
            self.objections.append(f"日历文件 {path} 不是 CSV 文本：请另存为 UTF-8 编码的 CSV。")
        return text


def _decoded(raw: bytes) -> str | None:
    if b"\0" in raw:  # a workbook, or UTF-16
        return None
    for encoding in ("utf-8-sig", "gb18030"):  # spreadsheets on Chinese Windows still save CSV as GBK
        try:
            text = raw.decode(encoding)
        except UnicodeDecodeError:
            continue
        return text if max(map(len, text.splitlines()), default=0) < LONGEST_LINE else None
    return None


def _rows(text: str) -> Iterator[tuple[int, list[str]]]:
    for number, line in enumerate(text.splitlines(), start=1):
        cells = next(csv.reader([line]), [])  # line by line: one stray quote must not swallow the rest
        if not any(cell.strip() for cell in cells):
            continue
        if number == 1 and cells[0].strip().lower() in ("date", "日期"):
            continue
        yield number, cells


def _working(text: str) -> bool | None:
    word = text.strip().lower()
    if word in WORKING_WORDS:
        return True
    return False if word in RESTING_WORDS else None


def _row_objections(cells: list[str], day: date | None, working: bool | None, days: dict[date, bool]) -> Iterator[str]:
    if day is None:
        yield f"日期“{cells[0]}”读不懂，请写成 2020-06-28。"
    if len(cells) < 2:
        yield "缺少“是否上班”一列，请写 1（上班）或 0（休息）。"
    elif working is None:
        yield f"是否上班“{cells[1]}”读不懂，请写 1（上班）或 0（休息）。"
    if day is not None and working is not None and days.get(day, working) != working:
        yield f"{day} 与前面的行相反，请只留一行。"


def _stamp(moment: datetime) -> str:
    clock = f"{moment:%H:%M:%S}" if moment.second else f"{moment:%H:%M}"
    return f"{moment.year}年{moment.month}月{moment.day}日（星期{_WEEKDAYS[moment.weekday()]}）{clock}"


def _as_json(due: Due, limit: Limit) -> str:
    whole = limit.amount == limit.amount.to_integral_value()
    facts = {
        "due": due.at.isoformat(),
        "unit": limit.unit.value,
        "amount": int(limit.amount) if whole else float(limit.amount),
        "warnings": list(due.warnings),
    }
    return json.dumps(facts, ensure_ascii=False)


def _sentence(due: Due, start: datetime, limit: Limit, pauses: tuple[Pause, ...], extensions: int) -> str:
    paused = f"，暂停 {len(pauses)} 段" if pauses else ""
    extended = f"，延期 {extensions} 次" if extensions else ""
    begun = _stamp(start.astimezone(due.at.tzinfo))
    return f"从{begun}起，时限 {limit.label}{paused}{extended}，应在{_stamp(due.at)}前办结。"


@click.command(name="due")
@click.option("--start", metavar="时刻", help="起点，例如 2020-06-24T17:00；不写时区按北京时间。")
@click.option("--limit", "limit_text", metavar="时限", help="例如 4工作时、2紧急工作时、3工作日、5天。")
@click.option("--pause", "pause_texts", multiple=True, metavar="起点/终点", help="暂停计时的一段，可以写多次。")
@click.option("--extend", default="0", metavar="次数", help="已批准的延期次数，每次加一个原时限，最多 2 次。")
@click.option("--calendar", "file", metavar="文件", help="CSV：date,is_working[,name]，所列日期以此为准。")
@click.option("--hours", metavar="时段", help="每天的工作时段，默认 08:00-12:00,14:00-18:00。")
@click.option("--json", "as_json", is_flag=True, help="输出 JSON。")
@objections_exit_2
def command(
    *,
    start: str | None,
    limit_text: str | None,
    pause_texts: tuple[str, ...],
    extend: str,
    file: str | None,
    hours: str | None,
    as_json: bool,
) -> None:
    """算出期限：起点加时限，按中国工作日历（含调休）。"""
    reader = _Reader()
    begun, limit = reader.start(start), reader.limit(limit_text)
    pauses, extensions = reader.pauses(pause_texts), reader.extensions(extend)
    reader.objections.extend(objections_to(start=begun, pauses=pauses, extensions=extensions))
    days = reader.calendar_days(file) if file else {}
    calendar = reader.hours(hours, builtin_calendar()) if hours else builtin_calendar()
    if reader.objections or begun is None or limit is None:
        raise BadInput(reader.objections)
    due = due_at(begun, limit, calendar.overridden(days), pauses=pauses, extensions=extensions)
    if as_json:
        click.echo(_as_json(due, limit))
        return
    click.echo(_sentence(due, begun, limit, pauses, extensions))
    for warning in due.warnings:
        click.echo(warning, err=True)
