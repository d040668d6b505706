"""Keys of programs that report for residents, what came in through them, and the data packages that were made."""

from typing import ClassVar

from django.db import models

from chuangwen.intake.models import ResidentReport


class ProgramKey(models.Model):
    """A key for a program of another house. It files reports of residents and can do nothing else; only its digest is kept."""

    name = models.CharField("程序", max_length=60)
    house = models.CharField("接入单位", max_length=80)
    digest = models.CharField(max_length=64, unique=True)
    hourly_limit = models.PositiveIntegerField("每小时最多", default=200)
    issued_at = models.DateTimeField("发放时间")
    issued_by = models.CharField("发放人", max_length=80)
    revoked_at = models.DateTimeField("作废时间", null=True)

    class Meta:
        verbose_name = "接入密钥"
        ordering: ClassVar = ["-id"]
        constraints: ClassVar = [
            models.CheckConstraint(condition=models.Q(hourly_limit__gte=1), name="program_key_lets_something_in")
        ]

    def __str__(self) -> str:
        return self.name


class ProgramReport(models.Model):
    """A resident's report that came through a program: which one, by which service. What it says is in the case."""

    report = models.OneToOneField(ResidentReport, models.PROTECT, related_name="+")
    key = models.ForeignKey(ProgramKey, models.PROTECT, related_name="reports")
    service_code = models.CharField("事项", max_length=20)
    media_url = models.URLField("所附图片的网址", max_length=500, blank=True)
    made_at = models.DateTimeField("提交时间")

    class Meta:
        verbose_name = "接入的反映"
        indexes: ClassVar = [models.Index(fields=["key", "made_at"], name="program_report_of_key")]

    def __str__(self) -> str:
        return f"{self.report_id}"


class DataPackage(models.Model):
    """A data package as it was made: anybody may take it."""

    made_at = models.DateTimeField("制作时间")
    path = models.CharField("文件", max_length=120)
    sha256 = models.CharField(max_length=64)
    size = models.PositiveBigIntegerField("字节")
    rows = models.JSONField("行数", default=dict)

    class Meta:
        verbose_name = "数据包"
        ordering: ClassVar = ["-id"]

    def __str__(self) -> str:
        return f"{self.made_at:%Y-%m-%d}"
