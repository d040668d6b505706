"""上级督办件: the paper, its items, the share of each unit, what was reported, what was declared late, the reply.

Whether something is late is stored nowhere: deadlines are moments, and the rules compare them (rules/directives.py).
"""

from typing import ClassVar

from django.db import models

from chuangwen.cases.models import Case
from chuangwen.evidence.models import Document, Photo
from chuangwen.people.models import Unit, User
from chuangwen.rules.directives import OPEN_DELAYS, Delay, Level

_OPEN_DELAYS = sorted(state.value for state in OPEN_DELAYS)


class Ground(models.Model):
    """A kind of reason why something cannot be done in time; while there is none, the list of the rules holds."""

    code = models.CharField("编码", max_length=20, unique=True)
    name = models.CharField("名称", max_length=80)
    position = models.PositiveSmallIntegerField("次序", default=0)
    active = models.BooleanField("在用", default=True)

    class Meta:
        verbose_name = "延期原因类别"
        ordering: ClassVar = ["position", "code"]

    def __str__(self) -> str:
        return self.name


class Directive(models.Model):
    """A paper from above. `home`: the branch whose office received it."""

    home = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name="收文单位所属")
    level = models.CharField("来文层级", max_length=10, choices=[(level.value, level.label) for level in Level])
    issuer = models.CharField("来文单位", max_length=80)
    number = models.CharField("来文文号", max_length=60)
    title = models.CharField("标题", max_length=160)
    received_on = models.DateField("收文日期")
    deadline = models.DateTimeField("要求期限")
    note = models.TextField("要求", blank=True)
    registered_at = models.DateTimeField("登记时间")
    registered_by = models.CharField("登记人", max_length=80)
    client_key = models.CharField(max_length=64, null=True, unique=True)
    version = models.PositiveIntegerField("修订", default=1)

    class Meta:
        verbose_name = "上级督办件"
        ordering: ClassVar = ["-received_on", "-id"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["home", "number"], name="one_directive_a_number"),
            models.CheckConstraint(
                condition=models.Q(level__in=sorted(level.value for level in Level)), name="directive_level_known"
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["home", "-received_on", "-id"], name="directive_home_newest")]

    def __str__(self) -> str:
        return f"{self.number} {self.title}"


class Scan(models.Model):
    """A sheet of the paper: a picture, or a PDF."""

    directive = models.ForeignKey(Directive, models.CASCADE, related_name="scans")
    photo = models.ForeignKey(Photo, models.PROTECT, null=True, related_name="+")
    document = models.ForeignKey(Document, models.PROTECT, null=True, related_name="+")
    position = models.PositiveSmallIntegerField("次序")

    class Meta:
        ordering: ClassVar = ["position", "id"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(photo=None, document__isnull=False) | models.Q(photo__isnull=False, document=None),
                name="scan_is_a_photo_or_a_document",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.directive_id}/{self.position}"


class Item(models.Model):
    """One thing that the paper asks. `deadline` is the one in force, `first_deadline` what the paper said."""

    directive = models.ForeignKey(Directive, models.CASCADE, related_name="items")
    number = models.PositiveSmallIntegerField("序号")
    text = models.CharField("事项", max_length=500)
    deadline = models.DateTimeField("现在的期限")
    first_deadline = models.DateTimeField("来文期限")
    cases = models.ManyToManyField(Case, through="ItemCase", related_name="+", verbose_name="落实的案件")
    broken_down_at = models.DateTimeField("分解时间", null=True)
    broken_down_by = models.CharField("分解人", max_length=80, blank=True)
    signed_off_at = models.DateTimeField("审签时间", null=True)
    signed_off_by = models.CharField("审签人", max_length=80, blank=True)
    result = models.CharField("办理结果", max_length=500, blank=True)
    version = models.PositiveIntegerField("修订", default=1)

    class Meta:
        verbose_name = "督办事项"
        ordering: ClassVar = ["number"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["directive", "number"], name="one_item_a_number"),
            models.CheckConstraint(
                condition=models.Q(broken_down_at=None, broken_down_by="")
                | (models.Q(broken_down_at__isnull=False) & ~models.Q(broken_down_by="")),
                name="broken_down_item_has_person",
            ),
            models.CheckConstraint(
                condition=models.Q(signed_off_at=None, signed_off_by="", result="")
                | (models.Q(signed_off_at__isnull=False) & ~models.Q(signed_off_by="") & ~models.Q(result="")),
                name="signed_item_has_person_and_result",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["deadline"], condition=models.Q(signed_off_at=None), name="open_item_deadline")
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.text[:20]}"


class Part(models.Model):
    """The share of one unit in an item. `due_at` is the inner deadline in force."""

    item = models.ForeignKey(Item, models.CASCADE, related_name="parts")
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name="单位")
    lead = models.BooleanField("牵头")
    due_at = models.DateTimeField("内部期限")
    first_due_at = models.DateTimeField("最初的内部期限")
    handed_in_at = models.DateTimeField("报完成时间", null=True)
    first_handed_in_at = models.DateTimeField("首次报完成时间", null=True)
    returned = models.PositiveSmallIntegerField("退回次数", default=0)

    class Meta:
        verbose_name = "单位承办"
        ordering: ClassVar = ["-lead", "id"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["item", "unit"], name="one_share_a_unit"),
            models.UniqueConstraint(fields=["item"], condition=models.Q(lead=True), name="one_lead_unit_an_item"),
            models.CheckConstraint(
                condition=models.Q(handed_in_at=None) | models.Q(first_handed_in_at__isnull=False),
                name="handed_in_share_was_first_handed_in",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["due_at"], name="share_due"),
            models.Index(fields=["unit", "due_at"], condition=models.Q(handed_in_at=None), name="share_to_do"),
        ]

    def __str__(self) -> str:
        return f"{self.item_id}/{self.unit_id}"


class ReportKind(models.TextChoices):
    PROGRESS = "progress", "报进展"
    DONE = "done", "报完成"
    RETURNED = "returned", "退回"
    DELAY = "delay", "申报延期"


class Report(models.Model):
    """Words of a unit (or of the office sending back). `text_case`: the case from which the words were taken."""

    part = models.ForeignKey(Part, models.CASCADE, related_name="reports")
    kind = models.CharField("类别", max_length=10, choices=ReportKind.choices)
    text = models.CharField("内容", max_length=1000)
    text_case = models.ForeignKey(Case, models.PROTECT, null=True, related_name="+", verbose_name="文字取自案件")
    at = models.DateTimeField("时间")
    by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    by_name = models.CharField("填报人", max_length=80)

    class Meta:
        ordering: ClassVar = ["id"]

    def __str__(self) -> str:
        return self.text[:20]


class ReportPhoto(models.Model):
    """A photo in a report; `case`: the case whose photo it is, so that nobody takes or sends it twice."""

    report = models.ForeignKey(Report, models.CASCADE, related_name="photos")
    photo = models.ForeignKey(Photo, models.PROTECT, related_name="+")
    case = models.ForeignKey(Case, models.PROTECT, null=True, related_name="+")

    class Meta:
        ordering: ClassVar = ["id"]
        constraints: ClassVar = [models.UniqueConstraint(fields=["report", "photo"], name="one_photo_a_report")]

    def __str__(self) -> str:
        return f"{self.report_id}/{self.photo_id}"


class ItemCase(models.Model):
    """A case by which an item is carried out."""

    item = models.ForeignKey(Item, models.CASCADE, related_name="links")
    case = models.ForeignKey(Case, models.PROTECT, related_name="+")
    linked_at = models.DateTimeField("关联时间")
    linked_by = models.CharField("关联人", max_length=80)

    class Meta:
        ordering: ClassVar = ["id"]
        constraints: ClassVar = [models.UniqueConstraint(fields=["item", "case"], name="one_link_a_case")]

    def __str__(self) -> str:
        return f"{self.item_id}/{self.case_id}"


class Declaration(models.Model):
    """延期申报: a unit says before the deadline that its share cannot be done in time. `due_at`: the deadline then.

    The words, photos and who said it are in `report`; the ground is kept as it was called then.
    """

    part = models.ForeignKey(Part, models.CASCADE, related_name="declarations")
    report = models.OneToOneField(Report, models.PROTECT, related_name="declaration")
    ground_code = models.CharField("原因类别编码", max_length=20)
    ground_name = models.CharField("原因类别", max_length=80)
    needs = models.CharField("需要的支持", max_length=300)
    proposed_at = models.DateTimeField("建议完成时间")
    due_at = models.DateTimeField("申报时的期限")
    declared_at = models.DateTimeField("申报时间")
    state = models.CharField("状态", max_length=10, choices=[(state.value, state.label) for state in Delay])
    decided_at = models.DateTimeField("决定时间", null=True)
    decided_by = models.CharField("决定人", max_length=80, blank=True)
    decision_note = models.CharField("决定的理由", max_length=500, blank=True)
    answered_at = models.DateTimeField("上级答复时间", null=True)
    answered_by = models.CharField("登记答复的人", max_length=80, blank=True)
    answer_note = models.CharField("上级答复", max_length=500, blank=True)
    new_deadline = models.DateTimeField("上级同意的新期限", null=True)

    class Meta:
        verbose_name = "延期申报"
        ordering: ClassVar = ["id"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["part"], condition=models.Q(state__in=_OPEN_DELAYS), name="one_open_declaration_a_share"
            ),
            models.CheckConstraint(
                condition=models.Q(state__in=sorted(state.value for state in Delay)), name="declaration_state_known"
            ),
            models.CheckConstraint(
                condition=models.Q(declared_at__lte=models.F("due_at")), name="declared_before_the_deadline"
            ),
            models.CheckConstraint(
                condition=models.Q(state=Delay.DECLARED.value, decided_at=None)
                | (~models.Q(state=Delay.DECLARED.value) & models.Q(decided_at__isnull=False)),
                name="decided_declaration_has_moment",
            ),
            models.CheckConstraint(
                condition=models.Q(state=Delay.GRANTED.value, new_deadline__isnull=False)
                | (~models.Q(state=Delay.GRANTED.value) & models.Q(new_deadline=None)),
                name="granted_declaration_has_deadline",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.part_id} {self.state}"


class Reply(models.Model):
    """The answer upwards: drafted from the items, edited by a person, released by another, then frozen.

    `figures` and `items` are what they were when the draft last took them; after the release nothing changes them.
    """

    directive = models.OneToOneField(Directive, models.CASCADE, related_name="reply")
    title = models.CharField("标题", max_length=160)
    text = models.TextField("正文")
    figures = models.JSONField("数字", default=list)
    items = models.JSONField("各事项结果", default=list)
    taken_at = models.DateTimeField("取数时间")
    drafted_at = models.DateTimeField("起草时间")
    drafted_by = models.CharField("起草人", max_length=80)
    drafter = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    edited_at = models.DateTimeField("修改时间", null=True)
    edited_by = models.CharField("修改人", max_length=80, blank=True)
    editor = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    released_at = models.DateTimeField("签发时间", null=True)
    released_by = models.CharField("签发人", max_length=80, blank=True)
    version = models.PositiveIntegerField("修订", default=1)

    class Meta:
        verbose_name = "回复上级"
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(released_at=None, released_by="")
                | (models.Q(released_at__isnull=False) & ~models.Q(released_by="")),
                name="released_reply_has_person",
            )
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def is_released(self) -> bool:
        """Official, and never changed again."""
        return self.released_at is not None
