"""`chuangwen due` as a user sees it."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from chuangwen.project.cli import main

EXAMPLE = ("--start", "2020-06-24T17:00", "--limit", "4工作时")


def due(*options: str) -> Result:
    return CliRunner().invoke(main, ["due", *options])


def due_moment(*options: str) -> str:
    result = due(*options, "--json")
    assert result.exit_code == 0, result.stderr
    return str(json.loads(result.stdout)["due"])


def test_the_example_prints_exactly_this_line() -> None:
    result = due(*EXAMPLE, "--json")
    assert result.exit_code == 0
    assert result.stdout == (
        '{"due": "2020-06-28T11:00:00+08:00", "unit": "working_hours", "amount": 4, "warnings": []}\n'
    )


def test_a_person_reads_a_sentence_with_the_day_of_the_week() -> None:
    result = due(*EXAMPLE)
    assert result.stdout == (
        "从2020年6月24日（星期三）17:00起，时限 4工作时，应在2020年6月28日（星期日）11:00前办结。\n"
    )
    assert result.stderr == ""


def test_a_fraction_stays_a_fraction() -> None:
    result = due("--start", "2020-06-24T17:00", "--limit", "0.5小时", "--json")
    assert json.loads(result.stdout)["amount"] == 0.5


def test_a_start_with_a_zone_is_the_same_moment() -> None:
    assert due_moment("--start", "2020-06-24T09:00Z", "--limit", "4工作时") == "2020-06-28T11:00:00+08:00"


def test_pauses_and_extensions_move_the_deadline() -> None:
    pause = ("--pause", "2020-06-24T17:00/2020-06-28T08:00", "--pause", "2020-06-28T09:00/2020-06-28T10:00")
    assert due_moment(*EXAMPLE, *pause) == "2020-06-28T15:00:00+08:00"
    assert due_moment(*EXAMPLE, "--extend", "1") == "2020-06-28T17:00:00+08:00"
    assert "暂停 2 段，延期 1 次" in due(*EXAMPLE, *pause, "--extend", "1").stdout


def test_other_office_hours_count() -> None:
    assert due_moment(*EXAMPLE, "--hours", "09:00-12:00，13:30-17:30") == "2020-06-28T14:00:00+08:00"


@pytest.mark.parametrize("encoding", ["utf-8-sig", "gb18030"])
def test_a_calendar_file_decides_over_the_built_in_days(tmp_path: Path, encoding: str) -> None:
    file = tmp_path / "days.csv"
    file.write_text("日期,是否上班,名称\n2020/6/28,休息,防汛\n\n2020-06-26,1\n", encoding=encoding)
    assert due_moment(*EXAMPLE, "--calendar", str(file)) == "2020-06-26T11:00:00+08:00"


def test_a_provisional_year_is_warned_of_beside_the_result() -> None:
    facts = ("--start", "2098-12-31T17:00", "--limit", "20工作日")
    result = due(*facts)
    assert result.exit_code == 0
    assert [line[6:10] for line in result.stderr.splitlines()] == ["2098", "2099"]
    assert json.loads(due(*facts, "--json").stdout)["warnings"] == result.stderr.splitlines()


def refused(*options: str) -> list[str]:
    result = due(*options)
    assert result.exit_code == 2
    assert result.stdout == ""
    return result.stderr.splitlines()


def test_everything_wrong_is_named_in_one_go(tmp_path: Path) -> None:
    lines = refused(
        *("--start", "2020-06-24", "--limit", "2天/2工作日", "--extend", "3", "--hours", "8点到12点"),
        *("--pause", "2020-06-25T10:00/2020-06-25T09:00", "--pause", "昨天"),
        *("--calendar", str(tmp_path / "absent.csv")),
    )
    for named in ("2020-06-24”", "2天/2工作日", "延期次数 3", "8点到12点", "早于起点", "昨天", "没有这个文件"):
        assert sum(named in line for line in lines) == 1, named
    assert len(lines) == 7


def test_a_missing_start_and_limit_are_asked_for() -> None:
    assert [line.split("：")[0] for line in refused()] == ["缺少起点", "缺少时限"]


@pytest.mark.parametrize(
    ("option", "value", "sentence"),
    [
        ("--extend", "-1", "延期次数 -1"),
        ("--extend", "一次", "延期次数“一次”读不懂"),
        ("--hours", "08:00-25:00", "读不懂"),
        ("--hours", "12:00-08:00", "终点要晚于起点"),
        ("--pause", "2020-06-24T17:00", "读不懂"),
        ("--pause", "2020-06-24T17:00/0001-01-01T00:00", "年份 1 不在"),
    ],
)
def test_a_bad_option_is_refused_with_its_reason(option: str, value: str, sentence: str) -> None:
    (line,) = refused(*EXAMPLE, option, value)
    assert sentence in line


def test_each_bad_row_of_a_calendar_file_is_named(tmp_path: Path) -> None:
    file = tmp_path / "days.csv"
    file.write_text("date,is_working\n2020-13-01,1\n2020-06-28,也许\n2020-06-26,1\n2020-06-26,0\n六月\n", "utf-8")
    lines = refused(*EXAMPLE, "--calendar", str(file))
    numbered = [line.split("第 ")[1].split("：") for line in lines]
    assert [(row, reason[:5]) for row, reason, *_ in numbered] == [
        ("2 行", "日期“20"),
        ("3 行", "是否上班“"),
        ("5 行", "2020-"),
        ("6 行", "日期“六月"),
        ("6 行", "缺少“是否"),
    ]


def test_a_calendar_file_without_a_day_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "days.csv"
    file.write_text("date,is_working\n", "utf-8")
    first, last = refused(*EXAMPLE, "--extend", "9", "--calendar", str(file))
    assert "延期次数 9" in first
    assert "里没有一天" in last


@pytest.mark.parametrize("raw", [b"\xff\xff\xfe", b"PK\x03\x04\x00", "2020-06-28,1\n".encode("utf-16"), b"x" * 200_000])
def test_a_calendar_file_that_is_no_csv_is_refused(tmp_path: Path, raw: bytes) -> None:
    file = tmp_path / "days.csv"
    file.write_bytes(raw)
    (line,) = refused(*EXAMPLE, "--calendar", str(file))
    assert "不是 CSV 文本" in line
