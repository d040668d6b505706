"""The forms of accountability: one for each step that needs words. Whether it is enough is for the operations to say."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from chuangwen.accountability.queries import ground_choices, lighter_choices, measure_choices
from chuangwen.rules.accountability_flow import APPEAL_LABELS, OUTCOME_LABELS, FileMove
from chuangwen.web.desk.lists import set_choices
from chuangwen.web.desk.supervision_forms import moment_field

PROMISES = 3


def _words(label: Any, hint: Any = "", rows: int = 5, most: int = 5000) -> forms.CharField:
    widget = forms.Textarea(attrs={"rows": rows, "maxlength": most})
    return forms.CharField(label=label, required=False, help_text=hint, widget=widget, max_length=most)


def _line(label: Any, hint: Any = "", most: int = 120) -> forms.CharField:
    widget = forms.TextInput(attrs={"maxlength": most})
    return forms.CharField(label=label, required=False, help_text=hint, widget=widget, max_length=most)


class NoticeForm(forms.Form):
    """What the unit is told."""

    text = _words(
        gettext_lazy("告知内容（必填）"), gettext_lazy("指什么事、凭什么、要改什么。依据和反证会一并给单位看。"), rows=7
    )


class CorrectionForm(forms.Form):
    """What the unit did."""

    text = _words(gettext_lazy("整改情况（必填）"), gettext_lazy("做了什么，哪些还要时间。没有可改的，写明为什么。"))


class StatementForm(forms.Form):
    """What the unit says."""

    text = _words(
        gettext_lazy("陈述"), gettext_lazy("对事实、依据、名次有不同看法，或有要说明的情况，写在这里。"), rows=7
    )
    ground = forms.ChoiceField(
        label=gettext_lazy("申请容错"), required=False, help_text=gettext_lazy("选一种情形并在陈述里写明理由，由决定的岗位认定。")
    )  # fmt: skip
    nothing = forms.BooleanField(label=gettext_lazy("没有要补充的"), required=False)

    def __init__(self, *given: Any, **more: Any) -> None:
        super().__init__(*given, **more)
        set_choices(self, "ground", [("", _("不申请")), *ground_choices()])


class ProposalForm(forms.Form):
    """Which measure, and why."""

    measure = forms.ChoiceField(label=gettext_lazy("建议的措施（必填）"), required=False, widget=forms.RadioSelect)
    text = _words(gettext_lazy("理由（必填）"), gettext_lazy("整改、陈述、容错情形和反证都要说到。"))

    def __init__(self, *given: Any, most: str, **more: Any) -> None:
        super().__init__(*given, **more)
        set_choices(self, "measure", [*lighter_choices(most), *(one for one in measure_choices() if one[0] == most)])


class DecisionForm(forms.Form):
    """What the named post decides."""

    outcome = forms.ChoiceField(label=gettext_lazy("决定（必填）"), required=False, widget=forms.RadioSelect)
    measure = forms.ChoiceField(
        label=gettext_lazy("较轻的措施"), required=False, help_text=gettext_lazy("只在改用较轻的措施时选。")
    )
    text = _words(
        gettext_lazy("理由（必填）"), gettext_lazy("写明采纳了什么、没有采纳什么；提出容错的，写明认定与否。")
    )

    def __init__(self, *given: Any, than: str, on_appeal: bool, **more: Any) -> None:
        super().__init__(*given, **more)
        labels: Mapping[Any, str] = APPEAL_LABELS if on_appeal else OUTCOME_LABELS
        set_choices(self, "outcome", [(key.value, words) for key, words in labels.items()])
        set_choices(self, "measure", [("", _("不改")), *(lighter_choices(than) if than else [])])


class AppealForm(forms.Form):
    """Why the unit does not agree."""

    text = _words(gettext_lazy("申诉理由（必填）"), gettext_lazy("哪里不对，希望怎样改。由另一个岗位、另一个人决定。"))


class ReasonForm(forms.Form):
    """Why a file is dropped."""

    text = _words(gettext_lazy("理由（必填）"), rows=3)


class BareForm(forms.Form):
    """A step that needs no word; one may be added."""

    text = _words(gettext_lazy("说明"), rows=2, most=500)


class HandOverForm(forms.Form):
    """To which organ."""

    to = _line(
        gettext_lazy("移交给哪个机关（必填）"), gettext_lazy("例如“区纪委监委”。移交后由它按自己的规定办理。"), 80
    )
    text = _words(gettext_lazy("说明"), rows=2, most=500)


class InterviewForm(forms.Form):
    """A talk on record, with up to three promises."""

    held_at = moment_field(gettext_lazy("约谈时间（必填）"))
    post = _line(gettext_lazy("由哪个岗位约谈（必填）"), gettext_lazy("写单位和岗位，不写姓名。"))
    attended = _line(gettext_lazy("单位到场的岗位"), "", 200)
    summary = _words(gettext_lazy("谈话要点（必填）"))

    def __init__(self, *given: Any, **more: Any) -> None:
        super().__init__(*given, **more)
        for number in range(1, PROMISES + 1):
            self.fields[f"promise_{number}"] = _line(_("承诺 %(n)d") % {"n": number}, "", 500)
            self.fields[f"due_{number}"] = moment_field(_("承诺 %(n)d 的期限") % {"n": number})

    def promises(self) -> Sequence[tuple[str, datetime | None]]:
        """The promises that were filled in; only after is_valid()."""
        said = self.cleaned_data
        rows = [(said[f"promise_{n}"].strip(), said[f"due_{n}"]) for n in range(1, PROMISES + 1)]
        return [row for row in rows if row[0] or row[1]]


def step_form(move: FileMove, file: Any, data: Any = None, initial: Mapping[str, Any] | None = None) -> forms.Form:
    """The form of a step of this file."""
    given: dict[str, Any] = {"data": data, "initial": dict(initial or {})}
    if move is FileMove.PROPOSE:
        return ProposalForm(**given, most=file.rung.measure)
    if move in {FileMove.DECIDE, FileMove.DECIDE_APPEAL}:
        on_appeal = move is FileMove.DECIDE_APPEAL
        return DecisionForm(**given, than=file.measure_key if on_appeal else file.proposed_measure, on_appeal=on_appeal)
    plain: Mapping[FileMove, type[forms.Form]] = {
        FileMove.NOTIFY: NoticeForm, FileMove.CORRECT: CorrectionForm, FileMove.STATE: StatementForm,
        FileMove.APPEAL: AppealForm, FileMove.DROP: ReasonForm,
    }  # fmt: skip
    return plain.get(move, BareForm)(**given)
