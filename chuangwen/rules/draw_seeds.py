"""Public numbers that nobody knows beforehand and everybody can look up afterwards: the state's welfare lottery.

Games: 双色球 (six red of 1-33 and one blue of 1-16, drawn on Tuesday, Thursday and Sunday about 21:15) and 3D (three
digits, every day), as announced by 中国福利彩票发行管理中心 (www.cwl.gov.cn) and in next day's papers.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from chuangwen.rules.deadlines import SHANGHAI
from chuangwen.rules.draws import Source

DRAWN_AT = time(21, 30)
WEEKDAYS = (1, 3, 6)  # of 双色球: Tuesday, Thursday, Sunday


@dataclass(frozen=True)
class PublicSource:
    """So many numbers from `low` to `high`; `distinct`: none comes twice."""

    name: str
    count: int
    low: int
    high: int
    distinct: bool

    def objections(self, numbers: Sequence[int]) -> list[str]:
        """What keeps these from being numbers of this game."""
        said = []
        if len(numbers) != self.count:
            said.append(f"{self.name}应是 {self.count} 个数，填了 {len(numbers)} 个。")
        if any(not self.low <= number <= self.high for number in numbers):
            said.append(f"{self.name}的每个数须在 {self.low} 到 {self.high} 之间。")
        if self.distinct and len(set(numbers)) != len(numbers):
            said.append(f"{self.name}的数不会重复，请核对。")
        return said


RED = PublicSource("双色球红球", 6, 1, 33, distinct=True)
BLUE = PublicSource("双色球蓝球", 1, 1, 16, distinct=False)
THREE = PublicSource("福彩3D", 3, 0, 9, distinct=False)
USUAL: tuple[PublicSource, ...] = (RED, BLUE, THREE)


def next_announcement(after: date) -> date:
    """The first day after this one on which all the usual numbers come out."""
    day = after + timedelta(days=1)
    while day.weekday() not in WEEKDAYS:
        day += timedelta(days=1)
    return day


def known_from(day: date) -> datetime:
    """The moment from which the numbers of a day can be known."""
    return datetime.combine(day, DRAWN_AT, SHANGHAI)


def as_facts(sources: Sequence[PublicSource]) -> list[dict[str, Any]]:
    """The sources as a published draw keeps them."""
    return [asdict(source) for source in sources]


def from_facts(facts: Sequence[Mapping[str, Any]]) -> tuple[PublicSource, ...]:
    """The sources that a published draw named."""
    return tuple(PublicSource(**fact) for fact in facts)


def seed_objections(sources: Sequence[PublicSource], numbers: Sequence[Sequence[int]]) -> list[str]:
    """Everything that is wrong with the announced numbers."""
    if len(numbers) != len(sources):
        return [f"要填 {len(sources)} 组号码，填了 {len(numbers)} 组。"]
    return [
        sentence for source, some in zip(sources, numbers, strict=True) for sentence in source.objections(list(some))
    ]


def seeds(sources: Sequence[PublicSource], numbers: Sequence[Sequence[int]], day: date) -> tuple[Source, ...]:
    """The announced numbers as sources of RFC 3797, in the published order."""
    return tuple(
        Source(f"{source.name} {day.isoformat()}", tuple(Decimal(number) for number in some))
        for source, some in zip(sources, numbers, strict=True)
    )
