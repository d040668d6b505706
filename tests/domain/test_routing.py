"""派单: objections with the first receiver responsible, rules that suggest, drafts tried on past cases before they count."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from chuangwen.cases import operations as cases
from chuangwen.cases.models import Case
from chuangwen.jobs.loops import react_once
from chuangwen.journal.models import Event
from chuangwen.people.models import Unit
from chuangwen.people.operations import put_unit
from chuangwen.routing import replays
from chuangwen.routing.models import Objection, Replay, ReplayLine, RuleSet
from chuangwen.routing.objections import decide_objection, object_to_dispatch, set_terms
from chuangwen.routing.operations import change_rules, draft_set, put_in_force, put_rule, upload_rules
from chuangwen.routing.queries import objections_for, objections_to_decide, rule_sets_for, suggestion_for
from chuangwen.rules.case_flow import Status
from chuangwen.rules.permissions import SYSTEM
from chuangwen.rules.refusals import BadInput, Conflict, NotFound, Refused
from chuangwen.rules.routing_files import write_sheet, write_toml
from chuangwen.rules.routing_places import Atlas
from chuangwen.rules.routing_replay import from_facts
from chuangwen.standards.queries import work_calendar
from tests.routing import NIGHT, OWNER, STREET, TODAY, draft, in_force, objected, put_into_force
from tests.world import BEIJING, NOW, World

LATER = NOW + timedelta(minutes=30)


def loaded(case: Case) -> Case:
    """The case as pages load it."""
    return Case.objects.select_related("site", "home", "street", "unit", "standard").get(pk=case.pk)


# --- objections ---


def test_the_first_receiver_stays_responsible_while_it_objects(world: World) -> None:
    before = world.case_at(Status.DISPATCHED)
    made = objected(world, before)
    case = Case.objects.get(pk=before.pk)
    assert (case.status, case.unit_id, case.due_at) == (before.status, before.unit_id, before.due_at)
    assert made.decide_by == datetime(2020, 6, 28, 9, 10, tzinfo=BEIJING)  # the next working day is a Sunday
    assert list(objections_to_decide(world.actor("clerk"))) == [made]
    assert not objections_to_decide(world.actor("gz_clerk"))
    assert not objections_to_decide(world.actor("wy_worker"))
    cases.receive(case_id=case.pk, by=world.actor("wy_worker"), now=LATER)
    assert list(objections_to_decide(world.actor("clerk"))) == [made]


def test_an_upheld_objection_gives_the_case_with_its_full_limit_to_another_unit(world: World) -> None:
    case = world.case_at(Status.DISPATCHED)
    made = objected(world, case)
    cg = world.unit("CC-CG")
    decide_objection(
        case_id=case.pk, upheld=True, unit_id=cg.pk, reason="照办", by=world.actor("clerk"), now=LATER, client_key="d-1"
    )
    again = decide_objection(
        case_id=case.pk, upheld=True, unit_id=cg.pk, by=world.actor("clerk"), now=LATER, client_key="d-1"
    )
    case = Case.objects.get(pk=case.pk)
    assert again is None
    assert (case.status, case.unit_id, case.dispatched_at) == (Status.DISPATCHED, cg.pk, LATER)
    assert case.due_at == datetime(2020, 6, 24, 15, 30, tzinfo=BEIJING)  # four working hours from 9:30
    made.refresh_from_db()
    assert (made.outcome, made.given_to_id, made.decision) == ("upheld", cg.pk, "照办")
    kinds = list(
        Event.objects.filter(subject_kind="case", subject_id=case.pk).order_by("id").values_list("kind", flat=True)
    )
    assert kinds[-4:] == ["case.objected", "case.objection_upheld", "case.return_back", "case.dispatch"]


def test_a_rejected_objection_changes_nothing_and_says_why(world: World) -> None:
    case = world.case_at(Status.DISPATCHED)
    made = objected(world, case)
    with pytest.raises(Refused, match="不成立须写明理由"):
        decide_objection(case_id=case.pk, upheld=False, by=world.actor("clerk"), now=LATER)
    decide_objection(case_id=case.pk, upheld=False, reason="属小区公共部位", by=world.actor("clerk"), now=LATER)
    after = Case.objects.get(pk=case.pk)
    assert (after.status, after.unit_id, after.due_at, after.version) == (
        case.status, case.unit_id, case.due_at, case.version,
    )  # fmt: skip
    late = NOW + timedelta(days=5)
    assert list(Case.objects.overdue(late)) == [after]
    with pytest.raises(Refused, match="已经提过一次"):
        objected(world, case, now=LATER)
    made.refresh_from_db()
    assert made.outcome == "rejected"


def test_objecting_is_refused_late_after_receiving_passed_down_or_by_others(world: World) -> None:
    ask: dict[str, Any] = {"ground": "其他", "words": "不归我们", "by": world.actor("wy_worker")}
    with pytest.raises(Refused, match="签收之前"):
        object_to_dispatch(case_id=world.case_at(Status.HANDLING).pk, now=LATER, **ask)
    case = world.case_at(Status.DISPATCHED)
    with pytest.raises(Refused, match="已经过了"):
        object_to_dispatch(case_id=case.pk, now=NOW + timedelta(days=5), **ask)
    with pytest.raises(Refused, match="由收到派遣的单位提出"):
        object_to_dispatch(case_id=case.pk, now=LATER, **{**ask, "by": world.actor("clerk")})
    with pytest.raises(NotFound):
        object_to_dispatch(case_id=case.pk, now=LATER, **{**ask, "by": world.actor("gz_clerk")})
    with pytest.raises(Refused) as refusal:
        object_to_dispatch(case_id=case.pk, now=LATER, **{**ask, "ground": "太忙", "words": ""})
    assert len(refusal.value.objections) == 2

    passed = world.case_at(Status.ACCEPTED)
    cases.dispatch(case_id=passed.pk, unit_id=world.unit("XT").pk, by=world.actor("clerk"), now=NOW)
    cases.assign(case_id=passed.pk, unit_id=world.unit("XT-01").pk, by=world.actor("xt_chief"), now=NOW)
    with pytest.raises(Refused, match="交办下级"):
        object_to_dispatch(case_id=passed.pk, now=LATER, **{**ask, "by": world.actor("xt01_worker")})


def test_nobody_decides_their_own_objection_nor_keeps_the_unit_when_upheld(world: World) -> None:
    case = world.case_at(Status.DISPATCHED)
    made = objected(world, case)
    clerk = world.actor("clerk")
    Objection.objects.filter(pk=made.pk).update(asked_by_id=clerk.user_id)
    with pytest.raises(Refused, match="不能裁定自己的异议"):
        decide_objection(case_id=case.pk, upheld=False, reason="x", by=clerk, now=LATER)
    with pytest.raises(Refused, match="改派给别的单位"):
        decide_objection(case_id=case.pk, upheld=True, unit_id=made.unit_id, by=world.actor("chief"), now=LATER)
    with pytest.raises(Refused, match="由区文明办裁定"):
        decide_objection(case_id=case.pk, upheld=False, reason="x", by=world.actor("wy_chief"), now=LATER)
    assert Objection.objects.get().outcome == ""


def test_an_objection_lapses_when_the_case_goes_on_without_a_decision(world: World) -> None:
    case = world.case_at(Status.DISPATCHED)
    objected(world, case)
    Event.objects.update(handled_at=NOW)
    cases.rectify(case_id=case.pk, note="已清理", by=world.actor("wy_worker"), now=LATER)
    assert not objections_to_decide(world.actor("clerk"))
    with pytest.raises(Refused, match="不再需要裁定"):
        decide_objection(case_id=case.pk, upheld=False, reason="x", by=world.actor("clerk"), now=LATER)
    while react_once(LATER):
        pass
    assert Objection.objects.get().outcome == "lapsed"
    assert [row.outcome for row in objections_for(world.actor("wy_chief"))] == ["lapsed"]


def test_limits_and_grounds_are_the_offices_to_set(world: World) -> None:
    with pytest.raises(Refused, match="主任设定"):
        set_terms(object_within="4小时", decide_within="2小时", grounds="甲", by=world.actor("clerk"), now=NOW)
    set_terms(object_within="5小时", decide_within="2小时", grounds="已移交", by=world.actor("chief"), now=NOW)
    case = world.case_at(Status.DISPATCHED)
    with pytest.raises(Refused, match="不在列表里"):
        objected(world, case)
    made = object_to_dispatch(
        case_id=case.pk, ground="已移交", words="有移交单", by=world.actor("wy_worker"), now=NOW + timedelta(hours=4)
    )
    assert made is not None
    assert made.decide_by == NOW + timedelta(hours=6)


# --- suggestions ---


def test_a_rule_in_force_suggests_a_unit_and_says_why(world: World) -> None:
    in_force(world, NIGHT, OWNER, STREET)
    case = loaded(world.open_case())
    found = suggestion_for(case, NOW)
    assert found is not None
    assert (found.unit_name, found.place) == ("学田苑物业", 2)
    assert "小区里的事由物业先办" in found.why
    assert suggestion_for(case, NOW - timedelta(days=1)) is None  # the set counts from today on
    night = loaded(world.open_case(now=NOW - timedelta(hours=3)))
    assert (found := suggestion_for(night, NOW)) is not None
    assert found.unit_name == "区城管局"


def test_the_unit_that_just_returned_the_case_is_not_suggested_again(world: World) -> None:
    in_force(world, OWNER, STREET)
    found = suggestion_for(loaded(world.case_at(Status.RETURNED)), NOW)
    assert found is not None
    assert (found.unit_name, found.place) == ("学田街道", 2)
    assert "学田苑物业不认为该由它办" in found.passed[0]


def test_where_rules_are_silent_the_past_is_asked(world: World) -> None:
    case = loaded(world.open_case())
    assert suggestion_for(case, NOW) is None
    for _ in range(5):
        world.case_at(Status.CLOSED)
    found = suggestion_for(case, NOW)
    assert found is not None
    assert (found.unit_name, found.place) == ("学田苑物业", 0)
    assert "近一年学田街道“市容环境”结案 5 件，其中 5 件（100%）" in found.why
    assert Case.objects.get(pk=case.pk).status == Status.REPORTED


def test_a_unit_given_up_is_not_suggested(world: World) -> None:
    in_force(world, NIGHT, STREET)
    Unit.objects.filter(code="CC-CG").update(active=False)
    from chuangwen.routing.held import forget_held

    forget_held()
    found = suggestion_for(loaded(world.open_case(now=NOW - timedelta(hours=3))), NOW)
    assert found is not None
    assert found.unit_name == "学田街道"
    assert "夜间城管" in found.passed[0]


# --- sets and replays ---


def test_a_draft_counts_only_after_a_replay_of_its_present_text(world: World) -> None:
    world.case_at(Status.HANDLING)
    row = draft(world, OWNER, STREET)
    chief = world.actor("chief")
    with pytest.raises(Refused, match="先用现在的草稿试算一次"):
        put_in_force(set_id=row.pk, from_day=TODAY, by=chief, now=NOW, today=TODAY)
    replays.start_replay(set_id=row.pk, since=TODAY, until=TODAY, by=chief, now=NOW)
    row = put_rule(set_id=row.pk, place=1, raw=NIGHT, by=chief, now=NOW)
    with pytest.raises(Refused, match="先用现在的草稿试算一次"):
        put_in_force(set_id=row.pk, from_day=TODAY, by=chief, now=NOW, today=TODAY)
    with pytest.raises(Refused, match="由区文明办主任决定起用"):
        put_in_force(set_id=row.pk, from_day=TODAY, by=world.actor("clerk"), now=NOW, today=TODAY)
    row = put_into_force(world, row)
    assert not row.is_draft
    with pytest.raises(Refused, match="不能再改"):
        put_rule(set_id=row.pk, place=None, raw=OWNER, by=chief, now=NOW)
    other = draft(world, STREET, name="下半年")
    replays.start_replay(set_id=other.pk, since=TODAY, until=TODAY, by=chief, now=NOW)
    third = put_into_force(world, draft(world, OWNER, name="插队"), day=TODAY + timedelta(days=1))
    assert put_in_force(
        set_id=other.pk, from_day=TODAY + timedelta(days=2), by=chief, now=NOW, today=TODAY
    ).pk  # the third one counts from tomorrow, so the replay is still against what counts today
    assert RuleSet.objects.filter(from_day__isnull=False).count() == 3
    assert third.pk


def test_a_replay_is_stale_when_other_rules_came_into_force(world: World) -> None:
    world.case_at(Status.HANDLING)
    chief = world.actor("chief")
    row = draft(world, STREET)
    replays.start_replay(set_id=row.pk, since=TODAY, until=TODAY, by=chief, now=NOW)
    put_into_force(world, draft(world, OWNER, name="先起用的"))
    tomorrow = TODAY + timedelta(days=1)
    with pytest.raises(Refused, match="换过了"):
        put_in_force(set_id=row.pk, from_day=tomorrow, by=chief, now=NOW, today=TODAY)


def test_a_replay_tells_what_would_move_and_what_really_was(world: World) -> None:
    in_force(world, OWNER)
    here, lane = world.case_at(Status.HANDLING), world.open_case(site=world.lane)
    row = draft(world, STREET, name="全归街道")
    made = replays.start_replay(set_id=row.pk, since=TODAY, until=TODAY, by=world.actor("clerk"), now=NOW)
    tally = from_facts(made.figures or {})
    # three cases: the one of the fixture and `here` move from the property firm to the street, the lane from nobody
    assert (tally.cases, tally.moved, tally.undecided_now, tally.undecided) == (3, 3, 1, 0)
    assert {(unit.unit, unit.now, unit.draft, unit.real) for unit in tally.units} == {
        ("XT", 0, 2, 0), ("WF", 0, 1, 0), ("XT-01-WY", 2, 0, 1),
    }  # fmt: skip
    # `here` is with the property firm, which lies below the street: passed down, not sent elsewhere
    assert tally.differing == 0
    assert {line.case_id for line in ReplayLine.objects.filter(replay=made, moved=True)} >= {here.pk, lane.pk}


def test_a_long_replay_is_left_to_the_worker_and_may_be_repeated(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(replays, "AT_ONCE", 0)
    monkeypatch.setattr(replays, "STEP", 2)
    for _ in range(3):
        world.open_case()
    row = draft(world, STREET)
    Event.objects.update(handled_at=NOW)
    made = replays.start_replay(
        set_id=row.pk, since=TODAY, until=TODAY, by=world.actor("clerk"), now=NOW, client_key="r"
    )
    assert (made.finished_at, made.total) == (None, 3)
    assert replays.start_replay(
        set_id=row.pk, since=TODAY, until=TODAY, by=world.actor("clerk"), now=NOW, client_key="r"
    ).pk == made.pk  # fmt: skip
    while react_once(LATER):
        pass
    made.refresh_from_db()
    assert (made.done, made.finished_at) == (3, LATER)
    assert not replays.run_replay(replay_id=made.pk, now=LATER)
    assert (Replay.objects.count(), ReplayLine.objects.count()) == (1, 3)


def test_rules_come_from_files_and_every_fault_is_named(world: World) -> None:
    row = draft(world, OWNER, NIGHT)
    by = world.actor("clerk")
    old = row.listed()
    atlas = Atlas({}, {}, work_calendar())
    upload_rules(set_id=row.pk, content=write_sheet(old[:1]), file_name="规则.xlsx", by=by, now=NOW)
    assert RuleSet.objects.get().listed() == old[:1]
    upload_rules(set_id=row.pk, content=write_toml("x", old, atlas).encode(), file_name="规则.TOML", by=by, now=NOW)
    row = RuleSet.objects.get()
    assert row.listed() == old
    bad = "名称,类别,派给,时段,理由\n甲,没有的类,CC-CG,昨夜,x\n甲,市容环境,没有的单位,,x\n".encode()
    with pytest.raises(BadInput) as refusal:
        upload_rules(set_id=row.pk, content=bad, file_name="a.csv", by=by, now=NOW)
    said = "\n".join(refusal.value.objections)
    for word in ("没有的类", "昨夜", "没有的单位"):
        assert word in said
    with pytest.raises(Conflict):
        change_rules(set_id=row.pk, change=lambda rules: rules[:1], seen_version=1, by=by, now=NOW)


def test_another_district_neither_sees_nor_copies_our_rules(world: World) -> None:
    row = draft(world)
    other = world.actor("gz_clerk")
    assert not rule_sets_for(other)
    with pytest.raises(NotFound):
        draft_set(name="抄来的", copy_id=row.pk, by=other, now=NOW)
    with pytest.raises(NotFound):
        put_rule(set_id=row.pk, place=None, raw=STREET, by=other, now=NOW)
    copied = draft_set(name="下半年", copy_id=row.pk, by=world.actor("chief"), now=NOW, client_key="c")
    assert copied.listed() == row.listed()
    assert draft_set(name="下半年", copy_id=row.pk, by=world.actor("chief"), now=NOW, client_key="c").pk == copied.pk


def test_a_rule_whose_unit_went_keeps_a_draft_from_counting(world: World) -> None:
    put_unit(code="CC-ZJ", name="区住建局", kind="department", parent_code="CC", by=SYSTEM, now=NOW)
    world.open_case()
    row = draft(world, {"name": "住建", "to": "区住建局", "reason": "职责"}, STREET)
    Unit.objects.filter(code="CC-ZJ").update(active=False)
    with pytest.raises(Refused, match="CC-ZJ"):
        put_into_force(world, row)
