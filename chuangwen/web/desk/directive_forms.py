"""The forms of papers from above. They read what was typed; whether it is enough is for the operations to say."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from chuangwen.directives.queries import levels
from chuangwen.web.desk.lists import FilterForm, choices_of, set_choices
from chuangwen.web.desk.supervision_forms import moment_field

STATES = {"open": _("未办结"), "late": _("有事项过了期限"), "done": _("全部办结")}


def text_field(label: Any, hint: Any = "", *, rows: int = 0, most: int = 500, listed: str = "") -> forms.CharField:
    """A line, or some lines, of text; `listed`: the id of the list of names that the page offers."""
    more = {"list": listed, "autocomplete": "off"} if listed else {}
    widget = (
        forms.Textarea(attrs={"rows": rows, "maxlength": most})
        if rows
        else forms.TextInput(attrs={"maxlength": most, **more})
    )
    return forms.CharField(label=label, required=False, help_text=hint, widget=widget)


class PaperFilter(FilterForm):
    """The conditions of the list of papers."""

    level = forms.ChoiceField(label=_("来文层级"), required=False)
    state = forms.ChoiceField(label=_("办理情况"), required=False)

    def __init__(self, data: Any) -> None:
        super().__init__(data)
        set_choices(self, "level", choices_of(levels()))
        set_choices(self, "state", choices_of(list(STATES.items())))


class PaperForm(forms.Form):
    """A paper, as it is registered."""

    level = forms.ChoiceField(label=_("来文层级（必填）"), required=False, widget=forms.RadioSelect)
    issuer = text_field(_("来文单位（必填）"), most=80)
    number = text_field(_("来文文号（必填）"), _("例如 通文明办〔2020〕12号。"), most=60)
    title = text_field(_("标题（必填）"), most=160)
    received_on = forms.DateField(
        label=_("收文日期（必填）"), required=False, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"invalid": _("日期应写成 2020-06-28。")},
    )  # fmt: skip
    deadline = moment_field(_("来文要求的期限（必填）"))
    note = text_field(_("要求"), _("来文里总的要求；各件事项写在下面。"), rows=3, most=4000)
    lines = text_field(
        _("事项，一行一件"), _("可以整段粘贴，行首的序号会去掉。也可以改为上传表格。"), rows=8, most=20000
    )

    def __init__(self, *args: Any, **given: Any) -> None:
        super().__init__(*args, **given)
        set_choices(self, "level", list(levels().items()))


class BreakDownForm(forms.Form):
    """Who does an item, until when."""

    lead = text_field(_("牵头单位（必填）"), _("选或写名称、编码。"), most=120, listed="cw-units")
    joint = text_field(_("配合单位"), _("几个单位用顿号隔开。"), most=500)
    due_at = moment_field(_("内部期限（必填）"), _("不晚于来文要求的期限。"))


class ReportForm(forms.Form):
    """What a unit did so far."""

    text = text_field(_("做了什么"), _("勾选了案件的可以不写，用案件里的文字。"), rows=4, most=1000)


class DelayForm(forms.Form):
    """Cannot be done in time."""

    ground = forms.ChoiceField(label=_("原因类别（必填）"), required=False)
    reason = text_field(_("为什么不能按期完成（必填）"), rows=3, most=1000)
    needs = text_field(_("需要什么支持（必填）"), _("不需要的写“无”。"), most=300)
    proposed_at = moment_field(_("建议完成时间（必填）"))

    def __init__(self, grounds: dict[str, str], *args: Any, **given: Any) -> None:
        super().__init__(*args, **given)
        set_choices(self, "ground", choices_of(grounds, str(_("请选择"))))


class SignForm(forms.Form):
    """The office's verdict on an item."""

    result = text_field(_("办理结果（一句话，写进回复）"), rows=2)
    reason = text_field(_("退回的理由"), _("退回时写：哪里还没有做到。"), rows=2)


class DecideForm(forms.Form):
    """What the office does with a declaration."""

    note = text_field(_("怎样申请，或为什么不同意（必填）"), rows=2)


class AnswerForm(forms.Form):
    """What above answered."""

    note = text_field(_("上级怎样答复（必填）"), _("文号、谁、什么时间。"), rows=2)
    new_deadline = moment_field(_("同意的新期限"), _("上级不同意的不填。"))


class LinkForm(forms.Form):
    """Cases that carry an item out."""

    numbers = text_field(
        _("案件编号或整改任务书文号"), _("几个用顿号隔开；写任务书文号，就是它的全部案件。"), most=1000
    )
