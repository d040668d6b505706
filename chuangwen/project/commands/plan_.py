"""`chuangwen plan`: tours of teams over places with values and time windows, without a database."""

import json
import time
from datetime import date
from pathlib import Path
from typing import Any

import click

from chuangwen.project.cli import objections_exit_2
from chuangwen.rules.instances import Instance, read_pcvrptw, read_toptw
from chuangwen.rules.refusals import BadInput

LARGEST_FILE = 32 * 1024 * 1024
FORMATS = ("toptw", "pcvrptw")
MOST_SECONDS = 3_600


@click.command()
@click.option("--instance", default=None, help="公开算例文件；给了它就只解算例")
@click.option("--format", "file_format", default=None, help="算例格式：toptw 或 pcvrptw")
@click.option("--sites", default=None, help="点位表 CSV（日计划）")
@click.option("--teams", default=None, help="算例：队数；日计划：队伍表 CSV")
@click.option("--matrix", default=None, help="路程表：CSV（分钟）或 OSRM table 的 JSON；不给就按直线距离折算")
@click.option("--date", "day", default=None, help="计划哪一天，例如 2026-11-24；不给按今天")
@click.option("--gap", default="7", show_default=True, help="几天之内不再去同一处")
@click.option("--random", "random_share", default="0.1", show_default=True, help="随机点位占预计站数的份额")
@click.option("--speed", default="20", show_default=True, help="平均速度，公里/小时")
@click.option("--factor", default="1.3", show_default=True, help="路程是直线距离的几倍")
@click.option("--seed", default="0", show_default=True, help="随机种子")
@click.option("--seconds", default=None, help="最多算几秒；算例默认 20，日计划默认 8")
@click.option("--rounds", default=None, help="每个进程最多算几轮；种子和轮数相同，结果相同")
@click.option("--processes", default="2", show_default=True, help="同时用几个进程")
@click.option("--json", "as_json", is_flag=True, help="输出 JSON")
@objections_exit_2
def command(instance: str | None, sites: str | None, as_json: bool, **given: str | None) -> None:
    """安排路线：解公开算例，或排明天各队的巡查路线。

    算例输出的 routes 用文件里的点位编号，不含起点和终点。
    """
    began = time.monotonic()
    if (instance is None) == (sites is None):
        raise BadInput("请用 --instance 给算例文件，或用 --sites 和 --teams 给点位表和队伍表，二选一。")
    if instance is not None:
        _instance(instance, given, began, as_json)
    else:
        _daily(str(sites), given, began, as_json)


def _number(given: dict[str, str | None], name: str, objections: list[str], low: float, high: float) -> float:
    text = given[name] or "0"
    try:
        number = float(text)
    except ValueError:
        number = float("nan")
    if not low <= number <= high:
        objections.append(f"--{name.replace('random_share', 'random')} “{text}”不行：须是 {low:g} 到 {high:g} 的数。")
        return low
    return number


def _text(path: str, objections: list[str]) -> str:
    try:
        if Path(path).stat().st_size > LARGEST_FILE:
            objections.append(f"{path} 超过 {LARGEST_FILE // 1024 // 1024} MB。")
            return ""
        return Path(path).read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        objections.append(f"{path} 不是 UTF-8 文字文件，请另存为 UTF-8 再试。")
    except OSError as error:
        objections.append(f"{path} 打不开：{error.strerror or error}。")
    return ""


def _effort(given: dict[str, str | None], objections: list[str], seconds: str) -> dict[str, Any]:
    given = {**given, "seconds": given["seconds"] or seconds, "rounds": given["rounds"] or "0"}
    return {
        "seconds": _number(given, "seconds", objections, 1, MOST_SECONDS),
        "seed": int(_number(given, "seed", objections, 0, 1_000_000)),
        "rounds": int(_number(given, "rounds", objections, 0, 10_000)) or None,
        "processes": int(_number(given, "processes", objections, 1, 64)),
    }


def _read_instance(path: str, given: dict[str, str | None], objections: list[str]) -> Instance:
    file_format, text = given["file_format"], _text(path, objections)
    if file_format not in FORMATS:
        objections.append("请用 --format 写明格式：toptw 或 pcvrptw。")
    teams = given["teams"]
    if teams is None and file_format == "toptw":
        objections.append("请用 --teams 写明队数。")
    count = int(_number(given, "teams", objections, 1, 1_000)) if teams is not None else None
    if objections:
        raise BadInput(objections)
    return read_toptw(text, teams=count or 1) if file_format == "toptw" else read_pcvrptw(text, teams=count)


def _instance(path: str, given: dict[str, str | None], began: float, as_json: bool) -> None:
    objections: list[str] = []
    effort = _effort(given, objections, "20")
    found = solved(_read_instance(path, given, objections), began=began, **effort)
    if as_json:
        click.echo(json.dumps(found, ensure_ascii=False))
        return
    click.echo(f"得分 {found['profit']}，路程 {found['length']}")
    for number, route in enumerate(found["routes"], start=1):
        click.echo(f"第 {number} 队：{' '.join(map(str, route))}")


def solved(instance: Instance, *, began: float, **effort: Any) -> dict[str, Any]:
    """Tours for an instance: profit, routes (numbers of the file, without start and end), length; the cost of pcvrptw."""
    from chuangwen.jobs.tour_processes import NO_LIMIT, Effort, searched
    from chuangwen.rules.tour_search import STEADY, TIGHTENING
    from chuangwen.rules.tours import breaches, length_of, value_of

    problem = instance.problem
    if problem.length_cost:  # one long run does better on many places than many short ones
        whole = NO_LIMIT if effort["rounds"] is None else TIGHTENING
        effort |= {"iterations": whole, "weights": STEADY, "shares": (1.0,)}
    best = searched(problem, Effort(began, **effort)).best
    if wrong := breaches(problem, best):
        raise BadInput(wrong)
    profit = value_of(problem, best) / instance.scale
    answer: dict[str, Any] = {
        "profit": int(profit) if profit == int(profit) else profit,
        "routes": [[instance.names[number] for number in one.tour] for one in best],
        "length": length_of(problem, best) / 10,
    }
    if problem.length_cost:
        missed = sum(stop.value for stop in problem.stops) - value_of(problem, best)
        answer["cost"] = round((length_of(problem, best) + missed) / 10, 1)
    return answer


def _daily(sites: str, given: dict[str, str | None], began: float, as_json: bool) -> None:
    from chuangwen.project.commands.plan_daily import Files, planned, printed

    objections: list[str] = []
    if given["teams"] is None:
        objections.append("请用 --teams 给队伍表 CSV。")
    effort = _effort(given, objections, "8")
    numbers = {
        "gap": int(_number(given, "gap", objections, 0, 3_650)),
        "random_share": _number(given, "random_share", objections, 0, 1),
        "speed": _number(given, "speed", objections, 0.5, 200),
        "factor": _number(given, "factor", objections, 1, 10),
    }
    try:
        day = date.fromisoformat(given["day"]) if given["day"] else date.today()  # noqa: DTZ011 - the office's own day
    except ValueError:
        objections.append(f"--date “{given['day']}”不是日期，例如 2026-11-24。")
    files = Files(
        _text(sites, objections),
        _text(given["teams"], objections) if given["teams"] else "",
        _text(given["matrix"], objections) if given["matrix"] else "",
    )
    if objections:
        raise BadInput(objections)
    plan = planned(files, day=day, began=began, numbers=numbers, effort=effort)
    click.echo(json.dumps(plan, ensure_ascii=False) if as_json else printed(plan))
