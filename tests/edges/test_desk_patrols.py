"""Patrols on the desk: who sees them, planning a round without losing a word, what was found, cancelling."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from chuangwen.patrols.models import Patrol
from chuangwen.patrols.operations import cancel_patrol, finish_visit, record_finding
from chuangwen.places.models import Site
from chuangwen.places.operations import put_site
from chuangwen.rules.permissions import SYSTEM
from tests.budgets import budget
from tests.edges.desk_pages import read
from tests.rounds import small_edition, small_patrol
from tests.world import NOW, World, photo_id

Enter = Callable[[str], Client]
NEW = "/desk/patrols/new/"


def more_sites(count: int) -> list[int]:
    """Further lanes in the compound's street, from south to north but named the other way round."""
    made = []
    for number in range(count):
        site, _ = put_site(
            code=f"L-{number:02}", name=f"巷{count - number:02}", point_type="LANE", owner_code="XT-01", lng="120.871000",
            lat=f"{32.012 + number / 1000:.6f}", area_code="A-XT-01", by=SYSTEM, now=NOW,
        )  # fmt: skip
        made.append(site.pk)
    return made


def facts(world: World, **changes: Any) -> dict[str, Any]:
    """A round as the form sends it."""
    return {
        "title": "", "kind": "daily", "edition": small_edition().pk, "inspector": [world.actor("inspector").user_id],
        "day": "2020-06-24", "opens": "08:30", "closes": "17:30", "site": [world.compound.pk, world.lane.pk],
        "route": "listed", **changes,
    }  # fmt: skip


def walk(world: World, patrol: Patrol) -> None:
    """The compound is finished with one thing not in order, the lane is begun."""
    by = world.actor("inspector")
    record_finding(
        patrol_id=patrol.pk, site_id=world.compound.pk, criterion_code="RES-10", verdict="fail", note="3号楼堆放纸箱",
        photo_ids=[photo_id(by)], by=by, now=NOW,
    )  # fmt: skip
    finish_visit(patrol_id=patrol.pk, site_id=world.compound.pk, rest_passes=True, by=by, now=NOW)
    record_finding(patrol_id=patrol.pk, site_id=world.lane.pk, criterion_code="LANE-01", verdict="pass", by=by, now=NOW)


# --- the list ---


def test_the_office_sees_how_far_each_round_is(world: World, enter: Enter) -> None:
    walk(world, small_patrol(world))
    page = read(enter("clerk").get("/desk/patrols/"))
    assert "学田文峰日常巡查" in page.words
    assert "进行中" in page.words
    assert "1 / 2" in page.words
    assert "巡查员甲" in page.words
    assert "共 1 次巡查" in page.words


def test_a_leader_looks_but_does_not_plan(world: World, enter: Enter) -> None:
    patrol = small_patrol(world)
    leader = enter("leader")
    assert "安排巡查" not in read(leader.get("/desk/patrols/")).words
    assert "取消这次巡查" not in read(leader.get(f"/desk/patrols/{patrol.pk}/")).words
    assert leader.get(NEW).status_code == 403
    assert leader.post(f"/desk/patrols/{patrol.pk}/cancel/", {"reason": "x"}).status_code == 403


@pytest.mark.parametrize("username", ["inspector", "wy_chief", "grid", "admin"])
def test_others_have_no_list_of_rounds(enter: Enter, username: str) -> None:
    assert enter(username).get("/desk/patrols/").status_code == 403


def test_rounds_by_state_and_inspector(world: World, enter: Enter) -> None:
    edition = small_edition()
    running = small_patrol(world, edition=edition)
    over, coming, dropped = (small_patrol(world, edition=edition, inspector="inspector2") for _ in range(3))
    Patrol.objects.filter(pk=over.pk).update(starts_at=NOW - timedelta(days=2), ends_at=NOW - timedelta(days=1))
    Patrol.objects.filter(pk=coming.pk).update(starts_at=NOW + timedelta(days=1), ends_at=NOW + timedelta(days=2))
    cancel_patrol(patrol_id=dropped.pk, reason="下雨", by=world.actor("clerk"), now=NOW)
    clerk = enter("clerk")
    for state, wanted in (("running", running), ("past", over), ("upcoming", coming), ("cancelled", dropped)):
        page = clerk.get(f"/desk/patrols/?state={state}")
        assert [patrol.pk for patrol, _state in page.context["rows"]] == [wanted.pk]
        assert "进度：" in page.content.decode()
    mine = clerk.get(f"/desk/patrols/?inspector={world.actor('inspector').user_id}")
    assert [patrol.pk for patrol, _state in mine.context["rows"]] == [running.pk]


def test_an_unknown_condition_narrows_nothing_and_says_so(world: World, enter: Enter) -> None:
    small_patrol(world)
    page = enter("clerk").get("/desk/patrols/?state=gone&inspector=x&page=abc")
    assert len(page.context["rows"]) == 1
    assert page.context["form"].errors.keys() == {"state", "inspector"}


def test_without_rounds_the_list_says_what_to_do(enter: Enter) -> None:
    assert "还没有安排过巡查" in read(enter("clerk").get("/desk/patrols/")).words


# --- one round ---


def test_a_round_shows_who_finished_what_and_the_cases_it_opened(world: World, enter: Enter) -> None:
    patrol = small_patrol(world)
    walk(world, patrol)
    page = read(enter("clerk").get(f"/desk/patrols/{patrol.pk}/"))
    for words in (
        "查出的问题（1）",
        "楼道无堆放杂物",
        "3号楼堆放纸箱",
        "1 条不合格",
        "巡查员甲，今天 09:00 完成",
        "没有完成",
        "学田苑物业",
    ):
        assert words in page.words
    case = Patrol.objects.get(pk=patrol.pk).visits.get(site=world.compound).findings.get(verdict="fail").case
    assert case is not None
    assert case.number in page.words
    assert f"/desk/cases/{case.pk}/" in page.links


def test_a_round_says_nothing_of_when_a_visit_began(world: World, enter: Enter) -> None:
    patrol = small_patrol(world)
    walk(world, patrol)
    patrol.visits.update(started_at=NOW.replace(hour=6, minute=17))
    assert "06:17" not in enter("clerk").get(f"/desk/patrols/{patrol.pk}/").content.decode()


def test_an_unknown_round_is_not_found(enter: Enter) -> None:
    assert enter("clerk").get("/desk/patrols/999/").status_code == 404


def test_another_districts_round_is_neither_seen_nor_cancelled(world: World, enter: Enter) -> None:
    patrol = small_patrol(world)
    elsewhere = enter("gz_clerk")
    assert elsewhere.get("/desk/patrols/").context["page"].total == 0
    assert elsewhere.get(f"/desk/patrols/{patrol.pk}/").status_code == 404
    assert elsewhere.post(f"/desk/patrols/{patrol.pk}/cancel/", {"reason": "不要"}).status_code == 404
    patrol.refresh_from_db()
    assert patrol.cancelled_at is None


# --- cancelling ---


def test_a_round_is_cancelled_with_a_reason_and_only_once(world: World, enter: Enter) -> None:
    patrol = small_patrol(world)
    clerk, address = enter("clerk"), f"/desk/patrols/{patrol.pk}/cancel/"
    assert clerk.post(address, {"reason": "暴雨红色预警"}).status_code == 302
    assert clerk.post(address, {"reason": "暴雨红色预警"}).status_code == 302
    patrol.refresh_from_db()
    assert patrol.cancelled_at == NOW
    page = read(clerk.get(f"/desk/patrols/{patrol.pk}/"))
    assert "已取消" in page.words
    assert "取消这次巡查" not in page.words


def test_cancelling_without_a_reason_is_refused_on_the_same_page(world: World, enter: Enter) -> None:
    patrol = small_patrol(world)
    answer = enter("clerk").post(f"/desk/patrols/{patrol.pk}/cancel/", {"reason": "  "})
    assert answer.status_code == 422
    assert "取消巡查须写明理由。" in answer.content.decode()
    patrol.refresh_from_db()
    assert patrol.cancelled_at is None


# --- a new round ---


def test_the_form_suggests_today_in_the_morning_and_tomorrow_in_the_evening(
    world: World, enter: Enter, monkeypatch: pytest.MonkeyPatch
) -> None:
    clerk = enter("clerk")
    draft = clerk.get(NEW).context["draft"]
    assert (draft.day, draft.opens, draft.closes) == ("2020-06-24", "08:30", "17:30")
    monkeypatch.setattr("chuangwen.http.clock", lambda: NOW.replace(hour=16))
    page = clerk.get(NEW)
    assert page.context["draft"].day == "2020-06-25"
    assert "这天在工作日历上是休息日" in page.content.decode()


def test_places_never_visited_come_first_then_the_longest_ago(world: World, enter: Enter) -> None:
    patrol = small_patrol(world)
    walk(world, patrol)
    listed = enter("clerk").get(NEW).context["candidates"]
    assert [site.pk for site in listed] == [world.lane.pk, world.compound.pk]
    assert listed[0].last_visit is None
    assert listed[1].last_visit == NOW


def test_places_are_listed_by_street_type_and_words(world: World, enter: Enter) -> None:
    clerk = enter("clerk")

    def listed(query: str) -> list[str]:
        return [site.name for site in clerk.get(NEW + query).context["candidates"]]

    assert listed("?street=WF") == ["文峰巷"]
    assert listed("?point_type=RES") == ["学田苑"]
    assert listed("?q=南苑") == ["学田苑"]
    assert listed("?q=nothing") == []
    assert "没有符合条件的点位" in clerk.get(NEW + "?q=nothing").content.decode()


def test_another_list_of_places_keeps_the_chosen_ones_and_every_word_typed(world: World, enter: Enter) -> None:
    edition = small_edition()
    inspector = world.actor("inspector2").user_id
    typed: dict[str, Any] = {
        "title": "迎检专项", "kind": "special", "edition": edition.pk, "inspector": inspector, "day": "2020-07-01",
        "opens": "07:00", "closes": "11:00", "route": "name", "site": world.compound.pk, "street": "WF",
    }  # fmt: skip
    page = enter("clerk").get(NEW, typed)
    html = page.content.decode()
    assert [site.name for site in page.context["chosen"]] == ["学田苑"]
    assert [site.name for site in page.context["candidates"]] == ["文峰巷"]
    for words in (
        'value="迎检专项"',
        'value="2020-07-01"',
        'value="07:00"',
        'value="11:00"',
        'value="special" selected',
    ):
        assert words in html
    assert f'name="inspector" value="{inspector}" checked' in html
    assert 'name="route" value="name" checked' in html


def test_all_that_is_listed_can_be_taken_at_once_and_put_back(world: World, enter: Enter) -> None:
    more_sites(3)
    clerk = enter("clerk")
    page = clerk.get(f"{NEW}?street=XT&point_type=LANE&site={world.lane.pk}&pick=all")
    assert len(page.context["chosen"]) == 4
    assert page.context["candidates"] == []
    assert clerk.get(f"{NEW}?site={world.lane.pk}&pick=none").context["chosen"] == []


def test_choosing_works_by_address_and_planning_is_the_one_button_that_posts(world: World, enter: Enter) -> None:
    html = enter("clerk").get(NEW).content.decode()
    assert f'<form method="get" action="{NEW}"' in html
    assert html.count('formmethod="post"') == 1
    assert (
        'type="hidden" name="csrfmiddlewaretoken"'
        not in html.split(f'<form method="get" action="{NEW}"')[1].split("</form>")[0]
    )


def test_a_round_is_planned_with_the_suggested_title(world: World, enter: Enter) -> None:
    typed = facts(world, street="XT", point_type="RES", site=[world.compound.pk])
    answer = enter("clerk").post(f"{NEW}?client_key=k1", typed)
    made = Patrol.objects.get()
    assert answer.status_code == 302
    assert answer["Location"] == f"/desk/patrols/{made.pk}/"
    assert made.title == "学田街道居民小区日常巡查（6月24日）"
    assert (made.starts_at, made.ends_at) == (NOW.replace(hour=8, minute=30), NOW.replace(hour=17, minute=30))
    assert [user.username for user in made.inspectors.all()] == ["inspector"]


def test_the_same_form_twice_plans_one_round(world: World, enter: Enter) -> None:
    clerk, typed = enter("clerk"), facts(world)
    first, second = (clerk.post(f"{NEW}?client_key=k1", typed) for _ in range(2))
    assert Patrol.objects.count() == 1
    assert first["Location"] == second["Location"]


@pytest.mark.parametrize(
    ("route", "names"),
    [
        ("listed", ["学田苑", "巷02", "巷03", "巷01"]),
        ("name", ["学田苑", "巷01", "巷02", "巷03"]),
        ("near", ["学田苑", "巷03", "巷02", "巷01"]),
    ],
)
def test_places_are_walked_in_the_chosen_order(world: World, enter: Enter, route: str, names: list[str]) -> None:
    lanes = more_sites(3)
    chosen = [world.compound.pk, lanes[1], lanes[0], lanes[2]]
    enter("clerk").post(f"{NEW}?client_key=k", facts(world, site=chosen, route=route, title="走一圈"))
    assert [stop.site.name for stop in Patrol.objects.get().stops.select_related("site")] == names


def test_everything_that_is_wrong_is_named_at_once_and_nothing_typed_is_lost(world: World, enter: Enter) -> None:
    typed = facts(
        world, title="迎检", edition="", inspector=[], day="2020-06-31", site=[world.compound.pk, 9999], kind="holiday"
    )
    answer = enter("clerk").post(f"{NEW}?client_key=k", typed)
    page = read(answer)
    assert page.status == 422
    for sentence in (
        "请选择一个已发布的测评标准。", "有点位不存在、已停用，或不在您的辖区。", "请至少选一名巡查员。",
        "请填写开始和结束时间，结束须晚于开始。", "请选择巡查类别。",
    ):  # fmt: skip
        assert sentence in page.words
    assert 'value="迎检"' in page.html
    assert 'value="2020-06-31"' in page.html
    assert [site.name for site in answer.context["chosen"]] == ["学田苑"]
    assert Patrol.objects.count() == 0


def test_without_any_place_the_refusal_says_so(world: World, enter: Enter) -> None:
    answer = enter("clerk").post(NEW, facts(world, site=[]))
    assert "请至少选一个点位。" in answer.content.decode()


def test_another_districts_places_cannot_be_taken(world: World, enter: Enter) -> None:
    answer = enter("gz_clerk").post(NEW, facts(world))
    assert answer.status_code == 422
    assert Patrol.objects.count() == 0


def test_a_place_no_longer_in_use_is_not_offered(world: World, enter: Enter) -> None:
    Site.objects.filter(pk=world.lane.pk).update(active=False)
    page = enter("clerk").get(NEW, {"site": world.lane.pk})
    assert [site.name for site in page.context["candidates"]] == ["学田苑"]
    assert page.context["chosen"] == []


# --- statements ---


def test_statements(world: World, enter: Enter) -> None:
    edition = small_edition()
    patrol = small_patrol(world, edition=edition)
    walk(world, patrol)
    for _ in range(12):
        small_patrol(world, edition=edition)
    more_sites(5)
    clerk = enter("clerk")
    clerk.get("/desk/patrols/")
    with budget("GET /desk/patrols/"):
        clerk.get("/desk/patrols/?state=running")
    with budget("GET /desk/patrols/{patrol_id}/"):
        clerk.get(f"/desk/patrols/{patrol.pk}/")
    with budget("GET /desk/patrols/new/"):
        clerk.get(f"{NEW}?street=XT&site={world.lane.pk}")
