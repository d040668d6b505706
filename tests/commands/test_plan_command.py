"""`chuangwen plan` on a public instance and on two small tables."""

import json
from pathlib import Path

from click.testing import CliRunner

from chuangwen.project.commands.plan_ import command
from tests.rules.test_planning import SMALL

ONE = ["--rounds", "2", "--processes", "1", "--json"]
SITES = "点位,类型,纬度,经度,价值,必去\n东市场,农贸市场,32.00,120.90,3,是\n西社区,社区,32.01,120.91,2,\n"
TEAMS = "队伍,巡查员,上班,下班,纬度,经度\n一队,张、李,08:30,12:00,32.00,120.90\n"


def test_instance_gives_profit_and_routes_by_the_numbers_of_the_file(tmp_path: Path) -> None:
    file = tmp_path / "small.txt"
    file.write_text(SMALL)
    asked = ["--instance", str(file), "--format", "toptw", "--teams", "1", *ONE]
    first, second = (CliRunner().invoke(command, asked) for _ in range(2))
    answer = json.loads(first.stdout)
    assert (answer["profit"], answer["routes"]) == (30, [[2, 1]])
    assert first.stdout == second.stdout


def test_day_is_planned_with_the_market_in_the_morning(tmp_path: Path) -> None:
    (tmp_path / "s.csv").write_text(SITES)
    (tmp_path / "t.csv").write_text(TEAMS)
    asked = ["--sites", str(tmp_path / "s.csv"), "--teams", str(tmp_path / "t.csv"), "--date", "2026-11-24", *ONE]
    plan = json.loads(CliRunner().invoke(command, asked).stdout)
    [team] = plan["teams"]
    assert {stop["site"] for stop in team["stops"]} == {"东市场", "西社区"}
    assert next(stop for stop in team["stops"] if stop["site"] == "东市场")["arrives"] <= "11:00"
    assert (plan["value"], plan["left_out"]) == (5, [])


def test_everything_wrong_is_said_at_once_with_exit_code_2(tmp_path: Path) -> None:
    (tmp_path / "s.csv").write_text(SITES.replace(",3,是", ",很多,是"))
    (tmp_path / "t.csv").write_text(TEAMS.replace("08:30,12:00", ","))
    result = CliRunner().invoke(command, ["--sites", str(tmp_path / "s.csv"), "--teams", str(tmp_path / "t.csv"), *ONE])
    assert result.exit_code == 2
    for words in ("点位表第 2 行「价值」", "队伍表第 2 行「上班」：没有填", "队伍表第 2 行「下班」：没有填"):
        assert words in result.stderr
    options = ["--instance", str(tmp_path / "none"), "--format", "xml", "--teams", "0", "--seconds", "x"]
    result = CliRunner().invoke(command, options)
    assert result.exit_code == 2
    for words in ("打不开", "toptw 或 pcvrptw", "--teams", "--seconds"):
        assert words in result.stderr
