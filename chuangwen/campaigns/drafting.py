"""A campaign as a draft: what it is about, put down and changed until it starts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import transaction

from chuangwen.campaigns.models import Campaign, CampaignTarget, CampaignUnit, Milestone
from chuangwen.campaigns.queries import locked_for, manages, refuse_stale
from chuangwen.journal.once import once
from chuangwen.journal.operations import record
from chuangwen.people.models import Post, Unit, UnitKind
from chuangwen.rules.campaigns import MEASURES, CampaignKind, CampaignStatus
from chuangwen.rules.permissions import OFFICE, Actor, Permission, may
from chuangwen.rules.refusals import Refused
from chuangwen.standards.models import CaseStandard, Criterion, Edition, PointType

LONGEST_DAYS, MOST_WEEKS, MOST_MONEY = 366, 52, Decimal(10) ** 11


@dataclass(frozen=True)
class CampaignFacts:
    """Everything of a draft as people give it. `team`: (unit id, post id of its named lead or None), the first one leads.

    A dragnet check needs point types and an edition (no criteria: all of them); a special campaign needs case standards.
    """

    title: str = ""
    aim: str = ""
    starts_on: date | None = None
    ends_on: date | None = None
    area_ids: Sequence[int] = ()
    point_types: Sequence[str] = ()
    edition_id: int | None = None
    criterion_ids: Sequence[int] = ()
    standard_ids: Sequence[int] = ()
    team: Sequence[tuple[int, int | None]] = ()
    targets: Mapping[str, Decimal] = field(default_factory=dict)
    milestones: Sequence[tuple[date, str]] = ()
    baseline_weeks: int = 8
    budget_amount: Decimal | None = None
    budget_source: str = ""


@dataclass
class _Found:
    """The rows that the facts name, and everything that is wrong with them."""

    areas: list[Unit]
    types: list[PointType]
    edition: Edition | None
    criteria: list[Criterion]
    standards: list[CaseStandard]
    team: list[tuple[Unit, Post | None]]
    objections: list[str]


@transaction.atomic
def draft_campaign(
    *, kind: str, facts: CampaignFacts, by: Actor, now: datetime, client_key: str | None = None
) -> Campaign:
    """A new draft. The same submission again gives the draft that exists."""

    def make() -> Campaign:
        home = _home_of(by)
        found = _looked_up(kind, facts, home)
        if found.objections or home is None or facts.starts_on is None or facts.ends_on is None:
            raise Refused(found.objections)
        campaign = Campaign(
            kind=kind, home=home, created_at=now, created_by=by.name, client_key=client_key or None,
            starts_on=facts.starts_on, ends_on=facts.ends_on,
        )  # fmt: skip
        _fill(campaign, facts, found)
        _record(campaign, "campaign.drafted", by=by, now=now)
        return campaign

    if not may(by, Permission.CAMPAIGN_PLAN):
        raise Refused("排查和专项由区文明办安排。")
    return once(lambda: Campaign.objects.filter(client_key=client_key).first() if client_key else None, make)


@transaction.atomic
def edit_campaign(
    *, campaign_id: int, facts: CampaignFacts, by: Actor, now: datetime, seen_version: int | None
) -> Campaign:
    """Put other facts into a draft; what runs or is over does not change."""
    campaign = locked_for(by, campaign_id)
    refuse_stale(campaign, seen_version, yours=facts.aim)
    objections = [] if manages(by, campaign) else ["排查和专项由区文明办修改。"]
    if campaign.flow_status is not CampaignStatus.DRAFT:
        objections.append(f"“{campaign.title}”{campaign.flow_status.label}，不能再改。")
    found = _looked_up(campaign.kind, facts, campaign.home)
    if objections or found.objections or facts.starts_on is None or facts.ends_on is None:
        raise Refused([*objections, *found.objections])
    campaign.starts_on, campaign.ends_on = facts.starts_on, facts.ends_on
    campaign.version += 1
    _fill(campaign, facts, found)
    _record(campaign, "campaign.edited", by=by, now=now)
    return campaign


def _record(campaign: Campaign, kind: str, *, by: Actor, now: datetime) -> None:
    record(
        kind=kind, subject_kind="campaign", subject_id=campaign.pk, by=by, now=now, title=campaign.title,
        campaign_kind=campaign.kind, start=campaign.starts_on.isoformat(), end=campaign.ends_on.isoformat(),
    )  # fmt: skip


def _home_of(by: Actor) -> Unit | None:
    """The branch that the planner's office looks after."""
    scopes = sorted(by.scopes(*OFFICE), key=len)
    return Unit.objects.filter(path=scopes[0]).first() if scopes else None


def _fill(campaign: Campaign, facts: CampaignFacts, found: _Found) -> None:
    campaign.title, campaign.aim = facts.title.strip(), facts.aim.strip()
    campaign.point_types = [kind.code for kind in found.types]
    campaign.edition, campaign.all_criteria = found.edition, not found.criteria
    campaign.baseline_weeks = facts.baseline_weeks
    campaign.budget_amount, campaign.budget_source = facts.budget_amount, facts.budget_source.strip()
    campaign.set_window()
    campaign.save()
    campaign.areas.set(found.areas)
    campaign.criteria.set(found.criteria)
    campaign.standards.set(found.standards)
    for rows in (campaign.team, campaign.targets, campaign.milestones):
        rows.all().delete()
    CampaignUnit.objects.bulk_create(
        CampaignUnit(campaign=campaign, unit=unit, lead=lead, position=place)
        for place, (unit, lead) in enumerate(found.team)
    )
    CampaignTarget.objects.bulk_create(
        CampaignTarget(campaign=campaign, measure=name, value=facts.targets[name])
        for name in MEASURES
        if name in facts.targets
    )
    Milestone.objects.bulk_create(
        Milestone(campaign=campaign, due_on=day, title=title.strip()) for day, title in sorted(facts.milestones)
    )


def _looked_up(kind: str, facts: CampaignFacts, home: Unit | None) -> _Found:
    dragnet = kind == CampaignKind.DRAGNET
    inside = Unit.objects.filter(path__startswith=home.path if home else "//", active=True)
    areas = list(inside.filter(pk__in=facts.area_ids, kind__in=[UnitKind.STREET, UnitKind.COMMUNITY]).order_by("path"))
    types = list(PointType.objects.filter(code__in=facts.point_types)) if dragnet else []
    edition = Edition.objects.filter(pk=facts.edition_id or 0, published_at__isnull=False).first() if dragnet else None
    criteria = list(Criterion.objects.filter(pk__in=facts.criterion_ids)) if dragnet else []
    standards = [] if dragnet else list(CaseStandard.objects.filter(pk__in=facts.standard_ids))
    team, wrong = _team(facts, inside)
    objections = [] if kind in set(CampaignKind) else ["请选择拉网式排查或专项行动。"]
    objections += ["您的岗位没有对应的辖区。"] if home is None else []
    objections += _head_objections(facts)
    objections += [] if areas else ["请至少选一个街道或社区。"]
    objections += ["有区域不存在、已停用，或不在本区。"] if len(areas) < len(set(facts.area_ids)) else []
    objections += _nested(areas)
    found = _Found(areas, types, edition, criteria, standards, team, objections + wrong)
    found.objections += _dragnet_objections(facts, found) if dragnet else _special_objections(facts, found)
    return found


def _team(facts: CampaignFacts, inside: Any) -> tuple[list[tuple[Unit, Post | None]], list[str]]:
    units = {unit.pk: unit for unit in inside.filter(pk__in=[unit for unit, _lead in facts.team])}
    posts = {post.pk: post for post in Post.objects.filter(pk__in=[lead for _unit, lead in facts.team if lead])}
    wrong = [] if len(units) == len(facts.team) else ["负责单位有重复、不存在、已停用，或不在本区的。"]
    strange = [lead for unit, lead in facts.team if lead and (lead not in posts or posts[lead].unit_id != unit)]
    wrong += ["有负责人在所写单位没有岗位。"] if strange else []
    return [(units[unit], posts.get(lead or 0)) for unit, lead in facts.team if unit in units], wrong


def _nested(areas: Sequence[Unit]) -> list[str]:
    return [
        f"{inner.name}已经在{outer.name}里，不用再选。"
        for outer in areas
        for inner in areas
        if inner.pk != outer.pk and inner.path.startswith(outer.path)
    ]


def _head_objections(facts: CampaignFacts) -> list[str]:
    objections = []
    if not facts.title.strip():
        objections.append("请写明名称。")
    if len(facts.title.strip()) > 120:
        objections.append("名称最多 120 字。")
    if not facts.aim.strip():
        objections.append("请写明目的：为什么做，做到什么样。")
    if facts.starts_on is None or facts.ends_on is None or facts.ends_on < facts.starts_on:
        objections.append("请填写开始和截止日期，截止不能早于开始。")
    elif (facts.ends_on - facts.starts_on).days >= LONGEST_DAYS:
        objections.append(f"最长 {LONGEST_DAYS} 天，再长请分期做。")
    return objections


def _dragnet_objections(facts: CampaignFacts, found: _Found) -> list[str]:
    objections = [] if found.types else ["请至少选一类点位。"]
    objections += ["有点位类型不认识。"] if len(found.types) < len(set(facts.point_types)) else []
    if found.edition is None:
        return [*objections, "请选择一个已发布的测评标准。"]
    wrong = [
        row.code for row in found.criteria if row.edition_id != found.edition.pk or row.method != "field"
    ]  # what is judged on paper or asked in a survey is no work of a patrol
    if wrong or len(found.criteria) < len(set(facts.criterion_ids)):
        objections.append(
            f"必查条目须是所选版次里实地考察的条目，不是的有：{'、'.join(wrong[:8]) or '已不存在的条目'}。"
        )
    rows = found.criteria or list(Criterion.objects.filter(edition=found.edition, method="field"))
    covered = {row.point_type_id for row in rows}
    bare = [kind.name for kind in found.types if kind.code not in covered]
    objections += [f"{'、'.join(bare)}没有必查条目，请补选条目，或去掉这类点位。"] if bare else []
    return objections


def _special_objections(facts: CampaignFacts, found: _Found) -> list[str]:
    objections = [] if found.standards else ["请至少选一类案件（立案标准）。"]
    objections += ["有立案标准不存在。"] if len(found.standards) < len(set(facts.standard_ids)) else []
    if not 1 <= facts.baseline_weeks <= MOST_WEEKS:
        objections.append(f"对照周数须在 1 到 {MOST_WEEKS} 之间。")
    for name, value in facts.targets.items():
        kind = MEASURES.get(name)
        if kind is None:
            objections.append(f"指标“{name}”不认识。")
        elif value < 0 or value > (100 if kind.is_share else 999_999):
            objections.append(f"{kind.label}的目标须在 0 到 {'100' if kind.is_share else '999,999'} 之间。")
    if not facts.targets:
        objections.append("请至少定一个可以量的目标。")
    if not found.team:
        objections.append("请写明牵头单位。")
    objections += ["有节点没有写名称。"] if any(not title.strip() for _day, title in facts.milestones) else []
    objections += ["节点名称最多 120 字。"] if any(len(title.strip()) > 120 for _day, title in facts.milestones) else []
    amount = facts.budget_amount
    if amount is not None and not 0 <= amount < MOST_MONEY:
        objections.append("经费须是 0 以上的金额（元）。")
    if amount and not facts.budget_source.strip():
        objections.append("写了经费，请写明来源。")
    return objections
