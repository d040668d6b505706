"""Checklists on the desk: anybody with a post reads and downloads them, the office brings an edited form into a draft."""

from collections.abc import Callable
from io import BytesIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from openpyxl import load_workbook

from chuangwen.standards.models import Edition, Question
from chuangwen.standards.operations import new_version
from chuangwen.standards.xlsform import checklist_workbook
from tests.budgets import budget
from tests.commands.xlsform_files import add, put, saved
from tests.domain.test_checklist_import import canteen, edited, picture
from tests.edges.desk_pages import read
from tests.rounds import small_edition
from tests.world import NOW, World

Enter = Callable[[str], Client]


@pytest.fixture
def draft(world: World) -> Edition:
    """The next version of the small edition."""
    return new_version(edition_id=small_edition().pk, version="2", by=world.actor("clerk"), now=NOW)


def at(edition: Edition, tail: str = "", kind: str = "RES") -> str:
    """An address of a checklist."""
    return f"/desk/editions/{edition.pk}/checklists/{kind}/{tail}"


def form(content: bytes, name: str = "检查单.xlsx") -> SimpleUploadedFile:
    """An uploaded form."""
    return SimpleUploadedFile(name, content)


def test_everybody_with_a_post_reads_and_downloads_a_checklist(draft: Edition, enter: Enter) -> None:
    for username in ("grid", "leader", "inspector", "clerk"):
        client = enter(username)
        page = read(client.get(at(draft)))
        assert "居民小区检查单" in page.words
        assert "3 条" in page.words
        assert ("上传改好的检查单" in page.words) is (username == "clerk")
        answer = client.get(at(draft, "export/"))
        assert load_workbook(BytesIO(answer.content))["settings"]["B2"].value == "cw-T-2-RES"
    assert at(draft) in enter("clerk").get(f"/desk/editions/{draft.pk}/?view=types").content.decode()
    assert enter("clerk").get(at(draft, kind="MKT")).status_code == 404


def test_reading_a_checklist_stays_within_its_statements(draft: Edition, enter: Enter) -> None:
    client = enter("clerk")
    with budget("GET /desk/editions/{edition_id}/checklists/{point_type}/"):
        client.get(at(draft))


def test_differences_are_shown_before_anything_is_written(draft: Edition, enter: Enter) -> None:
    client = enter("clerk")
    shown = read(client.post(at(draft, "upload/"), {"file": form(edited(draft, canteen))}))
    assert shown.status == 200
    for words in ("新增 5 处", "修改 2 处", "RES-16", "出现条件", "${canteen} = ", "有没有食堂", "走一遍主路"):
        assert words in shown.words, words
    assert not Question.objects.exists()
    answer = client.post(at(draft, "upload/"), shown.forms["confirm"].filled(), follow=True)
    assert "已写入草稿：新增 5 处，修改 2 处，删去 0 处。" in read(answer).words
    assert Question.objects.count() == 3
    page = read(client.get(at(draft)))
    for words in (
        "附加问题（3）",
        "几张桌子",
        "必答",
        "检查单开头",
        "标准 RES-01",
        "校验：",
        "不合格须说明",
        "yn",
        "有、没有",
    ):
        assert words in page.words, words


def test_what_cannot_be_held_is_listed_before_it_is_left_out(draft: Edition, enter: Enter) -> None:
    book = load_workbook(BytesIO(checklist_workbook(draft.pk, "RES")))
    add(book, "site", type="calculate", name="total")
    put(book, "c_RES_01_verdict", label__zh="道路平整")
    shown = read(enter("clerk").post(at(draft, "upload/"), {"file": form(saved(book))}))
    assert "放不下的内容（1）" in shown.words
    assert "survey 第 5 行「type」：题型 calculate 放不下，这一题（total）不采用。" in shown.words
    assert "道路平整无坑洼" in shown.words, "what it says now stands beside what it will say"


def test_a_wrong_file_names_everything_and_writes_nothing(draft: Edition, enter: Enter) -> None:
    book = load_workbook(BytesIO(checklist_workbook(draft.pk, "RES")))
    add(book, "site", type="text", name="a", label__zh="甲", relevant="${b} = 1")
    add(book, "site", type="txt", name="c", label__zh="丙")
    client = enter("clerk")
    page = read(client.post(at(draft, "upload/"), {"file": form(saved(book))}))
    assert page.status == 422
    assert "有 2 处要改" in page.words
    for content, words in ((b"no workbook", "这不是 Excel 工作簿"), (b"", "文件是空的")):
        page = read(client.post(at(draft, "upload/"), {"file": form(content)}))
        assert (page.status, words in page.words) == (422, True)
    assert read(client.post(at(draft, "upload/"), {})).status == 422
    assert not Question.objects.exists()


def test_the_same_file_says_that_nothing_changes(draft: Edition, enter: Enter) -> None:
    page = read(enter("clerk").post(at(draft, "upload/"), {"file": form(checklist_workbook(draft.pk, "RES"))}))
    assert "文件和草稿一样，没有要写入的。" in page.words
    assert "confirm" not in page.forms


def test_a_draft_that_changed_meanwhile_is_shown_anew(draft: Edition, enter: Enter) -> None:
    client = enter("clerk")
    shown = read(client.post(at(draft, "upload/"), {"file": form(edited(draft, canteen))}))
    Edition.objects.filter(pk=draft.pk).update(updated_at=NOW.replace(year=2027))
    again = read(client.post(at(draft, "upload/"), shown.forms["confirm"].filled()))
    assert again.status == 409
    assert "草稿又被改过" in again.words
    done = client.post(at(draft, "upload/"), again.forms["confirm"].filled())
    assert done.status_code == 302
    assert Question.objects.count() == 3


def test_a_published_edition_sends_the_office_to_a_new_version(draft: Edition, enter: Enter) -> None:
    published = Edition.objects.get(version="1")
    client = enter("clerk")
    assert "上传改好的检查单" not in read(client.get(at(published))).words
    for answer in (client.get(at(published, "upload/")), client.post(at(published, "upload/"), {"file": form(b"x")})):
        assert answer.status_code == 302
    assert "请先新建一个版次" in read(client.get(f"/desk/editions/{published.pk}/")).words


def test_pictures_are_brought_after_the_form_that_names_them(draft: Edition, enter: Enter) -> None:
    client = enter("clerk")
    content = edited(draft, lambda book: put(book, "c_RES_01_verdict", **{"media::image__zh": "road.png"}))
    shown = read(client.post(at(draft, "upload/"), {"file": form(content)}))
    assert "还缺图片：road.png" in shown.words
    client.post(at(draft, "upload/"), shown.forms["confirm"].filled())
    assert "还没有上传" in read(client.get(at(draft))).words
    refused = read(
        client.post(at(draft, "pictures/"), {"pictures": [form(b"x", "road.png"), form(picture(), "other.png")]})
    )
    assert refused.status == 422
    assert "road.png 不是能读的 PNG 或 JPEG 图片" in refused.words
    assert "没有题目用到图片 other.png" in refused.words
    done = read(client.post(at(draft, "pictures/"), {"pictures": [form(picture(), "road.png")]}, follow=True))
    assert "已存入 1 张图片。" in done.words
    assert "还没有上传" not in done.words


def test_only_the_office_brings_forms(draft: Edition, enter: Enter) -> None:
    for username in ("inspector", "leader", "grid", "xt_chief"):
        client = enter(username)
        assert client.get(at(draft, "upload/")).status_code == 403
        assert client.post(at(draft, "upload/"), {"file": form(b"x")}).status_code == 403
        assert client.post(at(draft, "pictures/"), {}).status_code == 403
