"""The sample's next version as a draft: its market checklist was edited in Excel and brought back, with more to ask."""

from dataclasses import replace
from datetime import datetime

from chuangwen.rules.form_rows import ChoiceRow, QuestionRow
from chuangwen.rules.permissions import SYSTEM
from chuangwen.standards.checklists import named_checklist
from chuangwen.standards.models import Edition
from chuangwen.standards.operations import new_version
from chuangwen.standards.xlsform import form_page
from chuangwen.standards.xlsform_import import import_checklist
from chuangwen.standards.xlsform_layout import lay_out
from chuangwen.standards.xlsform_writing import write_layout

KIND = "MKT"
VERSION = "2027征求意见"
COOKED = "${cooked} = 'yes'"

QUESTIONS = (
    QuestionRow(
        KIND, "stalls", "integer", "摊位多少个", label_en="How many stalls", required=True, appearance="numbers",
        constraint=". > 0 and . <= 500", constraint_message="摊位数应在 1 到 500 之间。",
    ),
    QuestionRow(KIND, "cooked", "select_one", "有没有熟食摊", list_name="yes_no", required=True, hint="现做现卖的也算"),
    QuestionRow(KIND, "licence_until", "date", "食品经营许可证到期日", relevant=COOKED, hint="看墙上的公示牌"),
    QuestionRow(
        KIND, "sold", "select_multiple", "卖哪几类", list_name="kinds", criterion="MKT-12", relevant="${stalls} > 20"
    ),
)  # fmt: skip
CHOICES = (
    ChoiceRow(KIND, "yes_no", "yes", "有", "Yes"),
    ChoiceRow(KIND, "yes_no", "no", "没有", "No"),
    ChoiceRow(KIND, "kinds", "vegetables", "蔬菜", "Vegetables"),
    ChoiceRow(KIND, "kinds", "fish", "水产", "Fish"),
    ChoiceRow(KIND, "kinds", "meat", "肉类", "Meat"),
)


def load(*, edition: Edition, now: datetime) -> None:
    """A draft of the next version whose market checklist came from an edited form."""
    draft = new_version(edition_id=edition.pk, version=VERSION, by=SYSTEM, now=now)
    page = form_page(draft.pk, KIND)
    first, *others = page.checklist.criteria
    criteria = (replace(first, note_on_fail=True, hint="从正门起，先数大屏，再数墙面"), *others)
    checklist = replace(page.checklist, criteria=criteria, questions=QUESTIONS, choices=CHOICES)
    about = (draft.code, draft.version, draft.name)
    layout = lay_out(checklist, named_checklist(draft.pk, KIND).contents, edition=about, kind_name=page.kind_name)
    import_checklist(edition_id=draft.pk, point_type=KIND, content=write_layout(layout), by=SYSTEM, now=now)
