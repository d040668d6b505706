"""What the fields of an edition may hold: the words to choose from, lengths, and what is wrong with a value."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Any, Final


class Labelled(StrEnum):
    """A word list whose every value has a Chinese word."""

    @property
    def label(self) -> str:
        """The Chinese word an office reads and writes."""
        return _LABELS[self]


class MethodKind(Labelled):
    """How a part of the mark is found: covert field visits, submitted material, questionnaires."""

    FIELD = "field"
    MATERIAL = "material"
    QUESTIONNAIRE = "questionnaire"


class How(Labelled):
    """What the inspector does to know; observe, investigate and simulate of the field method, in finer words."""

    LOOK = "look"
    COUNT = "count"
    MEASURE = "measure"
    ASK = "ask"
    TEST = "test"
    DOCUMENT = "document"


class Severity(Labelled):
    """How grave a failure is. Published standards give no classes: an edition that uses them says whose they are."""

    VETO = "V"
    MAJOR = "A"
    ORDINARY = "B"
    MINOR = "C"


class QuestionKind(Labelled):
    """What a further question of a checklist is answered with; `note` is only read."""

    TEXT = "text"
    INTEGER = "integer"
    DECIMAL = "decimal"
    DATE = "date"
    SELECT_ONE = "select_one"
    SELECT_MULTIPLE = "select_multiple"
    IMAGE = "image"
    GEOPOINT = "geopoint"
    BARCODE = "barcode"
    NOTE = "note"


_LABELS: Final[dict[str, str]] = {
    QuestionKind.TEXT: "文字",
    QuestionKind.INTEGER: "整数",
    QuestionKind.DECIMAL: "小数",
    QuestionKind.DATE: "日期",
    QuestionKind.SELECT_ONE: "单选",
    QuestionKind.SELECT_MULTIPLE: "多选",
    QuestionKind.IMAGE: "照片",
    QuestionKind.GEOPOINT: "位置",
    QuestionKind.BARCODE: "条码",
    QuestionKind.NOTE: "说明文字",
    MethodKind.FIELD: "实地考察",
    MethodKind.MATERIAL: "材料审核",
    MethodKind.QUESTIONNAIRE: "问卷调查",
    How.LOOK: "看",
    How.COUNT: "数",
    How.MEASURE: "量",
    How.ASK: "问",
    How.TEST: "试",
    How.DOCUMENT: "查",
    Severity.VETO: "否决类",
    Severity.MAJOR: "重大",
    Severity.ORDINARY: "一般",
    Severity.MINOR: "轻微",
}


def word_of(value: str) -> str:
    """The Chinese word of a method, a way of checking or a severity class; anything else as it is."""
    return _LABELS.get(value, value)


def words_of(choices: type[Labelled]) -> str:
    """All words of a list to choose from; severity classes are written by letter, so the letter comes first."""
    return "、".join(f"{known.value}（{known.label}）" if choices is Severity else known.label for known in choices)


class Shape(StrEnum):
    """What a field of a row may hold."""

    TEXT = "text"
    CODE = "code"
    NUMBER = "number"
    WHOLE = "whole"
    YES_NO = "yes_no"
    CHOICE = "choice"
    CHOICES = "choices"


@dataclass(frozen=True)
class Field:
    """One field: its name in the row, the header people see, and what it may hold.

    `longest` counts characters of a text; `places` counts decimal places of a number, which stays below 1,000
    (10,000 for points); both are what the database keeps. A `late` field came after workbooks were handed out: its
    column may be missing, and its value is then that of a new row.
    """

    name: str
    label: str
    shape: Shape = Shape.TEXT
    longest: int = 300
    required: bool = False
    places: int = 3
    choices: type[Labelled] | None = None
    late: bool = False


def value_troubles(field: Field, value: Any) -> Iterator[str]:
    """What is wrong with one value of a row, in Chinese words without the place."""
    if field.shape in (Shape.TEXT, Shape.CODE):
        yield from _text_troubles(field, value)
    elif field.shape is Shape.NUMBER:
        yield from _number_troubles(field, value)
    elif field.shape is Shape.WHOLE and not 0 <= value < 1000:
        yield f"“{value}”应是 0 到 999 的整数。"
    elif field.shape is Shape.CHOICE:
        yield from _choice_troubles(field, (value,))
    elif field.shape is Shape.CHOICES:
        yield from _choice_troubles(field, value)


# What a spreadsheet (XML 1.0) cannot hold, and carriage returns, which it turns into line feeds.
_CONTROL: Final = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff\ufffe\uffff]")


def _text_troubles(field: Field, value: str) -> Iterator[str]:
    if field.required and not value:
        yield "没有填写。"
    if len(value) > field.longest:
        yield f"有 {len(value)} 个字，最多 {field.longest} 个。"
    if _CONTROL.search(value):
        yield "含有看不见的控制字符，请重新录入。"
    if value != value.strip():
        yield "首尾有空白，请删去。"
    if field.shape is Shape.CODE and re.search(r"\s", value.strip()):
        yield f"编码“{value}”中间有空白，请删去。"


def _number_troubles(field: Field, value: Decimal | None) -> Iterator[str]:
    if value is None:
        if field.required:
            yield "没有填写。"
        return
    most = 10 ** (6 - field.places)
    if not (value.is_finite() and 0 <= value < most):
        yield f"“{value}”应是 0 以上、小于 {most} 的数。"
    elif round(value, field.places) != value:
        yield f"“{value}”最多保留 {field.places} 位小数。"


def _choice_troubles(field: Field, values: tuple[str, ...]) -> Iterator[str]:
    assert field.choices is not None
    if not values or values == ("",):
        yield "没有填写。"
        return
    known = list(field.choices)
    if unknown := [value for value in values if value not in known]:
        yield f"“{'、'.join(unknown)}”不在可选的 {words_of(field.choices)} 之中。"
    if len(set(values)) != len(values):
        yield "有重复的选项。"
