"""Dragnet checks and special campaigns: their life, their places, what covers a place, what the figures rest on."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest

from chuangwen.campaigns import operations as ops
from chuangwen.campaigns.coverage import coverage_by_campaign, coverage_view, places_of, plans_for, still_to_do
from chuangwen.campaigns.drafting import draft_campaign, edit_campaign
from chuangwen.campaigns.figures import cases_shown, figures_of
from chuangwen.campaigns.models import Campaign, CampaignSite
from chuangwen.campaigns.queries import campaigns_for, public_campaigns
from chuangwen.campaigns.rounds import plan_rounds
from chuangwen.campaigns.work import complete_milestone, enter_spending, strike_spending
from chuangwen.cases import operations as cases
from chuangwen.journal.queries import events_of
from chuangwen.patrols.models import Finding, Patrol, Visit
from chuangwen.places.models import Site
from chuangwen.rules.campaigns import CampaignStatus
from chuangwen.rules.case_flow import Status
from chuangwen.rules.coverage import Coverage, SiteState, VisitFact, covered_at
from chuangwen.rules.refusals import Conflict, NotFound, Refused
from chuangwen.standards.models import Criterion, Edition
from tests.campaign_world import FIRST, LAST, dragnet, dragnet_facts, more_sites, special, special_facts, walked
from tests.rounds import small_edition
from tests.world import BEIJING, NOW, World


def whole(world: World, campaign: Campaign, who: str = "clerk") -> Coverage:
    """The coverage that somebody sees."""
    return coverage_view(campaign, places_of(world.actor(who), campaign), NOW).whole


# --- life ---


def test_starting_freezes_every_site_of_the_types_in_the_areas(world: World) -> None:
    more_sites(3)
    campaign = dragnet(world)
    assert campaign.flow_status is CampaignStatus.RUNNING
    assert whole(world, campaign) == Coverage(left=5)
    more_sites(1, owner="WF-01")
    assert whole(world, campaign).total == 5
    assert campaign.criteria.count() == 5


def test_each_step_is_one_event_and_a_repeated_submission_none(world: World) -> None:
    campaign = dragnet(world, start=False)
    clerk = world.actor("clerk")
    for _ in range(2):
        ops.start_campaign(campaign_id=campaign.pk, by=clerk, now=NOW, client_key="k-1")
    for _ in range(2):
        ops.close_campaign(
            campaign_id=campaign.pk,
            conclusion="全部查完，问题已转整改，下月复查。",
            by=clerk,
            now=NOW,
            client_key="k-2",
        )
    kinds = [event.kind for event in events_of("campaign", campaign.pk)]
    assert kinds == ["campaign.drafted", "campaign.started", "campaign.closed"]


def test_closing_needs_a_persons_conclusion(world: World) -> None:
    campaign = dragnet(world)
    with pytest.raises(Refused, match="请写结论"):
        ops.close_campaign(campaign_id=campaign.pk, conclusion="完成", by=world.actor("clerk"), now=NOW)
    with pytest.raises(Refused, match="取消须写明理由"):
        ops.cancel_campaign(campaign_id=campaign.pk, reason=" ", by=world.actor("clerk"), now=NOW)
    campaign.refresh_from_db()
    assert campaign.flow_status is CampaignStatus.RUNNING


def test_what_is_over_does_not_move_again(world: World) -> None:
    campaign = dragnet(world)
    clerk = world.actor("clerk")
    ops.cancel_campaign(campaign_id=campaign.pk, reason="改期", by=clerk, now=NOW)
    steps: list[Callable[[], object]] = [
        lambda: ops.start_campaign(campaign_id=campaign.pk, by=clerk, now=NOW),
        lambda: ops.cancel_campaign(campaign_id=campaign.pk, reason="又改", by=clerk, now=NOW),
        lambda: ops.close_campaign(campaign_id=campaign.pk, conclusion="全部查完，问题已转整改。", by=clerk, now=NOW),
    ]
    for step in steps:
        with pytest.raises(Refused, match="已取消"):
            step()


def test_only_the_office_plans_and_only_the_chief_releases(world: World) -> None:
    with pytest.raises(Refused, match="由区文明办安排"):
        draft_campaign(kind="special", facts=special_facts(world), by=world.actor("xt_chief"), now=NOW)
    campaign = dragnet(world)
    with pytest.raises(Refused, match="由文明办主任决定"):
        ops.release_campaign(campaign_id=campaign.pk, by=world.actor("clerk"), now=NOW)
    with pytest.raises(Refused, match="由区文明办结束"):
        ops.close_campaign(
            campaign_id=campaign.pk, conclusion="全部查完，问题已转整改。", by=world.actor("xt_chief"), now=NOW
        )


def test_a_draft_with_mistakes_names_them_all(world: World) -> None:
    facts = dragnet_facts(
        world, small_edition(), title=" ", aim="", starts_on=LAST, ends_on=FIRST, area_ids=[], point_types=["NO"],
        criterion_ids=[999],
    )  # fmt: skip
    with pytest.raises(Refused) as refusal:
        draft_campaign(kind="dragnet", facts=facts, by=world.actor("clerk"), now=NOW)
    assert len(refusal.value.objections) == 7
    wrong = special_facts(world, team=[], targets={}, standard_ids=[], budget_source="", milestones=[(FIRST, " ")])
    with pytest.raises(Refused) as refusal:
        draft_campaign(kind="special", facts=wrong, by=world.actor("clerk"), now=NOW)
    assert len(refusal.value.objections) == 5


def test_a_draft_is_edited_against_what_was_seen(world: World) -> None:
    campaign = dragnet(world, start=False)
    clerk = world.actor("clerk")
    facts = dragnet_facts(world, campaign.edition or Edition(), title="改过的名称")
    edit_campaign(campaign_id=campaign.pk, facts=facts, by=clerk, now=NOW, seen_version=campaign.version)
    with pytest.raises(Conflict):
        edit_campaign(campaign_id=campaign.pk, facts=facts, by=clerk, now=NOW, seen_version=campaign.version)
    ops.start_campaign(campaign_id=campaign.pk, by=clerk, now=NOW)
    with pytest.raises(Refused, match="进行中，不能再改"):
        edit_campaign(campaign_id=campaign.pk, facts=facts, by=clerk, now=NOW, seen_version=None)


# --- coverage ---


def test_any_finished_visit_in_the_window_covers_a_place_whoever_walked(world: World) -> None:
    campaign = dragnet(world)
    assert whole(world, campaign) == Coverage(left=2)
    walked(world, campaign, [world.compound], inspector="inspector2")
    assert whole(world, campaign) == Coverage(done=1, left=1)


@pytest.mark.parametrize("days", [-3, 7])
def test_a_visit_outside_the_window_covers_nothing(world: World, days: int) -> None:
    campaign = dragnet(world)
    walked(world, campaign, [world.compound], days=days)
    assert whole(world, campaign) == Coverage(left=2)


def test_an_unfinished_visit_and_another_edition_cover_nothing(world: World) -> None:
    campaign = dragnet(world)
    walked(world, campaign, [world.compound])
    Visit.objects.update(finished_at=None)
    assert whole(world, campaign).done == 0
    other = Edition.objects.create(code="O", version="1", name="另一版", updated_at=NOW, published_at=NOW)
    walked(world, campaign, [world.lane], edition_id=other.pk)
    assert whole(world, campaign).done == 0


def test_a_visit_that_left_out_a_must_check_criterion_covers_nothing(world: World) -> None:
    edition = small_edition()
    must = Criterion.objects.get(code="RES-10")
    campaign = dragnet(world, edition=edition, point_types=["RES"], criterion_ids=[must.pk])
    walked(world, campaign, [world.compound])
    Finding.objects.filter(criterion__code="RES-01").delete()
    assert whole(world, campaign).done == 1
    Finding.objects.filter(criterion=must).delete()
    assert whole(world, campaign).done == 0


def test_the_database_and_the_rule_agree_on_what_covers_a_place(world: World) -> None:
    edition = small_edition()
    sites = [world.compound, *more_sites(5)]
    campaign = dragnet(world, edition=edition, point_types=["RES"])
    for place, site in enumerate(sites):
        for days in range(-3, 9, 3):
            walked(world, campaign, [site], days=days + place)
    criteria = list(Criterion.objects.filter(edition=edition, point_type="RES"))
    for place, site in enumerate(sites):  # holes of different kinds
        for number, visit in enumerate(Visit.objects.filter(site=site).order_by("finished_at")):
            if (place + number) % 3:
                Finding.objects.filter(visit=visit, criterion=criteria[number % 3]).delete()
    Finding.objects.filter(visit__site=sites[4], criterion=criteria[1]).delete()
    found = {place.site_id: place.covered_at for place in places_of(world.actor("clerk"), campaign)}
    must = frozenset(criterion.pk for criterion in criteria)
    for site in sites:
        facts = [
            VisitFact(visit.finished_at, frozenset(visit.findings.values_list("criterion_id", flat=True)))
            for visit in Visit.objects.filter(site=site)
        ]
        assert found[site.pk] == covered_at(facts, must, campaign.opens_at, campaign.closes_at)
    assert len({moment is None for moment in found.values()}) == 2


def test_a_place_that_cannot_be_entered_is_not_done_and_can_be_visited_again(world: World) -> None:
    campaign = dragnet(world)
    inspector = world.actor("inspector")
    with pytest.raises(Refused, match="请写明进不去的原因"):
        ops.mark_unreachable(campaign_id=campaign.pk, site_id=world.compound.pk, reason="", by=inspector, now=NOW)
    ops.mark_unreachable(campaign_id=campaign.pk, site_id=world.compound.pk, reason="锁门", by=inspector, now=NOW)
    assert whole(world, campaign) == Coverage(left=1, unreachable=1)
    walked(world, campaign, [world.compound])
    assert whole(world, campaign) == Coverage(done=1, left=1)
    with pytest.raises(Refused, match="已经查过"):
        ops.mark_unreachable(campaign_id=campaign.pk, site_id=world.compound.pk, reason="锁门", by=inspector, now=NOW)


def test_an_unreachable_mark_can_be_taken_back(world: World) -> None:
    campaign = dragnet(world)
    chief = world.actor("xt_chief")
    ops.mark_unreachable(campaign_id=campaign.pk, site_id=world.compound.pk, reason="施工封闭", by=chief, now=NOW)
    ops.mark_reachable(campaign_id=campaign.pk, site_id=world.compound.pk, by=chief, now=NOW)
    assert whole(world, campaign) == Coverage(left=2)
    notes = [(event.kind, event.note) for event in events_of("campaign", campaign.pk)][-2:]
    assert notes == [("campaign.site_unreachable", "施工封闭"), ("campaign.site_reachable", "施工封闭")]


def test_a_street_works_on_its_own_places_only(world: World) -> None:
    campaign = dragnet(world)
    assert whole(world, campaign, "xt_chief").total == 1
    assert whole(world, campaign, "wf_chief").total == 1
    with pytest.raises(NotFound):
        ops.mark_unreachable(
            campaign_id=campaign.pk, site_id=world.lane.pk, reason="锁门", by=world.actor("xt_chief"), now=NOW
        )
    assert not campaigns_for(world.actor("gz_clerk")).exists()
    assert not campaigns_for(world.actor("cg_worker")).exists()


def test_drafts_are_seen_by_the_office_alone(world: World) -> None:
    dragnet(world, start=False)
    seen = {who for who in ("clerk", "chief", "leader", "inspector", "xt_chief") if campaigns_for(world.actor(who))}
    assert seen == {"clerk", "chief"}


def test_places_join_and_leave_with_a_reason_in_the_journal(world: World) -> None:
    campaign = dragnet(world)
    clerk = world.actor("clerk")
    (late,) = more_sites(1)
    ops.add_sites(campaign_id=campaign.pk, site_ids=[late.pk], reason="新交付小区", by=clerk, now=NOW)
    with pytest.raises(Refused, match="剔除点位须写明理由"):
        ops.drop_site(campaign_id=campaign.pk, site_id=world.lane.pk, reason="", by=clerk, now=NOW)
    ops.drop_site(campaign_id=campaign.pk, site_id=world.lane.pk, reason="已拆除", by=clerk, now=NOW)
    assert {place.site_id for place in places_of(clerk, campaign)} == {world.compound.pk, late.pk}
    with pytest.raises(Refused, match="已经在排查里"):
        ops.add_sites(campaign_id=campaign.pk, site_ids=[late.pk], reason="再加", by=clerk, now=NOW)
    ops.add_sites(campaign_id=campaign.pk, site_ids=[world.lane.pk], reason="没有拆", by=clerk, now=NOW)
    assert whole(world, campaign).total == 3
    assert CampaignSite.objects.count() == 3
    kinds = [event.kind for event in events_of("campaign", campaign.pk)][2:]
    assert kinds == ["campaign.sites_added", "campaign.site_dropped", "campaign.sites_added"]


def test_units_in_charge_share_the_places_and_add_up(world: World) -> None:
    more_sites(2)
    more_sites(2, owner="CC-CG")
    Site.objects.filter(owner__code="CC-CG").update(home=world.unit("XT-01"), street=world.unit("XT"))
    team = [(world.unit("CC-CG").pk, None), (world.unit("XT-01").pk, None)]
    campaign = dragnet(world, team=team)
    view = coverage_view(campaign, places_of(world.actor("clerk"), campaign), NOW)
    assert {unit.name: unit.coverage.total for unit in view.units} == {"区城管局": 2, "学田社区": 3, "文峰街道": 1}
    assert whole(world, campaign, "cg_worker").total == 2


def test_the_curve_ends_at_what_is_done(world: World) -> None:
    campaign = dragnet(world)
    walked(world, campaign, [world.compound], days=1)
    view = coverage_view(campaign, places_of(world.actor("clerk"), campaign), NOW + timedelta(days=2))
    assert [day.done for day in view.days] == [0, 0, 0, 1, 1, None, None, None, None]
    assert view.days[-1].planned == 1
    assert view.days[-1].even == view.whole.total


# --- planning ---


def test_the_rest_of_a_street_is_planned_in_one_stroke(world: World) -> None:
    more_sites(7)
    campaign = dragnet(world)
    clerk = world.actor("clerk")
    people = [world.actor(name).user_id or 0 for name in ("inspector", "inspector2")]
    given = {
        "campaign_id": campaign.pk, "street": "学田街道", "inspector_ids": people, "first_day": NOW.date(), "a_day": 3,
        "by": clerk, "now": NOW, "client_key": "r-1",
    }  # fmt: skip
    planned = plan_rounds(**given)  # type: ignore[arg-type]  # test data
    assert [patrol.stops.count() for patrol in planned] == [3, 3, 2]
    assert {patrol.starts_at.date() for patrol in planned} == {date(2020, 6, 24), date(2020, 6, 28)}  # holidays between
    assert len(plan_rounds(**given)) == 3  # type: ignore[arg-type]  # test data
    assert Patrol.objects.count() == 3
    with pytest.raises(Refused, match="没有还要安排的点位"):
        plan_rounds(**{**given, "client_key": "r-2"})  # type: ignore[arg-type]  # test data
    plans = plans_for(clerk, campaign, [world.compound.pk, world.lane.pk], NOW)
    assert set(plans) == {world.compound.pk}
    assert plans[world.compound.pk].people in {"巡查员甲", "巡查员乙"}


def test_a_patrol_that_passed_without_a_visit_plans_nothing_any_more(world: World) -> None:
    campaign = dragnet(world)
    clerk, inspector = world.actor("clerk"), world.actor("inspector").user_id or 0
    for days in (0, 4):
        plan_rounds(
            campaign_id=campaign.pk, street="学田街道", inspector_ids=[inspector], a_day=5, by=clerk,
            first_day=NOW.date() + timedelta(days=days), now=NOW + timedelta(days=days),
        )  # fmt: skip
    (place,) = places_of(world.actor("xt_chief"), campaign)
    assert (place.is_awaited(NOW), place.is_awaited(NOW + timedelta(days=5))) == (True, False)
    assert Patrol.objects.count() == 2


def test_too_little_time_is_refused_with_figures(world: World) -> None:
    more_sites(9)
    campaign = dragnet(world)
    with pytest.raises(Refused, match="还有 11 处要安排，这样最多排 4 处"):
        plan_rounds(
            campaign_id=campaign.pk, street="", inspector_ids=[world.actor("inspector").user_id or 0],
            first_day=NOW.date(), a_day=1, by=world.actor("clerk"), now=NOW,
        )  # fmt: skip
    assert Patrol.objects.count() == 0


def test_what_is_left_is_told_to_the_branch_that_owns_it(world: World) -> None:
    campaign = dragnet(world)
    (line,) = still_to_do(world.actor("xt_chief"), NOW.date())
    assert (line.title, line.left, line.ends_on) == ("迎检拉网式排查", 1, LAST)
    walked(world, campaign, [world.compound])
    assert not still_to_do(world.actor("xt_chief"), NOW.date())
    assert coverage_by_campaign(world.actor("clerk"), [campaign]) == {campaign.pk: Coverage(done=1, left=1)}


def test_an_unannounced_patrol_gives_nothing_away_to_the_street(world: World) -> None:
    campaign = dragnet(world)
    walked(world, campaign, [world.compound], kind="unannounced")
    (seen,) = places_of(world.actor("xt_chief"), campaign)
    assert (seen.state, seen.planned_at) == (SiteState.LEFT, None)
    assert whole(world, campaign).done == 1


# --- special campaigns ---


def test_baselines_are_frozen_at_the_start_and_shown_with_their_cases(world: World) -> None:
    before = NOW - timedelta(days=10)
    old = world.case_at(Status.CLOSED, now=before)
    waiting = world.case_at(Status.HANDLING, now=before)
    world.case_at(Status.CANCELLED, now=before)
    world.open_case(site=world.lane, now=before)
    campaign = special(world)
    found = {line.measure: line for line in figures_of(world.actor("clerk"), campaign, now=NOW).targets}
    assert found["open_cases"].baseline == 1
    assert found["open_cases"].before.part == (waiting.pk,)
    assert found["on_time_rate"].before.part == (old.pk,)
    assert found["on_time_rate"].baseline == 50
    cases.rectify(case_id=waiting.pk, note="已清", by=world.actor("wy_worker"), now=NOW)
    again = {line.measure: line for line in figures_of(world.actor("clerk"), campaign, now=NOW).targets}
    assert again["on_time_rate"].baseline == 50
    assert again["open_cases"].reached is True


def test_a_trouble_that_came_back_counts_as_recurrence(world: World) -> None:
    start = datetime(2020, 6, 22, 9, tzinfo=BEIJING)
    world.case_at(Status.CLOSED, now=start - timedelta(days=20))
    again = world.open_case(now=start + timedelta(hours=1))
    campaign = special(world, targets={"recurrence": Decimal(10)})
    (line,) = figures_of(world.actor("clerk"), campaign, now=NOW).targets
    assert (line.now.part, line.now.value, line.reached) == ((again.pk,), 100, False)


def test_every_point_of_the_trend_is_its_cases(world: World) -> None:
    monday = datetime(2020, 6, 8, 10, tzinfo=BEIJING)
    inside = [world.open_case(now=monday + timedelta(days=day)).pk for day in (0, 3)]
    outside = [world.open_case(site=world.lane, now=monday).pk]
    campaign = special(world)
    found = figures_of(world.actor("clerk"), campaign, now=NOW + timedelta(weeks=6))
    assert len(found.weeks.before) == 4
    assert len(found.weeks.after) == 6
    assert list(found.week_cases(monday.date(), inside=True)) == inside
    assert list(found.week_cases(monday.date(), inside=False)) == outside
    assert found.inside.counts[monday.date()] == 2
    assert (found.inside.sites, found.outside.sites) == (1, 1)
    assert found.difference is not None
    assert found.difference.inside_before == 50
    assert found.difference.change == pytest.approx(-25)
    assert [case.pk for case in cases_shown(world.actor("xt_chief"), [*inside, *outside])] == inside[::-1]


def test_milestones_and_money_say_who_and_why(world: World) -> None:
    campaign = special(world)
    chief = world.actor("xt_chief")
    first = campaign.milestones.first()
    assert first is not None
    with pytest.raises(Refused, match="请写完成依据"):
        complete_milestone(campaign_id=campaign.pk, milestone_id=first.pk, note=" ", by=chief, now=NOW)
    done = complete_milestone(
        campaign_id=campaign.pk, milestone_id=first.pk, note="6月23日开了动员会", by=chief, now=NOW
    )
    assert (done.done_by, done.note) == ("学田负责人", "6月23日开了动员会")
    with pytest.raises(Refused, match="已登记完成"):
        complete_milestone(campaign_id=campaign.pk, milestone_id=first.pk, note="又开了", by=chief, now=NOW)
    with pytest.raises(Refused) as refusal:
        enter_spending(
            campaign_id=campaign.pk, spent_on=LAST, amount=Decimal(0), purpose="", by=chief, now=NOW,
        )  # fmt: skip
    assert len(refusal.value.objections) == 3
    entry = enter_spending(
        campaign_id=campaign.pk, spent_on=FIRST, amount=Decimal("1200.5"), purpose="划线", by=chief, now=NOW
    )
    assert entry is not None
    strike_spending(campaign_id=campaign.pk, spending_id=entry.pk, reason="重复登记", by=chief, now=NOW)
    entry.refresh_from_db()
    assert entry.struck_reason == "重复登记"
    with pytest.raises(NotFound):
        complete_milestone(
            campaign_id=campaign.pk, milestone_id=first.pk, note="x", by=world.actor("wf_chief"), now=NOW
        )


def test_a_released_page_keeps_the_figures_of_its_moment(world: World) -> None:
    campaign = dragnet(world)
    chief = world.actor("chief")
    walked(world, campaign, [world.compound])
    ops.release_campaign(campaign_id=campaign.pk, by=chief, now=NOW)
    walked(world, campaign, [world.lane], days=1)
    (page,) = public_campaigns()
    assert page.public_facts["coverage"] == {"done": 1, "left": 1, "unreachable": 0, "total": 2}
    ops.withdraw_campaign(campaign_id=campaign.pk, reason="数字要核对", by=chief, now=NOW)
    assert not public_campaigns().exists()
    trend = special(world)
    ops.release_campaign(campaign_id=trend.pk, by=chief, now=NOW + timedelta(weeks=2))
    assert len(public_campaigns()[0].public_facts["trend"]["weeks"]) == 6
