"""Tables in and out: what is written reads back the same, and whatever is wrong is named by row and column."""

import gzip
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from io import BytesIO

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook, load_workbook

from chuangwen.rules import table_files
from chuangwen.rules.refusals import BadInput
from chuangwen.rules.table_files import trimmed
from chuangwen.rules.tables import (
    choice_column,
    day_column,
    degrees_column,
    read_lines,
    read_table,
    text_column,
    write_table,
    yes_no_column,
)
from chuangwen.rules.trees import cycles

COLUMNS = (
    text_column("code", "编码", 32, required=True),
    text_column("name", "名称", 80),
    choice_column("kind", "类别", {"street": "街道", "other": "其他"}),
    yes_no_column("active", "在用"),
    day_column("since", "日期"),
    degrees_column("lng", "经度", 180, note=""),
)
HEADER = "编码,名称,类别,在用,日期,经度\n"


@dataclass(frozen=True)
class Row:
    """A row of the test table."""

    code: str
    name: str
    kind: str
    active: bool | None
    since: date | None
    lng: Decimal


def _one_line(text: str) -> str:
    return " ".join(trimmed(text).splitlines())


texts = st.text(st.characters(exclude_categories=["Cc", "Cs", "Cn", "Co", "Zl", "Zp"]), max_size=80).map(_one_line)
dangerous = st.sampled_from(
    ["=1+1", "+86 513", "-", "@SUM(A1)", "'=x", "''-1", "＝1", '=HYPERLINK("http://x")', "00123"]
)
rows = st.builds(
    Row,
    code=st.text("0123456789ABC-", min_size=1, max_size=32).filter(lambda code: bool(code.strip())),
    name=texts | dangerous,
    kind=st.sampled_from(["street", "other"]),
    active=st.none() | st.booleans(),
    since=st.none() | st.dates(),
    lng=st.decimals(-180, 180, places=6),
)


def objections(content: bytes) -> tuple[str, ...]:
    """What reading this file is refused with."""
    with pytest.raises(BadInput) as refusal:
        read_table(content, COLUMNS)
    return refusal.value.objections


def workbook(*cells: list[object], arrange: Callable[[Workbook], object] = lambda _: None) -> bytes:
    """An .xlsx with these rows."""
    book = Workbook()
    assert book.active is not None
    for row in cells:
        book.active.append(row)
    arrange(book)
    out = BytesIO()
    book.save(out)
    return out.getvalue()


@settings(max_examples=30, deadline=None)
@given(st.lists(rows, min_size=1, max_size=6), st.booleans())
def test_what_is_written_reads_back_the_same(table: list[Row], as_csv: bool) -> None:
    lines = read_table(write_table("表", COLUMNS, table, as_csv=as_csv), COLUMNS)
    assert [Row(**line.values) for line in lines] == table


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@x", "＝1"])
def test_no_spreadsheet_runs_a_text_of_ours(text: str) -> None:
    row = Row("A", text, "other", True, None, Decimal(1))
    line = write_table("表", COLUMNS, [row], as_csv=True).decode("utf-8-sig").splitlines()[1]
    assert line.split(",")[1] == f"'{text}"
    cell = load_workbook(BytesIO(write_table("表", COLUMNS, [row])))["表"]["B2"]
    assert (cell.data_type, cell.value, cell.number_format, cell.quotePrefix) == ("s", text, "@", True)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_office_encodings_are_read(encoding: str) -> None:
    (line,) = read_table(f"{HEADER}A,学田街道,街道,是,2020/6/28,120.5\n".encode(encoding), COLUMNS)
    assert line.values["name"] == "学田街道"
    assert line.values["since"] == date(2020, 6, 28)


def test_a_gzipped_file_is_read() -> None:
    assert len(read_table(gzip.compress(f"{HEADER}A,b,街道,是,,1\n".encode()), COLUMNS)) == 1


def test_every_bad_cell_is_named_with_row_and_column() -> None:
    found = objections(f"{HEADER}A,x,街道,是,,1\n\n,b,道,或,6月,东\n1.39E+10,b,街道,是,,200\n".encode())
    assert [(s.split("「")[0], s.split("「")[1].split("」")[0]) for s in found] == [
        ("第 4 行", "编码"), ("第 4 行", "类别"), ("第 4 行", "在用"), ("第 4 行", "日期"), ("第 4 行", "经度"),
        ("第 5 行", "编码"), ("第 5 行", "经度"),
    ]  # fmt: skip
    assert "科学计数法" in found[5]


def test_rows_with_too_few_or_too_many_cells_are_named() -> None:
    found = objections(f"{HEADER}A,x,街道\nB,y,街道,是,,1,多\nC,z,街道,是,,1,\n".encode())
    assert [sentence[:6] for sentence in found] == ["第 2 行：", "第 3 行："]


def test_wrong_headers_are_all_named() -> None:
    found = objections("编码,编码,名字,类别\nA,B,C,街道\n".encode())
    assert found == (
        "表头「编码」出现了 2 次，请只留一列。",
        "缺少表头「经度」。",
        "表头「名字」不认识，请改名或删去这一列。可用：编码、名称、类别、在用、日期、经度。",
    )


def test_a_title_above_the_header_and_other_columns_do_not_matter_where_allowed() -> None:
    lines, problems = read_lines("单位一览表\n编码,经度,备注\nA,1,x\n".encode(), COLUMNS, others=True)
    assert (lines[0].number, lines[0].values["code"], problems) == (3, "A", [])


def test_a_column_that_is_not_there_is_not_said() -> None:
    (line,) = read_table("编码,经度\nA,1\n".encode(), COLUMNS)
    assert set(line.values) == {"code", "lng"}


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "空的"),
        (b" \r\n ", "空的"),
        (b"PK\x03\x04broken", "已损坏"),
        (b"\xd0\xcf\x11\xe0old", "旧版 .xls"),
        (b"\xff\xd8\xff\xe0\x00\x10JFIF", "不是 CSV"),
        (b"\x1f\x8b\x08broken", "压缩文件"),
        (HEADER.encode(), "一行内容也没有"),
        (b"a,b\n1,2\n", "没有找到表头"),
        (f'{HEADER}"A,b\n'.encode(), "引号不成对"),
        (b"x" * (20 * 2**20 + 1), "超过 20 MB"),
        (gzip.compress(b"x" * (20 * 2**20 + 1)), "超过 20 MB"),
        (f"{HEADER}A,{'x' * 140_000},街道,是,,1\n".encode(), ".geojson"),
    ],
)
def test_files_that_are_no_table_get_a_sentence(content: bytes, said: str) -> None:
    (sentence,) = objections(content)
    assert said in sentence


def test_a_zip_that_is_no_workbook_is_refused() -> None:
    out = BytesIO()
    with zipfile.ZipFile(out, "w") as package:
        package.writestr("a.txt", "x")
    assert "不是 CSV 或 Excel" in objections(out.getvalue())[0]


def _with_part(name: str, content: str) -> bytes:
    out = BytesIO(workbook(["编码", "经度"], ["A", 1]))
    with zipfile.ZipFile(out, "a") as package:
        package.writestr(name, content)
    return out.getvalue()


def test_macros_and_entities_are_refused() -> None:
    assert "带有宏" in objections(_with_part("xl/vbaProject.bin", "x"))[0]
    bomb = '<!DOCTYPE x [<!ENTITY a "b">]><x>&a;</x>'
    assert "XML 声明" in objections(_with_part("xl/more.xml", bomb))[0]


def test_a_merged_area_of_the_whole_sheet_does_no_harm() -> None:
    merge = "<mergeCells><mergeCell ref='C3:XFD1000000'/></mergeCells>"
    whole, out = BytesIO(workbook(["编码", "经度"], ["A", 1])), BytesIO()
    with zipfile.ZipFile(whole) as package, zipfile.ZipFile(out, "w") as changed:
        for part in package.infolist():
            content = package.read(part).replace(b"</sheetData>", f"</sheetData>{merge}".encode())
            changed.writestr(part, content)
    assert "多得不正常" in objections(out.getvalue())[0]


def test_merged_cells_formulas_and_errors_are_named() -> None:
    def merge(book: Workbook) -> None:
        book.active.merge_cells("A2:A3")  # type: ignore[union-attr]

    found = objections(workbook(["编码", "经度"], ["A", "=1+1"], [None, "#N/A"], arrange=merge))
    assert [(s.split("：")[0]) for s in found] == [
        "第 2 行「编码」",
        "第 2 行「经度」",
        "第 3 行「编码」",
        "第 3 行「经度」",
    ]
    assert "合并单元格" in found[0]
    assert "公式" in found[1]
    assert "错误值" in found[3]


def test_a_merged_header_is_named() -> None:
    content = workbook(
        ["编码", "经度"],
        ["A", 1],
        arrange=lambda book: book.active.merge_cells("A1:A2"),  # type: ignore[union-attr]
    )
    assert "表头「编码」在合并单元格里" in objections(content)[0]


def test_several_filled_sheets_and_columns_without_header_are_named() -> None:
    def second(book: Workbook) -> None:
        book.create_sheet("另一张").append(["x"])

    assert "《另一张》" in objections(workbook(["编码", "经度"], ["A", 1], arrange=second))[0]
    assert "没有表头" in objections(workbook(["编码", "经度"], ["A", 1, "x"]))[0]


def test_numbers_and_dates_of_a_workbook_read_as_people_see_them() -> None:
    (line,) = read_table(workbook(["编码", "日期", "经度"], [320601, date(2020, 6, 28), 120.864321]), COLUMNS)
    assert line.values == {"code": "320601", "since": date(2020, 6, 28), "lng": Decimal("120.864321")}


def test_a_text_too_long_for_a_workbook_says_so() -> None:
    with pytest.raises(BadInput, match="CSV"):
        write_table("表", COLUMNS, [Row("A", "x" * (table_files.LONGEST_CELL + 1), "other", True, None, Decimal(1))])


@given(st.dictionaries(st.sampled_from("abcdefg"), st.sampled_from(["", *"abcdefg"]), max_size=7))
def test_rings_are_exactly_what_climbing_finds(parents: dict[str, str]) -> None:
    def climbs_back(code: str) -> bool:
        at = parents.get(code, "")
        for _ in range(10):
            if at == code:
                return True
            at = parents.get(at, "")
        return False

    rings = cycles(parents)
    assert {code for ring in rings for code in ring} == {code for code in parents if climbs_back(code)}
    assert all(ring[0] == min(ring) and len(set(ring)) == len(ring) for ring in rings)
    assert sum(map(len, rings)) == len({code for ring in rings for code in ring})
    assert all(parents[code] == above for ring in rings for code, above in zip(ring, (*ring[1:], ring[0]), strict=True))
