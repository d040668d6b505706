"""What a checklist asks and shows besides its verdicts, as phones and pages take it: questions, conditions, pictures."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import path, reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

from chuangwen.http import door
from chuangwen.rules.condition_trees import tree_of
from chuangwen.rules.deadlines import SHANGHAI
from chuangwen.rules.form_rows import ChoiceRow, QuestionRow
from chuangwen.rules.permissions import Permission
from chuangwen.rules.xlsforms import base_names, part_names
from chuangwen.standards.small_pictures import keyed_pictures, small_picture

Pictures = Mapping[tuple[int, str], tuple[str, int]]


def spoken(chinese: str, english: str) -> str:
    """A text of a checklist in the language of the page, where there is one."""
    return english if english and str(get_language()).startswith("en") else chinese


def _filled(facts: dict[str, Any]) -> dict[str, Any]:
    return {name: fact for name, fact in facts.items() if fact}


def pictures_for(criteria: Iterable[Any], extras: Iterable[tuple[Sequence[Any], Sequence[Any]]] = ()) -> Pictures:
    """The pictures that these criteria, questions and words show; no statement where none of them names one."""
    rows = list(criteria)
    others = [row for questions, choices in extras for row in (*questions, *choices)]
    if not any(row.media for row in (*rows, *others)):
        return {}
    return keyed_pictures({row.edition_id for row in rows})


def picture_url(pictures: Pictures, edition_id: int, name: str) -> str:
    """Where a page finds a picture; "" without one."""
    found = pictures.get((edition_id, name)) if name else None
    return reverse("web:field:form-picture", args=[found[0]]) if found else ""


def _question(row: QuestionRow, shown: Any) -> dict[str, Any]:
    facts = {
        "criterion": row.criterion, "list": row.list_name, "hint": spoken(row.hint, row.hint_en), "required": row.required,
        "must": spoken(row.required_message, row.required_message_en), "relevant": tree_of(row.relevant),
        "constraint": tree_of(row.constraint), "said": spoken(row.constraint_message, row.constraint_message_en),
        "default": row.default, "picture": shown(row.media),
    }  # fmt: skip
    return {"name": row.name, "type": row.type, "label": spoken(row.label, row.label_en), **_filled(facts)}


def _choice(row: ChoiceRow, shown: Any) -> list[Any]:
    known: list[Any] = [row.name, spoken(row.label, row.label_en)]
    return [*known, shown(row.media)] if shown(row.media) else known


def asked_part(
    criteria: Sequence[Any], questions: Sequence[QuestionRow], choices: Sequence[ChoiceRow], pictures: Pictures
) -> dict[str, Any] | None:
    """Questions, words to choose from, conditions of criteria, and the names under which conditions know verdicts;
    None where nothing is asked and nothing depends on anything.
    """
    groups = {row.code: tree_of(row.relevant) for row in criteria if row.relevant}
    if not questions and not groups:
        return None
    edition = criteria[0].edition_id if criteria else 0

    def shown(name: str) -> list[Any] | None:
        return list(pictures[edition, name]) if (edition, name) in pictures else None

    lists: dict[str, list[Any]] = {}
    for choice in choices:
        lists.setdefault(choice.list_name, []).append(_choice(choice, shown))
    bases = base_names(row.code for row in criteria)
    fields = {code: part_names(base)["verdict"] for code, base in bases.items()}
    told = " ".join([*(row.relevant + row.constraint for row in questions), *(row.relevant for row in criteria)])
    return {
        "questions": [_question(row, shown) for row in questions],
        "choices": lists,
        "groups": groups,
        "fields": {code: name for code, name in fields.items() if name in told},
    }


def packed_criterion(row: Any, pictures: Pictures) -> dict[str, Any]:
    """One criterion as a phone takes it along."""
    known = {
        "code": row.code, "text": spoken(row.text, row.text_en), "hint": advice(row), "carve_outs": row.carve_outs,
        "severity": row.severity, "photo": row.photo_on_fail, "group": row.content.name,
    }  # fmt: skip
    picture = pictures.get((row.edition_id, row.media)) if row.media else None
    return known | _filled({"must_note": row.note_on_fail, "picture": picture and list(picture)})


def advice(row: Any) -> str:
    """How to look, in the language of the page where it was translated."""
    return str(row.hint_en if spoken("", row.hint_en) else row.advice)


def answers_of(visit: Any) -> dict[str, Any]:
    """What was answered at a visit so far, and the day that its conditions count with."""
    if visit is None:
        return {}
    day = visit.started_at.astimezone(SHANGHAI).date().isoformat()
    return {"answers": visit.answers, "day": day}


@door(Permission.FIELD_OPEN)
@require_safe
def form_picture(_request: HttpRequest, key: str) -> HttpResponse:
    """A picture of a checklist. It is named by what it holds, so it may be kept for ever."""
    answer = HttpResponse(small_picture(key), content_type="image/jpeg")
    answer["Cache-Control"] = "private, max-age=31536000, immutable"
    answer["X-Content-Type-Options"] = "nosniff"
    return answer


def today(now: datetime) -> str:
    """The day in Beijing."""
    return timezone.localtime(now, SHANGHAI).date().isoformat()


urls = [path("pictures/<str:key>/", form_picture, name="form-picture")]
