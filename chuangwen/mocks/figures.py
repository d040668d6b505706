"""From looks to one final verdict a criterion and place: what rates, reports and forecasts rest on."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from chuangwen.mocks.models import Answer, Look, Mock, Place
from chuangwen.rules.edition_fields import How
from chuangwen.rules.mock_rates import DISPUTED, UNSEEN, Dimension, Observed, settle
from chuangwen.standards.models import Criterion

NO_WAY = "未写查法"
Cell = tuple[str, datetime | None, int | None]  # verdict, when, by whom


@dataclass
class Settled:
    """One mock examination after settlement. `drawn`: point type -> the places that were examined; `population`: how
    many places of it the list held; `pairs`: criterion, first and second verdict of places that two looked at.
    """

    rows: list[Observed] = field(default_factory=list)
    pairs: list[tuple[str, str, str]] = field(default_factory=list)
    decided_by: list[Cell] = field(default_factory=list)
    population: dict[str, int] = field(default_factory=dict)
    drawn: dict[str, list[int]] = field(default_factory=dict)
    criteria: dict[str, Criterion] = field(default_factory=dict)
    places: dict[int, Place] = field(default_factory=dict)
    single: int = 0
    disputed: int = 0
    waiting: int = 0


def settled(mock: Mock) -> Settled:
    """Three statements. While it runs only places count that both assessors have finished; afterwards a look that was
    not made is one that saw nothing.
    """
    found = Settled(population=population_of(mock))
    looks = _looks(mock)
    found.places = {place.pk: place for place in Place.objects.filter(mock=mock)}
    criteria = Criterion.objects.filter(edition=mock.edition_id, method="field", point_type__in=mock.plan)
    by_id = {row.pk: row for row in criteria.select_related("content__item", "point_type")}
    for pk, place in found.places.items():
        parts = looks.get(pk, {})
        if mock.closed_at is None and not (1 in parts and 2 in parts):
            continue
        if parts:
            _settle_place(found, place, parts, by_id)
    return found


def population_of(mock: Mock) -> dict[str, int]:
    """Point type -> how many places the frozen list holds, from the published records of the draw."""
    sizes: dict[str, int] = {}
    for code, one in zip(sorted(mock.plan), mock.record or [], strict=False):
        sizes[code] = sum(stratum["size"] for stratum in one["strata"])
    return sizes


def _looks(mock: Mock) -> dict[int, dict[int, dict[int, Cell]]]:
    """place -> part -> criterion -> cell, of finished looks only."""
    rows = Answer.objects.filter(look__place__mock=mock, look__finished_at__isnull=False).order_by("id")
    found: dict[int, dict[int, dict[int, Cell]]] = defaultdict(lambda: defaultdict(dict))
    for place, part, criterion, verdict, at, who in rows.values_list(
        "look__place_id", "look__part", "criterion_id", "verdict", "found_at", "look__assessor_id"
    ):
        found[place][part][criterion] = (verdict, at, who)
    return found


_NOBODY: Cell = (UNSEEN, None, None)


def _settle_place(
    found: Settled, place: Place, parts: Mapping[int, Mapping[int, Cell]], criteria: Mapping[int, Criterion]
) -> None:
    found.drawn.setdefault(place.point_type, []).append(place.pk)
    found.single += not (1 in parts and 2 in parts)
    for pk in sorted(set(parts.get(1, {})) | set(parts.get(2, {}))):
        one, two = parts.get(1, {}).get(pk, _NOBODY), parts.get(2, {}).get(pk, _NOBODY)
        three = parts.get(3, {}).get(pk, ("", None, None))
        verdict = settle(one[0], two[0], three[0])
        criterion = criteria[pk]
        found.criteria[criterion.code] = criterion
        if 1 in parts and 2 in parts:
            found.pairs.append((criterion.code, one[0], two[0]))
        found.disputed += settle(one[0], two[0]) == DISPUTED
        found.waiting += verdict == DISPUTED
        found.decided_by.append(three if three[0] else two if one[0] == UNSEEN else one)
        found.rows.append(
            Observed(
                place.pk, place.point_type, criterion.code, verdict, float(criterion.weight), _groups(place, criterion)
            )
        )


def _groups(place: Place, criterion: Criterion) -> dict[str, str]:
    how = next(iter(criterion.how or []), "")
    return {
        Dimension.METHOD: str(How(how).label) if how in set(How) else NO_WAY,
        Dimension.ITEM: criterion.content.item.name,
        Dimension.TYPE: str(criterion.point_type or place.point_type),
        Dimension.STREET: place.street,
    }


def progress(mock: Mock) -> tuple[int, int]:
    """Looks done, and all that are to be done or were."""
    rows = Look.objects.filter(place__mock=mock, withdrawn_at=None).values_list("finished_at", flat=True)
    moments = list(rows)
    return sum(at is not None for at in moments), len(moments)
