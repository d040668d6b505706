"""Proposals about reports and what people made of them; the index of troubles; models, topics, judged pairs."""

from typing import ClassVar

from django.db import models

from chuangwen.cases.models import Case
from chuangwen.people.models import Unit


class Target(models.TextChoices):
    CLASS = "class", "类别"
    POINT_TYPE = "point_type", "点位类型"
    URGENCY = "urgency", "紧急程度"


class Proposal(models.Model):
    """What the house thinks of a report. `offered`: by target a list of [value, probability, words]; `chosen`: what a
    person confirmed or put instead; it teaches the next model."""

    case = models.OneToOneField(Case, models.CASCADE, primary_key=True, related_name="+")
    offered = models.JSONField("建议")
    places = models.JSONField("地名")
    made_at = models.DateTimeField("提出时间")
    chosen = models.JSONField("确认", null=True)
    corrected = models.BooleanField("改过", default=False)
    decided_at = models.DateTimeField("确认时间", null=True)

    class Meta:
        verbose_name = "研判建议"
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(chosen=None, decided_at=None)
                | models.Q(chosen__isnull=False, decided_at__isnull=False),
                name="chosen_proposal_has_moment",
            )
        ]
        indexes: ClassVar = [
            models.Index(fields=["decided_at"], condition=models.Q(decided_at__isnull=False), name="triage_decided")
        ]

    def __str__(self) -> str:
        return f"{self.case_id}"


class TextClassifier(models.Model):
    """A trained model and its figures beside those of the model in use; it serves after a person approved it."""

    target = models.CharField("判断什么", max_length=12, choices=Target.choices)
    content = models.BinaryField("模型文件")
    texts = models.PositiveIntegerField("训练用的条数")
    figures = models.JSONField("在留出的确认上的成绩")
    made_at = models.DateTimeField("训练时间")
    approved_at = models.DateTimeField("起用时间", null=True)
    approved_by = models.CharField("起用人", max_length=80, blank=True)

    class Meta:
        verbose_name = "分类模型"
        ordering: ClassVar = ["-id"]

    def __str__(self) -> str:
        return f"{self.get_target_display()} {self.pk}"


class Mark(models.Model):
    """A report in the index of troubles: what it is compared by (rules/same_trouble.Signature)."""

    case = models.OneToOneField(Case, models.CASCADE, primary_key=True, related_name="+")
    signature = models.BinaryField()
    named = models.JSONField("地名")

    def __str__(self) -> str:
        return f"{self.case_id}"


class Posting(models.Model):
    """One of the heaviest pairs of characters of a report. No foreign key: sixteen million rows want one index only."""

    pair = models.BigIntegerField()
    report = models.BigIntegerField("案件")

    class Meta:
        indexes: ClassVar = [models.Index(fields=["pair", "-report"], name="triage_posting_pair")]

    def __str__(self) -> str:
        return f"{self.pair} {self.report}"


class PairCounts(models.Model):
    """In how many reports each pair of characters stands, counted anew now and then; the newest row serves."""

    reports = models.PositiveIntegerField()
    pairs = models.BinaryField()
    counts = models.BinaryField()
    made_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.made_at}"


class TopicRun(models.Model):
    """The hot topics of a branch over a period, worked out by the worker."""

    home = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name="范围")
    since = models.DateField("从")
    until = models.DateField("到")
    asked_at = models.DateTimeField("提出时间")
    finished_at = models.DateTimeField("算完时间", null=True)
    reports = models.PositiveIntegerField("反映", default=0)
    topics = models.JSONField(default=list)
    pairs = models.JSONField(default=list)  # fifty pairs to judge: [earlier case, later case, likeness]
    client_key = models.CharField(max_length=64, null=True, unique=True)

    class Meta:
        verbose_name = "热点"
        ordering: ClassVar = ["-id"]

    def __str__(self) -> str:
        return f"{self.since} {self.until}"


class PairVerdict(models.Model):
    """Whether two reports that were offered as the same trouble are; one judgement a pair, the last word counts."""

    earlier = models.ForeignKey(Case, models.CASCADE, related_name="+")
    later = models.ForeignKey(Case, models.CASCADE, related_name="+")
    same = models.BooleanField("同一件事")
    judged_at = models.DateTimeField("判断时间")

    class Meta:
        verbose_name = "成对判断"
        constraints: ClassVar = [models.UniqueConstraint(fields=["earlier", "later"], name="one_verdict_a_pair")]

    def __str__(self) -> str:
        return f"{self.earlier_id} {self.later_id}"
