"""热点: the hot topics of a period, and fifty pairs of reports that a person judges."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from chuangwen.http import Context, actor_of, door, now_of
from chuangwen.rules.permissions import Permission, may
from chuangwen.rules.personal_numbers import hidden_numbers
from chuangwen.triage.topics import TopicRun, ask_topics, judge_pair, pairs_of, run_for, runs_for
from chuangwen.web.desk.attempts import attempt
from chuangwen.web.desk.case_labels import case_url
from chuangwen.web.desk.lists import list_page
from chuangwen.web.uploads import fresh_key


class PeriodForm(forms.Form):
    """The days of a period."""

    since = forms.DateField(required=False)
    until = forms.DateField(required=False)


@door(Permission.TRIAGE_SEE)
@require_http_methods(["GET", "HEAD", "POST"])
def topics(request: HttpRequest) -> HttpResponse:
    """Ask for a period; the periods that were worked out before."""
    form = PeriodForm(request.POST or None)

    def act() -> HttpResponse:
        form.is_valid()
        made = ask_topics(
            since=form.cleaned_data.get("since"), until=form.cleaned_data.get("until"), by=actor_of(request),
            now=now_of(request), client_key=request.POST.get("client_key", "")[:64] or None,
        )  # fmt: skip
        return redirect("web:desk:topics-run", made.pk)

    done = attempt(request, act)
    if done.went:
        return done.went
    context = {
        "objections": done.objections, "page": list_page(request, runs_for(actor_of(request))), "now": now_of(request),
        "client_key": fresh_key(), "posted": request.POST,
    }  # fmt: skip
    return render(request, "desk/topics.html", context, status=done.status)


def _bars(topic: dict[str, Any]) -> dict[str, Any]:
    return topic | {"first_case": topic["keys"][0], "likeness_url": "", "title": hidden_numbers(topic["title"])}


@door(Permission.TRIAGE_SEE)
@require_safe
def run(request: HttpRequest, run_id: int) -> HttpResponse:
    """The topics of one period, those with the most voices first."""
    row = run_for(actor_of(request), run_id)
    context = {"row": row, "topics": [_bars(topic) for topic in row.topics], "now": now_of(request)}
    return render(request, "desk/topics_run.html", context)


@door(Permission.TRIAGE_SEE)
@require_http_methods(["GET", "HEAD", "POST"])
def pairs(request: HttpRequest, run_id: int) -> HttpResponse:
    """Fifty pairs offered as the same trouble: a person says whether they are; the precision with its interval."""
    row = run_for(actor_of(request), run_id)

    def act() -> HttpResponse:
        one, _sign, other = request.POST.get("pair", "").partition("-")
        numbers = [
            int(text) if text.isascii() and text.isdigit() and len(text) < 19 else 0 for text in (one, other)
        ]  # what a row number can have
        same = request.POST.get("same") == "1"
        judge_pair(
            run_id=run_id,
            earlier_id=numbers[0],
            later_id=numbers[1],
            same=same,
            by=actor_of(request),
            now=now_of(request),
        )
        messages.success(request, _("已记下。"))
        return redirect(f"{request.path}#next")

    done = attempt(request, act)
    if done.went:
        return done.went
    return render(
        request, "desk/topics_pairs.html", _pairs(request, row) | {"objections": done.objections}, status=done.status
    )


def _pairs(request: HttpRequest, row: TopicRun) -> Context:
    actor = actor_of(request)
    found, judged = pairs_of(actor, row)
    shown = [
        {
            "earlier": each.earlier, "later": each.later, "percent": round(100 * each.score), "same": each.same,
            "texts": [
                {
                    "title": hidden_numbers(case.title), "text": hidden_numbers(case.text[:600]), "url": case_url(case),
                    "number": case.number, "at": case.reported_at,
                }
                for case in (each.earlier, each.later)
            ],
        }
        for each in found
    ]  # fmt: skip
    first = next((each for each in shown if each["same"] is None), None)
    return {
        "row": row, "pairs": shown, "judged": judged, "next": first, "now": now_of(request),
        "share": round(100 * judged.share, 1), "low": round(100 * judged.low, 1), "high": round(100 * judged.high, 1),
        "may_judge": may(actor, Permission.TRIAGE_RELEASE) or bool(actor.scopes()),
    }  # fmt: skip


urls = [
    path("topics/", topics, name="topics"),
    path("topics/<int:run_id>/", run, name="topics-run"),
    path("topics/<int:run_id>/pairs/", pairs, name="topics-pairs"),
]
