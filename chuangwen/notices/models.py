"""Notice: what somebody should know. Delivery: one way out of the building for it. Message: deliveries that go as one.

`read` serves its owner's own list and is no moment: nothing here says when or how often anybody looked.
"""

from typing import ClassVar

from django.db import models

from chuangwen.people.models import User
from chuangwen.rules.notices import CHANNEL_LABELS, DIGEST_AT, QUIET_FROM, QUIET_TO, Channel, Pace

CHANNELS = [(channel.value, label) for channel, label in CHANNEL_LABELS.items()]


class Notice(models.Model):
    """To one person, or to the group chat of a unit (its code). `key` says what it follows from: a second time is no second notice."""

    user = models.ForeignKey(User, models.CASCADE, null=True, related_name="+", verbose_name="收件人")
    group = models.CharField("单位群", max_length=32, blank=True, default="")
    key = models.CharField("由来", max_length=100)
    what = models.CharField("事由", max_length=20)
    text = models.CharField("内容", max_length=200)
    matter_kind = models.CharField("对象类别", max_length=30)
    matter_id = models.BigIntegerField("对象编号")
    urgent = models.BooleanField("紧急", default=False)
    acts = models.BooleanField("须办理", default=True)
    due_at = models.DateTimeField("期限", null=True)
    made_at = models.DateTimeField("时间")
    read = models.BooleanField("已读", default=False)
    done_at = models.DateTimeField("已了结", null=True)

    class Meta:
        verbose_name = "通知"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["user", "key"], name="one_notice_a_person"),
            models.UniqueConstraint(fields=["group", "key"], condition=models.Q(user=None), name="one_notice_a_group"),
            models.CheckConstraint(
                condition=models.Q(user=None) & ~models.Q(group="") | models.Q(user__isnull=False, group=""),
                name="notice_has_one_receiver",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["user", "-id"], condition=models.Q(done_at=None), name="notice_open"),
            models.Index(fields=["user"], condition=models.Q(done_at=None, read=False), name="notice_unread"),
            models.Index(fields=["matter_kind", "matter_id"], condition=models.Q(done_at=None), name="notice_matter"),
            models.Index(fields=["done_at"], condition=models.Q(done_at__isnull=False), name="notice_done"),
        ]

    def __str__(self) -> str:
        return self.text


class Message(models.Model):
    """Deliveries of one channel to one receiver that leave as one. A worker that takes it has it until `next_try_at`;
    whoever takes it up after that sends the same key again.
    """

    channel = models.CharField("渠道", max_length=10, choices=CHANNELS)
    target = models.CharField("去向", max_length=40)
    key = models.CharField("标识", max_length=32, unique=True)
    made_at = models.DateTimeField("时间")
    tries = models.PositiveSmallIntegerField("试过", default=0)
    next_try_at = models.DateTimeField("下次再试")
    sent_at = models.DateTimeField("已发出", null=True)
    aside_at = models.DateTimeField("搁置", null=True)
    error = models.CharField("原因", max_length=300, blank=True, default="")

    class Meta:
        verbose_name = "外发消息"
        indexes: ClassVar = [
            models.Index(
                fields=["next_try_at", "id"], condition=models.Q(sent_at=None, aside_at=None), name="message_to_send"
            ),
            models.Index(fields=["-id"], condition=models.Q(aside_at__isnull=False), name="message_aside"),
        ]

    def __str__(self) -> str:
        return f"{self.channel} {self.key}"


class Delivery(models.Model):
    """A notice that leaves by one channel at a moment. A reminder has its day: there is one a day of each item."""

    notice = models.ForeignKey(Notice, models.CASCADE, related_name="deliveries")
    channel = models.CharField("渠道", max_length=10, choices=CHANNELS)
    target = models.CharField("去向", max_length=40)
    item = models.CharField("事项", max_length=60)
    urgent = models.BooleanField("紧急", default=False)
    send_at = models.DateTimeField("何时发出")
    reminder_day = models.DateField("提醒日", null=True)
    message = models.ForeignKey(Message, models.CASCADE, null=True, related_name="deliveries")
    dropped_at = models.DateTimeField("不必再发", null=True)  # the matter was done before it went out

    class Meta:
        verbose_name = "外发"
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["notice", "channel", "target"], condition=models.Q(reminder_day=None), name="one_first_delivery"
            ),
            models.UniqueConstraint(
                fields=["channel", "target", "item", "reminder_day"],
                condition=models.Q(reminder_day__isnull=False),
                name="one_reminder_a_day",
            ),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["send_at", "id"], condition=models.Q(message=None, dropped_at=None), name="delivery_waiting"
            )
        ]

    def __str__(self) -> str:
        return f"{self.channel} {self.item}"


class Gate(models.Model):
    """Until when nothing more goes to a receiver of a channel, or (with an empty target) by the whole channel."""

    channel = models.CharField(max_length=10)
    target = models.CharField(max_length=40, blank=True)
    opens_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["channel", "target"], name="one_gate")]

    def __str__(self) -> str:
        return f"{self.channel} {self.target}"


class Preference(models.Model):
    """How a person wants to hear. An empty pace is that of their posts."""

    user = models.OneToOneField(User, models.CASCADE, related_name="+")
    channels = models.JSONField("渠道", default=list)
    email = models.EmailField("邮箱", blank=True, default="")
    pace = models.CharField("快慢", max_length=10, choices=[(p.value, p.value) for p in Pace], blank=True, default="")
    digest_at = models.TimeField("汇总时间", default=DIGEST_AT)
    quiet_from = models.TimeField("免打扰起", default=QUIET_FROM)
    quiet_to = models.TimeField("免打扰止", default=QUIET_TO)
    quiet_on_rest_days = models.BooleanField("休息日免打扰", default=True)

    def __str__(self) -> str:
        return f"{self.user_id}"

    def has(self, channel: Channel) -> bool:
        """Whether the person chose this channel."""
        return channel.value in self.channels


class PushDevice(models.Model):
    """A browser of a person that takes pushes: where to, and the keys that only this browser can open."""

    user = models.ForeignKey(User, models.CASCADE, related_name="+")
    endpoint = models.URLField(max_length=600)
    digest = models.CharField(max_length=64, unique=True)
    p256dh = models.CharField(max_length=120)
    auth = models.CharField(max_length=40)
    made_at = models.DateTimeField("登记时间")

    def __str__(self) -> str:
        return f"{self.user_id}"
