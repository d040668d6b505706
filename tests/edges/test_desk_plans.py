"""Tomorrow's routes on the desk and on the phone: asked for, watched, changed, approved, printed; who may do what."""

from collections.abc import Callable

import pytest
from django.test import Client

from chuangwen.jobs.loops import react_once
from chuangwen.patrols.models import Patrol
from chuangwen.planning.models import Plan, PlanStop, Team
from tests.budgets import budget
from tests.edges.desk_pages import read
from tests.planning import TOMORROW, drafted, lanes, quick_tours
from tests.rounds import small_edition
from tests.world import NOW, World

Enter = Callable[[str], Client]


def test_from_the_form_to_the_phone(world: World, enter: Enter, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("chuangwen.jobs.reactions.day_tours", quick_tours)
    clerk, edition = enter("clerk"), small_edition()
    lanes(3)
    assert "还没有队伍" in read(clerk.get("/desk/plans/new/")).words
    page = read(
        clerk.post(
            "/desk/plans/teams/new/",
            {"name": "甲组", "begins": "17:00", "ends": "08:00", "lng": "120.872", "lat": "32.011"},
        )
    )
    assert page.status == 422
    assert "请至少选一名巡查员" in page.words
    assert "下班须晚于上班" in page.words
    inspector = world.actor("inspector").user_id
    facts = {
        "name": "甲组", "inspectors": [inspector], "start_name": "区文明办", "lng": "120.872", "lat": "32.011",
        "begins": "08:30", "ends": "17:30", "active": "on",
    }  # fmt: skip
    assert clerk.post("/desk/plans/teams/new/", facts).status_code == 302
    assert "甲组" in read(clerk.get("/desk/plans/teams/")).words
    team = Team.objects.get()
    assert clerk.post(f"/desk/plans/teams/{team.pk}/", facts | {"start_name": "学田街道"}).status_code == 302
    usual = {"minutes": "25", "opens": "08:00", "closes": "18:00"}
    terms = {f"{part}-{code}": value for code in ("RES", "LANE") for part, value in usual.items()}
    assert clerk.post("/desk/plans/terms/", terms | {"opens-RES": "早上"}).status_code == 422
    assert clerk.post("/desk/plans/terms/", terms).status_code == 302

    wanted = {
        "day": str(TOMORROW), "teams": [team.pk], "must": "学田苑", "gap": 7, "random_percent": 5, "kind": "daily",
        "edition": edition.pk, "ways_by": "straight", "client_key": "k",
    }  # fmt: skip
    page = read(clerk.post("/desk/plans/new/", wanted | {"must": "没有的地方"}))
    assert page.status == 422
    assert "没有找到点位“没有的地方”" in page.words
    gone = clerk.post("/desk/plans/new/", wanted)
    assert clerk.post("/desk/plans/new/", wanted)["Location"] == gone["Location"]  # pressed twice
    plan = Plan.objects.get()
    assert "正在排路线" in read(clerk.get(gone["Location"])).words
    while react_once(NOW):
        pass
    with budget("GET /desk/plans/{plan_id}/"):
        page = read(clerk.get(gone["Location"]))
    assert "价值按“多久没去 × 以往不合格的份额”算" in page.words
    assert "甲组（5 站）" in page.words
    stop = PlanStop.objects.select_related("site").order_by("position")[1]
    form = page.forms[f"stop-{stop.pk}"]
    assert form.action == f"/desk/plans/{plan.pk}/stop/"
    with budget("POST /desk/plans/{plan_id}/stop/"):
        answer = clerk.post(form.action, form.filled(team="1", position="1", act="place"))
    assert answer.status_code == 302
    stop.refresh_from_db()
    assert stop.position == 1
    page = read(clerk.post(form.action, form.filled(team="1", position="2", act="place", client_key="late")))
    assert page.status == 409
    assert "刚刚有人改过" in page.words
    assert read(clerk.post(form.action, {"site_name": "哪里", "team": "1"})).status == 422
    assert clerk.post(form.action, {"site": stop.site_id, "act": "drop"}).status_code == 302
    assert clerk.post(form.action, {"site_name": stop.site.code, "team": "1"}).status_code == 302

    _printed_and_approved(enter, clerk, plan)


def _printed_and_approved(enter: Enter, clerk: Client, plan: Plan) -> None:
    here = f"/desk/plans/{plan.pk}/"
    sheet = read(clerk.get(f"{here}sheet/"))
    assert "学田街道出发" in sheet.words
    for private in ("巡查员甲", "物业经理", "13900001234"):
        assert private not in sheet.html.split("<article")[0].split('class="cw-plan-sheet"')[1]
    approve = f"{here}approve/"
    assert clerk.post(approve, {"client_key": "a"}).status_code == 302
    assert clerk.post(approve, {"client_key": "b"}).status_code == 302
    patrol = Patrol.objects.get()
    assert "已批准" in read(clerk.get("/desk/plans/")).words
    assert f"/desk/patrols/{patrol.pk}/" in read(clerk.get(here)).links
    phone = enter("inspector")
    part = phone.get("/field/pack/").json()["parts"][f"patrol:{patrol.pk}"]
    assert [row["position"] for row in part["stops"]] == [1, 2, 3, 4, 5]
    assert part["stops"][0]["planned"].startswith(f"{TOMORROW}T08:")
    assert "第 1 站，计划 08:" in read(phone.get(f"/field/patrols/{patrol.pk}/")).words


def test_each_role_finds_what_the_map_lets_it_have(world: World, enter: Enter) -> None:
    lanes(1)
    plan = drafted(world)
    here = f"/desk/plans/{plan.pk}/"
    leader = enter("leader")
    page = read(leader.get(here))
    assert "6月25日巡查路线" in page.words
    assert not [action for action in page.forms if "plans" in action]
    assert leader.post(f"{here}approve/").status_code == 403
    assert leader.get("/desk/plans/new/").status_code == 403
    assert enter("inspector").get(here).status_code == 403
    assert enter("gz_clerk").get(here).status_code == 404
    assert enter("gz_clerk").post(f"{here}stop/", {"site": world.lane.pk, "act": "drop"}).status_code == 404
    assert enter("gz_clerk").get(f"/desk/plans/teams/{Team.objects.first().pk}/").status_code == 404  # type: ignore[union-attr]  # made above
    clerk = enter("clerk")
    with budget("GET /desk/plans/"):
        assert "6月25日" in read(clerk.get("/desk/plans/")).words
    late = drafted(world, teams=list(Team.objects.all()), must_ids=[world.compound.pk])
    PlanStop.objects.filter(plan=late, site=world.compound).update(opens=300, closes=310)
    page = read(clerk.get(f"/desk/plans/{late.pk}/"))
    assert "只能在 05:00–05:10 之间到" in page.words
    answer = clerk.post(f"/desk/plans/{late.pk}/approve/", {"version": late.version})
    assert answer.status_code == 422
    assert "1 处时间对不上" in read(answer).words
    assert clerk.post(f"/desk/plans/{late.pk}/discard/").status_code == 302
