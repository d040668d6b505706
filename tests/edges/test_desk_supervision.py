"""Supervision at the desk and on the phone: planned, ordered, noted, answered, reported; and what a secret must not show."""

import json
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from chuangwen.cases.models import Case
from chuangwen.people import operations as people
from chuangwen.people.models import User
from chuangwen.rules.permissions import SYSTEM, Role
from chuangwen.supervision import operations as work
from chuangwen.supervision import remarks, reports
from chuangwen.supervision.models import Remark, Task
from tests.budgets import budget
from tests.edges.desk_pages import read
from tests.edges.programs import program
from tests.edges.test_every_url import ALL, address
from tests.paths import ROOT
from tests.rounds import small_edition
from tests.supervised import TITLE, noted, ordered, round_of, secret, walked
from tests.world import NOW, World, picture

Enter = Callable[[str], Client]


def typed(world: World, **changes: Any) -> dict[str, Any]:
    """A task as the form sends it."""
    return {
        "kind": "special", "title": TITLE, "questions": "楼道是否堆物", "starts_at": "2020-06-24T10:00",
        "ends_at": "2020-06-26T18:00", "team": [world.actor("leader").user_id, world.actor("inspector").user_id],
        "units": [world.unit("XT").pk], "client_key": "k1", **changes,
    }  # fmt: skip


def test_a_task_goes_from_the_form_to_the_supervised(world: World, enter: Enter) -> None:
    clerk, unit = enter("clerk"), enter("xt_chief")
    page = clerk.get("/desk/supervision/new/").content.decode()
    assert "巡查员甲" in page
    for _ in range(2):
        answer = clerk.post("/desk/supervision/new/", typed(world, more_units="文峰社区、CC-CG", sites="S-RES-1"))
    task = Task.objects.get()
    assert answer["Location"] == f"/desk/supervision/{task.pk}/"
    assert set(task.units.values_list("code", flat=True)) == {"XT", "WF-01", "CC-CG"}
    assert unit.get(f"/desk/supervision/{task.pk}/").status_code == 404
    assert TITLE not in read(unit.get("/desk/supervision/")).words
    clerk.post(f"/desk/supervision/{task.pk}/acts/order/")
    assert TITLE in read(unit.get("/desk/supervision/")).words
    assert "楼道是否堆物" in read(unit.get(f"/desk/supervision/{task.pk}/")).words
    assert "XT-01-WY" in set(task.units.values_list("code", flat=True))


def test_a_refused_task_names_everything_and_loses_nothing(world: World, enter: Enter) -> None:
    clerk = enter("clerk")
    answer = clerk.post(
        "/desk/supervision/new/",
        typed(world, title="", team=[], basis="区委会议", more_units="没有这个单位", sites="没有"),
    )
    page = read(answer)
    assert answer.status_code == 422
    for words in ("没有找到单位“没有这个单位”", "没有找到点位“没有”"):
        assert words in page.words
    again = read(clerk.post("/desk/supervision/new/", typed(world, title="", team=[], basis="区委会议")))
    assert again.status == 422
    for words in ("请写明督查名称", "请至少选一名督查组成员"):
        assert words in again.words
    assert "区委会议" in again.html
    assert not Task.objects.exists()


def test_a_draft_is_changed_with_all_that_it_holds(world: World, enter: Enter) -> None:
    clerk = enter("clerk")
    clerk.post("/desk/supervision/new/", typed(world, more_units="WF-01"))
    task = Task.objects.get()
    edit = f"/desk/supervision/{task.pk}/edit/"
    form = read(clerk.get(edit)).forms[""]
    assert form.fields["more_units"] == ["WF-01"]
    clerk.post(edit, typed(world, title="改过", version=task.version))
    task.refresh_from_db()
    assert (task.title, list(task.units.values_list("code", flat=True))) == ("改过", ["XT"])
    stale = clerk.post(edit, typed(world, title="又改", version=1))
    assert stale.status_code == 409
    assert "又改" in stale.content.decode()


def test_a_leader_notes_in_three_taps_and_a_clerk_makes_it_a_case(world: World, enter: Enter) -> None:
    leader, clerk = enter("leader"), enter("clerk")
    form = read(leader.get("/field/supervision/")).forms[""]
    assert form.fields["days"] == ["3"]
    said = form.filled(text="3号楼前堆着装修垃圾", unit=world.unit("XT").pk)
    photo = SimpleUploadedFile("x.jpg", picture("red"), "image/jpeg")
    assert leader.post("/field/supervision/", {**said, "photo": photo}).status_code == 302
    leader.post("/field/supervision/", said)
    remark = Remark.objects.get()
    assert remark.photos.count() == 1
    page = read(clerk.get(f"/desk/supervision/{remark.task_id}/"))
    assert "随手记，等您整理" in page.words
    address = f"/desk/supervision/remarks/{remark.pk}/"
    form = read(clerk.get(address)).forms[""]
    shown = clerk.get(f"{address}photos/{remark.photos.get().photo_id}/")
    assert (shown.status_code, shown.getvalue()[:2]) == (200, b"\xff\xd8")
    refused = clerk.post(address, {"act": "complete", "as": "case", "unit": "XT", "standard": "没有这条", "version": 1})
    assert refused.status_code == 422
    assert "没有找到立案标准" in refused.content.decode()
    done = clerk.post(
        address,
        {"act": "complete", "as": "case", "unit": "XT-01-WY", "standard": "T-4WH", "site": "学田苑", "version": 1},
    )
    assert done.status_code == 302
    case = Case.objects.get()
    assert (case.origin_kind, case.unit) == ("supervision", world.unit("XT-01-WY"))
    assert "督查发现" in read(clerk.get(f"/desk/cases/{case.pk}/")).words
    assert clerk.get(f"/desk/supervision/of-case/{case.pk}/")["Location"] == f"/desk/supervision/{remark.task_id}/"


def test_an_empty_note_is_refused_and_keeps_the_choice(world: World, enter: Enter) -> None:
    answer = enter("leader").post("/field/supervision/", {"text": " ", "unit": world.unit("WF").pk, "days": "0"})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "请写一句看到了什么" in page
    assert f'value="{world.unit("WF").pk}" checked' in page
    assert 'value="0" checked' in page


def test_a_unit_answers_and_the_team_judges(world: World, enter: Enter) -> None:
    task = ordered(world)
    remark = remarks.send_remark(
        remark_id=noted(world, task).pk, unit_id=world.unit("XT").pk, deadline=NOW + timedelta(days=2),
        by=world.actor("clerk"), now=NOW,
    )  # fmt: skip
    unit, leader = enter("xt_chief"), enter("leader")
    assert "等您单位答复" in read(unit.get("/desk/supervision/")).words
    address = f"/desk/supervision/remarks/{remark.pk}/"
    assert enter("wf_chief").get(address).status_code == 404
    photo = SimpleUploadedFile("x.jpg", picture("blue"), "image/jpeg")
    empty = unit.post(address, {"act": "answer", "answer": "", "version": remark.version, "photo": photo})
    assert empty.status_code == 422
    page = empty.content.decode()
    assert "已收下 1 张照片" in page
    kept = page.split('name="kept" value="')[1].split('"', maxsplit=1)[0]
    assert (
        unit.post(address, {"act": "answer", "answer": "已清运", "kept": kept, "version": remark.version}).status_code
        == 302
    )
    remark.refresh_from_db()
    assert (remark.state, remark.photos.filter(of_answer=True).count()) == ("answered", 1)
    assert "评定答复" not in read(unit.get(address)).words
    refused = leader.post(address, {"act": "judge", "accepted": "0", "note": "", "version": remark.version})
    assert "请写明哪里还不行" in read(refused).words
    late = leader.post(address, {"act": "judge", "accepted": "1", "version": remark.version - 1})
    assert late.status_code == 409
    assert leader.post(address, {"act": "judge", "accepted": "1", "version": remark.version}).status_code == 302
    remark.refresh_from_db()
    assert remark.state == "accepted"


def test_what_is_open_is_followed_up_in_one_stroke_and_closing_asks_why(world: World, enter: Enter) -> None:
    small_edition()
    task = ordered(world)
    case_id = walked(world, round_of(world, task))
    clerk = enter("clerk")
    refused = read(clerk.post(f"/desk/supervision/{task.pk}/acts/close/", {"reason": ""}))
    assert "还有1 件案件没有办结" in refused.words
    made = clerk.post(f"/desk/supervision/{task.pk}/acts/follow-up/")
    page = read(clerk.get(made["Location"]))
    assert f"/desk/cases/{case_id}/" in page.links
    assert clerk.post(f"/desk/supervision/{task.pk}/acts/close/", {"reason": "转入跟踪"}).status_code == 302
    assert "转入跟踪" in read(clerk.get(f"/desk/supervision/{task.pk}/")).words
    assert clerk.post(f"/desk/supervision/{task.pk}/acts/unknown/").status_code == 404


def test_a_round_is_planned_from_the_scope(world: World, enter: Enter) -> None:
    small_edition()
    task = ordered(world, site_ids=[world.compound.pk])
    clerk = enter("clerk")
    page = clerk.get(f"/desk/supervision/{task.pk}/patrols/new/").content.decode()
    assert "S-RES-1" in page
    said = {
        "patrol_sites": "S-RES-1、文峰巷", "patrol_inspectors": [world.actor("inspector").user_id],
        "patrol_starts_at": "2020-06-24T10:00", "patrol_ends_at": "2020-06-24T18:00", "client_key": "p",
    }  # fmt: skip
    for _ in range(2):
        assert clerk.post(f"/desk/supervision/{task.pk}/patrols/new/", said).status_code == 302
    assert task.patrols.get().stops.count() == 2
    assert TITLE in enter("inspector").get("/field/").content.decode()
    wrong = clerk.post(
        f"/desk/supervision/{task.pk}/patrols/new/", {**said, "client_key": "q", "patrol_inspectors": []}
    )
    assert "请至少选一名巡查员" in read(wrong).words


def test_figures_of_a_report_lead_to_their_cases_and_a_released_one_is_frozen(world: World, enter: Enter) -> None:
    small_edition()
    task = ordered(world)
    case_id = walked(world, round_of(world, task))
    clerk, chief, unit = enter("clerk"), enter("chief"), enter("xt_chief")
    address = f"/desk/supervision/{task.pk}/report/"
    assert clerk.get(address).status_code == 404
    clerk.post(address, {"act": "draft"})
    assert unit.get(address).status_code == 404
    assert f"/desk/cases/{case_id}/" in read(clerk.get(f"{address}?figure=案件")).links
    wrong = clerk.post(address, {"act": "edit", "title": "报告", "text": "{没有的数}", "version": 1})
    assert wrong.status_code == 422
    assert "{没有的数}" in wrong.content.decode()
    clerk.post(address, {"act": "edit", "title": "报告", "text": "共 {案件} 件。", "version": 1})
    assert "由文明办主任发布" in read(clerk.get(address)).words
    assert chief.post(address, {"act": "release", "version": 2}).status_code == 302
    assert "共 1 件。" in read(unit.get(address)).words.replace(" 1 ", " 1 ")
    again = clerk.post(address, {"act": "edit", "title": "x", "text": "y", "version": 3})
    assert again.status_code == 422
    assert unit.post(address, {"act": "edit", "title": "x", "text": "y"}).status_code == 403


# --- a secret, walked as the supervised ---

SUPERVISED = ("xt_leader", "xt_chief", "wy_worker", "grid", "wf_chief", "gz_clerk")


def furnished(world: World) -> tuple[Task, int, dict[str, str]]:
    """A secret task with a walked round, a case out of a note, a remark sent, a report drafted; and words for addresses."""
    people.put_user(username="xt_leader", display_name="街道领导", by=SYSTEM, now=NOW)
    people.appoint(
        username="xt_leader", unit_code="XT", role=Role.LEADER, starts_on=date(2020, 1, 1), by=SYSTEM, now=NOW
    )
    User.objects.filter(username="xt_leader").update(must_change_password=False)
    edition = small_edition()
    task = secret(world)
    patrol = round_of(world, task)
    case_id = walked(world, patrol)
    clerk = world.actor("clerk")
    first, second = noted(world, task), noted(world, task, text="墙上乱贴")
    remarks.make_case(
        remark_id=first.pk, standard_id=Case.objects.get(pk=case_id).standard_id, unit_id=world.unit("XT-01-WY").pk,
        site_id=world.compound.pk, by=clerk, now=NOW,
    )  # fmt: skip
    remarks.send_remark(
        remark_id=second.pk, unit_id=world.unit("XT").pk, deadline=NOW + timedelta(days=1), by=clerk, now=NOW
    )
    reports.draft_report(task_id=task.pk, by=clerk, now=NOW)
    words = {
        "case_id": str(case_id), "patrol_id": str(patrol.pk), "site_id": str(world.compound.pk), "task_id": str(task.pk),
        "remark_id": str(second.pk), "token": world.compound.token, "edition_id": str(edition.pk), "year": "2020",
        "unit_id": str(world.unit("XT").pk), "act": "order", "kind": "units", "move": "rectify", "photo_id": "1",
    }  # fmt: skip
    return task, patrol.pk, words


def traces(task: Task, patrol_id: int) -> list[str]:
    """What would give the task away on any page."""
    return [
        TITLE, task.basis, f"/desk/supervision/{task.pk}/", f"/desk/patrols/{patrol_id}/", f"/field/patrols/{patrol_id}/",
        "/desk/supervision/remarks/", "墙上乱贴",
    ]  # fmt: skip


def pages(client: Client, words: dict[str, str]) -> Iterator[tuple[str, str]]:
    """Every page that opens, by its address, with the filters and views that show more."""
    more = [
        "/desk/cases/?q=垃圾",
        "/desk/sites/?q=学田",
        "/desk/map/?site=1",
        "/desk/cases/?origin=supervision",
        "/desk/cases/?state=open",
    ]
    for found in [*(address(pattern, words) for _name, pattern, _entry in ALL), *more]:
        answer = client.get(found)
        if answer.status_code == 200:
            yield found, answer.getvalue().decode("utf-8", "ignore")


def api_answers(world: World, username: str, words: dict[str, str]) -> Iterator[tuple[str, str]]:
    """Every address of the interface that reads, as a program of this person sees it."""
    client = program(world, username)
    schema = json.loads((ROOT / "docs" / "openapi.json").read_text(encoding="utf-8"))
    for pattern, methods in schema["paths"].items():
        if "get" not in methods:
            continue
        found = pattern.removeprefix("/api/")
        for name, value in words.items():
            found = found.replace("{" + name + "}", value)
        answer = client.get(found)
        if answer.status_code == 200:
            yield found, answer.getvalue().decode("utf-8", "ignore")


@pytest.mark.parametrize("username", SUPERVISED)
def test_no_page_and_no_answer_of_the_interface_gives_a_secret_away(world: World, enter: Enter, username: str) -> None:
    task, patrol_id, words = furnished(world)
    client = enter(username)
    for found, body in [*pages(client, words), *api_answers(world, username, words)]:
        if "/supervision" in found and f"/{task.pk}/" in found:
            pytest.fail(f"{found} 打得开")
        shown = [trace for trace in traces(task, patrol_id) if trace in body]
        assert not shown, (found, shown)
    for found in (
        f"/desk/supervision/{task.pk}/",
        f"/desk/supervision/remarks/{words['remark_id']}/",
        f"/desk/patrols/{patrol_id}/",
    ):
        assert client.get(found).status_code in {403, 404}, found


def test_after_the_release_the_supervised_see_the_task_and_their_own(world: World, enter: Enter) -> None:
    task, _patrol_id, words = furnished(world)
    enter("chief").post(f"/desk/supervision/{task.pk}/acts/disclose/")
    client = enter("xt_chief")
    seen = {found for found, body in pages(client, words) if TITLE in body}
    assert {"/desk/supervision/", f"/desk/supervision/{task.pk}/", f"/desk/sites/{world.compound.pk}/"} <= seen
    page = read(client.get(f"/desk/supervision/{task.pk}/"))
    assert "墙上乱贴" in page.words
    assert f"/desk/cases/{words['case_id']}/" in page.links
    stranger = enter("wf_chief")
    assert not [found for found, body in pages(stranger, words) if TITLE in body]


def test_a_case_of_a_secret_is_an_ordinary_case_on_every_page(world: World, enter: Enter) -> None:
    furnished(world)
    hidden = Case.objects.filter(origin_kind="report").get()
    unit = enter("wy_worker")
    page = read(unit.get(f"/desk/cases/{hidden.pk}/"))
    assert "人工上报" in page.words
    assert "督查发现" not in page.words
    assert unit.get(f"/desk/supervision/of-case/{hidden.pk}/").status_code == 404


# --- budgets ---


def test_supervision_pages_stay_within_their_statements(world: World, enter: Enter) -> None:
    task, _patrol_id, _words = furnished(world)
    for number in range(20):
        noted(world, task, text=f"第{number}处")
    clerk = enter("clerk")
    with budget("GET /desk/supervision/"):
        clerk.get("/desk/supervision/")
    with budget("GET /desk/supervision/{task_id}/"):
        clerk.get(f"/desk/supervision/{task.pk}/")
    leader = enter("leader")
    with budget("GET /field/supervision/"):
        leader.get("/field/supervision/")
    work.disclose_task(task_id=task.pk, by=world.actor("chief"), now=NOW)
    unit = enter("xt_chief")
    with budget("GET /desk/supervision/"):
        unit.get("/desk/supervision/")
    with budget("GET /desk/supervision/{task_id}/"):
        unit.get(f"/desk/supervision/{task.pk}/")


def test_the_office_sees_that_a_round_is_secret_and_where_a_case_came_from(world: World, enter: Enter) -> None:
    _task, patrol_id, _words = furnished(world)
    clerk = enter("clerk")
    assert "保密到公布" in read(clerk.get("/desk/patrols/")).words
    assert "保密到公布" in read(clerk.get(f"/desk/patrols/{patrol_id}/")).words
    known = remarks.make_case(
        remark_id=noted(world, ordered(world)).pk, standard_id=Case.objects.first().standard_id,  # type: ignore[union-attr]  # one is there
        unit_id=world.unit("XT-01-WY").pk, by=world.actor("clerk"), now=NOW,
    )  # fmt: skip
    assert f"/desk/supervision/of-case/{known.case_id}/" in read(clerk.get(f"/desk/cases/{known.case_id}/")).links
    assert (
        f"/desk/supervision/of-case/{known.case_id}/"
        not in enter("wy_worker").get(f"/desk/cases/{known.case_id}/").content.decode()
    )


def test_a_leader_sees_what_became_of_what_they_said(world: World, enter: Enter) -> None:
    noted(world, ordered(world))
    page = read(enter("leader").get("/field/supervision/"))
    assert "您最近记下的 3号楼前堆着装修垃圾" in page.words
    assert "待整理" in page.words
