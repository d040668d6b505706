"""`chuangwen forecast` as the analyst at the shell meets it."""

import json
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest
from click.testing import CliRunner
from openpyxl import load_workbook

from chuangwen.project.cli import main
from chuangwen.standards.workbooks import write_edition
from tests.exams import examined

PLAN = """date = 2026-12-01
line = 80.0
[places]
T0 = 4
T1 = 4
[methods.material]
value = 88
se = 2
"""


@pytest.fixture
def files(tmp_path: Path) -> list[str]:
    case = examined(4, types=2, criteria=5, streets=2, sites=10, drawn=4, visits=30, official=3)
    how = tuple(replace(row, how=("look",)) for row in case.edition.criteria)
    (tmp_path / "E.xlsx").write_bytes(write_edition(replace(case.edition, criteria=how)))
    lines = ["site,type,street,criterion,observed_at,passed,source,inspector"]
    lines += [
        f"{one.site},{one.type},{one.street},{one.criterion},{one.moment},{int(one.passed)},{one.source},{one.inspector}"
        for one in case.seen
    ]
    (tmp_path / "O.csv").write_text("\n".join(lines), encoding="utf-8")
    (tmp_path / "P.toml").write_text(PLAN, encoding="utf-8")
    names = zip(("--edition", "--observations", "--plan"), ("E.xlsx", "O.csv", "P.toml"), strict=True)
    return ["forecast", *(part for option, name in names for part in (option, str(tmp_path / name))), "--runs", "2000"]


def test_the_forecast_comes_as_json_and_the_same_again(files: list[str]) -> None:
    result = CliRunner().invoke(main, [*files, "--seed", "7", "--json"])
    assert result.exit_code == 0, result.stderr
    found = json.loads(result.stdout)
    assert set(found["total"]) == {"mean", "sd", "q05", "q50", "q95"}
    assert found["total"]["q05"] < found["total"]["q50"] < found["total"]["q95"]
    assert 0 <= found["p_pass"] <= 1
    assert set(found["methods"]) == {"field", "material", "questionnaire"}
    wanted = {"criterion", "type", "street", "gain_per_fix", "value_of_a_look", "why"}
    assert found["levers"]
    assert all(wanted <= set(lever) for lever in found["levers"])
    assert any("问卷调查" in warning for warning in found["warnings"])
    assert CliRunner().invoke(main, [*files, "--seed", "7", "--json"]).stdout == result.stdout


def test_people_read_a_sentence_and_ten_levers(files: list[str]) -> None:
    result = CliRunner().invoke(main, files)
    assert result.exit_code == 0
    assert "过线的把握" in result.stdout
    assert "10. " in result.stdout
    assert "没有写测评员的宽严" in result.stderr


def test_everything_wrong_in_all_three_files_is_named(files: list[str]) -> None:
    edition, observations, plan = (Path(files[at]) for at in (2, 4, 6))
    book = load_workbook(edition)
    book["方法权重"]["B2"] = Decimal(40)
    book.save(edition)
    observations.write_text("site,type\n甲,T0\n", encoding="utf-8")
    plan.write_text("line = ", encoding="utf-8")
    result = CliRunner().invoke(main, [*files, "--seed", "-1"])
    assert (result.exit_code, result.stdout) == (2, "")
    for words in ("--seed", "各方法权重合计应为 100，现为 80", "观测：缺少表头「街道」", "计划：计划不是合格的 TOML"):
        assert words in result.stderr
    nothing = CliRunner().invoke(main, ["forecast"])
    assert nothing.exit_code == 2
    assert len(nothing.stderr.splitlines()) == 3
