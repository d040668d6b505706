"""One message at a time out of the building: taken, sent outside every transaction, marked."""

import logging
from collections.abc import Callable
from datetime import datetime

from django.conf import settings

from chuangwen.gateways.choosing import gateway_for
from chuangwen.gateways.outgoing import Gateway, Outgoing, Unsent
from chuangwen.notices.channels import live
from chuangwen.notices.outbox import Parcel, forget_device, mark_failed, mark_sent, take_next
from chuangwen.rules.notices import ROOM, Channel, Line, Words, merged

log = logging.getLogger(__name__)


def send_once(now: datetime, choose: Callable[[Channel], Gateway] = gateway_for) -> bool:
    """Send one message that is due; whether there was one. A failure is pushed ahead and holds up nobody else."""
    channels = live()
    parcel = take_next(channels=channels, now=now) if channels else None
    if parcel is None:
        return False
    if parcel.address is None or not parcel.sayings:  # the matter is done, or the person has gone
        mark_sent(parcel=parcel, now=now)
        return True
    outgoing = Outgoing(parcel.key, parcel.address, words_of(parcel), parcel.urgent)
    _hand_over(parcel, outgoing, choose(parcel.channel), now)
    return True


def _hand_over(parcel: Parcel, outgoing: Outgoing, gateway: Gateway, now: datetime) -> None:
    try:
        gateway.send(outgoing)
    except Unsent as why:
        if why.gone:
            forget_device(parcel=parcel)
            mark_sent(parcel=parcel, now=now)
            return
        log.warning("message %s by %s did not go: %s", parcel.key, parcel.channel.value, why.reason)
        mark_failed(parcel=parcel, reason=why.reason, lasting=why.lasting, wait=why.wait, whole=why.whole, now=now)
    except Exception as error:  # its words could hold an address or a key
        log.warning("message %s by %s broke: %s", parcel.key, parcel.channel.value, type(error).__name__)
        mark_failed(parcel=parcel, reason=f"发送程序出错（{type(error).__name__}）。", lasting=False, now=now)
    else:
        mark_sent(parcel=parcel, now=now)


def words_of(parcel: Parcel) -> Words:
    """What the message says, with links into this installation."""
    audience = "field" if parcel.channel is Channel.PUSH else "desk"
    base = f"{settings.SITE_URL.rstrip('/')}/{audience}"
    lines = [
        Line(saying.what, saying.text, f"{base}/about/{saying.matter_kind}/{saying.matter_id}/")
        for saying in parcel.sayings
    ]
    return merged(lines, room=ROOM[parcel.channel], inbox=f"{base}/notices/", links=parcel.channel is Channel.EMAIL)
