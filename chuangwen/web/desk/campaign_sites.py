"""The places of a dragnet check: the list with what to do next, the map, planning patrols, the sheet to take away."""

import io
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import xlsxwriter
from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from chuangwen.campaigns import operations
from chuangwen.campaigns.coverage import Place, Plan, day_of, places_of, plans_for, streets_with_work
from chuangwen.campaigns.queries import campaign_for, rounds_of, site_ids_by_code
from chuangwen.campaigns.rounds import plan_rounds
from chuangwen.http import actor_of, door, now_of
from chuangwen.patrols.queries import inspectors
from chuangwen.places.queries import boundaries
from chuangwen.rules.coverage import SiteState, tally
from chuangwen.rules.permissions import Permission, Role
from chuangwen.rules.refusals import NotFound, Refused
from chuangwen.standards.queries import point_types
from chuangwen.web.desk.campaign_frame import PLACE_STATES, campaign_context, day_words, place_look
from chuangwen.web.desk.campaign_progress import sites_url
from chuangwen.web.desk.geo import boundary, map_of, point
from chuangwen.web.desk.lists import FilterForm, address_with, choices_of, set_choices
from chuangwen.web.desk.patrol_plan import first_day

PAGE = 50
BEIJING = ZoneInfo("Asia/Shanghai")
SHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
YES_NO = {"yes": gettext_lazy("已安排"), "no": gettext_lazy("没有安排")}


class PlaceFilter(FilterForm):
    """The conditions of the list of places."""

    state = forms.ChoiceField(
        label=gettext_lazy("状态"), required=False,
        choices=choices_of([(name, label) for name, label, _tone, _icon in PLACE_STATES]),
    )  # fmt: skip
    unit = forms.ChoiceField(label=gettext_lazy("负责单位"), required=False)
    street = forms.ChoiceField(label=gettext_lazy("街道"), required=False)
    type = forms.ChoiceField(label=gettext_lazy("点位类型"), required=False)
    planned = forms.ChoiceField(label=gettext_lazy("安排"), required=False, choices=choices_of([*YES_NO.items()]))
    mine = forms.BooleanField(label=gettext_lazy("只看安排给我的"), required=False)
    done_by = forms.DateField(label=gettext_lazy("查完不晚于"), required=False, widget=forms.HiddenInput)
    planned_by = forms.DateField(label=gettext_lazy("安排不晚于"), required=False, widget=forms.HiddenInput)

    def __init__(
        self, data: Any, *, places: Sequence[Place], types: Mapping[str, str], walks: bool, now: datetime
    ) -> None:
        super().__init__(data)
        self.now = now
        units = {place.unit_code: place.unit_name for place in places}
        used = {place.point_type for place in places}
        set_choices(self, "unit", choices_of(units))
        set_choices(self, "street", choices_of({place.street: place.street for place in places if place.street}))
        set_choices(self, "type", choices_of({code: name for code, name in types.items() if code in used}))
        if not walks:
            del self.fields["mine"]

    def day(self, name: str) -> date | None:
        """A day out of the address; None where there is none."""
        found = self.cleaned_data.get(name) if self.is_valid() else None
        return found if isinstance(found, date) else None

    def leaves(self, place: Place) -> bool:
        """Whether the conditions leave this place."""
        plain = {"state": place.state.value, "unit": place.unit_code, "street": place.street, "type": place.point_type}
        if any(self.value(name) not in {"", value} for name, value in plain.items()):
            return False
        if self.value("planned") and place.is_awaited(self.now) is not (self.value("planned") == "yes"):
            return False
        return _by(self.day("done_by"), place.covered_at) and _by(self.day("planned_by"), place.planned_at)


def _by(last: date | None, moment: datetime | None) -> bool:
    if last is None:
        return True
    day = day_of(moment)
    return day is not None and day <= last


def _types() -> dict[str, str]:
    return {kind.code: kind.name for kind in point_types()}


def _running_dragnet(request: HttpRequest, campaign_id: int, here: str) -> dict[str, Any]:
    context = campaign_context(request, campaign_id, here)
    if not context["campaign"].is_dragnet:
        raise Http404
    return context


def _narrowed(
    request: HttpRequest, campaign: Any, types: Mapping[str, str]
) -> tuple[PlaceFilter, list[Place], Mapping[int, Plan]]:
    """The conditions, the places that they leave, and who goes to those that are not done."""
    actor, now = actor_of(request), now_of(request)
    places = places_of(actor, campaign)
    form = PlaceFilter(request.GET, places=places, types=types, walks=Role.INSPECTOR in actor.roles, now=now)
    found = [place for place in places if form.leaves(place)]
    waiting = [place.site_id for place in found if place.state is not SiteState.DONE]
    plans = plans_for(actor, campaign, waiting, now)
    if form.value("mine"):
        found = [
            place for place in found if place.site_id in plans and actor.user_id in plans[place.site_id].people_ids
        ]
    return form, found, plans


def _number(text: str | None) -> int:
    return max(1, int(text)) if text and text.isdecimal() and len(text) < 6 else 1


def _list(request: HttpRequest, campaign_id: int, **more: Any) -> HttpResponse:
    context = _running_dragnet(request, campaign_id, "campaign-sites")
    campaign, types = context["campaign"], _types()
    form, found, plans = _narrowed(request, campaign, types)
    number = _number(request.GET.get("page"))
    start = PAGE * (number - 1)
    shown = found[start : start + PAGE]
    context |= {
        "form": form, "conditions": form.conditions(), "total": len(found), "coverage": tally(each.state for each in found),
        "rows": [(place, place_look(place.state.value), types.get(place.point_type, place.point_type), plans.get(place.site_id)) for place in shown],
        "first": start + 1, "last": start + len(shown), "export_url": _export_url(request, campaign_id),
        "previous_url": address_with(request, page=str(number - 1) if number > 2 else "") if number > 1 else "",
        "next_url": address_with(request, page=str(number + 1)) if len(found) > start + PAGE else "",
        "query": request.GET.urlencode(), **more,
    }  # fmt: skip
    status = 422 if more.get("objections") else 200
    return render(request, "desk/campaign_sites.html", context, status=status)


def _export_url(request: HttpRequest, campaign_id: int) -> str:
    return reverse("web:desk:campaign-sheet", args=[campaign_id]) + address_with(request, page="")


@door(Permission.CAMPAIGN_SEE)
@require_safe
def sites(request: HttpRequest, campaign_id: int) -> HttpResponse:
    """Every place within reach: what is so, who goes there by when, and the note that nobody could get in."""
    return _list(request, campaign_id)


# --- what is done with one place ---


def _act(request: HttpRequest, campaign_id: int, site_id: int, act: Callable[..., Any], said: Any) -> HttpResponse:
    actor = actor_of(request)
    campaign_for(actor, campaign_id)
    given = {"reason": request.POST.get("reason", "")} if act is not operations.mark_reachable else {}
    try:
        act(
            campaign_id=campaign_id, site_id=site_id, by=actor, now=now_of(request), **given,
            client_key=request.POST.get("client_key", "")[:64] or None,
        )  # fmt: skip
    except NotFound:
        raise
    except Refused as refusal:
        return _list(
            request, campaign_id, objections=refusal.objections, at=site_id, typed=request.POST.get("reason", "")
        )
    messages.success(request, str(said))
    back = request.POST.get("back", "")[:500]
    return redirect(
        f"{reverse('web:desk:campaign-sites', args=[campaign_id])}?{back}" if back else sites_url(campaign_id)
    )


@door(Permission.CAMPAIGN_SEE)
@require_POST
def unreachable(request: HttpRequest, campaign_id: int, site_id: int) -> HttpResponse:
    """Nobody could get in; a reason is needed."""
    return _act(request, campaign_id, site_id, operations.mark_unreachable, _("已登记进不去，可以再去。"))


@door(Permission.CAMPAIGN_SEE)
@require_POST
def reachable(request: HttpRequest, campaign_id: int, site_id: int) -> HttpResponse:
    """It can be entered again."""
    return _act(request, campaign_id, site_id, operations.mark_reachable, _("已恢复为未查。"))


@door(Permission.CAMPAIGN_PLAN)
@require_POST
def drop(request: HttpRequest, campaign_id: int, site_id: int) -> HttpResponse:
    """It leaves the check; a reason is needed."""
    return _act(request, campaign_id, site_id, operations.drop_site, _("已剔除，理由记入经过。"))


@door(Permission.CAMPAIGN_PLAN)
@require_POST
def add(request: HttpRequest, campaign_id: int) -> HttpResponse:
    """Places join by their codes, one a line or with commas; a reason is needed."""
    actor, typed = actor_of(request), request.POST.get("codes", "")
    campaign_for(actor, campaign_id)
    reason = request.POST.get("reason", "")
    try:
        operations.add_sites(
            campaign_id=campaign_id, site_ids=site_ids_by_code(typed), reason=reason, by=actor,
            now=now_of(request), client_key=request.POST.get("client_key", "")[:64] or None,
        )  # fmt: skip
    except NotFound:
        raise
    except Refused as refusal:
        return _list(request, campaign_id, objections=refusal.objections, codes=typed, add_reason=reason)
    messages.success(request, _("已补入，理由记入经过。"))
    return redirect(sites_url(campaign_id))


# --- the sheet ---

COLUMNS: Sequence[tuple[Any, int, Callable[[Place, str, Plan | None], Any]]] = (
    (gettext_lazy("编码"), 16, lambda place, _kind, _plan: place.code),
    (gettext_lazy("点位"), 28, lambda place, _kind, _plan: place.name),
    (gettext_lazy("类型"), 14, lambda _place, kind, _plan: kind),
    (gettext_lazy("地址"), 32, lambda place, _kind, _plan: place.address),
    (gettext_lazy("街道"), 14, lambda place, _kind, _plan: place.street),
    (gettext_lazy("负责单位"), 20, lambda place, _kind, _plan: place.unit_name),
    (gettext_lazy("状态"), 10, lambda place, _kind, _plan: place.state.label),
    (gettext_lazy("查完时间"), 17, lambda place, _kind, _plan: place.covered_at),
    (gettext_lazy("进不去的原因"), 24, lambda place, _kind, _plan: place.unreachable_reason),
    (gettext_lazy("安排给"), 20, lambda _place, _kind, plan: plan.people if plan else ""),
    (gettext_lazy("安排到"), 17, lambda _place, _kind, plan: plan.ends_at if plan else None),
)


@door(Permission.CAMPAIGN_SEE)
@require_safe
def sheet(request: HttpRequest, campaign_id: int) -> HttpResponse:
    """The narrowed list as a workbook, with why these on its second sheet."""
    context = _running_dragnet(request, campaign_id, "campaign-sites")
    out, types = io.BytesIO(), _types()
    form, found, plans = _narrowed(request, context["campaign"], types)
    book = xlsxwriter.Workbook(out, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False})
    head, moment = book.add_format({"bold": True}), book.add_format({"num_format": "yyyy-mm-dd hh:mm"})
    rows = book.add_worksheet(_("点位"))
    for column, (title, width, _cell) in enumerate(COLUMNS):
        rows.set_column(column, column, width)
        rows.write_string(0, column, str(title), head)
    for number, place in enumerate(found, start=1):
        kind = types.get(place.point_type, place.point_type)
        for column, (_title, _width, cell) in enumerate(COLUMNS):
            value = cell(place, kind, plans.get(place.site_id))
            if isinstance(value, datetime):
                rows.write_datetime(number, column, value.astimezone(BEIJING).replace(tzinfo=None), moment)
            elif value:
                rows.write_string(number, column, str(value))
    rows.freeze_panes(1, 2)
    why = book.add_worksheet(_("说明"))
    facts = (
        (_("排查"), context["campaign"].title), (_("处数"), str(len(found))),
        (_("筛选条件"), "、".join(form.conditions()) or _("看得到的全部点位")),
        (_("导出时间"), f"{now_of(request).astimezone(BEIJING):%Y-%m-%d %H:%M}"), (_("导出人"), actor_of(request).name),
    )  # fmt: skip
    for number, (label, value) in enumerate(facts):
        why.write_string(number, 0, label, head)
        why.write_string(number, 1, value)
    book.close()
    response = HttpResponse(out.getvalue(), content_type=SHEET)
    response.headers["Content-Disposition"] = f'attachment; filename="campaign-{campaign_id}-sites.xlsx"'
    return response


# --- the map ---


@door(Permission.CAMPAIGN_SEE)
@require_safe
def map_page(request: HttpRequest, campaign_id: int) -> HttpResponse:
    """Done, left and unreachable places over the boundaries of their areas."""
    context = _running_dragnet(request, campaign_id, "campaign-map")
    campaign = context["campaign"]
    places = places_of(actor_of(request), campaign)
    areas = list(campaign.areas.all())
    paths = [unit.path for unit in areas]
    drawn = [
        boundary(title=each["properties"]["name"], geometry=each["geometry"])
        for kind in ("street", "community")
        if kind == "street" or any(unit.kind == "community" for unit in areas)
        for each in boundaries(kind, paths)["features"]
    ]
    order = ("done", "left", "unreachable")  # the last drawn lies on top
    points = [
        point(
            title=place.name, lng=round(place.lng, 5), lat=round(place.lat, 5), state=place.state.value,
            note=place.unreachable_reason or place.unit_name, href=reverse("web:desk:site", args=[place.site_id]),
        )
        for place in sorted(places, key=lambda place: order.index(place.state.value))
    ]  # fmt: skip
    states = [(name, str(label), tone) for name, label, tone, _icon in PLACE_STATES]
    context |= {"map": map_of(points, drawn, states), "coverage": tally(place.state for place in places)}
    return render(request, "desk/campaign_map.html", context)


# --- patrols ---


@door(Permission.CAMPAIGN_PLAN)
@require_http_methods(["GET", "HEAD", "POST"])
def rounds(request: HttpRequest, campaign_id: int) -> HttpResponse:
    """Plan the patrols of a street, or of all, in one stroke."""
    actor, now = actor_of(request), now_of(request)
    context = _running_dragnet(request, campaign_id, "campaign-rounds")
    if request.method == "POST":
        try:
            planned = plan_rounds(
                campaign_id=campaign_id, street=request.POST.get("street", ""), by=actor, now=now,
                inspector_ids=_ids(request.POST.getlist("inspector")),
                first_day=_day(request.POST.get("first_day", "")), a_day=_number(request.POST.get("a_day")),
                with_unreachable=bool(request.POST.get("with_unreachable")),
                client_key=request.POST.get("client_key", "")[:64] or None,
            )  # fmt: skip
        except NotFound:
            raise
        except Refused as refusal:
            context["objections"] = refusal.objections
        else:
            last = max(patrol.ends_at for patrol in planned).astimezone(BEIJING).date()
            said = _("已安排 %(n)d 次巡查，最后一次在%(day)s。巡查员手机上已能看到。")
            messages.success(request, said % {"n": len(planned), "day": day_words(last)})
            return redirect("web:desk:campaign-rounds", campaign_id)
    waiting = streets_with_work(places_of(actor, context["campaign"]), now)
    typed = request.POST if request.method == "POST" else request.GET
    context |= {
        "waiting": waiting, "waiting_all": sum(waiting.values()), "people": inspectors(now.date()), "street": typed.get("street", ""),
        "chosen": _ids(typed.getlist("inspector")), "first_day": typed.get("first_day") or first_day(now).isoformat(),
        "a_day": typed.get("a_day") or "8", "with_unreachable": typed.get("with_unreachable", ""),
        "rounds": rounds_of(actor, context["campaign"]), "soonest": now.date(), "latest": context["campaign"].ends_on,
    }  # fmt: skip
    return render(request, "desk/campaign_rounds.html", context, status=422 if context.get("objections") else 200)


def _ids(texts: Sequence[str]) -> list[int]:
    return [int(text) for text in texts if text.isdecimal() and len(text) < 12]


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


urls = [
    path("campaigns/<int:campaign_id>/sites/", sites, name="campaign-sites"),
    path("campaigns/<int:campaign_id>/sites/export/", sheet, name="campaign-sheet"),
    path("campaigns/<int:campaign_id>/sites/add/", add, name="campaign-add"),
    path("campaigns/<int:campaign_id>/sites/<int:site_id>/unreachable/", unreachable, name="campaign-unreachable"),
    path("campaigns/<int:campaign_id>/sites/<int:site_id>/reachable/", reachable, name="campaign-reachable"),
    path("campaigns/<int:campaign_id>/sites/<int:site_id>/drop/", drop, name="campaign-drop"),
    path("campaigns/<int:campaign_id>/map/", map_page, name="campaign-map"),
    path("campaigns/<int:campaign_id>/rounds/", rounds, name="campaign-rounds"),
]
