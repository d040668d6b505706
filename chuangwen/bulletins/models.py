"""Papers: drafted from figures, edited by people, frozen when released."""

from typing import ClassVar

from django.db import models

from chuangwen.journal.models import spelt
from chuangwen.people.models import Unit
from chuangwen.scores.models import ScoreSheet


class PaperKind(models.TextChoices):
    DAILY = "daily", "日巡查简报"
    WEEKLY = "weekly", "周通报"
    MONTHLY = "monthly", "月排名"


# What a number begins with; each kind counts its own numbers from 1 every year.
SERIES: dict[str, str] = {
    PaperKind.DAILY: "创文简报",
    PaperKind.WEEKLY: "创文通报",
    PaperKind.MONTHLY: "创文排名",
}


class Paper(models.Model):
    """通报: a snapshot of figures in words. A draft has no number; a released one never changes.

    `sections`: list of {heading, paragraphs, tables}, a table being {key, caption, columns, rows, total, rates, minus}.
    `figures`: list of {key, label, value, text, check, section, adds, minus, ratio, column, signed}; see bulletins/writing.py.
    """

    kind = models.CharField("种类", max_length=10, choices=PaperKind.choices)
    scope = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name="范围")
    issuer = models.CharField("发文单位", max_length=80)
    year = models.PositiveSmallIntegerField("年份", null=True)
    serial = models.PositiveIntegerField("期号", null=True)
    title = models.CharField("标题", max_length=160)
    starts_on = models.DateField("本期起")
    ends_on = models.DateField("本期止")
    sections = models.JSONField("正文", default=list)
    figures = models.JSONField("数字", default=list)
    sheet = models.ForeignKey(ScoreSheet, models.PROTECT, null=True, related_name="+", verbose_name="得分表")
    drafted_at = models.DateTimeField("起草时间")
    drafted_by = models.CharField("起草人", max_length=80)
    edited_at = models.DateTimeField("修改时间", null=True)
    edited_by = models.CharField("修改人", max_length=80, blank=True)
    released_at = models.DateTimeField("发布时间", null=True)
    released_by = models.CharField("发布人", max_length=80, blank=True)
    trace_size = models.BigIntegerField("留痕条数", null=True)
    trace_root = models.CharField("留痕根值", max_length=64, blank=True, default="")
    version = models.PositiveIntegerField("修订", default=1)

    class Meta:
        verbose_name = "通报"
        ordering: ClassVar = ["-ends_on", "-id"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["scope", "kind", "starts_on"], name="one_paper_a_period"),
            models.UniqueConstraint(fields=["scope", "kind", "year", "serial"], name="one_paper_a_number"),
            models.CheckConstraint(
                condition=models.Q(ends_on__gte=models.F("starts_on")), name="paper_ends_after_start"
            ),
            models.CheckConstraint(
                condition=models.Q(released_at=None, released_by="", year=None, serial=None)
                | (
                    models.Q(released_at__isnull=False, year__isnull=False, serial__isnull=False)
                    & ~models.Q(released_by="")
                ),
                name="released_paper_has_number_and_person",
            ),
            models.CheckConstraint(
                condition=models.Q(trace_size=None, trace_root="")
                | (models.Q(trace_size__isnull=False, released_at__isnull=False) & ~models.Q(trace_root="")),
                name="paper_root_whole_and_released",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["scope", "-ends_on", "-id"], name="paper_scope_newest"),
            models.Index(fields=["-released_at", "-id"], name="paper_released_newest"),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def number(self) -> str:
        """创文通报〔2020〕第12期; a draft has none."""
        return f"{SERIES[self.kind]}〔{self.year}〕第{self.serial}期" if self.serial else ""

    @property
    def trace(self) -> str:
        """The root of the journal's log that a released paper carries, in groups of eight that can be read aloud."""
        return spelt(self.trace_root)

    @property
    def is_released(self) -> bool:
        """Released papers never change."""
        return self.released_at is not None


class FinalCopy(models.Model):
    """定稿: the words and figures of an order, a whistle sheet or an accountability file as a second person froze them.

    The thing itself may go on; a copy never changes, and a later one stands beside it with the next number. `content` is
    the paper (rules/paper_record.py), `digest` its SHA-256, which the journal keeps as well.
    """

    subject_kind = models.CharField("种类", max_length=20)
    subject_id = models.BigIntegerField("对象编号")
    serial = models.PositiveSmallIntegerField("第几次")
    content = models.JSONField("内容")
    digest = models.CharField("校验值", max_length=64)
    made_at = models.DateTimeField("定稿时间")
    made_by = models.CharField("定稿人", max_length=80)
    trace_size = models.BigIntegerField("留痕条数", null=True)
    trace_root = models.CharField("留痕根值", max_length=64, blank=True, default="")

    class Meta:
        verbose_name = "定稿"
        ordering: ClassVar = ["-serial"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["subject_kind", "subject_id", "serial"], name="one_final_copy_a_number"),
        ]

    def __str__(self) -> str:
        return f"第 {self.serial} 次定稿"
