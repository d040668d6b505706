"""The forms of whistles. They read what was typed; whether it is enough is for the operations to say."""

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from chuangwen.rules.whistles import TERM_LABELS, PromiseText, Rating
from chuangwen.web.desk.lists import set_choices
from chuangwen.whistles.operations import OUTCOMES

YES_NO = (("1", gettext_lazy("是")), ("0", gettext_lazy("否")))
FIRST_ROWS, MORE_ROWS, MOST_ROWS = 3, 3, 20


def words_field(label: Any, hint: Any = "", *, rows: int = 2, most: int = 500) -> forms.CharField:
    """Some words; 0 rows for one line."""
    widget = (
        forms.Textarea(attrs={"rows": rows, "maxlength": most}) if rows else forms.TextInput(attrs={"maxlength": most})
    )
    return forms.CharField(label=label, required=False, help_text=hint, widget=widget)


def yes_no(label: Any) -> forms.ChoiceField:
    """Yes, no, or not said yet."""
    return forms.ChoiceField(label=label, required=False, choices=YES_NO, widget=forms.RadioSelect)


def said(value: str) -> bool | None:
    """What a yes-or-no field says."""
    return {"1": True, "0": False}.get(value)


class WhistleForm(forms.Form):
    """A new whistle, its departments apart: they are rows of `unit` and `duty`."""

    promise = forms.ChoiceField(label=gettext_lazy("到场承诺（必填）"), required=False, widget=forms.RadioSelect)
    title = words_field(
        gettext_lazy("什么事（必填）"), gettext_lazy("一句话，例如“夜市占道、油烟扰民”。"), rows=0, most=160
    )
    text = words_field(gettext_lazy("详细情况"), rows=3, most=2000)
    site = words_field(gettext_lazy("点位"), gettext_lazy("在点位上的，写名称或编码。"), rows=0, most=120)
    place = words_field(
        gettext_lazy("位置"), gettext_lazy("不在点位上的必填，写到部门能找到，例如“学田南苑南门外”。"), rows=0, most=200
    )
    reason = words_field(
        gettext_lazy("为什么街道自身力量办不了（必填）"), gettext_lazy("例如没有执法权、缺设备；各部门都能看到，事后评价是否成立。")
    )  # fmt: skip

    def __init__(self, promises: Sequence[Any], *args: Any, **given: Any) -> None:
        super().__init__(*args, **given)
        rows = [
            (row.code, _("%(name)s：%(confirm)s内确认，%(arrive)s内到场，%(finish)s内办完") % {
                "name": row.name, "confirm": row.confirm_within, "arrive": row.arrive_within, "finish": row.finish_within,
            })
            for row in promises
        ]  # fmt: skip
        set_choices(self, "promise", rows)
        if rows and not self.is_bound:
            self.initial = {"promise": rows[0][0], **self.initial}


class WordsForm(forms.Form):
    """One box; its label says what belongs into it."""

    words = words_field("")

    def __init__(self, label: Any, hint: Any, *args: Any, **given: Any) -> None:
        super().__init__(*args, **given)
        self.fields["words"].label = label
        self.fields["words"].help_text = hint


class NothingForm(forms.Form):
    """A button says it all."""


class FitForm(forms.Form):
    """A department on the whistle."""

    within_duty = yes_no(gettext_lazy("属于本单位职责"))
    sound = yes_no(gettext_lazy("吹哨理由成立"))
    words = words_field(gettext_lazy("说明"), gettext_lazy("有一项选“否”的必填。"))


class DecideForm(forms.Form):
    """The chief on an objection."""

    outcome = forms.ChoiceField(
        label=gettext_lazy("裁定结果"), required=False, choices=tuple(OUTCOMES.items()), widget=forms.RadioSelect
    )
    unit = forms.CharField(
        label=gettext_lazy("改派给"), required=False, help_text=gettext_lazy("改派时填：名称或编码，从列表里选。它的时限从裁定起算。"),
        widget=forms.TextInput(attrs={"list": "cw-units", "autocomplete": "off"}),
    )  # fmt: skip
    words = words_field(gettext_lazy("裁定理由（必填）"))


class CloseForm(forms.Form):
    """The street's last word: what came of it, and a rating of every department that reported."""

    outcome = words_field(gettext_lazy("办成了什么（必填）"))

    def __init__(self, rated: Sequence[Any], *args: Any, **given: Any) -> None:
        super().__init__(*args, **given)
        self.rated = rated
        for summons in rated:
            unit = summons.part.unit.name
            self.fields[f"came_{summons.pk}"] = yes_no(_("%(unit)s：到场") % {"unit": unit})
            self.fields[f"cooperated_{summons.pk}"] = yes_no(_("%(unit)s：配合") % {"unit": unit})
            self.fields[f"finished_{summons.pk}"] = yes_no(_("%(unit)s：办结") % {"unit": unit})
            words = words_field(_("%(unit)s：说明") % {"unit": unit}, _("有一项选“否”的必填。"), rows=0)
            self.fields[f"words_{summons.pk}"] = words

    def ratings(self) -> Mapping[int, Rating]:
        """The ratings that are complete; the others are named as missing by the operation."""
        found = {}
        for summons in self.rated:
            values = [said(self.cleaned_data[f"{name}_{summons.pk}"]) for name in ("came", "cooperated", "finished")]
            came, cooperated, finished = values
            if came is not None and cooperated is not None and finished is not None:
                found[summons.pk] = Rating(came, cooperated, finished, self.cleaned_data[f"words_{summons.pk}"])
        return found


class PromiseForm(forms.Form):
    """A kind of promise."""

    code = words_field(
        gettext_lazy("编码（必填）"),
        gettext_lazy("小写字母、数字、短横，例如 urgent。写已有的编码就是修改它。"),
        rows=0,
        most=20,
    )
    name = words_field(gettext_lazy("名称（必填）"), rows=0, most=40)
    active = forms.BooleanField(label=gettext_lazy("在用"), required=False, initial=True)

    def __init__(self, *args: Any, **given: Any) -> None:
        super().__init__(*args, **given)
        hint = gettext_lazy("写成 30分钟、2小时、4工作时、1工作日 或 3天；工作时、工作日按工作日历算。")
        for name, label in TERM_LABELS.items():
            self.fields[name] = words_field(label, hint if name == "confirm_within" else "", rows=0, most=20)
        self.order_fields(["code", "name", *TERM_LABELS, "active"])

    def text(self) -> PromiseText:
        """What was typed; only after is_valid()."""
        said = self.cleaned_data
        return PromiseText(said["code"], said["name"], **{name: said[name] for name in TERM_LABELS})
