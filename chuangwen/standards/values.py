"""Words in a cell to values of an edition's fields, and back. Used for the sample's text files and for workbooks."""

import re
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from chuangwen.rules.edition_fields import Field, Severity, Shape, word_of

YES_NO: Final = ("是", "否")
_APART: Final = re.compile(r"[、，,；;/／\s]+")

# What stands in a row whose cell could not be read, so that the rest of the row is still checked.
_INSTEAD: Final[dict[Shape, Any]] = {
    Shape.TEXT: "",
    Shape.CODE: "",
    Shape.NUMBER: Decimal(0),
    Shape.WHOLE: 0,
    Shape.YES_NO: False,
    Shape.CHOICE: "",
    Shape.CHOICES: (),
}


def read_value(field: Field, text: str) -> tuple[Any, str]:
    """The value of a cell's text and "", or a stand-in and what is wrong with the text (Chinese).

    Whether a value is allowed is not judged here (see `editions.problems`), only whether it can be read.
    """
    if field.shape in (Shape.TEXT, Shape.CODE):
        return text, ""
    if field.shape is Shape.CHOICE:
        return _known(field, text), ""
    if field.shape is Shape.CHOICES:
        return tuple(_known(field, word) for word in _APART.split(text) if word), ""
    if field.shape is Shape.YES_NO:
        return (False, "") if not text and not field.required else _yes_no(text)
    return _number(field, text)


def instead_of(field: Field) -> Any:
    """A stand-in for a value that could not be read."""
    return _INSTEAD[field.shape]


def _known(field: Field, word: str) -> str:
    assert field.choices is not None
    for known in field.choices:
        if word in (known.value, known.label, f"{known.value} {known.label}"):
            return known.value
    return word


def _yes_no(text: str) -> tuple[bool, str]:
    if text in YES_NO:
        return text == YES_NO[0], ""
    return False, f"“{text}”应写是或否。" if text else "没有填写，应写是或否。"


def _number(field: Field, text: str) -> tuple[Decimal | int | None, str]:
    if not text:
        return (instead_of(field), "没有填写，应是数字。") if field.required else (None, "")
    try:
        number = Decimal(text)
    except InvalidOperation:
        return instead_of(field), f"“{text}”不是数字。"
    if field.shape is Shape.NUMBER:
        return number, ""
    if not number.is_finite() or abs(number) > 10**9 or number != int(number):
        return instead_of(field), f"“{text}”不是整数。"
    return int(number), ""


def show_value(field: Field, value: Any) -> str | Decimal | int | None:
    """What a cell shows for a value; `read_value` of its text gives the value back."""
    if field.shape is Shape.YES_NO:
        return YES_NO[0] if value else YES_NO[1]
    if field.shape is Shape.CHOICES:
        return "、".join(word_of(word) for word in value)
    if field.shape is Shape.CHOICE:
        return str(value) if field.choices is Severity else word_of(value)
    number: str | Decimal | int | None = value
    return number
