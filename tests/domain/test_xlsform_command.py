"""`chuangwen standards xlsform` as a person at the shell sees it."""

from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from openpyxl import load_workbook

from chuangwen.project.cli import main
from chuangwen.standards.models import Edition, FormPicture, Question
from chuangwen.standards.operations import new_version
from tests.commands.xlsform_files import add, put
from tests.domain.test_checklist_import import canteen, picture
from tests.rounds import small_edition
from tests.world import NOW, World

Run = Callable[..., Result]


@pytest.fixture
def run(world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """The command against the small district with an edition and its draft."""
    monkeypatch.setenv("CHUANGWEN_DATA", str(tmp_path / "data"))
    new_version(edition_id=small_edition().pk, version="2", by=world.actor("clerk"), now=NOW)

    def invoke(what: str, *options: str | Path) -> Result:
        return CliRunner().invoke(main, ["standards", "xlsform", what, *map(str, options)])

    return invoke


TO_DRAFT = ("--edition", "T", "--version", "2", "--type", "RES")


def test_a_checklist_goes_out_is_edited_and_comes_back(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "小区.xlsx"
    assert run("export", *TO_DRAFT, "-o", file).exit_code == 0
    book = load_workbook(file)
    canteen(book)
    put(book, "canteen", **{"media::image__zh": "food.png"})
    add(book, "site", type="calculate", name="total")
    book.save(file)
    tried = run("import", file, *TO_DRAFT, "--dry-run")
    assert tried.exit_code == 0, tried.stderr
    assert "新增 附加问题 canteen 有没有食堂" in tried.stdout
    assert "    提示：（空） → 走一遍主路" in tried.stdout
    assert "没有写入（--dry-run）。" in tried.stdout
    assert "有 1 处放不下：\nsurvey 第 5 行「type」：题型 calculate 放不下" in tried.stderr
    assert "还缺图片：food.png。" in tried.stderr
    assert not Question.objects.exists()
    pictures = tmp_path / "pictures"
    pictures.mkdir()
    (pictures / "food.png").write_bytes(picture())
    (pictures / "notes.txt").write_text("x", "utf-8")
    done = run("import", file, *TO_DRAFT, "--pictures", pictures)
    assert done.exit_code == 0, done.stderr
    assert "已写入草稿：测试标准（2）。" in done.stdout
    assert (Question.objects.count(), FormPicture.objects.get().name) == (3, "food.png")
    assert run("import", file, *TO_DRAFT).stdout == "没有差别。\n"


def test_an_xform_comes_out_where_the_file_is_called_xml(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "form.xml"
    assert run("export", "--edition", "T", "--type", "LANE", "-o", file).exit_code == 0
    assert b'<data id="cw-T-' in file.read_bytes()
    assert run("export", "--edition", "T", "--type", "LANE", "-o", file).exit_code == 2, "an existing file stays"


def test_what_cannot_be_done_is_said_with_exit_code_2(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "form.xlsx"
    run("export", *TO_DRAFT, "-o", file)
    Edition.objects.filter(version="2").update(published_at=NOW)
    for result, words in (
        (run("import", file, *TO_DRAFT), "已经发布，不能再改"),
        (run("import", tmp_path / "none.xlsx", *TO_DRAFT), "打不开"),
        (run("export", "--edition", "X", "--type", "RES", "-o", file), "没有代码为“X”的测评标准。"),
        (run("export", "--edition", "T", "--version", "9", "--type", "RES", "-o", file), "版次为“9”"),
        (run("export", "--edition", "T", "--type", "NONE", "-o", tmp_path / "b.xlsx"), "没有这类点位的检查单"),
    ):
        assert (result.exit_code, words in result.stderr) == (2, True), result.output
