"""The two tables of a day's plan: sites and teams, as CSV with Chinese or English column names."""

import csv
import io
import re
from collections.abc import Mapping, Sequence
from datetime import date

from chuangwen.rules.planning import Site, Team
from chuangwen.rules.refusals import BadInput

MOST_SITES = 5_000
MOST_TEAMS = 100
USUAL_MINUTES = 20
USUAL_HOURS = (8 * 60, 18 * 60)
MINUTES_BY_KIND: Mapping[str, int] = {"农贸市场": 40, "医院": 40, "学校": 35, "社区": 40, "公共广场": 20, "主干道": 25}
HOURS_BY_KIND: Mapping[str, tuple[int, int]] = {
    "农贸市场": (6 * 60 + 30, 11 * 60)
}  # the morning trade is what is judged

SITE_COLUMNS = {
    "site": ("site", "点位", "点位编号"),
    "kind": ("type", "类型", "点位类型"),
    "lat": ("lat", "纬度"),
    "lon": ("lon", "经度"),
    "value": ("value", "价值"),
    "minutes": ("minutes", "停留分钟"),
    "hours": ("open", "开放时间"),
    "must": ("must", "必去"),
    "last_visited": ("last_visited", "上次去"),
    "last_inspector": ("last_inspector", "上次巡查员"),
}
TEAM_COLUMNS = {
    "team": ("team", "队伍"),
    "inspectors": ("inspectors", "巡查员"),
    "begin": ("start", "上班"),
    "end": ("end", "下班"),
    "lat": ("lat", "起点纬度", "纬度"),
    "lon": ("lon", "起点经度", "经度"),
}


class _Row:
    """One row whose fields are read with an objection for each that cannot be."""

    def __init__(self, file: str, number: int, values: Mapping[str, str], objections: list[str]) -> None:
        self.where, self.values, self.objections = f"{file}第 {number} 行", values, objections

    def text(self, name: str) -> str:
        return self.values.get(name, "").strip()

    def object(self, label: str, what: str) -> None:
        self.objections.append(f"{self.where}「{label}」：{what}")

    def number(self, name: str, label: str, low: float, high: float, otherwise: float | None = None) -> float:
        text = self.text(name)
        if not text and otherwise is not None:
            return otherwise
        if re.fullmatch(r"-?\d{1,9}(\.\d{1,9})?", text) and low <= float(text) <= high:
            return float(text)
        self.object(label, f"“{text[:30]}”须是 {low:g} 到 {high:g} 的数。" if text else "没有填。")
        return low

    def clock(self, text: str, label: str) -> int:
        match = re.fullmatch(r"(\d{1,2})[:：](\d{2})", text.strip())
        if match and (minutes := int(match[1]) * 60 + int(match[2])) <= 24 * 60 and int(match[2]) < 60:
            return minutes
        self.object(label, f"“{text[:30]}”不是时刻，例如 08:30。" if text.strip() else "没有填。")
        return 0

    def hours(self, otherwise: tuple[int, int]) -> tuple[int, int]:
        text = self.text("hours")
        if not text:
            return otherwise
        parts = re.split(r"[-–—~～至]", text)
        if len(parts) != 2:
            self.object("开放时间", f"“{text[:30]}”读不懂，例如 06:30-11:00。")
            return otherwise
        opens, closes = (self.clock(part, "开放时间") for part in parts)
        if closes < opens:
            self.object("开放时间", f"“{text[:30]}”关得比开得早。")
        return opens, closes

    def day(self) -> date | None:
        text = self.text("last_visited")
        try:
            return date.fromisoformat(text.replace("/", "-")) if text else None
        except ValueError:
            self.object("上次去", f"“{text[:30]}”不是日期，例如 2026-11-20。")
            return None

    def yes(self) -> bool:
        text = self.text("must").lower()
        if text not in {"", "是", "1", "true", "yes", "否", "0", "false", "no"}:
            self.object("必去", f"“{text[:30]}”请写“是”或“否”。")
        return text in {"是", "1", "true", "yes"}


def _rows(
    text: str, file: str, columns: Mapping[str, Sequence[str]], needed: Sequence[str], objections: list[str]
) -> list[_Row]:
    table = list(csv.reader(io.StringIO(text.lstrip("\ufeff"))))
    heads = [head.strip() for head in table[0]] if table else []
    where = {name: heads.index(label) for name, labels in columns.items() for label in labels[::-1] if label in heads}
    objections += [f"{file}缺少“{columns[n][1]}”（{columns[n][0]}）这一列。" for n in needed if n not in where]
    if any(name not in where for name in needed):
        return []
    return [
        _Row(file, at, {name: row[c] for name, c in where.items() if c < len(row)}, objections)
        for at, row in enumerate(table[1:], start=2)
        if any(cell.strip() for cell in row)
    ]


def _points(located: bool) -> tuple[str, ...]:
    return ("lat", "lon") if located else ()


def _twice(names: Sequence[str], file: str, objections: list[str]) -> None:
    seen: set[str] = set()
    for name in names:
        if name in seen:
            objections.append(f"{file}里“{name}”出现了两次。")
        seen.add(name)


def _point(row: _Row, located: bool) -> tuple[float, float]:
    if not located:
        return 0.0, 0.0
    return row.number("lat", "纬度", -90, 90), row.number("lon", "经度", -180, 180)


def read_sites(text: str, *, located: bool, objections: list[str]) -> tuple[Site, ...]:
    """The sites; what is wrong goes to `objections`. `located`: coordinates are needed (no travel table is given)."""
    rows = _rows(text, "点位表", SITE_COLUMNS, ("site", "value", *_points(located)), objections)
    sites = tuple(_site(row, located) for row in rows)
    if not sites and not objections:
        objections.append("点位表里没有点位。")
    if len(sites) > MOST_SITES:
        objections.append(f"点位表有 {len(sites)} 处，最多 {MOST_SITES} 处。")
    _twice([site.name for site in sites], "点位表", objections)
    return sites


def _site(row: _Row, located: bool) -> Site:
    name, kind = row.text("site"), row.text("kind")
    if not name:
        row.object("点位", "没有填。")
    return Site(
        name,
        kind,
        *_point(row, located),
        row.number("value", "价值", 0, 1_000_000),
        int(row.number("minutes", "停留分钟", 1, 600, MINUTES_BY_KIND.get(kind, USUAL_MINUTES))),
        row.hours(HOURS_BY_KIND.get(kind, USUAL_HOURS)),
        row.yes(),
        row.day(),
        row.text("last_inspector"),
    )


def read_teams(text: str, *, located: bool, objections: list[str]) -> tuple[Team, ...]:
    """The teams with their working hours; what is wrong goes to `objections`."""
    rows = _rows(text, "队伍表", TEAM_COLUMNS, ("team", "begin", "end", *_points(located)), objections)
    teams = tuple(_team(row, located) for row in rows)
    if not teams and not any("队伍表" in said for said in objections):
        objections.append("队伍表里没有队伍。")
    if len(teams) > MOST_TEAMS:
        objections.append(f"队伍表有 {len(teams)} 队，最多 {MOST_TEAMS} 队。")
    _twice([team.name for team in teams], "队伍表", objections)
    return teams


def _team(row: _Row, located: bool) -> Team:
    name = row.text("team")
    if not name:
        row.object("队伍", "没有填。")
    begins, ends = row.clock(row.text("begin"), "上班"), row.clock(row.text("end"), "下班")
    if row.text("begin") and row.text("end") and ends <= begins:
        row.object("下班", f"“{row.text('end')}”不晚于上班时间，这一队没有工作时间。")
    inspectors = tuple(word for word in re.split(r"[、,，;；\s]+", row.text("inspectors")) if word)
    return Team(name, inspectors, *_point(row, located), begins, ends)


def refuse(objections: Sequence[str], most: int = 30) -> None:
    """Raise BadInput with the objections when there are any (the first thirty and how many more)."""
    if objections:
        more = [f"还有 {len(objections) - most} 处错。"] if len(objections) > most else []
        raise BadInput([*objections[:most], *more])
