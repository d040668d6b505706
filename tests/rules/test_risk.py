"""The order by risk: what it gains, what it may rest on, and that it never rests on who inspected."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chuangwen.rules.refusals import BadInput
from chuangwen.rules.risk import fit_risk, learn, risk_of
from chuangwen.rules.risk_features import choose, history_of
from chuangwen.rules.risk_order import auc, days_earlier, evaluate, figures, first_half_share, predicted
from chuangwen.rules.risk_table import RiskTable, read_risk_table
from tests.risks import NAMES, as_csv, inspections, risk_table


@pytest.fixture(scope="module")
def train() -> RiskTable:
    return risk_table(inspections(seed=1, count=1500))


@pytest.fixture(scope="module")
def later() -> RiskTable:
    return risk_table(inspections(seed=2, count=900, start=130, days=40))


OUTCOMES = st.lists(st.tuples(st.integers(0, 40), st.booleans(), st.floats(0, 1)), min_size=2, max_size=30).filter(
    lambda rows: any(row[1] for row in rows) and not all(row[1] for row in rows)
)


@given(OUTCOMES)
def test_nothing_beats_knowing_the_failures_and_equal_risks_gain_nothing(rows: list[tuple[int, bool, float]]) -> None:
    rows = sorted(rows, key=lambda row: row[0])
    day = np.array([row[0] for row in rows])
    failed = np.array([float(row[1]) for row in rows])
    risk = np.array([row[2] for row in rows])
    best = days_earlier(failed, failed, day)
    assert best == pytest.approx(day[failed == 1].mean() - day[: int(failed.sum())].mean())
    assert days_earlier(1 - failed, failed, day) - 1e-9 <= days_earlier(risk, failed, day) <= best + 1e-9
    assert days_earlier(np.full(len(day), 0.3), failed, day) == 0
    assert first_half_share(risk, failed) <= first_half_share(failed, failed) + 1e-9
    assert auc(failed, failed) == 1
    assert auc(risk, failed) == pytest.approx(1 - auc(-risk, failed))


def test_the_worked_example_of_four_inspections() -> None:
    """Failures on days 2 and 3 get the slots of days 0 and 2 (the sound one ranked between stays on its slot 1)."""
    day, failed = np.array([0, 1, 2, 3]), np.array([0.0, 0.0, 1.0, 1.0])
    risk = np.array([0.1, 0.5, 0.9, 0.3])
    assert days_earlier(risk, failed, day) == pytest.approx(((2 - 0) + (3 - 2)) / 2)
    assert first_half_share(risk, failed) == 0.5


def test_results_of_the_visit_names_days_and_people_do_not_speak_for_a_place(train: RiskTable) -> None:
    alias = replace(train, columns=train.columns | {"组": tuple(f"{name}组" for name in train.inspector)})
    choice = choose(alias, known=tuple(alias.columns))
    assert choice.columns == ("kitchen", "kind", "age", "last_found")
    assert choice.site == "place_id"
    assert set(choice.left_out) == {"place_id", "found_count", "rain", "district", "组"}
    assert choose(train, known=("kitchen", "neu")).left_out["neu"] == "两个文件不都有"
    assert choose(train, known=tuple(train.columns), leave_out=("kitchen",)).columns == ("kind", "age", "last_found")


def test_a_column_that_gives_the_outcome_away_is_asked_about(train: RiskTable) -> None:
    telling = replace(train, columns={"score": tuple(str(1 - value) for value in train.failed)})
    choice = choose(telling, known=("score",))
    assert choice.columns == ("score",)
    assert "score" in choice.warnings[0]


def test_the_inspector_changes_nothing_where_he_is_left_out(train: RiskTable, later: RiskTable) -> None:
    choice = choose(train, known=tuple(later.columns))
    before = predicted(train, later, choice)
    shuffled = replace(train, inspector=train.inspector[::-1])
    after = predicted(shuffled, replace(later, inspector=later.inspector[::-1]), choice)
    assert np.array_equal(before.without_inspector, after.without_inspector)
    assert not np.allclose(before.with_inspector, after.with_inspector)


def test_strictness_is_taken_out_of_the_weights_of_places(train: RiskTable) -> None:
    """The strict inspector goes to markets: only without him do markets look bad."""
    choice = choose(train, known=tuple(train.columns))
    weights = {}
    for seen in (False, True):
        fit = fit_risk(train, choice, by_inspector=seen)
        named = zip(fit.model.features, fit.model.weights, strict=True)
        weights[seen] = {(feature.column, feature.level): weight for feature, weight in named}
    assert weights[False]["kind", "市场"] > 0.1
    assert abs(weights[True]["kind", "市场"]) < weights[False]["kind", "市场"] / 2
    assert weights[True]["kitchen", ""] > 0.25
    effects = fit_risk(train, choice, by_inspector=True).inspectors
    assert effects["甲"] < effects["乙"] < effects["丙"]


def test_the_chances_of_a_later_period_are_as_often_right_as_they_say(train: RiskTable, later: RiskTable) -> None:
    found = predicted(train, later, choose(train, known=tuple(later.columns)))
    for chance in (found.with_inspector, found.without_inspector, found.strictness_removed):
        assert abs(chance.mean() - later.failed.mean()) < 0.04
        for group in np.array_split(np.argsort(chance), 3):
            assert abs(chance[group].mean() - later.failed[group].mean()) < 0.08


def test_faults_of_a_later_period_would_have_come_earlier(train: RiskTable, later: RiskTable) -> None:
    found = evaluate(train, later, draws=40)
    low, high = found.strictness_removed.intervals["days_earlier"]
    assert 0 < low < found.strictness_removed.days_earlier < high
    assert found.with_inspector.days_earlier > found.strictness_removed.days_earlier
    assert found.with_inspector.logloss < found.without_inspector.logloss
    same = found.strictness_removed.auc_same_inspector
    assert same is not None
    assert same > 0.55


def test_the_same_seed_gives_the_same_intervals(later: RiskTable) -> None:
    risk = np.linspace(0.1, 0.9, len(later))
    once = figures(risk, later, seed=1, draws=5)
    assert once == figures(risk, later, seed=1, draws=5)
    assert once.intervals != figures(risk, later, seed=2, draws=5).intervals


def test_a_period_that_overlaps_is_refused(train: RiskTable) -> None:
    with pytest.raises(BadInput, match="应全在训练的检查"):
        evaluate(train, train)


def test_without_any_usable_column_every_place_is_alike(train: RiskTable, later: RiskTable) -> None:
    bare = replace(train, columns={"district": train.columns["district"]})
    found = evaluate(bare, replace(later, columns={"district": later.columns["district"]}), draws=10)
    assert found.without_inspector.days_earlier == 0
    assert found.warnings == ("没有可用的特征列，风险处处相同。",)


def test_history_counts_earlier_days_only() -> None:
    columns = {
        "failed": ["1", "0", "1", "0"], "date": ["2020-01-01", "2020-01-01", "2020-01-02", "2020-01-03"],
        "inspector": ["甲"] * 4, "id": ["P", "P", "P", "Q"],
    }  # fmt: skip
    history, before = history_of(risk_table(columns), "id", np.full(4, 0.5))
    assert before.tolist() == [0, 0, 0, 0]
    assert history.sites["P"] == (0.5, 0.75)
    assert history.of(["P", "Q", "new", ""]).tolist() == [0.5 / 1.75, -0.5 / 1.25, 0, 0]


def test_a_place_gets_its_chance_with_reasons_in_words_and_nobody_in_them() -> None:
    columns = inspections(seed=1, count=1500)
    rows: list[dict[str, object]] = [
        dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)
    ]
    model = learn(rows, NAMES)
    assert not any(name in repr(model) for name in ("甲", "乙", "丙"))
    sites: list[dict[str, object]] = [{"kitchen": True, "kind": "门店", "age": 5}, {"kitchen": "否", "age": None}]
    bad, good = risk_of(sites, model, labels={"kitchen": "有后厨", "age": "开业年数"})
    assert 0 < good.chance < bad.chance < 1
    assert bad.reasons[0].text == "有后厨：是"
    assert bad.reasons[0].raises
    assert good.reasons[0].text == "有后厨：否"
    assert not good.reasons[0].raises
    with_names = risk_of([{**sites[0], "inspector": "丙"}], model)
    assert with_names[0].chance == bad.chance
    assert risk_of([], model) == ()


def test_nothing_is_learned_from_nothing() -> None:
    with pytest.raises(BadInput, match="没有以往的检查记录"):
        learn([], NAMES)
    with pytest.raises(BadInput) as refused:
        learn([{"date": "2020-01-01"}], NAMES)
    assert len(refused.value.objections) == 2


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "文件是空的"),
        ("failed,date,inspector\n", "没有检查记录"),
        ("date\n2020-01-01\n", "缺少“failed”一列"),
        ("failed,date,inspector\n1,2020-01-01,甲\n1,2020-01-02,甲\n", "只有一种结果"),
        ("failed,date,inspector\n1,2020-13-01,甲\n0,昨天,甲\n", "第 2、3 行：“date”不是看得懂的日期"),
        ("failed,date,inspector\n3,2020-01-01,甲\n0,2020-01-01,甲\n", "第 2 行：“failed”应是 1"),
        ("failed,date,inspector\n1,2020-01-01\n", "列数不是 3 列"),
        ("failed,date,inspector,date\n", "出现了两次"),
    ],
)
def test_a_bad_file_is_named_with_what_is_wrong(text: str, said: str) -> None:
    with pytest.raises(BadInput, match=said) as refused:
        read_risk_table(text.encode(), NAMES, what="训练文件")
    assert all(objection.startswith("训练文件：") for objection in refused.value.objections)


def test_a_file_reads_back_in_the_order_of_its_dates() -> None:
    columns = inspections(seed=4, count=60)
    upside_down = {name: texts[::-1] for name, texts in columns.items()}
    table = read_risk_table(as_csv(upside_down).encode(), NAMES, what="文件")
    assert table.day.tolist() == sorted(table.day.tolist())
    assert table.failed.sum() == columns["failed"].count("1")
