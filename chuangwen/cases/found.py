"""A finding of an inspector becomes a case that is already on its way: standard, owner and deadline are known."""

from collections.abc import Iterable
from datetime import datetime

from chuangwen.cases.models import Case
from chuangwen.cases.operations import open_dispatched
from chuangwen.places.models import Site
from chuangwen.rules.permissions import Actor
from chuangwen.standards.models import Criterion
from chuangwen.standards.queries import standard_for


def open_found_case(
    *, site: Site, criterion: Criterion, finding_id: int, note: str, photo_ids: Iterable[int], by: Actor, now: datetime
) -> Case:
    """Open, accept and dispatch to the site's owner. The found fact is the inspector's; the routing is the rule's."""
    return open_dispatched(
        unit=site.owner, note="按点位责任单位自动派遣", title=f"{site.name}：{criterion.text}", text=note, home=site.home,
        street=site.street, site=site, origin_kind="finding", origin_id=finding_id,
        standard=standard_for(criterion.case_standard), severity=criterion.severity, criterion_code=criterion.code,
        lng=site.lng, lat=site.lat, photo_ids=photo_ids, by=by, now=now,
    )  # fmt: skip


def release_origin(*, case_id: int) -> None:
    """The finding is judged anew: the case it opened no longer speaks for it, so that a new one may."""
    Case.objects.filter(pk=case_id).update(origin_id=None)
