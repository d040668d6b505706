"""Editions on the desk: everybody reads them, the office edits drafts, its chief publishes, and then nothing changes."""

import io
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from openpyxl import load_workbook

from chuangwen.journal.models import Event
from chuangwen.rules.editions import EditionSheet
from chuangwen.standards.models import Criterion, Edition, VetoItem
from chuangwen.standards.operations import new_version
from chuangwen.standards.queries import edition_sheet_of
from chuangwen.standards.workbooks import read_edition, write_edition
from tests.budgets import budget
from tests.edges.desk_pages import read
from tests.rounds import small_edition
from tests.world import NOW, World

Enter = Callable[[str], Client]


@pytest.fixture
def published(world: World) -> Edition:
    """The small edition with a red line."""
    edition = small_edition()
    VetoItem.objects.create(
        edition=edition, code="V-1", text="重大安全事故", sanction="停止资格", points=Decimal("3.50"), window_months=12
    )
    return edition


@pytest.fixture
def draft(published: Edition, world: World) -> Edition:
    """The next version as a draft."""
    return new_version(edition_id=published.pk, version="2", by=world.actor("clerk"), now=NOW)


def workbook(edition: Edition, **changes: Any) -> bytes:
    """The edition as a workbook; a change is `table!cell` with underscores, such as 测评标准__D2."""
    book = load_workbook(io.BytesIO(write_edition(edition_sheet_of(edition))))
    for place, value in changes.items():
        sheet, _, cell = place.partition("__")
        book[sheet][cell] = value
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def file(content: bytes) -> SimpleUploadedFile:
    """An uploaded workbook."""
    return SimpleUploadedFile("标准.xlsx", content)


def at(edition: Edition, tail: str = "") -> str:
    """An address of an edition."""
    return f"/desk/editions/{edition.pk}/{tail}"


# --- reading ---


def test_everybody_with_a_post_reads_the_standard(published: Edition, draft: Edition, enter: Enter) -> None:
    for username in ("grid", "wy_worker", "leader", "inspector", "clerk"):
        page = read(enter(username).get("/desk/editions/"))
        assert "草稿（1）" in page.words
        assert "已发布（1）" in page.words
        assert "现行" in page.words
        assert ("上传工作簿" in page.words) is (username == "clerk")
        assert enter(username).get(at(published)).status_code == 200


def test_an_edition_by_content_with_every_mark(published: Edition, enter: Enter) -> None:
    Criterion.objects.filter(edition=published, code="RES-10").update(carve_outs="消防器材箱", threshold="每楼 1 处")
    page = read(enter("grid").get(at(published)))
    for words in (
        "共 5 条标准", "公共环境", "环境卫生", "楼道无堆放杂物", "重大", "看", "不合格须拍照", "每楼 1 处", "不算问题：消防器材箱", "居民小区",
        "T-4WH",
    ):  # fmt: skip
        assert words in page.words
    assert "/desk/case-standards/?q=T-4WH" in page.links
    assert "建立草稿" not in page.words


def test_an_edition_by_point_type_and_its_weights_and_red_lines(published: Edition, enter: Enter) -> None:
    client = enter("clerk")
    groups = client.get(at(published, "?view=types")).context["groups"]
    assert {kind.code: len(cards) for kind, cards in groups} == {"RES": 3, "LANE": 2}
    rules = read(client.get(at(published, "?view=rules")))
    for words in ("实地考察", "100", "重大安全事故", "停止资格", "追溯 12 个月", "扣 3.5 分"):
        assert words in rules.words


def test_criteria_are_narrowed_by_word_grade_and_method(published: Edition, enter: Enter) -> None:
    client = enter("clerk")
    assert "5 条标准中的 1 条" in read(client.get(at(published, "?q=杂物"))).words
    assert "5 条标准中的 3 条" in read(client.get(at(published, "?severity=B"))).words
    assert "没有符合条件的标准" in read(client.get(at(published, "?method=questionnaire"))).words
    assert client.get(at(published, "?view=nothing&severity=Q")).context["view"] == "tree"


def test_a_workbook_goes_out_and_reads_back(published: Edition, enter: Enter) -> None:
    answer = enter("wy_worker").get(at(published, "export/"))
    assert answer["Content-Type"].endswith("spreadsheetml.sheet")
    sheet: EditionSheet = read_edition(io.BytesIO(answer.content))
    assert sheet == edition_sheet_of(published)


def test_an_unknown_edition_is_not_found(enter: Enter) -> None:
    for tail in ("", "export/", "publish/"):
        assert enter("chief").get(f"/desk/editions/99/{tail}").status_code == 404


# --- who may ---


def test_only_the_office_edits_and_only_its_chief_publishes(draft: Edition, enter: Enter) -> None:
    before = Event.objects.count()
    for username in ("admin", "leader", "wy_worker", "inspector"):
        client = enter(username)
        for tail in ("copy/", "discard/", "publish/", "criteria/RES-10/"):
            assert client.post(at(draft, tail), {"version": "3"}).status_code == 403
        assert client.post("/desk/editions/upload/", {}).status_code == 403
    assert enter("clerk").post(at(draft, "publish/")).status_code == 403
    assert "发布" not in [action["label"] for action in enter("clerk").get(at(draft)).context["actions"]]
    assert Event.objects.count() == before


# --- publishing ---


def test_publishing_says_what_it_means_and_is_done_once(draft: Edition, enter: Enter) -> None:
    chief = enter("chief")
    page = read(chief.get(at(draft, "publish/")))
    for words in ("5 条标准", "2 类点位", "负面清单 1 条", "不能再改，也不能撤回"):
        assert words in page.words
    draft.refresh_from_db()
    assert not draft.is_published
    for _ in range(2):
        assert chief.post(at(draft, "publish/"))["Location"] == at(draft)
    draft.refresh_from_db()
    assert draft.published_by == "陆主任"
    assert Event.objects.filter(kind="edition.published", subject_id=draft.pk).count() == 1
    assert chief.get(at(draft, "publish/"))["Location"] == at(draft)


def test_an_edition_that_names_unknown_case_standards_is_not_published(draft: Edition, enter: Enter) -> None:
    Criterion.objects.filter(edition=draft, code__in=["RES-01", "LANE-01"]).update(case_standard="X-1")
    page = read(enter("chief").post(at(draft, "publish/")))
    assert page.status == 422
    assert page.words.count("没有编码为“X-1”的立案标准") == 2
    draft.refresh_from_db()
    assert not draft.is_published


# --- a further version, throwing away ---


def test_a_further_version_is_a_draft_with_everything_in_it(published: Edition, enter: Enter) -> None:
    answer = enter("clerk").post(at(published, "copy/"), {"version": "2027-1"})
    made = Edition.objects.get(version="2027-1")
    assert answer["Location"] == at(made)
    assert not made.is_published
    assert made.criteria.count() == 5


@pytest.mark.parametrize(("version", "sentence"), [("", "没有填写"), ("1", "版次“1”已经有了"), ("二 版", "中间有空白")])
def test_a_version_word_that_will_not_do_is_kept_for_correction(
    published: Edition, enter: Enter, version: str, sentence: str
) -> None:
    page = read(enter("clerk").post(at(published, "copy/"), {"version": version}))
    assert page.status == 422
    assert sentence in page.words
    assert f'name="version" value="{version}"' in page.html


def test_a_draft_is_thrown_away_a_published_edition_stays(published: Edition, draft: Edition, enter: Enter) -> None:
    clerk = enter("clerk")
    assert clerk.post(at(draft, "discard/"))["Location"] == "/desk/editions/"
    assert not Edition.objects.filter(pk=draft.pk).exists()
    assert clerk.post(at(draft, "discard/")).status_code == 404
    refused = clerk.post(at(published, "discard/"))
    assert refused.status_code == 422
    assert "已经发布，不能再改" in refused.content.decode()
    assert Edition.objects.filter(pk=published.pk).exists()


# --- workbooks in ---


def test_a_workbook_with_a_new_version_becomes_a_draft(published: Edition, enter: Enter) -> None:
    content = workbook(published, 说明__B4="2027", 测评标准__D2="道路平整、无坑洼积水")
    answer = enter("clerk").post("/desk/editions/upload/", {"file": file(content)})
    made = Edition.objects.get(version="2027")
    assert answer["Location"] == at(made)
    assert made.criteria.get(code="RES-01").text == "道路平整、无坑洼积水"
    assert not made.is_published


def test_every_objection_to_a_workbook_at_once(published: Edition, enter: Enter) -> None:
    content = workbook(
        published, 说明__B4="2027", 测评标准__D2=None, 测评标准__H3="Q", 测评标准__J4="很多", 方法权重__B2=90
    )
    page = read(enter("clerk").post("/desk/editions/upload/", {"file": file(content)}))
    assert page.status == 422
    for words in ("《测评标准》第 2 行", "《测评标准》第 3 行", "《测评标准》第 4 行", "合计应为 100", "有 4 处要改"):
        assert words in page.words
    assert not Edition.objects.filter(version="2027").exists()


def test_a_workbook_of_a_published_version_changes_nothing(published: Edition, enter: Enter) -> None:
    content = workbook(published, 测评标准__D2="改了")
    page = read(enter("clerk").post("/desk/editions/upload/", {"file": file(content)}))
    assert page.status == 422
    assert "已经发布，不能再改。请换一个版次。" in page.words
    assert not Criterion.objects.filter(text="改了").exists()


@pytest.mark.parametrize("content", [b"", b"no workbook", b"PK\x03\x04 broken"])
def test_what_is_no_workbook_is_refused(enter: Enter, content: bytes) -> None:
    answer = enter("clerk").post("/desk/editions/upload/", {"file": file(content)})
    assert answer.status_code == 422
    assert len(answer.context["objections"]) >= 1


def test_a_draft_is_replaced_only_when_that_is_confirmed(draft: Edition, enter: Enter) -> None:
    clerk = enter("clerk")
    page = read(clerk.post("/desk/editions/upload/", {"file": file(workbook(draft, 测评标准__D2="新的写法"))}))
    assert page.status == 200
    assert "整份替换" in page.words
    assert not Criterion.objects.filter(text="新的写法").exists()
    assert clerk.post("/desk/editions/upload/", page.forms["confirm"].fields)["Location"] == at(draft)
    assert Criterion.objects.filter(edition=draft, text="新的写法").exists()


def test_the_same_workbook_twice_is_one_draft(published: Edition, enter: Enter) -> None:
    clerk, content = enter("clerk"), workbook(published, 说明__B4="2027")
    first, second = (clerk.post("/desk/editions/upload/", {"file": file(content)}) for _ in range(2))
    assert first["Location"] == second["Location"]
    assert Edition.objects.filter(version="2027").count() == 1


# --- one criterion ---


def filled(client: Client, address: str, **changes: Any) -> dict[str, Any]:
    """The form of a criterion as it stands, with changes."""
    shown = client.get(address).context
    facts = {name: value for name, value in shown["form"].initial.items() if value}
    return {**facts, "seen": shown["seen"], **changes}


def test_one_criterion_of_a_draft_is_changed(draft: Edition, enter: Enter) -> None:
    clerk, address = enter("clerk"), at(draft, "criteria/RES-10/")
    facts = filled(
        clerk,
        address,
        text="楼道无堆放杂物、无飞线充电",
        how=["look", "ask"],
        severity="B",
        carve_outs="消防箱\r\n门垫",
    )
    answer = clerk.post(address, facts)
    changed = Criterion.objects.get(edition=draft, code="RES-10")
    assert answer["Location"] == at(draft, "?q=RES-10")
    assert (changed.text, changed.how, changed.severity) == ("楼道无堆放杂物、无飞线充电", ["look", "ask"], "B")
    assert changed.carve_outs == "消防箱\n门垫"
    assert Criterion.objects.exclude(edition=draft).get(code="RES-10").severity == "A"


def test_the_same_values_again_change_nothing(draft: Edition, enter: Enter) -> None:
    clerk, address = enter("clerk"), at(draft, "criteria/RES-01/")
    before = Event.objects.count()
    answer = clerk.post(address, filled(clerk, address), follow=True)
    assert "没有改动。" in answer.content.decode()
    assert Event.objects.count() == before


def test_every_objection_to_a_criterion_at_once_and_nothing_lost(draft: Edition, enter: Enter) -> None:
    clerk, address = enter("clerk"), at(draft, "criteria/RES-10/")
    page = read(
        clerk.post(address, filled(clerk, address, text="", how=[], severity="Q", weight="重", carve_outs="消防箱"))
    )
    assert page.status == 422
    assert page.ids >= {"id_text_error", "id_how_error", "id_severity_error", "id_weight_error"}
    assert "消防箱" in page.html
    page = read(clerk.post(address, filled(clerk, address, method="material", point_type="")))
    assert page.status == 422
    assert "《方法权重》里没有“材料审核”" in page.words


def test_what_somebody_else_changed_meanwhile_is_shown(draft: Edition, enter: Enter) -> None:
    clerk, address = enter("clerk"), at(draft, "criteria/RES-10/")
    facts = filled(clerk, address, text="我的写法")
    Criterion.objects.filter(edition=draft, code="RES-10").update(severity="C")
    page = read(clerk.post(address, facts))
    assert page.status == 409
    for words in ("您填的：我的写法", "现在已保存的：楼道无堆放杂物", "您填的：A 重大", "现在已保存的：C 轻微"):
        assert words in page.words
    assert "我的写法" in page.html
    assert not Criterion.objects.filter(text="我的写法").exists()


def test_a_criterion_of_a_published_edition_is_not_open_for_change(published: Edition, enter: Enter) -> None:
    clerk = enter("clerk")
    answer = clerk.post(at(published, "criteria/RES-10/"), {"text": "改"}, follow=True)
    assert "这个版次已经发布，不能再改" in answer.content.decode()
    assert not Criterion.objects.filter(text="改").exists()
    assert clerk.get(at(published, "criteria/NO-1/")).status_code == 404
    assert "criteria/RES-10/" not in clerk.get(at(published)).content.decode()


# --- statements ---


def test_statements(published: Edition, draft: Edition, enter: Enter) -> None:
    clerk = enter("clerk")
    with budget("GET /desk/editions/"):
        clerk.get("/desk/editions/")
    for view in ("tree", "types", "rules"):
        with budget("GET /desk/editions/{edition_id}/"):
            clerk.get(at(draft, f"?view={view}"))
