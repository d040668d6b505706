"""我的待办: what each role finds there, and sending many cases on their way at once."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client

from chuangwen.cases import extensions
from chuangwen.cases.models import Case
from chuangwen.rules.case_flow import Status
from tests.budgets import budget
from tests.edges.desk_pages import read
from tests.world import NOW, World

Enter = Callable[[str], Client]


def at(monkeypatch: pytest.MonkeyPatch, **later: float) -> None:
    """Requests believe that it is so much later."""
    monkeypatch.setattr("chuangwen.http.clock", lambda: NOW + timedelta(**later))


@pytest.mark.parametrize(
    ("username", "status", "button", "move"),
    [
        ("clerk", Status.REPORTED, "受理", "accept"),
        ("clerk", Status.ACCEPTED, "派遣", "dispatch"),
        ("clerk", Status.RETURNED, "重新派遣", "dispatch"),
        ("clerk", Status.VERIFIED, "结案", "close"),
        ("wy_worker", Status.DISPATCHED, "签收", "receive"),
        ("wy_worker", Status.HANDLING, "提交整改", "rectify"),
        ("inspector2", Status.RECTIFIED, "核查", "verify"),
    ],
)
def test_each_case_has_one_next_button_that_leads_to_its_form(
    world: World, enter: Enter, username: str, status: Status, button: str, move: str
) -> None:
    case = world.case_at(status)
    page = read(enter(username).get("/desk/"))
    assert f"/desk/cases/{case.pk}/#move-{move}" in page.links
    assert f">{button}</a>" in page.html
    assert f"move-{move}" in read(enter(username).get(f"/desk/cases/{case.pk}/")).ids


def test_the_list_is_in_the_order_of_urgency(world: World, enter: Enter, monkeypatch: pytest.MonkeyPatch) -> None:
    late = world.open_case(title="昨天就该受理", now=NOW - timedelta(days=1))
    today = world.open_case(title="今天要受理", now=NOW)
    later = world.open_case(title="节后再受理", now=NOW + timedelta(hours=8, minutes=30))
    page = read(enter("clerk").get("/desk/"))
    places = [page.html.index(f"/desk/cases/{case.pk}/") for case in (late, today, later)]
    assert places == sorted(places)
    groups = [page.html.index(f'id="group-{key}"') for key in ("late", "today", "later")]
    assert groups[0] < places[0] < groups[1] < places[1] < groups[2] < places[2]
    assert "等您办的有 3 件，其中 1 件已超期，1 件今天到期" in page.words


def test_a_long_list_goes_on_where_it_stopped(world: World, enter: Enter) -> None:
    for number in range(53):
        world.open_case(title=f"第{number:02}件")
    client = enter("clerk")
    first = read(client.get("/desk/"))
    (onward,) = {link for link in first.links if "after=" in link}
    second = read(client.get(onward))
    shown = [{link for link in page.links if "#move-accept" in link} for page in (first, second)]
    assert (len(shown[0]), len(shown[1])) == (50, 3)
    assert not shown[0] & shown[1]
    assert client.get("/desk/?after=nonsense").status_code == 400


def test_requests_for_more_time_wait_for_the_office(world: World, enter: Enter) -> None:
    case = world.case_at(Status.HANDLING)
    extensions.ask_extension(case_id=case.pk, reason="等配件到货", by=world.actor("wy_chief"), now=NOW)
    page = read(enter("clerk").get("/desk/"))
    assert "等配件到货" in page.words
    assert f"/desk/cases/{case.pk}/#move-decide_extension" in page.links
    assert "等配件到货" not in read(enter("wy_chief").get("/desk/")).words


def test_the_leader_sees_figures_that_lead_to_cases_and_what_is_overdue(
    world: World, enter: Enter, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = world.case_at(Status.HANDLING)
    world.case_at(Status.CLOSED)
    at(monkeypatch, days=10)
    page = read(enter("leader").get("/desk/"))
    assert "/desk/cases/?state=open" in page.links
    assert f"/desk/cases/{case.pk}/" in page.links
    assert "超期未提交的案件 1" in page.words
    for link in [link for link in page.links if link.startswith("/desk/cases/?")]:
        assert enter("leader").get(link).status_code == 200


@pytest.mark.parametrize(
    ("username", "words"),
    [
        ("admin", "您没有要办的案件"),
        ("clerk", "新上报、被退回和等结案的案件会出现在这里"),
        ("inspector", "打开手机页面"),
        ("wy_worker", "派给本单位的案件会出现在这里"),
    ],
)
def test_an_empty_list_says_what_will_come(world: World, enter: Enter, username: str, words: str) -> None:
    assert words in read(enter(username).get("/desk/")).words


def test_many_are_accepted_and_sent_to_the_owners_of_their_sites_at_once(world: World, enter: Enter) -> None:
    new, accepted = world.open_case(), world.case_at(Status.ACCEPTED, site=world.lane)
    client = enter("clerk")
    form = read(client.get("/desk/")).forms["/desk/dispatch-many/"]
    answer = client.post(form.action, form.filled(case=[new.pk, accepted.pk]))
    assert (answer.status_code, answer["Location"]) == (302, "/desk/")
    units = {case.pk: (case.status, case.unit.code) for case in Case.objects.select_related("unit") if case.unit}
    assert units == {new.pk: ("dispatched", "XT-01-WY"), accepted.pk: ("dispatched", "WF-01")}
    assert "已派遣 2 件" in read(client.get("/desk/")).words
    again = client.post(form.action, form.filled(case=[new.pk, accepted.pk]))
    assert again.status_code == 302
    assert set(Case.objects.values_list("version", flat=True)) == {3}


def test_each_case_that_cannot_go_is_named_and_the_others_go(world: World, enter: Enter) -> None:
    good, done = world.open_case(), world.case_at(Status.CLOSED)
    elsewhere = world.open_case(site=None, home=world.unit("XT"), street=world.unit("XT"), place="路口")
    Case.objects.filter(pk=elsewhere.pk).update(site=None)
    answer = enter("clerk").post("/desk/dispatch-many/", {"case": [good.pk, done.pk, elsewhere.pk, 999_999]})
    page = read(answer)
    assert page.status == 422
    assert "已派遣 1 件" in page.words
    assert f"{done.number}：案件现在是“已结案”" in page.words
    assert "没有点位，看不出该派给谁" in page.words
    assert "999999：没有找到，或者您无权查看" in page.words
    good.refresh_from_db()
    assert good.status == "dispatched"


def test_only_the_office_can_send_many(world: World, enter: Enter) -> None:
    case = world.open_case()
    assert "/desk/dispatch-many/" not in read(enter("xt_chief").get("/desk/")).forms
    answer = enter("xt_chief").post("/desk/dispatch-many/", {"case": [case.pk]})
    assert answer.status_code == 422
    assert "这一步不由您办理" in answer.content.decode()
    empty = enter("clerk").post("/desk/dispatch-many/", {})
    assert (empty.status_code, "还没有勾选案件" in empty.content.decode()) == (422, True)


@pytest.mark.parametrize("username", ["clerk", "leader", "inspector", "wy_worker"])
def test_the_cost_of_the_work_list(world: World, enter: Enter, username: str) -> None:
    for status in Status:
        for _ in range(5):
            world.case_at(status)
    client = enter(username)
    with budget("GET /desk/"):
        assert client.get("/desk/").status_code == 200
