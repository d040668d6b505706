"""Checklists with everything that is asked: field criteria, further questions, words to choose from, as plain rows."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from chuangwen.rules.form_rows import ChoiceRow, QuestionRow
from chuangwen.rules.xlsforms import Checklist
from chuangwen.standards.edition_rows import choice_rows, criterion_row, question_rows
from chuangwen.standards.models import Choice, Criterion, FormPicture, Question

__all__ = [
    "Checklist",
    "NamedChecklist",
    "all_extras",
    "checklist_form",
    "checklist_forms",
    "form_extras",
    "named_checklist",
    "pictures_of",
]


@dataclass(frozen=True)
class NamedChecklist:
    """A checklist with the name of its point type and the names of its 测评内容 by code."""

    checklist: Checklist
    kind_name: str
    contents: dict[str, str]


def checklist_form(edition_id: int, point_type: str) -> Checklist:
    """The checklist of one point type in an edition; empty when there is none."""
    return named_checklist(edition_id, point_type).checklist


def named_checklist(edition_id: int, point_type: str) -> NamedChecklist:
    """The same with its names, in three statements."""
    own = {"edition_id": edition_id, "point_type_id": point_type}
    questions = question_rows(Question.objects.filter(**own).order_by("position", "pk"))
    choices = choice_rows(Choice.objects.filter(**own).order_by("position", "pk"))
    return _named(point_type, _criteria(edition_id, point_type), questions, choices)


def checklist_forms(edition_id: int) -> list[NamedChecklist]:
    """Every checklist of an edition, in the order of point types, in three statements."""
    criteria = _criteria(edition_id)
    questions = question_rows(Question.objects.filter(edition_id=edition_id).order_by("position", "pk"))
    choices = choice_rows(Choice.objects.filter(edition_id=edition_id).order_by("position", "pk"))
    kinds = {row.point_type_id: row.point_type for row in criteria}
    order = sorted((kind for kind in kinds.values() if kind), key=lambda kind: (kind.position, kind.code))
    return [_named(kind.code, criteria, questions, choices) for kind in order]


def _criteria(edition_id: int, point_type: str = "") -> Sequence[Criterion]:
    rows = Criterion.objects.filter(edition_id=edition_id, method="field", point_type__isnull=False)
    rows = rows.filter(point_type_id=point_type) if point_type else rows
    return list(rows.select_related("content", "point_type").order_by("position", "code"))


def _named(
    kind: str, rows: Sequence[Criterion], questions: Sequence[QuestionRow], choices: Sequence[ChoiceRow]
) -> NamedChecklist:
    own = [row for row in rows if row.point_type_id == kind]
    checklist = Checklist(
        kind,
        tuple(criterion_row(row) for row in own),
        tuple(row for row in questions if row.point_type == kind),
        tuple(row for row in choices if row.point_type == kind),
    )
    name = next((row.point_type.name for row in own if row.point_type), kind)
    return NamedChecklist(checklist, name, {row.content.code: row.content.name for row in own})


def form_extras(edition_id: int, point_type: str) -> tuple[tuple[QuestionRow, ...], tuple[ChoiceRow, ...]]:
    """The further questions of a checklist and the words to choose from; one statement where there are none."""
    own = {"edition_id": edition_id, "point_type_id": point_type}
    questions = question_rows(Question.objects.filter(**own).order_by("position", "pk"))
    return questions, choice_rows(Choice.objects.filter(**own).order_by("position", "pk")) if questions else ()


def all_extras(
    edition_ids: Iterable[int],
) -> dict[tuple[int, str], tuple[tuple[QuestionRow, ...], tuple[ChoiceRow, ...]]]:
    """The same for whole editions, by edition and point type; one statement where nothing is asked."""
    wanted = list(edition_ids)
    questions: dict[tuple[int, str], list[Question]] = {}
    for row in Question.objects.filter(edition__in=wanted).order_by("position", "pk"):
        questions.setdefault((row.edition_id, row.point_type_id), []).append(row)
    choices: dict[tuple[int, str], list[Choice]] = {}
    for one in Choice.objects.filter(edition__in=wanted).order_by("position", "pk") if questions else ():
        choices.setdefault((one.edition_id, one.point_type_id), []).append(one)
    return {key: (question_rows(rows), choice_rows(choices.get(key, ()))) for key, rows in questions.items()}


def pictures_of(edition_id: int) -> dict[str, str]:
    """The pictures stored with an edition: SHA-256 by file name."""
    return dict(FormPicture.objects.filter(edition_id=edition_id).values_list("name", "sha256"))
