"""Burden: what was asked is counted, a month has its bound, and what does not fit does not start."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from chuangwen.asked.operations import read_burden
from chuangwen.asked.queries import asked_in
from chuangwen.burden import operations
from chuangwen.burden.models import Budget, Claim, Reading
from chuangwen.burden.queries import claims, home_of, minutes_rows, rooms_for, standard
from chuangwen.campaigns import operations as campaigns
from chuangwen.campaigns.models import Campaign
from chuangwen.directives.operations import link_cases
from chuangwen.journal.models import Event
from chuangwen.rules.burden import Asked, Demand, Task, lines_of
from chuangwen.rules.case_flow import Status
from chuangwen.rules.permissions import SYSTEM, Role
from chuangwen.rules.refusals import Conflict, Refused
from chuangwen.supervision import operations as supervision
from tests.campaign_world import dragnet
from tests.directed import given_to
from tests.rounds import small_edition, small_patrol
from tests.supervised import facts as supervised_facts
from tests.supervised import round_of, secret
from tests.world import NOW, World

JUNE, JULY, AUGUST = date(2020, 6, 1), date(2020, 7, 1), date(2020, 8, 1)


def by_source(world: World, month: date = JUNE) -> dict[str, list[Asked]]:
    """What routine work asks, by source, without what asks nothing."""
    found: dict[str, list[Asked]] = {}
    for one in asked_in(world.unit("CC"), month):
        if any(one.tasks.values()):
            found.setdefault(one.source, []).append(one)
    return found


def bounded(world: World, minutes: int, role: Role = Role.INSPECTOR, month: date = JUNE) -> Budget:
    """The chief sets the most that may be asked."""
    return operations.put_budget(role=role, month=month, minutes=minutes, by=world.actor("chief"), now=NOW)


def test_everybody_belongs_to_the_account_of_the_district(world: World) -> None:
    district = world.unit("CC")
    for username in ("chief", "xt01_worker", "inspector", "wy_worker", "leader", "grid", "admin"):
        assert home_of(world.actor(username)) == district, username
    assert home_of(world.actor("gz_clerk")) == world.unit("GZ")


def test_the_chief_sets_minutes_with_their_source_and_budgets(world: World) -> None:
    with pytest.raises(Refused, match="由文明办主任设定"):
        operations.put_budget(role="inspector", month=JUNE, minutes=60, by=world.actor("clerk"), now=NOW)
    with pytest.raises(Refused) as refusal:
        operations.put_minutes(task="dance", minutes=None, source=" ", by=world.actor("leader"), now=NOW)
    assert len(refusal.value.objections) == 4
    operations.put_minutes(task="visit", minutes=Decimal("12.5"), source="6 月实测", by=world.actor("chief"), now=NOW)
    assert standard()[Task.VISIT] == Decimal("12.5")
    assert next(row for row in minutes_rows() if row.task is Task.VISIT).source == "6 月实测"
    row = bounded(world, 600)
    assert bounded(world, 600).version == 1
    with pytest.raises(Conflict):
        operations.put_budget(
            role="inspector", month=JUNE, minutes=60, by=world.actor("chief"), now=NOW, seen_version=row.version + 1
        )


def test_what_is_asked_is_counted_by_role_and_kind_of_unit(world: World) -> None:
    patrol = small_patrol(world)
    world.case_at(Status.RECTIFIED)
    given_to(world, "XT-01", "CC-CG", due_at=NOW + timedelta(days=3))
    found = by_source(world)
    (patrols,) = found["巡查"]
    stops = patrol.stops.count()
    assert (patrols.role, patrols.unit_kind, patrols.tasks[Task.VISIT]) == (Role.INSPECTOR, "district_office", stops)
    assert patrols.tasks[Task.CHECK] > 0
    assert [(one.unit_kind, one.tasks[Task.RECTIFY]) for one in found["案件整改"]] == [("property_firm", 1)]
    assert found["核查整改"][0].tasks == {Task.VISIT: 1}
    shares = {one.unit_kind: one.tasks[Task.REPORT] for one in found["上级督办件报完成"]}
    assert shares == {"community": 1, "department": 1}
    assert not by_source(world, AUGUST)
    assert not any(one.tasks and any(one.tasks.values()) for one in asked_in(world.unit("GZ"), JUNE))


def test_a_report_that_a_case_already_gives_is_not_asked_again(world: World) -> None:
    item = given_to(world, "XT-01", due_at=NOW + timedelta(days=3))
    assert "上级督办件报完成" in by_source(world)
    case = world.case_at(Status.HANDLING)
    link_cases(item_id=item.pk, numbers=[case.number], by=world.actor("clerk"), now=NOW)
    assert "上级督办件报完成" not in by_source(world)


def test_routine_work_is_read_for_branches_with_a_budget(world: World) -> None:
    world.case_at(Status.HANDLING)
    assert read_burden(by=SYSTEM, now=NOW) == 0
    bounded(world, 600, Role.UNIT_WORKER)
    for _ in range(2):
        assert read_burden(by=SYSTEM, now=NOW) == 1
    expected = sum(
        line.minutes for line in lines_of(asked_in(world.unit("CC"), JUNE), standard()) if line.role is Role.UNIT_WORKER
    )
    assert Reading.objects.get(role="unit_worker").minutes == expected > 0


def test_a_campaign_that_fits_claims_its_time_and_gives_it_back_when_cancelled(world: World) -> None:
    for month in (JUNE, JULY):
        bounded(world, 6000, month=month)
    campaign = dragnet(world)
    taken = Claim.objects.filter(subject_kind="campaign", subject_id=campaign.pk, role="inspector")
    places = campaign.places.count()
    assert sum(taken.values_list("forms", flat=True)) == places > 0
    assert f"{places} 处点位" in taken[0].why
    room = rooms_for(world.unit("CC").pk, [Demand(Role.INSPECTOR, taken[0].month, 1)])[Role.INSPECTOR, taken[0].month]
    assert room.claimed == taken[0].minutes
    campaigns.cancel_campaign(campaign_id=campaign.pk, reason="改为下半年开展", by=world.actor("clerk"), now=NOW)
    assert not claims(world.unit("CC").pk, taken[0].month)


def test_a_campaign_that_does_not_fit_is_refused_with_the_figures(world: World) -> None:
    campaign = dragnet(world, start=False)
    bounded(world, 10)
    bounded(world, 10, month=JULY)
    with pytest.raises(Refused, match="放不下"):
        campaigns.start_campaign(campaign_id=campaign.pk, by=world.actor("clerk"), now=NOW)
    assert Campaign.objects.get(pk=campaign.pk).status == "draft"
    assert not campaign.places.exists()
    why = "迎检前必须查一遍，已商巡查队"
    with pytest.raises(Refused, match="须由文明办主任写明理由"):
        campaigns.start_campaign(campaign_id=campaign.pk, overrule=why, by=world.actor("clerk"), now=NOW)
    with pytest.raises(Refused, match="至少 10 个字"):
        campaigns.start_campaign(campaign_id=campaign.pk, overrule="急", by=world.actor("chief"), now=NOW)
    campaigns.start_campaign(campaign_id=campaign.pk, overrule=why, by=world.actor("chief"), now=NOW)
    assert set(Claim.objects.filter(subject_id=campaign.pk).values_list("overruled", flat=True)) == {why}
    event = Event.objects.get(kind="burden.overruled")
    assert event.note == why


def test_meetings_are_asked_of_the_units_that_are_called(world: World) -> None:
    campaign = dragnet(world, start=False)
    units = campaign.team.count()
    campaigns.start_campaign(campaign_id=campaign.pk, meetings=2, by=world.actor("clerk"), now=NOW)
    held = Claim.objects.filter(subject_id=campaign.pk, role="unit_chief")
    assert sum(held.values_list("meetings", flat=True)) == 2 * units


def test_a_supervision_must_fit_too_and_a_secret_one_leaves_no_line(world: World) -> None:
    clerk = world.actor("clerk")
    bounded(world, 5, Role.UNIT_WORKER)
    task = supervision.plan_task(facts=supervised_facts(world), by=clerk, now=NOW)
    with pytest.raises(Refused, match="承办人的工作量上限 5 分"):
        supervision.order_task(task_id=task.pk, by=clerk, now=NOW)
    bounded(world, 5000, Role.UNIT_WORKER)
    supervision.order_task(task_id=task.pk, by=clerk, now=NOW)
    assert [one.title for one in claims(world.unit("CC").pk, JUNE)] == [
        "专项督查"
    ]  # the account is open, the task is not
    small_edition()
    hidden = secret(world)
    patrol = round_of(world, hidden)
    assert Claim.objects.filter(subject_kind="supervision").count() == 1
    assert "巡查" not in by_source(world)
    supervision.disclose_task(task_id=hidden.pk, by=world.actor("chief"), now=NOW)
    assert Claim.objects.filter(subject_kind="supervision").count() == 2
    assert by_source(world)["巡查"][0].tasks[Task.VISIT] == patrol.stops.count()


def test_nothing_in_the_account_is_of_a_person(world: World) -> None:
    from django.apps import apps

    from chuangwen.people.models import User

    linked = {
        field.related_model
        for model in apps.get_app_config("burden").get_models()
        for field in model._meta.get_fields()
    }
    assert User not in linked
    assert world.unit("CC").__class__ in linked
