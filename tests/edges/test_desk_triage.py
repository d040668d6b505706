"""研判 at the desk: one key confirms, reports are merged and split, topics and models are shown to whom they concern."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client

from chuangwen.cases.models import Case
from chuangwen.rules.case_flow import Status
from chuangwen.triage.models import Proposal, TopicRun
from chuangwen.triage.topics import run_topics
from tests.budgets import budget
from tests.domain.test_triage import AGAIN, MIXER, PARK, reported
from tests.edges.desk_pages import read
from tests.world import NOW, World

Enter = Callable[[str], Client]
pytestmark = pytest.mark.embedded


@pytest.fixture(autouse=True)
def ten_o_clock(monkeypatch: pytest.MonkeyPatch, wednesday: None) -> None:
    """An hour after the reports came in."""
    monkeypatch.setattr("chuangwen.http.clock", lambda: NOW + timedelta(hours=1))


def test_the_clerk_confirms_on_the_case_page_and_corrects_on_the_page_of_the_report(world: World, enter: Enter) -> None:
    case, client = reported(world, PARK), enter("clerk")
    with budget("GET /desk/cases/{case_id}/"):
        page = client.get(f"/desk/cases/{case.pk}/")
    form = read(page).forms[f"/desk/cases/{case.pk}/triage/"]
    assert "紧急" in page.content.decode()
    assert client.post(form.action, form.filled()).status_code == 302
    row = Proposal.objects.get(case=case)
    assert (row.corrected, row.chosen is not None) == (False, True)
    with budget("GET /desk/cases/{case_id}/triage/"):
        page = client.get(form.action)
    wrong = client.post(form.action, read(page).forms[form.action].filled(**{"class": "没有这类", "urgency": "一般"}))
    assert wrong.status_code == 422
    assert "没有这类" in wrong.content.decode()
    assert enter("xt_chief").get(form.action).status_code == 403
    assert enter("gz_clerk").get(form.action).status_code == 404


def test_reports_are_merged_and_split_and_whoever_types_is_shown_earlier_ones(world: World, enter: Enter) -> None:
    kept, twin, client = reported(world, MIXER), reported(world, AGAIN), enter("clerk")
    with budget("GET /desk/triage/earlier.json"):
        answer = client.get("/desk/triage/earlier.json", {"title": AGAIN[:12], "text": AGAIN})
    assert {row["number"] for row in answer.json()["earlier"]} == {kept.number, twin.number}
    assert "13812345678" not in answer.content.decode()
    assert client.get("/desk/triage/earlier.json").json() == {"earlier": []}
    url = f"/desk/cases/{twin.pk}"
    assert client.post(f"{url}/merge/", {"kept": "甲", "version": "1"}).status_code == 422
    assert client.post(f"{url}/merge/", {"kept": "999999"}).status_code == 404
    with budget("POST /desk/cases/{case_id}/merge/"):
        went = client.post(f"{url}/merge/", {"kept": kept.number, "client_key": "m"})
    assert went["Location"] == f"/desk/cases/{kept.pk}/"
    assert "2 次反映" in client.get("/desk/cases/").content.decode()
    assert "已并入另一件案件" in client.get(f"{url}/").content.decode()
    assert client.post(f"{url}/split/", {"reason": ""}).status_code == 422
    assert client.post(f"{url}/split/", {"reason": "另一处"}).status_code == 302
    assert Case.objects.get(pk=twin.pk).merged_into is None


def test_topics_are_asked_for_shown_and_judged(world: World, enter: Enter) -> None:
    reported(world, MIXER), reported(world, MIXER + "请尽快")
    client = enter("clerk")
    assert client.post("/desk/topics/", {"since": "2020-06-30", "until": "不是日子"}).status_code == 422
    url = client.post("/desk/topics/", {"since": "2020-06-01", "until": "2020-06-30", "client_key": "t"})["Location"]
    assert "正在算" in client.get(url).content.decode()
    run_topics(run_id=TopicRun.objects.get().pk, now=NOW)
    pages = {"GET /desk/topics/{run_id}/": url, "GET /desk/topics/{run_id}/pairs/": f"{url}pairs/"}
    pages |= {"GET /desk/topics/": "/desk/topics/", "GET /desk/triage/models/": "/desk/triage/models/"}
    for name, address in pages.items():
        with budget(name):
            assert client.get(address).status_code == 200
    shown = client.get(url).content.decode()
    assert "2 次" in shown
    assert "13812345678" not in shown
    (pair,) = TopicRun.objects.get().pairs
    assert client.post(f"{url}pairs/", {"pair": "x-y", "same": "1"}).status_code == 404
    assert client.post(f"{url}pairs/", {"pair": f"{pair[0]}-{pair[1]}", "same": "1"}).status_code == 302
    assert "准确率 100" in client.get(f"{url}pairs/").content.decode()
    assert client.post("/desk/triage/models/", {"target": "class"}).status_code == 422


def test_numbers_are_starred_in_lists_interface_and_workbook(world: World, enter: Enter) -> None:
    case = world.case_at(Status.HANDLING, title="物业经理13812345678不接电话", text=MIXER)
    for who in ("clerk", "leader"):
        client = enter(who)
        for address in (f"/desk/cases/{case.pk}/", "/desk/cases/", f"/api/cases/{case.pk}", "/api/cases"):
            assert "13812345678" not in client.get(address).content.decode(), (who, address)
    assert "13812345678" in enter("wy_worker").get(f"/desk/cases/{case.pk}/").content.decode()
    assert "13812345678" in enter("wy_worker").get(f"/api/cases/{case.pk}").content.decode()
