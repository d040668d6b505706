"""Further questions of a checklist, on a page of their own; here for browsers without scripts, and for what phones kept.

Without a script the answers so far decide what is asked next, so saving shows the page again while something new is
asked. A phone asks everything at once, works the conditions out itself (app/field/asking.js) and may answer late.
"""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from chuangwen.http import actor_of, door, now_of, wants_json
from chuangwen.patrols.answers import VisitQuestions, questions_at
from chuangwen.patrols.operations import record_answers
from chuangwen.patrols.queries import patrol_for, stop_of, visit_of
from chuangwen.rules.edition_fields import QuestionKind
from chuangwen.rules.form_rows import QuestionRow
from chuangwen.rules.permissions import Permission
from chuangwen.rules.refusals import BadInput, NotFound, Refused
from chuangwen.standards.queries import checklist
from chuangwen.web.field.asking import Pictures, picture_url, pictures_for, spoken
from chuangwen.web.field.phone import brought_photos, not_this_person, phone_moments, refused_json
from chuangwen.web.uploads import received_photos

_INPUTS = {"integer": "numeric", "decimal": "decimal", "date": "date"}


def _field(row: QuestionRow, asked: VisitQuestions, answer: str, shown: Callable[[str], str]) -> dict[str, Any]:
    words = answer.split() if row.type == QuestionKind.SELECT_MULTIPLE else [answer]
    choices = [
        (one.name, spoken(one.label, one.label_en), one.name in words, shown(one.media))
        for one in asked.choices
        if one.list_name == row.list_name
    ]
    return {
        "row": row, "answer": answer, "choices": choices, "input": _INPUTS.get(row.type, ""), "picture": shown(row.media),
        "label": spoken(row.label, row.label_en), "hint": spoken(row.hint, row.hint_en),
    }  # fmt: skip


def _context(request: HttpRequest, patrol_id: int, site_id: int) -> dict[str, Any]:
    actor = actor_of(request)
    patrol = patrol_for(actor, patrol_id)
    site = stop_of(patrol, site_id).site
    visit = visit_of(patrol_id, site_id, actor.user_id or 0)
    criteria = checklist(patrol.edition_id, site.point_type)
    asked = questions_at(patrol.edition_id, site.point_type, visit, criteria, now_of(request))
    if not asked.all:
        raise NotFound("这个点位没有附加问题。")
    texts = {row.code: f"{row.code} {spoken(row.text, row.text_en)}" for row in criteria}
    pictures: Pictures = pictures_for(criteria, [(asked.all, asked.choices)])

    def shown(name: str) -> str:
        return picture_url(pictures, patrol.edition_id, name)

    given = visit.answers if visit else {}
    groups: dict[str, list[dict[str, Any]]] = {}
    for row in asked.open:
        posted = " ".join(request.POST.getlist(f"a_{row.name}")) if request.method == "POST" else ""
        answer = posted or given.get(row.name, "") or ("" if visit and row.name in given else row.default)
        groups.setdefault(texts.get(row.criterion, ""), []).append(_field(row, asked, answer, shown))
    return {
        "patrol": patrol, "site": site, "visit": visit, "groups": groups, "asked": asked,
        "back_url": reverse("web:field:checklist", args=[patrol_id, site_id]),
    }  # fmt: skip


@door(Permission.FIELD_OPEN)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def questions(request: HttpRequest, patrol_id: int, site_id: int) -> HttpResponse:
    """What this place is asked besides its criteria."""
    if request.method == "POST" and wants_json(request):
        return _late(request, patrol_id, site_id)
    context = _context(request, patrol_id, site_id)
    if request.method != "POST":
        return render(request, "field/questions.html", context)
    actor, now = actor_of(request), now_of(request)
    try:
        answers, objections = _posted(request, context["asked"])
        if objections:
            raise BadInput(objections)
        record_answers(patrol_id=patrol_id, site_id=site_id, answers=answers, by=actor, now=now)
    except NotFound:
        raise
    except (Refused, BadInput) as refusal:
        return render(request, "field/questions.html", context | {"objections": refusal.objections}, status=422)
    shown = {row.name for row in context["asked"].open}
    new = [row for row in _context(request, patrol_id, site_id)["asked"].open if row.name not in shown]
    if new:
        messages.info(request, _("已保存。根据回答，下面多了 %(n)d 个问题。") % {"n": len(new)})
        return redirect("web:field:questions", patrol_id, site_id)
    messages.success(request, _("附加问题已保存。"))
    return redirect("web:field:checklist", patrol_id, site_id)


def _late(request: HttpRequest, patrol_id: int, site_id: int) -> HttpResponse:
    """Answers from a phone's queue: photos came ahead, `photo_for` says whose each of them is."""
    if (stranger := not_this_person(request)) is not None:
        return stranger
    post = request.POST
    answered_at, sent_at = phone_moments(request)
    try:
        photos, objections = brought_photos(request)
        if objections:
            raise BadInput(objections)
        answers = {name[2:]: text for name, text in post.items() if name.startswith("a_") and isinstance(text, str)}
        answers |= dict(zip(post.get("photo_for", "").split(), map(str, photos), strict=False))
        visit = record_answers(
            patrol_id=patrol_id, site_id=site_id, answers=answers, by=actor_of(request), now=now_of(request),
            client_key=post.get("client_key", "")[:64] or None, answered_at=answered_at, sent_at=sent_at,
        )  # fmt: skip
    except (Refused, BadInput) as refusal:
        return refused_json(refusal)
    return JsonResponse({"ok": True, "message": _("附加问题已保存。"), "answers": visit.answers})


def _posted(request: HttpRequest, asked: VisitQuestions) -> tuple[dict[str, str], list[str]]:
    """The answers in a form by name, photos stored; a photo that was not chosen again stays."""
    answers: dict[str, str] = {}
    said: list[str] = []
    for row in asked.open:
        if row.type == QuestionKind.IMAGE:
            ids, objections = received_photos(request, by=actor_of(request), now=now_of(request), field=f"a_{row.name}")
            said += objections
            answers |= {row.name: str(ids[0])} if ids else {}
        elif row.type != QuestionKind.NOTE:
            answers[row.name] = " ".join(request.POST.getlist(f"a_{row.name}")).strip()
    return answers, said


urls = [path("patrols/<int:patrol_id>/sites/<int:site_id>/questions/", questions, name="questions")]
