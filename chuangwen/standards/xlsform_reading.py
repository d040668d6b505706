"""An edited XLSForm back into a checklist: criteria, further questions, words to choose from; what cannot be held is named.

A criterion is known by its verdict question, a `select_one` over pass, fail and perhaps na; the group around it and the
questions named after it belong to it. Everything else that is asked is a further question. A condition of a group goes
into the conditions of what is in it, so dropping the group loses nothing but its heading.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final

from chuangwen.rules.edition_fields import QuestionKind, Shape
from chuangwen.rules.editions import CriterionRow
from chuangwen.rules.form_rows import QuestionRow
from chuangwen.rules.refusals import BadInput
from chuangwen.rules.xlsforms import PARTS, REST_PASSES, SITE, VERDICT_LIST, VERDICTS, Checklist, base_names
from chuangwen.rules.xpath import renamed
from chuangwen.standards.spreadsheet import Source
from chuangwen.standards.values import instead_of, read_value
from chuangwen.standards.xlsform_layout import (
    CRITERION_FIELDS,
    INSTANCE_NAME,
    OFFICE_COLUMNS,
    PHOTO_SIZE,
    ZH,
    Row,
    fixed_rows,
    part_rows,
    shown_hint,
    slug,
)
from chuangwen.standards.xlsform_survey import NO, YES, Asked, SurveyReader
from chuangwen.standards.xlsform_tables import Line, Tables, Unheld, Wrong, read_tables

_FREE: Final = {"note": ("required",), "photo": ("required",)}
_COMPARED: Final = (
    "label.zh", "label.en", "hint.zh", "hint.en", "required", "required_message.zh", "required_message.en", "relevant",
    "constraint", "constraint_message.zh", "constraint_message.en", "default", "appearance", "image.zh", "parameters",
)  # fmt: skip
_TEXT_COLUMNS: Final = ("label", "hint", "required_message", "constraint_message")


@dataclass(frozen=True)
class Reading:
    """What a file says: the checklist, what cannot be held, what is wrong with the file.

    `places`: the row each thing came from by table and key; `lost`: names of rows that were not taken, with their rows.
    """

    checklist: Checklist
    unheld: tuple[Unheld, ...]
    wrong: tuple[Wrong, ...] = ()
    places: Mapping[tuple[str, str], int] = field(default_factory=dict)
    lost: Mapping[str, int] = field(default_factory=dict)


def read_xlsform(
    source: Source,
    before: Checklist,
    other_types: Mapping[str, str] | None = None,
    contents: Mapping[str, str] | None = None,
) -> Reading:
    """The checklist in a workbook, read over `before`: columns that the file lacks keep what they held.

    `other_types`: names of the edition's other point types by code, to notice a form that went to the wrong one.
    `contents`: names of the 测评内容 by code, to notice headings that were changed in vain.
    Raises BadInput when this is no form at all. What is wrong with its rows is in the answer, for objections_in_file to
    tell together with what is wrong with the checklist they make.
    """
    tables = read_tables(source, tuple(OFFICE_COLUMNS))
    reader = _Reader(tables, before)
    reader.check_settings(other_types or {})
    checklist = reader.checklist()
    if contents is not None:
        reader.name_changed_headings(checklist, contents)
    lost = {line.get("name"): line.number for line in reader.lines if line.get("name") not in reader.taken}
    return Reading(checklist, reader.unheld(), tuple(tables.wrong), reader.places, lost)


class _Reader(SurveyReader):
    def __init__(self, tables: Tables, before: Checklist) -> None:
        super().__init__(tables, before.point_type)
        self.before = {row.code: row for row in before.criteria}
        self.stems = {base: code for code, base in base_names(self.before).items()}
        self.taken: set[str] = set()
        self.headings: dict[str, Line] = {}

    # --- what is said about the file ---

    def unheld(self) -> tuple[Unheld, ...]:
        """Everything left out, in order; a row left out as a whole is named once."""
        said = [
            one for one in self.tables.unheld
            if one.sheet != "survey" or one.row not in self.left or one.column in {"", "type"}
        ]  # fmt: skip
        order = {"survey": 0, "choices": 1, "settings": 2}
        return tuple(sorted(dict.fromkeys(said), key=lambda one: (order.get(one.sheet, 3), one.row)))

    def check_settings(self, other_types: Mapping[str, str]) -> None:
        """A form of another point type is refused; settings that an edition does not hold are named."""
        ours = {"default_language": {ZH}, "instance_name": {INSTANCE_NAME}}
        known = {"form_title", "title", "form_id", "id_string", "version"}
        for line in self.tables.lines.get("settings", [])[:1]:
            form = line.get("form_id") or line.get("id_string")
            for code, name in other_types.items():
                if (
                    form.startswith("cw-")
                    and form.endswith(f"-{slug(code)}")
                    and not form.endswith(f"-{slug(self.kind)}")
                ):
                    raise BadInput(f"这是“{name}”的检查单，请到那一类点位上传。")
            for column, text in line.cells.items():
                if column not in known and text and text not in ours.get(column, ()):
                    self.tables.leave_out("settings", line.number, column, f"“{text[:40]}”放不下，不采用。")

    # --- the whole ---

    def checklist(self) -> Checklist:
        """The checklist as the file has it."""
        asked = list(self.asked())
        self.name_doubles(asked)
        if not asked and not self.tables.wrong:
            self.tables.blame("survey", 0, "", "里一道题也没有。请下载检查单的 XLSForm，在它上面改。")
        lists, choices = self.choices()
        verdicts = {id(one): self._stem(one) for one in asked if self._is_verdict(one, lists)}
        judged = [one for one in asked if id(one) in verdicts]
        codes = [self._code(one, verdicts[id(one)]) for one in judged]
        names = self._new_names(codes, [one.name for one in judged])
        parts = {
            f"{verdicts[id(one)]}_{part}": (code, part)
            for one, code in zip(judged, codes, strict=True) for part in PARTS
        }  # fmt: skip
        by_name = {one.name: one for one in asked}
        self.taken = set(by_name)
        criteria = tuple(
            self._criterion(one, code, verdicts[id(one)], by_name, names)
            for one, code in zip(judged, codes, strict=True)
            if code
        )
        questions = self._questions(asked, set(verdicts), parts, dict(zip(map(id, judged), codes, strict=True)), names)
        self._fixed(by_name)
        verdict_lists = {one.list_name for one in judged} | {VERDICT_LIST}
        kept = tuple(row for row in choices if row.list_name not in verdict_lists)
        return Checklist(self.kind, criteria, questions, kept)

    # --- criteria ---

    def _is_verdict(self, one: Asked, lists: Mapping[str, list[str]]) -> bool:
        words = set(lists.get(one.list_name, VERDICTS if one.list_name == VERDICT_LIST else ()))
        return one.kind == "select_one" and {"pass", "fail"} <= words <= set(VERDICTS)

    def _stem(self, one: Asked) -> str:
        return one.name.removesuffix("_verdict")

    def _code(self, one: Asked, stem: str) -> str:
        code = one.line.get("编码") or self.stems.get(stem, "")
        if not code:
            self.blame(one.line, "编码", "新增的标准要写编码，如 RES-21。没有这一列的，请加一列「编码」。")
        elif ("criteria", code) in self.places:
            first = self.places["criteria", code]
            self.blame(one.line, "编码", f"编码“{code}”与第 {first} 行重复，请改成不同的。")
        else:
            self.places["criteria", code] = one.line.number
        return code

    def _new_names(self, codes: list[str], verdicts: list[str]) -> dict[str, str]:
        """What references are called afterwards: a criterion's questions are named for its code."""
        bases = base_names(dict.fromkeys(filter(None, codes)))
        names: dict[str, str] = {}
        for code, verdict in zip(codes, verdicts, strict=True):
            if code:
                stem = verdict.removesuffix("_verdict")
                names |= {f"{stem}_{part}": f"{bases[code]}_{part}" for part in PARTS}
                names[verdict] = f"{bases[code]}_verdict"
        return names

    def _criterion(
        self, one: Asked, code: str, stem: str, by_name: Mapping[str, Asked], names: Mapping[str, str]
    ) -> CriterionRow:
        before = self.before.get(code)
        facts = self._office_facts(one.line, before)
        for column, name in (
            ("label.zh", "text"),
            ("label.en", "text_en"),
            ("hint.en", "hint_en"),
            ("image.zh", "media"),
        ):
            facts[name] = one.line.get(column) if column in self.columns else getattr(before, name, "")
        photo, note = by_name.get(f"{stem}_photo"), by_name.get(f"{stem}_note")
        row = CriterionRow(
            code=code, point_type=self.kind, method="field", **facts,
            photo_on_fail=self._is_required(photo.line) if photo else False,
            note_on_fail=self._is_required(note.line) if note else False,
            relevant=renamed(_all_of(*(group.get("relevant") for group in one.groups), one.line.get("relevant")), names),
        )  # fmt: skip
        row = replace(row, hint=self._own_hint(one.line, row, before))
        self._own_questions(row, stem, by_name, one)
        return row

    def _office_facts(self, line: Line, before: CriterionRow | None) -> dict[str, Any]:
        facts: dict[str, Any] = {}
        for column, name in OFFICE_COLUMNS.items():
            fact = CRITERION_FIELDS[name]
            if name == "code":
                continue
            if column not in self.columns:
                facts[name] = getattr(before, name) if before else instead_of(fact)
                if before is None and fact.required:
                    self.blame(line, column, "新增的标准要写明这一项，请在表里加这一列。")
                continue
            value, what = read_value(fact, line.get(column))
            if what and (fact.required or line.get(column) or fact.shape is Shape.YES_NO):
                self.blame(line, column, what)
            facts[name] = value
        return facts

    def _own_hint(self, line: Line, row: CriterionRow, before: CriterionRow | None) -> str:
        """The hint that is the criterion's own, not the one that follows from its threshold and carve-outs."""
        if "hint.zh" not in self.columns:
            return before.hint if before else ""
        text = line.get("hint.zh")
        shown = {shown_hint(row)} | ({shown_hint(before)} if before and not before.hint else set())
        return "" if text in shown else text

    def _is_required(self, line: Line) -> bool:
        text = line.get("required").strip().lower()
        if text not in YES | NO:
            self.leave(line, "required", f"条件必答“{text[:40]}”放不下，按不必答。")
        return text in YES

    def _own_questions(self, row: CriterionRow, stem: str, by_name: Mapping[str, Asked], verdict: Asked) -> None:
        expected = part_rows(row, stem)
        for part in PARTS:
            found = verdict if part == "verdict" else by_name.get(f"{stem}_{part}")
            if found is None:
                self.leave(
                    verdict.line, "", f"标准 {row.code} 少了“{stem}_{part}”一题；这题是系统固定的，手机上仍会出现。"
                )
            else:
                free = {"label", "hint", "relevant", "image"} if part == "verdict" else set(_FREE.get(part, ()))
                self._compare(found, expected[part], free)

    def _fixed(self, by_name: Mapping[str, Asked]) -> None:
        for name, expected in fixed_rows().items():
            if name in by_name:
                self._compare(by_name[name], expected, set())
            elif name in {SITE, REST_PASSES}:
                at = self.lines[0] if self.lines else Line(1, {})
                self.leave(at, "", f"少了“{name}”一题；这题是系统固定的，手机上仍会出现。")

    def _compare(self, found: Asked, expected: Row, free: set[str]) -> None:
        """Name what was changed in a question that every form has and that cannot be changed."""
        wanted = {
            column.replace("media::image", "image").replace("::中文 (zh)", ".zh").replace("::English (en)", ".en"): text
            for column, text in expected.items()
        }
        for column in _COMPARED:
            text = found.line.get(column)
            if column == "required":
                text = "yes" if text.lower() in YES else "" if text.lower() in NO else text
            if column.partition(".")[0] not in free and text and text != wanted.get(column, ""):
                self.leave(found.line, column.partition(".")[0], f"“{text[:40]}”：这题是系统固定的，改动不采用。")

    # --- further questions ---

    def _questions(
        self, asked: list[Asked], verdicts: set[int], parts: Mapping[str, tuple[str, str]], codes: Mapping[int, str],
        names: Mapping[str, str],
    ) -> tuple[QuestionRow, ...]:  # fmt: skip
        owners: dict[int, list[str]] = {}
        for one in asked:
            if id(one) in verdicts and one.groups:
                owners.setdefault(one.groups[-1].number, []).append(codes[id(one)])
        of_place, of_criteria = [], []
        judging = False
        for one in asked:
            judging = judging or id(one) in verdicts
            if id(one) in verdicts or one.name in parts or one.name in {SITE, REST_PASSES, "start", "end"}:
                continue
            if one.kind == "acknowledge":
                self.drop(one.line, "type", f"题型 acknowledge 放不下，这一题（{one.name}）不采用。请改成单选。")
                continue
            row = self._question(one, owners, names)
            if row.criterion:
                of_criteria.append(row)
            else:
                of_place.append(row)
                if judging:
                    self.leave(one.line, "", f"“{row.name}”不属于哪一条标准，会移到检查单开头。")
        self._name_headings(asked, owners)
        order = {code: place for place, code in enumerate(filter(None, codes.values()))}
        return (*of_place, *sorted(of_criteria, key=lambda row: order.get(row.criterion, 0)))

    def _question(self, one: Asked, owners: Mapping[int, list[str]], names: Mapping[str, str]) -> QuestionRow:
        line = one.line
        held = [place for place, group in enumerate(one.groups) if len(owners.get(group.number, ())) == 1]
        inner = one.groups[held[-1] + 1 :] if held else one.groups
        self.places.setdefault(("questions", one.name), line.number)
        texts = {
            name + suffix: line.get(f"{name}.{language}")
            for name in _TEXT_COLUMNS for language, suffix in (("zh", ""), ("en", "_en"))
        }  # fmt: skip
        if line.get("image.en") not in {"", line.get("image.zh")}:
            self.leave(line, "image", "英文另用的图片放不下，用中文的那张。")
        if line.get("parameters") not in {"", PHOTO_SIZE if one.kind == QuestionKind.IMAGE else ""}:
            self.leave(line, "parameters", f"“{line.get('parameters')[:40]}”放不下，不采用。")
        return QuestionRow(
            point_type=self.kind, name=one.name, type=one.kind, list_name=one.list_name,
            criterion=owners[one.groups[held[-1]].number][0] if held else "",
            required=self._is_required(line),
            relevant=renamed(_all_of(*(group.get("relevant") for group in inner), line.get("relevant")), names),
            constraint=renamed(line.get("constraint"), names), default=line.get("default"),
            appearance=line.get("appearance"), media=line.get("image.zh"), **texts,
        )  # fmt: skip

    def _name_headings(self, asked: list[Asked], owners: Mapping[int, list[str]]) -> None:
        groups = {group.number: group for one in asked for group in one.groups}
        for number, group in groups.items():
            if len(owners.get(number, ())) != 1:
                what = f"分组“{group.get('label.zh') or group.get('name')}”的标题放不下；里面的题和条件照收。"
                self.leave(group, "", what)
            else:
                self.headings[owners[number][0]] = group

    def name_changed_headings(self, checklist: Checklist, contents: Mapping[str, str]) -> None:
        """A criterion's group is headed by its 测评内容; another heading is named and left out."""
        for row in checklist.criteria:
            group, old = self.headings.get(row.code), self.before.get(row.code, row)
            text = group.get("label.zh") if group else ""
            if (
                group
                and text
                and text not in {contents.get(code, code) for code in (row.content_code, old.content_code)}
            ):
                self.leave(group, "label", f"“{text[:40]}”：标题是测评内容的名称，改动不采用。")


def _all_of(*conditions: str) -> str:
    """Conditions that must all hold, as one."""
    given = [condition.strip() for condition in conditions if condition.strip()]
    return given[0] if len(given) == 1 else " and ".join(f"({condition})" for condition in given)
