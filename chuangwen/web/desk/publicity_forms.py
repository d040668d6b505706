"""Forms of the publicity calendar and the news."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from chuangwen.rules.publicity import LONGEST_BODY, LONGEST_TITLE, Audience

DAY = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")


class OutreachForm(forms.Form):
    """One event of the calendar."""

    title = forms.CharField(label=_("名称"), max_length=80)
    audience = forms.ChoiceField(label=_("对象"), widget=forms.RadioSelect)
    unit = forms.ChoiceField(label=_("主办单位"))
    starts_on = forms.DateField(label=_("开始"), widget=DAY)
    ends_on = forms.DateField(label=_("结束"), widget=DAY)
    place = forms.CharField(label=_("地点或渠道"), max_length=120, required=False)
    note = forms.CharField(label=_("内容"), max_length=500, required=False, widget=forms.Textarea(attrs={"rows": 3}))

    def __init__(self, *args: Any, units: Sequence[Any] = (), **given: Any) -> None:
        super().__init__(*args, **given)
        self._choose("audience", [(one.value, one.label) for one in Audience])
        self._choose("unit", [(str(unit.pk), unit.name) for unit in units])

    def _choose(self, name: str, choices: list[tuple[str, str]]) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)
        field.choices = choices


class BriefForm(forms.Form):
    """The words of a piece of news."""

    title = forms.CharField(label=_("标题"), max_length=LONGEST_TITLE)
    body = forms.CharField(
        label=_("正文"), max_length=LONGEST_BODY, required=False, widget=forms.Textarea(attrs={"rows": 8}),
        help_text=_("写清楚时间、地点、谁做了什么、结果怎样，30 至 800 字。"),
    )  # fmt: skip
    byline = forms.CharField(
        label=_("供稿"), max_length=80, required=False, help_text=_("写单位；写个人姓名的，下面要有本人同意。")
    )
    audience = forms.ChoiceField(label=_("对象"), required=False)
    named = forms.CharField(
        label=_("文中人名"), required=False, max_length=2000, widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("一行一个：“姓名：何时怎样同意的”，例如“王芳：3月2日书面同意”。只是看着像人名的词写“词语：不是人名”。没有就不填。"),
    )  # fmt: skip

    def __init__(self, *args: Any, **given: Any) -> None:
        super().__init__(*args, **given)
        field = self.fields["audience"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [("", _("不限")), *[(one.value, one.label) for one in Audience]]
