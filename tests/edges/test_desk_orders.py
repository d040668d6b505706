"""整改任务书: issued from chosen cases, followed unit by unit."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client

from chuangwen.cases import operations as cases
from chuangwen.cases.models import Case, Order
from chuangwen.cases.orders import issue_order
from chuangwen.rules.case_flow import Status
from tests.budgets import budget
from tests.edges.desk_pages import read
from tests.world import BEIJING, NOW, World

Enter = Callable[[str], Client]
DEADLINE = datetime(2020, 7, 3, 18, 0, tzinfo=BEIJING)


@pytest.fixture(autouse=True)
def ten_o_clock(monkeypatch: pytest.MonkeyPatch, wednesday: None) -> None:
    """An hour after the cases began to walk."""
    monkeypatch.setattr("chuangwen.http.clock", lambda: NOW + timedelta(hours=1))


def issued(world: World, *cases_in_it: Case, number: str = "崇创整〔2020〕2号") -> Order:
    """An order with these cases."""
    return issue_order(
        number=number, title="市测评反馈问题整改", issuer="区文明办", deadline=DEADLINE,
        case_ids=[case.pk for case in cases_in_it], by=world.actor("clerk"), now=NOW,
    )  # fmt: skip


def head(**changes: Any) -> dict[str, Any]:
    """The typed head of an order."""
    return {"title": "反馈问题整改", "deadline": "2020-07-03T18:00", "note": "逐件拍照", **changes}


def test_ticked_cases_go_under_one_deadline(world: World, enter: Enter) -> None:
    chosen = [world.case_at(Status.HANDLING), world.case_at(Status.RETURNED)]
    client = enter("clerk")
    listing = read(client.get("/desk/cases/?state=open")).forms["/desk/orders/new/"]
    page = read(client.get(listing.action, {"case": [case.pk for case in chosen]}))
    form = page.forms[""]
    assert form.fields["number"] == ["崇创整〔2020〕1号"]
    assert form.fields["issuer"] == ["区文明办"]
    answer = client.post("/desk/orders/new/", form.filled(**head()))
    order = Order.objects.get()
    assert answer["Location"] == f"/desk/orders/{order.pk}/"
    assert (order.deadline, order.cases.count()) == (DEADLINE, 2)
    assert Case.objects.get(pk=chosen[0].pk).due_at == DEADLINE
    again = client.post("/desk/orders/new/", form.filled(**head()))
    assert (again["Location"], Order.objects.count()) == (answer["Location"], 1)


def test_the_next_number_follows_the_numbers_in_use(world: World, enter: Enter) -> None:
    issued(world, world.case_at(Status.HANDLING), number="崇创整〔2020〕7号")
    issued(world, world.case_at(Status.HANDLING), number="崇创整〔2019〕31号")
    case = world.case_at(Status.HANDLING)
    page = read(enter("clerk").get(f"/desk/orders/new/?case={case.pk}"))
    assert page.forms[""].fields["number"] == ["崇创整〔2020〕8号"]


def test_a_whole_filtered_list_can_be_put_under_one_deadline(world: World, enter: Enter) -> None:
    for number in range(52):
        world.case_at(Status.HANDLING, title=f"第{number}件")
    world.open_case(site=world.lane)
    client = enter("clerk")
    (link,) = {link for link in read(client.get("/desk/cases/?street=XT")).links if "all=1" in link}
    form = read(client.get(link)).forms[""]
    assert len(form.fields["case"]) == 52
    assert client.post("/desk/orders/new/", form.filled(**head())).status_code == 302
    assert Order.objects.get().cases.count() == 52


def test_cases_that_cannot_join_are_not_ticked_and_say_why(world: World, enter: Enter) -> None:
    open_one, done, taken = world.case_at(Status.HANDLING), world.case_at(Status.CLOSED), world.case_at(Status.HANDLING)
    order = issued(world, taken)
    ids = [open_one.pk, done.pk, taken.pk]
    page = read(enter("clerk").get("/desk/orders/new/", {"case": ids}))
    assert page.forms[""].fields["case"] == [str(open_one.pk)]
    assert "现在的状态不能列入" in page.words
    assert f"已列入 {order.number}" in page.words


def test_every_objection_is_named_and_nothing_typed_is_lost(world: World, enter: Enter) -> None:
    order = issued(world, world.case_at(Status.HANDLING))
    open_one, done = world.case_at(Status.HANDLING), world.case_at(Status.CLOSED)
    ids = [open_one.pk, done.pk]
    typed = head(number=order.number, title="", deadline="2020-06-01T18:00", case=ids, offered=ids, issuer="区文明办")
    page = read(enter("clerk").post("/desk/orders/new/", typed))
    assert page.status == 422
    for words in ("请填写标题", "整改期限须在现在之后", f"文号“{order.number}”已经用过", "现在是“已结案”，不能列入"):
        assert words in page.words
    assert "逐件拍照" in page.words
    assert page.forms[""].fields["case"] == [str(pk) for pk in ids]
    unread = read(enter("clerk").post("/desk/orders/new/", head(deadline="下周五", case=ids, offered=ids)))
    assert (unread.status, "期限应写成 2020-06-28 18:00" in unread.words) == (422, True)
    assert Order.objects.count() == 1


def test_without_chosen_cases_the_page_says_where_to_choose(world: World, enter: Enter) -> None:
    page = read(enter("clerk").get("/desk/orders/new/"))
    assert "先在案件清单里筛选、勾选" in page.words
    assert enter("xt_chief").get("/desk/orders/new/").status_code == 403
    assert enter("clerk").get("/desk/orders/new/?all=1&status=asleep").status_code == 302


def test_progress_is_shown_unit_by_unit_and_leads_to_the_cases(world: World, enter: Enter) -> None:
    chosen = [world.case_at(Status.HANDLING) for _ in range(3)]
    order = issued(world, *chosen, world.open_case())
    for case in chosen[:2]:
        cases.rectify(case_id=case.pk, note="已清", by=world.actor("wy_worker"), now=NOW)
    cases.verify(case_id=chosen[0].pk, by=world.actor("inspector2"), now=NOW)
    page = read(enter("clerk").get(f"/desk/orders/{order.pk}/"))
    assert "已提交 2 件，其中核查通过 1 / 3" in page.words
    assert "尚未派遣" in page.words
    (link,) = {link for link in page.links if "unit=XT-01-WY" in link}
    listing = read(enter("clerk").get(link))
    assert f"3 件：学田苑物业、不含下级单位、{order.number}" in listing.words


def test_an_overdue_order_says_so(world: World, enter: Enter, monkeypatch: pytest.MonkeyPatch) -> None:
    order = issued(world, world.case_at(Status.HANDLING))
    monkeypatch.setattr("chuangwen.http.clock", lambda: DEADLINE + timedelta(days=1))
    page = read(enter("clerk").get(f"/desk/orders/{order.pk}/"))
    assert "超期 1 件" in page.words
    assert f"/desk/cases/?order={order.pk}&late=ever" in page.html.replace("&amp;", "&")
    assert "已超期 1 天" in read(enter("clerk").get("/desk/orders/")).words


def test_a_unit_sees_the_orders_that_touch_it_and_no_others(world: World, enter: Enter) -> None:
    order = issued(world, world.case_at(Status.HANDLING))
    assert order.title in read(enter("xt_chief").get("/desk/orders/")).words
    assert "没有涉及您单位的整改任务书" in read(enter("wf_chief").get("/desk/orders/")).words
    assert enter("wf_chief").get(f"/desk/orders/{order.pk}/").status_code == 404
    assert enter("inspector").get("/desk/orders/").status_code == 403
    assert "还没有整改任务书" in read(enter("gz_clerk").get("/desk/orders/")).words


def test_the_cost_of_orders(world: World, enter: Enter) -> None:
    order = issued(world, *(world.case_at(Status.HANDLING) for _ in range(12)))
    for number in range(3, 15):
        issued(world, world.case_at(Status.HANDLING), number=f"崇创整〔2020〕{number}号")
    client = enter("clerk")
    with budget("GET /desk/orders/"):
        assert client.get("/desk/orders/").status_code == 200
    with budget("GET /desk/orders/{order_id}/"):
        assert client.get(f"/desk/orders/{order.pk}/").status_code == 200
