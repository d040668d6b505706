"""A report by hand: somebody saw something, at a site or at a position, and says so."""

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal

from django.db import transaction

from chuangwen.cases.models import Case
from chuangwen.cases.operations import open_case
from chuangwen.evidence.arriving import Arriving
from chuangwen.people.models import Unit
from chuangwen.places.models import Site
from chuangwen.places.queries import grid_at, site_for, street_of
from chuangwen.rules.permissions import Actor, Role
from chuangwen.rules.refusals import Refused
from chuangwen.standards.models import CaseStandard
from chuangwen.standards.queries import case_standards


def _own_home(by: Actor) -> Unit | None:
    """The branch that the reporter works in, when the place is not known more exactly."""
    scopes = by.scopes(Role.GRID_WORKER, Role.UNIT_WORKER, Role.UNIT_CHIEF) or by.scopes()
    return Unit.objects.filter(path=scopes[0]).first() if scopes else None


@transaction.atomic
def report_case(
    *,
    title: str,
    text: str = "",
    place: str = "",
    site_id: int | None = None,
    lng: Decimal | None = None,
    lat: Decimal | None = None,
    standard_id: int | None = None,
    severity: str = "B",
    photo_ids: Iterable[int | Arriving] = (),
    standard: CaseStandard | None = None,
    client_key: str | None = None,
    by: Actor,
    now: datetime,
) -> Case:
    """Open a case from a report: the unit at home follows from the site, else from the position, else from the post.
    `standard`: one in force that the caller has just looked up, instead of its id.

    Refuses with every objection named: no title, nothing that says where, an unknown standard, a place outside
    the reporter's branch.
    """
    site: Site | None = site_for(by, site_id) if site_id is not None else None
    grid = grid_at(lng, lat) if lng is not None and lat is not None else None
    home = site.home if site else grid.unit if grid else _own_home(by)
    if standard_id is not None:
        standard = case_standards().filter(pk=standard_id).first()
    objections = []
    if not title.strip():
        objections.append("请用一句话写明问题。")
    if site is None and grid is None and not place.strip():
        objections.append("请选择点位、定位，或写明位置。")
    if standard_id is not None and standard is None:
        objections.append("选定的立案标准不存在或已停用，请重新选择。")
    if home is None:
        objections.append("没有找到属地单位，请选择一个点位。")
    if objections or home is None:
        raise Refused(objections)
    both = lng is not None and lat is not None
    return open_case(
        title=title, text=text, place=place, home=home, street=site.street if site else street_of(home), site=site,
        origin_kind="report", standard=standard, severity=severity, lng=lng if both else None, lat=lat if both else None,
        photo_ids=photo_ids, client_key=client_key, by=by, now=now,
    )  # fmt: skip
