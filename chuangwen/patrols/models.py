"""Patrols: who looks at which places by which edition, and what they found.

No tracks, no check-ins: a position is kept only with a finding that failed, and only when it was given.
"""

from typing import ClassVar

from django.db import models

from chuangwen.cases.models import Case
from chuangwen.evidence.models import Photo
from chuangwen.people.models import Unit, User
from chuangwen.places.models import Site
from chuangwen.standards.models import Criterion, Edition


class PatrolKind(models.TextChoices):
    DAILY = "daily", "日常巡查"
    SPECIAL = "special", "专项督查"
    FOLLOW_UP = "follow_up", "跟踪督查"
    UNANNOUNCED = "unannounced", "暗访"


class Secrecy(models.TextChoices):
    OPEN = "", "公开"
    UNTIL_END = "end", "保密到结束"
    UNTIL_RELEASE = "release", "保密到公布"


class Patrol(models.Model):
    """A round of places for one or more inspectors in a time window.

    A secret one is seen by its inspectors and by those whose branch holds `secret_home`, by nobody else until
    `disclosed_at`; see docs/decisions/0011-supervision.md.
    """

    title = models.CharField("名称", max_length=120)
    kind = models.CharField("类别", max_length=20, choices=PatrolKind.choices, default=PatrolKind.DAILY)
    edition = models.ForeignKey(Edition, models.PROTECT, verbose_name="测评标准")
    starts_at = models.DateTimeField("开始")
    ends_at = models.DateTimeField("结束")
    inspectors = models.ManyToManyField(User, related_name="patrols", verbose_name="巡查员")
    cancelled_at = models.DateTimeField("取消时间", null=True)
    secrecy = models.CharField("保密", max_length=10, choices=Secrecy.choices, default=Secrecy.OPEN, blank=True)
    secret_home = models.ForeignKey(Unit, models.PROTECT, null=True, related_name="+", verbose_name="保密范围")
    disclosed_at = models.DateTimeField("公布时间", null=True)
    created_at = models.DateTimeField("创建时间")
    created_by = models.CharField("创建人", max_length=80)
    client_key = models.CharField(max_length=64, null=True, unique=True)

    class Meta:
        verbose_name = "巡查"
        ordering: ClassVar = ["-starts_at", "-id"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(ends_at__gt=models.F("starts_at")), name="patrol_ends_after_start"
            ),
            models.CheckConstraint(
                condition=~models.Q(secrecy=Secrecy.OPEN.value) | models.Q(secret_home=None, disclosed_at=None),
                name="only_a_secret_patrol_is_disclosed",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["-starts_at", "-id"], name="patrol_newest"),
            models.Index(
                fields=["ends_at"],
                condition=models.Q(disclosed_at=None) & ~models.Q(secrecy=Secrecy.OPEN.value),
                name="patrol_concealed",
            ),
        ]

    def __str__(self) -> str:
        return self.title


class PatrolSite(models.Model):
    """A place on the round."""

    patrol = models.ForeignKey(Patrol, models.CASCADE, related_name="stops")
    site = models.ForeignKey(Site, models.PROTECT, related_name="+")
    position = models.PositiveSmallIntegerField("次序")
    planned_at = models.DateTimeField("预计到达", null=True)

    class Meta:
        ordering: ClassVar = ["position"]
        constraints: ClassVar = [models.UniqueConstraint(fields=["patrol", "site"], name="one_stop_a_site")]

    def __str__(self) -> str:
        return f"{self.position} {self.site_id}"


class Visit(models.Model):
    """One inspector at one place on one round."""

    patrol = models.ForeignKey(Patrol, models.PROTECT, related_name="visits")
    site = models.ForeignKey(Site, models.PROTECT, related_name="visits")
    inspector = models.ForeignKey(User, models.PROTECT, related_name="+")
    started_at = models.DateTimeField("开始")
    finished_at = models.DateTimeField("完成", null=True)
    answers = models.JSONField("附加问题的回答", default=dict, blank=True)

    class Meta:
        verbose_name = "走访"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["patrol", "site", "inspector"], name="one_visit_a_stop_and_inspector")
        ]
        indexes: ClassVar = [
            models.Index(fields=["site", "-started_at"], name="visit_site_newest"),
            models.Index(fields=["started_at"], name="visit_started"),
        ]

    def __str__(self) -> str:
        return f"{self.patrol_id}/{self.site_id}"


class Verdict(models.TextChoices):
    PASS = "pass", "合格"
    FAIL = "fail", "不合格"
    NA = "na", "不适用"


class Finding(models.Model):
    """One criterion judged at one visit."""

    visit = models.ForeignKey(Visit, models.CASCADE, related_name="findings")
    criterion = models.ForeignKey(Criterion, models.PROTECT, related_name="findings")
    verdict = models.CharField("判定", max_length=4, choices=Verdict.choices)
    note = models.CharField("说明", max_length=500, blank=True)
    found_at = models.DateTimeField("判定时间")
    lng = models.DecimalField("经度", max_digits=9, decimal_places=6, null=True)
    lat = models.DecimalField("纬度", max_digits=9, decimal_places=6, null=True)
    client_key = models.CharField(max_length=64, null=True, unique=True)
    case = models.ForeignKey(Case, models.PROTECT, null=True, related_name="+")

    class Meta:
        verbose_name = "判定"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["visit", "criterion"], name="one_finding_a_criterion"),
            models.CheckConstraint(
                condition=models.Q(lng=None, lat=None)
                | models.Q(lng__isnull=False, lat__isnull=False, verdict=Verdict.FAIL.value),
                name="position_only_with_a_failed_finding",
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["criterion", "verdict", "found_at"], name="finding_criterion")]

    def __str__(self) -> str:
        return f"{self.criterion_id} {self.verdict}"


class FindingPhoto(models.Model):
    """A photo as evidence of a finding."""

    finding = models.ForeignKey(Finding, models.CASCADE, related_name="photos")
    photo = models.ForeignKey(Photo, models.PROTECT, related_name="+")

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["finding", "photo"], name="one_photo_a_finding")]

    def __str__(self) -> str:
        return f"{self.finding_id}"
