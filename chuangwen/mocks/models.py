"""Mock examinations: what was frozen, which numbers decided, who looks at which place, and what each of them saw.

Nothing here counts or marks a person: an assessor is kept with a look because nobody may look twice at one place and
nobody may read another's look before their own is done.
"""

from typing import ClassVar

from django.db import models

from chuangwen.evidence.models import Photo
from chuangwen.people.models import Unit, User
from chuangwen.places.models import Site
from chuangwen.rules.mock_rates import VERDICTS
from chuangwen.standards.models import Criterion, Edition


class Mock(models.Model):
    """One mock examination: plan and list first, then the draw, the looks, the report. Never deleted."""

    name = models.CharField("名称", max_length=80)
    scope = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name="范围")
    edition = models.ForeignKey(Edition, models.PROTECT, related_name="+", verbose_name="测评标准")
    plan = models.JSONField("各类点位抽几处")
    sources = models.JSONField("种子来源")
    announced_on = models.DateField("开奖日")
    days_to_do = models.PositiveSmallIntegerField("测评时限（天）", default=7)
    snapshot = models.TextField("候选名单")
    sha256 = models.CharField("名单指纹", max_length=64)
    salt = models.CharField("封存用随机串", max_length=64)
    published_at = models.DateTimeField("公布时间")
    published_by = models.CharField("公布人", max_length=80)
    client_key = models.CharField(max_length=64, null=True, unique=True)

    numbers = models.JSONField("开奖号码", null=True)
    numbers_from = models.CharField("号码出处", max_length=200, blank=True)
    drawn_at = models.DateTimeField("抽取时间", null=True)
    drawn_by = models.CharField("抽取人", max_length=80, blank=True)
    record = models.JSONField("抽取记录", null=True)
    closed_at = models.DateTimeField("结束时间", null=True)
    closed_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name="结束人")
    released_at = models.DateTimeField("发布时间", null=True)
    released_by = models.CharField("发布人", max_length=80, blank=True)
    report = models.JSONField("发布的报告", null=True)
    cancelled_at = models.DateTimeField("作废时间", null=True)
    cancel_reason = models.CharField("作废理由", max_length=300, blank=True)

    class Meta:
        verbose_name = "模拟测评"
        ordering: ClassVar = ["-published_at", "-id"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(drawn_at=None, numbers=None, record=None)
                | models.Q(drawn_at__isnull=False, numbers__isnull=False, record__isnull=False),
                name="mock_drawn_with_numbers_and_record",
            ),
            models.CheckConstraint(
                condition=models.Q(closed_at=None) | models.Q(drawn_at__isnull=False), name="mock_closed_after_draw"
            ),
            models.CheckConstraint(
                condition=models.Q(released_at=None, report=None)
                | models.Q(released_at__isnull=False, report__isnull=False, closed_at__isnull=False),
                name="mock_released_with_report",
            ),
            models.CheckConstraint(
                condition=models.Q(cancelled_at=None, cancel_reason="")
                | (models.Q(cancelled_at__isnull=False) & ~models.Q(cancel_reason="")),
                name="cancelled_mock_says_why",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["-published_at", "-id"], name="mock_newest"),
            models.Index(fields=["edition", "closed_at"], name="mock_edition"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def state(self) -> str:
        """published, running, closed, released or cancelled."""
        if self.cancelled_at is not None:
            return "cancelled"
        if self.released_at is not None:
            return "released"
        if self.closed_at is not None:
            return "closed"
        return "running" if self.drawn_at is not None else "published"


class Candidate(models.Model):
    """One line of the frozen list: the number is tied to its place by a seal, so that the list may be shown."""

    mock = models.ForeignKey(Mock, models.CASCADE, related_name="candidates")
    number = models.PositiveIntegerField("编号")
    site = models.ForeignKey(Site, models.PROTECT, related_name="+", verbose_name="点位")
    point_type = models.CharField("点位类型", max_length=10)
    street = models.CharField("街道", max_length=80)
    seal = models.CharField("封存值", max_length=64)

    class Meta:
        ordering: ClassVar = ["number"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["mock", "number"], name="one_mock_candidate_a_number"),
            models.UniqueConstraint(fields=["mock", "site"], name="one_mock_candidate_a_site"),
        ]

    def __str__(self) -> str:
        return f"{self.mock_id}/{self.number}"


class Place(models.Model):
    """A drawn place, as it stood when it was drawn."""

    mock = models.ForeignKey(Mock, models.PROTECT, related_name="places")
    number = models.PositiveIntegerField("编号")
    site = models.ForeignKey(Site, models.PROTECT, related_name="+", verbose_name="点位")
    point_type = models.CharField("点位类型", max_length=10)
    street = models.CharField("街道", max_length=80)

    class Meta:
        verbose_name = "测评点位"
        ordering: ClassVar = ["point_type", "number"]
        constraints: ClassVar = [models.UniqueConstraint(fields=["mock", "site"], name="one_place_a_mock")]

    def __str__(self) -> str:
        return f"{self.mock_id}/{self.number}"


class Look(models.Model):
    """One assessor at one place: the first two see everything, the third only what is in dispute."""

    place = models.ForeignKey(Place, models.PROTECT, related_name="looks")
    part = models.PositiveSmallIntegerField("第几人")
    assessor = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name="测评员")
    due_at = models.DateTimeField("期限")
    finished_at = models.DateTimeField("完成时间", null=True)
    withdrawn_at = models.DateTimeField("撤回时间", null=True)

    class Meta:
        verbose_name = "测评任务"
        ordering: ClassVar = ["due_at", "id"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["place", "part"], name="one_look_a_part"),
            models.UniqueConstraint(fields=["place", "assessor"], name="nobody_looks_twice_at_a_place"),
            models.CheckConstraint(condition=models.Q(part__gte=1, part__lte=3), name="at_most_three_looks"),
            models.CheckConstraint(
                condition=models.Q(finished_at=None) | models.Q(assessor__isnull=False, withdrawn_at=None),
                name="mock_look_finished_by_somebody",
            ),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["assessor", "due_at"],
                condition=models.Q(finished_at=None, withdrawn_at=None),
                name="mock_look_open",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.place_id}/{self.part}"

    @property
    def is_open(self) -> bool:
        """Still to be done."""
        return self.finished_at is None and self.withdrawn_at is None


VERDICT_WORDS = {"pass": "合格", "fail": "不合格", "na": "没有这项设施", "skip": "没测到"}


class Answer(models.Model):
    """One criterion of a look; the row is there from the beginning, the verdict when it has been judged."""

    look = models.ForeignKey(Look, models.CASCADE, related_name="answers")
    criterion = models.ForeignKey(Criterion, models.PROTECT, related_name="+")
    verdict = models.CharField(
        "判定", max_length=4, choices=[(verdict, VERDICT_WORDS[verdict]) for verdict in VERDICTS], blank=True
    )
    note = models.CharField("说明", max_length=500, blank=True)
    found_at = models.DateTimeField("判定时间", null=True)

    class Meta:
        verbose_name = "测评判定"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["look", "criterion"], name="one_answer_a_criterion"),
            models.CheckConstraint(
                condition=models.Q(verdict="", found_at=None)
                | (~models.Q(verdict="") & models.Q(found_at__isnull=False)),
                name="mock_answer_has_time",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.criterion_id} {self.verdict}"


class AnswerPhoto(models.Model):
    """A photo as evidence of an answer."""

    answer = models.ForeignKey(Answer, models.CASCADE, related_name="photos")
    photo = models.ForeignKey(Photo, models.PROTECT, related_name="+")

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["answer", "photo"], name="one_photo_an_answer")]

    def __str__(self) -> str:
        return f"{self.answer_id}"
