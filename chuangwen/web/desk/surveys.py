"""问卷: the list, the designer with frozen versions, and the questions one by one."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from chuangwen.http import actor_of, door, now_of
from chuangwen.rules.permissions import Permission, may
from chuangwen.rules.questionnaires import KIND_LABELS, LANGUAGES, Kind, Question, read_options, said, written_options
from chuangwen.rules.refusals import BadInput, Refused
from chuangwen.surveys.operations import copy_form, create_survey, move_question, publish_form, save_head, save_question
from chuangwen.surveys.queries import (
    form_for,
    forms_of,
    questionnaire_of,
    survey_for,
    surveys_for,
    waves_of,
    with_waves,
)
from chuangwen.web.desk.attempts import attempt, seen_version
from chuangwen.web.desk.lists import list_page
from chuangwen.web.uploads import fresh_key


def _key(request: HttpRequest) -> str:
    return request.POST.get("client_key", "")[:64]


@door(Permission.SURVEY_SEE)
@require_http_methods(["GET", "HEAD", "POST"])
def surveys(request: HttpRequest) -> HttpResponse:
    """All questionnaires; a new one needs only a name."""
    actor = actor_of(request)

    def act() -> HttpResponse:
        made = create_survey(
            title=request.POST.get("title", ""), by=actor, now=now_of(request), client_key=_key(request) or None
        )
        messages.success(request, _("已建好，带着常用题目。改好以后由主任发布。"))
        return redirect("web:desk:survey", made.pk)

    tried = attempt(request, act)
    if tried.went is not None:
        return tried.went
    context = {
        "page": list_page(request, with_waves(surveys_for(actor))), "may_plan": may(actor, Permission.SURVEY_PLAN),
        "objections": tried.objections, "title": request.POST.get("title", ""), "client_key": _key(request) or fresh_key(),
    }  # fmt: skip
    return render(request, "desk/surveys.html", context, status=tried.status)


@door(Permission.SURVEY_SEE)
@require_http_methods(["GET", "HEAD", "POST"])
def survey(request: HttpRequest, survey_id: int) -> HttpResponse:
    """One questionnaire: its versions and its waves; sending copies the newest version into a draft."""
    actor = actor_of(request)
    found = survey_for(actor, survey_id)

    def act() -> HttpResponse:
        made = copy_form(survey_id=survey_id, by=actor, now=now_of(request))
        return redirect("web:desk:survey-form", made.pk)

    tried = attempt(request, act)
    if tried.went is not None:
        return tried.went
    forms = forms_of(found)
    context = {
        "survey": found, "forms": forms, "waves": waves_of(found), "may_plan": may(actor, Permission.SURVEY_PLAN),
        "has_draft": any(form.is_draft for form in forms), "published": any(not form.is_draft for form in forms),
        "now": now_of(request), "objections": tried.objections, "crumbs": _crumbs(None),
    }  # fmt: skip
    return render(request, "desk/survey.html", context, status=tried.status)


def _crumbs(found: Any) -> list[dict[str, str]]:
    crumbs = [{"label": _("问卷调查"), "url": reverse("web:desk:surveys")}]
    if found is not None:
        crumbs.append({"label": found.title, "url": reverse("web:desk:survey", args=[found.pk])})
    return crumbs


@door(Permission.SURVEY_SEE)
@require_http_methods(["GET", "HEAD", "POST"])
def form(request: HttpRequest, form_id: int) -> HttpResponse:
    """A version: head and rates, the questions in order; publishing freezes it."""
    actor, now, post = actor_of(request), now_of(request), request.POST
    found = form_for(actor, form_id)

    def act() -> HttpResponse:
        what = post.get("what", "")
        if what == "publish":
            publish_form(form_id=form_id, by=actor, now=now)
            messages.success(request, _("已发布，这一版从此不变。现在可以安排一轮调查。"))
            return redirect("web:desk:survey", found.survey_id)
        if what in {"up", "down", "drop"}:
            step = {"up": -1, "down": 1, "drop": 0}[what]
            move_question(form_id=form_id, code=post.get("code", ""), step=step, by=actor, now=now)
            return redirect("web:desk:survey-form", form_id)
        save_head(
            form_id=form_id, title=_posted_words(request, "title"), intro=_posted_words(request, "intro"),
            languages=post.getlist("languages"), rates=post.get("rates", ""), by=actor, now=now, seen_version=seen_version(request),
        )  # fmt: skip
        messages.success(request, _("已保存。"))
        return redirect("web:desk:survey-form", form_id)

    tried = attempt(request, act)
    if tried.went is not None:
        return tried.went
    content = questionnaire_of(found)
    kept = bool(tried.objections) and "rates" in post
    context = {
        "form": found, "content": content, "rates": post["rates"] if kept else found.rates, "objections": tried.objections,
        "rows": [(row, KIND_LABELS[row.kind], said(row.text, "zh")) for row in content.questions],
        "heads": [
            (code, name, post.get(f"title_{code}", "") if kept else content.title.get(code, ""),
             post.get(f"intro_{code}", "") if kept else content.intro.get(code, ""), code in content.languages)
            for code, name in LANGUAGES.items()
        ],
        "may_edit": found.is_draft and may(actor, Permission.SURVEY_PLAN), "crumbs": _crumbs(found.survey),
        "may_publish": found.is_draft and may(actor, Permission.SURVEY_PUBLISH),
    }  # fmt: skip
    return render(request, "desk/survey_form.html", context, status=tried.status)


def _posted_words(request: HttpRequest, name: str) -> dict[str, str]:
    return {code: request.POST.get(f"{name}_{code}", "") for code in LANGUAGES}


@door(Permission.SURVEY_PLAN)
@require_http_methods(["GET", "HEAD", "POST"])
def question(request: HttpRequest, form_id: int) -> HttpResponse:
    """One question of a draft: new, or the one named in the address."""
    actor, post = actor_of(request), request.POST
    found = form_for(actor, form_id)
    content = questionnaire_of(found)
    code = request.GET.get("code", "")
    known = content.question(code)

    def act() -> HttpResponse:
        try:
            made = _typed(request, content.languages)
        except BadInput as refusal:
            raise Refused(refusal.objections) from refusal
        save_question(
            form_id=form_id, question=made, replaces=code if known else "", by=actor, now=now_of(request),
            seen_version=seen_version(request),
        )  # fmt: skip
        messages.success(request, _("题目已保存。"))
        return redirect(f"{reverse('web:desk:survey-form', args=[form_id])}#q-{made.code}")

    tried = attempt(request, act)
    if tried.went is not None:
        return tried.went
    context: dict[str, Any] = {
        "form": found, "typed": _shown(known, content.languages) | (post.dict() if request.method == "POST" else {}),
        "kinds": [(kind.value, label) for kind, label in KIND_LABELS.items()], "known": known, "objections": tried.objections,
        "languages": [(name, LANGUAGES[name]) for name in content.languages], "version": post.get("version") or found.version,
        "crumbs": [*_crumbs(found.survey), {"label": str(found.number), "url": reverse("web:desk:survey-form", args=[form_id])}],
    }  # fmt: skip
    if request.method == "POST":
        context["typed"]["required"] = "required" in post
    context["texts"] = [(name, label, context["typed"].get(f"text_{name}", "")) for name, label in context["languages"]]
    return render(request, "desk/survey_question.html", context, status=tried.status)


def _typed(request: HttpRequest, languages: tuple[str, ...]) -> Question:
    post = request.POST
    kind = post.get("kind", "")
    if kind not in set(Kind):
        raise BadInput(_("请选题型。"))
    low, high = _step(request, "low", 1), _step(request, "high", 5)
    text = {name: words for name in languages if (words := post.get(f"text_{name}", "").strip())}
    chosen = Kind(kind) in {Kind.ONE, Kind.MANY, Kind.MATRIX}
    return Question(
        code=post.get("code", "").strip(), kind=Kind(kind), text=text, required="required" in post,
        options=read_options(post.get("options", ""), languages) if chosen else (),
        rows=read_options(post.get("rows", ""), languages) if kind == Kind.MATRIX else (),
        when=post.get("when", "").strip(), low=low, high=high,
    )  # fmt: skip


def _step(request: HttpRequest, name: str, usual: int) -> int:
    text = request.POST.get(name, "")
    return int(text) if text.isdecimal() and len(text) < 4 else usual


def _shown(known: Question | None, languages: tuple[str, ...]) -> dict[str, Any]:
    if known is None:
        return {"kind": "one", "required": True, "low": 1, "high": 5}
    return {
        "code": known.code, "kind": known.kind.value, "required": known.required, "when": known.when, "low": known.low,
        "high": known.high, "options": written_options(known.options, languages), "rows": written_options(known.rows, languages),
        **{f"text_{name}": known.text.get(name, "") for name in languages},
    }  # fmt: skip


urls = [
    path("surveys/", surveys, name="surveys"),
    path("surveys/<int:survey_id>/", survey, name="survey"),
    path("surveys/forms/<int:form_id>/", form, name="survey-form"),
    path("surveys/forms/<int:form_id>/question/", question, name="survey-question"),
]
