"""An accountability file from the list to its end: who may do what, what is refused, who sees it."""

import dataclasses
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from chuangwen.accountability import operations as work
from chuangwen.accountability.builtin import builtin_text
from chuangwen.accountability.eligible import eligible
from chuangwen.accountability.interviews import commitment_done, record_interview
from chuangwen.accountability.ladder_operations import discard_ladder, draft_ladder, force_ladder
from chuangwen.accountability.models import Commitment, File, LadderVersion
from chuangwen.accountability.moving import Said
from chuangwen.accountability.queries import (
    file_facts,
    file_for,
    files_for,
    late_commitments,
    offered,
    waiting_for,
)
from chuangwen.appeals.models import Appeal
from chuangwen.cases.orders import issue_order
from chuangwen.journal.queries import events_of
from chuangwen.rules.accountability_flow import FileMove, FileStatus
from chuangwen.rules.case_flow import Status
from chuangwen.rules.refusals import BadInput, Conflict, NotFound, Refused
from tests.accountable import LATER, Walk, file_at, in_force, last_twice, more_people, opened, released_week
from tests.directed import INNER, given_to, said_late
from tests.world import BEIJING, NOW, PEOPLE, World, photo_id

ABOVE = {"clerk", "chief", "leader"}
OWN = {"xt_chief"}


# --- the list --------------------------------------------------------------------------------------------------------


def test_two_weeks_in_last_place_are_possible_with_reasons_and_doubts(world: World) -> None:
    in_force(world)
    for number in range(2):
        released_week(world, number, {"WF": 1, "XT": 2, "CC-CG": None}, fair=True)
    found = eligible(world.actor("clerk"), now=NOW)
    (entry,) = found.possible
    assert (entry.unit.code, entry.entry.rung.key, entry.file_id) == ("XT", "second", None)
    assert {one.kind for one in entry.entry.counter} == {"interval", "adjusted", "few"}
    assert [unit.code for unit, _why in found.left_out] == ["CC-CG"]
    assert not File.objects.exists()


def test_another_district_has_its_own_list(world: World) -> None:
    last_twice(world)
    assert not eligible(world.actor("gz_clerk"), now=NOW).ladders
    with pytest.raises(NotFound):
        eligible(world.actor("gz_clerk"), now=NOW, ladder_id=LadderVersion.objects.get().pk)


def test_an_order_that_was_not_obeyed_is_possible_until_the_work_is_handed_in(world: World) -> None:
    in_force(world, "guiyang-2018")
    case = world.case_at(Status.HANDLING)
    deadline = NOW + timedelta(hours=48)
    order = issue_order(
        number="创文〔2020〕1号", title="楼道清理", issuer="区文明办", deadline=deadline, case_ids=[case.pk],
        by=world.actor("clerk"), now=NOW + timedelta(hours=1),
    )  # fmt: skip
    clerk = world.actor("clerk")
    assert not eligible(clerk, now=deadline).possible
    (entry,) = eligible(clerk, now=NOW + LATER).possible
    assert (entry.unit.code, entry.entry.rung.key) == ("XT-01-WY", "supervision")
    assert entry.entry.evidence == (f"order:{order.pk}", f"case:{case.pk}")


def test_nothing_is_opened_that_is_not_on_the_list(world: World) -> None:
    found, clerk = last_twice(world), world.actor("clerk")
    ladder = LadderVersion.objects.get()
    with pytest.raises(Refused, match="清单里没有"):
        work.open_file(
            ladder_id=ladder.pk, unit_id=world.unit("WF").pk, rung=found.entry.rung.key, occasion=found.entry.key,
            by=clerk, now=NOW,
        )  # fmt: skip
    with pytest.raises(Refused, match="文明办启动"):
        work.open_file(
            ladder_id=ladder.pk, unit_id=found.unit.pk, rung="second", occasion=found.entry.key, by=world.actor("leader"),
            now=NOW,
        )  # fmt: skip


def test_one_occasion_is_opened_once_and_again_after_it_was_dropped(world: World) -> None:
    file = opened(world, client_key="k1")
    again: dict[str, Any] = {
        "ladder_id": file.ladder_id, "unit_id": file.unit_id, "rung": "second", "occasion": file.occasion,
        "by": world.actor("clerk"), "now": NOW,
    }  # fmt: skip
    assert work.open_file(**again, client_key="k1") == file
    with pytest.raises(Refused, match="已经有人启动"):
        work.open_file(**again, client_key="k2")
    assert eligible(world.actor("clerk"), now=NOW).possible[0].file_id == file.pk
    work.drop_file(file_id=file.pk, said=Said("重新核对"), by=world.actor("clerk"), now=NOW)
    assert work.open_file(**again, client_key="k3") != file


def test_an_appeal_granted_after_the_table_was_made_stands_beside_the_place(world: World) -> None:
    last_twice(world)
    sheet = released_week(world, 2, {"WF": 1, "XT": 2})
    case, clerk = world.case_at(Status.CLOSED), world.actor("clerk")
    Appeal.objects.create(
        unit=world.unit("XT-01-WY"), home=case.home, subject="case", case=case, claim="not_counted", ground="有误",
        raised_at=NOW, state="finished", outcome="granted", effect="not_counted", settled_at=NOW + timedelta(hours=1),
    )  # fmt: skip
    for moment, kinds in ((NOW, set()), (NOW + timedelta(hours=2), {"appeal"})):
        (entry,) = eligible(clerk, now=moment).possible
        assert (entry.entry.rung.key, {one.kind for one in entry.entry.counter}) == ("third", kinds)
    sheet.computed_at = NOW + timedelta(hours=3)
    sheet.save()
    (entry,) = eligible(clerk, now=NOW + timedelta(hours=4)).possible
    assert not entry.entry.counter


def test_an_item_from_above_that_was_missed_is_possible_unless_it_was_declared(world: World) -> None:
    in_force(world, "taishan-2021")
    clerk, item = world.actor("clerk"), given_to(world, "XT", "WF")
    said_late(world, item, "WF", "wf_chief", now=NOW + timedelta(days=1))
    assert not eligible(clerk, now=INNER).possible
    found = eligible(clerk, now=INNER + timedelta(minutes=1))
    (entry,) = found.possible
    assert (entry.unit.code, entry.entry.rung.key) == ("XT", "undeclared")
    assert entry.entry.evidence[0].startswith(f"directive:{item.pk}:")
    assert [unit.code for unit, _why in found.left_out] == ["WF"]


# --- the way through -------------------------------------------------------------------------------------------------


def test_a_file_goes_all_the_way_with_stored_time_limits(world: World) -> None:
    file = file_at(world, FileStatus.CLOSED)
    assert (file.outcome, file.appeal_outcome, file.measure_key) == ("uphold", "changed", "interview")
    assert file.correct_by is not None
    # Wednesday nine o'clock and three working days; the 25th to the 27th are holidays, Sunday the 28th works.
    assert file.correct_by == datetime(2020, 6, 30, 9, 0, tzinfo=BEIJING)
    assert [act.move for act in file.acts.all()] == [
        "open", "notify", "correct", "state", "propose", "decide", "serve", "appeal", "decide_appeal", "close",
    ]  # fmt: skip
    assert len(events_of("accountability", file.pk)) == 10
    assert file.acts.get(move="decide").post == "崇川区（领导）"


def test_the_office_says_when_time_ran_out_and_not_before(world: World) -> None:
    file = file_at(world, FileStatus.NOTIFIED)
    walk = Walk(world, file.pk)
    with pytest.raises(Refused, match="整改期还没有过"):
        walk.step(work.end_correction, "clerk")
    walk.step(work.end_correction, "clerk", now=NOW + LATER)
    with pytest.raises(Refused, match="陈述期还没有过"):
        walk.step(work.end_statement, "clerk", now=NOW + LATER)
    with pytest.raises(Refused, match="陈述还没有到"):
        walk.step(work.decide, "leader", "定了", outcome="uphold", now=NOW + LATER)
    assert walk.step(work.end_statement, "clerk", now=NOW + 2 * LATER).status == "stated"


def test_a_unit_may_say_that_it_has_nothing_to_add(world: World) -> None:
    file = file_at(world, FileStatus.STATING)
    walk = Walk(world, file.pk)
    with pytest.raises(Refused, match="没有要补充的"):
        walk.step(work.make_statement, "xt_chief")
    with pytest.raises(Refused, match="容错情形"):
        walk.step(work.make_statement, "xt_chief", "有理由", ground="没有这一种")
    assert walk.step(work.make_statement, "xt_chief", nothing=True).acts.get(move="state").text == "没有要补充的。"


def test_who_opened_or_proposed_never_decides(world: World) -> None:
    more_people(world)
    in_force(world, text=builtin_text("jiangmen-2018").replace('decided_by = "leader"', 'decided_by = "office_chief"'))
    for number in range(2):
        released_week(world, number, {"WF": 1, "XT": 2})
    (entry,) = eligible(world.actor("chief"), now=NOW).possible
    file = work.open_file(
        ladder_id=LadderVersion.objects.get().pk, unit_id=entry.unit.pk, rung="second", occasion=entry.entry.key,
        by=world.actor("chief"), now=NOW,
    )  # fmt: skip
    walk = Walk(world, file.pk)
    walk.step(work.notify, "clerk", "告知")
    walk.step(work.report_correction, "xt_chief", "已改")
    walk.step(work.make_statement, "xt_chief", nothing=True)
    walk.step(work.propose, "clerk", "建议", measure="interview")
    with pytest.raises(Refused, match="启动这一件的人不能自己作决定"):
        walk.step(work.decide, "chief", "同意", outcome="uphold")
    with pytest.raises(Refused, match="文明办主任"):
        walk.step(work.decide, "clerk", "同意", outcome="uphold")


def test_the_database_too_keeps_the_hands_apart(world: World) -> None:
    file = file_at(world, FileStatus.CLOSED)
    for fields in ({"decided_by_id": file.opened_by_id}, {"reviewed_by_id": file.decided_by_id}):
        with pytest.raises(IntegrityError), transaction.atomic():
            File.objects.filter(pk=file.pk).update(**fields)


def test_an_appeal_goes_to_another_post_and_another_person(world: World) -> None:
    file = file_at(world, FileStatus.APPEALED)
    walk = Walk(world, file.pk)
    for name in ("leader", "leader2", "chief"):
        with pytest.raises(Refused, match="上一级领导"):
            walk.step(work.decide_appeal, name, "维持", outcome="upheld")
    assert (
        walk.step(work.decide_appeal, "city_leader", "不成立", outcome="upheld").measure_key == "organisation_interview"
    )


def test_an_appeal_comes_in_time_or_not_at_all_and_the_office_waits_for_it(world: World) -> None:
    file = file_at(world, FileStatus.SERVED)
    walk = Walk(world, file.pk)
    with pytest.raises(Refused, match="申诉期还没有过"):
        walk.step(work.close_file, "clerk")
    with pytest.raises(Refused, match="申诉期已经过了"):
        walk.step(work.appeal, "xt_chief", "不服", now=NOW + 2 * LATER)
    assert walk.step(work.close_file, "clerk", now=NOW + 2 * LATER).status == "closed"


@pytest.mark.parametrize(
    ("outcome", "measure", "kept"), [("no_action", "", ""), ("lower", "reminder", "reminder"), ("uphold", "reminder", "organisation_interview")]
)  # fmt: skip
def test_a_decision_is_as_proposed_or_lighter_and_says_why(world: World, outcome: str, measure: str, kept: str) -> None:
    file = file_at(world, FileStatus.PROPOSED)
    walk = Walk(world, file.pk)
    with pytest.raises(Refused, match="理由"):
        walk.step(work.decide, "leader", outcome=outcome, measure=measure)
    with pytest.raises(Refused, match="较轻"):
        walk.step(work.decide, "leader", "重一些", outcome="lower", measure="hand_over")
    assert walk.step(work.decide, "leader", "理由", outcome=outcome, measure=measure).measure_key == kept


def test_no_proposal_is_heavier_than_its_rung(world: World) -> None:
    file = file_at(world, FileStatus.STATED)
    with pytest.raises(Refused, match="不能重于"):
        Walk(world, file.pk).step(work.propose, "clerk", "从重", measure="hand_over")


def test_every_step_can_be_dropped_with_a_reason_but_a_decision_only_by_who_decides(world: World) -> None:
    file = file_at(world, FileStatus.DECIDED)
    walk = Walk(world, file.pk)
    with pytest.raises(Refused, match="本级领导"):
        walk.step(work.drop_file, "clerk", "算了")
    with pytest.raises(Refused, match="理由"):
        walk.step(work.drop_file, "leader")
    dropped = walk.step(work.drop_file, "leader", "事实有出入")
    assert (dropped.status, dropped.measure_key, dropped.ended_at) == ("dropped", "", NOW)


def test_somebody_of_the_unit_steps_back(world: World) -> None:
    from chuangwen.people import operations as people
    from chuangwen.rules.permissions import SYSTEM, Role

    file = file_at(world, FileStatus.OPENED)
    people.appoint(username="clerk", unit_code="XT", role=Role.UNIT_CHIEF, starts_on=NOW.date(), by=SYSTEM, now=NOW)
    with pytest.raises(Refused, match="回避"):
        Walk(world, file.pk).step(work.notify, "clerk", "告知")


def test_a_repeated_submission_is_one_step_and_a_stale_one_is_told(world: World) -> None:
    file = file_at(world, FileStatus.OPENED)
    clerk, said = world.actor("clerk"), Said("告知", client_key="n1", seen_version=1)
    for _ in range(2):
        work.notify(file_id=file.pk, said=said, by=clerk, now=NOW)
    assert file.acts.filter(move="notify").count() == 1
    with pytest.raises(Conflict) as refusal:
        work.drop_file(file_id=file.pk, said=Said("撤", seen_version=1), by=clerk, now=NOW)
    assert refusal.value.yours == "撤"


# --- who sees it -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", [FileStatus.OPENED, FileStatus.NOTIFIED, FileStatus.CLOSED])
def test_the_unit_sees_its_file_from_the_notice_on_and_nobody_else_ever(world: World, status: FileStatus) -> None:
    file = file_at(world, status)
    seen = ABOVE | {"city_leader", "leader2"} | (OWN if status is not FileStatus.OPENED else set())
    for username in [*(row[0] for row in PEOPLE), "city_leader", "leader2"]:
        actor = world.actor(username)
        assert files_for(actor).filter(pk=file.pk).exists() is (username in seen), username
        if username in seen:
            assert file_for(actor, file.pk) == file
        else:
            with pytest.raises(NotFound):
                file_facts(file.pk, actor)
            with pytest.raises(NotFound):
                Walk(world, file.pk).step(work.notify, username, "x")


def test_each_is_offered_the_own_next_step_and_nothing_more(world: World) -> None:
    file = file_at(world, FileStatus.STATING)
    assert offered(world.actor("xt_chief"), file) == [FileMove.STATE]
    assert FileMove.STATE not in offered(world.actor("clerk"), file)
    assert waiting_for(world.actor("xt_chief"), NOW) == [(file, FileMove.STATE)]
    assert not waiting_for(world.actor("clerk"), NOW)
    assert waiting_for(world.actor("clerk"), NOW + LATER) == [(file, FileMove.STATEMENT_OVER)]
    assert not waiting_for(world.actor("wf_chief"), NOW)


def test_the_whole_file_is_one_record_without_a_name_of_a_person(world: World) -> None:
    file = file_at(world, FileStatus.CLOSED)
    facts = file_facts(file.pk, world.actor("xt_chief"))
    assert facts.counter == ()
    assert len(facts.why) == 3
    assert facts.missing
    assert [step.title for step in facts.steps][:3] == ["启动", "告知单位", "报告整改情况"]
    assert facts.steps[3].choices == (("容错情形", "须等上级批准、经费或设计，已在期限前申报"),)
    told = str(dataclasses.asdict(facts))
    assert not [name for _username, name, *_rest in PEOPLE if name in told and name != "区领导"]


# --- what follows ----------------------------------------------------------------------------------------------------


def test_a_talk_is_recorded_and_its_promises_followed_up(world: World) -> None:
    file = file_at(world, FileStatus.SERVED)
    clerk, day = world.actor("clerk"), NOW + timedelta(days=3)
    given: dict[str, Any] = {"file_id": file.pk, "by": clerk, "now": NOW, "client_key": "i1"}
    with pytest.raises(Refused) as refusal:
        record_interview(**given, held_at=None, post="", summary="", promises=[("清理", None)])
    assert len(refusal.value.objections) == 3
    for _ in range(2):
        record_interview(
            **given,
            held_at=NOW - timedelta(hours=1),
            post="崇川区（领导）",
            summary="逐条说明",
            promises=[("清理楼道", day)],
        )
    promise = Commitment.objects.get()
    assert not late_commitments(clerk, NOW)
    assert list(late_commitments(clerk, NOW + LATER)) == [promise]
    with pytest.raises(Refused, match="核对"):
        commitment_done(commitment_id=promise.pk, note="", by=clerk, now=NOW + LATER)
    commitment_done(commitment_id=promise.pk, note="现场看过", by=clerk, now=NOW + LATER)
    assert not late_commitments(clerk, NOW + LATER)
    with pytest.raises(NotFound):
        commitment_done(commitment_id=promise.pk, note="x", by=world.actor("wf_chief"), now=NOW)


def test_a_supervision_order_that_is_not_obeyed_leads_to_the_next_rung(world: World) -> None:
    more_people(world)
    ladder = in_force(world, "guiyang-2018")
    case = world.case_at(Status.HANDLING)
    clerk = world.actor("clerk")
    issue_order(
        number="1号", title="楼道清理", issuer="区文明办", deadline=NOW + timedelta(hours=48), case_ids=[case.pk], by=clerk,
        now=NOW + timedelta(hours=1),
    )  # fmt: skip
    late = NOW + LATER
    (entry,) = eligible(clerk, now=late).possible
    file = work.open_file(
        ladder_id=ladder.pk, unit_id=entry.unit.pk, rung="supervision", occasion=entry.entry.key, by=clerk, now=late
    )
    walk = Walk(world, file.pk)
    walk.step(work.notify, "clerk", "告知", now=late)
    walk.step(work.report_correction, "wy_chief", "正在改", now=late)
    walk.step(work.make_statement, "wy_chief", nothing=True, now=late)
    walk.step(work.propose, "clerk", "下督查令", measure="supervision_order", now=late)
    walk.step(work.decide, "chief", "同意", outcome="uphold", now=late)
    walk.step(work.serve, "clerk", now=late)
    order = Commitment.objects.get()
    assert order.due == late + timedelta(hours=48)
    rungs = [one.entry.rung.key for one in eligible(clerk, now=order.due + timedelta(minutes=1)).possible]
    assert rungs == ["accountability", "supervision"]
    walk.step(work.appeal, "wy_chief", "已经完成", now=late)
    walk.step(work.decide_appeal, "leader", "属实", outcome="revoked", now=late)
    rungs = [one.entry.rung.key for one in eligible(clerk, now=order.due + timedelta(minutes=1)).possible]
    assert rungs == ["supervision"]
    order.refresh_from_db()
    assert order.withdrawn_at == late


def test_what_another_organ_decides_is_handed_over_and_the_system_stops(world: World) -> None:
    more_people(world)
    in_force(world)
    for number in range(-1, 2):
        released_week(world, number, {"WF": 1, "XT": 2})
    clerk = world.actor("clerk")
    (entry,) = eligible(clerk, now=NOW).possible
    file = work.open_file(
        ladder_id=LadderVersion.objects.get().pk, unit_id=entry.unit.pk, rung="third", occasion=entry.entry.key, by=clerk,
        now=NOW,
    )  # fmt: skip
    walk = Walk(world, file.pk)
    walk.step(work.notify, "clerk", "告知")
    walk.step(work.report_correction, "xt_chief", "已改")
    walk.step(work.make_statement, "xt_chief", nothing=True)
    walk.step(work.propose, "clerk", "移交", measure="hand_over")
    walk.step(work.decide, "leader", "同意", outcome="uphold")
    walk.step(work.serve, "clerk")
    with pytest.raises(Refused, match="已经办结"):
        walk.step(work.hand_over, "clerk", to="区纪委监委")
    walk.step(work.close_file, "clerk", now=NOW + 2 * LATER)
    done = walk.step(work.hand_over, "clerk", to="区纪委监委")
    assert (done.handed_over_to, done.status) == ("区纪委监委", "closed")


def test_pictures_go_with_a_statement(world: World) -> None:
    file = file_at(world, FileStatus.STATING)
    unit = world.actor("xt_chief")
    said = Said("已经改好", photo_ids=(photo_id(unit),))
    work.make_statement(file_id=file.pk, said=said, by=unit, now=NOW)
    assert file_facts(file.pk, world.actor("leader")).steps[-1].photos == 1


# --- ladders ---------------------------------------------------------------------------------------------------------


def test_a_draft_is_put_in_force_by_the_chief_and_never_changes_again(world: World) -> None:
    clerk, chief = world.actor("clerk"), world.actor("chief")
    text = builtin_text("taishan-2021")
    draft = draft_ladder(text=text, by=clerk, now=NOW)
    assert draft_ladder(text=text.replace('"85"', '"80"'), by=clerk, now=NOW).pk == draft.pk
    with pytest.raises(Refused, match="主任启用"):
        force_ladder(ladder_id=draft.pk, by=clerk, now=NOW)
    force_ladder(ladder_id=draft.pk, by=chief, now=NOW)
    with pytest.raises(Refused, match="不再改动"):
        force_ladder(ladder_id=draft.pk, by=chief, now=NOW)
    with pytest.raises(Refused, match="只有草稿"):
        discard_ladder(ladder_id=draft.pk, by=clerk, now=NOW)
    second = draft_ladder(text=text, by=clerk, now=NOW)
    assert (second.number, LadderVersion.objects.get(pk=draft.pk).text.count('"80"')) == (2, 1)
    force_ladder(ladder_id=second.pk, by=chief, now=NOW)
    assert [one.is_in_force for one in LadderVersion.objects.order_by("number")] == [False, True]


def test_a_bad_or_a_strangers_ladder_is_refused(world: World) -> None:
    with pytest.raises(BadInput):
        draft_ladder(text="name = 1", by=world.actor("clerk"), now=NOW)
    with pytest.raises(Refused):
        draft_ladder(text=builtin_text("taishan-2021"), by=world.actor("xt_chief"), now=NOW)
    draft = draft_ladder(text=builtin_text("taishan-2021"), by=world.actor("clerk"), now=NOW)
    with pytest.raises(NotFound):
        force_ladder(ladder_id=draft.pk, by=world.actor("gz_clerk"), now=NOW)
