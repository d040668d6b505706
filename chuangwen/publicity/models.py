"""Events of the publicity calendar, and news with its pictures and the people it names."""

from typing import ClassVar

from django.db import models

from chuangwen.evidence.models import Photo
from chuangwen.people.models import Unit, User
from chuangwen.rules.publicity import Audience, BriefStatus, Consent

_AUDIENCES = sorted(audience.value for audience in Audience)
_STATUSES = sorted(status.value for status in BriefStatus)


class Outreach(models.Model):
    """One event of the calendar: for whom, who holds it, when and where. How many came belongs to the event alone."""

    title = models.CharField("名称", max_length=80)
    audience = models.CharField("对象", max_length=12, choices=[(one.value, one.label) for one in Audience])
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name="主办单位")
    place = models.CharField("地点或渠道", max_length=120, blank=True)
    note = models.CharField("内容", max_length=500, blank=True)
    starts_on = models.DateField("开始")
    ends_on = models.DateField("结束")
    reached = models.PositiveIntegerField("到场或收到人数（估）", null=True)
    held_at = models.DateTimeField("登记举办时间", null=True)
    cancelled_at = models.DateTimeField("取消时间", null=True)
    cancel_reason = models.CharField("取消原因", max_length=200, blank=True)
    created_at = models.DateTimeField("安排时间")
    version = models.PositiveIntegerField("修订", default=1)
    client_key = models.CharField(max_length=64, null=True, unique=True)

    class Meta:
        verbose_name = "宣传安排"
        ordering: ClassVar = ["starts_on", "id"]
        constraints: ClassVar = [
            models.CheckConstraint(condition=models.Q(audience__in=_AUDIENCES), name="outreach_audience_known"),
            models.CheckConstraint(
                condition=models.Q(ends_on__gte=models.F("starts_on")), name="outreach_ends_after_start"
            ),
            models.CheckConstraint(
                condition=models.Q(held_at=None) | models.Q(cancelled_at=None), name="outreach_held_or_cancelled"
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["starts_on", "id"], name="outreach_by_day")]

    def __str__(self) -> str:
        return self.title


class Brief(models.Model):
    """新闻简讯. Drafted out of a campaign or a case (`origin_kind`, `origin_id`) or from nothing."""

    status = models.CharField(
        "状态", max_length=12, choices=[(one.value, one.label) for one in BriefStatus], default=BriefStatus.DRAFT.value
    )
    title = models.CharField("标题", max_length=80)
    body = models.TextField("正文", blank=True)
    byline = models.CharField("供稿", max_length=80, blank=True)
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name="供稿单位")
    audience = models.CharField("对象", max_length=12, blank=True)
    origin_kind = models.CharField("来自", max_length=12, blank=True)
    origin_id = models.BigIntegerField("来自编号", null=True)
    writers = models.ManyToManyField(User, related_name="+", verbose_name="写过它的人")
    created_at = models.DateTimeField("起草时间")
    created_by = models.CharField("起草人", max_length=80)
    submitted_at = models.DateTimeField("交审时间", null=True)
    review_note = models.CharField("审稿意见", max_length=500, blank=True)
    reviewed_by = models.CharField("审稿人", max_length=80, blank=True)
    published_at = models.DateTimeField("发布时间", null=True)
    withdrawn_at = models.DateTimeField("撤下时间", null=True)
    withdraw_reason = models.CharField("撤下原因", max_length=200, blank=True)
    version = models.PositiveIntegerField("修订", default=1)
    client_key = models.CharField(max_length=64, null=True, unique=True)

    class Meta:
        verbose_name = "新闻简讯"
        ordering: ClassVar = ["-id"]
        constraints: ClassVar = [
            models.CheckConstraint(condition=models.Q(status__in=_STATUSES), name="brief_status_known"),
            models.CheckConstraint(
                condition=~models.Q(status=BriefStatus.PUBLISHED.value)
                | (models.Q(published_at__isnull=False) & ~models.Q(reviewed_by="")),
                name="published_brief_was_reviewed",
            ),
            models.CheckConstraint(
                condition=models.Q(withdrawn_at=None, withdraw_reason="")
                | (models.Q(withdrawn_at__isnull=False) & ~models.Q(withdraw_reason="")),
                name="withdrawn_brief_has_reason",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["status", "-published_at", "-id"], name="brief_status_newest"),
            models.Index(fields=["origin_kind", "origin_id"], name="brief_origin"),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def flow_status(self) -> BriefStatus:
        """The status as the rules know it."""
        return BriefStatus(self.status)


class BriefPhoto(models.Model):
    """A picture of a piece of news. Residents see its public copy and never the picture itself."""

    brief = models.ForeignKey(Brief, models.CASCADE, related_name="pictures")
    photo = models.ForeignKey(Photo, models.PROTECT, related_name="+")
    caption = models.CharField("图片说明", max_length=120, blank=True)
    position = models.PositiveSmallIntegerField("次序", default=0)

    class Meta:
        ordering: ClassVar = ["position", "id"]
        constraints: ClassVar = [models.UniqueConstraint(fields=["brief", "photo"], name="one_photo_a_brief")]

    def __str__(self) -> str:
        return self.caption


class BriefName(models.Model):
    """A name in a piece of news: that the person agreed, how and when; or that it is no person's name."""

    brief = models.ForeignKey(Brief, models.CASCADE, related_name="names")
    name = models.CharField("姓名", max_length=20)
    consent = models.CharField("依据", max_length=10, choices=[(one.value, one.label) for one in Consent])
    how = models.CharField("何时怎样同意", max_length=100, blank=True)

    class Meta:
        ordering: ClassVar = ["id"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["brief", "name"], name="one_consent_a_name"),
            models.CheckConstraint(
                condition=~models.Q(consent=Consent.AGREED.value) | ~models.Q(how=""), name="consent_says_how"
            ),
        ]

    def __str__(self) -> str:
        return self.consent
