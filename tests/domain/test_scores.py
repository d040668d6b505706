"""Score sheets rest on findings and cases, say how, and stay as they were released."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from pytest_django import DjangoAssertNumQueries

from chuangwen.cases import operations as cases
from chuangwen.cases.filters import CaseFilter
from chuangwen.cases.queries import counts
from chuangwen.journal.models import Event
from chuangwen.patrols.models import Finding
from chuangwen.people.models import Unit
from chuangwen.rules.case_flow import Status
from chuangwen.rules.permissions import SYSTEM
from chuangwen.rules.ranking import Level, Tally, rates_by
from chuangwen.rules.refusals import NotFound, Refused
from chuangwen.scores.builtin import builtin_text
from chuangwen.scores.models import ScoreLine, ScoreSheet
from chuangwen.scores.observations import (
    Rated,
    community_rates,
    criterion_rates,
    overall,
    site_rates,
    street_rates,
)
from chuangwen.scores.operations import compute_sheet, discard_sheet
from chuangwen.scores.queries import (
    league_table,
    line_for,
    lines_of,
    recompute,
    released_table,
    sheet_for,
    sheets_for,
    usable_rules,
)
from tests.walks import JULY, june, release_shown
from tests.world import BEIJING, NOW, World, photo_id

FIRST, LAST = date(2020, 6, 1), date(2020, 6, 30)
OWN_RULE = builtin_text("field-rate").replace('"field-rate"', '"chongchuan-2020"')


def compute(world: World, *, by: str = "clerk", now: datetime = JULY, **given: object) -> ScoreSheet:
    """June by the monthly rule."""
    fields: dict[str, object] = {"rule_name": "district-month", "start": FIRST, "end": LAST, **given}
    return compute_sheet(by=world.actor(by), now=now, **fields)  # type: ignore[arg-type]  # test data


def release(world: World, sheet: ScoreSheet, *, by: str = "chief", now: datetime = JULY) -> ScoreSheet:
    """The chief makes it official."""
    return release_shown(sheet_id=sheet.pk, by=world.actor(by), now=now)


def line(sheet: ScoreSheet, name: str) -> ScoreLine:
    """The line of one street."""
    return ScoreLine.objects.get(sheet=sheet, unit_name=name)


def part(row: ScoreLine, key: str) -> dict[str, object]:
    """One part of a line."""
    found: dict[str, object] = next(each for each in row.parts if each["key"] == key)
    return found


def test_streets_rank_by_what_was_found_and_how_it_was_put_right(world: World) -> None:
    june(world)
    sheet = compute(world)
    assert [(row.place, row.unit_name, row.total_shown) for row in lines_of(sheet)] == [
        (1, "学田街道", "86.36"),
        (2, "文峰街道", "25.00"),
    ]
    first = line(sheet, "学田街道")
    assert abs(Decimal(str(part(first, "field")["value"])) - Decimal(800) / 11) < Decimal("1e-20")
    assert Fraction(first.total_exact) == sum(Fraction(each["points"]) for each in first.parts)
    last = line(sheet, "文峰街道")
    assert [each["value"] for each in last.parts] == ["0", "50", "50"]


def test_every_line_says_what_it_rests_on_and_how_it_was_worked_out(world: World) -> None:
    june(world)
    last = line(compute(world), "文峰街道")
    assert last.reasons[:4] == [
        "现场得分率：判定 2 条（不适用不计），不合格 2 条，按条目权重合并计算，得 0.00。",
        "按期整改率：应整改 2 件（挂账不计），超期 1 件，得 50.00。",
        "一次核查通过率：已提交整改 2 件，核查没有一次通过 1 件，得 50.00。",
        "现场得分率：0.00 × 0.5 = 0.000。",
    ]
    assert {(key, group): len(ids) for key, groups in last.basis.items() for group, ids in groups.items()} == {
        ("field", "findings"): 2,
        ("field", "failed"): 2,
        ("rectification", "cases"): 2,
        ("rectification", "late"): 1,
        ("rework", "cases"): 2,
        ("rework", "reworked"): 1,
    }


def test_a_street_where_nothing_was_looked_at_is_left_out_and_never_zero(world: World) -> None:
    june(world).third_street()
    sheet = compute(world)
    left = line(sheet, "任港街道")
    assert (left.place, left.total_shown, left.total_exact, left.parts) == (None, "", "", [])
    assert "没有观测，不参加本次排名" in left.reasons[-1]
    assert league_table(sheet).left_out == [left]
    assert [row.place for row in league_table(sheet).ranked] == [1, 2]


def test_a_missing_part_takes_the_mean_of_the_others_and_says_so(world: World) -> None:
    walks = june(world)
    walks.walk(walks.third_street(), now=NOW + timedelta(hours=4))
    newcomer = line(compute(world), "任港街道")
    assert part(newcomer, "field") | {"points": ""} == {
        "key": "field", "label": "现场得分率", "value": "100", "weight": "0.5", "points": "", "imputed": False,
    }  # fmt: skip
    assert part(newcomer, "rectification")["imputed"] is True
    assert Decimal(str(part(newcomer, "rectification")["value"])) == 75
    assert any("没有观测，取其他 2 个有观测单位的平均分" in reason for reason in newcomer.reasons)


def test_deferred_and_not_yet_due_cases_are_in_no_base(world: World) -> None:
    june(world)
    at_work = NOW + timedelta(days=5)
    for status in (Status.SUSPENDED, Status.HANDLING, Status.RECTIFIED, Status.FORCE_CLOSED):
        world.case_at(status, now=at_work)
    soon = at_work + timedelta(hours=1)
    sheet = compute(world, now=soon)
    own = line(sheet, "学田街道")
    figures = counts(SYSTEM, CaseFilter(unit="XT", since="2020-06-01", until="2020-06-30"), soon)
    assert len(own.basis["rectification"]["cases"]) == figures.handed_in + figures.overdue == 2
    assert figures.opened == 5


@pytest.mark.parametrize(("now", "overdue"), [(NOW + timedelta(days=5, hours=1), 0), (JULY, 1)])
def test_rates_mean_what_the_case_list_means(world: World, now: datetime, overdue: int) -> None:
    june(world)
    world.case_at(Status.HANDLING, now=NOW + timedelta(days=5))
    sheet = compute(world, now=now)
    for code, name in (("XT", "学田街道"), ("WF", "文峰街道")):
        figures = counts(SYSTEM, CaseFilter(unit=code, since="2020-06-01", until="2020-06-30"), now)
        row = line(sheet, name)
        assert figures.overdue == (overdue if code == "XT" else 0)
        assert float(str(part(row, "rectification")["value"])) == pytest.approx((figures.on_time_rate or 0) * 100)
        assert float(str(part(row, "rework")["value"])) == pytest.approx((figures.first_pass_rate or 0) * 100)


def test_no_street_answers_for_a_departments_delay(world: World) -> None:
    june(world)
    before = line(compute(world), "学田街道")
    case = world.open_case()
    cases.accept(case_id=case.pk, by=world.actor("clerk"), now=NOW)
    cases.dispatch(case_id=case.pk, unit_id=world.unit("CC-CG").pk, by=world.actor("clerk"), now=NOW)
    after = line(compute(world), "学田街道")
    assert case.street is not None
    assert case.street.name == "学田街道"
    assert after.total_exact == before.total_exact


def test_unfinished_visits_and_other_days_count_nowhere(world: World) -> None:
    walks = june(world)
    before = line(compute(world), "学田街道").basis["field"]
    walks.walk(world.compound, now=NOW + timedelta(days=6), finish=False, RES_11="fail")
    walks.walk(world.compound, now=JULY, RES_11="fail")
    assert line(compute(world, now=JULY + timedelta(days=1)), "学田街道").basis["field"] == before


KEYS: dict[Level, Callable[[Finding], tuple[str, ...]]] = {
    "street": lambda finding: (finding.visit.site.street.code,) if finding.visit.site.street else (),
    "community": lambda finding: (finding.visit.site.home.code,),
    "site": lambda finding: (finding.visit.site.code,),
}


def reference(level: Level) -> dict[str, Decimal | None]:
    """The rates by the Python rule, from one tally a finding."""
    tallies = []
    for finding in Finding.objects.exclude(verdict="na").select_related(
        "visit__site__street", "visit__site__home", "criterion"
    ):
        passed = finding.verdict == "pass"
        street, community, site = (KEYS[each](finding)[0] for each in ("street", "community", "site"))
        tallies.append(
            Tally(street, community, site, finding.criterion.code, passed, not passed, finding.criterion.weight)
        )
    return {key[-1]: rate.rate for key, rate in rates_by(tallies, level=level).items()}


@pytest.mark.parametrize(
    ("level", "database"), [("street", street_rates), ("community", community_rates), ("site", site_rates)]
)
def test_rates_counted_in_the_database_equal_the_reference_rule(
    world: World, level: Level, database: Callable[..., list[Rated]]
) -> None:
    walks = june(world)
    walks.walk(walks.third_street(), now=NOW + timedelta(hours=4), LANE_01="fail", LANE_02="na")
    found = {row.key: row.observed.rate for row in database(SYSTEM, FIRST, LAST)}
    assert found == reference(level)
    assert len(found) >= 3


def test_criteria_come_worst_first_and_stay_inside_ones_branch(world: World) -> None:
    june(world)
    clerk, other = world.actor("clerk"), world.actor("gz_clerk")
    assert [row.key for row in criterion_rates(clerk, FIRST, LAST)] == [
        "LANE-01", "LANE-02", "RES-10", "RES-11", "RES-12",
    ]  # fmt: skip
    assert criterion_rates(other, FIRST, LAST) == []
    assert overall(other, FIRST, LAST).rate is None
    assert (overall(clerk, FIRST, LAST).passed, overall(clerk, FIRST, LAST).failed) == (4, 3)
    assert [row.name for row in site_rates(world.actor("wf_chief"), FIRST, LAST)] == ["文峰巷"]


def test_a_sheet_follows_from_its_basis_also_after_cases_moved_on(world: World) -> None:
    june(world).third_street()
    open_case = world.case_at(Status.HANDLING)
    sheet = compute(world)
    assert recompute(sheet) == []
    worker = world.actor("wy_worker")
    cases.rectify(case_id=open_case.pk, note="已清", by=worker, now=JULY)
    assert recompute(sheet) == []


def drop_a_failed_finding(row: ScoreLine) -> None:
    row.basis["field"]["failed"].pop()


def drop_a_finding(row: ScoreLine) -> None:
    row.basis["field"]["findings"] = row.basis["field"]["findings"][1:]


def take_anothers_case(row: ScoreLine) -> None:
    row.basis["rectification"]["cases"].append(999_999)


def raise_the_total(row: ScoreLine) -> None:
    row.total_shown = row.total_exact = "99.00"


def swap_the_place(row: ScoreLine) -> None:
    row.place = 1


def soften_a_reason(row: ScoreLine) -> None:
    row.reasons[0] = "现场得分率：情况良好。"


def leave_out(row: ScoreLine) -> None:
    row.place, row.total_shown, row.total_exact = None, "", ""


@pytest.mark.parametrize(
    "tamper",
    [
        drop_a_failed_finding, drop_a_finding, take_anothers_case, raise_the_total, swap_the_place, soften_a_reason,
        leave_out,
    ],
)  # fmt: skip
def test_a_line_that_was_tampered_with_is_found_and_never_released(
    world: World, tamper: Callable[[ScoreLine], None]
) -> None:
    june(world)
    sheet = compute(world)
    row = line(sheet, "文峰街道")
    tamper(row)
    row.save()
    assert recompute(sheet)
    with pytest.raises(Refused):
        release(world, sheet)


def test_a_released_sheet_never_changes(world: World) -> None:
    june(world)
    sheet, rival = compute(world), compute(world)
    release(world, sheet)
    with pytest.raises(Refused, match="已经发布，不能再改"):
        release(world, sheet)
    with pytest.raises(Refused, match="已经发布，不能删除"):
        discard_sheet(sheet_id=sheet.pk, by=world.actor("chief"), now=JULY)
    with pytest.raises(Refused, match="已经发布过一份"):
        release(world, rival)
    assert Event.objects.filter(kind="score.released", subject_id=sheet.pk).count() == 1
    assert compute(world).pk not in {sheet.pk, rival.pk}


def test_the_database_itself_keeps_one_released_sheet_a_period(world: World) -> None:
    june(world)
    release(world, compute(world))
    rival = compute(world)
    with pytest.raises(IntegrityError), transaction.atomic():
        ScoreSheet.objects.filter(pk=rival.pk).update(released_at=JULY, released_by="某人")


def test_a_sheet_computed_before_the_end_of_the_period_is_not_released(world: World) -> None:
    june(world)
    preview = compute(world, now=datetime(2020, 6, 30, 23, 59, tzinfo=BEIJING))
    with pytest.raises(Refused, match="本期结束前计算"):
        release(world, preview)
    assert release(world, compute(world, now=datetime(2020, 7, 1, 0, 0, tzinfo=BEIJING))).is_released


@pytest.mark.parametrize("username", ["clerk", "gz_clerk", "xt_chief", "leader"])
def test_only_the_offices_chief_releases(world: World, username: str) -> None:
    june(world)
    sheet = compute(world)
    with pytest.raises(Refused):
        release(world, sheet, by=username)
    with pytest.raises(Refused, match="主任发布"):
        release_shown(sheet_id=sheet.pk, by=SYSTEM, now=JULY)
    sheet.refresh_from_db()
    assert not sheet.is_released


def test_every_objection_to_a_computation_is_named_at_once(world: World) -> None:
    with pytest.raises(Refused) as refusal:
        compute(world, by="xt_chief", rule_name="没有的规则", start=date(2020, 8, 1), end=LAST)
    assert len(refusal.value.objections) == 4
    with pytest.raises(Refused, match="系统考核（system）、履职考核（duty）"):
        compute(world, rule_name="nantong-2016")
    with pytest.raises(Refused, match="没有街道"):
        compute(world, by="gz_clerk")


def test_a_local_paper_brings_its_own_weights(world: World) -> None:
    june(world)
    sheet = compute(world, rule_name="", rule_text=OWN_RULE)
    assert (sheet.rule_name, sheet.rule.parts[0].weight) == ("chongchuan-2020", Decimal(1))
    assert line(sheet, "学田街道").total_shown == "72.73"
    with pytest.raises(Refused, match="另取一个代号"):
        compute(world, rule_text=OWN_RULE.replace("chongchuan-2020", "district-month"))
    with pytest.raises(Refused, match="TOML"):
        compute(world, rule_text="权重 = ")
    assert {rule.name for rule in usable_rules()} == {"district-month", "field-rate"}


SEES_DRAFT = {"clerk", "chief", "leader"}
SEES_RELEASED = SEES_DRAFT | {"xt_chief", "xt01_worker", "wy_worker", "wy_chief", "wf_chief", "cg_worker"}


def test_units_see_a_sheet_once_it_is_released_and_strangers_never(world: World) -> None:
    june(world)
    sheet = compute(world)
    everybody = [*SEES_RELEASED, "admin", "inspector", "grid", "gz_clerk"]
    assert {name for name in everybody if sheets_for(world.actor(name)).exists()} == SEES_DRAFT
    release(world, sheet)
    assert {name for name in everybody if sheets_for(world.actor(name)).exists()} == SEES_RELEASED
    with pytest.raises(NotFound):
        sheet_for(world.actor("gz_clerk"), sheet.pk)


def test_a_line_opens_down_to_the_judgement_its_place_and_its_photo(world: World) -> None:
    june(world)
    by = world.actor("inspector")
    finding = Finding.objects.get(criterion__code="RES-10", verdict="fail")
    finding.photos.create(photo_id=photo_id(by))
    sheet = release(world, compute(world))
    opened = line_for(world.actor("xt_chief"), sheet.pk, world.unit("XT").pk)
    assert (opened.part, opened.group, opened.pages, opened.hidden) == ("field", "failed", 1, 0)
    assert [(each.criterion.text, each.visit.site.name) for each in opened.findings] == [
        ("楼道内没有堆放杂物", "学田苑")
    ]
    assert [each.photo.media_type for each in opened.findings[0].photos.all()] == ["image/jpeg"]
    late = line_for(world.actor("clerk"), sheet.pk, world.unit("WF").pk, part="rectification", group="late")
    assert [case.criterion_code for case in late.cases] == ["LANE-02"]
    assert [(each["label"], each["count"]) for each in late.groups][:2] == [("全部判定", 2), ("不合格判定", 2)]


def test_anothers_line_shows_its_figures_but_not_the_single_judgements(world: World) -> None:
    june(world)
    sheet = release(world, compute(world))
    opened = line_for(world.actor("wf_chief"), sheet.pk, world.unit("XT").pk)
    assert (list(opened.findings), opened.hidden) == ([], 1)
    assert opened.line.reasons
    late = line_for(world.actor("xt_chief"), sheet.pk, world.unit("WF").pk, part="rectification", group="late")
    assert (list(late.cases), late.hidden) == ([], 1)


def test_a_long_basis_comes_in_pages(world: World) -> None:
    june(world)
    sheet = compute(world)
    unit = world.unit("XT").pk
    pages = [
        line_for(world.actor("clerk"), sheet.pk, unit, part="field", group="findings", page=page, size=2)
        for page in (1, 2, 3)
    ]
    assert [len(page.findings) for page in pages] == [2, 2, 1]
    assert {page.pages for page in pages} == {3}
    assert line_for(world.actor("clerk"), sheet.pk, unit, part="field", group="findings", page=99, size=2).page == 3
    with pytest.raises(NotFound):
        line_for(world.actor("clerk"), sheet.pk, world.unit("GZ").pk)


def test_residents_see_the_newest_released_table_and_no_draft(world: World) -> None:
    june(world)
    sheet = compute(world)
    assert released_table() is None
    with pytest.raises(NotFound):
        released_table(sheet.pk)
    release(world, sheet)
    table = released_table(scope_code="CC")
    assert table is not None
    assert [(row.place, row.unit_name) for row in table.ranked] == [(1, "学田街道"), (2, "文峰街道")]
    assert table.part_labels == ["现场得分率", "按期整改率", "一次核查通过率"]
    assert all(row.reasons for row in table.ranked)
    assert released_table(scope_code="GZ") is None


def test_a_draft_is_thrown_away_and_the_journal_remembers(world: World) -> None:
    june(world)
    sheet = compute(world)
    with pytest.raises(NotFound):
        discard_sheet(sheet_id=sheet.pk, by=world.actor("gz_clerk"), now=JULY)
    discard_sheet(sheet_id=sheet.pk, by=world.actor("clerk"), now=JULY)
    assert not ScoreSheet.objects.exists()
    assert Event.objects.filter(kind="score.discarded", subject_id=sheet.pk).exists()
    with pytest.raises(NotFound):
        discard_sheet(sheet_id=sheet.pk, by=world.actor("clerk"), now=JULY)


def test_the_house_ranks_the_branch_that_holds_all_streets(world: World) -> None:
    june(world)
    sheet = compute_sheet(rule_name="field-rate", start=FIRST, end=LAST, by=SYSTEM, now=JULY)
    assert sheet.scope.code == "CC"
    with pytest.raises(NotFound):
        compute(world, scope_code="GZ")
    Unit.objects.filter(kind="street").update(active=False)
    with pytest.raises(Refused, match="请先建立街道"):
        compute_sheet(rule_name="field-rate", start=FIRST, end=LAST, by=SYSTEM, now=JULY)


def test_a_table_costs_the_same_however_many_streets(
    world: World, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    june(world).third_street()
    sheet = compute(world)
    clerk = world.actor("clerk")
    with django_assert_num_queries(2):
        league_table(sheet_for(clerk, sheet.pk))
    with django_assert_num_queries(1):
        rows: list[Any] = list(sheets_for(clerk))
    assert [(row.ranked, row.left_out) for row in rows] == [(2, 1)]
