"""The pages of papers: drafted by hand, every figure a link, edited without overwriting others, released by the chief."""

import io
import re
from collections.abc import Callable
from html import unescape
from typing import Any
from urllib.parse import unquote

import pdfplumber
import pytest
from django.test import Client
from docx import Document

from chuangwen.bulletins.models import Paper
from chuangwen.bulletins.operations import draft_paper, edit_paper, release_paper
from chuangwen.web.paper_view import pieces
from tests.budgets import budget
from tests.walks import JULY, june, release_shown
from tests.world import NOW, World

Enter = Callable[[str], Client]
WEDNESDAY = NOW.date()
EVENING = NOW.replace(hour=18, minute=30)


@pytest.fixture
def evening(world: World, enter: Enter, monkeypatch: pytest.MonkeyPatch) -> Enter:
    """Browsers on the evening after the walks of that Wednesday; one of three cases is not put right yet."""
    june(world)
    monkeypatch.setattr("chuangwen.http.clock", lambda: EVENING)
    return enter


def daily(world: World) -> Paper:
    """The brief of that Wednesday."""
    return draft_paper(kind="daily", day=WEDNESDAY, by=world.actor("clerk"), now=EVENING)


def text_of(client: Client, address: str) -> str:
    """A page that opens."""
    answer = client.get(address)
    assert answer.status_code == 200, address
    return answer.content.decode()


def body_of(page: str) -> str:
    """The paper itself."""
    return page[page.index('<article class="cw-paper"') : page.index("</article>")]


def plain(html: str) -> str:
    """Without tags."""
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", "", html)))


# --- drafting ---


def test_the_clerk_drafts_a_brief_and_gets_the_same_draft_again(world: World, evening: Enter) -> None:
    clerk = evening("clerk")
    fields = {"kind": "daily", "day": WEDNESDAY.isoformat()}
    first = clerk.post("/desk/papers/new/", fields, follow=True)
    assert "草稿已写好" in first.content.decode()
    second = clerk.post("/desk/papers/new/", fields, follow=True)
    assert first.redirect_chain == second.redirect_chain
    assert Paper.objects.count() == 1
    page = plain(body_of(second.content.decode()))
    assert "崇川区创建文明城市日巡查简报" in page
    assert "（草稿，未编号）" in page
    assert "当日新立案件 3 件" in page
    assert "2020年6月24日" in page


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"kind": "daily", "day": "明天"}, "日期应写成 2020-06-28"),
        ({"kind": "yearly", "day": "2020-06-24"}, "yearly 不在可用的选项中"),
        ({"kind": "weekly", "day": "2020-07-09"}, "本期还没有开始"),
    ],
)
def test_what_cannot_be_drafted_is_named(evening: Enter, fields: dict[str, str], sentence: str) -> None:
    answer = evening("clerk").post("/desk/papers/new/", fields)
    assert answer.status_code == 422
    page = answer.content.decode()
    assert sentence in page
    assert not Paper.objects.exists()


def test_the_list_says_what_is_there_and_narrows(world: World, evening: Enter) -> None:
    clerk = evening("clerk")
    assert "还没有简报通报" in text_of(clerk, "/desk/papers/")
    paper = daily(world)
    page = text_of(clerk, "/desk/papers/")
    assert paper.title in page
    assert "草稿" in page
    assert paper.title in text_of(clerk, "/desk/papers/?kind=daily&state=draft")
    assert "没有符合条件的通报" in text_of(clerk, "/desk/papers/?kind=weekly")


def test_who_may_read_drafts(world: World, evening: Enter) -> None:
    paper = daily(world)
    for username in ("clerk", "chief", "leader"):
        text_of(evening(username), f"/desk/papers/{paper.pk}/")
    for username in ("xt_chief", "cg_worker", "gz_clerk"):
        assert evening(username).get(f"/desk/papers/{paper.pk}/").status_code == 404
    for username in ("inspector", "grid", "admin"):
        assert evening(username).get("/desk/papers/").status_code == 403
    release_paper(paper_id=paper.pk, by=world.actor("chief"), now=EVENING)
    text_of(evening("xt_chief"), f"/desk/papers/{paper.pk}/")


# --- figures ---


def test_every_figure_in_the_words_is_a_link_to_its_check(world: World, evening: Enter) -> None:
    paper = daily(world)
    clerk = evening("clerk")
    page = text_of(clerk, f"/desk/papers/{paper.pk}/")
    links = re.findall(r'<a href="([^"]*)">([\d.]+)[^<]*</a>', body_of(page))
    numbers = [number for _href, number in links if len(number) < 15]
    said = [
        figure for figure in paper.figures
        if figure["label"] + " " in "".join(paper.sections[figure["section"]]["paragraphs"])
    ]  # fmt: skip
    assert len(numbers) >= len(said) >= 8
    opened = 0
    for href, number in links:
        if href.startswith("#"):
            assert f'id="{href[1:]}"' in page
        elif "?" in href:
            assert clerk.get(unescape(href)).context["page"].total == int(number), href
            opened += 1
        else:
            assert clerk.get(href).status_code == 200
    assert opened >= 4


def test_the_words_are_the_same_with_and_without_links(world: World, evening: Enter) -> None:
    paper = daily(world)
    for at, section in enumerate(paper.sections):
        figures = [figure for figure in paper.figures if figure["section"] == at]
        for paragraph in section["paragraphs"]:
            assert "".join(piece.text for piece in pieces(paragraph, figures)) == paragraph


def figure(label: str, text: str, check: str = "") -> dict[str, Any]:
    """A figure as papers store it."""
    return {"key": label, "label": label, "text": text, "check": check}


def test_the_longest_label_wins_and_a_changed_number_is_no_link() -> None:
    figures = [figure("问题", "7 件", "cases?state=open"), figure("重大问题", "2 件", "cases?severity=A")]
    found = pieces("发现问题 7 件，重大问题 2 件，问题 9 件。", figures)
    assert [(piece.text, piece.href) for piece in found if piece.href] == [
        ("7 件", "/desk/cases/?state=open"),
        ("2 件", "/desk/cases/?severity=A"),
    ]


def test_the_check_says_whether_everything_holds(world: World, evening: Enter) -> None:
    paper = daily(world)
    clerk = evening("clerk")
    assert "核对通过" in text_of(clerk, f"/desk/papers/{paper.pk}/?check=1")
    texts = {1: paper.sections[1]["paragraphs"][0].replace("新立案件 3 件", "新立案件 30 件")}
    edit_paper(paper_id=paper.pk, texts=texts, by=world.actor("clerk"), now=EVENING, seen_version=paper.version)
    page = text_of(clerk, f"/desk/papers/{paper.pk}/?check=1")
    assert "核对发现 1 处不符" in page
    assert "写的是“新立案件 30”，系统数字是 3" in page


# --- editing ---


def test_words_are_changed_and_tables_stay(world: World, evening: Enter) -> None:
    paper = daily(world)
    clerk = evening("clerk")
    form = text_of(clerk, f"/desk/papers/{paper.pk}/edit/")
    assert paper.sections[0]["paragraphs"][0] in unescape(form)
    fields = {
        "version": str(paper.version), "title": "改过的标题", "section-0": "第一段。\r\n\r\n第二段。",
    }  # fmt: skip
    answer = clerk.post(f"/desk/papers/{paper.pk}/edit/", fields, follow=True)
    assert "已保存" in answer.content.decode()
    changed = Paper.objects.get(pk=paper.pk)
    assert changed.title == "改过的标题"
    assert changed.sections[0]["paragraphs"] == ["第一段。", "第二段。"]
    assert changed.sections[1] == paper.sections[1]


def test_somebody_else_saved_first_and_both_texts_are_shown(world: World, evening: Enter) -> None:
    paper = daily(world)
    edit_paper(
        paper_id=paper.pk, texts={0: "别人写的一段。"}, by=world.actor("chief"), now=EVENING, seen_version=paper.version
    )
    clerk = evening("clerk")
    fields = {"version": str(paper.version), "title": paper.title, "section-0": "我写的一段。"}
    answer = clerk.post(f"/desk/papers/{paper.pk}/edit/", fields)
    assert answer.status_code == 409
    page = answer.content.decode()
    assert "您填的：我写的一段。" in page
    assert "现在已保存的：别人写的一段。" in page
    assert "我写的一段。</textarea>" in page
    assert Paper.objects.get(pk=paper.pk).sections[0]["paragraphs"] == ["别人写的一段。"]
    version = re.search(r'name="version" value="(\d+)"', page)
    assert version
    again = clerk.post(f"/desk/papers/{paper.pk}/edit/", {**fields, "version": version[1]})
    assert again.status_code == 302
    assert Paper.objects.get(pk=paper.pk).sections[0]["paragraphs"] == ["我写的一段。"]


def test_personal_data_is_refused_and_the_words_are_kept(world: World, evening: Enter) -> None:
    paper = daily(world)
    fields = {"version": str(paper.version), "title": paper.title, "section-0": "请联系 13800001111。"}
    answer = evening("clerk").post(f"/desk/papers/{paper.pk}/edit/", fields)
    assert answer.status_code == 422
    page = answer.content.decode()
    assert "手机号码" in page
    assert "请联系 13800001111。" in page


def test_only_the_own_office_edits_and_only_drafts(world: World, evening: Enter) -> None:
    paper = daily(world)
    assert evening("leader").get(f"/desk/papers/{paper.pk}/edit/").status_code == 403
    assert evening("gz_clerk").get(f"/desk/papers/{paper.pk}/edit/").status_code == 404
    release_paper(paper_id=paper.pk, by=world.actor("chief"), now=EVENING)
    answer = evening("clerk").get(f"/desk/papers/{paper.pk}/edit/")
    assert answer.status_code == 403
    assert "已经发布" in answer.content.decode()


# --- release, withdrawal, document ---


def test_the_chief_releases_after_a_question_and_nothing_changes_any_more(world: World, evening: Enter) -> None:
    paper = daily(world)
    address = f"/desk/papers/{paper.pk}/release/"
    assert evening("clerk").post(address).status_code == 403
    chief = evening("chief")
    page = text_of(chief, address)
    assert "数字核对通过" in page
    answer = chief.post(address, {"version": str(paper.version)}, follow=True)
    page = answer.content.decode()
    assert "创文简报〔2020〕第1期已发布" in page
    assert "修改文字" not in page
    assert chief.post(address, {"version": str(paper.version)}).status_code in {409, 422}
    assert chief.post(f"/desk/papers/{paper.pk}/withdraw/").status_code == 422


def test_a_draft_that_was_changed_meanwhile_is_not_released_unread(world: World, evening: Enter) -> None:
    paper = daily(world)
    edit_paper(
        paper_id=paper.pk, texts={0: "新的一段。"}, by=world.actor("clerk"), now=EVENING, seen_version=paper.version
    )
    answer = evening("chief").post(f"/desk/papers/{paper.pk}/release/", {"version": str(paper.version)})
    assert answer.status_code == 409
    assert "刚刚改过这份草稿" in answer.content.decode()
    assert not Paper.objects.get(pk=paper.pk).is_released


def test_a_ranking_waits_for_its_sheet(world: World, enter: Enter, monkeypatch: pytest.MonkeyPatch) -> None:
    june(world)
    monkeypatch.setattr("chuangwen.http.clock", lambda: JULY)
    paper = draft_paper(kind="monthly", day=WEDNESDAY, by=world.actor("clerk"), now=JULY)
    assert paper.sheet_id is not None
    chief = enter("chief")
    answer = chief.post(f"/desk/papers/{paper.pk}/release/", {"version": str(paper.version)})
    assert answer.status_code == 422
    assert "请先发布得分表" in answer.content.decode()
    release_shown(sheet_id=paper.sheet_id, by=world.actor("chief"), now=JULY)
    assert chief.post(f"/desk/papers/{paper.pk}/release/", {"version": str(paper.version)}).status_code == 302
    assert f"/desk/scores/{paper.sheet_id}/" in text_of(chief, f"/desk/papers/{paper.pk}/")


def test_a_draft_is_withdrawn_after_a_question(world: World, evening: Enter) -> None:
    paper = daily(world)
    clerk = evening("clerk")
    assert "撤回这份草稿" in text_of(clerk, f"/desk/papers/{paper.pk}/withdraw/")
    assert Paper.objects.exists()
    assert clerk.post(f"/desk/papers/{paper.pk}/withdraw/")["Location"] == "/desk/papers/"
    assert not Paper.objects.exists()


def test_the_document_comes_under_its_chinese_name(world: World, evening: Enter) -> None:
    paper = daily(world)
    answer = evening("clerk").get(f"/desk/papers/{paper.pk}/docx/")
    assert answer["Content-Type"].endswith("wordprocessingml.document")
    name = unquote(answer["Content-Disposition"])
    assert name.startswith("attachment;")
    assert f"草稿 {paper.title}.docx" in name
    document = Document(io.BytesIO(answer.content))
    assert paper.title in [paragraph.text.replace("\n", "") for paragraph in document.paragraphs]


def test_the_pdf_comes_beside_it_and_reads_like_the_page(world: World, evening: Enter) -> None:
    paper = daily(world)
    answer = evening("clerk").get(f"/desk/papers/{paper.pk}/pdf/")
    assert answer["Content-Type"] == "application/pdf"
    assert f"草稿 {paper.title}.pdf" in unquote(answer["Content-Disposition"])
    with pdfplumber.open(io.BytesIO(answer.content)) as pdf:
        words = "".join(page.extract_text() for page in pdf.pages).replace("\n", "").replace(" ", "")
    assert paper.title in words
    assert paper.sections[0]["paragraphs"][0].replace(" ", "")[:40] in words


def test_whoever_edited_last_is_told_that_another_releases(world: World, evening: Enter) -> None:
    paper = daily(world)
    edit_paper(
        paper_id=paper.pk, texts={}, title="主任改过的标题", by=world.actor("chief"), now=EVENING, seen_version=None
    )
    chief = evening("chief")
    address = f"/desk/papers/{paper.pk}/release/"
    assert "这份草稿是您最后修改的，发布须由另一人把关" in text_of(chief, address)
    assert chief.post(address, {"version": "2"}).status_code == 422
    assert not Paper.objects.get(pk=paper.pk).is_released


def test_pages_of_papers_stay_within_their_statements(world: World, evening: Enter) -> None:
    paper = daily(world)
    clerk = evening("clerk")
    with budget("GET /desk/papers/"):
        text_of(clerk, "/desk/papers/")
    with budget("GET /desk/papers/{paper_id}/"):
        text_of(clerk, f"/desk/papers/{paper.pk}/")
