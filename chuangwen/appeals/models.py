"""Appeals with their reviews, the window in which a month lies open to objections, and the set times of a branch."""

from typing import ClassVar

from django.db import models

from chuangwen.cases.models import Case
from chuangwen.evidence.models import Photo
from chuangwen.patrols.models import Finding
from chuangwen.people.models import Unit, User
from chuangwen.rules import appeals as rules
from chuangwen.rules.appeals import Effect, Outcome, State, Subject, Terms
from chuangwen.rules.permissions import Thing

_OPEN = sorted(state.value for state in rules.OPEN)


class TermSet(models.Model):
    """申诉规则: the set times and grounds of one branch. Without a row the built-in ones hold."""

    scope = models.OneToOneField(Unit, models.PROTECT, related_name="appeal_terms", verbose_name="范围")
    appeal_days = models.PositiveSmallIntegerField("提出申诉的期限")
    window_days = models.PositiveSmallIntegerField("公示期")
    window_note = models.CharField("公示期为零的理由", max_length=200, blank=True)
    review_days = models.PositiveSmallIntegerField("每一级审核的期限")
    escalation_days = models.PositiveSmallIntegerField("申请复核的期限")
    grounds = models.JSONField("申诉理由", default=list)
    changed_at = models.DateTimeField("修改时间")
    changed_by = models.CharField("修改人", max_length=80)
    version = models.PositiveIntegerField("修订", default=1)

    class Meta:
        verbose_name = "申诉规则"
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(window_days__gt=0) | ~models.Q(window_note=""), name="zero_window_has_note"
            )
        ]

    def __str__(self) -> str:
        return f"{self.scope_id}"

    @property
    def terms(self) -> Terms:
        """As the rules know them."""
        return Terms(
            self.appeal_days, self.window_days, self.window_note, self.review_days, self.escalation_days,
            tuple(self.grounds),
        )  # fmt: skip


class Window(models.Model):
    """公示: a score sheet shown to the units it ranks, open to objections until `closes_at`.

    The sheet belongs to a room above and is known by its number. `parts`: list of {key, label}. `counts` is what came
    in, frozen at the release. A sheet shown anew is a new window; the latest of its period holds.
    """

    scope = models.ForeignKey(Unit, models.PROTECT, related_name="appeal_windows", verbose_name="范围")
    sheet_id = models.BigIntegerField("得分表", unique=True)
    rule_name = models.CharField("规则代号", max_length=60)
    starts_on = models.DateField("本期起")
    ends_on = models.DateField("本期止")
    parts = models.JSONField("计分项", default=list)
    days = models.PositiveSmallIntegerField("公示工作日")
    note = models.CharField("说明", max_length=200, blank=True)
    opened_at = models.DateTimeField("公示时间")
    opened_by = models.CharField("公示人", max_length=80)
    closes_at = models.DateTimeField("公示到")
    released_at = models.DateTimeField("发布时间", null=True)
    counts = models.JSONField("申诉情况", default=dict)

    class Meta:
        verbose_name = "公示"
        ordering: ClassVar = ["-opened_at", "-id"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(ends_on__gte=models.F("starts_on")), name="window_of_a_real_period"
            ),
            models.CheckConstraint(
                condition=models.Q(closes_at__gte=models.F("opened_at")), name="window_closes_after_opening"
            ),
            models.CheckConstraint(
                condition=models.Q(days__gt=0) | ~models.Q(note=""), name="window_of_no_days_has_note"
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["scope", "-ends_on", "-id"], name="window_scope_newest")]

    def __str__(self) -> str:
        return f"{self.starts_on}—{self.ends_on}"

    def part_label(self, key: str) -> str:
        """What a part is called; empty for one that the sheet does not have."""
        return next((part["label"] for part in self.parts if part["key"] == key), "")


class Appeal(models.Model):
    """申诉. `unit` is the one that is counted, `home` the place by which offices and leaders see it.

    `act_by`: until when the present step is to be done; past it is a stored moment. `outcome`, `effect` and
    `settled_at` are those of the last decision; the reviews stay as they were.
    """

    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name="申诉单位")
    home = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name="属地单位")
    window = models.ForeignKey(Window, models.PROTECT, null=True, related_name="appeals", verbose_name="公示")
    subject = models.CharField("对象", max_length=10, choices=list(rules.SUBJECT_LABELS.items()))
    case = models.OneToOneField(Case, models.PROTECT, null=True, related_name="+", verbose_name="案件")
    finding = models.OneToOneField(Finding, models.PROTECT, null=True, related_name="+", verbose_name="判定")
    part = models.CharField("计分项", max_length=40, blank=True)
    claim = models.CharField("要求", max_length=20, choices=list(rules.EFFECT_LABELS.items()))
    ground = models.CharField("申诉理由", max_length=60)
    words = models.TextField("说明", blank=True)
    state = models.CharField(
        "状态", max_length=12, choices=list(rules.STATE_LABELS.items()), default=State.RAISED.value
    )
    act_by = models.DateTimeField("本步办理时限", null=True)
    outcome = models.CharField("结果", max_length=10, choices=list(rules.OUTCOME_LABELS.items()), blank=True)
    effect = models.CharField("怎么计", max_length=20, choices=list(rules.EFFECT_LABELS.items()), blank=True)
    settled_at = models.DateTimeField("决定时间", null=True)
    raised_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name="申诉人")
    raised_at = models.DateTimeField("申诉时间")
    escalate_until = models.DateTimeField("申请复核到", null=True)
    escalated_at = models.DateTimeField("申请复核时间", null=True)
    escalated_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name="申请复核人")
    escalated_words = models.CharField("申请复核的说明", max_length=500, blank=True)
    client_key = models.CharField(max_length=64, null=True, unique=True)
    version = models.PositiveIntegerField("修订", default=1)

    class Meta:
        verbose_name = "申诉"
        ordering: ClassVar = ["-id"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["window", "unit", "part"], condition=~models.Q(part=""), name="one_appeal_a_part"
            ),
            models.CheckConstraint(
                condition=models.Q(subject=Subject.CASE.value, case__isnull=False, finding=None, part="")
                | models.Q(
                    subject=Subject.FINDING.value, case=None, finding__isnull=False, window__isnull=False, part=""
                )
                | (
                    models.Q(subject=Subject.PART.value, case=None, finding=None, window__isnull=False)
                    & ~models.Q(part="")
                ),
                name="appeal_of_one_thing",
            ),
            models.CheckConstraint(
                condition=models.Q(state__in=_OPEN, act_by__isnull=False)
                | (~models.Q(state__in=_OPEN) & models.Q(act_by=None)),
                name="open_appeal_has_limit",
            ),
            models.CheckConstraint(
                condition=models.Q(settled_at=None, outcome="", effect="")
                | models.Q(settled_at__isnull=False, outcome=Outcome.REFUSED.value, effect="")
                | (models.Q(settled_at__isnull=False, outcome__in=["granted", "partly"]) & ~models.Q(effect="")),
                name="settled_appeal_has_outcome",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["act_by", "id"], condition=models.Q(act_by__isnull=False), name="appeal_to_act"),
            models.Index(fields=["unit", "-id"], name="appeal_unit_newest"),
            models.Index(fields=["home", "-id"], name="appeal_home_newest"),
        ]

    def __str__(self) -> str:
        return f"申诉 {self.pk} 号"

    @property
    def flow_state(self) -> State:
        """The state as the rules know it."""
        return State(self.state)

    @property
    def asked(self) -> Effect:
        """What was asked, as the rules know it."""
        return Effect(self.claim)

    @property
    def is_open(self) -> bool:
        """Somebody still has to review it."""
        return self.flow_state in rules.OPEN

    @property
    def about(self) -> str:
        """What is appealed, in a few words without anybody's name; needs case, or finding with criterion and site."""
        if self.case is not None:
            return f"案件 {self.case.number}"
        if self.finding is not None:
            return f"{self.finding.visit.site.name}“{self.finding.criterion.text}”"
        return self.window.part_label(self.part) if self.window else self.part

    def thing(self, involved: frozenset[int] = frozenset()) -> Thing:
        """What permissions need to know."""
        return Thing(home=self.home.path, handler=self.unit.path, involved=involved)


class AppealPhoto(models.Model):
    """A photo that the unit gives as evidence."""

    appeal = models.ForeignKey(Appeal, models.CASCADE, related_name="photos")
    photo = models.ForeignKey(Photo, models.PROTECT, related_name="+")

    class Meta:
        ordering: ClassVar = ["id"]
        constraints: ClassVar = [models.UniqueConstraint(fields=["appeal", "photo"], name="one_photo_an_appeal")]

    def __str__(self) -> str:
        return f"{self.appeal_id}"


class Review(models.Model):
    """One reviewer's word: 1 proposes, 2 decides, 3 decides once more at the next level."""

    appeal = models.ForeignKey(Appeal, models.CASCADE, related_name="reviews")
    level = models.PositiveSmallIntegerField("级别", choices=[(1, "初审意见"), (2, "决定"), (3, "复核决定")])
    outcome = models.CharField("意见", max_length=10, choices=list(rules.OUTCOME_LABELS.items()))
    effect = models.CharField("怎么计", max_length=20, choices=list(rules.EFFECT_LABELS.items()), blank=True)
    reason = models.CharField("理由", max_length=500)
    by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name="审核人")
    at = models.DateTimeField("时间")

    class Meta:
        verbose_name = "申诉审核"
        ordering: ClassVar = ["level"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["appeal", "level"], name="one_review_a_level"),
            models.UniqueConstraint(fields=["appeal", "by"], name="other_person_at_every_level"),
        ]

    def __str__(self) -> str:
        return f"{self.appeal_id} {self.level}"
