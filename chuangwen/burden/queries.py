"""Reading the burden: standard minutes, budgets, claims, what is left of a role's month."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from django.db.models import Q, QuerySet, Sum

from chuangwen.burden.models import Budget, Claim, Minutes, Reading
from chuangwen.people.models import Unit, UnitKind
from chuangwen.rules.burden import TASKS, Demand, Room, Task, fits, standard_minutes
from chuangwen.rules.permissions import OFFICE, Actor, Role

_WIDEST = (UnitKind.DISTRICT, UnitKind.CITY)


def standard() -> dict[Task, Decimal]:
    """The standard minutes of every kind of task, as they are now. One statement."""
    return standard_minutes(dict(Minutes.objects.values_list("task", "minutes")))


@dataclass(frozen=True)
class MinutesRow:
    """The standard minutes of one kind, with where they come from."""

    task: Task
    minutes: Decimal
    source: str
    set_by: str = ""
    set_at: datetime | None = None


def minutes_rows() -> list[MinutesRow]:
    """The standard minutes with their sources, for the page. One statement."""
    own = {row.task: row for row in Minutes.objects.all()}
    rows = []
    for task, (_label, minutes, source) in TASKS.items():
        row = own.get(task.value)
        rows.append(
            MinutesRow(task, row.minutes, row.source, row.set_by, row.set_at)
            if row
            else MinutesRow(task, minutes, source)
        )
    return rows


def home_of(actor: Actor) -> Unit | None:
    """The district (else the city) to whose account this person's work belongs; the office's own branch for the office.

    One statement.
    """
    wanted = sorted(actor.scopes(*OFFICE), key=len)[:1] or [
        path for one in actor.posts for path in _lineage(one.unit_path)
    ]
    rows = list(Unit.objects.filter(path__in=wanted))
    kinds = {unit.kind: unit for unit in sorted(rows, key=lambda unit: unit.path)}
    return next((kinds[kind] for kind in _WIDEST if kind in kinds), rows[0] if rows else None)


def _lineage(path: str) -> list[str]:
    parts = path.strip("/").split("/")
    return ["/" + "/".join(parts[: place + 1]) + "/" for place in range(len(parts))]


def budgets(home_id: int, month: date) -> dict[Role, Budget]:
    """The budgets of a month. One statement."""
    return {Role(row.role): row for row in Budget.objects.filter(home=home_id, month=month)}


def homes_with_budgets(months: Iterable[date]) -> QuerySet[Unit]:
    """The branches that set a budget for one of these months."""
    return Unit.objects.filter(pk__in=Budget.objects.filter(month__in=list(months)).values("home")).order_by("path")


def claims(home_id: int, month: date) -> Sequence[Claim]:
    """What was claimed of a month and not given back, the earliest first. One statement."""
    return list(Claim.objects.filter(home=home_id, month=month, given_back_at=None))


def read_at(home_id: int, month: date) -> datetime | None:
    """When routine work was last read for this month."""
    return Reading.objects.filter(home=home_id, month=month).values_list("read_at", flat=True).first()


def rooms_for(
    home_id: int, demands: Iterable[Demand], *, apart: tuple[str, int] = ("", 0)
) -> dict[tuple[Role, date], Room]:
    """What is left of the months that these demands touch, without what `apart` (kind and id of a subject) claimed
    itself. One statement where no budget is set, three otherwise.
    """
    keys = list(dict.fromkeys((demand.role, demand.month) for demand in demands))
    wanted = Q(pk__in=[])
    for role, month in keys:
        wanted |= Q(role=role.value, month=month)
    limits = {(row.role, row.month): row.minutes for row in Budget.objects.filter(wanted, home=home_id)} if keys else {}
    routine: dict[tuple[str, date], int] = {}
    claimed: dict[tuple[str, date], int] = {}
    if limits:
        routine = {(row.role, row.month): row.minutes for row in Reading.objects.filter(wanted, home=home_id)}
        rows = Claim.objects.filter(wanted, home=home_id, given_back_at=None)
        rows = rows.exclude(subject_kind=apart[0], subject_id=apart[1]).order_by()
        claimed = {
            (role, month): sum_ for role, month, sum_ in rows.values_list("role", "month").annotate(Sum("minutes"))
        }
    return {
        (role, month): Room(
            role, month, limits.get((role.value, month)), routine.get((role.value, month), 0),
            claimed.get((role.value, month), 0),
        )
        for role, month in keys
    }  # fmt: skip


@dataclass(frozen=True)
class Weighed:
    """A demand beside what is left of that role's month."""

    demand: Demand
    room: Room

    @property
    def fits(self) -> bool:
        """Whether it goes through without a word of the chief."""
        return fits(self.demand, self.room)


def weighed(home_id: int, demands: Sequence[Demand]) -> list[Weighed]:
    """Each demand beside the room for it, for the page that asks before a start. Three statements at most."""
    asked = [demand for demand in demands if demand.minutes > 0]
    rooms = rooms_for(home_id, asked)
    return [Weighed(demand, rooms[demand.role, demand.month]) for demand in asked]
