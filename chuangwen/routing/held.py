"""What every suggestion needs and seldom changes, held in the process: units, areas, sets in force, terms of objections.

Looked at again every minute, like the working calendar; what this process changes itself is seen at once.
"""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from django.core.cache import cache
from django.db import transaction

from chuangwen.cases.filters import ORIGINS
from chuangwen.people.models import Unit
from chuangwen.places.models import Area
from chuangwen.routing.models import ObjectionTerms, RuleSet
from chuangwen.rules.dispatch_objections import USUAL_TERMS, Terms
from chuangwen.rules.routing import RoutingRule
from chuangwen.rules.routing_places import AreaFact, Atlas, UnitFact
from chuangwen.standards.queries import point_types, work_calendar

_KEY = "routing.held"


@dataclass(frozen=True)
class Ground:
    """Units and areas as rules need them, with the numbers of their rows."""

    atlas: Atlas
    unit_ids: Mapping[str, int]
    unit_codes: Mapping[int, str]
    area_codes: Mapping[int, str]


@dataclass(frozen=True)
class Released:
    """A set that was put in force: from which day, in which branch."""

    pk: int
    name: str
    path: str
    from_day: date
    rules: tuple[RoutingRule, ...]


def _version() -> str:
    return str(cache.get_or_set(_KEY, lambda: uuid.uuid4().hex, 60))


def forget_held() -> None:
    """A set was put in force or terms were set: at once for this transaction, and again when others can see it."""
    cache.delete(_KEY)
    transaction.on_commit(lambda: cache.delete(_KEY))


def ground() -> Ground:
    """The present ground."""
    return _ground(_version())


def ground_now() -> Ground:
    """The ground read anew: where rules are written and replayed, a unit added a moment ago must be known."""
    forget_held()
    return ground()


@lru_cache(maxsize=2)
def _ground(_version: str) -> Ground:
    units = list(Unit.objects.values_list("pk", "code", "name", "kind", "path", "active"))
    areas = list(Area.objects.values_list("pk", "code", "name", "kind", "parent__code", "unit__code"))
    unit_facts = {
        code: UnitFact(code, name, kind, _above(path), active) for _pk, code, name, kind, path, active in units
    }
    area_facts = {code: AreaFact(code, name, kind, above or "", unit) for _pk, code, name, kind, above, unit in areas}
    words = {row.code: row.name for row in point_types()} | dict(ORIGINS)
    return Ground(
        atlas=Atlas(unit_facts, area_facts, work_calendar(), words),
        unit_ids={code: pk for pk, code, *_ in units},
        unit_codes={pk: code for pk, code, *_ in units},
        area_codes={pk: code for pk, code, *_ in areas},
    )


def _above(path: str) -> str:
    codes = path.strip("/").split("/")
    return codes[-2] if len(codes) > 1 else ""


@lru_cache(maxsize=2)
def _released(_version: str) -> tuple[Released, ...]:
    rows = RuleSet.objects.exclude(from_day=None).select_related("home").order_by("from_day")
    latest: dict[str, list[Released]] = {}
    for row in rows:
        assert row.from_day is not None
        found = Released(row.pk, row.name, row.home.path, row.from_day, row.listed())
        latest[row.home.path] = [*latest.get(row.home.path, []), found]
    return tuple(each for sets in latest.values() for each in reversed(sets))


def in_force(path: str, day: date) -> Released | None:
    """The set that counts for a place in this branch on a day: of the nearest branch, begun last."""
    begun = [each for each in _released(_version()) if path.startswith(each.path) and each.from_day <= day]
    return max(begun, key=lambda each: (len(each.path), each.from_day), default=None)


@lru_cache(maxsize=2)
def _terms(_version: str) -> Mapping[str, Terms]:
    rows = ObjectionTerms.objects.select_related("home").order_by("id")
    return {row.home.path: row.terms() for row in rows}  # of one branch, the newest row stays


def terms_at(path: str) -> Terms:
    """The terms of objections that count for a place in this branch; the usual ones where no office set any."""
    found = [(len(branch), terms) for branch, terms in _terms(_version()).items() if path.startswith(branch)]
    return max(found, key=lambda each: each[0])[1] if found else USUAL_TERMS
