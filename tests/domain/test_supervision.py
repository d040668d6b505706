"""Supervision tasks: planned, ordered, kept secret, noted on the way, followed until closed."""

from datetime import timedelta

import pytest

from chuangwen.bulletins.facts import Span, looked_at
from chuangwen.cases import operations as cases
from chuangwen.cases.models import Case
from chuangwen.journal.models import Event
from chuangwen.patrols.models import Patrol
from chuangwen.patrols.operations import disclose_ended, plan_patrol
from chuangwen.patrols.queries import by_last_visit, concealed, last_visits, patrols_for
from chuangwen.places.models import Site
from chuangwen.rules.case_flow import Status
from chuangwen.rules.permissions import SYSTEM
from chuangwen.rules.refusals import Conflict, NotFound, Refused
from chuangwen.scores.observations import findings_within
from chuangwen.standards.queries import standard_for
from chuangwen.supervision import operations as work
from chuangwen.supervision import remarks, reports
from chuangwen.supervision.models import RemarkState, Task, TaskStatus
from chuangwen.supervision.queries import cases_of, remarks_to_answer, rest_of, seen_by, task_for, tasks_for
from tests.rounds import small_edition
from tests.supervised import TITLE, facts, noted, ordered, round_of, secret, walked
from tests.world import NOW, World, photo_id

LATER = NOW + timedelta(hours=2)


def standard_id() -> int:
    """The manhole standard."""
    found = standard_for("T-4WH")
    assert found is not None
    return found.pk


def made_case(world: World, task: Task) -> Case:
    """Something noted by the leader and completed by the clerk."""
    remark = remarks.make_case(
        remark_id=noted(world, task).pk, standard_id=standard_id(), unit_id=world.unit("XT-01-WY").pk,
        site_id=world.compound.pk, by=world.actor("clerk"), now=NOW,
    )  # fmt: skip
    assert remark.case is not None
    return remark.case


def test_every_objection_to_a_task_is_named_at_once(world: World) -> None:
    bad = facts(
        world,
        kind="x",
        title=" ",
        questions="",
        unit_ids=[world.unit("GZ").pk],
        team_ids=[],
        ends_at=NOW,
        repeat="daily",
    )
    with pytest.raises(Refused) as refusal:
        work.plan_task(facts=bad, by=world.actor("clerk"), now=NOW)
    text = "".join(refusal.value.objections)
    for words in ("类别", "名称", "督查组成员", "结束须晚于开始", "督查内容", "有单位不存在", "按周或按月"):
        assert words in text, words
    with pytest.raises(Refused, match="由区文明办安排"):
        work.plan_task(facts=facts(world), by=world.actor("leader"), now=NOW)
    assert not Task.objects.exists()


def test_the_same_submission_makes_one_task(world: World) -> None:
    first, second = (
        work.plan_task(facts=facts(world), by=world.actor("clerk"), now=NOW, client_key="k") for _ in range(2)
    )
    assert first == second
    with pytest.raises(Refused, match="提交标识已用过"):
        work.plan_task(facts=facts(world), by=world.actor("gz_clerk"), now=NOW, client_key="k")


def test_a_draft_is_the_offices_an_order_is_known_to_the_supervised(world: World) -> None:
    task = work.plan_task(facts=facts(world), by=world.actor("clerk"), now=NOW)
    unit, neighbour, worker = (world.actor(name) for name in ("xt_chief", "wf_chief", "wy_worker"))
    assert not tasks_for(unit).exists()
    work.order_task(task_id=task.pk, by=world.actor("clerk"), now=NOW)
    assert task_for(unit, task.pk) == task_for(worker, task.pk) == task
    with pytest.raises(NotFound):
        task_for(neighbour, task.pk)
    with pytest.raises(NotFound):
        task_for(world.actor("gz_clerk"), task.pk)


def test_owners_of_the_places_are_supervised_too(world: World) -> None:
    task = ordered(world, unit_ids=[], site_ids=[world.lane.pk])
    assert list(task.units.values_list("code", flat=True)) == ["WF-01"]
    assert tasks_for(world.actor("wf_chief")).exists()


def test_a_draft_can_be_changed_until_it_is_ordered(world: World) -> None:
    task = work.plan_task(facts=facts(world), by=world.actor("clerk"), now=NOW)
    changed = work.edit_task(
        task_id=task.pk, facts=facts(world, title="改过的名称"), by=world.actor("chief"), now=NOW, seen_version=1
    )
    assert (changed.title, changed.version) == ("改过的名称", 2)
    with pytest.raises(Conflict):
        work.edit_task(task_id=task.pk, facts=facts(world), by=world.actor("clerk"), now=NOW, seen_version=1)
    work.order_task(task_id=task.pk, by=world.actor("clerk"), now=NOW)
    with pytest.raises(Refused, match="进行中"):
        work.edit_task(task_id=task.pk, facts=facts(world), by=world.actor("clerk"), now=NOW)
    with pytest.raises(Refused, match="进行中"):
        work.drop_task(task_id=task.pk, by=world.actor("clerk"), now=NOW)


def test_a_window_that_is_over_is_not_ordered(world: World) -> None:
    task = work.plan_task(facts=facts(world), by=world.actor("clerk"), now=NOW)
    with pytest.raises(Refused, match="已经过去"):
        work.order_task(task_id=task.pk, by=world.actor("clerk"), now=NOW + timedelta(days=3))


# --- secrecy ---


def test_nobody_supervised_notices_a_secret_task_before_its_release(world: World) -> None:
    small_edition()
    task = secret(world)
    case_id = walked(world, round_of(world, task))
    unit = world.actor("xt_chief")
    assert not tasks_for(unit).exists()
    assert not patrols_for(unit).exists()
    assert list(last_visits(unit, world.compound)) == []
    assert [visit.site_id for visit in last_visits(world.actor("clerk"), world.compound)] == [world.compound.pk]
    assert concealed().exists()
    assert Case.objects.visible_to(unit).filter(pk=case_id).exists()
    work.disclose_task(task_id=task.pk, by=world.actor("chief"), now=LATER)
    assert task_for(unit, task.pk) == task
    assert len(last_visits(unit, world.compound)) == 1
    assert not concealed().exists()
    assert concealed(NOW).exists()


def test_the_journal_never_says_what_a_secret_is_called(world: World) -> None:
    small_edition()
    task = secret(world)
    walked(world, round_of(world, task))
    made_case(world, task)
    assert not [event for event in Event.objects.all() if TITLE in str(event.facts)]


def test_only_the_chief_releases_and_nobody_closes_a_secret(world: World) -> None:
    task = secret(world)
    with pytest.raises(Refused, match="主任"):
        work.disclose_task(task_id=task.pk, by=world.actor("clerk"), now=NOW)
    with pytest.raises(Refused, match="请先公布"):
        work.close_task(task_id=task.pk, by=world.actor("clerk"), now=NOW)


def test_a_remark_of_a_secret_task_waits_and_keeps_its_time(world: World) -> None:
    task = secret(world)
    remark = remarks.send_remark(
        remark_id=noted(world, task).pk, unit_id=world.unit("XT").pk, deadline=NOW + timedelta(days=2),
        by=world.actor("clerk"), now=NOW,
    )  # fmt: skip
    unit = world.actor("xt_chief")
    assert not remarks_to_answer(unit).exists()
    with pytest.raises(NotFound):
        remarks.answer_remark(remark_id=remark.pk, answer="已清", by=unit, now=NOW)
    released = NOW + timedelta(days=1)
    work.disclose_task(task_id=task.pk, by=world.actor("chief"), now=released)
    (waiting,) = remarks_to_answer(unit)
    assert waiting.deadline == released + timedelta(days=2)


def test_a_case_of_a_secret_task_looks_like_any_report(world: World) -> None:
    hidden, known = made_case(world, secret(world)), made_case(world, ordered(world))
    assert (hidden.origin_kind, hidden.origin_id) == ("report", None)
    assert known.origin_kind == "supervision"
    assert TITLE not in f"{hidden.title}{hidden.text}"


def test_an_unannounced_round_is_secret_until_it_is_over(world: World) -> None:
    patrol = plan_patrol(
        title="夜间暗访", edition_id=small_edition().pk, site_ids=[world.compound.pk], kind="unannounced",
        inspector_ids=[world.actor("inspector").user_id or 0], starts_at=NOW, ends_at=LATER, by=world.actor("clerk"), now=NOW,
    )  # fmt: skip
    walked(world, patrol)
    unit = world.actor("wy_chief")
    assert not last_visits(unit, world.compound)
    assert disclose_ended(now=NOW) == 0
    assert disclose_ended(now=LATER) == 1
    assert disclose_ended(now=LATER) == 0
    assert len(last_visits(unit, world.compound)) == 1


def test_an_office_of_a_lower_level_does_not_see_the_secret_of_a_higher_one(world: World) -> None:
    from datetime import date

    from chuangwen.people import operations as people
    from chuangwen.rules.permissions import Role

    people.put_user(username="xt_leader", display_name="街道领导", by=SYSTEM, now=NOW)
    people.appoint(
        username="xt_leader", unit_code="XT", role=Role.LEADER, starts_on=date(2020, 1, 1), by=SYSTEM, now=NOW
    )
    small_edition()
    task = secret(world)
    patrol = round_of(world, task)
    street_leader = world.actor("xt_leader")
    assert not patrols_for(street_leader).exists()
    assert not tasks_for(street_leader).exists()
    work.disclose_task(task_id=task.pk, by=world.actor("chief"), now=LATER)
    assert list(patrols_for(street_leader)) == [patrol]
    assert list(tasks_for(street_leader)) == [task]


# --- on the way ---


def test_a_leader_without_a_plan_notes_into_a_task_of_today(world: World) -> None:
    first = noted(world, None, client_key="a")
    again = noted(world, None, client_key="a")
    second = noted(world, None, text="路灯不亮", client_key="b")
    assert first == again
    assert first.task == second.task
    assert first.task.title == "区领导现场督查（6月24日）"
    assert first.deadline is not None
    assert f"{first.deadline:%m-%d}" == "06-27"
    with pytest.raises(Refused, match="由督查组成员记录"):
        noted(world, None, by="xt_chief")


def test_somebody_elses_key_or_task_takes_nothing(world: World) -> None:
    task = ordered(world)
    noted(world, task, client_key="a")
    with pytest.raises(Refused, match="提交标识已用过"):
        noted(world, task, by="clerk", client_key="a")
    with pytest.raises(NotFound):
        noted(world, task, by="inspector2")


def test_a_clerk_completes_what_the_leader_saw_with_standard_and_unit(world: World) -> None:
    task = ordered(world)
    picture = photo_id(world.actor("leader"))
    remark = noted(world, task, photo_ids=[picture])
    with pytest.raises(Refused) as refusal:
        remarks.make_case(remark_id=remark.pk, standard_id=None, unit_id=None, by=world.actor("leader"), now=NOW)
    assert len(refusal.value.objections) == 3
    for _ in range(2):
        done = remarks.make_case(
            remark_id=remark.pk, standard_id=standard_id(), unit_id=world.unit("XT-01-WY").pk, site_id=world.compound.pk,
            by=world.actor("clerk"), now=NOW,
        )  # fmt: skip
    case = Case.objects.get()
    assert done.case == case
    assert (case.flow_status, case.unit, case.title) == (
        Status.DISPATCHED, world.unit("XT-01-WY"), "学田苑：3号楼前堆着装修垃圾",
    )  # fmt: skip
    assert case.photos.get().photo_id == picture
    assert list(cases_of(task)) == [case]


def test_a_remark_is_answered_judged_and_sent_back(world: World) -> None:
    task, clerk, unit = ordered(world), world.actor("clerk"), world.actor("xt_chief")
    pk = noted(world, task).pk
    with pytest.raises(Refused, match="晚于现在"):
        remarks.send_remark(remark_id=pk, unit_id=world.unit("XT").pk, deadline=NOW, by=clerk, now=NOW)
    remarks.send_remark(remark_id=pk, unit_id=world.unit("XT").pk, deadline=LATER, by=clerk, now=NOW)
    with pytest.raises(NotFound):
        remarks.answer_remark(remark_id=pk, answer="已清", by=world.actor("wf_chief"), now=NOW)
    with pytest.raises(Refused, match="没有答复可评定"):
        remarks.judge_remark(remark_id=pk, accepted=True, by=clerk, now=NOW)
    remarks.answer_remark(remark_id=pk, answer="已清运", by=unit, now=NOW)
    with pytest.raises(Refused, match="不能评定自己"):
        remarks.judge_remark(remark_id=pk, accepted=True, by=unit, now=NOW)
    with pytest.raises(Refused) as refusal:
        remarks.judge_remark(remark_id=pk, accepted=False, by=clerk, now=NOW)
    assert len(refusal.value.objections) == 2
    back = remarks.judge_remark(remark_id=pk, accepted=False, note="还有一半", deadline=LATER, by=clerk, now=NOW)
    assert (back.state, back.returned) == (RemarkState.SENT, 1)
    remarks.answer_remark(remark_id=pk, answer="全部清完", by=unit, now=NOW)
    done = remarks.judge_remark(remark_id=pk, accepted=True, by=world.actor("leader"), now=NOW)
    assert done.state == RemarkState.ACCEPTED
    assert rest_of(task).open == 0


def test_the_supervised_see_only_their_own(world: World) -> None:
    task = ordered(world, unit_ids=[world.unit("XT").pk, world.unit("WF").pk])
    mine = made_case(world, task)
    for code in ("XT", "WF"):
        remarks.send_remark(
            remark_id=noted(world, task).pk,
            unit_id=world.unit(code).pk,
            deadline=LATER,
            by=world.actor("clerk"),
            now=NOW,
        )
    noted(world, task, text="还没有整理的话")
    seen = seen_by(world.actor("wf_chief"), task)
    assert list(seen.cases) == []
    assert [remark.unit for remark in seen.remarks] == [world.unit("WF")]
    assert list(seen_by(world.actor("xt_chief"), task).cases) == [mine]
    assert len(seen_by(world.actor("clerk"), task).remarks) == 4


# --- until closed ---


def test_a_task_is_closed_when_all_is_done_or_somebody_says_why_not(world: World) -> None:
    small_edition()
    task, clerk = ordered(world), world.actor("clerk")
    case_id = walked(world, round_of(world, task))
    remark = noted(world, task)
    with pytest.raises(Refused, match="1 件案件没有办结、1 条随手记没有整理"):
        work.close_task(task_id=task.pk, by=clerk, now=NOW)
    remarks.drop_remark(remark_id=remark.pk, reason="与巡查所见重复", by=clerk, now=NOW)
    cases.force_close(case_id=case_id, reason="区里决定", by=world.actor("chief"), now=NOW)
    closed = work.close_task(task_id=task.pk, by=clerk, now=NOW)
    assert (closed.status, closed.left_open) == (TaskStatus.CLOSED, "")
    other = ordered(world)
    noted(world, other)
    assert work.close_task(task_id=other.pk, reason="转入跟踪督查", by=clerk, now=NOW).left_open == "转入跟踪督查"


def test_the_open_rest_becomes_a_follow_up_in_one_stroke(world: World) -> None:
    small_edition()
    task, clerk = ordered(world), world.actor("clerk")
    with pytest.raises(Refused, match="没有未办结"):
        work.follow_up(task_id=task.pk, starts_at=LATER, ends_at=LATER + timedelta(days=7), by=clerk, now=NOW)
    case_id = walked(world, round_of(world, task))
    remark = noted(world, task)
    made, again = (
        work.follow_up(task_id=task.pk, starts_at=LATER, ends_at=LATER + timedelta(days=7), by=clerk, now=NOW)
        for _ in range(2)
    )
    assert made == again
    assert (made.kind, made.status, made.follows) == ("follow_up", "draft", task)
    assert [case.pk for case in cases_of(made)] == [case_id]
    assert seen_by(clerk, made).remarks == [remark]
    assert set(made.team.all()) == set(task.team.all())
    work.order_task(task_id=made.pk, by=clerk, now=LATER)
    assert round_of(world, made, now=LATER).kind == "follow_up"


def test_the_follow_up_of_a_secret_is_a_secret(world: World) -> None:
    small_edition()
    task = secret(world)
    walked(world, round_of(world, task))
    made = work.follow_up(
        task_id=task.pk, starts_at=LATER, ends_at=LATER + timedelta(days=7), by=world.actor("clerk"), now=NOW
    )
    work.order_task(task_id=made.pk, by=world.actor("clerk"), now=NOW)
    assert not tasks_for(world.actor("xt_chief")).exists()
    assert Patrol.objects.count() == 1


def test_a_regular_task_is_prepared_by_the_house_and_ordered_by_a_person(world: World) -> None:
    task = ordered(world, kind="regular", repeat="weekly")
    assert work.prepare_due(now=NOW + timedelta(days=3)) == 0
    near = NOW + timedelta(days=5)
    assert [work.prepare_due(now=near) for _ in range(2)] == [1, 0]
    made = Task.objects.get(turn=1)
    assert (made.starts_at, made.status, made.series) == (NOW + timedelta(days=7), "draft", task)
    assert list(made.units.all()) == [world.unit("XT")]
    assert not tasks_for(world.actor("xt_chief")).filter(pk=made.pk).exists()
    work.drop_task(task_id=made.pk, by=world.actor("clerk"), now=near)
    assert work.prepare_due(now=NOW + timedelta(days=12)) == 1
    work.stop_repeating(task_id=task.pk, by=world.actor("clerk"), now=near)
    assert work.prepare_due(now=NOW + timedelta(days=50)) == 0
    assert Task.objects.count() == 3


# --- the report ---


def test_a_report_is_drafted_finished_and_frozen(world: World) -> None:
    small_edition()
    task, clerk, chief = ordered(world), world.actor("clerk"), world.actor("chief")
    case_id = walked(world, round_of(world, task))
    draft = reports.draft_report(task_id=task.pk, by=clerk, now=NOW)
    figures = {figure["key"]: (figure["value"], figure["cases"]) for figure in draft.figures}
    assert figures["案件"] == (1, [case_id])
    assert figures["点位"] == (1, [])
    assert "{案件}" in draft.text
    with pytest.raises(Refused) as refusal:
        reports.edit_report(task_id=task.pk, title="", text="{件件} 13812345678", by=clerk, now=NOW)
    assert len(refusal.value.objections) == 3
    reports.edit_report(task_id=task.pk, title="报告", text="共 {案件} 件。", by=clerk, now=NOW)
    made_case(world, task)
    with pytest.raises(Refused, match="重新取数"):
        reports.release_report(task_id=task.pk, by=chief, now=NOW)
    reports.draft_report(task_id=task.pk, by=clerk, now=NOW)
    with pytest.raises(Refused, match="主任发布"):
        reports.release_report(task_id=task.pk, by=clerk, now=NOW)
    done = reports.release_report(task_id=task.pk, by=chief, now=NOW)
    assert (done.is_released, done.text) == (True, "共 {案件} 件。")
    with pytest.raises(Refused, match="已经发布"):
        reports.edit_report(task_id=task.pk, title="x", text="y", by=clerk, now=NOW)
    with pytest.raises(Refused, match="已经发布"):
        reports.draft_report(task_id=task.pk, by=clerk, now=NOW)
    with pytest.raises(Refused, match="已经发布"):
        reports.release_report(task_id=task.pk, by=chief, now=NOW)


def test_the_supervised_read_a_report_only_when_it_is_released(world: World) -> None:
    task = ordered(world)
    reports.draft_report(task_id=task.pk, by=world.actor("clerk"), now=NOW)
    unit = world.actor("xt_chief")
    assert seen_by(unit, task_for(unit, task.pk)).report is None
    reports.release_report(task_id=task.pk, by=world.actor("chief"), now=NOW)
    assert seen_by(unit, task_for(unit, task.pk)).report is not None


def test_a_secret_has_no_public_report(world: World) -> None:
    task = secret(world)
    reports.draft_report(task_id=task.pk, by=world.actor("clerk"), now=NOW)
    with pytest.raises(Refused, match="请先公布"):
        reports.release_report(task_id=task.pk, by=world.actor("chief"), now=NOW)


# --- figures ---


def test_what_a_secret_round_found_counts_in_no_figure_before_and_in_an_old_one_never(world: World) -> None:
    small_edition()
    task = secret(world)
    walked(world, round_of(world, task))
    day = NOW.date()
    assert findings_within(SYSTEM, day, day).count() == 0
    assert looked_at(Span(world.unit("CC"), day, day, NOW)).get((), (0, 0))[0] == 0
    work.disclose_task(task_id=task.pk, by=world.actor("chief"), now=LATER)
    assert findings_within(SYSTEM, day, day).count() == 3
    assert findings_within(SYSTEM, day, day, known_at=NOW).count() == 0
    assert looked_at(Span(world.unit("CC"), day, day, NOW))[()][0] == 1


def test_by_last_visit_a_secret_one_did_not_take_place(world: World) -> None:
    small_edition()
    walked(world, round_of(world, secret(world)))
    (site,) = by_last_visit(Site.objects.filter(pk=world.compound.pk))
    assert site.last_visit is None  # type: ignore[attr-defined]  # annotated by the query
