"""What anybody may see without logging in, and what nobody may: drafts, people, telephone numbers."""

import io
import re
from collections.abc import Callable
from datetime import date, timedelta
from urllib.parse import unquote

import pytest
from django.test import Client
from docx import Document

from chuangwen.bulletins.models import Paper
from chuangwen.bulletins.operations import draft_paper, release_paper
from chuangwen.rules.case_flow import Status
from chuangwen.scores.models import ScoreSheet
from chuangwen.scores.operations import compute_sheet
from tests.budgets import budget
from tests.walks import JULY, NOTE, june, release_shown
from tests.world import NOW, PEOPLE, World

Enter = Callable[[str], Client]


@pytest.fixture
def july(world: World, monkeypatch: pytest.MonkeyPatch) -> World:
    """The June of the walks, seen by a resident on the first of July."""
    june(world)
    world.open_case(
        title="居民赵六投诉，电话13812345678", text="赵六 13812345678", origin_kind="message", site=world.lane
    )
    monkeypatch.setattr("chuangwen.http.clock", lambda: JULY)
    return world


def sheet_of(world: World, *, release: bool = True) -> ScoreSheet:
    """June by the monthly rule."""
    sheet = compute_sheet(
        rule_name="district-month", start=date(2020, 6, 1), end=date(2020, 6, 30), by=world.actor("clerk"), now=JULY
    )
    return release_shown(sheet_id=sheet.pk, by=world.actor("chief"), now=JULY) if release else sheet


def paper_of(world: World, kind: str, *, release: bool = True) -> Paper:
    """A paper over the day of the walks."""
    paper = draft_paper(kind=kind, day=NOW.date(), by=world.actor("clerk"), now=JULY)
    return release_paper(paper_id=paper.pk, by=world.actor("chief"), now=JULY) if release else paper


def text_of(address: str) -> str:
    """A page that opens for anybody."""
    answer = Client().get(address)
    assert answer.status_code == 200, address
    return answer.content.decode()


def test_before_anything_is_released_every_page_says_so(world: World, wednesday: None) -> None:
    home = text_of("/")
    assert "还没有发布排名" in home
    assert "还没有发布通报" in home
    assert "/login/" in home
    assert "还没有发布排名" in text_of("/ranking/")
    assert "还没有发布这一种通报" in text_of("/papers/")


def test_home_shows_counts_the_top_of_the_ranking_and_the_newest_papers(july: World) -> None:
    sheet_of(july)
    weekly = paper_of(july, "weekly")
    page = text_of("/")
    figures = dict(re.findall(r'cw-stat-label">([^<]+)</span>\s*<span class="cw-stat-value">(\d+)', page))
    assert figures == {"新立案": "4", "结案": "3", "正在办理": "1"}
    assert "学田街道" in page
    assert "86.36" in page
    assert f"/papers/{weekly.pk}/" in page


def test_the_ranking_shows_parts_reasons_and_the_rule(july: World) -> None:
    sheet = sheet_of(july)
    page = text_of("/ranking/")
    for words in (
        "学田街道",
        "86.36",
        "文峰街道",
        "25.00",
        "现场得分率",
        "四舍五入到 2 位小数",
        "weight = 0.5",
        "这个数不说明什么",
    ):
        assert words in page, words
    assert "/desk/" not in page
    assert text_of(f"/ranking/?sheet={sheet.pk}")


def test_an_earlier_ranking_can_be_opened_by_its_link(july: World) -> None:
    first = sheet_of(july)
    second = compute_sheet(
        rule_name="field-rate", start=date(2020, 6, 1), end=date(2020, 6, 30), by=july.actor("clerk"), now=JULY
    )
    release_shown(sheet_id=second.pk, by=july.actor("chief"), now=JULY + timedelta(minutes=1))
    page = text_of("/ranking/")
    assert "现场得分率单项排名" in page
    assert f'href="?sheet={first.pk}"' in page
    assert "按期整改率" in text_of(f"/ranking/?sheet={first.pk}")


def test_drafts_look_as_if_there_were_none(july: World) -> None:
    draft, paper = sheet_of(july, release=False), paper_of(july, "weekly", release=False)
    assert "还没有发布排名" in text_of("/ranking/")
    assert Client().get(f"/ranking/?sheet={draft.pk}").status_code == 404
    assert paper.title not in text_of("/papers/")
    for address in (f"/papers/{paper.pk}/", f"/papers/{paper.pk}/docx/", "/papers/999/"):
        assert Client().get(address).status_code == 404


@pytest.mark.parametrize("asked", ["x", "", "99999999999999999999", "²"])
def test_a_strange_number_of_a_sheet_shows_the_newest(july: World, asked: str) -> None:
    sheet_of(july)
    assert "86.36" in text_of(f"/ranking/?sheet={asked}")


def test_papers_are_listed_by_kind_read_and_downloaded(july: World) -> None:
    weekly = paper_of(july, "weekly")
    assert weekly.title in text_of("/papers/")
    assert weekly.title in text_of("/papers/?kind=weekly")
    assert weekly.title not in text_of("/papers/?kind=daily")
    page = text_of(f"/papers/{weekly.pk}/")
    assert weekly.number in page
    assert "2020年7月1日" in page
    assert "/desk/" not in page
    answer = Client().get(f"/papers/{weekly.pk}/docx/")
    assert f"{weekly.number} {weekly.title}.docx" in unquote(answer["Content-Disposition"])
    texts = [paragraph.text.replace("\n", "") for paragraph in Document(io.BytesIO(answer.content)).paragraphs]
    assert weekly.title in texts
    answer = Client().get(f"/papers/{weekly.pk}/pdf/")
    assert answer["Content-Type"] == "application/pdf"
    assert answer.content.startswith(b"%PDF-")


def test_nothing_personal_is_public(july: World) -> None:
    sheet_of(july)
    papers = [paper_of(july, kind) for kind in ("daily", "weekly", "monthly")]
    july.case_at(Status.HANDLING, now=NOW)
    names = [name for _account, name, _role, _unit in PEOPLE] + ["赵六", "王先生", NOTE, "物业经理"]
    for address in ("/", "/ranking/", "/papers/", *(f"/papers/{paper.pk}/" for paper in papers)):
        page = text_of(address)
        found = [name for name in names if name in page]
        assert not found, (address, found)
        assert not re.search(r"(?<!\d)1[3-9]\d{9}(?!\d)", page), address


def test_pages_may_be_kept_for_a_minute_by_the_reader_only(july: World) -> None:
    for address in ("/", "/ranking/", "/papers/"):
        answer = Client().get(address)
        assert answer["Cache-Control"] == "max-age=60, private" or set(answer["Cache-Control"].split(", ")) == {
            "max-age=60",
            "private",
        }


def test_nothing_is_posted_here(july: World) -> None:
    for address in ("/", "/ranking/", "/papers/", "/healthz"):
        assert Client().post(address).status_code == 405


def test_who_watches_the_server_gets_an_answer(db: None) -> None:
    answer = Client().get("/healthz")
    assert (answer.status_code, answer.content) == (200, b"ok")
    assert answer["Content-Type"].startswith("text/plain")


def test_public_pages_stay_within_their_statements(july: World) -> None:
    sheet_of(july)
    weekly = paper_of(july, "weekly")
    for route, address in (("GET /", "/"), ("GET /ranking/", "/ranking/"), ("GET /papers/", "/papers/")):
        with budget(route):
            text_of(address)
    with budget("GET /papers/{paper_id}/"):
        text_of(f"/papers/{weekly.pk}/")
