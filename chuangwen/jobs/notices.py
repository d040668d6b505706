"""通知: what follows from an event by the table of rules/notice_table.py, and what the clock brings.

A room that makes notices gives a `told.py`: told(id) -> Matter | None (None: nobody may hear of it), and over(ids), which
of these matters are done. It stands here in MATTERS, its lines in the table.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from chuangwen.campaigns import told as campaigns
from chuangwen.cases import told as cases
from chuangwen.declarations import told as declarations
from chuangwen.directives import told as directives
from chuangwen.notices.making import News, Recorded, end, end_over, forget_old, is_past, open_matters, remind, tell
from chuangwen.people.circles import Holder, holding, reaching, working_in
from chuangwen.rechecks import told as rechecks
from chuangwen.rules.deadlines import SHANGHAI
from chuangwen.rules.notice_table import CIRCLE_ROLES, LATE, NEAR, Circle, Matter, Rule, rules_for
from chuangwen.rules.permissions import Role
from chuangwen.supervision import told as supervision
from chuangwen.whistles import told as whistles

TOO_OLD = timedelta(days=7)  # what a worker catches up with after a long rest is news no more
LATE_SINCE = timedelta(days=3)  # over a long weekend without a worker


@dataclass(frozen=True)
class Known:
    """How a kind of matter is asked about."""

    told: Callable[[int], Matter | None]
    over: Callable[[Sequence[int]], set[int]]


MATTERS: dict[str, Known] = {
    "case": Known(cases.told, cases.over),
    "order": Known(cases.order_told, cases.order_over),
    "recheck": Known(rechecks.told, rechecks.over),
    "supervision": Known(supervision.told, supervision.over),
    "remark": Known(supervision.remark_told, supervision.remark_over),
    "campaign": Known(campaigns.told, campaigns.over),
    "whistle": Known(whistles.told, whistles.over),
    "directive_item": Known(directives.told, directives.over),
    "declaration": Known(declarations.told, declarations.over),
}


def notify(event: Recorded, now: datetime) -> int:
    """End what this event settles, then tell whom it concerns. Repeatable; returns how many notices are new."""
    for kind, number in _matters(event):
        end(event_kind=event.kind, matter_kind=kind, matter_id=number, before=event.pk, now=now)
    if now - event.at > TOO_OLD:
        return 0
    return sum(_follow(rule, place, event, now) for place, rule in enumerate(rules_for(event.kind)))


def _matters(event: Recorded) -> Iterable[tuple[str, int]]:
    yield event.subject_kind, event.subject_id
    for kind in MATTERS:
        number = event.facts.get(kind)
        if isinstance(number, int) and kind != event.subject_kind:
            yield kind, number


def _follow(rule: Rule, place: int, event: Recorded, now: datetime) -> int:
    kind, number = (rule.fact, event.facts.get(rule.fact)) if rule.fact else (event.subject_kind, event.subject_id)
    known = MATTERS.get(kind)
    if known is None or not isinstance(number, int) or is_past(event, rule):
        return 0
    matter = known.told(number)
    if matter is None or (rule.origins and matter.origin not in rule.origins):
        return 0
    if rule.acts and known.over([number]):
        return 0
    holders = [holder for holder in circle(rule.to, matter, _today(now)) if holder.user_id != event.actor_id]
    to_groups = rule.to not in {Circle.NAMED, Circle.CHECKERS}
    news = News(rule, kind, number, matter, f"event-{event.pk}.{place}", to_groups=to_groups)
    return tell(news=news, holders=holders, now=now)


def _today(now: datetime) -> date:
    return now.astimezone(SHANGHAI).date()


def circle(to: Circle, matter: Matter, today: date) -> Sequence[Holder]:
    """Who is told of a matter. Who re-checks its place blindly hears nothing of it."""
    roles = CIRCLE_ROLES[to]
    if to in {Circle.UNITS, Circle.CHIEFS}:
        return working_in(matter.units, roles, today)
    if to is Circle.NAMED:
        return holding(matter.people, today)
    found = reaching(matter.home, roles, today)
    if to is Circle.OFFICE and not found:
        return reaching(matter.home, (Role.OFFICE_CHIEF,), today)
    blind = rechecks.looking_blindly_at(matter.site) if to is Circle.CHECKERS and matter.site else frozenset()
    return [holder for holder in found if holder.user_id not in blind]


def watch_deadlines(now: datetime) -> int:
    """Tell of deadlines that came near or passed, each once, and end what is over by itself. Returns how many are new."""
    for kind, known in MATTERS.items():
        numbers = open_matters(kind)
        gone = known.over(numbers) if numbers else set()
        if gone:
            end_over(matter_kind=kind, matter_ids=sorted(gone), now=now)
    made = sum(_clock_tells(NEAR, "near", number, now, reminder=True) for number in cases.near(now))
    return made + sum(_clock_tells(LATE, "late", number, now) for number in cases.newly_late(now - LATE_SINCE, now))


def _clock_tells(rule: Rule, word: str, case_id: int, now: datetime, *, reminder: bool = False) -> int:
    matter = cases.told(case_id)
    if matter is None or matter.due_at is None:
        return 0
    key = f"{word}.case.{case_id}.{matter.due_at.timestamp():.0f}"
    news = News(rule, "case", case_id, matter, key, reminder=reminder)
    return tell(news=news, holders=circle(rule.to, matter, _today(now)), now=now)


def remind_everybody(now: datetime) -> int:
    """What waits since yesterday or longer goes out once more, see making.remind."""
    return remind(now=now)


def tidy_up(now: datetime) -> int:
    """What is long done is forgotten."""
    return forget_old(now=now)
