"""Draws in two steps, and the second look that follows."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from chuangwen.cases.models import Case
from chuangwen.cases.queries import case_for, to_do
from chuangwen.journal.models import Event
from chuangwen.patrols.operations import record_finding
from chuangwen.rechecks.models import Candidate, Draw, Second, Task
from chuangwen.rechecks.operations import cancel_draw, decide_draw, publish_draw, publish_weekly
from chuangwen.rechecks.queries import blind_sites, my_task, my_tasks
from chuangwen.rechecks.tasks import finish_recheck, hand_over, judge_again
from chuangwen.rules.case_flow import Status
from chuangwen.rules.draw_records import differences, read_candidates
from chuangwen.rules.permissions import Permission, may
from chuangwen.rules.refusals import NotFound, Refused
from chuangwen.standards.models import Criterion
from tests.rechecking import (
    AFTER,
    ANNOUNCED,
    LAST_WEEK,
    MONDAY,
    NUMBERS,
    SUNDAY,
    a_week,
    decided,
    passed_visit,
    published,
    task_on_visit,
)
from tests.rounds import small_edition, small_patrol
from tests.world import BEIJING, NOW, World, photo_id


def test_the_list_of_a_week_is_frozen_with_its_fingerprint_before_anybody_knows_the_numbers(world: World) -> None:
    cases, visits = a_week(world)
    draw = published(world)
    listed = read_candidates(draw.snapshot)
    assert (listed.sha256(), draw.size) == (draw.sha256, len(cases) + len(visits))
    assert [row[:3] for row in listed.rows] == [
        ("1", "学田街道", "已结案件"), ("2", "学田街道", "已结案件"), ("3", "学田街道", "全部合格的检查单"),
        ("4", "文峰街道", "全部合格的检查单"), ("5", "文峰街道", "全部合格的检查单"),
    ]  # fmt: skip
    event = Event.objects.get(kind="draw.published")
    assert event.facts["sha256"] == draw.sha256
    later = passed_visit(world, small_edition_again(), world.compound)
    assert not Candidate.objects.filter(kind="visit", subject_id=later.pk).exists()


def small_edition_again() -> Any:
    """The edition that the week already made."""
    from chuangwen.standards.models import Edition

    return Edition.objects.get()


def test_a_failed_round_an_open_case_and_a_case_without_a_place_are_not_in_the_list(world: World) -> None:
    edition = small_edition()
    patrol = small_patrol(world, edition=edition)
    record_finding(
        patrol_id=patrol.pk, site_id=world.compound.pk, criterion_code="RES-01", verdict="fail",
        by=world.actor("inspector"), now=LAST_WEEK,
    )  # fmt: skip
    world.case_at(Status.HANDLING, now=LAST_WEEK)
    world.case_at(Status.CLOSED, now=LAST_WEEK, criterion_code="")
    passed_visit(world, edition, world.lane)
    draw = published(world)
    assert (draw.size, draw.left_out) == (1, 1)


def test_announced_numbers_decide_and_anybody_can_draw_again_from_the_record(world: World) -> None:
    a_week(world)
    draw = decided(world, share="0.4")
    assert draw.record is not None
    assert differences(draw.record, published_sha256=draw.sha256) == []
    assert len(draw.record["selected"]) == 2
    assert draw.record["key"] == "3.8.15.20.26.33./7./0.4.4./"
    chosen = list(Candidate.objects.filter(position__isnull=False).order_by("position"))
    assert [str(candidate.number) for candidate in chosen] == draw.record["selected"]
    assert Task.objects.count() == 2
    assert Event.objects.get(kind="draw.decided").facts["selected"] == draw.record["selected"]


def test_nothing_is_drawn_again_silently(world: World) -> None:
    a_week(world)
    draw = decided(world)
    clerk = world.actor("clerk")
    assert decide_draw(draw_id=draw.pk, numbers=NUMBERS, numbers_from="公告", by=clerk, now=AFTER).drawn_at == AFTER
    with pytest.raises(Refused, match="不能重抽"):
        decide_draw(
            draw_id=draw.pk, numbers=[[1, 2, 3, 4, 5, 6], [1], [1, 2, 3]], numbers_from="x", by=clerk, now=AFTER
        )
    with pytest.raises(Refused, match="不能再抽一次"):
        published(world)
    with pytest.raises(Refused, match="须写明理由"):
        cancel_draw(draw_id=draw.pk, reason=" ", by=clerk, now=AFTER)
    gone = cancel_draw(draw_id=draw.pk, reason="号码抄错", by=clerk, now=AFTER)
    assert gone.state == "cancelled"
    assert not Task.objects.filter(withdrawn_at=None).exists()
    assert published(world).pk != gone.pk
    assert Draw.objects.count() == 2


def test_numbers_cannot_be_entered_early_or_wrong_and_every_reason_is_named(world: World) -> None:
    a_week(world)
    draw = published(world)
    clerk = world.actor("clerk")
    early = datetime(2020, 6, 25, 21, 0, tzinfo=BEIJING)
    with pytest.raises(Refused) as refusal:
        decide_draw(
            draw_id=draw.pk, numbers=[[3, 3, 8, 20, 26, 34], [7], [4, 0]], numbers_from=" ", by=clerk, now=early
        )
    said = "\n".join(refusal.value.objections)
    for words in ("21:30 之后", "1 到 33", "不会重复", "福彩3D应是 3 个数", "号码出处"):
        assert words in said
    with pytest.raises(Refused):
        decide_draw(draw_id=draw.pk, numbers=NUMBERS, numbers_from="x", by=world.actor("leader"), now=AFTER)
    with pytest.raises(NotFound):
        decide_draw(draw_id=draw.pk, numbers=NUMBERS, numbers_from="x", by=world.actor("gz_clerk"), now=AFTER)


def test_a_plan_with_mistakes_names_them_all(world: World) -> None:
    with pytest.raises(Refused) as refusal:
        publish_draw(
            starts_on=NOW.date(), ends_on=NOW.date(), share=Decimal("1.5"), announced_on=NOW.date(), days_to_do=0,
            by=world.actor("clerk"), now=NOW,
        )  # fmt: skip
    assert len(refusal.value.objections) == 5


@pytest.mark.parametrize(
    "odd",
    [
        {"share": Decimal("NaN")}, {"share": Decimal("1e30")}, {"share": Decimal("0.00001")},
        {"starts_on": date(1, 1, 1), "ends_on": date(1, 1, 2)}, {"announced_on": date(9999, 12, 30)},
        {"scope_code": "GZ"}, {"scope_code": "none"},
    ],
    ids=str,
)  # fmt: skip
def test_odd_values_are_refused_with_a_sentence(world: World, odd: dict[str, Any]) -> None:
    a_week(world)
    plan: dict[str, Any] = {"starts_on": MONDAY, "ends_on": SUNDAY, "announced_on": ANNOUNCED, **odd}
    with pytest.raises(Refused):
        publish_draw(**plan, by=world.actor("clerk"), now=NOW)
    assert not Draw.objects.exists()


def test_rows_changed_behind_the_house_stop_the_draw(world: World) -> None:
    cases, _ = a_week(world)
    draw = published(world)
    Candidate.objects.filter(kind="case", subject_id=cases[0]).update(subject_id=999)
    with pytest.raises(Refused, match="指纹不一致"):
        decide_draw(draw_id=draw.pk, numbers=NUMBERS, numbers_from="x", by=world.actor("clerk"), now=AFTER)


def test_nobody_looks_again_at_what_they_had_a_part_in(world: World) -> None:
    _, visits = a_week(world)
    draw = decided(world)
    first, second = (world.actor(name).user_id for name in ("inspector", "inspector2"))
    assert task_on_visit(draw, visits[0]).inspector_id == second
    assert task_on_visit(draw, visits[2]).inspector_id == first
    for task in Task.objects.filter(candidate__kind="case"):
        assert task.first_id == second  # who verified the fix
        assert task.inspector_id is None  # one reported it, the other verified it: the office has to find a third
        assert first in task.barred.values_list("pk", flat=True)


def test_the_office_hands_a_task_over_but_never_to_somebody_who_took_part(world: World) -> None:
    from chuangwen.people import operations as people
    from chuangwen.rules.permissions import SYSTEM, Role

    _, visits = a_week(world)
    draw = decided(world)
    third, _ = people.put_user(username="inspector3", display_name="巡查员丙", by=SYSTEM, now=NOW)
    people.appoint(
        username="inspector3", unit_code="CC-WM", role=Role.INSPECTOR, starts_on=NOW.date(), by=SYSTEM, now=NOW
    )
    task, clerk = task_on_visit(draw, visits[0]), world.actor("clerk")
    assert hand_over(task_id=task.pk, inspector_id=third.pk, by=clerk, now=AFTER).inspector_id == third.pk
    with pytest.raises(Refused, match="须回避"):
        hand_over(task_id=task.pk, inspector_id=world.actor("inspector").user_id or 0, by=clerk, now=AFTER)
    with pytest.raises(Refused, match="在岗"):
        hand_over(task_id=task.pk, inspector_id=clerk.user_id or 0, by=clerk, now=AFTER)
    with pytest.raises(NotFound):
        hand_over(task_id=task.pk, inspector_id=third.pk, by=world.actor("gz_clerk"), now=AFTER)


def second_look(world: World) -> tuple[Task, Any]:
    """The second inspector's task at the compound, and that inspector."""
    _, visits = a_week(world)
    task = task_on_visit(decided(world), visits[0])
    return task, world.actor("inspector2")


def judge(task: Task, by: Any, code: str, verdict: str, **given: Any) -> Second:
    """A second verdict."""
    return judge_again(task_id=task.pk, criterion_code=code, verdict=verdict, by=by, now=AFTER, **given)


def test_a_failed_second_look_opens_a_case_like_any_finding_and_marks_nobody(world: World) -> None:
    task, by = second_look(world)
    made = judge(task, by, "RES-01", "fail", note="3号楼前破损", client_key="k")
    assert judge(task, by, "RES-01", "fail", client_key="k").pk == made.pk
    case = Case.objects.get(origin_kind="recheck")
    assert (case.flow_status, case.unit, case.origin_id) == (Status.DISPATCHED, world.compound.owner, made.pk)
    with pytest.raises(Refused, match="须拍一张"):
        judge(task, by, "RES-10", "fail")
    judge(task, by, "RES-10", "fail", photo_ids=[photo_id(by)])
    assert Case.objects.filter(origin_kind="recheck").count() == 2
    judge(task, by, "RES-01", "pass")
    case.refresh_from_db()
    assert case.flow_status is Status.CANCELLED


def test_a_criterion_that_asks_for_words_asks_for_them_at_the_second_look_too(world: World) -> None:
    task, by = second_look(world)
    Criterion.objects.filter(code="RES-10").update(note_on_fail=True)
    with pytest.raises(Refused) as refusal:
        judge(task, by, "RES-10", "fail")
    assert len(refusal.value.objections) == 2
    assert judge(task, by, "RES-10", "fail", note="二楼纸箱", photo_ids=[photo_id(by)]).case is not None


def test_finishing_a_second_look(world: World) -> None:
    task, by = second_look(world)
    judge(task, by, "RES-01", "pass")
    with pytest.raises(Refused, match="还有 2 条"):
        finish_recheck(task_id=task.pk, rest_passes=False, by=by, now=AFTER)
    finish_recheck(task_id=task.pk, rest_passes=True, by=by, now=AFTER)
    assert not Second.objects.filter(task=task, verdict="").exists()
    with pytest.raises(Refused, match="已提交完成"):
        judge(task, by, "RES-01", "fail")
    with pytest.raises(NotFound):
        judge(task, world.actor("inspector"), "RES-01", "fail")


def test_until_it_is_done_the_place_shows_its_second_inspector_nothing_from_before(world: World) -> None:
    task, by = second_look(world)
    case = world.case_at(Status.RECTIFIED)
    assert by.user_id is not None
    assert blind_sites(by.user_id) == {world.compound.pk, world.lane.pk}
    blind = replace(by, blind_sites=blind_sites(by.user_id))
    with pytest.raises(NotFound):
        case_for(blind, case.pk)
    assert case.pk not in {row.pk for row in Case.objects.visible_to(blind)}
    assert case.pk not in {row.pk for row in to_do(blind)}
    assert task.pk in {row.pk for row in my_tasks(by.user_id)}
    _, rows = my_task(blind, task.pk)
    assert "first_verdict" in rows[0].get_deferred_fields()
    finish_recheck(task_id=task.pk, rest_passes=True, by=blind, now=AFTER)
    assert blind_sites(by.user_id) == {world.lane.pk}


@pytest.mark.parametrize("status", list(Status))
def test_what_a_blind_person_may_see_and_what_their_lists_show_is_the_same(world: World, status: Status) -> None:
    case = world.case_at(status)
    for username in ("inspector", "inspector2", "clerk", "wy_chief", "grid"):
        for sites in (frozenset[int](), frozenset({world.compound.pk}), frozenset({world.lane.pk})):
            actor = replace(world.actor(username), blind_sites=sites)
            listed = Case.objects.visible_to(actor).filter(pk=case.pk).exists()
            assert listed == may(actor, Permission.CASE_SEE, case.thing()), (username, sites)


def test_the_week_publishes_itself_once_for_each_district_that_has_something(world: World) -> None:
    a_week(world)
    monday = datetime(2020, 6, 22, 8, 0, tzinfo=BEIJING)
    (draw,) = publish_weekly(day=monday.date(), now=monday)
    assert (draw.starts_on, draw.ends_on, draw.scope.code) == (MONDAY, SUNDAY, "CC")
    assert draw.announced_on == monday.date() + timedelta(days=1)
    assert [row.pk for row in publish_weekly(day=monday.date(), now=monday)] == [draw.pk]
    assert ANNOUNCED.weekday() == 3
