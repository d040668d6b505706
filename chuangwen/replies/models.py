"""Reply: what a resident was told. Verdict: what they think of it."""

from typing import ClassVar

from django.db import models

from chuangwen.cases.models import Case
from chuangwen.intake.models import ResidentReport
from chuangwen.people.models import Unit, User


class ReplyKind(models.TextChoices):
    FINAL = "final", "办理结果"
    INTERIM = "interim", "进展告知"


class Reply(models.Model):
    """Sent, so it stays as it is. The page of the receipt shows the unit, never who wrote it."""

    case = models.ForeignKey(Case, models.PROTECT, related_name="+", verbose_name="案件")
    kind = models.CharField("种类", max_length=10, choices=ReplyKind.choices)
    text = models.TextField("答复")
    unit = models.ForeignKey(Unit, models.PROTECT, null=True, related_name="+", verbose_name="答复单位")
    passed_over = models.JSONField("不用答的点", default=list)
    sent_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name="发出人")
    sent_at = models.DateTimeField("发出时间")
    key = models.CharField(max_length=64, null=True, unique=True)

    class Meta:
        verbose_name = "答复"
        indexes: ClassVar = [models.Index(fields=["case", "id"], name="reply_case")]

    def __str__(self) -> str:
        return f"{self.case_id} {self.kind}"


class Satisfaction(models.TextChoices):
    YES = "yes", "满意"
    FAIR = "fair", "基本满意"
    NO = "no", "不满意"


class Verdict(models.Model):
    """In two taps: did somebody answer and is it solved; satisfied or not. One for each time that the work was done."""

    report = models.ForeignKey(ResidentReport, models.PROTECT, related_name="+")
    round = models.PositiveSmallIntegerField("第几次办理", default=0)
    unit = models.ForeignKey(Unit, models.PROTECT, null=True, related_name="+", verbose_name="责任单位")
    responded = models.BooleanField("有人联系或答复")
    solved = models.BooleanField("解决了")
    satisfied = models.CharField("满意", max_length=10, choices=Satisfaction.choices, blank=True, default="")
    on_time = models.BooleanField("按时", null=True)
    given_at = models.DateTimeField("评价时间")

    class Meta:
        verbose_name = "群众评价"
        constraints: ClassVar = [models.UniqueConstraint(fields=["report", "round"], name="one_verdict_a_round")]
        indexes: ClassVar = [models.Index(fields=["given_at", "unit"], name="verdict_period")]

    def __str__(self) -> str:
        return f"{self.report_id} {self.round}"
