"""派单 at the desk: objections raised and decided on the page of a case, a suggestion as one button, rules tried and put in force."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from chuangwen.cases.models import Case
from chuangwen.routing.models import Objection, ObjectionTerms, Replay, RuleSet
from chuangwen.rules.case_flow import Status
from tests.budgets import budget
from tests.edges.desk_pages import read
from tests.routing import NIGHT, OWNER, STREET, draft, held_already, in_force, objected
from tests.world import NOW, World

Enter = Callable[[str], Client]


@pytest.fixture(autouse=True)
def ten_o_clock(monkeypatch: pytest.MonkeyPatch, wednesday: None) -> None:
    """An hour after the cases began to walk."""
    monkeypatch.setattr("chuangwen.http.clock", lambda: NOW + timedelta(hours=1))


# --- objections ---


def test_a_unit_objects_and_the_office_decides_on_the_page_of_the_case(world: World, enter: Enter) -> None:
    case = world.case_at(Status.DISPATCHED)
    worker = enter("wy_worker")
    page = read(worker.get(f"/desk/cases/{case.pk}/"))
    assert "不属于本单位职责" in page.words
    form = page.forms["move-object"]
    typed = {"ground": "不属于本单位职责", "reason": "由城管局管养", "wanted": "区城管局（CC-CG）"}
    held_already()
    with budget("POST /desk/cases/{case_id}/{move}/"):
        answer = worker.post(form.action, form.filled(**typed))
    assert answer.status_code == 302
    assert worker.post(form.action, form.filled(**typed)).status_code == 302
    assert Objection.objects.get().wanted == world.unit("CC-CG")
    waiting = read(worker.get(f"/desk/cases/{case.pk}/"))
    assert "裁定之前仍由 学田苑物业 负责办理" in waiting.words
    assert {"receive", "rectify"} <= waiting.offers()
    assert not {"object", "decide_objection"} & waiting.offers()

    clerk = enter("clerk")
    assert "待裁定派单异议" in read(clerk.get("/desk/")).words
    page = read(clerk.get(f"/desk/cases/{case.pk}/"))
    form = page.forms["move-decide_objection"]
    assert form.fields["unit"] == [str(world.unit("CC-CG").pk)]
    with budget("POST /desk/cases/{case_id}/decide_objection/"):
        answer = clerk.post(form.action, form.filled(upheld="1", note="照办"))
    assert answer.status_code == 302
    case = Case.objects.get(pk=case.pk)
    assert (case.status, case.unit) == (Status.DISPATCHED, world.unit("CC-CG"))
    told = read(clerk.get(f"/desk/cases/{case.pk}/"))
    assert "派单异议成立" in told.words
    assert "提出派单异议" in told.words


def test_a_rejection_without_a_reason_is_sent_back_with_what_was_typed(world: World, enter: Enter) -> None:
    made = objected(world)
    chief = enter("chief")
    url = f"/desk/cases/{made.case_id}/decide_objection/"
    answer = chief.post(url, {"upheld": "0", "note": "", "unit_text": "", "client_key": "x"})
    assert answer.status_code == 422
    assert "不成立须写明理由" in read(answer).words
    assert chief.post(url, {"upheld": "0", "note": "属公共部位", "client_key": "y"}).status_code == 302
    page = read(enter("wy_worker").get(f"/desk/cases/{made.case_id}/"))
    assert "属公共部位" in page.words
    assert "object" not in page.offers()
    again = enter("wy_worker").post(f"/desk/cases/{made.case_id}/object/", {"ground": "其他", "reason": "再提一次"})
    assert (again.status_code, "已经提过一次" in read(again).words, "再提一次" in read(again).words) == (
        422,
        True,
        True,
    )


def test_the_list_of_objections_shows_each_their_own(world: World, enter: Enter) -> None:
    made = objected(world)
    for username, sees in (
        ("clerk", True),
        ("wy_chief", True),
        ("leader", True),
        ("wf_chief", False),
        ("gz_clerk", False),
    ):
        client = enter(username)
        with budget("GET /desk/objections/"):
            page = read(client.get("/desk/objections/"))
        assert (made.case.title in page.words) is sees, username
    assert made.case.title not in read(enter("clerk").get("/desk/objections/?state=late")).words
    assert enter("inspector").get("/desk/objections/").status_code == 403


def test_the_chief_sets_limits_and_grounds(world: World, enter: Enter) -> None:
    chief = enter("chief")
    form = read(chief.get("/desk/objections/terms/")).forms[""]
    wrong = chief.post(
        "/desk/objections/terms/", form.filled(object_within="很快", decide_within="1工作日", grounds="甲")
    )
    assert (wrong.status_code, "很快" in read(wrong).html) == (422, True)
    told = form.filled(object_within="4工作时", decide_within="2工作时", grounds="已移交\n其他")
    for _ in range(2):
        assert chief.post("/desk/objections/terms/", told).status_code == 302
    assert ObjectionTerms.objects.get().grounds == ["已移交", "其他"]
    case = world.case_at(Status.DISPATCHED)
    assert "已移交" in read(enter("wy_worker").get(f"/desk/cases/{case.pk}/")).words
    assert enter("clerk").get("/desk/objections/terms/").status_code == 403


# --- the suggestion ---


def test_the_suggestion_is_one_button_and_the_choice_stays_free(world: World, enter: Enter) -> None:
    in_force(world, NIGHT, OWNER, STREET)
    case, other = world.case_at(Status.ACCEPTED), world.case_at(Status.ACCEPTED)
    clerk = enter("clerk")
    held_already()
    with budget("GET /desk/cases/{case_id}/"):
        page = read(clerk.get(f"/desk/cases/{case.pk}/"))
    assert "派给 学田苑物业（第 2 条“小区找物业”：点位类型为居民小区。小区里的事由物业先办）" in page.words
    form = page.forms["suggest-dispatch"]
    with budget("POST /desk/cases/{case_id}/{move}/"):
        clerk.post(form.action, form.fields)
    case = Case.objects.get(pk=case.pk)
    assert (case.status, case.unit) == (Status.DISPATCHED, world.unit("XT-01-WY"))
    assert "按派单规则：第 2 条" in read(clerk.get(f"/desk/cases/{case.pk}/")).words
    form = read(clerk.get(f"/desk/cases/{other.pk}/")).forms["move-dispatch"]
    clerk.post(form.action, form.filled(unit_text="CC-CG"))
    assert Case.objects.get(pk=other.pk).unit == world.unit("CC-CG")


def test_without_a_rule_the_past_is_suggested_with_its_figure(world: World, enter: Enter) -> None:
    for _ in range(5):
        world.case_at(Status.CLOSED)
    case = world.case_at(Status.ACCEPTED)
    clerk = enter("clerk")
    held_already()
    with budget("GET /desk/cases/{case_id}/"):
        page = read(clerk.get(f"/desk/cases/{case.pk}/"))
    assert "结案 5 件，其中 5 件（100%）由学田苑物业办结" in page.words


# --- sets, editor, replay ---


def test_a_set_is_written_tried_and_put_in_force(world: World, enter: Enter) -> None:
    world.case_at(Status.HANDLING)
    draft(world)  # makes the point types known
    RuleSet.objects.all().delete()
    clerk = enter("clerk")
    form = read(clerk.get("/desk/routing/")).forms[""]
    for _ in range(2):
        answer = clerk.post("/desk/routing/", form.filled(name="下半年规则", copy=""))
    row = RuleSet.objects.get()
    assert answer["Location"] == f"/desk/routing/{row.pk}/"
    editor = f"/desk/routing/{row.pk}/rules/0/"
    wrong = clerk.post(editor, {**NIGHT, "hours": "昨夜", "to": "没有的单位", "version": "1"})
    assert wrong.status_code == 422
    assert {"昨夜", "没有的单位"} <= {word for word in ("昨夜", "没有的单位") if word in read(wrong).words}
    for version, raw in ((1, NIGHT), (2, STREET)):
        assert clerk.post(editor, {**raw, "version": str(version)}).status_code == 302
    stale = clerk.post(f"/desk/routing/{row.pk}/rules/1/", {**OWNER, "version": "1"})
    assert (stale.status_code, "有人刚刚改过" in read(stale).words) == (409, True)
    clerk.post(f"/desk/routing/{row.pk}/rules/2/up/", {"version": "3"})
    assert [rule["name"] for rule in RuleSet.objects.get().rules] == ["其余找街道", "夜间城管"]

    chief = enter("chief")
    early = chief.post(f"/desk/routing/{row.pk}/force/", {"from_day": "2020-06-24", "version": "4"})
    assert (early.status_code, "试算一次" in read(early).words) == (422, True)
    form = read(clerk.get(f"/desk/routing/{row.pk}/")).forms["try"]
    tried = clerk.post(form.action, form.filled(since="2020-06-01", until="2020-06-24"))
    replay = Replay.objects.get()
    assert tried["Location"] == f"/desk/routing/{row.pk}/replays/{replay.pk}/"
    held_already()
    with budget("GET /desk/routing/{set_id}/replays/{replay_id}/"):
        page = read(clerk.get(tried["Location"]))
    assert "试算 1 件：" in page.words
    assert "学田街道" in page.words
    assert chief.post(f"/desk/routing/{row.pk}/force/", {"from_day": "2020-06-24", "version": "4"}).status_code == 302
    held_already()
    with budget("GET /desk/routing/{set_id}/"):
        page = read(clerk.get(f"/desk/routing/{row.pk}/"))
    assert "现行" in page.words
    with budget("GET /desk/routing/"):
        clerk.get("/desk/routing/")
    assert clerk.get(editor).status_code == 404
    assert clerk.post(f"/desk/routing/{row.pk}/discard/").status_code == 422


def test_files_go_out_and_come_in_with_every_fault_named(world: World, enter: Enter) -> None:
    row = draft(world, OWNER, NIGHT)
    clerk = enter("clerk")
    url = f"/desk/routing/{row.pk}/"
    toml = clerk.get(f"{url}export/?as=toml").content
    assert 'to = "CC-CG"' in toml.decode()
    sheet = clerk.get(f"{url}export/").content
    for name, content in (("规则.toml", toml), ("规则.xlsx", sheet)):
        answer = clerk.post(f"{url}upload/", {"file": SimpleUploadedFile(name, content)})
        assert answer.status_code == 302, read(answer).words
        assert RuleSet.objects.get().rules == row.rules
    bad = SimpleUploadedFile("规则.csv", "名称,派给,理由,时段\n甲,没有,x,25:00-26:00\n".encode())
    answer = clerk.post(f"{url}upload/", {"file": bad})
    assert answer.status_code == 422
    assert all(word in read(answer).words for word in ("第 2 行", "没有", "25:00-26:00"))


def test_a_long_replay_shows_how_far_it_is(world: World, enter: Enter, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("chuangwen.routing.replays.AT_ONCE", 0)
    world.open_case()
    row = draft(world)
    clerk = enter("clerk")
    url = clerk.post(f"/desk/routing/{row.pk}/replays/", {"since": "2020-06-01", "until": "2020-06-24"})["Location"]
    page = read(clerk.get(url))
    assert "正在试算" in page.words
    assert 'http-equiv="refresh"' in page.html
    refused = clerk.post(
        f"/desk/routing/{row.pk}/replays/", {"since": "2020-06-24", "until": "2020-06-01"}, follow=True
    )
    assert "终点不能早于起点" in read(refused).words


def test_rules_are_the_offices_own(world: World, enter: Enter) -> None:
    row = draft(world)
    assert enter("gz_clerk").get(f"/desk/routing/{row.pk}/").status_code == 404
    assert enter("gz_clerk").post(f"/desk/routing/{row.pk}/discard/").status_code == 404
    assert enter("wy_chief").get("/desk/routing/").status_code == 403
    page = read(enter("leader").get(f"/desk/routing/{row.pk}/"))
    assert "其余找街道" in page.words
    assert "upload" not in page.forms
    assert RuleSet.objects.count() == 1
