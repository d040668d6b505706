"""A finding of an inspector becomes a case that is already on its way: standard, owner and deadline are known."""

from collections.abc import Iterable
from datetime import datetime

from chuangwen.cases.models import Case
from chuangwen.cases.operations import open_dispatched
from chuangwen.places.models import Site
from chuangwen.rules.permissions import Actor
from chuangwen.standards.models import Criterion
from chuangwen.standards.queries import standard_for


def found_title(site_name: str, criterion_text: str, note: str) -> str:
    """What is wrong, in the inspector's words when there are any, else as the criterion that is not met."""
    words = note.strip().rstrip("。；，,;.")
    return f"{site_name}：{words[:60]}" if words else f"{site_name}：不符合“{criterion_text}”"


def open_found_case(
    *,
    site: Site,
    criterion: Criterion,
    finding_id: int,
    note: str,
    photo_ids: Iterable[int],
    by: Actor,
    now: datetime,
    origin_kind: str = "finding",
) -> Case:
    """Open, accept and dispatch to the site's owner. The found fact is the inspector's; the routing is the rule's."""
    return open_dispatched(
        unit=site.owner, note="按点位责任单位自动派遣", title=found_title(site.name, criterion.text, note), text=note, home=site.home,
        street=site.street, site=site, origin_kind=origin_kind, origin_id=finding_id,
        standard=standard_for(criterion.case_standard), severity=criterion.severity, criterion_code=criterion.code,
        lng=site.lng, lat=site.lat, photo_ids=photo_ids, by=by, now=now,
    )  # fmt: skip
