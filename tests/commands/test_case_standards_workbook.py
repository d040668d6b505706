"""Case standards as cities keep them in workbooks, with everything that goes wrong in such files."""

import zipfile
from collections.abc import Callable, Sequence
from io import BytesIO
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook, load_workbook

from chuangwen.rules.case_standards import CaseStandardRow
from chuangwen.rules.limits import LimitUnit, parse_limit
from chuangwen.rules.refusals import BadInput
from chuangwen.standards.sample_edition import sample_case_standards
from chuangwen.standards.workbooks import CaseStandardBook, read_case_standards, write_case_standards
from tests.paths import shared_data

HEADERS = ["大类代码", "大类名称", "小类代码", "小类名称", "处置单位", "主管部门", "立案条件", "结案条件", "处置时限"]
ONE = ["01", "市容环境", "10", "暴露生活垃圾", "环卫", "城管", "容器外有垃圾", "清理", "4小时"]
Cells = Sequence[object]


def workbook(
    *rows: Cells, headers: Cells = HEADERS, merges: Sequence[str] = (), title: str = "事件", name: str = "标准"
) -> BytesIO:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = title
    for row in ([name], headers, *rows):
        sheet.append(list(row))
    for area in merges:
        sheet.merge_cells(area)
    target = BytesIO()
    book.save(target)
    target.seek(0)
    return target


def follow_on(condition: str, limit: str = "1天") -> Cells:
    return [None] * 6 + [condition, "清理", limit]


def refusal(source: BytesIO | Path | str) -> tuple[str, ...]:
    with pytest.raises(BadInput) as refused:
        read_case_standards(source)
    return refused.value.objections


@pytest.fixture(scope="module")
def city() -> CaseStandardBook:
    return read_case_standards(shared_data("case_standards_yuncheng.xlsx"))


def test_a_citys_own_workbook_gives_all_its_conditions(city: CaseStandardBook) -> None:
    assert len(city.rows) == 519
    assert city.by_kind() == {"部件": 375, "事件": 144}


def test_its_limits_are_counted_by_unit(city: CaseStandardBook) -> None:
    assert city.by_unit() == {
        LimitUnit.urgent_hours: 41,
        LimitUnit.working_hours: 0,
        LimitUnit.hours: 61,
        LimitUnit.working_days: 0,
        LimitUnit.days: 412,
        LimitUnit.urgent_days: 4,
    }


def test_a_limit_with_a_duty_in_it_is_listed_and_not_guessed(city: CaseStandardBook) -> None:
    assert city.unparsed == (("事件", 29, "1紧急工作时制止"),)


def test_its_classes_and_items_are_those_it_publishes(city: CaseStandardBook) -> None:
    for kind, classes, items in (("部件", 5, 92), ("事件", 6, 98)):
        rows = [row for row in city.standards if row.kind == kind]
        assert len({row.class_name for row in rows}) == classes
        assert len({row.code.rpartition("-")[0] for row in rows}) == items
    assert len({row.code for row in city.standards}) == 519


@pytest.mark.parametrize(
    ("sheet", "row", "expected"),
    [
        ("部件", 3, ("BJ-0101-1", "公用设施", "上水井盖", "恢复", "2紧急工作时")),  # codes 1 and 1 are numbers there
        ("部件", 13, ("BJ-0103-3", "公用设施", "雨水井盖", "更换或修复", "2天")),
        ("部件", 19, ("BJ-0104-5", "公用设施", "雨水箅子", "疏通", "1天")),
        ("部件", 279, ("BJ-0397-1", "市容环境设施", "烟头收集器或灭烟处", "恢复", "1天")),  # a line break in the name
        ("部件", 377, ("BJ-0598-5", "其他部件", "其他指示牌、标识牌", "拆除", "3天")),
        ("事件", 3, ("SJ-0101-1", "市容环境", "私搭乱建", "制止、恢复", "2紧急工作日")),
        ("事件", 53, ("SJ-0198-2", "市容环境", "违法农村自建房", "发现、初审、处置、移交、拆除", "15天")),
        ("事件", 73, ("SJ-0180-1", "市容环境", "线体垂落", "整改", "1天")),  # its class code lies outside the merge
        ("事件", 75, ("SJ-0201-1", "宣传广告", "非法小广告", "清除", "1天")),
        ("事件", 107, ("SJ-0401-1", "街面秩序", "无照经营游商", "取缔", "2紧急工作时")),
        ("事件", 129, ("SJ-0501-1", "突发事件", "供水管道破裂", "止水，消除安全隐患", "1紧急工作时")),
    ],
)
def test_rows_checked_by_hand(city: CaseStandardBook, sheet: str, row: int, expected: tuple[str, ...]) -> None:
    standard = next(placed.standard for placed in city.rows if placed[:2] == (sheet, row))
    found = (standard.code, standard.class_name, standard.item, standard.closes_when, standard.limit_text)
    assert found == expected
    assert standard.limit == parse_limit(standard.limit_text) is not None


def test_rows_merged_into_one_condition_are_one_condition(city: CaseStandardBook) -> None:
    rows = [placed.row for placed in city.rows if placed.sheet == "事件" and 50 <= placed.row <= 56]
    assert rows == [50, 51, 53, 56]


def test_units_of_a_merged_item_hold_for_all_its_conditions(city: CaseStandardBook) -> None:
    covers = [row for row in city.standards if row.item == "上水井盖"]
    assert {row.handler for row in covers} == {"运城市城市节约用水中心、各产权单位"}
    assert len(covers) == 4


def test_the_citys_workbook_survives_our_template(city: CaseStandardBook) -> None:
    again = read_case_standards(BytesIO(write_case_standards(city.standards)))
    assert again.standards == city.standards


def test_the_sample_survives_our_template() -> None:
    content = write_case_standards(sample_case_standards())
    assert set(read_case_standards(BytesIO(content)).standards) == set(sample_case_standards())


def test_headers_are_found_by_name_in_any_order() -> None:
    book = read_case_standards(workbook(ONE[::-1], headers=HEADERS[::-1]))
    assert book.standards[0].item == "暴露生活垃圾"
    assert book.standards[0].code == "SJ-0110-1"


def test_the_words_of_another_published_version_are_understood() -> None:
    headers = [{"处置单位": "责任主体", "主管部门": "监管主体"}.get(label, label) for label in HEADERS]
    standard = read_case_standards(workbook(ONE, headers=headers)).standards[0]
    assert (standard.handler, standard.supervisor) == ("环卫", "城管")


def test_every_missing_header_is_named() -> None:
    said = refusal(workbook(ONE[:-2], headers=HEADERS[:-2]))
    assert said == ("《事件》缺少表头「结案条件」。", "《事件》缺少表头「处置时限」。")


def test_a_doubled_header_is_named() -> None:
    assert refusal(workbook([*ONE, "x"], headers=[*HEADERS, "处置时限"])) == ("《事件》表头「处置时限」出现多次。",)


def test_follow_on_rows_without_merges_belong_to_the_item_above() -> None:
    rows = read_case_standards(workbook(ONE, follow_on("垃圾桶满溢"))).standards
    assert [(row.code, row.item, row.handler) for row in rows] == [
        ("SJ-0110-1", "暴露生活垃圾", "环卫"),
        ("SJ-0110-2", "暴露生活垃圾", "环卫"),
    ]


def test_a_blank_beside_merged_cells_is_not_guessed() -> None:
    merges = [f"{column}3:{column}4" for column in "ABCDEF"]
    said = refusal(workbook(ONE, follow_on("满溢"), follow_on("散落"), merges=merges))
    assert len(said) == 4
    assert said[0] == "《事件》第 5 行「大类代码」：没有填写，也不在合并单元格里，看不出属于哪一类。"


def test_an_item_is_not_carried_into_the_next_class() -> None:
    other_class = ["02", "宣传广告", *follow_on("乱贴")[2:]]
    said = refusal(workbook(ONE, other_class))
    assert [one.partition("：")[0] for one in said] == ["《事件》第 4 行「小类代码」", "《事件》第 4 行「小类名称」"]


def test_a_merged_header_of_two_rows_is_no_condition() -> None:
    merges = [f"{column}2:{column}3" for column in "ABCDEFGHI"]
    assert len(read_case_standards(workbook([None] * 9, ONE, merges=merges)).rows) == 1


def test_numbers_texts_and_blanks_in_codes_are_the_same_code() -> None:
    for code in (3, "03", "3", 3.0, " 03 "):
        row = [1, "市容环境", code, *ONE[3:]]
        assert read_case_standards(workbook(row)).standards[0].code == "SJ-0103-1"


def test_limits_that_cannot_be_read_are_listed_with_their_words() -> None:
    book = read_case_standards(
        workbook(ONE, follow_on("一", "尽快"), follow_on("二", ""), follow_on("三", "2天/2工作日"))
    )
    assert book.unparsed == (("事件", 4, "尽快"), ("事件", 5, ""), ("事件", 6, "2天/2工作日"))
    assert len(book.rows) == 4


def test_every_fault_of_every_row_is_named_at_once() -> None:
    formula = [*ONE[:-1], "=2+2&小时"]
    no_condition = [*ONE[:6], None, "清理", "1天"]
    long = [*ONE[:6], "长" * 501, "清理", "1天"]
    said = refusal(workbook(formula, no_condition, long))
    assert said == (
        "《事件》第 3 行「处置时限」：是公式，请改成数值（复制后选择性粘贴为值）。",
        "《事件》第 4 行「小类代码」：这一行没有写立案条件，请补上或删去整行。",
        "《事件》第 5 行「立案条件」：有 501 个字，最多 500 个。",
    )


def test_a_limit_beside_a_merged_condition_is_named() -> None:
    said = refusal(workbook(ONE, [*[None] * 8, "9天"], merges=["G3:G4"]))
    assert said == (
        "《事件》第 4 行「处置时限」：立案条件与上一行合并成一条，这一格却另有内容，请拆分立案条件或删去这一格。",
    )


def test_two_rows_with_one_code_are_named() -> None:
    headers = [*HEADERS, "立案标准编码"]
    said = refusal(workbook([*ONE, "A-1"], [*ONE[:6], "另一条", "清理", "1天", "A-1"], headers=headers))
    assert said == ("《事件》第 4 行「立案标准编码」：“A-1”与《事件》第 3 行重复。",)


def test_a_sheet_of_another_name_says_how_to_name_it() -> None:
    assert refusal(workbook(ONE, title="Sheet1"))[0].startswith("工作表《Sheet1》看不出是部件还是事件")


def test_a_workbook_about_something_else_says_what_is_needed() -> None:
    assert refusal(workbook(["张三"], headers=["姓名"], title="名单"))[0].startswith("没有找到立案标准")


def test_a_sheet_without_rows_is_refused() -> None:
    assert refusal(workbook()) == ("表里没有一行立案条件。",)


def repacked(change: Callable[[str, bytes], bytes], extra: dict[str, bytes] | None = None) -> BytesIO:
    target = BytesIO()
    with zipfile.ZipFile(workbook(ONE)) as source, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as packed:
        for part in source.namelist():
            packed.writestr(part, change(part, source.read(part)))
        for part, content in (extra or {}).items():
            packed.writestr(part, content)
    target.seek(0)
    return target


def in_sheet(old: bytes, new: bytes) -> Callable[[str, bytes], bytes]:
    return lambda part, content: content.replace(old, new) if part.startswith("xl/worksheets/") else content


def as_is(_: str, content: bytes) -> bytes:
    return content


@pytest.mark.parametrize(
    ("source", "words"),
    [
        (BytesIO(b""), "文件是空的"),
        (BytesIO("大类代码,大类名称\n01,市容".encode()), "不是 Excel 工作簿"),
        (BytesIO(b"\xd0\xcf\x11\xe0" + b"\0" * 600), "旧版 .xls 或者加了密码"),
        (BytesIO(b"\0" * (20 * 2**20 + 1)), "文件超过 20 MB"),
        (repacked(as_is, {"xl/vbaProject.bin": b"x"}), "带有宏"),
        (repacked(lambda _, content: content.replace(b"spreadsheetml.sheet.main", b"x.macroEnabled.main")), "带有宏"),
        (repacked(as_is, {"xl/media/a.xml": b"\0" * (81 * 2**20)}), "大得不正常"),
        (repacked(in_sheet(b"</worksheet>", b'<mergeCell ref="A1:XFD1048576"/></worksheet>')), "多得不正常"),
        (repacked(in_sheet(b"<worksheet", b'<!DOCTYPE a [<!ENTITY b "c">]><worksheet')), "XML 声明"),
        (repacked(in_sheet(b'r="A2"', b'r="A999999"')), "第 999999 行"),
        (repacked(in_sheet(b"<sheetData>", b"<sheetData><oops>")), "已损坏"),
        (repacked(lambda part, content: b"" if part == "xl/workbook.xml" else content), "已损坏"),
        (BytesIO(workbook(ONE).getvalue()[:-40]), "不是 Excel 工作簿"),
        ("没有这个文件.xlsx", "没有找到文件"),
        (Path(__file__).parent, "打不开"),
    ],
)
def test_a_file_that_is_no_usable_workbook_is_refused_in_words(source: BytesIO | Path | str, words: str) -> None:
    assert words in refusal(source)[0]


def test_a_zip_of_something_else_is_refused_in_words() -> None:
    target = BytesIO()
    with zipfile.ZipFile(target, "w") as packed:
        packed.writestr("照片.txt", "x")
    target.seek(0)
    assert refusal(target)[0].startswith("压缩包里没有工作簿")


def test_an_unsound_set_is_not_written() -> None:
    row = sample_case_standards()[0]
    with pytest.raises(BadInput) as refused:
        write_case_standards([row, row])
    assert refused.value.objections == ("立案标准 BJ-0101-1：编码重复，请改成不同的。",)


def test_the_template_offers_units_and_keeps_its_header_in_view() -> None:
    sheet = load_workbook(BytesIO(write_case_standards(sample_case_standards())))["事件"]
    assert sheet.freeze_panes == "B3"
    assert "紧急工作时" in str(sheet.data_validations.dataValidation[0].formula1)


WORDS = st.text(st.characters(exclude_categories=["C", "Z"]), min_size=1, max_size=12)
OPTIONAL = st.just("") | WORDS
LIMITS = st.sampled_from(["2紧急工作时", "4 工作时", "三天", "0.5小时", "1紧急工作日", "尽快", ""])


@st.composite
def standards(draw: st.DrawFn) -> CaseStandardRow:
    limit_text = draw(LIMITS)
    return CaseStandardRow(
        code=draw(WORDS),
        kind=draw(st.sampled_from(["部件", "事件"])),
        class_name=draw(WORDS),
        item=draw(WORDS),
        condition=draw(WORDS),
        limit_text=limit_text,
        limit=parse_limit(limit_text),
        closes_when=draw(OPTIONAL),
        handler=draw(OPTIONAL),
        supervisor=draw(OPTIONAL),
    )


@settings(max_examples=10, deadline=None)
@given(rows=st.lists(standards(), min_size=1, max_size=12, unique_by=lambda row: row.code))
def test_whatever_is_written_is_read_back(rows: list[CaseStandardRow]) -> None:
    in_sheets = sorted(rows, key=lambda row: row.kind != "部件")
    assert list(read_case_standards(BytesIO(write_case_standards(rows))).standards) == in_sheets
