"""Whistles at the desk and on the phone: who sees and does what, wrong input, twice the same, somebody was faster."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from chuangwen.cases.models import Case
from chuangwen.rules.case_flow import Status
from chuangwen.whistles import operations as whistles
from chuangwen.whistles.models import Promise, Whistle
from tests.budgets import budget
from tests.edges.desk_pages import read
from tests.whistling import TITLE, blown, reported, staffed, summons_of
from tests.world import NOW, World

Enter = Callable[[str], Client]


@pytest.fixture(autouse=True)
def _ready(world: World) -> None:
    staffed(world)


def typed(**changes: Any) -> dict[str, Any]:
    """A whistle as the form sends it."""
    return {
        "promise": "urgent", "title": TITLE, "place": "学田南苑南门外", "reason": "没有执法权", "client_key": "k1",
        "unit": ["区城管局", "CC-SCJG", ""], "duty": ["清理占道摊位", "查处无证餐饮", ""], **changes,
    }  # fmt: skip


def act(client: Client, whistle: Whistle, name: str, code: str = "", **more: Any) -> Any:
    """A button of the page."""
    where = f"summonses/{summons_of(whistle, code).pk}" if code else whistle.pk
    return client.post(f"/desk/whistles/{where}/acts/{name}/", more)


def test_a_whistle_goes_from_the_form_to_the_departments(world: World, enter: Enter) -> None:
    street, department = enter("xt_chief"), enter("cg_worker")
    page = read(street.get("/desk/whistles/new/"))
    assert "30分钟内到场" in page.words
    assert "区城管局（CC-CG）" in page.html
    assert "学田社区（XT-01）" not in page.html, "本街道内的单位不是召集的对象"
    for _ in range(2):
        answer = street.post("/desk/whistles/new/", typed())
    whistle = Whistle.objects.get()
    assert answer["Location"] == f"/desk/whistles/{whistle.pk}/"
    home = read(department.get("/desk/")).words
    assert "确认收到" in home
    assert "都办完了" not in home
    shown = read(department.get(f"/desk/whistles/{whistle.pk}/"))
    assert "没有执法权" in shown.words
    assert f"/desk/cases/{whistle.case_id}/" not in shown.links, "部门只经吹哨看到案件"
    assert enter("wf_chief").get(f"/desk/whistles/{whistle.pk}/").status_code == 404


def test_a_refused_whistle_names_everything_and_loses_nothing(enter: Enter) -> None:
    street = enter("xt_chief")
    wrong = read(street.post("/desk/whistles/new/", typed(unit=["没有这个局", ""], duty=["来", "看"])))
    assert wrong.status == 422
    for words in ("没有找到单位“没有这个局”", "“看”由哪个部门做"):
        assert words in wrong.words
    again = read(street.post("/desk/whistles/new/", typed(reason="", place="", title="")))
    for words in ("没有理由不能吹哨", "请写明在哪里", "请用一句话写明"):
        assert words in again.words
    assert "清理占道摊位" in again.html
    assert not Whistle.objects.exists()


def test_more_rows_keep_what_was_typed(enter: Enter) -> None:
    page = read(enter("xt_chief").post("/desk/whistles/new/", typed(more="1")))
    assert page.html.count('name="unit"') == 6
    assert "查处无证餐饮" in page.html
    assert not Whistle.objects.exists()


def test_only_a_street_comes_to_the_form(enter: Enter) -> None:
    for username in ("clerk", "cg_worker", "leader"):
        assert enter(username).get("/desk/whistles/new/")["Location"] == "/desk/whistles/"
    assert enter("inspector").get("/desk/whistles/").status_code == 403


def test_departments_join_an_open_case_from_its_page(world: World, enter: Enter) -> None:
    case, street = world.case_at(Status.HANDLING), enter("xt_chief")
    url = f"/desk/whistles/new/?case={case.pk}"
    assert url in read(street.get(f"/desk/cases/{case.pk}/")).links
    assert case.title in read(street.get(url)).words
    street.post("/desk/whistles/new/", typed(case=case.pk, title="", place=""))
    assert Whistle.objects.get().case_id == case.pk
    assert "区城管局、区市场监管局" in read(street.get(f"/desk/cases/{case.pk}/")).words
    unit = enter("wy_worker")
    answer = unit.post(f"/desk/cases/{case.pk}/rectify/", {"note": "清理完毕"})
    assert answer.status_code == 422
    assert "还有单位没有办完自己的部分：区城管局、区市场监管局" in read(answer).words


def test_from_confirming_to_closing(world: World, enter: Enter) -> None:
    whistle = blown(world, calls=[whistles.Call(world.unit("CC-CG").pk, "清理")])
    street, department = enter("xt_chief"), enter("cg_worker")
    act(department, whistle, "confirm", "CC-CG")
    refused = act(department, whistle, "finish", "CC-CG", words="早清了")
    assert refused.status_code == 422
    assert "先报告到场" in read(refused).words
    act(department, whistle, "arrive", "CC-CG", words="两人到南门")
    assert "核实到场" in read(street.get("/desk/")).words
    assert act(street, whistle, "came", "CC-CG").status_code == 302
    act(department, whistle, "finish", "CC-CG", words="清退十二处")
    pk = summons_of(whistle, "CC-CG").pk
    half = act(street, whistle, "close", outcome="清退", **{f"came_{pk}": "1", f"cooperated_{pk}": "0"})
    assert "请评价“区城管局”" in read(half).words
    marks = {f"came_{pk}": "1", f"cooperated_{pk}": "0", f"finished_{pk}": "1", f"words_{pk}": "晚到半小时"}
    assert act(street, whistle, "close", outcome="占道清退", **marks).status_code == 302
    whistle.refresh_from_db()
    assert whistle.state == "closed"
    act(department, whistle, "rate-fit", "CC-CG", within_duty="1", sound="0", words="可先劝离")
    shown = read(enter("leader").get(f"/desk/whistles/{whistle.pk}/")).words
    for words in ("占道清退", "晚到半小时", "可先劝离", "街道核实到场"):
        assert words in shown


def test_an_objection_is_proposed_and_decided(world: World, enter: Enter) -> None:
    whistle = blown(world)
    department, clerk, chief = enter("sc_chief"), enter("clerk"), enter("chief")
    assert "须写明理由" in read(act(department, whistle, "object", "CC-SCJG", words="")).words
    act(department, whistle, "object", "CC-SCJG", words="流动摊贩属城管")
    assert "拟办异议" in read(clerk.get("/desk/")).words
    act(clerk, whistle, "propose", "CC-SCJG", words="建议成立")
    refused = act(clerk, whistle, "decide", "CC-SCJG", outcome="taken_off", words="属城管")
    assert "由区文明办主任裁定" in read(refused).words
    page = read(chief.get(f"/desk/whistles/{whistle.pk}/"))
    assert "建议成立" in page.words
    wrong = act(chief, whistle, "decide", "CC-SCJG", outcome="moved", unit="没有", words="属城管")
    assert "没有找到单位" in read(wrong).words
    assert act(chief, whistle, "decide", "CC-SCJG", outcome="taken_off", words="属城管").status_code == 302
    assert "异议成立：属城管" in read(department.get(f"/desk/whistles/{whistle.pk}/")).words


def test_twice_the_same_and_somebody_faster(world: World, enter: Enter) -> None:
    whistle, department = blown(world), enter("cg_worker")
    for _ in range(2):
        assert act(department, whistle, "arrive", "CC-CG", client_key="a", version=1).status_code == 302
    slow = act(department, whistle, "finish", "CC-CG", words="刚清完", client_key="b", version=1)
    assert slow.status_code == 409
    assert "刚清完" in slow.content.decode()


def test_what_is_not_there_is_not_found(world: World, enter: Enter) -> None:
    whistle = blown(world)
    street = enter("xt_chief")
    for name, code in (("dance", ""), ("came", ""), ("close", "CC-CG")):
        assert act(street, whistle, name, code).status_code == 404
    assert act(enter("wf_chief"), whistle, "confirm", "CC-CG").status_code == 404
    pk = summons_of(whistle, "CC-CG").pk
    assert street.get(f"/desk/whistles/of-case/{whistle.case_id}/")["Location"] == f"/desk/whistles/{whistle.pk}/"
    here = street.get(f"/desk/whistles/summonses/{pk}/")["Location"]
    assert here == f"/desk/whistles/{whistle.pk}/#summons-{pk}"
    after = street.get(f"/desk/whistles/summonses/{pk}/?done=1")["Location"]
    assert after == f"/desk/whistles/{whistle.pk}/"  # the message of what was done stands at the top


def test_the_list_says_how_many_and_why_these(world: World, enter: Enter) -> None:
    clerk = enter("clerk")
    assert "还没有吹哨" in read(clerk.get("/desk/whistles/")).words
    blown(world, now=NOW - timedelta(hours=2))
    blown(world, title="雨水井堵塞")
    assert "共 2 次吹哨" in read(clerk.get("/desk/whistles/")).words
    late = read(clerk.get("/desk/whistles/?late=on")).words
    assert TITLE in late
    assert "雨水井堵塞" not in late
    assert "没有符合条件的吹哨" in read(clerk.get("/desk/whistles/?state=closed")).words


def test_the_phone_has_one_button_for_each(world: World, enter: Enter) -> None:
    whistle, phone = blown(world), enter("cg_worker")
    pk = summons_of(whistle, "CC-CG").pk
    assert "确认收到" in read(phone.get("/field/summonses/")).words
    for name in ("confirm", "arrive"):
        assert phone.post("/field/summonses/", {"act": name, "summons": pk}).status_code == 302
    empty = phone.post("/field/summonses/", {"act": "finish", "summons": pk, "words": ""})
    assert empty.status_code == 422
    assert "请写明做了什么" in read(empty).words
    street = enter("xt_chief")
    assert "核实：已到场" in read(street.get("/field/summonses/")).words
    street.post("/field/summonses/", {"act": "came", "summons": pk})
    phone.post("/field/summonses/", {"act": "finish", "summons": pk, "words": "清完"})
    one = summons_of(whistle, "CC-CG")
    assert (one.arrival_confirmed_at, one.part.finish_note) == (NOW, "清完")
    assert "没有等您报到的" in read(phone.get("/field/summonses/")).words


def test_the_office_keeps_the_promises(enter: Enter) -> None:
    clerk = enter("clerk")
    assert "修改“30分钟到场（全天候）”" in read(clerk.get("/desk/whistles/promises/?code=urgent")).words
    row = {"code": "night", "name": "夜间1小时", "confirm_within": "15分钟", "arrive_within": "1小时", "finish_within": "1天",
           "decide_within": "1工作日", "active": "on"}  # fmt: skip
    wrong = read(clerk.post("/desk/whistles/promises/", row | {"arrive_within": "很快"}))
    assert wrong.status == 422
    assert "到场时限“很快”看不懂" in wrong.words
    assert clerk.post("/desk/whistles/promises/", row).status_code == 302
    assert "夜间1小时" in read(enter("xt_chief").get("/desk/whistles/new/")).words
    assert enter("xt_chief").get("/desk/whistles/promises/").status_code == 403
    Promise.objects.all().delete()
    assert "写入常用的三种" in read(clerk.get("/desk/whistles/promises/")).words
    clerk.post("/desk/whistles/promises/", {"act": "seed"})
    assert Promise.objects.count() == 3


def test_figures_show_facts_and_bands_without_numbers_of_streets(world: World, enter: Enter) -> None:
    whistle = blown(world)
    reported(world, whistle, "CC-CG", now=NOW - timedelta(minutes=5))
    page = read(enter("leader").get("/desk/whistles/figures/"))
    for words in ("双考核：2020年6月", "区城管局", "1 / 1", "依据不足"):
        assert words in page.words
    assert "这个月没有部门被召集" in read(enter("leader").get("/desk/whistles/figures/?month=2020-05")).words


def test_pages_stay_within_their_budgets(world: World, enter: Enter) -> None:
    for minute in range(12):
        whistle = blown(world, now=NOW - timedelta(minutes=minute))
    clerk, department, street = enter("clerk"), enter("cg_worker"), enter("xt_chief")
    with budget("GET /desk/whistles/"):
        clerk.get("/desk/whistles/")
    with budget("GET /desk/whistles/{whistle_id}/"):
        street.get(f"/desk/whistles/{whistle.pk}/")
    with budget("GET /desk/whistles/figures/"):
        clerk.get("/desk/whistles/figures/")
    with budget("GET /field/summonses/"):
        department.get("/field/summonses/")
    with budget("POST /desk/whistles/new/"):
        street.post("/desk/whistles/new/", typed())
    arrive = {"summons": summons_of(whistle, "CC-CG").pk, "client_key": "k", "version": 1}
    with budget("POST /field/summonses/"):
        department.post("/field/summonses/", {"act": "arrive", **arrive})
    done = {"words": "清", "client_key": "k2", "version": 2}
    with budget("POST /desk/whistles/summonses/{summons_id}/acts/{act}/"):
        department.post(f"/desk/whistles/summonses/{arrive['summons']}/acts/finish/", done)
    assert Case.objects.filter(parts_open=1).count() == 1
