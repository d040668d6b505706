"""Which branch of the unit tree a sheet or paper speaks of, and who may look at it."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.db.models import Q

from chuangwen.people.models import Unit
from chuangwen.people.queries import streets
from chuangwen.rules.permissions import OFFICE, Actor, PostFact, Role
from chuangwen.rules.refusals import NotFound, Refused

BEIJING = ZoneInfo("Asia/Shanghai")


def scope_for(by: Actor, code: str = "") -> Unit:
    """The branch to rank or report on: the one named, else the actor's own, for the house the one of all streets."""
    if code:
        unit = Unit.objects.filter(code=code, active=True).first()
        if unit is None or not (by.system or _below(unit.path, by.scopes(*OFFICE))):
            raise NotFound
        return unit
    own = min(by.scopes(*OFFICE), key=len, default="")
    path = _common([street.path for street in streets()]) if by.system else own
    unit = Unit.objects.filter(path=path).first()
    if unit is None:
        raise Refused("请先建立街道，或写明范围（单位编码）。")
    return unit


def _below(path: str, branches: Iterable[str]) -> bool:
    return any(path.startswith(branch) for branch in branches)


def _common(paths: Sequence[str]) -> str:
    """The path of the lowest unit that stands above all these units; an empty string when there is none."""
    above = lineage(paths[0])[:-1] if paths else []
    return max((up for up in above if all(path.startswith(up) for path in paths)), key=len, default="")


def lineage(path: str) -> list[str]:
    """The paths of a unit and everything above it, from the root: "/NT/CC/" -> ["/NT/", "/NT/CC/"]."""
    codes = path.strip("/").split("/") if path.strip("/") else []
    return [f"/{'/'.join(codes[: depth + 1])}/" for depth in range(len(codes))]


def everything_in(unit: Unit) -> Actor:
    """Somebody who sees what the office of this branch sees, and nothing else: the eye of a sheet or a paper."""
    post = PostFact(Role.LEADER, unit.pk, unit.name, unit.path, unit.path)
    return Actor(user_id=None, name=unit.name, posts=(post,))


def seen_by(actor: Actor) -> Q:
    """A condition on anything with `scope` and `released_at`.

    Office and leaders see drafts and released ones of their branch; everybody sees released ones of a branch they are in.
    """
    reach = Q(pk__in=[])
    for scope in set(actor.scopes(*OFFICE, Role.LEADER)):
        reach |= Q(scope__path__startswith=scope)
    above = {path for post in actor.posts for path in lineage(post.unit_path)}
    return reach | Q(released_at__isnull=False, scope__path__in=above)


def manages(actor: Actor, scope: Unit) -> bool:
    """Whether sheets and papers of this branch are the actor's business to change."""
    return actor.system or _below(scope.path, actor.scopes(*OFFICE))


def opens_basis(actor: Actor, unit: Unit) -> bool:
    """Whether an actor may open the single findings behind a line: office and leaders, and the unit's own people."""
    own = any(path.startswith(unit.path) for path in actor.unit_paths())
    return own or _below(unit.path, actor.scopes(*OFFICE, Role.LEADER))


def streets_by_code(scope: Unit) -> dict[str, Unit]:
    """The active streets of a branch by their code, in tree order."""
    return {street.code: street for street in streets(scope.path)}


def first_above(path: str, by_code: Mapping[str, Unit]) -> Unit | None:
    """The one of these units that a unit is or belongs to, from its path; None for what stands beside them."""
    return next((by_code[code] for code in path.strip("/").split("/") if code in by_code), None)


def window(start: date, end: date) -> tuple[datetime, datetime]:
    """From the first moment of `start` to the first moment after `end`, in Beijing time."""
    return _midnight(start), _midnight(end + timedelta(days=1))


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), BEIJING)


def local_day(moment: datetime) -> date:
    """The day of a moment in Beijing."""
    return moment.astimezone(BEIJING).date()
