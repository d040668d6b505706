"""A finding of an inspector becomes a case that is already on its way: standard, owner and deadline are known."""

from datetime import datetime

from django.db import transaction

from chuangwen.cases.models import Case
from chuangwen.cases.operations import accept, dispatch, open_case
from chuangwen.places.models import Site
from chuangwen.rules.case_flow import Status
from chuangwen.rules.permissions import SYSTEM, Actor
from chuangwen.standards.models import Criterion
from chuangwen.standards.queries import standard_for


@transaction.atomic
def open_found_case(
    *, site: Site, criterion: Criterion, finding_id: int, note: str, photo_ids: list[int], by: Actor, now: datetime
) -> Case:
    """Open, accept and dispatch to the site's owner. The found fact is the inspector's; the routing is the rule's."""
    standard = standard_for(criterion.case_standard)
    case = open_case(
        title=f"{site.name}：{criterion.text}"[:200], text=note, home=site.home, street=site.street, site=site,
        origin_kind="finding", origin_id=finding_id, standard=standard, severity=criterion.severity,
        criterion_code=criterion.code, lng=site.lng, lat=site.lat, photo_ids=photo_ids, by=by, now=now,
    )  # fmt: skip
    if case.flow_status is not Status.REPORTED:
        return case
    accept(case_id=case.pk, by=SYSTEM, now=now)
    return dispatch(case_id=case.pk, unit_id=site.owner_id, note="按点位责任单位自动派遣", by=SYSTEM, now=now)
