"""Reading several rounds at once, for a phone that takes them along: one statement each, however many rounds there are."""

from collections.abc import Sequence

from django.db.models import QuerySet

from chuangwen.patrols.models import Finding, Patrol, PatrolSite, Visit


def stops_of_all(patrols: Sequence[Patrol]) -> dict[int, list[PatrolSite]]:
    """The places of each round in order, by the id of the round."""
    rows = PatrolSite.objects.filter(patrol__in=patrols).select_related("site").order_by("patrol_id", "position")
    found: dict[int, list[PatrolSite]] = {patrol.pk: [] for patrol in patrols}
    for stop in rows:
        found[stop.patrol_id].append(stop)
    return found


def own_visits(patrols: Sequence[Patrol], user_id: int) -> dict[tuple[int, int], Visit]:
    """This inspector's visits on these rounds, by round and site."""
    rows = Visit.objects.filter(patrol__in=patrols, inspector_id=user_id)
    return {(visit.patrol_id, visit.site_id): visit for visit in rows}


def findings_at(visits: Sequence[Visit]) -> QuerySet[Finding]:
    """What was judged at these visits, in order, each with its criterion and case."""
    return Finding.objects.filter(visit__in=visits).select_related("criterion", "case__unit").order_by("id")
