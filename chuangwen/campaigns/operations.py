"""The steps of a campaign's life, and what happens to its places."""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime

from django.db import transaction
from django.db.models import Q, QuerySet

from chuangwen.burden.operations import claim, give_back
from chuangwen.burden.queries import standard
from chuangwen.campaigns.coverage import public_places, with_coverage
from chuangwen.campaigns.demand import demand_of, merged
from chuangwen.campaigns.figures import figures_of, freeze_baselines
from chuangwen.campaigns.models import BEIJING, Campaign, CampaignSite
from chuangwen.campaigns.moving import record_step, taken_up
from chuangwen.campaigns.public_page import public_facts
from chuangwen.campaigns.queries import manages, reach_of, work_thing
from chuangwen.patrols.queries import concealed_from
from chuangwen.people.models import Unit
from chuangwen.places.models import Site
from chuangwen.places.queries import sites_in_scope
from chuangwen.rules.campaigns import CampaignMove, CampaignStatus, in_charge, next_campaign_status
from chuangwen.rules.permissions import SYSTEM, Actor, Permission, may
from chuangwen.rules.refusals import NotFound, Refused
from chuangwen.standards.models import Criterion

LEAST_WORDS = 10


def _planner(campaign: Campaign, by: Actor, word: str) -> list[str]:
    return [] if manages(by, campaign) else [f"排查和专项由区文明办{word}。"]


def _may_release(campaign: Campaign, by: Actor) -> bool:
    return may(by, Permission.CAMPAIGN_RELEASE) and manages(by, campaign)


# --- life ---


@transaction.atomic
def start_campaign(
    *, campaign_id: int, meetings: int = 0, overrule: str = "", by: Actor, now: datetime, seen_version: int | None = None,
    client_key: str | None = None,
) -> Campaign:  # fmt: skip
    """The draft runs. A dragnet check freezes its criteria and places; a special campaign its baselines.

    What it asks of each role (`meetings`: of each unit of the team) must fit into what is left of their months; else it
    is refused with the figures, unless the office's chief writes down why it starts all the same (`overrule`).
    """
    campaign, repeated = taken_up(campaign_id, by, client_key, seen_version)
    if repeated:
        return campaign
    status = next_campaign_status(campaign.flow_status, CampaignMove.START)
    objections = _planner(campaign, by, "启动")
    if campaign.ends_on < now.astimezone(BEIJING).date():
        objections.append("截止日期已经过了，请先改日期。")
    facts: dict[str, object] = {}
    if campaign.is_dragnet and not objections:
        facts["sites"] = _freeze_places(campaign, now)
        objections += [] if facts["sites"] else ["所选区域里没有这几类点位，请改区域或点位类型。"]
    if objections:
        raise Refused(objections)
    facts["burden"] = _claim_time(campaign, meetings, overrule, by, now)
    campaign.status = status.value
    if not campaign.is_dragnet:
        facts["baselines"] = freeze_baselines(campaign, now=now)
    record_step(campaign, "started", by=by, now=now, client_key=client_key, **facts)
    return campaign


def _claim_time(campaign: Campaign, meetings: int, overrule: str, by: Actor, now: datetime) -> dict[str, int]:
    """Take its time from the budgets. Returns the minutes by role, for the event."""
    sizes = list(campaign.places.values_list("must_count", flat=True)) if campaign.is_dragnet else []
    demands = merged(demand_of(campaign, sizes=sizes, meetings=max(meetings, 0), standard=standard(), now=now))
    claim(
        home=campaign.home, subject=("campaign", campaign.pk), title=campaign.title, demands=demands, overrule=overrule,
        by=by, now=now,
    )  # fmt: skip
    minutes: Counter[str] = Counter()
    for demand in demands:
        minutes[demand.role.value] += demand.minutes
    return dict(minutes)


def _freeze_places(campaign: Campaign, now: datetime) -> int:
    """Every active site of the types in the areas, with its unit in charge and how many criteria must be judged there."""
    must = _must_counts(campaign)
    rows = _sites_of(campaign).filter(point_type__in=must)
    charge = _Charge(campaign)
    places = [
        CampaignSite(
            campaign=campaign, site=site, unit_id=charge.of(site), must_count=must[site.point_type], added_at=now
        )
        for site in rows.select_related("home", "owner")
    ]
    CampaignSite.objects.bulk_create(places)
    return len(places)


def _must_counts(campaign: Campaign) -> Counter[str]:
    """How many criteria must be judged at a site of each type; `all` becomes a list, so that it stays what it was."""
    if campaign.all_criteria:
        rows = Criterion.objects.filter(edition=campaign.edition, method="field", point_type__in=campaign.point_types)
        campaign.criteria.set(rows)
    found = campaign.criteria.filter(point_type__in=campaign.point_types).values_list("point_type", flat=True)
    return Counter(map(str, found))


def _sites_of(campaign: Campaign, areas: Iterable[Unit] | None = None) -> QuerySet[Site]:
    within = Q(pk__in=[])
    for unit in areas if areas is not None else campaign.areas.all():
        within |= Q(home__path__startswith=unit.path) | Q(street=unit)
    return Site.objects.filter(within, active=True)


class _Charge:
    """Who answers for a place, asked for many places: areas and units are fetched once."""

    def __init__(self, campaign: Campaign) -> None:
        self.areas = {unit.path: unit.pk for unit in campaign.areas.all()}
        self.units = {part.unit.path: part.unit_id for part in campaign.team.select_related("unit")}
        self.home_id = campaign.home_id

    def of(self, site: Site) -> int:
        """The unit's id; the campaign's own branch where the place lies under no area (a street's site in a park)."""
        path = in_charge(site.home.path, site.owner.path, self.areas, self.units)
        return self.units.get(path) or self.areas.get(path) or site.street_id or self.home_id


@transaction.atomic
def close_campaign(
    *, campaign_id: int, conclusion: str, by: Actor, now: datetime, seen_version: int | None = None,
    client_key: str | None = None,
) -> Campaign:  # fmt: skip
    """The campaign is over; a person says what came of it. What was not reached stays visible."""
    campaign, repeated = taken_up(campaign_id, by, client_key, seen_version, conclusion)
    if repeated:
        return campaign
    status = next_campaign_status(campaign.flow_status, CampaignMove.CLOSE)
    objections = _planner(campaign, by, "结束")
    if len(conclusion.strip()) < LEAST_WORDS:
        objections.append(f"请写结论（至少 {LEAST_WORDS} 字）：做到了什么、没做到什么、下一步怎么办。")
    if objections:
        raise Refused(objections)
    campaign.conclusion = conclusion.strip()[:5000]
    _end(campaign, status, by, now)
    record_step(campaign, "closed", by=by, now=now, client_key=client_key, note=campaign.conclusion)
    return campaign


@transaction.atomic
def cancel_campaign(
    *, campaign_id: int, reason: str, by: Actor, now: datetime, seen_version: int | None = None,
    client_key: str | None = None,
) -> Campaign:  # fmt: skip
    """The campaign does not go on. Patrols and cases that came of it stay."""
    campaign, repeated = taken_up(campaign_id, by, client_key, seen_version, reason)
    if repeated:
        return campaign
    status = next_campaign_status(campaign.flow_status, CampaignMove.CANCEL)
    objections = _planner(campaign, by, "取消")
    objections += [] if reason.strip() else ["取消须写明理由。"]
    if objections:
        raise Refused(objections)
    campaign.cancel_reason = reason.strip()[:500]
    campaign.released_at, campaign.released_by, campaign.public_facts = None, "", {}
    _end(campaign, status, by, now)
    give_back(subject=("campaign", campaign.pk), by=by, now=now)
    record_step(campaign, "cancelled", by=by, now=now, client_key=client_key, note=campaign.cancel_reason)
    return campaign


def _end(campaign: Campaign, status: CampaignStatus, by: Actor, now: datetime) -> None:
    campaign.status = status.value
    campaign.ended_at, campaign.ended_by = now, by.name
    campaign.closes_at = max(campaign.opens_at, min(campaign.closes_at, now))


@transaction.atomic
def release_campaign(
    *, campaign_id: int, by: Actor, now: datetime, seen_version: int | None = None, client_key: str | None = None
) -> Campaign:
    """Residents may see name, aim, areas, days and the figures of this moment. Again: the figures of then."""
    campaign, repeated = taken_up(campaign_id, by, client_key, seen_version)
    if repeated:
        return campaign
    objections = [] if _may_release(campaign, by) else ["对外公开由文明办主任决定。"]
    if campaign.flow_status not in {CampaignStatus.RUNNING, CampaignStatus.CLOSED}:
        objections.append(f"{campaign.flow_status.label}的不能公开。")
    if objections:
        raise Refused(objections)
    campaign.public_facts = (
        public_facts(campaign, now, places=public_places(campaign))
        if campaign.is_dragnet
        else public_facts(campaign, now, figures=figures_of(SYSTEM, campaign, now=now, hide_secret=True))
    )
    campaign.released_at, campaign.released_by = now, by.name
    record_step(campaign, "released", by=by, now=now, client_key=client_key)
    return campaign


@transaction.atomic
def withdraw_campaign(
    *, campaign_id: int, reason: str, by: Actor, now: datetime, seen_version: int | None = None,
    client_key: str | None = None,
) -> Campaign:  # fmt: skip
    """The public page is taken down again."""
    campaign, repeated = taken_up(campaign_id, by, client_key, seen_version, reason)
    if repeated:
        return campaign
    objections = [] if _may_release(campaign, by) else ["撤下公开页由文明办主任决定。"]
    objections += [] if campaign.is_released else ["它没有公开，不用撤下。"]
    objections += [] if reason.strip() else ["撤下公开页须写明理由。"]
    if objections:
        raise Refused(objections)
    campaign.released_at, campaign.released_by, campaign.public_facts = None, "", {}
    record_step(campaign, "withdrawn", by=by, now=now, client_key=client_key, note=reason.strip()[:500])
    return campaign


# --- places ---


def _running(campaign: Campaign) -> list[str]:
    return (
        [] if campaign.flow_status is CampaignStatus.RUNNING else [f"排查{campaign.flow_status.label}，点位不能再变。"]
    )


def _place(campaign: Campaign, site_id: int, by: Actor) -> CampaignSite:
    rows = CampaignSite.objects.select_for_update(of=("self",)).select_related("site__home", "site__owner")
    within = CampaignSite.objects.filter(reach_of(by, campaign), campaign=campaign, site_id=site_id, dropped_at=None)
    place = rows.filter(pk__in=within.values("pk")).first()
    if place is None:
        raise NotFound("这个点位不在本次排查里，或者不在您的辖区。")
    return place


@transaction.atomic
def mark_unreachable(
    *, campaign_id: int, site_id: int, reason: str, by: Actor, now: datetime, client_key: str | None = None
) -> CampaignSite:
    """Somebody stood before the place and could not get in. It is not done and can be visited again."""
    campaign, repeated = taken_up(campaign_id, by, client_key)
    place = _place(campaign, site_id, by)
    if repeated:
        return place
    objections = _running(campaign)
    objections += [] if may(by, Permission.CAMPAIGN_WORK, work_thing(place)) else ["这个点位不由您登记。"]
    objections += [] if reason.strip() else ["请写明进不去的原因，例如锁门、施工封闭。"]
    covered = with_coverage(CampaignSite.objects.filter(pk=place.pk), concealed_from(by))
    if covered.filter(covered_at__isnull=False).exists():
        objections.append("这个点位已经查过，不用登记。")
    if objections:
        raise Refused(objections)
    place.unreachable_at, place.unreachable_by = now, by.name
    place.unreachable_reason = reason.strip()[:300]
    place.save(update_fields=["unreachable_at", "unreachable_by", "unreachable_reason"])
    record_step(
        campaign, "site_unreachable", by=by, now=now, client_key=client_key, site=site_id, site_name=place.site.name,
        note=place.unreachable_reason,
    )  # fmt: skip
    return place


@transaction.atomic
def mark_reachable(
    *, campaign_id: int, site_id: int, by: Actor, now: datetime, client_key: str | None = None
) -> CampaignSite:
    """The place can be entered again; it is left to do."""
    campaign, repeated = taken_up(campaign_id, by, client_key)
    place = _place(campaign, site_id, by)
    if repeated or place.unreachable_at is None:
        return place
    objections = _running(campaign)
    objections += [] if may(by, Permission.CAMPAIGN_WORK, work_thing(place)) else ["这个点位不由您登记。"]
    if objections:
        raise Refused(objections)
    earlier = place.unreachable_reason
    place.unreachable_at, place.unreachable_by, place.unreachable_reason = None, "", ""
    place.save(update_fields=["unreachable_at", "unreachable_by", "unreachable_reason"])
    record_step(
        campaign, "site_reachable", by=by, now=now, client_key=client_key, site=site_id, site_name=place.site.name,
        note=earlier,
    )  # fmt: skip
    return place


@transaction.atomic
def add_sites(
    *, campaign_id: int, site_ids: Sequence[int], reason: str, by: Actor, now: datetime, client_key: str | None = None
) -> Campaign:
    """Places join a running check, with the reason; one that was dropped comes back."""
    campaign, repeated = taken_up(campaign_id, by, client_key)
    if repeated:
        return campaign
    objections = _planner(campaign, by, "增减点位") + _running(campaign)
    objections += [] if reason.strip() else ["补入点位须写明理由。"]
    reach = Site.objects.all() if by.system else sites_in_scope(by)
    found = reach.filter(pk__in=site_ids, active=True, home__path__startswith=campaign.home.path)
    sites = list(found.select_related("home", "owner"))
    must = Counter(map(str, campaign.criteria.values_list("point_type", flat=True)))
    known = set(campaign.places.filter(dropped_at=None, site__in=site_ids).values_list("site_id", flat=True))
    objections += [] if site_ids else ["请选要补入的点位。"]
    objections += ["有点位不存在、已停用，或不在您的辖区。"] if len(sites) < len(set(site_ids)) else []
    objections += [f"{site.name}已经在排查里。" for site in sites if site.pk in known]
    objections += [f"{site.name}这类点位没有必查条目，不能补入。" for site in sites if not must[site.point_type]]
    if objections:
        raise Refused(objections)
    charge = _Charge(campaign)
    for site in sites:
        CampaignSite.objects.update_or_create(
            campaign=campaign, site=site,
            defaults={
                "unit_id": charge.of(site), "must_count": must[site.point_type], "added_at": now,
                "added_reason": reason.strip()[:300], "dropped_at": None, "dropped_reason": "",
            },
        )  # fmt: skip
    record_step(
        campaign, "sites_added", by=by, now=now, client_key=client_key, sites=[site.pk for site in sites],
        site_name="、".join(site.name for site in sites[:20]), note=reason.strip()[:300],
    )  # fmt: skip
    return campaign


@transaction.atomic
def drop_site(
    *, campaign_id: int, site_id: int, reason: str, by: Actor, now: datetime, client_key: str | None = None
) -> CampaignSite:
    """A place leaves a running check, with the reason; the row stays for whoever asks why."""
    campaign, repeated = taken_up(campaign_id, by, client_key)
    if repeated:
        return CampaignSite.objects.get(campaign=campaign, site_id=site_id)
    place = _place(campaign, site_id, by)
    objections = _planner(campaign, by, "增减点位") + _running(campaign)
    objections += [] if reason.strip() else ["剔除点位须写明理由。"]
    if objections:
        raise Refused(objections)
    place.dropped_at, place.dropped_reason = now, reason.strip()[:300]
    place.save(update_fields=["dropped_at", "dropped_reason"])
    record_step(
        campaign, "site_dropped", by=by, now=now, client_key=client_key, site=site_id, site_name=place.site.name,
        note=place.dropped_reason,
    )  # fmt: skip
    return place
