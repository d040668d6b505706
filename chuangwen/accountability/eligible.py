"""可启动清单: what the ladders of a branch make possible now. Nothing follows from it by itself."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from chuangwen.accountability.facts import facts_for
from chuangwen.accountability.models import LadderVersion
from chuangwen.accountability.queries import home_path, in_force_for, opened_occasions
from chuangwen.people.models import Unit
from chuangwen.rules.ladders import Eligibility, NotCounted, review
from chuangwen.rules.permissions import Actor
from chuangwen.rules.refusals import NotFound


@dataclass(frozen=True)
class Possible:
    """One entry with its unit and the file that was opened for it, if any."""

    entry: Eligibility
    unit: Unit
    file_id: int | None


@dataclass(frozen=True)
class Listing:
    """The ladders in force, the one that was looked at, and what it makes possible."""

    ladders: Sequence[LadderVersion]
    chosen: LadderVersion | None
    possible: Sequence[Possible]
    left_out: Sequence[tuple[Unit, NotCounted]]


def eligible(actor: Actor, *, now: datetime, ladder_id: int | None = None) -> Listing:
    """Hold the records of somebody's own branch against one ladder in force (the first when none is named)."""
    ladders = in_force_for(actor)
    chosen = next((one for one in ladders if ladder_id in {None, one.pk}), None)
    if chosen is None:
        if ladder_id is not None:
            raise NotFound
        return Listing(ladders, None, [], [])
    ladder, path = chosen.ladder, home_path(actor)
    facts, units = facts_for(ladder, actor=actor, path=path, now=now)
    found = review(ladder, facts, at=now)
    opened = opened_occasions(path)
    possible = [
        Possible(each, units[each.unit], opened.get((units[each.unit].pk, each.rung.key, each.key)))
        for each in found.possible
    ]
    return Listing(ladders, chosen, possible, [(units[each.unit], each) for each in found.left_out])
