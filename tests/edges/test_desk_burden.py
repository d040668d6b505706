"""工作量 at the desk: open to everybody, set by the chief, and what does not fit does not start."""

from collections.abc import Callable

import pytest
from django.test import Client

from chuangwen.burden.models import Budget, Minutes
from chuangwen.burden.operations import put_budget
from chuangwen.campaigns.models import Campaign
from chuangwen.rules.case_flow import Status
from chuangwen.supervision.operations import plan_task
from tests.budgets import budget
from tests.campaign_world import dragnet
from tests.edges.desk_pages import read
from tests.rounds import small_patrol
from tests.supervised import facts
from tests.world import NOW, World

Enter = Callable[[str], Client]


@pytest.mark.parametrize("username", ["inspector", "grid", "wy_worker", "leader", "clerk", "admin"])
def test_everybody_reads_what_was_asked_and_only_the_chief_sets(world: World, enter: Enter, username: str) -> None:
    small_patrol(world)
    world.case_at(Status.HANDLING)
    client = enter(username)
    page = read(client.get("/desk/burden/"))
    for words in ("2020年6月各岗位被要求做的事", "巡查员", "案件整改", "物业公司", "标准分钟"):
        assert words in page.words, words
    assert "保存上限" not in page.words
    assert "工作量" in page.words
    assert client.post("/desk/burden/", {"act": "budget", "role": "inspector", "hours": "9"}).status_code == 403
    assert not Budget.objects.exists()


def test_the_chief_sets_a_budget_and_minutes_with_their_source(world: World, enter: Enter) -> None:
    chief = enter("chief")
    small_patrol(world)
    assert (
        chief.post("/desk/burden/?month=2020-07", {"act": "budget", "role": "inspector", "hours": "12.5"}).status_code
        == 302
    )
    assert Budget.objects.get().minutes == 750
    page = read(chief.get("/desk/burden/?month=2020-07"))
    assert "上限 12 小时 30 分" in page.words
    refused = chief.post("/desk/burden/", {"act": "minutes", "task": "visit", "minutes": "12", "source": ""})
    assert refused.status_code == 422
    assert "请写明依据" in read(refused).words
    chief.post("/desk/burden/", {"act": "minutes", "task": "visit", "minutes": "12", "source": "6 月实测"})
    assert Minutes.objects.get().source == "6 月实测"
    with budget("GET /desk/burden/"):
        assert "6 月实测" in read(chief.get("/desk/burden/")).words
    assert chief.post("/desk/burden/", {"act": "budget", "role": "inspector", "hours": "x"}).status_code == 422
    assert chief.get("/desk/burden/?month=nonsense").status_code == 200


def test_a_campaign_shows_its_demand_and_what_does_not_fit_is_refused(world: World, enter: Enter) -> None:
    campaign = dragnet(world, start=False)
    for month in (NOW.date().replace(day=1), NOW.date().replace(month=7, day=1)):
        put_budget(role="inspector", month=month, minutes=5, by=world.actor("chief"), now=NOW)
    clerk, chief, here = enter("clerk"), enter("chief"), f"/desk/campaigns/{campaign.pk}/"
    page = read(clerk.get(here))
    assert "这次要占用的时间" in page.words
    assert "放不下，只剩 5 分" in page.words
    assert "超出上限仍要启动的理由" not in page.words
    refused = read(clerk.post(f"{here}start/", {"client_key": "a", "version": campaign.version}))
    assert refused.status == 422
    assert "巡查员的工作量上限 5 分" in refused.words
    assert "超出上限仍要启动的理由" in read(chief.get(here)).words
    said = {"client_key": "b", "version": campaign.version, "overrule": "迎检前必须查一遍，已商巡查队", "meetings": "0"}
    assert chief.post(f"{here}start/", said).status_code == 302
    assert Campaign.objects.get(pk=campaign.pk).status == "running"
    shown = read(enter("wy_worker").get("/desk/burden/")).words
    assert "超出上限启动" in shown
    assert "陆主任：迎检前必须查一遍" in shown


def test_a_supervision_shows_its_demand(world: World, enter: Enter) -> None:
    task = plan_task(facts=facts(world), by=world.actor("clerk"), now=NOW)
    put_budget(role="unit_worker", month=NOW.date(), minutes=5, by=world.actor("chief"), now=NOW)
    here = f"/desk/supervision/{task.pk}/"
    assert "放不下，只剩 5 分" in read(enter("clerk").get(here)).words
    assert "承办人的工作量上限 5 分" in read(enter("clerk").post(f"{here}acts/order/")).words
    enter("chief").post(f"{here}acts/order/", {"overrule": "区领导要求本周完成，已说明"})
    task.refresh_from_db()
    assert task.status == "running"
