"""`chuangwen draw` from the outside."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from chuangwen.project.cli import main

RFC_KEY = "9319./2.5.8.10.12./9.18.26.34.41.45./"


def run(*words: str) -> Result:
    """The command as a shell runs it."""
    return CliRunner().invoke(main, ["draw", *words])


@pytest.fixture
def street_list(tmp_path: Path) -> str:
    """A list of twelve candidates in two streets."""
    path = tmp_path / "list.csv"
    path.write_text("id,street\n" + "".join(f"{n},{'XT' if n % 2 else 'WF'}\n" for n in range(1, 13)), encoding="utf-8")
    return str(path)


def test_the_example_of_the_rfc() -> None:
    answer = run("select", "--key", RFC_KEY, "--pool", "25", "--count", "10", "--json")
    assert (answer.exit_code, answer.stderr) == (0, "")
    assert json.loads(answer.stdout) == {"selected": [17, 7, 2, 16, 25, 23, 8, 24, 19, 13]}


def test_a_key_whose_numbers_are_not_sorted_is_used_as_it_is_with_a_word_of_warning() -> None:
    answer = run("select", "--key", "2.5.12.8.10./", "--pool", "25", "--count", "1", "--json")
    assert answer.exit_code == 0
    assert "没有从小到大排" in answer.stderr
    assert list(json.loads(answer.stdout)) == ["selected"]


def test_every_objection_to_a_selection_comes_at_once() -> None:
    answer = run("select", "--pool", "many")
    assert answer.exit_code == 2
    assert len(answer.stderr.splitlines()) == 3
    assert run("select", "--key", "1./", "--pool", "3", "--count", "4").exit_code == 2


def test_what_make_publishes_verify_accepts(street_list: str, tmp_path: Path) -> None:
    seeds = tmp_path / "seeds.txt"
    seeds.write_text("# 2020-06-30\n双色球红球：3 8 15 20 26 33\n双色球蓝球：7\n", encoding="utf-8")
    made = run(
        "make", "--candidates", street_list, "--sources", str(seeds), "--share", "25%", "--stratify", "street",
        "--at-least-one", "--json",
    )  # fmt: skip
    assert made.exit_code == 0
    record = json.loads(made.stdout)
    assert record["key"] == "3.8.15.20.26.33./7./"
    assert len(record["selected"]) == 3
    path = tmp_path / "record.json"
    path.write_text(made.stdout, encoding="utf-8")
    checked = run("verify", str(path), "--sha256", record["candidates"]["sha256"], "--json")
    assert (checked.exit_code, json.loads(checked.stdout)) == (0, {"verified": True, "differences": []})


def test_a_record_that_was_touched_says_where(street_list: str, tmp_path: Path) -> None:
    made = run("make", "--candidates", street_list, "--key", RFC_KEY, "--count", "4", "--json")
    record = json.loads(made.stdout)
    record["selected"][0] = "99"
    path = tmp_path / "record.json"
    path.write_text(json.dumps(record), encoding="utf-8")
    answer = run("verify", str(path))
    assert answer.exit_code == 1
    assert "抽中的第 1 个写的是 99" in answer.stdout


def test_bad_files_and_options_are_named_together(tmp_path: Path) -> None:
    broken = tmp_path / "broken.csv"
    broken.write_bytes(b"\xff\xfe\x00")
    answer = run("make", "--candidates", str(broken), "--share", "lots", "--key", RFC_KEY, "--sources", "none.txt")
    assert answer.exit_code == 2
    for words in ("不是 UTF-8", "份额“lots”读不懂", "二选一"):
        assert words in answer.stderr
    assert run("verify", str(broken)).exit_code == 2
    assert run("verify", str(tmp_path / "nothing.json")).exit_code == 2
    unknown = tmp_path / "list.csv"
    unknown.write_text("id\n1\n", encoding="utf-8")
    refused = run("make", "--candidates", str(unknown), "--key", "1./", "--count", "1", "--stratify", "street")
    assert (refused.exit_code, "没有“street”这一列" in refused.stderr) == (2, True)
