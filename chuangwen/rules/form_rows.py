"""What a checklist holds beyond its criteria: further questions, the words to choose from, and their fields.

The words follow XLSForm (https://xlsform.org): a question has a type, a name, texts in two languages, conditions for
being asked (`relevant`) and for an answer being good (`constraint`). They are plain strings, because a sheet may come
from an office's workbook and be wrong; `xlsforms.form_problems` says what is wrong with it.
"""

from dataclasses import dataclass
from typing import Final

from chuangwen.rules.edition_fields import Field, QuestionKind, Shape

LONGEST_CONDITION: Final = 500


@dataclass(frozen=True)
class QuestionRow:
    """A further question of a checklist: of the whole place (`criterion` is "") or of one criterion.

    `type` is a QuestionKind; `list_name` names the words to choose from; `media` is the file name of a picture shown
    with the question. `name` is unique within the point type and stands in conditions as `${name}`.
    """

    point_type: str
    name: str
    type: str
    label: str
    criterion: str = ""
    list_name: str = ""
    label_en: str = ""
    hint: str = ""
    hint_en: str = ""
    required: bool = False
    required_message: str = ""
    required_message_en: str = ""
    relevant: str = ""
    constraint: str = ""
    constraint_message: str = ""
    constraint_message_en: str = ""
    default: str = ""
    appearance: str = ""
    media: str = ""


@dataclass(frozen=True)
class ChoiceRow:
    """One word to choose from in a list of a point type's checklist."""

    point_type: str
    list_name: str
    name: str
    label: str
    label_en: str = ""
    media: str = ""


# Fields that came later: a workbook without their columns is read as before.
CRITERION_FORM_FIELDS: Final = (
    Field("text_en", "英文", late=True),
    Field("hint", "提示", late=True),
    Field("hint_en", "英文提示", late=True),
    Field("note_on_fail", "不合格须说明", Shape.YES_NO, late=True),
    Field("relevant", "出现条件", longest=LONGEST_CONDITION, late=True),
    Field("media", "图片", longest=100, late=True),
)
QUESTION_FIELDS: Final = (
    Field("point_type", "点位类型", Shape.CODE, 10, required=True),
    Field("name", "名称", Shape.CODE, 60, required=True),
    Field("type", "题型", Shape.CHOICE, required=True, choices=QuestionKind),
    Field("list_name", "选项表", Shape.CODE, 60),
    Field("label", "问题", required=True),
    Field("criterion", "测评标准", Shape.CODE, 20),
    Field("label_en", "英文"),
    Field("hint", "提示"),
    Field("hint_en", "英文提示"),
    Field("required", "必答", Shape.YES_NO),
    Field("required_message", "必答提示", longest=200),
    Field("required_message_en", "英文必答提示", longest=200),
    Field("relevant", "出现条件", longest=LONGEST_CONDITION),
    Field("constraint", "校验条件", longest=LONGEST_CONDITION),
    Field("constraint_message", "校验提示", longest=200),
    Field("constraint_message_en", "英文校验提示", longest=200),
    Field("default", "默认值", longest=200),
    Field("appearance", "外观", longest=100),
    Field("media", "图片", longest=100),
)
CHOICE_FIELDS: Final = (
    Field("point_type", "点位类型", Shape.CODE, 10, required=True),
    Field("list_name", "选项表", Shape.CODE, 60, required=True),
    Field("name", "值", Shape.CODE, 60, required=True),
    Field("label", "文字", longest=200, required=True),
    Field("label_en", "英文", longest=200),
    Field("media", "图片", longest=100),
)
