"""排查与专项 on the desk: what each role sees and may do, wrong input, double submit, conflict, figures that lead on."""

from collections.abc import Callable
from datetime import timedelta
from io import BytesIO
from typing import Any

import pytest
from django.test import Client
from openpyxl import load_workbook

from chuangwen.campaigns import operations as ops
from chuangwen.campaigns.models import Campaign, CampaignSite
from chuangwen.patrols.models import Patrol
from chuangwen.rules.case_flow import Status
from chuangwen.standards.models import CaseStandard, Criterion
from tests.budgets import budget
from tests.campaign_world import dragnet, more_sites, special, walked
from tests.edges.desk_pages import read
from tests.rounds import small_edition
from tests.world import NOW, World

Enter = Callable[[str], Client]


def dragnet_form(world: World, **changes: Any) -> dict[str, Any]:
    """The typed form of a dragnet check."""
    return {
        "title": "夏季大排查", "aim": "不漏一处", "starts_on": "2020-06-22", "ends_on": "2020-06-30",
        "areas": [world.unit("XT").pk], "point_types": ["RES"], "edition": small_edition().pk, "client_key": "f-1",
        **changes,
    }  # fmt: skip


def special_form(world: World, **changes: Any) -> dict[str, Any]:
    """The typed form of a special campaign."""
    return {
        "title": "楼道堆物专项", "aim": "明显减少", "starts_on": "2020-06-22", "ends_on": "2020-08-31",
        "areas": [world.unit("XT").pk], "standards": [CaseStandard.objects.get().pk], "baseline_weeks": "4",
        "team": "学田街道，学田负责人\n区城管局", "open_cases": "3", "milestones": "2020-07-01 动员部署",
        "budget_amount": "20000", "budget_source": "创建经费", "client_key": "f-2", **changes,
    }  # fmt: skip


def test_a_dragnet_check_goes_from_form_to_start(world: World, enter: Enter) -> None:
    client = enter("clerk")
    form = dragnet_form(world)
    assert read(client.get("/desk/campaigns/new/?kind=dragnet")).status == 200
    for _ in range(2):
        answer = client.post("/desk/campaigns/new/?kind=dragnet", form)
        assert answer.status_code == 302, read(answer).words
    campaign = Campaign.objects.get()
    page = read(client.get(answer["Location"]))
    assert "这是草稿" in page.words
    start = page.forms[f"/desk/campaigns/{campaign.pk}/start/"]
    assert client.post(start.action, start.filled()).status_code == 302
    page = read(client.get(f"/desk/campaigns/{campaign.pk}/"))
    assert "还剩 1 处" in page.words
    assert f"/desk/campaigns/{campaign.pk}/sites/?state=left" in page.links


def test_chosen_criteria_are_ticked_by_type(world: World, enter: Enter) -> None:
    form = dragnet_form(world)
    page = read(enter("clerk").get("/desk/campaigns/new/?kind=dragnet"))
    assert "RES-10 楼道无堆放杂物" in page.words
    form["criteria"] = [Criterion.objects.get(code="RES-10").pk]
    enter("clerk").post("/desk/campaigns/new/?kind=dragnet", form)
    campaign = Campaign.objects.get()
    assert [row.code for row in campaign.criteria.all()] == ["RES-10"]
    edit = read(enter("clerk").get(f"/desk/campaigns/{campaign.pk}/edit/")).forms[""]
    assert edit.fields["criteria"] == [str(form["criteria"][0])]


def test_a_special_campaign_goes_from_form_to_progress(world: World, enter: Enter) -> None:
    client = enter("clerk")
    answer = client.post("/desk/campaigns/new/?kind=special", special_form(world))
    assert answer.status_code == 302, read(answer).words
    campaign = Campaign.objects.get()
    assert [(str(part.unit), str(part.lead.user) if part.lead else "") for part in campaign.team.all()] == [
        ("学田街道", "学田负责人"),
        ("区城管局", ""),
    ]
    ops.start_campaign(campaign_id=campaign.pk, by=world.actor("clerk"), now=NOW)
    page = read(client.get(f"/desk/campaigns/{campaign.pk}/"))
    for words in ("不超过 3", "下一节点：动员部署", "这些数字不能说明什么", "共 20,000.00 元（创建经费），看支出"):
        assert words in page.words


def test_every_objection_is_named_and_nothing_typed_is_lost(world: World, enter: Enter) -> None:
    typed = special_form(world, title="", team="没有这个单位\n学田街道，查无此人", milestones="下周 动员", aim="要做好")
    page = read(enter("clerk").post("/desk/campaigns/new/?kind=special", typed))
    assert page.status == 422
    for words in ("没有找到单位“没有这个单位”", "里没有找到“查无此人”的一个岗位", "应写成：2020-07-10"):
        assert words in page.words
    assert "要做好" in page.html
    again = read(enter("clerk").post("/desk/campaigns/new/?kind=special", special_form(world, title="", aim="")))
    assert (again.status, "请写明名称。" in again.words, "请写明目的" in again.words) == (422, True, True)
    assert not Campaign.objects.exists()


def test_two_people_edit_one_draft(world: World, enter: Enter) -> None:
    campaign = special(world, start=False)
    client = enter("clerk")
    form = read(client.get(f"/desk/campaigns/{campaign.pk}/edit/")).forms[""]
    sent = special_form(world, version=form.fields["version"])
    assert client.post(f"/desk/campaigns/{campaign.pk}/edit/", sent | {"title": "先改的"}).status_code == 302
    page = read(enter("chief").post(f"/desk/campaigns/{campaign.pk}/edit/", sent | {"title": "后改的"}))
    assert page.status == 409
    assert "现在已保存的：先改的" in page.words
    assert "后改的" in page.html


def test_each_role_sees_its_part(world: World, enter: Enter) -> None:
    campaign = dragnet(world)
    address = f"/desk/campaigns/{campaign.pk}/"
    for who, status in (("leader", 200), ("inspector", 200), ("xt_chief", 200), ("gz_clerk", 404), ("cg_worker", 404)):
        assert enter(who).get(address).status_code == status, who
    assert enter("grid").get(address).status_code == 403
    street = read(enter("xt_chief").get(address))
    assert "您的辖区还剩 1 处" in street.words
    assert "写结论" not in street.words
    places = read(enter("xt_chief").get(f"{address}sites/"))
    assert ("学田苑" in places.words, "文峰巷" in places.words) == (True, False)
    assert enter("xt_chief").get(f"{address}rounds/").status_code == 403


def test_a_place_that_is_shut_is_noted_from_the_list(world: World, enter: Enter) -> None:
    campaign = dragnet(world)
    client = enter("xt01_worker")
    address = f"/desk/campaigns/{campaign.pk}/sites/"
    form = read(client.get(f"{address}?state=left")).forms[f"{address}{world.compound.pk}/unreachable/"]
    refused = read(client.post(form.action, form.filled(reason=" ")))
    assert (refused.status, "请写明进不去的原因" in refused.words) == (422, True)
    answer = client.post(form.action, form.filled(reason="施工封闭"))
    assert answer["Location"] == f"{address}?state=left"
    assert "施工封闭" in read(client.get(f"{address}?state=unreachable")).words
    assert enter("wf_chief").post(form.action, form.filled(reason="锁门")).status_code == 404
    log = read(enter("clerk").get(f"/desk/campaigns/{campaign.pk}/log/"))
    assert "登记进不去" in log.words


def test_the_office_plans_a_street_and_the_list_says_who_goes(world: World, enter: Enter) -> None:
    more_sites(3)
    campaign = dragnet(world)
    client = enter("clerk")
    address = f"/desk/campaigns/{campaign.pk}/rounds/"
    form = read(client.get(address)).forms[""]
    wrong = read(client.post(address, form.filled(street="学田街道", first_day="2020-06-01", a_day="2")))
    assert (wrong.status, "请至少选一名巡查员" in wrong.words, "不能早于今天" in wrong.words) == (422, True, True)
    inspector = world.actor("inspector").user_id
    sent = form.filled(street="学田街道", first_day="2020-06-24", a_day="2", inspector=[inspector])
    assert client.post(address, sent).status_code == 302
    assert client.post(address, sent).status_code == 302
    assert Patrol.objects.count() == 2
    mine = read(enter("inspector").get(f"/desk/campaigns/{campaign.pk}/sites/?mine=on"))
    assert "共 4 处" in mine.words
    assert "巡查员甲" in mine.words
    assert "共 0 处" in read(enter("inspector2").get(f"/desk/campaigns/{campaign.pk}/sites/?mine=on")).words


def test_every_number_of_the_curve_leads_to_its_places(world: World, enter: Enter) -> None:
    more_sites(2)
    campaign = dragnet(world)
    walked(world, campaign, [world.compound, world.lane])
    page = read(enter("clerk").get(f"/desk/campaigns/{campaign.pk}/"))
    (link,) = {link for link in page.links if link.endswith("done_by=2020-06-24")}
    assert "共 2 处" in read(enter("clerk").get(link)).words
    assert "共 4 处" in read(enter("clerk").get(f"/desk/campaigns/{campaign.pk}/sites/")).words
    assert "共 2 处" in read(enter("clerk").get(f"/desk/campaigns/{campaign.pk}/sites/?state=left&planned=no")).words


def test_what_is_left_goes_out_as_a_workbook(world: World, enter: Enter) -> None:
    campaign = dragnet(world)
    walked(world, campaign, [world.lane])
    answer = enter("clerk").get(f"/desk/campaigns/{campaign.pk}/sites/export/?state=left")
    book = load_workbook(BytesIO(answer.content))
    rows = list(book["点位"].iter_rows(values_only=True))
    assert [row[1] for row in rows] == ["点位", "学田苑"]
    assert ("筛选条件", "状态：未查") in [row[:2] for row in book["说明"].iter_rows(values_only=True)]


def test_the_map_shows_every_place_in_its_state(world: World, enter: Enter) -> None:
    campaign = dragnet(world)
    walked(world, campaign, [world.lane])
    page = read(enter("clerk").get(f"/desk/campaigns/{campaign.pk}/map/"))
    assert "已查 1 处 ， 未查 1 处 ， 进不去 0 处" in page.words.replace("，", " ， ").replace("  ", " ")
    assert '"state": "left"' in page.html


def test_places_join_by_code_with_a_reason(world: World, enter: Enter) -> None:
    campaign = dragnet(world)
    (late,) = more_sites(1)
    client, address = enter("clerk"), f"/desk/campaigns/{campaign.pk}/sites/add/"
    wrong = read(client.post(address, {"codes": "NOPE", "reason": "新建"}))
    assert (wrong.status, "没有编码为NOPE的点位" in wrong.words, "NOPE" in wrong.html) == (422, True, True)
    assert client.post(address, {"codes": late.code, "reason": "新交付", "client_key": "a"}).status_code == 302
    assert CampaignSite.objects.get(site=late).added_reason == "新交付"


def test_figures_lead_to_the_cases_that_somebody_may_see(world: World, enter: Enter) -> None:
    before = NOW - timedelta(days=10)
    mine = world.case_at(Status.HANDLING, now=before)
    world.open_case(site=world.lane, now=before)
    campaign = special(world)
    page = read(enter("clerk").get(f"/desk/campaigns/{campaign.pk}/"))
    (inside,) = {link for link in page.links if "where=inside" in link}
    (outside,) = {link for link in page.links if "where=outside" in link}
    assert mine.number in read(enter("xt_chief").get(inside)).words
    assert "其中您能看到的 0 件" in read(enter("xt_chief").get(outside)).words
    assert enter("clerk").get(f"/desk/campaigns/{campaign.pk}/cases/?week=soon").status_code == 404


def test_milestones_and_money_from_the_page(world: World, enter: Enter) -> None:
    campaign = special(world)
    client, address = enter("xt_chief"), f"/desk/campaigns/{campaign.pk}/work/"
    page = read(client.get(address))
    form = next(form for action, form in page.forms.items() if "milestones" in action)
    assert client.post(form.action, form.filled(note="会议纪要〔2020〕3号")).status_code == 302
    spend = page.forms[f"{address}spend/"]
    wrong = read(client.post(spend.action, spend.filled(amount="很多", spent_on="2020-06-20", purpose="划线")))
    assert (wrong.status, "请填写金额" in wrong.words, "划线" in wrong.html) == (422, True, True)
    for _ in range(2):
        client.post(spend.action, spend.filled(amount="1,200.50", spent_on="2020-06-20", purpose="划线"))
    assert campaign.spendings.count() == 1
    assert "已用 1,200.50 元" in read(client.get(address)).words
    assert f"{address}spend/" not in read(enter("leader").get(address)).forms


def test_closing_and_releasing_leave_the_public_page(world: World, enter: Enter) -> None:
    campaign = dragnet(world)
    address = f"/desk/campaigns/{campaign.pk}/"
    short = read(enter("clerk").post(f"{address}close/", {"conclusion": "完成", "version": campaign.version}))
    assert (short.status, "请写结论" in short.words, ">完成</textarea>" in short.html) == (422, True, True)
    stale = enter("clerk").post(f"{address}close/", {"conclusion": "全部查完，问题已转整改。", "version": 99})
    assert stale.status_code == 409
    assert Client().get(f"/campaigns/{campaign.pk}/").status_code == 404
    assert enter("clerk").post(f"{address}release/").status_code == 403
    assert enter("chief").post(f"{address}release/").status_code == 302
    page = read(Client().get(f"/campaigns/{campaign.pk}/"))
    assert "迎检拉网式排查" in page.words
    assert "学田苑" not in page.words
    assert "迎检拉网式排查" in read(Client().get("/campaigns/")).words


def test_a_telephone_number_is_not_published(world: World, enter: Enter) -> None:
    campaign = dragnet(world, aim="有问题找王主任 13900005678")
    page = read(enter("chief").post(f"/desk/campaigns/{campaign.pk}/release/"))
    assert page.status == 422
    assert Client().get(f"/campaigns/{campaign.pk}/").status_code == 404


def test_the_home_page_of_a_unit_says_what_is_left(world: World, enter: Enter) -> None:
    campaign = dragnet(world)
    client = enter("xt_chief")
    with budget("GET /desk/"):
        answer = client.get("/desk/")
    assert "还剩 1 处，6月30日前" in read(answer).words
    walked(world, campaign, [world.compound])
    assert "还剩" not in read(enter("xt_chief").get("/desk/")).words


@pytest.mark.parametrize("who", ["clerk", "xt_chief"])
def test_pages_keep_to_their_budgets(world: World, enter: Enter, who: str) -> None:
    more_sites(60)
    for number in range(52):
        dragnet(world, title=f"排查{number}", start=number < 3)
    running = dragnet(world)
    sites = [world.compound]
    walked(world, running, sites)
    trend = special(world)
    client = enter(who)
    client.get("/desk/campaigns/")
    pages = {
        "GET /desk/campaigns/": "/desk/campaigns/",
        "GET /desk/campaigns/{campaign_id}/": f"/desk/campaigns/{running.pk}/",
        "GET /desk/campaigns/{campaign_id}/ of a special campaign": f"/desk/campaigns/{trend.pk}/",
        "GET /desk/campaigns/{campaign_id}/sites/": f"/desk/campaigns/{running.pk}/sites/",
        "GET /desk/campaigns/{campaign_id}/map/": f"/desk/campaigns/{running.pk}/map/",
    }
    for route in (
        "GET /desk/campaigns/",
        "GET /desk/campaigns/{campaign_id}/",
        "GET /desk/campaigns/{campaign_id}/ of a special campaign",
        "GET /desk/campaigns/{campaign_id}/sites/",
        "GET /desk/campaigns/{campaign_id}/map/",
    ):
        with budget(route):
            assert client.get(pages[route]).status_code == 200
