"""A filled checklist as another client hands it in: what it says, and which of its parts is to be believed."""

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from decimal import Decimal, InvalidOperation
from hashlib import sha256
from typing import Any

FAR_METRES = 20_000  # a district is smaller: a position further from its place is a fault of the phone
EARTH_RADIUS = 6_371_008.8  # metres, mean radius of GRS 80


@dataclass(frozen=True)
class Filled:
    """One criterion as it was filled in. `photo` is a file name, `place` is "lat lng altitude accuracy"."""

    code: str
    verdict: str
    note: str = ""
    photo: str = ""
    place: str = ""


@dataclass(frozen=True)
class FilledForm:
    """One filled checklist of one place. `answers`: extra questions by name; `pictures` of them are file names."""

    instance_id: str
    deprecated_id: str
    form_id: str
    version: str
    edition_id: int
    point_type: str
    site_id: int
    found_at: datetime | None
    rest_passes: bool
    criteria: tuple[Filled, ...]
    answers: Mapping[str, str]
    pictures: tuple[str, ...] = ()

    @property
    def wanted(self) -> list[str]:
        """The file names that the form speaks of."""
        named = {one.photo for one in self.criteria} | {self.answers.get(name, "") for name in self.pictures}
        return sorted(named - {""})

    def kept(self) -> dict[str, Any]:
        """As plain values that JSON can hold."""
        return asdict(self) | {"found_at": None, "answers": dict(self.answers)}

    @classmethod
    def of(cls, kept: Mapping[str, Any]) -> "FilledForm":
        """Back from `kept()`; the moment is kept beside it."""
        criteria = tuple(Filled(**one) for one in kept["criteria"])
        return cls(**{**kept, "criteria": criteria, "pictures": tuple(kept["pictures"])})


def client_key(instance_id: str, code: str) -> str:
    """The key under which a criterion of a filled form is judged once, however often the form arrives."""
    return "odk-" + sha256(f"{instance_id}\n{code}".encode()).hexdigest()[:48]


def position(place: str) -> tuple[Decimal, Decimal] | None:
    """(lng, lat) in WGS-84 degrees from ODK's "lat lng altitude accuracy"; None when it is no position on earth."""
    try:
        lat, lng = (Decimal(part).quantize(Decimal("0.000001")) for part in place.split()[:2])
    except (InvalidOperation, ValueError):
        return None
    on_earth = lat.is_finite() and lng.is_finite() and abs(lat) <= 90 and abs(lng) <= 180
    return (lng, lat) if on_earth else None


def metres(one: tuple[Decimal, Decimal], other: tuple[Decimal, Decimal]) -> float:
    """Distance of two (lng, lat) on a sphere, by haversines."""
    lng1, lat1, lng2, lat2 = (math.radians(float(angle)) for angle in (*one, *other))
    half = math.sin((lat2 - lat1) / 2) ** 2 + math.cos(lat1) * math.cos(lat2) * math.sin((lng2 - lng1) / 2) ** 2
    return 2 * EARTH_RADIUS * math.asin(min(1.0, math.sqrt(half)))
