"""A case as routing rules see it."""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta

from django.db.models import QuerySet

from chuangwen.cases.models import Case
from chuangwen.routing.held import Ground
from chuangwen.rules.deadlines import SHANGHAI
from chuangwen.rules.routing import CaseFacts

_COLUMNS = (
    "pk", "reported_at", "standard__code", "standard__kind", "standard__class_name", "standard__item", "point_type",
    "site__area_id", "home_id", "site__owner_id", "origin_kind", "unit_id",
)  # fmt: skip


def facts_of(case: Case, ground: Ground) -> CaseFacts:
    """One case whose site and standard are loaded; no statement."""
    site, standard = case.site, case.standard
    return CaseFacts(
        key=str(case.pk), reported_at=case.reported_at, standard=standard.code if standard else "",
        kind=standard.kind if standard else "", class_name=standard.class_name if standard else "",
        item=standard.item if standard else "", point_type=case.point_type,
        area=ground.area_codes.get(site.area_id or 0, "") if site else "", home=ground.unit_codes.get(case.home_id, ""),
        owner=ground.unit_codes.get(site.owner_id, "") if site else "", source=case.origin_kind,
    )  # fmt: skip


def reported_between(path: str, since: date, until: date) -> QuerySet[Case]:
    """The cases of a branch that were reported on these days (both included, Beijing time)."""
    start = datetime.combine(since, time(), SHANGHAI)
    end = datetime.combine(until + timedelta(days=1), time(), SHANGHAI)
    return Case.objects.filter(home__path__startswith=path, reported_at__gte=start, reported_at__lt=end)


def many_facts(cases: QuerySet[Case], ground: Ground) -> Iterator[tuple[CaseFacts, str]]:
    """Each case, oldest first, with the code of the unit that has it or had it last; one statement, streamed."""
    for row in cases.order_by("reported_at", "pk").values_list(*_COLUMNS).iterator(chunk_size=2000):
        pk, at, standard, kind, class_name, item, point_type, area, home, owner, source, unit = row
        yield CaseFacts(
            key=str(pk), reported_at=at, standard=standard or "", kind=kind or "", class_name=class_name or "",
            item=item or "", point_type=point_type, area=ground.area_codes.get(area, ""),
            home=ground.unit_codes.get(home, ""), owner=ground.unit_codes.get(owner, ""), source=source,
        ), ground.unit_codes.get(unit, "")  # fmt: skip
