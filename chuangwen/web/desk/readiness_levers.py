"""整改建议: what one fix and one more look are worth, and the findings and cases behind each."""

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from chuangwen.cases.filters import CaseFilter
from chuangwen.forecasts.queries import behind, home_of, lever_for, lever_streets, lever_types, levers_of, newest_runs
from chuangwen.http import Context, actor_of, door, now_of
from chuangwen.rules.permissions import Permission
from chuangwen.rules.refusals import NotFound
from chuangwen.web.desk.links import case_list
from chuangwen.web.desk.lists import FilterForm, choices_of, list_page, set_choices
from chuangwen.web.desk.readiness import crumbs
from chuangwen.web.desk.readiness_board import route

ORDERS = {"gain": gettext_lazy("整改一处加分多的在前"), "look": gettext_lazy("再查一次用处大的在前")}


class LeverFilter(FilterForm):
    """Which levers, in which order."""

    street = forms.ChoiceField(label=gettext_lazy("街道"), required=False)
    point_type = forms.ChoiceField(label=gettext_lazy("点位类型"), required=False)
    by = forms.ChoiceField(label=gettext_lazy("次序"), required=False, choices=list(ORDERS.items()))


@door(Permission.FORECAST_SEE)
@require_safe
def levers(request: HttpRequest) -> HttpResponse:
    """All levers of the newest forecast."""
    actor = actor_of(request)
    home = home_of(actor)
    run = newest_runs(home.pk)[0] if home else None
    if run is None:
        raise NotFound(_("还没有预测。"))
    form = LeverFilter(request.GET)
    set_choices(form, "street", choices_of([(str(pk), name) for pk, name in lever_streets(run)]))
    set_choices(form, "point_type", choices_of(lever_types(run)))
    by = form.value("by") or "gain"
    rows = levers_of(run, by=by)
    if street := form.value("street"):
        rows = rows.filter(street_id=int(street))
    if kind := form.value("point_type"):
        rows = rows.filter(point_type_id=kind)
    context: Context = {
        "run": run, "page": list_page(request, rows), "form": form, "order": ORDERS[by], "crumbs": crumbs(),
        "now": now_of(request), "narrowed": any(request.GET.values()), "conditions": form.conditions(),
    }  # fmt: skip
    return render(request, "desk/readiness_levers.html", context)


@door(Permission.FORECAST_SEE)
@require_safe
def lever(request: HttpRequest, lever_id: int) -> HttpResponse:
    """One lever down to its findings and cases."""
    actor = actor_of(request)
    found = lever_for(actor, lever_id)
    wanted = CaseFilter(
        criterion=found.criterion.code, point_type=found.point_type_id, state="open",
        street=found.street.code if found.street else "",
    )  # fmt: skip
    context: Context = {
        "lever": found, "run": found.run, "rests": behind(actor, found), "now": now_of(request),
        "cases_url": case_list(wanted), "crumbs": crumbs((_("整改建议"), route("readiness-levers"))),
    }  # fmt: skip
    return render(request, "desk/readiness_lever.html", context)


urls = [
    path("readiness/levers/", levers, name="readiness-levers"),
    path("readiness/levers/<int:lever_id>/", lever, name="readiness-lever"),
]
