"""What a notice may say of cases and orders: numbers, places and deadlines, never words that people wrote."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from decimal import Decimal

from chuangwen.cases.clock import limit_of
from chuangwen.cases.models import Case, Order
from chuangwen.rules.case_flow import OPEN, RUNNING
from chuangwen.rules.deadlines import due_at
from chuangwen.rules.limits import Limit, LimitUnit
from chuangwen.rules.notice_table import Matter
from chuangwen.rules.notices import NEAR_MOST, is_near
from chuangwen.standards.queries import work_calendar

_OPEN, _RUNNING = sorted(s.value for s in OPEN), sorted(s.value for s in RUNNING)
_URGENT = {LimitUnit.urgent_hours, LimitUnit.urgent_days}
MOST_AT_ONCE = 2000


def told(case_id: int) -> Matter | None:
    """The facts of a case; its standard says whether it is urgent (紧急工作时 run through the night)."""
    case = Case.objects.select_related("site", "home", "unit", "standard").filter(pk=case_id).first()
    if case is None:
        return None
    return Matter(
        name=case.number, place=case.site.name if case.site else case.home.name, due_at=case.due_at,
        urgent=limit_of(case.standard).unit in _URGENT, home=case.home.path,
        units=(case.unit_id,) if case.unit_id else (), site=case.site_id, origin=case.origin_kind,
    )  # fmt: skip


def over(case_ids: Sequence[int]) -> set[int]:
    """Which of these need nobody any more."""
    open_ones = set(Case.objects.filter(pk__in=case_ids, status__in=_OPEN).values_list("pk", flat=True))
    return set(case_ids) - open_ones


def order_told(order_id: int) -> Matter | None:
    """The facts of an order, with the units of its open cases."""
    order = Order.objects.filter(pk=order_id).first()
    if order is None:
        return None
    units = Case.objects.filter(order=order, status__in=_OPEN, unit__isnull=False).order_by("unit_id")
    ids = tuple(dict.fromkeys(unit for unit in units.values_list("unit_id", flat=True) if unit))
    return Matter(name=order.number, due_at=order.deadline, units=ids)


def order_over(order_ids: Sequence[int]) -> set[int]:
    """Which of these have no open case left."""
    left = Case.objects.filter(order_id__in=order_ids, status__in=_OPEN).values_list("order_id", flat=True)
    return set(order_ids) - {order_id for order_id in left if order_id}


def near(now: datetime) -> Sequence[int]:
    """Running cases whose deadline is near, by the working calendar."""
    calendar = work_calendar()
    hours = Limit(amount=Decimal(NEAR_MOST // timedelta(hours=1)), unit=LimitUnit.working_hours, text="")
    horizon = due_at(now, hours, calendar).at
    rows = Case.objects.standing().filter(
        status__in=_RUNNING, due_at__gt=now, due_at__lte=horizon, clock_started_at__isnull=False
    )
    found = rows.order_by("due_at").values_list("pk", "clock_started_at", "due_at")[:MOST_AT_ONCE]
    return [
        pk
        for pk, started, due in found
        if started and due and is_near(started=started, due=due, now=now, calendar=calendar)
    ]


def newly_late(since: datetime, now: datetime) -> Sequence[int]:
    """Running cases whose deadline passed after `since`."""
    rows = Case.objects.standing().filter(status__in=_RUNNING, due_at__gt=since, due_at__lte=now).order_by("due_at")
    return list(rows.values_list("pk", flat=True)[:MOST_AT_ONCE])
