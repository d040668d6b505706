"""What may be asked and granted, until when, and what a granted appeal takes out of a figure."""

from datetime import date, datetime, timedelta
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chuangwen.rules.appeals import (
    APPEALED,
    APPEALS,
    ARROWS,
    CLAIMS,
    OPEN,
    Effect,
    Lifted,
    Outcome,
    State,
    Step,
    Subject,
    Terms,
    effect_of,
    end_of,
    lifted_groups,
    lifted_words,
    lifting_faults,
    target,
    terms_objections,
    verdict_objections,
    weaker_than,
)
from chuangwen.rules.deadlines import SHANGHAI, WorkCalendar
from chuangwen.rules.permissions import Actor, Permission, PostFact, Role, Thing, may
from chuangwen.rules.refusals import BadInput

CALENDAR = WorkCalendar().overridden({date(2020, 6, 25): False, date(2020, 6, 26): False, date(2020, 6, 28): True})
WEDNESDAY = datetime(2020, 6, 24, 9, 0, tzinfo=SHANGHAI)
HOME, UNIT = "/NT/CC/XT/XT-01/", "/NT/CC/XT/XT-01/WY/"


@pytest.mark.parametrize(("state", "step"), list(product(State, Step)))
def test_every_step_leads_somewhere_or_is_refused_in_words(state: State, step: Step) -> None:
    if (state, step) in ARROWS:
        assert target(state, step) is ARROWS[state, step]
    else:
        with pytest.raises(BadInput, match="已经办过或还不能办"):
            target(state, step)


def test_a_refusal_goes_up_once_and_never_comes_back() -> None:
    steps = [Step.PROPOSE, Step.DECIDE, Step.ESCALATE, Step.FINISH]
    state = State.RAISED
    for step in steps:
        state = target(state, step)
    assert state is State.FINISHED
    assert state not in OPEN
    assert not [step for (source, step) in ARROWS if source is State.FINISHED]


@pytest.mark.parametrize("subject", list(Subject))
def test_what_is_granted_in_part_is_always_less_than_what_was_asked(subject: Subject) -> None:
    for claim in CLAIMS[subject]:
        assert claim not in weaker_than(subject, claim)
        assert set(weaker_than(subject, claim)) <= set(CLAIMS[subject])


def test_a_review_names_everything_that_is_wrong() -> None:
    wrong = verdict_objections(Subject.CASE, Effect.NOT_OVERDUE, "partly", "", " ")
    assert wrong == ["请写明理由，申诉单位会看到。", "要求的是“不计超期”，只能成立或不成立。"]
    assert "不计返工" in verdict_objections(Subject.CASE, Effect.NEITHER, "partly", "not_counted", "部分属实")[0]
    assert verdict_objections(Subject.CASE, Effect.NEITHER, "perhaps", "", "x") == ["请选择成立、部分成立或不成立。"]
    assert verdict_objections(Subject.CASE, Effect.NEITHER, "partly", "not_overdue", "部分属实") == []


def test_what_a_sound_review_grants() -> None:
    assert effect_of(Effect.NEITHER, Outcome.GRANTED, "not_overdue") == "neither"
    assert effect_of(Effect.NEITHER, Outcome.PARTLY, "not_overdue") == "not_overdue"
    assert effect_of(Effect.NEITHER, Outcome.REFUSED, "not_overdue") == ""


def test_days_are_working_days_and_end_with_the_office() -> None:
    assert end_of(WEDNESDAY, 1, CALENDAR) == datetime(2020, 6, 28, 18, 0, tzinfo=SHANGHAI)
    assert end_of(WEDNESDAY, 3, CALENDAR) == datetime(2020, 6, 30, 18, 0, tzinfo=SHANGHAI)
    assert end_of(WEDNESDAY, 0, CALENDAR) == WEDNESDAY


@given(st.integers(0, 2000), st.integers(1, 30))
def test_one_more_day_is_never_sooner(hours: int, days: int) -> None:
    start = WEDNESDAY + timedelta(hours=hours)
    assert start < end_of(start, days, CALENDAR) < end_of(start, days + 1, CALENDAR)


def test_no_window_needs_a_reason_that_can_be_printed() -> None:
    assert terms_objections(Terms()) == []
    assert terms_objections(Terms(window_days=0)) == ["公示期为零须写明理由，理由会印在月排名里。"]
    assert terms_objections(Terms(window_days=0, window_note="疫情期间")) == []
    assert (
        len(terms_objections(Terms(appeal_days=0, window_days=31, review_days=0, escalation_days=-1, grounds=()))) == 5
    )
    assert len(terms_objections(Terms(grounds=("甲" * 61, "甲" * 61)))) == 2


IDS = st.lists(st.integers(1, 12), unique=True)


@given(IDS, st.data(), st.dictionaries(st.integers(1, 12), st.integers(100, 105)), st.booleans())
def test_what_is_lifted_is_kept_aside_and_lifting_twice_changes_nothing(
    whole: list[int], data: st.DataObject, out: dict[int, int], everything: bool
) -> None:
    fault = data.draw(st.lists(st.sampled_from(whole), unique=True)) if whole else []
    excused = data.draw(st.dictionaries(st.integers(1, 12), st.integers(200, 205)))
    lifted = Lifted(out, excused, 300 if everything else None)
    raw = {"cases": whole, "late": fault}
    found = lifted_groups(raw, "cases", "late", lifted)
    assert lifting_faults(found, "cases", "late", lifted) == []
    assert lifted_groups(found, "cases", "late", lifted) == found
    assert set(found["late"]) <= set(found["cases"])
    assert set(found["cases"]) | set(found.get(APPEALED, [])) == set(whole)
    assert set(fault) - set(found["late"]) <= set(found.get(APPEALED, []))
    assert bool(found.get(APPEALED)) == bool(found.get(APPEALS)) == bool(lifted_words("按期整改率", found))
    if found.get(APPEALED):
        assert lifting_faults(raw, "cases", "late", lifted) == ["申诉成立的仍然计入"]
        if not everything:
            assert lifting_faults(found, "cases", "late", Lifted()) == ["有没有申诉成立的记录没有计入"]


def test_an_excused_case_counts_as_in_time_and_one_that_is_out_nowhere() -> None:
    found = lifted_groups({"cases": [1, 2, 3], "late": [2, 3]}, "cases", "late", Lifted({2: 7}, {3: 8}))
    assert found == {"cases": [1, 3], "late": [], "appealed": [2, 3], "appeals": [7, 8]}
    assert lifted_words("按期整改率", found) == ["按期整改率：申诉成立，不计 2 项（申诉 7、8 号）。"]


def someone(role: Role, unit_path: str, scope: str = "/NT/CC/", user_id: int = 1) -> Actor:
    """A person with one post."""
    return Actor(user_id, "某人", (PostFact(role, 1, "单位", unit_path, scope),))


def test_nobody_reviews_their_own_unit_nor_what_they_had_a_hand_in() -> None:
    thing = Thing(home=HOME, handler=UNIT)
    clerk, propose = someone(Role.OFFICE_CLERK, "/NT/CC/WM/"), Permission.APPEAL_PROPOSE
    assert may(clerk, propose, thing)
    assert not may(clerk, propose, Thing(home=HOME, handler=UNIT, involved=frozenset({1})))
    assert not may(clerk, propose, Thing(home=HOME, handler="/NT/CC/WM/"))
    both = Actor(1, "兼职", (*clerk.posts, *someone(Role.UNIT_CHIEF, "/NT/CC/XT/", "/NT/CC/XT/").posts))
    assert not may(both, propose, thing)
    assert not may(someone(Role.OFFICE_CLERK, "/NT/GZ/WM/", "/NT/GZ/"), propose, thing)


@pytest.mark.parametrize(
    ("role", "allowed"),
    [
        (Role.OFFICE_CLERK, Permission.APPEAL_PROPOSE), (Role.OFFICE_CHIEF, Permission.APPEAL_DECIDE),
        (Role.LEADER, Permission.APPEAL_FINISH),
    ],
)  # fmt: skip
def test_each_level_is_another_role(role: Role, allowed: Permission) -> None:
    levels = (Permission.APPEAL_PROPOSE, Permission.APPEAL_DECIDE, Permission.APPEAL_FINISH)
    thing = Thing(home=HOME, handler=UNIT)
    assert [level for level in levels if may(someone(role, "/NT/CC/WM/"), level, thing)] == [allowed]


def test_a_unit_and_those_above_it_appeal_nobody_else() -> None:
    thing = Thing(home=HOME, handler=UNIT)
    for path, yes in ((UNIT, True), ("/NT/CC/XT/", True), ("/NT/CC/WF/", False)):
        assert may(someone(Role.UNIT_CHIEF, path, path), Permission.APPEAL_RAISE, thing) is yes
        assert may(someone(Role.UNIT_CHIEF, path, path), Permission.APPEAL_ESCALATE, thing) is yes
    assert not may(someone(Role.UNIT_WORKER, UNIT, UNIT), Permission.APPEAL_ESCALATE, thing)
    assert not may(someone(Role.GRID_WORKER, UNIT, UNIT), Permission.APPEAL_RAISE, thing)
