"""`chuangwen forecast`: would we pass, how sure is that, and where the next hour helps most. Needs no database."""

import json
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final, TypeVar

import click

from chuangwen.project.cli import objections_exit_2
from chuangwen.rules.forecast import Forecast, forecast
from chuangwen.rules.forecast_observations import read_observations
from chuangwen.rules.forecast_plan import read_plan
from chuangwen.rules.refusals import BadInput

T = TypeVar("T")
_MOST_RUNS: Final = 1_000_000
_SHOWN: Final = 10


@click.command(help="预测测评结果：总分的分布、过线的把握，先整改什么、先查哪里。")
@click.option("--edition", "edition", metavar="文件", help="测评标准工作簿（.xlsx，chuangwen standards export 导出的）")
@click.option(
    "--observations", metavar="文件", help="CSV：site,type,street,criterion,observed_at,passed,source[,inspector]"
)
@click.option("--plan", "plan", metavar="文件", help="TOML：每类抽几处、合格线、测评日期、宽严、材料和问卷现有得分")
@click.option("--runs", default=100_000, show_default=True, help="模拟多少次测评")
@click.option("--seed", default=7, show_default=True, help="随机种子；同样的文件和种子结果相同")
@click.option("--json", "as_json", is_flag=True, help="输出 JSON")
@objections_exit_2
def command(
    edition: str | None, observations: str | None, plan: str | None, runs: int, seed: int, as_json: bool
) -> None:
    """Read the three files, print the forecast."""
    from chuangwen.standards.workbooks import read_edition

    said = [] if 100 <= runs <= _MOST_RUNS else [f"--runs 应在 100 到 {_MOST_RUNS} 之间。"]
    said += [] if seed >= 0 else ["--seed 应是不小于 0 的整数。"]
    sheet = _read("--edition", "测评标准", edition, read_edition, said)
    seen = _read("--observations", "观测", observations, lambda path: read_observations(_bytes(path)), said)
    asked = _read("--plan", "计划", plan, lambda path: read_plan(_bytes(path)), said)
    if said or sheet is None or seen is None or asked is None:
        raise BadInput(said)
    found = forecast(sheet, seen, asked, runs=runs, seed=seed)
    if as_json:
        click.echo(json.dumps(forecast_json(found), ensure_ascii=False, indent=1))
        return
    click.echo(_text(found))
    for warning in found.warnings:
        click.echo(warning, err=True)


def _read(option: str, name: str, path: str | None, read: Callable[[Path], T], said: list[str]) -> T | None:
    """What a file holds; what is wrong with it goes to `said`, so that all three are named at once."""
    if not path:
        said.append(f"请用 {option} 指明{name}文件。")
        return None
    try:
        return read(Path(path))
    except BadInput as refused:
        said += [f"{name}：{objection}" for objection in refused.objections]
        return None


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise BadInput(f"文件“{path}”读不出来，请检查路径和权限。") from error


def forecast_json(found: Forecast) -> dict[str, Any]:
    """The forecast as the command prints it. Scores are 0 to 100, gains are points of the total."""
    plain: dict[str, Any] = {
        "total": asdict(found.total),
        "p_pass": found.p_pass,
        "p_pass_without_vetoes": found.p_pass_without_vetoes,
        "methods": {kind: {"weight": share.weight, **asdict(share.band)} for kind, share in found.methods.items()},
        "by_type": {kind: asdict(band) for kind, band in found.by_type.items()},
        "variance": dict(found.drivers),
        "spread": dict(found.spreads),
        "levers": [asdict(lever) for lever in found.levers],
        "warnings": list(found.warnings),
    }
    rounded: dict[str, Any] = _rounded(plain)
    return rounded


def _rounded(value: Any) -> Any:
    if isinstance(value, float):
        return round(value, 6)
    if isinstance(value, dict):
        return {key: _rounded(one) for key, one in value.items()}
    return [_rounded(one) for one in value] if isinstance(value, list) else value


_CAUSES: Final = {
    "examiners": "测评员的宽严", "period": "当期的波动", "estimates": "我们查得还不够", "draw_and_day": "抽到哪些点位、当天的情况",
    "material": "材料", "questionnaire": "问卷", "veto": "否决情形",
}  # fmt: skip


def _text(found: Forecast) -> str:
    total = found.total
    causes = sorted(found.drivers.items(), key=lambda pair: -pair[1])
    lines = [
        f"总分 {total.mean:.2f}，九成把握在 {total.q05:.2f} 到 {total.q95:.2f} 之间；过线的把握 {found.p_pass:.1%}。",
        "误差来自：" + "，".join(f"{_CAUSES[name]} {share:.0f}%" for name, share in causes if share >= 0.5) + "。",
    ]
    return "\n".join(lines + [f"{at}. {lever.why}" for at, lever in enumerate(found.levers[:_SHOWN], start=1)])
