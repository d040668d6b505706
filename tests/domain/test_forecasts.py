"""Forecasts from the district's own records: asked for, computed by the worker, kept, and why they moved."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from chuangwen.forecasts.computing import run_forecast
from chuangwen.forecasts.models import Run, RunLever
from chuangwen.forecasts.operations import (
    ask_daily,
    ask_forecast,
    enter_past_exam,
    put_setting,
    withdraw_past_exam,
)
from chuangwen.forecasts.queries import behind, latest, lever_for, site_values, veto_watch
from chuangwen.jobs.loops import react_once
from chuangwen.jobs.reactions import REACTIONS
from chuangwen.journal.models import Event
from chuangwen.patrols.models import Finding
from chuangwen.places.models import Site
from chuangwen.rules.refusals import Conflict, NotFound, Refused
from tests.forecasting import PLAN, looked_around, setting
from tests.world import NOW, World

pytestmark = pytest.mark.embedded
WEEK = timedelta(days=7)


def home(world: World) -> int:
    return world.unit("CC").pk


def told(world: World, now: Any = NOW) -> Run:
    run = ask_forecast(home_id=home(world), by=world.actor("clerk"), now=now, runs=500)
    assert run_forecast(run_id=run.pk, now=now + timedelta(minutes=1))
    run.refresh_from_db()
    return run


def test_the_worker_forecasts_from_the_districts_records_and_says_where_a_visit_is_worth_most(world: World) -> None:
    looked_around(world, NOW - timedelta(days=2))
    setting(world)
    assert latest() is None
    assert site_values(NOW) == {}
    run = ask_forecast(home_id=home(world), by=world.actor("clerk"), now=NOW, runs=500)
    assert ask_forecast(home_id=home(world), by=world.actor("chief"), now=NOW).pk == run.pk  # one under way is enough
    assert "forecast.asked" in REACTIONS
    while react_once(NOW):
        pass
    run.refresh_from_db()
    assert run.refused == []
    assert run.progress == 100
    assert (run.counts["patrol"], run.counts["sites"], len(run.digest)) == (8, 4, 64)
    assert "没有写测评员的宽严" in "".join(run.result["warnings"])
    assert not run_forecast(run_id=run.pk, now=NOW)  # a finished one stays as it is
    found = latest()
    assert found is not None
    assert found.q05 < found.mean < found.q95
    assert found.line == 80
    assert found.levers[0].why.startswith(found.levers[0].street)
    values = site_values(NOW)
    assert set(values) == set(Site.objects.filter(home__path__startswith="/NT/CC/").values_list("pk", flat=True))
    assert all(value > 0 for value in values.values())
    assert values[Site.objects.get(code="S-RES-3").pk] > values[world.compound.pk]  # nobody has looked there yet
    assert {"forecast.asked", "forecast.done"} <= set(Event.objects.values_list("kind", flat=True))


def test_a_lever_leads_to_its_findings_and_their_cases(world: World) -> None:
    looked_around(world, NOW - timedelta(days=2))
    setting(world)
    run = told(world)
    lever = RunLever.objects.filter(run=run, criterion__code="RES-10", failing=1).get()
    rests = behind(world.actor("leader"), lever_for(world.actor("leader"), lever.pk))
    assert (rests.checks, rests.failed) == (2, 1)  # two compounds in that street
    assert rests.findings[0].case is not None
    assert "最近查到 1 处不合格" in lever.why
    with pytest.raises(NotFound):
        lever_for(world.actor("gz_clerk"), lever.pk)


def test_what_changed_since_last_week_adds_up(world: World) -> None:
    looked_around(world, NOW - timedelta(days=9))
    setting(world)
    before = told(world, NOW - WEEK)
    looked_around(world, NOW - timedelta(days=1), failing=())
    after = told(world)
    assert after.compared_with == before
    parts = {row["cause"]: row["points"] for row in after.changes}
    assert set(parts) == {"observations", "settings", "veto"}
    difference = after.result["total"]["mean"] - before.result["total"]["mean"]
    assert sum(parts.values()) == pytest.approx(difference, abs=1e-4)
    assert parts["observations"] > 1  # what failed passes now
    assert abs(parts["settings"]) < 1.5
    assert after.digest != before.digest
    assert told(world, NOW + timedelta(hours=1)).digest != ""


def test_what_cannot_be_used_is_named_and_what_cannot_be_computed_is_refused_with_reasons(world: World) -> None:
    patrol = looked_around(world, NOW - timedelta(days=2))
    row = setting(world)
    Finding.objects.filter(visit__patrol=patrol, criterion__code="RES-16").update(found_at=NOW + timedelta(days=400))
    Site.objects.filter(code="S-RES-2").update(active=False)
    run = told(world)
    assert "点位已停用、不在本区" in "".join(run.result["warnings"])
    put_setting(
        home_id=row.home_id, edition_id=row.edition_id, toml=PLAN.replace("RES = 2", "RES = 40"), by=world.actor("clerk"),
        now=NOW,
    )  # fmt: skip
    refused = told(world, NOW + timedelta(hours=1))
    assert not refused.done
    assert refused.refused == ["计划要抽 RES 40 处，已知只有 2 处。请改小，或在 [known] 写明共有几处。"]
    assert latest() is not None  # the last good one stays
    Finding.objects.all().delete()
    assert any("没有一条" in sentence for sentence in told(world, NOW + timedelta(hours=2)).refused)


def test_settings_are_kept_by_version_and_refused_with_every_objection(world: World) -> None:
    clerk, row = world.actor("clerk"), setting(world)
    facts: dict[str, Any] = {"home_id": row.home_id, "edition_id": row.edition_id, "by": clerk, "now": NOW}
    assert put_setting(toml=row.toml, **facts) == row
    changed = put_setting(toml=PLAN.replace("80", "85"), **facts, seen_version=1)
    assert (changed.version, changed.day.isoformat()) == (2, "2020-09-01")
    with pytest.raises(Conflict):
        put_setting(toml=PLAN, **facts, seen_version=1)
    with pytest.raises(Refused) as refused:
        put_setting(toml='date = "soon"\nline = 101\n[places]\nXX = 1\n[weights]\nfield = 50\n', **facts)
    said = "".join(refused.value.objections)
    for words in ("测评日期 date 没有写对", "应在 0 到 100 之间", "合计应为 100，现为 50"):
        assert words in said, words
    with pytest.raises(Refused, match="XX"):
        put_setting(toml=PLAN + "XX = 1\n", **facts)
    with pytest.raises(NotFound):
        put_setting(toml=PLAN, **{**facts, "by": world.actor("gz_clerk")})
    put_setting(toml=PLAN.replace("2020-09-01", "2020-01-01"), **facts)
    with pytest.raises(Refused, match="已经过了"):
        ask_forecast(home_id=row.home_id, by=clerk, now=NOW)
    assert ask_daily(now=NOW) == 0


def test_past_examinations_say_how_strict_the_examiners_are(world: World) -> None:
    clerk = world.actor("clerk")
    looked_around(world, NOW - timedelta(days=2))
    setting(world)
    usual = told(world)
    facts: dict[str, Any] = {
        "home_id": home(world), "name": "2019年省测", "held_on": (NOW - timedelta(days=300)).date(),
        "our_rate": Decimal(92), "our_checks": 2000, "their_rate": Decimal(80), "their_checks": 1166, "source": "省通报〔2019〕8号",
        "by": clerk, "now": NOW,
    }  # fmt: skip
    row = enter_past_exam(**facts)
    with pytest.raises(Refused, match="已经登记过"):
        enter_past_exam(**facts)
    with pytest.raises(Refused) as refused:
        enter_past_exam(**{**facts, "name": " ", "held_on": None, "our_rate": Decimal(101), "their_checks": 0})
    assert len(refused.value.objections) == 4
    stricter = told(world, NOW + timedelta(hours=1))
    assert stricter.result["total"]["mean"] < usual.result["total"]["mean"] - 2
    assert "由 1 次以往测评推得" in "".join(stricter.result["warnings"])
    withdraw_past_exam(exam_id=row.pk, by=clerk, now=NOW)
    assert withdraw_past_exam(exam_id=row.pk, by=clerk, now=NOW).withdrawn_at == NOW
    assert told(world, NOW + timedelta(hours=2)).counts["pairs"] == 0
    assert ask_daily(now=NOW + timedelta(hours=3)) == 1


def test_the_veto_watch_counts_open_cases_of_that_class(world: World) -> None:
    row = setting(world)
    assert veto_watch(world.actor("leader"), world.unit("CC"), row.edition_id, NOW).quiet
    case = world.open_case(severity="V")
    watch = veto_watch(world.actor("leader"), world.unit("CC"), row.edition_id, NOW)
    assert (watch.open_cases, list(watch.cases)) == (1, [case])
