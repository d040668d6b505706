"""Owners' votes: the boundary table of the law, and what must hold whoever votes how."""

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from chuangwen.rules.refusals import BadInput
from chuangwen.rules.voting import Answer, ExclusivePart, Result, count
from chuangwen.rules.voting_files import count_vote, read_vote
from chuangwen.rules.voting_rules import (
    CIVIL_CODE,
    PROPERTY_LAW,
    REGULATION,
    VERSIONS,
    Matter,
    RuleVersion,
    version_for,
)
from chuangwen.rules.voting_sheet import as_data, as_words, reasons

FOR, AGAINST, ABSTAIN, ABSENT = Answer
SIDES = {"1": FOR, "0": AGAINST, "-": ABSTAIN, ".": ABSENT}


def flats(answers: str, areas: Sequence[int] | None = None) -> list[ExclusivePart]:
    """One flat of one owner for each sign: 1 for, 0 against, - abstains, . absent; areas in hundredths."""
    sizes = areas or [10_000] * len(answers)
    return [
        ExclusivePart(f"1-{at}", Fraction(size, 100), SIDES[sign])
        for at, (sign, size) in enumerate(zip(answers, sizes, strict=True), start=1)
    ]


def vote(answers: str, matter: Matter = Matter.USE_FUND, version: RuleVersion = CIVIL_CODE, **more: Any) -> Result:
    return count(flats(answers, more.pop("areas", None)), version=version, matter=matter, **more)


# --- the boundary table ---

HEAVY = (Matter.RAISE_FUND, Matter.REBUILD, Matter.CHANGE_USE, Matter.COMMERCIAL_USE)
CENT_LESS, CENT_MORE = 9_999, 10_001


@pytest.mark.parametrize(
    ("answers", "areas", "turnout"),
    [
        ("11..", [10_000] * 4, (False, False)),
        ("11.", [10_000] * 3, (True, True)),  # exactly two thirds of both
        ("11.", [10_000, CENT_LESS, 10_000], (False, True)),
        ("11.", [10_000, CENT_MORE, 10_000], (True, True)),
        ("111..", [20_000, 20_000, 20_000, 1, 1], (True, False)),
        ("...", [10_000] * 3, (False, False)),
    ],
)
def test_a_vote_needs_two_thirds_of_area_and_of_heads(
    answers: str, areas: list[int], turnout: tuple[bool, bool]
) -> None:
    found = vote(answers, areas=areas).turnout
    assert (found.area.met, found.heads.met) == turnout
    assert found.met is all(turnout)


@pytest.mark.parametrize("matter", [one for one in Matter if one not in HEAVY])
@pytest.mark.parametrize(
    ("answers", "areas", "approval"),
    [
        ("10", [10_000, 10_000], (False, False)),  # exactly half is not more than half
        ("10", [CENT_MORE, 10_000], (True, False)),
        ("110", [5_000, 5_000, 10_000], (False, True)),
        ("110", [5_000, 5_001, 10_000], (True, True)),
        ("1-", [10_000, 10_000], (False, False)),  # who abstains takes part
    ],
)
def test_usual_matters_need_more_than_half_of_those_who_take_part(
    matter: Matter, answers: str, areas: list[int], approval: tuple[bool, bool]
) -> None:
    found = vote(answers, matter, areas=areas)
    assert (found.approval.area.met, found.approval.heads.met) == approval
    assert found.passed is all(approval)


@pytest.mark.parametrize("matter", HEAVY)
@pytest.mark.parametrize(
    ("answers", "areas", "approval"),
    [
        ("1110", [10_000] * 4, (True, True)),  # exactly three quarters is enough
        ("1110", [10_000, 10_000, CENT_LESS, 10_000], (False, True)),
        ("11100", [90_000, 10_000, 10_000, 1, 1], (True, False)),
        ("1110..", [10_000] * 6, (True, True)),  # of those who take part, not of all
    ],
)
def test_fund_raising_rebuilding_and_changed_use_need_three_quarters(
    matter: Matter, answers: str, areas: list[int], approval: tuple[bool, bool]
) -> None:
    found = vote(answers, matter, areas=areas)
    assert (found.approval.area.met, found.approval.heads.met) == approval
    assert found.passed is all(approval)


@pytest.mark.parametrize("version", [PROPERTY_LAW, REGULATION])
@pytest.mark.parametrize(
    ("matter", "answers", "passed"),
    [
        (Matter.USE_FUND, "11.", True),  # exactly two thirds of all
        (Matter.RAISE_FUND, "111..", False),
        (Matter.REBUILD, "111.", True),
        (Matter.ENGAGE_FIRM, "11..", False),  # exactly half of all
        (Matter.ENGAGE_FIRM, "111..", True),
        (Matter.COMMERCIAL_USE, "111..", True),  # an "other major matter" then
    ],
)
def test_the_older_law_counts_of_all_owners(version: RuleVersion, matter: Matter, answers: str, passed: bool) -> None:
    assert vote(answers, matter, version).passed is passed


def test_the_day_of_the_vote_finds_the_law() -> None:
    assert version_for(None, date(2020, 12, 31)) is PROPERTY_LAW
    assert version_for(None, date(2021, 1, 1)) is CIVIL_CODE
    assert version_for("property-regulation-12", None) is REGULATION
    for name, day, words in [
        (None, None, "请写明规则"),
        (None, date(2007, 9, 30), "投票权"),
        ("civil-code-278", date(2020, 12, 31), "property-law-76"),
        ("民法典", None, "没有“民法典”"),
    ]:
        with pytest.raises(BadInput, match=words):
            version_for(name, day)


# --- one head, many flats ---


def test_all_flats_of_one_owner_and_the_unsold_ones_are_one_head_each() -> None:
    units = flats("110000", [100, 200, 300, 400, 500, 600])
    units = [replace(one, owner="甲") if at < 2 else one for at, one in enumerate(units)]
    units = [replace(one, developer=True) if at > 3 else one for at, one in enumerate(units)]
    found = count(units, version=CIVIL_CODE, matter=Matter.RULES)
    assert (found.heads.whole, found.heads.by_answer[FOR], found.heads.by_answer[AGAINST]) == tuple(
        map(Fraction, (4, 1, 3))
    )
    assert (found.area.by_answer[FOR], found.area.whole) == (Fraction(3), Fraction(21))


def test_absent_owners_follow_the_majority_only_when_the_owners_rules_say_so_and_the_ballot_reached_them() -> None:
    units = flats("111000...", [10_000] * 9)
    units[3] = replace(units[3], answer=FOR)  # four for, two against, three absent: exactly two thirds take part
    units[6:8] = [replace(one, delivered=True) for one in units[6:8]]
    alone = count(units, version=CIVIL_CODE, matter=Matter.RAISE_FUND)
    assert (alone.approval.heads.share, alone.passed) == (Fraction(2, 3), False)
    joined = count(units, version=CIVIL_CODE, matter=Matter.RAISE_FUND, follow_majority=True)
    assert (joined.approval.heads.share, joined.passed) == (Fraction(3, 4), True)
    assert joined.turnout == alone.turnout
    fewer = [*units, ExclusivePart("9", Fraction(1), ABSENT, delivered=True)]
    missed = count(fewer, version=CIVIL_CODE, matter=Matter.RAISE_FUND, follow_majority=True)
    assert (missed.majority, missed.passed) == (None, False)
    even = count(flats("10"), version=CIVIL_CODE, matter=Matter.RULES, follow_majority=True)
    assert even.majority is None


def test_units_that_contradict_each_other_are_all_named() -> None:
    one, other = replace(flats("1")[0], owner="甲"), replace(flats("10")[1], owner="甲")
    with pytest.raises(BadInput) as refusal:
        count([one, other, replace(one, id="3", area=Fraction(0)), one], version=CIVIL_CODE, matter=Matter.RULES)
    told = "\n".join(refusal.value.objections)
    for words in ("3：area", "1-1：id", "业主“甲”的几套房按一人计"):
        assert words in told
    with pytest.raises(BadInput, match="没有一套"):
        count([], version=CIVIL_CODE, matter=Matter.RULES)


# --- properties ---

BALLOTS = st.lists(
    st.tuples(st.integers(1, 40), st.sampled_from(Answer), st.sampled_from([None, "甲", "乙"]), st.booleans()),
    min_size=1,
    max_size=9,
)
RULE = st.tuples(st.sampled_from(list(VERSIONS.values())), st.sampled_from(Matter), st.booleans())
Rule = tuple[RuleVersion, Matter, bool]
few = settings(max_examples=20, deadline=None, derandomize=True, database=None)


def units_from(ballots: Sequence[tuple[int, Answer, str | None, bool]]) -> list[ExclusivePart]:
    """Owners of several flats answer as they did for the first."""
    said: dict[str | None, Answer] = {}
    return [
        ExclusivePart(
            str(at), Fraction(area, 4), said.setdefault(owner, answer) if owner else answer, owner, delivered=reached
        )
        for at, (area, answer, owner, reached) in enumerate(ballots)
    ]


def counted(units: Sequence[ExclusivePart], rule: Rule) -> Result:
    return count(units, version=rule[0], matter=rule[1], follow_majority=rule[2])


@few
@given(BALLOTS, RULE, st.data())
def test_one_more_owner_in_favour_never_fails_a_passed_vote(ballots: Any, rule: Rule, data: st.DataObject) -> None:
    units = units_from(ballots)
    head = data.draw(st.sampled_from(units)).head
    before = counted(units, rule)
    after = counted([replace(one, answer=FOR) if one.head == head else one for one in units], rule)
    assert after.passed >= before.passed
    assert after.turnout.area.share >= before.turnout.area.share
    assert after.approval.area.share >= before.approval.area.share or not before.passed


def test_one_more_owner_against_can_pass_a_vote_that_too_few_took_part_in() -> None:
    assert not vote("11..").passed
    assert vote("110.").passed


@few
@given(BALLOTS, RULE, st.randoms(use_true_random=False))
def test_the_order_of_owners_changes_nothing(ballots: Any, rule: Rule, dice: Any) -> None:
    units = units_from(ballots)
    shuffled = dice.sample(units, len(units))
    assert counted(shuffled, rule) == counted(units, rule)


@few
@given(BALLOTS, RULE, st.fractions(min_value=Fraction(1, 50), max_value=50))
def test_the_unit_of_area_changes_nothing(ballots: Any, rule: Rule, factor: Fraction) -> None:
    units = units_from(ballots)
    before, after = counted(units, rule), counted([replace(one, area=one.area * factor) for one in units], rule)
    shares = [(one.turnout.area.share, one.approval.area.share, one.passed, one.majority) for one in (before, after)]
    assert shares[0] == shares[1]


@few
@given(BALLOTS, RULE)
def test_splitting_the_flat_of_one_owner_changes_nothing(ballots: Any, rule: Rule) -> None:
    units = units_from(ballots)
    assume(units[0].owner)
    part = units[0].area / 3
    split = [replace(units[0], area=part), replace(units[0], id="又", area=units[0].area - part), *units[1:]]
    assert counted(split, rule) == counted(units, rule)


@few
@given(BALLOTS, RULE)
def test_the_figures_add_up_and_both_tests_decide(ballots: Any, rule: Rule) -> None:
    found = counted(units_from(ballots), rule)
    for measure in (found.area, found.heads):
        assert sum(measure.by_answer.values()) == measure.whole
        assert measure.followed <= measure.by_answer[ABSENT]
    assert found.passed is (found.turnout.met and found.approval.met)
    assert ("表决通过" in reasons(found)[-1]) is found.passed


# --- what came back, as the owners' rules have it ---

SOURCE = "议事规则第12条"


def told(*rows: dict[str, Any], **top: Any) -> bytes:
    owners = [{"id": f"1-{at}", "area": "100.00", "answer": "for"} | row for at, row in enumerate(rows, start=1)]
    owners = [{key: value for key, value in row.items() if value is not None} for row in owners]
    return json.dumps({"rule": "civil-code-278", "matter": "use_fund", "owners": owners} | top).encode()


def counts(data: bytes) -> dict[str, Any]:
    read = read_vote(data)
    found: Any = as_data(read, count_vote(read))
    return {key: value for key, value in found["counts"]["heads"].items() if value} | {"passed": found["passed"]}


def objections(data: bytes) -> str:
    with pytest.raises(BadInput) as refusal:
        read_vote(data)
    return "\n".join(refusal.value.objections)


def ballots(*pairs: tuple[str, str], at: str | None = None) -> dict[str, Any]:
    when = {"at": at} if at else {}
    return {"answer": None, "ballots": [{"channel": channel, "answer": answer} | when for channel, answer in pairs]}


def together(*answers: str) -> dict[str, Any]:
    return {"answer": None, "co_owners": [{"name": f"共有人{at}", "answer": one} for at, one in enumerate(answers)]}


@pytest.mark.parametrize(
    ("row", "local", "without", "answer"),
    [
        ({"answer": "blank"}, {"blank": "abstain"}, "local.blank", "abstain"),
        ({"answer": "invalid"}, {"invalid": "absent"}, "local.invalid", "absent"),
        (together("for", "against"), {"co_owners": "abstain"}, "推选一人", "abstain"),
        (together("for", "against"), {"co_owners": "invalid", "invalid": "absent"}, "local.co_owners", "absent"),
        ({"kind": "parking", "answer": "against"}, {"parking": "count"}, "local.parking", "against"),
        ({"kind": "parking", "answer": "against"}, {"parking": "leave_out"}, "1-1：kind", ""),
    ],
)
def test_what_the_law_leaves_open_is_counted_only_as_the_owners_rules_state(
    row: dict[str, Any], local: dict[str, Any], without: str, answer: str
) -> None:
    assert without in objections(told(row, {}))
    wanted = {answer: 1} if answer else {}
    found = counts(told(row, {}, local=local | {"source": SOURCE}))
    assert {key: found[key] for key in ("against", "abstain", "absent") if key in found} == wanted


def test_co_owners_of_one_mind_two_equal_ballots_and_a_proxy_are_one_vote() -> None:
    both = ballots(("paper", "for"), ("electronic", "for"), at="2024-05-01T18:00")
    proxy = {"proxy": {"name": "王某", "authority": "委1"}}
    found = counts(told(together("for", "for", "absent"), both, proxy, closes_at="2024-05-01T18:00+08:00"))
    assert found == {"for": 3, "whole": 3, "participating": 3, "passed": True}


@pytest.mark.parametrize(
    ("row", "top", "sentence"),
    [
        (ballots(("paper", "for"), ("electronic", "against")), {}, "纸质票同意、电子票反对"),
        (ballots(("electronic", "for"), at="2024-05-01T18:00:01"), {"closes_at": "2024-05-01T18:00"}, "已过截止"),
        (ballots(("electronic", "for")), {"closes_at": "2024-05-01T18:00"}, "没有写提交时刻"),
        (ballots(("paper", "absent")), {}, "收回的票不会是 absent"),
        ({"proxy": {"name": "王某", "authority": "委1"}, "answer": "absent"}, {}, "却是未参与"),
        ({"proxy": {"name": "王某"}}, {}, "authority"),
        ({"developer_unsold": True, "owner": "甲"}, {}, "按一人计"),
        ({"area": "0"}, {}, "1-1：area：面积应大于 0"),
        ({"area": "89.5012"}, {}, "1-1：area：应写成最多两位小数"),
        ({"area": 89.505}, {}, "不能是“89.505”"),
        ({"area": True}, {}, "1-1：area"),
        ({"owner": "甲"}, {"matter": "fund"}, "matter：应是"),
        ({}, {"local": {"absent": "follow_majority"}}, "local.source"),
        ({}, {"owners": []}, "owners"),
        ({}, {"rule": "property-law-76", "closes_at": "2021-01-01T00:00"}, "civil-code-278"),
    ],
)
def test_what_cannot_be_counted_is_named_with_owner_and_field(
    row: dict[str, Any], top: dict[str, Any], sentence: str
) -> None:
    assert sentence in objections(told(row, **top))


def test_a_proxy_stands_for_no_more_owners_than_the_owners_rules_allow() -> None:
    proxy = {"proxy": {"name": "王某", "authority": "委1"}}
    local = {"proxy_most": 1, "source": SOURCE}
    assert "“王某”代理了 2 位业主（1-1、1-2），最多代理 1 位" in objections(told(proxy, proxy, local=local))
    one = proxy | {"owner": "甲"}
    assert counts(told(one, one, local=local))["for"] == 1


def test_numbers_are_taken_as_areas_when_two_decimals_hold_them() -> None:
    read = [read_vote(told({"area": area})).entries[0].area for area in ("0.1", 0.1, 100, "89.50")]
    assert read == [Fraction(1, 10), Fraction(1, 10), 100, Fraction(179, 2)]


def test_the_reasons_carry_the_figures_and_never_round_up() -> None:
    sheet = reasons(vote("11.", areas=[10_000, CENT_LESS, 10_000]))
    assert "199.99 平方米" in sheet[0]
    assert "66.66%" in sheet[0]
    assert "至少要 200.00，差 0.01" in sheet[0]
    assert "正好一半不算" in reasons(vote("10"))[3]
    local = {"absent": "follow_majority", "source": SOURCE}
    follow = read_vote(told({}, {}, {"answer": "absent", "delivered": True}, local=local))
    assert "计入已送达、未参与的 1 人、100.00 平方米" in as_words(follow, count_vote(follow))
