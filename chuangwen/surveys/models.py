"""Questionnaires with frozen versions, waves, the sample, and answers that lead to nobody.

An answer and the invitation that let it in share nothing: no key, no moment, no order. See docs/decisions/0032-surveys.md.
"""

import secrets
import uuid
from typing import ClassVar

from django.db import models

from chuangwen.cases.models import Case
from chuangwen.people.models import Unit
from chuangwen.places.models import Site
from chuangwen.standards.models import Edition


class Survey(models.Model):
    """A questionnaire through all its versions and waves. `home`: the branch in which it is held."""

    title = models.CharField("名称", max_length=120)
    home = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name="调查范围所属")
    created_at = models.DateTimeField("创建时间")
    created_by = models.CharField("创建人", max_length=80)
    client_key = models.CharField(max_length=64, null=True, unique=True)

    class Meta:
        verbose_name = "问卷"
        ordering: ClassVar = ["-id"]
        indexes: ClassVar = [models.Index(fields=["home", "-id"], name="survey_home_newest")]

    def __str__(self) -> str:
        return self.title


class Form(models.Model):
    """One version: a draft until it is published, frozen from then on."""

    survey = models.ForeignKey(Survey, models.PROTECT, related_name="forms")
    number = models.PositiveIntegerField("版本")
    content = models.JSONField("题目")
    rates = models.TextField("指标定义", blank=True)
    published_at = models.DateTimeField("发布时间", null=True)
    published_by = models.CharField("发布人", max_length=80, blank=True)
    version = models.PositiveIntegerField("修订", default=1)

    class Meta:
        verbose_name = "问卷版本"
        ordering: ClassVar = ["-number"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["survey", "number"], name="one_form_a_number"),
            models.UniqueConstraint(
                fields=["survey"], condition=models.Q(published_at=None), name="one_draft_a_survey"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.survey} 第 {self.number} 版"

    @property
    def is_draft(self) -> bool:
        """Not published yet."""
        return self.published_at is None


class WaveState(models.TextChoices):
    PLANNED = "planned", "筹备中"
    OPEN = "open", "进行中"
    CLOSED = "closed", "已结束"


def wave_token() -> str:
    """An unguessable word for the public address of a wave."""
    return secrets.token_urlsafe(9)


class Wave(models.Model):
    """One time round: a frozen version, days, the population's make-up, quotas, the sample, and the stored results.

    `margins`: variable -> category -> people. `quotas`: street code -> answers wanted. The sample's frame is published
    with its fingerprint before the numbers that decide it are known (rules/draw_seeds.py).
    """

    survey = models.ForeignKey(Survey, models.PROTECT, related_name="waves")
    form = models.ForeignKey(Form, models.PROTECT, related_name="waves")
    edition = models.ForeignKey(Edition, models.PROTECT, null=True, related_name="+", verbose_name="测评标准")
    title = models.CharField("名称", max_length=120)
    starts_on = models.DateField("开始")
    ends_on = models.DateField("结束")
    state = models.CharField("状态", max_length=10, choices=WaveState.choices, default=WaveState.PLANNED)
    token = models.CharField(max_length=24, unique=True, default=wave_token)
    open_link = models.BooleanField("公开链接", default=False)
    least = models.PositiveSmallIntegerField("最少份数", default=10)
    margins = models.JSONField("总体构成", default=dict)
    quotas = models.JSONField("配额", default=dict)
    frame = models.TextField("抽样名单", blank=True)
    addresses = models.JSONField("名单地址", default=dict)  # forgotten once the sample is drawn
    frame_sha256 = models.CharField("名单指纹", max_length=64, blank=True)
    wanted = models.PositiveIntegerField("抽取户数", default=0)
    sources = models.JSONField("种子来源", default=list)
    announced_on = models.DateField("开奖日", null=True)
    record = models.JSONField("抽取记录", null=True)
    results = models.JSONField("结果", null=True)
    computed_at = models.DateTimeField("计算时间", null=True)
    created_at = models.DateTimeField("创建时间")
    client_key = models.CharField(max_length=64, null=True, unique=True)
    version = models.PositiveIntegerField("修订", default=1)

    class Meta:
        verbose_name = "调查轮次"
        ordering: ClassVar = ["-starts_on", "-id"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(ends_on__gte=models.F("starts_on")), name="wave_ends_after_start"
            ),
            models.CheckConstraint(condition=models.Q(least__gte=5), name="wave_hides_small_cells"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["survey", "-starts_on", "-id"], name="wave_survey_newest"),
            models.Index(fields=["edition", "state"], name="wave_edition_state"),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def sampled(self) -> bool:
        """Whether households were drawn for it."""
        return self.record is not None


class Outcome(models.TextChoices):
    WAITING = "waiting", "待访"
    NOBODY = "nobody", "无人在家"
    REFUSED = "refused", "不愿回答"
    GONE = "gone", "空置或非住户"
    ANSWERED = "answered", "已答"


class Invitation(models.Model):
    """A drawn household: where it is and whether it answered; never when or what."""

    wave = models.ForeignKey(Wave, models.CASCADE, related_name="invitations")
    code = models.CharField("邀请码", max_length=20, unique=True)
    street = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name="街道")
    household = models.CharField("户编号", max_length=40)
    address = models.CharField("地址", max_length=200, blank=True)
    outcome = models.CharField("结果", max_length=10, choices=Outcome.choices, default=Outcome.WAITING)
    tries = models.PositiveSmallIntegerField("上门次数", default=0)

    class Meta:
        verbose_name = "抽中户"
        ordering: ClassVar = ["id"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["wave", "household"], name="one_invitation_a_household")
        ]
        indexes: ClassVar = [models.Index(fields=["wave", "street", "outcome"], name="invitation_street_outcome")]

    def __str__(self) -> str:
        return self.household


class Channel(models.TextChoices):
    LINK = "link", "公开链接"
    PLACE = "place", "现场扫码"
    CODE = "code", "邀请码"
    VISIT = "visit", "入户"
    PAPER = "paper", "纸质"


FROM_SAMPLE = (Channel.CODE.value, Channel.VISIT.value, Channel.PAPER.value)


class Answer(models.Model):
    """One filled sheet. Its key is random, so that rows have no order; it has a day and no moment. Texts are kept apart."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    wave = models.ForeignKey(Wave, models.PROTECT, related_name="answers")
    street = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name="街道")
    site = models.ForeignKey(Site, models.PROTECT, null=True, related_name="+", verbose_name="点位")
    channel = models.CharField("渠道", max_length=10, choices=Channel.choices)
    sampled = models.BooleanField("抽中户", default=False)
    language = models.CharField("语言", max_length=5, default="zh")
    answers = models.JSONField("回答")
    seconds = models.PositiveIntegerField("用时", null=True)
    flags = models.JSONField("提示", default=list)
    fingerprint = models.CharField(max_length=64)
    left_out = models.CharField("不计入的理由", max_length=200, blank=True)
    day = models.DateField("日期")
    client_key = models.CharField(max_length=64, null=True, unique=True)

    class Meta:
        verbose_name = "答卷"
        ordering: ClassVar = ["id"]
        indexes: ClassVar = [
            models.Index(fields=["wave", "fingerprint"], name="answer_wave_print"),
            models.Index(fields=["wave", "street"], name="answer_wave_street"),
        ]

    def __str__(self) -> str:
        return f"{self.wave_id}"


class Remark(models.Model):
    """What somebody wrote, apart from all else they answered; it may become a case."""

    wave = models.ForeignKey(Wave, models.PROTECT, related_name="remarks")
    question = models.CharField("题目", max_length=30)
    text = models.TextField("意见")
    street = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name="街道")
    site = models.ForeignKey(Site, models.PROTECT, null=True, related_name="+", verbose_name="点位")
    case = models.OneToOneField(Case, models.PROTECT, null=True, related_name="+", verbose_name="案件")

    class Meta:
        verbose_name = "居民意见"
        ordering: ClassVar = ["id"]
        indexes: ClassVar = [models.Index(fields=["wave", "id"], name="remark_wave")]

    def __str__(self) -> str:
        return self.text[:30]


class RecentAnswerer(models.Model):
    """That an address sent a sheet within the last hour: a keyed digest, never the address."""

    digest = models.CharField(max_length=64)
    sent_at = models.DateTimeField()

    class Meta:
        indexes: ClassVar = [models.Index(fields=["digest", "sent_at"], name="recent_answerer")]

    def __str__(self) -> str:
        return f"{self.sent_at}"
