"""`chuangwen risk evaluate` as the analyst at the shell meets it."""

import gzip
import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from chuangwen.project.cli import main
from tests.risks import as_csv, inspections

FIGURES = {"days_earlier", "first_half_share", "auc", "logloss"}
LATER = inspections(seed=2, count=150, start=130, days=40)


@pytest.fixture
def files(tmp_path: Path) -> tuple[Path, Path]:
    train, test = tmp_path / "以往.csv", tmp_path / "之后.csv.gz"
    train.write_text(as_csv(inspections(seed=1, count=700)), encoding="utf-8")
    test.write_bytes(gzip.compress(as_csv(LATER).encode()))
    return train, test


def _run(train: Path, test: Path, *more: str) -> Result:
    columns = ["--outcome", "failed", "--date", "date", "--inspector", "inspector"]
    return CliRunner().invoke(main, ["risk", "evaluate", "--train", str(train), "--test", str(test), *columns, *more])


def test_three_orders_come_side_by_side_as_json(files: tuple[Path, Path]) -> None:
    result = _run(*files, "--json")
    assert result.exit_code == 0, result.stderr
    found = json.loads(result.stdout)
    for way in ("with_inspector", "without_inspector", "strictness_removed"):
        assert found[way].keys() >= FIGURES | {f"{name}_interval" for name in FIGURES}
        low, high = found[way]["days_earlier_interval"]
        assert low <= found[way]["days_earlier"] <= high
    assert found["features"] == ["kitchen", "kind", "age", "last_found"]
    assert found["left_out"]["found_count"] == "检查的当场结果，检查以前不知道"


def test_people_read_a_table_and_may_leave_columns_out(files: tuple[Path, Path]) -> None:
    result = _run(*files, "--leave-out", "kitchen")
    assert result.exit_code == 0
    assert "扣除检查人宽严" in result.stdout
    assert "不用 kitchen：按要求不用" in result.stdout


def test_everything_wrong_is_named(files: tuple[Path, Path], tmp_path: Path) -> None:
    train, test = files
    bare = CliRunner().invoke(main, ["risk", "evaluate", "--seed", "-1"])
    assert (bare.exit_code, bare.stdout, len(bare.stderr.splitlines())) == (2, "", 6)
    empty = tmp_path / "空.csv"
    empty.write_text("", encoding="utf-8")
    both = _run(tmp_path / "没有.csv", empty)
    assert both.exit_code == 2
    assert len(both.stderr.splitlines()) == 2
    broken = tmp_path / "坏.csv.gz"
    broken.write_bytes(test.read_bytes()[:40])
    assert "解不开" in _run(train, broken).stderr
    turned = _run(test, train)
    assert (turned.exit_code, turned.stdout) == (2, "")
    assert "应全在训练的检查" in turned.stderr
    assert "两个文件里都没有" in _run(train, test, "--leave-out", "不存在").stderr
