"""The small forms of the case pages. They read what was typed; whether it is enough is for the operations to say."""

from datetime import date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.core.exceptions import ValidationError
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from chuangwen.routing.queries import unit_meant
from chuangwen.rules.case_flow import Move, Need
from chuangwen.rules.permissions import Actor
from chuangwen.rules.refusals import BadInput
from chuangwen.web.desk.standard_choice import find_standard
from chuangwen.web.desk.unit_choice import UnitChoices, find_unit

BEIJING = ZoneInfo("Asia/Shanghai")


class PhotosInput(forms.ClearableFileInput):
    """Several pictures at once; phones offer the camera."""

    allow_multiple_selected = True

    def __init__(self) -> None:
        super().__init__(attrs={"multiple": True, "accept": "image/*"})


class PhotosField(forms.FileField):
    """Draws the input; the pictures themselves are read and judged in kept_photos."""

    widget = PhotosInput

    def clean(self, data: Any, initial: Any = None) -> None:
        """Whatever came is not the form's to judge."""


def _words(label: Any, *, rows: int = 3, needed: bool = False, hint: Any = "") -> forms.CharField:
    """A text; `needed` marks it for the person, the operation refuses it with its own sentence."""
    attrs: dict[str, Any] = {"rows": rows, "maxlength": 500}
    if needed:
        attrs["required"] = True
        label = format_lazy("{}（{}）", label, _("必填"))
    return forms.CharField(label=label, required=False, help_text=hint, widget=forms.Textarea(attrs=attrs))


def _photos(label: Any, hint: Any = "") -> PhotosField:
    return PhotosField(label=label, required=False, help_text=hint)


class MoveForm(forms.Form):
    """What one move asks for. `given` is what goes to its operation."""

    actor: Actor | None = None

    def given(self) -> dict[str, Any]:
        """The arguments of the operation, pictures apart; only after is_valid()."""
        return {name: value for name, value in self.cleaned_data.items() if name != "photo"}

    def needs_met(self) -> set[Need]:
        """Which needs of a move are met by what was typed; what cannot be read is named elsewhere."""
        texts = {Need.REASON: "reason", Need.NOTE: "note", Need.UNIT: "unit_text", Need.UNTIL: "until"}
        return {need for need, name in texts.items() if str(self.data.get(name, "")).strip()}

    def offer(self, choices: UnitChoices) -> None:
        """Put suggestions into the form where it asks for a unit."""

    def typed(self) -> str:
        """The words that were typed, for a page on which this form stands no more."""
        names = [name for name in ("reason", "note", "reply") if name in self.fields]
        return "\n".join(filter(None, (str(self.data.get(name, "")).strip() for name in names)))


class ReceiveForm(MoveForm):
    """Nothing to fill in."""


class AcceptForm(MoveForm):
    """Which standard the case rests on, when it is another than the one found."""

    standard = forms.CharField(
        label=_("立案标准"),
        required=False,
        help_text=_("输入编码或小类，从列表里选；不填就保持现在的。"),
        widget=forms.TextInput(attrs={"list": "cw-standards", "autocomplete": "off"}),
    )

    def clean_standard(self) -> int | None:
        """The standard that was typed."""
        text = str(self.cleaned_data.get("standard") or "").strip()
        if not text:
            return None
        try:
            return find_standard(text).pk
        except BadInput as refusal:
            raise ValidationError(list(refusal.objections)) from refusal

    def given(self) -> dict[str, Any]:
        """None keeps the standard that was found with the report."""
        return {"standard_id": self.cleaned_data["standard"]}


class ReasonForm(MoveForm):
    """Why."""

    reason = _words(_("理由"), needed=True)


class UnitForm(MoveForm):
    """To which unit: a suggestion, or what is typed."""

    unit = forms.IntegerField(label=_("派给"), required=False, widget=forms.RadioSelect)
    unit_text = forms.CharField(
        label=_("其他单位"),
        required=False,
        help_text=_("输入名称或编码，从列表里选；填了这里就不看上面的选择。"),
        widget=forms.TextInput(attrs={"list": "cw-units", "autocomplete": "off"}),
    )
    note = _words(_("交代几句"), rows=2)

    def offer(self, choices: UnitChoices) -> None:
        """The suggestions as radio buttons; without any, only the box is left."""
        if not choices.suggested:
            self.fields["unit"].widget = forms.HiddenInput()
            return
        self.fields["unit"].widget = forms.RadioSelect(choices=choices.suggested)
        self.initial.setdefault("unit", choices.initial)

    def clean_unit_text(self) -> int | None:
        """The unit that was typed."""
        text = str(self.cleaned_data.get("unit_text") or "").strip()
        if not text or self.actor is None:
            return None
        try:
            return find_unit(self.actor, text).pk
        except BadInput as refusal:
            raise ValidationError(list(refusal.objections)) from refusal

    def given(self) -> dict[str, Any]:
        """The typed unit goes before the suggested one."""
        return {
            "unit_id": self.cleaned_data["unit_text"] or self.cleaned_data["unit"],
            "note": self.cleaned_data["note"],
        }

    def needs_met(self) -> set[Need]:
        """A suggestion counts too."""
        return super().needs_met() | ({Need.UNIT} if self.data.get("unit") else set())


class RectifyForm(MoveForm):
    """What was done, with pictures of it."""

    note = _words(_("做了什么"), needed=True)
    photo = _photos(_("整改后照片"), _("和整改前同一角度，便于对照核查。"))


class RectifyAndReplyForm(RectifyForm):
    """The same for a resident's report, who gets an answer."""

    reply = _words(_("给来信人的答复"), hint=_("结案后对来信人可见，不写个人信息。"))


class VerifyForm(MoveForm):
    """It is put right."""

    note = _words(_("核查说明"), rows=2)
    photo = _photos(_("现场照片"))


class RejectForm(MoveForm):
    """It is not put right, and why."""

    reason = _words(_("哪里没有改好"), needed=True)
    photo = _photos(_("现场照片"))


class RemarkForm(MoveForm):
    """A word, if any."""

    note = _words(_("说明"), rows=2)


class NoteForm(MoveForm):
    """A word that is the whole matter."""

    note = _words(_("备注"), rows=2, needed=True, hint=_("看得到这件案件的人都能看到。"))


class SuspendForm(MoveForm):
    """Why it cannot be solved now, and until when."""

    reason = _words(_("理由"), needed=True)
    until = forms.DateField(
        label=_("挂账到（必填）"),
        required=False,
        help_text=_("最长一年，到这一天自动恢复办理。"),
        widget=forms.DateInput(attrs={"type": "date", "required": True}, format="%Y-%m-%d"),
        error_messages={"invalid": _("日期应写成 2020-06-28。")},
    )

    def given(self) -> dict[str, Any]:
        """The suspension ends when that day begins in Beijing."""
        day: date | None = self.cleaned_data["until"]
        until = datetime.combine(day, time(), BEIJING) if day else None
        return {"reason": self.cleaned_data["reason"], "until": until}


class AskForm(MoveForm):
    """Why more time is needed."""

    reason = _words(_("为什么需要延期"), needed=True)


class DecideForm(MoveForm):
    """Granted or not; the pressed button says which."""

    reason = _words(_("批复意见"), rows=2, hint=_("不同意须写明理由。"))

    def given(self) -> dict[str, Any]:
        """Anything but the button of consent is a refusal."""
        return {"granted": self.data.get("granted") == "1", "reason": self.cleaned_data["reason"]}


class ObjectForm(MoveForm):
    """Why the case is not this unit's: a ground from the list, words, and who should have it."""

    ground = forms.CharField(label=_("异议理由（必填）"), required=False, widget=forms.RadioSelect)
    reason = _words(_("情况"), needed=True, hint=_("写明依据，例如移交文件、管养协议、职责分工。"))
    wanted = forms.CharField(
        label=_("建议派给"),
        required=False,
        help_text=_("知道该由谁办的，输入名称或编码，从列表里选；不知道就空着。"),
        widget=forms.TextInput(attrs={"list": "cw-all-units", "autocomplete": "off"}),
    )

    def clean_wanted(self) -> int | None:
        """The unit that was typed, of any branch."""
        text = str(self.cleaned_data.get("wanted") or "").strip()
        try:
            return unit_meant(text) if text else None
        except BadInput as refusal:
            raise ValidationError(list(refusal.objections)) from refusal

    def given(self) -> dict[str, Any]:
        """By the names of the operation."""
        said = self.cleaned_data
        return {"ground": said["ground"], "words": said["reason"], "wanted_id": said["wanted"]}


class DecideObjectionForm(UnitForm):
    """Upheld, and to whom the case goes then, or not; the pressed button says which."""

    note = _words(_("裁定意见"), rows=2, hint=_("不成立须写明理由，提出异议的单位看得到。"))

    def given(self) -> dict[str, Any]:
        """Anything but the button of consent is a rejection."""
        said = super().given()
        return {"upheld": self.data.get("upheld") == "1", "unit_id": said["unit_id"], "reason": said["note"]}


FORMS: dict[str, type[MoveForm]] = {
    Move.ACCEPT: AcceptForm,
    Move.REFUSE: ReasonForm,
    Move.DISPATCH: UnitForm,
    Move.ASSIGN: UnitForm,
    Move.RETURN: ReasonForm,
    Move.RECEIVE: ReceiveForm,
    Move.RECTIFY: RectifyForm,
    Move.VERIFY: VerifyForm,
    Move.REJECT: RejectForm,
    Move.CLOSE: RemarkForm,
    Move.FORCE_CLOSE: ReasonForm,
    Move.CANCEL: ReasonForm,
    Move.SUSPEND: SuspendForm,
    Move.RESUME: RemarkForm,
    "note": NoteForm,
    "ask_extension": AskForm,
    "decide_extension": DecideForm,
    "object": ObjectForm,
    "decide_objection": DecideObjectionForm,
}
