"""What examination is expected (a version for every change), past examinations beside our own look, and the forecasts.

A finished forecast is frozen: its figures, the digest of what it rested on, its warnings. No figure is about a person.
"""

from typing import Any, ClassVar

from django.db import models

from chuangwen.people.models import Unit
from chuangwen.places.models import Site
from chuangwen.rules.forecast_levers import Facts, sentence
from chuangwen.standards.models import Criterion, Edition, PointType


class ExamSetting(models.Model):
    """One version of what examination is expected: edition, date, line, places a type. `toml`: the command's P.toml."""

    home = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name="范围")
    edition = models.ForeignKey(Edition, models.PROTECT, related_name="+", verbose_name="测评标准")
    version = models.PositiveIntegerField("版次")
    day = models.DateField("测评日期")
    toml = models.TextField("设想")
    saved_at = models.DateTimeField("保存时间")
    saved_by = models.CharField("保存人", max_length=80)

    class Meta:
        verbose_name = "测评设想"
        ordering: ClassVar = ["-version"]
        constraints: ClassVar = [models.UniqueConstraint(fields=["home", "version"], name="one_exam_setting_a_version")]

    def __str__(self) -> str:
        return f"{self.home_id} 第 {self.version} 版"


class PastExam(models.Model):
    """A past examination and our own look at about the same time: how strict the examiners were against us."""

    home = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name="范围")
    name = models.CharField("测评", max_length=80)
    held_on = models.DateField("日期")
    our_rate = models.DecimalField("我们的得分率", max_digits=5, decimal_places=2)
    our_checks = models.PositiveIntegerField("我们的检查数")
    their_rate = models.DecimalField("测评的得分率", max_digits=5, decimal_places=2)
    their_checks = models.PositiveIntegerField("测评的检查数")
    source = models.CharField("依据", max_length=200)
    entered_at = models.DateTimeField("登记时间")
    entered_by = models.CharField("登记人", max_length=80)
    withdrawn_at = models.DateTimeField("撤销时间", null=True)

    class Meta:
        verbose_name = "以往测评"
        ordering: ClassVar = ["-held_on", "-id"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["home", "name", "held_on"], condition=models.Q(withdrawn_at=None), name="one_past_exam"
            ),
            models.CheckConstraint(
                condition=models.Q(our_rate__gte=0, our_rate__lte=100, their_rate__gte=0, their_rate__lte=100)
                & models.Q(our_checks__gte=1, their_checks__gte=1),
                name="past_exam_rates_are_rates",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.held_on}"


class Run(models.Model):
    """One forecast. `result` as the command prints it, without levers; `refused` says why there is none.

    `site_values`: by number of the place, points of the total a visit is worth. `changes`: why the mean is not that of
    `compared_with`. `mark`: the newest finding it could know of. `digest`: SHA-256 over everything it rests on.
    """

    home = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name="范围")
    setting = models.ForeignKey(ExamSetting, models.PROTECT, related_name="runs", verbose_name="测评设想")
    asked_at = models.DateTimeField("发起时间")
    asked_by = models.CharField("发起人", max_length=80)
    client_key = models.CharField(max_length=64, null=True, unique=True)
    runs = models.PositiveIntegerField("模拟次数")
    seed = models.PositiveIntegerField("随机种子")
    progress = models.PositiveSmallIntegerField("进度", default=0)
    step = models.CharField("正在做", max_length=60, blank=True)
    finished_at = models.DateTimeField("完成时间", null=True)
    refused: Any = models.JSONField("算不了的原因", default=list, blank=True)
    counts: Any = models.JSONField("依据的数量", default=dict, blank=True)
    mark = models.BigIntegerField("最新的判定", default=0)
    digest = models.CharField("依据的散列", max_length=64, blank=True)
    result: Any = models.JSONField("结果", null=True)
    site_values: Any = models.JSONField("走访的价值", default=dict, blank=True)
    compared_with = models.ForeignKey("self", models.PROTECT, null=True, related_name="+", verbose_name="对照")
    changes: Any = models.JSONField("与对照的差别", default=list, blank=True)

    class Meta:
        verbose_name = "测评预测"
        ordering: ClassVar = ["-id"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(result=None) | models.Q(finished_at__isnull=False), name="a_result_is_finished"
            )
        ]
        indexes: ClassVar = [models.Index(fields=["home", "-id"], name="forecast_newest")]

    def __str__(self) -> str:
        return f"{self.home_id} {self.asked_at:%Y-%m-%d %H:%M}"

    @property
    def done(self) -> bool:
        """There are figures."""
        return self.result is not None


class RunLever(models.Model):
    """What one fix and one more look are worth: a criterion of a type in a street. `place`: by gain, 1 is the best."""

    run = models.ForeignKey(Run, models.CASCADE, related_name="levers")
    place = models.PositiveIntegerField("名次")
    criterion = models.ForeignKey(Criterion, models.PROTECT, related_name="+")
    point_type = models.ForeignKey(PointType, models.PROTECT, related_name="+")
    street = models.ForeignKey(Unit, models.PROTECT, null=True, related_name="+")
    gain = models.FloatField("整改一处（分）")
    look = models.FloatField("再查一次（分）")
    rate = models.FloatField("估计合格率")
    places = models.PositiveIntegerField("点位")
    failing = models.PositiveIntegerField("最近不合格")
    look_at = models.ForeignKey(Site, models.PROTECT, null=True, related_name="+")

    class Meta:
        verbose_name = "整改建议"
        ordering: ClassVar = ["place"]
        constraints: ClassVar = [models.UniqueConstraint(fields=["run", "place"], name="one_lever_a_place")]
        indexes: ClassVar = [models.Index(fields=["run", "-look", "place"], name="lever_look")]

    def __str__(self) -> str:
        return f"{self.run_id} {self.place}"

    @property
    def why(self) -> str:
        """The lever in one sentence; needs criterion, type, street and place fetched."""
        where = f"{self.street.name if self.street else '（不在街道）'}的{self.point_type.name}"
        look_at = self.look_at.name if self.look_at else f"没有查过的{self.point_type.name}"
        text = self.criterion.text
        return sentence(Facts(where, text, self.rate, self.places, self.failing, self.gain, self.look, look_at))
