"""`chuangwen ladders` as the person at the office keyboard meets it: a table of facts, no database."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from chuangwen.accountability.builtin import builtin_text
from chuangwen.project.cli import main

HEAD = "类别,单位,组,起,止,名次,得分,观测数,最好名次,最差名次,命令,名称,下达,期限,完成,申报,理由,证据"
AT = ("--at", "2020-06-30T09:00")


def run(*words: str | Path) -> Result:
    return CliRunner().invoke(main, ["ladders", *map(str, words)])


@pytest.fixture
def facts(tmp_path: Path) -> Path:
    path = tmp_path / "事实.csv"
    rows = [
        "名次,学田,街道,2020-06-15,2020-06-21,2,80,40,1,2,,,,,,,,得分表1",
        "名次,文峰,街道,2020-06-15,2020-06-21,1,90,40,1,2,,,,,,,,",
        "名次,学田,街道,2020-06-22,2020-06-28,2,79,12,2,2,,,,,,,,得分表2",
        "名次,文峰,街道,2020-06-22,2020-06-28,1,90,40,1,1,,,,,,,,",
        "命令,城管局,,,,,,,,,整改令,第3号,2020-06-24T09:00,2020-06-26T09:00,,,,",
        "事项,城管局,,,,,,,,,,第5项,,2020-06-28T18:00,,2020-06-27T10:00,等设计,",
    ]
    path.write_text("\n".join([HEAD, *rows]) + "\n", encoding="utf-8-sig")
    return path


def test_two_weeks_in_last_place_are_told_with_what_speaks_against_them(facts: Path) -> None:
    told = run("check", "--ladder", "jiangmen-2018", "--facts", facts, *AT)
    assert told.exit_code == 0
    for words in ("学田：可启动“由组织部门约谈”", "连续 2 期", "反证", "不到 30 条", "系统不会自动问责"):
        assert words in told.stdout


def test_the_answer_for_programs_holds_rung_evidence_and_doubts(facts: Path, tmp_path: Path) -> None:
    ladder = tmp_path / "本地.toml"
    ladder.write_text(builtin_text("jiangmen-2018"), encoding="utf-8")
    found: dict[str, Any] = json.loads(run("check", "--ladder", ladder, "--facts", facts, *AT, "--json").stdout)
    (entry,) = found["possible"]
    assert (entry["unit"], entry["rung"], entry["decided_by"]) == ("学田", "second", "leader")
    assert entry["evidence"] == ["得分表2", "得分表1"]
    assert {one["kind"] for one in entry["counter"]} == {"few", "interval"}


def test_orders_and_items_have_their_own_ladders(facts: Path) -> None:
    orders = json.loads(run("check", "--ladder", "guiyang-2018", "--facts", facts, *AT, "--json").stdout)
    assert [one["rung"] for one in orders["possible"]] == ["supervision"]
    items = json.loads(run("check", "--ladder", "taishan-2021", "--facts", facts, *AT, "--json").stdout)
    assert not items["possible"]
    assert "期限前已申报（等设计）" in items["left_out"][0]["reason"]


def test_every_bad_row_is_named_at_once(tmp_path: Path) -> None:
    path = tmp_path / "坏.csv"
    path.write_text(
        f"{HEAD}\n名次,学田,街道,六月,2020-06-21,第二,,,,,,,,,,,,\n奖励,文峰\n命令,,,,,,,,,,,,,2020-06-26,,,,\n",
        encoding="gb18030",
    )
    answer = run("check", "--ladder", "jiangmen-2018", "--facts", path, *AT)
    assert (answer.exit_code, answer.stdout) == (2, "")
    for words in ("第 2 行：起", "第 2 行：名次", "第 3 行：类别“奖励”", "第 4 行：缺少单位", "第 4 行：缺少下达"):
        assert words in answer.stderr


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("check", "--ladder", "没有"), "自带的阶梯有"),
        (("check", "--ladder", "jiangmen-2018", "--at", "明天"), "不是时刻"),
        (("check", "--ladder", "jiangmen-2018", "--facts", "/没有"), "读不出来"),
    ],
)
def test_what_cannot_be_read_is_said(words: tuple[str, ...], sentence: str) -> None:
    answer = run(*words)
    assert answer.exit_code == 2
    assert sentence in answer.stderr


def test_the_samples_are_listed_with_their_sources() -> None:
    told = run("list").stdout
    assert told.count("来源：") == 3
    assert "http" in told
