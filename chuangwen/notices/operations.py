"""What people do with notices: read them, say how they want to hear, look after what could not be sent."""

import hashlib
import uuid
from collections.abc import Iterable
from datetime import datetime, time

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction

from chuangwen.journal.operations import record
from chuangwen.notices.addresses import push_objections
from chuangwen.notices.channels import live, robots_of
from chuangwen.notices.models import Delivery, Message, Notice, Preference, PushDevice
from chuangwen.notices.queries import receivers
from chuangwen.rules.deadlines import SHANGHAI
from chuangwen.rules.notices import CHANNEL_LABELS, PERSONAL, ROBOTS, Channel, Pace
from chuangwen.rules.permissions import Actor, Permission, may
from chuangwen.rules.refusals import NotFound, Refused

MOST_DEVICES = 10


def _read(rows: "list[int]", now: datetime) -> int:
    """Those for information are done with being read; those that ask for something stay until it is done."""
    changed = Notice.objects.filter(pk__in=rows, read=False).update(read=True)
    Notice.objects.filter(pk__in=rows, acts=False, done_at=None).update(done_at=now)
    return changed


@transaction.atomic
def mark_read(*, notice_id: int, by: Actor, now: datetime) -> Notice:
    """The own notice was opened. Somebody else's looks like an unknown one."""
    notice = Notice.objects.filter(pk=notice_id, user_id=by.user_id or 0).first()
    if notice is None:
        raise NotFound("这条通知已经不在了。")
    _read([notice.pk], now)
    return notice


@transaction.atomic
def mark_all_read(*, by: Actor, now: datetime) -> int:
    """Everything in the own inbox up to this moment was seen. Returns how many were new."""
    mine = Notice.objects.filter(user_id=by.user_id or 0, done_at=None, made_at__lte=now)
    return _read(list(mine.values_list("pk", flat=True)), now)


@transaction.atomic
def matter_opened(*, matter_kind: str, matter_id: int, by: Actor, now: datetime) -> None:
    """The person followed a link to this matter: their notices on it are read."""
    mine = Notice.objects.filter(
        user_id=by.user_id or 0, matter_kind=matter_kind, matter_id=matter_id, done_at=None, read=False
    )
    _read(list(mine.values_list("pk", flat=True)), now)


def _objections(channels: set[str], email: str, pace: str, by: Actor) -> list[str]:
    found = [] if by.user_id is not None else ["请先登录。"]
    if channels - {channel.value for channel in PERSONAL}:
        found.append("有不认识的渠道，请重新勾选。")
    if pace not in {"", *(p.value for p in Pace)}:
        found.append("请选“随时”“每天汇总”或“按岗位”。")
    if Channel.EMAIL.value in channels and not email:
        found.append("要用电子邮件，请填写邮箱。")
    if email:
        try:
            validate_email(email)
        except ValidationError:
            found.append("邮箱看不懂，请写成 name@example.gov.cn 的样子。")
    return found


@transaction.atomic
def save_preference(
    *,
    channels: Iterable[str],
    email: str,
    pace: str,
    digest_at: time | None,
    quiet_from: time | None,
    quiet_to: time | None,
    quiet_on_rest_days: bool,
    by: Actor,
    now: datetime,
) -> Preference:
    """How the person wants to hear from now on. Refuses with every objection."""
    wanted, email = set(channels), email.strip()
    found = _objections(wanted, email, pace, by)
    if digest_at is None or quiet_from is None or quiet_to is None:
        found.append("时间请写成 08:30 的样子。")
    if found or digest_at is None or quiet_from is None or quiet_to is None or by.user_id is None:
        raise Refused(found)
    row = Preference.objects.filter(user_id=by.user_id).first() or Preference(user_id=by.user_id)
    row.channels, row.email, row.pace = sorted(wanted), email, pace
    row.digest_at, row.quiet_from, row.quiet_to = digest_at, quiet_from, quiet_to
    row.quiet_on_rest_days = quiet_on_rest_days
    row.save()
    record(kind="notice.preference", subject_kind="user", subject_id=by.user_id, by=by, now=now, channels=row.channels)
    return row


@transaction.atomic
def add_device(*, endpoint: str, p256dh: str, auth: str, by: Actor, now: datetime) -> PushDevice:
    """A browser of this person takes pushes from now on; the same browser again changes hands. Refuses unknown services."""
    found = push_objections(endpoint=endpoint, p256dh=p256dh, auth=auth, allowed=settings.NOTICE_HOSTS)
    digest = hashlib.sha256(endpoint.encode()).hexdigest()
    others = PushDevice.objects.filter(user_id=by.user_id or 0).exclude(digest=digest)
    if others.count() >= MOST_DEVICES:
        found.append(f"最多登记 {MOST_DEVICES} 个浏览器，请先停用不用的。")
    if found or by.user_id is None:
        raise Refused(found or ["请先登录。"])
    row, _ = PushDevice.objects.update_or_create(
        digest=digest,
        defaults={"user_id": by.user_id, "endpoint": endpoint, "p256dh": p256dh, "auth": auth, "made_at": now},
    )
    record(kind="notice.device_added", subject_kind="user", subject_id=by.user_id, by=by, now=now, device=row.pk)
    return row


@transaction.atomic
def drop_device(*, device_id: int, by: Actor, now: datetime) -> None:
    """This browser gets nothing any more."""
    row = PushDevice.objects.filter(pk=device_id, user_id=by.user_id or 0).first()
    if row is None:
        raise NotFound("这个浏览器已经停用。")
    record(kind="notice.device_dropped", subject_kind="user", subject_id=by.user_id or 0, by=by, now=now, device=row.pk)
    row.delete()


@transaction.atomic
def ask_test(*, channel: str, by: Actor, now: datetime) -> Notice:
    """A message to oneself by this channel, at once, to see whether it arrives. Refuses what could not arrive."""
    if not may(by, Permission.OUTBOX_SEE) or by.user_id is None:
        raise Refused("试发由系统管理员办理。")
    kind = next((c for c in live() if c.value == channel), None)
    if kind is None:
        raise Refused("这个渠道没有接通，请先在设置里配置（见 docs/settings.md）。")
    if kind in ROBOTS:
        targets = [code for path in by.unit_paths() for found, code in robots_of(path) if found is kind][:1]
    else:
        targets = list(receivers([by.user_id], now.astimezone(SHANGHAI).date())[by.user_id].targets.get(kind, ()))
    if not targets:
        raise Refused("没有您的收件地址：邮箱和手机推送请先在“通知设置”里登记，机器人请先给您的单位配置。")
    notice = Notice.objects.create(
        user_id=by.user_id, key=f"test.{uuid.uuid4().hex}", what="试发", matter_kind="test", matter_id=by.user_id,
        text=f"这是一条试发的消息（{CHANNEL_LABELS[kind]}），收到就说明接通了。", urgent=True, acts=False, made_at=now,
    )  # fmt: skip
    rows = [
        Delivery(notice=notice, channel=kind.value, target=target, item=notice.key[:60], urgent=True, send_at=now)
        for target in targets
    ]
    Delivery.objects.bulk_create(rows)
    record(kind="notice.test", subject_kind="user", subject_id=by.user_id, by=by, now=now, channel=kind.value)
    return notice


@transaction.atomic
def try_again(*, message_id: int, by: Actor, now: datetime) -> Message:
    """The reason is gone: what was set aside goes to the workers once more, with its old key and all its tries."""
    message = Message.objects.select_for_update().filter(pk=message_id).first()
    if message is None:
        raise NotFound("这条消息已经不在了。")
    if not may(by, Permission.OUTBOX_SEE):
        raise Refused("重发由系统管理员办理。")
    if message.sent_at is not None or message.aside_at is None:
        raise Refused("这条消息没有被搁置，可能已经发出，或正在自动重试。")
    message.aside_at, message.tries, message.next_try_at = None, 0, now
    message.save(update_fields=["aside_at", "tries", "next_try_at"])
    record(kind="notice.tried_again", subject_kind="message", subject_id=message.pk, by=by, now=now)
    return message
