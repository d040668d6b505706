"""`chuangwen standards` as a user sees it."""

import json
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from openpyxl import load_workbook

from chuangwen.project.cli import main
from tests.paths import shared_data


def standards(*arguments: str | Path) -> Result:
    return CliRunner().invoke(main, ["standards", *map(str, arguments)])


@pytest.fixture(scope="module")
def report() -> dict[str, Any]:
    result = standards("check", shared_data("case_standards_yuncheng.xlsx"), "--json")
    assert result.exit_code == 0
    found: dict[str, Any] = json.loads(result.stdout)
    return found


def test_a_citys_workbook_is_reported_whole(report: dict[str, Any]) -> None:
    assert list(report) == ["conditions", "by_unit", "unparsed", "rows"]
    assert report["conditions"] == len(report["rows"]) == 519
    assert report["unparsed"] == [{"sheet": "事件", "row": 29, "limit_text": "1紧急工作时制止"}]


def test_the_counts_by_unit_are_those_of_the_rows(report: dict[str, Any]) -> None:
    counts = Counter(row["unit"] for row in report["rows"])
    assert counts.pop(None) == 1
    assert {unit: count for unit, count in report["by_unit"].items() if count} == dict(counts)
    assert sum(report["by_unit"].values()) == 518


def test_a_row_says_what_opens_and_closes_a_case(report: dict[str, Any]) -> None:
    assert report["rows"][0] == {
        "sheet": "部件",
        "row": 3,
        "class": "公用设施",
        "item": "上水井盖",
        "condition": "缺失、移位、开裂，存在安全隐患的",
        "limit_text": "2紧急工作时",
        "unit": "urgent_hours",
        "amount": 2,
        "closes_when": "恢复",
    }
    unread = next(row for row in report["rows"] if row["limit_text"] == "1紧急工作时制止")
    assert (unread["unit"], unread["amount"]) == (None, None)
    assert all(isinstance(row["amount"], int) for row in report["rows"] if row["unit"])


def test_a_person_reads_a_short_summary(tmp_path: Path) -> None:
    file = tmp_path / "cases.xlsx"
    standards("template", "cases", "-o", file)
    book = load_workbook(file)
    book["事件"]["I3"] = "尽快"
    book.save(file)
    assert standards("check", file).stdout == (
        "共 106 条立案条件：部件 22 条，事件 84 条。\n"
        "处置时限按单位：紧急工作时 10 条，工作时 3 条，小时 11 条，工作日 33 条，天 48 条。\n"
        "有 1 条时限读不懂，请写明数量和单位：\n"
        "《事件》第 3 行：“尽快”\n"
    )


def test_a_fraction_of_an_hour_stays_a_fraction(tmp_path: Path) -> None:
    file = tmp_path / "cases.xlsx"
    standards("template", "cases", "-o", file)
    book = load_workbook(file)
    book["部件"]["I3"] = "0.5小时"
    book.save(file)
    rows = json.loads(standards("check", file, "--json").stdout)["rows"]
    assert rows[0]["amount"] == 0.5


def test_an_unusable_file_is_refused_on_stderr_with_code_2(tmp_path: Path) -> None:
    file = tmp_path / "标准.xlsx"
    file.write_text("大类代码,大类名称")
    result = standards("check", file, "--json")
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.startswith("这不是 Excel 工作簿")


def test_the_templates_pass_their_own_check(tmp_path: Path) -> None:
    edition, cases = tmp_path / "edition.xlsx", tmp_path / "cases.xlsx"
    assert standards("template", "edition", "-o", edition).exit_code == 0
    assert standards("template", "cases", "-o", cases).exit_code == 0
    checked = standards("check-edition", edition)
    assert checked.exit_code == 0
    assert "没有发现错误" in checked.stdout
    assert "213 条测评标准" in checked.stdout
    assert "农贸市场、集贸市场 18 条" in checked.stdout
    assert standards("check", cases).stdout.startswith("共 106 条立案条件：部件 22 条，事件 84 条。")


def test_a_faulty_edition_is_refused_line_by_line(tmp_path: Path) -> None:
    file = tmp_path / "edition.xlsx"
    standards("template", "edition", "-o", file)
    book = load_workbook(file)
    book["测评标准"]["H2"] = "特"
    book["测评标准"]["B3"] = "没有的"
    book.save(file)
    result = standards("check-edition", file)
    assert (result.exit_code, result.stdout) == (2, "")
    lines = result.stderr.splitlines()
    assert [line.partition("：")[0] for line in lines] == [
        "《测评标准》第 2 行（RES-01）「等级」",
        "《测评标准》第 3 行（RES-02）「测评内容」",
    ]


def test_somebodys_work_is_not_overwritten_unasked(tmp_path: Path) -> None:
    file = tmp_path / "cases.xlsx"
    file.write_bytes(b"mine")
    refused = standards("template", "cases", "-o", file)
    assert refused.exit_code == 2
    assert "已经存在" in refused.stderr
    assert file.read_bytes() == b"mine"
    assert standards("template", "cases", "-o", file, "--force").exit_code == 0
    assert file.read_bytes() != b"mine"


def test_a_place_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    result = standards("template", "cases", "-o", tmp_path / "没有" / "cases.xlsx")
    assert result.exit_code == 2
    assert "写不了" in result.stderr


def test_checking_starts_without_django() -> None:
    code = (
        "import sys, chuangwen.project.commands.standards_, chuangwen.standards.sample_edition as s;"
        "s.sample_edition(); print('django' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
