"""Street whistles (街乡吹哨、部门报到): promises, whose turn it is, what stands in the way, and bands instead of rankings.

Pinggu 2017: departments arrive within thirty minutes and leave when all is done (未完不撤); Beijing's regulation of 2021
has both the whistling street and the reporting departments assessed (双考核).
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from math import exp
from typing import Final

from chuangwen.rules.deadlines import WorkCalendar, due_at
from chuangwen.rules.limits import Limit, LimitUnit, parse_limit
from chuangwen.rules.refusals import BadInput

MOST_DEPARTMENTS: Final = 20
LONGEST_WORDS: Final = 500
_MINUTES: Final = re.compile(r"([0-9]{1,4})分钟(?:(?:以|之)?内)?")
_CODE: Final = re.compile(r"[a-z0-9][a-z0-9-]{0,19}")

# --- promises --------------------------------------------------------------------------------------------------------


def read_term(text: str) -> Limit | None:
    """A written term: minutes (30分钟, round the clock) or any limit that a case standard can write; None when unclear."""
    bare = re.sub(r"\s", "", text)
    minutes = _MINUTES.fullmatch(bare)
    if minutes is None:
        return parse_limit(bare)
    number = int(minutes[1])
    return Limit(Decimal(number) / 60, LimitUnit.hours, f"{number}分钟") if number else None


TERM_LABELS: Final = {
    "confirm_within": "确认时限",
    "arrive_within": "到场时限",
    "finish_within": "办结时限",
    "decide_within": "异议裁定时限",
}


@dataclass(frozen=True)
class PromiseText:
    """A kind of promise as the office writes it: how soon to confirm, arrive and finish, and to decide an objection."""

    code: str
    name: str
    confirm_within: str
    arrive_within: str
    finish_within: str
    decide_within: str = "1工作日"

    @property
    def terms(self) -> Mapping[str, str]:
        """The four written terms by name."""
        return {name: getattr(self, name) for name in TERM_LABELS}


# What a district begins with; the office changes it at the desk. Only the thirty minutes are Pinggu's, the rest is ours.
USUAL_PROMISES: Final = (
    PromiseText("urgent", "30分钟到场（全天候）", "10分钟", "30分钟", "1天", "2小时"),
    PromiseText("quick", "2小时到场", "30分钟", "2小时", "3工作日"),
    PromiseText("normal", "1个工作日到场", "4工作时", "1工作日", "5工作日"),
)


def promise_objections(said: PromiseText) -> tuple[str, ...]:
    """Everything that is wrong with a kind of promise."""
    found = [] if _CODE.fullmatch(said.code) else ["编码用小写字母、数字和短横，最多 20 个字符，例如 urgent。"]
    if not 0 < len(said.name.strip()) <= 40:
        found.append("请写名称，最多 40 个字，例如“30分钟到场”。")
    for name, text in said.terms.items():
        if read_term(text) is None:
            found.append(f"{TERM_LABELS[name]}“{text}”看不懂，请写成 30分钟、2小时、1工作日、3天 这样。")
    return tuple(found)


def term_end(text: str, start: datetime, calendar: WorkCalendar) -> datetime:
    """When a written term that begins at `start` is used up. Raises BadInput when it cannot be read."""
    term = read_term(text)
    if term is None:
        raise BadInput(f"时限“{text}”看不懂。")
    return due_at(start, term, calendar).at


@dataclass(frozen=True)
class Moments:
    """By when a summoned department must have confirmed, arrived, finished."""

    confirm_by: datetime
    arrive_by: datetime
    finish_by: datetime


def moments(promise: PromiseText, start: datetime, calendar: WorkCalendar) -> Moments:
    """The three deadlines of a summons that begins now. None lies before the one it rests on: a finish that was written
    shorter than the arrival counts from it.
    """
    confirm = term_end(promise.confirm_within, start, calendar)
    arrive = max(confirm, term_end(promise.arrive_within, start, calendar))
    return Moments(confirm, arrive, max(arrive, term_end(promise.finish_within, start, calendar)))


# --- whose turn ------------------------------------------------------------------------------------------------------


class Step(StrEnum):
    """What a summoned department must do next."""

    CONFIRM = "confirm"
    ARRIVE = "arrive"
    FINISH = "finish"

    @property
    def label(self) -> str:
        """What the button says."""
        return STEP_LABELS[self]


STEP_LABELS: Final = {Step.CONFIRM: "确认收到", Step.ARRIVE: "报告到场", Step.FINISH: "报告办完"}


@dataclass(frozen=True)
class SummonsFacts:
    """One department of a whistle, as far as the rules care. `open`: its part is neither done nor taken off."""

    unit: str
    moments: Moments
    open: bool = True
    taken_off: bool = False
    confirmed_at: datetime | None = None
    arrived_at: datetime | None = None
    arrival_confirmed_at: datetime | None = None
    finished_at: datetime | None = None


@dataclass(frozen=True)
class Turn:
    """What to do next and by when."""

    step: Step
    by: datetime


def next_turn(summons: SummonsFacts) -> Turn | None:
    """What a department must do next; None when its part is done or taken off. An objection changes nothing here:
    the department stays responsible until it is upheld.
    """
    if not summons.open:
        return None
    if summons.confirmed_at is None:
        return Turn(Step.CONFIRM, summons.moments.confirm_by)
    if summons.arrived_at is None:
        return Turn(Step.ARRIVE, summons.moments.arrive_by)
    return Turn(Step.FINISH, summons.moments.finish_by)


def in_time(done_at: datetime | None, by: datetime, now: datetime) -> bool | None:
    """Whether it was done by its moment; None while that is not known yet."""
    if done_at is not None:
        return done_at <= by
    return False if now > by else None


# --- what stands in the way ------------------------------------------------------------------------------------------


def blow_objections(*, reason: str, duties: Sequence[tuple[str, str]], placed: bool) -> tuple[str, ...]:
    """Why a whistle cannot go out. `duties`: name of each department and what it must do; `placed`: a site or words."""
    found = [] if reason.strip() else ["请写明为什么靠街道自身力量办不了，没有理由不能吹哨。"]
    if len(reason.strip()) > LONGEST_WORDS:
        found.append(f"理由最多 {LONGEST_WORDS} 个字。")
    if not placed:
        found.append("请写明在哪里：选一个点位，或写位置。")
    if not duties:
        found.append("请至少点名一个部门。")
    if len(duties) > MOST_DEPARTMENTS:
        found.append(f"一次最多召集 {MOST_DEPARTMENTS} 个部门，现在有 {len(duties)} 个。")
    names = [name for name, _ in duties]
    found += [f"“{name}”写了两次。" for name in dict.fromkeys(names) if names.count(name) > 1]
    found += [f"请写明要“{name}”做什么。" for name, duty in duties if not duty.strip()]
    found += [f"要“{name}”做的事最多写 {LONGEST_WORDS} 个字。" for name, duty in duties if len(duty) > LONGEST_WORDS]
    return tuple(found)


def closing_objections(summonses: Sequence[SummonsFacts]) -> tuple[str, ...]:
    """Why a whistle cannot be closed yet: 未完不撤. Every department whose part is open, or whose arrival nobody saw."""
    unfinished = [one.unit for one in summonses if one.open]
    unseen = [one.unit for one in summonses if not one.open and not one.taken_off and one.arrival_confirmed_at is None]
    found = [f"还没有办完的单位：{'、'.join(unfinished)}。全部办完才能销哨。"] if unfinished else []
    return (*found, *([f"还没有核实到场的单位：{'、'.join(unseen)}。请先核实。"] if unseen else []))


def may_object(summons: SummonsFacts, *, before: int) -> tuple[str, ...]:
    """Why a department cannot object any more; empty when it may. `before`: objections it already raised."""
    if not summons.open:
        return ("这个单位的任务已经办完或免去，不用再提异议。",)
    return ("每个单位对一次吹哨只能提一次异议，裁定后请按裁定办。",) if before else ()


@dataclass(frozen=True)
class Rating:
    """The street on one department's report: came, worked with the others, did its part. Words where it says no."""

    came: bool
    cooperated: bool
    finished: bool
    words: str = ""


def rating_objections(unit: str, rating: Rating | None) -> tuple[str, ...]:
    """What is missing in the street's rating of a department."""
    if rating is None:
        return (f"请评价“{unit}”的到场、配合和办结。",)
    if all((rating.came, rating.cooperated, rating.finished)) or rating.words.strip():
        return ()
    return (f"“{unit}”有一项评为“否”，请写明理由。",)


def fit_objections(*, within_duty: bool | None, sound: bool | None, words: str) -> tuple[str, ...]:
    """What is missing in a department's rating of the whistle."""
    found = [] if within_duty is not None else ["请选这次吹哨是否属于本单位职责。"]
    found += [] if sound is not None else ["请选吹哨理由是否成立。"]
    if False in (within_duty, sound) and not words.strip():
        found.append("有一项选了“否”，请写明理由。")
    return tuple(found)


def number_text(street: str, year: int, serial: int) -> str:
    """The number on paper, e.g. 学田街道哨〔2020〕3号: one row of numbers a street and year."""
    return f"{street}哨〔{year}〕{serial}号"


# --- bands -----------------------------------------------------------------------------------------------------------


class Band(StrEnum):
    """How often a street whistles, seen against what would be expected. A signal to look, never a place in a row."""

    FEW = "few"
    USUAL = "usual"
    MANY = "many"
    UNKNOWN = "unknown"


BAND_LABELS: Final = {Band.FEW: "偏少", Band.USUAL: "正常", Band.MANY: "偏多", Band.UNKNOWN: "依据不足"}
BAND_MEANINGS: Final = {
    Band.FEW: "可能街道自己就能办好，也可能吹哨没有用起来、吹了不应。请听一听街道的说法。",
    Band.USUAL: "与往月、与同期案件量相称。",
    Band.MANY: "可能遇到集中整治或突发情况，也可能部门日常管理有缺口，小事也要吹哨。请看是哪几个部门、哪类事。",
    Band.UNKNOWN: "往月不足三个月，同期也没有可比的案件量，先不判断。",
}
LEAST_MONTHS: Final = 3
SURPRISING: Final = 0.05  # one month in twenty would look so by chance
LEAST_EXPECTED: Final = 1.0  # where nobody whistled before, a first whistle or two is no signal


def _poisson_at_most(count: int, mean: float) -> float:
    """P(X <= count) of a Poisson distribution; the term of each number follows from the one before."""
    if count < 0:
        return 0.0
    term = total = exp(-mean)
    for number in range(1, count + 1):
        term *= mean / number
        total += term
    return min(1.0, total)


def expected_by_peers(own_cases: int, other_cases: int, other_whistles: int) -> float | None:
    """What the other streets together would have blown with this street's cases; None where nothing can be compared."""
    if own_cases <= 0 or other_cases <= 0:
        return None
    return other_whistles * own_cases / other_cases


def band(count: int, *, past: Sequence[int], by_peers: float | None) -> Band:
    """Few or many only when it would surprise against every measure there is: the own months before (three at least) and
    the other streets at the same exposure. Measured by tails of the Poisson distribution; less than one a month is
    taken as one, so that a single whistle among none is usual.
    """
    means = [sum(past) / len(past)] if len(past) >= LEAST_MONTHS else []
    means += [by_peers] if by_peers is not None else []
    if not means:
        return Band.UNKNOWN
    if all(_poisson_at_most(count, mean) < SURPRISING for mean in means):
        return Band.FEW
    if all(1 - _poisson_at_most(count - 1, max(mean, LEAST_EXPECTED)) < SURPRISING for mean in means):
        return Band.MANY
    return Band.USUAL
