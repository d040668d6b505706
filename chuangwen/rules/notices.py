"""通知: when each goes out, what waits until morning, what becomes one message, when somebody is reminded.

Nothing here drops a notice: the inbox has every one of them at once, and what does not go out now goes out later.
Limits of the robots: twenty messages a minute each (WeCom: developer.work.weixin.qq.com, path 91770; DingTalk: custom
robots, which are then silent for ten minutes). A WeCom text holds 2048 bytes.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import Final

from chuangwen.rules.deadlines import WorkCalendar, worked_between
from chuangwen.rules.limits import LimitUnit
from chuangwen.rules.permissions import Role


class Channel(StrEnum):
    """A way out of the building. The inbox is not one of them: it always has everything."""

    EMAIL = "email"
    SMS = "sms"
    PUSH = "push"
    WECOM = "wecom"
    DINGTALK = "dingtalk"

    @property
    def label(self) -> str:
        """The Chinese name."""
        return CHANNEL_LABELS[self]


CHANNEL_LABELS: Final = {
    Channel.EMAIL: "电子邮件",
    Channel.SMS: "短信",
    Channel.PUSH: "手机推送",
    Channel.WECOM: "企业微信群机器人",
    Channel.DINGTALK: "钉钉群机器人",
}
ROBOTS: Final = (Channel.WECOM, Channel.DINGTALK)  # speak to the group of a unit, not to a person
PERSONAL: Final = (Channel.PUSH, Channel.EMAIL, Channel.SMS)


class Pace(StrEnum):
    """How soon things are told."""

    AT_ONCE = "at_once"
    DAILY = "daily"


GATHER: Final = timedelta(minutes=2)  # what happens together is told together
DIGEST_AT, QUIET_FROM, QUIET_TO = time(8, 30), time(22), time(7)
NEAR_MOST: Final = timedelta(hours=8)  # one working day
# The least time between two messages of a channel to one receiver; urgent ones wait for the robots only.
GAPS: Final = {
    Channel.EMAIL: timedelta(minutes=10),
    Channel.SMS: timedelta(minutes=10),
    Channel.PUSH: timedelta(minutes=2),
    Channel.WECOM: timedelta(seconds=3.5),
    Channel.DINGTALK: timedelta(seconds=3.5),
}
# How much of the text a message of the channel takes, in bytes of UTF-8.
ROOM: Final = {
    Channel.EMAIL: 20_000,
    Channel.SMS: 210,  # seventy characters: one short message
    Channel.PUSH: 600,
    Channel.WECOM: 1_800,  # the link comes on top
    Channel.DINGTALK: 6_000,
}
BACK_OFF: Final = tuple(timedelta(minutes=m) for m in (1, 5, 30, 120, 360, 720))
MOST_TRIES: Final = len(BACK_OFF) + 1

# Who mostly acts hears at once; who mostly oversees hears once a day.
_AT_ONCE_ROLES: Final = {Role.UNIT_CHIEF, Role.UNIT_WORKER, Role.GRID_WORKER, Role.OFFICE_CLERK, Role.SYSTEM_ADMIN}


@dataclass(frozen=True)
class Wishes:
    """How a person, or the group of a unit, wants to hear. Times of day are those of the working calendar."""

    channels: frozenset[Channel] = frozenset()
    pace: Pace = Pace.AT_ONCE
    digest_at: time = DIGEST_AT
    quiet_from: time = QUIET_FROM
    quiet_to: time = QUIET_TO
    quiet_on_rest_days: bool = True


def usual_pace(roles: Iterable[Role]) -> Pace:
    """How soon somebody with these roles hears who said nothing else: at once when any of them acts."""
    return Pace.AT_ONCE if _AT_ONCE_ROLES & set(roles) else Pace.DAILY


def _in_hours(clock: time, wishes: Wishes) -> bool:
    opens, closes = wishes.quiet_from, wishes.quiet_to
    if opens == closes:
        return False
    if opens < closes:
        return opens <= clock < closes
    return clock >= opens or clock < closes


def is_quiet(moment: datetime, wishes: Wishes, calendar: WorkCalendar) -> bool:
    """Whether only urgent things may disturb now."""
    local = moment.astimezone(calendar.timezone)
    resting = wishes.quiet_on_rest_days and not calendar.is_working(local.date())
    return resting or _in_hours(local.time(), wishes)


def _at(day: date, clock: time, calendar: WorkCalendar) -> datetime:
    return datetime.combine(day, clock, calendar.timezone)


def after_quiet(moment: datetime, wishes: Wishes, calendar: WorkCalendar) -> datetime:
    """This moment, or the end of the quiet time that holds it."""
    at = moment.astimezone(calendar.timezone)
    while is_quiet(at, wishes, calendar):
        today = _at(at.date(), wishes.quiet_to, calendar)
        if _in_hours(at.time(), wishes):
            at = today if today > at else today + timedelta(days=1)
        else:
            at = _at(at.date() + timedelta(days=1), time(0), calendar)
    return at


def next_digest(moment: datetime, wishes: Wishes, calendar: WorkCalendar) -> datetime:
    """The next time of day at which this person reads what gathered, outside the quiet time."""
    local = moment.astimezone(calendar.timezone)
    at = _at(local.date(), wishes.digest_at, calendar)
    at = at if at > moment else at + timedelta(days=1)
    while wishes.quiet_on_rest_days and not calendar.is_working(at.date()):
        at += timedelta(days=1)
    return after_quiet(at, wishes, calendar)


def goes_out_at(wishes: Wishes, *, made_at: datetime, urgent: bool, calendar: WorkCalendar) -> datetime:
    """When a notice leaves the building: urgent ones now, the others as wished, never in the quiet time."""
    if urgent:
        return made_at
    if wishes.pace is Pace.DAILY:
        return next_digest(made_at, wishes, calendar)
    return after_quiet(made_at + GATHER, wishes, calendar)


def channels_for(wishes: Wishes, *, urgent: bool) -> tuple[Channel, ...]:
    """The personal channels that a notice takes: a short message is for urgent ones only."""
    return tuple(c for c in PERSONAL if c in wishes.channels and (urgent or c is not Channel.SMS))


def may_remind(*, last: datetime | None, now: datetime, calendar: WorkCalendar) -> bool:
    """Whether somebody may be reminded of an item: on a working day, once a day. `last`: when they were told or
    reminded of it last.
    """
    today = now.astimezone(calendar.timezone).date()
    if not calendar.is_working(today):
        return False
    return last is None or today > last.astimezone(calendar.timezone).date()


def is_near(*, started: datetime, due: datetime, now: datetime, calendar: WorkCalendar) -> bool:
    """Whether a deadline is near: a quarter of its time is left, at most one working day. Time that runs through the
    night is measured as it runs.
    """
    if not started <= now < due:
        return False
    whole, left = (worked_between(at, due, LimitUnit.working_hours, calendar) for at in (started, now))
    if whole == 0:
        whole, left = (due - started).total_seconds(), (due - now).total_seconds()
    return left <= min(whole / 4, NEAR_MOST.total_seconds())


def try_again_at(*, tries: int, now: datetime) -> datetime | None:
    """When a message that could not be sent is tried again, later each time; None: set aside for the administrator."""
    return now + BACK_OFF[tries - 1] if tries <= len(BACK_OFF) else None


@dataclass(frozen=True)
class Line:
    """One notice in a message: what kind of thing it is, the sentence, where it leads."""

    what: str
    text: str
    url: str = ""


@dataclass(frozen=True)
class Words:
    """A message as words. Every line is counted in the title, however many of them found room in the body."""

    title: str
    body: str
    url: str

    @property
    def whole(self) -> str:
        """Title and body together."""
        return f"{self.title}\n{self.body}" if self.body else self.title


def _bytes(text: str) -> int:
    return len(text.encode())


def _cut(text: str, room: int) -> str:
    if _bytes(text) <= room:
        return text
    return text.encode()[: max(0, room - 3)].decode(errors="ignore") + "…"


def _title(lines: Sequence[Line]) -> str:
    if len(lines) == 1:
        return lines[0].what
    counted = Counter(line.what for line in lines)
    kinds = "、".join(f"{what} {count} 件" for what, count in counted.most_common(4))
    rest = f"等 {len(counted)} 类" if len(counted) > 4 else ""
    return f"{len(lines)} 条通知：{kinds}{rest}"


def merged(lines: Sequence[Line], *, room: int, inbox: str, links: bool = True) -> Words:
    """Many notices as one message of at most so many bytes: counts by kind, then as many sentences as fit, then how
    many more the inbox holds. One notice alone is told in full and leads straight to its matter.
    """
    title = _cut(_title(lines), room // 2)
    url = lines[0].url if len(lines) == 1 and lines[0].url else inbox
    left = room - _bytes(title) - 1
    tail = "（其余 {} 条见收件箱）"
    said: list[str] = []
    for number, line in enumerate(lines):
        sentence = f"{line.text} {line.url}" if links and line.url and len(lines) > 1 else line.text
        more = 0 if number == len(lines) - 1 else _bytes(tail) + 8
        if _bytes(sentence) + 1 + more > left:
            break
        said.append(sentence)
        left -= _bytes(sentence) + 1
    missing = len(lines) - len(said)
    if missing and len(lines) > 1:
        said.append(tail.format(missing))
    elif missing:
        said.append(_cut(lines[0].text, left))
    return Words(title, _cut("\n".join(said), max(0, room - _bytes(title) - 1)), url)
