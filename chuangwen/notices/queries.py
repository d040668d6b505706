"""Reading notices: the own inbox, how somebody wants to hear, what could not be sent."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Count, IntegerField, Max, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce

from chuangwen.notices.channels import live
from chuangwen.notices.models import Delivery, Message, Notice, Preference, PushDevice
from chuangwen.people.circles import roles_of
from chuangwen.people.models import User
from chuangwen.rules.notices import CHANNEL_LABELS, ROBOTS, Channel, Pace, Wishes, usual_pace
from chuangwen.rules.permissions import Actor

_OPEN = Q(done_at=None)
_WAITING = Q(sent_at=None, aside_at=None)


def unread_of(person: str) -> Coalesce:
    """How many open notices a person has not opened, as an expression; `person` is the column with their number."""
    mine = Notice.objects.filter(_OPEN, user_id=OuterRef(person), read=False).order_by()
    counted = mine.values("user_id").annotate(n=Count("pk")).values("n")
    return Coalesce(Subquery(counted, output_field=IntegerField()), Value(0))


def people_with_unread() -> QuerySet[User]:
    """People, each with `unread`: how many open notices they have not opened."""
    return User.objects.annotate(unread=unread_of("pk"))


def inbox(actor: Actor) -> QuerySet[Notice]:
    """What this person should know and what is not done yet, the newest first."""
    return Notice.objects.filter(_OPEN, user_id=actor.user_id or 0).order_by("-id")


def preference_of(actor: Actor) -> Preference:
    """How this person wants to hear; what counts for their posts where they said nothing."""
    return Preference.objects.filter(user_id=actor.user_id or 0).first() or Preference(user_id=actor.user_id or 0)


def pace_of(preference: Preference, actor: Actor) -> Pace:
    """How soon this person hears."""
    return Pace(preference.pace) if preference.pace else usual_pace(actor.roles)


def devices_of(actor: Actor) -> Sequence[PushDevice]:
    """The browsers of this person that take pushes."""
    return list(PushDevice.objects.filter(user_id=actor.user_id or 0).order_by("id"))


@dataclass(frozen=True)
class Receiver:
    """How somebody hears: the wishes, and where each channel of theirs leads."""

    wishes: Wishes
    targets: Mapping[Channel, Sequence[str]]


def receivers(user_ids: Iterable[int], today: date) -> dict[int, Receiver]:
    """How each of these people hears, over the channels that are set up here. Four statements at most."""
    ids, on = list(user_ids), live()
    chosen = {row.user_id: row for row in Preference.objects.filter(user_id__in=ids)}
    roles = roles_of(ids, today)
    phones: set[int] = set()
    if Channel.SMS in on:
        phones = set(User.objects.filter(pk__in=ids).exclude(phone="").values_list("pk", flat=True))
    devices: dict[int, list[str]] = {}
    if Channel.PUSH in on:
        for user_id, pk in PushDevice.objects.filter(user_id__in=ids).values_list("user_id", "pk"):
            devices.setdefault(user_id, []).append(str(pk))
    return {
        user_id: _receiver(
            chosen.get(user_id) or Preference(user_id=user_id), usual_pace(roles.get(user_id, ())),
            devices.get(user_id, []), has_phone=user_id in phones,
        )
        for user_id in ids
    }  # fmt: skip


def _receiver(row: Preference, usual: Pace, devices: Sequence[str], *, has_phone: bool) -> Receiver:
    on, own = live(), [str(row.user_id)]
    targets: dict[Channel, Sequence[str]] = {}
    if Channel.EMAIL in on and row.email and row.has(Channel.EMAIL):
        targets[Channel.EMAIL] = own
    if Channel.SMS in on and has_phone and row.has(Channel.SMS):
        targets[Channel.SMS] = own
    if Channel.PUSH in on and devices:
        targets[Channel.PUSH] = devices
    wishes = Wishes(
        channels=frozenset(targets), pace=Pace(row.pace) if row.pace else usual, digest_at=row.digest_at,
        quiet_from=row.quiet_from, quiet_to=row.quiet_to, quiet_on_rest_days=row.quiet_on_rest_days,
    )  # fmt: skip
    return Receiver(wishes, targets)


@dataclass(frozen=True)
class ChannelState:
    """How one channel is doing; figures of the channel, never of who read what."""

    channel: Channel
    is_live: bool
    waiting: int
    aside: int
    last_sent_at: datetime | None

    @property
    def label(self) -> str:
        """The Chinese name."""
        return CHANNEL_LABELS[self.channel]

    @property
    def is_robot(self) -> bool:
        """Whether it speaks to a group."""
        return self.channel in ROBOTS


def channel_states(now: datetime) -> Sequence[ChannelState]:
    """Every channel: set up or not, how many messages wait, were set aside, and when the last one went out."""
    rows = Message.objects.values("channel").annotate(
        waiting=Count("pk", filter=_WAITING), aside=Count("pk", filter=Q(aside_at__isnull=False)), last=Max("sent_at")
    )
    known = {str(row["channel"]): row for row in rows.order_by()}
    due = Delivery.objects.filter(message=None, dropped_at=None, send_at__lte=now).values("channel")
    unpacked = {str(row["channel"]): int(row["n"]) for row in due.annotate(n=Count("pk")).order_by()}
    nothing = {"waiting": 0, "aside": 0, "last": None}
    return [_state(channel, known.get(channel.value, nothing), unpacked.get(channel.value, 0)) for channel in Channel]


def _state(channel: Channel, row: Mapping[str, Any], unpacked: int) -> ChannelState:
    return ChannelState(channel, channel in live(), row["waiting"] + unpacked, row["aside"], row["last"])


def set_aside(at_most: int = 50) -> Sequence[Message]:
    """Messages that could not be sent and were set aside, the latest first; `count` says how many notices they hold."""
    rows = Message.objects.filter(aside_at__isnull=False).annotate(count=Count("deliveries"))
    return list(rows.order_by("-id")[:at_most])


def trying_again(at_most: int = 20) -> Sequence[Message]:
    """Messages that failed and are tried again by themselves."""
    return list(Message.objects.filter(_WAITING, tries__gte=1).exclude(error="").order_by("-tries", "id")[:at_most])


def names_of(messages: Iterable[Message]) -> dict[int, str]:
    """Whom each message is for: a name or a group; an address or a number is nobody's business."""
    rows = list(messages)
    people = {int(row.target) for row in rows if row.channel in {Channel.EMAIL, Channel.SMS}}
    devices = {int(row.target) for row in rows if row.channel == Channel.PUSH}
    owners = dict(PushDevice.objects.filter(pk__in=devices).values_list("pk", "user_id")) if devices else {}
    names = dict(User.objects.filter(pk__in=people | set(owners.values())).values_list("pk", "display_name"))
    found = {}
    for row in rows:
        if row.channel in ROBOTS:
            found[row.pk] = row.target
        else:
            owner = owners.get(int(row.target)) if row.channel == Channel.PUSH else int(row.target)
            found[row.pk] = names.get(owner or 0, "")
    return found
