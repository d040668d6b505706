"""Handling limits as a standard writes them: a number and one of six time units."""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Final

from chuangwen.rules.refusals import BadInput

LONGEST_DAYS: Final = 3650


class LimitUnit(StrEnum):
    """The time units of urban-management case standards (数字化城市管理立案、处置和结案标准)."""

    urgent_hours = "urgent_hours"
    working_hours = "working_hours"
    hours = "hours"
    working_days = "working_days"
    days = "days"
    urgent_days = "urgent_days"

    @property
    def label(self) -> str:
        """The unit as a standard prints it."""
        return _LABELS[self]

    @property
    def is_working_time(self) -> bool:
        """Whether only working hours count; the other units run through nights, weekends and holidays."""
        return self in (LimitUnit.working_hours, LimitUnit.working_days)

    @property
    def is_days(self) -> bool:
        """Whether the amount is a number of days rather than of hours."""
        return self in (LimitUnit.working_days, LimitUnit.days, LimitUnit.urgent_days)


_LABELS: Final = {
    LimitUnit.urgent_hours: "紧急工作时",
    LimitUnit.working_hours: "工作时",
    LimitUnit.hours: "小时",
    LimitUnit.working_days: "工作日",
    LimitUnit.days: "天",
    LimitUnit.urgent_days: "紧急工作日",
}


@dataclass(frozen=True)
class Limit:
    """An amount of one unit; `text` keeps the wording it was read from.

    Raises BadInput unless the amount is above zero and at most ten years (3,650 days or 87,600 hours).
    """

    amount: Decimal
    unit: LimitUnit
    text: str = ""

    def __post_init__(self) -> None:
        most = LONGEST_DAYS if self.unit.is_days else LONGEST_DAYS * 24
        if not (self.amount.is_finite() and 0 < self.amount <= most):
            raise BadInput(f"时限“{self.amount}{self.unit.label}”不可用：数量要大于 0，不超过 {most}。")

    @property
    def label(self) -> str:
        """The limit in the common notation, e.g. 4工作时."""
        return f"{self.amount.normalize():f}{self.unit.label}"


# 时, 日 and 天 stand alone in some standards; "工作小时" and "工作时" are the same thing.
_UNITS: Final = {
    "紧急工作时": LimitUnit.urgent_hours,
    "紧急工作小时": LimitUnit.urgent_hours,
    "工作时": LimitUnit.working_hours,
    "工作小时": LimitUnit.working_hours,
    "小时": LimitUnit.hours,
    "工作日": LimitUnit.working_days,
    "天": LimitUnit.days,
    "日": LimitUnit.days,
    "自然日": LimitUnit.days,
    "自然天": LimitUnit.days,
    "紧急工作日": LimitUnit.urgent_days,
}
_BARE_DAYS: Final = ("天", "日")
_LIMIT: Final = re.compile(
    rf"(?P<amount>[0-9]{{1,6}}(?:\.[0-9]{{1,4}})?|[一二两三四五六七八九十]{{1,3}}|半)个?(?P<unit>{'|'.join(_UNITS)})(?:(?:以|之)?内)?"
)


def _numerals() -> Iterator[tuple[str, Decimal]]:
    digits = "零一二三四五六七八九"
    for value in range(1, 100):
        tens, ones = divmod(value, 10)
        ten = "" if not tens else "十" if tens == 1 else f"{digits[tens]}十"
        yield ten + (digits[ones] if ones else ""), Decimal(value)
    yield "两", Decimal(2)
    yield "半", Decimal("0.5")


_NUMERALS: Final = dict(_numerals())


def _amount(text: str) -> Decimal | None:
    return Decimal(text) if text[0].isdecimal() else _NUMERALS.get(text)


def parse_limit(text: str) -> Limit | None:
    """Read a written limit such as 2紧急工作时, 4 小时, ３个工作日, 两小时 or 5天内; None when it cannot be read.

    Blanks and full-width characters do not matter; Chinese numerals go up to 九十九. Nothing is guessed:
    two limits in one cell (2天/2工作日 reads as 48 hours or as two working days), an appended duty
    (1紧急工作时制止 limits only the stopping) and 半天 (12 hours or half a working day) give None,
    so that a person decides. 日 and 天 without 工作 are days of 24 hours.
    """
    found = _LIMIT.fullmatch(re.sub(r"\s", "", unicodedata.normalize("NFKC", text)))
    if found is None or (found["amount"] == "半" and found["unit"] in _BARE_DAYS):
        return None
    amount = _amount(found["amount"])
    if amount is None:
        return None
    try:
        return Limit(amount, _UNITS[found["unit"]], text)
    except BadInput:
        return None
