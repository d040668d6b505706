"""派单异议: the list for the office and the units, and what the chief sets about them."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_safe

from chuangwen.http import actor_of, door, now_of
from chuangwen.routing.objections import set_terms
from chuangwen.routing.queries import objections_for, standing, terms_at
from chuangwen.rules.dispatch_objections import grounds_text
from chuangwen.rules.permissions import OFFICE, Permission, Role, may
from chuangwen.rules.refusals import Refused
from chuangwen.web.desk.lists import FilterForm, choices_of, list_page
from chuangwen.web.uploads import fresh_key

STATES = [("all", _("全部")), ("late", _("过了裁定时限的"))]


class ObjectionFilter(FilterForm):
    """Which objections; by default those that wait."""

    state = forms.ChoiceField(label=_("看哪些"), required=False, choices=choices_of(STATES, str(_("待裁定"))))


class TermsForm(forms.Form):
    """What the chief sets; whether it can be is for the operation to say."""

    object_within = forms.CharField(
        label=_("提出时限"),
        help_text=_("从派遣算起，如 1工作日、4工作时。"),
        widget=forms.TextInput(attrs={"maxlength": 20}),
    )
    decide_within = forms.CharField(
        label=_("裁定时限"),
        help_text=_("从提出算起。已经提出的异议，期限不变。"),
        widget=forms.TextInput(attrs={"maxlength": 20}),
    )
    grounds = forms.CharField(
        label=_("异议理由"), help_text=_("一行一条，单位提异议时从中选一条。"), widget=forms.Textarea(attrs={"rows": 8})
    )


@door(Permission.OBJECTION_SEE)
@require_safe
def objections(request: HttpRequest) -> HttpResponse:
    """Those that wait, the most urgent first; or all, newest first."""
    actor, now = actor_of(request), now_of(request)
    form = ObjectionFilter(request.GET)
    rows, state = objections_for(actor), form.value("state")
    if state != "all":
        rows = standing(rows)
    if state == "late":
        rows = rows.filter(decide_by__lt=now)
    context = {
        "page": list_page(request, rows), "now": now, "form": form, "conditions": form.conditions(), "state": state,
        "order": _("最近提出的在前") if state == "all" else _("先到裁定期限的在前"),
        "decides": bool(actor.roles & set(OFFICE)), "may_set": may(actor, Permission.ROUTING_FORCE),
    }  # fmt: skip
    return render(request, "desk/objections.html", context)


@door(Permission.ROUTING_FORCE)
@require_http_methods(["GET", "HEAD", "POST"])
def terms(request: HttpRequest) -> HttpResponse:
    """Limits and grounds of the chief's branch."""
    actor = actor_of(request)
    now_set = terms_at(min(actor.scopes(Role.OFFICE_CHIEF), key=len))
    initial = {
        "object_within": now_set.object_within.label, "decide_within": now_set.decide_within.label,
        "grounds": grounds_text(now_set.grounds),
    }  # fmt: skip
    form = TermsForm(request.POST or None, initial=initial)
    said: Any = ()
    if request.method == "POST" and form.is_valid():
        key = request.POST.get("client_key", "")[:64] or None
        try:
            set_terms(**form.cleaned_data, by=actor, now=now_of(request), client_key=key)
        except Refused as refusal:
            said = refusal.objections
        else:
            messages.success(request, _("已设定，新提出的异议按此办理。"))
            return redirect("web:desk:objections")
    context = {"form": form, "objections": said, "client_key": request.POST.get("client_key") or fresh_key()}
    return render(request, "desk/objection_terms.html", context, status=422 if said or form.errors else 200)


urls = [
    path("objections/", objections, name="objections"),
    path("objections/terms/", terms, name="objections-terms"),
]
