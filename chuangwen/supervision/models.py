"""Supervision: a task with its scope and team, what was noted, what became of it, and the report.

Nothing of a secret task reaches the supervised before it is disclosed; see docs/decisions/0011-supervision.md.
"""

from typing import Any, ClassVar

from django.db import models

from chuangwen.cases.models import Case
from chuangwen.evidence.models import Photo
from chuangwen.patrols.models import Patrol
from chuangwen.people.models import Unit, User
from chuangwen.places.models import Area, Site
from chuangwen.rules.supervision import REPEAT_LABELS, Repeat, Window
from chuangwen.standards.models import Edition


class TaskKind(models.TextChoices):
    LEADER = "leader", "领导督查"
    SPECIAL = "special", "专项督查"
    FOLLOW_UP = "follow_up", "跟踪督查"
    REGULAR = "regular", "定期督查"
    VISIT = "visit", "明察暗访"


class TaskStatus(models.TextChoices):
    DRAFT = "draft", "待下达"
    RUNNING = "running", "进行中"
    CLOSED = "closed", "已销号"
    DROPPED = "dropped", "已取消"


class Task(models.Model):
    """A supervision task (督查任务). `home`: the branch in which it was ordered; who reaches all of it may see it.

    `disclosed_at`: from when the supervised may know; at the order for an open task, at its release for a secret one.
    A regular task is one turn of a series; the first has turn 0 and no `series`.
    """

    kind = models.CharField("类别", max_length=10, choices=TaskKind.choices)
    title = models.CharField("名称", max_length=120)
    basis = models.CharField("依据", max_length=300, blank=True)
    questions = models.TextField("督查内容", blank=True)
    edition = models.ForeignKey(Edition, models.PROTECT, null=True, related_name="+", verbose_name="测评标准")
    home = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name="督查范围所属")
    units = models.ManyToManyField(Unit, related_name="+", verbose_name="被督查单位")
    areas = models.ManyToManyField(Area, related_name="+", verbose_name="区域")
    sites = models.ManyToManyField(Site, related_name="+", verbose_name="点位")
    point_types = models.JSONField("点位类型", default=list)
    team = models.ManyToManyField(User, related_name="+", verbose_name="督查组")
    starts_at = models.DateTimeField("开始")
    ends_at = models.DateTimeField("结束")
    secret = models.BooleanField("保密", default=False)
    disclosed_at = models.DateTimeField("公布时间", null=True)
    status = models.CharField("状态", max_length=10, choices=TaskStatus.choices, default=TaskStatus.DRAFT)
    repeat = models.CharField(
        "重复", max_length=10, choices=[(r.value, words) for r, words in REPEAT_LABELS.items()], blank=True, default=""
    )
    series = models.ForeignKey("self", models.PROTECT, null=True, related_name="turns", verbose_name="系列")
    turn = models.PositiveIntegerField("第几次", default=0)
    follows = models.ForeignKey("self", models.PROTECT, null=True, related_name="follow_ups", verbose_name="跟踪的督查")
    followed_cases = models.ManyToManyField(Case, related_name="+", verbose_name="跟踪的案件")
    followed_remarks: "models.ManyToManyField[Remark, Any]" = models.ManyToManyField(
        "Remark", related_name="+", verbose_name="跟踪的意见"
    )
    patrols = models.ManyToManyField(Patrol, related_name="+", verbose_name="巡查")
    left_open = models.CharField("未办完而销号的理由", max_length=500, blank=True)
    created_at = models.DateTimeField("创建时间")
    created_by = models.CharField("创建人", max_length=80)
    ordered_at = models.DateTimeField("下达时间", null=True)
    ended_at = models.DateTimeField("销号时间", null=True)
    client_key = models.CharField(max_length=64, null=True, unique=True)
    version = models.PositiveIntegerField("修订", default=1)

    class Meta:
        verbose_name = "督查任务"
        ordering: ClassVar = ["-starts_at", "-id"]
        constraints: ClassVar = [
            models.CheckConstraint(condition=models.Q(ends_at__gt=models.F("starts_at")), name="task_ends_after_start"),
            models.UniqueConstraint(fields=["series", "turn"], name="one_task_a_turn"),
            models.CheckConstraint(
                condition=~models.Q(status=TaskStatus.DRAFT.value) | models.Q(ordered_at=None, disclosed_at=None),
                name="draft_task_is_not_known",
            ),
            models.CheckConstraint(
                condition=models.Q(repeat="") | models.Q(kind=TaskKind.REGULAR.value), name="only_regular_tasks_repeat"
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["home", "-starts_at", "-id"], name="task_home_newest"),
            models.Index(fields=["status", "-starts_at"], name="task_status"),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def concealed(self) -> bool:
        """Whether the supervised must not notice it."""
        return self.disclosed_at is None

    @property
    def window(self) -> Window:
        """From when to when."""
        return Window(self.starts_at, self.ends_at)

    @property
    def repeats(self) -> Repeat:
        """How often it comes round, as the rules know it."""
        return Repeat(self.repeat)

    @property
    def is_open(self) -> bool:
        """Not closed and not dropped."""
        return self.status in {TaskStatus.DRAFT, TaskStatus.RUNNING}


class RemarkState(models.TextChoices):
    RAW = "raw", "待整理"
    CASE = "case", "已立案"
    SENT = "sent", "待答复"
    ANSWERED = "answered", "待评定"
    ACCEPTED = "accepted", "已销号"
    DROPPED = "dropped", "不再跟踪"


OPEN_REMARKS = (RemarkState.RAW.value, RemarkState.SENT.value, RemarkState.ANSWERED.value)


class Remark(models.Model):
    """What somebody of the team saw: noted in a few words, then made a case, or put to a unit that must answer."""

    task = models.ForeignKey(Task, models.PROTECT, related_name="remarks")
    state = models.CharField("状态", max_length=10, choices=RemarkState.choices, default=RemarkState.RAW)
    text = models.CharField("情况", max_length=500)
    unit = models.ForeignKey(Unit, models.PROTECT, null=True, related_name="+", verbose_name="责任单位")
    site = models.ForeignKey(Site, models.PROTECT, null=True, related_name="+", verbose_name="点位")
    place = models.CharField("位置", max_length=200, blank=True)
    deadline = models.DateTimeField("期限", null=True)
    case = models.OneToOneField(Case, models.PROTECT, null=True, related_name="+", verbose_name="案件")
    noted_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name="记录人")
    noted_at = models.DateTimeField("记录时间")
    sent_at = models.DateTimeField("交办时间", null=True)
    answer = models.CharField("答复", max_length=1000, blank=True)
    answered_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name="答复人")
    answered_at = models.DateTimeField("答复时间", null=True)
    judged_at = models.DateTimeField("评定时间", null=True)
    judged_note = models.CharField("评定意见", max_length=500, blank=True)
    returned = models.PositiveSmallIntegerField("重新答复次数", default=0)
    client_key = models.CharField(max_length=64, null=True, unique=True)
    version = models.PositiveIntegerField("修订", default=1)

    class Meta:
        verbose_name = "督查意见"
        ordering: ClassVar = ["id"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(state=RemarkState.CASE.value, case__isnull=False)
                | (~models.Q(state=RemarkState.CASE.value) & models.Q(case=None)),
                name="remark_case_when_it_became_one",
            ),
            models.CheckConstraint(
                condition=~models.Q(state__in=sorted([RemarkState.SENT.value, RemarkState.ANSWERED.value]))
                | models.Q(unit__isnull=False, deadline__isnull=False, sent_at__isnull=False),
                name="sent_remark_has_unit_and_deadline",
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["unit", "state", "deadline"], name="remark_unit_work")]

    def __str__(self) -> str:
        return self.text[:30]

    @property
    def is_open(self) -> bool:
        """Somebody still has to do something."""
        return self.state in OPEN_REMARKS


class RemarkPhoto(models.Model):
    """A photo of what was seen, or of what was done about it."""

    remark = models.ForeignKey(Remark, models.CASCADE, related_name="photos")
    photo = models.ForeignKey(Photo, models.PROTECT, related_name="+")
    of_answer = models.BooleanField("答复照片", default=False)

    class Meta:
        ordering: ClassVar = ["id"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["remark", "photo", "of_answer"], name="one_photo_a_remark")
        ]

    def __str__(self) -> str:
        return f"{self.remark_id}"


class Report(models.Model):
    """督查报告: drafted from the figures, finished by a person, frozen when released.

    `figures`: list of {key, label, value, unit, cases}; `cases` are the ids that the figure counts.
    """

    task = models.OneToOneField(Task, models.PROTECT, related_name="report")
    title = models.CharField("标题", max_length=160)
    text = models.TextField("正文")
    figures = models.JSONField("数字", default=list)
    drafted_at = models.DateTimeField("起草时间")
    drafted_by = models.CharField("起草人", max_length=80)
    edited_at = models.DateTimeField("修改时间", null=True)
    edited_by = models.CharField("修改人", max_length=80, blank=True)
    released_at = models.DateTimeField("发布时间", null=True)
    released_by = models.CharField("发布人", max_length=80, blank=True)
    version = models.PositiveIntegerField("修订", default=1)

    class Meta:
        verbose_name = "督查报告"
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(released_at=None, released_by="")
                | (models.Q(released_at__isnull=False) & ~models.Q(released_by="")),
                name="released_report_has_person",
            )
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def is_released(self) -> bool:
        """Released reports never change."""
        return self.released_at is not None
