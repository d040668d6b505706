"""Planning the tours: the solver against brute force, the checker, the public formats, and the plan of a day."""

from datetime import date
from itertools import permutations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chuangwen.rules.day_tours import Halt, best_place, timeline
from chuangwen.rules.instances import read_pcvrptw, read_toptw
from chuangwen.rules.plan_files import read_sites, read_teams
from chuangwen.rules.planning import Site, Team, Wishes, out_of_reach, plan_of, prepare
from chuangwen.rules.planning_values import Looked, look_values
from chuangwen.rules.refusals import BadInput
from chuangwen.rules.tour_search import search
from chuangwen.rules.tours import Assigned, Crew, Problem, Stop, breaches, recombine, value_of
from chuangwen.rules.travel import read_table, straight

SMALL = """1 1 3 1
0 200
0 0.00 0.00 0.00 0.00 0 0 0 100
1 3.00 4.00 10.00 10.00 1 1 1 0 50
2 0.00 1.00 10.00 20.00 1 1 1 0 4
3 9.00 9.00 0.00 40.00 1 1 1 0 5
"""


@st.composite
def tiny(draw: st.DrawFn) -> Problem:
    size = draw(st.integers(1, 4))
    far = st.integers(0, 40)
    rows = [draw(st.lists(far, min_size=size + 1, max_size=size + 1)) for _ in range(size + 1)]
    stops = []
    for place in range(1, size + 1):
        opens = draw(st.integers(0, 60))
        closes = opens + draw(st.integers(0, 40))
        stops.append(Stop(place, draw(st.integers(1, 9)), draw(st.integers(0, 20)), opens, closes))
    travel = tuple(tuple(0 if a == b else far for b, far in enumerate(row)) for a, row in enumerate(rows))
    return Problem(tuple(stops), (Crew(0, 0, draw(st.integers(30, 150)), draw(st.integers(1, 2))),), travel)


def every_tour(problem: Problem) -> list[tuple[int, ...]]:
    numbers = range(len(problem.stops))
    tours = [tour for many in range(1, len(numbers) + 1) for tour in permutations(numbers, many)]
    return [tour for tour in tours if not breaches(problem, [Assigned(0, tour)])]


def most_possible(problem: Problem) -> int:
    worth = {frozenset(t): value_of(problem, [Assigned(0, t)]) for t in every_tour(problem)} | {frozenset[int](): 0}
    if problem.crews[0].count == 1:
        return max(worth.values())
    return max(worth[a] + worth[b] for a in worth for b in worth if not a & b)


@settings(max_examples=10, deadline=None)
@given(tiny())
def test_search_finds_what_brute_force_finds_and_breaks_no_rule(problem: Problem) -> None:
    *_, found = search(problem, seed=1, rounds=2, iterations=60)
    assert breaches(problem, found.best) == ()
    assert value_of(problem, found.best) == most_possible(problem)


@settings(max_examples=25, deadline=None)
@given(tiny())
def test_recombining_every_tour_gives_the_best_set(problem: Problem) -> None:
    best = recombine(problem, every_tour(problem))
    assert breaches(problem, best) == ()
    assert value_of(problem, best) == most_possible(problem)


def test_checker_names_every_breach() -> None:
    stops = (Stop(1, 5, 10, 0, 20, 3), Stop(2, 5, 10, 0, 20, 3))
    problem = Problem(stops, (Crew(0, 0, 60, 1, 4),), ((0, 15, 15), (15, 0, 15), (15, 15, 0)))
    assert breaches(problem, [Assigned(0, (0,))]) == ()
    said = "".join(breaches(problem, [Assigned(0, (0, 1, 0)), Assigned(0, ())]))
    for word in ("去了两次", "已关", "晚于", "超过容量", "路线多于 1 条"):
        assert word in said


def test_the_same_seed_and_rounds_give_the_same_tours() -> None:
    problem = read_toptw(SMALL, teams=1).problem
    first, second = ([f.best for f in search(problem, seed=4, rounds=2, iterations=40)] for _ in range(2))
    assert first == second


def test_public_format_is_read_in_tenths_with_travel_cut() -> None:
    instance = read_toptw(SMALL, teams=2)
    assert instance.names == (1, 2, 3)
    assert instance.problem.travel[0] == (0, 50, 10, 127)  # the root of 162 is 12.7279
    assert instance.problem.crews[0].returns == 1000
    assert instance.problem.stops[1] == Stop(2, 20, 100, 0, 40)


def test_unreadable_instance_names_every_line() -> None:
    broken = (
        SMALL.replace("0 4\n", "9 4\n").replace("40.00 1 1 1 0 5", "40.00 1 1 1 -3 5").replace("3.00 4.00", "x 4.00")
    )
    with pytest.raises(BadInput) as refused:
        read_toptw(broken, teams=0)
    said = "".join(refused.value.objections)
    for word in ("队数 0", "第 4 行的x“x”", "第 5 行的时间窗", "第 6 行的时间窗 -3"):
        assert word in said
    with pytest.raises(BadInput, match="不是 toptw"):
        read_toptw("", teams=1)


VRP = """DIMENSION : 2
VEHICLES : 1
CAPACITY : 5
SERVICE_TIME : 9
EDGE_WEIGHT_TYPE : EUC_2D
NODE_COORD_SECTION
1 0 0
2 1 1
DEMAND_SECTION
1 0
2 5
TIME_WINDOW_SECTION
1 0 50
2 0 30
PRIZE_SECTION
1 0
2 7
DEPOT_SECTION
1
-1
EOF
"""


def test_prize_collecting_format_weighs_length_against_prizes() -> None:
    problem = read_pcvrptw(VRP, teams=None).problem
    assert problem.stops == (Stop(1, 70, 90, 0, 300, 5),)
    assert problem.travel[0][1] == 14
    with pytest.raises(BadInput, match="缺少 PRIZE_SECTION"):
        read_pcvrptw(VRP.replace("PRIZE", "OTHER"), teams=None)


DAY = date(2026, 11, 24)
NINE, NOON = 9 * 60, 12 * 60


def site(name: str, value: float = 1, *, must: bool = False, **more: object) -> Site:
    facts = {"lat": 32.0, "lon": 120.9, "minutes": 30, "hours": (8 * 60, 18 * 60)} | more
    return Site(name, "社区", value=value, must=must, **facts)  # type: ignore[arg-type]  # mixed by name


def team(name: str, *inspectors: str, ends: int = NOON) -> Team:
    return Team(name, inspectors, 32.0, 120.9, NINE, ends)


def planned(sites: list[Site], teams: list[Team], **wishes: object):  # type: ignore[no-untyped-def]  # short in tests
    travel = straight(
        [(p.lat, p.lon) for p in sites] + [(t.lat, t.lon) for t in teams], factor=1.3, kilometres_per_hour=20
    )
    wanted = Wishes(DAY, **{"random_share": 0.0} | wishes)  # type: ignore[arg-type]  # mixed by name
    prepared = prepare(sites, teams, travel, wanted)
    *_, found = search(prepared.problem, seed=0, rounds=2, iterations=80)
    return plan_of(sites, teams, wanted, prepared, found.best)


def test_site_visited_lately_waits_unless_it_must_be_visited() -> None:
    lately = date(2026, 11, 20)
    sites = [site("近", 9, last_visited=lately), site("远", 1), site("必", 1, must=True, last_visited=lately)]
    plan = planned(sites, [team("一队")])
    assert {visit.site for visit in plan.visits["一队"]} == {"远", "必"}
    assert "1 处还在间隔期内" in plan.notes[0]


def test_market_is_visited_in_its_morning() -> None:
    plan = planned([site("市场", hours=(390, 9 * 60 + 30)), site("甲", 5), site("乙", 5)], [team("一队")])
    assert plan.visits["一队"][0].arrives <= 9 * 60 + 30 or plan.visits["一队"][1].site == "市场"
    assert plan.value == 11


def test_last_inspector_gives_way_to_another_team() -> None:
    plan = planned(
        [site("甲", 4, last_inspector="张"), site("乙", 4, last_inspector="李")], [team("一", "张"), team("二", "李")]
    )
    assert [visit.site for visit in plan.visits["一"]] == ["乙"]
    assert [visit.site for visit in plan.visits["二"]] == ["甲"]
    assert plan.value == 8


def test_must_visits_that_do_not_fit_are_left_out_with_the_reason() -> None:
    sites = [site(f"必{n}", must=True) for n in range(3)]
    plan = planned(sites, [team("一队", ends=NINE + 65)])
    assert len(plan.visits["一队"]) == 2
    [(name, why)] = plan.left_out.items()
    assert name in why
    assert "没有找到放得下它的排法" in why


def test_must_visit_out_of_everybodys_reach_is_refused() -> None:
    with pytest.raises(BadInput, match="一队最早 09:00 才到，08:30 已关"):
        planned([site("市场", must=True, hours=(390, 510))], [team("一队")])


def test_random_sites_can_be_recomputed_from_the_seed() -> None:
    sites = [site(f"点{n}", 1 + n) for n in range(30)]
    travel = straight([(32.0, 120.9)] * 31, factor=1.3, kilometres_per_hour=20)
    draws = [prepare(sites, [team("一队")], travel, Wishes(DAY, random_share=0.5, seed=s)).drawn for s in (1, 1, 2)]
    assert len(draws[0]) == 3  # half of the six stops of three hours
    assert draws[0] == draws[1] != draws[2]


def test_tables_name_row_and_field() -> None:
    said: list[str] = []
    read_sites(
        "site,value,lat,lon,open,must\n甲,-1,99,120,11:00-09:00,也许\n甲,1,32,120,,\n", located=True, objections=said
    )
    read_teams("team,start,end,lat,lon\n一队,09:00,08:00,32,120\n二队,,,32,120\n", located=True, objections=said)
    text = "\n".join(said)
    for words in ("点位表第 2 行「价值」", "第 2 行「纬度」", "关得比开得早", "第 2 行「必去」", "“甲”出现了两次"):
        assert words in text
    for words in (
        "队伍表第 2 行「下班」：“08:00”不晚于上班时间，这一队没有工作时间。",
        "队伍表第 3 行「上班」：没有填。",
    ):
        assert words in text


def test_travel_tables_are_read_by_name_or_in_order() -> None:
    assert read_table("分钟,乙,甲\n甲,5,0\n乙,0,6\n", ["甲", "乙"]) == ((0, 300), (360, 0))
    assert read_table('{"durations": [[0, 12.4], [9, 0]]}', ["甲", "乙"]) == ((0, 12), (9, 0))
    with pytest.raises(BadInput, match="缺少“丙”这一行"):
        read_table("分钟,甲\n甲,0\n", ["甲", "丙"])
    with pytest.raises(BadInput, match="从“甲”到“乙”的“空”"):
        read_table('{"durations": [[0, null], [9, 0]]}', ["甲", "乙"])


def test_straight_line_is_made_longer() -> None:
    seconds = straight([(0.0, 0.0), (0.0, 1.0)], factor=1.3, kilometres_per_hour=20)[0][1]
    assert seconds == pytest.approx(111.195 * 1.3 / 20 * 3600, rel=1e-4)


# --- plans that people change ---


def line_way(one: int, other: int) -> int:
    """Places on a line, a minute apart."""
    return abs(one - other) * 60


@settings(max_examples=20, deadline=None)
@given(
    st.lists(st.tuples(st.integers(1, 60), st.integers(0, 600), st.integers(0, 120)), max_size=5), st.integers(60, 900)
)
def test_a_timeline_adds_up_and_names_exactly_what_is_late(rows: list[tuple[int, int, int]], ends: int) -> None:
    halts = [Halt(at + 1, minutes, opens, opens + width) for at, (minutes, opens, width) in enumerate(rows)]
    found = timeline(0, 30, ends, halts, line_way)
    now, here = 30, 0
    for halt, timed in zip(halts, found.stops, strict=True):
        assert timed.arrives == now + abs(halt.place - here)
        assert timed.begins == max(timed.arrives, halt.opens) == timed.arrives + timed.waits
        assert bool(timed.breach) == (timed.begins > halt.closes)
        now, here = timed.begins + halt.minutes, halt.place
    assert found.back == now + here
    assert bool(found.breach) == (found.back > ends)
    assert found.on_the_way == sum(stop.way for stop in found.stops) + found.way_back


def test_a_further_stop_goes_where_it_costs_least_and_breaks_nothing_if_it_can() -> None:
    halts = [Halt(2, 10, 0, 900), Halt(8, 10, 0, 900)]
    assert best_place(0, 0, 900, halts, Halt(5, 10, 0, 900), line_way) == 1
    assert best_place(0, 0, 900, halts, Halt(5, 10, 0, 6), line_way) == 0


def test_a_look_is_worth_more_the_longer_ago_and_the_more_fails_and_few_findings_lean_on_the_type() -> None:
    sites = {
        1: Looked("巷", 10, 2, 20), 2: Looked("巷", 100, 2, 20), 3: Looked("巷", 100, 10, 20), 4: Looked("巷", None, 0, 0),
        5: Looked("巷", 100, 1, 1), 6: Looked("园", None, 0, 0), 7: Looked("巷", 0, 20, 20),
    }  # fmt: skip
    values = look_values(sites)
    assert values[1] < values[2] < values[3]
    assert values[5] < values[4] < 100
    assert values[6] == 10.0  # nobody has judged this type: the stated share
    assert values[7] == 0.0  # looked at today


def test_only_must_visits_out_of_reach_are_named() -> None:
    early = Site("早市", "", 0, 0, 1, 30, (300, 330), must=True)
    sites = [early, Site("公园", "", 0, 0, 1, 30, (480, 600), must=True), Site("晨跑", "", 0, 0, 1, 30, (300, 330))]
    team = Team("甲组", (), 0, 0, 510, 1050)
    far = straight([(0, 0)] * 4, factor=1, kilometres_per_hour=20)
    assert list(out_of_reach(sites, [team], far)) == [0]
