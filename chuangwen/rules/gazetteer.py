"""Place names in a text: streets, communities, compounds, sites, and the roads that addresses of sites name."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from chuangwen.rules.same_trouble import plain

LONGEST: Final = 16
_ROAD: Final = re.compile(r"([\u3400-\u9fff]{2,5}(?:路|街|大道|巷))")
_STARTS: Final = re.compile(r"^.*(?:[区市县镇]|街道|社区)(?=.{2,})")


@dataclass(frozen=True, slots=True)
class Name:
    """A name of a place; of a site also its number, its type and its address."""

    name: str
    kind: str
    site: int | None = None
    point_type: str = ""
    address: str = ""


@dataclass(frozen=True, slots=True)
class Found:
    """A place that a text names, and how sure it is that this one is meant: one of so many with this name."""

    name: str
    kind: str
    probability: float
    site: int | None = None
    point_type: str = ""


@dataclass(frozen=True)
class Gazetteer:
    """Names as they are compared, with everything that bears them."""

    names: Mapping[str, tuple[Name, ...]]

    def within(self, text: str) -> tuple[Found, ...]:
        """The places that a text names, in its order, each once; the longest name wins where names overlap."""
        shown, at, found = plain(text), 0, dict[str, Found]()
        while at < len(shown):
            for end in range(min(at + LONGEST, len(shown)), at + 1, -1):
                if (bearers := self.names.get(shown[at:end])) is not None:
                    first, sure = bearers[0], 0.95 / len(bearers)
                    found.setdefault(first.name, Found(first.name, first.kind, sure, first.site, first.point_type))
                    at = end
                    break
            else:
                at += 1
        return tuple(found.values())


def gazetteer(rows: Iterable[Name]) -> Gazetteer:
    """All names of two to sixteen characters, areas without their kind of place too (学田 for 学田街道), and roads."""
    names: dict[str, list[Name]] = {}
    for row in rows:
        spoken = [plain(row.name).replace(" ", "")]
        if row.kind in {"street", "community"}:
            spoken.append(re.sub(r"(?:街道|社区|镇|乡)$", "", spoken[0]))
        for word in dict.fromkeys(spoken):
            if 2 <= len(word) <= LONGEST:
                names.setdefault(word, []).append(row)
        for road in _ROAD.findall(_STARTS.sub("", plain(row.address))):
            if road not in names:
                names[road] = [Name(road, "road")]
    return Gazetteer({word: tuple(bearers) for word, bearers in names.items()})
