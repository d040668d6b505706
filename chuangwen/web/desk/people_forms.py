"""The forms about units and people."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from chuangwen.people.listing import unit_kinds
from chuangwen.rules.permissions import Role
from chuangwen.web.desk.lists import FilterForm, set_choices
from chuangwen.web.desk.unit_field import Unit, UnitField

ROLES = [(role.value, role.label) for role in Role]


def _day() -> forms.DateInput:
    return forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})


class UnitFilter(FilterForm):
    """The condition of the list of units."""

    q = forms.CharField(label=gettext_lazy("名称或编码"), required=False, max_length=60)


class UnitForm(forms.Form):
    """All facts of a unit but its code."""

    name = forms.CharField(label=gettext_lazy("名称"), max_length=80)
    kind = forms.ChoiceField(label=gettext_lazy("类别"))
    parent_code = UnitField(
        label=gettext_lazy("上级单位"),
        required=False,
        help_text=gettext_lazy("填编码或名称；最上一级留空。换上级时，下面的单位一起跟着走。"),
    )

    def __init__(self, *args: Any, units: Sequence[Unit], **options: Any) -> None:
        super().__init__(*args, **options)
        set_choices(self, "kind", [("", _("请选择")), *unit_kinds().items()])
        parent = self.fields["parent_code"]
        assert isinstance(parent, UnitField)
        parent.offer(units)


class NewUnitForm(UnitForm):
    """A unit that is not there yet."""

    code = forms.RegexField(
        r"^[0-9A-Za-z_\-]{1,32}$", label=gettext_lazy("编码"), max_length=32,
        help_text=gettext_lazy("字母、数字、横线或下划线，全市唯一，定了不再改。"),
        error_messages={"invalid": gettext_lazy("编码只用字母、数字、横线和下划线，最多 32 位。")},
    )  # fmt: skip
    field_order = ("code",)


class PeopleFilter(FilterForm):
    """The conditions of the list of people."""

    q = forms.CharField(label=gettext_lazy("姓名或账号"), required=False, max_length=60)
    unit = forms.CharField(label=gettext_lazy("单位"), required=False, max_length=60)
    role = forms.ChoiceField(label=gettext_lazy("岗位"), required=False, choices=[("", gettext_lazy("全部")), *ROLES])
    state = forms.ChoiceField(
        label=gettext_lazy("账号"), required=False,
        choices=[("", gettext_lazy("在用的")), ("idle", gettext_lazy("在用、没有岗位的")), ("out", gettext_lazy("停用的"))],
    )  # fmt: skip


class PersonForm(forms.Form):
    """Name and telephone number."""

    display_name = forms.CharField(label=gettext_lazy("姓名"), max_length=40)
    phone = forms.RegexField(
        r"^[0-9+\-() ]{5,20}$", label=gettext_lazy("电话"), max_length=20, required=False,
        error_messages={"invalid": gettext_lazy("电话只写数字、空格、横线和加号，5 到 20 位。")},
    )  # fmt: skip


class NewPersonForm(PersonForm):
    """A person without an account."""

    username = forms.RegexField(
        r"^[a-z0-9_.\-]{2,40}$", label=gettext_lazy("账号"), max_length=40,
        help_text=gettext_lazy("登录用，2–40 位小写字母、数字、点、横线或下划线，定了不再改。"),
        error_messages={"invalid": gettext_lazy("账号须为 2–40 位小写字母、数字、点、横线或下划线。")},
    )  # fmt: skip
    field_order = ("username",)


class PostForm(forms.Form):
    """An appointment."""

    role = forms.ChoiceField(label=gettext_lazy("岗位"), choices=[("", gettext_lazy("请选择")), *ROLES])
    unit_code = UnitField(label=gettext_lazy("单位"), help_text=gettext_lazy("填编码或名称，可从列表里选。"))
    starts_on = forms.DateField(label=gettext_lazy("任职起"), widget=_day())
    ends_on = forms.DateField(
        label=gettext_lazy("任职止"),
        required=False,
        widget=_day(),
        help_text=gettext_lazy("最后一天；一直任职的留空。"),
    )

    def __init__(self, *args: Any, units: Sequence[Unit], **options: Any) -> None:
        super().__init__(*args, **options)
        unit = self.fields["unit_code"]
        assert isinstance(unit, UnitField)
        unit.offer(units)

    def clean(self) -> dict[str, Any]:
        """The last day is not before the first."""
        facts = super().clean() or {}
        starts_on, ends_on = facts.get("starts_on"), facts.get("ends_on")
        if starts_on and ends_on and ends_on < starts_on:
            self.add_error("ends_on", ValidationError(_("任职止不能早于任职起。")))
        return facts
