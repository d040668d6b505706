"""Accountability: ladders in versions, files with every step that was taken, talks on record, promises to follow up.

A file is about a unit. Who decided is named by post; the columns for persons only keep one hand from doing everything.
See docs/decisions/0019-accountability.md.
"""

from typing import Any, ClassVar

from django.db import models

from chuangwen.accountability.builtin import measure, read_text
from chuangwen.evidence.models import Photo
from chuangwen.people.models import Unit, User
from chuangwen.rules.accountability_flow import (
    APPEAL_LABELS,
    ENDED,
    HIDDEN_FROM_UNIT,
    MOVE_LABELS,
    OUTCOME_LABELS,
    STATUS_LABELS,
    FileMove,
    FileStatus,
)
from chuangwen.rules.ladder_files import Ladder, Measure, MeasureKind, Rung


def _choices(labels: Any) -> list[tuple[str, str]]:
    return [(key.value, words) for key, words in labels.items()]


_ENDED_STATES = sorted(status.value for status in ENDED)
_OPEN_STATES = sorted(status.value for status in FileStatus if status not in ENDED)


class LadderVersion(models.Model):
    """One version of a ladder of a branch: a draft that can be changed, then in force and never changed again.

    `replaced_at`: from when a newer version is in force; files that were opened under this one stay under it.
    """

    home = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name="适用范围")
    name = models.CharField("代号", max_length=60)
    number = models.PositiveIntegerField("版次")
    title = models.CharField("名称", max_length=160)
    source = models.CharField("来源", max_length=400)
    text = models.TextField("阶梯原文")
    created_at = models.DateTimeField("导入时间")
    created_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    in_force_at = models.DateTimeField("启用时间", null=True)
    replaced_at = models.DateTimeField("停用时间", null=True)

    class Meta:
        verbose_name = "问责阶梯"
        ordering: ClassVar = ["name", "-number"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["home", "name", "number"], name="one_ladder_version"),
            models.UniqueConstraint(
                fields=["home", "name"],
                condition=models.Q(in_force_at__isnull=False, replaced_at=None),
                name="one_ladder_in_force",
            ),
            models.CheckConstraint(
                condition=models.Q(replaced_at=None) | models.Q(in_force_at__isnull=False), name="ladder_was_in_force"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.title}（第 {self.number} 版）"

    @property
    def ladder(self) -> Ladder:
        """The ladder as data."""
        return read_text(self.text)

    @property
    def is_draft(self) -> bool:
        """Whether it can still be changed."""
        return self.in_force_at is None

    @property
    def is_in_force(self) -> bool:
        """Whether files may be opened under it now."""
        return self.in_force_at is not None and self.replaced_at is None


class File(models.Model):
    """问责建议. `occasion` names what it rests on, so that it is opened once; `basis` is what the system had collected.

    Deadlines are stored moments: `correct_by`, `statement_by`, `appeal_by`; `due_at` is the one that runs now.
    """

    home = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name="承办范围")
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name="单位")
    ladder = models.ForeignKey(LadderVersion, models.PROTECT, related_name="files", verbose_name="依据的阶梯")
    rung_key = models.CharField("档", max_length=60)
    occasion = models.CharField("事由编号", max_length=240)
    basis = models.JSONField("依据与反证", default=dict)
    status = models.CharField("状态", max_length=12, choices=_choices(STATUS_LABELS), default=FileStatus.OPENED.value)
    version = models.PositiveIntegerField(default=1)
    client_key = models.CharField(max_length=64, null=True, unique=True)
    opened_at = models.DateTimeField("启动时间")
    opened_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    notified_at = models.DateTimeField("告知时间", null=True)
    correct_by = models.DateTimeField("整改期限", null=True)
    statement_by = models.DateTimeField("陈述期限", null=True)
    appeal_by = models.DateTimeField("申诉期限", null=True)
    due_at = models.DateTimeField("当前期限", null=True)
    ground = models.CharField("容错情形", max_length=40, blank=True)
    proposed_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    proposed_measure = models.CharField("建议的措施", max_length=40, blank=True)
    decided_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    outcome = models.CharField("决定", max_length=12, blank=True, choices=_choices(OUTCOME_LABELS))
    measure_key = models.CharField("措施", max_length=40, blank=True)
    reviewed_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    appeal_outcome = models.CharField("申诉结果", max_length=12, blank=True, choices=_choices(APPEAL_LABELS))
    ended_at = models.DateTimeField("结束时间", null=True)
    handed_over_to = models.CharField("移交给", max_length=80, blank=True)
    handed_over_at = models.DateTimeField("移交时间", null=True)

    class Meta:
        verbose_name = "问责建议"
        ordering: ClassVar = ["-opened_at", "-id"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["home", "unit", "rung_key", "occasion"],
                condition=~models.Q(status=FileStatus.DROPPED.value),
                name="one_file_an_occasion",
            ),
            models.CheckConstraint(condition=~models.Q(decided_by=models.F("opened_by")), name="opener_never_decides"),
            models.CheckConstraint(
                condition=~models.Q(decided_by=models.F("proposed_by")), name="proposer_never_decides"
            ),
            models.CheckConstraint(
                condition=~models.Q(reviewed_by=models.F("decided_by")), name="appeal_to_somebody_else"
            ),
            models.CheckConstraint(
                condition=models.Q(decided_by=None, outcome="")
                | (models.Q(decided_by__isnull=False) & ~models.Q(outcome="")),
                name="decision_has_its_person",
            ),
            models.CheckConstraint(
                condition=models.Q(ended_at=None, status__in=_OPEN_STATES)
                | models.Q(ended_at__isnull=False, status__in=_ENDED_STATES),
                name="file_ends_with_its_status",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["home", "-opened_at", "-id"], name="file_home_newest"),
            models.Index(fields=["unit", "status"], name="file_unit_status"),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def number(self) -> str:
        """How the file is called."""
        return f"问责建议〔{self.opened_at.year}〕{self.pk}号"

    @property
    def flow_status(self) -> FileStatus:
        """Where it stands, as the table knows it."""
        return FileStatus(self.status)

    @property
    def rung(self) -> Rung:
        """The rung that it was opened for."""
        return self.ladder.ladder.rung(self.rung_key)

    @property
    def measure(self) -> Measure | None:
        """The measure that stands now; None while nothing is decided, or when none was taken."""
        return measure(self.measure_key) if self.measure_key else None

    @property
    def is_open(self) -> bool:
        """Whether something is still to be done."""
        return self.ended_at is None

    @property
    def shown_to_unit(self) -> bool:
        """From the notice on, also when it was dropped after it."""
        return self.notified_at is not None and self.flow_status not in HIDDEN_FROM_UNIT

    @property
    def may_be_handed_over(self) -> bool:
        """Whether the measure is one that the competent organ takes, and the time for an appeal is over."""
        standing = self.measure
        return (
            self.status == FileStatus.CLOSED
            and standing is not None
            and standing.kind is MeasureKind.HAND_OVER
            and self.handed_over_at is None
        )


class Act(models.Model):
    """One step of a file as it was taken: what was said, by which post; never changed afterwards."""

    file = models.ForeignKey(File, models.CASCADE, related_name="acts")
    move = models.CharField(
        "步骤", max_length=16, choices=[("open", "启动"), ("hand_over", "移交"), *_choices(MOVE_LABELS)]
    )
    at = models.DateTimeField("时间")
    by = models.ForeignKey(User, models.PROTECT, related_name="+")
    post = models.CharField("岗位", max_length=120)
    text = models.TextField("内容", blank=True)
    facts = models.JSONField("选定", default=dict)
    photos = models.ManyToManyField(Photo, related_name="+")

    class Meta:
        verbose_name = "问责步骤"
        ordering: ClassVar = ["id"]

    def __str__(self) -> str:
        return f"{self.file_id} {self.move}"

    @property
    def is_of_unit(self) -> bool:
        """Whether the unit spoke."""
        return self.move in {FileMove.CORRECT, FileMove.STATE, FileMove.APPEAL}


class Interview(models.Model):
    """约谈记录: when, led by which post, and what was said in short."""

    file = models.ForeignKey(File, models.CASCADE, related_name="interviews")
    held_at = models.DateTimeField("约谈时间")
    post = models.CharField("约谈人岗位", max_length=120)
    attended = models.CharField("单位到场岗位", max_length=200, blank=True)
    summary = models.TextField("谈话要点")
    recorded_at = models.DateTimeField("记录时间")
    client_key = models.CharField(max_length=64, null=True, unique=True)

    class Meta:
        verbose_name = "约谈记录"
        ordering: ClassVar = ["held_at", "id"]

    def __str__(self) -> str:
        return f"{self.file_id} {self.held_at}"


class Commitment(models.Model):
    """What a unit promised in a talk or was ordered to do, until when, and whether it was done.

    `order_label`: the name of the order when it is one, such as 督查令; the next rung looks for it.
    """

    file = models.ForeignKey(File, models.CASCADE, related_name="commitments")
    interview = models.ForeignKey(Interview, models.CASCADE, null=True, related_name="commitments")
    order_label = models.CharField("命令", max_length=40, blank=True)
    text = models.CharField("内容", max_length=500)
    given_at = models.DateTimeField("作出时间")
    due = models.DateTimeField("期限")
    done_at = models.DateTimeField("完成时间", null=True)
    done_note = models.CharField("核对情况", max_length=500, blank=True)
    withdrawn_at = models.DateTimeField("撤回时间", null=True)

    class Meta:
        verbose_name = "承诺事项"
        ordering: ClassVar = ["due", "id"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(done_at=None, done_note="")
                | (models.Q(done_at__isnull=False) & ~models.Q(done_note="")),
                name="commitment_done_says_how",
            ),
        ]

    def __str__(self) -> str:
        return self.text
