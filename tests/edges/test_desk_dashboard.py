"""The dashboard: every figure leads to exactly its cases, for everybody who may look at it."""

import json
import re
from collections.abc import Callable
from datetime import datetime, timedelta
from html import unescape
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from chuangwen.cases import operations as cases
from chuangwen.cases.figures import figures
from chuangwen.cases.filters import CaseFilter
from chuangwen.cases.models import Case
from chuangwen.cases.queries import counts
from chuangwen.rules.case_flow import Status
from chuangwen.web.desk.periods import PeriodForm
from tests.budgets import budget
from tests.rounds import small_edition
from tests.world import BEIJING, NOW, World

Enter = Callable[[str], Client]
DAY = timedelta(days=1)
TODAY = NOW.date()


@pytest.fixture
def busy(world: World) -> World:
    """Three weeks of work: every status, late and in time, sent back once, in two streets and at a department."""
    small_edition()
    for back, status in enumerate(Status):
        world.case_at(status, now=NOW - DAY * (back + 1), criterion_code="RES-10")
    for back in (2, 40):
        world.open_case(now=NOW - DAY * back, by="clerk", site=world.lane, criterion_code="LANE-01")
    late = world.case_at(Status.HANDLING, now=NOW - DAY * 9)
    for department in ("CC-CG", "XT"):
        other = world.case_at(Status.ACCEPTED, now=NOW - DAY * 3)
        cases.dispatch(case_id=other.pk, unit_id=world.unit(department).pk, by=world.actor("clerk"), now=NOW - DAY * 2)
    cases.rectify(case_id=late.pk, note="已清", by=world.actor("wy_worker"), now=NOW - DAY)
    sent_back = world.case_at(Status.RECTIFIED, now=NOW - DAY * 5)
    cases.reject(case_id=sent_back.pk, reason="没有清完", by=world.actor("inspector"), now=NOW - DAY * 4)
    again = world.case_at(Status.RECTIFIED, now=NOW - DAY * 6)
    cases.reject(
        case_id=again.pk, reason="没有清完", by=world.actor("inspector"), now=NOW - DAY * 6 + timedelta(hours=1)
    )
    cases.rectify(case_id=again.pk, note="再清", by=world.actor("wy_worker"), now=NOW - DAY * 6 + timedelta(hours=2))
    return world


def page_of(client: Client, query: str = "") -> str:
    """The page as text."""
    answer = client.get(f"/desk/dashboard/{query}")
    assert answer.status_code == 200
    return answer.content.decode()


def cards(page: str) -> dict[str, tuple[str, str, str]]:
    """Label -> (where it leads, the figure, the line below)."""
    found = {}
    for href, inner in re.findall(r'<a href="([^"]*)" class="cw-stat">(.*?)</a>', page, re.DOTALL):
        spans = dict(re.findall(r'class="cw-stat-(\w+)[^"]*">(.*?)</span>', inner, re.DOTALL))
        texts = {
            name: re.sub(r"<[^>]+>.*", "", text, flags=re.DOTALL) or re.sub(r"<[^>]+>", "", text)
            for name, text in spans.items()
        }
        found[texts["label"].strip()] = (unescape(href), texts["value"].strip(), texts.get("note", "").strip())
    return found


def charts(page: str) -> dict[str, dict[str, Any]]:
    """The data of every chart by its id."""
    blocks = re.findall(r'<script id="(chart-\w+)" type="application/json">(.*?)</script>', page, re.DOTALL)
    return {name: json.loads(text) for name, text in blocks}


def listed(client: Client, href: str) -> int:
    """How many cases the list says there are behind a link."""
    answer = client.get(href)
    assert answer.status_code == 200, href
    total: int = answer.context["page"].total
    return total


def first_number(text: str) -> int:
    """The first number of a sentence."""
    found = re.search(r"[\d,]+", text)
    assert found, text
    return int(found[0].replace(",", ""))


WHO = ["clerk", "chief", "leader", "inspector", "xt_chief", "xt01_worker", "wy_chief", "cg_worker", "grid", "wf_chief"]


@pytest.mark.parametrize("username", WHO)
def test_every_figure_leads_to_exactly_its_cases(busy: World, enter: Enter, username: str) -> None:
    client = enter(username)
    page = page_of(client, "?period=30")
    found = cards(page)
    if not found:
        assert "这段时间没有案件" in page
        return
    for label in ("在办", "超期", "返工在办", "新立案"):
        href, value, _note = found[label]
        assert listed(client, href) == int(value), label
    for label in ("按期整改率", "一次核查通过率"):
        href, _value, note = found[label]
        assert listed(client, href) == first_number(note), label


# One of each reach: the district, a street, a community, a property firm, a department.
@pytest.mark.parametrize("username", ["clerk", "xt_chief", "xt01_worker", "wy_chief", "cg_worker"])
@pytest.mark.parametrize("query", ["?period=30", "?period=custom&since=2020-04-01&until=2020-06-24"])
def test_every_bar_leads_to_exactly_its_cases(busy: World, enter: Enter, username: str, query: str) -> None:
    client = enter(username)
    for name, chart in charts(page_of(client, query)).items():
        if name == "chart-streets":
            continue
        for row in chart["rows"]:
            for cell in row["cells"]:
                if cell["href"] and cell["value"]:
                    assert listed(client, cell["href"]) == cell["value"], (name, row["label"])


def test_the_clerk_can_open_every_bar(busy: World, enter: Enter) -> None:
    drawn = charts(page_of(enter("clerk")))
    assert set(drawn) == {"chart-flow", "chart-units", "chart-streets", "chart-criteria", "chart-types"}
    assert all(
        cell["href"]
        for chart in drawn.values()
        for row in chart["rows"]
        for cell in row["cells"]
        if row["label"] != "没有点位"
    )
    assert {"楼道无堆放杂物 RES-10", "路面硬化、排水通畅 LANE-01"} == {
        row["label"] for row in drawn["chart-criteria"]["rows"]
    }
    assert {"学田街道", "区城管局"} <= {row["label"] for row in drawn["chart-units"]["rows"]}


def test_the_rate_of_a_street_is_its_share_in_time(busy: World, enter: Enter) -> None:
    client = enter("clerk")
    rows = charts(page_of(client))["chart-streets"]["rows"]
    assert [row["label"] for row in rows] == ["学田街道"]
    href = rows[0]["cells"][0]["href"]
    late, in_time = listed(client, href), listed(client, href.replace("late=ever", "late=no"))
    assert late
    assert in_time
    assert rows[0]["values"] == [round(100 * in_time / (late + in_time), 1)]


def test_every_table_has_the_links_of_its_chart(busy: World, enter: Enter) -> None:
    page = page_of(enter("clerk"))
    for chart in charts(page).values():
        for row in chart["rows"]:
            for cell in row["cells"]:
                assert not cell["href"] or f'href="{cell["href"]}"'.replace("&", "&amp;") in page


def test_figures_mean_what_the_counts_of_the_list_mean(busy: World) -> None:
    clerk = busy.actor("clerk")
    since = TODAY - DAY * 29
    found = figures(clerk, since=since, until=TODAY, now=NOW)
    of_period = counts(clerk, CaseFilter(since=since.isoformat(), until=TODAY.isoformat()), NOW)
    now = counts(clerk, CaseFilter(), NOW)
    assert (found.total.opened, found.total.on_time_rate, found.total.first_pass_rate) == (
        of_period.opened, of_period.on_time_rate, of_period.first_pass_rate,
    )  # fmt: skip
    assert (found.open, found.overdue) == (now.open, now.overdue)
    assert found.overdue
    assert found.reworked


def test_a_street_narrows_everything(busy: World, enter: Enter) -> None:
    client = enter("clerk")
    for street, name in (("XT", "学田街道"), ("WF", "文峰街道")):
        page = page_of(client, f"?period=30&street={street}")
        assert f"street={street}" in cards(page)["新立案"][0]
        href, value, _note = cards(page)["在办"]
        assert listed(client, href) == int(value) > 0
        assert "LANE" not in str(charts(page)["chart-criteria"]) or name == "文峰街道"


def test_a_day_is_a_day_in_beijing(world: World, enter: Enter) -> None:
    before_midnight = datetime(2020, 6, 22, 23, 50, tzinfo=BEIJING)
    world.open_case(now=before_midnight)
    world.open_case(now=before_midnight + timedelta(minutes=20))
    rows = charts(page_of(enter("clerk"), "?period=7"))["chart-flow"]["rows"]
    assert {row["label"]: row["values"][0] for row in rows if row["values"][0]} == {"6月22日": 1, "6月23日": 1}
    assert len(rows) == 7


def test_a_long_period_is_drawn_by_weeks(busy: World, enter: Enter) -> None:
    client = enter("clerk")
    rows = charts(page_of(client, "?period=custom&since=2020-05-01&until=2020-06-24"))["chart-flow"]["rows"]
    assert [row["label"] for row in rows[:2]] == ["5月1日起", "5月4日起"]  # a Friday, then the Monday after it
    assert rows[-1]["label"] == "6月22日起"
    total = cards(page_of(client, "?period=custom&since=2020-05-01&until=2020-06-24"))["新立案"][1]
    assert sum(row["values"][0] for row in rows) == int(total)


@pytest.mark.parametrize("status", [Status.CLOSED, Status.FORCE_CLOSED])
def test_a_finished_case_is_found_by_the_day_on_which_it_ended(world: World, enter: Enter, status: Status) -> None:
    case = world.case_at(status, now=NOW - DAY * 2)
    assert case.ended_at == case.act_by  # the filter by the day of closing rests on it
    client = enter("clerk")
    day = (NOW - DAY * 2).date().isoformat()
    assert listed(client, f"/desk/cases/?ended_since={day}&ended_until={day}") == 1
    assert listed(client, f"/desk/cases/?ended_since={TODAY.isoformat()}") == 0


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ("?period=custom&since=2020-06-24&until=2020-06-01", "结束日期不能早于开始日期"),
        ("?period=custom&since=2018-06-24&until=2020-06-01", "一次最多看 366 天"),
        ("?period=custom&since=昨天&until=2020-06-01", "输入一个有效的日期"),
    ],
)
def test_days_that_make_no_sense_are_named_and_the_usual_ones_shown(
    world: World, enter: Enter, query: str, sentence: str
) -> None:
    page = page_of(enter("clerk"), query)
    assert sentence in page
    assert "2020年5月26日至6月24日" in page


def test_the_choices_of_days() -> None:
    def days(**values: str) -> tuple[str, str]:
        found = PeriodForm(values, today=TODAY).days
        return found.since.isoformat(), found.until.isoformat()

    assert days() == ("2020-05-26", "2020-06-24")
    assert days(period="7") == ("2020-06-18", "2020-06-24")
    assert days(period="month") == ("2020-06-01", "2020-06-24")
    assert days(period="last_month") == ("2020-05-01", "2020-05-31")
    assert days(period="custom", since="2019-12-30", until="2020-01-02") == ("2019-12-30", "2020-01-02")


def test_where_nothing_happened_the_page_says_what_to_do(world: World, enter: Enter) -> None:
    page = page_of(enter("clerk"))
    assert "这段时间没有案件" in page
    assert "看全部案件" in page


def test_who_may_look(world: World, enter: Enter) -> None:
    assert enter("admin").get("/desk/dashboard/").status_code == 403
    assert Client().get("/desk/dashboard/")["Location"].startswith("/login/")


def test_the_neighbouring_district_sees_none_of_it(busy: World, enter: Enter) -> None:
    assert "这段时间没有案件" in page_of(enter("gz_clerk"))


def test_few_statements_whatever_there_is(busy: World, enter: Enter) -> None:
    with CaptureQueriesContext(connection) as captured:
        figures(busy.actor("clerk"), since=TODAY - DAY * 29, until=TODAY, now=NOW)
    assert len([row for row in captured if "cases_case" in row["sql"]]) == 4
    client = enter("clerk")
    with budget("GET /desk/dashboard/"):
        page_of(client)


def test_a_case_that_was_not_sent_out_lies_with_no_unit(busy: World, enter: Enter) -> None:
    waiting = Case.objects.filter(unit=None, status__in=["reported", "accepted"]).count()
    assert f"另有 {waiting} 件还没有派给责任单位" in page_of(enter("clerk"))
