"""`chuangwen import`: units, people, areas, sites and residents' messages from files."""

import json
import sys
from collections.abc import Callable, Mapping
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeVar

import click

from chuangwen.project import boot, serving
from chuangwen.project.cli import objections_exit_2
from chuangwen.rules.refusals import BadInput
from chuangwen.rules.table_files import LARGEST_FILE
from chuangwen.rules.tables import ImportReport

if TYPE_CHECKING:
    from chuangwen.cases.message_files import MessageFile
    from chuangwen.cases.messages import MessageReport

F = TypeVar("F", bound=Callable[..., object])
LARGEST_MESSAGES: Final = 200 * 2**20
_PATH: Final = click.Path(path_type=Path)


def _common(function: F) -> F:
    """The argument and the options that every import has."""
    for option in (
        click.option("--json", "as_json", is_flag=True, help="结果输出为 JSON。"),
        click.option("--dry-run", is_flag=True, help="只核对并报告会怎样，不写入。"),
        click.option("--data", type=_PATH, default=None, help="数据目录（默认 CHUANGWEN_DATA 或 ./var/data）。"),
        click.argument("file", type=_PATH),
    ):
        function = option(function)
    return function


@click.group(help="从 CSV 或 Excel 文件导入。有一处错误就整份不收，并列出全部错误；同一文件再导入一次不会有变化。")
def command() -> None:
    """The group; the sub-commands do the work."""


@command.command("units", help="导入单位：编码、名称、类别、上级编码、在用。")
@_common
@objections_exit_2
def units(file: Path, data: Path | None, dry_run: bool, as_json: bool) -> None:
    """Units of the tree, parents in any order."""
    content, now = _content(file), _prepare(data)
    from chuangwen.people.imports import import_units
    from chuangwen.people.operations import system_actor
    from chuangwen.people.spreadsheets import read_units

    report = import_units(rows=read_units(content), by=system_actor(), now=now, dry_run=dry_run)
    _say(report, "个单位", dry_run=dry_run, as_json=as_json)


@command.command("people", help="导入人员和任职：账号、姓名、电话、在用、单位编码、岗位、任职起、任职止。")
@_common
@objections_exit_2
def people(file: Path, data: Path | None, dry_run: bool, as_json: bool) -> None:
    """People and their posts, a row for each post."""
    content, now = _content(file), _prepare(data)
    from chuangwen.people.imports import import_people
    from chuangwen.people.operations import system_actor
    from chuangwen.people.spreadsheets import read_people

    report = import_people(rows=read_people(content), by=system_actor(), now=now, dry_run=dry_run)
    _say(report, "人", dry_run=dry_run, as_json=as_json)
    if report.created and not dry_run:
        click.echo("新账号还没有密码，不能登录；请系统管理员逐个设定。", err=True)


@command.command("areas", help="导入区域和边界：CSV、Excel 或 .geojson 文件。")
@_common
@objections_exit_2
def areas(file: Path, data: Path | None, dry_run: bool, as_json: bool) -> None:
    """Areas, with boundaries in a cell or as GeoJSON features."""
    content, now = _content(file), _prepare(data)
    from chuangwen.people.operations import system_actor
    from chuangwen.places.imports import import_areas
    from chuangwen.places.spreadsheets import read_areas

    report = import_areas(rows=read_areas(content), by=system_actor(), now=now, dry_run=dry_run)
    _say(report, "个区域", dry_run=dry_run, as_json=as_json)


@command.command("sites", help="导入点位：编码、名称、点位类型、责任单位编码、所在区域编码、经度、纬度……")
@_common
@objections_exit_2
def sites(file: Path, data: Path | None, dry_run: bool, as_json: bool) -> None:
    """Sites; point types by code or by name."""
    content, now = _content(file), _prepare(data)
    from chuangwen.people.operations import system_actor
    from chuangwen.places.imports import import_sites
    from chuangwen.places.spreadsheets import read_sites
    from chuangwen.standards.queries import point_types

    rows = read_sites(content, {kind.code: kind.name for kind in point_types()})
    report = import_sites(rows=rows, by=system_actor(), now=now, dry_run=dry_run)
    _say(report, "个点位", dry_run=dry_run, as_json=as_json)


@command.command("messages", help="导入居民留言：每条成为一件案件，时间是留言和答复的真实时间。中断后再运行会接着导。")
@_common
@click.option("--home", "home_code", default="", metavar="编码", help="属地单位（默认：唯一的区）。")
@click.option("--unit", "unit_code", default="", metavar="编码", help="承办单位（默认：区文明办）。")
@click.option("--routing", "routing_file", type=_PATH, help="派遣表 CSV：keyword,unit_code，从上往下第一个命中的算。")
@click.option("--standard", "standard_code", default="", metavar="编码", help="按哪条立案标准计时（默认：4工作时）。")
@click.option("--skip-bad", is_flag=True, help="跳过有错的行，导入其余各行。")
@objections_exit_2
def messages(
    file: Path, data: Path | None, home_code: str, unit_code: str, routing_file: Path | None, standard_code: str,
    skip_bad: bool, dry_run: bool, as_json: bool,
) -> None:  # fmt: skip
    """Messages become cases on their own clock."""
    content, table = _content(file, LARGEST_MESSAGES), _content(routing_file) if routing_file else b""
    now = _prepare(data)
    from chuangwen.cases import messages as inbox
    from chuangwen.cases.message_files import read_messages, read_routing
    from chuangwen.people.operations import system_actor

    found = read_messages(content, now=now)
    if found.problems and not skip_bad:
        raise BadInput(found.problems)
    rows = read_routing(table) if table else ()
    route = inbox.routing(home_code=home_code, unit_code=unit_code, rows=rows)
    if not dry_run:
        _know_the_years({m.received_at.year for m in found.messages}, now)
    with click.progressbar(length=len(found.messages), label="导入留言", file=sys.stderr) as bar:
        report = inbox.import_messages(
            messages=found.messages, route=route, standard_code=standard_code, by=system_actor(), now=now,
            dry_run=dry_run, tell=bar.update,
        )  # fmt: skip
    _say_messages(report, found, dry_run=dry_run, as_json=as_json)


def _say_messages(report: "MessageReport", found: "MessageFile", *, dry_run: bool, as_json: bool) -> None:
    for problem in found.problems:
        click.echo(problem, err=True)
    facts = {**asdict(report), "bad_rows": found.bad_rows, "problems": list(found.problems)}
    opened = "将新增" if dry_run else "新增"
    sentence = (
        f"{opened} {report.created} 件案件，其中 {report.answered} 件已有答复；"
        f"早已导入 {report.already_there} 条；有错跳过 {found.bad_rows} 行。"
    )
    _print(sentence, facts, dry_run=dry_run, as_json=as_json)


def _know_the_years(years: set[int], now: datetime) -> None:
    """Deadlines need the holidays of the years in which the messages came in."""
    from chuangwen.people.operations import system_actor
    from chuangwen.standards.calendar import FIRST_YEAR, seed_calendar

    wanted = sorted(year for year in years | {year + 1 for year in years} if year >= FIRST_YEAR)
    if added := seed_calendar(years=wanted, by=system_actor(), now=now):
        click.echo(f"工作日历补入了 {added} 年。", err=True)


def _content(file: Path, largest: int = LARGEST_FILE) -> bytes:
    """The bytes of a file; a sentence when it cannot be read or is too large."""
    try:
        with file.open("rb") as source:
            content = source.read(largest + 1)
    except FileNotFoundError:
        raise BadInput(f"没有找到文件 {file}。") from None
    except OSError as trouble:
        raise BadInput(f"文件 {file} 打不开：{trouble.strerror}。") from trouble
    if len(content) > largest:
        raise BadInput(f"文件 {file} 超过 {largest // 2**20} MB，请拆小后再导入。")
    return content


def _prepare(data: Path | None) -> datetime:
    """Start Django and read the clock. SQLite is made or brought up to date; PostgreSQL has to be so already."""
    serving.ensure_secret(boot.data_dir(data))
    boot.setup(data)
    from django.db import connection
    from django.db.migrations.executor import MigrationExecutor
    from django.utils import timezone

    if connection.vendor == "sqlite":
        serving.migrate()
    executor = MigrationExecutor(connection)
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        raise BadInput("数据库还没有升级到这个版本。请先运行 chuangwen manage migrate。")
    return timezone.localtime()


def _say(report: ImportReport, what: str, *, dry_run: bool, as_json: bool) -> None:
    """Print what was done; with problems refuse with all of them."""
    if report.problems:
        raise BadInput(report.problems)
    will = "将" if dry_run else ""
    sentence = (
        f"{will}新增 {report.created} {what}，{will}修改 {report.changed} {what}，{report.unchanged} {what}没有变化。"
    )
    facts = {"created": report.created, "changed": report.changed, "unchanged": report.unchanged}
    _print(sentence, facts, dry_run=dry_run, as_json=as_json)


def _print(sentence: str, facts: Mapping[str, Any], *, dry_run: bool, as_json: bool) -> None:
    if as_json:
        click.echo(json.dumps({**facts, "dry_run": dry_run}, ensure_ascii=False))
    else:
        click.echo(f"{sentence}{'（试运行，没有写入。）' if dry_run else ''}")
