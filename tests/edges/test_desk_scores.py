"""The pages of score sheets: computing, reasons down to photos, release by a person, who may see what."""

import re
from collections.abc import Callable
from datetime import date, timedelta

import pytest
from django.test import Client

from chuangwen.cases.models import Case
from chuangwen.journal.models import Event
from chuangwen.patrols.operations import finish_visit, record_finding
from chuangwen.scores.models import ScoreLine, ScoreSheet
from chuangwen.scores.operations import compute_sheet
from chuangwen.scores.queries import line_for
from chuangwen.scores.showing import show_sheet
from tests.budgets import budget
from tests.rounds import small_patrol
from tests.walks import JULY, Walks, june, release_shown
from tests.world import NOW, World, photo_id

Enter = Callable[[str], Client]
MONTH = {"rule": "district-month", "month": "2020-06"}


@pytest.fixture
def walks(world: World, monkeypatch: pytest.MonkeyPatch) -> Walks:
    """The June of the walks, seen on the first morning of July."""
    found = june(world)
    monkeypatch.setattr("chuangwen.http.clock", lambda: JULY)
    return found


@pytest.fixture
def july(enter: Enter, walks: Walks, monkeypatch: pytest.MonkeyPatch) -> Enter:
    """Browsers in which it is the first of July."""
    monkeypatch.setattr("chuangwen.http.clock", lambda: JULY)
    return enter


def june_sheet(walks: Walks) -> ScoreSheet:
    """June by the monthly rule."""
    return compute_sheet(
        rule_name="district-month",
        start=date(2020, 6, 1),
        end=date(2020, 6, 30),
        by=walks.world.actor("clerk"),
        now=JULY,
    )


def released(walks: Walks) -> ScoreSheet:
    """The same, made official by the chief."""
    return release_shown(sheet_id=june_sheet(walks).pk, by=walks.world.actor("chief"), now=JULY)


def text_of(client: Client, address: str) -> str:
    """A page that opens."""
    answer = client.get(address)
    assert answer.status_code == 200, address
    return answer.content.decode()


# --- the list and computing ---


def test_the_clerk_computes_a_month_and_sees_places_reasons_and_the_rule(july: Enter) -> None:
    clerk = july("clerk")
    assert "计算得分表" in text_of(clerk, "/desk/scores/")
    assert "总分 = 现场得分率 × 0.5 + 按期整改率 × 0.3 + 一次核查通过率 × 0.2" in text_of(clerk, "/desk/scores/new/")
    answer = clerk.post("/desk/scores/new/", {**MONTH, "note": "首次试算", "client_key": "k1"}, follow=True)
    page = answer.content.decode()
    assert "已算出得分表草稿" in page
    for words in ("学田街道", "86.36", "文峰街道", "25.00", "样例规则", "首次试算", "这个数不说明什么", "weight = 0.5"):
        assert words in page, words
    assert "判定 5 条（不适用不计），不合格 1 条" in page


def test_the_same_submission_twice_makes_one_sheet(july: Enter) -> None:
    clerk = july("clerk")
    first = clerk.post("/desk/scores/new/", {**MONTH, "client_key": "k1"})
    second = clerk.post("/desk/scores/new/", {**MONTH, "client_key": "k1"})
    assert first["Location"] == second["Location"]
    assert ScoreSheet.objects.count() == 1


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"rule": "district-month", "month": "六月"}, "月份应写成 2020-06"),
        ({"rule": "district-month", "month": ""}, "月份"),
        ({"rule": "nantong-2016", "month": "2020-06"}, "nantong-2016 不在可用的选项中"),
        ({"rule": "district-month", "month": "2020-08"}, "本期还没有开始"),
    ],
)
def test_what_cannot_be_computed_is_named_and_nothing_typed_is_lost(
    july: Enter, fields: dict[str, str], sentence: str
) -> None:
    answer = july("clerk").post("/desk/scores/new/", {**fields, "note": "写了一半的说明"})
    assert answer.status_code == 422
    page = answer.content.decode()
    assert sentence in page
    assert "写了一半的说明" in page
    assert not ScoreSheet.objects.exists()


def test_the_list_says_what_is_draft_and_what_is_released(july: Enter, walks: Walks) -> None:
    released(walks)
    june_sheet(walks)
    page = text_of(july("clerk"), "/desk/scores/")
    assert "共 2 份得分表" in page
    assert page.count("已发布") == 1
    assert page.count("草稿") == 1


def test_an_empty_list_says_what_comes_next(july: Enter) -> None:
    assert "还没有得分表" in text_of(july("clerk"), "/desk/scores/")
    assert "还没有发布的得分表" in text_of(july("xt_chief"), "/desk/scores/")


# --- who sees what ---


def test_units_see_a_sheet_only_when_it_is_released(july: Enter, walks: Walks) -> None:
    draft = june_sheet(walks)
    for username in ("leader", "clerk", "chief"):
        text_of(july(username), f"/desk/scores/{draft.pk}/")
    for username in ("xt_chief", "wy_worker", "gz_clerk"):
        assert july(username).get(f"/desk/scores/{draft.pk}/").status_code == 404
    release_shown(sheet_id=draft.pk, by=walks.world.actor("chief"), now=JULY)
    text_of(july("xt_chief"), f"/desk/scores/{draft.pk}/")
    assert july("gz_clerk").get(f"/desk/scores/{draft.pk}/").status_code == 404


@pytest.mark.parametrize("username", ["inspector", "grid", "admin"])
def test_who_has_no_business_with_scores(july: Enter, username: str) -> None:
    assert july(username).get("/desk/scores/").status_code == 403


# --- release and discard ---


def test_release_is_a_decision_of_the_chief_after_a_question(
    july: Enter, walks: Walks, monkeypatch: pytest.MonkeyPatch
) -> None:
    sheet = june_sheet(walks)
    window = show_sheet(sheet_id=sheet.pk, by=walks.world.actor("clerk"), now=JULY)
    monkeypatch.setattr("chuangwen.http.clock", lambda: window.closes_at)
    address = f"/desk/scores/{sheet.pk}/release/"
    assert july("clerk").get(address).status_code == 403
    assert july("clerk").post(address).status_code == 403
    chief = july("chief")
    page = text_of(chief, address)
    assert "已重算，与依据一致" in page
    assert "内容不能再改" in page
    answer = chief.post(address, follow=True)
    assert "得分表已发布" in answer.content.decode()
    again = chief.post(address)
    assert again.status_code == 422
    assert "已经发布，不能再改" in again.content.decode()
    assert Event.objects.filter(kind="score.released").count() == 1


def test_a_sheet_that_does_not_follow_from_its_basis_is_not_released(july: Enter, walks: Walks) -> None:
    sheet = june_sheet(walks)
    ScoreLine.objects.filter(sheet=sheet, unit_name="文峰街道").update(total_shown="99.00", total_exact="99")
    chief = july("chief")
    assert "重算与得分表不一致" in text_of(chief, f"/desk/scores/{sheet.pk}/release/")
    answer = chief.post(f"/desk/scores/{sheet.pk}/release/")
    assert answer.status_code == 422
    assert "99.00 分" in answer.content.decode()


def test_a_draft_can_be_thrown_away_a_released_sheet_cannot(july: Enter, walks: Walks) -> None:
    draft, official = june_sheet(walks), released(walks)
    clerk = july("clerk")
    assert "删除的只是这份草稿" in text_of(clerk, f"/desk/scores/{draft.pk}/discard/")
    assert clerk.post(f"/desk/scores/{draft.pk}/discard/")["Location"] == "/desk/scores/"
    assert clerk.post(f"/desk/scores/{official.pk}/discard/").status_code == 422
    assert list(ScoreSheet.objects.values_list("pk", flat=True)) == [official.pk]
    assert "删除草稿" not in text_of(clerk, f"/desk/scores/{official.pk}/")


# --- one line, down to photos ---


def line_page(client: Client, sheet: ScoreSheet, code: str, world: World, query: str = "") -> str:
    """The page of one street's line."""
    return text_of(client, f"/desk/scores/{sheet.pk}/units/{world.unit(code).pk}/{query}")


def test_a_line_opens_down_to_its_findings_and_cases(july: Enter, walks: Walks) -> None:
    sheet, world = released(walks), walks.world
    clerk = july("clerk")
    page = line_page(clerk, sheet, "WF", world)
    for words in ("第 2 名", "25.00", "路面没有积水坑洼", "墙面没有乱涂写", "文峰巷", "不合格", "总分 = 现场得分率"):
        assert words in page, words
    late = line_page(clerk, sheet, "WF", world, "?part=rectification&group=late")
    (address,) = re.findall(r'<th scope="row"><a href="(/desk/cases/\d+/)">', late)
    assert address == f"/desk/cases/{Case.objects.get(criterion_code='LANE-02').pk}/"
    assert clerk.get(address).status_code == 200
    again = line_page(clerk, sheet, "WF", world, "?part=rework&group=reworked")
    assert "返工 1 次" in again


def test_the_groups_of_a_line_say_how_many(july: Enter, walks: Walks) -> None:
    page = line_page(july("clerk"), released(walks), "XT", walks.world)
    counts = dict(re.findall(r'>([^<>]+)<span class="cw-count">(\d+)</span>', page))
    assert counts == {
        "全部判定": "5", "不合格判定": "1", "应整改案件": "1", "超期案件": "0", "已提交整改案件": "1", "没有一次通过的案件": "0",
    }  # fmt: skip


def status_of(client: Client, address: str) -> int:
    """The status of an answer that may be an open file."""
    answer = client.get(address)
    if answer.streaming:
        answer.getvalue()  # read to its end, the file is closed
    return answer.status_code


def test_the_photo_of_a_finding_opens_through_the_line_only(july: Enter, world: World) -> None:
    patrol = small_patrol(world)
    inspector = world.actor("inspector")
    taken = photo_id(inspector)
    record_finding(
        patrol_id=patrol.pk, site_id=world.compound.pk, criterion_code="RES-10", verdict="fail", note="2单元纸箱",
        photo_ids=[taken], by=inspector, now=NOW,
    )  # fmt: skip
    finish_visit(
        patrol_id=patrol.pk, site_id=world.compound.pk, rest_passes=True, by=inspector, now=NOW + timedelta(minutes=9)
    )
    sheet = compute_sheet(
        rule_name="field-rate", start=date(2020, 6, 1), end=date(2020, 6, 30), by=world.actor("clerk"), now=JULY
    )
    release_shown(sheet_id=sheet.pk, by=world.actor("chief"), now=JULY)
    page = line_page(july("xt_chief"), sheet, "XT", world)
    (address,) = set(re.findall(r'<li><a href="(/desk/scores/[^"]*/photos/\d+/)">', page))
    for username, status in {"clerk": 200, "leader": 200, "xt_chief": 200, "wf_chief": 404, "gz_clerk": 404}.items():
        assert status_of(july(username), address) == status, username
    other = photo_id(inspector, "red")
    assert status_of(july("clerk"), address.replace(f"/photos/{taken}/", f"/photos/{other}/")) == 404


def test_a_neighbouring_street_sees_the_figures_but_not_the_findings(july: Enter, walks: Walks) -> None:
    sheet = released(walks)
    page = line_page(july("xt_chief"), sheet, "WF", walks.world)
    assert "25.00" in page
    assert "本页有 2 条不属于您的辖区" in page
    assert "墙面没有乱涂写" not in page


def test_a_street_where_nothing_was_seen_has_no_place_and_the_reason(july: Enter, walks: Walks) -> None:
    walks.third_street()
    sheet = june_sheet(walks)
    page = text_of(july("clerk"), f"/desk/scores/{sheet.pk}/")
    assert "没有参加排名的单位（1）" in page
    assert "各部分都没有观测，不参加本次排名，也不按零分计" in page
    assert "这段时间没有依据" in line_page(july("clerk"), sheet, "RG", walks.world)


def test_a_long_basis_comes_in_pages(july: Enter, walks: Walks, monkeypatch: pytest.MonkeyPatch) -> None:
    assert line_for.__kwdefaults__ is not None
    monkeypatch.setitem(line_for.__kwdefaults__, "size", 2)
    sheet = june_sheet(walks)
    first = line_page(july("clerk"), sheet, "XT", walks.world, "?part=field&group=findings")
    assert 'rel="next"' in first
    third = line_page(july("clerk"), sheet, "XT", walks.world, "?part=field&group=findings&page=3")
    assert 'rel="next"' not in third
    assert third.count('<th scope="row">') == 1


@pytest.mark.parametrize("page", ["0", "x", "99999999", "-3"])
def test_a_strange_page_number_shows_a_page(july: Enter, walks: Walks, page: str) -> None:
    assert "文峰街道" in line_page(july("clerk"), june_sheet(walks), "WF", walks.world, f"?page={page}")


# --- field rates ---


@pytest.mark.parametrize(
    ("level", "name", "rate"),
    [
        ("criterion", "路面没有积水坑洼", "0.00%"),
        ("site", "文峰巷", "0.00%"),
        ("community", "文峰社区", "0.00%"),
        ("street", "学田街道", "72.73%"),
    ],
)
def test_rates_at_every_level_the_lowest_first(july: Enter, level: str, name: str, rate: str) -> None:
    page = text_of(july("clerk"), f"/desk/scores/rates/?by={level}&period=last_month")
    assert name in page
    assert rate in page
    assert "这个数不说明什么" in page
    assert "判定 7 条，不合格 3 条" in page
    rates = [float(found) for found in re.findall(r'data-label="得分率">([\d.]+)%', page)]
    assert rates == sorted(rates)


def test_rates_lead_to_the_cases_of_the_same_days(july: Enter) -> None:
    clerk = july("clerk")
    page = text_of(clerk, "/desk/scores/rates/?by=street&period=last_month")
    links = re.findall(r'<a href="([^"]*)">看这段时间的案件', page)
    totals = {href: clerk.get(href.replace("&amp;", "&")).context["page"].total for href in links}
    assert sorted(totals.values()) == [1, 2]


def test_days_without_visits_say_so(july: Enter) -> None:
    page = text_of(july("clerk"), "/desk/scores/rates/?period=custom&since=2020-01-01&until=2020-01-31")
    assert "这段时间没有完成的走访" in page


def test_pages_of_scores_stay_within_their_statements(july: Enter, walks: Walks) -> None:
    sheet = released(walks)
    clerk = july("clerk")
    unit = walks.world.unit("WF").pk
    with budget("GET /desk/scores/"):
        text_of(clerk, "/desk/scores/")
    with budget("GET /desk/scores/{sheet_id}/"):
        text_of(clerk, f"/desk/scores/{sheet.pk}/")
    with budget("GET /desk/scores/{sheet_id}/units/{unit_id}/"):
        text_of(clerk, f"/desk/scores/{sheet.pk}/units/{unit}/")
    with budget("GET /desk/scores/{sheet_id}/units/{unit_id}/"):
        text_of(clerk, f"/desk/scores/{sheet.pk}/units/{unit}/?part=rework&group=cases")
    with budget("GET /desk/scores/rates/"):
        text_of(clerk, "/desk/scores/rates/?by=criterion")
