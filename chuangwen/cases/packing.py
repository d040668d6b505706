"""Reading several cases at once, for a phone that takes them along: one statement each, however many there are."""

from collections.abc import Sequence

from chuangwen.cases.models import Case, CasePhoto, CaseQuerySet
from chuangwen.rules.case_flow import OPEN
from chuangwen.rules.permissions import Actor

_OPEN = sorted(status.value for status in OPEN)


def photos_of_all(cases: Sequence[Case]) -> dict[int, list[CasePhoto]]:
    """The photos of each case, oldest first, by the id of the case."""
    found: dict[int, list[CasePhoto]] = {case.pk: [] for case in cases}
    for row in CasePhoto.objects.filter(case__in=cases).order_by("id"):
        found[row.case_id].append(row)
    return found


def reported_and_open(actor: Actor) -> CaseQuerySet:
    """What this person reported and is still open, newest first."""
    rows = Case.objects.visible_to(actor).filter(reported_by_id=actor.user_id, status__in=_OPEN)
    return rows.select_related("unit").order_by("-id")
