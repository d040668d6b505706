"""News for residents who asked for them: one letter or push at a time, sent outside every transaction."""

import logging
from collections.abc import Callable
from datetime import datetime

from django.conf import settings
from django.urls import reverse

from chuangwen.gateways.choosing import gateway_for
from chuangwen.gateways.outgoing import Gateway, Outgoing, Unsent
from chuangwen.intake.subscriptions import Due, forget_unconfirmed, mark_failed, mark_told, next_due
from chuangwen.notices.channels import live
from chuangwen.notices.outbox import Address
from chuangwen.rules.notices import Channel, Words

log = logging.getLogger(__name__)
MOST_AT_ONCE = 50


def _address(name: str, *args: str) -> str:
    return settings.SITE_URL.rstrip("/") + reverse(name, args=args)


def letter_of(due: Due) -> Outgoing:
    """What goes out: the question to a new address, else what changed; every letter can be ended with one click."""
    row, stop = due.row, _address("web:public:subscription-stop", due.row.token)
    if not due.items:
        body = (
            f"有人用这个邮箱订阅“{due.topic}”的办理消息。是您的话，请打开下面的链接确认；不是的话不用理会，不会再来信。"
        )
        words = Words("请确认订阅", body, _address("web:public:subscription", row.token))
    else:
        url = _address("web:public:receipt", row.report.receipt) if row.report else _address("web:public:home")
        lines = "\n".join(item.line for item in due.items[:20])
        body = f"{lines}\n\n退订：{stop}" if row.email else due.items[0].line[:180]
        words = Words(f"{due.topic}：{len(due.items)} 件有新进展", body, url)
    headers = {"List-Unsubscribe": f"<{stop}>", "List-Unsubscribe-Post": "List-Unsubscribe=One-Click"}  # RFC 8058
    address = Address(email=row.email, endpoint=row.endpoint, p256dh=row.p256dh, auth=row.auth)
    stamp = int(due.items[0].at.timestamp()) if due.items else 0
    return Outgoing(f"news-{row.pk}-{stamp}", address, words, headers=headers)


def tell_one(now: datetime, choose: Callable[[Channel], Gateway] = gateway_for) -> bool:
    """Send to one subscription that is due; whether there was one."""
    ways = live()
    due = next_due(now=now, mail=Channel.EMAIL in ways, push=Channel.PUSH in ways)
    if due is None:
        return False
    try:
        choose(Channel.EMAIL if due.row.email else Channel.PUSH).send(letter_of(due))
    except Unsent as why:
        log.warning("news %s did not go: %s", due.row.pk, why.reason)
        mark_failed(due=due, gone=why.gone, now=now)
    else:
        mark_told(due=due, now=now)
    return True


def tell_everybody(now: datetime) -> int:
    """Up to fifty that are due. Returns how many were tried."""
    if not live() & {Channel.EMAIL, Channel.PUSH}:
        return 0
    tried = 0
    while tried < MOST_AT_ONCE and tell_one(now):
        tried += 1
    return tried


def forget(now: datetime) -> None:
    """Addresses that nobody confirmed."""
    forget_unconfirmed(now=now)
