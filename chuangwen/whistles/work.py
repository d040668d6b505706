"""What somebody must do next about whistles, and by when: summoned departments, the street, the office."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q

from chuangwen.people.models import Unit, UnitKind
from chuangwen.rules.permissions import OFFICE, UNIT, Actor, Role
from chuangwen.whistles.models import Objection, ObjectionState, Summons, WhistleState

MOST = 100


@dataclass(frozen=True)
class Todo:
    """One thing to do. `by` is empty where only somebody else's word is waited for."""

    whistle_id: int
    summons_id: int
    number: str
    title: str
    place: str
    unit: str
    duty: str
    act: str  # confirm, arrive, finish; see, close; decide, propose
    words: str
    by: datetime | None
    version: int


def _todo(summons: Summons, act: str, words: str, by: datetime | None, unit: str = "") -> Todo:
    whistle = summons.whistle
    return Todo(
        whistle.pk, summons.pk, whistle.number, whistle.title, whistle.place, unit, summons.part.duty, act, words, by,
        summons.version,
    )  # fmt: skip


def _of_unit(summons: Summons) -> Todo | None:
    turn = summons.turn
    return _todo(summons, turn.step.value, turn.step.label, turn.by, summons.part.unit.name) if turn else None


def _of_street(rows: Iterable[Summons]) -> Iterable[Todo]:
    closing: set[int] = set()
    for summons in rows:
        if summons.arrived_at is not None and summons.arrival_confirmed_at is None:
            yield _todo(summons, "see", "核实到场", None, summons.part.unit.name)
        elif not summons.whistle.case.parts_open and summons.whistle_id not in closing:
            closing.add(summons.whistle_id)
            yield _todo(summons, "close", "销哨并评价", None)


def _unit_side(actor: Actor) -> list[Todo]:
    ids = [post.unit_id for post in actor.posts if post.role in UNIT]
    if not ids:
        return []
    leading = Q(whistle__street__in=Unit.objects.filter(pk__in=ids, kind=UnitKind.STREET).values("pk"))
    to_see = Q(arrived_at__isnull=False, arrival_confirmed_at=None)
    rows = (
        Summons.objects.filter(whistle__state=WhistleState.OPEN)
        .filter(Q(part__unit__in=ids, act_by__isnull=False) | (leading & (to_see | Q(whistle__case__parts_open=0))))
        .select_related("whistle__street", "whistle__case", "part__unit")
        .order_by("act_by", "pk")[:MOST]
    )
    summonses, own = list(rows), set(ids)
    answering = [_of_unit(one) for one in summonses if one.part.unit_id in own and one.part.is_open]
    led = [one for one in summonses if one.whistle.street_id in own]
    return [todo for todo in answering if todo] + list(_of_street(led))


def _office_side(actor: Actor) -> list[Todo]:
    scopes = Q(pk__in=[])
    for scope in set(actor.scopes(*OFFICE)):
        scopes |= Q(summons__whistle__street__path__startswith=scope)
    rows = Objection.objects.filter(scopes, state=ObjectionState.WAITING).select_related(
        "summons__whistle__street", "summons__part__unit"
    )
    if Role.OFFICE_CHIEF not in actor.roles:
        rows = rows.filter(proposed_at=None)
    act, words = ("decide", "裁定异议") if Role.OFFICE_CHIEF in actor.roles else ("propose", "拟办异议")
    return [
        _todo(row.summons, act, words, row.decide_by, row.summons.part.unit.name)
        for row in rows.order_by("decide_by", "pk")[:MOST]
    ]


def to_report(actor: Actor) -> Sequence[Todo]:
    """What is done on the spot, for the phone: confirm, arrive, finish; the street sees who came. One statement."""
    return [todo for todo in _unit_side(actor) if todo.act in {"confirm", "arrive", "finish", "see"}]


def to_do(actor: Actor) -> Sequence[Todo]:
    """Everything that waits for this person, soonest first; what has no moment of its own comes last. At most one
    statement for a unit's post and one for the office's.
    """
    found = _unit_side(actor) + (_office_side(actor) if actor.roles & set(OFFICE) else [])
    return sorted(found, key=lambda todo: (todo.by is None, todo.by.timestamp() if todo.by else 0.0, todo.summons_id))
