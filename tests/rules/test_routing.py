"""派单规则: order decides, every case gets an answer or none, replays add up, files read back the same."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chuangwen.rules.deadlines import SHANGHAI, WorkCalendar
from chuangwen.rules.refusals import BadInput
from chuangwen.rules.routing import (
    CaseFacts,
    PastCount,
    RoutingRule,
    Target,
    Way,
    applies,
    covers,
    from_the_past,
    never_reached,
    pick,
    suggest,
    unit_of,
    warnings,
)
from chuangwen.rules.routing_cases import read_cases
from chuangwen.rules.routing_files import (
    Known,
    as_rows,
    check_file,
    from_rows,
    read_sheet,
    write_sheet,
    write_toml,
)
from chuangwen.rules.routing_places import AreaFact, Atlas, UnitFact, cycles
from chuangwen.rules.routing_replay import as_facts, from_facts, replayed, tally_of
from chuangwen.rules.routing_when import DAY_WORDS, Hours, read_day, read_hours

UNITS = (
    UnitFact("CC", "崇川区", "district"),
    UnitFact("XT", "学田街道", "street", "CC"),
    UnitFact("XT-01", "学田社区", "community", "XT"),
    UnitFact("WF", "文峰街道", "street", "CC"),
    UnitFact("CG", "区城管局", "department", "CC"),
    UnitFact("OLD", "已撤销的所", "department", "CC", active=False),
)
AREAS = (
    AreaFact("A-CC", "崇川", "district", "", "CC"),
    AreaFact("A-XT", "学田", "street", "A-CC", "XT"),
    AreaFact("A-XT-01", "学田社区", "community", "A-XT", "XT-01"),
    AreaFact("A-WF", "文峰", "street", "A-CC", "WF"),
    AreaFact("A-YUAN", "学田苑", "compound", "A-XT-01", "XT-01"),
)
ATLAS = Atlas({unit.code: unit for unit in UNITS}, {area.code: area for area in AREAS}, WorkCalendar())
NOON = datetime(2020, 6, 24, 12, 0, tzinfo=SHANGHAI)  # a Wednesday
TARGETS = [Target(Way.UNIT, code) for code in ("CG", "XT", "OLD")] + [
    Target(way) for way in (Way.STREET, Way.COMMUNITY, Way.GRID, Way.OWNER)
]


def some(*values: str) -> st.SearchStrategy[tuple[str, ...]]:
    """None, one or two of these."""
    return st.lists(st.sampled_from(values), max_size=2, unique=True).map(tuple)


HOURS = st.none() | st.builds(Hours, st.integers(0, 1439), st.integers(0, 1439)).filter(lambda h: h.start != h.end)
RULES = st.builds(
    RoutingRule, name=st.sampled_from(["甲", "乙", "丙"]), to=st.sampled_from(TARGETS), reason=st.just("职责分工"),
    classes=some("市容", "设施"), standards=some("T-1", "T-2"), point_types=some("RES", "LANE"),
    areas=some("A-CC", "A-XT", "A-XT-01", "A-WF", "A-YUAN"), days=some(*DAY_WORDS), hours=HOURS,
    sources=some("message", "finding"),
)  # fmt: skip
SETS = st.lists(RULES, max_size=6).map(tuple)
CASES = st.builds(
    CaseFacts, key=st.uuids().map(str), reported_at=st.integers(0, 60 * 24 * 14).map(lambda m: NOON + timedelta(minutes=m)),
    standard=st.sampled_from(["", "T-1", "T-2"]), class_name=st.sampled_from(["", "市容", "设施"]),
    point_type=st.sampled_from(["", "RES", "LANE"]), area=st.sampled_from(["", "A-XT-01", "A-WF", "A-YUAN"]),
    home=st.sampled_from(["", "CC", "XT", "XT-01", "WF"]), owner=st.sampled_from(["", "CG", "OLD"]),
    source=st.sampled_from(["message", "finding"]),
)  # fmt: skip


def rule(name: str = "甲", to: Target = TARGETS[0], **conditions: object) -> RoutingRule:
    """A rule that sends everything to the department unless it is said otherwise."""
    return RoutingRule(name=name, to=to, reason="职责分工", **conditions)  # type: ignore[arg-type]  # fields by name


def case(**facts: object) -> CaseFacts:
    """A case at noon in the compound."""
    return CaseFacts(**{"key": "1", "reported_at": NOON, "area": "A-YUAN", "home": "XT-01", **facts})  # type: ignore[arg-type]


@given(SETS, CASES)
def test_the_first_rule_that_applies_and_finds_a_unit_decides(rules: tuple[RoutingRule, ...], seen: CaseFacts) -> None:
    place, unit = pick(rules, seen, ATLAS)
    able = [n for n, each in enumerate(rules, 1) if applies(each, seen, ATLAS) and unit_of(each.to, seen, ATLAS)]
    assert place == (able[0] if able else 0)
    assert (unit == "") is (place == 0)
    assert not unit or ATLAS.units[unit].active
    found = suggest(rules, seen, ATLAS)
    assert (found is None) is (place == 0)
    if found:
        assert (found.place, found.unit) == (place, unit)
        assert rules[place - 1].name in found.why
        assert all("找不到" in sentence for sentence in found.passed)


@given(SETS, RULES, CASES)
def test_a_rule_put_in_front_changes_only_what_it_takes(
    rules: tuple[RoutingRule, ...], first: RoutingRule, seen: CaseFacts
) -> None:
    before, after = pick(rules, seen, ATLAS), pick((first, *rules), seen, ATLAS)
    if after[0] == 1:
        assert applies(first, seen, ATLAS)
    else:
        assert after[1] == before[1]


@given(SETS, CASES)
def test_what_is_called_never_reached_never_decides(rules: tuple[RoutingRule, ...], seen: CaseFacts) -> None:
    assert pick(rules, seen, ATLAS)[0] not in {later for later, _ in never_reached(rules, ATLAS)}


@given(RULES, RULES, CASES)
def test_a_covering_rule_applies_wherever_the_covered_one_does(
    wide: RoutingRule, narrow: RoutingRule, seen: CaseFacts
) -> None:
    assert covers(wide, wide, ATLAS)
    if covers(wide, narrow, ATLAS) and applies(narrow, seen, ATLAS):
        assert applies(wide, seen, ATLAS)


@given(SETS, st.lists(st.tuples(CASES, st.sampled_from(["", "CG", "XT"])), max_size=8))
def test_a_replay_against_the_same_set_moves_nothing_and_adds_up(
    rules: tuple[RoutingRule, ...], past: list[tuple[CaseFacts, str]]
) -> None:
    same = tally_of(replayed(past, draft=rules, in_force=rules, atlas=ATLAS), len(rules))
    assert (same.cases, same.moved) == (len(past), 0)
    assert all(row.now == row.draft for row in same.units)
    assert sum(row.draft for row in same.units) + same.undecided == len(past)
    assert sum(row.real for row in same.units) == sum(1 for _, real in past if real)
    assert sum(same.rules) == len(past) - same.undecided
    assert from_facts(as_facts(same)) == same


@given(SETS, SETS, st.lists(st.tuples(CASES, st.sampled_from(["", "CG"])), max_size=6))
def test_a_replay_is_the_mirror_of_the_other_direction(
    one: tuple[RoutingRule, ...], two: tuple[RoutingRule, ...], past: list[tuple[CaseFacts, str]]
) -> None:
    there = tally_of(replayed(past, draft=one, in_force=two, atlas=ATLAS), len(one))
    back = tally_of(replayed(past, draft=two, in_force=one, atlas=ATLAS), len(two))
    assert there.moved == back.moved
    assert {(r.unit, r.now, r.draft) for r in there.units} == {(r.unit, r.draft, r.now) for r in back.units}


@given(
    SETS.map(lambda rules: tuple(replace(each, name=f"{each.name}{n}") for n, each in enumerate(rules))).filter(bool)
)
def test_rules_come_back_the_same_from_every_kind_of_file(rules: tuple[RoutingRule, ...]) -> None:
    assert from_rows(as_rows(rules)) == rules
    known = Known({unit.code: unit.name for unit in UNITS}, {area.code: area.name for area in AREAS})
    assert read_sheet(write_sheet(rules, as_csv=True), known) == rules
    again, atlas = check_file(write_toml("样例", rules, ATLAS).encode(), WorkCalendar())
    assert again == rules
    assert atlas.area_chain("A-YUAN") == ATLAS.area_chain("A-YUAN") or "A-YUAN" not in atlas.areas


def test_the_place_tells_the_unit_at_home() -> None:
    for way, wanted in ((Way.STREET, "XT"), (Way.COMMUNITY, "XT-01"), (Way.GRID, "")):
        assert unit_of(Target(way), case(), ATLAS) == wanted
    assert unit_of(Target(Way.STREET), case(area="", home="XT-01"), ATLAS) == "XT"
    assert unit_of(Target(Way.OWNER), case(owner="OLD"), ATLAS) == ""
    assert applies(rule(areas=("A-CC",)), case(area="", home="XT-01"), ATLAS)
    assert not applies(rule(areas=("A-YUAN",)), case(area="", home="XT-01"), ATLAS)


def test_a_unit_that_sent_the_case_back_is_passed_over_and_said() -> None:
    rules = (rule("业主", Target(Way.OWNER)), rule("街道", Target(Way.STREET)))
    found = suggest(rules, case(owner="CG"), ATLAS, {"CG"})
    assert found is not None
    assert (found.unit, found.place) == ("XT", 2)
    assert "区城管局不认为该由它办" in found.passed[0]
    assert suggest(rules, case(owner="CG"), ATLAS, {"CG", "XT"}) is None


def test_a_window_over_midnight_and_working_weekends() -> None:
    night = rule(hours=read_hours("18:00-08:00"))
    assert [applies(night, case(reported_at=NOON.replace(hour=h)), ATLAS) for h in (7, 8, 17, 18)] == [
        True,
        False,
        False,
        True,
    ]
    sunday = datetime(2020, 6, 28, 9, 0, tzinfo=SHANGHAI)
    works = Atlas(ATLAS.units, ATLAS.areas, WorkCalendar(exceptions={sunday.date(): True}))
    at = case(reported_at=sunday.astimezone(UTC))
    assert applies(rule(days=("工作日",)), at, works)
    assert not applies(rule(days=("工作日",)), at, ATLAS)
    assert applies(rule(days=("周日",)), at, works)
    assert read_day("星期日") == "周日"


@pytest.mark.parametrize("text", ["8点到9点", "25:00-26:00", "09:00-09:00", "09:61-10:00"])
def test_bad_hours_are_refused_with_a_sentence(text: str) -> None:
    with pytest.raises(ValueError, match="时段"):
        read_hours(text)


def test_the_past_speaks_where_rules_are_silent_and_only_with_enough_cases() -> None:
    rows = [PastCount("CG", "区城管局", 4), PastCount("XT", "学田街道", 2)]
    found = from_the_past(rows, such="近一年学田街道“市容”")
    assert found is not None
    assert (found.unit, found.place) == ("CG", 0)
    assert "结案 6 件，其中 4 件（67%）由区城管局办结" in found.why
    assert from_the_past(rows[1:], such="") is None


def test_warnings_name_both_rules() -> None:
    rules = (rule("全部"), rule("夜间", classes=("市容",)), rule("网格", Target(Way.GRID)))
    assert len(warnings(rules, ATLAS)) == 2
    assert warnings((rule("给业主", Target(Way.OWNER)), rule("其余")), ATLAS) == ()
    assert "第 2 条“夜间”永远轮不到：第 1 条“全部”" in warnings(rules, ATLAS)[0]


def test_a_file_with_many_faults_is_told_all_of_them() -> None:
    text = """
    [[unit]]
    code = "A"
    name = "甲"
    parent = "B"
    [[unit]]
    code = "B"
    name = "乙"
    parent = "A"
    [[rule]]
    name = "夜间"
    to = "没有的单位"
    reason = "x"
    hours = "25:00-26:00"
    area = ["A-ZZ"]
    days = "周八"
    """
    with pytest.raises(BadInput) as refusal:
        check_file(text.encode(), WorkCalendar())
    said = "\n".join(refusal.value.objections)
    for word in ("绕成了圈：A → B → A", "没有的单位", "25:00-26:00", "A-ZZ", "周八"):
        assert word in said


def test_circles_are_found_once() -> None:
    assert cycles({"a": "b", "b": "c", "c": "a", "d": "a", "e": ""}) == (("a", "b", "c"),)


def test_cases_for_a_trial_name_every_bad_cell() -> None:
    good = "案件,上报时间,大类,区域,别的\n1,2020-06-24 09:00,市容,A-XT,随便\n".encode()
    assert read_cases(good, ATLAS)[0].area == "A-XT"
    bad = "案件,上报时间,区域\n1,昨天,A-XT\n2,2020-06-24,A-XT\n3,2020-06-24 09:00,A-ZZ\n3,2020-06-24 09:00,A-XT\n".encode()
    with pytest.raises(BadInput) as refusal:
        read_cases(bad, ATLAS)
    said = "\n".join(refusal.value.objections)
    for word in ("第 2 行", "第 3 行", "A-ZZ", "与第 4 行重复"):
        assert word in said
