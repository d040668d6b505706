"""Planning the patrols of a dragnet check: the places of a street that are left, shared among inspectors in one stroke."""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta

from django.db import transaction

from chuangwen.campaigns.coverage import Place, places_of
from chuangwen.campaigns.models import BEIJING, Campaign, CampaignPatrol
from chuangwen.campaigns.queries import locked_for, manages
from chuangwen.journal.operations import record
from chuangwen.journal.queries import event_by_client_key
from chuangwen.patrols.models import Patrol
from chuangwen.patrols.operations import plan_patrol
from chuangwen.patrols.queries import inspectors
from chuangwen.rules.campaigns import CampaignStatus
from chuangwen.rules.coverage import DealtRound, SiteState, deal
from chuangwen.rules.permissions import Actor
from chuangwen.rules.refusals import Refused
from chuangwen.rules.rounds import nearest_next
from chuangwen.standards.queries import work_calendar

OPENS, CLOSES = time(8, 30), time(17, 30)
MOST_A_DAY, MOST_ROUNDS = 60, 200


@transaction.atomic
def plan_rounds(
    *, campaign_id: int, street: str, inspector_ids: Sequence[int], first_day: date | None, a_day: int,
    with_unreachable: bool = False, by: Actor, now: datetime, client_key: str | None = None,
) -> Sequence[Patrol]:  # fmt: skip
    """Patrols for every place of a street (its name; all of them when empty) that is left and in no patrol yet.

    Places are walked neighbour to neighbour, at most `a_day` by one inspector a day, on working days from `first_day`.
    The same submission again gives the patrols that exist.
    """
    campaign = locked_for(by, campaign_id)
    event = event_by_client_key(client_key) if client_key else None
    if event is not None:
        return list(Patrol.objects.filter(pk__in=event.facts.get("patrols", [])))
    today = now.astimezone(BEIJING).date()
    people = [user for user in inspectors(today) if user.pk in set(inspector_ids)]
    objections = [] if manages(by, campaign) else ["巡查由区文明办安排。"]
    if not campaign.is_dragnet or campaign.flow_status is not CampaignStatus.RUNNING:
        objections.append("只有进行中的拉网式排查才能安排巡查。")
    objections += [] if people else ["请至少选一名巡查员。"]
    objections += [] if 1 <= a_day <= MOST_A_DAY else [f"每人每天处数须在 1 到 {MOST_A_DAY} 之间。"]
    objections += [] if first_day is not None and first_day >= today else ["请填写从哪天开始，不能早于今天。"]
    if objections or first_day is None:
        raise Refused(objections)
    places = _waiting(by, campaign, street, with_unreachable=with_unreachable, now=now)
    if not places:
        raise Refused("这里没有还要安排的点位：都已查完、已安排，或登记为进不去。")
    dealt = _dealt(places, people=[user.pk for user in people], a_day=a_day, days=_days(campaign, first_day, now))
    planned = [_planned(campaign, street, places, each, by=by, now=now) for each in dealt]
    campaign.version += 1
    campaign.save(update_fields=["version"])
    record(
        kind="campaign.rounds_planned", subject_kind="campaign", subject_id=campaign.pk, by=by, now=now,
        client_key=client_key, title=campaign.title, patrols=[patrol.pk for patrol in planned], sites=len(places),
        street=street,
    )  # fmt: skip
    return planned


def _waiting(by: Actor, campaign: Campaign, street: str, *, with_unreachable: bool, now: datetime) -> list[Place]:
    states = {SiteState.LEFT, SiteState.UNREACHABLE} if with_unreachable else {SiteState.LEFT}
    return [
        place
        for place in places_of(by, campaign)
        if place.state in states and (not street or place.street == street) and not place.is_awaited(now)
    ]


def _days(campaign: Campaign, first: date, now: datetime) -> list[date]:
    """The working days from the first to the end; today only while there is time for a round."""
    calendar, here = work_calendar(), now.astimezone(BEIJING)
    days = [first + timedelta(days=number) for number in range((campaign.ends_on - first).days + 1)]
    late = here.time() >= CLOSES
    return [day for day in days if calendar.is_working(day) and not (late and day == here.date())]


def _dealt(places: Sequence[Place], *, people: Sequence[int], a_day: int, days: Sequence[date]) -> list[DealtRound]:
    order = nearest_next([(place.lng, place.lat) for place in places])
    dealt = deal([places[index].site_id for index in order], people=people, a_day=a_day, days=days)
    if len(dealt) > MOST_ROUNDS:
        raise Refused(f"一次最多安排 {MOST_ROUNDS} 次巡查，这样要 {len(dealt)} 次。请分街道安排，或加大每天处数。")
    return dealt


def _planned(
    campaign: Campaign, street: str, places: Sequence[Place], dealt: DealtRound, *, by: Actor, now: datetime
) -> Patrol:
    opens = max(now, datetime.combine(dealt.day, OPENS, BEIJING))
    streets = {place.site_id: place.street for place in places}
    where = street or next((streets[site] for site in dealt.places if streets[site]), "")
    patrol = plan_patrol(
        title=f"{campaign.title}：{where}（{dealt.day.month}月{dealt.day.day}日）"[:120], kind="special",
        edition_id=campaign.edition_id or 0, site_ids=list(dealt.places), inspector_ids=[dealt.person], starts_at=opens,
        ends_at=datetime.combine(dealt.day, CLOSES, BEIJING), by=by, now=now,
    )  # fmt: skip
    CampaignPatrol.objects.create(campaign=campaign, patrol=patrol)
    return patrol
