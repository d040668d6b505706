"""The sample year: as many cases as asked for, in working time, playable by the rules of the house."""

from collections import Counter
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from functools import cache
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chuangwen.project.demo.clock import Clock, Span, moment
from chuangwen.project.demo.district import District, sample_district
from chuangwen.project.demo.lives import PlannedLife, PlannedMove
from chuangwen.project.demo.remarks import STILL_OPEN
from chuangwen.project.demo.stories import PlannedVisit, Story, plan_story
from chuangwen.rules.case_flow import Move, Status, step
from chuangwen.rules.deadlines import WorkCalendar, due_at
from chuangwen.rules.limits import Limit, LimitUnit, parse_limit
from chuangwen.rules.permissions import SYSTEM, Actor, Permission, PostFact, Role, Thing, may
from chuangwen.rules.refusals import BadInput
from chuangwen.standards.sample_edition import sample_case_standards, sample_edition

FROM, TO = date(2019, 6, 1), date(2020, 6, 30)
HOLIDAYS = [date(2019, 10, 1) + timedelta(days=index) for index in range(7)] + [date(2020, 6, 25), date(2020, 6, 26)]
MAKE_UP = [date(2019, 9, 29), date(2019, 10, 12), date(2020, 6, 28)]
CALENDAR = WorkCalendar(exceptions={**dict.fromkeys(HOLIDAYS, False), **dict.fromkeys(MAKE_UP, True)})


@cache
def district() -> District:
    return sample_district()


@cache
def criteria() -> dict[str, list[tuple[str, str, str]]]:
    lists: dict[str, list[tuple[str, str, str]]] = {}
    for row in sample_edition().criteria:
        if row.method == "field":
            lists.setdefault(row.code.split("-")[0], []).append((row.code, row.severity, row.text))
    return lists


@cache
def limits() -> dict[str, Limit]:
    by_standard = {row.code: row.limit for row in sample_case_standards()}
    found = {row.code: by_standard.get(row.case_standard) for row in sample_edition().criteria}
    return {code: limit for code, limit in found.items() if limit is not None}


@cache
def story() -> Story:
    return tell()


def tell(**changes: object) -> Story:
    facts: dict[str, object] = {
        "criteria": criteria(), "limit_of": limits().__getitem__, "is_working": CALENDAR.is_working,
        "from_day": FROM, "to_day": TO,
    }  # fmt: skip
    return plan_story(district(), **{**facts, **changes})  # type: ignore[arg-type]  # each test gives what it changes


@cache
def kinds() -> dict[str, str]:
    return {unit.code: unit.kind for unit in district().units}


@cache
def parents() -> dict[str, str]:
    return {unit.code: unit.parent_code for unit in district().units}


def street_of(grid_code: str) -> str:
    return parents()[parents()[grid_code]]


def visits() -> Iterator[PlannedVisit]:
    return (visit for patrol in story().patrols for visit in patrol.visits)


def test_the_year_has_as_many_cases_and_visits_as_asked_for() -> None:
    assert len(story().lives) == pytest.approx(5000, rel=0.05)
    assert sum(1 for _ in visits()) == 1100
    smaller = tell(target_cases=300, target_visits=203, from_day=date(2020, 4, 1))
    assert len(smaller.lives) == pytest.approx(300, rel=0.05)
    assert sum(len(patrol.visits) for patrol in smaller.patrols) == 203


def test_patrols_are_walked_on_working_days_in_office_hours_only() -> None:
    days = {patrol.day for patrol in story().patrols}
    assert all(FROM <= day <= TO and CALENDAR.is_working(day) for day in days)
    assert date(2020, 6, 28) in days, "a Sunday that was a working day"
    for patrol in story().patrols:
        for visit in patrol.visits:
            assert visit.started_at.date() == visit.finished_at.date() == patrol.day
            assert visit.started_at.utcoffset() == timedelta(hours=8)
            assert time(8, 30) <= visit.started_at.time() < visit.finished_at.time() <= time(17, 30)


def test_an_inspector_is_in_one_place_at_a_time_and_stays_in_one_street() -> None:
    grids = {site.code: site.grid_code for site in district().sites}
    walked: dict[str, list[PlannedVisit]] = {}
    for patrol in story().patrols:
        assert len({street_of(grids[visit.site_code]) for visit in patrol.visits}) == 1
        walked.setdefault(patrol.inspector_username, []).extend(patrol.visits)
    assert set(walked) == {f"inspector{number}" for number in range(1, 7)}
    for tour in walked.values():
        assert all(before.finished_at < after.started_at for before, after in pairwise(tour))


def test_every_criterion_of_the_type_is_judged_and_nothing_but_a_pass_goes_without_a_word() -> None:
    types = {site.code: site.point_type for site in district().sites}
    for visit in visits():
        assert [code for code, _, _ in visit.verdicts] == [code for code, _, _ in criteria()[types[visit.site_code]]]
        assert all((verdict == "pass") == (note == "") for _, verdict, note in visit.verdicts)
    assert {verdict for visit in visits() for _, verdict, _ in visit.verdicts} == {"pass", "fail", "na"}


def test_every_failed_criterion_has_the_life_of_its_case() -> None:
    failed = [
        (patrol_no, visit_no, visit.site_code, code)
        for patrol_no, patrol in enumerate(story().patrols)
        for visit_no, visit in enumerate(patrol.visits)
        for code, verdict, _ in visit.verdicts
        if verdict == "fail"
    ]
    told = [(life.patrol_no, life.visit_no, life.site_code, life.criterion_code) for life in story().lives]
    assert sorted(failed) == sorted(told)
    assert all(before.opened_at <= after.opened_at for before, after in pairwise(story().lives))
    for life in story().lives:
        visit = story().patrols[life.patrol_no].visits[life.visit_no]
        assert visit.started_at <= life.opened_at <= visit.finished_at


def test_moves_are_in_order_and_wait_for_the_end_of_the_visit() -> None:
    for life in story().lives:
        assert all(before.at <= after.at for before, after in pairwise(life.moves))
        assert life.moves[-1].at <= moment(TO, 18)
        over = story().patrols[life.patrol_no].visits[life.visit_no].finished_at
        assert [move.at for move in life.moves[:2]] == [life.opened_at] * 2
        assert all(move.at > over for move in life.moves[2:])


@cache
def paths() -> dict[str, str]:
    found: dict[str, str] = {}
    for unit in district().units:
        found[unit.code] = f"{found.get(unit.parent_code, '/')}{unit.code}/"
    return found


@cache
def actors() -> dict[str, Actor]:
    found = {"": SYSTEM}
    for number, person in enumerate(district().people):
        (role, unit), *_ = person.posts
        scope = paths()["CC" if kinds()[unit] == "district_office" else unit]
        post = PostFact(Role(role), number, unit, paths()[unit], scope)
        found[person.username] = Actor(number, person.display_name, (post,))
    return found


def replay(life: PlannedLife, home: str) -> Status:
    """Walks the case through the table of the house, with everybody's permission; where it ends."""
    status, handler, rectified_by = Status.REPORTED, "", None
    for move in life.moves:
        actor = actors()[move.by]
        assert move.role == ("system" if actor.system else actor.posts[0].role)
        thing = Thing(home=paths()[home], handler=handler, rectified_by=rectified_by)
        if move.move in {"ask_extension", "grant_extension"}:
            assert status is Status.HANDLING
            asked = move.move == "ask_extension"
            assert may(actor, Permission.EXTENSION_ASK if asked else Permission.EXTENSION_DECIDE, thing)
            continue
        arrow = step(status, Move(move.move))
        assert may(actor, arrow.permission, thing), (move, thing)
        assert (move.unit_code != "") == (arrow.move is Move.DISPATCH)
        assert (move.until is not None) == (arrow.move is Move.SUSPEND)
        assert move.note or arrow.move is Move.ACCEPT
        handler = paths()[move.unit_code] if move.unit_code else handler
        rectified_by = actor.user_id if arrow.move is Move.RECTIFY else rectified_by
        status = arrow.target
    return status


def test_every_case_can_be_played_by_the_rules_of_the_house_by_people_who_may() -> None:
    homes = {site.code: parents()[site.grid_code] for site in district().sites}
    ends = Counter(replay(life, homes[life.site_code]) for life in story().lives)
    assert ends[Status.CLOSED] > 0.97 * len(story().lives)
    assert {Status.DISPATCHED, Status.HANDLING, Status.RECTIFIED, Status.VERIFIED, Status.SUSPENDED} <= set(ends)


def test_only_young_and_suspended_cases_are_still_open_at_the_end() -> None:
    still = [life for life in story().lives if life.moves[-1].move != "close"]
    for life in still:
        until = max((move.until for move in life.moves if move.until), default=life.opened_at)
        assert until > moment(TO, 18) - timedelta(days=45)


def test_the_point_owner_is_asked_first_and_returned_cases_go_to_another_unit() -> None:
    owners = {site.code: site.owner_unit_code for site in district().sites}
    for life in story().lives:
        asked = [move.unit_code for move in life.moves if move.unit_code]
        assert asked[0] == owners[life.site_code]
        assert len(set(asked)) == len(asked)
        assert len(asked) <= 1 + sum(move.move == "return_back" for move in life.moves)


def at_of(life: PlannedLife, name: str) -> list[datetime]:
    return [move.at for move in life.moves if move.move == name]


def was_late(life: PlannedLife) -> bool:
    """Judged by the deadline rule of the house: checking and suspension do not count, an extension adds a limit."""
    pauses = [*zip(at_of(life, "rectify"), at_of(life, "reject"), strict=False)]
    pauses += [*zip(at_of(life, "suspend"), [*at_of(life, "resume"), moment(TO, 18)], strict=False)]
    due = due_at(
        at_of(life, "dispatch")[-1], limits()[life.criterion_code], CALENDAR, pauses=pauses,
        extensions=len(at_of(life, "grant_extension")),
    )  # fmt: skip
    done = [*at_of(life, "rectify"), *([] if at_of(life, "verify") else [moment(TO, 18)])]
    return done[-1] > due.at


def test_a_few_cases_are_late_sent_back_redone_suspended_or_extended() -> None:
    lives = story().lives
    counts = Counter(name for life in lives for name in {move.move for move in life.moves})
    share = {name: count / len(lives) for name, count in counts.items()}
    assert 0.03 <= share["return_back"] <= 0.05
    assert 0.06 <= share["reject"] <= 0.10
    assert 0.005 <= share["suspend"] <= 0.02
    assert 0.02 <= share["ask_extension"] <= 0.04
    assert 0.015 <= sum(was_late(life) for life in lives) / len(lives) <= 0.06


def test_an_extension_is_asked_for_in_time() -> None:
    for life in story().lives:
        for asked in at_of(life, "ask_extension"):
            start = max(at for at in at_of(life, "dispatch") if at <= asked)
            assert asked <= due_at(start, limits()[life.criterion_code], CALENDAR).at


def test_no_second_case_is_opened_while_the_first_is_open() -> None:
    latest: dict[tuple[str, str], PlannedMove] = {}
    for life in story().lives:
        key = (life.site_code, life.criterion_code)
        if key in latest:
            assert latest[key].move == "close"
            assert latest[key].at <= life.opened_at
        latest[key] = life.moves[-1]
    assert any(note == STILL_OPEN for visit in visits() for _, _, note in visit.verdicts)


def pass_rates(key: dict[str, str] | None = None) -> list[float]:
    """By inspector, or by what `key` makes of a point."""
    seen: dict[str, Counter[str]] = {}
    for patrol in story().patrols:
        for visit in patrol.visits:
            group = key[visit.site_code] if key else patrol.inspector_username
            seen.setdefault(group, Counter()).update(verdict for _, verdict, _ in visit.verdicts)
    return [count["pass"] / (count["pass"] + count["fail"]) for count in seen.values()]


def test_streets_differ_clearly_and_inspectors_a_little() -> None:
    streets = pass_rates({site.code: street_of(site.grid_code) for site in district().sites})
    assert len(streets) == 20
    assert 0.08 < max(streets) - min(streets) < 0.35
    assert 0.01 < max(pass_rates()) - min(pass_rates()) < 0.15


def test_veto_trouble_is_rare() -> None:
    severities = {code: severity for rows in criteria().values() for code, severity, _ in rows}
    assert 0 < sum(severities[life.criterion_code] == "V" for life in story().lives) < 0.02 * len(story().lives)


def test_notes_are_short_whole_sentences_and_vary() -> None:
    notes = Counter(note for visit in visits() for _, verdict, note in visit.verdicts if verdict == "fail")
    assert all(note.endswith("。") and len(note) <= 40 and not set("{}>") & set(note) for note in notes)
    assert len(notes) > 0.6 * len(story().lives)
    assert max(notes.values()) < 0.005 * len(story().lives)
    names = {person.display_name.split()[-1] for person in district().people}
    assert not [note for note in notes if any(len(name) > 2 and name in note for name in names)]


def test_the_same_seed_tells_the_same_story_and_another_another() -> None:
    short = {"from_day": date(2020, 6, 1), "target_cases": 200, "target_visits": 60}
    assert tell(**short) == tell(**short)
    assert tell(**short, seed=7) != tell(**short)


def test_an_impossible_plan_is_refused_with_every_reason() -> None:
    with pytest.raises(BadInput) as refused:
        plan_story(
            district(), criteria={"RES": criteria()["RES"]}, limit_of=limits().__getitem__, is_working=lambda _: False,
            from_day=FROM, to_day=TO, target_cases=-1,
        )  # fmt: skip
    assert len(refused.value.objections) == 3
    with pytest.raises(BadInput, match="安排不下"):
        tell(from_day=date(2020, 6, 22))
    with pytest.raises(BadInput, match="不足以产生"):
        tell(target_visits=100, target_cases=5000)


def test_working_days_are_asked_for_within_the_range_only() -> None:
    asked: list[date] = []

    def is_working(day: date) -> bool:
        asked.append(day)
        return CALENDAR.is_working(day)

    tell(is_working=is_working, from_day=date(2020, 6, 1), target_cases=100, target_visits=40)
    assert (min(asked), max(asked)) == (date(2020, 6, 1), TO)


@settings(max_examples=60, deadline=None)
@given(
    minute=st.integers(0, 20 * 1440),
    hours=st.integers(1, 60),
    working=st.booleans(),
)
def test_the_quick_clock_agrees_with_the_deadline_rule(minute: int, hours: int, working: bool) -> None:
    days = [day for index in range(60) if CALENDAR.is_working(day := date(2019, 9, 16) + timedelta(days=index))]
    start = moment(date(2019, 9, 16), 0) + timedelta(minutes=minute)
    unit = LimitUnit.working_hours if working else LimitUnit.hours
    limit = parse_limit(f"{hours}{unit.label}")
    assert limit is not None
    due = due_at(start, limit, CALENDAR).at
    quick = Clock(days).later(start, Span(hours, working))
    assert quick is not None
    if working and due.time() in {time(12), time(18)}:
        assert quick > due, "the end of a window is named as the start of the next"
        assert Clock(days).later(start, Span(hours - 1 / 60, working)) == due - timedelta(minutes=1)
    elif working or hours < 6:
        assert quick == due
    else:
        assert start < quick <= due, "slow work is not ticked off at night"
