"""How notices come into being and end. Called by the worker, who may do everything twice."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Protocol

from django.db import transaction

from chuangwen.journal.models import Event
from chuangwen.notices.channels import live, robots_of
from chuangwen.notices.models import Delivery, Message, Notice
from chuangwen.notices.queries import Receiver, receivers
from chuangwen.people.circles import Holder
from chuangwen.rules.deadlines import WorkCalendar
from chuangwen.rules.notice_table import Matter, Rule, ended_whats
from chuangwen.rules.notices import ROBOTS, Channel, Wishes, channels_for, goes_out_at, may_remind, next_digest
from chuangwen.standards.queries import work_calendar

KEPT, SENT_KEPT, NEWS_KEPT = timedelta(days=90), timedelta(days=30), timedelta(days=14)
_GROUP = Receiver(Wishes(), {})


@dataclass(frozen=True)
class News:
    """A line of the table, met by a matter. `key`: what it follows from, so that a second time makes nothing."""

    rule: Rule
    matter_kind: str
    matter_id: int
    matter: Matter
    key: str
    reminder: bool = False
    to_groups: bool = True  # not where a group could learn what only some of it may know

    @property
    def item(self) -> str:
        """The matter as one word."""
        return f"{self.matter_kind}:{self.matter_id}"

    def row(self, *, user_id: int | None, group: str, now: datetime) -> Notice:
        """The notice for one receiver, not stored yet."""
        return Notice(
            user_id=user_id, group=group, key=self.key, what=self.rule.what, text=self.rule.sentence(self.matter)[:200],
            matter_kind=self.matter_kind, matter_id=self.matter_id, urgent=self.matter.urgent, acts=self.rule.acts,
            due_at=self.matter.due_at, made_at=now,
        )  # fmt: skip


@transaction.atomic
def tell(*, news: News, holders: Iterable[Holder], now: datetime) -> int:
    """A notice for each of these people and for the robots of their units, with what leaves the building for it.

    Who was told this already is not told again; an earlier notice on the same matter that asked the same person to act
    gives way to the new one. Returns how many are new.
    """
    told = list(holders)
    people = sorted({holder.user_id for holder in told})
    paths = {holder.unit_path for holder in told} if news.to_groups else set()
    groups = sorted({robot for path in paths for robot in robots_of(path)})
    known = Notice.objects.filter(key=news.key)
    seen: set[tuple[int | None, str]] = set(known.values_list("user_id", "group"))
    rows = [news.row(user_id=pk, group="", now=now) for pk in people if (pk, "") not in seen]
    codes = sorted({code for _, code in groups})
    rows += [news.row(user_id=None, group=code, now=now) for code in codes if (None, code) not in seen]
    if not rows:
        return 0
    if news.rule.acts:
        _give_way(news, rows, now)
    made = Notice.objects.bulk_create(rows)
    _plan(news, made, groups, now)
    return len(made)


def _give_way(news: News, rows: Sequence[Notice], now: datetime) -> None:
    older = Notice.objects.filter(matter_kind=news.matter_kind, matter_id=news.matter_id, done_at=None, acts=True)
    older = older.filter(user_id__in=[row.user_id for row in rows if row.user_id]) | older.filter(
        group__in=[row.group for row in rows if row.group]
    )
    _end(list(older.exclude(key=news.key).values_list("pk", flat=True)), now)


def _plan(news: News, made: Sequence[Notice], groups: Iterable[tuple[Channel, str]], now: datetime) -> None:
    calendar = work_calendar()
    by_person = receivers([row.user_id for row in made if row.user_id], _day(now, calendar))
    rows: list[Delivery] = []
    day = _day(now, calendar) if news.reminder and not news.matter.urgent else None
    for notice in made:
        if notice.user_id:
            rows += _deliveries(notice, news.item, by_person[notice.user_id], calendar, now, day)
        else:
            at = goes_out_at(_GROUP.wishes, made_at=now, urgent=notice.urgent, calendar=calendar)
            rows += [
                _delivery(notice, channel, code, news.item, at, day) for channel, code in groups if code == notice.group
            ]
    Delivery.objects.bulk_create(rows, ignore_conflicts=True)


def _day(now: datetime, calendar: WorkCalendar) -> date:
    return now.astimezone(calendar.timezone).date()


def _deliveries(
    notice: Notice, item: str, receiver: Receiver, calendar: WorkCalendar, now: datetime, day: date | None
) -> list[Delivery]:
    at = goes_out_at(receiver.wishes, made_at=now, urgent=notice.urgent, calendar=calendar)
    return [
        _delivery(notice, channel, target, item, at, day)
        for channel in channels_for(receiver.wishes, urgent=notice.urgent)
        for target in receiver.targets[channel]
    ]


def _delivery(notice: Notice, channel: Channel, target: str, item: str, at: datetime, day: date | None) -> Delivery:
    return Delivery(
        notice=notice,
        channel=channel.value,
        target=target,
        item=item,
        urgent=notice.urgent,
        send_at=at,
        reminder_day=day,
    )


def _end(notice_ids: Sequence[int], now: datetime) -> int:
    if not notice_ids:
        return 0
    Delivery.objects.filter(notice_id__in=notice_ids, message=None, dropped_at=None).update(dropped_at=now)
    return Notice.objects.filter(pk__in=notice_ids, done_at=None).update(done_at=now)


@transaction.atomic
def end(*, event_kind: str, matter_kind: str, matter_id: int, before: int, now: datetime) -> int:
    """What an event of this kind settles about a matter, as far as it was told because of earlier events (`before`: the
    number of this one). Returns how many notices ended.
    """
    whats = ended_whats(event_kind)
    if not whats:
        return 0
    rows = Notice.objects.filter(matter_kind=matter_kind, matter_id=matter_id, done_at=None, what__in=whats)
    return _end([row.pk for row in rows if _number(row.key) < before], now)


def _number(key: str) -> int:
    """The event that a notice follows from; those that the clock made are older than any event that ends them."""
    head = key.partition(".")[0].removeprefix("event-")
    return int(head) if head.isdecimal() else 0


class Recorded(Protocol):
    """An event, as far as notices follow from it."""

    pk: int
    kind: str
    subject_kind: str
    subject_id: int
    actor_id: int | None
    at: datetime
    facts: dict[str, Any]


def is_past(event: Recorded, rule: Rule) -> bool:
    """Whether something happened since that ends what this event would tell: workers may come late, or out of order."""
    later = Event.objects.filter(
        subject_kind=event.subject_kind, subject_id=event.subject_id, id__gt=event.pk, kind__in=rule.ended_by
    )
    if rule.fact:
        later = later.filter(**{f"facts__{rule.fact}": event.facts.get(rule.fact)})
    return later.exists()


def open_matters(matter_kind: str, at_most: int = 2000) -> Sequence[int]:
    """The matters of a kind in which somebody was told to act."""
    rows = Notice.objects.filter(matter_kind=matter_kind, done_at=None, acts=True).order_by("matter_id")
    return list(rows.values_list("matter_id", flat=True).distinct()[:at_most])


@transaction.atomic
def end_over(*, matter_kind: str, matter_ids: Iterable[int], now: datetime) -> int:
    """These matters are over, whatever happened on the way. Returns how many notices ended."""
    rows = Notice.objects.filter(matter_kind=matter_kind, matter_id__in=list(matter_ids), done_at=None, acts=True)
    return _end(list(rows.values_list("pk", flat=True)), now)


@transaction.atomic
def remind(*, now: datetime) -> int:
    """What somebody was told to do before today and is not done goes out once more, at their time of the day.

    Once a day for each matter, on working days; the database holds to that, however often this runs. Returns how many
    deliveries were asked for.
    """
    if not live() - set(ROBOTS):
        return 0
    calendar = work_calendar()
    today = _day(now, calendar)
    rows = Notice.objects.filter(done_at=None, acts=True, user__isnull=False).order_by("id")
    waiting = [notice for notice in rows if may_remind(last=notice.made_at, now=now, calendar=calendar)]
    by_person = receivers({notice.user_id for notice in waiting if notice.user_id}, today)
    again = [row for notice in waiting for row in _reminders(notice, by_person, calendar, now, today)]
    Delivery.objects.bulk_create(again, ignore_conflicts=True, batch_size=500)
    return len(again)


def _reminders(
    notice: Notice, by_person: Mapping[int, Receiver], calendar: WorkCalendar, now: datetime, today: date
) -> list[Delivery]:
    receiver = by_person[notice.user_id or 0]
    at = next_digest(now, receiver.wishes, calendar)
    item = f"{notice.matter_kind}:{notice.matter_id}"
    return [
        _delivery(notice, channel, target, item, at, today)
        for channel in channels_for(receiver.wishes, urgent=notice.urgent)
        for target in receiver.targets[channel]
    ]


def forget_old(*, now: datetime) -> int:
    """What is long done is not kept: notices after three months, what went out after one; unread news is none after two
    weeks. Returns how many notices were forgotten.
    """
    Message.objects.filter(sent_at__lte=now - SENT_KEPT).delete()
    rows = Notice.objects.filter(done_at__lte=now - KEPT).order_by("done_at")
    ids = list(rows.values_list("pk", flat=True)[:20_000])
    Notice.objects.filter(pk__in=ids).delete()
    stale = Notice.objects.filter(done_at=None, acts=False, made_at__lte=now - NEWS_KEPT)
    _end(list(stale.values_list("pk", flat=True)[:20_000]), now)
    return len(ids)
