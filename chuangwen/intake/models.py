"""A report without a log-in: its case, its receipt number, and a telephone number for as long as it is needed."""

from typing import ClassVar

from django.db import models

from chuangwen.cases.models import Case
from chuangwen.people.models import Unit


class ResidentReport(models.Model):
    """What is kept beside the case. The number is forgotten after the case is done (operations.forget_phones).

    `unmasked`: the words as written, only where numbers in them are covered in the case; for whoever handles it, and
    forgotten with the telephone number. `same_key`: what makes two submissions the same one.
    """

    case = models.OneToOneField(Case, models.PROTECT, related_name="+")
    receipt = models.CharField("回执号", max_length=20, unique=True)
    phone = models.CharField("回访电话", max_length=20, blank=True)
    unmasked = models.TextField("原话", blank=True, default="")
    made_at = models.DateTimeField("提交时间")
    client_key = models.CharField(max_length=64, null=True, unique=True)
    same_key = models.CharField(max_length=80, null=True, unique=True)
    sender = models.CharField(max_length=64, blank=True, default="")

    class Meta:
        verbose_name = "群众反映"
        indexes: ClassVar = [
            models.Index(fields=["made_at"], condition=~models.Q(phone=""), name="resident_report_with_phone"),
            models.Index(fields=["made_at"], condition=~models.Q(unmasked=""), name="resident_report_unmasked"),
        ]

    def __str__(self) -> str:
        return f"{self.case_id}"


class Voice(models.Model):
    """我也遇到: somebody else has the same trouble. `digest` tells one browser from another, and nothing else."""

    case = models.ForeignKey(Case, models.PROTECT, related_name="+")
    receipt = models.CharField("回执号", max_length=20, unique=True)
    digest = models.CharField(max_length=64)
    made_at = models.DateTimeField("时间")

    class Meta:
        verbose_name = "我也遇到"
        constraints: ClassVar = [models.UniqueConstraint(fields=["case", "digest"], name="one_voice_a_browser")]

    def __str__(self) -> str:
        return f"{self.case_id}"


class Reopening(models.Model):
    """The reporter was not satisfied and said why: once a report. `earlier`: the answer that did not stand."""

    report = models.OneToOneField(ResidentReport, models.PROTECT, related_name="+")
    reason = models.CharField("理由", max_length=500)
    earlier = models.TextField("先前的答复", blank=True)
    made_at = models.DateTimeField("时间")

    class Meta:
        verbose_name = "要求重办"

    def __str__(self) -> str:
        return f"{self.report_id}"


class RecentSender(models.Model):
    """That somebody sent something within the last hour: a keyed digest of the address, never the address itself."""

    digest = models.CharField(max_length=64)
    sent_at = models.DateTimeField()

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["digest", "sent_at"], name="recent_sender"),
            models.Index(fields=["sent_at"], name="recent_sender_time"),
        ]

    def __str__(self) -> str:
        return f"{self.sent_at}"


class SpentProof(models.Model):
    """A puzzle that was solved once; it opens nothing a second time."""

    key = models.CharField(max_length=64, unique=True)
    spent_at = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return f"{self.spent_at}"


class Subscription(models.Model):
    """News of a street, a community, a kind of place or one's own report, by e-mail or to one browser.

    Nothing goes to an address that did not confirm; `token` is known only to whoever reads there.
    """

    email = models.EmailField("邮箱", blank=True)
    endpoint = models.URLField(max_length=600, blank=True)
    p256dh = models.CharField(max_length=120, blank=True)
    auth = models.CharField(max_length=40, blank=True)
    topic_key = models.CharField(max_length=128, unique=True)
    area = models.ForeignKey(Unit, models.PROTECT, null=True, related_name="+", verbose_name="街道或社区")
    point_type = models.CharField("地点类型", max_length=10, blank=True)
    report = models.ForeignKey(ResidentReport, models.PROTECT, null=True, related_name="+")
    token = models.CharField(max_length=43, unique=True)
    made_at = models.DateTimeField("登记时间")
    confirmed_at = models.DateTimeField("确认时间", null=True)
    asked_at = models.DateTimeField("确认信发出", null=True)
    told_until = models.DateTimeField("已告知到")
    try_at = models.DateTimeField("下次")
    tries = models.PositiveSmallIntegerField("失败次数", default=0)

    class Meta:
        verbose_name = "订阅"
        indexes: ClassVar = [models.Index(fields=["try_at", "id"], name="subscription_due")]

    def __str__(self) -> str:
        return f"{self.pk}"
