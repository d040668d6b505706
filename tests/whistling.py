"""A whistle of the small district, walked through the real operations."""

from datetime import date, datetime, timedelta
from typing import Any

from chuangwen.people import operations as people
from chuangwen.rules.permissions import SYSTEM, Role
from chuangwen.rules.whistles import Rating
from chuangwen.whistles import operations as whistles
from chuangwen.whistles.models import Summons, Whistle
from tests.world import NOW, World

TITLE = "夜市占道、油烟扰民"
GOOD = Rating(came=True, cooperated=True, finished=True)


def staffed(world: World) -> None:
    """Promises are there, the market regulator has a chief, the street a clerk."""
    whistles.seed_promises(by=SYSTEM, now=NOW)
    for username, name, role, unit in (
        ("sc_chief", "市监负责人", Role.UNIT_CHIEF, "CC-SCJG"),
        ("xt_worker", "学田街道承办人", Role.UNIT_WORKER, "XT"),
    ):
        user, _ = people.put_user(username=username, display_name=name, by=SYSTEM, now=NOW)
        user.must_change_password = False
        user.save()
        people.appoint(username=username, unit_code=unit, role=role, starts_on=date(2020, 1, 1), by=SYSTEM, now=NOW)


def said(world: World, **changes: Any) -> whistles.NewWhistle:
    """Two departments to the compound within thirty minutes."""
    given: dict[str, Any] = {
        "promise": "urgent", "title": TITLE, "text": "南门外夜间十余个摊位", "reason": "街道没有执法权，多次劝离无效", "place": "学田南苑南门外",
        "calls": [
            whistles.Call(world.unit("CC-CG").pk, "清理占道摊位"), whistles.Call(world.unit("CC-SCJG").pk, "查处无证餐饮")
        ],
    }  # fmt: skip
    return whistles.NewWhistle(**given | changes)


def blown(world: World, *, now: datetime = NOW, key: str | None = None, **changes: Any) -> Whistle:
    """The street whistled."""
    return whistles.blow(said=said(world, **changes), by=world.actor("xt_chief"), now=now, client_key=key)


def whistled(world: World) -> Whistle:
    """A whistle where nothing was made ready before."""
    staffed(world)
    return blown(world)


def summons_of(whistle: Whistle, code: str) -> Summons:
    """The summons of a department, as it is now; the newest one of the unit."""
    rows = Summons.objects.filter(whistle=whistle, part__unit__code=code).select_related("part__unit")
    return rows.latest("pk")


WHO = {"CC-CG": "cg_worker", "CC-SCJG": "sc_chief"}


def reported(world: World, whistle: Whistle, code: str, *, now: datetime, until: str = "seen") -> None:
    """A department confirms, arrives, finishes, and the street sees its arrival; as far as `until`."""
    pk, by = summons_of(whistle, code).pk, world.actor(WHO[code])
    steps = ("confirmed", "arrived", "finished", "seen")
    acts = {
        "confirmed": lambda at: whistles.confirm(summons_id=pk, by=by, now=at),
        "arrived": lambda at: whistles.arrive(summons_id=pk, words="到南门", by=by, now=at),
        "finished": lambda at: whistles.finish(summons_id=pk, words="摊位已清", by=by, now=at),
        "seen": lambda at: whistles.see_arrival(summons_id=pk, came=True, by=world.actor("xt_chief"), now=at),
    }
    for place, step in enumerate(steps[: steps.index(until) + 1], start=1):
        acts[step](now + timedelta(minutes=place))


def closed(world: World, whistle: Whistle, *, now: datetime, **ratings: Rating) -> Whistle:
    """The street closed it; `ratings` by unit code with _ for -, everybody else good."""
    given = {
        one.pk: ratings.get(one.part.unit.code.replace("-", "_"), GOOD)
        for one in Summons.objects.filter(whistle=whistle).select_related("part__unit")
    }
    by = world.actor("xt_chief")
    return whistles.close_whistle(whistle_id=whistle.pk, outcome="占道摊位全部清退", ratings=given, by=by, now=now)
