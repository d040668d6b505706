"""居民问卷: answered without an account and without a script; a code where only drawn households are asked."""

from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from chuangwen.http import actor_of, client_address, now_of, public
from chuangwen.rules.questionnaires import LANGUAGES, said
from chuangwen.rules.refusals import NotFound, Refused
from chuangwen.surveys.answering import Sent, submit
from chuangwen.surveys.queries import Channel, draw_record_of, open_wave, questionnaire_of, site_of, streets_of
from chuangwen.web.survey_sheet import given_of, language_of, opened_word, seconds_since, shown_questions
from chuangwen.web.uploads import fresh_key

LONGEST_KEY = 40


def _page(request: HttpRequest, wave: Any, site: Any, *, status: int = 200, **more: Any) -> HttpResponse:
    form = questionnaire_of(wave.form)
    language = language_of(request, form)
    posted = given_of(request.POST)
    context = {
        "wave": wave, "site": site, "title": said(form.title, language), "intro": said(form.intro, language),
        "questions": shown_questions(form, language, posted), "language": language, "streets": streets_of(wave),
        "languages": [(name, LANGUAGES[name]) for name in form.languages], "posted": request.POST,
        "code": request.POST.get("code") or request.GET.get("code", "")[:20], "opened": opened_word(request),
        "client_key": request.POST.get("client_key", "")[:LONGEST_KEY] or fresh_key(), "is_open": wave.state == "open",
    }  # fmt: skip
    interface = "zh-hans" if language == "zh" else "en"
    with translation.override(interface):
        return render(request, "public/survey.html", context | more, status=status)


@public
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def survey(request: HttpRequest, wave_token: str, site_token: str = "") -> HttpResponse:
    """The sheet: by the open link, at a place, or with the code of an invitation."""
    wave = open_wave(wave_token)
    site = site_of(wave, site_token)
    if site_token and site is None:
        raise NotFound(_("没有这个点位，请核对二维码。"))
    if request.method != "POST":
        return _page(request, wave, site)
    post = request.POST
    if post.get("homepage"):  # no person sees this field; programs that fill in everything do
        return _page(request, wave, site, status=422, objections=[_("提交没有通过检查，请重新打开这一页再填。")])
    code = post.get("code", "")[:40]
    channel = Channel.CODE if code.strip() else Channel.PLACE if site else Channel.LINK
    sent = Sent(
        given=given_of(post), channel=channel, street_code=post.get("street", "")[:32], code=code, site=site,
        language=post.get("lang", "zh")[:5], seconds=seconds_since(request), sender=client_address(request),
        client_key=post.get("client_key", "")[:LONGEST_KEY],
    )  # fmt: skip
    try:
        submit(wave_id=wave.pk, sent=sent, by=actor_of(request), now=now_of(request))
    except NotFound:
        raise
    except Refused as refusal:
        return _page(request, wave, site, status=422, objections=refusal.objections)
    return redirect("web:public:survey-thanks", wave.token)


@public
@never_cache
@require_safe
def thanks(request: HttpRequest, wave_token: str) -> HttpResponse:
    """It arrived; nothing of it is shown again."""
    return render(request, "public/survey_thanks.html", {"wave": open_wave(wave_token)})


@public
@require_safe
def draw_record(_request: HttpRequest, wave_token: str) -> HttpResponse:
    """The record of the drawn sample, for `chuangwen draw verify`: numbers of households and streets, no address."""
    record = draw_record_of(wave_token)
    shown = JsonResponse(record, json_dumps_params={"ensure_ascii": False, "indent": 1})
    shown["Content-Disposition"] = 'attachment; filename="survey-draw.json"'
    return shown


urls = [
    path("survey/<str:wave_token>/", survey, name="survey"),
    path("survey/<str:wave_token>/at/<str:site_token>/", survey, name="survey-at"),
    path("survey/<str:wave_token>/thanks/", thanks, name="survey-thanks"),
    path("survey/<str:wave_token>/draw.json", draw_record, name="survey-draw"),
]
