"""`chuangwen score` as the person at the office keyboard meets it."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from chuangwen.project.cli import main
from tests.paths import shared_data

NANTONG = ("--rule", "nantong-2016")


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(main, ["score", *map(str, arguments)])


def scored(*arguments: str | Path) -> dict[str, Any]:
    result = run(*arguments, "--json")
    assert result.exit_code == 0, result.stderr
    found: dict[str, Any] = json.loads(result.stdout)
    return found


def refused(*arguments: str | Path) -> list[str]:
    result = run(*arguments)
    assert (result.exit_code, result.stdout) == (2, "")
    return result.stderr.splitlines()


@pytest.fixture
def table(tmp_path: Path) -> Path:
    path = tmp_path / "得分.csv"
    path.write_text("unit,system,field,duty\n甲,90,80,70\n乙,90,,70\n丙,,,\n", encoding="utf-8")
    return path


def test_the_published_table_of_august_2017_is_scored() -> None:
    sheet = scored(*NANTONG, "--facts", shared_data("nantong_streets_2017_08.csv"))
    assert len(sheet["units"]) == 19
    first = sheet["units"][0]
    assert (first["unit"], first["total"], first["exact"], first["place"]) == ("中兴", "94.91", "94.912", 1)
    assert first["parts"]["system"] == {"value": "95.65", "weight": "0.40", "points": "38.260", "imputed": False}
    assert first["reasons"]
    assert sheet["rule"]["name"] == "nantong-2016"


@pytest.mark.parametrize(("ties", "places"), [("shown", {"新开": 4, "钟秀": 4}), ("exact", {"钟秀": 4, "新开": 5})])
def test_the_tie_rule_can_be_chosen(ties: str, places: dict[str, int]) -> None:
    sheet = scored(*NANTONG, "--ties", ties, "--facts", shared_data("nantong_streets_2017_08.csv"))
    assert {unit["unit"]: unit["place"] for unit in sheet["units"] if unit["unit"] in places} == places
    assert sheet["rule"]["ties"] == ties


def test_an_empty_cell_is_filled_with_the_mean_and_an_empty_row_is_left_out(table: Path) -> None:
    sheet = scored(*NANTONG, "--facts", table)
    second = next(unit for unit in sheet["units"] if unit["unit"] == "乙")
    assert second["parts"]["field"] == {"value": "80.00", "weight": "0.40", "points": "32.000", "imputed": True}
    assert any("平均分 80.00" in reason for reason in second["reasons"])
    assert [left["unit"] for left in sheet["left_out"]] == ["丙"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_tables_from_any_office_program_are_read(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "f.csv"
    path.write_text(
        "单位,系统考核,现场考核,履职考核,备注\r\n港闸开发区,95.67,９３．９３,93.10,无\r\n", encoding=encoding
    )
    assert [(unit["unit"], unit["exact"]) for unit in scored(*NANTONG, "--facts", path)["units"]] == [
        ("港闸开发区", "94.46")
    ]


def test_leagues_in_the_table_are_ranked_apart(tmp_path: Path) -> None:
    path = tmp_path / "f.csv"
    path.write_text("unit,league,field\n甲,街道,80\n乙,部门,70\n丙,街道,90\n", encoding="utf-8")
    sheet = scored("--rule", "field-rate", "--facts", path)
    assert {unit["unit"]: (unit["league"], unit["place"]) for unit in sheet["units"]} == {
        "丙": ("街道", 1),
        "甲": ("街道", 2),
        "乙": ("部门", 1),
    }


def test_every_bad_row_is_named_with_its_number_and_field(tmp_path: Path) -> None:
    path = tmp_path / "f.csv"
    path.write_text(
        "unit,system,field,duty\n甲,95.65,93.73,95.80\n\n乙,九十,93,-95\n甲,1e2,956.5,95%\n,90,90,90\n丁,90\n戊,1,2,3,4\n",
        encoding="utf-8",
    )
    assert refused(*NANTONG, "--facts", path) == [
        "第 2 行 unit（单位）重复：“甲”出现了 2 次，每个单位只能有一行。",
        "第 4 行 system（系统考核）：“九十”不是数字；没有观测请留空，不要写字或单位。",
        "第 4 行 duty（履职考核）：-95 不在 0 到 100 之间，请核对小数点和满分。",
        "第 5 行 system（系统考核）：“1e2”不是数字；没有观测请留空，不要写字或单位。",
        "第 5 行 duty（履职考核）：“95%”不是数字；没有观测请留空，不要写字或单位。",
        "第 5 行 unit（单位）重复：“甲”出现了 2 次，每个单位只能有一行。",
        "第 5 行 field（现场考核）：956.5 不在 0 到 100 之间，请核对小数点和满分。",
        "第 6 行 unit（单位）为空，请写明单位名称。",
        "第 7 行 field（现场考核）：这一行缺这一格；没有观测也请留出空格。",
        "第 7 行 duty（履职考核）：这一行缺这一格；没有观测也请留出空格。",
        "第 8 行 有 5 格，表头只有 4 格，请检查多出的逗号。",
    ]


def test_columns_that_are_absent_or_doubled_are_named(tmp_path: Path) -> None:
    path = tmp_path / "f.csv"
    path.write_text("unit,field,现场考核\n甲,1,2\n", encoding="utf-8")
    assert refused(*NANTONG, "--facts", path) == [
        "第 1 行 缺少 system（系统考核）一列。",
        "第 1 行 缺少 duty（履职考核）一列。",
        "第 1 行 field 一列重复了 2 次，请只留一列。",
    ]


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"", "得分表是空的"),
        (b"unit,system,field,duty\n,,,\n", "没有一个单位"),
        (b"\xff\xff\xff", "既不是 UTF-8 也不是 GB18030"),
        (b'unit,system,field,duty\n"a"b,1,2,3\n', "不是合格的 CSV"),
    ],
)
def test_a_file_that_is_no_table_is_refused_in_a_sentence(tmp_path: Path, data: bytes, sentence: str) -> None:
    path = tmp_path / "f.csv"
    path.write_bytes(data)
    assert sentence in refused(*NANTONG, "--facts", path)[0]


def test_what_was_not_given_or_not_found_is_named() -> None:
    assert len(refused()) == 2
    assert "nantong-2016" in refused("--rule", "nantong-2099", "--facts", "f.csv")[0]
    assert "读不出来" in refused(*NANTONG, "--facts", "没有这个文件.csv")[0]


def test_a_rule_of_ones_own_is_read_from_a_file(tmp_path: Path, table: Path) -> None:
    rule = tmp_path / "own.toml"
    rule.write_text(
        'name = "own"\ntitle = "本区办法"\nsource = "本区文件"\n'
        '[[parts]]\nkey = "field"\nlabel = "现场"\nweight = 1\nmissing = "leave_out"\n',
        encoding="utf-8",
    )
    assert [unit["unit"] for unit in scored("--rule", rule, "--facts", table)["units"]] == ["甲"]
    rule.write_bytes("title = '本区'".encode("gb18030"))
    assert "不是 UTF-8" in refused("--rule", rule, "--facts", table)[0]


def test_the_table_for_people_stands_in_columns_and_explains_gaps(table: Path) -> None:
    result = run(*NANTONG, "--facts", table)
    assert result.exit_code == 0
    lines = result.stdout.splitlines()
    assert "   1  甲    82.00          90.00          80.00          70.00" in lines
    assert any(line.startswith("乙：") and "平均分 80.00" in line for line in lines)
    assert any(line.startswith("丙：各部分都没有观测") for line in lines)


def test_the_built_in_rules_are_listed() -> None:
    listed = run("--list").stdout
    assert "nantong-2016" in listed
    assert "系统考核 40%、现场考核 40%、履职考核 20%" in listed


def test_scoring_needs_no_django(table: Path) -> None:
    script = (
        "import sys; from chuangwen.project.cli import main\n"
        f"main(['score', '--rule', 'nantong-2016', '--facts', {str(table)!r}, '--json'], standalone_mode=False)\n"
        "sys.exit(3 if 'django' in sys.modules else 0)"
    )
    assert subprocess.run([sys.executable, "-c", script], capture_output=True, check=False).returncode == 0
