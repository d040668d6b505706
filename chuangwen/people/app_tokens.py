"""Connections of a person's phone app (ODK Collect): a random password of its own for each, never the account's.

Digest log-in (RFC 2617, 3.2.2.2) needs MD5(user:realm:password) on the server. That is kept, and nothing else: the
password has 130 random bits, so the stored value opens this one connection and gives no other password away.
"""

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import F

from chuangwen.journal.operations import record
from chuangwen.people.models import AppToken, User
from chuangwen.rules.permissions import Actor
from chuangwen.rules.refusals import NotFound, Refused

REALM = "chuangwen"
_LETTERS = "abcdefghijkmnpqrstuvwxyz23456789"  # 32 that nobody mistakes for one another: five bits each
_LENGTH = 26
MOST = 5
_LOOKED_AT = 50


@dataclass(frozen=True)
class AppAccount:
    """Who may log in by app, by which stored values, and by which no longer."""

    user: User
    ha1: tuple[str, ...]
    revoked: tuple[str, ...] = ()


def ha1_of(username: str, password: str) -> str:
    """What is stored of a password, and what Digest reckons with."""
    return hashlib.md5(f"{username}:{REALM}:{password}".encode(), usedforsecurity=False).hexdigest()


@transaction.atomic
def issue_app_token(*, name: str, by: Actor, now: datetime) -> str:
    """A password for one phone; shown once. At most five phones at a time."""
    user = User.objects.select_for_update().filter(pk=by.user_id or 0, is_active=True).first()
    if user is None:
        raise Refused("请先登录。")
    objections = [] if name.strip() else ["请写明是哪台手机。"]
    if AppToken.objects.filter(user=user, revoked_at=None).count() >= MOST:
        objections.append(f"最多同时连接 {MOST} 台手机。请先断开不用的。")
    if objections:
        raise Refused(objections)
    password = "".join(secrets.choice(_LETTERS) for _ in range(_LENGTH))
    row = AppToken.objects.create(
        user=user, name=name.strip()[:60], ha1=ha1_of(user.username, password), created_at=now
    )
    record(
        kind="app_token.issued", subject_kind="user", subject_id=user.pk, by=by, now=now, token=row.pk, name=row.name
    )
    return password


@transaction.atomic
def revoke_app_token(*, token_id: int, by: Actor, now: datetime) -> None:
    """The phone is shut out at once."""
    if by.user_id is None:
        raise NotFound
    row = AppToken.objects.select_for_update().filter(pk=token_id, user_id=by.user_id).first()
    if row is None:
        raise NotFound
    if row.revoked_at is None:
        row.revoked_at = now
        row.save(update_fields=["revoked_at"])
        record(kind="app_token.revoked", subject_kind="user", subject_id=row.user_id, by=by, now=now, token=row.pk)


def app_tokens_of(user_id: int) -> Sequence[AppToken]:
    """A person's connections: those that work first, newest first."""
    rows = AppToken.objects.filter(user_id=user_id)
    return list(rows.order_by(F("revoked_at").desc(nulls_first=True), "-created_at"))


def app_account(username: str) -> AppAccount | None:
    """The account behind an app's user name; None when it is unknown, shut off or never had a connection."""
    rows = AppToken.objects.filter(user__username=username, user__is_active=True).select_related("user")
    tokens = list(rows.order_by("-pk")[:_LOOKED_AT])
    if not tokens:
        return None
    working = tuple(row.ha1 for row in tokens if row.revoked_at is None)
    return AppAccount(tokens[0].user, working, tuple(row.ha1 for row in tokens if row.revoked_at is not None))
