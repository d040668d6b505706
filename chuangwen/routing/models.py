"""Objections to a dispatch, sets of routing rules, and what a draft set would have done with past cases."""

from datetime import date
from typing import ClassVar

from django.db import models

from chuangwen.cases.models import Case
from chuangwen.people.models import Unit, User
from chuangwen.rules.dispatch_objections import OUTCOME_LABELS, Outcome, Terms, read_terms
from chuangwen.rules.routing import RoutingRule
from chuangwen.rules.routing_files import from_rows

_DECIDED = sorted(outcome.value for outcome in Outcome if outcome.value)  # in one order: migrations compare it


class ObjectionTerms(models.Model):
    """Limits and grounds that an office set for its branch; the newest row counts, older ones are kept."""

    home = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name="适用范围")
    object_within = models.CharField("提出时限", max_length=40)
    decide_within = models.CharField("裁定时限", max_length=40)
    grounds = models.JSONField("异议理由")
    set_at = models.DateTimeField("设定时间")
    set_by = models.CharField("设定人", max_length=80)
    client_key = models.CharField(max_length=64, null=True, unique=True)

    class Meta:
        verbose_name = "派单异议规定"
        ordering: ClassVar = ["-id"]

    def __str__(self) -> str:
        return f"{self.object_within} / {self.decide_within}"

    def terms(self) -> Terms:
        """As the rules know it."""
        return read_terms(
            object_within=self.object_within, decide_within=self.decide_within, grounds="\n".join(self.grounds)
        )


class Objection(models.Model):
    """派单异议: one unit says that a case is not its own. `decide_by` is stored, so that later terms do not move it."""

    case = models.ForeignKey(Case, models.PROTECT, related_name="objections", verbose_name="案件")
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name="提出单位")
    ground = models.CharField("异议理由", max_length=40)
    words = models.CharField("情况", max_length=500)
    wanted = models.ForeignKey(Unit, models.PROTECT, null=True, related_name="+", verbose_name="建议派给")
    asked_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name="提出人")
    asked_at = models.DateTimeField("提出时间")
    decide_by = models.DateTimeField("裁定期限")
    outcome = models.CharField(
        "结果", max_length=10, blank=True, default="", choices=[(o.value, label) for o, label in OUTCOME_LABELS.items()]
    )
    decided_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name="裁定人")
    decided_at = models.DateTimeField("裁定时间", null=True)
    decision = models.CharField("裁定意见", max_length=500, blank=True)
    given_to = models.ForeignKey(Unit, models.PROTECT, null=True, related_name="+", verbose_name="改派给")

    class Meta:
        verbose_name = "派单异议"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["case", "unit"], name="one_objection_a_unit_and_case"),
            models.UniqueConstraint(fields=["case"], condition=models.Q(outcome=""), name="one_open_objection_a_case"),
            models.CheckConstraint(
                condition=models.Q(outcome="", decided_at=None)
                | models.Q(outcome__in=_DECIDED, decided_at__isnull=False),
                name="objection_decision_has_time",
            ),
            models.CheckConstraint(
                condition=models.Q(decided_by=None)
                | models.Q(asked_by=None)
                | ~models.Q(decided_by=models.F("asked_by")),
                name="objection_decided_by_another",
            ),
            models.CheckConstraint(
                condition=models.Q(outcome=Outcome.UPHELD.value, given_to__isnull=False)
                | (~models.Q(outcome=Outcome.UPHELD.value) & models.Q(given_to=None)),
                name="upheld_objection_has_new_unit",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["decide_by", "id"], condition=models.Q(outcome=""), name="objection_to_decide"),
            models.Index(fields=["unit", "-id"], name="objection_of_unit"),
        ]

    def __str__(self) -> str:
        return f"{self.case_id} {self.ground}"

    @property
    def result(self) -> Outcome:
        """The outcome as the rules know it."""
        return Outcome(self.outcome)


class RuleSet(models.Model):
    """An ordered list of routing rules for one branch: a draft until it is put in force from a day, then never changed."""

    home = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name="适用范围")
    name = models.CharField("名称", max_length=80)
    rules = models.JSONField("规则", default=list)
    digest = models.CharField("内容指纹", max_length=64)
    created_at = models.DateTimeField("新建时间")
    created_by = models.CharField("新建人", max_length=80)
    changed_at = models.DateTimeField("修改时间")
    from_day = models.DateField("起用日", null=True)
    released_at = models.DateTimeField("决定起用时间", null=True)
    released_by = models.CharField("决定人", max_length=80, blank=True)
    client_key = models.CharField(max_length=64, null=True, unique=True)
    version = models.PositiveIntegerField("修订", default=1)

    class Meta:
        verbose_name = "派单规则"
        ordering: ClassVar = ["-id"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["home", "from_day"], condition=models.Q(from_day__isnull=False), name="one_rule_set_a_day"
            ),
            models.CheckConstraint(
                condition=models.Q(from_day=None, released_at=None)
                | models.Q(from_day__isnull=False, released_at__isnull=False),
                name="rule_set_day_and_release_together",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_draft(self) -> bool:
        """Only drafts change."""
        return self.from_day is None

    def listed(self) -> tuple[RoutingRule, ...]:
        """The rules as the rules know them."""
        return from_rows(self.rules)

    def began(self, today: date) -> bool:
        """Whether its day has come."""
        return self.from_day is not None and self.from_day <= today


class Replay(models.Model):
    """What a draft, as it stood (`digest`), would have suggested for the cases of a period, against the set in force then."""

    rule_set = models.ForeignKey(RuleSet, models.CASCADE, related_name="replays", verbose_name="草稿")
    against = models.ForeignKey(RuleSet, models.PROTECT, null=True, related_name="+", verbose_name="对照的规则")
    digest = models.CharField("内容指纹", max_length=64)
    since = models.DateField("从")
    until = models.DateField("到")
    total = models.PositiveIntegerField("案件数")
    done = models.PositiveIntegerField("已试算", default=0)
    figures = models.JSONField("结果", null=True)
    started_at = models.DateTimeField("开始")
    started_by = models.CharField("试算人", max_length=80)
    finished_at = models.DateTimeField("完成", null=True)
    client_key = models.CharField(max_length=64, null=True, unique=True)

    class Meta:
        verbose_name = "规则试算"
        ordering: ClassVar = ["-id"]
        constraints: ClassVar = [
            models.CheckConstraint(condition=models.Q(until__gte=models.F("since")), name="replay_ends_after_start"),
            models.CheckConstraint(
                condition=models.Q(figures=None, finished_at=None)
                | models.Q(figures__isnull=False, finished_at__isnull=False),
                name="finished_replay_has_figures",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.rule_set_id} {self.since}-{self.until}"


class ReplayLine(models.Model):
    """One case that would go elsewhere. Codes of units; "" where no rule decides."""

    replay = models.ForeignKey(Replay, models.CASCADE, related_name="lines")
    case = models.ForeignKey(Case, models.CASCADE, related_name="+")
    place = models.PositiveSmallIntegerField("第几条规则")
    draft = models.CharField("按草稿", max_length=32, blank=True)
    now = models.CharField("按现行", max_length=32, blank=True)
    real = models.CharField("实际", max_length=32, blank=True)
    moved = models.BooleanField("与现行不同")
    differs = models.BooleanField("与实际不同")

    class Meta:
        indexes: ClassVar = [
            models.Index(fields=["replay", "id"], condition=models.Q(moved=True), name="replay_moved"),
            models.Index(fields=["replay", "id"], condition=models.Q(differs=True), name="replay_differs"),
        ]
        constraints: ClassVar = [models.UniqueConstraint(fields=["replay", "case"], name="one_line_a_case_and_replay")]

    def __str__(self) -> str:
        return f"{self.case_id}: {self.now} -> {self.draft}"
