"""What the map shows: places with their open cases, cases that lie beside every known place, and quiet places."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from django.db.models import Count, Q

from chuangwen.cases.figures import visible_narrowed
from chuangwen.cases.filters import CaseFilter
from chuangwen.cases.models import CaseQuerySet
from chuangwen.places.listing import narrowed_sites
from chuangwen.places.models import Site
from chuangwen.rules.case_flow import RUNNING
from chuangwen.rules.permissions import Actor

Showing = Literal["late", "open", "all"]
MOST_SPOTS = 2000

_RUNNING = [status.value for status in RUNNING]


@dataclass(frozen=True)
class Spot:
    """One mark: a site with its open cases (`case_id` None), or one open case that has only a position."""

    name: str
    lng: float
    lat: float
    open: int
    overdue: int
    site_id: int | None = None
    case_id: int | None = None


@dataclass(frozen=True)
class Spots:
    """The marks, the most overdue first; `total` counts those that a cap left out too, the sums all open cases."""

    rows: Sequence[Spot]
    total: int
    open: int
    overdue: int
    unplaced: int


def spots(
    actor: Actor,
    *,
    showing: Showing = "open",
    street: str = "",
    point_type: str = "",
    now: datetime,
    at_most: int = MOST_SPOTS,
) -> Spots:
    """The marks of the cases and sites that an actor sees; five statements at most.

    showing: `late` those with overdue cases, `open` those with open ones, `all` the quiet sites in use as well.
    """
    wanted = CaseFilter(state="open", street=street, point_type=point_type)
    late = CaseFilter(late="now", street=street, point_type=point_type)
    busy = _by_site(actor, wanted, now, only_late=showing == "late")
    beside = visible_narrowed(actor, late if showing == "late" else wanted, now).filter(site=None)
    loose, unplaced = _loose_cases(beside, now)
    marks = [*_busy_sites(busy), *loose]
    marks.sort(key=lambda spot: (-spot.overdue, -spot.open, spot.name))
    open_, overdue, total = sum(spot.open for spot in marks), sum(spot.overdue for spot in marks), len(marks)
    if showing == "all":
        quiet = narrowed_sites(actor, street=street, point_type=point_type).exclude(pk__in=list(busy))
        rows = quiet.values_list("name", "lng", "lat", "pk")[: max(0, at_most - total)]
        marks += [Spot(name, float(lng), float(lat), 0, 0, pk) for name, lng, lat, pk in rows]
        total = len(marks) if len(marks) < at_most else total + quiet.order_by().count()
    return Spots(marks[:at_most], total, open_, overdue, unplaced)


def _by_site(actor: Actor, wanted: CaseFilter, now: datetime, *, only_late: bool) -> dict[int, tuple[int, int]]:
    """Site id -> how many open, how many of them overdue."""
    late = Count("pk", filter=Q(status__in=_RUNNING, due_at__lt=now))
    rows = visible_narrowed(actor, wanted, now).filter(site__isnull=False).values_list("site_id")
    counted = rows.annotate(n=Count("pk"), overdue=late)
    return {pk: (n, overdue) for pk, n, overdue in (counted.filter(overdue__gt=0) if only_late else counted)}


def _busy_sites(busy: Mapping[int, tuple[int, int]]) -> list[Spot]:
    """Also sites beyond the actor's branches: a department sees the case there, so it sees where."""
    rows = Site.objects.filter(pk__in=list(busy)).values_list("pk", "name", "lng", "lat")
    return [Spot(name, float(lng), float(lat), *busy[pk], site_id=pk) for pk, name, lng, lat in rows]


def _loose_cases(beside: CaseQuerySet, now: datetime) -> tuple[list[Spot], int]:
    """The cases beside every known place, and how many more have no position at all."""
    found, unplaced = [], 0
    for pk, title, lng, lat, status, due in beside.values_list("pk", "title", "lng", "lat", "status", "due_at"):
        if lng is None or lat is None:
            unplaced += 1
        else:
            late = status in _RUNNING and due is not None and due < now
            found.append(Spot(title, float(lng), float(lat), 1, int(late), case_id=pk))
    return found, unplaced
