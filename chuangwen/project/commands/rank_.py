"""`chuangwen rank`: places that do not depend on who came to look, and how sure they are. Needs no database."""

import gc
import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from chuangwen.project.cli import objections_exit_2
from chuangwen.rules.check_tables import read_checks
from chuangwen.rules.fair_ranking import FairRanking, fair_ranking
from chuangwen.rules.refusals import BadInput


@click.command(help="按检查记录排名：原始合格率，和扣除巡查员宽严、条目难易、时段影响后的合格率、名次区间。")
@click.option("--in", "path", metavar="文件", help="CSV：unit,inspector,site,criterion,observed_at,passed[,weight]")
@click.option("--coverage", default=0.95, show_default=True, help="名次区间的把握，0.5 到 0.999")
@click.option("--seed", default=1, show_default=True, help="区间用的随机种子；同一文件同一种子结果相同")
@click.option("--json", "as_json", is_flag=True, help="输出 JSON")
@objections_exit_2
def command(path: str | None, coverage: float, seed: int, as_json: bool) -> None:
    """Read the checks, print the ranking."""
    objections = [] if path else ["请用 --in 指明检查记录（CSV 文件）。"]
    objections += [] if 0.5 <= coverage <= 0.999 else ["--coverage 应在 0.5 到 0.999 之间。"]
    objections += [] if seed >= 0 else ["--seed 应是不小于 0 的整数。"]
    if objections or path is None:
        raise BadInput(objections)
    gc.disable()  # a million rows are a million lists, none of them garbage before the command ends
    found = fair_ranking(read_checks(_bytes(path)), coverage=coverage, seed=seed)
    if as_json:
        click.echo(json.dumps(ranking_json(found), ensure_ascii=False, indent=2))
        return
    click.echo(_text(found))
    for warning in found.warnings:
        click.echo(warning, err=True)


def _bytes(path: str) -> bytes:
    try:
        return Path(path).read_bytes()
    except OSError as error:
        raise BadInput(f"检查记录“{path}”读不出来，请检查路径和权限。") from error


def ranking_json(found: FairRanking) -> dict[str, Any]:
    """The ranking as the command prints it; rates are 0 to 1."""
    units = [
        {
            "unit": row.unit, "observations": row.observations, "raw": round(row.raw, 6), "adjusted": round(row.adjusted, 6),
            "adjusted_interval": [round(row.low, 6), round(row.high, 6)], "place_raw": row.place_raw,
            "place_adjusted": row.place_adjusted, "interval": [row.best, row.worst], "tier": row.tier,
            "small_area": row.small_area and round(row.small_area, 6), "own_share": row.own_share and round(row.own_share, 6),
        }
        for row in found.units
    ]  # fmt: skip
    inspectors = [
        {name: round(value, 6) if isinstance(value, float) else value for name, value in asdict(row).items()}
        for row in found.inspectors
    ]
    return {"units": units, "inspectors": inspectors, "warnings": list(found.warnings)}


def _text(found: FairRanking) -> str:
    lines = ["名次  名次区间  档  单位  检查数  原始合格率（名次）  调整后合格率"]
    lines += [
        f"{row.place_adjusted:>3}  {row.best:>3}–{row.worst:<3}  {row.tier:>2}  {row.unit}  {row.observations}  "
        f"{row.raw:.2%}（{row.place_raw}）  {row.adjusted:.2%}（{row.low:.2%}–{row.high:.2%}）"
        for row in found.units
    ]
    return "\n".join(lines)
