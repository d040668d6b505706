"""Reading cases: the door to one, work lists, progress of orders, figures."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet

from chuangwen.cases.extensions import extension_objections
from chuangwen.cases.filters import CaseFilter, narrowed
from chuangwen.cases.models import Case, CasePhoto, CaseQuerySet, Extension, Order, SavedView
from chuangwen.evidence.models import PhotoHint
from chuangwen.rules.case_flow import FINISHED, NEXT_ROLES, OPEN, RUNNING, Status, Step, moves_from
from chuangwen.rules.permissions import Actor, Permission, Role, may
from chuangwen.rules.refusals import NotFound

_DETAIL = ("site", "home", "street", "unit", "standard", "order", "reported_by", "rectified_by")
_RUNNING = [status.value for status in RUNNING]
_FINISHED = [status.value for status in FINISHED]


def case_for(actor: Actor, case_id: int) -> Case:
    """The door: the case when the actor may see it. Unseen and unknown look alike."""
    case = Case.objects.select_related(*_DETAIL).filter(pk=case_id).first()
    if case is None or not may(actor, Permission.CASE_SEE, case.thing()):
        raise NotFound
    return case


def moves_for(actor: Actor, case: Case) -> tuple[Step, ...]:
    """The moves that this person can make now."""
    thing = case.thing()
    return tuple(arrow for arrow in moves_from(case.flow_status) if may(actor, arrow.permission, thing))


def photos_of(case: Case) -> Sequence[CasePhoto]:
    """All photos of a case, oldest first; `hinted` says whether there are hints for its verifier."""
    hints = PhotoHint.objects.filter(subject_kind="case", subject_id=OuterRef("case_id"))
    return list(CasePhoto.objects.filter(case=case).select_related("photo").annotate(hinted=Exists(hints)))


def case_photo_for(actor: Actor, case_id: int, photo_id: int) -> CasePhoto:
    """A photo through the door of its case."""
    case = case_for(actor, case_id)
    found = CasePhoto.objects.filter(case=case, photo_id=photo_id).select_related("photo").first()
    if found is None:
        raise NotFound
    return found


def open_extension(case: Case) -> Extension | None:
    """The request for an extension that waits for a decision."""
    return Extension.objects.filter(case=case, granted=None).select_related("asked_by").first()


def may_ask_extension(actor: Actor, case: Case, *, pending: bool, now: datetime) -> bool:
    """Whether this person could ask for an extension of this case now."""
    allowed = may(actor, Permission.EXTENSION_ASK, case.thing())
    return allowed and not extension_objections(case, pending=pending, now=now)


def to_do(actor: Actor) -> CaseQuerySet:
    """What this person must do next: open cases whose status waits for one of their posts, soonest first."""
    mine = Q(pk__in=[])
    for status, roles in NEXT_ROLES.items():
        for post in actor.posts:
            if post.role not in roles:
                continue
            at = Q(status=status.value)
            if status in RUNNING:
                mine |= at & Q(unit_id=post.unit_id)
            elif status is Status.RECTIFIED and post.role is not Role.INSPECTOR:
                continue  # the office steps in for checks, but they are the inspectors' work
            elif status is not Status.SUSPENDED:
                mine |= at & Q(home__path__startswith=post.scope)
    cases = (
        Case.objects.standing().filter(mine).exclude(status=Status.RECTIFIED.value, rectified_by_id=actor.user_id or 0)
    )
    if actor.blind_sites:
        cases = cases.exclude(site_id__isnull=False, site_id__in=actor.blind_sites)
    return cases.select_related("site", "street", "unit", "home").defer("text", "reply").order_by("act_by", "id")


def extensions_to_decide(actor: Actor) -> QuerySet[Extension]:
    """Requests that wait for this person's decision."""
    scopes = Q(pk__in=[])
    for scope in actor.scopes(Role.OFFICE_CLERK, Role.OFFICE_CHIEF):
        scopes |= Q(case__home__path__startswith=scope)
    rows = Extension.objects.filter(scopes, granted=None).select_related("case__unit", "case__site", "asked_by")
    return rows.order_by("asked_at")


def saved_views(actor: Actor) -> Sequence[SavedView]:
    """A person's own filters."""
    return list(SavedView.objects.filter(user_id=actor.user_id)) if actor.user_id is not None else []


def order_for(actor: Actor, order_id: int) -> Order:
    """The order, when the actor may see orders and any of its cases."""
    order = Order.objects.filter(pk=order_id).first()
    if order is None or not may(actor, Permission.ORDER_SEE):
        raise NotFound
    if not Case.objects.visible_to(actor).filter(order=order).exists():
        raise NotFound
    return order


def orders_for(actor: Actor) -> QuerySet[Order]:
    """Orders with at least one visible case, newest first, with `all_count`, `done_count`, `late_count`."""
    if not may(actor, Permission.ORDER_SEE):
        return Order.objects.none()
    visible = Case.objects.visible_to(actor).filter(order__isnull=False).values("order")
    done = Q(cases__status__in=[*_FINISHED, Status.VERIFIED.value])
    return (
        Order.objects.filter(pk__in=visible)
        .annotate(all_count=Count("cases"), done_count=Count("cases", filter=done))
        .order_by("-issued_at", "-id")
    )


@dataclass(frozen=True)
class UnitProgress:
    """How far one unit is with an order."""

    code: str
    name: str
    total: int
    handed_in: int
    done: int
    late: int


def order_progress(actor: Actor, order: Order, now: datetime) -> Sequence[UnitProgress]:
    """Per responsible unit: how many, handed in, done, late."""
    handed_in = [Status.RECTIFIED.value, Status.VERIFIED.value, *_FINISHED]
    late = Q(status__in=_RUNNING, due_at__lt=now) | Q(rectified_at__gt=F("due_at"))
    rows = Case.objects.visible_to(actor).filter(order=order).values("unit__code", "unit__name")
    figures = rows.annotate(
        total=Count("pk"),
        handed_in=Count("pk", filter=Q(status__in=handed_in)),
        done=Count("pk", filter=Q(status__in=[*_FINISHED, Status.VERIFIED.value])),
        late=Count("pk", filter=late),
    ).order_by("unit__name")
    return [
        UnitProgress(
            row["unit__code"] or "",
            row["unit__name"] or "尚未派遣",
            row["total"],
            row["handed_in"],
            row["done"],
            row["late"],
        )
        for row in figures
    ]


def for_export(actor: Actor, wanted: CaseFilter, now: datetime) -> Iterator[Case]:
    """Every case that the filter leaves, oldest first, streamed."""
    cases = narrowed(actor, wanted, now).select_related("site", "street", "unit", "home", "standard", "order")
    return cases.order_by("id").iterator(chunk_size=1000)


@dataclass(frozen=True)
class Counts:
    """Figures of a set of cases; a rate is None where nothing is there to measure."""

    opened: int
    open: int
    overdue: int
    handed_in: int
    on_time: int
    closed: int
    reworked: int

    @property
    def on_time_rate(self) -> float | None:
        """Of those handed in or overdue: the share that was handed in by its deadline."""
        base = self.handed_in + self.overdue
        return self.on_time / base if base else None

    @property
    def first_pass_rate(self) -> float | None:
        """Of those handed in: the share never sent back."""
        return 1 - self.reworked / self.handed_in if self.handed_in else None


_COUNTS = {
    "opened": Count("pk"),
    "open": Count("pk", filter=Q(status__in=[status.value for status in OPEN])),
    "handed_in": Count("pk", filter=Q(rectified_at__isnull=False)),
    "on_time": Count("pk", filter=Q(rectified_at__lte=F("due_at"))),
    "closed": Count("pk", filter=Q(status__in=_FINISHED)),
    "reworked": Count("pk", filter=Q(rectified_at__isnull=False, rework_count__gt=0)),
}


def _counts(now: datetime) -> dict[str, Count]:
    return {**_COUNTS, "overdue": Count("pk", filter=Q(status__in=_RUNNING, due_at__lt=now))}


def counts(actor: Actor, wanted: CaseFilter, now: datetime) -> Counts:
    """The figures of what a filter leaves, in one statement."""
    return Counts(**narrowed(actor, wanted, now).aggregate(**_counts(now)))


def counts_by(
    actor: Actor, wanted: CaseFilter, now: datetime, *keys: str
) -> Sequence[tuple[tuple[object, ...], Counts]]:
    """The same figures grouped by case fields, for example `street__code`, `street__name`."""
    rows = narrowed(actor, wanted, now).order_by().values(*keys).annotate(**_counts(now)).order_by(*keys)
    names = set(_counts(now))
    return [(tuple(row[key] for key in keys), Counts(**{name: row[name] for name in names})) for row in rows]
