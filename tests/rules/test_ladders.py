"""Which rung is possible, on what evidence, and what speaks against it; the published ladders; the table of steps."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from random import Random
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chuangwen.accountability.builtin import builtin_ladders, builtin_text, measures, read_ladder, read_text
from chuangwen.rules.accountability_flow import (
    ENDED,
    MOVE_LABELS,
    OUTCOME_LABELS,
    STATUS_LABELS,
    TABLE,
    FileMove,
    FileNeed,
    FileStatus,
    Hands,
    Outcome,
    appeal_objections,
    decider_objections,
    diagram,
    holds_post,
    moves_from,
    step,
    unmet_needs,
)
from chuangwen.rules.ladder_files import DecidingPost, Ladder, lighter
from chuangwen.rules.ladders import Eligibility, Facts, Item, Order, Standing, Tolerance, review
from chuangwen.rules.permissions import Actor, Permission, PostFact, Role
from chuangwen.rules.refusals import BadInput, Refused

ZONE = ZoneInfo("Asia/Shanghai")
MONDAY = date(2020, 6, 1)
AT = datetime(2020, 7, 1, 9, 0, tzinfo=ZONE)
WEEKLY = read_ladder("jiangmen-2018")
ORDERS = read_ladder("guiyang-2018")
MONTHLY = read_ladder("taishan-2021")


def week(number: int, places: dict[str, int | None], league: str = "街道", **facts: object) -> list[Standing]:
    """A week of a league: unit -> place."""
    start = MONDAY + timedelta(weeks=number)
    return [
        Standing(
            unit, league, start, start + timedelta(days=6), place, evidence=f"{unit}{number}", observations=90, best=9, worst=9,
            **facts,  # type: ignore[arg-type]  # further facts of a standing
        )
        for unit, place in places.items()
    ]  # fmt: skip


def possible(ladder: Ladder, *rows: Standing, **more: object) -> list[Eligibility]:
    """What the ladder makes possible."""
    return list(review(ladder, Facts(tuple(rows), **more), at=AT).possible)  # type: ignore[arg-type]


def kinds(entry: Eligibility) -> set[str]:
    """What speaks against an entry."""
    return {counter.kind for counter in entry.counter}


THREE: dict[str, int | None] = {"甲": 1, "乙": 2, "丙": 3}


# --- last places -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("weeks", "rung"), [(1, "first"), (2, "second"), (3, "third"), (5, "third")])
def test_every_further_week_in_last_place_is_a_rung_up(weeks: int, rung: str) -> None:
    rows = [row for number in range(weeks) for row in week(number, THREE)]
    (entry,) = possible(WEEKLY, *rows)
    assert (entry.unit, entry.rung.key) == ("丙", rung)
    assert entry.evidence == tuple(f"丙{number}" for number in reversed(range(weeks)))
    assert "3 个单位中第 3 名" in entry.why[0]


def test_a_better_week_in_between_begins_the_count_anew() -> None:
    rows = [*week(0, THREE), *week(1, {"甲": 1, "丙": 2, "乙": 3}), *week(2, THREE)]
    assert [(one.unit, one.rung.key) for one in possible(WEEKLY, *rows)] == [("丙", "first")]


def test_a_missing_week_breaks_the_row_unless_the_ladder_passes_it_over() -> None:
    rows = [*week(0, THREE), *week(2, THREE)]
    assert possible(WEEKLY, *rows)[0].rung.key == "first"
    assert possible(replace(WEEKLY, gap="skips"), *rows)[0].rung.key == "second"


def test_a_week_without_observation_breaks_the_row_unless_the_ladder_passes_it_over() -> None:
    rows = [*week(0, THREE), *week(1, {"甲": 1, "乙": 2, "丙": None}), *week(2, THREE)]
    assert possible(WEEKLY, *rows)[0].rung.key == "first"
    assert possible(replace(WEEKLY, gap="skips"), *rows)[0].rung.key == "second"


def test_a_shared_last_place_counts_for_both_and_says_so() -> None:
    found = possible(WEEKLY, *week(0, {"甲": 1, "乙": 2, "丙": 2}))
    assert {one.unit for one in found} == {"乙", "丙"}
    assert all("tie" in kinds(one) for one in found)


def test_nobody_is_last_where_all_are_equal_or_there_is_nobody_to_compare_with() -> None:
    facts = Facts((*week(0, {"甲": 1, "乙": 1}), *week(0, {"丁": 1}, league="部门")))
    found = review(WEEKLY, facts, at=AT)
    assert not found.possible
    assert {one.unit for one in found.left_out} == {"甲", "乙", "丁"}


def test_the_last_three_departments_count_but_never_the_first() -> None:
    rows = week(0, {"甲": 1, "乙": 2, "丙": 3}, league="部门")
    assert {one.unit for one in possible(WEEKLY, *rows)} == {"乙", "丙"}


@pytest.mark.parametrize(
    ("league", "count"), [("部门", 3), ("实地合格率 · 部门", 3), ("实地合格率 · 街道", 1), ("", 1)]
)
def test_a_league_is_known_by_its_parts(league: str, count: int) -> None:
    assert WEEKLY.last_of(league) == count


def test_a_unit_without_observation_is_left_out_and_told_why() -> None:
    found = review(WEEKLY, Facts(tuple(week(0, {**THREE, "丁": None}))), at=AT)
    assert [one.unit for one in found.possible] == ["丙"]
    assert [(one.unit, "没有参加排名" in one.text) for one in found.left_out] == [("丁", True)]


def test_months_are_no_weeks() -> None:
    june = [replace(row, start=date(2020, 6, 1), end=date(2020, 6, 30)) for row in week(0, THREE)]
    assert not possible(WEEKLY, *june)


def test_what_speaks_against_a_last_place_stands_beside_it() -> None:
    weak = replace(week(0, {"丙": 3})[0], best=2, worst=3, adjusted=1, observations=12, appeals=("appeal:4",))
    rows = [*week(0, {"甲": 1, "乙": 2}), weak]
    ground = Tolerance("丙", MONDAY, MONDAY, "先行先试")
    (entry,) = possible(WEEKLY, *rows, tolerances=(ground,))
    assert kinds(entry) == {"interval", "adjusted", "few", "appeal", "tolerance"}
    assert not entry.missing


def test_what_is_not_known_is_named() -> None:
    bare = [replace(row, best=None, worst=None, observations=None) for row in week(0, THREE)]
    (entry,) = possible(WEEKLY, *bare)
    assert len(entry.missing) == 2


def test_facts_that_contradict_each_other_are_refused_together() -> None:
    with pytest.raises(BadInput) as refusal:
        possible(WEEKLY, *week(0, {"甲": 1, "乙": 7}), *week(0, {"甲": 1}))
    assert len(refusal.value.objections) == 2


PLACES = st.lists(
    st.dictionaries(st.sampled_from("甲乙丙丁戊"), st.integers(0, 5), min_size=1), min_size=1, max_size=5
)  # scores of a week; 0 is not observed


def ranked(number: int, scores: dict[str, int]) -> list[Standing]:
    """Places with ties out of scores; 0 is not observed."""
    seen = {unit: score for unit, score in scores.items() if score}
    return week(
        number, {unit: 1 + sum(o > score for o in seen.values()) if score else None for unit, score in scores.items()}
    )


@given(PLACES, st.randoms(use_true_random=False))
def test_order_does_not_matter_and_only_ranked_units_behind_others_are_ever_last(
    weeks: list[dict[str, int]], random: Random
) -> None:
    rows = [row for number, scores in enumerate(weeks) for row in ranked(number, scores)]
    found = review(WEEKLY, Facts(tuple(rows)), at=AT)
    random.shuffle(rows)
    assert review(WEEKLY, Facts(tuple(rows)), at=AT) == found
    latest = {unit: score for unit, score in weeks[-1].items() if score}
    for entry in found.possible:
        assert latest[entry.unit] == min(latest.values()) < max(latest.values())


@given(PLACES, st.integers(0, 4))
def test_leaving_a_week_out_never_leads_higher(weeks: list[dict[str, int]], out: int) -> None:
    def rungs(kept: list[int]) -> dict[str, int]:
        rows = [row for number in kept for row in ranked(number, weeks[number])]
        return {one.unit: WEEKLY.keys.index(one.rung.key) for one in possible(WEEKLY, *rows)}

    everything = list(range(len(weeks)))
    fewer = [number for number in everything if number != out or number == everything[-1]]
    before = rungs(everything)
    assert all(rung <= before[unit] for unit, rung in rungs(fewer).items())


@given(PLACES)
def test_counter_evidence_changes_no_rung_only_what_stands_beside_it(weeks: list[dict[str, int]]) -> None:
    rows = [row for number, scores in enumerate(weeks) for row in ranked(number, scores)]
    plain = possible(WEEKLY, *rows)
    doubted = possible(WEEKLY, *(replace(row, appeals=("appeal:1",), observations=1) for row in rows))
    assert [(one.unit, one.rung) for one in plain] == [(one.unit, one.rung) for one in doubted]
    assert all({"appeal", "few"} <= kinds(one) for one in doubted)


# --- marks, orders, items --------------------------------------------------------------------------------------------


def month(unit: str, score: str | None, place: int | None = 1) -> Standing:
    """June of one unit."""
    value = Decimal(score) if score else None
    return Standing(unit, "镇街", date(2020, 6, 1), date(2020, 6, 30), place, value, 90, evidence=unit)


@pytest.mark.parametrize(("score", "hit"), [("84.99", True), ("85", False), ("85.00", False), (None, False)])
def test_below_the_mark_means_below_it(score: str | None, hit: bool) -> None:
    found = possible(MONTHLY, month("甲", "90"), month("乙", score, 2 if score else None))
    assert [one.unit for one in found] == (["乙"] if hit else [])


def test_the_published_month_with_nobody_below_85_gives_nobody() -> None:
    rows = [month(f"镇{number}", f"{86 + number * 0.5}", 17 - number) for number in range(17)]
    assert not possible(MONTHLY, *rows)


DUE = AT - timedelta(hours=1)


def order(**facts: object) -> Order:
    """A correction order of two days that ended an hour ago."""
    given = {"unit": "甲", "kind": "整改令", "title": "第 1 号", "issued_at": DUE - timedelta(hours=48), "due": DUE}
    return Order(**{**given, **facts})  # type: ignore[arg-type]


def test_orders_follow_each_other() -> None:
    (entry,) = possible(ORDERS, orders=(order(evidence="order:1", parts=("case:5",)),))
    assert (entry.rung.key, entry.evidence) == ("supervision", ("order:1", "case:5"))
    (entry,) = possible(ORDERS, orders=(order(kind="督查令"),))
    assert entry.rung.key == "accountability"


@pytest.mark.parametrize("done", [DUE - timedelta(days=1), DUE])
def test_an_order_obeyed_in_time_is_nothing(done: datetime) -> None:
    assert not possible(ORDERS, orders=(order(done_at=done),))


def test_an_order_that_still_runs_is_nothing_and_one_obeyed_late_says_so() -> None:
    assert not possible(ORDERS, orders=(order(due=AT),))
    (entry,) = possible(ORDERS, orders=(order(done_at=DUE + timedelta(minutes=30)),))
    assert kinds(entry) == {"late"}


@pytest.mark.parametrize(
    ("declared", "eligible"), [(None, True), (timedelta(0), False), (-timedelta(days=1), False), (timedelta(seconds=1), True)]
)  # fmt: skip
def test_an_item_declared_by_its_deadline_is_nothing(declared: timedelta | None, eligible: bool) -> None:
    item = Item("甲", "第 3 项", DUE, declared_at=DUE + declared if declared is not None else None, ground="等设计")
    found = review(MONTHLY, Facts(items=(item,)), at=AT)
    assert bool(found.possible) is eligible
    assert bool(found.left_out) is not eligible
    if declared and eligible:
        assert kinds(found.possible[0]) == {"declared"}


# --- the files -------------------------------------------------------------------------------------------------------


def test_the_published_ladders_name_their_sources() -> None:
    assert builtin_ladders() == ["guiyang-2018", "jiangmen-2018", "taishan-2021"]
    for name in builtin_ladders():
        ladder = read_ladder(name)
        assert "http" in ladder.source
        assert "样例补充" in ladder.note
        assert all(rung.decided_by is not rung.appeal_to for rung in ladder.rungs)


def test_a_bad_ladder_is_refused_with_everything_that_is_wrong() -> None:
    text = builtin_text("jiangmen-2018")
    bad = (
        text.replace('appeal_to = "upper_leader"', 'appeal_to = "leader"', 1).replace('correct = "3工作日"', 'correct = "很快"', 1)
        .replace("last_place = 2", "last_place = 0", 1).replace('measure = "hand_over"', 'measure = "罚款"')
        .replace("persons = 2", "persons = 1").replace('cadence = "week"', 'cadence = "周"') + "\nrank = 1\n"
    )  # fmt: skip
    with pytest.raises(BadInput) as refusal:
        read_text(bad)
    for words in ("另一个岗位", "correct", "last_place", "罚款", "persons", "cadence", "rank"):
        assert any(words in sentence for sentence in refusal.value.objections), words
    with pytest.raises(BadInput, match="TOML"):
        read_text("[[")


def test_lighter_measures_are_those_before_it() -> None:
    assert [one.key for one in lighter(measures(), "circular")] == ["reminder", "interview"]
    assert not lighter(measures(), "reminder")


# --- the table of steps ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", list(FileStatus))
@pytest.mark.parametrize("move", list(FileMove))
def test_every_status_answers_every_move_with_a_step_or_a_sentence(status: FileStatus, move: FileMove) -> None:
    if (status, move) in TABLE:
        assert step(status, move).source is status
    else:
        with pytest.raises(Refused, match="不能"):
            step(status, move)


def test_every_status_is_reached_and_every_open_one_goes_on_and_can_be_dropped_with_a_reason() -> None:
    reached, edge = {FileStatus.OPENED}, {FileStatus.OPENED}
    while edge:
        edge = {arrow.target for status in edge for arrow in moves_from(status)} - reached
        reached |= edge
    assert reached == set(FileStatus)
    for status in set(FileStatus) - ENDED:
        moves = {arrow.move for arrow in moves_from(status)}
        assert FileMove.DROP in moves
        assert len(moves) > 1
        assert unmet_needs(step(status, FileMove.DROP), [])
    assert not any(moves_from(status) for status in ENDED)


def test_nothing_is_decided_before_the_statement_came_or_its_time_ran_out() -> None:
    for status in (FileStatus.OPENED, FileStatus.NOTIFIED, FileStatus.STATING):
        with pytest.raises(Refused, match="陈述还没有到"):
            step(status, FileMove.DECIDE)
    assert FileNeed.TEXT in step(FileStatus.PROPOSED, FileMove.DECIDE).needs


def test_only_deciding_posts_decide_and_only_the_unit_speaks_for_itself() -> None:
    for arrow in TABLE.values():
        if arrow.move in {FileMove.DECIDE, FileMove.DECIDE_APPEAL}:
            assert arrow.permission is Permission.ACCOUNTABILITY_DECIDE
        if arrow.move in {FileMove.CORRECT, FileMove.STATE, FileMove.APPEAL}:
            assert arrow.permission is Permission.ACCOUNTABILITY_ANSWER


def test_every_word_is_there_and_the_drawing_shows_every_way() -> None:
    assert set(STATUS_LABELS) == set(FileStatus)
    assert set(MOVE_LABELS) == set(FileMove)
    assert set(OUTCOME_LABELS) == set(Outcome)
    assert diagram().count("-->") == 1 + sum(arrow.move is not FileMove.DROP for arrow in TABLE.values()) + len(ENDED)


@given(st.integers(1, 4), st.integers(1, 4), st.integers(1, 4), st.integers(1, 4), st.integers(2, 3))
def test_at_least_two_people_and_an_appeal_to_somebody_else(
    opened: int, proposed: int, decided: int, reviewed: int, persons: int
) -> None:
    hands = Hands(opened, proposed, decided, persons)
    if not decider_objections(hands, decided):
        assert decided not in {opened, proposed}
        assert len({opened, proposed, decided}) >= persons
    if not appeal_objections(hands, reviewed):
        assert reviewed not in {opened, proposed, decided}


def test_posts_are_those_of_the_branch_or_above_it() -> None:
    def leader(path: str) -> Actor:
        return Actor(1, "领导", (PostFact(Role.LEADER, 1, path, path, path),))

    home = "/NT/CC/"
    assert holds_post(leader(home), DecidingPost.LEADER, home)
    assert not holds_post(leader(home), DecidingPost.UPPER_LEADER, home)
    assert holds_post(leader("/NT/"), DecidingPost.UPPER_LEADER, home)
    assert not holds_post(leader("/NT/CC/XT/"), DecidingPost.LEADER, home)
    assert not holds_post(leader(home), DecidingPost.OFFICE_CHIEF, home)
