"""What is wrong with the answers to a checklist's further questions, and which criteria were asked at all.

Answers are texts as an XForm keeps them: words of a multiple choice apart by blanks, a position as latitude, longitude
(and altitude, accuracy) in degrees WGS-84, a day as 2026-05-01. As in ODK a constraint is looked at only where there is
an answer, and a question that is not asked has none.
"""

import datetime as dt
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from chuangwen.rules.edition_fields import QuestionKind
from chuangwen.rules.form_rows import ChoiceRow, QuestionRow
from chuangwen.rules.xpath import NotHeld, Surroundings, Unreadable, Value, holds, parse

LONGEST_ANSWER: Final = 500

_WHOLE: Final = re.compile(r"-?\d{1,9}", re.ASCII)
_DECIMAL: Final = re.compile(r"-?\d{1,12}(\.\d{1,9})?", re.ASCII)
_DEGREES: Final = re.compile(r"-?\d{1,3}(\.\d{1,12})?( -?\d{1,3}(\.\d{1,12})?)( -?\d{1,6}(\.\d{1,12})?){0,2}", re.ASCII)


def type_trouble(kind: str, text: str) -> str:
    """What is wrong with a text as an answer of this kind, as the end of a sentence, or ""."""
    if len(text) > LONGEST_ANSWER:
        return f"有 {len(text)} 个字，最多 {LONGEST_ANSWER} 个。"
    if kind == QuestionKind.INTEGER and not _WHOLE.fullmatch(text):
        return f"“{text}”应是整数（最多 9 位）。"
    if kind == QuestionKind.DECIMAL and not _DECIMAL.fullmatch(text):
        return f"“{text}”应是数字。"
    if kind == QuestionKind.DATE and _day(text) is None:
        return f"“{text}”应是日期，如 2026-05-01。"
    if kind == QuestionKind.GEOPOINT and not _is_position(text):
        return f"“{text}”应是纬度和经度，如 32.01 120.86。"
    return ""


def _day(text: str) -> dt.date | None:
    try:
        return dt.date.fromisoformat(text) if re.fullmatch(r"\d{4}-\d\d-\d\d", text, re.ASCII) else None
    except ValueError:
        return None


def _is_position(text: str) -> bool:
    if not _DEGREES.fullmatch(text):
        return False
    lat, lng = (float(part) for part in text.split()[:2])
    return abs(lat) <= 90 and abs(lng) <= 180


def typed(kind: str, text: str) -> Value:
    """An answer as conditions count with it: a number, a day, or the text."""
    if kind in (QuestionKind.INTEGER, QuestionKind.DECIMAL) and _DECIMAL.fullmatch(text):
        return float(text)
    if kind == QuestionKind.DATE:
        return _day(text) or text
    return text


@dataclass(frozen=True)
class Answers:
    """The answers of one visit: to further questions by name, and the fields of criteria by name (`c_RES_01_verdict`)."""

    questions: Sequence[QuestionRow]
    choices: Sequence[ChoiceRow]
    given: Mapping[str, str]
    fields: Mapping[str, str]
    today: dt.date

    def surroundings(self, own: Value = "") -> Surroundings:
        """What conditions are worked out over."""
        values: dict[str, Value] = dict(self.fields)
        values |= {row.name: typed(row.type, self.given.get(row.name, "")) for row in self.questions}
        return Surroundings(values, self.today, own)

    def lets(self, condition: str) -> bool:
        """Whether a condition holds; an empty one does, and so does one that cannot be read (it was never accepted)."""
        try:
            return not condition or holds(parse(condition), self.surroundings())
        except (Unreadable, NotHeld):
            return True


def answer_troubles(answers: Answers) -> Iterator[str]:
    """Everything wrong with the answers that were given, each a Chinese sentence."""
    known = {row.name: row for row in answers.questions if row.type != QuestionKind.NOTE}
    for name in answers.given:
        if name not in known:
            yield f"检查单里没有名为“{name}”的问题。"
    for name, row in known.items():
        text = answers.given.get(name, "")
        if text and (what := type_trouble(row.type, text) or _choice_trouble(row, text, answers.choices)):
            yield f"「{row.label}」{what}"
        elif text and row.constraint and not _is_good(row, text, answers):
            yield f"「{row.label}」{row.constraint_message or f'“{text}”不符合要求，请核对。'}"


def _choice_trouble(row: QuestionRow, text: str, choices: Sequence[ChoiceRow]) -> str:
    if row.type not in (QuestionKind.SELECT_ONE, QuestionKind.SELECT_MULTIPLE):
        return ""
    words = text.split() if row.type == QuestionKind.SELECT_MULTIPLE else [text]
    known = {choice.name for choice in choices if choice.list_name == row.list_name}
    if unknown := [word for word in words if word not in known]:
        return f"没有选项“{'、'.join(unknown)}”。"
    return "有重复的选项。" if len(set(words)) != len(words) else ""


def _is_good(row: QuestionRow, text: str, answers: Answers) -> bool:
    try:
        return holds(parse(row.constraint), answers.surroundings(typed(row.type, text)))
    except (Unreadable, NotHeld):
        return True


def unanswered(answers: Answers, group_conditions: Mapping[str, str]) -> Iterator[str]:
    """Required questions that were asked and left empty; `group_conditions`: the condition of each criterion by code."""
    for row in answers.questions:
        if row.required and row.type != QuestionKind.NOTE and not answers.given.get(row.name):
            asked = answers.lets(row.relevant) and answers.lets(group_conditions.get(row.criterion, ""))
            if asked:
                yield f"「{row.label}」{row.required_message or '必须回答。'}"
