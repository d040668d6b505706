"""Campaigns: dragnet checks over every site of chosen types and areas, and special campaigns against one kind of trouble."""

from datetime import date, datetime, time, timedelta
from typing import ClassVar
from zoneinfo import ZoneInfo

from django.db import models

from chuangwen.patrols.models import Patrol
from chuangwen.people.models import Post, Unit
from chuangwen.places.models import Site
from chuangwen.rules.campaigns import MEASURES, CampaignKind, CampaignStatus
from chuangwen.standards.models import CaseStandard, Criterion, Edition

BEIJING = ZoneInfo("Asia/Shanghai")
_ENDED = sorted([CampaignStatus.CLOSED.value, CampaignStatus.CANCELLED.value])


def midnight(day: date) -> datetime:
    """The first moment of a day in Beijing."""
    return datetime.combine(day, time(), BEIJING)


class Campaign(models.Model):
    """One campaign of either kind. A draft can be edited; once running only its own steps change it."""

    kind = models.CharField("种类", max_length=10, choices=[(kind.value, kind.label) for kind in CampaignKind])
    status = models.CharField(
        "状态", max_length=10, choices=[(s.value, s.label) for s in CampaignStatus], default=CampaignStatus.DRAFT.value
    )
    home = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name="所属范围")
    title = models.CharField("名称", max_length=120)
    aim = models.TextField("目的")
    starts_on = models.DateField("开始")
    ends_on = models.DateField("截止")
    closes_at = models.DateTimeField("计到")
    opens_at = models.DateTimeField("起算")
    point_types = models.JSONField("点位类型", default=list)
    edition = models.ForeignKey(Edition, models.PROTECT, null=True, related_name="+", verbose_name="测评标准")
    all_criteria = models.BooleanField("全部条目必查", default=True)
    criteria = models.ManyToManyField(Criterion, related_name="+", verbose_name="必查条目")
    areas = models.ManyToManyField(Unit, related_name="+", verbose_name="区域")
    standards = models.ManyToManyField(CaseStandard, related_name="+", verbose_name="案件类别")
    baseline_weeks = models.PositiveSmallIntegerField("对照周数", default=8)
    budget_amount = models.DecimalField("经费（元）", max_digits=14, decimal_places=2, null=True)
    budget_source = models.CharField("经费来源", max_length=120, blank=True)
    conclusion = models.TextField("结论", blank=True)
    cancel_reason = models.CharField("取消理由", max_length=500, blank=True)
    ended_at = models.DateTimeField("结束时间", null=True)
    ended_by = models.CharField("结束人", max_length=80, blank=True)
    released_at = models.DateTimeField("公开时间", null=True)
    released_by = models.CharField("公开人", max_length=80, blank=True)
    public_facts = models.JSONField("公开内容", default=dict)
    created_at = models.DateTimeField("创建时间")
    created_by = models.CharField("创建人", max_length=80)
    client_key = models.CharField(max_length=64, null=True, unique=True)
    version = models.PositiveIntegerField("修订", default=1)

    class Meta:
        verbose_name = "排查与专项"
        ordering: ClassVar = ["-starts_on", "-id"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(ends_on__gte=models.F("starts_on")), name="campaign_ends_after_start"
            ),
            models.CheckConstraint(
                condition=models.Q(kind__in=sorted(kind.value for kind in CampaignKind)), name="campaign_kind_known"
            ),
            models.CheckConstraint(
                condition=models.Q(status__in=sorted(status.value for status in CampaignStatus)),
                name="campaign_status_known",
            ),
            models.CheckConstraint(
                condition=models.Q(status__in=_ENDED, ended_at__isnull=False)
                | (~models.Q(status__in=_ENDED) & models.Q(ended_at=None)),
                name="ended_campaign_has_moment",
            ),
            models.CheckConstraint(
                condition=~models.Q(status=CampaignStatus.CLOSED.value) | ~models.Q(conclusion=""),
                name="closed_campaign_has_conclusion",
            ),
            models.CheckConstraint(
                condition=models.Q(released_at=None, released_by="")
                | (models.Q(released_at__isnull=False) & ~models.Q(released_by="")),
                name="released_campaign_has_person",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["status", "-starts_on", "-id"], name="campaign_status_newest"),
            models.Index(fields=["home", "-starts_on", "-id"], name="campaign_home_newest"),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def flow_status(self) -> CampaignStatus:
        """The status as the rules know it."""
        return CampaignStatus(self.status)

    @property
    def is_dragnet(self) -> bool:
        """A dragnet check, otherwise a special campaign."""
        return self.kind == CampaignKind.DRAGNET

    @property
    def is_released(self) -> bool:
        """Residents can see its page."""
        return self.released_at is not None

    def set_window(self) -> None:
        """The moments between which work counts, from the two days."""
        self.opens_at = midnight(self.starts_on)
        self.closes_at = midnight(self.ends_on + timedelta(days=1))


class CampaignUnit(models.Model):
    """A unit of the team (special) or in charge of places (dragnet), with a named post where one was given."""

    campaign = models.ForeignKey(Campaign, models.CASCADE, related_name="team")
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name="单位")
    lead = models.ForeignKey(Post, models.PROTECT, null=True, related_name="+", verbose_name="负责人")
    position = models.PositiveSmallIntegerField("次序", default=0)

    class Meta:
        ordering: ClassVar = ["position", "id"]
        constraints: ClassVar = [models.UniqueConstraint(fields=["campaign", "unit"], name="one_part_a_unit")]

    def __str__(self) -> str:
        return f"{self.unit}"


class CampaignSite(models.Model):
    """A place of a dragnet check, frozen at the start. Whether it is done follows from visits and is stored nowhere."""

    campaign = models.ForeignKey(Campaign, models.CASCADE, related_name="places")
    site = models.ForeignKey(Site, models.PROTECT, related_name="+", verbose_name="点位")
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name="负责单位")
    must_count = models.PositiveSmallIntegerField("必查条目数")
    added_at = models.DateTimeField("列入时间")
    added_reason = models.CharField("补入理由", max_length=300, blank=True)
    dropped_at = models.DateTimeField("剔除时间", null=True)
    dropped_reason = models.CharField("剔除理由", max_length=300, blank=True)
    unreachable_at = models.DateTimeField("进不去的时间", null=True)
    unreachable_by = models.CharField("登记人", max_length=80, blank=True)
    unreachable_reason = models.CharField("进不去的原因", max_length=300, blank=True)

    class Meta:
        verbose_name = "排查点位"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["campaign", "site"], name="one_place_a_campaign"),
            models.CheckConstraint(condition=models.Q(must_count__gt=0), name="place_has_must_checks"),
            models.CheckConstraint(
                condition=models.Q(dropped_at=None, dropped_reason="")
                | (models.Q(dropped_at__isnull=False) & ~models.Q(dropped_reason="")),
                name="dropped_place_has_reason",
            ),
            models.CheckConstraint(
                condition=models.Q(unreachable_at=None, unreachable_by="", unreachable_reason="")
                | (
                    models.Q(unreachable_at__isnull=False)
                    & ~models.Q(unreachable_by="")
                    & ~models.Q(unreachable_reason="")
                ),
                name="unreachable_place_has_reason",
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["site", "campaign"], name="campaign_of_site")]

    def __str__(self) -> str:
        return f"{self.campaign_id}/{self.site_id}"


class CampaignPatrol(models.Model):
    """A patrol that was planned out of a campaign."""

    campaign = models.ForeignKey(Campaign, models.CASCADE, related_name="rounds")
    patrol = models.OneToOneField(Patrol, models.PROTECT, related_name="+")

    def __str__(self) -> str:
        return f"{self.campaign_id}/{self.patrol_id}"


class CampaignTarget(models.Model):
    """A figure to be reached, with what it was before the start (frozen then): `baseline_part` of `baseline_whole`."""

    campaign = models.ForeignKey(Campaign, models.CASCADE, related_name="targets")
    measure = models.CharField("指标", max_length=20, choices=[(name, kind.label) for name, kind in MEASURES.items()])
    value = models.DecimalField("目标", max_digits=9, decimal_places=2)
    baseline_part = models.PositiveIntegerField("此前（分子）", null=True)
    baseline_whole = models.PositiveIntegerField("此前（分母）", null=True)

    class Meta:
        ordering: ClassVar = ["id"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["campaign", "measure"], name="one_target_a_measure"),
            models.CheckConstraint(condition=models.Q(value__gte=0), name="target_not_below_zero"),
            models.CheckConstraint(
                condition=models.Q(baseline_part=None, baseline_whole=None)
                | models.Q(baseline_part__isnull=False, baseline_whole__isnull=False),
                name="baseline_part_and_whole_together",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.measure} {self.value}"


class Milestone(models.Model):
    """Something to be done by a day, and who says that it is, on what evidence."""

    campaign = models.ForeignKey(Campaign, models.CASCADE, related_name="milestones")
    title = models.CharField("节点", max_length=120)
    due_on = models.DateField("应完成")
    done_at = models.DateTimeField("完成时间", null=True)
    done_by = models.CharField("完成登记人", max_length=80, blank=True)
    note = models.CharField("完成依据", max_length=500, blank=True)

    class Meta:
        ordering: ClassVar = ["due_on", "id"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(done_at=None, done_by="", note="")
                | (models.Q(done_at__isnull=False) & ~models.Q(done_by="") & ~models.Q(note="")),
                name="done_milestone_has_person_and_note",
            )
        ]

    def __str__(self) -> str:
        return self.title


class Spending(models.Model):
    """Money spent out of a campaign's budget; an entry made in error is struck out, not deleted."""

    campaign = models.ForeignKey(Campaign, models.CASCADE, related_name="spendings")
    spent_on = models.DateField("日期")
    amount = models.DecimalField("金额（元）", max_digits=14, decimal_places=2)
    purpose = models.CharField("用途", max_length=200)
    entered_at = models.DateTimeField("登记时间")
    entered_by = models.CharField("登记人", max_length=80)
    struck_at = models.DateTimeField("划去时间", null=True)
    struck_reason = models.CharField("划去理由", max_length=300, blank=True)

    class Meta:
        ordering: ClassVar = ["spent_on", "id"]
        constraints: ClassVar = [
            models.CheckConstraint(condition=models.Q(amount__gt=0), name="spending_above_zero"),
            models.CheckConstraint(
                condition=models.Q(struck_at=None, struck_reason="")
                | (models.Q(struck_at__isnull=False) & ~models.Q(struck_reason="")),
                name="struck_spending_has_reason",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.amount} {self.purpose}"
