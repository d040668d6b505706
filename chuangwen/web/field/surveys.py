"""入户问卷 on the phone: drawn households of one's own streets, the sheet, or why nobody answered."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from chuangwen.http import actor_of, door, now_of
from chuangwen.rules.permissions import Actor, Permission, may
from chuangwen.rules.questionnaires import LANGUAGES, said
from chuangwen.rules.refusals import NotFound, Refused
from chuangwen.surveys.answering import Sent, submit
from chuangwen.surveys.queries import MOST_VISITS, Channel, questionnaire_of, visit_for, visits_for
from chuangwen.surveys.sampling import note_visit
from chuangwen.web.field.tasks import TASKS, Task
from chuangwen.web.survey_sheet import given_of, language_of, opened_word, seconds_since, shown_questions
from chuangwen.web.uploads import fresh_key

ON_THE_PHONE = 30
OUTCOMES = (("nobody", "无人在家，下次再来"), ("refused", "不愿回答"), ("gone", "空置或不是住户"))


@door(Permission.SURVEY_VISIT)
@never_cache
@require_safe
def visits(request: HttpRequest) -> HttpResponse:
    """The households still to be visited."""
    rows = visits_for(actor_of(request)).select_related("street", "wave")
    context = {"rows": list(rows[:MOST_VISITS]), "now": now_of(request)}
    return render(request, "field/surveys.html", context)


def _send(request: HttpRequest, invitation: Any) -> HttpResponse:
    post, by, now = request.POST, actor_of(request), now_of(request)
    outcome = post.get("outcome", "")
    if outcome:
        note_visit(invitation_id=invitation.pk, outcome=outcome, by=by, now=now)
        messages.success(request, _("已记下，接着下一户。"))
        return redirect("web:field:surveys")
    sent = Sent(
        given=given_of(post), channel=Channel.VISIT, invitation_id=invitation.pk, language=post.get("lang", "zh")[:5],
        seconds=seconds_since(request), client_key=post.get("client_key", "")[:64],
    )  # fmt: skip
    submit(wave_id=invitation.wave_id, sent=sent, by=by, now=now)
    messages.success(request, _("已交卷，答卷里不记是哪一户。"))
    return redirect("web:field:surveys")


@door(Permission.SURVEY_VISIT)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def visit(request: HttpRequest, invitation_id: int) -> HttpResponse:
    """One household: the sheet, or the outcome of the visit."""
    invitation = visit_for(actor_of(request), invitation_id)
    objections: Sequence[str] = ()
    if request.method == "POST":
        try:
            return _send(request, invitation)
        except NotFound:
            raise
        except Refused as refusal:
            objections = refusal.objections
    form = questionnaire_of(invitation.wave.form)
    language = language_of(request, form)
    context = {
        "invitation": invitation, "title": said(form.title, language), "intro": said(form.intro, language), "language": language,
        "languages": [(name, LANGUAGES[name]) for name in form.languages], "objections": objections, "outcomes": OUTCOMES,
        "questions": shown_questions(form, language, given_of(request.POST)), "opened": opened_word(request),
        "client_key": request.POST.get("client_key", "")[:64] or fresh_key(),
    }  # fmt: skip
    return render(request, "field/survey.html", context, status=422 if objections else 200)


def visit_tasks(actor: Actor, _now: datetime) -> Sequence[Task]:
    """Households to visit, as the phone takes them along: addresses can be read without a network, answers need one."""
    if not may(actor, Permission.SURVEY_VISIT):
        return ()
    rows = visits_for(actor).select_related("wave")[:ON_THE_PHONE]
    return [
        Task(
            "survey", str(row.pk), f"入户问卷：{row.address or row.household}", reverse("web:field:survey", args=[row.pk]),
            note=row.wave.title, lines=("填答要联网；没有网络时请用纸质问卷，回来录入。",),
        )
        for row in rows
    ]  # fmt: skip


TASKS.append(visit_tasks)

urls = [
    path("surveys/", visits, name="surveys"),
    path("surveys/<int:invitation_id>/", visit, name="survey"),
]
