"""Beside a score sheet: the same findings without the strictness of who looked, and how sure each place is."""

import re
from collections.abc import Callable
from datetime import date, timedelta

import pytest
from django.db import models
from django.test import Client

from chuangwen.jobs.loops import react_once
from chuangwen.journal.models import Event
from chuangwen.scores.fair import work_out_fair_figures
from chuangwen.scores.models import FairFigures, ScoreSheet
from chuangwen.scores.operations import compute_sheet
from tests.budgets import budget
from tests.walks import JULY, Walks, june, release_shown
from tests.world import NOW, World

Enter = Callable[[str], Client]


@pytest.fixture
def walks(world: World, monkeypatch: pytest.MonkeyPatch) -> Walks:
    """The June of the walks, seen on the first morning of July."""
    found = june(world)
    monkeypatch.setattr("chuangwen.http.clock", lambda: JULY)
    return found


def sheet_of(walks: Walks, *, first: date = date(2020, 6, 1), last: date = date(2020, 6, 30)) -> ScoreSheet:
    """A draft by the monthly rule."""
    clerk = walks.world.actor("clerk")
    return compute_sheet(rule_name="district-month", start=first, end=last, by=clerk, now=JULY)


def shown(client: Client, sheet: ScoreSheet) -> str:
    answer = client.get(f"/desk/scores/{sheet.pk}/fair/")
    assert answer.status_code == 200
    return answer.content.decode()


def test_the_worker_works_the_figures_out_and_the_page_shows_them(walks: Walks, enter: Enter) -> None:
    sheet = sheet_of(walks)
    clerk = enter("clerk")
    assert "还没有对照" in shown(clerk, sheet)
    while react_once(JULY):
        pass
    page = shown(clerk, sheet)
    figures = FairFigures.objects.get(sheet=sheet)
    for row in figures.units:
        assert row["unit"] in page
        assert 1 <= row["best"] <= row["place_adjusted"] <= row["worst"] <= len(figures.units)
    assert "看到的" in page
    assert "名次只供参考" in page
    assert Event.objects.filter(kind="score.fair", subject_id=sheet.pk).count() == 1


def test_raw_rates_agree_with_the_published_part(walks: Walks) -> None:
    sheet = sheet_of(walks)
    work_out_fair_figures(sheet_id=sheet.pk, now=JULY)
    figures = {row["unit"]: row for row in FairFigures.objects.get(sheet=sheet).units}
    for line in sheet.lines.all():
        part = next((part for part in line.parts if part["key"] == "field"), None)
        if part and not part["imputed"]:
            assert figures[line.unit_name]["raw"] == pytest.approx(float(part["value"]) / 100, abs=1e-6)
            assert figures[line.unit_name]["observations"] == len(line.basis["field"]["findings"])


def test_worked_out_once_however_often_asked(walks: Walks) -> None:
    sheet = sheet_of(walks)
    assert work_out_fair_figures(sheet_id=sheet.pk, now=JULY)
    assert not work_out_fair_figures(sheet_id=sheet.pk, now=JULY)
    assert not work_out_fair_figures(sheet_id=0, now=JULY)
    assert FairFigures.objects.count() == 1


def test_the_published_sheet_stays_as_it_was(walks: Walks) -> None:
    sheet = release_shown(sheet_id=sheet_of(walks).pk, by=walks.world.actor("chief"), now=JULY)
    before = list(sheet.lines.values_list("unit_name", "place", "total_exact"))
    work_out_fair_figures(sheet_id=sheet.pk, now=JULY)
    assert list(sheet.lines.values_list("unit_name", "place", "total_exact")) == before


def test_a_period_without_visits_has_nothing_to_compare(walks: Walks, enter: Enter) -> None:
    sheet = sheet_of(walks, first=date(2020, 5, 1), last=date(2020, 5, 2))
    assert not work_out_fair_figures(sheet_id=sheet.pk, now=JULY)
    assert "还没有对照" in shown(enter("clerk"), sheet)


def test_last_time_is_held_against_this_time_with_what_moved_the_total(walks: Walks, enter: Enter) -> None:
    first = release_shown(sheet_id=sheet_of(walks, last=date(2020, 6, 24)).pk, by=walks.world.actor("chief"), now=JULY)
    later = NOW + timedelta(days=3)
    bad = walks.walk(walks.world.compound, now=later, RES_10="fail")
    walks.walk(walks.world.lane, now=later + timedelta(hours=1))
    walks.put_right(bad["RES_10"], now=later + timedelta(hours=2), rework=True)
    second = sheet_of(walks, first=date(2020, 6, 25))
    for sheet in (first, second):
        work_out_fair_figures(sheet_id=sheet.pk, now=JULY)
    page = shown(enter("clerk"), second)
    moved = page.split("总分为什么变了")[1].split("</section>")[0]
    assert 'class="cw-moved-lost"' in moved  # what cost points stands as a bar, with its points beside it
    assert re.search(r'cw-number">-\d+\.\d\d<', moved)
    assert "比上期" in page


def test_nothing_about_single_inspectors_is_kept() -> None:
    columns = {field.name for field in FairFigures._meta.get_fields() if isinstance(field, models.Field)}
    assert columns == {"id", "sheet", "units", "warnings", "spread", "checks", "computed_at"}


def test_the_page_stays_within_its_statements(walks: Walks, enter: Enter) -> None:
    sheet = sheet_of(walks)
    work_out_fair_figures(sheet_id=sheet.pk, now=JULY)
    clerk = enter("clerk")
    with budget("GET /desk/scores/{sheet_id}/fair/"):
        shown(clerk, sheet)


def test_who_plans_rounds_is_told_when_nobody_ever_looked_where_another_did(walks: Walks, enter: Enter) -> None:
    clerk = enter("clerk")
    assert "让巡查员轮换" not in clerk.get("/desk/patrols/new/").content.decode()
    sheet = sheet_of(walks)
    work_out_fair_figures(sheet_id=sheet.pk, now=JULY)
    few = "检查不到 30 条，名次只供参考：学田街道（4 条）。"
    visit = "建议安排 甲（1）到 学田街道复查一次，把两组连起来。"
    FairFigures.objects.filter(sheet=sheet).update(warnings=[few, visit])
    page = clerk.get("/desk/patrols/new/").content.decode()
    assert "让巡查员轮换" in page
    assert visit in page
    assert few not in page
