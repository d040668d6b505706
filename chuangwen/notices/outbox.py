"""What leaves the building: packed into messages, taken by one worker at a time, marked when it is out.

A message goes out at least once: a worker that dies between sending and marking leaves a message that is sent again,
with the same key, when its time is over. Nothing is sent inside a transaction.
"""

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection, transaction
from django.db.models import Exists, F, OuterRef, Q, QuerySet

from chuangwen.notices.models import Delivery, Gate, Message, Preference, PushDevice
from chuangwen.people.models import User
from chuangwen.rules.notices import GAPS, ROBOTS, Channel, try_again_at

LEASE = timedelta(minutes=3)
MOST_IN_ONE = 200
_TO_GROUPS = Q(channel__in=[robot.value for robot in ROBOTS])
_LOST = 300


class _Taken(Exception):
    """Another worker was quicker."""


@dataclass(frozen=True)
class Saying:
    """One notice as a message tells it, and the delivery that it settles."""

    delivery_id: int
    what: str
    text: str
    matter_kind: str
    matter_id: int


@dataclass(frozen=True)
class Address:
    """Where a message goes; only what its channel needs is filled."""

    name: str = ""
    email: str = ""
    phone: str = ""
    endpoint: str = ""
    p256dh: str = ""
    auth: str = ""
    group: str = ""


@dataclass(frozen=True)
class Parcel:
    """A message in the hands of one worker. Without an address, or with nothing left to say, it need not go."""

    message_id: int
    channel: Channel
    key: str
    tries: int
    urgent: bool
    address: Address | None
    sayings: tuple[Saying, ...]


def _locking(rows: "QuerySet[Delivery, Delivery]") -> "QuerySet[Delivery, Delivery]":
    if connection.features.has_select_for_update_skip_locked:
        return rows.select_for_update(skip_locked=True, of=("self",))
    return rows


def _closed(now: datetime) -> "QuerySet[Gate, Gate]":
    return Gate.objects.filter(channel=OuterRef("channel"), opens_at__gt=now)


def _may_go(now: datetime, *, hurries: Q) -> Q:
    """Neither the whole channel rests nor this receiver; what hurries waits for the robots only."""
    return ~Exists(_closed(now).filter(target="")) & (hurries | ~Exists(_closed(now).filter(target=OuterRef("target"))))


def take_next(*, channels: Iterable[Channel], now: datetime) -> Parcel | None:
    """The next message for this worker: one whose time to try again has come, else what is due for one receiver, as one.

    None when nothing is due, or when another worker was quicker; ask again.
    """
    names = sorted(channel.value for channel in channels)
    try:
        message = _retaken(names, now) or _packed(names, now)
    except _Taken:
        return None
    return _parcel(message) if message is not None else None


@transaction.atomic
def _retaken(names: Sequence[str], now: datetime) -> Message | None:
    rows = Message.objects.filter(channel__in=names, sent_at=None, aside_at=None, next_try_at__lte=now)
    waiting = rows.filter(_may_go(now, hurries=~_TO_GROUPS)).order_by("next_try_at", "id").first()
    if waiting is None:
        return None
    mine = Message.objects.filter(pk=waiting.pk, next_try_at=waiting.next_try_at, sent_at=None, aside_at=None)
    if not mine.update(next_try_at=now + LEASE, tries=F("tries") + 1):
        raise _Taken
    _pass_gate(waiting.channel, waiting.target, now, hurries=waiting.channel not in ROBOTS)
    waiting.tries += 1
    return waiting


@transaction.atomic
def _packed(names: Sequence[str], now: datetime) -> Message | None:
    waiting = Delivery.objects.filter(message=None, dropped_at=None, channel__in=names)
    due = waiting.filter(_may_go(now, hurries=Q(urgent=True) & ~_TO_GROUPS), send_at__lte=now)
    first = _locking(due).order_by("send_at", "id").first()
    if first is None:
        return None
    _pass_gate(first.channel, first.target, now, hurries=first.urgent and first.channel not in ROBOTS)
    together = waiting.filter(channel=first.channel, target=first.target, send_at__lte=now)
    ids = list(_locking(together).order_by("id").values_list("pk", flat=True)[:MOST_IN_ONE])
    message = Message.objects.create(
        channel=first.channel, target=first.target, key=uuid.uuid4().hex, made_at=now, tries=1, next_try_at=now + LEASE
    )
    Delivery.objects.filter(pk__in=ids, message=None).update(message=message)
    return message


def _pass_gate(channel: str, target: str, now: datetime, *, hurries: bool) -> None:
    opens_at = now + GAPS[Channel(channel)]
    gate, made = Gate.objects.get_or_create(channel=channel, target=target, defaults={"opens_at": opens_at})
    if made:
        return
    open_now = Gate.objects.filter(pk=gate.pk) if hurries else Gate.objects.filter(pk=gate.pk, opens_at__lte=now)
    if not open_now.update(opens_at=opens_at):
        raise _Taken


def _parcel(message: Message) -> Parcel:
    rows = Delivery.objects.filter(message=message).select_related("notice").order_by("id")
    held = [row for row in rows if row.notice.done_at is None]
    sayings = tuple(
        Saying(row.pk, row.notice.what, row.notice.text, row.notice.matter_kind, row.notice.matter_id) for row in held
    )
    return Parcel(
        message.pk, Channel(message.channel), message.key, message.tries, any(row.urgent for row in held),
        _address(message), sayings,
    )  # fmt: skip


def _address(message: Message) -> Address | None:
    channel = Channel(message.channel)
    if channel in ROBOTS:
        return Address(group=message.target)
    if channel is Channel.PUSH:
        device = PushDevice.objects.filter(pk=message.target, user__is_active=True).first()
        return Address(endpoint=device.endpoint, p256dh=device.p256dh, auth=device.auth) if device else None
    user = User.objects.filter(pk=message.target, is_active=True).first()
    if user is None:
        return None
    if channel is Channel.SMS:
        return Address(name=user.display_name, phone=user.phone) if user.phone else None
    chosen = Preference.objects.filter(user=user).first()
    return Address(name=user.display_name, email=chosen.email) if chosen and chosen.email else None


def mark_sent(*, parcel: Parcel, now: datetime) -> None:
    """It is out, or need not go any more."""
    Message.objects.filter(pk=parcel.message_id, sent_at=None).update(sent_at=now, aside_at=None, error="")


@transaction.atomic
def mark_failed(
    *, parcel: Parcel, reason: str, lasting: bool, now: datetime, wait: timedelta | None = None, whole: bool = False
) -> None:
    """It did not go: later again, each time later (`wait`: at the earliest, and nothing else to this receiver
    before that, or by the `whole` channel), or set aside when that cannot help.
    """
    at = None if lasting else try_again_at(tries=parcel.tries, now=now)
    message = Message.objects.get(pk=parcel.message_id)
    rows = Message.objects.filter(pk=message.pk, sent_at=None)
    if at is None:
        rows.update(aside_at=now, error=reason[:_LOST])
        return
    rows.update(next_try_at=max(at, now + (wait or timedelta())), error=reason[:_LOST])
    if wait is not None:
        rest(channel=parcel.channel, target="" if whole else message.target, until=now + wait)


def rest(*, channel: Channel, target: str, until: datetime) -> None:
    """Nothing goes to this receiver until then, or, where none is named, by this channel at all."""
    Gate.objects.update_or_create(channel=channel.value, target=target, defaults={"opens_at": until})


def forget_device(*, parcel: Parcel) -> None:
    """The browser took its permission back: it gets nothing any more."""
    message = Message.objects.get(pk=parcel.message_id)
    PushDevice.objects.filter(pk=message.target).delete()
