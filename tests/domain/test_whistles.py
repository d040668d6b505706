"""Streets whistle, departments report: from the call to the ratings of both sides, and what must not pass by."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from chuangwen.cases import operations as cases
from chuangwen.cases.models import Case, CasePart
from chuangwen.journal.models import Event
from chuangwen.rules.case_flow import PARTS_OPEN, Status
from chuangwen.rules.permissions import SYSTEM
from chuangwen.rules.refusals import Conflict, NotFound, Refused
from chuangwen.rules.whistles import Band, PromiseText, Rating
from chuangwen.whistles import figures, queries, work
from chuangwen.whistles import operations as whistles
from chuangwen.whistles.models import Summons, Whistle
from tests.whistling import TITLE, WHO, blown, closed, reported, said, staffed, summons_of
from tests.world import BEIJING, NOW, World

NOON = NOW + timedelta(hours=3)


@pytest.fixture(autouse=True)
def _ready(world: World) -> None:
    staffed(world)


def refusal(act: Any) -> str:
    """The sentences with which it was refused."""
    with pytest.raises(Refused) as found:
        act()
    return "".join(found.value.objections)


# --- the call --------------------------------------------------------------------------------------------------------


def test_a_street_calls_two_departments_to_one_case(world: World) -> None:
    whistle = blown(world, site_id=world.compound.pk)
    assert whistle.number == "学田街道哨〔2020〕1号"
    case = whistle.case
    assert (case.unit, case.flow_status, case.parts_open) == (world.unit("XT"), Status.DISPATCHED, 2)
    one = summons_of(whistle, "CC-CG")
    assert (one.confirm_by, one.arrive_by) == (NOW + timedelta(minutes=10), NOW + timedelta(minutes=30))
    assert one.part.due_at == NOW + timedelta(days=1)
    assert case.due_at == one.part.due_at, "案件的期限不早于各单位的期限"


def test_a_whistle_at_night_runs_at_once_one_by_working_days_waits_for_the_office(world: World) -> None:
    night = datetime(2020, 6, 24, 22, 0, tzinfo=BEIJING)  # the 28th is the next working day
    assert summons_of(blown(world, now=night), "CC-CG").arrive_by == night + timedelta(minutes=30)
    slow = summons_of(blown(world, now=night, promise="normal"), "CC-CG")
    assert slow.arrive_by == datetime(2020, 6, 28, 18, 0, tzinfo=BEIJING)


def test_a_refused_whistle_names_everything_and_uses_no_number(world: World) -> None:
    community = world.unit("XT-01").pk
    words = refusal(
        lambda: blown(world, promise="never", reason=" ", title="", place="", calls=[whistles.Call(community, "管好")])
    )
    for part in ("选择到场承诺", "为什么靠街道自身力量办不了", "用一句话写明", "在哪里", "本街道内的单位请直接交办"):
        assert part in words
    assert not Case.objects.exists()
    assert blown(world).serial == 1


def test_only_a_street_whistles(world: World) -> None:
    for username in ("cg_worker", "clerk", "xt01_worker", "leader"):
        words = refusal(lambda name=username: whistles.blow(said=said(world), by=world.actor(name), now=NOW))
        assert words == "只有街道的负责人和承办人可以吹哨。"


def test_numbers_run_without_gap_a_street_and_year(world: World) -> None:
    first = blown(world, key="a")
    assert blown(world, key="a") == first
    other = whistles.blow(said=said(world), by=world.actor("wf_chief"), now=NOW)
    next_year = blown(world, now=NOW + timedelta(days=365))
    assert [(one.number) for one in (first, blown(world), other, next_year)] == [
        "学田街道哨〔2020〕1号", "学田街道哨〔2020〕2号", "文峰街道哨〔2020〕1号", "学田街道哨〔2021〕1号",
    ]  # fmt: skip


def test_somebody_elses_key_gives_nothing_away(world: World) -> None:
    blown(world, key="a")
    assert "已用过" in refusal(
        lambda: whistles.blow(said=said(world), by=world.actor("wf_chief"), now=NOW, client_key="a")
    )


def test_departments_join_an_open_case_of_the_street_and_no_other(world: World) -> None:
    case = world.case_at(Status.HANDLING)
    whistle = blown(world, case_id=case.pk)
    case.refresh_from_db()
    assert (whistle.case_id, case.parts_open, whistle.title) == (case.pk, 2, case.title)
    assert "已有没办完的部分" in refusal(lambda: blown(world, case_id=case.pk))
    elsewhere = world.open_case(site=world.lane)
    assert "不是本街道的" in refusal(lambda: blown(world, case_id=elsewhere.pk))
    handed_in = world.case_at(Status.RECTIFIED, title="另一处")
    assert "不是本街道的" in refusal(lambda: blown(world, case_id=handed_in.pk))


# --- 未完不撤 --------------------------------------------------------------------------------------------------------


def test_a_case_with_an_open_part_is_not_handed_in(world: World) -> None:
    whistle, street = blown(world), world.actor("xt_chief")
    reported(world, whistle, "CC-CG", now=NOW)
    words = refusal(lambda: cases.rectify(case_id=whistle.case_id, note="办完了", by=street, now=NOON))
    assert "区市场监管局" in words
    assert "区城管局" not in words
    reported(world, whistle, "CC-SCJG", now=NOW)
    assert cases.rectify(case_id=whistle.case_id, note="办完了", by=street, now=NOON).flow_status is Status.RECTIFIED


@pytest.mark.parametrize(
    ("status", "act"),
    [
        (Status.REPORTED, lambda pk, world: cases.refuse(case_id=pk, reason="不属实", by=world.actor("clerk"), now=NOON)),
        (Status.ACCEPTED, lambda pk, world: cases.cancel(case_id=pk, reason="重报", by=world.actor("chief"), now=NOON)),
        (Status.HANDLING, lambda pk, world: cases.rectify(case_id=pk, note="好", by=world.actor("wy_worker"), now=NOON)),
        (Status.HANDLING, lambda pk, _world: cases.rectify(case_id=pk, note="好", by=SYSTEM, now=NOON)),
        (Status.HANDLING, lambda pk, world: cases.force_close(case_id=pk, reason="难", by=world.actor("chief"), now=NOON)),
    ],
)  # fmt: skip
def test_no_way_out_passes_an_open_part(world: World, status: Status, act: Any) -> None:
    case = world.case_at(status)
    blown(world, case_id=case.pk)
    assert "还有单位没有办完自己的部分：区城管局、区市场监管局" in refusal(lambda: act(case.pk, world))


@pytest.mark.parametrize("status", sorted(set(Status) - PARTS_OPEN))
def test_the_database_itself_keeps_the_case_open(world: World, status: Status) -> None:
    whistle = blown(world)
    with pytest.raises(IntegrityError), transaction.atomic():
        Case.objects.filter(pk=whistle.case_id).update(status=status.value)


def test_what_is_sent_back_is_open_again(world: World) -> None:
    whistle = blown(world)
    reported(world, whistle, "CC-CG", now=NOW)
    pk = summons_of(whistle, "CC-CG").pk
    whistles.send_back(summons_id=pk, reason="南门还有两处", by=world.actor("xt_worker"), now=NOON)
    one = summons_of(whistle, "CC-CG")
    assert (one.part.is_open, one.part.returned, one.act_by) == (True, 1, one.part.due_at)
    assert Case.objects.get(pk=whistle.case_id).parts_open == 2


# --- reporting -------------------------------------------------------------------------------------------------------


def test_a_department_confirms_arrives_and_finishes_in_this_order(world: World) -> None:
    whistle, by = blown(world), world.actor("cg_worker")
    pk = summons_of(whistle, "CC-CG").pk
    assert "先报告到场" in refusal(lambda: whistles.finish(summons_id=pk, words="好", by=by, now=NOW))
    whistles.arrive(summons_id=pk, by=by, now=NOW + timedelta(minutes=5))
    one = summons_of(whistle, "CC-CG")
    assert one.confirmed_at == one.arrived_at == NOW + timedelta(minutes=5), "到了就是确认了"
    assert "已经报告过" in refusal(lambda: whistles.arrive(summons_id=pk, by=by, now=NOON))
    assert "写明做了什么" in refusal(lambda: whistles.finish(summons_id=pk, words=" ", by=by, now=NOON))
    whistles.finish(summons_id=pk, words="清了", by=by, now=NOON)
    assert summons_of(whistle, "CC-CG").act_by is None


def test_nobody_reports_for_another_department(world: World) -> None:
    whistle = blown(world)
    pk = summons_of(whistle, "CC-CG").pk
    for username in ("sc_chief", "xt_chief", "clerk"):
        assert "被召集的单位" in refusal(
            lambda name=username: whistles.confirm(summons_id=pk, by=world.actor(name), now=NOW)
        )
    with pytest.raises(NotFound):
        whistles.confirm(summons_id=pk, by=world.actor("wf_chief"), now=NOW)


def test_a_repeated_submission_changes_nothing(world: World) -> None:
    whistle, by = blown(world), world.actor("cg_worker")
    pk = summons_of(whistle, "CC-CG").pk
    for _ in range(2):
        whistles.arrive(summons_id=pk, by=by, now=NOW, client_key="k1", seen_version=1)
    assert Event.objects.filter(kind="whistle.arrived").count() == 1
    with pytest.raises(Conflict):
        whistles.finish(summons_id=pk, words="好", by=by, now=NOW, client_key="k2", seen_version=1)


def test_the_street_did_not_see_them(world: World) -> None:
    whistle, street = blown(world), world.actor("xt_chief")
    reported(world, whistle, "CC-CG", now=NOW, until="arrived")
    pk = summons_of(whistle, "CC-CG").pk
    assert "须写明" in refusal(lambda: whistles.see_arrival(summons_id=pk, came=False, by=street, now=NOON))
    whistles.see_arrival(summons_id=pk, came=False, reason="南门没有人", by=street, now=NOON)
    one = summons_of(whistle, "CC-CG")
    assert (one.arrived_at, one.arrival_denied, one.act_by) == (None, 1, one.arrive_by)


# --- objections ------------------------------------------------------------------------------------------------------


def objected(world: World, whistle: Whistle, *, now: datetime = NOW) -> int:
    pk = summons_of(whistle, "CC-SCJG").pk
    whistles.object_to(summons_id=pk, reason="流动摊贩不属市监职责", by=world.actor("sc_chief"), now=now)
    return pk


def test_the_department_stays_responsible_until_its_objection_is_decided(world: World) -> None:
    whistle = blown(world)
    pk = objected(world, whistle)
    one = summons_of(whistle, "CC-SCJG")
    assert one.part.is_open
    assert one.act_by == one.confirm_by
    assert one.objection.decide_by == NOW + timedelta(hours=2)
    assert "只能提一次" in refusal(lambda: objected(world, whistle))
    assert "由区文明办主任裁定" in refusal(
        lambda: whistles.decide(summons_id=pk, outcome="rejected", words="照办", by=world.actor("clerk"), now=NOW)
    )


def test_rejected_the_clock_is_as_before(world: World) -> None:
    whistle = blown(world)
    pk = objected(world, whistle)
    before = summons_of(whistle, "CC-SCJG")
    whistles.propose(summons_id=pk, words="餐饮许可属市监，建议不成立", by=world.actor("clerk"), now=NOW)
    whistles.decide(summons_id=pk, outcome="rejected", words="餐饮许可属市监", by=world.actor("chief"), now=NOON)
    after = summons_of(whistle, "CC-SCJG")
    assert (after.act_by, after.arrive_by, after.part.due_at) == (before.act_by, before.arrive_by, before.part.due_at)
    assert after.objection.state == "rejected"
    assert "已有结果" in refusal(
        lambda: whistles.decide(summons_id=pk, outcome="taken_off", words="x", by=world.actor("chief"), now=NOON)
    )


def test_upheld_the_part_is_taken_off_with_its_reason(world: World) -> None:
    whistle = blown(world)
    pk = objected(world, whistle)
    whistles.decide(summons_id=pk, outcome="taken_off", words="确不属市监", by=world.actor("chief"), now=NOON)
    one = summons_of(whistle, "CC-SCJG")
    assert (one.part.state, one.part.taken_off_reason, one.act_by) == ("taken_off", "异议成立：确不属市监", None)
    reported(world, whistle, "CC-CG", now=NOON)
    assert closed(world, whistle, now=NOON).state == "closed"


def test_upheld_the_part_goes_to_another_unit_whose_time_begins_then(world: World) -> None:
    whistle = blown(world, calls=[whistles.Call(world.unit("CC-SCJG").pk, "清理摊位")])
    pk, chief = objected(world, whistle), world.actor("chief")
    own, xt01 = world.unit("CC-SCJG").pk, world.unit("XT-01").pk
    for unit_id in (None, own, xt01):
        words = refusal(
            lambda unit=unit_id: whistles.decide(
                summons_id=pk, outcome="moved", words="属城管", to_unit_id=unit, by=chief, now=NOON
            )
        )
        assert "改派" in words
    assert summons_of(whistle, "CC-SCJG").part.is_open, "没有裁定成，任务还在"
    whistles.decide(
        summons_id=pk, outcome="moved", words="属城管", to_unit_id=world.unit("CC-CG").pk, by=chief, now=NOON
    )
    new = summons_of(whistle, "CC-CG")
    assert (new.moved_from_id, new.called_at, new.arrive_by) == (pk, NOON, NOON + timedelta(minutes=30))
    assert Case.objects.get(pk=whistle.case_id).parts_open == 1


def test_what_is_done_needs_no_decision(world: World) -> None:
    whistle = blown(world)
    objected(world, whistle)
    reported(world, whistle, "CC-SCJG", now=NOW)
    assert summons_of(whistle, "CC-SCJG").objection.state == "lapsed"


# --- the end ---------------------------------------------------------------------------------------------------------


def test_a_whistle_closes_with_all_done_seen_and_rated(world: World) -> None:
    whistle, street = blown(world), world.actor("xt_chief")
    reported(world, whistle, "CC-CG", now=NOW)
    reported(world, whistle, "CC-SCJG", now=NOW, until="arrived")
    words = refusal(lambda: closed(world, whistle, now=NOON))
    assert "还没有办完的单位：区市场监管局" in words
    whistles.finish(summons_id=summons_of(whistle, "CC-SCJG").pk, words="已查处", by=world.actor("sc_chief"), now=NOON)
    assert "还没有核实到场的单位：区市场监管局" in refusal(lambda: closed(world, whistle, now=NOON))
    whistles.see_arrival(summons_id=summons_of(whistle, "CC-SCJG").pk, came=True, by=street, now=NOON)
    words = refusal(lambda: whistles.close_whistle(whistle_id=whistle.pk, outcome="", ratings={}, by=street, now=NOON))
    for part in ("请评价“区城管局”", "请评价“区市场监管局”", "请写明办成了什么"):
        assert part in words
    assert "请写明理由" in refusal(lambda: closed(world, whistle, now=NOON, CC_CG=Rating(True, False, True)))
    done = closed(world, whistle, now=NOON, CC_CG=Rating(True, False, True, "只来了一人"))
    assert (done.state, done.ended_at) == ("closed", NOON)
    assert summons_of(whistle, "CC-CG").rating_words == "只来了一人"
    assert "已销哨" in refusal(lambda: closed(world, whistle, now=NOON))


def test_a_mistake_is_called_off_before_anybody_came(world: World) -> None:
    whistle, street = blown(world), world.actor("xt_chief")
    objected(world, whistle)
    whistles.call_off(whistle_id=whistle.pk, reason="地点写错", by=street, now=NOW)
    assert summons_of(whistle, "CC-SCJG").objection.state == "lapsed"
    assert set(CasePart.objects.values_list("state", flat=True)) == {"taken_off"}
    assert Case.objects.get(pk=whistle.case_id).parts_open == 0
    other = blown(world)
    reported(world, other, "CC-CG", now=NOW, until="arrived")
    words = refusal(lambda: whistles.call_off(whistle_id=other.pk, reason="不用了", by=street, now=NOW))
    assert "已有单位到场：区城管局" in words


def test_departments_say_whether_the_whistle_was_fit(world: World) -> None:
    whistle, by = blown(world), world.actor("cg_worker")
    pk = summons_of(whistle, "CC-CG").pk
    assert "办完以后再评价" in refusal(
        lambda: whistles.rate_fit(summons_id=pk, within_duty=True, sound=True, by=by, now=NOW)
    )
    reported(world, whistle, "CC-CG", now=NOW)
    assert "请写明理由" in refusal(
        lambda: whistles.rate_fit(summons_id=pk, within_duty=True, sound=False, by=by, now=NOON)
    )
    whistles.rate_fit(summons_id=pk, within_duty=True, sound=False, words="街道可自行劝离", by=by, now=NOON)
    assert "已经评价过" in refusal(
        lambda: whistles.rate_fit(summons_id=pk, within_duty=True, sound=True, by=by, now=NOON)
    )


# --- who sees it, what waits for whom --------------------------------------------------------------------------------


def test_street_departments_office_and_leaders_know_of_it_and_nobody_else(world: World) -> None:
    whistle = blown(world, calls=[whistles.Call(world.unit("CC-CG").pk, "清理")])
    for username in ("xt_chief", "xt_worker", "cg_worker", "clerk", "chief", "leader"):
        assert queries.whistle_for(world.actor(username), whistle.pk) == whistle
    for username in ("wf_chief", "sc_chief", "gz_clerk", "xt01_worker", "admin", "inspector"):
        with pytest.raises(NotFound):
            queries.whistle_for(world.actor(username), whistle.pk)


def words_for(world: World, username: str) -> list[str]:
    return [todo.words for todo in work.to_do(world.actor(username))]


def test_everybody_finds_what_to_do_next(world: World) -> None:
    whistle = blown(world)
    assert words_for(world, "cg_worker") == ["确认收到"]
    assert words_for(world, "xt_chief") == []
    reported(world, whistle, "CC-CG", now=NOW, until="arrived")
    assert words_for(world, "cg_worker") == ["报告办完"]
    assert words_for(world, "xt_chief") == ["核实到场"]
    pk = objected(world, whistle)
    assert (words_for(world, "clerk"), words_for(world, "chief")) == (["拟办异议"], ["裁定异议"])
    assert words_for(world, "gz_clerk") == []
    whistles.propose(summons_id=pk, words="建议不成立", by=world.actor("clerk"), now=NOW)
    assert words_for(world, "clerk") == []
    whistles.finish(summons_id=summons_of(whistle, "CC-CG").pk, words="清了", by=world.actor("cg_worker"), now=NOW)
    whistles.see_arrival(summons_id=summons_of(whistle, "CC-CG").pk, came=True, by=world.actor("xt_chief"), now=NOW)
    reported(world, whistle, "CC-SCJG", now=NOW)
    assert words_for(world, "xt_chief") == ["销哨并评价"]


def test_overdue_is_a_moment_that_is_past(world: World) -> None:
    whistle, clerk = blown(world), world.actor("clerk")
    assert not queries.listed(clerk, late=True, now=NOW).exists()
    assert list(queries.listed(clerk, late=True, now=NOON)) == [whistle]
    assert list(queries.listed(world.actor("cg_worker"), mine=True, now=NOW)) == [whistle]
    assert not queries.listed(clerk, mine=True, now=NOW).exists()


def test_the_sheet_holds_what_paper_needs(world: World) -> None:
    whistle = blown(world)
    reported(world, whistle, "CC-CG", now=NOW)
    objected(world, whistle)
    facts = queries.sheet_facts(whistle.pk, world.actor("clerk"))
    assert (facts.number, facts.street, facts.title) == ("学田街道哨〔2020〕1号", "学田街道", TITLE)
    assert (facts.promise, facts.arrive_within) == ("30分钟到场（全天候）", "30分钟")
    first, second = facts.lines
    assert (first.unit, first.finished_at, first.finish_note) == ("区城管局", NOW + timedelta(minutes=3), "摊位已清")
    assert (second.unit, second.objection, second.arrived_at) == ("区市场监管局", "流动摊贩不属市监职责", None)
    with pytest.raises(NotFound):
        queries.sheet_facts(whistle.pk, world.actor("wf_chief"))


# --- promises are data -----------------------------------------------------------------------------------------------


def test_the_office_keeps_the_table_of_promises(world: World) -> None:
    whistle, clerk = blown(world), world.actor("clerk")
    new = PromiseText("urgent", "20分钟到场", "5分钟", "20分钟", "12小时")
    assert "由区文明办维护" in refusal(lambda: whistles.put_promise(said=new, by=world.actor("xt_chief"), now=NOW))
    row, changed = whistles.put_promise(said=new, by=clerk, now=NOW)
    assert (changed, row.version) == (True, 2)
    assert whistles.put_promise(said=new, by=clerk, now=NOW)[1] is False
    with pytest.raises(Conflict):
        whistles.put_promise(said=new, active=False, by=clerk, now=NOW, seen_version=1)
    whistle.refresh_from_db()
    assert whistle.promised.name == "30分钟到场（全天候）", "吹出去的哨，承诺不变"
    assert summons_of(blown(world), "CC-CG").arrive_by == NOW + timedelta(minutes=20)
    assert whistles.seed_promises(by=SYSTEM, now=NOW) == 0


# --- both sides ------------------------------------------------------------------------------------------------------


def test_departments_are_assessed_by_facts_with_reasons(world: World) -> None:
    whistle = blown(world)
    late = NOW + timedelta(hours=1)
    pk, by = summons_of(whistle, "CC-CG").pk, world.actor("cg_worker")
    whistles.confirm(summons_id=pk, by=by, now=NOW)
    whistles.arrive(summons_id=pk, by=by, now=late)
    month = figures.month_of(NOW)
    before = figures.departments(world.actor("clerk"), month, late)
    assert (before[0].arrived.all, before[0].finished.all) == (0, 0), "没核实、没到期的，哪边都不算"
    whistles.see_arrival(summons_id=pk, came=True, by=world.actor("xt_chief"), now=late)
    whistles.finish(summons_id=pk, words="清了", by=by, now=late)
    other = objected(world, whistle)
    whistles.decide(summons_id=other, outcome="taken_off", words="确不属市监", by=world.actor("chief"), now=late)
    closed(world, whistle, now=late, CC_CG=Rating(True, False, True, "不配合"))
    cg, sc = figures.departments(world.actor("leader"), month, NOON)
    assert [(one.good, one.all) for one in (cg.confirmed, cg.arrived, cg.finished)] == [(1, 1), (0, 1), (1, 1)]
    assert [reason.words for reason in cg.reasons] == ["没有按时到场", "街道评价“配合”为否：不配合"]
    assert (sc.called, sc.taken_off, sc.upheld, sc.confirmed.all) == (1, 1, 1, 0)
    assert [one.unit for one in figures.departments(world.actor("cg_worker"), month, NOON)] == ["区城管局"]
    assert figures.departments(world.actor("gz_clerk"), month, NOON) == []


def test_streets_get_a_band_and_the_departments_words(world: World) -> None:
    for back in (95, 65, 35):
        blown(world, now=NOW - timedelta(days=back))
    month = figures.month_of(NOW)
    quiet = {one.street: one.band for one in figures.streets(world.actor("clerk"), month)}
    assert quiet["学田街道"] is Band.USUAL
    for number in range(8):
        whistle = blown(world, now=NOW + timedelta(minutes=number))
    reported(world, whistle, "CC-CG", now=NOW)
    whistles.rate_fit(
        summons_id=summons_of(whistle, "CC-CG").pk, within_duty=False, sound=True, words="物业的事",
        by=world.actor(WHO["CC-CG"]), now=NOON,
    )  # fmt: skip
    wf, xt = figures.streets(world.actor("leader"), month)
    assert xt.band is Band.MANY
    assert [reason.words for reason in xt.reasons] == ["区城管局认为不属于本单位职责：物业的事"]
    assert (wf.street, wf.reasons) == ("文峰街道", [])
    assert [one.street for one in figures.streets(world.actor("xt_chief"), month)] == ["学田街道"]
    assert not Summons.objects.filter(act_by=None, part__state="open").exists()
