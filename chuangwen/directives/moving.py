"""How every step of an item begins and ends: locked and asked for once, then saved as the next version."""

from dataclasses import dataclass
from datetime import datetime

from chuangwen.directives.models import Item, Part
from chuangwen.directives.queries import is_of, keeps, sees_item
from chuangwen.journal.once import taken_before
from chuangwen.journal.operations import record
from chuangwen.rules.permissions import Actor, Permission, may
from chuangwen.rules.refusals import Conflict, NotFound, Refused

NOT_OFFICE = "分解、审签和决定延期由收文的文明办办理。"
SUBJECT = "directive_item"


@dataclass(frozen=True)
class Taken:
    """An item, locked, with its shares; `repeated`: this very submission was taken before."""

    item: Item
    parts: list[Part]
    repeated: bool


def taken_up(
    item_id: int, by: Actor, client_key: str | None, seen_version: int | None = None, yours: str = ""
) -> Taken:
    """The item, locked; unknown and unseen look alike, what is stale is refused."""
    item = Item.objects.select_for_update(of=("self",)).select_related("directive__home").filter(pk=item_id).first()
    parts = list(Part.objects.filter(item=item_id).select_related("unit")) if item is not None else []
    if item is None or not sees_item(by, item, parts):
        raise NotFound
    repeated = taken_before(client_key, SUBJECT, item_id)
    if not repeated and seen_version is not None and seen_version != item.version:
        raise Conflict("刚刚有人办过这件事项。您写的内容还在，请看过最新情况后再决定是否提交。", yours=yours)
    return Taken(item, parts, repeated)


def office_objections(item: Item, by: Actor) -> list[str]:
    """Whether the office may still do something with the item."""
    found = [] if keeps(by, item.directive) else [NOT_OFFICE]
    return found + ([] if item.signed_off_at is None else ["这件事项已经审签办结，不能再改。"])


def own_part(taken: Taken, part_id: int, by: Actor) -> Part:
    """The share of this person's unit, not handed in yet; refuses otherwise."""
    part = next((part for part in taken.parts if part.pk == part_id), None)
    if part is None:
        raise NotFound
    found = [] if may(by, Permission.DIRECTIVE_REPORT) and is_of(by, part) else [f"这一份由{part.unit.name}填报。"]
    if taken.item.signed_off_at is not None:
        found.append("这件事项已经审签办结，不用再报。")
    if found:
        raise Refused(found)
    return part


def record_step(
    item: Item, kind: str, *, by: Actor, now: datetime, client_key: str | None = None, **facts: object
) -> None:
    """The change is saved as the next version, with its event."""
    item.version += 1
    item.save()
    record(
        kind=f"directive.{kind}", subject_kind=SUBJECT, subject_id=item.pk, by=by, now=now, client_key=client_key,
        directive=item.directive_id, item=item.number, **facts,
    )  # fmt: skip
