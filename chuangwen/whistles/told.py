"""What a notice may say of a whistle: its number, the place, and by when the called departments confirm."""

from collections.abc import Sequence

from chuangwen.rules.notice_table import Matter
from chuangwen.whistles.models import Summons, Whistle, WhistleState


def told(whistle_id: int) -> Matter | None:
    """The facts of an open whistle, with the departments that have not confirmed yet."""
    whistle = Whistle.objects.select_related("street", "case__site").filter(pk=whistle_id).first()
    if whistle is None or not whistle.is_open:
        return None
    waiting = Summons.objects.filter(whistle=whistle, confirmed_at=None).order_by("confirm_by")
    rows = list(waiting.values_list("part__unit_id", "confirm_by"))
    return Matter(
        name=whistle.number, place=whistle.case.site.name if whistle.case.site else whistle.street.name,
        due_at=rows[0][1] if rows else None, home=whistle.street.path, units=tuple(unit_id for unit_id, _ in rows),
    )  # fmt: skip


def over(whistle_ids: Sequence[int]) -> set[int]:
    """Which of these are closed or called off."""
    waiting = Whistle.objects.filter(pk__in=whistle_ids, state=WhistleState.OPEN.value)
    return set(whistle_ids) - set(waiting.values_list("pk", flat=True))
