"""Areas with boundaries, and sites: the points that are looked at."""

import secrets
from typing import ClassVar

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models

from chuangwen.people.models import Unit


class AreaKind(models.TextChoices):
    DISTRICT = "district", "区"
    STREET = "street", "街道"
    COMMUNITY = "community", "社区"
    GRID = "grid", "网格"
    COMPOUND = "compound", "小区"


class Area(models.Model):
    """A piece of ground, the unit at home there, and optionally its boundary (GeoJSON, WGS-84)."""

    code = models.CharField("编码", max_length=32, unique=True)
    name = models.CharField("名称", max_length=80)
    kind = models.CharField("类别", max_length=20, choices=AreaKind.choices)
    parent = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="children", verbose_name="上级"
    )
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="areas", verbose_name="属地单位")
    boundary = models.JSONField("边界", null=True, blank=True)
    is_sample = models.BooleanField("样例", default=False)

    class Meta:
        verbose_name = "区域"
        indexes: ClassVar = [models.Index(fields=["kind", "code"], name="area_kind_code")]

    def __str__(self) -> str:
        return self.name


def site_token() -> str:
    """An unguessable word for the printed code of a site."""
    return secrets.token_urlsafe(9)


class Site(models.Model):
    """A point of one type: who owns it, who answers for it, where it is (WGS-84, six decimals)."""

    code = models.CharField("编码", max_length=32, unique=True)
    name = models.CharField("名称", max_length=120)
    point_type = models.CharField("点位类型", max_length=10)
    area = models.ForeignKey(Area, models.PROTECT, null=True, blank=True, related_name="sites", verbose_name="所在区域")
    home = models.ForeignKey(Unit, models.PROTECT, related_name="home_sites", verbose_name="属地单位")
    street = models.ForeignKey(Unit, models.PROTECT, null=True, related_name="street_sites", verbose_name="所在街道")
    owner = models.ForeignKey(Unit, models.PROTECT, related_name="owned_sites", verbose_name="责任单位")
    address = models.CharField("地址", max_length=200, blank=True)
    contact_name = models.CharField("联系人", max_length=40, blank=True)
    contact_phone = models.CharField("联系电话", max_length=20, blank=True)
    leader_name = models.CharField("包保领导", max_length=40, blank=True)
    lng = models.DecimalField(
        "经度", max_digits=9, decimal_places=6, validators=[MinValueValidator(-180), MaxValueValidator(180)]
    )
    lat = models.DecimalField(
        "纬度", max_digits=9, decimal_places=6, validators=[MinValueValidator(-90), MaxValueValidator(90)]
    )
    token = models.CharField("二维码标识", max_length=24, unique=True, default=site_token)
    active = models.BooleanField("在用", default=True)
    is_sample = models.BooleanField("样例", default=False)

    class Meta:
        verbose_name = "点位"
        ordering: ClassVar = ["code"]
        indexes: ClassVar = [
            models.Index(fields=["point_type", "code"], name="site_type_code"),
            models.Index(fields=["street", "point_type"], name="site_street_type"),
        ]

    def __str__(self) -> str:
        return self.name
