"""`chuangwen classify` as the clerk at the shell meets it, on a part of real messages."""

import csv
import gzip
import io
import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from chuangwen.project.cli import main
from tests.paths import shared_data


def _run(*args: object) -> Result:
    return CliRunner().invoke(main, ["classify", *map(str, args)])


def _table(path: Path, rows: list[dict[str, str]]) -> Path:
    out = io.StringIO()
    writer = csv.DictWriter(out, list(rows[0]))
    writer.writeheader()
    writer.writerows(rows)
    content = out.getvalue().encode()
    path.write_bytes(gzip.compress(content) if path.suffix == ".gz" else content)
    return path


@pytest.fixture(scope="module")
def messages() -> list[dict[str, str]]:
    with gzip.open(shared_data("messages/labelled_train.csv.gz"), "rt", encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))[:500]


@pytest.fixture(scope="module")
def model(messages: list[dict[str, str]], tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("classify")
    extra = _table(folder / "没有类别.csv", [{"subject": "公交站", "body": "站牌坏了"}])
    source, path = _table(folder / "训练.csv.gz", messages[:350]), folder / "模型"
    result = _run("train", "--in", source, "--model", path, "--unlabelled", extra)
    assert result.exit_code == 0, result.stderr
    assert "350 条留言，7 个类别" in result.stderr
    return path


def test_unseen_messages_are_told_in_their_order_cut_or_not(
    messages: list[dict[str, str]], model: Path, tmp_path: Path
) -> None:
    held = messages[350:]
    cut = _run("predict", "--model", model, "--in", _table(tmp_path / "分词.csv", held))
    raw = [{"text": "".join(row["text"].split())} for row in held]
    assert _run("predict", "--model", model, "--in", _table(tmp_path / "原文.csv", raw)).stdout == cut.stdout
    found = list(csv.DictReader(io.StringIO(cut.stdout)))
    assert list(found[0]) == ["category", "probability"]
    right = sum(row["category"] == true["category"] for row, true in zip(found, held, strict=True))
    assert right / len(held) > 0.7


def test_the_words_that_speak_for_the_class_are_shown(model: Path, tmp_path: Path) -> None:
    source = _table(tmp_path / "一条.csv", [{"text": "学校老师补课乱收费"}, {"text": ""}, {"text": "學校" * 25_000}])
    result = _run("predict", "--model", model, "--in", source, "--explain")
    first, *_rest = found = list(csv.DictReader(io.StringIO(result.stdout)))
    assert len(found) == 3
    assert first["category"] == "教育文体"
    assert set(first["words"].split()) & {"学校", "老师", "补课"}


def test_figures_come_as_json(messages: list[dict[str, str]], tmp_path: Path) -> None:
    source = _table(tmp_path / "留言.csv", messages[:150])
    result = _run("evaluate", "--in", source, "--folds", 2, "--json")
    assert result.exit_code == 0, result.stderr
    found = json.loads(result.stdout)
    assert set(found) == {"rows", "folds", "macro_f1", "accuracy", "f1", "ece", "ms_per_message"}
    assert (found["rows"], found["folds"]) == (150, 2)
    assert 0.4 < found["accuracy"] < 1


def test_everything_wrong_is_named_at_once(tmp_path: Path) -> None:
    source = tmp_path / "空.csv"
    source.write_bytes(b"")
    model = tmp_path / "pickle"
    model.write_bytes(b"\x80\x04.")
    result = _run("predict", "--in", source, "--model", model)
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.splitlines()[0] == "空.csv：文件是空的。"
    assert "一律不读" in result.stderr
    result = _run("evaluate", "--folds", 1)
    assert (result.exit_code, len(result.stderr.splitlines())) == (2, 2)
    assert _run("train").exit_code == 2
