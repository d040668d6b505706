"""What a campaign asks of each role, month by month: the figure that must fit into the budgets before it starts."""

from collections import Counter
from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal

from django.db.models import Count, Q

from chuangwen.burden.queries import Weighed, standard, weighed
from chuangwen.campaigns.models import BEIJING, Campaign
from chuangwen.places.models import Site
from chuangwen.rules.burden import Asked, Demand, Task, minutes_of, month_of, months_between, spread
from chuangwen.rules.permissions import Role
from chuangwen.standards.models import Criterion


def demand_of(
    campaign: Campaign, *, sizes: Sequence[int], meetings: int, standard: dict[Task, Decimal], now: datetime
) -> list[Demand]:
    """`sizes`: for each place of a dragnet check, how many criteria must be judged there. `meetings`: how many each
    unit of the team is asked to. A special campaign asks one report for each milestone, in the month when it is due.
    """
    today = now.astimezone(BEIJING).date()
    months = months_between(max(month_of(today), month_of(campaign.starts_on)), campaign.ends_on)
    found = _places(sizes, months, standard) if campaign.is_dragnet else _milestones(campaign, standard)
    return found + _meetings(campaign, meetings, months, standard)


def _places(sizes: Sequence[int], months: Sequence[date], standard: dict[Task, Decimal]) -> list[Demand]:
    whole = Asked("", Role.INSPECTOR, "", {Task.PLACE: len(sizes), Task.CHECK: sum(sizes)})
    minutes, forms = dict(spread(minutes_of(whole, standard), months)), dict(spread(len(sizes), months))
    why = f"{len(sizes)} 处点位，每处 {standard[Task.PLACE]:f} 分；共 {sum(sizes)} 条必查，每条 {standard[Task.CHECK]:f} 分"
    return [Demand(Role.INSPECTOR, month, minutes[month], forms=forms[month], why=why) for month in months]


def _milestones(campaign: Campaign, standard: dict[Task, Decimal]) -> list[Demand]:
    due = Counter(month_of(day) for day in campaign.milestones.values_list("due_on", flat=True))
    each = standard[Task.REPORT]
    return [
        Demand(
            Role.UNIT_CHIEF, month, minutes_of(Asked("", Role.UNIT_CHIEF, "", {Task.REPORT: count}), standard), forms=count,
            why=f"{count} 个节点的完成依据，每份 {each:f} 分",
        )
        for month, count in sorted(due.items())
    ]  # fmt: skip


def _meetings(campaign: Campaign, meetings: int, months: Sequence[date], standard: dict[Task, Decimal]) -> list[Demand]:
    units = campaign.team.count() if meetings else 0
    if not units:
        return []
    found = []
    for month, count in spread(meetings * units, months):
        asked = Asked("", Role.UNIT_CHIEF, "", {Task.MEETING: count})
        why = f"{meetings} 次会议 × {units} 个单位，每次 {standard[Task.MEETING]:f} 分"
        found.append(Demand(Role.UNIT_CHIEF, month, minutes_of(asked, standard), meetings=count, why=why))
    return found


def planned_sizes(campaign: Campaign) -> list[int]:
    """For each place that a dragnet check would take in now, how many criteria must be judged there."""
    rows = campaign.criteria.all()
    if campaign.all_criteria:
        rows = Criterion.objects.filter(edition=campaign.edition, method="field")
    rows = rows.filter(point_type__in=campaign.point_types).order_by()
    must = dict(rows.values_list("point_type").annotate(Count("id")))
    within = Q(pk__in=[])
    for unit in campaign.areas.all():
        within |= Q(home__path__startswith=unit.path) | Q(street=unit)
    sites = Site.objects.filter(within, active=True, point_type__in=must).values_list("point_type", flat=True)
    return [must[point] for point in sites]


def weighed_demand(campaign: Campaign, *, meetings: int, now: datetime) -> list[Weighed]:
    """What the draft would ask, beside what is left: for the page on which somebody starts it."""
    sizes = planned_sizes(campaign) if campaign.is_dragnet else []
    demands = demand_of(campaign, sizes=sizes, meetings=meetings, standard=standard(), now=now)
    return weighed(campaign.home_id, merged(demands))


def merged(demands: Sequence[Demand]) -> list[Demand]:
    """One demand a role and month."""
    found: dict[tuple[Role, date], Demand] = {}
    for one in demands:
        before = found.get((one.role, one.month))
        found[one.role, one.month] = one if before is None else Demand(
            one.role, one.month, before.minutes + one.minutes, before.forms + one.forms, before.photos + one.photos,
            before.meetings + one.meetings, f"{before.why}；{one.why}",
        )  # fmt: skip
    return list(found.values())
