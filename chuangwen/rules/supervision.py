"""Supervision: when a regular task comes round again, what a deadline becomes, what still stands in the way of closing."""

import calendar
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from chuangwen.rules.deadlines import SHANGHAI

PREPARED_BEFORE: Final = timedelta(days=3)  # a regular task lies ready this long before it begins


class Repeat(StrEnum):
    """How often a regular task comes round."""

    NEVER = ""
    WEEKLY = "weekly"
    MONTHLY = "monthly"


REPEAT_LABELS: Final = {Repeat.NEVER: "不重复", Repeat.WEEKLY: "每周", Repeat.MONTHLY: "每月"}


@dataclass(frozen=True)
class Window:
    """From when to when, both with a time zone; the end comes after the beginning."""

    starts_at: datetime
    ends_at: datetime


def _months_later(moment: datetime, months: int) -> datetime:
    """The same day and hour of a later month in Beijing time; the 31st becomes the last day of a shorter month."""
    here = moment.astimezone(SHANGHAI)
    year, month = divmod(here.year * 12 + here.month - 1 + months, 12)
    day = min(here.day, calendar.monthrange(year, month + 1)[1])
    return here.replace(year=year, month=month + 1, day=day)


def later(first: Window, repeat: Repeat, times: int) -> Window:
    """The window of a series after so many turns, counted from its first one, so that a 31st stays a 31st.

    The length of the first window is kept.
    """
    if repeat is Repeat.NEVER:
        raise ValueError("a task that does not repeat has no later window")
    if repeat is Repeat.WEEKLY:
        starts_at = first.starts_at + timedelta(weeks=times)
    else:
        starts_at = _months_later(first.starts_at, times)
    return Window(starts_at, starts_at + (first.ends_at - first.starts_at))


def next_turn(first: Window, repeat: Repeat, turn: int, now: datetime) -> int | None:
    """Which turn of a series is to be prepared now, `turn` being the last one prepared; None while there is time.

    Turns that are over already (the house stood still) are skipped, never prepared afterwards.
    """
    if repeat is Repeat.NEVER:
        return None
    turn += 1
    while later(first, repeat, turn).ends_at <= now:
        turn += 1
    return turn if later(first, repeat, turn).starts_at - PREPARED_BEFORE <= now else None


def from_disclosure(deadline: datetime, *, said_at: datetime, disclosed_at: datetime) -> datetime:
    """The deadline of a remark that nobody could know of before: the same time to answer, from the disclosure on."""
    return disclosed_at + (deadline - said_at)


@dataclass(frozen=True)
class Rest:
    """What came from a task and is not done yet, by numbers."""

    cases: int = 0
    remarks: int = 0
    raw: int = 0  # noted on the way, not yet made a case or a remark
    secret: bool = False

    @property
    def open(self) -> int:
        """Everything that is not done."""
        return self.cases + self.remarks + self.raw


def closing_objections(rest: Rest, reason: str) -> Sequence[str]:
    """Why a task cannot be closed: 跟踪到销号 means that all is done, or that a person says why not.

    A secret task is released first: what nobody knew of cannot be said to be done.
    """
    objections = ["请先公布这次督查，再销号。"] if rest.secret else []
    if not rest.open or reason.strip():
        return objections
    parts = [
        words % number
        for words, number in (
            ("%d 件案件没有办结", rest.cases),
            ("%d 条意见没有销号", rest.remarks),
            ("%d 条随手记没有整理", rest.raw),
        )
        if number
    ]
    return [*objections, f"还有{'、'.join(parts)}。请等全部办完，或写明为什么现在销号。"]
