"""Score sheets: one computation of one published rule over one period, line by line with reasons and basis."""

from datetime import datetime
from typing import ClassVar

from django.db import models

from chuangwen.people.models import Unit, UnitKind
from chuangwen.rules.scoring import Rule, load_rule


class ScoreSheet(models.Model):
    """得分表. A draft can be thrown away; a released one never changes, a new computation makes a new sheet.

    `shown_at`: from when the units it ranks may look at it and object. `corrects`: the same figures as that sheet, only
    without what appeals took out until `corrected_at`; `computed_at` stays the moment as of which its facts were taken.
    """

    scope = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name="范围")
    league = models.CharField("排名对象", max_length=20, choices=UnitKind.choices, default=UnitKind.STREET)
    rule_name = models.CharField("规则代号", max_length=60)
    rule_title = models.CharField("规则", max_length=160)
    rule_text = models.TextField("规则原文")
    period_start = models.DateField("本期起")
    period_end = models.DateField("本期止")
    computed_at = models.DateTimeField("计算时间")
    computed_by = models.CharField("计算人", max_length=80)
    released_at = models.DateTimeField("发布时间", null=True)
    released_by = models.CharField("发布人", max_length=80, blank=True)
    note = models.CharField("说明", max_length=300, blank=True)
    shown_at = models.DateTimeField("公示时间", null=True)
    corrects = models.ForeignKey(
        "self", models.PROTECT, null=True, related_name="corrections", verbose_name="更正的得分表"
    )
    corrected_at = models.DateTimeField("更正时间", null=True)

    class Meta:
        verbose_name = "得分表"
        ordering: ClassVar = ["-period_end", "-id"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["scope", "rule_name", "period_start", "period_end"],
                condition=models.Q(released_at__isnull=False),
                name="one_released_sheet_a_period",
            ),
            models.CheckConstraint(
                condition=models.Q(period_end__gte=models.F("period_start")), name="sheet_ends_after_start"
            ),
            models.CheckConstraint(
                condition=models.Q(released_at=None, released_by="")
                | (models.Q(released_at__isnull=False) & ~models.Q(released_by="")),
                name="sheet_release_has_person",
            ),
            models.CheckConstraint(
                condition=models.Q(corrects=None, corrected_at=None)
                | models.Q(corrects__isnull=False, corrected_at__isnull=False),
                name="correction_has_moment",
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["scope", "-period_end", "-id"], name="sheet_scope_newest")]

    def __str__(self) -> str:
        return f"{self.rule_title} {self.period_start}—{self.period_end}"

    @property
    def rule(self) -> Rule:
        """The rule exactly as it was used."""
        return load_rule(self.rule_text)

    @property
    def is_released(self) -> bool:
        """Released sheets never change."""
        return self.released_at is not None

    @property
    def appeals_known_at(self) -> datetime:
        """Appeals granted until this moment are in it."""
        return self.corrected_at or self.computed_at


class ScoreLine(models.Model):
    """得分行. A unit that could not be ranked has neither place nor total, and the reason.

    `parts`: one dict a part of the rule with key, label, value, weight, points (decimals as text) and imputed.
    `basis`: part key -> group -> ids, for example {"field": {"findings": [...], "failed": [...]}}; what granted appeals
    took out of a part stands in its groups `appealed` (ids) and `appeals` (the appeals).
    """

    sheet = models.ForeignKey(ScoreSheet, models.CASCADE, related_name="lines")
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name="单位")
    unit_name = models.CharField("单位名称", max_length=80)
    league = models.CharField("分组", max_length=80, blank=True)
    place = models.PositiveIntegerField("名次", null=True)
    total_shown = models.CharField("总分", max_length=20, blank=True)
    total_exact = models.CharField("未舍入的总分", max_length=100, blank=True)
    parts = models.JSONField("各项", default=list)
    reasons = models.JSONField("理由", default=list)
    basis = models.JSONField("依据", default=dict)

    class Meta:
        verbose_name = "得分行"
        ordering: ClassVar = ["league", models.F("place").asc(nulls_last=True), "unit_name"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["sheet", "unit"], name="one_line_a_unit"),
            models.CheckConstraint(
                condition=models.Q(place=None, total_shown="", total_exact="")
                | (models.Q(place__isnull=False) & ~models.Q(total_shown="") & ~models.Q(total_exact="")),
                name="place_and_total_together",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.place or '未排名'} {self.unit_name}"


class FairFigures(models.Model):
    """公平对照: the same findings with the strictness of who looked taken out, and how sure each place is.

    `units`: one dict a unit (see `rules.fair_ranking.UnitRank`). `spread`: standard deviation of the strictness of the
    inspectors in log-odds; figures of single inspectors are not kept.
    """

    sheet = models.OneToOneField(ScoreSheet, models.CASCADE, related_name="fair")
    units = models.JSONField("各单位", default=list)
    warnings = models.JSONField("提醒", default=list)
    spread = models.FloatField("宽严离散", default=0)
    checks = models.PositiveIntegerField("判定条数", default=0)
    computed_at = models.DateTimeField("计算时间")

    class Meta:
        verbose_name = "公平对照"

    def __str__(self) -> str:
        return f"{self.sheet_id}"
