"""整改任务书: the list with progress, one with its units, and issuing one from chosen cases."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_safe

from chuangwen.cases.filters import CaseFilter, narrowed
from chuangwen.cases.orders import issue_order
from chuangwen.cases.queries import UnitProgress, order_for, order_progress, orders_for
from chuangwen.cases.worklist import Case
from chuangwen.directives.queries import item_for
from chuangwen.http import Context, actor_of, door, now_of
from chuangwen.people.queries import branch
from chuangwen.rules.case_flow import OPEN, Status
from chuangwen.rules.permissions import OFFICE, Actor, Permission, may
from chuangwen.rules.refusals import BadInput, Refused
from chuangwen.web.desk.case_list import MOST_IN_AN_ORDER, read_filter
from chuangwen.web.desk.lists import list_page
from chuangwen.web.uploads import fresh_key

BEIJING = ZoneInfo("Asia/Shanghai")
_NUMBER = re.compile(r"^(?P<head>.*〔)(?P<year>\d{4})〕(?P<count>\d+)号$")
# What is ticked at first; which cases may really join is for the operation to say.
LIKELY = OPEN - {Status.SUSPENDED, Status.RECTIFIED, Status.VERIFIED}


class OrderForm(forms.Form):
    """The head of an order; whether it is enough is for the operation to say."""

    number = forms.CharField(
        label=_("文号（必填）"), required=False, widget=forms.TextInput(attrs={"maxlength": 60, "required": True})
    )
    title = forms.CharField(
        label=_("标题（必填）"), required=False, widget=forms.TextInput(attrs={"maxlength": 160, "required": True})
    )
    issuer = forms.CharField(
        label=_("发文单位（必填）"), required=False, widget=forms.TextInput(attrs={"maxlength": 80, "required": True})
    )
    deadline = forms.DateTimeField(
        label=_("整改期限（必填）"),
        required=False,
        help_text=_("任务书里的案件都按这个期限，不能单独延期。"),
        input_formats=["%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M"],
        widget=forms.DateTimeInput(attrs={"type": "datetime-local", "required": True}, format="%Y-%m-%dT%H:%M"),
        error_messages={"invalid": _("期限应写成 2020-06-28 18:00。")},
    )
    note = forms.CharField(label=_("要求"), required=False, widget=forms.Textarea(attrs={"rows": 3}))


@dataclass(frozen=True)
class UnitLine:
    """The progress of one unit, with the list of its cases."""

    progress: UnitProgress
    url: str


@door(Permission.ORDER_SEE)
@require_safe
def orders(request: HttpRequest) -> HttpResponse:
    """All orders, newest first, each with how far it is."""
    actor, now = actor_of(request), now_of(request)
    page = list_page(request, orders_for(actor))
    context = {"page": page, "now": now, "may_issue": may(actor, Permission.ORDER_ISSUE)}
    return render(request, "desk/orders.html", context)


@door(Permission.ORDER_SEE)
@require_safe
def order(request: HttpRequest, order_id: int) -> HttpResponse:
    """One order: per unit how many are handed in, done, late."""
    actor, now = actor_of(request), now_of(request)
    found = order_for(actor, order_id)
    units = order_progress(actor, found, now)
    all_cases = f"{reverse('web:desk:cases')}?{CaseFilter(order=str(found.pk)).query()}"
    lines = [UnitLine(unit, f"{all_cases}&unit={unit.code}&own=1" if unit.code else "") for unit in units]
    context = {
        "order": found, "now": now, "lines": lines, "all_url": all_cases, "late_url": f"{all_cases}&late=ever",
        "total": sum(unit.total for unit in units), "handed_in": sum(unit.handed_in for unit in units),
        "done": sum(unit.done for unit in units), "late": sum(unit.late for unit in units),
    }  # fmt: skip
    return render(request, "desk/order.html", context)


def _district_name(actor: Actor) -> str:
    scopes = actor.scopes(*OFFICE)
    rows = branch(scopes[0]).values_list("name", flat=True)[:1] if scopes else []
    return next(iter(rows), "")


def next_number(actor: Actor, now: datetime) -> str:
    """The number after the highest of this year, in the form in use: 崇创整〔2020〕3号."""
    year = f"{now.astimezone(BEIJING).year}"
    used = list(orders_for(actor).values_list("number", flat=True)[:1000])
    matches = [found for number in used if (found := _NUMBER.match(number))]
    head = matches[0]["head"] if matches else f"{_district_name(actor)[:1]}创整〔"
    counts = [int(found["count"]) for found in matches if (found["head"], found["year"]) == (head, year)]
    return f"{head}{year}〕{max(counts, default=0) + 1}号"


def _ids(values: Sequence[str]) -> list[int]:
    ids = [int(text) for text in values if text.isdecimal() and len(text) < 16]
    return list(dict.fromkeys(ids))[:MOST_IN_AN_ORDER]


def _candidates(request: HttpRequest, ids: Sequence[int]) -> Sequence[Case]:
    actor, now = actor_of(request), now_of(request)
    if ids or "all" not in request.GET:
        rows = narrowed(actor, CaseFilter(), now).filter(pk__in=ids)
    else:
        rows = narrowed(actor, read_filter(request)[0], now)
    return list(rows.select_related("site", "unit", "street", "order").order_by("id")[:MOST_IN_AN_ORDER])


def _joins(case: Case) -> bool:
    return case.flow_status in LIKELY and case.order_id is None


def _page(request: HttpRequest, form: OrderForm, ticked: Sequence[int], objections: Sequence[str]) -> HttpResponse:
    posted = request.method == "POST"
    offered = _ids(request.POST.getlist("offered")) if posted else ticked
    cases = _candidates(request, offered)
    rows = [
        {"case": case, "joins": _joins(case), "ticked": case.pk in ticked if posted else _joins(case)} for case in cases
    ]
    context: Context = {
        "form": form, "rows": rows, "objections": objections, "now": now_of(request), "most": MOST_IN_AN_ORDER,
        "client_key": request.POST.get("client_key") or fresh_key(),
    }  # fmt: skip
    return render(request, "desk/order_new.html", context, status=422 if objections or form.errors else 200)


def _initial(actor: Actor, now: datetime) -> dict[str, Any]:
    issuer = next((post.unit_name for post in actor.posts if post.role in OFFICE), "")
    return {"number": next_number(actor, now), "issuer": issuer}


def _first_form(request: HttpRequest) -> OrderForm:
    """The empty form; where the order carries out an item of a paper from above, with what that item says already."""
    actor, now = actor_of(request), now_of(request)
    text = request.GET.get("item", "")
    if not (text.isdecimal() and len(text) < 16):
        return OrderForm(initial=_initial(actor, now))
    item = item_for(actor, int(text))
    due = min((part.due_at for part in item.parts.all()), default=item.deadline)
    known = {"title": item.text[:160], "deadline": due, "note": item.directive.note}
    form = OrderForm(initial={**_initial(actor, now), **known})
    source = _("已填，来自%(number)s第 %(n)d 件事项，可以改。") % {"number": item.directive.number, "n": item.number}
    for name, value in known.items():
        form.fields[name].help_text = source if value else form.fields[name].help_text
    return form


def _submit(request: HttpRequest) -> HttpResponse:
    form, ids = OrderForm(request.POST), _ids(request.POST.getlist("case"))
    if not form.is_valid():
        return _page(request, form, ids, [])
    said = form.cleaned_data
    try:
        issued = issue_order(
            number=said["number"], title=said["title"], issuer=said["issuer"], deadline=said["deadline"], note=said["note"],
            case_ids=ids, client_key=request.POST.get("client_key", "")[:64] or None, by=actor_of(request),
            now=now_of(request),
        )  # fmt: skip
    except Refused as refusal:
        return _page(request, form, ids, refusal.objections)
    messages.success(
        request, _("%(number)s 已下达，%(n)d 件案件改按统一期限。") % {"number": issued.number, "n": len(ids)}
    )
    return redirect("web:desk:order", issued.pk)


@door(Permission.ORDER_ISSUE)
@require_http_methods(["GET", "HEAD", "POST"])
def order_new(request: HttpRequest) -> HttpResponse:
    """Chosen cases under one deadline: the head of the order, and the cases with a tick each."""
    if request.method == "POST":
        return _submit(request)
    try:
        return _page(request, _first_form(request), _ids(request.GET.getlist("case")), [])
    except BadInput as refusal:
        messages.error(request, "".join(refusal.objections))
        return redirect("web:desk:cases")


urls = [
    path("orders/", orders, name="orders"),
    path("orders/new/", order_new, name="order-new"),
    path("orders/<int:order_id>/", order, name="order"),
]
