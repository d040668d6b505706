"""A wave: planned, sampled, held, closed; paper sheets; what was written; results and their files."""

import csv
import io
import re
from collections.abc import Callable, Sequence
from datetime import date
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from chuangwen.bulletins.survey_paper import survey_paper
from chuangwen.http import actor_of, door, now_of
from chuangwen.rules.draw_seeds import from_facts, known_from
from chuangwen.rules.permissions import Permission, may
from chuangwen.rules.questionnaires import FLAG_LABELS, from_numbers
from chuangwen.rules.refusals import BadInput, Refused
from chuangwen.rules.survey_files import read_margins
from chuangwen.rules.text_groups import group_texts
from chuangwen.standards.queries import current_edition
from chuangwen.surveys.answering import Sent, leave_out, open_case_from, submit
from chuangwen.surveys.operations import WaveFacts, ask_for_results, close_wave, edit_wave, plan_wave, start_wave
from chuangwen.surveys.queries import (
    Channel,
    flagged_answers,
    invitations_of,
    progress_of,
    questionnaire_of,
    remark_for,
    remarks_of,
    streets_of,
    survey_for,
    wave_for,
)
from chuangwen.surveys.results import answers_csv
from chuangwen.surveys.sampling import decide_sample, publish_frame
from chuangwen.web.desk.attempts import attempt, seen_version
from chuangwen.web.desk.lists import list_page
from chuangwen.web.paper_view import FILE_TYPES, official_file
from chuangwen.web.survey_sheet import given_of, shown_questions
from chuangwen.web.uploads import fresh_key

LARGEST_FILE = 4_000_000


def _day(text: str) -> date | None:
    try:
        return parse_date(text.strip())
    except ValueError:
        return None


def _whole(text: str) -> int:
    return int(text) if re.fullmatch(r"[0-9]{1,6}", text.strip(), re.ASCII) else 0


def _facts(request: HttpRequest) -> WaveFacts:
    """What was typed; lines that cannot be read are refused, every one of them."""
    post = request.POST
    quotas, objections = {}, []
    for number, line in enumerate(post.get("quotas", "").replace("，", ",").splitlines(), start=1):
        if line.strip():
            code, _comma, count = line.partition(",")
            quotas[code.strip()] = _whole(count)
            objections += [] if _whole(count) else [_("配额第 %(n)d 行应写成“街道编码,份数”。") % {"n": number}]
    try:
        margins = read_margins(post.get("margins", ""))
    except BadInput as refusal:
        objections += refusal.objections
    if objections:
        raise Refused(objections)
    return WaveFacts(
        title=post.get("title", ""), starts_on=_day(post.get("starts_on", "")), ends_on=_day(post.get("ends_on", "")),
        edition_id=_whole(post.get("edition", "")) or None, open_link="open_link" in post, least=_whole(post.get("least", "")),
        quotas=quotas, margins=margins,
    )  # fmt: skip


def _crumbs(wave: Any) -> list[dict[str, str]]:
    return [
        {"label": _("问卷调查"), "url": reverse("web:desk:surveys")},
        {"label": wave.survey.title, "url": reverse("web:desk:survey", args=[wave.survey_id])},
        {"label": wave.title, "url": reverse("web:desk:survey-wave", args=[wave.pk])},
    ]


def _typed(wave: Any) -> dict[str, Any]:
    if wave is None:
        return {"least": 10}
    return {
        "title": wave.title, "starts_on": wave.starts_on.isoformat(), "ends_on": wave.ends_on.isoformat(), "least": wave.least,
        "open_link": wave.open_link, "edition": str(wave.edition_id or ""),
        "quotas": "\n".join(f"{code},{n}" for code, n in wave.quotas.items()),
        "margins": "\n".join(f"{name},{one},{n:g}" for name, rows in wave.margins.items() for one, n in rows.items()),
    }  # fmt: skip


def _wave_form(request: HttpRequest, wave: Any, survey: Any, act: Callable[[], HttpResponse]) -> HttpResponse:
    tried = attempt(request, act)
    if tried.went is not None:
        return tried.went
    typed = _typed(wave)
    if request.method == "POST":
        typed = request.POST.dict() | {"open_link": "open_link" in request.POST}
    context = {
        "wave": wave, "survey": survey, "typed": typed, "edition": current_edition(), "objections": tried.objections,
        "version": request.POST.get("version") or (wave.version if wave else ""),
        "client_key": request.POST.get("client_key", "")[:64] or fresh_key(), "crumbs": _crumbs(wave) if wave else _crumbs_of(survey),
    }  # fmt: skip
    return render(request, "desk/survey_wave_form.html", context, status=tried.status)


def _crumbs_of(survey: Any) -> list[dict[str, str]]:
    return [
        {"label": _("问卷调查"), "url": reverse("web:desk:surveys")},
        {"label": survey.title, "url": reverse("web:desk:survey", args=[survey.pk])},
    ]


@door(Permission.SURVEY_PLAN)
@require_http_methods(["GET", "HEAD", "POST"])
def wave_new(request: HttpRequest, survey_id: int) -> HttpResponse:
    """One more wave with the newest published version."""
    actor = actor_of(request)
    survey = survey_for(actor, survey_id)

    def act() -> HttpResponse:
        key = request.POST.get("client_key", "")[:64] or None
        made = plan_wave(survey_id=survey_id, facts=_facts(request), by=actor, now=now_of(request), client_key=key)
        return redirect("web:desk:survey-wave", made.pk)

    return _wave_form(request, None, survey, act)


@door(Permission.SURVEY_PLAN)
@require_http_methods(["GET", "HEAD", "POST"])
def wave_edit(request: HttpRequest, wave_id: int) -> HttpResponse:
    """Days, quotas, the population's make-up."""
    actor = actor_of(request)
    wave = wave_for(actor, wave_id)

    def act() -> HttpResponse:
        edit_wave(
            wave_id=wave_id, facts=_facts(request), by=actor, now=now_of(request), seen_version=seen_version(request)
        )
        messages.success(request, _("已保存。"))
        return redirect("web:desk:survey-wave", wave_id)

    return _wave_form(request, wave, wave.survey, act)


def _numbers(texts: Sequence[str]) -> list[list[int]]:
    found = [
        [int(word) for word in re.split(r"[\s,，、+]+", text.strip()) if word.isdecimal() and len(word) < 6]
        for text in texts
    ]
    return found[:9]


def _frame_text(request: HttpRequest) -> str:
    file = request.FILES.get("frame")
    if file is None:
        return request.POST.get("frame_text", "")
    if (file.size or 0) > LARGEST_FILE:
        raise Refused(_("名单文件超过 4 MB。"))
    try:
        return bytes(file.read()).decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Refused(_("名单不是 UTF-8 文字文件，请另存为 CSV（UTF-8）再传。")) from error


def _act(request: HttpRequest, wave_id: int) -> HttpResponse:
    """What a button on the wave's page does."""
    post, by, now = request.POST, actor_of(request), now_of(request)
    what = post.get("what", "")
    if what == "start":
        start_wave(wave_id=wave_id, by=by, now=now)
    elif what == "close":
        close_wave(wave_id=wave_id, by=by, now=now)
        messages.success(request, _("已结束，结果正在计算，稍后刷新结果页。"))
    elif what == "compute":
        ask_for_results(wave_id=wave_id, by=by, now=now)
        messages.success(request, _("正在计算，稍后刷新结果页。"))
    elif what == "frame":
        publish_frame(wave_id=wave_id, text=_frame_text(request), wanted=_whole(post.get("wanted", "")), by=by, now=now)
    elif what == "decide":
        decide_sample(wave_id=wave_id, numbers=_numbers(post.getlist("numbers")), by=by, now=now)
    elif what == "leave_out":
        if not post.get("reason", "").strip() and "in" not in post:
            raise Refused(_("请写明不计入的理由。"))
        leave_out(wave_id=wave_id, answer_id=post.get("answer", "")[:40], reason=post.get("reason", ""), by=by, now=now)
    else:
        raise Refused(_("请用页面上的按钮。"))
    return redirect("web:desk:survey-wave", wave_id)


@door(Permission.SURVEY_SEE)
@require_http_methods(["GET", "HEAD", "POST"])
def wave(request: HttpRequest, wave_id: int) -> HttpResponse:
    """One wave: what to do next, how far each street is, what looks odd."""
    actor = actor_of(request)
    found = wave_for(actor, wave_id)
    tried = attempt(request, lambda: _act(request, wave_id))
    if tried.went is not None:
        return tried.went
    lines = progress_of(found)
    context = {
        "wave": found, "lines": lines, "answers": sum(line.answers for line in lines), "drawn": sum(line.drawn for line in lines),
        "answered": sum(line.outcomes.get("answered", 0) for line in lines), "objections": tried.objections,
        "sources": from_facts(found.sources), "known_from": known_from(found.announced_on) if found.announced_on else None,
        "page": list_page(request, flagged_answers(found)), "labels": FLAG_LABELS, "now": now_of(request), "crumbs": _crumbs(found)[:2],
        "public_url": request.build_absolute_uri(reverse("web:public:survey", args=[found.token])),
        "may_plan": may(actor, Permission.SURVEY_PLAN), "posted": request.POST,
    }  # fmt: skip
    return render(request, "desk/survey_wave.html", context, status=tried.status)


@door(Permission.SURVEY_SEE)
@require_safe
def results(request: HttpRequest, wave_id: int) -> HttpResponse:
    """The stored results; figures on too few sheets were never stored."""
    actor = actor_of(request)
    found = wave_for(actor, wave_id)
    context = {
        "wave": found, "results": found.results, "now": now_of(request), "crumbs": _crumbs(found),
        "may_plan": may(actor, Permission.SURVEY_PLAN),
    }  # fmt: skip
    return render(request, "desk/survey_results.html", context)


@door(Permission.SURVEY_SEE)
@never_cache
@require_safe
def paper(request: HttpRequest, wave_id: int, ending: str) -> HttpResponse:
    """The results as an official paper."""
    if ending not in FILE_TYPES:
        raise Http404
    made = survey_paper(actor_of(request), wave_id, now=now_of(request))
    return official_file(made, made.title, ending)


@door(Permission.SURVEY_PLAN)
@never_cache
@require_safe
def answers(request: HttpRequest, wave_id: int) -> HttpResponse:
    """The counted sheets with their weights, for analysts; nothing leads to a household."""
    found = wave_for(actor_of(request), wave_id)
    response = HttpResponse("\ufeff" + answers_csv(found), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="survey-{found.pk}.csv"'
    return response


@door(Permission.SURVEY_PLAN)
@never_cache
@require_safe
def codes(request: HttpRequest, wave_id: int) -> HttpResponse:
    """The drawn households with their codes, for the letters to them. No answer knows any of it."""
    found = wave_for(actor_of(request), wave_id)
    link = request.build_absolute_uri(reverse("web:public:survey", args=[found.token]))
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(["街道", "户编号", "地址", "邀请码", "填写地址"])
    for one in invitations_of(found):
        cells = (one.street.name, one.household, one.address, one.code, f"{link}?code={one.code}")
        writer.writerow([f"'{cell}" if cell[:1] in "=+-@" else cell for cell in cells])
    response = HttpResponse("\ufeff" + out.getvalue(), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="survey-{found.pk}-codes.csv"'
    return response


@door(Permission.SURVEY_SEE)
@require_safe
def remarks(request: HttpRequest, wave_id: int) -> HttpResponse:
    """What people wrote, those that say the same together; each may become a case."""
    actor = actor_of(request)
    found = wave_for(actor, wave_id)
    rows = remarks_of(found)
    groups = [(group, [rows[at] for at in group.members]) for group in group_texts([row.text for row in rows])]
    context = {
        "wave": found,
        "groups": groups,
        "count": len(rows),
        "crumbs": _crumbs(found),
        "may_plan": may(actor, Permission.SURVEY_PLAN),
    }
    return render(request, "desk/survey_remarks.html", context)


@door(Permission.SURVEY_PLAN)
@require_http_methods(["GET", "HEAD", "POST"])
def remark_case(request: HttpRequest, remark_id: int) -> HttpResponse:
    """A remark becomes a case."""
    actor, post = actor_of(request), request.POST
    found = remark_for(actor, remark_id)

    def act() -> HttpResponse:
        case = open_case_from(
            remark_id=remark_id,
            title=post.get("title", ""),
            place=post.get("place", "")[:200],
            by=actor,
            now=now_of(request),
        )
        messages.success(request, _("已立案，照常受理、派遣。"))
        return redirect("web:desk:case", case.pk)

    tried = attempt(request, act)
    if tried.went is not None:
        return tried.went
    context = {
        "remark": found, "title": post.get("title", found.text[:40]), "place": post.get("place", found.street.name),
        "objections": tried.objections, "back": reverse("web:desk:survey-remarks", args=[found.wave_id]),
        "crumbs": _crumbs(found.wave),
    }  # fmt: skip
    return render(request, "desk/survey_case.html", context, status=tried.status)


@door(Permission.SURVEY_PLAN)
@require_safe
def sheet(request: HttpRequest, wave_id: int) -> HttpResponse:
    """A paper sheet to print: options with the numbers that are typed later."""
    found = wave_for(actor_of(request), wave_id)
    form = questionnaire_of(found.form)
    language = request.GET.get("lang", "zh")
    context = {
        "wave": found,
        "form": form,
        "questions": shown_questions(form, language, {}),
        "streets": streets_of(found),
        "crumbs": _crumbs(found),
    }
    return render(request, "desk/survey_sheet.html", context)


@door(Permission.SURVEY_PLAN)
@require_http_methods(["GET", "HEAD", "POST"])
def enter(request: HttpRequest, wave_id: int) -> HttpResponse:
    """Paper sheets typed in: a number a question, Tab from one to the next."""
    actor, post = actor_of(request), request.POST
    found = wave_for(actor, wave_id)
    form = questionnaire_of(found.form)

    def act() -> HttpResponse:
        given, wrong = from_numbers(form, {name: values[-1] for name, values in given_of(post).items()})
        if wrong:
            raise Refused(wrong)
        sent = Sent(
            given=given, channel=Channel.PAPER, street_code=post.get("street", "")[:32], code=post.get("code", "")[:40],
            client_key=post.get("client_key", "")[:64],
        )  # fmt: skip
        submit(wave_id=wave_id, sent=sent, by=actor, now=now_of(request))
        messages.success(request, _("已录入一份，接着录下一份。"))
        return redirect("web:desk:survey-enter", wave_id)

    tried = attempt(request, act)
    if tried.went is not None:
        return tried.went
    context = {
        "wave": found, "questions": shown_questions(form, "zh", given_of(post)), "streets": streets_of(found), "posted": post,
        "objections": tried.objections, "client_key": post.get("client_key", "")[:64] or fresh_key(), "crumbs": _crumbs(found),
    }  # fmt: skip
    return render(request, "desk/survey_enter.html", context, status=tried.status)


urls = [
    path("surveys/<int:survey_id>/waves/new/", wave_new, name="survey-wave-new"),
    path("surveys/waves/<int:wave_id>/", wave, name="survey-wave"),
    path("surveys/waves/<int:wave_id>/edit/", wave_edit, name="survey-wave-edit"),
    path("surveys/waves/<int:wave_id>/results/", results, name="survey-results"),
    path("surveys/waves/<int:wave_id>/results.<str:ending>", paper, name="survey-paper"),
    path("surveys/waves/<int:wave_id>/answers.csv", answers, name="survey-answers"),
    path("surveys/waves/<int:wave_id>/codes.csv", codes, name="survey-codes"),
    path("surveys/waves/<int:wave_id>/remarks/", remarks, name="survey-remarks"),
    path("surveys/remarks/<int:remark_id>/case/", remark_case, name="survey-case"),
    path("surveys/waves/<int:wave_id>/sheet/", sheet, name="survey-sheet"),
    path("surveys/waves/<int:wave_id>/enter/", enter, name="survey-enter"),
]
