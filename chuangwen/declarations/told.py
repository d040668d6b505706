"""What a notice may say of a requirement: its number, its kind and when the unit has to hand in."""

from collections.abc import Sequence

from chuangwen.declarations.models import Requirement, State
from chuangwen.rules.notice_table import Matter


def told(requirement_id: int) -> Matter | None:
    """The facts of a requirement, with the unit that hands in."""
    asked = Requirement.objects.select_related("drive__home").filter(pk=requirement_id).first()
    if asked is None:
        return None
    return Matter(
        name=f"{asked.number}（{asked.get_kind_display()}）", due_at=asked.due_at, home=asked.drive.home.path,
        units=(asked.unit_id,) if asked.unit_id else (),
    )  # fmt: skip


def over(requirement_ids: Sequence[int]) -> set[int]:
    """Which of these are accepted."""
    waiting = Requirement.objects.filter(pk__in=requirement_ids).exclude(state=State.ACCEPTED)
    return set(requirement_ids) - set(waiting.values_list("pk", flat=True))
