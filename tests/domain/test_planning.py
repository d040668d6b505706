"""Tomorrow's routes: asked for, worked out, changed by people, approved into ordinary patrols."""

from datetime import timedelta
from typing import Any

import pytest

from chuangwen.journal.models import Event
from chuangwen.patrols.models import Patrol, PatrolSite, Visit
from chuangwen.places.models import Site
from chuangwen.planning.asking import run_plan
from chuangwen.planning.editing import approve_plan, discard_plan, drop_stop, place_stop
from chuangwen.planning.models import Plan, PlanStop, Team
from chuangwen.planning.operations import put_team, put_terms
from chuangwen.planning.queries import Needs, candidates_of, missing_must, needs_of, plans_for, routes_of
from chuangwen.rules.refusals import Conflict, NotFound, Refused
from tests.planning import TOMORROW, asked, drafted, lanes, no_roads, quick_tours, teams
from tests.rounds import small_edition, small_patrol
from tests.world import NOW, World

pytestmark = pytest.mark.embedded


def tours(plan: Plan) -> dict[str, list[int]]:
    return {route.team.name: [stop.site_id for stop in route.stops] for route in routes_of(plan)}


def everywhere(plan: Plan) -> list[int]:
    return [site for tour in tours(plan).values() for site in tour]


def edit(world: World, plan: Plan, **given: Any) -> Plan:
    return place_stop(plan_id=plan.pk, by=world.actor("clerk"), now=NOW, **given)


def test_from_asking_to_patrols_on_the_phone(world: World) -> None:
    made = lanes(4)
    plan = drafted(world, must_ids=[world.compound.pk], random_percent=5)
    assert plan.status == "draft"
    assert plan.values_by == "looks"
    routes = routes_of(plan)
    assert {stop.site_id for route in routes for stop in route.stops} == {*made, world.compound.pk, world.lane.pk}
    assert sum(route.times.breaches for route in routes) == 0
    assert {stop.why for route in routes for stop in route.stops} == {"must", "drawn", "value"}
    assert run_plan(plan_id=plan.pk, solve=quick_tours, service=no_roads, now=NOW) is False

    first, second = (route.team.number for route in routes)
    moved = edit(world, plan, site_id=made[0], team=second, position=1, client_key="m", seen_version=plan.version)
    assert tours(moved)[routes[1].team.name][0] == made[0]
    assert (
        edit(world, plan, site_id=made[0], team=first, client_key="m").version == moved.version
    )  # the same submission
    with pytest.raises(Conflict):
        edit(world, plan, site_id=made[0], team=first, seen_version=1)
    drop_stop(plan_id=plan.pk, site_id=world.compound.pk, by=world.actor("clerk"), now=NOW)
    assert [row[1:] for row in missing_must(plan, routes_of(plan))] == [("学田苑", "排好以后由人移出。")]
    assert [site.pk for site, _value in candidates_of(world.actor("clerk"), plan, routes_of(plan))] == [
        world.compound.pk
    ]
    edit(world, plan, site_id=world.compound.pk, team=first)  # put back where it costs least
    assert PlanStop.objects.get(plan=plan, site=world.compound).why == "must"
    for tour in tours(plan).values():
        assert len(tour) == len(set(tour))

    patrols = approve_plan(plan_id=plan.pk, by=world.actor("clerk"), now=NOW)
    assert approve_plan(plan_id=plan.pk, by=world.actor("clerk"), now=NOW) == patrols
    planned = {route.team.name: [stop.site_id for stop in route.stops] for route in routes_of(plan) if route.stops}
    assert Patrol.objects.count() == len(planned)
    for patrol in patrols:
        rows = list(PatrolSite.objects.filter(patrol=patrol).order_by("position"))
        assert [row.site_id for row in rows] == planned[patrol.title.split("（")[0]]
        when = [row.planned_at for row in rows if row.planned_at]
        assert when == sorted(when)
        assert all(moment.date() == TOMORROW for moment in when)
    kinds = list(Event.objects.filter(subject_kind="plan").order_by("pk").values_list("kind", flat=True))
    expected = ["started", "drafted", "stop_placed", "stop_dropped", "stop_placed", "approved"]
    assert kinds == [f"plan.{kind}" for kind in expected]
    with pytest.raises(Refused, match="只有草稿"):
        drop_stop(plan_id=plan.pk, site_id=made[0], by=world.actor("clerk"), now=NOW)
    with pytest.raises(Refused, match="逐次取消"):
        discard_plan(plan_id=plan.pk, by=world.actor("clerk"), now=NOW)


def test_what_was_visited_lately_or_is_planned_already_waits_but_a_must_visit_does_not(world: World) -> None:
    inspector = world.actor("inspector").user_id or 0
    patrol = small_patrol(world)
    for site, days in ((world.compound, 2), (world.lane, 30)):
        at = NOW - timedelta(days=days)
        Visit.objects.create(patrol=patrol, site=site, inspector_id=inspector, started_at=at, finished_at=at)
    (free,) = lanes(1)
    plan = drafted(world, must_ids=[world.compound.pk])
    assert set(everywhere(plan)) == {world.compound.pk, free}  # the lane is on this morning's round
    assert "1 处已在当天以前" in "".join(plan.notes)
    Patrol.objects.update(cancelled_at=NOW)
    plan = drafted(world, teams=list(Team.objects.all()))
    assert set(everywhere(plan)) == {world.lane.pk, free}
    assert "1 处离上次走访不满 7 天" in "".join(plan.notes)


def test_a_must_visit_that_nobody_reaches_says_why_and_the_rest_is_planned(world: World) -> None:
    clerk = world.actor("clerk")
    small_edition()
    put_terms(terms={"RES": Needs(30, 300, 330)}, by=clerk, now=NOW)  # at five in the morning
    far = lanes(1)
    plan = drafted(world, must_ids=[world.compound.pk, *far])
    assert world.compound.pk not in everywhere(plan)
    ((_pk, name, why),) = missing_must(plan, routes_of(plan))
    assert name == "学田苑"
    assert "哪一队都去不了" in why
    assert "05:30 已关" in why
    edit(world, plan, site_id=world.compound.pk, team=1, position=1)
    late = next(route for route in routes_of(plan) if route.stops and route.stops[0].site_id == world.compound.pk)
    assert "只能在 05:00–05:30 之间到" in late.times.stops[0].breach
    with pytest.raises(Refused, match="1 处时间对不上"):
        approve_plan(plan_id=plan.pk, by=clerk, now=NOW)
    assert not Patrol.objects.exists()
    approve_plan(plan_id=plan.pk, overrule="物业约在早上", by=clerk, now=NOW)
    assert Plan.objects.get(pk=plan.pk).overrule == "物业约在早上"


def test_with_nowhere_to_go_the_plan_says_so(world: World) -> None:
    Site.objects.update(active=False)
    plan = drafted(world)
    assert plan.status == "failed"
    assert "没有可去的点位" in "".join(plan.notes)


def test_a_table_of_minutes_names_what_is_missing_and_is_used(world: World) -> None:
    pair = teams(world)
    table = "\ufeff,S-RES-1,文峰巷,甲组,乙组\nS-RES-1,0,90,5,5\n文峰巷,90,0,7,7\n甲组,5,7,0,0\n乙组,5,7,0,0\n"
    with pytest.raises(Refused) as refusal:
        asked(world, teams=pair, ways_by="table", table=table.replace("乙组", "丙组"))
    assert "“丙组”不是您辖区的点位" in "".join(refusal.value.objections)
    assert "没有乙组" in "".join(refusal.value.objections)
    plan = drafted(world, teams=pair, ways_by="table", table=table)
    by_site = {stop.site_id: time.way for route in routes_of(plan) for stop, time in route.rows}  # type: ignore[attr-defined]  # a Timed
    assert by_site == {world.compound.pk: 5, world.lane.pk: 7}
    free = lanes(1)[0]
    edit(world, plan, site_id=free, team=1)  # not in the table: straight lines
    assert free in everywhere(plan)


def test_who_may_not_and_what_does_not_fit_is_refused(world: World) -> None:
    pair = teams(world)
    plan = drafted(world, teams=pair)
    with pytest.raises(Refused, match="文明办安排"):
        place_stop(plan_id=plan.pk, site_id=world.lane.pk, team=1, by=world.actor("leader"), now=NOW)
    with pytest.raises(NotFound):
        drop_stop(plan_id=plan.pk, site_id=world.lane.pk, by=world.actor("gz_clerk"), now=NOW)
    assert not plans_for(world.actor("gz_clerk")).exists()
    assert plans_for(world.actor("leader")).count() == 1
    with pytest.raises(Refused) as refusal:
        asked(world, teams=pair, day=NOW.date() - timedelta(days=1), gap=999, kind="unannounced", must_ids=[10**6])
    assert len(refusal.value.objections) == 4
    with pytest.raises(Refused) as refusal:
        put_team(
            name="甲组", inspector_ids=[world.actor("clerk").user_id or 0], start_name="", lng=None, lat=None, begins=600,
            ends=500, by=world.actor("clerk"), now=NOW,
        )  # fmt: skip
    assert len(refusal.value.objections) == 4
    with pytest.raises(Refused, match="同时在"):
        _with_the_same_inspector(world, pair)
    with pytest.raises(Refused, match="停留须在"):
        put_terms(terms={"LANE": Needs(0, 480, 1080)}, by=world.actor("clerk"), now=NOW)
    assert needs_of(plan.home_id)["LANE"][1] == Needs(20, 480, 1080)
    discard_plan(plan_id=plan.pk, by=world.actor("clerk"), now=NOW)
    assert Plan.objects.get(pk=plan.pk).status == "discarded"


def _with_the_same_inspector(world: World, pair: list[Any]) -> None:
    pair[1].inspectors.set(pair[0].inspectors.all())
    asked(world, teams=pair)
