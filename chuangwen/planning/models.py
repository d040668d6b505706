"""Tomorrow's routes: teams, what each type of site needs, and the plan of a day that people change and approve.

A plan knows where teams should be and when; nothing here says where anybody was, or how fast.
"""

from typing import ClassVar

from django.db import models

from chuangwen.patrols.models import Patrol
from chuangwen.people.models import Unit, User
from chuangwen.places.models import Site
from chuangwen.standards.models import Edition

MIDNIGHT = 24 * 60


class PlanStatus(models.TextChoices):
    WAITING = "waiting", "正在排"
    DRAFT = "draft", "草稿"
    FAILED = "failed", "没有排成"
    APPROVED = "approved", "已批准"
    DISCARDED = "discarded", "已放弃"


class WaysBy(models.TextChoices):
    STRAIGHT = "straight", "直线距离折算"
    SERVICE = "service", "路网服务"
    TABLE = "table", "路程表"


class StopWhy(models.TextChoices):
    MUST = "must", "必去"
    DRAWN = "drawn", "随机"
    VALUE = "value", "价值"
    ADDED = "added", "人工加入"


def _working_hours(name: str) -> models.CheckConstraint:
    return models.CheckConstraint(
        condition=models.Q(begins__lt=models.F("ends"), ends__lte=MIDNIGHT), name=f"{name}_has_working_hours"
    )


class Team(models.Model):
    """Inspectors who set out together: from where, and between which minutes of the day."""

    home = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name="范围")
    name = models.CharField("队伍", max_length=40)
    inspectors = models.ManyToManyField(User, related_name="+", verbose_name="巡查员")
    start_name = models.CharField("出发地点", max_length=80)
    lng = models.DecimalField("出发地点经度", max_digits=9, decimal_places=6)
    lat = models.DecimalField("出发地点纬度", max_digits=9, decimal_places=6)
    begins = models.PositiveSmallIntegerField("上班（分钟）")
    ends = models.PositiveSmallIntegerField("下班（分钟）")
    active = models.BooleanField("在用", default=True)

    class Meta:
        verbose_name = "巡查队伍"
        ordering: ClassVar = ["name", "id"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["home", "name"], name="one_team_a_name"),
            _working_hours("team"),
        ]

    def __str__(self) -> str:
        return self.name


class TypeTerms(models.Model):
    """What a branch set for a type of site: minutes at a stop, and between which minutes of the day a visit begins."""

    home = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name="范围")
    point_type = models.CharField("点位类型", max_length=10)
    minutes = models.PositiveSmallIntegerField("停留分钟")
    opens = models.PositiveSmallIntegerField("最早到达（分钟）")
    closes = models.PositiveSmallIntegerField("最晚到达（分钟）")

    class Meta:
        verbose_name = "停留与时间窗"
        ordering: ClassVar = ["point_type"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["home", "point_type"], name="one_terms_a_type"),
            models.CheckConstraint(
                condition=models.Q(opens__lte=models.F("closes"), closes__lte=MIDNIGHT, minutes__gte=1),
                name="terms_open_before_they_close",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.point_type} {self.minutes}"


class Plan(models.Model):
    """The routes of one day. `ways`: seconds between the sites of `places`, then the teams (as 16-bit numbers, packed);
    empty when straight lines are reckoned. `candidates`: (site, value) of those that were weighed, the best first.
    """

    home = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name="范围")
    day = models.DateField("日期")
    title = models.CharField("名称", max_length=80)
    edition = models.ForeignKey(Edition, models.PROTECT, related_name="+", verbose_name="测评标准")
    kind = models.CharField("类别", max_length=20)
    status = models.CharField("状态", max_length=10, choices=PlanStatus.choices, default=PlanStatus.WAITING)
    version = models.PositiveIntegerField("版次", default=1)
    gap = models.PositiveSmallIntegerField("间隔天数")
    random_percent = models.PositiveSmallIntegerField("随机份额")
    seed = models.PositiveIntegerField("随机种子")
    must = models.JSONField("必去点位", default=list)
    ways_by = models.CharField("路程", max_length=10, choices=WaysBy.choices, default=WaysBy.STRAIGHT)
    factor = models.DecimalField("直线距离的倍数", max_digits=3, decimal_places=1)
    speed = models.PositiveSmallIntegerField("公里/小时")
    places = models.JSONField("路程表的点位", default=list)
    ways = models.BinaryField("路程表", default=bytes)
    values_by = models.CharField("价值来源", max_length=20, blank=True)
    candidates = models.JSONField("候选点位", default=list)
    left_out = models.JSONField("没排进的必去点位", default=list)
    notes = models.JSONField("说明", default=list)
    progress = models.PositiveSmallIntegerField("进度", default=0)
    asked_at = models.DateTimeField("开始时间")
    asked_by = models.CharField("安排人", max_length=80)
    approved_at = models.DateTimeField("批准时间", null=True)
    approved_by = models.CharField("批准人", max_length=80, blank=True)
    overrule = models.CharField("有冲突仍批准的理由", max_length=300, blank=True)
    client_key = models.CharField(max_length=64, null=True, unique=True)

    class Meta:
        verbose_name = "路线安排"
        ordering: ClassVar = ["-day", "-id"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(status=PlanStatus.APPROVED.value, approved_at__isnull=False)
                | (~models.Q(status=PlanStatus.APPROVED.value) & models.Q(approved_at=None)),
                name="approved_plan_has_moment",
            ),
            models.CheckConstraint(condition=models.Q(random_percent__lte=100), name="random_share_is_a_share"),
        ]
        indexes: ClassVar = [models.Index(fields=["-day", "-id"], name="plan_newest")]

    def __str__(self) -> str:
        return self.title


class PlanTeam(models.Model):
    """A team as it was when the plan was asked for; its patrol once the plan is approved."""

    plan = models.ForeignKey(Plan, models.CASCADE, related_name="teams")
    number = models.PositiveSmallIntegerField("次序")
    name = models.CharField("队伍", max_length=40)
    inspectors = models.ManyToManyField(User, related_name="+", verbose_name="巡查员")
    start_name = models.CharField("出发地点", max_length=80)
    lng = models.DecimalField("出发地点经度", max_digits=9, decimal_places=6)
    lat = models.DecimalField("出发地点纬度", max_digits=9, decimal_places=6)
    begins = models.PositiveSmallIntegerField("上班（分钟）")
    ends = models.PositiveSmallIntegerField("下班（分钟）")
    patrol = models.OneToOneField(Patrol, models.PROTECT, null=True, related_name="+")

    class Meta:
        ordering: ClassVar = ["number"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["plan", "number"], name="one_team_a_number"),
            _working_hours("plan_team"),
        ]

    def __str__(self) -> str:
        return self.name


class PlanStop(models.Model):
    """A site on a team's route; what the type needed when it was planned is kept with it."""

    plan = models.ForeignKey(Plan, models.CASCADE, related_name="stops")
    team = models.ForeignKey(PlanTeam, models.CASCADE, related_name="stops")
    site = models.ForeignKey(Site, models.PROTECT, related_name="+")
    position = models.PositiveSmallIntegerField("次序")
    why = models.CharField("理由", max_length=10, choices=StopWhy.choices)
    value = models.FloatField("价值", default=0)
    minutes = models.PositiveSmallIntegerField("停留分钟")
    opens = models.PositiveSmallIntegerField("最早到达（分钟）")
    closes = models.PositiveSmallIntegerField("最晚到达（分钟）")

    class Meta:
        ordering: ClassVar = ["team__number", "position"]
        constraints: ClassVar = [models.UniqueConstraint(fields=["plan", "site"], name="one_stop_a_planned_site")]

    def __str__(self) -> str:
        return f"{self.position} {self.site_id}"
