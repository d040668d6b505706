"""The forms of the online submission. They read what was typed; whether it is enough is for the operations to say."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from chuangwen.declarations.queries import kinds, reasons, states
from chuangwen.web.desk.directive_forms import text_field
from chuangwen.web.desk.lists import FilterForm, choices_of, set_choices
from chuangwen.web.desk.supervision_forms import moment_field

MINE = {"supply": _("我单位提供的"), "review": _("我单位审核的")}


def day_field(label: Any, hint: Any = "") -> forms.DateField:
    """A day, chosen or typed."""
    return forms.DateField(
        label=label, required=False, help_text=hint, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"invalid": _("日期应写成 2020-06-28。")},
    )  # fmt: skip


class MaterialFilter(FilterForm):
    """The conditions of the list of requirements."""

    mine = forms.ChoiceField(label=_("范围"), required=False)
    state = forms.ChoiceField(label=_("状态"), required=False)
    kind = forms.ChoiceField(label=_("种类"), required=False)
    unit = forms.CharField(label=_("提供单位（名称或编码）"), required=False, max_length=80)
    late = forms.BooleanField(label=_("只看过了截止时间的"), required=False)

    def __init__(self, data: Any) -> None:
        super().__init__(data)
        set_choices(self, "mine", choices_of(list(MINE.items())))
        set_choices(self, "state", choices_of({**states(), "disputed": str(_("有归属异议"))}))
        set_choices(self, "kind", choices_of(kinds()))


class DriveForm(forms.Form):
    """A new drive."""

    edition = forms.ChoiceField(label=_("测评标准（必填）"), required=False)
    name = text_field(_("名称（必填）"), _("例如 2020 年省级测评网上申报。"), most=80)
    test_month = day_field(_("测评月份（必填）"), _("填那个月的任意一天。有效期是测评前一个月往回推一年。"))
    due_at = moment_field(_("各单位的截止时间（必填）"), _("个别材料可以在表格里另定。"))

    def __init__(self, editions: Any, *args: Any, **given: Any) -> None:
        super().__init__(*args, **given)
        set_choices(self, "edition", list(editions))


class HandInForm(forms.Form):
    """A piece, or its next version."""

    title = text_field(_("材料标题（必填）"), most=120)
    said_on = day_field(_("形成日期（必填）"), _("发文日期、拍摄日期或统计截止日期。"))
    note = text_field(_("给审核人的话"), most=300)


class ReviewForm(forms.Form):
    """What a reviewer says of a version."""

    codes = forms.MultipleChoiceField(
        label=_("退回理由（退回时必选，可多选）"), required=False, widget=forms.CheckboxSelectMultiple
    )
    text = text_field(_("意见"), rows=2)

    def __init__(self, *args: Any, **given: Any) -> None:
        super().__init__(*args, **given)
        field: Any = self.fields["codes"]
        field.choices = list(reasons().items())


class DisputeForm(forms.Form):
    """Not ours."""

    reason = text_field(_("为什么不归本单位（必填）"), _("写明职责依据。"), rows=2)
    proposed = text_field(_("认为应由哪个单位提供"), _("写名称或编码，不清楚的不填。"), most=120)


class DecideForm(forms.Form):
    """The office decides."""

    unit = text_field(_("改由哪个单位提供"), _("异议成立时写；还没有确定的不填。"), most=120)
    decision = text_field(_("裁定的理由（必填）"), rows=2)


class OccasionForm(forms.Form):
    """Something that has to happen."""

    name = text_field(_("要办什么（必填）"), most=120)
    planned_on = day_field(_("计划日期（必填）"))


class SettleForm(forms.Form):
    """It happened, or it was called off."""

    happened_on = day_field(_("实际日期"))
    called_off = text_field(_("没有办的，写取消原因"), most=200)
