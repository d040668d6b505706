"""Reading campaigns: the door to one, who sees which, the figures of a list."""

import re
from collections.abc import Iterable, Sequence
from datetime import date

from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery

from chuangwen.campaigns.models import Campaign, CampaignSite, CampaignUnit, Milestone, Spending, midnight
from chuangwen.patrols.models import Patrol
from chuangwen.patrols.queries import patrols_for, with_progress
from chuangwen.people.models import Post, Unit
from chuangwen.places.models import Site
from chuangwen.rules.campaigns import CampaignKind, CampaignStatus
from chuangwen.rules.permissions import OFFICE, UNIT, Actor, Permission, Role, Thing, may
from chuangwen.rules.refusals import Conflict, NotFound, Refused

WHOLE = (*OFFICE, Role.LEADER, Role.INSPECTOR)  # their posts reach a whole district
_STARTED = [CampaignStatus.RUNNING.value, CampaignStatus.CLOSED.value]


def manages(actor: Actor, campaign: Campaign) -> bool:
    """Whether this person's office plans this campaign."""
    return actor.system or (
        may(actor, Permission.CAMPAIGN_PLAN) and campaign.home.path.startswith(actor.scopes(*OFFICE) or ("//",))
    )


def campaigns_for(actor: Actor) -> QuerySet[Campaign]:
    """What an actor may see: offices all of their branch; leaders and inspectors what started; units what touches them."""
    if actor.system:
        return Campaign.objects.all()
    if not may(actor, Permission.CAMPAIGN_SEE):
        return Campaign.objects.none()
    reach = Q(pk__in=[])
    for scope in set(actor.scopes(*OFFICE)):
        reach |= Q(home__path__startswith=scope)
    for scope in set(actor.scopes(Role.LEADER, Role.INSPECTOR)):
        reach |= Q(home__path__startswith=scope, status__in=_STARTED)
    if scopes := set(actor.scopes(*UNIT)):
        reach |= Q(status__in=_STARTED) & _touches(scopes)
    return Campaign.objects.filter(reach)


def _touches(scopes: Iterable[str]) -> Q:
    """Campaigns in which a branch has a part: in the team, in the areas, or with a place."""
    units, places = Q(pk__in=[]), Q(pk__in=[])
    for scope in sorted(scopes):
        units |= Q(unit__path__startswith=scope) | Q(unit__path__in=above(scope))
        places |= within_branch(scope)
    grounds = Campaign.areas.through.objects.filter(units, campaign=OuterRef("pk"))
    team = CampaignUnit.objects.filter(units, campaign=OuterRef("pk"))
    held = CampaignSite.objects.filter(places, campaign=OuterRef("pk"), dropped_at=None)
    return Q(Exists(grounds)) | Q(Exists(team)) | Q(Exists(held))


def above(path: str) -> list[str]:
    """The paths of the units above one, itself included."""
    codes = path.strip("/").split("/")
    return [f"/{'/'.join(codes[:depth])}/" for depth in range(1, len(codes) + 1)]


def within_branch(scope: str) -> Q:
    """Places of a campaign that a branch owns, is home to, or answers for."""
    return (
        Q(site__home__path__startswith=scope) | Q(site__owner__path__startswith=scope) | Q(unit__path__startswith=scope)
    )


def reach_of(actor: Actor, campaign: Campaign) -> Q:
    """The places of a campaign that this person may see and work on: all of them, or those of their branches."""
    if actor.system or campaign.home.path.startswith(actor.scopes(*WHOLE) or ("//",)):
        return Q()
    reach = Q(pk__in=[])
    for scope in set(actor.scopes(*WHOLE, *UNIT)):
        reach |= within_branch(scope)
    return reach


def sees_all(actor: Actor, campaign: Campaign) -> bool:
    """Whether no place of the campaign is outside this person's reach."""
    return not reach_of(actor, campaign)


def campaign_for(actor: Actor, campaign_id: int) -> Campaign:
    """The door: the campaign when the actor may see it. Unseen and unknown look alike."""
    found = campaigns_for(actor).filter(pk=campaign_id).select_related("home", "edition").first()
    if found is None:
        raise NotFound
    return found


def locked_for(actor: Actor, campaign_id: int) -> Campaign:
    """The campaign through its door, locked for this transaction."""
    rows = Campaign.objects.select_for_update(of=("self",)).select_related("home", "edition")
    campaign = rows.filter(pk=campaign_id).first()
    if campaign is None or not campaigns_for(actor).filter(pk=campaign_id).exists():
        raise NotFound
    return campaign


def refuse_stale(campaign: Campaign, seen_version: int | None, *, yours: str = "") -> None:
    """Somebody else changed the campaign since this person looked: say so, with both texts."""
    if seen_version is not None and seen_version != campaign.version:
        raise Conflict(
            f"“{campaign.title}”刚刚有人改过，现在是“{campaign.flow_status.label}”。您写的内容还在，请看过最新情况后再决定是否提交。",
            yours=yours,
            theirs=campaign.aim,
        )


def work_thing(place: CampaignSite) -> Thing:
    """What permissions need to know of a place of a campaign."""
    owner = place.site.owner.path
    return Thing(home=place.site.home.path, handler=owner)


def with_next_milestone(campaigns: QuerySet[Campaign]) -> QuerySet[Campaign]:
    """Adds `next_due` and `next_title`, the first milestone that is not done."""
    waiting = Milestone.objects.filter(campaign=OuterRef("pk"), done_at=None).order_by("due_on", "id")
    return campaigns.annotate(
        next_due=Subquery(waiting.values("due_on")[:1]), next_title=Subquery(waiting.values("title")[:1])
    )


def lead_post(unit_id: int, name: str, today: date) -> Post | None:
    """The post that a person, by name or account, holds in a unit on a day; None when there is none or more than one."""
    on_duty = Q(starts_on__lte=today) & (Q(ends_on=None) | Q(ends_on__gte=today))
    named = Q(user__display_name=name) | Q(user__username=name)
    found = list(Post.objects.filter(on_duty, named, unit_id=unit_id, user__is_active=True).order_by("pk")[:2])
    return found[0] if len(found) == 1 else None


def team_of(campaign: Campaign) -> Sequence[CampaignUnit]:
    """The units of the team with their named leads, the leading one first."""
    return list(campaign.team.select_related("unit", "lead__user"))


def rounds_of(actor: Actor, campaign: Campaign) -> Sequence[Patrol]:
    """The patrols planned out of a campaign that this person may see, the latest first, with their progress."""
    rows = patrols_for(actor).filter(pk__in=campaign.rounds.values("patrol"))
    return list(with_progress(rows).prefetch_related("inspectors").order_by("-starts_at", "-id")[:200])


def site_ids_by_code(text: str) -> Sequence[int]:
    """The sites whose codes stand in a text, divided by lines, blanks or commas. Refuses with every code that no site has."""
    codes = list(dict.fromkeys(re.split(r"[\s,，、;；]+", text.strip())))[:500]
    known = dict(Site.objects.filter(code__in=codes).values_list("code", "pk"))
    if strange := [code for code in codes if code and code not in known]:
        raise Refused(f"没有编码为{'、'.join(strange[:8])}的点位。")
    return [known[code] for code in codes if code]


def milestones_of(campaign: Campaign) -> Sequence[Milestone]:
    """The milestones in order of time."""
    return list(campaign.milestones.all())


def spendings_of(campaign: Campaign) -> Sequence[Spending]:
    """Every entry of money spent, struck out ones included, in order of days."""
    return list(campaign.spendings.all())


def public_campaigns() -> QuerySet[Campaign]:
    """What a person released, newest first."""
    return Campaign.objects.filter(released_at__isnull=False).order_by("-released_at", "-id")


def special_between(home: Unit, first: date, last: date) -> Sequence[Campaign]:
    """The special campaigns of a branch that ran on one of these days, in the order they began."""
    ran = Campaign.objects.filter(
        kind=CampaignKind.SPECIAL.value, starts_on__lte=last, home__path__startswith=home.path
    )
    ran = ran.filter(Q(ended_at=None) | Q(ended_at__gte=midnight(first)), status__in=_STARTED)
    return list(ran.select_related("home").prefetch_related("areas", "standards").order_by("starts_on", "id"))


def public_campaign(campaign_id: int) -> Campaign:
    """One released campaign; anything else is not there."""
    found = public_campaigns().filter(pk=campaign_id).first()
    if found is None:
        raise NotFound
    return found
