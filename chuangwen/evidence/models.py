"""Photos: stored once by content, with the place and time that the picture itself states."""

from typing import ClassVar

from django.db import models

from chuangwen.people.models import User
from chuangwen.rules.pdq import CHUNKS, CORE_KEYS


class Photo(models.Model):
    """One picture. The same bytes are one row, however often they arrive."""

    sha256 = models.CharField(max_length=64, unique=True)
    path = models.CharField("文件", max_length=120)
    thumb_path = models.CharField("缩略图", max_length=120, blank=True)
    view_path = models.CharField(
        "浏览用的副本", max_length=120, blank=True
    )  # a JPEG, where browsers cannot show the original
    media_type = models.CharField("类型", max_length=30)
    size = models.PositiveIntegerField("字节")
    width = models.PositiveIntegerField("宽")
    height = models.PositiveIntegerField("高")
    taken_at = models.DateTimeField("拍摄时间", null=True)
    lng = models.DecimalField("经度", max_digits=9, decimal_places=6, null=True)
    lat = models.DecimalField("纬度", max_digits=9, decimal_places=6, null=True)
    software = models.CharField("处理软件", max_length=80, blank=True)  # as the picture itself states
    stored_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    stored_at = models.DateTimeField("上传时间")
    repeats = models.PositiveIntegerField(
        "相同文件再次收到的次数", default=0
    )  # 0: the statement that stored it was the first

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
    """Who else brought a picture in: the same bytes from two people are one photo, one `stored_by`, one upload."""

    photo = models.ForeignKey(Photo, models.CASCADE, related_name="uploads")
    user = models.ForeignKey(User, models.CASCADE, related_name="+")

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["photo", "user"], name="one_upload_a_person")]

    def __str__(self) -> str:
        return f"{self.photo_id} {self.user_id}"


class PhotoPrint(models.Model):
    """How a picture looks, and the index by which pictures that look alike are found (evidence/search.py).

    `chunks` and `keys` of a picture without features are empty: it is never found, and so never suspected.
    """

    photo = models.OneToOneField(Photo, models.CASCADE, primary_key=True, related_name="print")
    pdq = models.BinaryField("感知哈希", max_length=32)
    core = models.BinaryField("中部的感知哈希", max_length=32)
    quality = models.PositiveSmallIntegerField("特征质量")

    class Meta:
        verbose_name = "照片指纹"

    def __str__(self) -> str:
        return f"{self.photo_id} {self.quality}"


INDEX_COLUMNS = (*(f"chunk{place:02}" for place in range(CHUNKS)), *(f"key{place}" for place in range(CORE_KEYS)))
for _name in INDEX_COLUMNS:
    PhotoPrint.add_to_class(_name, models.IntegerField(null=True, db_index=True))


class HintKind(models.TextChoices):
    SAME_FILE = "same_file", "同一个文件"
    SAME_PICTURE = "same_picture", "画面相同"
    TIME = "time", "拍摄时间"
    PLACE = "place", "拍摄位置"
    EDITED = "edited", "处理软件"


class PhotoHint(models.Model):
    """Something for the verifier to look at. It decides nothing, counts nowhere, and names no person."""

    photo = models.ForeignKey(Photo, models.CASCADE, related_name="hints")
    subject_kind = models.CharField("用在", max_length=30)
    subject_id = models.BigIntegerField("用在编号")
    kind = models.CharField("类别", max_length=20, choices=HintKind.choices)
    fact = models.CharField("事实", max_length=300)
    measure = models.CharField("依据", max_length=200)
    harmless = models.CharField("也可能是", max_length=300)
    other = models.ForeignKey(Photo, models.CASCADE, null=True, related_name="+")
    other_subject_id = models.BigIntegerField("另一处编号", null=True)
    noted_at = models.DateTimeField("提示时间")
    set_aside_at = models.DateTimeField("排除时间", null=True)
    set_aside_word = models.CharField("排除的说明", max_length=200, blank=True)

    class Meta:
        verbose_name = "照片提示"
        ordering: ClassVar = ["id"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["subject_kind", "subject_id", "photo", "kind"], name="one_hint_of_a_kind_a_use"
            ),
        ]

    def __str__(self) -> str:
        return self.fact[:30]


class PublicCopy(models.Model):
    """What residents may see of a photo: a copy with faces and plates covered, or the whole as a person cleared it.

    Both are files of their own without place, time or device; the original is never shown to the public.
    """

    photo = models.ForeignKey(Photo, models.PROTECT, related_name="public_copies")
    masked = models.BooleanField("有遮盖")
    path = models.CharField("文件", max_length=120)
    sha256 = models.CharField(max_length=64)
    boxes = models.JSONField("遮盖范围", default=list)  # left, top, width, height as shares of the upright picture
    width = models.PositiveIntegerField("宽")
    height = models.PositiveIntegerField("高")
    made_at = models.DateTimeField("制作时间")
    withdrawn_at = models.DateTimeField("撤回时间", null=True)

    class Meta:
        verbose_name = "公开副本"
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["photo"], condition=models.Q(withdrawn_at=None), name="one_public_copy_a_photo"
            )
        ]

    def __str__(self) -> str:
        return self.sha256[:12]


class Document(models.Model):
    """A PDF, such as the scan of a paper. The same bytes are one row, however often they arrive."""

    sha256 = models.CharField(max_length=64, unique=True)
    path = models.CharField("文件", max_length=120)
    size = models.PositiveIntegerField("字节")
    pages = models.PositiveIntegerField("页数", default=0)  # 0: the file does not say
    stored_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    stored_at = models.DateTimeField("上传时间")

    class Meta:
        verbose_name = "文件"

    def __str__(self) -> str:
        return self.sha256[:12]
