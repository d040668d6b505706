"""测评准备 at the desk: leaders read it, the office sets it and asks anew, every figure opens."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client

from chuangwen.forecasts.computing import run_forecast
from chuangwen.forecasts.models import ExamSetting, PastExam, Run, RunLever
from chuangwen.forecasts.operations import ask_forecast
from chuangwen.rules.forecast_plan import read_plan
from tests.budgets import budget
from tests.edges.desk_pages import read
from tests.forecasting import PLAN, looked_around, setting
from tests.world import NOW, World

Enter = Callable[[str], Client]
PAGE = "/desk/readiness/"


@pytest.fixture
def told(world: World) -> Run:
    """A forecast of a week ago, and one of this morning after another look."""
    looked_around(world, NOW - timedelta(days=9))
    setting(world)
    for back in (7, 0):
        if not back:
            looked_around(world, NOW - timedelta(days=1), failing=["S-RES-1 RES-10"])
        at = NOW - timedelta(days=back)
        run = ask_forecast(home_id=world.unit("CC").pk, by=world.actor("clerk"), now=at, runs=400)
        run_forecast(run_id=run.pk, now=at)
    return Run.objects.get(pk=run.pk)


def test_leaders_read_one_page_whose_figures_open(world: World, enter: Enter, told: Run) -> None:
    case = world.open_case(severity="V", title="消防通道被堵")
    leader = enter("leader")
    with budget("GET /desk/readiness/"):
        page = leader.get(PAGE)
    found = read(page)
    mean = f"{told.result['total']['mean']:.1f}"
    for words in ("预计总分", mean, "九成把握", "过线的把握", "离测评还有", "69", "先做这三件", "否决项", "消防通道被堵",
                  "实地：新的观测", "测评标准里有 0 条否决情形"):  # fmt: skip
        assert words in found.words, words
    assert "重新预测" not in found.words
    lever = RunLever.objects.get(run=told, failing=1)
    for address in (f"/desk/readiness/runs/{told.pk}/", f"/desk/readiness/levers/{lever.pk}/", f"/desk/cases/{case.pk}/",
                    "/desk/cases/?state=open&amp;severity=V"):  # fmt: skip
        assert f'href="{address}' in page.content.decode(), address
    wall = leader.get(f"{PAGE}?wall=1").content.decode()
    assert 'data-live="60"' in wall
    assert "cw-wall" in wall
    with budget("GET /desk/readiness/runs/{run_id}/"):
        run_page = read(leader.get(f"/desk/readiness/runs/{told.pk}/")).words
    assert "为什么和上周不同" in run_page
    assert told.digest in run_page
    with budget("GET /desk/readiness/levers/"):
        assert "整改一处预计总分多" in read(leader.get("/desk/readiness/levers/")).words
    narrowed = leader.get(f"/desk/readiness/levers/?by=look&point_type=LANE&street={world.unit('WF').pk}")
    assert "共 2 条" in read(narrowed).words
    failing = RunLever.objects.filter(run=told, criterion__code="RES-10", street__code="XT").get()
    with budget("GET /desk/readiness/levers/{lever_id}/"):
        behind = read(leader.get(f"/desk/readiness/levers/{failing.pk}/")).words
    assert "学田苑" in behind
    assert "预测用到 4 次判定，其中 2 次不合格" in behind
    assert "历次预测" in read(leader.get("/desk/readiness/runs/")).words
    stranger = enter("gz_clerk")
    assert stranger.get(f"/desk/readiness/runs/{told.pk}/").status_code == 404
    assert "还没有写测评设想" in read(stranger.get(PAGE)).words
    assert enter("xt_chief").get(PAGE).status_code == 403


def test_the_office_writes_down_what_it_expects_and_asks_anew(world: World, enter: Enter) -> None:
    clerk = enter("clerk")
    looked_around(world, NOW - timedelta(days=2))
    row = setting(world)
    form = {"act": "form", "edition": str(row.edition_id), "version": "1", "date": "2020-10-01", "line": "82.5",
            "half_life_days": "120", "places-RES": "2", "places-LANE": "0", "strict-mean": "-0.2", "strict-sd": "0.25",
            "material-value": "", "questionnaire-value": "80", "questionnaire-se": "2"}  # fmt: skip
    wrong = clerk.post("/desk/readiness/setting/", {**form, "line": "很高", "places-RES": "两处", "date": "10月"})
    assert wrong.status_code == 422
    said = read(wrong).words
    for words in ("测评日期 date 没有写对", "合格线 line 没有写，或者不是数字", "“RES”应是大于 0 的整数"):
        assert words in said, words
    assert 'value="很高"' in wrong.content.decode()
    assert clerk.post("/desk/readiness/setting/", form).status_code == 302
    plan = read_plan(ExamSetting.objects.get(version=2).toml.encode())
    assert (plan.line, plan.places, plan.half_life_days) == (82.5, {"RES": 2}, 120)
    assert plan.strictness is not None
    assert plan.methods["questionnaire"].value == 80
    assert clerk.post("/desk/readiness/setting/", form).status_code == 409
    file = clerk.get("/desk/readiness/setting/plan.toml")
    assert read_plan(file.content) == plan
    back = {"act": "toml", "edition": str(row.edition_id), "version": "2", "toml": PLAN}
    assert clerk.post("/desk/readiness/setting/", back).status_code == 302
    assert "第 3 版" in read(clerk.get("/desk/readiness/setting/")).words
    key = {"client_key": "ask-1"}
    for _twice in range(2):
        assert clerk.post("/desk/readiness/ask/", key).status_code == 302
    assert Run.objects.count() == 1
    busy = clerk.get(PAGE).content.decode()
    assert 'data-live="2"' in busy
    assert "等待计算" in busy
    assert enter("leader").post("/desk/readiness/ask/", key).status_code == 403
    assert enter("leader").post("/desk/readiness/setting/", form).status_code == 403


def test_what_cannot_be_forecast_says_why_on_the_page(world: World, enter: Enter) -> None:
    clerk, row = enter("clerk"), setting(world)
    run = ask_forecast(home_id=row.home_id, by=world.actor("clerk"), now=NOW, runs=400)
    run_forecast(run_id=run.pk, now=NOW)
    words = read(clerk.get(PAGE)).words
    for sentence in ("预测算不了", "观测里没有一条是实地考察的标准", "计划要抽 RES 2 处，已知只有 1 处"):
        assert sentence in words, sentence
    assert "算不了，原因" in read(clerk.get(f"/desk/readiness/runs/{run.pk}/")).words


def test_past_examinations_are_entered_and_withdrawn(world: World, enter: Enter) -> None:
    clerk = enter("clerk")
    setting(world)
    facts = {"name": "2019年省测", "held_on": "2019-09-01", "our_rate": "92", "our_checks": "2000", "their_rate": "86.5",
             "their_checks": "1166", "source": "通报"}  # fmt: skip
    assert clerk.post("/desk/readiness/past/", {**facts, "our_rate": "x", "source": ""}).status_code == 422
    assert clerk.post("/desk/readiness/past/", facts).status_code == 302
    row = PastExam.objects.get()
    with budget("GET /desk/readiness/setting/"):
        assert "推得 -0." in read(clerk.get("/desk/readiness/setting/")).words
    assert clerk.post("/desk/readiness/past/", {"act": "withdraw", "exam": str(row.pk)}).status_code == 302
    assert "已撤销" in read(clerk.get("/desk/readiness/setting/")).words
    assert clerk.post("/desk/readiness/past/", {"act": "withdraw", "exam": "999"}).status_code == 404
