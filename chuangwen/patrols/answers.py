"""Further questions of a checklist at a visit: what was answered, what still has to be, which criteria were asked."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from chuangwen.evidence.queries import known_photos
from chuangwen.patrols.models import Finding, Visit
from chuangwen.rules.deadlines import SHANGHAI
from chuangwen.rules.edition_fields import QuestionKind
from chuangwen.rules.form_answers import Answers, answer_troubles, unanswered
from chuangwen.rules.form_rows import ChoiceRow, QuestionRow
from chuangwen.rules.permissions import Actor
from chuangwen.rules.refusals import Refused
from chuangwen.rules.xlsforms import base_names, part_names
from chuangwen.standards.checklists import form_extras
from chuangwen.standards.models import Criterion


@dataclass(frozen=True)
class Asked:
    """What the answers so far mean for finishing: codes of criteria whose condition does not hold, and what is missing."""

    not_asked: frozenset[str]
    unanswered: tuple[str, ...]


@dataclass(frozen=True)
class VisitQuestions:
    """The further questions of a place: all of them, those that are asked now, and the words to choose from; and the
    codes of the criteria that need not be judged there by the answers so far.
    """

    all: tuple[QuestionRow, ...]
    open: tuple[QuestionRow, ...]
    choices: tuple[ChoiceRow, ...]
    unanswered: int
    not_asked: frozenset[str] = frozenset()


def questions_at(
    edition_id: int, point_type: str, visit: Visit | None, criteria: Sequence[Criterion], now: datetime
) -> VisitQuestions:
    """What is asked besides the criteria, by the answers so far; one statement where nothing is."""
    questions, choices = form_extras(edition_id, point_type)
    conditions = {criterion.code: criterion.relevant for criterion in criteria if criterion.relevant}
    if not questions and not conditions:
        return VisitQuestions((), (), (), 0)
    found = Finding.objects.filter(visit=visit).values_list("criterion__code", "verdict") if visit else []
    bases = base_names(criterion.code for criterion in criteria)
    fields = {part_names(bases[code])["verdict"]: verdict for code, verdict in found if code in bases}
    day = (visit.started_at if visit else now).astimezone(SHANGHAI).date()
    answers = Answers(questions, choices, visit.answers if visit else {}, fields, day)
    not_asked = frozenset(code for code, condition in conditions.items() if not answers.lets(condition))
    asked = [row for row in questions if answers.lets(row.relevant) and row.criterion not in not_asked]
    return VisitQuestions(questions, tuple(asked), choices, len(list(unanswered(answers, conditions))), not_asked)


def asked_of(visit: Visit, criteria: Sequence[Criterion], verdicts: Mapping[int, str]) -> Asked:
    """`criteria`: the whole checklist; `verdicts`: what was judged so far, by the criterion's primary key."""
    questions, choices = form_extras(visit.patrol.edition_id, visit.site.point_type)
    conditions = {criterion.code: criterion.relevant for criterion in criteria if criterion.relevant}
    if not questions and not conditions:
        return Asked(frozenset(), ())
    codes = {criterion.pk: criterion.code for criterion in criteria}
    bases = base_names(codes.values())
    fields = {part_names(bases[codes[pk]])["verdict"]: verdict for pk, verdict in verdicts.items() if pk in codes}
    today = visit.started_at.astimezone(SHANGHAI).date()
    answers = Answers(questions, choices, visit.answers, fields, today)
    return Asked(
        frozenset(code for code, condition in conditions.items() if not answers.lets(condition)),
        tuple(unanswered(answers, conditions)),
    )


def checked_answers(visit: Visit, given: Mapping[str, str], *, by: Actor, now: datetime) -> dict[str, str]:
    """All answers of the visit with these among them; raises Refused with everything that is wrong. `now`: when they
    were given, for conditions on today.
    """
    questions, choices = form_extras(visit.patrol.edition_id, visit.site.point_type)
    merged = visit.answers | {name: text.strip() for name, text in given.items()}
    kept = {name: text for name, text in merged.items() if text}
    answers = Answers(questions, choices, kept, _verdicts(visit, questions), now.astimezone(SHANGHAI).date())
    objections = [*answer_troubles(answers), *_photo_troubles(questions, given, by)]
    if objections:
        raise Refused(objections)
    return kept


def _verdicts(visit: Visit, questions: Sequence[QuestionRow]) -> dict[str, str]:
    """Verdicts by field name, read only where a constraint asks for some answer besides its own."""
    if not any("${" in row.constraint for row in questions):
        return {}
    rows = Criterion.objects.filter(
        edition_id=visit.patrol.edition_id, point_type_id=visit.site.point_type, method="field"
    )
    bases = base_names(rows.order_by("position", "code").values_list("code", flat=True))
    found = Finding.objects.filter(visit=visit).values_list("criterion__code", "verdict")
    return {part_names(bases[code])["verdict"]: verdict for code, verdict in found if code in bases}


def _photo_troubles(questions: Sequence[QuestionRow], given: Mapping[str, str], by: Actor) -> list[str]:
    asked = {row.name: row for row in questions if row.type == QuestionKind.IMAGE}
    said = []
    for name, text in given.items():
        if name in asked and text and not _is_photo(text, by):
            said.append(f"「{asked[name].label}」的照片没有收到，请重新选择。")
    return said


def _is_photo(text: str, by: Actor) -> bool:
    try:
        return text.isdecimal() and bool(known_photos([int(text)], by=by))
    except Refused:
        return False
