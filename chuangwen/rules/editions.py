"""An edition of the assessment standard as data: weights, point types, the tree of criteria, the negative list.

Structure and weights differ by year and level (one city states 40 % for online material, another 39.7 of 106 points),
so nothing of an edition is code: everything that scores, draws or checks takes an EditionSheet. Words such as kind,
how, severity are plain strings here, because a sheet may come from an office's workbook and be wrong; `problems` and
`objections` say what is wrong with it.
"""

from collections import Counter
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from chuangwen.rules.edition_fields import (
    Field,
    How,
    MethodKind,
    QuestionKind,
    Severity,
    Shape,
    value_troubles,
    word_of,
)
from chuangwen.rules.form_rows import CHOICE_FIELDS, CRITERION_FORM_FIELDS, QUESTION_FIELDS, ChoiceRow, QuestionRow
from chuangwen.rules.xlsforms import Fault, form_faults

__all__ = [
    "HEAD",
    "HEAD_TITLE",
    "TABLES",
    "ChoiceRow",
    "ContentRow",
    "CriterionRow",
    "EditionSheet",
    "How",
    "ItemRow",
    "MethodKind",
    "MethodRow",
    "PointTypeRow",
    "Problem",
    "QuestionKind",
    "QuestionRow",
    "Severity",
    "Table",
    "VetoRow",
    "code_of",
    "criteria_by_type",
    "objections",
    "problems",
]


@dataclass(frozen=True)
class MethodRow:
    """A method and its share of 100."""

    kind: str
    weight: Decimal
    source: str = ""


@dataclass(frozen=True)
class PointTypeRow:
    """A kind of place that is looked at; `position` is its order in lists."""

    code: str
    name: str
    position: int


@dataclass(frozen=True)
class ItemRow:
    """First level of the tree (测评项目)."""

    code: str
    name: str


@dataclass(frozen=True)
class ContentRow:
    """Second level of the tree (测评内容), under an item."""

    code: str
    item_code: str
    name: str


@dataclass(frozen=True)
class CriterionRow:
    """Third level: one thing that is either so or not so.

    `how` holds How values; `carve_outs` says what looks like a failure and is none; `case_standard` is the code of
    the case standard that a failure opens a case under, or "". Only a field criterion must have a point type.
    The last six say how it is asked: English text, a hint, whether a failure needs a note, the condition under which
    it is asked at all, and a picture beside it.
    """

    code: str
    content_code: str
    point_type: str
    text: str
    how: tuple[str, ...]
    threshold: str
    photo_on_fail: bool
    severity: str
    method: str
    weight: Decimal
    carve_outs: str = ""
    case_standard: str = ""
    source: str = ""
    text_en: str = ""
    hint: str = ""
    hint_en: str = ""
    note_on_fail: bool = False
    relevant: str = ""
    media: str = ""


@dataclass(frozen=True)
class VetoRow:
    """A red line, what it brings, and how many months back it is looked for; `points` only where it costs points."""

    code: str
    text: str
    sanction: str
    points: Decimal | None
    window_months: int
    source: str = ""


@dataclass(frozen=True)
class EditionSheet:
    """One whole edition. Order of rows is the order people see."""

    name: str
    code: str
    version: str
    source: str
    methods: tuple[MethodRow, ...]
    point_types: tuple[PointTypeRow, ...]
    items: tuple[ItemRow, ...]
    contents: tuple[ContentRow, ...]
    criteria: tuple[CriterionRow, ...]
    veto_items: tuple[VetoRow, ...] = ()
    questions: tuple[QuestionRow, ...] = ()
    choices: tuple[ChoiceRow, ...] = ()


@dataclass(frozen=True)
class Table:
    """One table of an edition: the attribute of EditionSheet, its Chinese title, its row class and its fields.

    The first `keys` fields together are unique. A `late` table may be missing from a workbook.
    """

    attribute: str
    title: str
    row: type
    fields: tuple[Field, ...]
    keys: int = 1
    late: bool = False


_CODE = Field("code", "编码", Shape.CODE, 20, required=True)
_SOURCE = Field("source", "出处")

HEAD_TITLE: Final = "说明"
HEAD: Final = (
    Field("name", "名称", longest=120, required=True),
    Field("code", "代码", Shape.CODE, 40, required=True),
    Field("version", "版本", Shape.CODE, 20, required=True),
    Field("source", "来源", longest=5000),
)
TABLES: Final = (
    Table(
        "methods",
        "方法权重",
        MethodRow,
        (
            Field("kind", "方法", Shape.CHOICE, required=True, choices=MethodKind),
            Field("weight", "权重", Shape.NUMBER, required=True),
            _SOURCE,
        ),
    ),
    Table(
        "point_types",
        "点位类型",
        PointTypeRow,
        (
            Field("code", "编码", Shape.CODE, 10, required=True),
            Field("name", "名称", longest=60, required=True),
            Field("position", "次序", Shape.WHOLE, required=True),
        ),
    ),
    Table("items", "测评项目", ItemRow, (_CODE, Field("name", "名称", longest=120, required=True))),
    Table(
        "contents",
        "测评内容",
        ContentRow,
        (
            _CODE,
            Field("item_code", "测评项目", Shape.CODE, 20, required=True),
            Field("name", "名称", longest=160, required=True),
        ),
    ),
    Table(
        "criteria",
        "测评标准",
        CriterionRow,
        (
            _CODE,
            Field("content_code", "测评内容", Shape.CODE, 20, required=True),
            Field("point_type", "点位类型", Shape.CODE, 10),
            Field("text", "标准", required=True),
            Field("how", "查法", Shape.CHOICES, required=True, choices=How),
            Field("threshold", "数量要求", longest=200),
            Field("photo_on_fail", "不合格须拍照", Shape.YES_NO, required=True),
            Field("severity", "等级", Shape.CHOICE, required=True, choices=Severity),
            Field("method", "方法", Shape.CHOICE, required=True, choices=MethodKind),
            Field("weight", "权重", Shape.NUMBER, required=True),
            Field("carve_outs", "不算问题的情形"),
            Field("case_standard", "立案标准编码", Shape.CODE, 40),
            _SOURCE,
            *CRITERION_FORM_FIELDS,
        ),
    ),
    Table(
        "veto_items",
        "负面清单",
        VetoRow,
        (
            _CODE,
            Field("text", "情形", required=True),
            Field("sanction", "处理", longest=200, required=True),
            Field("points", "扣分", Shape.NUMBER, places=2),
            Field("window_months", "追溯月数", Shape.WHOLE, required=True),
            _SOURCE,
        ),
    ),
    Table("questions", "附加问题", QuestionRow, QUESTION_FIELDS, keys=2, late=True),
    Table("choices", "选项", ChoiceRow, CHOICE_FIELDS, keys=3, late=True),
)


@dataclass(frozen=True)
class Problem:
    """One thing wrong: the table's title, the row (0-based; None: the whole table), its code, the field, the words."""

    table: str
    index: int | None
    code: str
    field: str
    what: str

    @property
    def sentence(self) -> str:
        """The problem for a person, with sheet name and code."""
        field = f"「{self.field}」" if self.field else ""
        return f"《{self.table}》{self.code}{field}：{self.what}"


def objections(sheet: EditionSheet, case_codes: Collection[str] | None = None) -> tuple[str, ...]:
    """Everything wrong with an edition, each a Chinese sentence with sheet name and code; empty when it is sound.

    With `case_codes` the case standards that criteria refer to must be among them.
    """
    return tuple(problem.sentence for problem in problems(sheet, case_codes))


def problems(sheet: EditionSheet, case_codes: Collection[str] | None = None) -> tuple[Problem, ...]:
    """The same as `objections`, with the row each is about, for a reader that knows where rows came from."""
    return (
        *_head_problems(sheet),
        *_field_problems(sheet),
        *_double_codes(sheet),
        *_weight_problems(sheet),
        *_tree_problems(sheet),
        *_criterion_problems(sheet),
        *_case_problems(sheet, case_codes),
        *_form_problems(sheet),
    )


def code_of(row: Any) -> str:
    """What a row is called in a sentence: its code, the word of its method, or its name."""
    return str(getattr(row, "code", "")) or word_of(getattr(row, "kind", "")) or str(getattr(row, "name", ""))


def _head_problems(sheet: EditionSheet) -> Iterator[Problem]:
    for field in HEAD:
        for what in value_troubles(field, getattr(sheet, field.name)):
            yield Problem(HEAD_TITLE, None, "", field.label, what)


def _field_problems(sheet: EditionSheet) -> Iterator[Problem]:
    for table in TABLES:
        for index, row in enumerate(getattr(sheet, table.attribute)):
            for field in table.fields:
                for what in value_troubles(field, getattr(row, field.name)):
                    yield Problem(table.title, index, code_of(row), field.label, what)


def _double_codes(sheet: EditionSheet) -> Iterator[Problem]:
    for table in TABLES:
        seen: set[tuple[str, ...]] = set()
        keys = table.fields[: table.keys]
        for index, row in enumerate(getattr(sheet, table.attribute)):
            value = tuple(getattr(row, key.name) for key in keys)
            if value[-1] and value in seen:
                yield Problem(table.title, index, code_of(row), keys[-1].label, "与前面的行重复，请改成不同的。")
            seen.add(value)


def _weight_problems(sheet: EditionSheet) -> Iterator[Problem]:
    weights = (method.weight for method in sheet.methods)
    total = sum((weight for weight in weights if weight.is_finite() and abs(weight) < 1000), Decimal(0))
    if total != 100:
        yield Problem("方法权重", None, "", "权重", f"各方法权重合计应为 100，现为 {total:f}。")


def _tree_problems(sheet: EditionSheet) -> Iterator[Problem]:
    items = {item.code for item in sheet.items}
    for index, content in enumerate(sheet.contents):
        if content.item_code and content.item_code not in items:
            what = f"没有编码为“{content.item_code}”的测评项目。"
            yield Problem("测评内容", index, content.code, "测评项目", what)
    filled = {content.item_code for content in sheet.contents}
    for index, item in enumerate(sheet.items):
        if item.code not in filled:
            yield Problem("测评项目", index, item.code, "", "下面没有测评内容，请补上或删去这一项目。")
    if not sheet.criteria:
        yield Problem("测评标准", None, "", "", "一条标准也没有。")
    used = {criterion.point_type for criterion in sheet.criteria}
    for index, kind in enumerate(sheet.point_types):
        if kind.code not in used:
            yield Problem("点位类型", index, kind.code, "", "没有一条测评标准，请补上标准或删去这一类型。")


def _criterion_problems(sheet: EditionSheet) -> Iterator[Problem]:
    contents = {content.code for content in sheet.contents}
    kinds = {kind.code for kind in sheet.point_types}
    methods = {method.kind for method in sheet.methods}
    for index, row in enumerate(sheet.criteria):
        if row.content_code and row.content_code not in contents:
            what = f"没有编码为“{row.content_code}”的测评内容。"
            yield Problem("测评标准", index, row.code, "测评内容", what)
        if row.point_type and row.point_type not in kinds:
            yield Problem("测评标准", index, row.code, "点位类型", f"没有编码为“{row.point_type}”的点位类型。")
        if not row.point_type and row.method == MethodKind.FIELD:
            yield Problem("测评标准", index, row.code, "点位类型", "实地考察的标准要写明在哪类点位查。")
        if row.method in list(MethodKind) and row.method not in methods:
            yield Problem("测评标准", index, row.code, "方法", f"《方法权重》里没有“{word_of(row.method)}”。")


def _case_problems(sheet: EditionSheet, case_codes: Collection[str] | None) -> Iterator[Problem]:
    if case_codes is None:
        return
    known = set(case_codes)
    for index, row in enumerate(sheet.criteria):
        if row.case_standard and row.case_standard not in known:
            what = f"没有编码为“{row.case_standard}”的立案标准。"
            yield Problem("测评标准", index, row.code, "立案标准编码", what)


_FORM_TABLES: Final = {table.attribute: table for table in TABLES}


def _form_problems(sheet: EditionSheet) -> Iterator[Problem]:
    kinds = {row.point_type for row in sheet.questions} | {row.point_type for row in sheet.choices}
    kinds |= {row.point_type for row in sheet.criteria if row.relevant or row.media}
    known = {kind.code for kind in sheet.point_types}
    placed: list[tuple[str, int, QuestionRow | ChoiceRow]] = []
    placed += [("附加问题", index, row) for index, row in enumerate(sheet.questions)]
    placed += [("选项", index, row) for index, row in enumerate(sheet.choices)]
    for title, index, row in placed:
        if row.point_type and row.point_type not in known:
            yield Problem(title, index, row.name, "点位类型", f"没有编码为“{row.point_type}”的点位类型。")
    for kind in sorted(kinds & known):
        yield from (_placed(sheet, fault) for fault in form_faults(sheet, kind))


def _placed(sheet: EditionSheet, fault: Fault) -> Problem:
    table = _FORM_TABLES[fault.table]
    label = next((field.label for field in table.fields if field.name == fault.field), "")
    return Problem(table.title, fault.index, code_of(getattr(sheet, fault.table)[fault.index]), label, fault.what)


def criteria_by_type(sheet: EditionSheet) -> dict[str, int]:
    """How many criteria each point type has, in the order of the point types."""
    counts = Counter(criterion.point_type for criterion in sheet.criteria)
    return {kind.code: counts[kind.code] for kind in sheet.point_types}
