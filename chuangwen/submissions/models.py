"""Filled forms as they come in, in one piece or in several, and their pictures."""

from typing import ClassVar

from django.db import models

from chuangwen.evidence.models import Photo
from chuangwen.patrols.models import Visit
from chuangwen.people.models import User


class Submission(models.Model):
    """One filled form. Its content is kept only until it is filed: then the visit holds it.

    `digest` is of the form's bytes, so that a repeat is told from another form under the same number.
    """

    instance_id = models.CharField("记录编号", max_length=249, unique=True)
    sender = models.ForeignKey(User, models.PROTECT, related_name="+")
    form_id = models.CharField("表单", max_length=120)
    form_version = models.CharField("表单版本", max_length=120, blank=True)
    digest = models.CharField(max_length=64)
    wanted = models.JSONField("要有的附件", default=list)
    filled = models.JSONField("填写内容", null=True)
    received_at = models.DateTimeField("收到时间")
    judged_at = models.DateTimeField("判定时间")
    filed_at = models.DateTimeField("入账时间", null=True)
    replaced_at = models.DateTimeField("被修改的一份代替", null=True)
    visit = models.ForeignKey(Visit, models.PROTECT, null=True, related_name="+")

    class Meta:
        verbose_name = "表单记录"
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(filed_at=None, visit=None) | models.Q(filed_at__isnull=False, visit__isnull=False),
                name="filed_with_its_visit",
            ),
            models.CheckConstraint(
                condition=models.Q(filed_at=None) | models.Q(replaced_at=None), name="filed_or_replaced"
            ),
        ]
        indexes: ClassVar = [
            models.Index(
                fields=["sender", "received_at"],
                condition=models.Q(filed_at=None, replaced_at=None),
                name="submission_waiting",
            )
        ]

    def __str__(self) -> str:
        return self.instance_id


class Part(models.Model):
    """A picture of a filled form, under the name that the form gives it."""

    submission = models.ForeignKey(Submission, models.CASCADE, related_name="parts")
    name = models.CharField("文件名", max_length=255)
    photo = models.ForeignKey(Photo, models.PROTECT, related_name="+")

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["submission", "name"], name="one_part_a_name")]

    def __str__(self) -> str:
        return self.name
