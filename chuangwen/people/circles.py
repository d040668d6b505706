"""Who holds a post where: the circles of people that something is told to."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import Q, QuerySet

from chuangwen.people.models import Post, Unit
from chuangwen.people.queries import reach_of
from chuangwen.rules.permissions import Role


@dataclass(frozen=True)
class Holder:
    """Somebody with a post, and the path of the unit in which it is held."""

    user_id: int
    unit_path: str


def _on_duty(roles: Iterable[Role], today: date) -> QuerySet[Post]:
    now = Q(starts_on__lte=today) & (Q(ends_on=None) | Q(ends_on__gte=today))
    rows = Post.objects.filter(now, role__in=sorted(roles), user__is_active=True, unit__active=True)
    return rows.select_related("unit").order_by("id")


def _holders(posts: Iterable[Post]) -> list[Holder]:
    return [Holder(post.user_id, post.unit.path) for post in posts]


def working_in(unit_ids: Sequence[int], roles: Iterable[Role], today: date) -> Sequence[Holder]:
    """Who holds one of these roles in these units; for a unit in which nobody does, those in the nearest one above."""
    found: list[Holder] = []
    for unit in Unit.objects.filter(pk__in=unit_ids):
        codes = unit.path.strip("/").split("/")
        posts = list(_on_duty(roles, today).filter(unit__code__in=codes))
        nearest = max((post.unit.depth for post in posts), default=None)
        found += _holders(post for post in posts if post.unit.depth == nearest)
    return found


def reaching(path: str, roles: Iterable[Role], today: date) -> Sequence[Holder]:
    """Who holds one of these roles in a post whose branch holds this path."""
    return _holders(post for post in _on_duty(roles, today) if path and path.startswith(reach_of(post)))


def holding(user_ids: Iterable[int], today: date) -> Sequence[Holder]:
    """The posts of these people; somebody without a post is not among them."""
    return _holders(_on_duty(list(Role), today).filter(user_id__in=list(user_ids)))


def roles_of(user_ids: Iterable[int], today: date) -> dict[int, frozenset[Role]]:
    """The roles that each of these people holds on a day."""
    found: dict[int, set[Role]] = {}
    for post in _on_duty(list(Role), today).filter(user_id__in=list(user_ids)):
        found.setdefault(post.user_id, set()).add(Role(post.role))
    return {user_id: frozenset(roles) for user_id, roles in found.items()}
