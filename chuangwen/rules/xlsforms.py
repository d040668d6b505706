"""A checklist as a form: what its fields are called, what is wrong with its further questions, what is wrong with answers.

One checklist (the field criteria of one point type) is one form. Each criterion is a group of verdict, note, photo and
place; further questions stand before the criteria or inside a criterion's group. Names, conditions and limits follow
XLSForm and ODK (https://docs.getodk.org/form-question-types/), so that what is sound here is sound there.
"""

import hashlib
import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from chuangwen.rules.edition_fields import QuestionKind
from chuangwen.rules.form_answers import type_trouble
from chuangwen.rules.form_rows import ChoiceRow, QuestionRow
from chuangwen.rules.xpath import NotHeld, Unreadable, parse, references, uses_own

if TYPE_CHECKING:
    from chuangwen.rules.editions import CriterionRow, EditionSheet

PARTS: Final = ("verdict", "note", "photo", "place")
VERDICT_LIST: Final = "verdict"
VERDICTS: Final = ("pass", "fail", "na")
SITE: Final = "site"
REST_PASSES: Final = "rest_passes"
RESERVED: Final = frozenset(
    {SITE, REST_PASSES, "start", "end", "meta", "data", "instanceid", "instancename", "name", "label", "sites"}
)
MOST_QUESTIONS: Final = 300
MOST_CHOICES: Final = 2000
SELECTS: Final = (QuestionKind.SELECT_ONE, QuestionKind.SELECT_MULTIPLE)

_NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]*")
_PICTURE: Final = re.compile(r"[^/\\:*?\"<>|\x00-\x1f]{1,96}\.(png|jpe?g)", re.IGNORECASE)
_APPEARANCE: Final = re.compile(r"[A-Za-z0-9_(), .-]*")


@dataclass(frozen=True)
class Fault:
    """One thing wrong: the table (attribute of EditionSheet), the row in it, the field, the Chinese words."""

    table: str
    index: int
    field: str
    what: str


@dataclass(frozen=True)
class Checklist:
    """The checklist of one point type: its field criteria, further questions and words to choose from, in order."""

    point_type: str
    criteria: tuple["CriterionRow", ...]
    questions: tuple[QuestionRow, ...] = ()
    choices: tuple[ChoiceRow, ...] = ()

    def of_place(self) -> tuple[QuestionRow, ...]:
        """The questions of the whole place."""
        return tuple(row for row in self.questions if not row.criterion)

    def of_criterion(self, code: str) -> tuple[QuestionRow, ...]:
        """The questions inside one criterion's group."""
        return tuple(row for row in self.questions if row.criterion == code)


def checklist_of(sheet: "EditionSheet", point_type: str) -> Checklist:
    """The checklist of a point type in an edition."""
    return Checklist(
        point_type,
        tuple(row for row in sheet.criteria if row.point_type == point_type and row.method == "field"),
        tuple(row for row in sheet.questions if row.point_type == point_type),
        tuple(row for row in sheet.choices if row.point_type == point_type),
    )


def base_names(codes: Iterable[str]) -> dict[str, str]:
    """The name of each criterion's group: `c_` and the code with signs as underscores; a digest where that clashes."""
    wanted = {code: "c_" + re.sub(r"[^A-Za-z0-9]", "_", code) for code in codes}
    taken = [name.lower() for name in wanted.values()]
    return {
        code: name if code.isascii() and taken.count(name.lower()) == 1 else f"c_{_digest(code)}"
        for code, name in wanted.items()
    }


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:8]


def part_names(base: str) -> dict[str, str]:
    """The names of a criterion's own questions by part."""
    return {part: f"{base}_{part}" for part in PARTS}


# --- what is wrong with a checklist ---


def form_faults(sheet: "EditionSheet", point_type: str) -> Iterator[Fault]:
    """Everything wrong with the further questions, conditions, choices and pictures of one point type's checklist."""
    checklist = checklist_of(sheet, point_type)
    bases = base_names(row.code for row in checklist.criteria)
    asked = [(index, row) for index, row in enumerate(sheet.questions) if row.point_type == point_type]
    chosen = [(index, row) for index, row in enumerate(sheet.choices) if row.point_type == point_type]
    judged = [(index, row) for index, row in enumerate(sheet.criteria) if row in checklist.criteria]
    own = {name for base in bases.values() for name in (base, *part_names(base).values())}
    yield from _too_many(asked, chosen)
    yield from _name_faults(asked, own)
    lists = {row.list_name for _, row in chosen}
    for index, row in asked:
        yield from (Fault("questions", index, field, what) for field, what in _question_faults(row, bases, lists))
    names = {row.name for _, row in asked} | (own - set(bases.values()))
    yield from _condition_faults(asked, judged, names)
    yield from _cycle_faults(asked, judged, bases)
    yield from _choice_faults(chosen)
    for table, rows in (("questions", asked), ("criteria", judged), ("choices", chosen)):
        for index, any_row in rows:
            if any_row.media and not _PICTURE.fullmatch(any_row.media):
                yield Fault(table, index, "media", f"图片“{any_row.media}”应是 .png 或 .jpg 的文件名。")


def _too_many(asked: list[tuple[int, QuestionRow]], chosen: list[tuple[int, ChoiceRow]]) -> Iterator[Fault]:
    if len(asked) > MOST_QUESTIONS:
        what = f"这类点位有 {len(asked)} 个附加问题，最多 {MOST_QUESTIONS} 个。请只留需要的。"
        yield Fault("questions", asked[MOST_QUESTIONS][0], "", what)
    if len(chosen) > MOST_CHOICES:
        what = f"这类点位有 {len(chosen)} 个选项，最多 {MOST_CHOICES} 个。请只留需要的。"
        yield Fault("choices", chosen[MOST_CHOICES][0], "", what)


def _name_faults(asked: list[tuple[int, QuestionRow]], own: Collection[str]) -> Iterator[Fault]:
    taken = {name.lower() for name in own}
    seen: dict[str, str] = {}
    for index, row in asked:
        low = row.name.lower()
        if row.name and not _NAME.fullmatch(row.name):
            what = f"名称“{row.name}”只能用英文字母、数字、下划线、点和短横，并以字母或下划线开头。"
            yield Fault("questions", index, "name", what)
        elif low in RESERVED or low in taken:
            yield Fault("questions", index, "name", f"名称“{row.name}”是系统自己用的，请换一个。")
        elif low in seen and seen[low] != row.name:
            yield Fault("questions", index, "name", f"名称“{row.name}”和“{seen[low]}”只差大小写，请换一个。")
        seen.setdefault(low, row.name)


def _question_faults(row: QuestionRow, bases: Collection[str], lists: Collection[str]) -> Iterator[tuple[str, str]]:
    if row.criterion and row.criterion not in bases:
        yield "criterion", f"这类点位的检查单里没有编码为“{row.criterion}”的标准。"
    if row.type in SELECTS and not row.list_name:
        yield "list_name", "选择题要写明用哪张选项表。"
    elif row.type in SELECTS and row.list_name not in lists:
        yield "list_name", f"没有名为“{row.list_name}”的选项表，请补上选项。"
    elif row.type not in SELECTS and row.list_name:
        yield "list_name", "不是选择题，请删去选项表。"
    if row.list_name == VERDICT_LIST:
        yield "list_name", f"选项表“{VERDICT_LIST}”是系统自己用的，请换一个名称。"
    if row.type == QuestionKind.NOTE and (row.required or row.constraint or row.default):
        yield "type", "说明文字不用回答，请删去必答、校验条件和默认值。"
    if not _APPEARANCE.fullmatch(row.appearance):
        yield "appearance", f"外观“{row.appearance}”里有不认识的符号。"
    if row.default and row.type not in SELECTS and (what := type_trouble(row.type, row.default)):
        yield "default", f"默认值{what}"


def _condition_faults(
    asked: list[tuple[int, QuestionRow]], judged: list[tuple[int, "CriterionRow"]], names: Collection[str]
) -> Iterator[Fault]:
    for index, row in asked:
        for what in condition_troubles(row.relevant, names, own=False):
            yield Fault("questions", index, "relevant", what)
        for what in condition_troubles(row.constraint, names, own=True):
            yield Fault("questions", index, "constraint", what)
    for index, criterion in judged:
        for what in condition_troubles(criterion.relevant, names, own=False):
            yield Fault("criteria", index, "relevant", what)


def condition_troubles(text: str, names: Collection[str], *, own: bool) -> Iterator[str]:
    """What is wrong with a condition; `own`: whether `.` has a meaning there. An empty one is fine."""
    if not text:
        return
    try:
        node = parse(text)
    except Unreadable as trouble:
        yield f"条件“{_short(text)}”写错了：{trouble}。"
        return
    except NotHeld as trouble:
        yield f"条件“{_short(text)}”用了本系统放不下的写法：{trouble}。"
        return
    for name in sorted(references(node) - set(names)):
        yield f"条件引用了“${{{name}}}”，但没有名为“{name}”的题目。请改成已有的名称。"
    if uses_own(node) and not own:
        yield "出现条件里不能用“.”，请写明引用哪一题，如 ${名称}。"


def _short(text: str) -> str:
    return text if len(text) <= 40 else text[:40] + "……"


def _cycle_faults(
    asked: list[tuple[int, QuestionRow]], judged: list[tuple[int, "CriterionRow"]], bases: Mapping[str, str]
) -> Iterator[Fault]:
    """A question that is asked depending on itself, however long the way round; each knot is named once."""
    group = {row.code: _references(row.relevant) for _, row in judged}
    needs: dict[str, frozenset[str]] = {}
    places: dict[str, tuple[str, int]] = {}
    for index, criterion in judged:
        for part, name in part_names(bases[criterion.code]).items():
            verdict = set() if part == "verdict" else {part_names(bases[criterion.code])["verdict"]}
            needs[name] = group[criterion.code] | verdict
            places.setdefault(name, ("criteria", index))
    for index, row in asked:
        needs[row.name] = _references(row.relevant) | group.get(row.criterion, frozenset())
        places[row.name] = ("questions", index)
    for knot in knots(needs):
        way = " → ".join((*knot, knot[0]))
        table, index = min((places[name] for name in knot), key=lambda place: (place[0] != "questions", place[1]))
        yield Fault(table, index, "relevant", f"出现条件绕成了圈：{way}。请去掉其中一个条件。")


def _references(text: str) -> frozenset[str]:
    try:
        return references(parse(text)) if text else frozenset()
    except (Unreadable, NotHeld):
        return frozenset()


def knots(needs: Mapping[str, Collection[str]]) -> Iterator[tuple[str, ...]]:
    """Rings among things that need each other: one for each way back, found without recursion; none if there are none."""
    on_way: dict[str, bool] = {}
    for first in needs:
        if first in on_way:
            continue
        way, waiting = [first], [iter(sorted(needs[first]))]
        on_way[first] = True
        while way:
            name = next(waiting[-1], None)
            if name is None:
                waiting.pop()
                on_way[way.pop()] = False
            elif on_way.get(name):
                yield tuple(way[way.index(name) :])
            elif name in needs and name not in on_way:
                on_way[name] = True
                way.append(name)
                waiting.append(iter(sorted(needs[name])))


def _choice_faults(chosen: list[tuple[int, ChoiceRow]]) -> Iterator[Fault]:
    for index, row in chosen:
        if row.list_name == VERDICT_LIST:
            yield Fault("choices", index, "list_name", f"选项表“{VERDICT_LIST}”是系统自己用的，请换一个名称。")
