"""What may be asked of a role in a month, what was claimed of it, and what routine work takes.

Everything here is of a role in a branch; nothing is of a person, and nothing says what anybody did in the system.
"""

from typing import ClassVar

from django.db import models

from chuangwen.people.models import Unit
from chuangwen.rules.burden import TASKS
from chuangwen.rules.permissions import Role

_ROLES = [(role.value, role.label) for role in Role]


class Minutes(models.Model):
    """The standard minutes of one kind of task, where the office set others than the first ones."""

    task = models.CharField("种类", max_length=10, unique=True, choices=[(task.value, task.label) for task in TASKS])
    minutes = models.DecimalField("标准分钟", max_digits=6, decimal_places=1)
    source = models.CharField("依据", max_length=200)
    set_at = models.DateTimeField("设定时间")
    set_by = models.CharField("设定人", max_length=80)

    class Meta:
        verbose_name = "标准分钟"
        constraints: ClassVar = [
            models.CheckConstraint(condition=models.Q(minutes__gte=0), name="minutes_not_below_zero")
        ]

    def __str__(self) -> str:
        return f"{self.task} {self.minutes}"


class Budget(models.Model):
    """The most that may be asked of everybody with one role together, in one month. `month`: its first day."""

    home = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name="范围")
    role = models.CharField("岗位", max_length=20, choices=_ROLES)
    month = models.DateField("月份")
    minutes = models.PositiveIntegerField("上限（分钟）")
    set_at = models.DateTimeField("设定时间")
    set_by = models.CharField("设定人", max_length=80)
    version = models.PositiveIntegerField("修订", default=1)

    class Meta:
        verbose_name = "工作量上限"
        constraints: ClassVar = [models.UniqueConstraint(fields=["home", "role", "month"], name="one_budget_a_month")]

    def __str__(self) -> str:
        return f"{self.role} {self.month} {self.minutes}"


class Claim(models.Model):
    """What a campaign or a supervision task asks of one role in one month, stated when it started.

    `overruled`: why the office's chief let it start although it did not fit; shown to everybody.
    """

    home = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name="范围")
    subject_kind = models.CharField("由什么提出", max_length=30)
    subject_id = models.BigIntegerField("编号")
    title = models.CharField("名称", max_length=120)
    role = models.CharField("岗位", max_length=20, choices=_ROLES)
    month = models.DateField("月份")
    minutes = models.PositiveIntegerField("分钟")
    forms = models.PositiveIntegerField("表单", default=0)
    photos = models.PositiveIntegerField("照片", default=0)
    meetings = models.PositiveIntegerField("会议", default=0)
    why = models.CharField("怎样算的", max_length=300, blank=True)
    overruled = models.CharField("超出上限仍启动的理由", max_length=300, blank=True)
    claimed_at = models.DateTimeField("提出时间")
    claimed_by = models.CharField("提出人", max_length=80)
    given_back_at = models.DateTimeField("退回时间", null=True)

    class Meta:
        verbose_name = "工作量占用"
        ordering: ClassVar = ["id"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["subject_kind", "subject_id", "role", "month"], name="one_claim_a_role_and_month"
            )
        ]
        indexes: ClassVar = [models.Index(fields=["month", "home"], name="claim_month")]

    def __str__(self) -> str:
        return f"{self.subject_kind} {self.subject_id} {self.role}"


class Reading(models.Model):
    """What routine work asks of one role in one month, as last read; the night's work renews it."""

    home = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name="范围")
    role = models.CharField("岗位", max_length=20, choices=_ROLES)
    month = models.DateField("月份")
    minutes = models.PositiveIntegerField("分钟")
    read_at = models.DateTimeField("读数时间")

    class Meta:
        verbose_name = "日常工作量读数"
        constraints: ClassVar = [models.UniqueConstraint(fields=["home", "role", "month"], name="one_reading_a_month")]

    def __str__(self) -> str:
        return f"{self.role} {self.month} {self.minutes}"
