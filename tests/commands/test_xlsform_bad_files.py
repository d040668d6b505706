"""XLSForms that cannot be taken: a sentence for each thing that is wrong, with its row and what to do, all at once."""

import zipfile
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl import Workbook, load_workbook

from chuangwen.project.cli import main
from chuangwen.rules.refusals import BadInput
from chuangwen.standards.xlsform_fitting import alone, objections_in_file
from tests.commands.xlsform_files import add, column, form_file, put, reading, row_named, sample_checklist, workbook


def refusal(content: bytes, kind: str = "MKT") -> tuple[str, ...]:
    """Everything that is said against a file."""
    try:
        found = reading(content, sample_checklist(kind))
    except BadInput as refused:
        return refused.objections
    return tuple(objections_in_file(alone(found), found))


def after(change: Callable[[Workbook], object]) -> tuple[str, ...]:
    """What is said after somebody worked on the market's form."""

    def work(book: Workbook) -> None:
        change(book)

    return refusal(form_file(sample_checklist(), work))


def test_a_ring_of_conditions_is_named_with_its_row() -> None:
    def change(book: Workbook) -> None:
        add(book, "site", type="text", name="b", label__zh="乙", relevant="${a} = 'x'")
        add(book, "site", type="text", name="a", label__zh="甲", relevant="${b} = 'x'")

    assert after(change) == ("survey 第 5 行（a）「relevant」：出现条件绕成了圈：a → b → a。请去掉其中一个条件。",)


def test_ten_thousand_rows_are_refused_with_what_to_do() -> None:
    rows = [["type", "name", "label"], *(["text", f"q{number}", "题"] for number in range(9_999))]
    assert refusal(workbook(survey=rows)) == (
        "survey 有 10000 行，最多 3000 行。请删去多余的行（包括空行），或把检查单拆小。",
    )
    said = refusal(workbook(survey=[*rows, ["text", "one_more", "题"]]))
    assert len(said) == 1
    assert "最多 10000 行" in said[0]


def test_more_questions_than_a_phone_should_show_are_refused() -> None:
    rows = [["type", "name", "label"], *(["text", f"q{number}", "题"] for number in range(301))]
    assert any("有 301 个附加问题，最多 300 个" in one for one in refusal(workbook(survey=rows)))


def test_merged_cells_are_named_by_row() -> None:
    def change(book: Workbook) -> None:
        sheet = book["survey"]
        row = row_named(sheet, "c_MKT_01_note")
        sheet.merge_cells(start_row=row, end_row=row + 1, start_column=3, end_column=3)

    said = after(change)
    assert [
        one
        for one in said
        if "在合并单元格里，请取消合并，每一格都填上。" in one and "survey 第 7 行「label::中文 (zh)」" in one
    ]


def test_formulas_and_error_values_are_named_by_cell() -> None:
    def change(book: Workbook) -> None:
        put(book, "c_MKT_01_verdict", label__zh="=A1&B1")
        book["choices"].cell(2, column(book["choices"], "label::中文 (zh)")).value = "#REF!"

    said = after(change)
    assert "survey 第 6 行「label::中文 (zh)」：是公式，请改成数值（复制后选择性粘贴为值）。" in said
    assert "choices 第 2 行「label::中文 (zh)」：是错误值“#REF!”，请改正。" in said


def package(**parts: bytes) -> bytes:
    """The market's form with parts of the package added or replaced."""
    out = BytesIO()
    with (
        zipfile.ZipFile(BytesIO(form_file(sample_checklist()))) as old,
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for name in old.namelist():
            if name not in parts:
                new.writestr(name, old.read(name))
        for name, content in parts.items():
            new.writestr(name, content)
    return out.getvalue()


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (lambda: package(**{"xl/vbaProject.bin": b"x"}), "工作簿带有宏，不接收。请在 Excel 或 WPS 中另存为"),
        (lambda: package(**{"xl/media/big.bin": b"\0" * (81 * 2**20)}), "工作簿解压后大得不正常，不接收。"),
        (lambda: package(**{"xl/workbook.xml": b'<!DOCTYPE x [<!ENTITY a "b">]><x>&a;</x>'}), "不该有的 XML 声明"),
        (lambda: b"", "文件是空的。"),
        (lambda: b"type,name,label\ntext,a,b\n", "这不是 Excel 工作簿"),
        (lambda: b"\xd0\xcf\x11\xe0" + b"\0" * 600, "旧版 .xls"),
        (lambda: form_file(sample_checklist())[:2000], "这不是 Excel 工作簿"),
        (lambda: workbook(Sheet1=[["a"]]), "没有名为 survey 的工作表，这不是 XLSForm。"),
        (lambda: workbook(survey=[]), "survey 里一道题也没有。"),
        (lambda: workbook(survey=[["type", "name", "label"]]), "survey 里一道题也没有。"),
    ],
)
def test_a_file_that_is_no_form_or_a_dangerous_one(content: Callable[[], bytes], words: str) -> None:
    said = refusal(content())
    assert len(said) == 1
    assert words in said[0]


def test_everything_wrong_with_a_form_is_said_at_once_in_the_order_of_its_rows() -> None:
    def change(book: Workbook) -> None:
        for cells in (
            {"type": "end group", "name": "x"},
            {"type": "text", "name": "twice", "label__zh": "又一次"},
            {"type": "text", "name": "twice", "label__zh": "一次"},
            {"type": "txt", "name": "typo", "label__zh": "错字"},
            {"type": None, "name": "nothing", "label__zh": "没有题型"},
            {"type": "text", "name": None, "label__zh": "没有名称"},
        ):
            add(book, "site", **cells)
        put(book, "c_MKT_02_verdict", 编码="MKT-01")
        book["choices"].append([None, "a", "没有表名"])
        book["choices"].append(["kinds", "fish", "鱼"])
        book["choices"].append(["kinds", "fish", "又是鱼"])

    said = after(change)
    for words in (
        "survey 第 5 行「name」：没有写名称。",
        "survey 第 6 行「type」：没有写题型。",
        "survey 第 7 行「type」：不认识题型“txt”。可用：",
        "survey 第 9 行「name」：名称“twice”与第 8 行重复，请改成不同的。",
        "survey 第 10 行「type」：end group 前面没有对应的开始行",
        "「编码」：编码“MKT-01”与第 12 行重复",
        "choices 第 5 行「list_name」：没有填写。",
        "choices 第 7 行「name」：选项表“kinds”里已经有“fish”",
    ):
        assert any(one.startswith(words) or words in one for one in said), (words, said)
    rows = [int(one.split("第 ")[1].split(" 行")[0]) for one in said if one.startswith("survey")]
    assert rows == sorted(rows)


def test_second_thoughts_name_their_rows_too() -> None:
    def change(book: Workbook) -> None:
        add(book, "site", type="select_one nowhere", name="q", label__zh="题")
        add(book, "site", type="text", name="r", label__zh="", relevant="${ghost} = 1", constraint="1 +")
        add(book, "site", type="integer", name="c_MKT_01_notes", label__zh="长" * 301)
        put(book, "c_MKT_03_verdict", 等级="Z", label__zh=None)
        put(book, "c_MKT_04_verdict", 权重="很多")
        add(book, "rest_passes", type="calculate", name="total")
        add(book, "rest_passes", type="text", name="why", label__zh="为什么", relevant="${total} > 1")

    said = after(change)
    total = 10 + 6 * len(sample_checklist().criteria)
    for words in (
        "survey 第 27 行「权重」：“很多”不是数字。",
        "（why）「relevant」：条件引用了“${total}”，但第 " + str(total) + " 行的这一题没有收进来。",
        "survey 第 5 行（c_MKT_01_notes）「label」：有 301 个字，最多 300 个。",
        "survey 第 6 行（r）「label」：没有填写。",
        "survey 第 6 行（r）「relevant」：条件引用了“${ghost}”，但没有名为“ghost”的题目。请改成已有的名称。",
        "survey 第 6 行（r）「constraint」：条件“1 +”写错了：没有写完。",
        "survey 第 7 行（q）「type」：没有名为“nowhere”的选项表，请补上选项。",
        "（MKT-03）「label」：没有填写。",
        "（MKT-03）「等级」：“Z”不在可选的",
    ):
        assert any(words in one for one in said), (words, said)
    assert len(said) == 9, said


def test_a_new_criterion_says_what_it_needs() -> None:
    survey: list[list[object]] = [
        ["type", "name", "label"], ["select_one r", "neat", "整齐"],
    ]  # fmt: skip
    content = workbook(
        survey=survey, choices=[["list_name", "name", "label"], ["r", "pass", "好"], ["r", "fail", "差"]]
    )
    said = refusal(content)
    assert said[0] == "survey 第 2 行「编码」：新增的标准要写编码，如 RES-21。没有这一列的，请加一列「编码」。"


def test_a_form_of_another_kind_of_place_is_not_taken() -> None:
    from chuangwen.standards.xlsform_reading import read_xlsform

    market = BytesIO(form_file(sample_checklist()))
    with pytest.raises(BadInput, match="这是“农贸市场”的检查单，请到那一类点位上传。"):
        read_xlsform(market, sample_checklist("FOOD"), {"MKT": "农贸市场"})


@settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_no_garbage_in_cells_breaks_the_reader(data: st.DataObject) -> None:
    book = load_workbook(BytesIO(form_file(sample_checklist("FOOD"))))
    words = st.sampled_from(
        ["begin group", "end_group", "begin repeat", "end repeat", "select_one verdict", "select_one", "text", "", "${x}", "1",
         "pass", "=1+", "c_FOOD_01_verdict", "是", "yes", "calculate", "site", "verdict", 0, -1.5, True]
    )  # fmt: skip
    for _ in range(data.draw(st.integers(1, 12))):
        sheet = book[data.draw(st.sampled_from(["survey", "choices", "settings"]))]
        cell = sheet.cell(data.draw(st.integers(1, 30)), data.draw(st.integers(1, 20)))
        cell.value, cell.data_type = str(data.draw(words)), "s"
    out = BytesIO()
    book.save(out)
    said = refusal(out.getvalue(), "FOOD")
    assert [one for one in said if not one.endswith("。")] == []


def test_the_command_checks_a_form_without_a_database(tmp_path: Path) -> None:
    good, bad = tmp_path / "good.xlsx", tmp_path / "bad.xlsx"
    good.write_bytes(form_file(sample_checklist()))
    bad.write_bytes(workbook(survey=[["type", "name", "label"], ["txt", "a", "甲"], ["text", "", "乙"]]))
    number = len(sample_checklist().criteria)
    said = CliRunner().invoke(main, ["standards", "xlsform", "check", str(good)])
    assert (said.exit_code, said.stdout) == (0, f"没有发现错误：{number} 条标准，0 个附加问题。\n")
    said = CliRunner().invoke(main, ["standards", "xlsform", "check", str(bad)])
    assert said.exit_code == 2
    assert len(said.stderr.splitlines()) == 2
