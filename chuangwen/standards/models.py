"""Editions of the assessment standard, case standards, the working calendar."""

from typing import ClassVar

from django.db import models

from chuangwen.rules.edition_fields import QuestionKind
from chuangwen.rules.limits import LimitUnit


class PointType(models.Model):
    """A kind of place that is looked at, such as 农贸市场."""

    code = models.CharField("编码", max_length=10, primary_key=True)
    name = models.CharField("名称", max_length=60)
    position = models.PositiveSmallIntegerField("次序", default=0)

    class Meta:
        ordering: ClassVar = ["position", "code"]

    def __str__(self) -> str:
        return self.name


class Edition(models.Model):
    """One version of the standard: a draft until published, then never changed again."""

    code = models.CharField("编码", max_length=40)
    version = models.CharField("版次", max_length=20)
    name = models.CharField("名称", max_length=120)
    source = models.TextField("依据", blank=True)
    published_at = models.DateTimeField("发布时间", null=True)
    published_by = models.CharField("发布人", max_length=80, blank=True)
    updated_at = models.DateTimeField("更新时间")

    class Meta:
        verbose_name = "测评标准"
        constraints: ClassVar = [models.UniqueConstraint(fields=["code", "version"], name="one_edition_version")]

    def __str__(self) -> str:
        return f"{self.name}（{self.version}）"

    @property
    def is_published(self) -> bool:
        """Published editions never change."""
        return self.published_at is not None


class EditionMethod(models.Model):
    """How a part of the mark is found, and its weight in this edition."""

    edition = models.ForeignKey(Edition, models.CASCADE, related_name="methods")
    kind = models.CharField("方法", max_length=20)
    weight = models.DecimalField("权重", max_digits=6, decimal_places=3)
    source = models.CharField("出处", max_length=300, blank=True)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["edition", "kind"], name="one_method_an_edition")]

    def __str__(self) -> str:
        return self.kind


class Item(models.Model):
    """First level: 测评项目."""

    edition = models.ForeignKey(Edition, models.CASCADE, related_name="items")
    code = models.CharField("编码", max_length=20)
    name = models.CharField("名称", max_length=120)
    position = models.PositiveSmallIntegerField("次序", default=0)

    class Meta:
        ordering: ClassVar = ["position", "code"]
        constraints: ClassVar = [models.UniqueConstraint(fields=["edition", "code"], name="one_item_code")]

    def __str__(self) -> str:
        return self.name


class Content(models.Model):
    """Second level: 测评内容."""

    item = models.ForeignKey(Item, models.CASCADE, related_name="contents")
    code = models.CharField("编码", max_length=20)
    name = models.CharField("名称", max_length=160)
    position = models.PositiveSmallIntegerField("次序", default=0)

    class Meta:
        ordering: ClassVar = ["position", "code"]
        constraints: ClassVar = [models.UniqueConstraint(fields=["item", "code"], name="one_content_code")]

    def __str__(self) -> str:
        return self.name


class Severity(models.TextChoices):
    VETO = "V", "否决类"
    MAJOR = "A", "重大"
    ORDINARY = "B", "一般"
    MINOR = "C", "轻微"


class Criterion(models.Model):
    """Third level: one thing that is either so or not so."""

    edition = models.ForeignKey(Edition, models.CASCADE, related_name="criteria")
    content = models.ForeignKey(Content, models.CASCADE, related_name="criteria", verbose_name="测评内容")
    point_type = models.ForeignKey(PointType, models.PROTECT, null=True, verbose_name="点位类型")
    code = models.CharField("编码", max_length=20)
    text = models.CharField("标准", max_length=300)
    how = models.JSONField("查法", default=list)
    threshold = models.CharField("数量要求", max_length=200, blank=True)
    photo_on_fail = models.BooleanField("不合格须拍照", default=False)
    severity = models.CharField("等级", max_length=1, choices=Severity.choices)
    method = models.CharField("方法", max_length=20)
    weight = models.DecimalField("权重", max_digits=6, decimal_places=3, default=1)
    carve_outs = models.CharField("不算问题的情形", max_length=300, blank=True)
    case_standard = models.CharField("立案标准编码", max_length=40, blank=True)
    source = models.CharField("出处", max_length=300, blank=True)
    text_en = models.CharField("英文", max_length=300, blank=True)
    hint = models.CharField("提示", max_length=300, blank=True)
    hint_en = models.CharField("英文提示", max_length=300, blank=True)
    note_on_fail = models.BooleanField("不合格须说明", default=False)
    relevant = models.CharField("出现条件", max_length=500, blank=True)
    media = models.CharField("图片", max_length=100, blank=True)
    position = models.PositiveSmallIntegerField("次序", default=0)

    class Meta:
        verbose_name = "测评标准条目"
        ordering: ClassVar = ["position", "code"]
        constraints: ClassVar = [models.UniqueConstraint(fields=["edition", "code"], name="one_criterion_code")]
        indexes: ClassVar = [models.Index(fields=["edition", "point_type", "position"], name="criterion_checklist")]

    def __str__(self) -> str:
        return f"{self.code} {self.text}"

    @property
    def advice(self) -> str:
        """How to look, as the phone shows it under the criterion; carve-outs are shown beside it."""
        note = "不合格须写明情况" if self.note_on_fail else ""
        return "；".join(filter(None, (self.hint or self.threshold, note)))


class Question(models.Model):
    """A further question of a checklist: of the whole place, or (`criterion`: its code) of one criterion."""

    edition = models.ForeignKey(Edition, models.CASCADE, related_name="questions")
    point_type = models.ForeignKey(PointType, models.PROTECT, verbose_name="点位类型")
    name = models.CharField("名称", max_length=60)
    type = models.CharField("题型", max_length=20, choices=[(kind.value, kind.label) for kind in QuestionKind])
    list_name = models.CharField("选项表", max_length=60, blank=True)
    label = models.CharField("问题", max_length=300)
    criterion = models.CharField("测评标准", max_length=20, blank=True)
    label_en = models.CharField("英文", max_length=300, blank=True)
    hint = models.CharField("提示", max_length=300, blank=True)
    hint_en = models.CharField("英文提示", max_length=300, blank=True)
    required = models.BooleanField("必答", default=False)
    required_message = models.CharField("必答提示", max_length=200, blank=True)
    required_message_en = models.CharField("英文必答提示", max_length=200, blank=True)
    relevant = models.CharField("出现条件", max_length=500, blank=True)
    constraint = models.CharField("校验条件", max_length=500, blank=True)
    constraint_message = models.CharField("校验提示", max_length=200, blank=True)
    constraint_message_en = models.CharField("英文校验提示", max_length=200, blank=True)
    default = models.CharField("默认值", max_length=200, blank=True)
    appearance = models.CharField("外观", max_length=100, blank=True)
    media = models.CharField("图片", max_length=100, blank=True)
    position = models.PositiveSmallIntegerField("次序", default=0)

    class Meta:
        verbose_name = "附加问题"
        ordering: ClassVar = ["position", "name"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["edition", "point_type", "name"], name="one_question_name")
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.label}"


class Choice(models.Model):
    """A word to choose from, in a list of one point type's checklist."""

    edition = models.ForeignKey(Edition, models.CASCADE, related_name="choices")
    point_type = models.ForeignKey(PointType, models.PROTECT, verbose_name="点位类型")
    list_name = models.CharField("选项表", max_length=60)
    name = models.CharField("值", max_length=60)
    label = models.CharField("文字", max_length=200)
    label_en = models.CharField("英文", max_length=200, blank=True)
    media = models.CharField("图片", max_length=100, blank=True)
    position = models.PositiveSmallIntegerField("次序", default=0)

    class Meta:
        verbose_name = "选项"
        ordering: ClassVar = ["position", "name"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["edition", "point_type", "list_name", "name"], name="one_choice_name")
        ]

    def __str__(self) -> str:
        return self.label


class FormPicture(models.Model):
    """A picture shown with a question, by the file name that the checklist gives; small, so kept with the edition."""

    edition = models.ForeignKey(Edition, models.CASCADE, related_name="pictures")
    name = models.CharField("文件名", max_length=100)
    content = models.BinaryField("内容")
    sha256 = models.CharField(max_length=64)

    class Meta:
        verbose_name = "检查单图片"
        ordering: ClassVar = ["name"]
        constraints: ClassVar = [models.UniqueConstraint(fields=["edition", "name"], name="one_picture_name")]

    def __str__(self) -> str:
        return self.name


class VetoItem(models.Model):
    """A red line: what happens is worked out per edition and decided by a person."""

    edition = models.ForeignKey(Edition, models.CASCADE, related_name="veto_items")
    code = models.CharField("编码", max_length=20)
    text = models.CharField("情形", max_length=300)
    sanction = models.CharField("处理", max_length=200)
    points = models.DecimalField("扣分", max_digits=6, decimal_places=2, null=True)
    window_months = models.PositiveSmallIntegerField("追溯月数", default=12)
    source = models.CharField("出处", max_length=300, blank=True)

    class Meta:
        ordering: ClassVar = ["code"]
        constraints: ClassVar = [models.UniqueConstraint(fields=["edition", "code"], name="one_veto_code")]

    def __str__(self) -> str:
        return self.text


class CaseStandard(models.Model):
    """What opens a case, its limit, what closes it. A replaced one stays for the cases that rest on it."""

    book = models.CharField("标准册", max_length=80)
    code = models.CharField("编码", max_length=60)
    kind = models.CharField("部件/事件", max_length=10)
    class_name = models.CharField("大类", max_length=60)
    item = models.CharField("小类", max_length=80)
    condition = models.CharField("立案条件", max_length=500)
    limit_text = models.CharField("处置时限（原文）", max_length=60)
    limit_amount = models.DecimalField("时限", max_digits=8, decimal_places=2, null=True)
    limit_unit = models.CharField("单位", max_length=20, blank=True, choices=[(u.value, u.label) for u in LimitUnit])
    closes_when = models.CharField("结案条件", max_length=300)
    handler = models.CharField("处置单位", max_length=300, blank=True)
    supervisor = models.CharField("主管部门", max_length=300, blank=True)
    replaced_at = models.DateTimeField("停用时间", null=True)

    class Meta:
        verbose_name = "立案标准"
        ordering: ClassVar = ["book", "code"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["book", "code"], condition=models.Q(replaced_at=None), name="one_current_case_standard"
            ),
            models.CheckConstraint(
                condition=models.Q(limit_amount=None, limit_unit="")
                | (models.Q(limit_amount__gt=0) & ~models.Q(limit_unit="")),
                name="limit_amount_and_unit_together",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.item}：{self.condition}"


class CalendarYear(models.Model):
    """Whether the working days of a year rest on the State Council's notice or are only assumed."""

    year = models.PositiveSmallIntegerField("年份", primary_key=True)
    official = models.BooleanField("已正式公布", default=False)
    source = models.CharField("依据", max_length=200, blank=True)

    def __str__(self) -> str:
        return str(self.year)


class CalendarDay(models.Model):
    """A day that differs from the plain week: a rest day on a weekday, or a working weekend."""

    day = models.DateField("日期", primary_key=True)
    is_working = models.BooleanField("上班")
    name = models.CharField("说明", max_length=60, blank=True)

    def __str__(self) -> str:
        return f"{self.day} {self.name}"
