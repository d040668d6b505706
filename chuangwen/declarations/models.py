"""网上申报: a drive for one edition and test, its requirements, the material with its versions, what was said of them.

The state of a piece is that of its newest version; the state of a requirement follows from its pieces and is kept, because
lists and figures ask for it all the time. Whether something is late is stored nowhere.
"""

from typing import ClassVar

from django.db import models

from chuangwen.evidence.models import Document, Photo
from chuangwen.people.models import Unit, User
from chuangwen.rules.material_checks import Grade, MaterialKind, Window
from chuangwen.standards.models import Criterion, Edition

_KINDS = [(kind.value, kind.label) for kind in MaterialKind]
KIND_VALUES = sorted(kind.value for kind in MaterialKind)


class Reason(models.Model):
    """A reason for which material is returned; while there is none, the published list of the rules holds."""

    code = models.CharField("编码", max_length=20, unique=True)
    name = models.CharField("名称", max_length=80)
    position = models.PositiveSmallIntegerField("次序", default=0)
    active = models.BooleanField("在用", default=True)

    class Meta:
        verbose_name = "材料退回理由"
        ordering: ClassVar = ["position", "code"]

    def __str__(self) -> str:
        return self.name


class Drive(models.Model):
    """The material for one test: the edition, the month of the test and what follows from it."""

    home = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name="主办单位所属")
    edition = models.ForeignKey(Edition, models.PROTECT, related_name="+", verbose_name="测评标准")
    name = models.CharField("名称", max_length=80)
    test_month = models.DateField("测评月份")
    first_on = models.DateField("有效期起")
    last_on = models.DateField("有效期止")
    due_at = models.DateTimeField("截止时间")
    opened_at = models.DateTimeField("发布时间")
    opened_by = models.CharField("发布人", max_length=80)
    client_key = models.CharField(max_length=64, null=True, unique=True)

    class Meta:
        verbose_name = "申报批次"
        ordering: ClassVar = ["-test_month", "-id"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["home", "edition", "test_month"], name="one_drive_a_test"),
            models.CheckConstraint(condition=models.Q(first_on__lt=models.F("last_on")), name="drive_window_in_order"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def window(self) -> Window:
        """The days from which material counts."""
        return Window(self.first_on, self.last_on)


class Duty(models.Model):
    """Who answers for the material of a unit: a leader, and a contact who hands it in."""

    drive = models.ForeignKey(Drive, models.CASCADE, related_name="duties")
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name="单位")
    leader = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="分管领导")
    contact = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="联络员")

    class Meta:
        verbose_name = "申报责任人"
        constraints: ClassVar = [models.UniqueConstraint(fields=["drive", "unit"], name="one_duty_a_unit")]

    def __str__(self) -> str:
        return f"{self.drive_id}/{self.unit_id}"


class State(models.TextChoices):
    """Where a requirement, or a piece, stands; a requirement is `missing` as long as there is nothing to do for others."""

    MISSING = "missing", "待提交"
    IN_REVIEW = "in_review", "待审核"
    RETURNED = "returned", "退回修改"
    ACCEPTED = "accepted", "已通过"


STATES = sorted(State.values)


class Requirement(models.Model):
    """So many pieces of one kind for one criterion, from one unit, looked over by another, until when."""

    drive = models.ForeignKey(Drive, models.CASCADE, related_name="requirements")
    criterion = models.ForeignKey(Criterion, models.PROTECT, related_name="+", verbose_name="测评标准")
    number = models.CharField("编号", max_length=40)
    kind = models.CharField("材料种类", max_length=10, choices=_KINDS)
    text = models.CharField("要求", max_length=300, blank=True)
    count = models.PositiveSmallIntegerField("份数", default=1)
    unit = models.ForeignKey(Unit, models.PROTECT, null=True, related_name="+", verbose_name="提供单位")
    reviewer = models.ForeignKey(Unit, models.PROTECT, null=True, related_name="+", verbose_name="审核单位")
    first_on = models.DateField("有效期起")
    last_on = models.DateField("有效期止")
    due_at = models.DateTimeField("截止时间")
    state = models.CharField("状态", max_length=10, choices=State.choices, default=State.MISSING)
    disputed = models.BooleanField("有归属异议", default=False)
    version = models.PositiveIntegerField("修订", default=1)

    class Meta:
        verbose_name = "材料要求"
        ordering: ClassVar = ["due_at", "id"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["drive", "number"], name="one_requirement_a_number"),
            models.CheckConstraint(condition=models.Q(kind__in=KIND_VALUES), name="requirement_kind_known"),
            models.CheckConstraint(condition=models.Q(state__in=STATES), name="requirement_state_known"),
            models.CheckConstraint(condition=models.Q(count__gte=1), name="requirement_asks_something"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["drive", "due_at", "id"], name="requirement_due"),
            models.Index(fields=["unit", "due_at", "id"], name="requirement_of_unit"),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def material_kind(self) -> MaterialKind:
        """The kind as the rules know it."""
        return MaterialKind(self.kind)

    @property
    def window(self) -> Window:
        """The days from which its material counts."""
        return Window(self.first_on, self.last_on)


class Piece(models.Model):
    """One of the asked pieces, from its first version on. `newest`: the number of its newest version."""

    requirement = models.ForeignKey(Requirement, models.CASCADE, related_name="pieces")
    position = models.PositiveSmallIntegerField("次序")
    title = models.CharField("标题", max_length=120)
    state = models.CharField("状态", max_length=10, choices=State.choices, default=State.IN_REVIEW)
    newest = models.PositiveSmallIntegerField("最新版本", default=1)

    class Meta:
        verbose_name = "申报材料"
        ordering: ClassVar = ["position"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["requirement", "position"], name="one_piece_a_position"),
            models.CheckConstraint(condition=models.Q(state__in=STATES), name="piece_state_known"),
        ]

    def __str__(self) -> str:
        return self.title


class Version(models.Model):
    """What was handed in once: a file and the date that the unit gave it. `signature`: rules/near_texts.py."""

    piece = models.ForeignKey(Piece, models.CASCADE, related_name="versions")
    number = models.PositiveSmallIntegerField("版本")
    photo = models.ForeignKey(Photo, models.PROTECT, null=True, related_name="+")
    document = models.ForeignKey(Document, models.PROTECT, null=True, related_name="+")
    file_name = models.CharField("原文件名", max_length=120)
    said_on = models.DateField("形成日期")
    note = models.CharField("说明", max_length=300, blank=True)
    handed_in_at = models.DateTimeField("提交时间")
    handed_in_by = models.CharField("提交人", max_length=80)
    by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    client_key = models.CharField(max_length=64, null=True, unique=True)
    checked_at = models.DateTimeField("自动核对时间", null=True)
    pages = models.PositiveIntegerField("页数", default=0)
    signature = models.JSONField("文字指纹", default=list)

    class Meta:
        verbose_name = "材料版本"
        ordering: ClassVar = ["-number"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["piece", "number"], name="one_version_a_number"),
            models.CheckConstraint(
                condition=models.Q(photo=None, document__isnull=False) | models.Q(photo__isnull=False, document=None),
                name="version_is_a_photo_or_a_document",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.piece_id}/{self.number}"

    @property
    def suffix(self) -> str:
        """The ending of the stored file."""
        stored = self.photo or self.document
        return stored.path.rpartition(".")[2] if stored else ""


class TextBand(models.Model):
    """By these numbers texts that are nearly the same are found."""

    version = models.ForeignKey(Version, models.CASCADE, related_name="bands")
    value = models.BigIntegerField()

    class Meta:
        indexes: ClassVar = [models.Index(fields=["value"], name="text_band_value")]

    def __str__(self) -> str:
        return f"{self.version_id} {self.value}"


class CheckFinding(models.Model):
    """What was seen of a version without a person; it decides nothing and is never taken away."""

    version = models.ForeignKey(Version, models.CASCADE, related_name="findings")
    code = models.CharField("编码", max_length=20)
    grade = models.CharField("轻重", max_length=10, choices=[(grade.value, grade.label) for grade in Grade])
    text = models.CharField("内容", max_length=300)
    other = models.ForeignKey(Version, models.CASCADE, null=True, related_name="+")

    class Meta:
        verbose_name = "自动核对"
        ordering: ClassVar = ["-grade", "id"]  # objections first
        constraints: ClassVar = [models.UniqueConstraint(fields=["version", "code"], name="one_finding_of_a_code")]

    def __str__(self) -> str:
        return self.text


class Verdict(models.TextChoices):
    COMMENT = "comment", "意见"
    RETURNED = "returned", "退回"
    ACCEPTED = "accepted", "通过"


class Review(models.Model):
    """What a reviewer said of a version. Reasons are kept as they were called then."""

    version = models.ForeignKey(Version, models.CASCADE, related_name="reviews")
    verdict = models.CharField("结论", max_length=10, choices=Verdict.choices)
    reasons = models.JSONField("退回理由", default=list)
    text = models.CharField("意见", max_length=500, blank=True)
    at = models.DateTimeField("时间")
    by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    by_name = models.CharField("审核人", max_length=80)

    class Meta:
        verbose_name = "材料审核"
        ordering: ClassVar = ["id"]

    def __str__(self) -> str:
        return self.text[:20]


class Dispute(models.Model):
    """归属异议: a unit says that a requirement is not its own; the office decides and may give it to another."""

    requirement = models.ForeignKey(Requirement, models.CASCADE, related_name="disputes")
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name="提出单位")
    reason = models.CharField("理由", max_length=500)
    proposed = models.ForeignKey(Unit, models.PROTECT, null=True, related_name="+", verbose_name="认为应由")
    raised_at = models.DateTimeField("提出时间")
    raised_by = models.CharField("提出人", max_length=80)
    by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField("裁定时间", null=True)
    decided_by = models.CharField("裁定人", max_length=80, blank=True)
    upheld = models.BooleanField("成立", null=True)
    decision = models.CharField("裁定理由", max_length=500, blank=True)

    class Meta:
        verbose_name = "归属异议"
        ordering: ClassVar = ["-id"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["requirement"], condition=models.Q(decided_at=None), name="one_open_dispute"
            ),
            models.CheckConstraint(
                condition=models.Q(decided_at=None, upheld=None)
                | (models.Q(decided_at__isnull=False, upheld__isnull=False) & ~models.Q(decision="")),
                name="decided_dispute_has_verdict_and_reason",
            ),
        ]

    def __str__(self) -> str:
        return self.reason[:20]


class Occasion(models.Model):
    """Something that still has to happen so that there will be evidence of it: a meeting, an event, a count."""

    requirement = models.ForeignKey(Requirement, models.CASCADE, related_name="occasions")
    name = models.CharField("活动", max_length=120)
    planned_on = models.DateField("计划日期")
    happened_on = models.DateField("实际日期", null=True)
    called_off = models.CharField("取消原因", max_length=200, blank=True)
    noted_by = models.CharField("登记人", max_length=80)

    class Meta:
        verbose_name = "取材活动"
        ordering: ClassVar = ["planned_on", "id"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(happened_on=None) | models.Q(called_off=""), name="happened_or_called_off"
            ),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["planned_on"], condition=models.Q(happened_on=None, called_off=""), name="occasion_to_come"
            )
        ]

    def __str__(self) -> str:
        return self.name


class Package(models.Model):
    """What goes out: the accepted pieces of a drive as they were then. Every byte of its zip follows from its lines."""

    drive = models.ForeignKey(Drive, models.CASCADE, related_name="packages")
    started_at = models.DateTimeField("开始时间")
    started_by = models.CharField("生成人", max_length=80)
    total = models.PositiveIntegerField("文件数", default=0)
    done = models.PositiveIntegerField("已核对", default=0)
    failed = models.PositiveIntegerField("读不到", default=0)
    size = models.BigIntegerField("字节", default=0)
    contents = models.BinaryField("目录", default=b"")  # the contents list, the check sums and the page, as JSON
    digest = models.CharField("内容摘要", max_length=64, blank=True)
    finished_at = models.DateTimeField("完成时间", null=True)
    client_key = models.CharField(max_length=64, null=True, unique=True)

    class Meta:
        verbose_name = "申报材料包"
        ordering: ClassVar = ["-id"]

    def __str__(self) -> str:
        return f"{self.drive_id}/{self.pk}"


class PackageLine(models.Model):
    """One file in a package: its name there; its check sums once it was read again."""

    package = models.ForeignKey(Package, models.CASCADE, related_name="lines")
    position = models.PositiveIntegerField("次序")
    name = models.CharField("包内名称", max_length=300)
    version = models.ForeignKey(Version, models.PROTECT, related_name="+")
    path = models.CharField("文件", max_length=120)
    sha256 = models.CharField(max_length=64)
    size = models.PositiveIntegerField("字节")
    crc = models.BigIntegerField(null=True)
    trouble = models.CharField("读不到的原因", max_length=100, blank=True)

    class Meta:
        ordering: ClassVar = ["position"]
        constraints: ClassVar = [models.UniqueConstraint(fields=["package", "position"], name="one_line_a_position")]

    def __str__(self) -> str:
        return self.name
