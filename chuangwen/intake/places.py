"""Where a resident means: a known place, a street or community, a position, or words; and what is open near there."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from math import cos, hypot, radians

from django.db.models import Count, Q

from chuangwen.cases.models import Case
from chuangwen.intake.models import Voice
from chuangwen.people.models import Unit, UnitKind
from chuangwen.places.models import Area, AreaKind, Site
from chuangwen.places.queries import grid_at, street_of
from chuangwen.rules.case_flow import OPEN, Status
from chuangwen.rules.refusals import Refused
from chuangwen.rules.residents import said_of
from chuangwen.standards.models import Criterion
from chuangwen.standards.queries import current_edition

NEAR_M, BESIDE_M = 300, 800  # metres: what is near; how far a position may lie from the nearest known place
MOST_FOUND, MOST_NEAR, LONGEST_WORDS = 12, 8, 120
_METRE = 1 / 111_320  # of a degree of latitude
_OPEN = sorted(status.value for status in OPEN)
_GROUND = (UnitKind.STREET, UnitKind.COMMUNITY)


@dataclass(frozen=True)
class Where:
    """A place of the district: the unit at home there, and how much more of it is known."""

    home: Unit
    street: Unit | None
    name: str
    site: Site | None = None
    lng: Decimal | None = None
    lat: Decimal | None = None

    @property
    def key(self) -> str:
        """The same for the same place; positions count by the hundred metres."""
        if self.site is not None:
            return f"site:{self.site.pk}"
        spot = f"{self.lng:.3f},{self.lat:.3f}" if self.lng is not None and self.lat is not None else self.name
        return f"unit:{self.home.pk}:{spot}"


def _box(lng: float, lat: float, metres: float) -> Mapping[str, Decimal]:
    up, side = metres * _METRE, metres * _METRE / max(0.1, cos(radians(lat)))
    edges = {"lng__gte": lng - side, "lng__lte": lng + side, "lat__gte": lat - up, "lat__lte": lat + up}
    return {name: Decimal(f"{value:.6f}") for name, value in edges.items()}


def _metres(lng: float, lat: float, other_lng: object, other_lat: object) -> float:
    east = (float(str(other_lng)) - lng) * cos(radians(lat))
    return hypot(east, float(str(other_lat)) - lat) / _METRE


def _nearest(lng: Decimal, lat: Decimal) -> Site | None:
    rows = Site.objects.filter(active=True, **_box(float(lng), float(lat), BESIDE_M)).select_related("home", "street")
    return min(rows[:500], key=lambda site: _metres(float(lng), float(lat), site.lng, site.lat), default=None)


def _at(lng: Decimal, lat: Decimal, words: str) -> Where:
    grid = grid_at(lng, lat)
    beside = None if grid else _nearest(lng, lat)
    home = grid.unit if grid else beside.home if beside else None
    if home is None:
        raise Refused("您选的位置不在本区范围内，请重新选位置；外区的问题请拨打 12345。")
    name = words or (f"{beside.name}附近" if beside else f"{home.name}范围内")
    return Where(home, street_of(home), name, None, lng, lat)


def where_is(
    *, site_id: int | None, unit_id: int | None, lng: Decimal | None, lat: Decimal | None, words: str
) -> Where:
    """The place that was chosen: a known one, a position, or a street or community with words. Refuses with every
    objection: nothing chosen, chosen what is not there, a position outside the district, too many words.
    """
    words = words.strip()
    found = [f"地点最多写 {LONGEST_WORDS} 字。"] if len(words) > LONGEST_WORDS else []
    site = Site.objects.filter(pk=site_id, active=True).select_related("home", "street").first() if site_id else None
    unit = Unit.objects.filter(pk=unit_id, active=True, kind__in=_GROUND).first() if unit_id else None
    if (site_id and site is None) or (unit_id and unit is None):
        found.append("选的地点不在名单里，可能已停用，请重新选。")
    elif site is None and unit is None and (lng is None or lat is None):
        found.append("请说明在哪里：用手机定位、在地图上点，或写出小区、道路、社区的名字。")
    if found:
        raise Refused(found)
    if site is not None:
        return Where(site.home, site.street, site.name, site, site.lng, site.lat)
    if lng is not None and lat is not None:
        return _at(lng, lat, words)
    assert unit is not None  # one of the three is there, else it was refused above
    return Where(unit, street_of(unit), f"{unit.name} {words}".strip())


@dataclass(frozen=True)
class Place:
    """A line of the search: the query that chooses it, its name, and what kind of place it is."""

    query: str
    name: str
    kind: str


def find_places(words: str, kinds: Mapping[str, str]) -> Sequence[Place]:
    """Known places, streets and communities whose name or address holds every word. `kinds`: names of point types."""
    parts = words[:LONGEST_WORDS].split()
    if not parts:
        return []
    sites, grounds = Site.objects.filter(active=True), Unit.objects.filter(active=True, kind__in=_GROUND)
    for part in parts:
        sites = sites.filter(Q(name__icontains=part) | Q(address__icontains=part))
        grounds = grounds.filter(name__icontains=part)
    found = [Place(f"unit={unit.pk}", unit.name, unit.get_kind_display()) for unit in grounds.order_by("path")[:4]]
    rows = sites.select_related("street").order_by("code")[: MOST_FOUND - len(found)]
    return [*found, *(Place(f"site={site.pk}", site.name, _kind(site, kinds)) for site in rows)]


def _kind(site: Site, kinds: Mapping[str, str]) -> str:
    parts = (kinds.get(site.point_type, ""), site.street.name if site.street else "", site.address)
    return "，".join(part for part in parts if part)


def grounds() -> Sequence[Unit]:
    """Streets and, below each, its communities."""
    return list(Unit.objects.filter(active=True, kind__in=_GROUND).order_by("path"))


def ground_shapes() -> Sequence[Mapping[str, object]]:
    """Boundaries of the streets, for the map: name and GeoJSON geometry."""
    rows = Area.objects.filter(kind=AreaKind.STREET).exclude(boundary=None).order_by("code")
    return [{"name": name, "geometry": boundary} for name, boundary in rows.values_list("name", "boundary")]


@dataclass(frozen=True)
class NearReport:
    """An open case as anybody may see it: what kind of trouble, where, whose, by when. No words of any person."""

    case_id: int
    what: str
    where: str
    metres: int | None
    said: str
    unit: str
    due_at: datetime | None
    voices: int


def near(where: Where) -> Sequence[NearReport]:
    """Open cases at this place or within a short walk, nearest first; three statements."""
    cases = Case.objects.filter(status__in=_OPEN, merged_into=None).select_related("site", "standard", "unit")
    here = Q(site=where.site) if where.site is not None else Q(home=where.home)
    spot = None
    if where.lng is not None and where.lat is not None:
        spot = float(where.lng), float(where.lat)
        box = _box(*spot, NEAR_M)
        around = Site.objects.filter(active=True, **box).values("pk")
        here = Q(site__in=around) | Q(site=None, **box)
    rows = list(cases.filter(here).defer("text", "reply", "title").order_by("-id")[:200])
    far = {row.pk: _from(spot, row) for row in rows}
    rows.sort(key=lambda row: NEAR_M if (metres := far[row.pk]) is None else metres)
    shown = rows[:MOST_NEAR]
    words, voices = words_of(shown), voices_of([row.pk for row in shown])
    return [_shown(row, words[row.pk], far[row.pk], voices.get(row.pk, 0)) for row in shown]


def _from(spot: tuple[float, float] | None, case: Case) -> int | None:
    place = case.site or case
    if spot is None or place.lng is None or place.lat is None:
        return None
    return round(_metres(*spot, place.lng, place.lat))


def _shown(case: Case, what: str, metres: int | None, voices: int) -> NearReport:
    settled = case.flow_status is not Status.REPORTED
    return NearReport(
        case.pk, what, case.site.name if case.site else "", metres, said_of(case.flow_status),
        case.unit.name if case.unit and settled else "", case.due_at if settled else None, voices,
    )  # fmt: skip


def words_of(cases: Sequence[Case]) -> Mapping[int, str]:
    """What kind of trouble each is, in the words of the standards, never of a person; one statement."""
    codes = {case.criterion_code for case in cases if case.criterion_code}
    edition = current_edition() if codes else None
    rows = Criterion.objects.filter(edition=edition, code__in=codes) if edition else Criterion.objects.none()
    texts = dict(rows.values_list("code", "text"))
    return {
        case.pk: f"没有做到“{texts[case.criterion_code]}”" if case.criterion_code in texts
        else case.standard.item if case.standard else "群众反映的问题"
        for case in cases
    }  # fmt: skip


def voices_of(case_ids: Sequence[int]) -> Mapping[int, int]:
    """How many more people have the same trouble, of those cases that anybody else has it of."""
    rows = Voice.objects.filter(case__in=case_ids).values("case").annotate(n=Count("pk"))
    return dict(rows.values_list("case", "n"))
