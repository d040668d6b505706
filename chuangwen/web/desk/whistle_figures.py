"""双考核 and the table of promises: facts with their reasons, and what the office promises in departments' names."""

import re
from dataclasses import asdict
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from chuangwen.http import actor_of, door, now_of
from chuangwen.rules.permissions import Permission
from chuangwen.rules.refusals import BadInput, Refused
from chuangwen.rules.whistles import BAND_LABELS, BAND_MEANINGS, Band
from chuangwen.web.desk.attempts import attempt, seen_version
from chuangwen.web.desk.whistle_forms import PromiseForm
from chuangwen.web.desk.whistle_labels import tabs
from chuangwen.whistles.figures import Month, departments, month_of, streets
from chuangwen.whistles.operations import put_promise, seed_promises
from chuangwen.whistles.queries import promises

BAND_LOOKS = {
    Band.FEW: ("info", "arrow-down"),
    Band.USUAL: ("good", "check"),
    Band.MANY: ("warn", "arrow-up"),
    Band.UNKNOWN: ("neutral", "help-circle"),
}
_MONTH = re.compile(r"(20[0-9]{2})-(0[1-9]|1[0-2])")


def _month(request: HttpRequest) -> Month:
    asked = _MONTH.fullmatch(request.GET.get("month", ""))
    return Month(int(asked[1]), int(asked[2])) if asked else month_of(now_of(request))


def _address(month: Month) -> str:
    return f"?month={month.year}-{month.month:02d}"


def _band(row: Any) -> dict[str, Any]:
    tone, icon = BAND_LOOKS[row.band]
    return {"street": row.street, "reasons": row.reasons, "label": _(BAND_LABELS[row.band]), "tone": tone, "icon": icon,
            "meaning": _(BAND_MEANINGS[row.band])}  # fmt: skip


@door(Permission.WHISTLE_SEE)
@require_safe
def figures(request: HttpRequest) -> HttpResponse:
    """How departments reported in a month, and whether streets whistled unusually often; no places, no ranks."""
    actor, now, month = actor_of(request), now_of(request), _month(request)
    later = month.later(1)
    context = {
        "month": month, "departments": departments(actor, month, now), "tabs": tabs(actor, "whistle-figures"),
        "streets": [_band(row) for row in streets(actor, month)], "before_url": _address(month.later(-1)),
        "after_url": _address(later) if later.begins <= now else "",
    }  # fmt: skip
    return render(request, "desk/whistle_figures.html", context)


def _save(request: HttpRequest, form: PromiseForm) -> HttpResponse:
    by, now = actor_of(request), now_of(request)
    if request.POST.get("act") == "seed":
        seed_promises(by=by, now=now)
        messages.success(request, _("已写入常用的三种，请按本区的规定改。"))
        return redirect("web:desk:whistle-promises")
    if not form.is_valid():
        raise BadInput([_("请按页面上的选项填写。")])
    row, changed = put_promise(
        said=form.text(), active=form.cleaned_data["active"], by=by, now=now, seen_version=seen_version(request)
    )
    messages.success(
        request, _("“%(name)s”已保存，下一次吹哨起用。") % {"name": row.name} if changed else _("没有改动。")
    )
    return redirect("web:desk:whistle-promises")


@door(Permission.WHISTLE_PROMISES)
@require_http_methods(["GET", "HEAD", "POST"])
def promises_page(request: HttpRequest) -> HttpResponse:
    """The kinds of promise, and one form that adds one or changes the chosen one."""
    rows = promises(everything=True)
    chosen = next((row for row in rows if row.code == (request.POST or request.GET).get("code")), None)
    first = {**asdict(chosen.text), "active": chosen.active} if chosen else None
    form = PromiseForm(request.POST) if request.method == "POST" else PromiseForm(initial=first)
    try:
        tried = attempt(request, lambda: _save(request, form))
    except (BadInput, Refused) as refusal:
        context = {"objections": refusal.objections, "status": 422}
    else:
        if tried.went is not None:
            return tried.went
        context = {"objections": tried.objections, "status": tried.status}
    status = int(str(context.pop("status")))
    context |= {"rows": rows, "form": form, "chosen": chosen, "tabs": tabs(actor_of(request), "whistle-promises")}
    return render(request, "desk/whistle_promises.html", context, status=status)


urls = [
    path("whistles/figures/", figures, name="whistle-figures"),
    path("whistles/promises/", promises_page, name="whistle-promises"),
]
