"""Case standards on the desk: found by everybody, brought in by the office after a look at what the file says."""

import io
from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from openpyxl import load_workbook

from chuangwen.rules.case_standards import CaseStandardRow
from chuangwen.rules.limits import parse_limit
from chuangwen.standards.models import CaseStandard
from chuangwen.standards.operations import import_case_standards
from chuangwen.standards.workbooks import read_case_standards, write_case_standards
from tests.budgets import budget
from tests.edges.desk_pages import read
from tests.world import NOW, World

Enter = Callable[[str], Client]
IMPORT = "/desk/case-standards/import/"


def row(code: str, limit: str = "3工作日", **changes: Any) -> CaseStandardRow:
    """One condition."""
    facts = {
        "code": code, "kind": "部件" if code.startswith("BJ") else "事件", "class_name": "市容环境", "item": "暴露垃圾",
        "condition": "垃圾外溢", "limit_text": limit, "limit": parse_limit(limit), "closes_when": "清理", "handler": "属地街道",
        "supervisor": "区城管局", **changes,
    }  # fmt: skip
    return CaseStandardRow(**facts)


ROWS = (
    row("BJ-0101-1", "2紧急工作时"),
    row("SJ-0101-1", item="占道经营"),
    row("SJ-0101-2", "2天/2工作日", item="占道经营", condition="夜间"),
)


def file(*rows: CaseStandardRow) -> SimpleUploadedFile:
    """These conditions as a workbook."""
    return SimpleUploadedFile("立案标准.xlsx", write_case_standards(rows))


@pytest.fixture
def book(world: World) -> None:
    """A book of three conditions beside the one of the tests."""
    import_case_standards(name="本市标准 2020", rows=ROWS, by=world.actor("clerk"), now=NOW)


# --- the list ---


def test_everybody_with_a_post_finds_case_standards(book: None, enter: Enter) -> None:
    page = read(enter("grid").get("/desk/case-standards/"))
    for words in (
        "标准册（2）",
        "本市标准 2020",
        "在用 3 条",
        "共 4 条立案标准",
        "占道经营：夜间",
        "待人定",
        "2紧急工作时",
        "属地街道",
    ):
        assert words in page.words
    assert "导入工作簿" not in page.words


def test_case_standards_by_book_kind_unit_and_words(book: None, enter: Enter) -> None:
    clerk = enter("clerk")

    def codes(query: str) -> list[str]:
        return [found.code for found in clerk.get(f"/desk/case-standards/?{query}").context["page"].rows]

    assert codes("book=测试册") == ["T-4WH"]
    assert codes("kind=部件") == ["BJ-0101-1"]
    assert codes("unit=working_days") == ["SJ-0101-1"]
    assert codes("unit=none") == ["SJ-0101-2"]
    assert codes("q=占道 夜间") == ["SJ-0101-2"]
    assert codes("q=bj-0101") == ["BJ-0101-1"]
    assert codes("book=没有这册") == ["BJ-0101-1", "SJ-0101-1", "SJ-0101-2", "T-4WH"]


def test_a_book_goes_out_and_reads_back(book: None, enter: Enter) -> None:
    answer = enter("wy_worker").get("/desk/case-standards/export/?book=本市标准 2020")
    assert read_case_standards(io.BytesIO(answer.content)).standards == ROWS
    assert enter("clerk").get("/desk/case-standards/export/?book=没有").status_code == 404


def test_the_blank_workbook_has_both_sheets(enter: Enter) -> None:
    answer = enter("clerk").get("/desk/case-standards/export/")
    assert load_workbook(io.BytesIO(answer.content)).sheetnames == ["部件", "事件"]


# --- bringing a book in ---


def test_a_file_is_reported_on_before_anything_is_written(world: World, enter: Enter) -> None:
    page = read(enter("clerk").post(IMPORT, {"name": "本市标准", "file": file(*ROWS)}))
    assert page.status == 200
    for words in (
        "3 条立案条件",
        "部件 1 条，事件 2 条",
        "紧急工作时 1，工作日 1",
        "1 条的时限没有读懂",
        "《事件》第 4 行：“2天/2工作日”",
    ):
        assert words in page.words
    assert not CaseStandard.objects.filter(book="本市标准").exists()


def test_a_confirmed_file_becomes_the_book_and_what_is_gone_is_retired(book: None, enter: Enter) -> None:
    clerk = enter("clerk")
    changed = (row("BJ-0101-1", "4紧急工作时"), row("SJ-0101-1", item="占道经营"), row("SJ-0101-3"))
    page = read(clerk.post(IMPORT, {"name": "本市标准 2020", "file": file(*changed)}))
    figures = page.words[page.words.index("新增") : page.words.index("确认导入")].replace(" ", "")
    assert figures == "新增1条修改1条未变1条停用1条"
    answer = clerk.post(IMPORT, page.forms["confirm"].fields, follow=True)
    assert "已导入“本市标准 2020”：新增 1 条，修改 1 条，停用 1 条。" in answer.content.decode()
    in_force = CaseStandard.objects.filter(book="本市标准 2020", replaced_at=None)
    assert set(in_force.values_list("code", "limit_text")) == {
        ("BJ-0101-1", "4紧急工作时"), ("SJ-0101-1", "3工作日"), ("SJ-0101-3", "3工作日"),
    }  # fmt: skip
    assert CaseStandard.objects.filter(book="本市标准 2020", replaced_at=NOW).count() == 2
    answer = clerk.post(IMPORT, page.forms["confirm"].fields, follow=True)
    assert "新增 0 条，修改 0 条，停用 0 条" in answer.content.decode()


def test_the_same_file_again_is_nothing_to_import(book: None, enter: Enter) -> None:
    page = read(enter("clerk").post(IMPORT, {"name": "本市标准 2020", "file": file(*ROWS)}))
    assert "与系统里的完全一样" in page.words
    assert "confirm" not in page.forms


def test_limits_that_nobody_should_guess_are_named_again_after_the_import(enter: Enter) -> None:
    clerk = enter("clerk")
    page = read(clerk.post(IMPORT, {"name": "本市标准", "file": file(*ROWS)}))
    answer = clerk.post(IMPORT, page.forms["confirm"].fields, follow=True)
    assert "其中 1 条的时限没有读懂" in answer.content.decode()


def test_without_a_name_the_file_need_not_be_chosen_again(world: World, enter: Enter) -> None:
    clerk = enter("clerk")
    page = read(clerk.post(IMPORT, {"name": " ", "file": file(*ROWS)}))
    assert page.status == 422
    assert "请写明这一册立案标准的名称。" in page.words
    assert "“立案标准.xlsx”已经收到，不用重选" in page.words
    page = read(clerk.post(IMPORT, page.forms["upload"].filled(name="本市标准")))
    assert page.status == 200
    assert "确认导入为“本市标准”" in page.words


def test_a_name_too_long_is_refused_on_confirming(enter: Enter) -> None:
    clerk = enter("clerk")
    page = read(clerk.post(IMPORT, {"name": "长" * 81, "file": file(*ROWS)}))
    answer = clerk.post(IMPORT, page.forms["confirm"].fields)
    assert answer.status_code == 422
    assert "册名有 81 个字，最多 80 个。" in answer.content.decode()


def test_everything_that_is_wrong_with_a_workbook_is_named(enter: Enter) -> None:
    book = load_workbook(io.BytesIO(write_case_standards(ROWS)))
    book["事件"]["G3"], book["部件"]["J3"], book["事件"]["J4"] = None, "SJ-0101-1", "SJ-0101-1"
    out = io.BytesIO()
    book.save(out)
    page = read(enter("clerk").post(IMPORT, {"name": "", "file": SimpleUploadedFile("a.xlsx", out.getvalue())}))
    assert page.status == 422
    for words in ("请写明这一册立案标准的名称", "《事件》第 3 行", "重复"):
        assert words in page.words
    assert CaseStandard.objects.count() == 1


@pytest.mark.parametrize("content", [b"", b"code,condition\n", b"\xd0\xcf\x11\xe0"])
def test_what_is_no_workbook_is_refused(enter: Enter, content: bytes) -> None:
    answer = enter("clerk").post(IMPORT, {"name": "本市标准", "file": SimpleUploadedFile("a.xlsx", content)})
    assert answer.status_code == 422
    assert answer.context["objections"]
    assert 'value="本市标准"' in answer.content.decode()


@pytest.mark.parametrize("username", ["admin", "leader", "wy_chief", "inspector"])
def test_only_the_office_brings_books_in(enter: Enter, username: str) -> None:
    client = enter(username)
    assert client.get("/desk/case-standards/").status_code == 200
    assert client.get(IMPORT).status_code == 403
    assert client.post(IMPORT, {"name": "x", "file": file(*ROWS)}).status_code == 403


def test_statements(book: None, enter: Enter) -> None:
    clerk = enter("clerk")
    with budget("GET /desk/case-standards/"):
        clerk.get("/desk/case-standards/?q=垃圾")
