"""Photos: stored once by content, with the place and time that the picture itself states."""

from typing import ClassVar

from django.db import models

from chuangwen.people.models import User


class Photo(models.Model):
    """One picture. The same bytes are one row, however often they arrive."""

    sha256 = models.CharField(max_length=64, unique=True)
    path = models.CharField("文件", max_length=120)
    thumb_path = models.CharField("缩略图", max_length=120, blank=True)
    media_type = models.CharField("类型", max_length=30)
    size = models.PositiveIntegerField("字节")
    width = models.PositiveIntegerField("宽")
    height = models.PositiveIntegerField("高")
    taken_at = models.DateTimeField("拍摄时间", null=True)
    lng = models.DecimalField("经度", max_digits=9, decimal_places=6, null=True)
    lat = models.DecimalField("纬度", max_digits=9, decimal_places=6, null=True)
    stored_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    stored_at = models.DateTimeField("上传时间")

    class Meta:
        verbose_name = "照片"
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(lng=None, lat=None) | models.Q(lng__isnull=False, lat__isnull=False),
                name="photo_lng_and_lat_together",
            )
        ]

    def __str__(self) -> str:
        return self.sha256[:12]


class Upload(models.Model):
    """Who brought a picture in. The same bytes from two people are one photo and two uploads."""

    photo = models.ForeignKey(Photo, models.CASCADE, related_name="uploads")
    user = models.ForeignKey(User, models.CASCADE, related_name="+")

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["photo", "user"], name="one_upload_a_person")]

    def __str__(self) -> str:
        return f"{self.photo_id} {self.user_id}"
