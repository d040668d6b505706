"""An edition as the workbook an office edits: nothing is lost, and every wrong cell is named with its place."""

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from functools import cache
from io import BytesIO

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook, load_workbook

from chuangwen.rules.editions import (
    ContentRow,
    CriterionRow,
    EditionSheet,
    How,
    ItemRow,
    MethodKind,
    MethodRow,
    PointTypeRow,
    Severity,
    VetoRow,
    objections,
)
from chuangwen.rules.refusals import BadInput
from chuangwen.standards.sample_edition import sample_edition
from chuangwen.standards.workbooks import read_edition, write_edition


@cache
def sample_bytes() -> bytes:
    return write_edition(sample_edition())


def edited(change: Callable[[Workbook], None]) -> BytesIO:
    """The sample workbook after somebody worked on it in Excel."""
    book = load_workbook(BytesIO(sample_bytes()))
    change(book)
    target = BytesIO()
    book.save(target)
    target.seek(0)
    return target


def refusal(change: Callable[[Workbook], None]) -> tuple[str, ...]:
    with pytest.raises(BadInput) as refused:
        read_edition(edited(change))
    return refused.value.objections


def cells(title: str, **values: str) -> Callable[[Workbook], None]:
    def change(book: Workbook) -> None:
        for place, value in values.items():
            book[title][place] = value

    return change


def test_the_sample_edition_survives_the_workbook() -> None:
    assert read_edition(BytesIO(sample_bytes())) == sample_edition()


def test_the_workbook_speaks_the_offices_language() -> None:
    book = load_workbook(BytesIO(sample_bytes()))
    tables = ["方法权重", "点位类型", "测评项目", "测评内容", "测评标准", "负面清单", "附加问题", "选项"]
    assert book.sheetnames == ["说明", *tables]
    criteria = book["测评标准"]
    assert [cell.value for cell in criteria[2]][:9] == [
        "RES-01",
        "FAC-1",
        "RES",
        "小区道路已硬化，路面平整",
        "看",
        None,
        "是",
        "B",
        "实地考察",
    ]
    assert criteria.freeze_panes == "B2"
    offered = {str(one.sqref).split(":")[0]: str(one.formula1) for one in criteria.data_validations.dataValidation}
    assert offered["E2"] == '"看,数,量,问,试,查"'
    assert offered["H2"] == '"V,A,B,C"'
    assert offered["I2"] == '"实地考察,材料审核,问卷调查"'
    assert offered["B2"] == "'测评内容'!$A$2:$A$500"


def test_an_office_may_move_columns_add_rows_and_write_words_its_own_way() -> None:
    def change(book: Workbook) -> None:
        sheet = book["方法权重"]
        for row in range(1, 5):
            sheet.cell(row, 1).value, sheet.cell(row, 3).value = sheet.cell(row, 3).value, sheet.cell(row, 1).value
        book["测评标准"]["E2"] = "看，问 / 量"
        book["测评标准"]["F2"] = 3
        book["测评标准"].append(["RES-99", "ENV-1", "RES", "新增一条", "look", None, "否", "C 轻微", "field", 1.5])

    sheet = read_edition(edited(change))
    assert sheet.methods == sample_edition().methods
    assert sheet.criteria[0].how == ("look", "ask", "measure")
    assert sheet.criteria[0].threshold == "3"
    assert sheet.criteria[-1].weight == Decimal("1.5")
    assert sheet.criteria[-1].severity == "C"


def test_every_wrong_cell_is_named_with_sheet_row_and_field_all_at_once() -> None:
    def change(book: Workbook) -> None:
        criteria = book["测评标准"]
        criteria["H2"], criteria["E3"], criteria["G4"], criteria["J5"] = "D", "闻", "也许", "两分"
        criteria["B6"], criteria["A7"], criteria["D8"], criteria["J9"] = "ENV-99", "RES-01", None, "=1+1"
        book["方法权重"]["B2"] = 45
        book["点位类型"]["C3"] = 1.5
        book["说明"]["B4"] = None

    said = refusal(change)
    assert said == (
        "《说明》「版本」：没有填写。",
        "《方法权重》「权重」：各方法权重合计应为 100，现为 95。",
        "《点位类型》第 3 行「次序」：“1.5”不是整数。",
        "《测评标准》第 2 行（RES-01）「等级」：“D”不在可选的 V（否决类）、A（重大）、B（一般）、C（轻微） 之中。",
        "《测评标准》第 3 行（RES-02）「查法」：“闻”不在可选的 看、数、量、问、试、查 之中。",
        "《测评标准》第 4 行「不合格须拍照」：“也许”应写是或否。",
        "《测评标准》第 5 行「权重」：“两分”不是数字。",
        "《测评标准》第 6 行（RES-05）「测评内容」：没有编码为“ENV-99”的测评内容。",
        "《测评标准》第 7 行（RES-01）「编码」：与前面的行重复，请改成不同的。",
        "《测评标准》第 8 行（RES-07）「标准」：没有填写。",
        "《测评标准》第 9 行「权重」：是公式，请改成数值（复制后选择性粘贴为值）。",
    )


def test_missing_sheets_and_columns_are_named() -> None:
    def without_sheets(book: Workbook) -> None:
        del book["测评内容"], book["负面清单"]

    assert refusal(without_sheets) == ("缺少工作表《测评内容》。", "缺少工作表《负面清单》。")
    assert refusal(cells("测评标准", E1="怎么查", H1="查法2", G1="编码")) == (
        "《测评标准》出现多列「编码」。",
        "《测评标准》缺少列「查法」。",
        "《测评标准》缺少列「不合格须拍照」。",
        "《测评标准》缺少列「等级」。",
    )


def test_a_missing_fact_of_the_notes_is_named() -> None:
    assert refusal(cells("说明", A3="编号")) == ("《说明》「代码」：第一列里没有这一项，请补上。",)


def test_an_error_value_is_no_text() -> None:
    assert refusal(cells("测评标准", D2="#N/A")) == ("《测评标准》第 2 行「标准」：是错误值“#N/A”，请改正。",)


def test_an_unsound_edition_is_not_written() -> None:
    with pytest.raises(BadInput) as refused:
        write_edition(replace(sample_edition(), methods=()))
    assert "《方法权重》「权重」：各方法权重合计应为 100，现为 0。" in refused.value.objections


ALPHABET = st.characters(exclude_categories=["C", "Z"]) | st.sampled_from("=+-@'\"0123456789.%#是否看、 \n")
TEXT = st.text(ALPHABET, max_size=20).map(str.strip)
NEEDED = TEXT.filter(bool)
CODES = st.text(st.characters(exclude_categories=["C", "Z"]), min_size=1, max_size=10)
WEIGHTS = st.decimals(min_value=0, max_value=999, places=3)


@st.composite
def criteria(draw: st.DrawFn, contents: list[str], point_type: str) -> CriterionRow:
    return CriterionRow(
        code=draw(CODES),
        content_code=draw(st.sampled_from(contents)),
        point_type=point_type,
        text=draw(NEEDED),
        how=tuple(draw(st.lists(st.sampled_from(How).map(str), min_size=1, unique=True))),
        threshold=draw(TEXT),
        photo_on_fail=draw(st.booleans()),
        severity=str(draw(st.sampled_from(Severity))),
        method=str(draw(st.sampled_from(MethodKind))),
        weight=draw(WEIGHTS),
        carve_outs=draw(TEXT),
        case_standard=draw(st.just("") | CODES),
        source=draw(TEXT),
    )


@st.composite
def editions(draw: st.DrawFn) -> EditionSheet:
    share = draw(st.decimals(min_value=0, max_value=90, places=3))
    items = draw(st.lists(CODES, min_size=1, max_size=3, unique=True))
    contents = draw(st.lists(CODES, min_size=3, max_size=5, unique=True))
    types = draw(st.lists(CODES, min_size=1, max_size=2, unique=True))
    rows = [row for kind in types for row in draw(st.lists(criteria(contents, kind), min_size=1, max_size=4))]
    points = st.none() | st.decimals(min_value=0, max_value=100, places=2)
    months = st.integers(0, 999)
    return EditionSheet(
        name=draw(NEEDED),
        code=draw(CODES),
        version=draw(CODES),
        source=draw(TEXT),
        methods=(
            MethodRow("field", share, draw(TEXT)),
            MethodRow("material", 90 - share),
            MethodRow("questionnaire", Decimal(10)),
        ),
        point_types=tuple(PointTypeRow(code, draw(NEEDED), draw(st.integers(0, 999))) for code in types),
        items=tuple(ItemRow(code, draw(NEEDED)) for code in items),
        contents=tuple(ContentRow(code, items[i % len(items)], draw(NEEDED)) for i, code in enumerate(contents)),
        criteria=tuple({row.code: row for row in rows}.values()),
        veto_items=tuple(
            VetoRow(code, draw(NEEDED), draw(NEEDED), draw(points), draw(months), draw(TEXT))
            for code in draw(st.lists(CODES, max_size=2, unique=True))
        ),
    )


@settings(max_examples=12, deadline=None)
@given(sheet=editions().filter(lambda sheet: not objections(sheet)))
def test_whatever_edition_is_written_is_read_back(sheet: EditionSheet) -> None:
    assert read_edition(BytesIO(write_edition(sheet))) == sheet
