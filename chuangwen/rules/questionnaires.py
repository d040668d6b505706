"""A questionnaire as data, in several languages; what is wrong with it, and what an answer sheet says.

Kinds: one choice, several choices, a scale of whole numbers, a text, a matrix (one choice a row). A question may have
a condition over earlier answers, in the part of XPath that checklists use (rules/xpath.py).
"""

import datetime as dt
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from chuangwen.rules.refusals import BadInput
from chuangwen.rules.xpath import NotHeld, Surroundings, Unreadable, Value, holds, parse, references

FIRST_LANGUAGE: Final = "zh"
LANGUAGES: Final = {"zh": "中文", "en": "English", "ja": "日本語", "ko": "한국어", "fr": "Français", "ru": "Русский"}
MOST_QUESTIONS, MOST_OPTIONS, LONGEST_TEXT, LONGEST_WORDS = 60, 40, 500, 300
_CODE: Final = re.compile(r"[a-z][a-z0-9_]{0,29}")
_OPTION_CODE: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_+.-]{0,29}")
RESERVED: Final = frozenset({"street", "weight", "channel", "flags"})
Words = Mapping[str, str]


class Kind(StrEnum):
    """What an answer looks like."""

    ONE = "one"
    MANY = "many"
    SCALE = "scale"
    TEXT = "text"
    MATRIX = "matrix"


KIND_LABELS: Final[Mapping[Kind, str]] = {
    Kind.ONE: "单选", Kind.MANY: "多选", Kind.SCALE: "打分", Kind.TEXT: "填写", Kind.MATRIX: "矩阵（每行单选）",
}  # fmt: skip


def said(words: Words, language: str) -> str:
    """In this language, in Chinese where it was not translated."""
    return words.get(language) or words.get(FIRST_LANGUAGE, "")


@dataclass(frozen=True)
class Option:
    """A choice, or a row of a matrix."""

    code: str
    text: Words


@dataclass(frozen=True)
class Question:
    """`when` is the condition under which it is asked; `low` and `high` bound a scale."""

    code: str
    kind: Kind
    text: Words
    options: tuple[Option, ...] = ()
    rows: tuple[Option, ...] = ()
    required: bool = True
    when: str = ""
    low: int = 1
    high: int = 5

    @property
    def option_codes(self) -> frozenset[str]:
        """What may be chosen."""
        return frozenset(option.code for option in self.options)

    def names(self) -> tuple[str, ...]:
        """The names under which its answers are kept: of a matrix one a row."""
        return tuple(f"{self.code}.{row.code}" for row in self.rows) if self.kind == Kind.MATRIX else (self.code,)


@dataclass(frozen=True)
class Questionnaire:
    """Questions in the order in which they are asked."""

    title: Words
    intro: Words
    languages: tuple[str, ...]
    questions: tuple[Question, ...]

    def question(self, code: str) -> Question | None:
        """The question with this code."""
        return next((question for question in self.questions if question.code == code), None)


# --- as data ---


def packed(form: Questionnaire) -> dict[str, Any]:
    """As it is stored and travels to a phone."""
    return {
        "title": dict(form.title), "intro": dict(form.intro), "languages": list(form.languages),
        "questions": [_packed(question) for question in form.questions],
    }  # fmt: skip


def _packed(question: Question) -> dict[str, Any]:
    def pairs(options: Sequence[Option]) -> list[dict[str, Any]]:
        return [{"code": option.code, "text": dict(option.text)} for option in options]

    return {
        "code": question.code, "kind": question.kind.value, "text": dict(question.text), "options": pairs(question.options),
        "rows": pairs(question.rows), "required": question.required, "when": question.when, "low": question.low,
        "high": question.high,
    }  # fmt: skip


def unpacked(content: Mapping[str, Any]) -> Questionnaire:
    """What `packed` wrote."""

    def options(rows: Sequence[Mapping[str, Any]]) -> tuple[Option, ...]:
        return tuple(Option(row["code"], row["text"]) for row in rows)

    questions = tuple(
        Question(
            row["code"], Kind(row["kind"]), row["text"], options(row.get("options", ())), options(row.get("rows", ())),
            row.get("required", True), row.get("when", ""), row.get("low", 1), row.get("high", 5),
        )
        for row in content.get("questions", ())
    )  # fmt: skip
    return Questionnaire(content["title"], content.get("intro", {}), tuple(content["languages"]), questions)


def read_options(text: str, languages: Sequence[str]) -> tuple[Option, ...]:
    """One option a line: `code | 中文 | English`, in the order of the languages. Refuses every line that is none."""
    found, objections = [], []
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip():
            continue
        code, *words = (part.strip() for part in line.replace("｜", "|").split("|"))
        if not _OPTION_CODE.fullmatch(code) or not words or not words[0]:
            objections.append(f"选项第 {number} 行应写成“编码 | 文字”，编码用字母、数字。")
        found.append(Option(code, {lang: word for lang, word in zip(languages, words, strict=False) if word}))
    if objections:
        raise BadInput(objections)
    return tuple(found)


def written_options(options: Sequence[Option], languages: Sequence[str]) -> str:
    """What `read_options` reads."""
    return "\n".join(
        " | ".join([option.code, *(option.text.get(lang, "") for lang in languages)]).rstrip(" |") for option in options
    )


# --- what is wrong with it ---


def objections_to(form: Questionnaire) -> list[str]:
    """Everything that keeps a questionnaire from being published."""
    found = [] if form.title.get(FIRST_LANGUAGE, "").strip() else ["请写问卷的中文标题。"]
    found += [] if form.questions else ["还没有题目。"]
    found += [f"最多 {MOST_QUESTIONS} 题。"] if len(form.questions) > MOST_QUESTIONS else []
    before: set[str] = set()
    for number, question in enumerate(form.questions, start=1):
        found += [f"第 {number} 题：{sentence}" for sentence in question_objections(question)]
        if question.code in before:
            found.append(f"第 {number} 题：编码“{question.code}”与前面的题重复。")
        found += [f"第 {number} 题：{sentence}" for sentence in _when_objections(question.when, before | {"street"})]
        before |= {question.code, *question.names()}
    return found


def question_objections(question: Question) -> list[str]:
    """What is wrong with one question by itself."""
    found = []
    if not _CODE.fullmatch(question.code) or question.code in RESERVED:
        found.append("编码用小写字母开头，只含小写字母、数字和下划线，不能是 street、weight、channel、flags。")
    found += [] if question.text.get(FIRST_LANGUAGE, "").strip() else ["请写中文题目。"]
    if any(len(words) > LONGEST_WORDS for words in question.text.values()):
        found.append(f"题目最多 {LONGEST_WORDS} 字。")
    if question.kind in {Kind.ONE, Kind.MANY, Kind.MATRIX}:
        found += _list_objections(question.options, "选项", least=2)
    if question.kind == Kind.MATRIX:
        found += _list_objections(question.rows, "行", least=1)
    if question.kind == Kind.SCALE and not 0 <= question.low < question.high <= 10:
        found.append("打分须从小到大，在 0 到 10 之间。")
    return found


def _list_objections(options: Sequence[Option], word: str, *, least: int) -> list[str]:
    found = [] if least <= len(options) <= MOST_OPTIONS else [f"{word}要有 {least} 到 {MOST_OPTIONS} 个。"]
    codes = [option.code for option in options]
    return found + ([f"{word}的编码有重复。"] if len(set(codes)) < len(codes) else [])


def _when_objections(when: str, before: set[str]) -> list[str]:
    if not when.strip():
        return []
    try:
        unknown = sorted(references(parse(when)) - before)
    except (Unreadable, NotHeld) as error:
        return [f"条件读不懂：{error}。"]
    return [f"条件里的“{'、'.join(unknown)}”不是前面的题。"] if unknown else []


# --- answers ---

Answers = Mapping[str, Any]  # code -> option code, list of option codes, number or text


@dataclass(frozen=True)
class Sheet:
    """A sheet as it was read: what counts, and what is wrong with it. Answers to questions that were not to be asked
    are left out.
    """

    answers: dict[str, Any]
    asked: tuple[str, ...]
    objections: tuple[str, ...]


def values_of(answers: Answers, more: Mapping[str, str] | None = None) -> dict[str, Value]:
    """Answers as a condition sees them: several choices with spaces between."""
    plain: dict[str, Value] = {}
    for name, value in answers.items():
        plain[name] = " ".join(value) if isinstance(value, list) else float(value) if isinstance(value, int) else value
    return {**plain, **(more or {})}


def is_asked(question: Question, answers: Answers, today: dt.date, street: str = "") -> bool:
    """Whether the answers so far lead to this question."""
    if not question.when:
        return True
    return holds(parse(question.when), Surroundings(values_of(answers, {"street": street}), today))


def read_sheet(form: Questionnaire, given: Mapping[str, Sequence[str]], today: dt.date, street: str = "") -> Sheet:
    """The answers of a posted sheet: name -> values. Every question that lacks an answer or has a strange one is named."""
    answers: dict[str, Any] = {}
    asked: list[str] = []
    objections: list[str] = []
    for number, question in enumerate(form.questions, start=1):
        if not is_asked(question, answers, today, street):
            continue
        asked.append(question.code)
        for name, row in _fields(question):
            values = [text for value in given.get(name, ()) if (text := value.strip())]
            where = f"第 {number} 题{f'“{row}”' if row else ''}"
            if not values:
                objections += [f"{where}还没有回答。"] if question.required else []
                continue
            problem = _problem(question, values)
            objections += [f"{where}{problem}"] if problem else []
            if not problem:
                answers[name] = _kept(question, values)
    return Sheet(answers, tuple(asked), tuple(objections))


def _fields(question: Question) -> Iterator[tuple[str, str]]:
    if question.kind == Kind.MATRIX:
        yield from ((f"{question.code}.{row.code}", said(row.text, FIRST_LANGUAGE)) for row in question.rows)
    else:
        yield question.code, ""


def _problem(question: Question, values: Sequence[str]) -> str:
    if question.kind == Kind.TEXT:
        if any(len(value) > LONGEST_TEXT for value in values):
            return f"最多写 {LONGEST_TEXT} 字。"
        return ""
    if question.kind == Kind.SCALE:
        fits = len(values) == 1 and re.fullmatch(r"[0-9]{1,2}", values[0], re.ASCII)
        inside = bool(fits) and question.low <= int(values[0]) <= question.high
        return "" if inside else f"请选 {question.low} 到 {question.high} 之间的一个数。"
    if set(values) - question.option_codes:
        return "的选项不认识，请重新选。"
    return "只能选一个。" if question.kind != Kind.MANY and len(values) > 1 else ""


def _kept(question: Question, values: Sequence[str]) -> Any:
    if question.kind == Kind.SCALE:
        return int(values[0])
    return list(dict.fromkeys(values)) if question.kind == Kind.MANY else _clean(values[0])


def _clean(text: str) -> str:
    """Without control characters and halves of characters, which no database holds."""
    return "".join(sign for sign in text if sign in "\n\t" or (sign >= " " and not "\ud800" <= sign <= "\udfff"))


# --- typed from paper: numbers of options ---


def from_numbers(form: Questionnaire, typed: Mapping[str, str]) -> tuple[dict[str, list[str]], list[str]]:
    """Numbers typed from a paper sheet (`2`, several as `1,3`; a row of a matrix one number) as a posted sheet."""
    given: dict[str, list[str]] = {}
    objections: list[str] = []
    for number, question in enumerate(form.questions, start=1):
        for name, _row in _fields(question):
            text = typed.get(name, "").strip()
            if not text:
                continue
            if question.kind in {Kind.TEXT, Kind.SCALE}:
                given[name] = [text]
                continue
            words = [word for word in re.split(r"[\s,，、.]+", text) if word]
            wrong = [word for word in words if not (word.isdecimal() and 1 <= int(word[:4]) <= len(question.options))]
            objections += [f"第 {number} 题只有选项 1 到 {len(question.options)}，填了“{text[:20]}”。"] if wrong else []
            given[name] = [] if wrong else [question.options[int(word) - 1].code for word in words]
    return given, objections


# --- flags: said, never acted on by the machine ---

FLAG_LABELS: Final = {
    "fast": "填得过快", "same": "与另一份完全相同", "straight": "整张矩阵选同一项", "over_quota": "超出配额",
}  # fmt: skip
SECONDS_A_QUESTION: Final = 1.5
STRAIGHT_ROWS: Final = 4


def flags_of(form: Questionnaire, sheet: Sheet, seconds: int | None) -> list[str]:
    """What is odd about one sheet by itself. `seconds`: from opening to sending, None where nobody measured (paper)."""
    found = []
    if seconds is not None and seconds < SECONDS_A_QUESTION * len(sheet.asked):
        found.append("fast")
    for question in form.questions:
        rows = [sheet.answers[name] for name in question.names() if name in sheet.answers]
        if question.kind == Kind.MATRIX and len(rows) >= STRAIGHT_ROWS and len(set(rows)) == 1:
            found.append("straight")
            break
    return found
