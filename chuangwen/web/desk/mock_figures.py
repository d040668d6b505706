"""模拟测评: who looks where, what two assessors disagree on, and the rates: live while it runs, frozen once released."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from chuangwen.bulletins.mock_paper import mock_paper
from chuangwen.evidence.queries import open_photo
from chuangwen.http import actor_of, door, now_of
from chuangwen.mocks.figures import settled
from chuangwen.mocks.looks import candidates_for, hand_look
from chuangwen.mocks.queries import answer_photo_for, disputes_of, first_two, look_for, looks_of, mock_for, open_for
from chuangwen.mocks.reporting import facts_of
from chuangwen.rules.mock_rates import shared_view
from chuangwen.rules.permissions import Permission, may
from chuangwen.rules.refusals import NotFound, Refused
from chuangwen.web.desk.lists import FilterForm, list_page
from chuangwen.web.desk.mocks import crumbs, state_of, tabs
from chuangwen.web.paper_view import FILE_TYPES, official_file
from chuangwen.web.photos import photo_response

LEAST_SHARED = 5  # looks at one criterion, below which agreement says nothing
LOOK_STATES = (
    ("", gettext_lazy("全部")), ("open", gettext_lazy("未完成")), ("late", gettext_lazy("已过期限")),
    ("unassigned", gettext_lazy("没有安排人")), ("third", gettext_lazy("第三人")), ("done", gettext_lazy("已完成")),
)  # fmt: skip
DIMENSIONS = (
    ("type", gettext_lazy("按点位类型")), ("street", gettext_lazy("按街道")), ("item", gettext_lazy("按测评项目")),
    ("method", gettext_lazy("按查法")),
)  # fmt: skip


class LookFilter(FilterForm):
    """Which looks."""

    state = forms.ChoiceField(label=gettext_lazy("状态"), required=False, choices=LOOK_STATES)


@door(Permission.MOCK_SEE)
@require_safe
def looks(request: HttpRequest, mock_id: int) -> HttpResponse:
    """All looks of one examination, the most urgent first."""
    actor, now = actor_of(request), now_of(request)
    mock = mock_for(actor, mock_id)
    form = LookFilter(request.GET)
    page = list_page(request, looks_of(mock, form.value("state"), now))
    context = {
        "mock": mock, "page": page, "form": form, "conditions": form.conditions(), "now": now, "crumbs": crumbs(),
        "tabs": tabs(mock, "mock-looks"), "may_hand": may(actor, Permission.MOCK_PLAN),
    }  # fmt: skip
    return render(request, "desk/mock_looks.html", context)


@door(Permission.MOCK_PLAN)
@require_http_methods(["GET", "HEAD", "POST"])
def look(request: HttpRequest, look_id: int) -> HttpResponse:
    """Give a look to somebody else."""
    actor, now = actor_of(request), now_of(request)
    found = look_for(actor, look_id)
    mock = found.place.mock
    objections: tuple[str, ...] = ()
    back = reverse("web:desk:mock-looks", args=[mock.pk])
    if request.method == "POST":
        chosen = request.POST.get("assessor", "")
        person = int(chosen) if chosen.isdecimal() and len(chosen) < 12 else 0
        try:
            hand_look(look_id=look_id, assessor_id=person, by=actor, now=now)
        except NotFound:
            raise
        except Refused as refusal:
            objections = refusal.objections
        else:
            messages.success(request, _("测评员已更换。"))
            return redirect(back)
    context = {
        "look": found, "mock": mock, "people": candidates_for(found, now) if found.is_open else [], "now": now,
        "objections": objections, "crumbs": [*crumbs(), {"label": mock.name, "url": back}],
    }  # fmt: skip
    return render(request, "desk/mock_look.html", context, status=422 if objections else 200)


@door(Permission.MOCK_SEE)
@require_safe
def disputes(request: HttpRequest, mock_id: int) -> HttpResponse:
    """What two saw differently, and what the third one saw; agreement by criterion as a hint for training."""
    actor, now = actor_of(request), now_of(request)
    mock = open_for(actor, mock_id)
    rows = disputes_of(mock)
    two = first_two(rows)
    pairs = [(row, two.get((row.look.place_id, row.criterion_id), {})) for row in rows]
    hints: list[Any] = []
    if may(actor, Permission.MOCK_PLAN):
        found = settled(mock)
        shared = [one for one in shared_view(found.pairs) if one.both >= LEAST_SHARED and one.same < one.both]
        hints = [(one, found.criteria[one.criterion], one.same / one.both) for one in shared[:30]]
    context = {
        "mock": mock, "rows": [(row, both.get(1), both.get(2)) for row, both in pairs], "hints": hints, "now": now,
        "least": LEAST_SHARED, "crumbs": crumbs(), "tabs": tabs(mock, "mock-disputes"),
    }  # fmt: skip
    return render(request, "desk/mock_disputes.html", context)


def _percent(share: float | None) -> float | None:
    return None if share is None else round(share * 100, 1)


def _chart(report: dict[str, Any], dimension: str, title: str) -> dict[str, Any]:
    rows = [
        {"label": row["name"], "values": [_percent(row["rate"])]} for row in report["by"][dimension]
        if row["rate"] is not None
    ]  # fmt: skip
    return {"title": title, "unit": "%", "series": [_("得分率")], "rows": rows, "horizontal": True, "labelWidth": 150}


@door(Permission.MOCK_SEE)
@require_safe
def report(request: HttpRequest, mock_id: int) -> HttpResponse:
    """The rates with how sure they are."""
    actor, now = actor_of(request), now_of(request)
    mock = open_for(actor, mock_id)
    if mock.drawn_at is None or mock.cancelled_at is not None:
        raise NotFound
    facts = mock.report or facts_of(mock, settled(mock), now=now)
    here = request.GET.get("by", "type")
    here = here if here in dict(DIMENSIONS) else "type"
    own = reverse("web:desk:mock-report", args=[mock.pk])
    context = {
        "mock": mock, "state": state_of(mock, now), "facts": facts, "total": facts["total"], "now": now, "crumbs": crumbs(),
        "tabs": tabs(mock, "mock-report"), "rows": facts["by"][here], "here": dict(DIMENSIONS)[here],
        "views": [
            {"label": label, "url": f"{own}?by={name}", "active": name == here, "count": None} for name, label in DIMENSIONS
        ],
        "chart": _chart(facts, here, str(dict(DIMENSIONS)[here])),
    }  # fmt: skip
    return render(request, "desk/mock_report.html", context)


@door(Permission.MOCK_SEE)
@never_cache
@require_safe
def paper(request: HttpRequest, mock_id: int, ending: str) -> HttpResponse:
    """The report as an official paper."""
    if ending not in FILE_TYPES:
        raise Http404
    made = mock_paper(actor_of(request), mock_id, now=now_of(request))
    return official_file(made, made.title, ending)


@door(Permission.MOCK_SEE)
@require_safe
def photo(request: HttpRequest, look_id: int, photo_id: int) -> HttpResponseBase:
    """A photo of a finished look."""
    found = answer_photo_for(actor_of(request), look_id, photo_id)
    return photo_response(open_photo(found, small=request.GET.get("small") == "1"))


urls = [
    path("mocks/<int:mock_id>/looks/", looks, name="mock-looks"),
    path("mocks/<int:mock_id>/disputes/", disputes, name="mock-disputes"),
    path("mocks/<int:mock_id>/report/", report, name="mock-report"),
    path("mocks/<int:mock_id>/report.<str:ending>", paper, name="mock-paper"),
    path("mocks/looks/<int:look_id>/", look, name="mock-look"),
    path("mocks/looks/<int:look_id>/photos/<int:photo_id>/", photo, name="mock-photo"),
]
