"""Reading the online submission: who may know of what, what a unit owes, how complete a drive is."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, OuterRef, Prefetch, Q, QuerySet, Subquery

from chuangwen.declarations.models import (
    CheckFinding,
    Dispute,
    Drive,
    Duty,
    Occasion,
    Package,
    Piece,
    Reason,
    Requirement,
    Review,
    State,
    Version,
)
from chuangwen.people.models import Unit
from chuangwen.people.queries import units_in_scope
from chuangwen.rules.edition_fields import MethodKind
from chuangwen.rules.material_checks import RETURN_REASONS, MaterialKind, tally
from chuangwen.rules.permissions import OFFICE, UNIT, Actor, Permission, Role, Thing, may
from chuangwen.rules.refusals import NotFound
from chuangwen.standards.queries import editions

_ABOVE = (*OFFICE, Role.LEADER)


def reasons() -> dict[str, str]:
    """Why material is returned: the office's own list, or the published one while there is none. One statement."""
    own = dict(Reason.objects.filter(active=True).values_list("code", "name"))
    return own or dict(RETURN_REASONS)


def kinds() -> dict[str, str]:
    """The four kinds of material."""
    return {kind.value: kind.label for kind in MaterialKind}


def states() -> dict[str, str]:
    """Where a requirement can stand."""
    return {state.value: state.label for state in State}


# --- whose it is ---


def home_of(actor: Actor, *roles: Role) -> Unit | None:
    """The widest branch in which somebody holds one of these roles."""
    scopes = sorted(actor.scopes(*roles), key=len)
    return Unit.objects.filter(path=scopes[0]).first() if scopes else None


def overlooks(actor: Actor, drive: Drive) -> bool:
    """Whether this person sees the whole drive: its office, and leaders of the branch."""
    return actor.system or any(drive.home.path.startswith(scope) for scope in actor.scopes(*_ABOVE))


def plans(actor: Actor, drive: Drive) -> bool:
    """Whether this person asks for the material: the office of the branch."""
    return may(actor, Permission.DECLARATION_PLAN, Thing(home=drive.home.path))


def supplies(actor: Actor, requirement: Requirement) -> bool:
    """Whether this person hands in for the unit of the requirement."""
    handler = requirement.unit.path if requirement.unit else ""
    return may(actor, Permission.DECLARATION_SUPPLY, Thing(handler=handler))


def reviews(actor: Actor, requirement: Requirement, involved: Iterable[int | None] = ()) -> bool:
    """Whether this person may judge material of this requirement; `involved`: who handed it in."""
    thing = Thing(
        home=requirement.reviewer.path if requirement.reviewer else requirement.drive.home.path,
        handler=requirement.unit.path if requirement.unit else "",
        involved=frozenset(one for one in involved if one is not None),
    )
    office = Thing(home=requirement.drive.home.path, handler=thing.handler, involved=thing.involved)
    return may(actor, Permission.DECLARATION_REVIEW, thing) or (
        bool(actor.scopes(*OFFICE)) and may(actor, Permission.DECLARATION_REVIEW, office)
    )


def _of_units(actor: Actor, *fields: str) -> Q:
    found = Q(pk__in=[])
    for path in set(actor.unit_paths(*UNIT)):
        for name in fields:
            found |= Q(**{f"{name}__path__startswith": path})
    return found


def drives_for(actor: Actor) -> QuerySet[Drive]:
    """The drives of the branches this person belongs to, newest first."""
    if actor.system:
        return Drive.objects.select_related("edition", "home")
    above = Q(pk__in=[])
    for scope in set(actor.scopes(*_ABOVE)):
        above |= Q(home__path__startswith=scope)
    mine = Requirement.objects.filter(_of_units(actor, "unit", "reviewer")).values("drive")
    return Drive.objects.filter(above | Q(pk__in=mine)).select_related("edition", "home")


def drive_for(actor: Actor, drive_id: int) -> Drive:
    """The door. Unseen and unknown look alike."""
    found = drives_for(actor).filter(pk=drive_id).first()
    if found is None:
        raise NotFound
    return found


def requirements_for(actor: Actor) -> QuerySet[Requirement]:
    """What an actor may know of: all of their branch, else what their unit hands in or looks over."""
    reach = _of_units(actor, "unit", "reviewer")
    for scope in set(actor.scopes(*_ABOVE)):
        reach |= Q(drive__home__path__startswith=scope)
    rows = Requirement.objects.all() if actor.system else Requirement.objects.filter(reach)
    return rows.select_related("drive__home", "criterion", "unit", "reviewer")


@dataclass(frozen=True)
class Wanted:
    """Conditions of the list; empty ones narrow nothing. `mine`: supply or review, by the actor's own unit."""

    drive: int = 0
    state: str = ""
    kind: str = ""
    unit: str = ""
    mine: str = ""
    late: bool = False


def _standing(state: str) -> Q:
    """In review is what has a piece to look over, also while others are still missing."""
    if state == State.IN_REVIEW:
        return Q(pk__in=Piece.objects.filter(state=State.IN_REVIEW).values("requirement"))
    return Q(state=state)


def listed(actor: Actor, wanted: Wanted, now: datetime) -> QuerySet[Requirement]:
    """The requirements of the list, what is due first in front, with how many pieces each has."""
    rows = requirements_for(actor)
    rows = rows.filter(drive=wanted.drive) if wanted.drive else rows
    rows = rows.filter(_standing(wanted.state)) if wanted.state in State.values else rows
    rows = rows.filter(disputed=True) if wanted.state == "disputed" else rows
    rows = rows.filter(kind=wanted.kind) if wanted.kind else rows
    rows = rows.filter(Q(unit__code=wanted.unit) | Q(unit__name=wanted.unit)) if wanted.unit else rows
    if wanted.late:
        rows = rows.filter(due_at__lt=now, state__in=[State.MISSING, State.RETURNED])
    if wanted.mine == "supply":
        rows = rows.filter(_of_units(actor, "unit"))
    elif wanted.mine == "review":
        rows = rows.filter(_of_units(actor, "reviewer"))
    return rows.annotate(piece_count=Count("pieces")).order_by("due_at", "id")


def requirement_for(actor: Actor, requirement_id: int) -> Requirement:
    """The door of one requirement; `leader_name` and `contact_name` are of those who answer for its unit, or None."""
    duty = Duty.objects.filter(drive=OuterRef("drive"), unit=OuterRef("unit"))
    rows = requirements_for(actor).select_related("criterion__content__item")
    found = rows.annotate(
        leader_name=Subquery(duty.values("leader__display_name")[:1]),
        contact_name=Subquery(duty.values("contact__display_name")[:1]),
    )
    one = found.filter(pk=requirement_id).first()
    if one is None:
        raise NotFound
    return one


def pieces_of(requirement: Requirement) -> Sequence[tuple[Piece, list[Version]]]:
    """Its pieces in order, each with its versions, newest first, what was seen of them and said of them. Three
    statements.
    """
    findings = CheckFinding.objects.select_related("other__piece__requirement__unit")
    rows = Version.objects.filter(piece__requirement=requirement).select_related("piece", "photo", "document")
    rows = rows.defer("signature").prefetch_related(
        Prefetch("findings", findings), Prefetch("reviews", Review.objects.order_by("id"))
    )
    found: dict[int, tuple[Piece, list[Version]]] = {}
    for version in rows.order_by("piece__position", "-number"):
        found.setdefault(version.piece_id, (version.piece, []))[1].append(version)
    return list(found.values())


def version_for(actor: Actor, version_id: int) -> Version:
    """A file through the door of its requirement."""
    found = Version.objects.filter(pk=version_id).select_related("piece", "photo", "document").first()
    if found is None or not requirements_for(actor).filter(pk=found.piece.requirement_id).exists():
        raise NotFound
    return found


def disputes_of(requirement: Requirement) -> Sequence[Dispute]:
    """Who said that it is not theirs, newest first."""
    return list(requirement.disputes.select_related("unit", "proposed"))


def occasions_of(requirement: Requirement) -> Sequence[Occasion]:
    """What has to happen so that there will be evidence."""
    return list(requirement.occasions.all())


def calendar_for(actor: Actor, drive: Drive) -> QuerySet[Occasion]:
    """Everything that still has to happen, soonest first, as far as the actor may know."""
    seen = requirements_for(actor).filter(drive=drive).values("pk")
    rows = Occasion.objects.filter(requirement__in=seen, happened_on=None, called_off="")
    return rows.select_related("requirement__unit").order_by("planned_on", "id")


def duties_of(drive: Drive) -> Sequence[Duty]:
    """Who answers for each unit, in the order of the tree."""
    return list(drive.duties.select_related("unit", "leader", "contact").order_by("unit__path"))


def packages_of(drive: Drive) -> Sequence[Package]:
    """The packages made of it, newest first; the contents are left where they are."""
    return list(drive.packages.defer("contents"))


def package_for(actor: Actor, package_id: int) -> Package:
    """A package through the door of its drive, for those who see the whole drive."""
    found = (
        Package.objects.filter(pk=package_id).defer("contents").select_related("drive__home", "drive__edition").first()
    )
    if found is None or not overlooks(actor, found.drive):
        raise NotFound
    return found


def to_hand_in(actor: Actor) -> QuerySet[Requirement]:
    """What the actor's own units still owe, what is due first in front."""
    mine = requirements_for(actor).filter(_of_units(actor, "unit"), state__in=[State.MISSING, State.RETURNED])
    return mine.order_by("due_at", "id")


def editions_to_declare() -> Sequence[tuple[int, str]]:
    """Published editions, newest first."""
    return [(row.pk, str(row)) for row in editions().filter(published_at__isnull=False)[:20]]


def named_units(names: Iterable[str], actor: Actor) -> dict[str, Unit]:
    """The active units of the actor's branches with these names or codes; a name that fits several fits none."""
    wanted, fitting = sorted(set(names)), dict[str, list[Unit]]()
    if not wanted:
        return {}
    rows = Unit.objects.all() if actor.system else units_in_scope(actor)
    for unit in rows.filter(Q(code__in=wanted) | Q(name__in=wanted), active=True):
        for word in {unit.code, unit.name} & set(wanted):
            fitting.setdefault(word, []).append(unit)
    return {word: units[0] for word, units in fitting.items() if len(units) == 1}


# --- completeness ---


@dataclass(frozen=True)
class ItemCompleteness:
    """How far the pieces of one group are. `code` and `name` are those of the item, method or unit."""

    code: str
    name: str
    required: int
    accepted: int
    in_review: int = 0
    returned: int = 0
    missing: int = 0


@dataclass(frozen=True)
class Completeness:
    """How far the material of an edition is, counted in pieces; the four parts add up to `required`."""

    required: int = 0
    accepted: int = 0
    in_review: int = 0
    returned: int = 0
    missing: int = 0
    by_item: tuple[ItemCompleteness, ...] = ()
    by_method: tuple[ItemCompleteness, ...] = ()
    by_unit: tuple[ItemCompleteness, ...] = ()
    by_kind: tuple[ItemCompleteness, ...] = ()
    late: int = 0


Row = tuple[Mapping[str, Any], tuple[int, int, int, int]]


def _grouped(rows: Iterable[Row], code: str, name: str, words: Mapping[str, str] | None = None) -> tuple[ItemCompleteness, ...]:  # fmt: skip
    sums: dict[tuple[str, str], list[int]] = {}
    for facts, parts in rows:
        key = (str(facts[code] or ""), str(facts[name] or "尚未确定单位"))
        group = sums.setdefault(key, [0] * 5)
        for place, value in enumerate((facts["count"], *parts)):
            group[place] += value
    return tuple(
        ItemCompleteness(key[0], words.get(key[1], key[1]) if words else key[1], *figures)
        for key, figures in sums.items()
    )


def _facts(requirements: QuerySet[Requirement]) -> list[Row]:
    """Each requirement with how its pieces count. Two statements, whatever the number."""
    names = (
        "pk", "count", "kind", "due_at", "criterion__method", "criterion__content__item__code", "criterion__content__item__name",
        "unit__code", "unit__name",
    )  # fmt: skip
    order = ("criterion__content__item__position", "criterion__content__item__code", "unit__path", "pk")
    states: dict[int, list[str]] = {}
    wanted = requirements.order_by().values("pk")
    for pk, state in Piece.objects.filter(requirement__in=wanted).values_list("requirement", "state"):
        states.setdefault(pk, []).append(state)
    rows = requirements.select_related(None).order_by(*order).values(*names)
    return [(row, tally(states.get(row["pk"], []), row["count"])) for row in rows]


def completeness_of(requirements: QuerySet[Requirement], now: datetime) -> Completeness:
    """The figures of these requirements."""
    rows = _facts(requirements)
    accepted, in_review, returned, missing = (sum(parts[place] for _, parts in rows) for place in range(4))
    methods = {method.value: method.label for method in MethodKind}
    return Completeness(
        required=accepted + in_review + returned + missing, accepted=accepted, in_review=in_review, returned=returned,
        missing=missing, by_item=_grouped(rows, "criterion__content__item__code", "criterion__content__item__name"),
        by_method=_grouped(rows, "criterion__method", "criterion__method", methods),
        by_unit=_grouped(rows, "unit__code", "unit__name"), by_kind=_grouped(rows, "kind", "kind", kinds()),
        late=sum(parts[2] + parts[3] for facts, parts in rows if facts["due_at"] < now),
    )  # fmt: skip


def newest_drive(edition_id: int) -> Drive | None:
    """The drive of the next, or last, test of an edition."""
    return Drive.objects.filter(edition=edition_id).order_by("-test_month", "-id").first()


def completeness(edition_id: int, *, now: datetime) -> Completeness:
    """How far the material for the newest test of an edition is; all zero while nothing is asked. Three statements."""
    drive = newest_drive(edition_id)
    return completeness_of(Requirement.objects.filter(drive=drive), now) if drive else Completeness()
