"""What the figures of re-checks say, and to whom."""

from collections.abc import Sequence
from datetime import timedelta
from random import Random

import pytest

from chuangwen.cases.models import Case
from chuangwen.patrols.models import Finding, Patrol, Visit
from chuangwen.places.models import Site
from chuangwen.rechecks import figures
from chuangwen.rechecks.figures import Span, clean_rounds, clean_sites, criterion_agreement, fast_fixes, pair_agreement
from chuangwen.rechecks.models import Task
from chuangwen.rechecks.operations import cancel_draw
from chuangwen.rechecks.tasks import finish_recheck, judge_again
from chuangwen.rules.case_flow import Status
from chuangwen.rules.refusals import Refused
from chuangwen.standards.models import Criterion
from chuangwen.standards.queries import standard_for
from tests.rechecking import AFTER, a_week, decided
from tests.rounds import small_edition
from tests.world import NOW, World

SPAN = Span(NOW - timedelta(days=90), AFTER + timedelta(days=1))


def looked_again(world: World) -> None:
    """Everything that has an inspector is looked at again; one criterion of one visit is judged otherwise."""
    a_week(world)
    decided(world)
    for task in Task.objects.filter(inspector__isnull=False).select_related("inspector", "candidate"):
        by = world.actor(task.inspector.username if task.inspector else "")
        if task.verdicts.filter(criterion__code="RES-01").exists():
            judge_again(task_id=task.pk, criterion_code="RES-01", verdict="fail", by=by, now=AFTER)
        finish_recheck(task_id=task.pk, rest_passes=True, by=by, now=AFTER)


def test_a_criterion_on_which_two_looks_differ_stands_first(world: World) -> None:
    looked_again(world)
    lines = criterion_agreement(world.actor("leader"), SPAN)
    assert (lines[0].code, lines[0].agreement.share, lines[0].failed_second) == ("RES-01", 0.0, 1)
    assert {line.agreement.share for line in lines[1:]} == {1.0}
    assert not lines[0].tells
    with pytest.raises(Refused):
        criterion_agreement(world.actor("wy_chief"), SPAN)


def test_what_a_cancelled_draw_found_does_not_count(world: World) -> None:
    looked_again(world)
    draw = Task.objects.first().candidate.draw  # type: ignore[union-attr]  # there are tasks
    cancel_draw(draw_id=draw.pk, reason="号码抄错", by=world.actor("clerk"), now=AFTER)
    assert criterion_agreement(world.actor("clerk"), SPAN) == []


def test_pairs_stand_by_name_whoever_looked_first_and_only_for_the_office(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked_again(world)
    assert pair_agreement(world.actor("clerk"), SPAN) == ([], 1)
    monkeypatch.setattr(figures, "LEAST_SHARED", 5)
    (line,), few = pair_agreement(world.actor("clerk"), SPAN)
    assert (line.names, few) == (("巡查员乙", "巡查员甲"), 0)
    assert (line.agreement.n, line.agreement.agreed) == (7, 6)  # two visits of one and one visit of the other
    with pytest.raises(Refused, match="只供文明办"):
        pair_agreement(world.actor("leader"), SPAN)


def rounds(world: World, count: int) -> Sequence[Patrol]:
    """So many rounds of twenty places; on all but the first about every fifth criterion fails."""
    edition, rng = small_edition(), Random(7)
    criteria = list(Criterion.objects.filter(point_type="RES"))
    fields = {
        "point_type": "RES",
        "home": world.compound.home,
        "street": world.compound.street,
        "owner": world.compound.owner,
    }
    sites = Site.objects.bulk_create(
        [
            Site(code=f"R-{n}", name=f"小区{n}", lng=world.compound.lng, lat=world.compound.lat, **fields)
            for n in range(20)
        ]
    )
    inspector = world.actor("inspector").user_id or 0
    patrols = Patrol.objects.bulk_create(
        [
            Patrol(title=f"第{n}次", edition=edition, starts_at=NOW, ends_at=AFTER, created_at=NOW, created_by="周文")
            for n in range(count)
        ]
    )
    visits = Visit.objects.bulk_create(
        [
            Visit(patrol=patrol, site=site, inspector_id=inspector, started_at=NOW, finished_at=NOW)
            for patrol in patrols
            for site in sites
        ]
    )
    Finding.objects.bulk_create(
        [
            Finding(
                visit=visit, criterion=criterion, found_at=NOW,
                verdict="fail" if visit.patrol_id != patrols[0].pk and rng.random() < 0.2 else "pass",
            )
            for visit in visits for criterion in criteria
        ]
    )  # fmt: skip
    return patrols


def test_the_round_on_which_nothing_failed_is_listed_with_its_figures(world: World) -> None:
    patrols = rounds(world, 40)
    found = clean_rounds(world.actor("clerk"), SPAN)
    assert (found.judged, found.flagged) == (40, 1)
    (line,) = found.lines
    assert (line.row.key, line.row.n, line.row.observed, line.title) == (patrols[0].pk, 60, 0, "第0次")
    assert 9 < line.row.expected < 15
    assert clean_sites(world.actor("clerk"), SPAN).flagged == 0
    assert clean_rounds(world.actor("gz_clerk"), SPAN).judged == 0
    with pytest.raises(Refused, match="只供文明办"):
        clean_rounds(world.actor("leader"), SPAN)


def test_a_fix_within_two_minutes_is_listed_and_one_sent_back_is_not(world: World) -> None:
    rng, standard = Random(3), standard_for("T-4WH")
    fields = {
        "status": Status.CLOSED.value, "origin_kind": "report", "home": world.compound.home, "unit": world.compound.owner,
        "standard": standard, "reported_at": NOW, "act_by": NOW, "clock_started_at": NOW,
    }  # fmt: skip
    rows = [Case(title=f"第{n}件", rectified_at=NOW + timedelta(hours=rng.uniform(3, 9)), **fields) for n in range(40)]
    quick = Case(title="两分钟", rectified_at=NOW + timedelta(minutes=2), **fields)
    again = Case(title="返工", rectified_at=NOW + timedelta(minutes=1), rework_count=1, **fields)
    Case.objects.bulk_create([*rows, quick, again])
    found = fast_fixes(world.actor("clerk"), SPAN)
    assert (found.judged, [line.title for line in found.lines]) == (41, ["两分钟"])
    assert 150 < found.lines[0].row.usual < 600
    assert found.lines[0].standard == str(standard)
    assert fast_fixes(world.actor("gz_clerk"), SPAN).judged == 0
