"""`chuangwen import` as a person at the shell sees it."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from chuangwen.people.models import Unit
from chuangwen.places.models import Site
from chuangwen.project.cli import main
from chuangwen.standards.models import PointType
from tests.paths import ROOT
from tests.world import World

Run = Callable[..., Result]


@pytest.fixture
def run(world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """`chuangwen import …` with the text of a file, against the small district."""
    monkeypatch.setenv("CHUANGWEN_DATA", str(tmp_path / "data"))

    def invoke(what: str, text: str, *options: str) -> Result:
        file = tmp_path / "file.csv"
        file.write_text(text, "utf-8")
        return CliRunner().invoke(main, ["import", what, str(file), *options])

    return invoke


def test_the_command_says_what_it_did_and_a_dry_run_does_nothing(run: Run) -> None:
    text = "编码,名称,类别,上级编码\nHQ,虹桥街道,街道,CC\n"
    assert run("units", text, "--dry-run").stdout == (
        "将新增 1 个单位，将修改 0 个单位，0 个单位没有变化。（试运行，没有写入。）\n"
    )
    assert run("units", text).stdout == "新增 1 个单位，修改 0 个单位，0 个单位没有变化。\n"
    report = json.loads(run("units", text, "--json").stdout)
    assert report == {"created": 0, "changed": 0, "unchanged": 1, "dry_run": False}


def test_the_command_takes_people_areas_and_sites(run: Run) -> None:
    result = run("people", "账号,姓名,单位编码,岗位\nwang,王芳,XT,承办人\n")
    assert (result.exit_code, result.stdout[:4]) == (0, "新增 1")
    assert "不能登录" in result.stderr
    assert run("areas", "编码,名称,类别,属地单位编码\nB,文峰,社区,WF-01\n").exit_code == 0
    PointType.objects.create(code="RES", name="居民小区")
    assert run("sites", "编码,名称,点位类型,责任单位编码,经度,纬度\nS9,苑,居民小区,XT,120,32\n").exit_code == 0
    assert Site.objects.get(code="S9").point_type == "RES"


def test_the_command_refuses_with_every_objection_a_line(run: Run) -> None:
    result = run("units", "编码,名称,类别,上级编码\nA,甲,街道,没有\nB,乙,街道,无\n")
    assert (result.exit_code, result.stdout) == (2, "")
    assert [line[:5] for line in result.stderr.splitlines()] == ["第 2 行", "第 3 行"]
    assert not Unit.objects.filter(code="A").exists()
    nowhere = CliRunner().invoke(main, ["import", "units", "/nowhere.csv"])
    assert (nowhere.exit_code, nowhere.stderr) == (2, "没有找到文件 /nowhere.csv。\n")


@pytest.mark.embedded
def test_the_first_import_makes_the_embedded_database(tmp_path: Path) -> None:
    file = tmp_path / "units.csv"
    file.write_text("编码,名称,类别\nA,甲街道,street\n", "utf-8")
    command = [
        sys.executable,
        "-m",
        "chuangwen",
        "import",
        "units",
        str(file),
        "--data",
        str(tmp_path / "data"),
        "--json",
    ]
    for created in (1, 0):
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, env=_plain_environment())
        assert done.returncode == 0, done.stderr
        assert json.loads(done.stdout)["created"] == created


def _plain_environment() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if not name.startswith("CHUANGWEN_")}
