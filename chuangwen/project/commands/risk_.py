"""`chuangwen risk evaluate`: would an order by risk have found faults earlier, and because of what? Needs no database."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

import click

from chuangwen.project.cli import objections_exit_2
from chuangwen.rules.refusals import BadInput
from chuangwen.rules.risk_order import Evaluation, Figures, evaluate
from chuangwen.rules.risk_table import Names, RiskTable, read_risk_table

_WAYS: Final = {
    "with_inspector": "用检查人作特征",
    "without_inspector": "不用检查人",
    "strictness_removed": "扣除检查人宽严",
}


@click.group(help="按风险排检查的先后：用以往的检查评一评，早多少天发现问题。")
def command() -> None:
    """The group of commands about risk."""


@command.command("evaluate", help="用前一段学，在后一段上量三种排法：用检查人、不用检查人、扣除检查人宽严。")
@click.option("--train", metavar="文件", help="以往的检查（CSV，可以是 .csv.gz），用来学")
@click.option("--test", metavar="文件", help="之后一段的检查（同样的列），用来量")
@click.option("--outcome", metavar="列", help="结果一列：1 查出问题，0 没有")
@click.option("--date", metavar="列", help="检查日期一列")
@click.option("--inspector", metavar="列", help="检查人一列")
@click.option("--leave-out", multiple=True, metavar="列", help="不用这一列（可写多次），例如检查以后才知道的")
@click.option("--seed", default=1, show_default=True, help="区间用的随机种子；同一文件同一种子结果相同")
@click.option("--json", "as_json", is_flag=True, help="输出 JSON")
@objections_exit_2
def evaluate_command(
    train: str | None, test: str | None, outcome: str | None, date: str | None, inspector: str | None,
    leave_out: tuple[str, ...], seed: int, as_json: bool,
) -> None:  # fmt: skip
    """Read both periods, print the figures."""
    given = {"--train": train, "--test": test, "--outcome": outcome, "--date": date, "--inspector": inspector}
    objections = [f"请写 {name}。" for name, value in given.items() if not value]
    objections += [] if seed >= 0 else ["--seed 应是不小于 0 的整数。"]
    if objections:
        raise BadInput(objections)
    names = Names(outcome or "", date or "", inspector or "")
    earlier, later = _both(train or "", test or "", names)
    unknown = [name for name in leave_out if name not in earlier.columns and name not in later.columns]
    if unknown:
        raise BadInput(f"--leave-out 的“{name}”两个文件里都没有。" for name in unknown)
    found = evaluate(earlier, later, leave_out=leave_out, seed=seed)
    click.echo(json.dumps(evaluation_json(found), ensure_ascii=False, indent=2) if as_json else _text(found))
    for warning in found.warnings:
        click.echo(warning, err=True)


def _both(train: str, test: str, names: Names) -> tuple[RiskTable, RiskTable]:
    """Both tables; the objections to both are named at once."""
    tables: list[RiskTable] = []
    objections: list[str] = []
    for path, what in ((train, "训练文件"), (test, "检验文件")):
        try:
            tables.append(read_risk_table(_bytes(path, what), names, what=what))
        except BadInput as bad:
            objections += bad.objections
    if objections:
        raise BadInput(objections)
    return tables[0], tables[1]


def _bytes(path: str, what: str) -> bytes:
    try:
        return Path(path).read_bytes()
    except OSError as error:
        raise BadInput(f"{what}“{path}”读不出来，请检查路径和权限。") from error


def evaluation_json(found: Evaluation) -> dict[str, Any]:
    """The evaluation as the command prints it."""
    ways = {way: _figures_json(getattr(found, way)) for way in _WAYS}
    return ways | {
        "features": list(found.choice.columns), "site_history": found.choice.site or None,
        "left_out": found.choice.left_out, "train": found.train, "test": found.test, "failures": found.failures,
        "warnings": list(found.warnings),
    }  # fmt: skip


def _figures_json(figures: Figures) -> dict[str, Any]:
    facts = asdict(figures)
    intervals = facts.pop("intervals")
    rounded = {name: value if value is None else round(value, 6) for name, value in facts.items()}
    return rounded | {f"{name}_interval": [round(end, 6) for end in ends] for name, ends in intervals.items()}


def _text(found: Evaluation) -> str:
    lines = [
        f"训练 {found.train} 次，检验 {found.test} 次，其中查出问题 {found.failures} 次。方括号里是 95% 区间。",
        "排法  早发现（天）  前一半查到的  AUC  对数损失  同一检查人之内的 AUC",
    ]
    lines += [_line(word, getattr(found, way)) for way, word in _WAYS.items()]
    lines.append(f"用到的列：{'、'.join(found.choice.columns) or '无'}")
    lines.append(f"点位以往的结果，按这一列认点位：{found.choice.site or '无'}")
    lines += [f"不用 {name}：{reason}" for name, reason in found.choice.left_out.items()]
    return "\n".join(lines)


def _line(word: str, figures: Figures) -> str:
    low, high = figures.intervals["days_earlier"]
    least, most = figures.intervals["auc"]
    own = "—" if figures.auc_same_inspector is None else f"{figures.auc_same_inspector:.3f}"
    return (
        f"{word}  {figures.days_earlier:.2f} [{low:.2f}, {high:.2f}]  {figures.first_half_share:.1%}  "
        f"{figures.auc:.3f} [{least:.3f}, {most:.3f}]  {figures.logloss:.4f}  {own}"
    )
