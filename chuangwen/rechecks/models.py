"""Re-checks: what was frozen and published, which numbers decided, who looks again at what, and what they saw.

Nothing here counts or marks a person: who looked first is kept, as with a visit, because somebody else has to look
second; agreement is worked out for criteria when a page asks for it and is stored nowhere.
"""

from typing import ClassVar

from django.db import models

from chuangwen.cases.models import Case
from chuangwen.evidence.models import Photo
from chuangwen.patrols.models import Verdict
from chuangwen.people.models import Unit, User
from chuangwen.places.models import Site
from chuangwen.standards.models import Criterion


class Draw(models.Model):
    """One draw: published with its list first, decided by numbers that nobody knew then. Never changed, never deleted."""

    scope = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name="范围")
    starts_on = models.DateField("样本起")
    ends_on = models.DateField("样本止")
    share = models.DecimalField("份额", max_digits=5, decimal_places=4)
    at_least_one = models.BooleanField("每街道至少一件", default=True)
    sources = models.JSONField("种子来源")
    announced_on = models.DateField("开奖日")
    snapshot = models.TextField("候选名单")
    sha256 = models.CharField("名单指纹", max_length=64)
    salt = models.CharField("封存用随机串", max_length=64)
    size = models.PositiveIntegerField("候选数")
    left_out = models.PositiveIntegerField("不能盲查而未列入", default=0)
    days_to_do = models.PositiveSmallIntegerField("复核时限（天）", default=7)
    published_at = models.DateTimeField("公布时间")
    published_by = models.CharField("公布人", max_length=80)
    client_key = models.CharField(max_length=64, null=True, unique=True)

    numbers = models.JSONField("开奖号码", null=True)
    numbers_from = models.CharField("号码出处", max_length=200, blank=True)
    drawn_at = models.DateTimeField("抽取时间", null=True)
    drawn_by = models.CharField("抽取人", max_length=80, blank=True)
    record = models.JSONField("公布的记录", null=True)
    cancelled_at = models.DateTimeField("作废时间", null=True)
    cancel_reason = models.CharField("作废理由", max_length=300, blank=True)

    class Meta:
        verbose_name = "抽查"
        ordering: ClassVar = ["-published_at", "-id"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["scope", "starts_on", "ends_on"],
                condition=models.Q(cancelled_at=None),
                name="one_living_draw_a_period",
            ),
            models.CheckConstraint(
                condition=models.Q(ends_on__gte=models.F("starts_on")), name="draw_ends_after_start"
            ),
            models.CheckConstraint(condition=models.Q(share__gt=0, share__lte=1), name="draw_share_is_a_share"),
            models.CheckConstraint(
                condition=models.Q(drawn_at=None, numbers=None, record=None)
                | models.Q(drawn_at__isnull=False, numbers__isnull=False, record__isnull=False),
                name="drawn_with_numbers_and_record",
            ),
            models.CheckConstraint(
                condition=models.Q(cancelled_at=None, cancel_reason="")
                | (models.Q(cancelled_at__isnull=False) & ~models.Q(cancel_reason="")),
                name="cancelled_draw_says_why",
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["-published_at", "-id"], name="draw_newest")]

    def __str__(self) -> str:
        return f"{self.scope.name} {self.starts_on}—{self.ends_on}"

    @property
    def state(self) -> str:
        """published, drawn or cancelled."""
        if self.cancelled_at is not None:
            return "cancelled"
        return "drawn" if self.drawn_at is not None else "published"


class CandidateKind(models.TextChoices):
    CASE = "case", "已结案件"
    VISIT = "visit", "全部合格的检查单"


class Candidate(models.Model):
    """One line of the frozen list; the number is all that the public sees of the case or visit behind it."""

    draw = models.ForeignKey(Draw, models.CASCADE, related_name="candidates")
    number = models.PositiveIntegerField("编号")
    kind = models.CharField("种类", max_length=6, choices=CandidateKind.choices)
    subject_id = models.BigIntegerField("对象编号")
    site = models.ForeignKey(Site, models.PROTECT, related_name="+", verbose_name="点位")
    criterion = models.ForeignKey(Criterion, models.PROTECT, null=True, related_name="+", verbose_name="标准条目")
    seal = models.CharField("封存值", max_length=64)
    position = models.PositiveIntegerField("抽中次序", null=True)

    class Meta:
        ordering: ClassVar = ["number"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["draw", "number"], name="one_candidate_a_number"),
            models.UniqueConstraint(fields=["draw", "kind", "subject_id"], name="one_candidate_a_subject"),
            models.UniqueConstraint(fields=["draw", "position"], name="one_candidate_a_position"),
            models.CheckConstraint(
                condition=models.Q(kind=CandidateKind.VISIT.value, criterion=None)
                | models.Q(kind=CandidateKind.CASE.value, criterion__isnull=False),
                name="a_case_is_looked_at_by_its_criterion",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.draw_id}/{self.number}"


class Task(models.Model):
    """A drawn candidate, to be looked at by somebody who had no part in it."""

    candidate = models.OneToOneField(Candidate, models.PROTECT, related_name="task")
    site = models.ForeignKey(Site, models.PROTECT, related_name="+", verbose_name="点位")
    first = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name="首次判定人")
    barred = models.ManyToManyField(User, related_name="+", verbose_name="须回避的人")
    inspector = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name="复核人")
    due_at = models.DateTimeField("复核期限")
    finished_at = models.DateTimeField("完成时间", null=True)
    withdrawn_at = models.DateTimeField("撤回时间", null=True)

    class Meta:
        verbose_name = "复核任务"
        ordering: ClassVar = ["due_at", "id"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(finished_at=None) | models.Q(inspector__isnull=False), name="finished_by_somebody"
            ),
            models.CheckConstraint(
                condition=models.Q(finished_at=None) | models.Q(withdrawn_at=None), name="finished_or_withdrawn"
            ),
            models.CheckConstraint(
                condition=models.Q(first=None) | models.Q(inspector=None) | ~models.Q(first=models.F("inspector")),
                name="second_is_not_the_first",
            ),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["inspector", "due_at"],
                condition=models.Q(finished_at=None, withdrawn_at=None),
                name="recheck_open",
            ),
            models.Index(fields=["finished_at"], name="recheck_finished"),
        ]

    def __str__(self) -> str:
        return f"{self.candidate_id}"

    @property
    def is_open(self) -> bool:
        """Still to be done."""
        return self.finished_at is None and self.withdrawn_at is None


class Second(models.Model):
    """One criterion of a task: what the first look said, and the second one when it has been made."""

    task = models.ForeignKey(Task, models.CASCADE, related_name="verdicts")
    criterion = models.ForeignKey(Criterion, models.PROTECT, related_name="+")
    first_verdict = models.CharField("首次判定", max_length=4, choices=Verdict.choices)
    verdict = models.CharField("复核判定", max_length=4, choices=Verdict.choices, blank=True)
    note = models.CharField("说明", max_length=500, blank=True)
    found_at = models.DateTimeField("判定时间", null=True)
    client_key = models.CharField(max_length=64, null=True, unique=True)
    case = models.ForeignKey(Case, models.PROTECT, null=True, related_name="+")

    class Meta:
        verbose_name = "复核判定"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["task", "criterion"], name="one_second_verdict_a_criterion"),
            models.CheckConstraint(
                condition=models.Q(verdict="", found_at=None)
                | (~models.Q(verdict="") & models.Q(found_at__isnull=False)),
                name="second_verdict_has_time",
            ),
            models.CheckConstraint(
                condition=models.Q(case=None) | models.Q(verdict=Verdict.FAIL.value), name="case_of_a_failed_second"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.criterion_id} {self.verdict}"


class SecondPhoto(models.Model):
    """A photo as evidence of a second verdict."""

    second = models.ForeignKey(Second, models.CASCADE, related_name="photos")
    photo = models.ForeignKey(Photo, models.PROTECT, related_name="+")

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["second", "photo"], name="one_photo_a_second")]

    def __str__(self) -> str:
        return f"{self.second_id}"
