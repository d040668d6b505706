"""A forecast of the examination: what is certain comes out certain, what is asked wrongly is named."""

from dataclasses import replace
from datetime import date
from functools import cache

import numpy as np
import pytest

from chuangwen.rules.forecast import Forecast, forecast
from chuangwen.rules.forecast_exam import Spread, Stop, simulate
from chuangwen.rules.forecast_model import CONSTANT, EXAMINERS, STREET, TYPE, Fit
from chuangwen.rules.forecast_observations import read_observations
from chuangwen.rules.forecast_plan import ExamPlan, Strictness, Veto, read_plan
from chuangwen.rules.refusals import BadInput
from tests.exams import Examined, examined

HEADER = "site,type,street,criterion,observed_at,passed,source\n"


@cache
def case() -> Examined:
    return examined(3, types=2, criteria=6, streets=3, sites=12, drawn=5, visits=40, official=4)


def told(plan: ExamPlan, *, seed: int = 7) -> Forecast:
    return forecast(case().edition, case().seen, plan, runs=4000, seed=seed)


@cache
def usual() -> Forecast:
    return told(case().plan)


def test_the_same_seed_gives_the_same_forecast_and_another_one_nearly() -> None:
    again, other = told(case().plan), told(case().plan, seed=8)
    assert np.array_equal(again.totals, usual().totals)
    assert again.levers == usual().levers
    assert not np.array_equal(other.totals, usual().totals)
    assert abs(other.total.mean - usual().total.mean) < 0.3


def test_stricter_examiners_lower_the_total_and_a_higher_line_the_chance() -> None:
    stricter = told(replace(case().plan, strictness=Strictness(-1.5, 0.05, 0.1)))
    assert stricter.total.mean < usual().total.mean - 2
    higher = told(replace(case().plan, line=case().plan.line + 3))
    assert higher.p_pass < usual().p_pass


def test_less_known_about_the_examiners_widens_the_band() -> None:
    sure, unsure = (told(replace(case().plan, strictness=Strictness(0, sd, 0.0))) for sd in (0.01, 1.0))
    assert unsure.total.sd > sure.total.sd
    assert unsure.drivers["examiners"] > sure.drivers["examiners"]
    assert sum(unsure.drivers.values()) == pytest.approx(100)


def test_a_red_line_costs_its_points_or_the_pass_as_often_as_stated() -> None:
    certain = told(replace(case().plan, vetoes=(Veto("事故", 1.0, points=3.0),)))
    assert certain.total.mean == pytest.approx(usual().total.mean - 3, abs=0.001)
    lost = told(replace(case().plan, line=0, vetoes=(Veto("事故", 0.25, fails=True),)))
    assert lost.p_pass == pytest.approx(0.75, abs=0.03)
    assert lost.p_pass_without_vetoes == 1


def test_methods_add_up_to_the_total() -> None:
    parts = sum(share.weight / 100 * share.band.mean for share in usual().methods.values())
    assert parts == pytest.approx(usual().total.mean, abs=0.001)
    full = sum(usual().by_type[kind].mean for kind in ("T0", "T1")) / 2
    assert full == pytest.approx(usual().methods["field"].band.mean, abs=12)


def test_levers_come_sorted_and_say_why() -> None:
    gains = [lever.gain_per_fix for lever in usual().levers]
    assert gains == sorted(gains, reverse=True)
    cells = {(one.type, one.street) for one in case().seen}
    assert len(usual().levers) == 6 * len(cells)
    first = usual().levers[0]
    assert first.value_of_a_look > 0
    assert first.street in first.why
    assert f"{first.gain_per_fix:.3f}" in first.why
    weight = {row.code: float(row.weight) for row in case().edition.criteria}
    full = 5 * sum(weight.values())
    most = 60 * 5 / 12 * weight[first.criterion] / full
    assert 0 < first.gain_per_fix <= most


def test_fixing_what_fails_raises_the_forecast_about_as_promised() -> None:
    """All failures of the best lever turned into passes in the observations: the total rises, but no fix works twice."""
    lever = max(usual().levers, key=lambda one: one.failing * one.gain_per_fix)
    mended = tuple(
        replace(one, passed=True) if (one.criterion, one.street) == (lever.criterion, lever.street) else one
        for one in case().seen
    )
    after = forecast(case().edition, mended, case().plan, runs=4000)
    assert after.total.mean > usual().total.mean


def test_sums_drawn_as_normal_are_those_of_checks_drawn_one_by_one() -> None:
    count, places, weights = 4, 9, np.array([1.0, 1.0, 2.0, 1.0, 3.0, 1.0])
    rng = np.random.default_rng(5)
    criteria, sites = rng.normal(1, 1, 6), rng.normal(0, 0.5, places)
    at = {
        CONSTANT: slice(0, 1),
        EXAMINERS: slice(1, 2),
        TYPE: slice(2, 3),
        STREET: slice(3, 4),
        "criterion": slice(4, 10),
    }
    dense = np.concatenate([np.zeros(4), criteria])
    fit = Fit(at, dense, np.zeros((10, 10)), sites, np.zeros((places, 10)), np.full(places, 0.04), {}, True)
    none = np.zeros(places, dtype=np.int64)
    stop = Stop(0, count, np.arange(places), none, np.arange(6), weights)
    found, _ = simulate(fit, [stop], Spread(0.3, 0.1, 0.0), runs=20_000, seed=1)
    drawn = np.argsort(rng.random((20_000, places)), axis=1)[:, :count]
    odds = sites[drawn] + rng.normal(0, np.hypot(0.2, 0.3), drawn.shape) + rng.normal(0, 0.1, (20_000, 1))
    passed = rng.random((*drawn.shape, 6)) < 1 / (1 + np.exp(-(odds[:, :, None] + criteria)))
    truth = (passed @ weights).sum(axis=1) / stop.full
    assert found.mean() == pytest.approx(truth.mean(), abs=0.004)
    assert found.std() == pytest.approx(truth.std(), rel=0.04)
    assert np.quantile(found, [0.05, 0.95]) == pytest.approx(np.quantile(truth, [0.05, 0.95]), abs=0.03)


def test_when_all_places_are_drawn_the_draw_adds_nothing() -> None:
    plan = replace(case().plan, known={}, places={"T0": 12})
    seen = [one for one in case().seen if one.type == "T0"]
    there = len({one.site for one in seen})
    every = forecast(case().edition, seen, replace(plan, places={"T0": there}), runs=4000)
    few = forecast(case().edition, seen, replace(plan, places={"T0": 2}), runs=4000)
    assert every.by_type["T0"].sd < few.by_type["T0"].sd
    assert every.by_type["T0"].mean == pytest.approx(few.by_type["T0"].mean, abs=1.5)


def test_what_the_observations_cannot_say_is_named() -> None:
    seen = [one for one in case().seen if one.criterion not in ("T0-0", "T1-5")]
    said = "".join(forecast(case().edition, seen, replace(case().plan, strictness=None, methods={}), runs=500).warnings)
    assert "没有观测的标准，取同类标准的合并估计（误差相应放大）：T0-0、T1-5（共 2 条）。" in said
    assert "没有写测评员的宽严" in said
    assert "没有写材料审核的现有得分" in said
    assert "没有写问卷调查的现有得分" in said


def test_everything_wrong_between_the_files_is_named_at_once() -> None:
    one = case().seen[0]
    seen = (
        one, replace(one, row=3, passed=not one.passed), replace(one, row=4, criterion="X", site="别处"),
        replace(one, row=5, day=date(2027, 5, 1), moment="2027-05-01"), replace(one, row=6, street="他街", moment="m"),
    )  # fmt: skip
    plan = replace(case().plan, places={"T0": 40, "T1": 2, "T9": 1}, known={})
    with pytest.raises(BadInput) as refused:
        forecast(case().edition, seen, plan)
    said = "\n".join(refused.value.objections)
    kind = one.type
    other = {"T0": "T1", "T1": "T0"}[kind]
    for words in ("相矛盾", "没有编码为“X”的标准", "晚于测评日期", "与第 2 行不一致", "“T9”在测评标准里没有",
                  f"计划要抽 {other} {plan.places[other]} 处，观测里一处也没有"):  # fmt: skip
        assert words in said
    with pytest.raises(BadInput, match="只有一条观测"):
        forecast(case().edition, (one,), case().plan)
    papers = replace(case().edition, criteria=tuple(replace(row, method="material") for row in case().edition.criteria))
    with pytest.raises(BadInput, match="没有一条是实地考察的标准"):
        forecast(papers, case().seen, case().plan)


def test_a_plan_is_read_and_its_errors_all_named() -> None:
    plan = read_plan(
        '''date = 2026-12-01
line = 85
official = "国测"
[places]
RES = 12
[methods.questionnaire]
value = 80
n = 400
[[veto]]
name = "较大事故"
probability = 0.05
points = 3
'''.encode()
    )  # fmt: skip
    assert (plan.day, plan.line, plan.places, plan.official) == (date(2026, 12, 1), 85.0, {"RES": 12}, ("国测",))
    asked = plan.methods["questionnaire"]
    assert asked.value == 80
    assert asked.se == pytest.approx(2.0)
    assert plan.vetoes == (Veto("较大事故", 0.05, 3.0),)
    with pytest.raises(BadInput) as refused:
        read_plan(
            b'date = "x"\nline = 120\nlimit = 3\n[places]\nRES = 0\n[strictness]\nsd = -1\n[weights]\nfield = 90\n[[veto]]\nprobability = 2'
        )
    assert len(refused.value.objections) == 9
    with pytest.raises(BadInput, match="不是合格的 TOML"):
        read_plan(b"date = ")


def test_observations_are_read_with_every_bad_cell_named() -> None:
    seen = read_observations(
        (HEADER + "甲,RES,东街,A-1,2026-06-24T09:30,1,patrol\n乙,RES,东街,A-1,2026/6/24,不合格,mock\n").encode()
    )
    assert [(one.passed, one.day.day, one.inspector) for one in seen] == [(True, 24, ""), (False, 24, "")]
    with pytest.raises(BadInput) as refused:
        read_observations((HEADER + "甲,RES,东街,A-1,昨天,也许,patrol\n,RES,东街,A-1,2026-06-24,1,patrol\n").encode())
    assert len(refused.value.objections) == 3
