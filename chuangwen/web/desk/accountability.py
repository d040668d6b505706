"""问责: what is possible (and that nothing follows by itself), and the files that people opened."""

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from chuangwen.accountability.builtin import measure
from chuangwen.accountability.eligible import Possible, eligible
from chuangwen.accountability.operations import open_file
from chuangwen.accountability.queries import evidence_words, home_path, late_commitments, listed, next_words
from chuangwen.http import Context, actor_of, door, now_of
from chuangwen.rules.permissions import OFFICE, Actor, Permission, may
from chuangwen.web.desk.attempts import attempt
from chuangwen.web.desk.lists import FilterForm, choices_of, list_page, set_choices
from chuangwen.web.uploads import fresh_key

LOOKS: Mapping[str, tuple[str, str]] = {
    "opened": ("warn", "flag"), "notified": ("info", "clock"), "stating": ("info", "clock"), "stated": ("warn", "edit"),
    "proposed": ("warn", "scale"), "decided": ("warn", "send"), "served": ("info", "clock"),
    "appealed": ("warn", "scale"), "reviewed": ("warn", "circle-check"), "closed": ("good", "circle-check"),
    "dropped": ("neutral", "ban"),
}  # fmt: skip
ROUTES: Mapping[str, tuple[str, int]] = {
    "score": ("web:desk:score-line", 2), "order": ("web:desk:order", 1), "case": ("web:desk:case", 1),
    "file": ("web:desk:accountability-file", 1), "directive": ("web:desk:directive-item", 1),
}  # fmt: skip


def look_of(file: Any) -> dict[str, Any]:
    """The badge of a file."""
    tone, icon = LOOKS[file.status]
    return {"label": file.get_status_display(), "tone": tone, "icon": icon}


def evidence_links(evidence: Sequence[str]) -> list[dict[str, str]]:
    """Evidence such as `case:33` as words with the page where it can be looked at."""
    found = []
    for one in evidence:
        kind, *numbers = one.split(":")
        route, count = ROUTES.get(kind, ("", 0))
        url = reverse(route, args=[int(number) for number in numbers[:count]]) if route else ""
        found.append({"words": evidence_words(one), "url": url})
    return found


def tabs(actor: Actor, here: str) -> list[dict[str, Any]]:
    """The parts of accountability that somebody may look at."""
    names = [("accountability", _("问责建议"))]
    if may(actor, Permission.ACCOUNTABILITY_REVIEW):
        names += [("accountability-eligible", _("可启动清单")), ("accountability-ladders", _("问责阶梯"))]
    return [{"label": label, "url": reverse(f"web:desk:{name}"), "active": name == here} for name, label in names]


class FileFilter(FilterForm):
    """The conditions of the list."""

    state = forms.ChoiceField(label=gettext_lazy("状态"), required=False)

    def __init__(self, data: Any) -> None:
        super().__init__(data)
        set_choices(self, "state", choices_of({"open": _("办理中"), "ended": _("已结束")}))


@door(Permission.ACCOUNTABILITY_SEE)
@require_safe
def files(request: HttpRequest) -> HttpResponse:
    """The files that this person may look at, newest first; for a unit its own from the notice on."""
    actor, now = actor_of(request), now_of(request)
    form = FileFilter(request.GET)
    page = list_page(request, listed(actor, state=form.value("state")))
    above = may(actor, Permission.ACCOUNTABILITY_REVIEW)
    context = {
        "page": page, "form": form, "conditions": form.conditions(), "now": now, "tabs": tabs(actor, "accountability"),
        "rows": [(file, look_of(file), next_words(file)) for file in page.rows], "above": above,
        "late": late_commitments(actor, now) if above else [],
    }  # fmt: skip
    return render(request, "desk/accountability.html", context)


def _row(one: Possible) -> Context:
    return {
        "unit": one.unit, "file_id": one.file_id, "entry": one.entry, "measure": measure(one.entry.rung.measure).label,
        "decided_by": one.entry.rung.decided_by.label, "appeal_to": one.entry.rung.appeal_to.label,
        "evidence": evidence_links(one.entry.evidence),
    }  # fmt: skip


def _number(text: str | None) -> int | None:
    return int(text) if text and text.isdecimal() and len(text) < 10 else None


def _open(request: HttpRequest) -> HttpResponse:
    said = request.POST
    file = open_file(
        ladder_id=_number(said.get("ladder")) or 0, unit_id=_number(said.get("unit")) or 0, rung=said.get("rung", ""),
        occasion=said.get("occasion", ""), by=actor_of(request), now=now_of(request), client_key=said.get("client_key") or None,
    )  # fmt: skip
    messages.success(request, _("已启动。单位还看不到，请核对依据后告知单位。"))
    return redirect("web:desk:accountability-file", file.pk)


@door(Permission.ACCOUNTABILITY_REVIEW)
@require_http_methods(["GET", "HEAD", "POST"])
def possible(request: HttpRequest) -> HttpResponse:
    """What the ladders make possible now, why, and what speaks against it; a person may open a file."""
    actor, now = actor_of(request), now_of(request)
    tried = attempt(request, lambda: _open(request))
    if tried.went is not None:
        return tried.went
    listing = eligible(actor, now=now, ladder_id=_number(request.GET.get("ladder") or request.POST.get("ladder")))
    may_open = any(home_path(actor) == scope for scope in actor.scopes(*OFFICE))
    context = {
        "listing": listing, "rows": [_row(one) for one in listing.possible], "left_out": listing.left_out, "now": now,
        "tabs": tabs(actor, "accountability-eligible"), "objections": tried.objections, "client_key": fresh_key(),
        "may_open": may_open,
    }  # fmt: skip
    return render(request, "desk/accountability_eligible.html", context, status=tried.status)


urls = [
    path("accountability/", files, name="accountability"),
    path("accountability/eligible/", possible, name="accountability-eligible"),
]
