"""`chuangwen rank` as the analyst at the shell meets it."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from chuangwen.project.cli import main
from tests.districts import simulated


@pytest.fixture
def checks(tmp_path: Path) -> Path:
    table = simulated(seed=3, visits=120, units=6, inspectors=3).table
    lines = ["unit,inspector,site,criterion,observed_at,passed"]
    for row in range(len(table)):
        names = [table.names[name][table.codes[name][row]] for name in ("unit", "inspector", "site", "criterion")]
        day, second = divmod(int(table.seconds[row]), 86_400)
        moment = f"2020-06-{day + 1:02}T{second // 3600:02}:{second // 60 % 60:02}"
        lines.append(",".join([*names, moment, str(int(table.passed[row]))]))
    path = tmp_path / "检查.csv"
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


def test_places_intervals_tiers_and_strictness_come_as_json(checks: Path) -> None:
    result = CliRunner().invoke(main, ["rank", "--in", str(checks), "--json"])
    assert result.exit_code == 0, result.stderr
    found = json.loads(result.stdout)
    assert set(found) == {"units", "inspectors", "warnings"}
    wanted = {"unit", "observations", "raw", "adjusted", "place_raw", "place_adjusted", "interval", "tier"}
    assert all(wanted <= set(row) for row in found["units"])
    assert sum(row["observations"] for row in found["units"]) == 120 * 14
    assert [row["place_adjusted"] for row in found["units"]] == sorted(row["place_adjusted"] for row in found["units"])
    assert all({"inspector", "strictness", "se"} == set(row) for row in found["inspectors"])
    again = CliRunner().invoke(main, ["rank", "--in", str(checks), "--json"])
    assert again.stdout == result.stdout


def test_people_read_a_table_and_warnings_beside_it(checks: Path) -> None:
    result = CliRunner().invoke(main, ["rank", "--in", str(checks)])
    assert result.exit_code == 0
    assert "名次区间" in result.stdout
    assert len(result.stdout.splitlines()) == 7


def test_everything_wrong_is_named(tmp_path: Path) -> None:
    result = CliRunner().invoke(main, ["rank", "--coverage", "2", "--seed", "-1"])
    assert (result.exit_code, result.stdout) == (2, "")
    assert len(result.stderr.splitlines()) == 3
    absent = CliRunner().invoke(main, ["rank", "--in", str(tmp_path / "没有.csv")])
    assert absent.exit_code == 2
    assert "读不出来" in absent.stderr
