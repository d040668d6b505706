"""Whistles: which street called which departments to which case, what they promised, what each side says of the other.

The case and its parts live in `cases`; here is what is special to a whistle. See docs/decisions/0015-whistles.md.
"""

from datetime import datetime
from typing import ClassVar

from django.db import models

from chuangwen.cases.models import Case, CasePart
from chuangwen.people.models import Unit, User
from chuangwen.rules.whistles import Moments, PromiseText, SummonsFacts, Turn, next_turn, number_text


class Promise(models.Model):
    """到场承诺: how soon departments confirm, arrive and finish. What a whistle promised stays as it was then."""

    code = models.CharField("编码", max_length=20, unique=True)
    name = models.CharField("名称", max_length=40)
    confirm_within = models.CharField("确认时限", max_length=20)
    arrive_within = models.CharField("到场时限", max_length=20)
    finish_within = models.CharField("办结时限", max_length=20)
    decide_within = models.CharField("异议裁定时限", max_length=20)
    active = models.BooleanField("在用", default=True)
    version = models.PositiveIntegerField("修订", default=1)

    class Meta:
        verbose_name = "到场承诺"
        ordering: ClassVar = ["id"]

    def __str__(self) -> str:
        return self.name

    @property
    def text(self) -> PromiseText:
        """The promise as the rules read it."""
        return PromiseText(
            self.code, self.name, self.confirm_within, self.arrive_within, self.finish_within, self.decide_within
        )


class Numbering(models.Model):
    """The last number that a street gave in a year: locked while a whistle takes the next one, so none is left out."""

    street = models.ForeignKey(Unit, models.PROTECT, related_name="+")
    year = models.PositiveSmallIntegerField()
    last = models.PositiveIntegerField(default=0)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["street", "year"], name="one_numbering_a_street_year")]

    def __str__(self) -> str:
        return f"{self.year}: {self.last}"


class WhistleState(models.TextChoices):
    OPEN = "open", "办理中"
    CLOSED = "closed", "已销哨"
    CALLED_OFF = "called_off", "已撤回"


class Whistle(models.Model):
    """A street calls departments to one case."""

    street = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name="吹哨街道")
    year = models.PositiveSmallIntegerField("年份")
    serial = models.PositiveIntegerField("序号")
    case = models.ForeignKey(Case, models.PROTECT, related_name="+", verbose_name="案件")
    promise = models.ForeignKey(Promise, models.PROTECT, related_name="+", verbose_name="到场承诺")
    terms = models.JSONField("吹哨时的承诺")  # PromiseText as it was then
    title = models.CharField("事由", max_length=200)
    place = models.CharField("位置", max_length=200)
    reason = models.CharField("街道自身力量办不了的理由", max_length=500)
    state = models.CharField("状态", max_length=10, choices=WhistleState.choices, default=WhistleState.OPEN)
    blown_at = models.DateTimeField("吹哨时间")
    blown_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name="吹哨人")
    ended_at = models.DateTimeField("销哨时间", null=True)
    ended_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name="销哨人")
    outcome = models.CharField("结果", max_length=500, blank=True)
    client_key = models.CharField(max_length=64, null=True, unique=True)
    version = models.PositiveIntegerField("修订", default=1)

    class Meta:
        verbose_name = "吹哨"
        ordering: ClassVar = ["-blown_at", "-id"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["street", "year", "serial"], name="one_whistle_a_number"),
            models.UniqueConstraint(
                fields=["case"], condition=models.Q(state=WhistleState.OPEN.value), name="one_open_whistle_a_case"
            ),
            models.CheckConstraint(
                condition=models.Q(state=WhistleState.OPEN.value, ended_at=None, outcome="")
                | (~models.Q(state=WhistleState.OPEN.value) & models.Q(ended_at__isnull=False) & ~models.Q(outcome="")),
                name="ended_whistle_has_moment_and_outcome",
            ),
            models.CheckConstraint(condition=~models.Q(reason=""), name="whistle_has_reason"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["street", "-blown_at", "-id"], name="whistle_street_newest"),
            models.Index(fields=["state", "-blown_at", "-id"], name="whistle_state_newest"),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.title}"

    @property
    def number(self) -> str:
        """The number on paper."""
        return number_text(self.street.name, self.year, self.serial)

    @property
    def promised(self) -> PromiseText:
        """What was promised when the whistle was blown; later changes of the table do not touch it."""
        return PromiseText(**self.terms)

    @property
    def is_open(self) -> bool:
        """Neither closed nor called off."""
        return self.state == WhistleState.OPEN


class Summons(models.Model):
    """One department of a whistle, with its part of the case. `act_by`: by when it must take its next step; empty when
    nothing is left to do. Whether that moment has passed is asked, never stored.
    """

    whistle = models.ForeignKey(Whistle, models.PROTECT, related_name="summonses", verbose_name="吹哨")
    part = models.OneToOneField(CasePart, models.PROTECT, related_name="+", verbose_name="案件部分")
    moved_from = models.OneToOneField("self", models.PROTECT, null=True, related_name="moved_to", verbose_name="改派自")
    called_at = models.DateTimeField("召集时间")
    confirm_by = models.DateTimeField("确认期限")
    confirmed_at = models.DateTimeField("确认时间", null=True)
    confirmed_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name="确认人")
    arrive_by = models.DateTimeField("到场期限")
    arrived_at = models.DateTimeField("报告到场时间", null=True)
    arrived_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name="报告人")
    arrival_note = models.CharField("到场说明", max_length=200, blank=True)
    arrival_confirmed_at = models.DateTimeField("街道核实到场时间", null=True)
    arrival_denied = models.PositiveSmallIntegerField("街道否认到场次数", default=0)
    act_by = models.DateTimeField("本步期限", null=True)
    came = models.BooleanField("到场", null=True)
    cooperated = models.BooleanField("配合", null=True)
    finished_well = models.BooleanField("办结", null=True)
    rating_words = models.CharField("街道评价", max_length=500, blank=True)
    within_duty = models.BooleanField("属于本单位职责", null=True)
    reason_sound = models.BooleanField("吹哨理由成立", null=True)
    fit_words = models.CharField("部门评价", max_length=500, blank=True)
    fit_at = models.DateTimeField("部门评价时间", null=True)
    version = models.PositiveIntegerField("修订", default=1)

    class Meta:
        verbose_name = "召集"
        ordering: ClassVar = ["id"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(arrived_at=None) | models.Q(confirmed_at__isnull=False),
                name="arrival_implies_confirmed",
            ),
            models.CheckConstraint(
                condition=models.Q(arrival_confirmed_at=None) | models.Q(arrived_at__isnull=False),
                name="arrival_confirmed_when_arrived",
            ),
            models.CheckConstraint(
                condition=models.Q(came=None, cooperated=None, finished_well=None)
                | models.Q(came__isnull=False, cooperated__isnull=False, finished_well__isnull=False),
                name="street_rates_all_three",
            ),
            models.CheckConstraint(
                condition=models.Q(within_duty=None, reason_sound=None, fit_at=None)
                | models.Q(within_duty__isnull=False, reason_sound__isnull=False, fit_at__isnull=False),
                name="department_rates_both",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["act_by"], condition=models.Q(act_by__isnull=False), name="summons_waiting"),
            models.Index(fields=["called_at"], name="summons_called"),
        ]

    def __str__(self) -> str:
        return f"{self.whistle_id} {self.part_id}"

    @property
    def facts(self) -> SummonsFacts:
        """What the rules ask about; needs `part` and its unit."""
        return SummonsFacts(
            unit=self.part.unit.name, moments=Moments(self.confirm_by, self.arrive_by, self.part.due_at), open=self.part.is_open,
            taken_off=self.part.taken_off_at is not None, confirmed_at=self.confirmed_at, arrived_at=self.arrived_at,
            arrival_confirmed_at=self.arrival_confirmed_at, finished_at=self.part.finished_at,
        )  # fmt: skip

    @property
    def turn(self) -> Turn | None:
        """What the department must do next, and by when."""
        return next_turn(self.facts)

    def is_late(self, now: datetime) -> bool:
        """Whether the moment of its next step is past."""
        return self.act_by is not None and self.act_by < now


class ObjectionState(models.TextChoices):
    WAITING = "waiting", "待裁定"
    TAKEN_OFF = "taken_off", "成立，免去任务"
    MOVED = "moved", "成立，改派其他单位"
    REJECTED = "rejected", "不成立"
    LAPSED = "lapsed", "任务已结束，不再裁定"


class Objection(models.Model):
    """派单异议: a department says why it is not its duty; it stays responsible until the office decides."""

    summons = models.OneToOneField(Summons, models.PROTECT, related_name="objection", verbose_name="召集")
    state = models.CharField("状态", max_length=10, choices=ObjectionState.choices, default=ObjectionState.WAITING)
    reason = models.CharField("理由", max_length=500)
    raised_at = models.DateTimeField("提出时间")
    raised_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name="提出人")
    decide_by = models.DateTimeField("裁定期限")
    proposal = models.CharField("拟办意见", max_length=500, blank=True)
    proposed_at = models.DateTimeField("拟办时间", null=True)
    proposed_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name="拟办人")
    decision = models.CharField("裁定理由", max_length=500, blank=True)
    decided_at = models.DateTimeField("裁定时间", null=True)
    decided_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name="裁定人")
    version = models.PositiveIntegerField("修订", default=1)

    class Meta:
        verbose_name = "吹哨异议"
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(state=ObjectionState.WAITING.value, decided_at=None)
                | (~models.Q(state=ObjectionState.WAITING.value) & models.Q(decided_at__isnull=False)),
                name="whistle_objection_decision_has_moment",
            )
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["decide_by"],
                condition=models.Q(state=ObjectionState.WAITING.value),
                name="whistle_objection_waiting",
            )
        ]

    def __str__(self) -> str:
        return self.reason[:20]

    @property
    def is_open(self) -> bool:
        """Nobody decided yet."""
        return self.state == ObjectionState.WAITING
