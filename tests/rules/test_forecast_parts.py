"""What a forecast takes from elsewhere, why two differ, plans as text, and what a visit is worth."""

from dataclasses import replace
from datetime import date
from math import log

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chuangwen.rules.forecast import Place, forecast
from chuangwen.rules.forecast_change import Standing, parts_of
from chuangwen.rules.forecast_parts import Pair, material_score, questionnaire_score, strictness_from
from chuangwen.rules.forecast_plan import ExamPlan, MethodScore, Strictness, Veto, read_plan
from chuangwen.rules.forecast_plan_text import plan_table, toml_text
from tests.exams import examined

NAMES = st.text(st.characters(blacklist_categories=("Cs", "Cc")), min_size=1, max_size=6).filter(
    lambda name: name.strip()
)
RATES = st.floats(0, 100)


def test_many_agreeing_pairs_say_more_than_one_and_none_says_nothing() -> None:
    assert strictness_from([]) is None
    pair = Pair(92, 2000, 88, 1166)
    once, often = strictness_from([pair]), strictness_from([pair] * 6)
    assert once is not None
    assert often is not None
    plain = log(88 / 12) - log(92 / 8)
    assert plain < often.mean < once.mean < 0
    assert often.sd < once.sd < 0.3
    apart = strictness_from([pair, replace(pair, theirs=97.0)] * 3)
    assert apart is not None
    assert apart.round_sd > often.round_sd
    assert strictness_from([Pair(100, 3, 0, 3)]) is not None  # nothing passes or fails for sure


def test_material_counts_as_it_stands_and_questions_do_not_cancel() -> None:
    assert material_score(required=0, accepted=0, in_review=0) is None
    done, half = (
        material_score(required=200, accepted=200, in_review=0),
        material_score(required=200, accepted=100, in_review=40),
    )
    assert (done, half and half.value) == (MethodScore(100, 3), 60)
    assert half is not None
    assert half.se > 3
    assert questionnaire_score([]) is None
    asked = questionnaire_score([(0.8, 0.76, 0.84), (0.9, 0.86, 0.94)])
    assert asked is not None
    assert (round(asked.value), round(asked.se, 1)) == (85, 2.0)


@given(RATES, RATES, RATES, RATES, st.floats(0, 5), st.floats(30, 70), st.one_of(st.none(), RATES))
def test_the_causes_add_up_to_the_difference(
    was: float, now: float, paper: float, later: float, veto: float, weight: float, between: float | None
) -> None:
    def standing(field: float, material: float, cost: float, share: float) -> Standing:
        weights, rates = {"field": share, "material": 100 - share}, {"field": field, "material": material}
        return Standing((share * field + (100 - share) * material) / 100 - cost, weights, rates)

    before, after = standing(was, paper, 0, 60), standing(now, later, veto, weight)
    parts = parts_of(before, after, between)
    assert sum(part.points for part in parts) == pytest.approx(after.total - before.total, abs=1e-9)
    assert ({part.cause for part in parts} >= {"observations", "settings"}) == (between is not None)


PLANS = st.builds(
    ExamPlan, st.dates(date(2020, 1, 1), date(2030, 1, 1)), st.floats(0, 100),
    st.dictionaries(NAMES, st.integers(1, 50), min_size=1, max_size=3), st.dictionaries(NAMES, st.integers(0, 99), max_size=2),
    st.floats(1, 900), st.one_of(st.none(), st.builds(Strictness, st.floats(-2, 2), st.floats(0, 2), st.floats(0, 2))),
    st.just({}), st.dictionaries(st.sampled_from(["material", "questionnaire"]), st.builds(MethodScore, RATES, RATES)),
    st.lists(st.builds(Veto, NAMES, st.floats(0, 1), st.just(0.0), st.just(True)), max_size=2).map(tuple),
    st.just(("正式测评",)),
)  # fmt: skip


@given(PLANS)
def test_a_plan_written_down_reads_as_the_same_plan(plan: ExamPlan) -> None:
    assert read_plan(toml_text(plan_table(plan)).encode()) == plan


def test_a_place_of_the_register_that_nobody_saw_is_worth_a_visit_in_its_own_street() -> None:
    case = examined(3, types=2, criteria=6, streets=3, sites=12, drawn=5, visits=40, official=4)
    register = [Place("新小区", "T0", "新街道")]
    plan = replace(case.plan, known={})
    found = forecast(case.edition, case.seen, plan, runs=200, register=register)
    assert all(one.find >= 0 and one.look >= 0 for one in found.visits.values())
    assert found.visits["新小区"].look == max(one.look for one in found.visits.values())
    assert {lever.look_at for lever in found.levers if lever.street == "新街道"} == {"新小区"}
    assert set(found.visits) == {one.site for one in case.seen} | {"新小区"}
