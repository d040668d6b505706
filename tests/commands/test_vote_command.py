"""`chuangwen vote` as the committee at the keyboard meets it: a file in, a result sheet out, no database."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from chuangwen.project.cli import main


def run(*words: str | Path) -> Result:
    return CliRunner().invoke(main, ["vote", *map(str, words)])


def written(path: Path, owners: list[dict[str, Any]], **more: Any) -> Path:
    path.write_text(json.dumps({"rule": "civil-code-278", "matter": "use_fund", "owners": owners} | more), "utf-8")
    return path


@pytest.fixture
def file(tmp_path: Path) -> Path:
    answers = ("for", "abstain", "absent")
    owners = [{"id": f"1-10{at}", "area": "89.50", "answer": answer} for at, answer in enumerate(answers, start=1)]
    return written(tmp_path / "表决.json", owners, title="3号楼电梯大修")


def test_the_answer_for_programs_gives_turnout_approval_and_reasons_in_fractions(file: Path) -> None:
    told = run("--in", file, "--json")
    assert (told.exit_code, told.stderr) == (0, "")
    found = json.loads(told.stdout)
    assert found["turnout"] == {"area": "2/3", "heads": "2/3", "valid": True}
    assert found["approval"] == {"area": "1/2", "heads": "1/2", "valid": False, "base": "participating"}
    assert found["passed"] is False
    assert found["thresholds"]["approval"] == {"share": "1/2", "inclusive": False, "words": "过半数"}
    assert found["counts"]["area"]["participating"] == "179.00"
    assert len(found["reasons"]) == 5


def test_the_sheet_for_people_says_what_was_missing(file: Path) -> None:
    told = run("--in", file)
    assert told.exit_code == 0
    for words in ("3号楼电梯大修", "参与表决：2 人，179.00 平方米", "正好一半不算", "差 0.01", "结果：没有通过"):
        assert words in told.stdout


def test_ten_thousand_owners_with_mistakes_are_all_named_and_nothing_is_counted(tmp_path: Path) -> None:
    owners = [{"id": f"{at}", "area": "89.5001" if at % 10 == 0 else "89.50", "answer": "for"} for at in range(10_000)]
    owners[1] |= {"answer": "yes"}
    owners[2] |= {"id": "10000", "owner": "甲"}
    owners[3] |= {"id": "10000", "owner": "乙"}
    told = run("--in", written(tmp_path / "大.json", owners), "--json")
    assert (told.exit_code, told.stdout) == (2, "")
    sentences = told.stderr.splitlines()
    assert len(sentences) == 1_002
    assert sum("：area：" in one for one in sentences) == 1_000
    for words in ("1：answer：应是", "10000：id：第 3、4 条都是这套房（业主：“甲”、“乙”）"):
        assert any(one.startswith(words) for one in sentences)


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"{", "文件不是 JSON：第 1 行"),
        ("{“表决”}".encode("gb18030"), "不是 UTF-8"),
        (b"[" * 100_000, "嵌套太深"),
        (b"[]", "应是一个 JSON 对象"),
        (b'{"matter": "rules", "matter": "rules"}', "“matter”：这个字段写了两次"),
        (b'{"date": "2006-01-01", "owners": [3]}', "投票权"),
        (b'{"owners": [{"id": "a", "area": 1e99999999999999999999}]}', "a：area"),
        (b'{"owners": [{"id": "a", "area": NaN, "answer": "for"}]}', "不能是“NaN”"),
        (b'{"owners": [{"id": "\\ud800\\u001b"}]}', "第 1 条：id"),
        (b'{"closes_at": "9999-12-31T23:59-23:00"}', "年份应在"),
    ],
)
def test_a_file_that_is_no_vote_is_refused_in_a_sentence(tmp_path: Path, data: bytes, sentence: str) -> None:
    path = tmp_path / "坏.json"
    path.write_bytes(data)
    told = run("--in", path)
    assert (told.exit_code, told.stdout) == (2, "")
    assert sentence in told.stderr


def test_a_vote_without_a_file_is_asked_for_one(tmp_path: Path) -> None:
    assert "请用 --in" in run().stderr
    assert "读不出来" in run("--in", tmp_path / "没有.json").stderr


def test_the_example_of_the_guide_is_a_vote_that_counts(tmp_path: Path) -> None:
    from tests.paths import ROOT

    guide = (ROOT / "docs" / "guides" / "voting.md").read_text(encoding="utf-8")
    path = tmp_path / "样例.json"
    path.write_text(guide.split("```json\n")[1].split("```")[0], encoding="utf-8")
    told = run("--in", path)
    assert (told.exit_code, told.stderr) == (0, "")
    assert "结果：通过" in told.stdout
