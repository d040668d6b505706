"""`chuangwen survey weigh` for analysts."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from chuangwen.project.commands.survey_ import command


def test_answers_are_weighted_from_files(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("age,sex\n60+,f\n18-59,m\n18-59,f\n18-59,m\n", encoding="utf-8-sig")
    (tmp_path / "m.csv").write_text("age,60+,40\nage,18-59,60\n", encoding="utf-8")
    words = ["weigh", "--in", str(tmp_path / "a.csv"), "--margins", str(tmp_path / "m.csv")]
    told = json.loads(CliRunner().invoke(command, [*words, "--json"]).stdout)
    assert told["weights"] == pytest.approx([1.6, 0.8, 0.8, 0.8])
    assert told["design_effect"] == pytest.approx(1.12)
    assert CliRunner().invoke(command, words).stdout.split() == ["1.6", "0.8", "0.8", "0.8"]


def test_bad_files_are_named_with_every_objection(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes("年龄\n甲\n".encode("gb18030"))
    (tmp_path / "m.csv").write_text("age,60+\n", encoding="utf-8")
    found = CliRunner().invoke(
        command, ["weigh", "--in", str(tmp_path / "a.csv"), "--margins", str(tmp_path / "m.csv")]
    )
    assert found.exit_code == 2
    assert "UTF-8" in found.stderr
    assert "第 1 行" in found.stderr
    assert CliRunner().invoke(command, ["weigh", "--in", str(tmp_path / "none.csv")]).exit_code == 2
