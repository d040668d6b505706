"""Lists of units and people within reach, and the doors to one of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import Exists, OuterRef, Prefetch, Q, QuerySet

from chuangwen.people.models import Post, Unit, UnitKind, User
from chuangwen.people.queries import units_in_scope
from chuangwen.rules.permissions import Actor, Permission, may
from chuangwen.rules.refusals import NotFound


def unit_kinds() -> dict[str, str]:
    """The kinds of unit with their Chinese words."""
    return {kind.value: str(kind.label) for kind in UnitKind}


def unit_for(actor: Actor, unit_id: int) -> Unit:
    """The door to a unit."""
    unit = units_in_scope(actor).filter(pk=unit_id).select_related("parent").first()
    if unit is None:
        raise NotFound
    return unit


def unit_with_code(code: str) -> Unit | None:
    """The unit that has this code already, wherever it is, so that a new one does not take its place."""
    return Unit.objects.filter(code=code).select_related("parent").first()


def units_named(actor: Actor, text: str) -> QuerySet[Unit]:
    """The units within reach whose name or code holds every word, in tree order."""
    units = units_in_scope(actor).select_related("parent")
    for word in text.split():
        units = units.filter(Q(name__icontains=word) | Q(code__icontains=word))
    return units


@dataclass(frozen=True)
class Node:
    """A unit of the tree with those directly below it; `below` counts them also where they are not listed."""

    unit: Unit
    children: tuple["Node", ...]
    below: int


def unit_tree(actor: Actor, *, top: Unit | None, levels: int) -> Sequence[Node]:
    """The branch below a unit (or everything within reach), `levels` deep. One statement."""
    rows = units_in_scope(actor)
    if top is not None:
        rows = rows.filter(path__startswith=top.path)
    units = list(rows)
    known = {unit.pk for unit in units}
    below: dict[int | None, list[Unit]] = {}
    for unit in units:
        above = unit.parent_id if unit.parent_id in known else None
        below.setdefault(None if top is not None and unit.pk == top.pk else above, []).append(unit)
    return _nodes(below, None, levels)


def _nodes(below: Mapping[int | None, Sequence[Unit]], above: int | None, levels: int) -> tuple[Node, ...]:
    return tuple(
        Node(unit, _nodes(below, unit.pk, levels - 1) if levels > 1 else (), len(below.get(unit.pk, ())))
        for unit in below.get(above, ())
    )


def children_of(unit: Unit) -> Sequence[Unit]:
    """The units directly below one."""
    return list(Unit.objects.filter(parent=unit).order_by("path"))


def on_duty(today: date) -> Q:
    """The condition on posts that they are held on a day."""
    return Q(starts_on__lte=today) & (Q(ends_on=None) | Q(ends_on__gte=today))


def staff_of(unit: Unit, today: date) -> Sequence[Post]:
    """The posts that are held in a unit on a day."""
    rows = Post.objects.filter(on_duty(today), unit=unit, user__is_active=True)
    return list(rows.select_related("user").order_by("role", "user__display_name"))


def people_in_scope(actor: Actor) -> QuerySet[User]:
    """People who hold or held a post in a branch that the actor reaches; who keeps accounts sees those without a post too."""
    within = Post.objects.filter(user=OuterRef("pk"), unit__in=units_in_scope(actor).order_by())
    people = Q(Exists(within))
    if may(actor, Permission.PEOPLE_MANAGE):
        people |= Q(~Exists(Post.objects.filter(user=OuterRef("pk"))))
    return User.objects.filter(people).order_by("display_name", "pk")


def narrowed_people(
    actor: Actor, today: date, *, text: str = "", unit: str = "", role: str = "", state: str = ""
) -> QuerySet[User]:
    """The people within reach that these conditions leave, each with the current posts as `held`.

    text: words of name or account; unit: words of the name, or the code, of the unit of a current post; role: of a
    current post; state: `out` for deactivated accounts, `idle` for those without a current post, else active ones.
    """
    people = people_in_scope(actor)
    for word in text.split():
        people = people.filter(Q(display_name__icontains=word) | Q(username__icontains=word))
    current = Post.objects.filter(on_duty(today), user=OuterRef("pk"), unit__active=True)
    posts = current.filter(role=role) if role else current
    for word in unit.split():
        posts = posts.filter(Q(unit__name__icontains=word) | Q(unit__code__iexact=word))
    if role or unit:
        people = people.filter(Exists(posts))
    people = people.filter(is_active=state != "out")
    if state == "idle":
        people = people.filter(~Exists(current))
    held = Post.objects.filter(on_duty(today)).select_related("unit").order_by("id")
    return people.prefetch_related(Prefetch("posts", queryset=held, to_attr="held"))


def person_for(actor: Actor, user_id: int) -> User:
    """The door to a person."""
    person = people_in_scope(actor).filter(pk=user_id).first()
    if person is None:
        raise NotFound
    return person


def person_with_username(username: str) -> User | None:
    """Who has this account name already, wherever they are, so that a new person does not take their place."""
    return User.objects.filter(username=username).first()


def posts_of(person: User) -> Sequence[Post]:
    """Every post that a person holds or held, the latest begun first."""
    return list(Post.objects.filter(user=person).select_related("unit").order_by("-starts_on", "-id"))


def post_of(person: User, post_id: int) -> Post:
    """One post of a person."""
    post = Post.objects.filter(pk=post_id, user=person).first()
    if post is None:
        raise NotFound
    return post
