"""A file of the small district, walked through the real operations: the street 学田 was last in two weeks."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from chuangwen.accountability import operations as work
from chuangwen.accountability.builtin import builtin_text
from chuangwen.accountability.eligible import Possible, eligible
from chuangwen.accountability.ladder_operations import draft_ladder, force_ladder
from chuangwen.accountability.models import File, LadderVersion
from chuangwen.accountability.moving import Said
from chuangwen.people import operations as people
from chuangwen.people.models import User
from chuangwen.rules.accountability_flow import FileStatus
from chuangwen.rules.permissions import SYSTEM, Role
from chuangwen.scores.models import FairFigures, ScoreLine, ScoreSheet
from tests.world import NOW, World

MONDAY = date(2020, 6, 8)
LATER = timedelta(days=14)  # every time limit of the small ladders is over by then
MORE_PEOPLE = (("city_leader", "市领导", Role.LEADER, "NT"), ("leader2", "另一位区领导", Role.LEADER, "CC"))


def released_week(world: World, number: int, places: dict[str, int | None], *, fair: bool = False) -> ScoreSheet:
    """A released weekly table of the district: unit code -> place."""
    start = MONDAY + timedelta(weeks=number)
    sheet = ScoreSheet.objects.create(
        scope=world.unit("CC"), rule_name="field-rate", rule_title="实地合格率", rule_text="", period_start=start,
        period_end=start + timedelta(days=6), computed_at=NOW, computed_by="周文", released_at=NOW, released_by="陆主任",
    )  # fmt: skip
    for code, place in places.items():
        unit = world.unit(code)
        total = f"{90 - place}" if place else ""
        ScoreLine.objects.create(
            sheet=sheet, unit=unit, unit_name=unit.name, place=place, total_shown=total, total_exact=total
        )
    if fair:
        FairFigures.objects.create(sheet=sheet, computed_at=NOW, units=[_fair(world, code) for code in places])
    return sheet


def _fair(world: World, code: str) -> dict[str, Any]:
    return {
        "unit": world.unit(code).name, "observations": 12, "raw": 0.5, "adjusted": 0.6, "low": 0.4, "high": 0.8,
        "place_raw": 2, "place_adjusted": 1, "best": 1, "worst": 2, "tier": 1,
    }  # fmt: skip


def more_people(world: World) -> None:
    """A leader of the city, and a second one of the district."""
    for username, name, role, unit in MORE_PEOPLE:
        if not User.objects.filter(username=username).exists():
            user, _ = people.put_user(username=username, display_name=name, by=SYSTEM, now=NOW)
            user.must_change_password = False
            user.save()
            people.appoint(username=username, unit_code=unit, role=role, starts_on=date(2020, 1, 1), by=SYSTEM, now=NOW)


def in_force(world: World, name: str = "jiangmen-2018", *, text: str = "") -> LadderVersion:
    """A ladder in force in the district."""
    draft = draft_ladder(text=text or builtin_text(name), by=world.actor("clerk"), now=NOW)
    return force_ladder(ladder_id=draft.pk, by=world.actor("chief"), now=NOW)


def last_twice(world: World) -> Possible:
    """The entry of 学田, last in two weeks in a row, under the weekly ladder."""
    more_people(world)
    ladder = in_force(world)
    for number in range(2):
        released_week(world, number, {"WF": 1, "XT": 2})
    return eligible(world.actor("clerk"), now=NOW, ladder_id=ladder.pk).possible[0]


def opened(world: World, *, by: str = "clerk", **more: Any) -> File:
    """A file that a clerk opened."""
    found, ladder = last_twice(world), LadderVersion.objects.get()
    return work.open_file(
        ladder_id=ladder.pk, unit_id=found.unit.pk, rung=found.entry.rung.key, occasion=found.entry.key, by=world.actor(by),
        now=NOW, **more,
    )  # fmt: skip


@dataclass(frozen=True)
class Walk:
    """One way through a file: each step a minute after the one before."""

    world: World
    file_id: int

    def step(self, act: Callable[..., File], by: str, text: str = "", *, now: datetime = NOW, **more: Any) -> File:
        """One step with its words."""
        said = {name: more.pop(name) for name in ("measure", "outcome", "ground") if name in more}
        return act(file_id=self.file_id, said=Said(text, **said), by=self.world.actor(by), now=now, **more)


def file_at(world: World, status: FileStatus) -> File:
    """A file that came to this status the way files do."""
    file = opened(world)
    walk, order = Walk(world, file.pk), list(FileStatus)
    steps: dict[FileStatus, Callable[[], File]] = {
        FileStatus.NOTIFIED: lambda: walk.step(work.notify, "clerk", "连续两期末位，请整改。"),
        FileStatus.STATING: lambda: walk.step(work.report_correction, "xt_chief", "已逐处整改。"),
        FileStatus.STATED: lambda: walk.step(work.make_statement, "xt_chief", "老旧小区多。", ground="waiting"),
        FileStatus.PROPOSED: lambda: walk.step(work.propose, "clerk", "按第二档。", measure="organisation_interview"),
        FileStatus.DECIDED: lambda: walk.step(work.decide, "leader", "同意。", outcome="uphold"),
        FileStatus.SERVED: lambda: walk.step(work.serve, "clerk"),
        FileStatus.APPEALED: lambda: walk.step(work.appeal, "xt_chief", "名次与别人分不出高下。"),
        FileStatus.REVIEWED: lambda: walk.step(work.decide_appeal, "city_leader", "理由成立一部分。", outcome="changed", measure="interview"),
        FileStatus.CLOSED: lambda: walk.step(work.close_file, "clerk"),
    }  # fmt: skip
    for each in order[1 : order.index(status) + 1]:
        file = steps[each]()
    return file
