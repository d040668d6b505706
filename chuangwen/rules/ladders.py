"""Which rung of a ladder is possible for which unit, on what evidence, and what speaks against it.

Nothing follows from an entry: a person reads it, and may open a file (个人信息保护法 art. 24: no decision by a machine
alone). "Consecutive" (连续) means periods that join day to day; a period that is missing, or in which the unit was not
ranked, breaks the row, unless the ladder says that it is passed over.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import cached_property

from chuangwen.rules.deadlines import SHANGHAI
from chuangwen.rules.ladder_files import Ladder, Rung, Trigger
from chuangwen.rules.refusals import BadInput

Period = tuple[date, date]


@dataclass(frozen=True)
class Standing:
    """A unit in a period of its league. `place` None: not ranked, which is never last.

    `observations`, `adjusted`, `best` and `worst` come from the fair figures and may be unknown; `appeals` names granted
    appeals that touch this period.
    """

    unit: str
    league: str
    start: date
    end: date
    place: int | None = None
    score: Decimal | None = None
    observations: int | None = None
    adjusted: int | None = None
    best: int | None = None
    worst: int | None = None
    appeals: tuple[str, ...] = ()
    evidence: str = ""

    @property
    def period(self) -> Period:
        """From and to, both days included."""
        return self.start, self.end


@dataclass(frozen=True)
class Order:
    """An order to a unit with its deadline; `kind` is its name in the ladder, such as 整改令."""

    unit: str
    kind: str
    title: str
    issued_at: datetime
    due: datetime
    done_at: datetime | None = None
    evidence: str = ""
    parts: tuple[str, ...] = ()


@dataclass(frozen=True)
class Item:
    """An item of an order from above. `declared_at`: when the unit declared that it cannot be done by this deadline, and
    why; `earlier` says in words what was declared for an earlier deadline.
    """

    unit: str
    title: str
    due: datetime
    done_at: datetime | None = None
    declared_at: datetime | None = None
    ground: str = ""
    evidence: str = ""
    earlier: str = ""


@dataclass(frozen=True)
class Tolerance:
    """A ground of tolerance that was declared for some days."""

    unit: str
    start: date
    end: date
    ground: str
    evidence: str = ""


@dataclass(frozen=True)
class Facts:
    """Everything a ladder is held against; `names`: what units are called where `unit` is a code."""

    standings: tuple[Standing, ...] = ()
    orders: tuple[Order, ...] = ()
    items: tuple[Item, ...] = ()
    tolerances: tuple[Tolerance, ...] = ()
    names: Mapping[str, str] = field(default_factory=dict)

    def name(self, unit: str) -> str:
        """What the unit is called."""
        return self.names.get(unit, unit)


@dataclass(frozen=True)
class Counter:
    """Something that speaks against it. kind: interval, adjusted, tie, few, appeal, tolerance, late, declared."""

    kind: str
    text: str
    evidence: str = ""


@dataclass(frozen=True)
class Eligibility:
    """A rung that a person may open a file for. `key` names the occasion, so that it is opened once."""

    unit: str
    rung: Rung
    key: str
    why: tuple[str, ...]
    evidence: tuple[str, ...]
    counter: tuple[Counter, ...] = ()
    missing: tuple[str, ...] = ()


@dataclass(frozen=True)
class NotCounted:
    """Why something that looks like a rung is none."""

    unit: str
    text: str


@dataclass(frozen=True)
class Review:
    """What is possible, and what was looked at and left out; both in a fixed order."""

    possible: tuple[Eligibility, ...]
    left_out: tuple[NotCounted, ...]


def review(ladder: Ladder, facts: Facts, *, at: datetime) -> Review:
    """Hold the facts against the ladder at a moment. The order of the facts does not matter.

    Raises BadInput for facts that contradict each other: a unit twice in a period, a place beyond the ranked units.
    """
    if found := tuple(_objections(facts)):
        raise BadInput(found)
    leagues = _leagues(ladder, facts)
    possible = [each for league in leagues for each in (*_last_places(league), *_below(league))]
    possible += [*_orders(ladder, facts, at), *_items(ladder, facts, at)]
    left_out = [each for league in leagues for each in _left_out(league)] + list(_declared(ladder, facts, at))
    order = {key: at for at, key in enumerate(ladder.keys)}
    return Review(
        tuple(sorted(possible, key=lambda each: (-order[each.rung.key], facts.name(each.unit), each.key))),
        tuple(sorted(set(left_out), key=lambda each: (facts.name(each.unit), each.text))),
    )


def _objections(facts: Facts) -> Iterator[str]:
    seen: set[tuple[str, str, Period]] = set()
    ranked: dict[tuple[str, Period], int] = {}
    for row in facts.standings:
        spot = (row.league, row.period)
        ranked[spot] = ranked.get(spot, 0) + (row.place is not None)
        if (row.unit, *spot) in seen:
            yield f"{facts.name(row.unit)}在{days(row.period)}有两行。"
        seen.add((row.unit, *spot))
        if row.end < row.start:
            yield f"{facts.name(row.unit)}：{days(row.period)}的止早于起。"
    for row in facts.standings:
        if row.place is not None and not 1 <= row.place <= ranked[row.league, row.period]:
            yield (
                f"{facts.name(row.unit)}在{days(row.period)}名次是 {row.place}，"
                f"本组列出的只有 {ranked[row.league, row.period]} 个单位，请把各单位补齐。"
            )


def days(period: Period) -> str:
    """A period in words."""
    start, end = period
    return f"{start:%Y-%m-%d} 至 {end:%Y-%m-%d}"


# --- places ---


def _fits(cadence: str, start: date, end: date) -> bool:
    if cadence == "week":
        return end - start == timedelta(days=6)
    if cadence == "month":
        return start.day == 1 and (end + timedelta(days=1)).day == 1 and (end - start).days < 31
    return True


@dataclass(frozen=True)
class _League:
    """One league of a ladder with its periods in order of time."""

    ladder: Ladder
    name: str
    facts: Facts
    periods: tuple[Period, ...]
    rows: Mapping[Period, Mapping[str, Standing]]

    @cached_property
    def latest(self) -> Period:
        return self.periods[-1]

    def places(self, period: Period) -> dict[str, int]:
        return {unit: row.place for unit, row in self.rows[period].items() if row.place is not None}

    @cached_property
    def _last(self) -> dict[Period, frozenset[str]]:
        return {period: frozenset(self._lowest(period)) for period in self.periods}

    def last(self, period: Period) -> frozenset[str]:
        """The units that are last: fewer than the counted number stand behind them, and somebody stands before them."""
        return self._last[period]

    def _lowest(self, period: Period) -> Iterator[str]:
        places = self.places(period)
        best = min(places.values(), default=0)
        for unit, place in places.items():
            behind = sum(other > place for other in places.values())
            if place > best and behind < self.ladder.last_of(self.name):
                yield unit

    def threshold(self, period: Period) -> int:
        """The first place that counts as last."""
        return len(self.places(period)) - self.ladder.last_of(self.name) + 1

    def row_of_last(self, unit: str) -> tuple[Period, ...]:
        """The periods, latest first, in which the unit was last one after another."""
        found: list[Period] = []
        after: Period | None = None
        skips = self.ladder.gap == "skips"
        for period in reversed(self.periods):
            joined = after is None or period[1] + timedelta(days=1) == after[0]
            if not joined and not skips:
                break
            if unit in self.last(period):
                found.append(period)
            elif after is None or not skips or unit in self.places(period):
                break
            after = period
        return tuple(found)


def _leagues(ladder: Ladder, facts: Facts) -> list[_League]:
    rows: dict[str, dict[Period, dict[str, Standing]]] = {}
    for row in facts.standings:
        if _fits(ladder.cadence, row.start, row.end):
            rows.setdefault(row.league, {}).setdefault(row.period, {})[row.unit] = row
    return [_League(ladder, name, facts, tuple(sorted(rows[name])), rows[name]) for name in sorted(rows)]


def _last_places(league: _League) -> Iterator[Eligibility]:
    rungs = [rung for rung in league.ladder.rungs if rung.when.trigger is Trigger.LAST_PLACE]
    for unit in sorted(league.last(league.latest)):
        row = league.row_of_last(unit)
        rung = max(
            (rung for rung in rungs if rung.when.times <= len(row)), key=lambda one: one.when.times, default=None
        )
        if rung is None:
            continue
        standings = [league.rows[period][unit] for period in row]
        yield Eligibility(
            unit, rung, f"last:{league.name}:{league.latest[0]}",
            tuple(_last_words(league, standing) for standing in standings) + _row_words(row),
            tuple(one.evidence for one in standings if one.evidence),
            tuple(each for one in standings for each in _doubts(league, one)),
            tuple(each for one in standings for each in _unknowns(one)),
        )  # fmt: skip


def _last_words(league: _League, one: Standing) -> str:
    counted = league.ladder.last_of(league.name)
    which = "末位" if counted == 1 else f"末 {counted} 位之内"
    among = f"{league.name} " if league.name else ""
    return f"{days(one.period)}：{among}{len(league.places(one.period))} 个单位中第 {one.place} 名，在{which}。"


def _row_words(row: Sequence[Period]) -> tuple[str, ...]:
    return (f"连续 {len(row)} 期。",) if len(row) > 1 else ()


def _below(league: _League) -> Iterator[Eligibility]:
    rungs = [rung for rung in league.ladder.rungs if rung.when.trigger is Trigger.BELOW]
    for unit, one in sorted(league.rows[league.latest].items()):
        hit = [rung for rung in rungs if _under(rung, one)]
        if one.place is None or not hit:
            continue
        rung = min(hit, key=lambda each: each.when.below or Decimal(0))
        yield Eligibility(
            unit, rung, f"below:{league.name}:{one.start}",
            (f"{days(one.period)}：得分 {one.score:f}，低于 {rung.when.below:f} 分。",),
            (one.evidence,) if one.evidence else (),
            tuple(_weak(league, one)), () if one.observations is not None else _unknowns(one)[-1:],
        )  # fmt: skip


def _under(rung: Rung, one: Standing) -> bool:
    return one.score is not None and rung.when.below is not None and one.score < rung.when.below


def _doubts(league: _League, one: Standing) -> Iterator[Counter]:
    """What speaks against a last place."""
    first, when = league.threshold(one.period), days(one.period)
    if one.best is not None and one.best < first:
        text = f"{when}：名次区间是第 {one.best}—{one.worst or one.best} 名，与别的单位分不出高下，不能排除不在末位。"
        yield Counter("interval", text, one.evidence)
    if one.adjusted is not None and one.adjusted < first:
        yield Counter("adjusted", f"{when}：扣除巡查宽严的影响以后是第 {one.adjusted} 名。", one.evidence)
    same = [unit for unit, place in league.places(one.period).items() if place == one.place and unit != one.unit]
    if same:
        named = "、".join(sorted(league.facts.name(unit) for unit in same))
        yield Counter("tie", f"{when}：与{named}并列。", one.evidence)
    yield from _weak(league, one)


def _weak(league: _League, one: Standing) -> Iterator[Counter]:
    """What speaks against any figure of a period."""
    when = days(one.period)
    if one.observations is not None and one.observations < league.ladder.few_observations:
        text = f"{when}：只有 {one.observations} 条观测，不到 {league.ladder.few_observations} 条，名次和得分只供参考。"
        yield Counter("few", text, one.evidence)
    for appeal in one.appeals:
        yield Counter("appeal", f"{when}：有申诉获准（{appeal}），名次可能已经不同。", appeal)
    for ground in league.facts.tolerances:
        if ground.unit == one.unit and ground.start <= one.end and one.start <= ground.end:
            yield Counter("tolerance", f"{when}：申报过容错情形“{ground.ground}”。", ground.evidence)


def _unknowns(one: Standing) -> tuple[str, ...]:
    when = days(one.period)
    found = [f"{when}：没有名次区间，说不清末位站不站得住。"] if one.best is None else []
    return tuple(found + ([f"{when}：没有观测条数。"] if one.observations is None else []))


def _left_out(league: _League) -> Iterator[NotCounted]:
    if not league.ladder.has(Trigger.LAST_PLACE, Trigger.BELOW):
        return
    places, when = league.places(league.latest), days(league.latest)
    for unit in league.rows[league.latest].keys() - places.keys():
        yield NotCounted(unit, f"{when}：没有参加排名，不算末位。")
    if len(places) == 1:
        yield NotCounted(next(iter(places)), f"{when}：本组只有一个单位，没有末位。")
    elif places and len(set(places.values())) == 1:
        for unit in places:
            yield NotCounted(unit, f"{when}：各单位名次相同，没有末位。")


# --- orders and items from above ---


def moment(at: datetime) -> str:
    """A moment in words, Beijing time."""
    return f"{at.astimezone(SHANGHAI):%Y-%m-%d %H:%M}"


def _missed(due: datetime, done_at: datetime | None, at: datetime) -> bool:
    return due < at and (done_at is None or done_at > due)


def _afterwards(due: datetime, done_at: datetime | None, at: datetime, evidence: str) -> Iterator[Counter]:
    if done_at is not None and due < done_at <= at:
        yield Counter("late", f"期限过后已于 {moment(done_at)} 完成。", evidence)


def _tolerated(facts: Facts, unit: str, due: datetime) -> Iterator[Counter]:
    day = due.astimezone(SHANGHAI).date()
    for ground in facts.tolerances:
        if ground.unit == unit and ground.start <= day <= ground.end:
            yield Counter("tolerance", f"申报过容错情形“{ground.ground}”。", ground.evidence)


def _orders(ladder: Ladder, facts: Facts, at: datetime) -> Iterator[Eligibility]:
    for rung in ladder.rungs:
        for order in facts.orders:
            if rung.when.trigger is not Trigger.ORDER or order.kind != rung.when.order:
                continue
            if _missed(order.due, order.done_at, at):
                words = f"{order.kind}“{order.title}”{moment(order.issued_at)} 下达，期限 {moment(order.due)}，到期没有完成。"
                counter = (
                    *_afterwards(order.due, order.done_at, at, order.evidence),
                    *_tolerated(facts, order.unit, order.due),
                )
                evidence = tuple(one for one in (order.evidence, *order.parts) if one)
                yield Eligibility(
                    order.unit, rung, f"order:{order.evidence or order.title}", (words,), evidence, counter
                )


def _items(ladder: Ladder, facts: Facts, at: datetime) -> Iterator[Eligibility]:
    for rung in ladder.rungs:
        for item in facts.items if rung.when.trigger is Trigger.UNDECLARED else ():
            if not _missed(item.due, item.done_at, at) or _declared_in_time(item):
                continue
            words = f"上级交办事项“{item.title}”期限 {moment(item.due)}，到期没有完成，期限前也没有申报。"
            counter = [
                *_afterwards(item.due, item.done_at, at, item.evidence),
                *_tolerated(facts, item.unit, item.due),
            ]
            if item.declared_at is not None and item.declared_at <= at:
                ground = f"（{item.ground}）" if item.ground else ""
                text = f"期限过后于 {moment(item.declared_at)} 作了申报{ground}。"
                counter.append(Counter("declared", text, item.evidence))
            if item.earlier:
                counter.append(Counter("declared", item.earlier, item.evidence))
            yield Eligibility(
                item.unit, rung, f"item:{item.evidence or item.title}", (words,), (item.evidence,) if item.evidence else (),
                tuple(counter),
            )  # fmt: skip


def _declared_in_time(item: Item) -> bool:
    return item.declared_at is not None and item.declared_at <= item.due


def _declared(ladder: Ladder, facts: Facts, at: datetime) -> Iterator[NotCounted]:
    if not ladder.has(Trigger.UNDECLARED):
        return
    for item in facts.items:
        if _missed(item.due, item.done_at, at) and _declared_in_time(item):
            ground = f"（{item.ground}）" if item.ground else ""
            yield NotCounted(item.unit, f"上级交办事项“{item.title}”没有完成，但期限前已申报{ground}，不算。")
