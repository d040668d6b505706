"""派单异议: only before handling began, in time, once a unit; somebody else decides."""

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chuangwen.rules.case_flow import RUNNING, Status
from chuangwen.rules.deadlines import SHANGHAI, WorkCalendar
from chuangwen.rules.dispatch_objections import (
    USUAL_TERMS,
    Decision,
    Dispatched,
    asking_objections,
    decide_until,
    deciding_objections,
    grounds_text,
    object_until,
    objecting_objections,
    read_terms,
    still_stands,
)
from chuangwen.rules.refusals import BadInput

CALENDAR = WorkCalendar()
SENT = datetime(2020, 6, 24, 10, 0, tzinfo=SHANGHAI)  # a Wednesday


def dispatched(**facts: object) -> Dispatched:
    """A case that was just dispatched."""
    return Dispatched(**{"status": Status.DISPATCHED, "unit": "WY", "dispatched_at": SENT, **facts})  # type: ignore[arg-type]


@given(st.integers(0, 60 * 72), st.sampled_from(Status), st.booleans(), st.booleans(), st.booleans())
def test_an_objection_is_open_only_when_nothing_speaks_against_it(
    minutes: int, status: Status, down: bool, before: bool, pending: bool
) -> None:
    now = SENT + timedelta(minutes=minutes)
    case = dispatched(status=status, assigned_down=down, objected_before=before, pending=pending)
    said = objecting_objections(case, terms=USUAL_TERMS, calendar=CALENDAR, now=now)
    in_time = now <= object_until(SENT, USUAL_TERMS, CALENDAR)
    assert (not said) is (status is Status.DISPATCHED and in_time and not (down or before or pending))


def test_in_a_case_of_a_whistle_the_whistle_is_the_place_to_object() -> None:
    said = objecting_objections(dispatched(in_parts=True), terms=USUAL_TERMS, calendar=CALENDAR, now=SENT)
    assert said == ("这件案件由街道吹哨、几家一起办，有异议请在吹哨单里提。",)


def test_the_day_is_a_working_day() -> None:
    friday = datetime(2020, 7, 3, 10, 0, tzinfo=SHANGHAI)
    assert object_until(friday, USUAL_TERMS, CALENDAR) == datetime(2020, 7, 6, 10, 0, tzinfo=SHANGHAI)
    assert decide_until(friday, USUAL_TERMS, CALENDAR) == datetime(2020, 7, 6, 10, 0, tzinfo=SHANGHAI)


def test_a_ground_from_the_list_and_words_are_needed() -> None:
    assert len(asking_objections(ground="", words=" ", terms=USUAL_TERMS)) == 2
    assert "不在列表里" in asking_objections(ground="忙", words="x", terms=USUAL_TERMS)[0]
    assert asking_objections(ground="其他", words="已移交", terms=USUAL_TERMS) == ()


@given(
    st.integers(1, 3),
    st.integers(1, 3),
    st.booleans(),
    st.sampled_from(["", "理由"]),
    st.sampled_from([None, "/a/", "/b/"]),
)
def test_nobody_decides_their_own_objection(
    decider: int, objector: int, upheld: bool, reason: str, new: str | None
) -> None:
    decision = Decision(upheld, reason, decider, objector, (), "/a/", new)
    said = deciding_objections(decision)
    fine = decider != objector and (new == "/b/" if upheld else bool(reason))
    assert (not said) is fine


def test_who_serves_in_the_objecting_unit_does_not_decide() -> None:
    said = deciding_objections(Decision(False, "理由", 1, 2, ("/a/",), "/a/x/", None))
    assert "任职" in said[0]


@given(st.sampled_from(Status))
def test_an_objection_stands_while_the_first_receiver_works_on(status: Status) -> None:
    assert still_stands(status=status, unit="WY", objector="WY") is (status in RUNNING)
    assert not still_stands(status=status, unit="CG", objector="WY")


def test_terms_are_read_as_they_are_written_and_all_faults_are_named() -> None:
    grounds = grounds_text(USUAL_TERMS.grounds)
    assert read_terms(object_within="1工作日", decide_within="1工作日", grounds=grounds) == USUAL_TERMS
    with pytest.raises(BadInput) as refusal:
        read_terms(object_within="很快", decide_within="明天", grounds=" \n ")
    assert len(refusal.value.objections) == 3
