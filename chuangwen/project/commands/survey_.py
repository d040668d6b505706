"""`chuangwen survey`: weights for answers, by raking, without a database."""

import json
from pathlib import Path

import click

from chuangwen.project.cli import objections_exit_2
from chuangwen.rules.refusals import BadInput
from chuangwen.rules.survey_files import read_margins, read_rows, weighed

LARGEST_FILE = 64 * 1024 * 1024


@click.group()
def command() -> None:
    """问卷：按总体构成给答卷加权。"""


def _read(path: str | None, option: str, objections: list[str]) -> str:
    if path is None:
        objections.append(f"缺少 {option}：请写文件名。")
        return ""
    try:
        if Path(path).stat().st_size > LARGEST_FILE:
            objections.append(f"{path} 超过 {LARGEST_FILE // 1024 // 1024} MB。")
            return ""
        return Path(path).read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        objections.append(f"{path} 不是 UTF-8 文字文件，请另存为 UTF-8 再试。")
    except (OSError, ValueError) as error:
        objections.append(f"{path} 打不开：{getattr(error, 'strerror', None) or error}。")
    return ""


@command.command("weigh")
@click.option("--in", "answers", default=None, help="答卷 CSV：第一行列名，每行一份；可以有 base_weight 一列")
@click.option("--margins", default=None, help="总体构成：每行“变量,类别,人数”；变量可以交叉，如 age*sex,18-34*f,12000")
@click.option("--json", "as_json", is_flag=True, help="输出 JSON（权重、设计效应、轮数）")
@objections_exit_2
def weigh_command(answers: str | None, margins: str | None, as_json: bool) -> None:
    """迭代比例调整（raking）：权重之和等于份数。不给 --json 时每行输出一个权重。"""
    objections: list[str] = []
    texts = _read(answers, "--in", objections), _read(margins, "--margins", objections)
    rows, known = [], {}
    for read, text in ((read_rows, texts[0]), (read_margins, texts[1])):
        if not text and objections:
            continue
        try:
            found = read(text)
        except BadInput as refusal:
            objections += refusal.objections
            continue
        if isinstance(found, list):
            rows = found
        else:
            known = found
    if objections:
        raise BadInput(objections)
    told = weighed(rows, known)
    if as_json:
        click.echo(json.dumps(told, ensure_ascii=False))
        return
    click.echo(f"{told['n']} 份，设计效应 {told['design_effect']:.4f}，{told['rounds']} 轮", err=True)
    click.echo("\n".join(f"{weight:.10g}" for weight in told["weights"]))
