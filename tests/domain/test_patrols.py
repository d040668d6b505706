"""Rounds, verdicts and what follows from them."""

from datetime import timedelta

import pytest

from chuangwen.cases.models import Case
from chuangwen.patrols.models import Finding, Patrol
from chuangwen.patrols.operations import cancel_patrol, finish_visit, plan_patrol, record_finding
from chuangwen.rules.case_flow import Status
from chuangwen.rules.refusals import NotFound, Refused
from tests.rounds import small_edition, small_patrol
from tests.world import NOW, World, photo_id


def judge(world: World, patrol: Patrol, code: str, verdict: str, **given: object) -> Finding:
    """A verdict of the inspector at the compound."""
    fields: dict[str, object] = {"site_id": world.compound.pk, "by": world.actor("inspector"), "now": NOW, **given}
    return record_finding(patrol_id=patrol.pk, criterion_code=code, verdict=verdict, **fields)  # type: ignore[arg-type]  # test data


def test_a_failed_criterion_opens_a_case_with_standard_owner_and_deadline(world: World) -> None:
    patrol = small_patrol(world)
    finding = judge(world, patrol, "RES-01", "fail", note="3号楼前路面破损")
    assert finding.case_id is not None
    case = Case.objects.get(pk=finding.case_id)
    assert case.flow_status is Status.DISPATCHED
    assert case.standard is not None
    assert case.standard.code == "T-4WH"
    assert case.unit == world.compound.owner
    assert case.due_at is not None
    assert case.origin_kind == "finding"
    assert case.origin_id == finding.pk


def test_pass_and_not_applicable_open_nothing(world: World) -> None:
    patrol = small_patrol(world)
    judge(world, patrol, "RES-01", "pass")
    judge(world, patrol, "RES-16", "na")
    assert Case.objects.count() == 0


def test_a_photo_is_asked_for_only_where_the_criterion_needs_it(world: World) -> None:
    patrol = small_patrol(world)
    with pytest.raises(Refused, match="须拍一张"):
        judge(world, patrol, "RES-10", "fail")
    photo = photo_id(world.actor("inspector"))
    case = judge(world, patrol, "RES-10", "fail", photo_ids=[photo]).case
    assert case is not None
    assert [row.photo_id for row in case.photos.all()] == [photo]


def test_the_same_submission_twice_is_one_finding_and_one_case(world: World) -> None:
    patrol = small_patrol(world)
    first = judge(world, patrol, "RES-01", "fail", client_key="k")
    assert judge(world, patrol, "RES-01", "fail", client_key="k").pk == first.pk
    assert Case.objects.count() == 1


def test_correcting_a_verdict_withdraws_the_case_while_nobody_began(world: World) -> None:
    patrol = small_patrol(world)
    case = judge(world, patrol, "RES-01", "fail").case
    assert case is not None
    finding = judge(world, patrol, "RES-01", "pass")
    case.refresh_from_db()
    assert case.flow_status is Status.CANCELLED
    assert finding.case_id is None
    again = judge(world, patrol, "RES-01", "fail")
    assert again.case_id not in {None, case.pk}


def test_a_case_under_way_cannot_be_corrected_away(world: World) -> None:
    from chuangwen.cases.operations import receive

    patrol = small_patrol(world)
    case = judge(world, patrol, "RES-01", "fail").case
    assert case is not None
    receive(case_id=case.pk, by=world.actor("wy_worker"), now=NOW)
    with pytest.raises(Refused, match="已立案并开始整改"):
        judge(world, patrol, "RES-01", "pass")


def test_finishing_needs_every_verdict_or_the_statement_that_the_rest_is_in_order(world: World) -> None:
    patrol = small_patrol(world)
    judge(world, patrol, "RES-01", "pass")
    site, by = world.compound.pk, world.actor("inspector")
    with pytest.raises(Refused, match="RES-10"):
        finish_visit(patrol_id=patrol.pk, site_id=site, rest_passes=False, by=by, now=NOW)
    finish_visit(patrol_id=patrol.pk, site_id=site, rest_passes=True, by=by, now=NOW)
    assert Finding.objects.filter(verdict="pass").count() == 3
    with pytest.raises(Refused, match="已提交完成"):
        judge(world, patrol, "RES-01", "fail")


def test_position_is_kept_only_with_a_failed_finding(world: World) -> None:
    patrol = small_patrol(world)
    place = {"lng": world.compound.lng, "lat": world.compound.lat}
    assert judge(world, patrol, "RES-01", "pass", **place).lng is None
    assert judge(world, patrol, "RES-16", "fail", **place).lng == world.compound.lng


def test_a_round_is_for_those_it_names(world: World) -> None:
    patrol = small_patrol(world)
    with pytest.raises(NotFound):
        judge(world, patrol, "RES-01", "fail", by=world.actor("inspector2"))
    with pytest.raises(NotFound):
        judge(world, patrol, "RES-01", "fail", by=world.actor("clerk"))


def test_a_plan_with_mistakes_names_them_all(world: World) -> None:
    with pytest.raises(Refused) as refusal:
        plan_patrol(
            title=" ", edition_id=0, site_ids=[], inspector_ids=[], starts_at=NOW, ends_at=NOW - timedelta(hours=1),
            by=world.actor("clerk"), now=NOW,
        )  # fmt: skip
    assert len(refusal.value.objections) == 5


def test_a_cancelled_round_takes_no_more_verdicts(world: World) -> None:
    patrol = small_patrol(world, edition=small_edition())
    cancel_patrol(patrol_id=patrol.pk, reason="暴雨", by=world.actor("clerk"), now=NOW)
    with pytest.raises(Refused, match="已取消"):
        judge(world, patrol, "RES-01", "fail")
