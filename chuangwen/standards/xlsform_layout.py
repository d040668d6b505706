"""A checklist as the three tables of an XLSForm (https://xlsform.org): survey, choices, settings.

One group for each criterion: verdict, note, photo, place, then its further questions. The columns from `编码` on are the
office's: other programs pass over them, the import reads them, so nothing of a criterion is lost on the way.
"""

import hashlib
import json
import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from chuangwen.rules.edition_fields import Field, QuestionKind
from chuangwen.rules.editions import TABLES, CriterionRow
from chuangwen.rules.form_rows import ChoiceRow, QuestionRow
from chuangwen.rules.xlsforms import REST_PASSES, SITE, VERDICT_LIST, Checklist, base_names, part_names
from chuangwen.standards.values import show_value

ZH: Final = "中文 (zh)"
EN: Final = "English (en)"
SITES: Final = "sites.csv"
PHOTO_SIZE: Final = "max-pixels=1600"

Row = dict[str, str]

_TEXTS: Final = ("label", "hint", "required_message", "constraint_message", "media::image")
OFFICE_COLUMNS: Final[dict[str, str]] = {
    "编码": "code", "测评内容": "content_code", "查法": "how", "等级": "severity", "权重": "weight",
    "数量要求": "threshold", "不算问题的情形": "carve_outs", "立案标准编码": "case_standard", "出处": "source",
}  # fmt: skip
CRITERION_FIELDS: Final[dict[str, Field]] = {
    field.name: field for table in TABLES if table.attribute == "criteria" for field in table.fields
}
SURVEY_COLUMNS: Final = (
    "type", "name", f"label::{ZH}", f"label::{EN}", f"hint::{ZH}", f"hint::{EN}", "required",
    f"required_message::{ZH}", f"required_message::{EN}", "relevant", "constraint", f"constraint_message::{ZH}",
    f"constraint_message::{EN}", "default", "appearance", f"media::image::{ZH}", f"media::image::{EN}", "parameters",
    *OFFICE_COLUMNS,
)  # fmt: skip
CHOICE_COLUMNS: Final = (
    "list_name",
    "name",
    f"label::{ZH}",
    f"label::{EN}",
    f"media::image::{ZH}",
    f"media::image::{EN}",
)
SETTING_COLUMNS: Final = ("form_title", "form_id", "version", "default_language", "instance_name")
VERDICT_WORDS: Final = {"pass": ("合格", "Pass"), "fail": ("不合格", "Fail"), "na": ("不适用", "Not applicable")}
INSTANCE_NAME: Final = f"instance('{SITES.partition('.')[0]}')/root/item[name = ${{{SITE}}}]/label"


def both(column: str, zh: str, en: str = "") -> Row:
    """A text in both languages, under its two column names."""
    return {f"{column}::{ZH}": zh, f"{column}::{EN}": en}


def fixed_rows() -> dict[str, Row]:
    """The questions every form has, by name."""
    return {
        "start": {"type": "start", "name": "start"},
        "end": {"type": "end", "name": "end"},
        SITE: {"type": f"select_one_from_file {SITES}", "name": SITE, "required": "yes", "appearance": "minimal"}
        | both("label", "点位", "Site"),
        REST_PASSES: {"type": "acknowledge", "name": REST_PASSES}
        | both("label", "没有判定的都看过，均合格", "All items without a verdict were looked at and pass"),
    }


def part_rows(row: CriterionRow, base: str) -> dict[str, Row]:
    """The four own questions of a criterion by part."""
    names = part_names(base)
    failed = {"relevant": f"${{{names['verdict']}}} = 'fail'"}
    photo = {"required": "yes"} | both("required_message", "这条标准不合格时须拍一张现场照片。", "A photo is required.")
    note = {"required": "yes"} | both("required_message", "这条标准不合格时须写明情况。", "A note is required.")
    verdict = {"type": f"select_one {VERDICT_LIST}", "name": names["verdict"], "appearance": "horizontal"}
    shown = both("label", row.text, row.text_en) | both("hint", shown_hint(row), row.hint_en) | _picture(row.media)
    return {
        "verdict": verdict | shown | _office(row),
        "note": {"type": "text", "name": names["note"], "appearance": "multiline"}
        | both("label", "情况说明", "Note") | failed | (note if row.note_on_fail else {}),
        "photo": {"type": "image", "name": names["photo"], "parameters": PHOTO_SIZE}
        | both("label", "现场照片", "Photo") | failed | (photo if row.photo_on_fail else {}),
        "place": {"type": "geopoint", "name": names["place"]}
        | both("label", "位置", "Place") | both("hint", "可不填", "Optional") | failed,
    }  # fmt: skip


def shown_hint(row: CriterionRow) -> str:
    """The criterion's own hint, or what its threshold and carve-outs say."""
    carved = f"不算问题：{row.carve_outs}" if row.carve_outs else ""
    return row.hint or "；".join(filter(None, (row.threshold, carved)))


def _picture(name: str) -> Row:
    return both("media::image", name, "") if name else {}


def _office(row: CriterionRow) -> Row:
    shown = {column: show_value(CRITERION_FIELDS[name], getattr(row, name)) for column, name in OFFICE_COLUMNS.items()}
    return {column: f"{value:f}" if column == "权重" else str(value) for column, value in shown.items()}


def question_row(row: QuestionRow) -> Row:
    """One further question."""
    kind = f"{row.type} {row.list_name}" if row.list_name else row.type
    return {
        "type": kind, "name": row.name, **both("label", row.label, row.label_en), **both("hint", row.hint, row.hint_en),
        "required": "yes" if row.required else "", "relevant": row.relevant, "constraint": row.constraint,
        **both("required_message", row.required_message, row.required_message_en),
        **both("constraint_message", row.constraint_message, row.constraint_message_en),
        "default": row.default, "appearance": row.appearance, **_picture(row.media),
        "parameters": PHOTO_SIZE if row.type == QuestionKind.IMAGE else "",
    }  # fmt: skip


def survey_rows(checklist: Checklist, contents: Mapping[str, str]) -> Iterator[Row]:
    """The survey; `contents`: names of the 测评内容 by code, which head the groups."""
    fixed = fixed_rows()
    yield from (fixed[name] for name in ("start", "end", SITE))
    yield from map(question_row, checklist.of_place())
    bases = base_names(row.code for row in checklist.criteria)
    for row in checklist.criteria:
        head = both("label", contents.get(row.content_code, row.content_code))
        yield {
            "type": "begin_group",
            "name": bases[row.code],
            "relevant": row.relevant,
            "appearance": "field-list",
            **head,
        }
        yield from part_rows(row, bases[row.code]).values()
        yield from map(question_row, checklist.of_criterion(row.code))
        yield {"type": "end_group", "name": bases[row.code]}
    yield fixed[REST_PASSES]


def choice_rows(choices: tuple[ChoiceRow, ...]) -> Iterator[Row]:
    """The verdicts and the checklist's own words to choose from."""
    for name, (zh, en) in VERDICT_WORDS.items():
        yield {"list_name": VERDICT_LIST, "name": name, **both("label", zh, en)}
    for row in choices:
        yield {
            "list_name": row.list_name,
            "name": row.name,
            **both("label", row.label, row.label_en),
            **_picture(row.media),
        }


@dataclass(frozen=True)
class Layout:
    """The three tables of a form. `pictures`: the file names that its rows ask for."""

    survey: tuple[Row, ...]
    choices: tuple[Row, ...]
    settings: Row

    def digest(self) -> str:
        """What changes exactly when the questions, texts or words to choose from change."""
        words = json.dumps([self.survey, self.choices], ensure_ascii=False, sort_keys=True)
        return hashlib.sha256(words.encode()).hexdigest()[:10]


def lay_out(
    checklist: Checklist, contents: Mapping[str, str], *, edition: tuple[str, str, str], kind_name: str
) -> Layout:
    """The form of a checklist; `edition`: its code, version and name."""
    code, version, name = edition
    survey = tuple(_filled(row) for row in survey_rows(checklist, contents))
    choices = tuple(_filled(row) for row in choice_rows(checklist.choices))
    settings = {
        "form_title": f"{kind_name}（{name} {version}）",
        "form_id": form_id(code, version, checklist.point_type),
        "version": f"{slug(version)}-{Layout(survey, choices, {}).digest()}",
        "default_language": ZH,
        "instance_name": INSTANCE_NAME,
    }
    return Layout(survey, choices, settings)


def _filled(row: Row) -> Row:
    return {column: value for column, value in row.items() if value}


def form_id(code: str, version: str, point_type: str) -> str:
    """The id of the form of a point type in an edition: the same for the same checklist, in plain ASCII."""
    return "-".join(("cw", slug(code), slug(version), slug(point_type)))


def slug(text: str) -> str:
    """A text in the letters an id may have; what is lost on the way leaves a digest, so different texts stay different."""
    kept = re.sub(r"[^A-Za-z0-9_.-]", "", unicodedata.normalize("NFKC", text))
    lost = "" if kept == text else hashlib.sha256(text.encode()).hexdigest()[:6]
    return "-".join(filter(None, (kept, lost)))


def spoken_in_both(row: Row) -> Row:
    """A row whose missing English texts are given in Chinese: a form shows a bare line where a language has no text."""
    zh = {column: row.get(f"{column}::{ZH}", "") for column in _TEXTS}
    missing = {f"{column}::{EN}": text for column, text in zh.items() if text and not row.get(f"{column}::{EN}")}
    return row | missing
