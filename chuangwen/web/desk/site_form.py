"""The form of a site. It objects to everything at once, because it asks what the operation asks."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from chuangwen.places.operations import degrees
from chuangwen.places.queries import area_by_code
from chuangwen.rules.refusals import Refused
from chuangwen.web.desk.lists import set_choices
from chuangwen.web.desk.unit_field import Unit, UnitField

_PLAIN = ("name", "point_type", "lng", "lat", "address", "contact_name", "contact_phone", "leader_name", "active")


class SiteForm(forms.Form):
    """All facts of a site but its code, which is given once."""

    name = forms.CharField(label=gettext_lazy("名称"), max_length=120, help_text=gettext_lazy("与现场门牌、招牌一致。"))
    point_type = forms.ChoiceField(label=gettext_lazy("点位类型"))
    owner_code = UnitField(
        label=gettext_lazy("责任单位"), help_text=gettext_lazy("查出问题时派给谁整改。填编码或名称，可从列表里选。")
    )
    lng = forms.CharField(
        label=gettext_lazy("经度"),
        max_length=20,
        help_text=gettext_lazy("WGS-84 十进制度数，如 120.864321；不是高德、百度坐标。"),
    )
    lat = forms.CharField(label=gettext_lazy("纬度"), max_length=20, help_text=gettext_lazy("如 32.012345。"))
    area_code = forms.CharField(
        label=gettext_lazy("所在区域编码"), max_length=32, required=False,
        help_text=gettext_lazy("留空则按经纬度找所在网格。改了经纬度时请清空，让系统重新找。"),
    )  # fmt: skip
    address = forms.CharField(label=gettext_lazy("地址"), max_length=200, required=False)
    contact_name = forms.CharField(label=gettext_lazy("联系人"), max_length=40, required=False)
    contact_phone = forms.RegexField(
        r"^[0-9+\-() ]{5,20}$", label=gettext_lazy("联系电话"), max_length=20, required=False,
        error_messages={"invalid": gettext_lazy("电话只写数字、空格、横线和加号，5 到 20 位。")},
    )  # fmt: skip
    leader_name = forms.CharField(label=gettext_lazy("包保领导"), max_length=40, required=False)
    active = forms.BooleanField(
        label=gettext_lazy("在用"),
        required=False,
        initial=True,
        help_text=gettext_lazy("停用后不再安排巡查，二维码失效，历史保留。"),
    )

    def __init__(self, *args: Any, types: Mapping[str, str], units: Sequence[Unit], **options: Any) -> None:
        super().__init__(*args, **options)
        set_choices(self, "point_type", [("", _("请选择")), *types.items()])
        owner = self.fields["owner_code"]
        assert isinstance(owner, UnitField)
        owner.offer(units)

    def clean_lng(self) -> Decimal:
        """The longitude with six decimals."""
        return _degrees(self.cleaned_data["lng"], _("经度"), 180)

    def clean_lat(self) -> Decimal:
        """The latitude with six decimals."""
        return _degrees(self.cleaned_data["lat"], _("纬度"), 90)

    def clean_area_code(self) -> str:
        """The code of an area that exists, or nothing."""
        code = str(self.cleaned_data["area_code"])
        if code and area_by_code(code) is None:
            raise ValidationError(_("没有编码为“%(code)s”的区域。不确定就留空。") % {"code": code})
        return code


class NewSiteForm(SiteForm):
    """A site that is not there yet."""

    code = forms.RegexField(
        r"^[0-9A-Za-z_\-]{1,32}$", label=gettext_lazy("编码"), max_length=32,
        help_text=gettext_lazy("字母、数字、横线或下划线，全市唯一，定了不再改。"),
        error_messages={"invalid": gettext_lazy("编码只用字母、数字、横线和下划线，最多 32 位。")},
    )  # fmt: skip
    field_order = ("code",)


def _degrees(text: str, name: str, limit: int) -> Decimal:
    try:
        return degrees(text, name=name, limit=limit)
    except Refused as refusal:
        raise ValidationError(list(refusal.objections)) from refusal


def facts_of(site: Any) -> dict[str, Any]:
    """What the form shows of a site."""
    plain = {name: getattr(site, name) for name in _PLAIN}
    return plain | {"owner_code": site.owner.code, "area_code": site.area.code if site.area else ""}
