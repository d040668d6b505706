"""Event: what was done, by whom and when. Audit trail and outbox in one table, written in the same transaction."""

from datetime import datetime
from typing import Any, ClassVar

from django.db import models

from chuangwen.rules.trace import Entry


def spelt(root: str) -> str:
    """A root in groups of eight letters, which can be read aloud."""
    return " ".join(root[at : at + 8] for at in range(0, len(root), 8))


ERASED = "（文字已依法删除）"


class Event(models.Model):
    """One thing that happened to one subject. Rows are only ever added; only the outbox fields and the place in the
    log move on, and words can be erased. `digest` follows from the fields above it, see rules/trace.py.
    """

    kind = models.CharField("事件", max_length=60)
    subject_kind = models.CharField("对象类别", max_length=30)
    subject_id = models.BigIntegerField("对象编号")
    actor_id = models.BigIntegerField("经办人编号", null=True)
    actor_name = models.CharField("经办人", max_length=80)
    at = models.DateTimeField("时间")
    facts = models.JSONField("内容", default=dict)
    client_key = models.CharField("提交标识", max_length=64, null=True, unique=True)

    # Words that may hold personal data: erasable, because the log only has their salted commitment.
    words = models.JSONField("文字", null=True)
    salt = models.BinaryField("文字的盐", null=True)
    commitment = models.BinaryField("文字的承诺值", null=True)

    # The trace: rules/trace.py says how each follows. `position` is null until the worker has put the event into the
    # log, and -id when it was refused there because the house had not written it.
    nonce = models.BinaryField("随机数", null=True)
    digest = models.BinaryField("摘要", null=True)
    marks = models.BinaryField("各项校验", null=True)
    seal = models.BinaryField("封印", null=True)
    position = models.BigIntegerField("在留痕树中的位置", null=True, unique=True)

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
            models.Index(fields=["id"], condition=models.Q(position=None), name="event_unplaced"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.subject_kind}/{self.subject_id}"

    @property
    def note(self) -> str:
        """The words the person gave, if any; where they were erased, a word that says so."""
        if self.is_erased:
            return ERASED
        words = self.words or {}
        return str(words.get("note") or words.get("reason") or "")

    @property
    def is_erased(self) -> bool:
        """Whether there were words that have been erased."""
        return self.commitment is not None and self.words is None

    def entry(self) -> Entry:
        """What the log holds of it."""
        return Entry(
            kind=self.kind, subject_kind=self.subject_kind, subject_id=self.subject_id, actor_id=self.actor_id,
            actor_name=self.actor_name, at=self.at, facts=self.facts, client_key=self.client_key,
            commitment=bytes(self.commitment) if self.commitment is not None else None, nonce=bytes(self.nonce or b""),
        )  # fmt: skip


def timestamp(moment: datetime | None) -> str | None:
    """A moment as facts keep it."""
    return moment.isoformat() if moment else None


Facts = dict[str, Any]


class Log(models.Model):
    """How long the log of events is. One row; whoever appends to the log holds it."""

    size = models.BigIntegerField("条数", default=0)

    class Meta:
        constraints: ClassVar = [models.CheckConstraint(condition=models.Q(pk=1), name="one_log")]

    def __str__(self) -> str:
        return f"{self.size} 条"


class Tile(models.Model):
    """Up to 256 hashes of one level of the tree, see rules/tiles.py; on the lowest level also whose they are."""

    level = models.PositiveSmallIntegerField("层")
    number = models.BigIntegerField("序号")
    hashes = models.BinaryField("散列值")
    events = models.BinaryField("留痕编号", default=b"")

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["level", "number"], name="one_tile_a_place")]

    def __str__(self) -> str:
        return f"{self.level}/{self.number}"


class Root(models.Model):
    """留痕根值: the root of the log when it had so many entries, as it was recorded and published."""

    size = models.BigIntegerField("条数", unique=True)
    root = models.CharField("根值", max_length=64)
    at = models.DateTimeField("记录时间")

    class Meta:
        verbose_name = "留痕根值"
        ordering: ClassVar = ["-size"]

    def __str__(self) -> str:
        return f"{self.size} {self.root}"

    @property
    def spelt(self) -> str:
        """The hex in groups of eight, as it is printed."""
        return spelt(self.root)


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
