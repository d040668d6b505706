"""What words in rules may name today."""

from chuangwen.cases.filters import ORIGINS
from chuangwen.rules.routing_files import Known
from chuangwen.rules.routing_places import Atlas
from chuangwen.standards.models import CaseStandard
from chuangwen.standards.queries import point_types


def known_words(atlas: Atlas) -> Known:
    """Units at work, areas, point types, case standards with their classes, kinds of origin. Two statements."""
    rows = list(CaseStandard.objects.filter(replaced_at=None).values_list("code", "kind", "class_name", "item"))
    return Known(
        units={code: unit.name for code, unit in atlas.units.items() if unit.active},
        areas={code: area.name for code, area in atlas.areas.items()},
        point_types={row.code: row.name for row in point_types()},
        classes=frozenset(word for _code, *words in rows for word in words if word),
        standards=frozenset(code for code, *_ in rows),
        sources=dict(ORIGINS),
    )
