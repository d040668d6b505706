"""Routing in the small district: rules, a set in force, an objection."""

from datetime import date, datetime, timedelta

from chuangwen.cases.models import Case
from chuangwen.routing.held import ground, terms_at
from chuangwen.routing.held import in_force as rules_in_force
from chuangwen.routing.models import Objection, RuleSet
from chuangwen.routing.objections import object_to_dispatch
from chuangwen.routing.operations import draft_set, put_in_force, put_rule
from chuangwen.routing.replays import start_replay
from chuangwen.rules.case_flow import Status
from chuangwen.standards.models import PointType
from chuangwen.standards.queries import work_calendar
from tests.world import NOW, World

TODAY = NOW.date()
OWNER = {"name": "小区找物业", "point_types": "RES", "to": "点位责任单位", "reason": "小区里的事由物业先办"}
NIGHT = {"name": "夜间城管", "hours": "18:00-08:00", "to": "CC-CG", "reason": "夜间由城管值守"}
STREET = {"name": "其余找街道", "to": "属地街道", "reason": "属地管理"}


def draft(world: World, *raws: dict[str, str], name: str = "上半年规则") -> RuleSet:
    """A draft of the office with these rules."""
    PointType.objects.get_or_create(code="RES", name="居民小区")
    by = world.actor("clerk")
    row = draft_set(name=name, by=by, now=NOW)
    for raw in raws or (OWNER, STREET):
        row = put_rule(set_id=row.pk, place=None, raw=raw, by=by, now=NOW)
    return row


def put_into_force(world: World, row: RuleSet, *, day: date = TODAY, now: datetime = NOW) -> RuleSet:
    """Replay over the month so far, then decide."""
    chief = world.actor("chief")
    start_replay(set_id=row.pk, since=TODAY.replace(day=1), until=TODAY, by=chief, now=now)
    return put_in_force(set_id=row.pk, from_day=day, by=chief, now=now, today=TODAY)


def in_force(world: World, *raws: dict[str, str]) -> RuleSet:
    """A set that counts from today on; it needs a case to be tried on."""
    if not Case.objects.exists():
        world.open_case()
    return put_into_force(world, draft(world, *raws))


def objected(world: World, case: Case | None = None, *, now: datetime | None = None) -> Objection:
    """The property firm objects to a case that was just dispatched to it and names the department."""
    case = case or world.case_at(Status.DISPATCHED)
    made = object_to_dispatch(
        case_id=case.pk, ground="不属于本单位职责", words="该处由城管局管养", wanted_id=world.unit("CC-CG").pk,
        by=world.actor("wy_worker"), now=now or NOW + timedelta(minutes=10),
    )  # fmt: skip
    assert made is not None
    return made


def held_already() -> None:
    """What a process holds is known, as it is but once a minute: rules in force, ground, terms, calendar."""
    work_calendar()
    ground()
    terms_at("")
    rules_in_force("", TODAY)
