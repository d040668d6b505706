"""The sample's dragnet check, running and covered by the sample's own visits, and its special campaign against parking."""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal

from chuangwen.campaigns.coverage import Place, places_of
from chuangwen.campaigns.drafting import CampaignFacts, draft_campaign
from chuangwen.campaigns.models import Campaign
from chuangwen.campaigns.operations import mark_unreachable, release_campaign, start_campaign
from chuangwen.campaigns.rounds import plan_rounds
from chuangwen.campaigns.work import complete_milestone, enter_spending
from chuangwen.patrols.queries import inspectors
from chuangwen.people.models import Post, Unit
from chuangwen.people.queries import actor_by_username
from chuangwen.rules.coverage import SiteState
from chuangwen.rules.deadlines import SHANGHAI
from chuangwen.rules.permissions import Actor, Role
from chuangwen.rules.refusals import Refused
from chuangwen.rules.trends import monday_of
from chuangwen.standards.models import CaseStandard, Edition

TYPES = ("LANE", "MKT", "RIVER", "SQ", "RES")
PARKING = ("SJ-0404-1", "SJ-0402-1", "SJ-0408-1")  # 车辆乱停、占道经营、通行违规多发
STREETS_IN = 7
REASONS = ("大门锁闭，物业电话无人接听", "道路施工封闭，预计下周开放", "整体搬迁，围挡封闭")


def load(*, edition: Edition, now: datetime) -> None:
    """One of each kind, drafted and started in the past the way people do."""
    clerk, chief = (actor_by_username(name, now.date()) for name in ("clerk", "chief"))
    streets = list(Unit.objects.filter(kind="street", active=True).order_by("path"))
    if not streets:
        return
    _dragnet(edition, streets, clerk=clerk, now=now)
    _parking(streets[:STREETS_IN], clerk=clerk, chief=chief, now=now)


def _begin(kind: str, facts: CampaignFacts, clerk: Actor) -> Campaign:
    assert facts.starts_on is not None
    morning = datetime.combine(facts.starts_on, time(8), SHANGHAI)
    campaign = draft_campaign(kind=kind, facts=facts, by=clerk, now=morning - timedelta(days=3))
    return start_campaign(campaign_id=campaign.pk, by=clerk, now=morning)


def _dragnet(edition: Edition, streets: Sequence[Unit], *, clerk: Actor, now: datetime) -> None:
    today = now.astimezone(SHANGHAI).date()
    facts = CampaignFacts(
        title="背街小巷、小区、市场拉网式大排查", aim="迎接测评，重点点位一处不漏：必查条目逐条看，发现问题当场立案。",
        starts_on=today - timedelta(days=50), ends_on=today + timedelta(days=18),
        area_ids=[street.pk for street in streets], point_types=TYPES, edition_id=edition.pk,
    )  # fmt: skip
    campaign = _begin("dragnet", facts, clerk)
    left = [place for place in places_of(clerk, campaign) if place.state is SiteState.LEFT]
    for number, place in enumerate(left[:: max(1, len(left) // 4)][: len(REASONS)]):
        mark_unreachable(
            campaign_id=campaign.pk, site_id=place.site_id, reason=REASONS[number], by=clerk,
            now=now - timedelta(days=number + 1),
        )  # fmt: skip
    _plan_next(campaign, places_of(clerk, campaign), clerk=clerk, now=now)


def _plan_next(campaign: Campaign, places: Sequence[Place], *, clerk: Actor, now: datetime) -> None:
    """The two streets with the most left are planned for the coming days."""
    left = [place.street for place in places if place.state is SiteState.LEFT and place.street]
    people = [user.pk for user in inspectors(now.date())][:2]
    for street in sorted(set(left), key=lambda name: (-left.count(name), name))[:2]:
        try:
            plan_rounds(
                campaign_id=campaign.pk, street=street, inspector_ids=people, by=clerk, now=now, a_day=6,
                first_day=now.astimezone(SHANGHAI).date() + timedelta(days=1),
            )  # fmt: skip
        except Refused:  # a long holiday may leave no working day in the window
            return


def _parking(streets: Sequence[Unit], *, clerk: Actor, chief: Actor, now: datetime) -> None:
    start = monday_of(now.astimezone(SHANGHAI).date()) - timedelta(weeks=12)
    standards = CaseStandard.objects.filter(code__in=PARKING, replaced_at=None)
    lead = Post.objects.filter(unit__code__endswith="CHENGGUAN", role=Role.UNIT_CHIEF.value).order_by("pk").first()
    lead = lead or Post.objects.filter(unit__kind="department", role=Role.UNIT_CHIEF.value).order_by("pk").first()
    facts = CampaignFacts(
        title="停车和占道秩序专项整治", aim="七个街道主次干道、小区门口车辆有序停放，占道经营不反弹。",
        starts_on=start, ends_on=start + timedelta(weeks=20), area_ids=[street.pk for street in streets],
        standard_ids=list(standards.values_list("pk", flat=True)), milestones=_milestones(start), baseline_weeks=16,
        team=[(lead.unit_id, lead.pk)] if lead else [(streets[0].pk, None)], budget_amount=Decimal(480000),
        budget_source="区级文明创建专项经费",
        targets={"open_cases": Decimal(10), "on_time_rate": Decimal(90), "recurrence": Decimal(10)},
    )  # fmt: skip
    campaign = _begin("special", facts, clerk)
    for milestone, note in zip(
        campaign.milestones.all(), ("已开动员会，任务分到街道", "补划车位 640 个，验收单已归档"), strict=False
    ):
        done = datetime.combine(milestone.due_on, time(16), SHANGHAI)
        complete_milestone(campaign_id=campaign.pk, milestone_id=milestone.pk, note=note, by=clerk, now=done)
    for weeks, amount, purpose in ((2, 126000, "补划停车位"), (5, 58000, "隔离桩和标牌")):
        spent_on = start + timedelta(weeks=weeks)
        enter_spending(
            campaign_id=campaign.pk, spent_on=spent_on, amount=Decimal(amount), purpose=purpose, by=clerk,
            now=datetime.combine(spent_on, time(17), SHANGHAI),
        )  # fmt: skip
    release_campaign(campaign_id=campaign.pk, by=chief, now=now)


def _milestones(start: date) -> list[tuple[date, str]]:
    return [
        (start + timedelta(days=2), "动员部署，任务分解到街道"),
        (start + timedelta(weeks=4), "补划停车位第一批完成"),
        (start + timedelta(weeks=14), "中期评估"),
        (start + timedelta(weeks=20), "总结验收"),
    ]
