"""Case: something wrong, by which standard, who must act, by when."""

from datetime import datetime
from typing import ClassVar
from zoneinfo import ZoneInfo

from django.db import models

from chuangwen.evidence.models import Photo
from chuangwen.people.models import Unit, User
from chuangwen.places.models import Site
from chuangwen.rules.case_flow import PARTS_OPEN, RUNNING, Status
from chuangwen.rules.permissions import SEES_CASES, Actor, Thing
from chuangwen.standards.models import CaseStandard, Severity

BEIJING = ZoneInfo("Asia/Shanghai")
_RUNNING = sorted(status.value for status in RUNNING)  # in one order: migrations compare it
_PARTS_OPEN = sorted(status.value for status in PARTS_OPEN)


class Order(models.Model):
    """整改任务书: many cases, one deadline."""

    number = models.CharField("文号", max_length=60, unique=True)
    title = models.CharField("标题", max_length=160)
    issuer = models.CharField("发文单位", max_length=80)
    note = models.TextField("要求", blank=True)
    deadline = models.DateTimeField("整改期限")
    issued_at = models.DateTimeField("下达时间")
    issued_by = models.CharField("下达人", max_length=80)
    client_key = models.CharField(max_length=64, null=True, unique=True)

    class Meta:
        verbose_name = "整改任务书"

    def __str__(self) -> str:
        return f"{self.number} {self.title}"


class CaseQuerySet(models.QuerySet["Case"]):
    """The scopes of cases."""

    def visible_to(self, actor: Actor) -> "CaseQuerySet":
        """What `may(actor, CASE_SEE, case.thing())` allows, as one condition; a test holds both together."""
        if actor.system:
            return self
        reach = models.Q(reported_by_id=actor.user_id) if actor.user_id is not None else models.Q(pk__in=[])
        shown = ~models.Q(site_id__in=actor.blind_sites, site_id__isnull=False) if actor.blind_sites else models.Q()
        for scope in set(actor.scopes(*SEES_CASES)):
            units = Unit.objects.filter(path__startswith=scope).values("pk")
            reach |= (models.Q(home_id__in=units) | models.Q(unit_id__in=units)) & shown
        return self.filter(reach)

    def overdue(self, now: datetime) -> "CaseQuerySet":
        """The stored deadline is past and the work is not handed in."""
        return self.filter(status__in=_RUNNING, due_at__lt=now)

    def standing(self) -> "CaseQuerySet":
        """Each trouble once: without the reports that were merged into another case."""
        return self.filter(merged_into=None)


class Case(models.Model):
    """A case knows none of the rooms that open it: its origin is a kind and an id."""

    status = models.CharField("状态", max_length=20, choices=[(s.value, s.label) for s in Status])
    origin_kind = models.CharField("来源", max_length=20)
    origin_id = models.BigIntegerField("来源编号", null=True)
    client_key = models.CharField(max_length=64, null=True, unique=True)

    title = models.CharField("标题", max_length=200)
    text = models.TextField("情况", blank=True)
    reply = models.TextField("答复", blank=True)
    severity = models.CharField("等级", max_length=1, choices=Severity.choices, default=Severity.ORDINARY)
    criterion_code = models.CharField("测评标准", max_length=20, blank=True)
    point_type = models.CharField("点位类型", max_length=10, blank=True)
    standard = models.ForeignKey(CaseStandard, models.PROTECT, null=True, verbose_name="立案标准")

    site = models.ForeignKey(Site, models.PROTECT, null=True, related_name="cases", verbose_name="点位")
    home = models.ForeignKey(Unit, models.PROTECT, related_name="home_cases", verbose_name="属地单位")
    street = models.ForeignKey(Unit, models.PROTECT, null=True, related_name="street_cases", verbose_name="街道")
    unit = models.ForeignKey(Unit, models.PROTECT, null=True, related_name="cases", verbose_name="责任单位")
    place = models.CharField("位置", max_length=200, blank=True)
    lng = models.DecimalField("经度", max_digits=9, decimal_places=6, null=True)
    lat = models.DecimalField("纬度", max_digits=9, decimal_places=6, null=True)

    reported_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name="上报人")
    rectified_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name="整改人")
    reported_at = models.DateTimeField("上报时间")
    dispatched_at = models.DateTimeField("派遣时间", null=True)
    clock_started_at = models.DateTimeField("计时起点", null=True)
    due_at = models.DateTimeField("整改期限", null=True)
    due_warning = models.CharField("期限提示", max_length=200, blank=True)
    rectified_at = models.DateTimeField("提交整改时间", null=True)
    ended_at = models.DateTimeField("办结时间", null=True)
    act_by = models.DateTimeField("本步办理时限")
    suspended_until = models.DateTimeField("挂账至", null=True)
    rework_count = models.PositiveSmallIntegerField("返工次数", default=0)
    extension_count = models.PositiveSmallIntegerField("延期次数", default=0)
    order = models.ForeignKey(Order, models.PROTECT, null=True, related_name="cases", verbose_name="整改任务书")
    parts_open = models.PositiveSmallIntegerField("未办完的部分", default=0)
    parts_due_at = models.DateTimeField(
        "共同办理期限", null=True
    )  # the latest of its parts: the case is due no earlier
    merged_into = models.ForeignKey(
        "self", models.PROTECT, null=True, related_name="merged", verbose_name="并入"
    )  # the same trouble reported again: counts once, there; its own moments stay as they are
    voices = models.PositiveIntegerField("反映次数", default=1)  # this report and those merged into it
    version = models.PositiveIntegerField("修订", default=1)

    objects = CaseQuerySet.as_manager()

    class Meta:
        verbose_name = "案件"
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["origin_kind", "origin_id"],
                condition=models.Q(origin_id__isnull=False),
                name="one_case_per_origin",
            ),
            models.CheckConstraint(condition=models.Q(status__in=[s.value for s in Status]), name="case_status_known"),
            models.CheckConstraint(
                condition=models.Q(lng=None, lat=None) | models.Q(lng__isnull=False, lat__isnull=False),
                name="case_lng_and_lat_together",
            ),
            models.CheckConstraint(
                condition=~models.Q(status__in=_RUNNING) | models.Q(unit__isnull=False), name="running_case_has_unit"
            ),
            models.CheckConstraint(
                condition=models.Q(status=Status.SUSPENDED.value, suspended_until__isnull=False)
                | ~models.Q(status=Status.SUSPENDED.value),
                name="suspended_case_has_end",
            ),
            models.CheckConstraint(
                condition=models.Q(parts_open=0) | models.Q(status__in=_PARTS_OPEN), name="open_parts_keep_case_open"
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["status", "act_by", "id"], name="case_work_list"),
            models.Index(fields=["unit", "status", "act_by"], name="case_unit_work"),
            models.Index(fields=["due_at", "id"], condition=models.Q(status__in=_RUNNING), name="case_running_due"),
            models.Index(fields=["reported_at", "id"], name="case_reported"),
            models.Index(fields=["street", "-id"], name="case_street"),
            models.Index(fields=["unit", "-id"], name="case_unit_newest"),
            models.Index(fields=["home", "-id"], name="case_home"),
            models.Index(fields=["site", "-id"], name="case_site"),
            models.Index(fields=["criterion_code", "reported_at"], name="case_criterion"),
            models.Index(fields=["reported_by", "-id"], name="case_reporter"),
        ]

    def __str__(self) -> str:
        return f"{self.number} {self.title}"

    @property
    def number(self) -> str:
        """The number people use: the day it was reported (Beijing time) and the row."""
        return f"{self.reported_at.astimezone(BEIJING):%Y%m%d}{self.pk:07d}"

    @property
    def flow_status(self) -> Status:
        """The status as the rules know it."""
        return Status(self.status)

    def is_late(self, now: datetime) -> bool:
        """Handed in after the deadline, or not handed in and the deadline is past."""
        if self.due_at is None:
            return False
        if self.rectified_at is not None:
            return self.rectified_at > self.due_at
        return self.flow_status in RUNNING and self.due_at < now

    def thing(self) -> Thing:
        """What permissions need to know."""
        return Thing(
            home=self.home.path,
            handler=self.unit.path if self.unit else "",
            reported_by=self.reported_by_id,
            rectified_by=self.rectified_by_id,
            early=self.flow_status in {Status.REPORTED, Status.ACCEPTED, Status.DISPATCHED},
            site=self.site_id,
        )


class PartState(models.TextChoices):
    OPEN = "open", "办理中"
    DONE = "done", "已办完"
    TAKEN_OFF = "taken_off", "已免去"


class CasePart(models.Model):
    """What one of several units must do in a case; `Case.parts_open` counts those that are open."""

    case = models.ForeignKey(Case, models.PROTECT, related_name="parts", verbose_name="案件")
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name="单位")
    duty = models.CharField("要做的事", max_length=500)
    state = models.CharField("状态", max_length=10, choices=PartState.choices, default=PartState.OPEN)
    added_at = models.DateTimeField("交办时间")
    due_at = models.DateTimeField("办结期限")
    finished_at = models.DateTimeField("办完时间", null=True)
    finished_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", verbose_name="办理人")
    finish_note = models.CharField("办理情况", max_length=1000, blank=True)
    returned = models.PositiveSmallIntegerField("退回重办次数", default=0)
    taken_off_at = models.DateTimeField("免去时间", null=True)
    taken_off_reason = models.CharField("免去理由", max_length=500, blank=True)

    class Meta:
        verbose_name = "案件部分"
        ordering: ClassVar = ["id"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["case", "unit"], condition=models.Q(state=PartState.OPEN.value), name="one_open_part_a_unit"
            ),
            models.CheckConstraint(
                condition=models.Q(state=PartState.DONE.value, finished_at__isnull=False)
                | (~models.Q(state=PartState.DONE.value) & models.Q(finished_at=None)),
                name="done_part_has_moment",
            ),
            models.CheckConstraint(
                condition=models.Q(state=PartState.TAKEN_OFF.value, taken_off_at__isnull=False)
                | (~models.Q(state=PartState.TAKEN_OFF.value) & models.Q(taken_off_at=None)),
                name="part_taken_off_has_moment",
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["unit", "state", "due_at"], name="case_part_unit_work")]

    def __str__(self) -> str:
        return f"{self.case_id} {self.unit_id}"

    @property
    def is_open(self) -> bool:
        """The unit still has to do it."""
        return self.state == PartState.OPEN


class PauseKind(models.TextChoices):
    RETURNED = "returned", "退回期间"
    CHECKING = "checking", "核查期间"
    SUSPENDED = "suspended", "挂账期间"


class CasePause(models.Model):
    """A stretch in which the handling clock does not count."""

    case = models.ForeignKey(Case, models.CASCADE, related_name="pauses")
    kind = models.CharField(max_length=12, choices=PauseKind.choices)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["case"], condition=models.Q(ends_at=None), name="one_open_pause_a_case")
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.starts_at}"


class PhotoRole(models.TextChoices):
    BEFORE = "before", "整改前"
    AFTER = "after", "整改后"
    REFERENCE = "reference", "参照"


class CasePhoto(models.Model):
    """A photo as evidence in a case, before or after."""

    case = models.ForeignKey(Case, models.CASCADE, related_name="photos")
    photo = models.ForeignKey(Photo, models.PROTECT, related_name="+")
    role = models.CharField(max_length=10, choices=PhotoRole.choices)
    round = models.PositiveSmallIntegerField("第几次整改", default=0)
    examined_at = models.DateTimeField("核对时间", null=True)  # when it was compared with earlier photos

    class Meta:
        ordering: ClassVar = ["id"]
        constraints: ClassVar = [models.UniqueConstraint(fields=["case", "photo", "role"], name="one_photo_per_role")]
        indexes: ClassVar = [
            models.Index(fields=["id"], condition=models.Q(examined_at=None), name="casephoto_to_examine")
        ]

    def __str__(self) -> str:
        return f"{self.case_id} {self.role}"


class Extension(models.Model):
    """A request for one more limit, decided by the office."""

    case = models.ForeignKey(Case, models.CASCADE, related_name="extensions")
    reason = models.CharField("理由", max_length=500)
    asked_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    asked_at = models.DateTimeField()
    granted = models.BooleanField(null=True)
    decided_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)
    decision_reason = models.CharField("答复", max_length=500, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["case"], condition=models.Q(granted=None), name="one_open_extension_a_case"
            ),
            models.CheckConstraint(
                condition=models.Q(granted=None, decided_at=None)
                | models.Q(granted__isnull=False, decided_at__isnull=False),
                name="extension_decision_has_time",
            ),
        ]

    def __str__(self) -> str:
        return self.reason[:20]


class SavedView(models.Model):
    """A filter of the case list that a person wants again."""

    user = models.ForeignKey(User, models.CASCADE, related_name="+")
    name = models.CharField("名称", max_length=40)
    query = models.CharField("条件", max_length=500)

    class Meta:
        ordering: ClassVar = ["name"]
        constraints: ClassVar = [models.UniqueConstraint(fields=["user", "name"], name="one_saved_view_name")]

    def __str__(self) -> str:
        return self.name
