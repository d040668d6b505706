"""A report without a log-in: its case, its receipt number, and a telephone number for as long as it is needed."""

from typing import ClassVar

from django.db import models

from chuangwen.cases.models import Case


class ResidentReport(models.Model):
    """What is kept beside the case. The number is forgotten after the case is done (operations.forget_phones)."""

    case = models.OneToOneField(Case, models.PROTECT, related_name="+")
    receipt = models.CharField("回执号", max_length=20, unique=True)
    phone = models.CharField("回访电话", max_length=20, blank=True)
    made_at = models.DateTimeField("提交时间")
    client_key = models.CharField(max_length=64, null=True, unique=True)

    class Meta:
        verbose_name = "群众反映"
        indexes: ClassVar = [
            models.Index(fields=["made_at"], condition=~models.Q(phone=""), name="resident_report_with_phone")
        ]

    def __str__(self) -> str:
        return f"{self.case_id}"


class RecentSender(models.Model):
    """That somebody sent something within the last hour: a keyed digest of the address, never the address itself."""

    digest = models.CharField(max_length=64)
    sent_at = models.DateTimeField()

    class Meta:
        indexes: ClassVar = [models.Index(fields=["digest", "sent_at"], name="recent_sender")]

    def __str__(self) -> str:
        return f"{self.sent_at}"
