"""`chuangwen routing`: routing rules tried on cases, without a database."""

import json
from pathlib import Path

import click

from chuangwen.project.cli import objections_exit_2
from chuangwen.rules.calendar_seed import builtin_calendar
from chuangwen.rules.refusals import BadInput
from chuangwen.rules.routing import CaseFacts, RoutingRule, suggest, warnings
from chuangwen.rules.routing_cases import read_cases
from chuangwen.rules.routing_files import check_file
from chuangwen.rules.routing_places import Atlas

LARGEST_FILE = 32 * 1024 * 1024


@click.group()
def command() -> None:
    """派单规则：核对规则，看每件案件会派给谁、为什么。"""


def _read(path: str | None, name: str, objections: list[str]) -> bytes | None:
    if path is None:
        objections.append(f"缺少 {name}：请写文件名。")
        return None
    try:
        if Path(path).stat().st_size > LARGEST_FILE:
            objections.append(f"{path} 超过 {LARGEST_FILE // 1024 // 1024} MB。")
            return None
        return Path(path).read_bytes()
    except OSError as error:
        objections.append(f"{path} 打不开：{error.strerror or error}。")
        return None


def _said(case: CaseFacts, rules: tuple[RoutingRule, ...], atlas: Atlas) -> dict[str, object]:
    found = suggest(rules, case, atlas)
    if found is None:
        return {
            "case": case.key,
            "unit": None,
            "unit_name": None,
            "rule": None,
            "reason": "没有规则适用。",
            "passed": [],
        }
    return {
        "case": case.key, "unit": found.unit, "unit_name": atlas.name_of(found.unit), "rule": found.place,
        "reason": found.why, "passed": list(found.passed),
    }  # fmt: skip


@command.command("check")
@click.argument("rules_file", metavar="FILE.toml")
@click.option(
    "--cases", "cases_file", default=None, help="案件表（CSV 或 .xlsx）：案件、上报时间，其余列按需要；不给就只核对规则"
)
@click.option("--json", "as_json", is_flag=True, help="输出 JSON")
@objections_exit_2
def check_command(rules_file: str, cases_file: str | None, as_json: bool) -> None:
    """核对规则文件；给出案件表时，逐件说出派给谁、按哪一条、为什么。轮不到的规则作为提醒。"""
    objections: list[str] = []
    rules_content = _read(rules_file, "FILE.toml", objections)
    cases_content = _read(cases_file, "--cases", objections) if cases_file is not None else None
    if objections or rules_content is None:
        raise BadInput(objections)
    rules, atlas = check_file(rules_content, builtin_calendar())
    cases = read_cases(cases_content, atlas) if cases_content is not None else ()
    reminders = warnings(rules, atlas)
    for sentence in reminders:
        click.echo(f"提醒：{sentence}", err=True)
    found = [_said(case, rules, atlas) for case in cases]
    if as_json:
        told = {"rules": len(rules), "warnings": list(reminders), "suggestions": found}
        click.echo(json.dumps(told, ensure_ascii=False, indent=1))
        return
    click.echo(f"{len(rules)} 条规则，没有错误。", err=True)
    for row in found:
        unit = f"{row['unit_name']}（{row['unit']}）" if row["unit"] else "—"
        click.echo(f"{row['case']}\t{unit}\t{row['reason']}")
