"""Coverage of dragnet checks out of visits: two statements for the places, arithmetic by rules/coverage.py.

What covers a place is asked of the database here; `rules.coverage.covered_at` is the reference, a test holds both together.
A visit of a secret patrol counts for nobody who must not notice the patrol.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Count, Max, Min, OuterRef, Q, QuerySet, Subquery

from chuangwen.campaigns.models import BEIJING, Campaign, CampaignSite
from chuangwen.campaigns.queries import campaigns_for, reach_of
from chuangwen.patrols.models import Finding, PatrolSite, Visit
from chuangwen.patrols.queries import concealed, concealed_from
from chuangwen.rules.campaigns import CampaignKind, CampaignStatus
from chuangwen.rules.coverage import Coverage, DayLine, SiteState, curve, site_state, tally, tally_by
from chuangwen.rules.permissions import Actor

_Hidden = QuerySet[Any]


def _covering(hidden: _Hidden) -> QuerySet[Visit]:
    """The visits that cover the place of the outer row, the earliest first."""
    chosen = Campaign.criteria.through.objects.filter(campaign=OuterRef(OuterRef(OuterRef("campaign"))))
    judged = Finding.objects.filter(visit=OuterRef("pk"), criterion__in=chosen.values("criterion")).order_by()
    counted = judged.values("visit").annotate(n=Count("pk")).values("n")  # one finding a criterion, by constraint
    inside = Visit.objects.filter(
        site=OuterRef("site"), finished_at__gte=OuterRef("campaign__opens_at"),
        finished_at__lt=OuterRef("campaign__closes_at"), patrol__edition=OuterRef("campaign__edition"),
    ).exclude(patrol__in=hidden.values("pk"))  # fmt: skip
    enough = inside.annotate(judged=Subquery(counted)).filter(judged__gte=OuterRef("must_count"))
    return enough.order_by("finished_at", "pk")


def _planned(campaign: Campaign, hidden: _Hidden) -> dict[int, tuple[datetime, datetime]]:
    """For each site the beginning of the first and the end of the last patrol in the window that can cover it; one
    statement.
    """
    stops = PatrolSite.objects.filter(
        site__in=CampaignSite.objects.filter(campaign=campaign).values("site"), patrol__cancelled_at=None,
        patrol__edition=campaign.edition_id, patrol__ends_at__gte=campaign.opens_at,
        patrol__starts_at__lt=campaign.closes_at,
    ).exclude(patrol__in=hidden.values("pk"))  # fmt: skip
    spans = stops.order_by().values_list("site_id")
    rows = spans.annotate(first=Min("patrol__starts_at"), last=Max("patrol__ends_at"))
    return {site_id: (first, last) for site_id, first, last in rows}


def with_coverage(places: QuerySet[CampaignSite], hidden: _Hidden) -> QuerySet[Any]:
    """Adds `covered_at`, the moment at which the place was first done, None while it is not."""
    return places.annotate(covered_at=Subquery(_covering(hidden).values("finished_at")[:1]))


@dataclass(frozen=True)
class Place:
    """One place of a dragnet check as lists, maps and sheets show it."""

    place_id: int
    site_id: int
    code: str
    name: str
    address: str
    point_type: str
    lng: float
    lat: float
    street: str
    unit_code: str
    unit_name: str
    unreachable_at: datetime | None
    unreachable_reason: str
    unreachable_by: str
    added_reason: str
    covered_at: datetime | None
    planned_at: datetime | None
    planned_until: datetime | None

    @property
    def state(self) -> SiteState:
        """Done, left or unreachable."""
        return site_state(covered=self.covered_at is not None, unreachable=self.unreachable_at is not None)

    def is_awaited(self, now: datetime) -> bool:
        """Not done, and in a patrol that is not over yet; one that passed without a visit does not count."""
        waits = self.planned_until is not None and self.planned_until >= now
        return waits and self.state is not SiteState.DONE


_FIELDS = {
    "pk": "place_id", "site_id": "site_id", "site__code": "code", "site__name": "name", "site__address": "address",
    "site__point_type": "point_type", "site__lng": "lng", "site__lat": "lat", "site__street__name": "street",
    "unit__code": "unit_code", "unit__name": "unit_name", "unreachable_at": "unreachable_at",
    "unreachable_reason": "unreachable_reason", "unreachable_by": "unreachable_by", "added_reason": "added_reason",
    "covered_at": "covered_at",
}  # fmt: skip
_COLUMNS = tuple(_FIELDS)


def places_of(actor: Actor, campaign: Campaign, *, wanted: Q | None = None) -> list[Place]:
    """The places within reach that are not dropped, in tree order; two statements. `wanted` narrows further."""
    return _places(campaign, reach_of(actor, campaign) & (wanted or Q()), concealed_from(actor))


def public_places(campaign: Campaign) -> list[Place]:
    """The same for everybody: all places, secret patrols left out."""
    return _places(campaign, Q(), concealed())


def _places(campaign: Campaign, wanted: Q, hidden: _Hidden) -> list[Place]:
    rows = with_coverage(CampaignSite.objects.filter(wanted, campaign=campaign, dropped_at=None), hidden)
    planned = _planned(campaign, hidden)
    found = []
    for row in rows.order_by("unit__path", "site__code").values(*_COLUMNS):
        row["site__lng"], row["site__lat"] = float(row["site__lng"]), float(row["site__lat"])
        row["site__street__name"] = row["site__street__name"] or ""
        first, last = planned.get(row["site_id"], (None, None))
        facts = {_FIELDS[name]: value for name, value in row.items()}
        found.append(Place(**facts, planned_at=first, planned_until=last))
    return found


def day_of(moment: datetime | None) -> date | None:
    """The day of a moment in Beijing."""
    return moment.astimezone(BEIJING).date() if moment else None


@dataclass(frozen=True)
class UnitCoverage:
    """One unit in charge and how far its places are."""

    code: str
    name: str
    coverage: Coverage


@dataclass(frozen=True)
class CoverageView:
    """What the overview of a dragnet check shows of the places within reach."""

    whole: Coverage
    units: Sequence[UnitCoverage]
    days: Sequence[DayLine]
    planned_left: int


def coverage_view(campaign: Campaign, places: Sequence[Place], now: datetime) -> CoverageView:
    """Sums over the places, by unit and by day; the parts add up to the whole."""
    names, today = {place.unit_code: place.unit_name for place in places}, now.astimezone(BEIJING).date()
    by_unit = tally_by((place.unit_code, place.state) for place in places)
    days = [
        campaign.starts_on + timedelta(days=number)
        for number in range((campaign.ends_on - campaign.starts_on).days + 1)
    ]
    left = [place for place in places if place.state is SiteState.LEFT]
    return CoverageView(
        whole=tally(place.state for place in places),
        units=[UnitCoverage(code, names[code], found) for code, found in by_unit.items()],
        days=curve(
            days, planned=[day_of(place.planned_at) for place in places],
            done=[day_of(place.covered_at) for place in places], total=len(places), today=today,
        ),
        planned_left=sum(1 for place in left if place.is_awaited(now)),
    )  # fmt: skip


def coverage_by_campaign(actor: Actor, campaigns: Iterable[Campaign]) -> Mapping[int, Coverage]:
    """How far each dragnet check is within this person's reach, in one statement."""
    reach = Q(pk__in=[])
    for campaign in campaigns:
        if campaign.kind == CampaignKind.DRAGNET:
            reach |= Q(campaign=campaign) & reach_of(actor, campaign)
    rows = with_coverage(CampaignSite.objects.filter(reach, dropped_at=None), concealed_from(actor))
    return tally_by(
        (campaign_id, site_state(covered=covered is not None, unreachable=unreachable is not None))
        for campaign_id, covered, unreachable in rows.values_list("campaign_id", "covered_at", "unreachable_at")
    )


@dataclass(frozen=True)
class StillToDo:
    """How many places of a running check are not done in somebody's branch."""

    campaign_id: int
    title: str
    ends_on: date
    left: int
    unreachable: int


def still_to_do(actor: Actor, today: date, *, at_most: int = 3) -> Sequence[StillToDo]:
    """What running checks leave in this person's branch, the soonest end first; one statement."""
    running = campaigns_for(actor).filter(
        kind=CampaignKind.DRAGNET.value, status=CampaignStatus.RUNNING.value, ends_on__gte=today
    )
    reach = Q(pk__in=[])
    for scope in sorted(set(actor.scopes())):
        reach |= Q(unit__path__startswith=scope) | Q(site__owner__path__startswith=scope)
    places = CampaignSite.objects.filter(reach, dropped_at=None, campaign__in=running.values("pk"))
    rows = with_coverage(places, concealed_from(actor)).values_list(
        "campaign_id", "campaign__title", "campaign__ends_on", "unreachable_at", "covered_at"
    )
    found = tally_by(
        ((ends_on, campaign_id, title), site_state(covered=covered is not None, unreachable=shut is not None))
        for campaign_id, title, ends_on, shut, covered in rows
    )
    open_ones = [(key, each) for key, each in sorted(found.items()) if each.left or each.unreachable]
    return [
        StillToDo(campaign_id, title, ends_on, each.left, each.unreachable)
        for (ends_on, campaign_id, title), each in open_ones[:at_most]
    ]


@dataclass(frozen=True)
class Plan:
    """The next patrol that goes to a place: who, until when."""

    patrol_id: int
    people: str
    people_ids: frozenset[int]
    starts_at: datetime
    ends_at: datetime


def plans_for(actor: Actor, campaign: Campaign, site_ids: Iterable[int], now: datetime) -> Mapping[int, Plan]:
    """For each of these sites the next patrol that can still cover it; two statements."""
    stops = PatrolSite.objects.filter(
        site__in=list(site_ids), patrol__cancelled_at=None, patrol__edition=campaign.edition_id,
        patrol__ends_at__gte=now, patrol__starts_at__lt=campaign.closes_at,
    ).exclude(patrol__in=concealed_from(actor).values("pk"))  # fmt: skip
    found: dict[int, Plan] = {}
    ordered = stops.select_related("patrol").prefetch_related("patrol__inspectors")
    for stop in ordered.order_by("patrol__starts_at", "patrol_id"):
        patrol = stop.patrol
        users = patrol.inspectors.all()
        people, ids = "、".join(user.display_name for user in users), frozenset(user.pk for user in users)
        found.setdefault(stop.site_id, Plan(patrol.pk, people, ids, patrol.starts_at, patrol.ends_at))
    return found


def streets_with_work(places: Iterable[Place], now: datetime) -> Mapping[str, int]:
    """How many places are left and in no patrol that is still to come, by street, for planning."""
    found: dict[str, int] = {}
    for place in places:
        if place.state is SiteState.LEFT and not place.is_awaited(now):
            found[place.street] = found.get(place.street, 0) + 1
    return found
