"""A paper from the city in the small district, walked through the real operations."""

from datetime import date, datetime, timedelta
from typing import Any

from chuangwen.directives import operations, reporting
from chuangwen.directives.models import Directive, Item, Part
from chuangwen.rules.directive_rows import ItemRow
from tests.world import BEIJING, NOW, World, photo_id

DEADLINE = datetime(2020, 8, 20, 18, 0, tzinfo=BEIJING)
INNER = datetime(2020, 8, 15, 18, 0, tzinfo=BEIJING)
TITLE = "关于限期整改文明城市创建突出问题的通知"
ITEMS = ("学田苑楼道堆物全面清理", "文峰巷路面修复", "校园周边占道经营整治")


def paper_facts(**changes: Any) -> operations.PaperFacts:
    """The head of the paper."""
    given: dict[str, Any] = {
        "level": "city", "issuer": "市文明办", "number": "通文明办〔2020〕12号", "title": TITLE,
        "received_on": date(2020, 6, 23), "deadline": DEADLINE, "note": "逐项整改，按期回复。",
    }  # fmt: skip
    return operations.PaperFacts(**given | changes)


def received(world: World, *, items: tuple[ItemRow, ...] = (), now: datetime = NOW, **more: Any) -> Directive:
    """The paper, registered; its items not yet broken down unless given so."""
    rows = items or tuple(ItemRow(text) for text in ITEMS)
    return operations.register_directive(facts=paper_facts(), items=rows, by=world.actor("clerk"), now=now, **more)


def given_to(world: World, *units: str, now: datetime = NOW, due_at: datetime = INNER) -> Item:
    """The first item of a fresh paper, given to these units; the first one leads."""
    item = received(world, now=now).items.get(number=1)
    lead, *joint = (world.unit(code).pk for code in units)
    return operations.break_down(
        item_id=item.pk, lead_id=lead, joint_ids=joint, due_at=due_at, by=world.actor("clerk"), now=now
    )


def part_of(item: Item, code: str) -> Part:
    """The share of this unit."""
    return item.parts.select_related("unit", "item").get(unit__code=code)


def handed_in(world: World, item: Item, code: str, who: str, *, now: datetime = NOW, **more: Any) -> Item:
    """The unit's share, done, with a photo of its own."""
    by = world.actor(who)
    given: dict[str, Any] = {"text": "已全部清理", "photos": [photo_id(by, "green")], **more}
    return reporting.hand_in(item_id=item.pk, part_id=part_of(item, code).pk, by=by, now=now, **given)


def said_late(world: World, item: Item, code: str, who: str, *, now: datetime = NOW, **more: Any) -> Any:
    """The unit says that it cannot be done in time."""
    given: dict[str, Any] = {
        "ground": "works", "reason": "须等雨污管网改造完成", "needs": "市政部门协调施工", "proposed_at": INNER + timedelta(days=40),
        **more,
    }  # fmt: skip
    return reporting.declare_delay(
        item_id=item.pk, part_id=part_of(item, code).pk, by=world.actor(who), now=now, **given
    )
