"""Event: what was done, by whom and when. Audit trail and outbox in one table, written in the same transaction."""

from datetime import datetime
from typing import Any, ClassVar

from django.db import models


class Event(models.Model):
    """One thing that happened to one subject. Rows are only ever added; only the outbox fields move on."""

    kind = models.CharField("事件", max_length=60)
    subject_kind = models.CharField("对象类别", max_length=30)
    subject_id = models.BigIntegerField("对象编号")
    actor_id = models.BigIntegerField("经办人编号", null=True)
    actor_name = models.CharField("经办人", max_length=80)
    at = models.DateTimeField("时间")
    facts = models.JSONField("内容", default=dict)
    client_key = models.CharField("提交标识", max_length=64, null=True, unique=True)

    # The outbox: what still has to follow from this event.
    handled_at = models.DateTimeField("后续处理完成", null=True)
    attempts = models.PositiveSmallIntegerField("后续处理次数", default=0)
    next_try_at = models.DateTimeField("下次处理")
    last_error = models.CharField("上次失败", max_length=300, default="", blank=True)

    class Meta:
        verbose_name = "留痕"
        indexes: ClassVar = [
            models.Index(fields=["subject_kind", "subject_id", "id"], name="event_of_subject"),
            models.Index(fields=["next_try_at", "id"], condition=models.Q(handled_at=None), name="event_outbox"),
            models.Index(fields=["kind", "at"], name="event_kind_at"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.subject_kind}/{self.subject_id}"

    @property
    def note(self) -> str:
        """The words the person gave, if any."""
        return str(self.facts.get("note") or self.facts.get("reason") or "")


def timestamp(moment: datetime | None) -> str | None:
    """A moment as facts keep it."""
    return moment.isoformat() if moment else None


Facts = dict[str, Any]


class Run(models.Model):
    """One piece of scheduled work at one moment: claimed by the first worker that writes the row."""

    name = models.CharField("工作", max_length=60)
    moment = models.DateTimeField("应做时间")
    started_at = models.DateTimeField("开始")
    finished_at = models.DateTimeField("完成", null=True)
    error = models.CharField("失败", max_length=300, default="", blank=True)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["name", "moment"], name="one_run_a_moment")]

    def __str__(self) -> str:
        return f"{self.name} {self.moment}"
