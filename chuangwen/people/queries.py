"""Reading units, people and posts; turning a person into an Actor."""

import hashlib
from collections.abc import Sequence
from datetime import date, datetime

from django.db.models import F, Q, QuerySet

from chuangwen.people.models import ApiToken, Post, Unit, UnitKind, User
from chuangwen.rules.permissions import Actor, PostFact, Role
from chuangwen.rules.refusals import NotFound

# These sit beside what they look after, so their posts reach the whole branch of their parent.
_REACHES_PARENT = {UnitKind.DISTRICT_OFFICE}
_REACH_ROLES = {Role.OFFICE_CLERK, Role.OFFICE_CHIEF, Role.INSPECTOR, Role.LEADER, Role.SYSTEM_ADMIN}


def _scope(post: Post) -> str:
    path = post.unit.path
    if post.unit.kind in _REACHES_PARENT and Role(post.role) in _REACH_ROLES:
        return path.rsplit("/", 2)[0] + "/"
    return path


def reach_of(post: Post) -> str:
    """The branch that a post reaches, as a path of units."""
    return _scope(post)


def current_posts(user_id: int, today: date) -> QuerySet[Post]:
    """The posts that a person holds on a day."""
    on_duty = Q(starts_on__lte=today) & (Q(ends_on=None) | Q(ends_on__gte=today))
    return Post.objects.filter(on_duty, user_id=user_id, unit__active=True).select_related("unit").order_by("id")


def posts_with_person(user_id: int) -> QuerySet[Post]:
    """Every post that a person ever held, with the unit and the person."""
    return Post.objects.filter(user_id=user_id).select_related("unit", "user").order_by("id")


def actor_for(user: User, today: date) -> Actor:
    """The facts about a person that permissions judge by, on a day. No statement where the log-in brought the posts."""
    known = user.posts_brought
    held = current_posts(user.pk, today) if known is None else [post for post in known if post.counts_on(today)]
    posts = tuple(
        PostFact(Role(post.role), post.unit_id, post.unit.name, post.unit.path, _scope(post)) for post in held
    )
    return Actor(user_id=user.pk, name=user.display_name, posts=posts)


def actor_by_username(username: str, today: date) -> Actor:
    """The actor with this account name."""
    user = User.objects.filter(username=username, is_active=True).first()
    if user is None:
        raise NotFound(f"没有账号“{username}”。")
    return actor_for(user, today)


def user_by_token(token: str, now: datetime) -> User | None:
    """The person for whom a program acts, when its key is valid."""
    digest = hashlib.sha256(token.encode()).hexdigest()
    found = ApiToken.objects.filter(digest=digest, revoked_at=None, created_at__lte=now, user__is_active=True)
    posts = list(Post.objects.filter(user__tokens__in=found).select_related("unit", "user").order_by("id"))
    if not posts:
        row = found.select_related("user").first()
        return row.user if row else None
    posts[0].user.posts_brought = posts
    return posts[0].user


def unit_by_code(code: str) -> Unit:
    """The unit with this code."""
    unit = Unit.objects.filter(code=code).first()
    if unit is None:
        raise NotFound(f"没有编码为“{code}”的单位。")
    return unit


def branch(path: str) -> QuerySet[Unit]:
    """A unit and everything below it, in tree order."""
    return Unit.objects.filter(path__startswith=path).order_by("path")


def units_in_scope(actor: Actor) -> QuerySet[Unit]:
    """The units of every branch the actor reaches."""
    reach = Q(pk__in=[])
    for scope in set(actor.scopes()):
        reach |= Q(path__startswith=scope)
    return Unit.objects.filter(reach).order_by("path")


def streets(scope: str = "") -> QuerySet[Unit]:
    """The streets of a branch (everywhere by default)."""
    return Unit.objects.filter(kind=UnitKind.STREET, path__startswith=scope, active=True).order_by("path")


def ancestors(unit: Unit) -> Sequence[Unit]:
    """From the root down to the unit's parent."""
    codes = unit.path.strip("/").split("/")[:-1]
    by_code = {row.code: row for row in Unit.objects.filter(code__in=codes)}
    return [by_code[code] for code in codes if code in by_code]


def has_demo_accounts() -> bool:
    """Whether sample accounts with published passwords live in this database."""
    return User.objects.filter(is_demo=True).exists()


def demo_accounts() -> Sequence[User]:
    """The sample accounts to show at log-in; none in a real installation."""
    return list(User.objects.filter(is_demo=True, is_active=True).order_by("pk")[:12])


def is_field_person(user_id: int, today: date) -> bool:
    """Whether somebody works outdoors only, so that log-in leads to the phone pages."""
    roles = {Role(role) for role in current_posts(user_id, today).values_list("role", flat=True)}
    return bool(roles) and roles <= {Role.INSPECTOR, Role.GRID_WORKER}


def tokens_of(user_id: int) -> Sequence[ApiToken]:
    """The keys that a person gave to programs: those that work first, newest first."""
    return list(
        ApiToken.objects.filter(user_id=user_id).order_by(F("revoked_at").desc(nulls_first=True), "-created_at")
    )


def unit_exists(code: str) -> bool:
    """Whether a unit has this code."""
    return Unit.objects.filter(code=code).exists()


def units_with_role(role: Role) -> Sequence[int]:
    """The units in which somebody holds this role."""
    return list(Post.objects.filter(role=role.value, ends_on=None).values_list("unit_id", flat=True).distinct())
