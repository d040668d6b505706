"""A questionnaire as fields of a page, the same for residents, visitors and whoever types paper sheets."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.core.signing import BadSignature, Signer
from django.http import HttpRequest, QueryDict

from chuangwen.http import now_of
from chuangwen.rules.condition_trees import tree_of
from chuangwen.rules.questionnaires import Kind, Option, Question, Questionnaire, said

SIGNER = Signer(salt="chuangwen.surveys.opened")


def language_of(request: HttpRequest, form: Questionnaire) -> str:
    """The language asked for, if the questionnaire has it."""
    wanted = request.POST.get("lang") or request.GET.get("lang", "")
    return wanted if wanted in form.languages else form.languages[0]


def shown_questions(form: Questionnaire, language: str, posted: Mapping[str, Sequence[str]]) -> list[dict[str, Any]]:
    """Each question with its choices, and what was chosen before."""
    return [_shown(number, row, language, posted) for number, row in enumerate(form.questions, start=1)]


def _shown(number: int, row: Question, language: str, posted: Mapping[str, Sequence[str]]) -> dict[str, Any]:
    chosen = list(posted.get(row.code, ()))

    def choices(options: Sequence[Option], name: str, picked: Sequence[str]) -> list[dict[str, Any]]:
        return [
            {"value": one.code, "text": said(one.text, language), "id": f"{name}-{at}", "number": at, "chosen": one.code in picked}
            for at, one in enumerate(options, start=1)
        ]  # fmt: skip

    shown: dict[str, Any] = {
        "number": number, "code": row.code, "kind": row.kind.value, "text": said(row.text, language), "required": row.required,
        "when": row.when, "tree": tree_of(row.when), "value": chosen[0] if chosen else "", "rows": [],
        "options": choices(row.options, row.code, chosen),
    }  # fmt: skip
    if row.kind == Kind.SCALE:
        shown["options"] = [
            {"value": str(step), "text": str(step), "id": f"{row.code}-{step}", "number": step, "chosen": str(step) in chosen}
            for step in range(row.low, row.high + 1)
        ]  # fmt: skip
    for one in row.rows:
        name = f"{row.code}.{one.code}"
        picked = list(posted.get(name, ()))
        shown["rows"].append(
            {"name": name, "text": said(one.text, language), "options": choices(row.options, name, picked), "value": picked[0] if picked else ""}
        )  # fmt: skip
    return shown


def given_of(post: QueryDict) -> dict[str, list[str]]:
    """What was posted, name by name."""
    return {name: [str(value) for value in values] for name, values in post.lists()}


def opened_word(request: HttpRequest) -> str:
    """When the sheet was opened, signed; a sheet that comes back with objections keeps its first moment."""
    known = request.POST.get("opened", "")
    return known if _opened(known) is not None else SIGNER.sign(str(int(now_of(request).timestamp())))


def _opened(word: str) -> int | None:
    try:
        return int(SIGNER.unsign(word[:100]))
    except (BadSignature, ValueError):
        return None


def seconds_since(request: HttpRequest) -> int | None:
    """From opening to sending; None where the word is missing or not ours."""
    opened = _opened(request.POST.get("opened", ""))
    return None if opened is None else max(0, int(now_of(request).timestamp()) - opened)
