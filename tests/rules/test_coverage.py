"""Coverage adds up; what covers a place; who is in charge; how rounds are dealt out."""

from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chuangwen.rules.campaigns import (
    CAMPAIGN_FLOW,
    MEASURES,
    CampaignMove,
    CampaignStatus,
    in_charge,
    next_campaign_status,
)
from chuangwen.rules.coverage import (
    Coverage,
    SiteState,
    VisitFact,
    covered_at,
    curve,
    deal,
    shares,
    site_state,
    tally,
    tally_by,
)
from chuangwen.rules.deadlines import SHANGHAI
from chuangwen.rules.refusals import Refused

OPENS = datetime(2020, 6, 1, tzinfo=SHANGHAI)
CLOSES = OPENS + timedelta(days=30)
FIRST = OPENS.date()
states = st.sampled_from(list(SiteState))
days = st.integers(-5, 40)


@given(st.lists(st.tuples(st.sampled_from("abc"), states)))
def test_done_left_and_unreachable_are_all_and_units_add_up_to_the_whole(pairs: list[tuple[str, SiteState]]) -> None:
    whole, parts = tally(state for _unit, state in pairs), tally_by(pairs)
    assert whole.done + whole.left + whole.unreachable == whole.total == len(pairs)
    assert shares(parts) == whole
    assert whole.rate is None or 0 <= whole.rate <= 1


@given(covered=st.booleans(), unreachable=st.booleans())
def test_whoever_got_in_has_done_the_place(covered: bool, unreachable: bool) -> None:
    state = site_state(covered=covered, unreachable=unreachable)
    assert (state is SiteState.DONE) is covered
    assert (state is SiteState.UNREACHABLE) is (unreachable and not covered)


@given(
    st.lists(st.tuples(st.none() | days, st.frozensets(st.integers(1, 4))), max_size=6),
    st.frozensets(st.integers(1, 4)),
)
def test_the_first_full_visit_in_the_window_covers(
    visits: list[tuple[int | None, frozenset[int]]], must: frozenset[int]
) -> None:
    facts = [VisitFact(None if day is None else OPENS + timedelta(days=day), judged) for day, judged in visits]
    found = covered_at(facts, must, OPENS, CLOSES)
    full = [day for day, judged in visits if day is not None and 0 <= day < 30 and must <= judged and must]
    assert found == (OPENS + timedelta(days=min(full)) if full else None)


@given(
    planned=st.lists(st.none() | days, max_size=20),
    done=st.lists(st.none() | days, max_size=20),
    total=st.integers(0, 40),
    today=days,
)
def test_the_curve_never_falls_and_knows_no_future(
    planned: list[int | None], done: list[int | None], total: int, today: int
) -> None:
    span = [FIRST + timedelta(days=number) for number in range(30)]

    def moments(numbers: list[int | None]) -> list[date | None]:
        return [None if number is None else FIRST + timedelta(days=number) for number in numbers]

    lines = curve(span, planned=moments(planned), done=moments(done), total=total, today=FIRST + timedelta(days=today))
    reached = [line.done for line in lines if line.done is not None]
    assert [line.planned for line in lines] == sorted(line.planned for line in lines)
    assert reached == sorted(reached)
    assert len(reached) == max(0, min(30, today + 1))
    assert lines[-1].even == total


@given(
    places=st.lists(st.integers(), unique=True, max_size=40),
    people=st.lists(st.integers(), unique=True, min_size=1, max_size=4),
    a_day=st.integers(1, 9),
    span=st.integers(1, 20),
)
def test_every_place_is_dealt_once_and_nobody_gets_two_rounds_a_day(
    places: list[int], people: list[int], a_day: int, span: int
) -> None:
    dates = [FIRST + timedelta(days=number) for number in range(span)]
    if len(places) > a_day * len(people) * span:
        with pytest.raises(Refused, match=f"还有 {len(places)} 处要安排"):
            deal(places, people=people, a_day=a_day, days=dates)
        return
    dealt = deal(places, people=people, a_day=a_day, days=dates)
    assert [place for each in dealt for place in each.places] == places
    assert all(1 <= len(each.places) <= a_day for each in dealt)
    assert len({(each.day, each.person) for each in dealt}) == len(dealt)


@given(st.permutations(["/C/", "/C/X/", "/C/X/1/", "/C/D/"]))
def test_the_nearest_named_unit_is_in_charge_whatever_the_order(units: list[str]) -> None:
    assert in_charge("/C/X/1/", "/C/X/1/W/", ["/C/X/"], units) == "/C/X/1/"
    assert in_charge("/C/X/1/", "/C/D/", ["/C/X/"], units) == "/C/D/"
    assert in_charge("/C/X/2/", "/E/", ["/C/X/"], []) == "/C/X/"
    assert in_charge("/E/", "/E/", ["/C/X/"], ["/C/D/"]) == ""


def test_every_status_and_move_has_an_answer() -> None:
    for status in CampaignStatus:
        for move in CampaignMove:
            if (status, move) in CAMPAIGN_FLOW:
                assert next_campaign_status(status, move) is not status
            else:
                with pytest.raises(Refused, match=status.label):
                    next_campaign_status(status, move)


def test_a_target_is_met_from_its_own_side() -> None:
    assert MEASURES["open_cases"].reached(3, 3)
    assert not MEASURES["open_cases"].reached(4, 3)
    assert MEASURES["on_time_rate"].reached(90, 90)
    assert MEASURES["recurrence"].reached(None, 5) is None
    assert Coverage().rate is None
