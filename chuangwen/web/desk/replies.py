"""答复反映人: a draft, what the report raises, the checks; and 群众评价: rates with intervals and scores by unit."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from chuangwen.http import actor_of, door, now_of
from chuangwen.replies import operations
from chuangwen.replies.queries import (
    READY,
    case_to_answer,
    draft,
    formulas,
    like_endings,
    points,
    replies_of,
    report_of,
    unit_rates,
)
from chuangwen.rules.permissions import Permission
from chuangwen.rules.reply_rates import FEW, RATES, Rate
from chuangwen.web.desk.attempts import attempt
from chuangwen.web.desk.periods import CHOICES, USUAL, today_of
from chuangwen.web.uploads import fresh_key


@door(Permission.REPLY_SEE)
@require_http_methods(["GET", "HEAD", "POST"])
def reply(request: HttpRequest, case_id: int) -> HttpResponse:
    """Write to the reporter; refused, the page says what is missing and keeps every word."""
    actor, now, post = actor_of(request), now_of(request), request.POST
    case = case_to_answer(actor, case_id)

    def act() -> HttpResponse:
        operations.send_reply(
            case_id=case_id, kind=post.get("kind", ""), text=post.get("text", ""), passed_over=post.getlist("passed_over"),
            by=actor, now=now, client_key=post.get("client_key", "")[:64] or None,
        )  # fmt: skip
        messages.success(request, _("已答复，反映人凭回执号能看到。"))
        return redirect("web:desk:case", case_id)

    tried = attempt(request, act)
    if tried.went:
        return tried.went
    kind, text = draft(case, now)
    context = {
        "case": case, "now": now, "objections": tried.objections, "kind": post.get("kind", kind),
        "text": post.get("text", text), "points": points(case), "passed_over": post.getlist("passed_over"),
        "report": report_of(case), "like": like_endings(case), "sent": replies_of(case_id),
        "ready": case.flow_status in READY, "client_key": post.get("client_key", "") or fresh_key(),
    }  # fmt: skip
    return render(request, "desk/case_reply.html", context, status=tried.status)


def _shown(rate: Rate) -> dict[str, Any]:
    low, high = rate.interval
    return {"rate": rate, "share": rate.share, "low": low, "high": high}


@door(Permission.REPLY_SEE)
@require_safe
def rates(request: HttpRequest) -> HttpResponse:
    """What residents judged, unit by unit in the order of names: never a ranking, least of all by volume."""
    asked = request.GET.get("days", USUAL)
    asked = asked if asked in CHOICES else USUAL
    days = CHOICES[asked][1](today_of(now_of(request)))
    known = formulas()
    rows = [
        {
            "unit": row.unit, "rates": [(RATES[name], _shown(row.rates[name])) for name in RATES],
            "scores": [(formula.title, row.scores[formula.name]) for formula in known],
        }
        for row in unit_rates(actor_of(request), since=days.since, until=days.until)
    ]  # fmt: skip
    tabs = [
        {"label": label, "url": f"?days={name}", "active": name == asked} for name, (label, _days) in CHOICES.items()
    ]
    context = {"rows": rows, "days": days, "tabs": tabs, "formulas": known, "labels": RATES.values(), "few": FEW}
    return render(request, "desk/reply_rates.html", context)


urls = [
    path("cases/<int:case_id>/reply/", reply, name="case-reply"),
    path("reply-rates/", rates, name="reply-rates"),
]
