"""What a notice may say of an item of a superior's paper: its number and the inner deadline of the units."""

from collections.abc import Sequence

from chuangwen.directives.models import Item, Part
from chuangwen.rules.notice_table import Matter


def told(item_id: int) -> Matter | None:
    """The facts of an open item, with the units that have not handed in."""
    item = Item.objects.select_related("directive__home").filter(pk=item_id, signed_off_at=None).first()
    if item is None:
        return None
    rows = list(Part.objects.filter(item=item, handed_in_at=None).order_by("due_at").values_list("unit_id", "due_at"))
    return Matter(
        name=f"{item.directive.number}第 {item.number} 项", due_at=rows[0][1] if rows else item.deadline,
        home=item.directive.home.path, units=tuple(unit_id for unit_id, _ in rows),
    )  # fmt: skip


def over(item_ids: Sequence[int]) -> set[int]:
    """Which of these are signed off."""
    waiting = Item.objects.filter(pk__in=item_ids, signed_off_at=None)
    return set(item_ids) - set(waiting.values_list("pk", flat=True))
