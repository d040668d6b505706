"""A form field for a unit: typed or picked from the list, by code or by name."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

Unit = tuple[str, str]  # code, name


class UnitField(forms.CharField):
    """The text of a unit's code or of a name that only one unit has; the value is the code."""

    def __init__(self, *, list_id: str = "units", **options: Any) -> None:
        super().__init__(max_length=120, **options)
        self.widget.attrs["list"] = list_id
        self.widget.attrs["autocomplete"] = "off"
        self.units: tuple[Unit, ...] = ()

    def offer(self, units: Iterable[Unit]) -> None:
        """The units there are to choose from."""
        self.units = tuple(units)

    def clean(self, value: Any) -> str:
        """The code; says what to do when no unit, or more than one, is meant."""
        text = str(super().clean(value))
        codes = [code for code, name in self.units if text in {code, name}]
        if text and not codes:
            raise ValidationError(_("没有找到单位“%(text)s”，请从列表里选，或填单位编码。") % {"text": text})
        if len(codes) > 1 and text not in codes:
            shown = "、".join(codes[:8])
            raise ValidationError(
                _("有 %(n)d 个单位叫“%(text)s”，请填编码：%(codes)s。")
                % {"n": len(codes), "text": text, "codes": shown}
            )
        return text if text in codes else "".join(codes[:1])
