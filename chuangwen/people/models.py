"""Units, people and posts: who holds which role where, from when to when."""

from collections.abc import Sequence
from datetime import date
from typing import Any, ClassVar

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager
from django.db import models

from chuangwen.rules.permissions import Role


class UnitKind(models.TextChoices):
    CITY = "city", "市"
    DISTRICT = "district", "区"
    DISTRICT_OFFICE = "district_office", "区文明办"
    STREET = "street", "街道"
    DEPARTMENT = "department", "部门"
    COMMUNITY = "community", "社区"
    GRID = "grid", "网格"
    PROPERTY_FIRM = "property_firm", "物业公司"
    OWNERS_COMMITTEE = "owners_committee", "业主委员会"
    VOLUNTEER_TEAM = "volunteer_team", "志愿服务队"
    REGULATOR = "regulator", "监管机构"
    PARTY_BRANCH = "party_branch", "党支部"
    OTHER = "other", "其他单位"


class Unit(models.Model):
    """A unit of the one tree. `path` holds the codes from the root, so that a branch is a prefix."""

    code = models.CharField("编码", max_length=32, unique=True)
    name = models.CharField("名称", max_length=80)
    kind = models.CharField("类别", max_length=20, choices=UnitKind.choices)
    parent = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="children", verbose_name="上级"
    )
    path = models.CharField("路径", max_length=400, unique=True)
    active = models.BooleanField("在用", default=True)
    is_sample = models.BooleanField("样例", default=False)

    class Meta:
        verbose_name = "单位"
        ordering: ClassVar = ["path"]
        indexes: ClassVar = [models.Index(fields=["kind", "path"], name="unit_kind_path")]

    def __str__(self) -> str:
        return self.name

    @property
    def depth(self) -> int:
        """0 for the root."""
        return self.path.count("/") - 1


class UserManager(BaseUserManager["User"]):
    """Makes users; everything else about people goes through operations."""

    def create_user(self, username: str, password: str | None = None, **fields: Any) -> "User":
        """A user with a hashed password, or without a usable one."""
        user = self.model(username=username, **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user


class User(AbstractBaseUser):
    """A person with an account. Nothing here says when or how much they use it, on purpose."""

    last_login = None  # the wall: no log-in figures in the schema
    username = models.CharField("账号", max_length=40, unique=True)
    display_name = models.CharField("姓名", max_length=40)
    phone = models.CharField("电话", max_length=20, blank=True)
    is_active = models.BooleanField("在用", default=True)
    is_demo = models.BooleanField("样例账号", default=False)
    must_change_password = models.BooleanField("须修改密码", default=False)
    posts_brought: "Sequence[Post] | None" = None  # the posts that the log-in brought along

    objects: ClassVar[UserManager] = UserManager()
    USERNAME_FIELD = "username"
    REQUIRED_FIELDS: ClassVar = ["display_name"]

    class Meta:
        verbose_name = "人员"

    def __str__(self) -> str:
        return self.display_name


class Post(models.Model):
    """A person holds a role in a unit, from a day to a day (the last day included)."""

    user = models.ForeignKey(User, models.CASCADE, related_name="posts", verbose_name="人员")
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="posts", verbose_name="单位")
    role = models.CharField("岗位", max_length=20, choices=[(role.value, role.label) for role in Role])
    starts_on = models.DateField("任职起")
    ends_on = models.DateField("任职止", null=True, blank=True)

    class Meta:
        verbose_name = "岗位"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["user", "unit", "role", "starts_on"], name="one_post_once"),
            models.CheckConstraint(
                condition=models.Q(ends_on=None) | models.Q(ends_on__gte=models.F("starts_on")),
                name="post_ends_after_start",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user} {self.get_role_display()}"

    def counts_on(self, today: date) -> bool:
        """Whether the person holds the post on that day, in a unit that still exists; in SQL: `current_posts`."""
        return self.starts_on <= today and (self.ends_on is None or self.ends_on >= today) and self.unit.active


class ApiToken(models.Model):
    """A key for another program that acts as this person. Only its digest is kept."""

    user = models.ForeignKey(User, models.CASCADE, related_name="tokens")
    name = models.CharField("用途", max_length=60)
    digest = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return self.name


class FailedLogin(models.Model):
    """A wrong password, kept only as long as the lock-out needs it."""

    username = models.CharField(max_length=40)
    address = models.CharField(max_length=45)
    failed_at = models.DateTimeField()

    class Meta:
        indexes: ClassVar = [models.Index(fields=["username", "failed_at"], name="failed_login_recent")]

    def __str__(self) -> str:
        return f"{self.username} {self.address}"


class AppToken(models.Model):
    """A connection of a person's phone app. Of its password only what Digest log-in needs is kept."""

    user = models.ForeignKey(User, models.CASCADE, related_name="app_tokens")
    name = models.CharField("手机", max_length=60)
    ha1 = models.CharField(max_length=32)
    created_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return self.name
